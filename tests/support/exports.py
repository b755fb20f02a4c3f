"""Exports notebooks as a reader does: by `jupyter nbconvert`, with the settings of `.venv`."""

import os
import subprocess
import sys

from lessons.environment import WITH_STILLS


def nbconvert(folder, *arguments, settings=WITH_STILLS):
    """Run `jupyter nbconvert` with these arguments; its files go to `folder`."""
    (folder / "jupyter_config.json").write_text(settings)
    done = subprocess.run(
        [sys.executable, "-m", "nbconvert", "--output-dir", str(folder), *map(str, arguments)],
        env={**os.environ, "JUPYTER_CONFIG_PATH": str(folder)}, capture_output=True, text=True,
        check=False)
    assert done.returncode == 0, done.stderr[-3000:]
