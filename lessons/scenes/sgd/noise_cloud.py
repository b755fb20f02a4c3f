"""A crowd of SGD runs in a valley: where the noise of every gradient keeps them."""
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.look import BLUE, GREY, ORANGE, VERMILION, Look
from lessons.scenes.sgd.poll import dots
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import gradient_descent
from lessons.surfaces import ravine

STEPS, RUNS, SEEN, LATE = 120, 2000, 20, 90     # runs; those that are drawn; the floor's first step
FIRST = dict(lr=0.1, batch=1)         # whose floor stays as a line when they are turned
START = (-1.0, 0.5)
LEVELS = 0.03, 0.12, 0.27, 0.48       # of the loss: lines on the map
FLAT, STEEP = Look(BLUE, (), "o"), Look(VERMILION, (7, 2), "s")
DERIVED = Look(INK.color, (2, 2), "o")


@scene("A cloud that noise keeps alive", steps=STEPS, rate=15, height=4.2,
       alt="Left: 20 runs of SGD in a valley, a cloud that slides to the middle and stays, with an "
           "ellipse two standard deviations wide. Right: what each direction costs over the steps.")
def noise_cloud(stage):
    """Follow 2,000 runs of SGD in a valley.

    Every gradient has an error of standard deviation 1 / sqrt(B) in each direction. The flat one
    has curvature 1, the steep one that of the condition number.
    """
    valley, cost = stage.grid(ncols=2, width_ratios=(1, 1.15))
    valley.set(xlim=(-1.2, 0.9), ylim=(-0.96, 0.96), xticks=[], yticks=[], aspect="equal",
               xlabel="flat direction", ylabel="steep direction")
    cost.set(xlim=(0, STEPS), ylim=(2e-3, 2), yscale="log", xlabel="step")
    heads = [stage.headline(ax) for ax in (valley, cost)]
    cloud = stage.curve(valley, Look(GREY, (), "o"), width=3.5)
    levels = [stage.ellipse(valley, INK, width=0.7) for _ in LEVELS]
    gold = Look(ORANGE, (), "o")
    ring = stage.ellipse(valley, gold, width=2)
    stage.text(valley, gold, size=10).set([(-1.15, 0.86)], ["gold: 2 standard deviations, derived"])
    stage.text(valley, INK, size=10).set([(-1.15, -0.86)], ["grey lines: equal loss"])
    runs = {name: stage.path(cost, look, group=name, width=3)
            for name, look in (("Flat direction", FLAT), ("Steep direction", STEEP))}
    lanes = {name: (path, stage.path(cost, DERIVED, whole=True, width=1.8))     # on top of the runs
             for name, path in runs.items()}
    named = stage.text(cost, INK, size=10)
    before = stage.noted_line(cost)
    stage.slider("lr", FIRST["lr"])
    stage.slider("batch", FIRST["batch"])
    stage.slider("condition", 4.0)
    stage.slider("seed", 0)
    stage.record("lr")

    def update(lr, batch, condition, seed):
        curvature = np.array([1.0, condition])
        run = descend(place(condition, batch, seed), gradient_descent, START, STEPS, lr=lr)
        weight = curvature / 2
        with np.errstate(all="ignore"):     # too long a step leaves for infinity
            found = weight * np.square(run.theta).mean(axis=1)
            spread = variance(lr, curvature, batch, np.arange(STEPS + 1))
            centre = (1 - lr * curvature) ** np.arange(STEPS + 1)[:, None] * START
            across = 2 * np.sqrt(spread)[:, None, :] * np.eye(2)
            ring.set(np.concatenate([centre[:, None], centre[:, None] + across], axis=1))
        floors = weight * floor(lr, curvature, batch)
        cloud.set([dots(np.where(np.abs(points) < 9, points, np.nan))
                   for points in run.theta[:, :SEEN]])
        for line, level in zip(levels, LEVELS):
            line.set([[(0, 0), *(np.sqrt(2 * level / curvature) * np.eye(2))]])
        late = found[LATE:].mean(axis=0)
        for k, (path, law) in enumerate(lanes.values()):
            path.over_time(found[:, k])
            law.set([(0, floors[k]), (STEPS, floors[k])])
            path.says([f"{value:.2g}" for value in found[:, k]])
        named.set([(0.33 * STEPS, 1.4)],
                  [f"short dashes: derived, {floors[0]:.2g} and {floors[1]:.2g}"])
        level = weight[0] * floor(curvature=curvature, **FIRST)[0]
        words = "flat floor at lr 0.1, batch 1" if FIRST != dict(lr=lr, batch=batch) else ""
        line = [(0, level), (STEPS, level)] if words else ((np.nan, np.nan),)
        before(words, line, (0.4 * STEPS, level * 1.25))
        heads[0](f"lr {lr:.3g}, batch {batch}")
        heads[1](f"Excess loss, mean of {RUNS:,} runs")
        stage.runs = {"SGD": run}
        stage.summary = (f"lr {lr:.3g}, batch {batch}, condition {condition:.3g}, excess loss\n"
                         f"  flat {late[0]:.3g}, derived {floors[0]:.3g}\n"
                         f"  steep {late[1]:.3g}, derived {floors[1]:.3g}")

    return update


@lru_cache(maxsize=8)
def errors(seed):
    """The errors of all gradients at batch 1, (STEPS, RUNS, 2), as views.noisy draws them."""
    return np.stack([np.random.default_rng((seed, t)).standard_normal((RUNS, 2))
                     for t in range(1, STEPS + 1)])


def place(condition, batch, seed):
    """noisy(ravine(condition), 1 / sqrt(batch), seed, RUNS), with errors that are drawn once."""
    still, drawn = ravine(condition), errors(seed) / np.sqrt(batch)

    def at(t):
        return replace(still, grad=lambda theta: still.grad(theta) + drawn[t - 1])

    return replace(still, at=at)


def floor(lr, curvature, batch):
    """The variance of each direction after many steps; inf where they diverge."""
    left = curvature * (2 - lr * curvature)
    return np.where(left > 0, lr / batch / np.where(left > 0, left, 1), np.inf)


def variance(lr, curvature, batch, t):
    """The variance of each direction after t steps from one point: (T, 2)."""
    keep = (1 - lr * curvature) ** 2
    rounds = t[:, None] * np.ones(2)
    sums = np.where(keep == 1, rounds, (1 - keep**rounds) / np.where(keep == 1, np.nan, 1 - keep))
    return lr**2 / batch * sums
