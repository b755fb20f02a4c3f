"""What is lost and what is gained when only the sign of a move is kept: Lion beside Adam."""

from functools import cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.steps import adam, lion
from lessons.surfaces import given_gradients

SETS = seed_sets(1)     # a seed draws all coordinates of a set
MANY, BURN, LATER = 500, 300, 1500      # coordinates; steps that do not count; steps that do
RARE, LARGE, COMMON = 0.1, 1.8, -0.1    # the coin: how often, and its two gradients
RULES = {"Adam": adam, "Lion": lion, "Lion, beta2 0.9": partial(lion, beta2=0.9),
         "Lion, beta1 0.99": partial(lion, beta1=0.99),
         "Sign of the gradient": partial(lion, beta1=0.0)}


def noise(seed, steps, count):
    """Gradients (steps, count) that are nothing but noise of deviation 1."""
    return np.random.default_rng(seed).standard_normal((steps, count))


def coin(seed, steps, count, rare=RARE, large=LARGE, common=COMMON):
    """Gradients (steps, count): `large` in a few cases, `common` in all others."""
    return np.where(np.random.default_rng(seed).random((steps, count)) < rare, large, common)


@cache
def walked(name, gradients, seed, steps=BURN + LATER):
    """The places (LATER + 1, MANY) of a rule at lr 1 on drawn gradients, after BURN steps."""
    place = given_gradients(gradients(seed, steps, MANY))
    return descend(place, RULES[name], steps=steps, lr=1.0).theta[BURN:]


def length(x):
    """The root mean square of one move."""
    return float(np.sqrt(np.square(np.diff(x, axis=0)).mean()))


def wandering(x):
    """The root mean square of the whole way, over the root of the number of moves."""
    return float(np.sqrt(np.square(x[-1] - x[0]).mean() / (len(x) - 1)))


def derived(beta1=0.9, beta2=0.99):
    """{rule: (length of a move, wandering)} in units of lr, in pure noise.

    Lion's votes are signs of c, and two normal numbers with correlation r have signs with the
    correlation (2 / pi) arcsin r. Wandering is that of LATER moves.
    """
    tail = beta1**2 * (1 - beta2) / (1 + beta2)     # m's share in the variance of c
    fresh = beta1 * (1 - beta1) * (1 - beta2) / beta2       # today's gradient in tomorrow's m
    apart = np.arange(1, LATER)
    together = (fresh + tail) / ((1 - beta1) ** 2 + tail) * beta2**apart
    votes = 1 + 2 * (2 / np.pi * np.arcsin(together) * (1 - apart / LATER)).sum()
    return {"Adam": (np.sqrt((1 - beta1) / (1 + beta1)), 1.0), "Lion": (1.0, np.sqrt(votes))}


def in_noise():
    """How long are the moves of Adam and Lion, in units of lr, if gradients are pure noise?

    one move: its root mean square. many moves: that of the whole way, over the root of their
    number. From the lowest to the highest of three sets of 500 coordinates, over 1,500 steps.
    """

    def measure(rule):
        ways = [walked(rule, noise, seed) for seed, in SETS]
        moves, wide = derived()[rule]
        return {"one move, derived": moves, "one move": span([length(x) for x in ways], 3),
                "many moves, derived": wide, "many moves": span([wandering(x) for x in ways], 2)}

    return table(measure, [{"rule": rule} for rule in ("Adam", "Lion")], starts="0", seeds=SETS,
                 grid="lr 1", budget=f"{LATER} gradients after {BURN}",
                 criterion="root mean squares over the coordinates")


def which_way():
    """Which way do five rules walk if nine gradients of ten are -0.1 and the tenth is 1.8?

    The mean gradient is +0.09, so a move should be negative. Mean move in units of lr, by set.
    """

    def measure(rule):
        return by_set([walked(rule, coin, seed)[[0, -1]].mean(-1) @ [-1, 1] / LATER
                       for seed, in SETS])

    return table(measure, [{"rule": rule} for rule in RULES], starts="0", seeds=SETS,
                 grid="lr 1", budget=f"{LATER} gradients after {BURN}",
                 criterion="mean move of 500 coordinates")
