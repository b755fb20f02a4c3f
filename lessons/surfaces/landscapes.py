"""Landscapes to look at: one or two coordinates, gradient and curvature written out by hand.

The lowest loss of each is 0, so that a logarithmic axis shows how close a run came.
"""

from dataclasses import replace
from math import cos, radians, sin

import numpy as np

from lessons.surfaces.surface import Surface, alike


def from_formulas(name, loss, grad, hess, **where):
    """A Surface from formulas in x and y; grad gives the gradients (x, y), hess gives (xx, xy, yy).

    The formulas below multiply (x * x): NumPy may round x**2 differently for one number and
    for an array, and a grid of runs has to equal a loop of runs to the last bit.
    """

    def xy(theta):
        theta = np.asarray(theta, float)  # integers would wrap around, or be cut
        return theta[..., 0], theta[..., 1]

    def vector(theta):
        x, y = xy(theta)
        out = np.empty((*x.shape, 2))
        out[..., 0], out[..., 1] = grad(x, y)
        return out

    def matrix(theta):
        x, y = xy(theta)
        out = np.empty((*x.shape, 2, 2))
        out[..., 0, 0], out[..., 0, 1], out[..., 1, 1] = hess(x, y)
        out[..., 1, 0] = out[..., 0, 1]
        return out

    return Surface(name, lambda theta: loss(*xy(theta)), alike(vector), alike(matrix), **where)


def parabola(curvature=1.0) -> Surface:
    """The simplest landscape where a step can be too long: one dimension, one curvature.

    loss = curvature x^2 / 2. Gradient descent multiplies x by 1 - lr curvature at every step.
    """

    def loss(theta):
        x = np.asarray(theta, float)[..., 0]
        return curvature * x * x / 2

    return Surface(
        "Parabola", loss,
        grad=alike(lambda theta: curvature * np.asarray(theta, float)),
        hess=alike(lambda theta: np.full((*np.shape(theta), 1), float(curvature))),
        window=((-2.6, 2.6),), start=(-2.0,), minima=((0.0,),),
    )


def ravine(condition=20.0, angle=0.0) -> Surface:
    """A long valley: its floor curves by 1, its walls by `condition`, so one lr has to serve both.

    loss = (u^2 + condition v^2) / 2, with (u, v) the axes of the valley, turned by `angle` degrees.
    The start turns too: a rule that does not notice the axes has the same losses at every angle.
    """
    c, s = cos(radians(angle)), sin(radians(angle))
    xx, xy, yy = c * c + condition * s * s, (1 - condition) * c * s, s * s + condition * c * c

    def loss(x, y):
        u, v = c * x + s * y, c * y - s * x
        return (u * u + condition * v * v) / 2

    return from_formulas(
        "Ravine", loss,
        grad=lambda x, y: (xx * x + xy * y, xy * x + yy * y),
        hess=lambda x, y: (xx, xy, yy),
        window=((-2.8, 2.8), (-1.75, 1.75)),
        start=(-1.5 * c - 0.8 * s, 0.8 * c - 1.5 * s), minima=((0.0, 0.0),),
    )


def bowl() -> Surface:
    """A round bowl: it curves by 1 in every direction, so the gradient points at the minimum."""
    return replace(ravine(condition=1.0), name="Bowl")


def saddle() -> Surface:
    """A pass between two valleys: level at the origin, downhill to both sides.

    loss = x^2/2 + (y^2 - 1)^2/4. It curves by 1 and -1 at the origin, by 1 and 2 at the minima.
    The start is almost on the ridge, so a rule that follows the gradient lingers at the pass.
    """
    return from_formulas(
        "Saddle",
        loss=lambda x, y: x * x / 2 + (y * y - 1) * (y * y - 1) / 4,
        grad=lambda x, y: (x, y * (y * y - 1)),
        hess=lambda x, y: (1.0, 0.0, 3 * y * y - 1),
        window=((-2.4, 2.4), (-1.6, 1.6)), start=(-2.0, 0.001), minima=((0.0, 1.0), (0.0, -1.0)),
    )


def hyperbola() -> Surface:
    """A convex bowl that straightens far out: a curvature there says little about the bottom.

    loss = sqrt(1 + x^2) - 1 + y^2 / 2. Along x it curves by (1 + x^2)^(-3/2): 1 at the minimum,
    0.001 at x = 10. Newton's step takes x to -x^3.
    """

    def root(x):
        return np.sqrt(1 + x * x)

    return from_formulas(
        "Hyperbola",
        loss=lambda x, y: x * x / (1 + root(x)) + y * y / 2,     # root - 1 would cancel near 0
        grad=lambda x, y: (x / root(x), y),
        hess=lambda x, y: (1 / (root(x) * root(x) * root(x)), 0.0, 1.0),
        window=((-9.0, 9.0), (-3.0, 3.0)), start=(2.0, 1.0), minima=((0.0, 0.0),),
    )


def steep_optima() -> Surface:
    """A wide, nearly flat plain with a steep, narrow well: no single lr saves gradient descent.

    loss = (q - w^2) / q + slope (sqrt q - w), with q = x^2 + 3 y^2 + w^2, w = 0.2, slope = 0.02.
    The well curves by 50 and 150, so lr must stay below 2/150 to rest in it. The plain slopes by
    0.03, so 200 steps need an lr of about 0.2 to cross it, and that lr is thrown out of the well.
    """
    w, slope = 0.2, 0.02

    def q_and_change(x, y):
        q = x * x + 3 * y * y + w * w
        return q, w * w / (q * q) + slope / (2 * np.sqrt(q))  # d loss / d q

    def loss(x, y):
        q, _ = q_and_change(x, y)
        return (x * x + 3 * y * y) / q + slope * (np.sqrt(q) - w)

    def grad(x, y):
        _, change = q_and_change(x, y)
        return 2 * x * change, 6 * y * change

    def hess(x, y):
        q, change = q_and_change(x, y)
        bend = -2 * w * w / (q * q * q) - slope / (4 * q * np.sqrt(q))
        xx, xy, yy = 4 * x * x * bend, 12 * x * y * bend, 36 * y * y * bend
        return xx + 2 * change, xy, yy + 6 * change

    return from_formulas(
        "Steep optima", loss, grad, hess,
        window=((-2.8, 2.8), (-1.75, 1.75)), start=(-2.0, 1.0), minima=((0.0, 0.0),),
    )


def sharp_and_flat() -> Surface:
    """Two minima of equal loss: a narrow hole on the left, a wide bowl on the right.

    Two round bowls, p of curvature 40 and q of curvature 1, joined by loss = p q / (p + q), which
    follows the lower one. At each minimum both curvatures are exactly those of its own bowl.
    """
    sharp, flat = 40.0, 1.0

    def bowls(x, y):
        p = sharp * ((x + 1.5) * (x + 1.5) + y * y) / 2
        q = flat * ((x - 1.5) * (x - 1.5) + y * y) / 2
        return p, q, q / (p + q), p / (p + q)

    def loss(x, y):
        p, _, a, _ = bowls(x, y)
        return p * a

    def grad(x, y):
        _, _, a, b = bowls(x, y)
        p_pull, q_pull = a * a * sharp, b * b * flat
        return p_pull * (x + 1.5) + q_pull * (x - 1.5), (p_pull + q_pull) * y

    def hess(x, y):
        p, q, a, b = bowls(x, y)
        own = a * a * sharp + b * b * flat
        dx, dy = a * sharp * (x + 1.5) - b * flat * (x - 1.5), (a * sharp - b * flat) * y
        half = (p + q) / 2
        return own - dx * dx / half, -dx * dy / half, own - dy * dy / half

    return from_formulas(
        "Sharp and flat", loss, grad, hess,
        window=((-3.0, 4.0), (-2.2, 2.2)), start=(-1.9, 0.3), minima=((-1.5, 0.0), (1.5, 0.0)),
    )


def double_well() -> Surface:
    """A shallow well in front of a deep one: without memory, the first one is the last one.

    loss = (x - 1)^2 ((x + 1)^2 + 0.2) / 4 + y^2 / 2. The deep well is at (1, 0); the shallow one,
    at about (-0.89, 0), has a loss of 0.19, and the pass between them a loss of 0.31.
    """

    def factors(x):
        return x - 1, (x + 1) * (x + 1) + 0.2

    def loss(x, y):
        a, b = factors(x)
        return a * a * b / 4 + y * y / 2

    def grad(x, y):
        a, b = factors(x)
        return a * (b + a * (x + 1)) / 2, y

    def hess(x, y):
        a, b = factors(x)
        return (b + 4 * a * (x + 1) + a * a) / 2, 0.0, 1.0

    return from_formulas(
        "Double well", loss, grad, hess,
        window=((-2.2, 2.2), (-1.4, 1.4)), start=(-1.8, 0.9), minima=((1.0, 0.0),),
    )
