"""Landscapes to walk down: each is a formula, its gradient and its curvature, written out by hand."""

from lessons.surfaces.classic import beale, himmelblau, rastrigin, rosenbrock
from lessons.surfaces.landscapes import (
    bowl,
    double_well,
    lessard,
    parabola,
    ravine,
    saddle,
    sharp_and_flat,
    steep_optima,
)
from lessons.surfaces.models import gaussian_fit, matrix_problem, quadratic, softmax_regression
from lessons.surfaces.surface import Surface

__all__ = [
    "Surface", "beale", "bowl", "double_well", "gaussian_fit", "himmelblau", "lessard",
    "matrix_problem", "parabola", "quadratic", "rastrigin", "ravine", "rosenbrock", "saddle",
    "sharp_and_flat", "softmax_regression", "steep_optima",
]
