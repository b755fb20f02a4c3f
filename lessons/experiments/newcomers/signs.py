"""How long the moves of Lion and Adam are on drawn gradients."""

from functools import cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import seed_sets
from lessons.steps import adam, lion
from lessons.surfaces import given_gradients

SETS = seed_sets(1)     # a seed draws all coordinates of a set
MANY, BURN, LATER = 500, 300, 1500      # coordinates; steps that do not count; steps that do
RULES = {"Adam": adam, "Lion": lion}


def noise(seed, steps, count):
    """Gradients (steps, count) that are nothing but noise of deviation 1."""
    return np.random.default_rng(seed).standard_normal((steps, count))


@cache
def walked(name, gradients, seed, steps=BURN + LATER):
    """The places (LATER + 1, MANY) of a rule at lr 1 on drawn gradients, after BURN steps."""
    place = given_gradients(gradients(seed, steps, MANY))
    return descend(place, RULES[name], steps=steps, lr=1.0).theta[BURN:]


def length(x):
    """The root mean square of one move."""
    return float(np.sqrt(np.square(np.diff(x, axis=0)).mean()))
