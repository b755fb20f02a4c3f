"""Make nbval strict, and leave the browser tests out where BROWSER=none asks for it.

Stock nbval overlooks a picture that changed or vanished and a cell that was never run, and does not
know that a trailing semicolon silences a cell. Here each of these counts, and so does saved stderr.
"""

import gc
import os
from contextlib import contextmanager
from pathlib import Path
from types import SimpleNamespace

import pytest
from ipywidgets.widgets.widget import _instances
from nbval.kernel import RunningKernel
from nbval.plugin import IPyNbCell
from support.notebooks import is_bar, pictures_differ

from lessons import widgets

WITHOUT = os.environ.get("BROWSER", "").lower() == "none"
collect_ignore_glob = ["browser"] if WITHOUT else []
if not os.environ.get("FIREFOX"):       # FIREFOX=firefox-esr names the one to be tested
    collect_ignore_glob.append("browser/test_browser_firefox.py")
# Begun in this order, before all other files: so none of them keeps one worker busy at the end.
LONG = ["tests/browser/test_browser_scenes.py", "tests/scenes/test_scenes_all.py",
        "tests/test_grade.py", "tests/browser/", "notebooks/", "tests/stage/", "tests/check/",
        "tests/notebooks/", "tests/exercises/", "tests/experiments/", "tests/scenes/"]
stock_compare, stock_run = IPyNbCell.compare_outputs, IPyNbCell.runtest


def pytest_configure(config):
    config.option.nbval_sanitize_with = str(Path(__file__).parent / "support" / "sanitize.cfg")


def pytest_collection_modifyitems(items):
    """Put the files that take longest first; within a file, tests stay in their order."""
    items.sort(key=lambda item: next(
        (place for place, name in enumerate(LONG) if item.nodeid.startswith(name)), len(LONG)))


def pytest_collection_finish():
    """Spare the garbage collector all modules and tests: they live to the end of the process."""
    gc.collect()
    gc.freeze()


@pytest.fixture(scope="session", autouse=True)
def neutral_profile(tmp_path_factory):
    """Kernels start without the IPython habits of whoever runs the tests."""
    os.environ["IPYTHONDIR"] = str(tmp_path_factory.mktemp("ipython"))


@pytest.fixture(scope="module", autouse=True)
def widgets_end_with_their_module():
    with widgets_closed():
        yield


@pytest.fixture
def widgets_end_with_their_test():
    """For modules with so many scenes that the figures of one module fill gigabytes."""
    with widgets_closed():
        yield


@contextmanager
def widgets_closed():
    """Close what was made meanwhile: ipywidgets keeps every widget, with its figure, until then."""
    before = set(_instances)
    yield
    for name in [*_instances.keys() - before]:
        if name in _instances:
            _instances[name].close()


@pytest.fixture
def run_cell(monkeypatch):
    """Stands for a notebook: run_cell(cell, request) says which cell runs, and in which request."""
    parent = {}
    shell = SimpleNamespace(get_parent=lambda: parent)
    monkeypatch.setattr(widgets, "get_ipython", lambda: shell)
    monkeypatch.setattr(widgets, "made", {})

    def run(cell, request):
        parent["metadata"] = {"cellId": cell} if cell else {}
        parent["header"] = {"msg_id": request}

    return run


def execute(kernel, source, allow_stdin=None):
    """Run a cell with history: only then IPython heeds a trailing semicolon."""
    return kernel.kc.execute(source, store_history=True, allow_stdin=allow_stdin,
                             stop_on_error=False)


def run(cell):
    saved = cell.cell
    if saved.source.strip() and saved.execution_count is None:
        cell.raise_cell_error("This cell was never run. Run: python -m lessons notebooks")
    if any(output.get("name") == "stderr" for output in saved.outputs):
        cell.raise_cell_error("This cell has warnings saved with it.")
    stock_run(cell)


def compare(cell, new, saved, skip_compare=None):
    new, saved = ([o for o in outputs if not is_bar(o)] for outputs in (new, saved))
    change = pictures_differ(saved, new)
    if change:
        cell.comparison_traceback = [change]
        return False
    return stock_compare(cell, new, saved, skip_compare)


RunningKernel.execute_cell_input = execute
IPyNbCell.runtest = run
IPyNbCell.compare_outputs = compare
