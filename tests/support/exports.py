"""Exports notebooks as a reader does: by `jupyter nbconvert`, with the settings of `.venv`."""

import os
from unittest.mock import patch

from nbconvert.nbconvertapp import NbConvertApp

from lessons.environment import WITH_STILLS


def nbconvert(folder, *arguments, settings=WITH_STILLS):
    """What `jupyter nbconvert` does with these arguments, in this process; files go to `folder`."""
    folder.mkdir(exist_ok=True)
    (folder / "jupyter_config.json").write_text(settings)
    with patch.dict(os.environ, JUPYTER_CONFIG_PATH=str(folder)):
        app = NbConvertApp()
        app.initialize(["--output-dir", str(folder), *map(str, arguments)])
        app.start()
