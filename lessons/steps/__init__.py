"""The optimizers: one plain function each, `step(surface, theta, *state, *, knobs)`.

A step returns what it took: theta, or (theta, *state). Every public name here is a step, which
tests, sliders and checks find by themselves. The formulas live in one module per family.
"""

from lessons.steps.adaptive import adagrad, adam, adamw, rmsprop
from lessons.steps.first_order import gradient_descent, momentum, nesterov
from lessons.steps.kronecker import kfac, muon, shampoo, soap
from lessons.steps.natural import kl_step, natural_gradient
from lessons.steps.newcomers import lion, schedule_free, sophia
from lessons.steps.quasi_newton import bfgs, lbfgs, trust_region
from lessons.steps.second_order import (
    line_search,
    newton,
    newton_line_search,
    saddle_free_newton,
)
from lessons.steps.sharpness import sam

__all__ = [
    "adagrad", "adam", "adamw", "bfgs", "gradient_descent", "kfac", "kl_step", "lbfgs",
    "line_search", "lion", "momentum", "muon", "natural_gradient", "nesterov", "newton",
    "newton_line_search", "rmsprop", "saddle_free_newton", "sam", "schedule_free", "shampoo",
    "soap", "sophia", "trust_region",
]
