"""Why a learner's walk parts from the reference's, as far as it can be told."""

import numpy as np

from lessons import steps
from lessons.check.mistakes import MISTAKES, mistaken
from lessons.check.walks import STEPS, TOLERANCE, gap
from lessons.check.words import code, times
from lessons.arguments import signature_of
from lessons.descend import descend


def why(pair, pairs, mine, reference):
    """What is wrong with the state, or a known mistake, or what can go wrong in any step."""
    return (
        no_memory(pair, mine) or known_mistake(pair, pairs, reference)
        or general_mistake(pair, pairs, mine)
    )


def no_memory(pair, mine):
    state = signature_of(mine)[0]
    if pair.ours.state and not state:
        begin = code(f"theta, {next(iter(pair.ours.state))}=0.0, *")
        return f"It remembers nothing: take state after theta, {begin}, and return it after theta."
    for name, first in state.items():
        if all(np.array_equal(first, later) for later in pair.mine.state[name]):
            return f"{code(name)} comes back as it went in: return its new value."
    return ""


def known_mistake(pair, pairs, reference):
    """The advice for the mistake that walks as `mine` does: in this trial, and in most others."""
    if getattr(steps, reference.__name__, None) is not reference:
        return ""
    found = {}
    for advice, changes in MISTAKES.get(reference.__name__, []):
        wrong = mistaken(reference, changes)
        if pair.walked_as(wrong):
            found[advice] = sum(other.walked_as(wrong) for other in pairs)
    return max(found, key=found.get, default="")


def general_mistake(pair, pairs, mine):
    """What else can be told of any step; at least, which of its states are still right."""
    first, *_ = np.diff(pair.ours.theta, axis=0)
    if min(gap(pair.mine.theta[1], move).max() for move in (first, -first)) < TOLERANCE:
        return "It returns the move alone; return the new point, theta with the move."
    turned, plain = pair.trial.turned, next(p for p in pairs if p.on_the_surface_of(pair))
    if turned and gap(pair.mine.theta, plain.mine.theta).max() < TOLERANCE:
        return f"The knob {code(turned)} changes nothing: is there a number in its place?"
    if right_one_by_one(pair, mine):
        return (
            "For one point alone it is right, for several at once it is not: sum along the "
            "coordinates only, with axis=-1 and keepdims=True."
        )
    found = states(pair, *pair.first())
    parts = ", ".join(f"{code(name)} is {words}" for name, words in found.items())
    return parts and f"After that step {parts}."


def right_one_by_one(pair, mine):
    trial = pair.trial
    alone = [
        descend(trial.surface, mine, start=point, steps=STEPS, **trial.knobs).theta
        for point in trial.start
    ]
    return gap(np.stack(alone, axis=1), pair.ours.theta).max() < TOLERANCE


def states(pair, step, point):
    """{name: what it is beside ours} for states of the same name, after a step at a point."""
    found = {}
    for name in [name for name in pair.mine.state if name in pair.ours.state]:
        both = [run.state[name][step - 1] for run in (pair.mine, pair.ours)]
        try:
            mine, ours = (np.broadcast_to(np.array(s, float), pair.trial.start.shape) for s in both)
        except (TypeError, ValueError):  # kept in another form, a list or None
            continue
        right = gap(mine, ours).max() < TOLERANCE
        found[name] = "right" if right else times(mine[point], ours[point])
    return found
