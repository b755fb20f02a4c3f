"""Compare a learner's step or schedule with the reference: where and by how much they part."""

import inspect
from itertools import groupby

import numpy as np

from lessons.check.diagnosis import states, why
from lessons.check.formatting import code, times
from lessons.check.sandbox import (
    Advice,
    alike,
    check_signature,
    explained,
    guarded,
    text_of,
    unfinished,
)
from lessons.check.trials import STEPS, TOTALS, Pair, is_blockwise, is_schedule, trials
from lessons.check.values import is_number
from lessons.signature import name_of, signature_of
from lessons.steps.kronecker import blockwise

__all__ = ["compare_schedules", "compare_steps", "is_schedule"]


def compare_steps(mine, reference, hint):
    """Say in what the two steps agree; raise Advice where they do not."""
    if not callable(mine):
        raise Advice("This is a value; the function itself is wanted, without brackets.")
    trials(reference)  # an error in there would not be the learner's
    try:
        check_signature(mine, reference)
        safe = guarded(mine)
        for_one = is_blockwise(reference) and not is_blockwise(mine)  # a rule for one matrix
        step = blockwise(safe) if for_one else safe
        pairs, elsewhere = side_by_side(step, reference, for_one)
    except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
        raise unfinished(mine) or explained(error, mine) from None
    if any(pair.first for pair in pairs):
        raise unfinished(mine) or parted(pairs, reference, hint, step)
    where = f"{STEPS} steps on {len({pair.trial.surface.name for pair in pairs})} surfaces"
    walked = f"the same as {name_of(reference)} over {where}, up to rounding"
    also = ["elsewhere it stops or walks otherwise, as a rule for one matrix may"]
    said = [walked, *also[: len(elsewhere)], *remarks(pairs[0], mine, reference)]
    return f"Yes: {'; '.join(said)}."


def side_by_side(step, reference, for_one):
    """(pairs of walks, surfaces where a rule for one matrix may part or stop).

    First with the usual knobs; where those show nothing clearly, with one knob turned at a time.
    """
    pairs, elsewhere = [], set()
    for _, group in groupby(trials(reference), lambda trial: trial.turned):
        for trial in group:
            if trial.surface.name in elsewhere:
                continue
            try:
                pair = Pair(trial, trial.walk(step))
            except Exception as error:
                if isinstance(error, Advice) or not may_stop(trial.surface, reference):
                    raise
                elsewhere.add(trial.surface.name)
                continue
            if for_one and pair.first and not is_matrix(trial.surface):
                elsewhere.add(trial.surface.name)
            else:
                pairs.append(pair)
        if any(pair.first and pair.clear() for pair in pairs):
            break
    return pairs, elsewhere


def may_stop(surface, reference):
    """Whether the reference is about matrices, and theta is none on this surface."""
    about_matrices = all(trial.surface.shape for trial in trials(reference))
    return (about_matrices or is_blockwise(reference)) and not is_matrix(surface)


def is_matrix(surface):
    """Whether theta is one matrix on this surface."""
    return bool(surface.shape) and not isinstance(surface.shape[0], tuple)


def remarks(pair, mine, reference):
    """Yield what a learner may like to know of a step that is right."""
    (_, own), (_, usual) = map(signature_of, (mine, reference))
    for name in [name for name in usual if not alike(own[name], usual[name])]:
        if own[name] is not inspect.Parameter.empty:
            yield f"its usual {code(name)} is {text_of(own[name])}, there {usual[name]}"
    asked, enough = (run.evaluations[-1] // STEPS for run in (pair.mine, pair.ours))
    if asked > enough:
        yield f"it asks for {asked} gradients a step, where {enough} would do"
    for name, found in states(pair, STEPS, 0).items():
        if found != "right":
            yield f"its {code(name)} is kept in another form"


def compare_schedules(mine, reference, hint):
    """Say in what the two schedules agree; raise Advice where they do not."""
    if not callable(mine):
        raise Advice("This is a value; a schedule is wanted, a function of t and total.")
    runs = trials(reference)
    try:
        check_arguments(mine)
        wanted = np.shape(reference(1, TOTALS[0]))
        pairs = [Pair(run, run.walk(checked(mine, wanted))) for run in runs]
    except Exception as error:  # noqa: BLE001  whatever a learner's function raises is answered
        raise unfinished(mine) or explained(error, mine) from None
    if any(pair.first for pair in pairs):
        raise unfinished(mine) or parted(pairs, reference, hint)
    name, lengths = reference.__qualname__.split(".")[0], " and ".join(map(str, TOTALS))
    return f"Yes: the same as {name} at every step of runs of {lengths} steps, and past their end."


def check_arguments(mine):
    """Raise Advice unless `mine` can be called with t and total."""
    try:
        inspect.signature(mine).bind(1, TOTALS[0])
    except (TypeError, ValueError):
        raise Advice(
            f"{code(name_of(mine))} can't be called with two numbers. A schedule takes t, "
            "the step, and total, how many there are.",
            "wrong arguments",
        ) from None


def checked(schedule, wanted):
    """The schedule, with advice where its value is no number or has another shape than wanted."""

    def watched(t, total):
        try:
            value = schedule(t, total)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit and the like would end the kernel
            raise explained(error, schedule) from None
        at = f"At t = {t} of {total} it returns"
        if value is None or value is ...:
            raise Advice(
                f"{at} nothing. Does each way through it end in a return?", "returns nothing"
            )
        if callable(value):
            raise Advice(
                "It returns a function: is this what makes the schedule, still to be called "
                "with its own numbers?",
                "the maker itself",
            )
        if not is_number(value):
            raise Advice(f"{at} {text_of(value)}, which is no number.", "wrong type")
        if np.shape(value) != wanted:
            raise Advice(
                f"Its values have shape {np.shape(value)}. {wanted} is expected.", "wrong shape"
            )
        return value

    return watched


def parted(pairs, reference, hint, step=None):
    """Advice: where the walks part, by how much, and why, as far as it can be told.

    step: the learner's step, to be walked again; a schedule's values are all known.
    """
    wrong = [pair for pair in pairs if pair.first]
    pair = next((pair for pair in wrong if pair.clear()), wrong[0]) if step else wrong[0]
    where = pair.trial.where(pair.first[0])
    if all(other.trial.turned for other in wrong) and step:
        where = f"right with the usual knobs, but {where}"
    mistake, reason = why(pair, pairs, reference, step)
    move = f"{where[0].upper()}{where[1:]}{': your move' if step else ' it'} is"
    said = f"{move} {times(*pair.moves())}."
    return Advice(f"{said} {hint or reason if mistake is None else reason}".strip(), mistake)
