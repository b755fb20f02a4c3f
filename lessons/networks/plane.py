"""Two directions through a landscape of thousands: a slice that can be drawn, not the whole."""

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np

from lessons.surfaces import Surface

POINTS = 512  # points of the landscape in memory at once; 14,000 of 4,810 numbers would fill it


@dataclass(frozen=True, eq=False)
class Plane(Surface):
    """A slice of a landscape, as a Surface of two coordinates: theta = centre + x d1 + y d2.

    Its gradient and its Hessian are the landscape's along d1 and d2; the Hessian comes from
    surface.hvp where that exists.
    lift: from the slice to the landscape. project: to the nearest point of the slice.
    share: how much of a path's variance lies in the slice, from 0 to 1; None without a path.
    """

    lift: Callable | None = None  # (..., 2) -> (..., D)
    project: Callable | None = None  # (..., D) -> (..., 2)
    share: float | None = None


def plane(surface, centre, seed=0, reach=1.0) -> Plane:
    """The slice through `centre` (D,) along two random directions, drawn from default_rng(seed).

    Each direction is normal noise, scaled filter by filter to the lengths of the filters in centre;
    a filter is all that goes into one unit: a row of a weight matrix. A step to (1, 0) then changes
    every filter by its own length, so that slices of different networks compare. Biases stay.
    Where the surface has no shape, all of theta is one filter. reach: the window's half width.
    Source: Li et al. 2018, section 4. arXiv:1712.09913
    """
    rng = np.random.default_rng(seed)
    directions = [_like_filters(rng.standard_normal(surface.dim), centre, surface.shape)
                  for _ in range(2)]
    return _slice(surface, "random slice", centre, directions,
                  window=((-reach, reach), (-reach, reach)), start=(0.0, 0.0))


def pca_plane(surface, path) -> Plane:
    """The slice in which a walk moved most: through its end, along its two principal axes.

    path: (T, D), such as run.theta, of one run. Its end is the origin; d1 and d2 are orthogonal, of
    length 1, and point where the walk went. start: the nearest point to the path's start.
    window: the shadow of the whole walk, with a margin.
    Source: Li et al. 2018, section 7. arXiv:1712.09913
    Raises ValueError where the path is not that of one run, of three points or more.
    """
    if np.ndim(path) != 2 or len(path) < 3:
        raise ValueError(
            f"path must be (T, D), three points or more of one run; got shape {np.shape(path)}"
        )
    away = np.asarray(path, float) - np.mean(path, 0, float)
    sizes, axes = np.linalg.eigh(away @ away.T)  # T x T, where the covariance would be D x D
    directions = np.linalg.qr(away.T @ axes[:, :-3:-1])[0].T
    directions *= np.where(directions @ (away[-1] - away[0]) < 0, -1, 1)[:, None]
    shadow = (away - away[-1]) @ directions.T
    low, high = shadow.min(0), shadow.max(0)
    margin = 0.15 * max(high - low)
    return _slice(surface, "slice of the walk", path[-1], directions,
                  window=tuple(zip((low - margin).tolist(), (high + margin).tolist())),
                  start=tuple(shadow[0].tolist()), share=sizes[-2:].sum() / sizes.sum())


def _like_filters(direction, centre, shape):
    """The direction, with every filter as long as it is in centre, and no change of a bias."""
    shape = shape or (1, len(direction))
    blocks = shape if np.ndim(shape[0]) else [shape]
    ends, scaled = np.cumsum([np.prod(block) for block in blocks])[:-1], []
    for block, d, w in zip(blocks, np.split(direction, ends), np.split(centre, ends)):
        d, w = d.reshape(block[0], -1), w.reshape(block[0], -1)
        length = np.sqrt((w * w).sum(-1, keepdims=True) / (d * d).sum(-1, keepdims=True))
        scaled.append((d * length * (len(block) > 1)).ravel())
    return np.concatenate(scaled)


def _slice(surface, name, centre, directions, **known):
    """The Plane of two directions (D,) through centre (D,)."""
    centre, directions = np.array(centre), np.stack(directions)
    across = np.linalg.pinv(directions)  # (D, 2), the transpose where they are orthonormal

    def lift(xy):
        return (centre + np.asarray(xy, float) @ directions).astype(centre.dtype)

    def gradient(xy):
        return surface.grad(lift(xy)) @ directions.T

    def hess(xy):
        theta = lift(xy)
        bends = [surface.hvp(theta, d) if surface.hvp else surface.hess(theta) @ d
                 for d in directions]
        return np.stack([bend @ directions.T for bend in bends], -1)

    return Plane(
        f"{surface.name}, {name}", minima=(), **known,
        loss=_few_at_once(lambda xy: surface.loss(lift(xy))), grad=_few_at_once(gradient),
        hess=(surface.hvp or surface.hess) and _few_at_once(hess),
        lift=lift, project=lambda theta: (np.asarray(theta) - centre) @ across,
    )


def _few_at_once(function):
    """The function of points (..., 2), computed for POINTS of them at a time."""

    def of(xy):
        grid, points = np.shape(xy)[:-1], np.reshape(xy, (-1, 2))
        parts = [function(points[k : k + POINTS]) for k in range(0, len(points), POINTS)]
        whole = np.concatenate(parts)
        return whole.reshape((*grid, *whole.shape[1:]))[()]

    return of
