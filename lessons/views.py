"""Views change how a landscape is seen: each takes a Surface and returns another Surface.

(What changes how we move is a step.) Views stack: clipped(noisy(ravine(), 0.5), 1.0) clips
gradients with noise. A network's own functions (test_loss, accuracy, top_eigenvalue, first) stay as
they are.
"""

from dataclasses import replace
from functools import lru_cache
from math import cos, radians, sin

import numpy as np


def noisy(surface, sigma, seed=0, runs=None):
    """The surface with noise: each gradient has a normal error of standard deviation sigma.

    The error depends on (seed, t) only, so that all runs of a grid and all rivals of a race meet
    the same one. surface.at(t) has it; surface itself, the loss and the curvature stay exact.
    seed: a number, or a sequence of S of them: errors of shape (S, D), for S runs in one call.
    runs: so many runs from the one generator of (seed, t), errors of shape (runs, D): for hundreds
    of runs much quicker than as many seeds. Run k is the same for any number of runs beyond k.
    """

    seeds = np.atleast_1d(seed)
    if not seeds.size:
        raise ValueError(f"seed must be a number or a sequence of them; got {seed!r}")
    if runs is not None and seeds.size > 1:
        raise ValueError(f"give one seed with runs={runs}, or {seeds.size} seeds without runs")
    grid = np.shape(seed) if runs is None else (runs,)

    @lru_cache(maxsize=1024)  # rivals meet the same step again
    def weather(t):
        draws = [np.random.default_rng((s, t)).standard_normal((runs or 1) * surface.dim)
                 for s in seeds]
        return sigma * np.reshape(draws, (*grid, surface.dim))

    def at(t):
        now = _at(surface, t)

        def grad(theta):
            g = now.grad(theta)
            return g + weather(t).astype(g.dtype)

        return replace(now, grad=grad)

    return replace(surface, name=f"{surface.name}, gradient noise {sigma:g}", at=at)


def clipped(surface, norm):
    """The surface with its gradients shortened to the length `norm`; shorter ones stay as they are.

    As torch.nn.utils.clip_grad_norm_: gradient g becomes g min(1, norm / (|g| + 1e-6)). As there an
    infinite gradient becomes nan, and one whose square overflows becomes 0.
    Loss and curvature stay exact. Source: Pascanu, Mikolov & Bengio 2013. arXiv:1211.5063.
    Raises ValueError for a norm that is not above 0.
    """
    _check_threshold("norm", norm)

    def grad(theta):
        g = surface.grad(theta)
        return g * np.minimum(1, norm / (_length(g) + 1e-6))

    name = f"{surface.name}, gradient clipped at {norm:g}"
    return _through(surface, lambda now: clipped(now, norm), name=name, grad=grad)


def clipped_by_value(surface, value):
    """The surface with each number of its gradients kept between -value and value.

    As torch.nn.utils.clip_grad_value_; the direction of a gradient may turn. Loss and curvature
    stay exact. Raises ValueError for a value that is not above 0.
    """
    _check_threshold("value", value)

    def grad(theta):
        return np.clip(surface.grad(theta), -value, value)

    name = f"{surface.name}, gradient clipped by value at {value:g}"
    return _through(surface, lambda now: clipped_by_value(now, value), name=name, grad=grad)


def spiked(surface, size, when):
    """The surface with one bad batch: the gradient of step `when` is `size` times as long."""

    def at(t):
        now = _at(surface, t)
        return replace(now, grad=lambda theta: size * now.grad(theta)) if t == when else now

    return replace(surface, name=f"{surface.name}, gradient times {size:g} at step {when}", at=at)


def sharpness_aware(surface, rho):
    """The surface whose gradient is read rho uphill: on it any step becomes its SAM form.

    The gradient at theta is the surface's at theta + rho g / |g|, with g its gradient at theta and
    the norm over all coordinates; on mini-batches both are of the same batch. Loss and curvature
    stay exact. One gradient costs two of the wrapped surface's, and descend counts one.
    Source: Foret, Kleiner, Mobahi & Neyshabur 2021, ICLR. arXiv:2010.01412.
    """

    def grad(theta):
        g = surface.grad(theta)
        climb = rho * g / (_length(g) + 1e-12)
        return surface.grad(theta + climb)

    name = f"{surface.name}, sharpness-aware within {rho:g}"
    return _through(surface, lambda now: sharpness_aware(now, rho), name=name, grad=grad)


def hutchinson(surface, seed=0):
    """The surface with a diagonal of its Hessian H that costs no more than a gradient: u * (H u).

    u: +1 or -1 for each coordinate, drawn from default_rng((seed, t)), the same for all runs. On
    average over u this is the diagonal; its error is the rest of each row of H, with random signs.
    The estimate is surface.at(t).diagonal. H u is surface.hvp, or that of surface.hess.
    Source: Hutchinson 1990, doi:10.1080/03610919008812866, for the trace; for the diagonal
    Bekas, Kokiopoulou & Saad 2007, doi:10.1016/j.apnum.2007.01.003.
    Raises ValueError where the surface has neither.
    """
    if not (surface.hvp or surface.hess):
        raise ValueError(f"hutchinson needs surface.hvp or surface.hess; {surface.name} has none")

    def at(t):
        now = _at(surface, t)
        up = np.random.default_rng((seed, t)).random(surface.dim) < 0.5

        def diagonal(theta):
            one = np.ones_like(theta)
            u = np.where(up, one, -one)
            Hu = now.hvp(theta, u) if now.hvp else (now.hess(theta) @ u[..., None])[..., 0]
            return u * Hu

        return replace(now, diagonal=diagonal)

    return replace(surface, name=f"{surface.name}, Hutchinson's diagonal {seed}", at=at)


def rotated(surface, degrees):
    """The plane surface turned about the origin, anticlockwise, with its start and its minima.

    A rule that does not notice the axes has the same losses as before. An estimated diagonal and
    Kronecker factors belong to the old axes, so they become None.
    The window is the box round the turned one. Raises ValueError where D is not 2.
    """
    if surface.dim != 2:
        raise ValueError(f"rotated turns a plane; {surface.name} has {surface.dim} coordinates")
    c, s = cos(radians(degrees)), sin(radians(degrees))

    def turn(theta, s=s):
        x, y = _floats(theta)[..., 0], _floats(theta)[..., 1]
        return np.stack([c * x - s * y, s * x + c * y], axis=-1)

    def back(theta):
        return turn(theta, -s)

    def matrix(function):  # H R^T, then R H R^T
        return function and (lambda theta: turn(turn(function(back(theta))).swapaxes(-1, -2)))

    def points(corners):
        return tuple(map(tuple, turn(corners).tolist()))

    box = surface.window and points([(x, y) for x in surface.window[0] for y in surface.window[1]])
    return _through(
        surface, lambda now: rotated(now, degrees),
        name=f"{surface.name}, turned by {degrees:g} degrees",
        loss=lambda theta: surface.loss(back(theta)),
        grad=lambda theta: turn(surface.grad(back(theta))),
        hess=matrix(surface.hess), fisher=matrix(surface.fisher),
        hvp=surface.hvp and (lambda theta, u: turn(surface.hvp(back(theta), back(u)))),
        diagonal=None, factors=None,
        window=box and tuple((min(axis), max(axis)) for axis in zip(*box)),
        start=points([surface.start])[0],
        minima=surface.minima and points(surface.minima),
    )


def scaled(surface, factor):
    """The surface with its loss multiplied by `factor`, gradients and Hessian with it.

    Its Fisher matrix and the factors stay: they belong to the model, not to the loss.
    """

    def multiplied(function):
        return function and (lambda *where: factor * function(*where))

    return _through(
        surface, lambda now: scaled(now, factor),
        name=f"{surface.name}, times {factor:g}",
        loss=multiplied(surface.loss), grad=multiplied(surface.grad),
        hess=multiplied(surface.hess), hvp=multiplied(surface.hvp),
        diagonal=multiplied(surface.diagonal),
    )


def in_units(surface, units):
    """The surface with its coordinates z in other units, (D,) or one for all: theta = units * z.

    By the chain rule a derivative by z is `units` times the old one, each time that it is taken.
    Kronecker factors belong to the old units, so they become None.
    """
    each = np.broadcast_to(np.asarray(units, float), surface.dim)
    start = _floats(surface.start)

    def times(array, by=each):
        return array * by.astype(array.dtype)

    def there(z):
        return times(_floats(z))

    def twice(function):
        return function and (lambda z: times(times(function(there(z)))))

    def square(function):
        return function and (lambda z: times(times(function(there(z))), each[:, None]))

    def points(old):
        return tuple(map(tuple, (_floats(old) / each).tolist()))

    return _through(
        surface, lambda now: in_units(now, units),
        name=f"{surface.name}, units {np.ravel(units).tolist()}",
        loss=lambda z: surface.loss(there(z)), grad=lambda z: times(surface.grad(there(z))),
        hess=square(surface.hess), fisher=square(surface.fisher),
        hvp=surface.hvp and (lambda z, u: times(surface.hvp(there(z), there(u)))),
        diagonal=twice(surface.diagonal), factors=None,
        window=surface.window and tuple(zip(*points(np.transpose(surface.window)))),
        start=tuple(start / each.astype(start.dtype)),
        minima=surface.minima and points(surface.minima),
    )


def with_l2(surface, weight_decay):
    """The surface plus weight_decay |theta|^2 / 2: its gradient gains weight_decay theta.

    As weight_decay in torch.optim.SGD and Adam; AdamW's decay is no part of the gradient, so AdamW
    is a step. The minima move to points that are not known: minima is empty.
    The Fisher matrix and its factors stay: they belong to the model, not to the loss.
    """

    def loss(theta):
        theta = _floats(theta)
        return surface.loss(theta) + weight_decay * (theta * theta).sum(-1) / 2

    def plus(function, pull):
        return function and (lambda *where: function(*where) + weight_decay * pull(*where))

    return _through(
        surface, lambda now: with_l2(now, weight_decay),
        name=f"{surface.name}, L2 {weight_decay:g}",
        loss=loss, grad=plus(surface.grad, _floats),
        hess=plus(surface.hess, lambda theta: np.eye(surface.dim, dtype=_floats(theta).dtype)),
        hvp=plus(surface.hvp, lambda theta, u: u),
        diagonal=plus(surface.diagonal, lambda theta: 1),
        minima=(),
    )


def moving(surface, where):
    """The surface in motion: what lay at theta lies at theta + where(t) at step t.

    where: t -> D numbers, or one number for all. surface.at(t) has moved. descend records the loss
    of the surface at rest, so measure the distance of theta to where(t) instead.
    """

    def at(t):
        now, shift = _at(surface, t), where(t)

        def carried(function):
            def at_rest(theta, *u):
                return function(theta - np.asarray(shift, _floats(theta).dtype), *u)

            return function and at_rest

        known = ("loss", "grad", "hess", "hvp", "diagonal", "fisher", "factors")
        return replace(now, **{name: carried(getattr(now, name)) for name in known})

    return replace(surface, name=f"{surface.name}, moving", at=at)


def _check_threshold(name, threshold):
    """Raise ValueError unless a threshold is a number above 0."""
    if not threshold > 0:
        raise ValueError(f"{name} must be above 0, for gradients of length 0 move nothing, and "
                         f"shorter than that is none; got {threshold!r}")


def _length(g):
    """The norm of each run's vector: (..., D) -> (..., 1)."""
    return np.sqrt((g * g).sum(-1, keepdims=True))


def _floats(theta):
    """theta as an array of float32, where it is one, and of float64 otherwise."""
    theta = np.asarray(theta)
    return theta if theta.dtype.kind == "f" else theta.astype(float)


def _at(surface, t):
    return surface if surface.at is None else surface.at(t)


def _through(surface, view, **changes):
    """The surface with changes; where it varies from step to step, so does the view of it."""
    return replace(surface, at=surface.at and (lambda t: view(surface.at(t))), **changes)
