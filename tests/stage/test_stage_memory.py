"""What a cell leaves behind when it is run again and again: nothing."""

import gc
import weakref
from types import SimpleNamespace

import psutil
import pytest
from IPython.core.displayhook import DisplayHook
from ipywidgets.widgets.widget import _instances
from matplotlib.figure import Figure
from support.scene import browser, unit_square

from lessons import widgets
from lessons.scenes import race, velocity_sum
from lessons.stage import Stage
from lessons.steps import adam
from lessons.surfaces import ravine


def raced():
    return race(ravine, {"Adam": adam}, lr=0.02)


def with_callbacks():
    """A Stage whose callbacks, button, observer and tracks all refer to it."""
    figure, ax = unit_square()
    stage = Stage(figure, 1, "A dot.")
    dot = stage.marker(ax)
    stage.slider("lr", 0.1)
    stage.button("again", lambda: stage.redraw(), label="Again")
    stage.observe(lambda change: stage.redraw(), "rev")

    @stage.compute
    def show(lr):
        stage.runs["dot"] = stage
        dot.set([[lr, 0.5]])

    return stage


@pytest.fixture(autouse=True, scope="module")
def looking_only_at_what_is_made_here():
    """What earlier tests of this process have left need not be gone through at each collection."""
    gc.collect()
    gc.freeze()         # for good: unfrozen, the tests after these went through it all again


CASES = {"race": raced, "velocity_sum": velocity_sum, "a Stage with callbacks": with_callbacks}


def living(known=()):
    """The stages and figures that are alive, but for those that are known (by identity)."""
    gc.collect()
    old = {id(thing) for thing in known}
    # by type: isinstance would ask torch's lazy modules for their class, and they warn
    return [thing for thing in gc.get_objects()
            if type(thing) in (Stage, Figure) and id(thing) not in old]


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_a_closed_stage_is_gone_with_its_figure(make):
    before = living()
    widgets_before = len(_instances)
    for _ in range(3):
        stage = make()
        stage._repr_mimebundle_()
        browser(stage, dark=True, seq=1)
        figure = weakref.ref(stage.figure)
        stage.close()
        gc.collect()
        assert figure() is None             # even while a name still holds the Stage
        del stage
    assert living(before) == []
    assert len(_instances) == widgets_before


@pytest.mark.parametrize("make", CASES.values(), ids=CASES)
def test_thirty_runs_of_a_cell_keep_one_stage_and_no_memory(make, run_cell):
    shell = widgets.get_ipython()
    shell.user_ns = {"_oh": {}}
    shell.user_ns_hidden, shell.push = {}, lambda values, interactive: shell.user_ns.update(values)
    hook = shell.displayhook = SimpleNamespace(
        shell=shell, cache_size=1000, do_full_cache=True, _=None, __=None, ___=None)
    before, size = living(), {}
    for run in range(1, 31):
        run_cell("a", run)
        hook.prompt_count = run
        DisplayHook.update_user_ns(hook, make())        # what the last line of a cell does
        size[run] = psutil.Process().memory_info().rss / 1e6
    assert len(living(before)) <= 2                  # the last Stage and its Figure
    assert sum(isinstance(value, Stage) for value in shell.user_ns["_oh"].values()) == 1
    assert size[30] - size[10] < 5, size                # MB
    widgets.made.pop("a")[1][0]()
    widgets.forget_closed(shell)
    assert living(before) == []
