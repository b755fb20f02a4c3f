"""Walk a step down a surface. This is the only loop in the package."""

import inspect
from copy import copy, deepcopy
from dataclasses import dataclass, replace

import numpy as np

DIVERGED = 1e6  # times the loss at the start, or times 1 where that is larger


@dataclass(frozen=True, eq=False)
class Trajectory:
    """What happened on the way: every point, every loss, every state, and where the step looked.

    theta: (T + 1, *B, D), from the start on; B are the runs of a grid. loss: (T + 1, *B).
    state: name -> list of T values, each as it stood after its step.
    looks: T tuples, the points (*B, D) where the step asked for a slope or a Hessian.
    """

    theta: np.ndarray
    loss: np.ndarray
    state: dict
    looks: tuple

    @property
    def diverged_at(self):
        """(*B,) integers: the first step whose loss is not finite or beyond DIVERGED; -1: none."""
        limit = DIVERGED * np.maximum(self.loss[0], 1)
        away = ~(np.isfinite(self.loss) & (self.loss <= limit))
        return np.where(away.any(axis=0), away.argmax(axis=0), -1)

    @property
    def evaluations(self):
        """(T + 1,) integers: how many slopes and Hessians were asked for up to each step."""
        return np.cumsum([0, *map(len, self.looks)])


def descend(surface, step, start=None, steps=100, **knobs):
    """Walk `steps` steps down `surface` by the rule `step`; return the Trajectory.

    start: (..., D); None: where the surface says. knobs: each a number, an array that broadcasts
    against (..., D) (lr of shape (9, 1) makes 9 runs), or a schedule: a function (t, total).
    A run that leaves for infinity is kept as it is: inf and nan stay in the record.
    Raises TypeError or ValueError, with advice, where an argument or a returned value is no use.
    """
    _check_surface(surface, step)
    state, usual = signature_of(step)
    _check_knobs(step, knobs, usual, state)
    if isinstance(steps, bool) or not isinstance(steps, (int, np.integer)) or steps < 1:
        raise ValueError(f"steps must be a whole number, 1 or more; got {steps!r}")
    with np.errstate(all="ignore"):
        turned = {name: _values_of(name, knob, steps) for name, knob in knobs.items()}
        theta = _starting_points(surface, start, {name: v[0] for name, v in turned.items()})
        return _walk(surface, step, theta, steps, turned, state)


def _walk(surface, step, theta, steps, turned, state):
    path = np.empty((steps + 1, *theta.shape))
    path[0] = theta
    record, looks, seen = {name: [] for name in state}, [], []
    values = [deepcopy(value) for value in state.values()]
    watched = _watch(surface, seen)
    for t in range(1, steps + 1):
        now = watched if surface.at is None else _watch(surface.at(t), seen)
        result = step(now, theta, *values, **{name: v[t - 1] for name, v in turned.items()})
        theta, *values = _unpacked(result, step, t, path.shape[1:], list(state))
        path[t] = theta
        for kept, value in zip(record.values(), values):
            kept.append(np.array(value) if isinstance(value, np.ndarray) else copy(value))
        looks.append(tuple(seen))
        seen.clear()
    return Trajectory(path, _losses(surface, path), record, tuple(looks))


def _watch(surface, seen):
    """The same surface, which notes in `seen` every point where its slope or Hessian is asked."""

    def noting(function):
        def noted(theta):
            seen.append(np.array(theta, float))
            return function(theta)

        return function and noted

    return replace(surface, grad=noting(surface.grad), hess=noting(surface.hess))


def _losses(surface, path):
    """The loss of every point of a path, a few steps at a time: a big surface fits in memory."""
    size = max(1, 2**17 // path[0].size)
    return np.concatenate([surface.loss(path[i : i + size]) for i in range(0, len(path), size)])


# What the arguments mean, and advice where they mean nothing


def name_of(step):
    step = getattr(step, "func", step)  # a partial has no name of its own
    return getattr(step, "__name__", type(step).__name__)


def signature_of(step):
    """({state: first value}, {knob: usual value}) of a step, read from its signature."""
    name, parameters = name_of(step), list(inspect.signature(step).parameters.values())
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(placed) < 2:
        raise TypeError(
            f"{name} must take a surface and theta: def {name}(surface, theta, *, lr=0.1)"
        )
    for p in placed[2:]:
        if p.default is p.empty:
            raise TypeError(
                f"{name}: {p.name!r} needs a first value, {p.name}=0.0, if it is state; "
                f"if it is a knob, it goes after a *: def {name}(surface, theta, *, {p.name}=0.1)"
            )
    knobs = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    return {p.name: p.default for p in placed[2:]}, knobs


def _check_surface(surface, step):
    if not callable(getattr(surface, "grad", None)):
        if callable(getattr(step, "grad", None)):
            raise TypeError("the surface comes first: descend(surface, step)")
        name = getattr(surface, "__name__", None)
        hint = f". If {name} makes one, call it: {name}()" if name else ""
        raise TypeError(f"descend(surface, step) needs a surface; got {name or surface!r}{hint}")
    if not callable(step):
        raise TypeError(f"a step is a function (surface, theta, ...); got {step!r}")


def _check_knobs(step, knobs, usual, state):
    name, known = name_of(step), ", ".join(usual) or "none"
    for knob in knobs:
        if knob in state:
            raise TypeError(
                f"{knob!r} stands before the * of {name}, so it is state; its knobs are {known}"
            )
        if knob not in usual:
            raise TypeError(f"{name} has no knob {knob!r}; its knobs are {known}")
    for knob, value in usual.items():
        if value is inspect.Parameter.empty and knob not in knobs:
            raise TypeError(f"{name} needs a value for its knob {knob!r}: descend(..., {knob}=0.1)")


def _values_of(name, knob, steps):
    """One value per step: a schedule is asked for every t from 1, anything else repeats."""
    turned = callable(knob)
    values = [knob(t, steps) for t in range(1, steps + 1)] if turned else [knob]
    for t, value in enumerate(values, 1):
        if not _is_numbers(value):
            where = f" at step {t}" if turned else ""
            raise ValueError(
                f"{name} must be a finite number, an array of them, or a schedule, a function "
                f"(t, total) that returns one; got {value!r}{where}"
            )
    values = [np.asarray(v) for v in values]  # NumPy rounds float**t and array**t differently
    return values if turned else values * steps


def _is_numbers(value):
    if isinstance(value, (int, float)):
        return np.isfinite(value)
    try:
        value = np.asarray(value)
    except ValueError:  # a list of lists of unequal lengths
        return False
    return value.dtype.kind in "biuf" and value.size > 0 and np.isfinite(value).all()


def _starting_points(surface, start, knobs):
    """The start as a fresh array (*B, D), B the grid that start, knobs and noise span together."""
    dim = surface.dim
    start = surface.start if start is None else start
    if not _is_numbers(start):
        raise ValueError(f"start must be finite numbers of shape (..., {dim}); got {start!r}")
    theta = np.asarray(start, float)
    if theta.shape[-1:] != (dim,):
        raise ValueError(
            f"{surface.name} has {dim} coordinates, so start has shape (..., {dim}); "
            f"got shape {theta.shape}"
        )
    shape = theta.shape
    for name, value in knobs.items():
        shape = _spanned(shape, np.shape(value), name, f"{name}[:, None]")
    if surface.at is not None:
        noise = surface.at(1).grad(theta.reshape(-1, dim)[0])
        shape = _spanned(shape, noise.shape, "the noise", "start[:, None]")
    return np.broadcast_to(theta, shape).copy()


def _spanned(shape, other, name, cure):
    """The shape of the grid that points of one shape and values of another span together."""
    try:
        both = np.broadcast_shapes(shape, other)
    except ValueError:
        both = ()
    if both[-1:] != shape[-1:]:
        raise ValueError(
            f"{name} of shape {other} does not fit points of shape {shape}: the last axis belongs "
            f"to the coordinates. For one run per value, write {cure}"
        )
    return both


def _unpacked(result, step, t, shape, state):
    """[theta, *state] as the step returned them, with theta a fresh array of floats."""

    def useless(kind, got, by=""):
        wanted = f"{by}{', '.join(['theta', *state])}, with theta an array of shape {shape}"
        return kind(f"{name_of(step)} returned {got} at step {t}; it should return {wanted}")

    if result is None:
        raise useless(TypeError, "None, as a function without a return does,")
    values = list(result) if isinstance(result, tuple) else [result]
    if len(values) != 1 + len(state):
        count = f"{len(values)} value" + "s" * (len(values) != 1)
        raise useless(ValueError, count, f"{1 + len(state)}, by its signature: ")
    try:
        values[0] = np.array(values[0], float)
    except (TypeError, ValueError):
        raise useless(TypeError, f"a {type(values[0]).__name__}") from None
    if values[0].shape != shape:
        raise useless(ValueError, f"theta of shape {values[0].shape}")
    return values
