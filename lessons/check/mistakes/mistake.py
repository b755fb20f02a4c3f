"""What a known mistake is, and how to make it."""

import inspect
from collections.abc import Callable
from typing import NamedTuple


class Mistake(NamedTuple):
    """A learner's step or schedule that goes as the altered reference does has made this mistake.

    name: what tests and teachers call it. advice: one sentence that points at it in words; never
    the line to type. change: {piece of the reference's source: what stands there instead}, or a
    function that takes the reference and returns the altered one. undo: a function that makes a
    step with this mistake right again; for a mistake that leads to nan, as many others do.
    """

    name: str
    advice: str
    change: dict | Callable
    undo: Callable | None = None


def mistaken(function, change):
    """The function with that mistake in it: what a learner who makes it writes."""
    if callable(change):
        return change(function)
    plain = inspect.unwrap(function)
    source = "\n".join(map(inspect.getsource, [*helpers(plain), plain]))
    for old, new in change.items():
        if old not in source:
            raise ValueError(f"{old!r} is not in the source of {plain.__name__}: mend that row")
        source = source.replace(old, new)
    names = dict(plain.__globals__)
    exec(source, names)  # noqa: S102  our own source and our own table
    return names[plain.__name__]


def helpers(function, known=()):
    """The functions of the same module that it calls, and those that they call."""
    known = [*known]
    for name in function.__code__.co_names:
        used = function.__globals__.get(name)
        if inspect.isfunction(used) and used.__module__ == function.__module__:
            if used is not function and used not in known:
                known = helpers(used, [*known, used])
    return known
