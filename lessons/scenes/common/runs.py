"""Runs of rivals with one budget, and what can be said about them; nothing here draws."""
import inspect
from dataclasses import replace
from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.knobs import knob

LRS = np.geomspace(knob("lr").low, knob("lr").high, 41)


def walk(surface, step, start, budget, lr):
    """theta and loss after 0, 1, ..., budget gradient evaluations; the step it diverged at; the error.

    A rival that looks twice per step makes half as many steps; one that never looks pays for one
    look per step. One that raises has a path of nan and says why, or that it is not written yet.
    """
    try:
        run = descend(surface, step, start, budget, lr=lr)
    except NotImplementedError:
        problem = "not written yet"
    except Exception as error:      # it is the learner's function: anything may happen
        problem = f"{type(error).__name__}: {error}"
    else:
        spent = np.maximum(run.evaluations, np.arange(budget + 1))
        frames = np.searchsorted(spent, np.arange(budget + 1), "right") - 1
        run = replace(run, theta=run.theta[frames], loss=run.loss[frames])
        return run.theta, run.loss, run.diverged_at, ""
    nowhere = np.full((budget + 1, len(start)), np.nan)
    return nowhere, nowhere[:, 0], np.array(-1), problem


def sweep(surface, step, start, budget, target):
    """Which of LRS bring the loss to `target` and do not run away, and which ends lowest."""
    loss = walk(surface, step, start, budget, LRS[:, None])[1]
    alone = walk(surface, step, start, budget, LRS[20])[1]
    if loss.ndim < 2 or not np.allclose(loss[:, 20], alone, equal_nan=True):
        # a learner's step need not work for a whole grid at once
        loss = np.stack([walk(surface, step, start, budget, lr)[1] for lr in LRS], -1)
    last = np.where(np.isfinite(loss[-1]), loss[-1], np.inf)
    best = LRS[last.argmin()] if np.isfinite(last).any() else None
    reached = (np.nan_to_num(loss, nan=np.inf).min(0) <= target) & np.isfinite(last)
    return dict(reached=reached, best=best, low=last.min())


def until_gone(theta, window):
    """A path (T+1, D) that ends one step after it was last seen in the window, then nan."""
    low, high = np.transpose(window)
    seen = np.flatnonzero(((theta >= low) & (theta <= high)).all(-1))
    steps = np.arange(len(theta))[:, None]
    return np.where(steps <= (seen[-1] if len(seen) else 0) + 1, theta, np.nan)


def notes(lr, loss, target, diverged, problem):
    """A rival's line in the legend, for each step."""
    if problem:
        return [problem]
    there = np.flatnonzero(loss <= target)
    first = there[0] if len(there) else len(loss)
    lines = []
    for t, now in enumerate(loss):
        end = f", target at {first}" if t >= first else ""
        gone = 0 < diverged <= t
        said = f"diverged at step {diverged}" if gone else f"loss {now:.2g}{end}"
        lines.append(f"lr {lr:.3g}: {said}")
    return lines


def gone(name, diverged, steps):
    """What the map says of a rival at each step: that it has diverged, from then on."""
    return [f"{name}: diverged at step {diverged}" if 0 < diverged <= t else ""
            for t in range(steps + 1)]


def corner(row):
    """Where on a map that stands, as fractions of its axes: a row for each rival."""
    return [0.02, 0.95 - 0.06 * row]


def over_time(values):
    """(T+1,) -> (T+1, 2), the points of a curve over gradient evaluations."""
    return np.stack([np.arange(len(values)), values], -1)


def own(name):
    """The knob for one rival's own learning rate."""
    return f"lr of {name}"


def with_knob(step, name, value):
    """The step with that knob turned, where it has one."""
    return partial(step, **{name: value}) if name in inspect.signature(step).parameters else step


def effective(theta, gradients, least=0.0):
    """(T+1,): how far each move went per gradient; nan where that was no larger than `least`."""
    with np.errstate(all="ignore"):
        rate = np.where(np.abs(gradients) > least, (theta[:-1] - theta[1:]) / gradients, np.nan)
    return np.concatenate([rate[:1], rate])
