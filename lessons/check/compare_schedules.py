"""Compare a learner's schedule with the reference, step by step, in a short and a long run."""

import inspect

import numpy as np

from lessons.check.formatting import code, times
from lessons.check.mistakes import wrong_schedules
from lessons.check.sandbox import Advice, explained, unfinished
from lessons.check.trials import TOLERANCE, gap
from lessons.check.values import is_number
from lessons.signature import name_of

TOTALS = (20, 50)
FEW = 3  # a mistake is known when it goes with the learner's for so many steps from the parting on
PAST = 10  # how many steps past the end are compared too


def is_schedule(function):
    """Whether it is a function (t, total)."""
    try:
        return callable(function) and list(inspect.signature(function).parameters) == ["t", "total"]
    except ValueError:  # a built-in that has no signature
        return False


def compare_schedules(mine, reference, hint):
    """Say in what the two schedules agree; raise Advice where they do not."""
    if not callable(mine):
        raise Advice("This is a value; a schedule is wanted, a function of t and total.")
    try:
        check_arguments(mine)
        my_table = table(mine, checked)
    except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
        raise unfinished(mine) or explained(error, mine) from None
    our_table = table(reference)
    mine_is, ours_is = (np.shape(found[TOTALS[0]][0]) for found in (my_table, our_table))
    if mine_is != ours_is:
        raise Advice(f"Its values have shape {mine_is}. {ours_is} is expected.", "wrong shape")
    apart = {total: gap(my_table[total], our_table[total]) > TOLERANCE for total in TOTALS}
    if any(found.any() for found in apart.values()):
        raise unfinished(mine) or parted(my_table, our_table, apart, reference, hint)
    name, runs = reference.__qualname__.split(".")[0], " and ".join(map(str, TOTALS))
    return f"Yes: the same as {name} at every step of runs of {runs} steps, and past their end."


def check_arguments(mine):
    """Raise Advice unless `mine` can be called with t and total."""
    try:
        inspect.signature(mine).bind(1, TOTALS[0])
    except TypeError:
        raise Advice(
            f"{code(name_of(mine))} can't be called with two numbers. A schedule takes t, "
            "the step, and total, how many there are.",
            "wrong arguments",
        ) from None


def table(schedule, value=lambda schedule, t, total: schedule(t, total)):
    """{total: (total + PAST, ...) values, from t = 1 on}."""
    return {
        total: np.array([value(schedule, t, total) for t in range(1, total + PAST + 1)], float)
        for total in TOTALS
    }


def checked(mine, t, total):
    value = mine(t, total)
    if value is None or value is ...:
        raise Advice(
            f"At t = {t} of {total} it returns nothing. Does each way through it end in a return?",
            "returns nothing",
        )
    if callable(value):
        raise Advice(
            "It returns a function: is this what makes the schedule, still to be called "
            "with its own numbers?",
            "the maker itself",
        )
    if not is_number(value):
        raise Advice(
            f"At t = {t} of {total} it returns {value!r}, which is no number.", "wrong type"
        )
    return value


def parted(mine, ours, apart, reference, hint):
    """Advice: where the schedules part, by how much, and why, as far as it can be told."""
    total = next(total for total in TOTALS if apart[total].any())
    k = int(apart[total].reshape(len(mine[total]), -1).any(axis=1).argmax())
    past = ", past the end," if k >= total else ""
    said = f"At t = {k + 1} of {total}{past} it is {times(mine[total][k], ours[total][k])}."
    mistake, reason = why(mine, ours, apart, reference, total, k)
    return Advice(f"{said} {reason or hint}".strip(), mistake)


def why(mine, ours, apart, reference, total, k):
    """(name of the mistake or None, what to say); at k in a run of total they part."""
    first = None, ""  # where there are several mistakes: the one that goes with mine the longest
    longest = k + FEW
    for mistake, schedule in wrong_schedules(reference):
        try:
            theirs = table(schedule)
        except Exception:  # noqa: BLE001  a mistake may stop here, and then it is not this one
            continue
        differs = {total: gap(mine[total], theirs[total]) > TOLERANCE for total in TOTALS}
        if not any(found.any() for found in differs.values()):
            return mistake.name, mistake.advice
        alike = int(differs[total].reshape(len(mine[total]), -1).any(axis=1).argmax())
        if alike > longest:
            first, longest = (mistake.name, mistake.advice), alike
    if not any(apart[total][:total].any() for total in TOTALS):
        return past_the_end(mine)
    if never_changes(mine) and not never_changes(ours):
        return "constant", "Does it change at all as t goes on?"
    if heeds_no_total(mine) and not heeds_no_total(ours):
        return "total ignored", "Does a run of another length change nothing?"
    return first


def never_changes(found):
    return all((values == values[0]).all() for values in found.values())


def heeds_no_total(found):
    values = np.array([found[total][: min(TOTALS)] for total in TOTALS])
    return bool(np.isfinite(values).all() and (gap(*values) <= TOLERANCE).all())


def past_the_end(mine):
    """What a schedule does that is right up to its end."""
    for total, values in mine.items():
        if (np.diff(values[total - 1 :], axis=0) > 0).any():
            return "rises again past total", "Does it rise again when the run goes on?"
        if (values[total:] < 0).any():
            return "negative past total", "Does it fall below zero when the run goes on?"
    return "not level past total", "Does it stay where it is when the run goes on?"
