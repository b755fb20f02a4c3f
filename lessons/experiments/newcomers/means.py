"""Schedule-Free's three points: what the mean buys, what it costs, and what beta is for."""

from functools import cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import held
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.schedules import constant, linear
from lessons.steps import momentum, schedule_free
from lessons.surfaces import parabola, ravine
from lessons.views import noisy

SETS, RUNS = seed_sets(1), 100      # a seed draws the noise of 100 runs
TUNING = 100        # the seed that chooses lr, and judges nobody
ENDS, SIGMA = (100, 200, 400), 1.0      # where a run may be stopped
RATES = np.geomspace(0.01, 10, 25)      # over L
WAYS = {        # name -> (rule, its schedule as a function of the peak)
    "Schedule-Free": (partial(schedule_free, beta=0.9), constant),
    "Schedule-Free, beta 0": (partial(schedule_free, beta=0.0), constant),
    "Momentum, constant lr": (momentum, constant),
    "Momentum, a fall to each end": (momentum, linear),
}
PLANNED = "Momentum, a fall to each end"


@cache
def races(way, condition, seed, budget):
    """The losses (budget + 1, lrs) of a way in a noisy ravine: means of RUNS runs."""
    step, shape = WAYS[way]
    place = noisy(ravine(condition, 30), SIGMA, seed=seed, runs=RUNS)
    start = np.broadcast_to(place.start, (RUNS, 2))
    lr = shape(RATES[:, None, None] / condition)
    with np.errstate(all="ignore"):     # of runs that leave for infinity
        loss = descend(place, step, start, budget, lr=lr).loss.mean(-1)
    return np.where(np.isfinite(loss), loss, np.inf)


def stopped(way, condition, seed, ends=ENDS):
    """The losses (ends,) of a way that is stopped there; lr was chosen with the tuning seed.

    PLANNED makes a run for each end, at the lr that was best there. The others make one run, at the
    lr whose loss is lowest in the mean over all steps from the first end to the last.
    """
    if way == PLANNED:
        best = [races(way, condition, TUNING, end)[-1].argmin() for end in ends]
        return np.array([races(way, condition, seed, end)[-1][k] for end, k in zip(ends, best)])
    best = races(way, condition, TUNING, ends[-1])[ends[0]:].mean(0).argmin()
    return races(way, condition, seed, ends[-1])[list(ends), best]


def without_a_date(condition=100.0, ends=ENDS):
    """Who ends lowest in a noisy ravine, wherever it is stopped?

    The fall is a run for each end, planned and tuned for it; the others make one run, at the lr
    that is lowest in the mean over all steps from the first end to the last. A seed of its own
    chooses lr. Mean loss of 100 runs after so many steps, from the lowest to the highest of three
    other sets.
    """

    def measure(rule):
        losses = np.array([stopped(rule, condition, seed, ends) for seed, in SETS]).T
        return {f"stopped at {end}": span(row, 4) for end, row in zip(ends, losses)}

    return table(measure, [{"rule": way} for way in WAYS], starts="the ravine's own", seeds=SETS,
                 grid="25 lr L from 0.01 to 10", budget=f"noisy gradients, noise {SIGMA:g}",
                 criterion="mean loss of 100 runs")


def mean_is_quiet(lr=0.1, budget=400, count=4000):
    """How far from the minimum of x^2 / 2 are one walker and the mean of its places, in noise?

    Mean square of x after so many steps from 0 with noise of deviation 1, in three sets.
    """
    derived = {"z alone": lr / (2 - lr), "mean of z": 1 / budget}

    def measure(point):
        squares = []
        for seed, in SETS:
            z, mean = np.zeros(count), np.zeros(count)
            draw = np.random.default_rng(seed)
            for t in range(1, budget + 1):
                z = z - lr * (z + draw.standard_normal(count))
                mean += (z - mean) / t
            squares.append(float(np.square(mean if point == "mean of z" else z).mean()))
        return {"derived": derived[point], **by_set([float(f"{x:.3g}") for x in squares])}

    return table(measure, [{"point": name} for name in derived], starts="0", seeds=SETS,
                 grid=f"lr {lr:g}", budget=f"{budget} gradients", criterion="mean square of x")


def excursion(lr, warmup=0, beta=0.9, steps=1000):
    """|z| (steps + 1,) and the last |x| of Schedule-Free on x^2 / 2, from 1, without noise."""
    shape = held(lr, warmup) if warmup else constant(lr)
    with np.errstate(all="ignore"):
        run = descend(parabola(1.0), partial(schedule_free, beta=beta), (1.0,), steps, lr=shape)
    return np.abs(np.array([(1.0,), *run.state["z"]])[:, 0]), abs(float(run.theta[-1, 0]))
