"""A cliff on the way: without clipping the walker is thrown out of the picture."""
from dataclasses import replace

import numpy as np

from lessons.descend import descend
from lessons.look import BLUE, GREEN, PURPLE, VERMILION, Look
from lessons.plots import contours
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import recurrent_neuron
from lessons.views import clipped, clipped_by_value

STEPS, START = 100, (1.87, -0.17)
WINDOW = ((1.3, 2.0), (-0.25, 0.35))
LOW, HIGH = 1e-4, 1e3
TICKS = 0.0001, 0.001, 0.01, 0.1, 1, 10, 100, 1000
NAMES = (1.82, -0.03, "the wall"), (1.36, -0.15, "high: loss about 1.4"), (      # on the map
    1.79, 0.22, "low: loss 0.01"), (1.35, 0.085, "loss 0")
PAPER = dict(facecolor="white", edgecolor="none", alpha=0.8, pad=1.5)    # dark pages too
RIVALS = {"No clipping": Look(BLUE, (), "o"), "By norm": Look(VERMILION, (7, 2), "s"),
          "By value": Look(GREEN, (2, 2), "^")}
WIDTHS = {"No clipping": 5}     # on the map: seen on both sides of a path that covers it


@scene("A cliff on the way", steps=STEPS, rate=8, height=4.4,
       alt="Left: the loss of a neuron over its weight and its bias, with a wall where the bias is "
           "0, high below it and low above it. A dotted line, where the loss is 0, runs along the "
           "wall's foot, and leaves it towards smaller weights. Three paths: without clipping, "
           "clipped by norm, clipped by value. Right: how long each step is, with a dashed line at "
           "the learning rate times the threshold. At the first setting the three go up to the "
           "wall as one. There the path without clipping leaves the map straight up, in one long "
           "step, and stands still; the clipped ones go zigzag along the wall, towards smaller "
           "weights.")
def cliff(stage, *, lr=0.1, threshold=1.0):
    """Walk gradient descent down recurrent_neuron(), unclipped, by norm and by value."""
    map, length = stage.grid(ncols=2, width_ratios=(1.15, 1))
    contours(map, replace(recurrent_neuron(), window=WINDOW), darkest=0.9)
    map.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel="weight w", ylabel="bias b")
    map.plot(*line_of_zero(), color=PURPLE, linewidth=2.4, linestyle=":", zorder=3)
    for x, y, words in NAMES:
        map.text(x, y, words, fontsize=11, va="center", bbox=PAPER)
    length.set(xlim=(0, STEPS), ylim=(LOW, HIGH), yscale="log", xlabel="step",
               ylabel="length of the step")
    length.set_yticks(TICKS, labels=[f"{tick:,g}" for tick in TICKS])
    above, beside = stage.headline(map), stage.headline(length)
    longest = stage.noted_line(length)
    gone = stage.text(map, RIVALS["No clipping"], size=11)
    tracks = {name: (stage.path(map, look, group=name, size=8, width=WIDTHS.get(name, 2.2)),
                     stage.path(length, look, group=name, size=8))
              for name, look in RIVALS.items()}
    stage.slider("lr", lr, within=(0.01, 1.0))
    stage.slider("threshold", threshold, within=(0.03, 300.0))
    stage.point(map, "start", START, label="start")
    stage.record("threshold")
    stage.record("lr")

    def update(lr, threshold, start):
        runs = walked(lr, threshold, start)
        for name, run in runs.items():
            path, lengths = tracks[name]
            path.set(until_gone(run.theta, WINDOW))
            lengths.over_time(moves(run), first=1)
            path.says([f"loss {loss:.2g}" for loss in run.loss])
        gone.set([(1.33, 0.31)], lost(runs["No clipping"].theta[:, 1]))
        size = gradients(runs["By norm"])
        cut = int((size[:-1] > threshold).sum())
        above([f"Gradient {value:.3g}, cut to {min(value, threshold):.3g} (by norm)"
               for value in size])
        beside(f"{cut} of {STEPS} steps are clipped (by norm)")
        height = lr * threshold
        longest(f"lr c = {height:.3g}", [(0, height), (STEPS, height)], (62, 1.8 * height))
        stage.runs = runs
        stage.summary = f"lr {lr:.3g}, c {threshold:.3g}: {cut} steps are clipped\n" + "\n".join(
            f"  {name}: longest step {moves(run).max():.3g}, loss {run.loss[-1]:.3g}"
            for name, run in runs.items())

    return update


def line_of_zero(places=71):
    """(weights, biases) on the map's thin line where the neuron ends at its target, by bisection.

    The gradient along b is below 0 as long as the neuron says too little.
    """
    weights = np.linspace(*WINDOW[0], places)
    low, high = np.full(places, WINDOW[1][0]), np.full(places, WINDOW[1][1])
    for _ in range(50):
        middle = (low + high) / 2
        little = recurrent_neuron().grad(np.stack([weights, middle], -1))[:, 1] < 0
        low, high = np.where(little, middle, low), np.where(little, high, middle)
    return weights, middle


def walked(lr, threshold, start):
    """{name: Trajectory} of the three rivals, from one start."""
    neuron = recurrent_neuron()
    places = neuron, clipped(neuron, threshold), clipped_by_value(neuron, threshold)
    return {name: descend(place, gradient_descent, start, STEPS, lr=lr)
            for name, place in zip(RIVALS, places)}


def moves(run):
    """The length of each step of a run: (STEPS,)."""
    return np.sqrt(np.square(np.diff(run.theta, axis=0)).sum(-1))


def gradients(run):
    """The length of the gradient, not clipped, at each point of a run: (STEPS + 1,)."""
    return np.sqrt(np.square(recurrent_neuron().grad(run.theta)).sum(-1))


def lost(bias):
    """What the map says at each step: from the first one out of sight on, where that led."""
    out = np.flatnonzero((bias < WINDOW[1][0]) | (bias > WINDOW[1][1]))
    first = out[0] if len(out) else len(bias)
    return [f"thrown to b = {bias[first]:.3g}" if t >= first else "" for t in range(len(bias))]
