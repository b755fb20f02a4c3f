"""Can a rule with a rate for each coordinate follow what moves, and does it come to rest?"""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import (
    grid_in_words,
    knobs_of,
    learning_rates,
    named,
    own,
    seed_sets,
    table,
    walks,
    weather,
)
from lessons.steps import adagrad, gradient_descent, rmsprop
from lessons.surfaces import parabola
from lessons.views import moving

__all__ = ["follow", "resting_place"]
TRACKERS = (gradient_descent, adagrad, rmsprop)


def follow(rules=TRACKERS, lr=None, laps=8, period=100, sigma=0.3, tune_on="all", count=8,
           progress="Follow", **knobs):
    """How far behind a minimum that swings to and fro is each rule, lap by lap?

    The minimum of a parabola swings by 1 in `period` steps, and gradients have noise. Columns: the
    mean distance on each lap. The lr is chosen on one set of seeds, by its mean distance on "all"
    laps or on the "first", and judged on the next set; at_edge: it is an end of the grid.
    """
    rules, sets = named(rules, **knobs), seed_sets(count)
    rates, kept = learning_rates(1e-3) if lr is None else lr, {"all": laps, "first": 1}[tune_on]
    times = np.arange(1, laps * period + 1)
    swing = partial(_swing, period)
    place = weather(moving(parabola(), swing), sigma)

    def distances(rule, seeds, rates):
        theta = walks(rules[rule], place, seeds, rates, laps * period)[1][1:, ..., 0]
        far = np.abs(theta - swing(times)[:, None, None]).reshape(laps, period, len(rates), -1)
        return np.nan_to_num(far.mean(axis=(1, 3)), nan=np.inf)  # (laps, rates)

    def measure(rule, judged):
        best = int(distances(rule, sets[judged - 2], rates)[:kept].mean(axis=0).argmin())
        far = distances(rule, sets[judged - 1], [rates[best]])[:, 0]
        return {"lr": rates[best], **{f"lap {k}": lap for k, lap in enumerate(far, 1)},
                "at_edge": best in (0, len(rates) - 1)}

    cases = [{"rule": name, "judged": k} for name in rules for k in (1, 2, 3)]
    return table(measure, cases, progress=progress, starts="in the minimum", seeds=sets,
                 grid=grid_in_words(rates), budget=f"{laps} laps of {period} steps",
                 criterion=f"mean distance, lr chosen on {tune_on} laps of the set before")


def _swing(period, t):
    return np.sin(2 * np.pi * np.asarray(t) / period)


def resting_place(rules=rmsprop, lr=(0.01, 0.1, 1.0), curvature=1.0, budget=5000, count=3,
                  progress="Rest", **knobs):
    """How far from the minimum of a parabola, in units of lr, does a rule end without any noise?

    The farther of the last two of `budget` steps, over all starts N(0, 1) of a set, to four
    decimals: below, rounding decides. theory: for RMSprop, which jumps to and fro
    between 1/2 - eps / (lr c) on either side; with an eps above lr c / 2 it comes to rest.
    """
    rules, sets = named(rules, **knobs), seed_sets(count)

    def measure(rule, lr):
        found = {}
        for k, seeds in enumerate(sets, 1):
            start = [[np.random.default_rng(seed).normal()] for seed in seeds]
            run = descend(parabola(curvature), rules[rule], start, budget, lr=lr)
            found[f"set {k}"] = round(np.abs(run.theta[-2:]).max() / lr, 4)
        if own(rules[rule]) is rmsprop:
            eps = knobs_of(rules[rule])["eps"] / (lr * curvature)
            found["theory"] = max(0.0, 0.5 - eps)
        return found

    cases = [{"rule": name, "lr": rate} for name in rules for rate in np.ravel(lr).tolist()]
    return table(measure, cases, progress=progress, starts="N(0, 1), by seed", seeds=sets,
                 grid=str(lr), budget=f"{budget} steps",
                 criterion="the farther of the last two steps, in units of lr")
