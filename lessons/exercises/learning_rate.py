"""What the exercises about the learning rate expect."""

import numpy as np

from lessons.experiments.learning_rate.runs import RULES, cost, weighs_more

EXCESS = np.log(2) / 200        # the error grows by the root of 2 in 50 steps
FOUND = "there the rule costs more, by training loss"


def ramps(total, kinds=(np.geomspace, np.linspace)):
    """How many steps of a ramp from 1e-5 to 10 have a rate below 2: equal factors, equal steps."""
    return [int((kind(1e-5, 10, total) < 2).sum()) for kind in kinds]


def swapped(total):
    return ramps(total, (np.linspace, np.geomspace))


def above(total):
    return [total - below for below in ramps(total)]


def shared(total):
    return [below / total for below in ramps(total)]


def pick(wrong, mean=np.mean, empty=np.inf):
    """The row with the lowest mean error, nan as infinity; None if it is the first or the last."""
    filled = mean(np.where(np.isnan(wrong), empty, wrong), axis=1)
    best = int(filled.argmin())
    return None if best in (0, len(filled) - 1) else best


def unflagged(wrong):
    return int(np.where(np.isnan(wrong), np.inf, wrong).mean(axis=1).argmin())


def takes_nan(wrong):
    best = int(np.mean(wrong, axis=1).argmin())
    return None if best in (0, len(wrong) - 1) else best


def overlooks(wrong):
    best = int(np.nanmean(wrong, axis=1).argmin())
    return None if best in (0, len(wrong) - 1) else best


def lucky_seed(wrong):
    return pick(wrong, mean=np.min)


def judged(case):
    """What exercise 5 has found, in words: a rule, and what ten times too low costs it."""
    if case is ...:
        return case
    try:
        rule, factor = case
        rule, factor = {name.lower(): name for name in RULES}[str(rule).lower()], float(factor)
    except (TypeError, ValueError, KeyError):
        return "no pair"
    if weighs_more(rule, 0.1, "training loss") != "rule":
        return "not the rule"
    return FOUND if factor == round(cost(rule, 0.1, "training loss").max()) else "another factor"


BAD = np.nan
GRIDS = [
    (np.array([[9.0, 9.0], [5.0, 1.0], [2.0, 2.5], [2.0, 8.0]]),),
    (np.array([[9.0, 8.0], [BAD, 50.0], [3.0, 3.0], [BAD, 2.0], [90.0, BAD]]),),
    (np.array([[9.0, 8.0], [5.0, 5.0], [3.0, 2.0]]),),
    (np.array([[2.0, 2.0], [3.0, 4.0], [9.0, BAD]]),),
]

answers = {
    "learning_rate.1": dict(
        expected=[EXCESS, 0.05 * (1 + EXCESS), EXCESS],
        rtol=0.02,
        hint="Three numbers: the fraction, the learning rate, and what a step leaves of the error.",
        wrong={
            (np.log(2) / 100, 0.05 * (1 + np.log(2) / 100), np.log(2) / 100): "The loss goes with "
            "the square of the error: in 50 steps the error grows by the root of 2 only.",
            (np.log(2) / 100, 0.05 * (1 + np.log(2) / 200), np.log(2) / 200): "The last two are "
            "right. The factor of a step is 1 + 2 delta: you gave 2 delta.",
            (EXCESS, 0.05 * (1 + EXCESS), 0.5): "The first two are right. Halving the rate does "
            "not halve the error: what is 1 - lr L there?",
            (EXCESS, 0.025 * (1 + EXCESS), EXCESS): "The limit is 2 / L, and not 1 / L.",
        },
    ),
    "learning_rate.2": dict(
        expected=[10, 2 + np.e**3],
        rtol=5e-3,
        hint="The factor by which the loss is higher, then s at m = 3 from m + e^m - 1 = s.",
        wrong={
            (0.1, 2 + np.e**3): "The second is right. At the lower rate the loss is higher.",
            (10, np.e**3): "The first is right. Do not drop the 3 - 1 at so small a margin.",
            (10, 3 + np.e**3): "The first is right. The integral starts at m = 0, where e^m is 1.",
            (np.log(10), 2 + np.e**3): "The second is right. The margin changes by ln 10; the loss "
            "is about e^-m.",
        },
    ),
    "learning_rate.3": dict(
        expected=ramps,
        cases=[(50,), (200,), (1000,)],
        hint="Two numbers of steps with a rate below 2: of np.geomspace, then of np.linspace.",
        wrong={
            swapped: "The two ramps are in the other order: equal factors first.",
            above: "These are the steps with a rate of 2 or more.",
            shared: "Asked for is a number of steps, and not their share.",
        },
    ),
    "learning_rate.4": dict(
        expected=pick,
        cases=GRIDS,
        hint="nan becomes infinity, then the mean over seeds, axis 1; None for an end of the grid.",
        wrong={
            takes_nan: "NumPy's argmin returns the first nan: the diverged rate wins.",
            overlooks: "A rate at which a seed diverged wins here: its nan must not be left out.",
            unflagged: "An end of the grid may be the best row only because the grid stops there: "
            "None.",
            lucky_seed: "That picks the luckiest single seed. Take the mean over seeds.",
        },
    ),
    "learning_rate.5": dict(
        expected=FOUND,
        wrong={
            "no pair": "A rule's name and a number are wanted, as in (\"Momentum\", 18).",
            "not the rule": "For this one it is a TIE by training loss too. Try another rule.",
            "another factor": "The rule is well chosen. The factor is that of the worst of three "
            "sets: the second number of its cell in the table.",
        },
    ),
    "learning_rate.6": dict(
        expected="ab",
        wrong={
            "a": "That is half of it. Which images chose the best of 20?",
            "b": "That is half of it. What did one rival get, and the other not?",
            "c": "What did one rival get, and the other not?",
            "abc": "More seeds for one rival only are another unfairness.",
        },
        hint="Letters of repairs that make the ranking fair.",
    ),
}
