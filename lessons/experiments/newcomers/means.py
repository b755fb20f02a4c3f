"""Schedule-Free's three points: what the mean buys, what it costs, and what beta is for."""

from functools import cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import held
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.networks import mnist1d_mlp
from lessons.schedules import constant, linear
from lessons.steps import momentum, schedule_free
from lessons.steps.newcomers import schedule_free_adamw
from lessons.surfaces import parabola, ravine
from lessons.views import noisy

SETS, RUNS = seed_sets(1), 100      # a seed draws the noise of 100 runs
TUNING = 100        # the seed that chooses lr, and judges nobody
BUDGET, CONDITION, SIGMA = 400, 20.0, 1.0
RATES = np.geomspace(0.01, 10, 25)      # over L
WAYS = {        # name -> (rule, its schedule as a function of the peak)
    "Schedule-Free": (partial(schedule_free, beta=0.9), constant),
    "Schedule-Free, beta 0": (partial(schedule_free, beta=0.0), constant),
    "Momentum, linear fall": (momentum, linear),
    "Momentum, constant": (momentum, constant),
}


@cache
def races(way, condition, seed, budget=BUDGET):
    """The losses (budget + 1, lrs) of a way in a noisy ravine: means of RUNS runs."""
    step, shape = WAYS[way]
    place = noisy(ravine(condition, 30), SIGMA, seed=seed, runs=RUNS)
    start = np.broadcast_to(place.start, (RUNS, 2))
    lr = shape(RATES[:, None, None] / condition)
    with np.errstate(all="ignore"):     # of runs that leave for infinity
        loss = descend(place, step, start, budget, lr=lr).loss.mean(-1)
    return np.where(np.isfinite(loss), loss, np.inf)


def ended(way, condition, seed, budget=BUDGET):
    """The loss at the end, at the lr that was best with the tuning seed."""
    best = races(way, condition, TUNING, budget)[-1].argmin()
    return races(way, condition, seed, budget)[-1][best]


def without_a_date(condition=(20.0, 100.0), budget=BUDGET):
    """Who ends lowest in a noisy ravine, each at its own lr?

    The lr was best for the last step with a seed of its own. Mean loss of 100 runs after the last
    step, from the lowest to the highest of three other sets, for each condition number.
    """

    def measure(rule):
        found = {kappa: [ended(rule, kappa, seed, budget) for seed, in SETS]
                 for kappa in np.ravel(condition).tolist()}
        return {f"kappa {kappa:g}": span(ends, 4) for kappa, ends in found.items()}

    return table(measure, [{"rule": way} for way in WAYS], starts="the ravine's own", seeds=SETS,
                 grid="25 lr L from 0.01 to 10", budget=f"{budget} gradients, noise {SIGMA:g}",
                 criterion="mean loss of 100 runs at the end")


def mean_is_quiet(lr=0.1, budget=BUDGET, count=4000):
    """How far from the minimum of x^2 / 2 are one walker, its mean, and a falling lr, in noise?

    Mean square of x after so many steps from 0 with noise of deviation 1, in three sets.
    """
    fall = lr * (1 - np.arange(budget) / budget)
    kept = np.append(np.cumprod((1 - fall)[:0:-1])[::-1], 1.0)      # what later steps leave of it
    derived = {"z alone": lr / (2 - lr), "mean of z": 1 / budget,
               "linear fall to 0": float(np.square(fall * kept).sum())}

    def measure(point):
        squares = []
        for seed, in SETS:
            z, mean = np.zeros(count), np.zeros(count)
            draw = np.random.default_rng(seed)
            for t in range(1, budget + 1):
                now = fall[t - 1] if point == "linear fall to 0" else lr
                z = z - now * (z + draw.standard_normal(count))
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


def excursions(lr_L=(5.0, 10.0, 15.0, 19.0, 21.0), beta=0.9, warmup=50, steps=1000):
    """How far away does Schedule-Free's z go on x^2 / 2, without and with a warm-up?

    It starts at 1, without noise. derived: the step at which its jumps should begin to shrink.
    farthest: the largest |z|. ends at: |x| after so many steps, without warm-up.
    """

    def measure(lr_L):
        (z, end), (calm, _) = (excursion(lr_L, w, beta, steps) for w in (0, warmup))
        slow = 2 / lr_L - (1 - beta)
        return {"derived": f"{beta / 2 / slow:.1f}" if slow > 0 else "never",
                "at step": int(z.argmax()), "farthest": in_short(z.max()), "ends at": in_short(end),
                "farthest with warm-up": in_short(calm.max())}

    return table(measure, [{"lr_L": lr} for lr in np.ravel(lr_L).tolist()], starts="1",
                 seeds="none", grid=f"beta {beta:g}", budget=f"{steps} gradients",
                 criterion="|z|").rename(columns={"lr_L": "lr L"})


def in_short(number):
    """A number of any size as text: 1, 19, 1,134, 6e+05."""
    return f"{number:,.0f}" if 0.5 < number < 1e5 else f"{number:.0e}"


@cache
def points(lr=0.02, steps=400):
    """The judging losses (9,) at x, y and z of Schedule-Free AdamW on MNIST-1D."""
    place = mnist1d_mlp(seed=sum(map(list, seed_sets(3)), []))
    run = descend(place, schedule_free_adamw, steps=steps, every=steps,
                  lr=held(lr, steps // 10), beta2=0.95)
    x, z = run.theta[-1], run.state["z"][-1]
    return {name: place.judging_loss(at.astype(np.float32))
            for name, at in (("x, the mean", x), ("y = 0.1 z + 0.9 x", 0.1 * z + 0.9 * x),
                             ("z, the walker", z))}


def forgotten_eval(steps=400):
    """What does it cost to judge a network at y or z, where the mean x is meant?

    The mean loss on held-out curves of MNIST-1D of three seeds, in three sets.
    """

    def measure(point):
        return by_set(points(steps=steps)[point].reshape(3, 3).mean(1))

    return table(measure, [{"point": name} for name in points(steps=steps)], grid="lr 0.02",
                 starts="first weights by seed", seeds=seed_sets(3), budget=f"{steps} mini-batches",
                 criterion="loss on held-out curves")
