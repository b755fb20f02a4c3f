"""Wolfe's two conditions along one direction: the first forbids long steps, the second short ones.
"""
import numpy as np

from lessons.look import BLUE, GREEN, ORANGE, PINK, PURPLE, RED, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps.second_order import strong_wolfe
from lessons.surfaces import Surface

TRIALS, FAR, FINE = 10, 12.0, 481     # at most so many trials are shown; lengths up to FAR
HEIGHTS = -0.85, -1.7, -2.6           # of the three bands
BENDS = ((4, 5.8, 0.4), (-3, 8.2, 0.4))     # by how much the slope changes, where, how gently
BAR, FALLEN = Look(ORANGE, (7, 2), "s"), Look(PURPLE, (), "s")
FLATTER, BOTH = Look(BLUE, (), "o"), Look(GREEN, (), "D")
VERDICTS = {"too short": Look(PINK, (), "s"), "too long": Look(RED, (), "X"),
            "accepted": Look(GREEN, (), "D")}


def along(t):
    """f(t): a slope of -1, a valley at 5, a wall, and from 9 on a level that is too high."""
    return 6 - t + sum(size * wide * np.logaddexp(0, (t - at) / wide) for size, at, wide in BENDS)


def slope(t):
    """f'(t)."""
    return -1 + sum(size / (1 + np.exp((at - t) / wide)) for size, at, wide in BENDS)


@scene("Neither too long nor too short", steps=TRIALS, rate=1, height=5.0,
       alt="Top: the loss over the length of a step, with the bar, three bands for the lengths "
           "that pass the first, the second and both of Wolfe's conditions, and the trials of the "
           "search, with a mark for too short, too long and accepted. Bottom: the slope "
           "over the length, with the limits of the second condition.")
def two_conditions(stage):
    """Search a length t along one direction, in which the loss is f(t) and falls by 1 a unit first.

    The first condition: f(t) <= f(0) + c1 t f'(0), under the bar. The second: abs(f'(t)) <= c2
    abs(f'(0)), flat enough.
    """
    top, low = stage.grid(nrows=2, sharex=True, height_ratios=(1.9, 1))
    top.set(xlim=(0, FAR), ylim=(-3.1, 9), ylabel="loss",
            yticks=[*HEIGHTS, 6], yticklabels=["1 holds", "2 holds", "both", "f(0)"])
    low.set(xlim=(0, FAR), ylim=(-1.6, 3.3), yticks=[-1, 0, 1], xlabel="length of the step",
            ylabel="slope")
    head = stage.headline(top)
    curves = [stage.path(ax, INK, whole=True, width=3) for ax in (top, low)]
    bar = stage.path(top, BAR, group="the bar", whole=True, width=2.2)
    limits = [stage.path(low, DASHED._replace(color=BLUE), whole=True, width=1.6) for _ in range(2)]
    bands = {name: stage.path(top, look, group=name, whole=True, width=width)
             for name, look, width in (("1: fallen enough", FALLEN, 7),
                                       ("2: flat enough", FLATTER, 7), ("both", BOTH, 9))}
    dots = {name: [[stage.marker(ax, look, group=name, size=10) for ax in (top, low)]
                   for _ in range(TRIALS)] for name, look in VERDICTS.items()}
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
        for name, look in VERDICTS.items():
            stage.legend(name, look)
        for k in range(TRIALS):
            at = np.full((len(tried) + 1, 2, 2), np.nan)
            if k < len(tried):
                at[k + 1:] = [(tried[k], along(tried[k])), (tried[k], slope(tried[k]))]
            for name, marks in dots.items():
                mine = k < len(tried) and verdict(tried[k], c1, c2)[0] == name
                for dot, rows in zip(marks[k], at.swapaxes(0, 1)):
                    dot.set(rows if mine else np.full_like(rows, np.nan))
            rises = k < len(tried) and slope(tried[k]) > 1      # then there is room on the left
            names[k].set(at[:, 0] + ((-0.35, 0.35) if rises else (-0.1, -0.95)),
                         [f"{k + 1}" if alone(tried[:n], k) else ""
                          for n in range(len(tried) + 1)])
        head(["Slope -1 at the start", *(said(k, x, c1, c2) for k, x in enumerate(tried, 1))])
        stage.summary = (f"c1 {c1:.3g}, c2 {c2:.3g}: both hold {ends(t, first & second)}; "
                         + "; ".join(said(k, x, c1, c2) for k, x in enumerate(tried, 1)))

    return update


def passes(t, c1, c2):
    """Whether lengths meet the first condition, and the second one."""
    return along(t) <= along(0) + c1 * t * slope(0), np.abs(slope(t)) <= c2 * abs(slope(0))


def alone(tried, k):
    """Whether no later one of these trials is so near to number k that it would cover its name."""
    return all(abs(later - tried[k]) > 0.3 for later in tried[k + 1:])


def ends(t, holds):
    """The first and the last length at which both conditions hold, in words."""
    found = t[holds & (t > 0)]
    return f"from {found[0]:.3g} to {found[-1]:.3g}" if found.size else "nowhere"


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
    return f"Trial {number}, length {t:.3g}: " + "".join(verdict(t, c1, c2)[::-1])


def verdict(t, c1, c2):
    """(one of VERDICTS, its reason) for a length."""
    first, second = passes(t, c1, c2)
    if first and second:
        return "accepted", ""
    if not first:
        return "too long", "not below the bar, "
    return ("too short", "falls too steeply, ") if slope(t) < 0 else ("too long",
                                                                     "rises too steeply, ")
