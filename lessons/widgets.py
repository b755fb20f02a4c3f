"""What a widget owes the notebook: to close when its cell runs again, and to leave a still."""

from IPython import get_ipython

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
    made[cell] = (run, [*closers, close])


def with_still(widget, still):
    """Add to a widget's mimebundle what stands in its place: text, HTML or a picture, by type.

    Where a program runs the cell, as nbconvert does, only the still remains: the page that it
    makes has no kernel, and the widget would hide the still. Programs take no input, people do.
    """
    shell = get_ipython()
    request = shell.get_parent() if hasattr(shell, "get_parent") else {}
    by_program = request.get("content", {}).get("allow_stdin") is False
    return {**({} if by_program else {VIEW: widget[VIEW]}), **still}
