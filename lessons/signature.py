"""What a step declares in its signature, what descend is given; advice where it is no use."""

import inspect

import numpy as np

RESERVED = {"surface", "step", "start", "steps", "every", "progress"}  # descend's own arguments


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


def check_surface(surface, step):
    if not callable(getattr(surface, "grad", None)):
        if callable(getattr(step, "grad", None)):
            raise TypeError("the surface comes first: descend(surface, step)")
        name = getattr(surface, "__name__", None)
        hint = f". If {name} makes one, call it: {name}()" if name else ""
        raise TypeError(f"descend(surface, step) needs a surface; got {name or surface!r}{hint}")
    if not callable(step):
        raise TypeError(f"a step is a function (surface, theta, ...); got {step!r}")


def check_knobs(step, knobs, usual, state):
    name, known = name_of(step), ", ".join(usual) or "none"
    for knob in RESERVED & usual.keys():
        raise TypeError(f"{name}: {knob!r} is an argument of descend; call the knob something else")
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


def check_count(name, count):
    if isinstance(count, bool) or not isinstance(count, (int, np.integer)) or count < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more; got {count!r}")


def values_of(name, knob, steps):
    """One value per step: a schedule is asked for every t from 1, anything else repeats."""
    turned = callable(knob)
    values = [knob(t, steps) for t in range(1, steps + 1)] if turned else [knob]
    for t, value in enumerate(values, 1):
        if not is_numbers(value):
            where = f" at step {t}" if turned else ""
            raise ValueError(
                f"{name} must be a finite number, an array of them, or a schedule, a function "
                f"(t, total) that returns one; got {value!r}{where}"
            )
    values = [np.asarray(v) for v in values]  # NumPy rounds float**t and array**t differently
    return values if turned else values * steps


def is_numbers(value):
    if isinstance(value, (int, float)):
        return np.isfinite(value)
    try:
        value = np.asarray(value)
    except ValueError:  # a list of lists of unequal lengths
        return False
    return value.dtype.kind in "biuf" and value.size > 0 and np.isfinite(value).all()


def starting_points(surface, start, knobs):
    """The start as a fresh array (*B, D), B the grid that start, knobs and noise span together."""
    dim = surface.dim
    start = surface.start if start is None else start
    if not is_numbers(start):
        raise ValueError(f"start must be finite numbers of shape (..., {dim}); got {start!r}")
    theta = np.asarray(start)
    theta = theta if theta.dtype == np.float32 else theta.astype(float)
    if theta.shape[-1:] != (dim,):
        raise ValueError(
            f"{surface.name} has {dim} coordinates, so start has shape (..., {dim}); "
            f"got shape {theta.shape}"
        )
    shape = theta.shape
    for name, value in knobs.items():
        shape = spanned(shape, np.shape(value), name, f"{name}[:, None]")
    if surface.at is not None:
        noise = surface.at(1).grad(theta.reshape(-1, dim)[0])
        shape = spanned(shape, noise.shape, "the noise", "start[:, None]")
    return np.broadcast_to(theta, shape).copy()


def spanned(shape, other, name, cure):
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


def unpacked(result, step, t, theta, state):
    """[theta, *state] as the step returned them; theta fresh, in the precision of the old one."""
    shape = theta.shape

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
        values[0] = np.array(values[0], theta.dtype)
    except (TypeError, ValueError):
        raise useless(TypeError, f"a {type(values[0]).__name__}") from None
    if values[0].shape != shape:
        raise useless(ValueError, f"theta of shape {values[0].shape}")
    return values
