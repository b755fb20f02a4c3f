"""Compare a learner's number, array or text with the expected one."""

import numpy as np

from lessons.check.formatting import code, number, text_of, times
from lessons.check.sandbox import Advice
from lessons.check.trials import gap


def compare_values(mine, expected, hint, wrong, rtol):
    """Say that the two are the same, numbers to rtol; raise Advice where they are not."""
    if callable(mine):
        name = getattr(mine, "__name__", "function")
        raise Advice(f"This is the function itself; its value is wanted: {code(f'{name}(...)')}.")
    if same(mine, expected, rtol):
        return f"Yes: {text_of(mine, str)}."
    for value, advice in wrong.items():
        if same(mine, value, rtol):
            raise Advice(advice)
    if is_number(mine) and is_number(expected):
        miss = missed(np.asarray(mine, float), np.asarray(expected, float), rtol)
        raise Advice(f"{miss} {hint}".strip())
    kind = "" if type(mine) is type(expected) else f"; {kind_of(expected)} is expected"
    raise Advice(f"{text_of(mine)} is not it{kind}. {hint}".strip())


def same(mine, expected, rtol):
    if is_number(mine) and is_number(expected):
        return np.shape(mine) == np.shape(expected) and bool(close(mine, expected, rtol).all())
    if isinstance(mine, str) and isinstance(expected, str):
        return mine.strip().lower() == expected.strip().lower()
    try:
        return bool(np.array_equal(mine, expected))
    except Exception:  # noqa: BLE001  an object may refuse to be compared
        return False


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
    except Exception:  # noqa: BLE001  a list of unequal lists, or an object that refuses
        return False


def kind_of(value):
    if is_number(value):
        return f"an array of shape {np.shape(value)}" if np.ndim(value) else "a number"
    return "a text" if isinstance(value, str) else f"a {type(value).__name__}"
