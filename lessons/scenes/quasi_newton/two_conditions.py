"""Wolfe's two conditions along one direction: the first forbids long steps, the second short ones.
"""
import numpy as np

from lessons.look import BLUE, GREEN, ORANGE, PURPLE, RED, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps.second_order import strong_wolfe
from lessons.surfaces import Surface

TRIALS, FAR, FINE = 10, 12.0, 481     # at most so many trials are shown; lengths up to FAR
HEIGHTS = -0.85, -1.7, -2.6           # of the three bands
BENDS = ((4, 5.6, 0.4), (-3, 8.0, 0.4))     # by how much the slope changes, where, how gently
BAR, FALLEN = Look(ORANGE, (7, 2), "s"), Look(PURPLE, (), "s")
FLATTER, BOTH, TRIED = Look(BLUE, (), "o"), Look(GREEN, (), "D"), Look(RED, (), "v")


def along(t):
    """f(t): a slope of -1, a valley at 5, a wall, and from 9 on a level that is too high."""
    return 6 - t + sum(size * wide * np.logaddexp(0, (t - at) / wide) for size, at, wide in BENDS)


def slope(t):
    """f'(t)."""
    return -1 + sum(size / (1 + np.exp((at - t) / wide)) for size, at, wide in BENDS)


@scene("Neither too long nor too short", steps=TRIALS, rate=1, height=4.6,
       alt="Top: the loss over the length of a step, with the bar, three bands for the lengths "
           "that pass the first, the second and both of Wolfe's conditions, and the trials of the "
           "search. Bottom: the slope over the length, with the limits of the second condition.")
def two_conditions(stage):
    """Search a length t along one direction, in which the loss is f(t) and falls by 1 a unit first.

    The first condition: f(t) <= f(0) + c1 t f'(0), under the bar. The second: abs(f'(t)) <= c2
    abs(f'(0)), flat enough.
    """
    top, low = stage.grid(nrows=2, sharex=True, height_ratios=(2.1, 1))
    top.set(xlim=(0, FAR), ylim=(-3.1, 9), ylabel="loss",
            yticks=[*HEIGHTS, 0, 6], yticklabels=["1", "2", "both", "0", "f(0)"])
    low.set(xlim=(0, FAR), ylim=(-1.6, 3.3), yticks=[-1, 0], xlabel="length of the step",
            ylabel="slope")
    head = stage.headline(top)
    curves = [stage.path(ax, INK, whole=True, width=3) for ax in (top, low)]
    bar = stage.path(top, BAR, group="the bar", whole=True, width=2.2)
    limits = [stage.path(low, DASHED._replace(color=BLUE), whole=True, width=1.6) for _ in range(2)]
    bands = {name: stage.path(top, look, group=name, whole=True, width=width)
             for name, look, width in (("1: fallen enough", FALLEN, 7),
                                       ("2: flat enough", FLATTER, 7), ("both", BOTH, 9))}
    dots = [[stage.marker(ax, TRIED, group="trials", size=10) for ax in (top, low)]
            for _ in range(TRIALS)]
    names = [stage.text(top, INK, size=12) for _ in range(TRIALS)]
    stage.slider("lr", 1.0, within=(0.25, 12.0), label="first trial")
    stage.slider("c1", 1e-4)
    stage.slider("c2", 0.9)
    stage.record("lr")
    t = np.linspace(0, FAR, FINE)
    for track, values in zip(curves, (along(t), slope(t))):
        track.set(np.stack([t, values], -1))

    def update(lr, c1, c2):
        tried = trials(lr, c1, c2)
        stage.steps = len(tried)
        bar.set(np.stack([t, along(0) + c1 * t * slope(0)], -1))
        for sign, track in zip((-1, 1), limits):
            track.set([(0, sign * c2), (FAR, sign * c2)])
        first, second = passes(t, c1, c2)
        for height, (name, band), fits in zip(HEIGHTS, bands.items(),
                                              (first, second, first & second)):
            band.set(np.stack([t, np.where(fits & (t > 0), height, np.nan)], -1))
            band.says([""])
            stage.legend(name, {"1": FALLEN, "2": FLATTER, "b": BOTH}[name[0]])
        bar.says([""])
        stage.legend("the bar", BAR)
        stage.legend("trials", TRIED)
        for k in range(TRIALS):
            at = np.full((len(tried) + 1, 2, 2), np.nan)
            if k < len(tried):
                at[k + 1:] = [(tried[k], along(tried[k])), (tried[k], slope(tried[k]))]
            for dot, rows in zip(dots[k], at.swapaxes(0, 1)):
                dot.set(rows)
            rises = k < len(tried) and slope(tried[k]) > 1      # then there is room on the left
            names[k].set(at[:, 0] + ((-0.35, 0.35) if rises else (-0.1, -0.95)), [f"{k + 1}"])
        head(["Slope -1 at the start", *(said(k, x, c1, c2) for k, x in enumerate(tried, 1))])
        stage.summary = (f"c1 {c1:.3g}, c2 {c2:.3g}: " + "; ".join(
            said(k, x, c1, c2) for k, x in enumerate(tried, 1)))

    return update


def passes(t, c1, c2):
    """Whether lengths meet the first condition, and the second one."""
    return along(t) <= along(0) + c1 * t * slope(0), np.abs(slope(t)) <= c2 * abs(slope(0))


def trials(lr, c1, c2):
    """The lengths that strong_wolfe tries, the first TRIALS of them."""
    asked = []

    def loss(theta):
        asked.append(theta)
        return along(theta[..., 0])

    line = Surface.of(loss, slope, start=(0.0,), name="a line")
    asked.clear()           # Surface.of has asked, too
    strong_wolfe(line, np.zeros(1), np.ones(1), lr=lr, c1=c1, c2=c2)
    return [float(theta[0]) for theta in asked[1:]][:TRIALS]


def said(number, t, c1, c2):
    """What the search learns from a trial."""
    first, second = passes(t, c1, c2)
    if first and second:
        verdict = "accepted"
    elif not first:
        verdict = "not below the bar: shorter"
    else:
        verdict = "falls too steeply: longer" if slope(t) < 0 else "rises too steeply: shorter"
    return f"Trial {number}, length {t:.3g}: {verdict}"
