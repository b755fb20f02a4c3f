"""Why a learner's walk parts from the reference's, as far as it can be told."""

import numpy as np

from lessons.check.formatting import code, times
from lessons.check.mistakes import wrong_steps
from lessons.check.sandbox import alike
from lessons.check.trials import STEPS, TOLERANCE, Pair, gap, trials, walk
from lessons.descend import descend
from lessons.signature import signature_of


def why(pair, pairs, more, step, reference):
    """(name of the mistake or None, what to say): of the state, a known mistake, or of any step.

    more: where else the walks part; what rounding blurs on one surface, another may show.
    """
    found = (
        no_memory(pair, step)
        or known_mistake(pair, step, reference)
        or general_mistake(pair, pairs, step)
    )
    if found[0] is None:
        known = (known_mistake(other, step, reference) for other in more if other is not pair)
        return next(filter(None, known), found)
    return found


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


def known_mistake(pair, step, reference):
    """(name, advice) of the mistake that walks as the step does: here, and in most other trials."""
    found = [
        (mistake, wrong)
        for mistake, wrong in wrong_steps(reference)
        if pair.walked_as(wrong) and not (mistake.undo and pair.parts(mistake.undo(step)))
    ]
    if not found:
        return None
    pairs = [other for other in all_pairs(step, reference) if other.first()]
    shares = [sum(other.walked_as(wrong) for other in pairs) for _, wrong in found]
    mistake, _ = found[int(np.argmax(shares))]
    return (mistake.name, mistake.advice) if 2 * max(shares) >= len(pairs) else None


def all_pairs(step, reference):
    for trial in trials(reference):
        try:
            yield Pair(trial, walk(step, trial), trial.ours)
        except Exception:  # noqa: BLE001  where it stops it can't be told
            continue


def general_mistake(pair, pairs, step):
    """What else can be told of any step; at least, which of its states are still right."""
    first, *_ = np.diff(pair.ours.theta, axis=0)
    if min(gap(pair.mine.theta[1], move).max() for move in (first, -first)) < TOLERANCE:
        return "returns the move alone", "Where is theta: is it the move alone that comes back?"
    turned = pair.trial.turned
    plain = next(p for p in pairs if p.trial.surface is pair.trial.surface)
    if turned and gap(pair.mine.theta, plain.mine.theta).max() < TOLERANCE:
        return "knob ignored", (
            f"The knob {code(turned)} changes nothing: is it used, or is there a number instead?"
        )
    if right_one_by_one(pair, step):
        return "joins all points", (
            "For one point alone it is right, for several at once it is not: does it join them, "
            "where it should go along the coordinates only?"
        )
    found = states(pair, *pair.first())
    parts = ", ".join(f"{code(name)} is {words}" for name, words in found.items())
    return None, parts and f"After that step {parts}."


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
    """{name: what it is beside ours} for states of the same name, after a step at a point."""
    found = {}
    for name in [name for name in pair.mine.state if name in pair.ours.state]:
        both = [run.state[name][step - 1] for run in (pair.mine, pair.ours)]
        try:
            mine, ours = (np.broadcast_to(np.array(s, float), pair.trial.start.shape) for s in both)
        except (TypeError, ValueError):  # kept in another form, a list, a matrix or None
            continue
        right = gap(mine, ours).max() < TOLERANCE
        found[name] = "right" if right else times(mine[point], ours[point])
    return found
