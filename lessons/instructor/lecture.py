"""Open a lesson for a projector:  python -m lessons lecture 03

JupyterLab with one document on the page, large type, and nothing saved by itself. Its settings lie
in build/lecture: a change that you make there stays, and your usual JupyterLab knows nothing of it.
The lesson's run sheet is printed first, for your own screen.
"""

import json
import os
import re
import shutil
import sys
import textwrap
from pathlib import Path

from lessons.instructor.exercises import NOTEBOOKS

OWN = NOTEBOOKS.parent / "build" / "lecture"
SETTINGS = {  # JupyterLab's names: what is other than in a learner's
    "apputils-extension/themes": {"overrides": {
        "content-font-size1": "22px", "code-font-size": "20px", "ui-font-size1": "15px"}},
    "application-extension/shell": {"startMode": "single"},
    "docmanager-extension/plugin": {"autosave": False},
    "notebook-extension/tracker": {"windowingMode": "none", "scrollPastEnd": True},
    "statusbar-extension/plugin": {"visible": False},
}


def lesson_named(name):
    """The path of the lesson with this number, name or file; SystemExit where there is none."""
    paths = sorted(NOTEBOOKS.glob("*.ipynb"))
    wanted = Path(name).stem
    found = [path for path in paths if wanted in (path.stem, path.stem[:2], path.stem[3:])
             or wanted == path.stem[:2].lstrip("0")]
    if not found:
        raise SystemExit(f"No lesson {name!r}; there are {', '.join(path.stem for path in paths)}.")
    return found[0]


def run_sheet(path):
    """A lesson's run sheet for lecturers as (heading, rows of a table, what is below the table)."""
    cells = json.loads(path.read_text(encoding="utf-8"))["cells"]
    text = "".join("".join(cell["source"]) + "\n" for cell in cells)
    found = re.search(r"<details><summary>(?:<b>)?([^<]*run sheet[^<]*)(.*?)</details>", text,
                      re.DOTALL)
    if not found:
        return "", [], ""
    body = re.sub(r"<[^>]+>", "", found[2])
    lines = [line.strip() for line in body.splitlines() if line.strip()]
    table = [re.split(r"(?<!\\)\|", line.strip("|")) for line in lines if line.startswith("|")]
    rows = [[cell.strip().replace("\\|", "|") for cell in row] for row in table
            if not set("".join(row)) <= set("-: ")]
    return found[1], rows[1:], " ".join(line for line in lines if not line.startswith("|"))


def printed(path, width=100):
    """A lesson's run sheet as text for a terminal: minutes, what to do, and below it what to say.
    """
    heading, rows, below = run_sheet(path)
    if not heading:
        return f"{path.stem} has no run sheet."
    edge = max((len(row[0]) for row in rows), default=0) + 2
    out = [heading, ""]
    for minutes, do, *say in rows:
        out += textwrap.wrap(do, width, initial_indent=minutes.ljust(edge),
                             subsequent_indent=" " * edge)
        out += textwrap.wrap(" ".join(say), width, initial_indent=" " * edge + "> ",
                             subsequent_indent=" " * edge + "  ")
    return "\n".join([*out, "", *textwrap.wrap(below, width)])


def prepare(folder=OWN):
    """Write the settings that are not there yet; return JupyterLab's options for them."""
    for name, settings in SETTINGS.items():
        file = folder / "settings" / "@jupyterlab" / f"{name}.jupyterlab-settings"
        file.parent.mkdir(parents=True, exist_ok=True)
        if not file.exists():
            file.write_text(json.dumps(settings, indent=2), encoding="utf-8")
    shutil.rmtree(folder / "workspaces", ignore_errors=True)  # a clean page
    return [f"--LabApp.user_settings_dir={folder / 'settings'}",
            f"--LabApp.workspaces_dir={folder / 'workspaces'}"]


def main(arguments):
    """Print the run sheet, then open JupyterLab; options go to it."""
    names = [argument for argument in arguments if not argument.startswith("-")]
    if len(names) != 1:
        raise SystemExit("usage: python -m lessons lecture 03  (the lesson's number or name; "
                         "options such as --no-browser go to JupyterLab)")
    path = lesson_named(names[0])
    print(f"\n{printed(path, shutil.get_terminal_size().columns - 2)}\n", flush=True)
    from jupyterlab.labapp import main as lab

    options = [argument for argument in arguments if argument not in names]
    options += prepare()
    options += [f"--LabApp.default_url=/doc/tree/{path.relative_to(NOTEBOOKS.parent).as_posix()}",
                f"--ServerApp.root_dir={NOTEBOOKS.parent}"]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options.append("--allow-root")
    sys.argv[1:] = options
    return lab()


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
