"""Say why a learner's walk parts from the reference's, as far as that can be told."""

import numpy as np

from lessons.check.formatting import code, times
from lessons.check.mistakes import wrong_schedules, wrong_steps
from lessons.check.sandbox import alike
from lessons.check.trials import STEPS, TOLERANCE, TOTALS, Pair, gap, trials
from lessons.descend import descend
from lessons.signature import signature_of

FEW = 3  # one of several mistakes in a schedule is known by so many steps after the parting


def why(pair, pairs, reference, step=None):
    """(name of the mistake or None, what to say) of the pair where the walks part.

    pairs: those walked so far. step: the learner's; None for a schedule, which has no state.
    """
    if step is None:
        known = known_mistake(pairs, wrong_schedules(reference))
        return known or general_mistake_of_a_schedule(pair, pairs, reference)
    if not repeats(pair, step):
        return "hidden state", (
            "The same start leads elsewhere the second time: what does it keep outside its state, "
            "or draw at random?"
        )
    every = [*pairs, *further_pairs(pairs, reference, step)]
    return (
        no_memory(pair, step)
        or known_mistake(every, wrong_steps(reference), step)
        or general_mistake(pair, pairs, step)
    )


def repeats(pair, step):
    """Whether a second walk of the step equals its first."""
    try:
        return np.array_equal(pair.trial.walk(step).theta, pair.mine.theta, equal_nan=True)
    except Exception:  # noqa: BLE001  it stops this time
        return False


def further_pairs(pairs, reference, step):
    """Yield the pairs that were not walked so far, where the step walks at all."""
    known = {pair.trial for pair in pairs}
    surfaces = {pair.trial.surface for pair in pairs}
    for trial in trials(reference):
        if trial not in known and trial.surface in surfaces:
            try:
                yield Pair(trial, trial.walk(step))
            except Exception:  # noqa: BLE001  where it stops it can't be told
                continue


def known_mistake(pairs, candidates, step=None):
    """(name, advice) of the mistake that walks as the learner's does on every trial; or None.

    Trials where the learner is right count too. Where two mistakes of different names fit, none
    is named, and none where all that is known is nan, unless undoing the mistake mends the step.
    """
    right, wrong = ([pair for pair in pairs if bool(pair.first) == is_wrong] for is_wrong in (0, 1))
    proved = [pair for pair in wrong if pair.proves()]
    pairs = [*(proved or wrong), *right]
    found = [
        row
        for row, mistaken in candidates
        if (proved or row.undo)
        and all(pair.walks_as(mistaken) for pair in pairs)
        and not (row.undo and step and parts(wrong[0].trial, row.undo(step)))
    ]
    names = {row.name for row in found}
    return (found[0].name, found[0].advice) if len(names) == 1 else None


def parts(trial, step):
    """Whether a step's walk parts from the reference's on a trial, or raises there."""
    try:
        return bool(Pair(trial, trial.walk(step)).first)
    except Exception:  # noqa: BLE001
        return True


def no_memory(pair, step):
    state = signature_of(step)[0]
    if pair.ours.state and not state:
        return "no memory", (
            "It remembers nothing: what it needs at the next step is state, which "
            "comes in after theta and goes back after theta."
        )
    for name, first in state.items():
        ours = pair.ours.state.get(name)
        constant = ours and all(alike(ours[0], later) for later in ours)
        if not constant and all(alike(first, later) for later in pair.mine.state[name]):
            return "old state returned", (
                f"{code(name)} comes back as it went in: where does its new value go?"
            )
    return None


def general_mistake(pair, pairs, step):
    """(name or None, what to say) of a mistake that any step can have."""
    first, *_ = np.diff(pair.ours.theta, axis=0)
    if min(gap(pair.mine.theta[1], move).max() for move in (first, -first)) < TOLERANCE:
        return "returns the move alone", "Where is theta: is it the move alone that comes back?"
    turned, here = pair.trial.turned, [p for p in pairs if p.trial.surface is pair.trial.surface]
    if turned and gap(pair.mine.theta, here[0].mine.theta).max() < TOLERANCE:
        return "knob ignored", (
            f"The knob {code(turned)} changes nothing: is it used, or is there a number instead?"
        )
    if right_one_by_one(pair, step):
        return "joins all points", (
            "For one point alone it is right, for several at once it is not: does it join them, "
            "where it should go along the coordinates only?"
        )
    found = states(pair, *pair.first)
    said = ", ".join(f"{code(name)} is {words}" for name, words in found.items())
    return None, said and f"After that step {said}."


def right_one_by_one(pair, step):
    trial = pair.trial
    try:
        alone = [
            descend(trial.surface, step, start=point, steps=STEPS, **trial.knobs).theta
            for point in trial.start
        ]
    except Exception:  # noqa: BLE001  it may need several points
        return False
    apart = gap(np.stack(alone, axis=1), pair.ours.theta).max(axis=-1)
    return bool((apart <= trial.tolerance).all())


def states(pair, step, point):
    """{name: how the learner's state compares with the reference's} after a step, at a point."""
    found = {}
    for name in [name for name in pair.mine.state if name in pair.ours.state]:
        both = [run.state[name][step - 1] for run in (pair.mine, pair.ours)]
        try:
            mine, ours = (np.broadcast_to(np.array(s, float), pair.trial.start.shape) for s in both)
        except Exception:  # noqa: BLE001  kept in another form, a list, a matrix or an object
            continue
        right = gap(mine, ours).max() < TOLERANCE
        found[name] = "right" if right else times(mine[point], ours[point])
    return found


def general_mistake_of_a_schedule(pair, pairs, reference):
    """(name or None, what to say) of a schedule's values, of runs in the order of TOTALS."""
    if not any(other.first and other.first[0] <= other.trial.total for other in pairs):
        return past_the_end(pairs)
    mine, ours = ([walk.theta[1:, 0] for walk in walks] for walks in zip(*(
        (other.mine, other.ours) for other in pairs
    )))
    if never_changes(mine) and not never_changes(ours):
        return "constant", "Does it change at all as t goes on?"
    if heeds_no_total(mine) and not heeds_no_total(ours):
        return "total ignored", "Does a run of another length change nothing?"
    return one_of_several(pair, reference)


def one_of_several(pair, reference):
    """The known mistake whose values agree longest with the learner's; None below FEW values."""
    found, longest = (None, ""), pair.first[0] + FEW
    for row, mistaken in wrong_schedules(reference):
        try:
            alike_until = Pair(pair.trial.by(mistaken), pair.mine).first[0]
        except Exception:  # noqa: BLE001  it stops there, or goes with the values to the end
            continue
        if alike_until > longest:
            found, longest = (row.name, row.advice), alike_until
    return found


def never_changes(runs):
    return all((values == values[0]).all() for values in runs)


def heeds_no_total(runs):
    values = np.array([values[: min(TOTALS)] for values in runs])
    return bool(np.isfinite(values).all() and (gap(*values) <= TOLERANCE).all())


def past_the_end(pairs):
    """What to say of a schedule that is right up to the end of a run, and wrong after it."""
    for pair in pairs:
        later = pair.mine.theta[pair.trial.total :]
        if (np.diff(later, axis=0) > 0).any():
            return "rises again past total", "Does it rise again when the run goes on?"
        if (later[1:] < 0).any():
            return "negative past total", "Does it fall below zero when the run goes on?"
    return "not level past total", "Does it stay where it is when the run goes on?"
