"""What changes the way we see a landscape: each view takes a Surface and returns another one.

What changes the way we move is a step. Views stack: clipped(noisy(ravine(), 0.5), 1.0) clips noise.
"""

from dataclasses import replace
from functools import lru_cache
from math import cos, radians, sin

import numpy as np


def noisy(surface, sigma, seed=0):
    """The surface in weather: every slope comes with a normal error of standard deviation sigma.

    The error belongs to the step: it depends on (seed, t) only, so all runs of a grid and all
    rivals of a race meet the same one. It is there in surface.at(t); loss and Hessian stay exact.
    seed: a number, or a sequence of S of them: errors of shape (S, D), S weathers in one call.
    """

    @lru_cache(maxsize=1024)  # rivals meet the same step again
    def weather(t):
        seeds = np.atleast_1d(seed)
        draws = [np.random.default_rng((s, t)).standard_normal(surface.dim) for s in seeds]
        return sigma * np.reshape(draws, (*np.shape(seed), surface.dim))

    def at(t):
        now = _at(surface, t)
        return replace(now, grad=lambda theta: now.grad(theta) + weather(t))

    return replace(surface, name=f"{surface.name}, slope noise {sigma:g}", at=at)


def clipped(surface, norm):
    """The surface with its slopes cut to the length `norm`; shorter ones pass as they are.

    As torch.nn.utils.clip_grad_norm_: slope g becomes g min(1, norm / (|g| + 1e-6)).
    Loss and Hessian stay exact. Source: Pascanu, Mikolov & Bengio 2013.
    """

    def grad(theta):
        g = surface.grad(theta)
        length = np.sqrt((g * g).sum(-1, keepdims=True))
        return g * np.minimum(1, norm / (length + 1e-6))

    name = f"{surface.name}, slope clipped at {norm:g}"
    return _through(surface, lambda now: clipped(now, norm), name=name, grad=grad)


def rotated(surface, degrees):
    """The plane surface turned about the origin, anticlockwise, with its start and its minima.

    Nothing changes but the axes: a rule that does not notice them has the same losses as before.
    The window is the box round the turned one. Raises ValueError where D is not 2.
    """
    if surface.dim != 2:
        raise ValueError(f"rotated turns a plane; {surface.name} has {surface.dim} coordinates")
    c, s = cos(radians(degrees)), sin(radians(degrees))

    def turn(theta, s=s):
        x, y = np.asarray(theta, float)[..., 0], np.asarray(theta, float)[..., 1]
        return np.stack([c * x - s * y, s * x + c * y], axis=-1)

    def back(theta):
        return turn(theta, -s)

    def hess(theta):
        half = turn(surface.hess(back(theta)))  # H R^T, then R H R^T
        return turn(half.swapaxes(-1, -2))

    def points(corners):
        return tuple(map(tuple, turn(corners).tolist()))

    box = surface.window and points([(x, y) for x in surface.window[0] for y in surface.window[1]])
    return _through(
        surface, lambda now: rotated(now, degrees),
        name=f"{surface.name}, turned by {degrees:g} degrees",
        loss=lambda theta: surface.loss(back(theta)),
        grad=lambda theta: turn(surface.grad(back(theta))),
        hess=surface.hess and hess,
        window=box and tuple((min(axis), max(axis)) for axis in zip(*box)),
        start=points([surface.start])[0],
        minima=surface.minima and points(surface.minima),
    )


def scaled(surface, factor):
    """The surface with its loss multiplied by `factor`, slopes and Hessian with it."""
    return _through(
        surface, lambda now: scaled(now, factor),
        name=f"{surface.name}, times {factor:g}",
        loss=lambda theta: factor * surface.loss(theta),
        grad=lambda theta: factor * surface.grad(theta),
        hess=surface.hess and (lambda theta: factor * surface.hess(theta)),
    )


def with_l2(surface, weight_decay):
    """The surface plus weight_decay |theta|^2 / 2: its slope gains weight_decay theta.

    As weight_decay in torch.optim.SGD and Adam; AdamW decays elsewhere, so it is a step. The
    minima move to where we do not know them, and their loss is no longer 0: minima is empty.
    """

    def loss(theta):
        theta = np.asarray(theta, float)
        return surface.loss(theta) + weight_decay * (theta * theta).sum(-1) / 2

    return _through(
        surface, lambda now: with_l2(now, weight_decay),
        name=f"{surface.name}, L2 {weight_decay:g}",
        loss=loss,
        grad=lambda theta: surface.grad(theta) + weight_decay * np.asarray(theta, float),
        hess=surface.hess
        and (lambda theta: surface.hess(theta) + weight_decay * np.eye(surface.dim)),
        minima=(),
    )


def _at(surface, t):
    return surface if surface.at is None else surface.at(t)


def _through(surface, view, **changes):
    """The surface with changes; where it varies from step to step, so does the view of it."""
    return replace(surface, at=surface.at and (lambda t: view(surface.at(t))), **changes)
