"""Along one direction a rule with memory obeys x'' = a x' - b x; its two roots say how it shrinks.

Shapes: lr_c is the learning rate times the direction's curvature, any shape; beta may be an array.
"""
import numpy as np

from lessons.experiments.protocol import EDGES
from lessons.steps import momentum, nesterov

RULES = {"Momentum": momentum, "Nesterov": nesterov}


def roots(rule, lr_c, beta):
    """Both solutions of r^2 - a r + b = 0, complex: (..., 2), the larger one in size first.

    Nesterov's a and b are momentum's, each times gradient descent's own factor 1 - lr c; its x is
    the look-ahead point. beta 0 is gradient descent: 1 - lr c and 0.
    """
    brake = 1 - lr_c if rule == "Nesterov" else 1 + 0 * lr_c
    a = (1 + beta) * brake if rule == "Nesterov" else 1 + beta - lr_c
    half = np.sqrt(np.asarray(a * a - 4 * beta * brake, complex)) / 2
    turn = np.where(a < 0, -1, 1)
    return np.stack([a / 2 + turn * half, a / 2 - turn * half], -1)


def shrink_factor(rule, lr_c, beta):
    """By which factor a step multiplies the error along this direction, in the long run."""
    return np.abs(roots(rule, lr_c, beta)).max(-1)


def edge(rule, beta):
    """lr times the curvature from which on the rule explodes: there the larger root is -1."""
    return EDGES[RULES[rule]](beta)


def behaviour(rule, lr_c, beta):
    """What a direction does, in one word: it swings where the two roots are not real."""
    first, _ = roots(rule, float(lr_c), float(beta))
    if abs(first) > 1 or abs(first) < 1e-6:
        return "explodes" if abs(first) > 1 else "vanishes"
    if first.imag:
        return "swings"
    return "flips" if first.real < 0 else "creeps"
