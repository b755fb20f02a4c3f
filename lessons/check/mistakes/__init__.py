"""The mistakes that everybody makes: for each step and schedule, how to make them, what to say."""

import inspect
from functools import lru_cache

from lessons import schedules as makers
from lessons.check.mistakes import (
    adaptive,
    first_order,
    kronecker,
    natural,
    newcomers,
    quasi_newton,
    schedules,
    second_order,
    sharpness,
)
from lessons.check.mistakes.general import general_mistakes
from lessons.check.mistakes.mistake import Mistake, mistaken
from lessons.signature import name_of

FAMILIES = (
    first_order,
    adaptive,
    newcomers,
    sharpness,
    second_order,
    quasi_newton,
    natural,
    kronecker,
)
MISTAKES = {name: rows for family in FAMILIES for name, rows in family.MISTAKES.items()}

__all__ = ["MISTAKES", "Mistake", "made", "mistaken", "wrong_schedules", "wrong_steps"]


@lru_cache(maxsize=64)
def wrong_steps(step):
    """[(mistake, the step with it)]: the step's own mistakes, then the general ones."""
    ours = getattr(inspect.getmodule(step), name_of(step), None) is step
    own = MISTAKES.get(name_of(step), ()) if ours else ()
    return [*made(step, [*own, *general_mistakes(step)])]


def made(function, rows):
    """Yield (mistake, the function with it) for the rows that fit the function's source.

    A row that no longer fits fails a test of ours; a learner's answer is judged without it.
    """
    for row in rows:
        try:
            yield row, mistaken(function, row.change, row.helper)
        except Exception:  # noqa: BLE001
            continue


def wrong_schedules(schedule):
    """Yield (mistake, the schedule with it): the maker's own mistakes, then the general ones."""
    name = schedule.__qualname__.split(".")[0]
    if schedule.__module__ == makers.__name__ and hasattr(makers, name):
        given = inspect.getclosurevars(schedule).nonlocals  # what its maker was called with
        for mistake, maker in made(getattr(makers, name), schedules.MISTAKES.get(name, ())):
            yield mistake, maker(**given)
    yield from made(schedule, schedules.GENERAL)
