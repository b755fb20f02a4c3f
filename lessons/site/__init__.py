"""The course as web pages whose pictures are alive without a kernel: `python -m lessons site`."""
