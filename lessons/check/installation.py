"""Is everything there that a notebook needs?"""

import re
from importlib.metadata import PackageNotFoundError, requires, version

from lessons.check.display import Shown


def ready():
    """Say whether every package that the course needs is installed, and what to do if not."""
    try:
        wanted = [row for row in requires("lessons") or [] if "extra ==" not in row]
    except PackageNotFoundError:
        return Shown("no", "The course is not installed in this Python. Close JupyterLab and start "
                     "it with `python -m lessons lab` in the course's folder.")
    names = [re.match(r"[\w.-]+", row).group() for row in wanted]
    missing = [name for name in names if not is_installed(name)]
    if missing:
        return Shown("no", f"Missing: {', '.join(missing)}. Close JupyterLab and start it with "
                     "`python -m lessons lab`, which installs what is missing.")
    return Shown("yes", f"Ready: {', '.join(sorted(names))} are installed. The pictures below play "
                 "by themselves; a moved knob asks this kernel.")


def is_installed(name):
    try:
        return bool(version(name))
    except PackageNotFoundError:
        return False
