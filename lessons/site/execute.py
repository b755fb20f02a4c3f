"""Run the lessons' notebooks for the site, and keep what they showed.

What was run is kept beside its stamp, a fingerprint of the notebook and of the package, and run
again only when one of them has changed.
"""
import hashlib
import os
import re
import tempfile
from concurrent.futures import as_completed
from pathlib import Path

import nbclient
import nbformat
from nbclient.exceptions import CellExecutionError, CellTimeoutError, DeadKernelError

from lessons.widgets import VIEW

HERE = Path(__file__).resolve().parent
PACKAGE, RECORDS = HERE.parent, ("catch.py", "takes.py")
TIMEOUT = 600       # seconds that a cell may take, with the recording of the picture it shows
CATCH = "from lessons.site.catch import catch\ncatch({name!r}, {folder!r})"
FAILED = """{path} did not run, so the site can't show it: cell {number}, which begins with
    {line}
{problem}
Run the notebook in JupyterLab (python -m lessons lab), mend that cell, and build the site again."""


def run_all(pool, paths, folder):
    """Have a pool run these notebooks, or take what is kept in `folder`.

    Returns an iterator over (path, executed notebook), as they are done.
    """
    folder = Path(folder)
    folder.mkdir(parents=True, exist_ok=True)
    waiting = {pool.submit(run, path, folder): path for path in paths}
    return ((waiting[done], done.result()) for done in as_completed(waiting))


def run(path, folder):
    """Run one notebook, or take what is kept of it; its pictures lie in `folder`/live."""
    kept, stamp = folder / path.name, fingerprint(path)
    if kept.exists():
        notebook = nbformat.read(kept, as_version=4)
        if notebook.metadata.get("stamp") == stamp:
            return notebook
    notebook = nbformat.read(path, as_version=4)
    catch = CATCH.format(name=path.stem, folder=str(folder.resolve() / "live"))
    notebook.cells.insert(0, nbformat.v4.new_code_cell(catch))
    try:
        in_new_kernel(notebook, path.parent, TIMEOUT, OPENBLAS_NUM_THREADS="1")
    except (CellExecutionError, CellTimeoutError, DeadKernelError) as problem:
        raise SystemExit(explained(path, notebook, problem)) from None
    del notebook.cells[0]
    for cell in notebook.cells:
        if "outputs" in cell:
            cell.outputs = [output for output in cell.outputs if not is_bar(output)]
    notebook.metadata = {"kernelspec": {"display_name": "Python 3", "name": "python3"},
                         "language_info": {"name": "python"}, "stamp": stamp}
    nbformat.write(notebook, kept)
    return notebook


def in_new_kernel(notebook, folder, timeout, **environment):
    """Run a notebook in a kernel that works in this folder and knows no one's IPython habits."""
    client = nbclient.NotebookClient(
        notebook, timeout=timeout, kernel_name="python3", record_timing=False,
        coalesce_streams=True, store_widget_state=False,
        extra_arguments=["--log-level=ERROR"],      # each kernel warns that it is on loopback
        resources={"metadata": {"path": str(folder)}})
    with tempfile.TemporaryDirectory(ignore_cleanup_errors=True) as profile:
        client.execute(env={**os.environ, "IPYTHONDIR": profile, **environment})


def explained(path, notebook, problem):
    """What to do about a cell that failed."""
    ran = [i for i, cell in enumerate(notebook.cells) if cell.get("outputs")]
    failed = [i for i in ran if any(o.output_type == "error" for o in notebook.cells[i].outputs)]
    number = (failed or ran or [0])[-1]
    lines = re.sub(r"\x1b\[[\d;]*m", "", str(problem)).strip().splitlines()
    return FAILED.format(path=path.name, number=number, problem=lines[-1],
                         line=notebook.cells[number].source.splitlines()[0])


def fingerprint(path):
    """What changes when a notebook does, or what of the package it runs."""
    found = hashlib.sha256(path.read_bytes())
    for file in sorted(PACKAGE.rglob("*")):
        if file.suffix in (".py", ".json") and (file.parent != HERE or file.name in RECORDS):
            found.update(file.read_bytes())
    return found.hexdigest()


def is_bar(output):
    """Whether an output is what a progress bar left behind."""
    data = output.get("data", {})
    return data == {"text/plain": ""} or VIEW in data
