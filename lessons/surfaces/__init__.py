"""Landscapes to walk down: formulas, with gradients and curvatures written out by hand."""

from lessons.surfaces.classic import beale, himmelblau, rastrigin, rosenbrock
from lessons.surfaces.landscapes import (
    bowl,
    double_well,
    hyperbola,
    parabola,
    ravine,
    saddle,
    sharp_and_flat,
    steep_optima,
)
from lessons.surfaces.models import (
    gaussian_fit,
    matrix_problem,
    one_equation,
    quadratic,
    recurrent_neuron,
    softmax_regression,
    two_points,
    two_weights,
)
from lessons.surfaces.surface import Surface, given_gradients

__all__ = [
    "Surface", "beale", "bowl", "double_well", "gaussian_fit", "given_gradients", "himmelblau",
    "hyperbola", "matrix_problem", "one_equation", "parabola", "quadratic", "rastrigin",
    "ravine", "recurrent_neuron", "rosenbrock", "saddle", "sharp_and_flat", "softmax_regression",
    "steep_optima", "two_points", "two_weights",
]
