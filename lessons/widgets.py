"""What widgets owe the notebook: to close when their cell runs again, and to leave a still."""

import gc
import time

from IPython import get_ipython
from IPython.display import display
from ipywidgets import Widget

VIEW = "application/vnd.jupyter.widget-view+json"
made = {}  # notebook cell -> (the request that ran it, the functions that close what it made)


def close_on_rerun(close):
    """Remember `close` for the running cell, and call those of an earlier run of this cell."""
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    cell = request.get("metadata", {}).get("cellId")
    if cell is None:
        return
    run = request["header"]["msg_id"]
    before, closers = made.get(cell, (run, []))
    if before != run:
        for old in closers:
            old()
        closers = []
        forget_closed(shell)
    made[cell] = (run, [*closers, close])


def forget_closed(shell):
    """Take closed widgets out of IPython's memory of outputs: Out, _, __, ___, _1, _2, ..."""
    names, hook = getattr(shell, "user_ns", {}), getattr(shell, "displayhook", None)
    for held in (names.get("_oh", {}), names, getattr(hook, "__dict__", {})):
        for name, value in list(held.items()):
            numbered = isinstance(name, int) or name.strip("_0123456789") == ""
            if numbered and isinstance(value, Widget) and value.comm is None:
                held[name] = None
    gc.collect()        # a figure and its axes refer to each other


def with_still(widget, still):
    """Add to a widget's mimebundle what stands in its place: text, HTML or a picture, by type.

    Where a program runs the cell, as nbconvert does, only the still remains: the page that it
    makes has no kernel, and the widget would hide the still. Programs take no input, people do.
    """
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    by_program = request.get("content", {}).get("allow_stdin") is False
    return {**({} if by_program else {VIEW: widget[VIEW]}), **still}


def bar(ticks, name, delay=0.0):
    """Iterate over `ticks` under a progress bar that shows itself after `delay` seconds.

    In the end nothing of it is left on the page. tqdm's own bar for notebooks leaves the place of a
    widget that is gone, and a page that is loaded again shows an error there.
    """
    from tqdm.auto import tqdm  # a slow import, for those who show a bar
    from tqdm.notebook import tqdm_notebook

    if not issubclass(tqdm, tqdm_notebook):
        yield from tqdm(ticks, desc=name, leave=False, delay=delay)
        return
    counter, place = tqdm(ticks, desc=name, leave=False, display=False), None
    end = time.monotonic() + delay
    try:
        for tick in counter:
            if not place and time.monotonic() >= end:
                place = display(counter.container, display_id=True)
            yield tick
    finally:
        counter.close()
        if place:
            place.update({"text/plain": ""}, raw=True)
