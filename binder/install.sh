#!/usr/bin/env bash
# Install the course into the Python that is there, at the versions of constraints.txt, as
# `python -m lessons lab` does. For Binder, the Dockerfile and The Littlest JupyterHub; run it in
# the course's folder. Arguments are further packages.
set -euo pipefail
python -m pip install --no-cache-dir --quiet uv
install() {
  python -m uv pip install --python "$(command -v python)" --no-cache \
    -c constraints.txt -c constraints-cpu.txt "$@"
}
# The CPU build of torch. Where the usual one would bring 3 GB of CUDA, the constraints refuse it.
install torch || install --torch-backend cpu torch
install --compile-bytecode --editable . "$@"
python - <<'PYTHON'
import sys
from pathlib import Path

from lessons.environment import QUIET_LAB, WITH_STILLS

for name, text in (("share/jupyter/lab/settings/overrides.json", QUIET_LAB),
                   ("etc/jupyter/jupyter_config.json", WITH_STILLS)):
    path = Path(sys.prefix, name)
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text)
PYTHON
