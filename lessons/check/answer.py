"""Check an answer: a step beside the reference step, or a value beside the expected one."""

import numpy as np

from lessons.check.compare import compare
from lessons.check.learner import Advice, Unfinished
from lessons.check.page import Shown
from lessons.check.walks import gap
from lessons.check.words import code, number, times


class Answer(Shown):
    """What `check` found: ok (bool) and message (text); shows itself as a card."""

    ok = property(lambda self: self.kind == "yes")
    message = property(lambda self: self.text)

    def __bool__(self):
        return self.ok


def check(mine, expected, hint="", wrong=None, rtol=1e-3):
    """Say one of three things about `mine`: not filled in yet; where it parts; or yes.

    mine, expected: two steps, which walk side by side; or two numbers, arrays or texts.
    wrong: {value that people often find: what to say about it}. hint: added to any other miss.
    rtol: the share by which a number may be off; three digits are enough unless told otherwise.
    """
    try:
        if mine is None or mine is ...:
            raise Unfinished("put your answer in place of `...`")
        if callable(expected):
            return Answer("yes", f"Yes: {compare(mine, expected)}.")
        compare_values(mine, expected, wrong or {}, rtol)
        return Answer("yes", f"Yes: {mine}.")
    except Unfinished as what:
        return Answer("open", f"Not filled in yet: {what}, then run this cell again.")
    except Advice as advice:
        return Answer("no", f"Not yet. {advice} {hint}".strip())


def compare_values(mine, expected, wrong, rtol):
    """Raise Advice unless the two are the same, numbers to rtol."""
    if callable(mine):
        name = getattr(mine, "__name__", "function")
        raise Advice(f"This is the function itself; its value is wanted: {code(f'{name}(...)')}.")
    if same(mine, expected, rtol):
        return
    for value, advice in wrong.items():
        if same(mine, value, rtol):
            raise Advice(advice)
    if is_number(mine) and is_number(expected):
        raise Advice(missed(np.asarray(mine, float), np.asarray(expected, float), rtol))
    kind = "" if type(mine) is type(expected) else f"; {kind_of(expected)} is expected"
    raise Advice(f"{mine!r} is not it{kind}.")


def same(mine, expected, rtol):
    if is_number(mine) and is_number(expected):
        return np.shape(mine) == np.shape(expected) and bool(close(mine, expected, rtol).all())
    if isinstance(mine, str) and isinstance(expected, str):
        return mine.strip().lower() == expected.strip().lower()
    return bool(np.array_equal(mine, expected))


def close(mine, expected, rtol):
    # an exact 0 among other numbers may come out as their rounding: 1e-12 of the largest
    largest = np.abs(expected, where=np.isfinite(expected), out=np.zeros(np.shape(expected))).max()
    return np.isclose(mine, expected, rtol=rtol, atol=1e-12 * (largest or 1), equal_nan=True)


def missed(mine, expected, rtol):
    """By how much numbers miss, at the worst place."""
    if mine.shape != expected.shape:
        return f"Its shape is {mine.shape}; {kind_of(expected)} is expected."
    right = close(mine, expected, rtol)
    at = np.unravel_index(np.where(right, -1, gap(mine, expected)).argmax(), mine.shape)
    if not at:
        return f"{number(mine)} is {times(mine, expected)}."
    index = ", ".join(map(str, at))
    return f"{right.sum()} of {right.size} are right; [{index}] is {times(mine[at], expected[at])}."


def is_number(value):
    """Whether it is a number, or an array or list of them; True and False are none."""
    try:
        return np.asarray(value).dtype.kind in "iuf"
    except ValueError:  # a list of lists of unequal lengths
        return False


def kind_of(value):
    if is_number(value):
        return f"an array of shape {np.shape(value)}" if np.ndim(value) else "a number"
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"
