"""The optimizers: one plain function each, `step(surface, theta, *state, *, knobs)`.

A step returns what it took: theta, or (theta, *state). Every public name here is a step, which
tests, sliders and checks find by themselves. The formulas live in one module per family.
"""

from lessons.steps.adaptive import adagrad, adam, rmsprop
from lessons.steps.first_order import gradient_descent, momentum, nesterov

__all__ = ["adagrad", "adam", "gradient_descent", "momentum", "nesterov", "rmsprop"]
