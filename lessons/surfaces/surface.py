"""What a landscape is: the one noun that steps, views, networks and pictures share."""

from collections.abc import Callable
from dataclasses import dataclass
from math import prod

import numpy as np


@dataclass(frozen=True, eq=False)
class Surface:
    """A landscape: a loss over D numbers with its gradient, its curvature, and a window to draw.

    Every function takes theta of shape (..., D): coordinates last, any grid of points in front.
    window: one (low, high) per coordinate where D is 1 or 2, otherwise None. start: D numbers.
    minima: every point whose loss is 0.
    shape: (m, n) when theta is one matrix, laid out flat row by row; a tuple of such shapes, the
    blocks of theta in order, for a network; None for a vector.
    at: at(t) is the surface that step t meets (noise, mini-batch); None when it never changes.

    What else may be known of the curvature, or None. A network has hvp in place of hess.
    hvp: the Hessian times a vector u. diagonal: an estimate of the Hessian's diagonal.
    fisher: mean of score score^T, with labels drawn from the model. factors: the Fisher matrix in
    Kronecker factors, a pair (A, S) per layer: second moments of the layer's inputs, and of the
    gradients at its outputs.
    """

    name: str
    loss: Callable  # (..., D) -> (...)
    grad: Callable  # (..., D) -> (..., D)
    hess: Callable | None  # (..., D) -> (..., D, D)
    window: tuple | None
    start: tuple
    minima: tuple
    shape: tuple | None = None
    at: Callable | None = None
    hvp: Callable | None = None  # (..., D), (..., D) -> (..., D)
    diagonal: Callable | None = None  # (..., D) -> (..., D)
    fisher: Callable | None = None  # (..., D) -> (..., D, D)
    factors: Callable | None = None  # (..., D) -> [((..., n, n), (..., m, m)), ...]

    @property
    def dim(self) -> int:
        return np.shape(self.start)[-1]

    @classmethod
    def of(cls, f, grad=None, *, hess=None, start=(1.0, 1.0), window=None, minima=(), name=None):
        """Make a Surface of your own loss f, a function of theta (..., D) that returns (...).

        grad, hess: its gradient (..., D) and Hessian (..., D, D). The default is central
        differences: each coordinate x moves by h max(1, abs(x)), with h = 6e-6 for a gradient and,
        where grad is not given, h = 1e-4 for a Hessian. A gradient then costs 2 D losses and is
        right to about 10 digits, a Hessian to about 6.
        start: D numbers. window: the default is a square about 0 with the start inside, where D is
        1 or 2. name: the default is f's own.
        Raises ValueError where f or grad does not give a number, or D of them, for every point.
        """
        name = name or getattr(f, "__name__", "").replace("<lambda>", "") or "Loss"
        own = f"grad of {name}"
        start = tuple(np.asarray(start, float).tolist())
        if window is None and len(start) <= 2:
            reach = 1.5 * max(1.0, *map(abs, start))
            window = ((-reach, reach),) * len(start)
        check_points(name, f, start, shape=())
        if grad is None:
            grad = central_differences(f, 6e-6)
            hess = hess or central_differences(central_differences(f, 1e-4), 1e-4)
        else:
            check_points(own, grad, start, shape=(len(start),))
            hess = hess or central_differences(grad, 6e-6)
        return cls(name, f, grad, hess, window, start, tuple(map(tuple, minima)))


def central_differences(f, h):
    """The derivative of f (..., D) -> (..., *more) by each coordinate: (..., D) -> (..., *more, D).

    Each coordinate x moves by h max(1, abs(x)) to both sides. Points of float32 are moved in
    float64, where so short a move is not lost, and what comes back is float32.
    """

    def derivative(theta):
        theta = np.asarray(theta)
        x = theta.astype(float)
        moves = h * np.maximum(1, np.abs(x))
        apart = moves[..., None] * np.eye(x.shape[-1])  # (..., D, D): a row moves one coordinate
        up, down = x[..., None, :] + apart, x[..., None, :] - apart
        widths = ((up - down) * np.eye(x.shape[-1])).sum(-1)  # what is left of 2 h after rounding
        rise = np.moveaxis(np.asarray(f(up)) - np.asarray(f(down)), x.ndim - 1, -1)
        widths = widths.reshape(*x.shape[:-1], *[1] * (rise.ndim - x.ndim), -1)
        return (rise / widths).astype(precision(theta))

    return derivative


def check_points(name, function, start, shape):
    """Raise ValueError, with advice, unless a function gives `shape` for each point of a grid."""
    grid = (2 if len(start) != 2 else 3, 4)  # [one, two] of a single point has not this shape
    points = np.array(start) + np.linspace(0, 0.1, prod(grid)).reshape(*grid, 1)
    try:
        found = np.shape(function(points))
        first = np.shape(function(points[0, 0]))
    except (IndexError, TypeError, ValueError) as error:
        found = first = f"{type(error).__name__}: {error}"
    if found != (*grid, *shape) or first != shape:
        wanted = "one number" if shape == () else f"{shape[0]} numbers"
        raise ValueError(
            f"{name} must give {wanted} for each point, so that a grid of points is one call: "
            f"for theta of shape {points.shape} an array of shape {(*grid, *shape)}; got {found}. "
            f"Write theta[..., 0] in place of theta[0], and sum over axis=-1"
        )


def given_gradients(g):
    """A surface that has the gradient g[t - 1] at step t, wherever theta is.

    g: (T,) for one coordinate, or (T, D). The loss at step t is g[t - 1] . theta. The loss on
    descend's record, and surface.grad without a step, are those of the mean gradient.
    Raises ValueError at step T + 1.
    """
    g = np.asarray(g, float)
    g = g[:, None] if g.ndim == 1 else g

    def sloping(gradient, at=None):
        return Surface(
            "Given gradients", loss=lambda theta: (gradient * theta).sum(-1),
            grad=lambda theta: np.broadcast_to(gradient, np.shape(theta)).astype(precision(theta)),
            hess=lambda theta: np.zeros((*np.shape(theta), g.shape[-1]), precision(theta)),
            window=None, start=(0.0,) * g.shape[-1], minima=(), at=at,
        )

    def at(t):
        if t > len(g):
            raise ValueError(f"step {t} has no gradient: of {len(g)} given, write steps={len(g)}")
        return sloping(g[t - 1])

    return sloping(g.mean(0), at)


def alike(function):
    """The function of theta, with its answer in theta's precision: float32 or else float64."""

    def answer(theta):
        return function(theta).astype(precision(theta), copy=False)

    return answer


def precision(theta):
    """float32 for an array of float32, and float64 for everything else."""
    return np.float32 if getattr(theta, "dtype", None) == np.float32 else np.float64
