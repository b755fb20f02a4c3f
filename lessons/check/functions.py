"""Compare a learner's plain function with the expected one, on a few calls."""

from copy import deepcopy

import numpy as np

from lessons.check.formatting import times
from lessons.check.sandbox import Advice, alike, explained, unfinished
from lessons.check.values import is_number, kind_of, same


def compare_functions(mine, reference, cases, hint, wrong, rtol):
    """Say that the two return the same for all `cases`, tuples of arguments, or raise Advice.

    wrong: {function that people often write: what to say about it}, tried where `mine` parts.
    """
    if not callable(mine):
        raise Advice("This is a value; the function itself is wanted, without brackets.")
    for number, case in enumerate(cases, 1):
        expected, given = reference(*deepcopy(case)), deepcopy(case)
        try:
            found = mine(*given)
        except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
            raise unfinished(mine) or explained(error, mine) from None
        if not same(found, expected, rtol):
            raise unfinished(mine) or parted(found, expected, number, case, hint, wrong, rtol)
        if not all(alike(*pair, unsure=True) for pair in zip(case, given)):
            raise Advice(
                "It returns the right thing, and changes what it was given: whoever kept the old "
                "array now holds the new numbers. `theta = theta - ...` makes a new one, "
                "`theta -= ...` does not."
            )
    return f"Yes: the same as ours for {len(cases)} choices of its arguments."


def parted(found, expected, number, case, hint, wrong, rtol):
    """Advice on a function that returns something else for the case with this number."""
    for other, words in wrong.items():
        if same(found, other(*deepcopy(case)), rtol):
            return Advice(words)
    if found is None:
        return Advice("It returns nothing. Does its last line return what is asked for?")
    if not is_number(found) or np.shape(found) != np.shape(expected):
        return Advice(f"It returns {kind_of(found)}, not {kind_of(expected)}. {hint}".strip())
    said = f"In our call number {number} it returns {times(found, expected)}"
    return Advice(f"{said}. {hint}".strip())
