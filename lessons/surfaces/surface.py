"""What a landscape is: the one noun that steps, views, networks and pictures share."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np


@dataclass(frozen=True, eq=False)
class Surface:
    """A landscape: a loss over D numbers, with its gradient, its curvature, and where to look at it.

    Every function takes theta of shape (..., D): coordinates last, any grid of points in front.
    window: one (low, high) per coordinate where D is 1 or 2, otherwise None. start: D numbers.
    minima: every point whose loss is 0.
    shape: (m, n) when theta is one matrix, laid out flat row by row; a tuple of such shapes, the
    blocks of theta in order, for a network; None for a vector.
    at: at(t) is the surface that step t meets (noise, mini-batch); None when it never changes.

    What else is known of the curvature; None where it is not. A network has hvp in place of hess.
    hvp: the Hessian times a vector u. diagonal: an estimate of the Hessian's diagonal.
    fisher: mean of score score^T, with labels drawn from the model. factors: the same, in Kronecker
    factors, a pair (A, S) per layer: second moments of what goes in and of the gradients coming
    back.
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
