"""Read what a step declares in its signature, and check what descend is given for it.

Every error is advice: what was wrong, what is expected, and code that works when it is copied.
"""

import inspect

import numpy as np

from lessons.knobs import KNOBS

RESERVED = {"surface", "step", "start", "steps", "every", "progress"}  # descend's own arguments


def name_of(step):
    """The name of a function or of a partial of it; of any other object, the name of its class."""
    step = getattr(step, "func", step)
    return getattr(step, "__name__", type(step).__name__)


def signature_of(step):
    """({state: first value}, {knob: usual value}) of a step, read from its signature."""
    name, parameters = name_of(step), parameters_of(step) or ()
    mine = name if name.isidentifier() else "my_step"  # a lambda can't be defined by its name
    placed = [p for p in parameters if p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if len(placed) < 2:
        raise TypeError(
            f"{name} must take a surface and theta: def {mine}(surface, theta, *, lr=0.1)"
        )
    for p in placed[2:]:
        if p.default is p.empty:
            raise TypeError(
                f"{name}: {p.name!r} needs a first value, {p.name}=0.0, if it is state; "
                f"if it is a knob, it goes after a *: def {mine}(surface, theta, *, {p.name}=0.1)"
            )
    knobs = {p.name: p.default for p in parameters if p.kind is p.KEYWORD_ONLY}
    return {p.name: p.default for p in placed[2:]}, knobs


def parameters_of(function):
    """The parameters of a function, or None: some that are written in C do not tell theirs."""
    try:
        return list(inspect.signature(function).parameters.values())
    except (TypeError, ValueError):
        return None


def check_surface(surface, step):
    """Raise TypeError, with advice, unless there is a surface and a function in its place."""
    if not callable(getattr(surface, "grad", None)):
        if callable(getattr(step, "grad", None)):
            raise TypeError("the surface comes first: descend(surface, step)")
        name = getattr(surface, "__name__", None)
        hint = how_to_make_one(surface, name) if callable(surface) and name else ""
        raise TypeError(f"descend(surface, step) needs a surface; got {name or surface!r}{hint}")
    if not callable(step):
        raise TypeError(f"a step is a function (surface, theta, ...); got {step!r}")


def how_to_make_one(function, name):
    """Say how a surface comes of a function that was given in the place of one."""
    wanted = [p.name for p in parameters_of(function) or ()
              if p.default is p.empty and p.kind in (p.POSITIONAL_ONLY, p.POSITIONAL_OR_KEYWORD)]
    if not wanted:
        return f". If {name} makes one, call it: {name}()"
    if len(wanted) == 1:
        mine = name if name.isidentifier() else "loss"
        return f". If {name} is your loss, make one of it: Surface.of({mine})"
    return f". If {name} makes one, call it: {name}({', '.join(wanted)})"


def check_knobs(step, knobs, usual, state):
    """Raise TypeError, with advice, where a knob does not exist or has no value."""
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


def check_count(name, count, low=1, where=""):
    """Raise ValueError unless a count is one whole number, `low` or more."""
    whole = np.ndim(count) == 0 and np.asarray(count).dtype.kind in "iu"
    if not whole or count < low:
        raise ValueError(f"{name} must be a whole number, {low} or more; got {count!r}{where}")


def values_of(name, knob, steps, usual):
    """One value per step: a schedule is asked for every t from 1, anything else repeats.

    A knob that counts (its usual value is a whole number, as in knobs.py) counts from its low end;
    one that is usually True or False is one of these.
    """
    turned = callable(knob)
    counts = type(usual) is int and name in KNOBS and KNOBS[name].whole
    values = [knob(t, steps) for t in range(1, steps + 1)] if turned else [knob]
    for t, value in enumerate(values, 1):
        where = f" at step {t}" if turned else ""
        if counts:
            check_count(name, value, KNOBS[name].low, where)
        if isinstance(usual, bool) and (np.ndim(value) or value not in (True, False)):
            raise ValueError(f"{name} must be True or False; got {value!r}{where}")
        if not is_numbers(value):
            raise ValueError(
                f"{name} must be a finite number, an array of them, or a schedule, a function "
                f"(t, total) that returns one; got {value!r}{where}"
            )
    values = [np.asarray(v) for v in values]
    return values if turned else values * steps


def is_numbers(value):
    """Whether a value is a finite number, or an array or a list of at least one of them."""
    try:
        value = np.asarray(value)
    except (TypeError, ValueError, RuntimeError):  # a ragged list, a tensor with a gradient
        return False
    return value.dtype.kind in "biuf" and value.size > 0 and bool(np.isfinite(value).all())


class Float64(np.float64):
    """A knob that is one number: a Python float, with NumPy's powers of an array.

    A float, so that lr * tensor works in torch. NumPy rounds beta**t differently for a number and
    for an array, and a grid of runs has to equal a loop of runs to the last bit.
    """

    def __pow__(self, exponent):
        return np.asarray(self) ** exponent

    def __rpow__(self, number):
        return number ** np.asarray(self)


class Float32(np.float32):
    """As Float64, where theta is float32: NumPy widens float32 times a float64 to float64."""

    __pow__, __rpow__ = Float64.__pow__, Float64.__rpow__


def in_precision(value, theta, usual):
    """A knob's value as a step gets it: a Float32 or a Float64, or an array in theta's precision.

    One whole number stays an int, unless the knob's usual value is a fraction.
    """
    if value.ndim == 0 and value.dtype.kind in "biu" and not isinstance(usual, float):
        return value.item()
    if value.ndim:
        return value.astype(theta.dtype)
    return Float32(value) if theta.dtype == np.float32 else Float64(value)


def starting_points(surface, start, knobs, values):
    """The start as a fresh array (*B, D), B the grid that start, knobs and noise span together.

    values: for each knob, its value at every step.
    """
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
    for name, knob in knobs.items():
        for other in {np.shape(value) for value in values[name]}:
            cure = one_run_each(name, knob, other, len(shape))
            shape = spanned(shape, other, name, f"For one run per value, {cure}")
    if surface.at is not None:
        noise = surface.at(1).grad(theta.reshape(-1, dim)[0]).shape
        given = {"start": start} | knobs
        cures = [f"{name}={array(name, knob)}[..., {'None, ' * (len(noise) - 1)}:]"
                 for name, knob in given.items() if np.ndim(knob) > 1]
        cure = f"For every run in every noise, write {' and '.join(cures)}"
        shape = spanned(shape, noise, "the noise", cure)
    return np.broadcast_to(theta, shape).copy()


def one_run_each(name, knob, shape, axes):
    """Say how a knob of this shape gets one run per value, beside points with so many axes."""
    wider = (*np.trim_zeros(np.array(shape) - 1, "b") + 1, *[1] * axes)
    if callable(knob):
        return f"let the schedule return values of shape {tuple(map(int, wider))}"
    axes = len(wider) - len(shape)
    old = ":" if np.ndim(knob) == 1 else "..."
    return f"write {array(name, knob)}[{old}{', None' * axes}]"


def array(name, value):
    """The code of the array called `name`, which may have been given as a list or a tuple."""
    return name if isinstance(value, np.ndarray) else f"np.array({name})"


def spanned(shape, other, name, cure):
    """The shape of the grid that points of one shape and values of another span together."""
    try:
        both = np.broadcast_shapes(shape, other)
    except ValueError:
        both = ()
    if both[-1:] != shape[-1:]:
        raise ValueError(
            f"{name} of shape {other} does not fit points of shape {shape}: the last axis belongs "
            f"to the coordinates. {cure}"
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
