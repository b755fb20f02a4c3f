"""Walk a step down a surface. This is the only loop in the package."""

from copy import copy, deepcopy
from dataclasses import dataclass, replace
from functools import partial

import numpy as np

from lessons.signature import (
    check_count,
    check_knobs,
    check_surface,
    in_precision,
    signature_of,
    starting_points,
    unpacked,
    values_of,
)

NEEDED = {"hess": "its Hessian", "fisher": "its Fisher matrix", "factors": "Kronecker factors"}
DIVERGED = 1e6  # times the loss at the start, or times 1 where that is larger


@dataclass(frozen=True, eq=False)
class Trajectory:
    """A recorded walk: its points, losses and states, and the points where its step asked for more.

    theta: (N, *B, D), the N points that were kept, from the start on; B are the runs of a grid.
    loss: (N, *B). kept: (N,) their step numbers: 0, 1, 2, ..., T, or fewer with `every`.
    state: name -> list of N - 1 values, one after each kept step.
    grad_points, loss_points: T tuples, the points (*B, D) where a step asked for a gradient or a
    curvature, and where it asked for a loss. Where not every step was kept, each point is None.
    """

    theta: np.ndarray
    loss: np.ndarray
    state: dict
    grad_points: tuple
    loss_points: tuple
    kept: np.ndarray

    @property
    def diverged_at(self):
        """(*B,) integers: the first kept step with a loss beyond DIVERGED or not finite; or -1."""
        limit = DIVERGED * np.maximum(self.loss[0], 1)
        away = ~(np.isfinite(self.loss) & (self.loss <= limit))
        return np.where(away.any(axis=0), self.kept[away.argmax(axis=0)], -1)

    @property
    def evaluations(self):
        """(N,) integers: how many gradients and curvatures were asked for up to each kept step."""
        return np.cumsum([0, *map(len, self.grad_points)])[self.kept]

    @property
    def loss_evaluations(self):
        """(N,) integers: how often the step asked for a loss up to each kept step."""
        return np.cumsum([0, *map(len, self.loss_points)])[self.kept]


def descend(surface, step, start=None, steps=100, every=1, progress=None, **knobs):
    """Walk `steps` steps down `surface` by the rule `step`; return the Trajectory.

    start: (..., D); None: where the surface says. float32 stays float32, all else is float64.
    knobs: each a number, an array that broadcasts against (..., D) (lr of shape (9, 1) makes 9
    runs), or a schedule: a function (t, total).
    every: 10 keeps each 10th point and the last one only, so that a big grid fits in memory.
    progress: the name on a progress bar. With a bar, the stop button ends the walk early, and the
    steps walked so far are returned.
    A run that leaves for infinity is kept as it is: inf and nan stay in the record.
    Raises TypeError or ValueError, with advice, where an argument or a returned value is no use.
    """
    check_surface(surface, step)
    state, usual = signature_of(step)
    check_knobs(step, knobs, usual, state)
    check_count("steps", steps)
    check_count("every", every)
    with np.errstate(all="ignore"):
        turned = {name: values_of(name, knob, steps, usual[name]) for name, knob in knobs.items()}
        theta = starting_points(surface, start, knobs, turned)
        turned = {name: [in_precision(value, theta, usual[name]) for value in values]
                  for name, values in turned.items()}
        return _walk(surface, step, theta, steps, turned, state, every, progress)


def _walk(surface, step, theta, steps, turned, state, every, progress):
    values = [deepcopy(value) for value in state.values()]
    walked, grad_points, loss_points = (0, theta, values), [], []
    record, seen, probed = [_copied(walked)], [], []
    watch = partial(_watch, seen=seen, probed=probed, points=every == 1)
    still = surface.at is None and watch(surface)
    try:
        for t in _counted(steps, progress):
            seen.clear()
            probed.clear()
            now = still or watch(surface.at(t))
            result = step(now, theta, *values, **{name: v[t - 1] for name, v in turned.items()})
            theta, *values = unpacked(result, step, t, theta, list(state))
            grad_points.append(tuple(seen))
            loss_points.append(tuple(probed))
            walked = (t, theta, values)
            if t % every == 0:
                record.append(_copied(walked))
    except KeyboardInterrupt:
        if not progress:
            raise
    if walked[0] > record[-1][0]:
        record.append(walked)
    return _trajectory(surface, record, state, grad_points, loss_points)


def _trajectory(surface, record, state, grad_points, loss_points):
    """The Trajectory of what was kept: (t, theta, state) each."""
    kept, path, states = zip(*record)
    path, named = np.stack(path), dict(zip(state, map(list, zip(*states[1:]))))
    losses = _losses(surface, path)
    return Trajectory(path, losses, named, tuple(grad_points), tuple(loss_points), np.array(kept))


def _counted(steps, progress):
    """Count 1, 2, ..., steps, with a progress bar that disappears at the end."""
    ticks = range(1, steps + 1)
    if not progress:
        return ticks
    from lessons.widgets import bar  # with it comes a slow import

    return bar(ticks, progress)


def _watch(surface, seen, probed, points):
    """A copy of the surface that notes each point at which a step asks it for something.

    seen: notes of gradients and curvatures; probed: of losses. points: False notes None each time.
    """

    def noting(function, notes):
        def noted(theta, *more):
            notes.append(np.array(theta) if points else None)
            return function(theta, *more)

        return function and noted

    asked = ("grad", "hess", "hvp", "diagonal", "fisher", "factors")
    watched = {name: noting(getattr(surface, name), seen) for name in asked}
    missing = {name: _advice(surface, name) for name in NEEDED if watched[name] is None}
    return replace(surface, loss=noting(surface.loss, probed), **watched | missing)


def _advice(surface, name):
    """A function in the place of a curvature that the surface lacks, which raises TypeError."""

    def missing(theta):
        raise TypeError(f"this step asks for surface.{name} ({NEEDED[name]}), and "
                        f"{surface.name} has none")

    return missing


def _copied(walked):
    """(t, theta, state) as copies, which a step that works in place can't change."""
    t, theta, values = walked
    copies = [np.array(v) if isinstance(v, np.ndarray) else copy(v) for v in values]
    return t, theta.copy(), copies


def _losses(surface, path):
    """The loss of every point of a path, computed for a few steps at a time to fit in memory."""
    size = max(1, 2**17 // path[0].size)
    return np.concatenate([surface.loss(path[i : i + size]) for i in range(0, len(path), size)])
