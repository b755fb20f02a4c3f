"""What momentum's velocity makes of gradients that come once, stay, alternate or are noise."""
from itertools import zip_longest

import numpy as np

from lessons.descend import descend
from lessons.look import GREEN, SKY, Look
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import momentum
from lessons.surfaces import given_gradients

STEPS = 60
GRADIENTS = {      # the gradient at step t, from 1
    "one gradient": lambda t: (t == 1) * 1.0,
    "the same gradient for ever": lambda t: t**0.0,
    "a gradient that turns about": lambda t: (-1.0) ** (t - 1),
    "noise": lambda t: np.random.default_rng(0).normal(size=len(t)),
}
SUM, AVERAGE = "sum (momentum)", "average: x (1 - beta)"


@scene("Memory of gradients", steps=STEPS, rate=12, height=4.2,
       alt="Above: the gradient at each step. Below: the velocity that momentum makes of it. With "
       "memory a single gradient fades out of it, equal ones make it climb towards a level, "
       "alternating ones make it swing about zero, and noise makes it wander.")
def velocity_sum(stage, *, beta=0.9):
    """Feed momentum a series of gradients and watch its velocity, which remembers them.

    The velocity is that of lessons.steps.momentum on a surface that has, at step t, the chosen
    gradient. As an average it is multiplied by 1 - beta, which no step of ours does.
    """
    above, below = stage.grid(nrows=2, height_ratios=(1, 2.5), sharex=True)
    above.set(xlim=(0, STEPS), ylim=(-2.6, 2.6), yticks=(-2, 0, 2), ylabel="gradient")
    below.set(yticks=[], xlabel="step")
    below.set_ylabel("velocity", labelpad=28)
    above.axhline(0, color=INK.color, linewidth=0.8)
    gradient = stage.path(above, Look(GREEN, (), "^"), whole=True, width=3, group="Gradient")
    velocity = stage.path(below, Look(SKY, (), "o"), group="Velocity")
    lines = [stage.noted_line(below) for _ in range(2)]
    stage.path(below, INK, whole=True, width=0.8).set([(0, 0), (STEPS, 0)])
    fit, headline = stage.limits(below, at=(-1, 0, 1), beside=-0.035), stage.headline(below)
    stage.headline(above)("the gradients that come in")
    stage.slider("beta", beta)
    stage.choice("gradients", GRADIENTS, label="gradients")
    stage.choice("form", [SUM, AVERAGE], label="velocity as")
    stage.record("beta")

    def update(beta, gradients, form):
        g = GRADIENTS[gradients](np.arange(1, STEPS + 1))
        total, scale = velocities(g, beta), 1.0 if form == SUM else 1 - beta
        fit(total)                              # the same limits for both forms
        gradient.stems(g, first=1)
        gradient.says([f"{x:+.3g}" for x in g], first=1)
        velocity.over_time(scale * total, first=1)
        name = "average" if form == AVERAGE else "sum"
        velocity.says([f"{x:+.3g}, {name}" for x in scale * total], first=1)
        headline(f"the velocity keeps {beta:.3g} of itself a step, and adds the new gradient")
        found = expected(gradients, beta, scale)
        for put, row in zip_longest(lines, found):
            put(*(placed(below, *row) if row else ()))
        words = [f"beta {beta:.3g}, {gradients}, {form}", *(row[0] for row in found)]
        stage.summary = "\n  ".join(words)

    return update


def velocities(g, beta):
    """momentum's velocity after each of the gradients g. (T,) -> (T,)"""
    run = descend(given_gradients(g), momentum, steps=len(g), lr=1.0, beta=beta)
    return np.array(run.state["velocity"])[:, 0]


def expected(gradients, beta, scale):
    """What theory says: [(words, height of the velocity, steps until then; None: throughout)]."""
    total, average = 1 / (1 - beta), scale < 1
    if gradients == "noise":
        formula = "sqrt((1 - beta) / (1 + beta))" if average else "1 / sqrt(1 - beta²)"
        height = scale / np.sqrt(1 - beta * beta)
        return [(f"standard deviation {formula} = {height:.3g}", height, None)]
    if gradients == "a gradient that turns about":
        formula = "(1 - beta) / (1 + beta)" if average else "1 / (1 + beta)"
        height = scale / (1 + beta)
        return [(f"swings towards ± {formula} = {height:.3g}", height, None)]
    if gradients == "the same gradient for ever":
        return [("the average is the gradient itself", 1.0, None)] if average else [
            (f"1 / (1 - beta) = {total:.3g} times the gradient", total, None),
            ("the gradient itself", 1.0, None)]
    rows = [(f"weights 1, beta, beta², ... add up to {total * scale:.3g}", scale, np.inf)]
    if beta > 0:
        half = np.log(0.5) / np.log(beta)
        rows += [(f"half of it is left after {half:.3g} steps", scale / 2, half)]
    return rows


def placed(ax, words, height, after):
    """(words, points of the line, where the words stand) of a row of `expected`."""
    top = ax.get_ylim()[1]
    if after is None:
        above = 0.3 if "swings" in words else 0.07     # above what swings
        at = (0.3 * STEPS, min(height + above * top, 0.92 * top))
        return words, [(0, height), (STEPS, height)], at
    if after + 1 > STEPS:
        return words, [(np.nan, np.nan)], (0.4 * STEPS, 0.85 * top)
    line = [(0, height), (1 + after, height), (1 + after, 0)]
    return words, line, (2 + after, height + 0.04 * top)
