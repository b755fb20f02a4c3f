"""Runs of rivals with one budget, and what can be said about them; nothing here draws."""
import inspect
from dataclasses import replace
from functools import partial, wraps
from textwrap import indent
from typing import NamedTuple

import numpy as np

from lessons.descend import Trajectory, descend
from lessons.knobs import knob
from lessons.scenes.common.prints import listening
from lessons.signature import name_of

SHARED, OWN, BEST = "one for all", "each its own", "each at its best"     # learning rates
LRS = np.geomspace(knob("lr").low, knob("lr").high, 41)


class Attempt(NamedTuple):
    """How one rival fared with a budget of gradient evaluations.

    run: its Trajectory, step by step; None if it raised. theta, loss: the same after 0, 1, ...,
    `budget` evaluations; nan if it raised. diverged: at which evaluation, or -1. error: what it
    raised, or None; short: the same in a few words, or "". printed: the text that it printed.
    """

    run: Trajectory | None
    theta: np.ndarray
    loss: np.ndarray
    diverged: np.ndarray
    error: Exception | None
    short: str
    printed: str


def attempt(surface, step, start, budget, lr):
    """Walk a rival, which may be a learner's own function and so may raise or print anything.

    A step that asks for two gradients makes half as many moves; a step that asks for none pays for
    one gradient per move.
    """
    calls = []

    @wraps(step)
    def counted(*args, **knobs):
        calls.append(1)
        return step(*args, **knobs)

    counted.__name__ = name_of(step)        # a partial has none, and messages need one
    run = error = None
    with listening() as printed:
        try:
            run = descend(surface, counted, start, budget, lr=lr)
        except Exception as raised:
            error = raised
    if run is None:
        at, nowhere = len(calls), np.full((budget + 1, len(start)), np.nan)
        short = f"raised {type(error).__name__} " + (f"at step {at}" if at else "before step 1")
        if isinstance(error, NotImplementedError):
            short = "not written yet"
        return Attempt(None, nowhere, nowhere[:, 0], np.array(-1), error, short, str(printed))
    spent = np.maximum(run.evaluations, np.arange(budget + 1))
    frames = np.searchsorted(spent, np.arange(budget + 1), "right") - 1
    paid = replace(run, theta=run.theta[frames], loss=run.loss[frames])
    return Attempt(run, paid.theta, paid.loss, paid.diverged_at, None, "", str(printed))


def notice(tried):
    """What rivals raised and printed, in full, for a scene's message. tried: name -> Attempt."""
    said = [f"{name} {one.short}: {one.error}".removesuffix(": ") for name, one in tried.items()
            if one.error]
    said += [f"{name} printed:\n{indent(one.printed, '    ')}" for name, one in tried.items()
             if one.printed]
    return "\n".join(said)


def best_lr(surface, step, start, budget):
    """Of LRS the learning rate that ends lowest, or None where all runs left for infinity."""
    def losses(lr):
        return attempt(surface, step, start, budget, lr).loss

    loss = losses(LRS[:, None])
    if loss.ndim < 2 or not np.allclose(loss[:, 20], losses(LRS[20]), equal_nan=True):
        # a learner's step need not work for a whole grid at once
        loss = np.stack([losses(lr) for lr in LRS], -1)
    last = np.where(np.isfinite(loss[-1]), loss[-1], np.inf)
    return LRS[last.argmin()] if np.isfinite(last).any() else None


def until_gone(theta, window):
    """A path (T+1, D) that ends one step after it was last seen in the window, then nan."""
    low, high = np.transpose(window)
    seen = np.flatnonzero(((theta >= low) & (theta <= high)).all(-1))
    steps = np.arange(len(theta))[:, None]
    return np.where(steps <= (seen[-1] if len(seen) else 0) + 1, theta, np.nan)


def notes(lr, loss, target, diverged, problem):
    """The text beside a rival's name in the legend, for each step; `problem` in its place."""
    if problem:
        return [problem]
    there = np.flatnonzero(loss <= (-np.inf if target is None else target))
    first = there[0] if len(there) else len(loss)
    lines = []
    for t, now in enumerate(loss):
        end = f", target at {first}" if t >= first else ""
        gone = 0 < diverged <= t
        said = f"diverged at step {diverged}" if gone else f"loss {now:.2g}{end}"
        lines.append(f"lr {lr:.3g}: {said}")
    return lines


def gone(name, diverged, steps):
    """The text on the map, for each step: that the rival has diverged, from that step on."""
    return [f"{shortened(name)}: diverged at step {diverged}" if 0 < diverged <= t else ""
            for t in range(steps + 1)]


def corner(row):
    """Position (x, y) of rival number `row`'s "diverged" label, in fractions of the axes."""
    return [0.02, 0.95 - 0.06 * row]


def shortened(name, most=20):
    """A name that fits beside an axis or on a map; the legend has it in full."""
    return name if len(name) <= most else name[: most - 1] + "…"


def over_time(values):
    """(T+1,) -> (T+1, 2), the points of a curve over gradient evaluations."""
    return np.stack([np.arange(len(values)), values], -1)


def own(name):
    """The name of the knob for one rival's own learning rate."""
    return f"lr of {name}"


def with_knob(step, name, value):
    """The step with a knob set to `value`; the step itself if it has no such knob."""
    return partial(step, **{name: value}) if name in inspect.signature(step).parameters else step


def effective(theta, gradients, least=0.0):
    """(T+1,): how far each move went per unit of gradient; nan where |gradient| <= `least`."""
    with np.errstate(all="ignore"):
        rate = np.where(np.abs(gradients) > least, (theta[:-1] - theta[1:]) / gradients, np.nan)
    return np.concatenate([rate[:1], rate])


def usual_lr(name, step):
    """The learning rate in a step's signature. Raises TypeError for a step that has none."""
    row = inspect.signature(step).parameters.get("lr")
    if row is None or row.default is row.empty:
        raise TypeError(f"{name} can't race: its step needs a knob lr with a usual value, as in "
                        "def step(surface, theta, *, lr=0.1)")
    return row.default


def on_map(surface, theta, loss=None):
    """Points (..., 2) on the map: theta itself; in one dimension (theta, loss), on the curve."""
    theta = np.asarray(theta, float)
    loss = surface.loss(theta) if loss is None else loss
    return theta if surface.dim == 2 else np.stack([theta[..., 0], loss], -1)


def side_by_side(rules):
    """A step that makes the moves of several rules: one walk costs less than four.

    theta: (rules, ..., D). lr: a row of learning rates for each of the rules.
    """
    def step(surface, theta, states=None, *, lr):
        moved = [rule(surface, at, *state, lr=mine) for rule, at, state, mine
                 in zip(rules, theta, states or [()] * len(rules), lr)]
        moved = [move if isinstance(move, tuple) else (move,) for move in moved]
        return np.stack([at for at, *_ in moved]), [state for _, *state in moved]

    return step
