"""Two hundred mini-batches asked for the gradient, beside what all examples together say."""
from functools import lru_cache

import numpy as np

from lessons.look import BLUE, GREEN, GREY, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import INK

EXAMPLES, BATCHES = 1024, 200
CENTRE, SPREAD = (0.6, 0.3), (1.0, 0.7)
WITHOUT, WITH = "each example once", "with replacement"
ALL, ONE, MEAN = Look(BLUE, (), "o"), Look(VERMILION, (), "s"), Look(GREEN, (2, 2), "^")
SIZES = np.unique(np.geomspace(1, EXAMPLES, 40).astype(int))
AROUND = np.stack([f(np.linspace(0, 2 * np.pi, 73)) for f in (np.cos, np.sin)], -1)
ALONG = np.union1d(SIZES, EXAMPLES - SIZES)[1:]     # of the law: close, too, where it falls to 0


@scene("A poll among the examples", steps=BATCHES, rate=10, height=4.2,
       alt="Left: minus the gradient of all examples as an arrow, and those of 200 mini-batches as "
           "dots around its tip. Right: the error of a mini-batch's gradient against its size.")
def poll(stage):
    """Ask 200 mini-batches for the gradient at a point that can be dragged.

    The loss is mean |theta - a|^2 / 2 over 1,024 examples a of the plane, so minus the gradient
    of a batch leads from theta to the mean of its examples.
    """
    plane, error = stage.grid(ncols=2, width_ratios=(1.1, 1))
    plane.set(xlim=(-2.1, 3.3), ylim=(-1.9, 2.5), xticks=[], yticks=[])
    error.set(xlim=(0.8, 1300), ylim=(0.01, 3), xscale="log", yscale="log", xlabel="batch size B",
              ylabel="error of the gradient")
    heads = [stage.headline(ax) for ax in (plane, error)]
    cloud = stage.curve(plane, Look(GREY, (), "o"), width=2.6)
    circle = stage.curve(plane, Look(VERMILION, (5, 2), "s"), width=2)      # on top of the dots
    exact = stage.arrow(plane, ALL, group="All examples", width=3.4)
    batch_arrow = stage.arrow(plane, ONE, group="One batch", width=2.2)
    running = stage.marker(plane, MEAN, group="Mean of the batches so far", size=8)
    law = stage.path(error, INK, whole=True, width=1.6)
    found = stage.curve(error, ONE, width=3)
    here = stage.marker(error, ONE, size=11)
    ring, falls, tail = (stage.text(ax, look, size=10) for ax, look in (
        (plane, ONE), (error, INK), (plane, INK)))
    stage.slider("batch", 4)
    stage.choice("drawing", [WITHOUT, WITH], label="drawing")
    stage.slider("seed", 0)
    stage.point(plane, "theta", (-0.5, -0.6), label="theta")
    stage.record("batch")

    def update(batch, drawing, seed, theta):
        examples, means = means_of(seed, drawing == WITH)
        target, tips = examples.mean(axis=0), means[:, batch - 1]
        errors = np.sqrt(np.square(means - target).sum(-1).mean(0))
        away, radius = uphill(theta, target, tips), errors[batch - 1]
        cloud.set([dots(tips)])
        circle.set([target + radius * AROUND])
        exact.set([[theta, target]])
        batch_arrow.set([[theta, tip] for tip in tips[[0, *range(BATCHES)]]])
        so_far = np.cumsum(tips, axis=0) / np.arange(1, BATCHES + 1)[:, None]
        running.set(so_far[[0, *range(BATCHES)]])
        law.set(np.stack([ALONG, theory(examples, ALONG, drawing == WITH)], -1))
        found.set([dots(np.stack([SIZES, errors[SIZES - 1]], -1)[::3], along=1.06)])
        here.set([[batch, radius]])
        ring.set([target + [-0.3, radius + 0.14]], ["the error"])
        falls.set([(12, theory(examples, 5, drawing == WITH))], ["derived"])
        tail.set([theta + [-0.6, -0.05]], ["theta"])
        length = np.linalg.norm(target - theta)
        stage.legend("All examples", ALL, [f"length {length:.2f}"])
        stage.legend("One batch", ONE, [f"off by {np.linalg.norm(tip - target):.2f}"
                                        for tip in tips[[0, *range(BATCHES)]]])
        stage.legend("Mean of the batches so far", MEAN, [
            f"off by {np.linalg.norm(mean - target):.2f}" for mean in so_far[[0, *range(BATCHES)]]])
        heads[0](f"B = {batch}: {away} of {BATCHES} batches point uphill")
        heads[1](f"Error {radius:.3f}, derived {theory(examples, batch, drawing == WITH):.3f}")
        stage.summary = (f"Batches of {batch}, {drawing}: error {radius:.3f} beside a gradient of "
                         f"length {length:.3f}; {away} of {BATCHES} point uphill")

    return update


@lru_cache(maxsize=8)
def means_of(seed, replacement):
    """The examples (N, 2), and the mean of the first B draws of each batch: (BATCHES, N, 2)."""
    rng = np.random.default_rng(seed)
    examples = rng.normal(CENTRE, SPREAD, (EXAMPLES, 2))
    shape = (BATCHES, EXAMPLES)
    drawn = rng.integers(0, EXAMPLES, shape) if replacement else rng.random(shape).argsort(axis=1)
    return examples, np.cumsum(examples[drawn], axis=1) / np.arange(1, EXAMPLES + 1)[:, None]


def theory(examples, batch, replacement=False):
    """The root mean square of a batch's error: s / sqrt(B), less where nothing is drawn twice."""
    n, variance = len(examples), np.square(examples - examples.mean(axis=0)).sum(-1).mean()
    once = 1 if replacement else (n - batch) / (n - 1)
    return np.sqrt(variance / batch * once)


def uphill(theta, target, tips):
    """How many batches' steps have a positive product with the gradient of all examples."""
    return int(((tips - theta) @ (target - theta) < 0).sum())


def dots(points, along=None):
    """Points (N, 2) as a curve of short dashes. along: their length as a factor, for a log axis."""
    left, right = np.array(points, float), np.array(points, float)
    shift = 0.01
    left[:, 0], right[:, 0] = ((left[:, 0] / along, right[:, 0] * along) if along else
                               (left[:, 0] - shift, right[:, 0] + shift))
    return np.stack([left, right, np.full_like(left, np.nan)], axis=1).reshape(-1, 2)
