"""A throw-away JupyterLab with a headless browser on it, and what a reader's hands do there."""

import json
import os
import shutil
import socket
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import contextmanager
from pathlib import Path

import psutil
from playwright.sync_api import sync_playwright

from lessons.__main__ import find_browser

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run",
         "--disable-background-networking", "--disable-component-update", "--disable-sync"]
SERVER = ["--no-browser", "--allow-root", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
          "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
          "--LabApp.expose_app_in_browser=True"]
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
IDLE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  const prompts = [...document.querySelectorAll('.jp-InputArea-prompt')];
  return kernel?.status === 'idle' && !prompts.some((p) => p.textContent.includes('[*]'));
}"""
ASK = """async (code) => {
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  const request = kernel.requestExecute({code, store_history: false});
  let said = '';
  request.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.ename + ': ' + content.evalue;
  };
  await request.done;
  return said;
}"""


@contextmanager
def jupyterlab(folder):
    """Serve `folder` with a JupyterLab that has nobody's settings; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = Path(tempfile.mkdtemp(prefix="lab-"))
    (own / "labconfig").mkdir()
    (own / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    places = {name: str(own / name) for name in (
        "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "JUPYTERLAB_SETTINGS_DIR",
        "JUPYTERLAB_WORKSPACES_DIR", "IPYTHONDIR")}
    with open(own / "log", "w") as log:
        server = subprocess.Popen(
            [sys.executable, "-m", "jupyterlab", *SERVER, f"--ServerApp.port={port}",
             f"--ServerApp.root_dir={folder}"], stdout=log, stderr=log,
            env={**os.environ, **places, "JUPYTER_CONFIG_DIR": str(own)})
    address = f"http://127.0.0.1:{port}"
    try:
        for _ in range(240):
            try:
                urllib.request.urlopen(f"{address}/api/status", timeout=1).close()
                break
            except OSError:
                time.sleep(0.25)
        else:
            raise RuntimeError("JupyterLab did not start:\n" + (own / "log").read_text()[-2000:])
        yield address
    finally:
        kernels = psutil.Process(server.pid).children(recursive=True)
        server.terminate()
        server.wait(20)
        for kernel in kernels:
            try:
                kernel.kill()
            except psutil.NoSuchProcess:
                pass
        shutil.rmtree(own, ignore_errors=True)


@contextmanager
def chromium():
    """Start a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


class Notebook:
    """A notebook that is open in JupyterLab; `page` is Playwright's."""

    def __init__(self, browser, address, name, **options):
        self.page = browser.new_page(viewport=dict(width=1300, height=1000), **options)
        self.complaints, self.frames = [], []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)[:400]))
        self.page.on("console", self._hear)
        self.page.on("websocket", self._listen)
        self.page.goto(f"{address}/lab/tree/{name}?reset", timeout=60000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60000)

    def _hear(self, message):
        if message.type == "error":
            self.complaints.append(f"{message.text[:400]} {message.location.get('url', '')}")

    def _listen(self, socket):
        if "/channels" in socket.url:
            for event in "framesent", "framereceived":
                socket.on(event, lambda frame: self.frames.append(frame))

    def idle(self):
        """Wait until the kernel has nothing to do and no cell waits for it."""
        self.page.wait_for_function(IDLE, timeout=120000)

    def do(self, command, **arguments):
        """Run one of JupyterLab's commands."""
        self.page.evaluate("([id, args]) => window.jupyterapp.commands.execute(id, args)",
                           [command, arguments])

    def run_all(self):
        self.idle()
        self.do("notebook:run-all-cells")
        self.idle()

    def ask(self, code):
        """What the kernel prints for this code, run beside the cells."""
        return self.page.evaluate(ASK, code).strip()
