"""Four races that say "gradient descent"; some do something else. Measure before you read this.

suspects: name -> function of a start, which returns a Trajectory on ravine(20).
"""

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent, momentum
from lessons.surfaces import ravine
from lessons.views import clipped

LR, STEPS = 0.102, 40     # just beyond 2 / 20, where gradient descent explodes


def clips(start):
    """Train with every gradient clipped to the length 5."""
    return descend(clipped(ravine(20), 5.0), gradient_descent, start, STEPS, lr=LR)


def honest(start):
    """Train exactly as the suspect's label says."""
    return descend(ravine(20), gradient_descent, start, STEPS, lr=LR)


def remembers(start):
    """Train with a velocity that keeps a third of itself at each step."""
    return descend(ravine(20), momentum, start, STEPS, lr=LR, beta=1 / 3)


def moves_the_start(start):
    """Train from a dozen starts around the given one, and return the luckiest run."""
    beside = np.asarray(start, float) + np.random.default_rng(0).normal(0, 0.4, (12, 2))
    ends = descend(ravine(20), gradient_descent, beside, STEPS, lr=LR).loss[-1]
    return honest(beside[ends.argmin()])


suspects = {"A": clips, "B": moves_the_start, "C": honest, "D": remembers}
