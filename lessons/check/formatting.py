"""Numbers and differences in words."""

import numpy as np


def code(text):
    return f"`{text}`"


def text_of(value, form=repr):
    """A value as text, or its type where its own text raises an error."""
    try:
        return form(value)
    except Exception:  # noqa: BLE001  a learner's class may raise whatever it likes there
        return f"a {type(value).__name__}"


def number(values, digits=5):
    """A number, or (a, b) for several, without the noise of the last digits."""
    parts = [f"{value:.{digits}g}" for value in np.atleast_1d(values).ravel()]
    return parts[0] if len(parts) == 1 else f"({', '.join(parts)})"


def times(mine, ours):
    """What `mine` is, measured by `ours`; completes a sentence like "your move is ..."."""
    mine, ours = (np.atleast_1d(value).astype(float).ravel() for value in (mine, ours))
    if not np.isfinite(mine).all():
        return "not a finite number (a division by zero, a root below zero?)"
    share = mine[ours != 0] / ours[ours != 0]
    # one ratio for all, to the digits shown (an eps spreads it a little); zero says more as it is
    if mine.any() and not mine[ours == 0].any() and np.ptp(share) <= 1e-5 * np.abs(share).max():
        if abs(share[0] + 1) < 1e-5:
            return "of the right size, with the wrong sign"
        return f"{number(share[0], 5 if abs(share[0] - 1) > 1e-4 else 10)} times what it should be"
    if mine.size > 3:  # too many to read: the worst of them
        k = np.abs(mine - ours).argmax()
        return f"{beside(mine[k], ours[k])} in coordinate [{k}]"
    return beside(mine, ours)


def beside(mine, ours):
    digits = 5 if number(mine) != number(ours) else 10
    return f"{number(mine, digits)} and should be {number(ours, digits)}"
