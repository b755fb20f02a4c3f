"""One JupyterLab serves all browser tests of a process; see lab.py."""

from support.lab import folder, open_notebook, race, served

__all__ = ["folder", "open_notebook", "race", "served"]
