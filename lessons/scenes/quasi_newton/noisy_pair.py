"""The chord through two noisy gradients: the shorter the step, the wilder its slope."""
from functools import lru_cache
from math import erf

import numpy as np

from lessons.look import BLUE, GREY, PURPLE, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

PAIRS, BENT = 40, 0.5           # chords; how much the curvature of one example varies
OTHER, SAME = "two batches", "the same batch twice"
CHORD, CLOUD, TRUE = Look(PURPLE, (), "s"), Look(GREY, (), "o"), Look(BLUE, (), "o")
WRONG = Look(VERMILION, (), "X")
BINS = np.linspace(-4, 6, 26)       # 0 is an edge, for the signs; 1 is the middle of a bin


@scene("A curvature from noisy gradients", steps=PAIRS, rate=8, height=4.2,
       alt="Left: the true gradient along a step, two noisy gradients at its ends, and the chord "
           "through them, with all chords before. With two batches the chords swing more, the "
           "shorter the step is; with one batch twice they keep together. Right: how "
           "often each curvature was measured, over the curve that is derived.")
def noisy_pair(stage):
    """Measure a curvature of 1 again and again, from the gradients of mini-batches.

    The gradient of an example at x is (1 + 0.5 u) x + v with u, v drawn from N(0, 1); a batch has
    the mean over its examples. The step goes from 0 to s. The thick chord is the newest. The
    outer bars hold what lies beyond.
    """
    ends, found = stage.grid(ncols=2, width_ratios=(1, 1.15))
    ends.set(xlim=(-0.12, 1.12), ylim=(-3, 4), xticks=[0, 1], xticklabels=["0", "s"],
             yticks=[-2, 0, 1, 3], ylabel="gradient, in units of k s", xlabel="along the step")
    found.set(xlim=(-4, 6), ylim=(0, 1.1), yticks=[], ylabel="number of chords",
              xlabel="measured curvature (blue: the true one, 1)")
    found.axvline(0, color=GREY, linewidth=1)
    found.axvline(1, color=BLUE, linewidth=1.5)
    heads = [stage.headline(ax) for ax in (ends, found)]
    before = stage.curve(ends, CLOUD, width=0.5)
    truth = stage.path(ends, TRUE, group="true gradient", whole=True, width=4)
    chord = stage.curve(ends, CHORD, group="right sign", width=3)
    falling = stage.curve(ends, WRONG, group="wrong sign", width=3)
    dots = [stage.marker(ends, look, size=10) for look in (CHORD, CHORD, WRONG, WRONG)]
    bars = stage.curve(found, CHORD, group="right sign", width=8)
    bad = stage.curve(found, WRONG, group="wrong sign", width=8)
    law = stage.path(found, DASHED, group="derived", whole=True, width=2)
    stage.slider("move", 1.0, kind="scale", label="step length", within=(0.01, 1.0))
    stage.slider("batch", 32)
    stage.choice("pair", [OTHER, SAME], label="both gradients from")
    stage.slider("seed", 6)
    stage.record("move")
    truth.set([(0, 0), (1, 1)])

    def update(move, batch, pair, seed):
        slopes, first = measured(move, batch, pair == SAME, seed)
        heights = np.stack([first / move, first / move + slopes], -1)      # in units of k s
        lines = np.stack(np.broadcast_arrays([0.0, 1.0], heights), -1)      # (PAIRS, 2, 2)
        shown = np.clip(np.arange(PAIRS + 1), 1, None)
        right = (slopes > 0)[:, None, None]
        for track, two, mine in ((chord, dots[:2], right), (falling, dots[2:], ~right)):
            thick = np.where(mine, lines, np.nan)[shown - 1]
            track.set(thick)
            for k, dot in enumerate(two):
                dot.set(thick[:, k])
        fan = np.concatenate([lines, np.full((PAIRS, 1, 2), np.nan)], axis=1)
        before.set([np.where(np.arange(PAIRS)[:, None, None] < n - 1, fan, np.nan).reshape(-1, 2)
                    for n in shown])
        wide = spread(move, batch, pair == SAME)
        x = np.linspace(-4, 6, 201)
        tall = np.array([histogram(slopes[:n]) for n in shown])
        expected = PAIRS * share(x, wide)
        top, tallest = max(tall.max(), expected.max()), tall.max(axis=1)
        law.set(np.stack([x, expected / top], -1))
        tall = tall / top
        bars.set([outline(one, BINS[:-1] >= 0) for one in tall])
        bad.set([outline(one, BINS[:-1] < 0) for one in tall])
        wrong = np.cumsum(slopes <= 0)
        chance = 0.5 * (1 + erf(-1 / wide / np.sqrt(2)))
        stage.legend("true gradient", TRUE)
        stage.legend("right sign", CHORD, [f"{n - wrong[n - 1]} of {n}" for n in shown])
        stage.legend("wrong sign", WRONG, [f"{wrong[n - 1]} of {n}" for n in shown])
        stage.legend("derived", DASHED, [f"wrong sign in {100 * chance:.2g} %"])
        heads[0]([f"Step {move:.2g}, batch {batch}: this chord {slopes[n - 1]:.2f}"
                  for n in shown])
        heads[1]([f"1 give or take {wide:.2g}; tallest bar: {bar}"
                  for bar in tallest])
        stage.summary = (f"Step {move:.3g}, {pair} of {batch}: curvature 1 +- {wide:.3g} derived, "
                         f"{slopes.mean():.3g} +- {slopes.std():.3g} measured; wrong sign in "
                         f"{100 * chance:.3g} % derived, {wrong[-1]} of {PAIRS} measured")

    return update


@lru_cache(maxsize=16)
def draws(seed):
    """The means' errors of PAIRS pairs of batches of one example: u, v of the first and second."""
    return np.random.default_rng(seed).standard_normal((4, PAIRS))


def measured(move, batch, same, seed):
    """(curvature, first gradient) of PAIRS pairs: (gradient at s - gradient at 0) / s."""
    u, v, u2, v2 = draws(seed) / np.sqrt(batch)
    second = (1 + BENT * u) * move + v if same else (1 + BENT * u2) * move + v2
    return (second - v) / move, v


def spread(move, batch, same):
    """The standard deviation of a measured curvature."""
    return np.sqrt((BENT**2 + (0 if same else 2 / move**2)) / batch)


def share(x, wide):
    """The derived share of curvatures in a bin as wide as BINS, with its middle at x: (N,)."""
    half = (BINS[1] - BINS[0]) / 2
    below = [[erf((edge - 1) / wide / np.sqrt(2)) for edge in (at - half, at + half)] for at in x]
    return np.diff(below, axis=1)[:, 0] / 2


def histogram(slopes):
    """How many chords fell into each of BINS; the outer ones hold what lies beyond, too."""
    return np.histogram(np.clip(slopes, BINS[0], BINS[-1]), BINS)[0]


def outline(heights, mine):
    """Bars over BINS as one curve of vertical lines, those that are `mine`: (3 N, 2)."""
    middle = (BINS[:-1] + BINS[1:]) / 2
    tall = np.where(mine & (heights > 0), heights, np.nan)
    heights = np.stack([0 * tall, tall, np.nan * tall], -1)
    return np.stack([np.repeat(middle, 3), heights.ravel()], -1)
