"""Landscapes from the literature, on which optimizers have been tried for sixty years."""

from math import pi

import numpy as np

from lessons.surfaces.landscapes import from_formulas
from lessons.surfaces.surface import Surface


def rosenbrock() -> Surface:
    """A bent valley: falling into it is easy, following it round the bend is slow.

    loss = (1 - x)^2 + 100 (y - x^2)^2. Curvatures at the minimum (1, 1): about 0.4 and 1002.
    Source: Rosenbrock 1960, with his start.
    """

    def loss(x, y):
        ahead, aside = 1 - x, y - x * x
        return ahead * ahead + 100 * aside * aside

    return from_formulas(
        "Rosenbrock", loss,
        grad=lambda x, y: (-2 * (1 - x) - 400 * x * (y - x * x), 200 * (y - x * x)),
        hess=lambda x, y: (2 - 400 * y + 1200 * x * x, -400 * x, 200.0),
        window=((-2.0, 2.0), (-1.0, 3.0)), start=(-1.2, 1.0), minima=((1.0, 1.0),),
    )


def himmelblau() -> Surface:
    """Four equal minima: where a run ends depends on where it starts and on how it steps.

    loss = (x^2 + y - 11)^2 + (x + y^2 - 7)^2. Source: Himmelblau 1972.
    """

    def terms(x, y):
        return x * x + y - 11, x + y * y - 7

    def loss(x, y):
        a, b = terms(x, y)
        return a * a + b * b

    def grad(x, y):
        a, b = terms(x, y)
        return 4 * x * a + 2 * b, 2 * a + 4 * y * b

    return from_formulas(
        "Himmelblau", loss, grad,
        hess=lambda x, y: (12 * x * x + 4 * y - 42, 4 * (x + y), 12 * y * y + 4 * x - 26),
        window=((-5.0, 5.0), (-5.0, 5.0)), start=(-0.5, -0.5),
        minima=(
            (3.0, 2.0),
            (-2.805118086952745, 3.131312518250573),
            (-3.779310253377747, -3.283185991286170),
            (3.584428340330492, -1.848126526964404),
        ),
    )


def beale() -> Surface:
    """A flat floor between steep walls: gradients of 2 and of 4,000 in one picture.

    loss = a^2 + b^2 + c^2, with a = 1.5 - x (1 - y), b = 2.25 - x (1 - y^2) and
    c = 2.625 - x (1 - y^3). Source: Beale 1958; start of Moré, Garbow & Hillstrom 1981.
    """

    def terms(x, y):
        return 1.5 - x * (1 - y), 2.25 - x * (1 - y * y), 2.625 - x * (1 - y * y * y)

    def loss(x, y):
        a, b, c = terms(x, y)
        return a * a + b * b + c * c

    def grad(x, y):
        a, b, c = terms(x, y)
        along_x = a * (y - 1) + b * (y * y - 1) + c * (y * y * y - 1)
        return 2 * along_x, 2 * x * (a + 2 * b * y + 3 * c * y * y)

    def hess(x, y):
        a, b, c = terms(x, y)
        a_x, b_x, c_x = y - 1, y * y - 1, y * y * y - 1
        a_y, b_y, c_y = x, 2 * x * y, 3 * x * y * y
        xx = a_x * a_x + b_x * b_x + c_x * c_x
        xy = a_x * a_y + b_x * b_y + c_x * c_y + a + 2 * b * y + 3 * c * y * y
        yy = a_y * a_y + b_y * b_y + c_y * c_y + 2 * b * x + 6 * c * x * y
        return 2 * xx, 2 * xy, 2 * yy

    return from_formulas(
        "Beale", loss, grad, hess,
        window=((-1.0, 4.5), (-2.0, 2.0)), start=(1.0, 1.0), minima=((3.0, 0.5),),
    )


def rastrigin() -> Surface:
    """An egg box: a hundred dips in a wide bowl, and only one of them is the lowest.

    loss = x^2 + y^2 + 10 (2 - cos 2 pi x - cos 2 pi y). Source: Rastrigin 1974.
    """
    k = 2 * pi
    return from_formulas(
        "Rastrigin",
        loss=lambda x, y: x * x + y * y + 10 * (2 - np.cos(k * x) - np.cos(k * y)),
        grad=lambda x, y: (2 * x + 10 * k * np.sin(k * x), 2 * y + 10 * k * np.sin(k * y)),
        hess=lambda x, y: (2 + 10 * k * k * np.cos(k * x), 0.0, 2 + 10 * k * k * np.cos(k * y)),
        window=((-5.12, 5.12), (-5.12, 5.12)), start=(-3.3, 2.4), minima=((0.0, 0.0),),
    )
