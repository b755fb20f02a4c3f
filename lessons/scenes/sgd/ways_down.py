"""Three ways to end on a noisy parabola: a constant learning rate, a falling one, an average."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.sgd import mean_squares
from lessons.look import BLUE, GREEN, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import gradient_descent
from lessons.surfaces import parabola
from lessons.views import noisy

STEPS, START = 500, -2.0
TIME = np.arange(1, STEPS + 1)
FROM = {"all points": 0, "the second half": STEPS // 2}
LOOK = {"Constant": Look(BLUE, (), "o"), "Falling, a / t": Look(VERMILION, (7, 2), "s"),
        "Mean of constant": Look(GREEN, (4, 4), "^")}

WIDTH = {"Constant": (0.8, 2.4), "Falling, a / t": (2.6, 6), "Mean of constant": (2.6, 2.2)}


@scene("Ways to the bottom", steps=STEPS, rate=60, height=4.2,
       alt="Left: one run of SGD at a constant learning rate, one at a falling one, and the mean "
           "of the first. Right: their mean squared distance from the minimum, over the steps.")
def ways_down(stage):
    """Walk a parabola with noise 1 at a constant lr, at a / t, and average the first walk's points.

    Left one run of each, all with the same noise; right the exact mean square of all runs.
    """
    way, far = stage.grid(ncols=2, width_ratios=(1, 1.15))
    way.set(xlim=(0, STEPS), ylim=(-3.6, 3.6), xlabel="step", ylabel="x")
    far.set(xlim=(1, STEPS), ylim=(1e-3, 20), xscale="log", yscale="log", xlabel="step",
            ylabel="mean square of x")
    stage.path(way, INK, whole=True, width=0.8).set([(0, 0), (STEPS, 0)])
    heads = [stage.headline(ax) for ax in (way, far)]
    best = stage.noted_line(far)
    lanes = {name: [stage.path(ax, look, group=name, width=width)
                    for ax, width in zip((way, far), WIDTH[name])] for name, look in LOOK.items()}
    stage.slider("curvature", 1.0)
    stage.slider("lr", 0.5)
    stage.slider("scale", 1.0, label="a")
    stage.choice("average", FROM, label="mean of")
    stage.slider("seed", 0)
    stage.record("curvature")

    def update(curvature, lr, scale, average, seed):
        constant, falling = np.full(STEPS, lr), scale / TIME
        still, mean = squares(lr, curvature, FROM[average])
        steady, slowing = walks(curvature, np.stack([constant, falling]), seed)
        rows = {"Constant": (steady, still),
                "Falling, a / t": (slowing, mean_squares(falling, curvature)[0]),
                "Mean of constant": (averaged(steady, FROM[average]), mean)}
        for name, (x, square) in rows.items():
            lanes[name][0].over_time(x)
            lanes[name][1].over_time(square)
            lanes[name][1].says([f"{value:.2g}" for value in square])
        late = best_of(curvature)
        best(f"dashes: 1 / (c² t), in the end {late:.2g}",
             [(1, STEPS * late), (STEPS, late)], (1.2, 0.0018))
        ends = {name: square[-1] for name, (_, square) in rows.items()}
        heads[0](f"One run; curvature {curvature:.2g}, lr {lr:.2g}, a {scale:.2g}")
        heads[1]("All runs together")
        stage.summary = "\n".join([f"Curvature {curvature:.3g}, lr {lr:.3g}, a {scale:.3g}, mean "
                                   f"of {average}; mean square after {STEPS} steps",
                                   *(f"  {name}: {end:.3g}" for name, end in ends.items())])

    return update


def best_of(curvature):
    """1 / (c^2 t) at the last step: the variance of a mean of so many gradients, over c^2."""
    return 1 / (curvature**2 * STEPS)


@lru_cache(maxsize=64)
def squares(lr, curvature, begin):
    """mean_squares at a constant lr, kept because a turn of `a` does not change it."""
    return mean_squares(np.full(STEPS, lr), curvature, begin=begin)


def walks(curvature, rates, seed):
    """The points of two runs with the same noise, (2, STEPS + 1); rates: (2, STEPS)."""
    run = descend(noisy(parabola(curvature), 1.0, seed), gradient_descent, (START,), STEPS,
                  lr=lambda t, total: rates[:, t - 1, None])
    return run.theta[..., 0].T


def averaged(x, begin):
    """The mean of the points after step `begin` so far; nothing before, where there is none."""
    later = np.cumsum(x[begin + 1:]) / np.arange(1, STEPS - begin + 1)
    return np.concatenate([np.full(begin, np.nan), x[begin:begin + 1], later])
