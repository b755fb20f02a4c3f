"""Rivals follow a minimum that moves, along gradients that are noisy."""
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.scenes.common.abreast import walk_abreast
from lessons.scenes.common.runs import LRS, effective, own, side_by_side, usual_lr, with_knob
from lessons.stage import scene
from lessons.surfaces import parabola
from lessons.views import noisy

LAP, LAPS = 100, 8
STEPS = LAP * LAPS
TARGETS = {     # where the minimum is at step t
    "swings": lambda t: np.sin(2 * np.pi * t / LAP),
    "jumps": lambda t: np.where(np.asarray(t) % LAP < LAP / 2, 1.0, -1.0),
    "stands still": lambda t: 1.0 + 0 * t,
}
FIRST, ALL, OWN = "best on lap 1", f"best on all {LAPS} laps", "each its own"
HOW = {FIRST: f"each at the best of {len(LRS)} lrs on lap 1", OWN: "each at its own lr",
       ALL: f"each at the best of {len(LRS)} lrs on all {LAPS} laps"}
ROUND = [0.02, 0.05, 0.1, 0.2, 0.5, 1]
TARGET = Look(GREY, (4, 2), "*")


@scene("Moving minimum", steps=STEPS, height=5.0, rate=LAP,
       alt=f"Rivals follow a moving minimum for {LAPS} laps. Below: their distance from it, and "
           "their effective learning rates.")
def moving_minimum(stage, rivals, *, sigma=0.3):
    """Let `rivals` follow the minimum of a parabola of curvature 1 for 8 laps of 100 steps.

    rivals: name -> step; each gets the best of 41 learning rates, by its mean distance from the
    minimum on the first lap, or on all of them; or its own.
    """
    way, miss, rate = frame(stage.mosaic([["way", "way"], ["miss", "rate"]]))
    headline = stage.headline(way)
    minimum = stage.path(way, TARGET, group="Minimum", whole=True, width=1.5)
    lanes = {name: [stage.path(ax, look, group=name, width=width)
                    for ax, width in ((way, 1.5), (miss, 2.2), (rate, 1.5))]
             for name, look in looks(rivals).items()}
    stage.choice("target", TARGETS, label="minimum")
    stage.choice("rates", HOW, label="learning rates")
    stage.slider("sigma", sigma)
    stage.slider("beta2", 0.99)
    stage.slider("seed", 0)
    stage.record("sigma")
    for name, step in rivals.items():
        stage.slider(own(name), usual_lr(name, step), kind="lr", label=own(name))
    stage.title = "Moving minimum: " + ", ".join(rivals)
    stage.alt = stage.alt.replace("Rivals", ", ".join(rivals), 1)

    def update(target, rates, sigma, beta2, seed, **lrs):
        where = TARGETS[target](np.arange(STEPS + 1))
        surface, at_zero = place(where, sigma, seed)
        minimum.over_time(where)
        minimum.says([target])
        steps = [with_knob(step, "beta2", beta2) for step in rivals.values()]
        chosen = [lrs[own(name)] for name in rivals]
        if rates != OWN:
            laps = 1 if rates == FIRST else LAPS
            chosen = tuned(surface, steps, where[1 : laps * LAP + 1])
        words = f"The minimum {target}, gradient noise {sigma:.2g}; {HOW[rates]}"
        headline(words)
        rows, stage.runs = [words], {}
        runs = walk_abreast(surface, steps, (0.0,), STEPS, chosen)
        for name, lr, run in zip(rivals, chosen, runs):
            stage.show(own(name), rates == OWN)
            stage.runs[name] = run
            recent = show(lanes[name], run.theta[:, 0], where, at_zero, lr)
            laps = ", ".join(f"{recent[LAP * k - 1]:.3f} on lap {k}" for k in (1, 2, LAPS))
            rows.append(f"  {name}: lr {lr:.3g}, distance {laps}")
        stage.summary = "\n".join(rows)

    return update


def frame(panels):
    """Limits and labels of the way, the distance and the effective rate; returns these axes."""
    for name, label, limits in (("way", "theta", (-1.8, 1.8)), ("miss", "", (0.01, 1)),
                                ("rate", "", (0.003, 10))):
        panels[name].set(xlim=(0, STEPS), ylim=limits, xlabel="step", ylabel=label,
                         yscale="linear" if label else "log",
                         xticks=range(0, STEPS + 1, LAP if label else 2 * LAP))
    panels["miss"].set_yticks(ROUND, labels=map(str, ROUND))
    panels["miss"].minorticks_off()
    panels["miss"].set_title("Distance from the minimum, mean of 100 steps", fontsize=11)
    panels["rate"].set_title("Effective learning rate", fontsize=11)
    return panels["way"], panels["miss"], panels["rate"]


@lru_cache(maxsize=8)
def errors(seed):
    """The errors of all gradients for sigma 1, (STEPS,), as noisy draws them."""
    surface = noisy(parabola(), 1.0, seed)
    return np.array([surface.at(t).grad(np.zeros(1))[0] for t in range(1, STEPS + 1)])


def place(where, sigma, seed):
    """noisy(moving(parabola(), where), sigma, seed), and its gradients at 0, (STEPS,).

    where: (STEPS + 1,). As the curvature is 1, the gradient at theta is theta more than at 0; the
    views themselves would take three times as long as the walks.
    """
    at_zero, still = sigma * errors(seed) - where[1:], parabola()
    days = [replace(still, grad=lambda theta, more=more: theta + more) for more in at_zero]
    return replace(still, at=lambda t: days[t - 1]), at_zero


def tuned(surface, steps, where):
    """The best of LRS for each step, by its mean distance from the minimum `where`, (T,)."""
    lr = np.tile(LRS[:, None], (len(steps), 1, 1))
    run = descend(surface, side_by_side(steps), np.zeros((len(steps), 1, 1)),
                  len(where), lr=lr)
    with np.errstate(all="ignore"):
        miss = np.abs(run.theta[1:, ..., 0] - where[:, None, None]).mean(0)
    return LRS[np.where(np.isfinite(miss), miss, np.inf).argmin(-1)]


def show(lane, theta, where, at_zero, lr):
    """Draw a rival's way, its distance from the minimum and its rate; returns its distances."""
    recent, (way, miss, rate) = running(np.abs(theta - where)[1:], LAP), lane
    way.over_time(theta)
    miss.over_time(recent, first=1)
    rate.over_time(effective(theta, theta[:-1] + at_zero, least=1e-9))
    way.says([f"lr {lr:.3g}" + (f": distance {now:.2g}" if now == now else "")
              for now in [np.nan, *recent]])
    return recent


def running(values, width):
    """The mean of the last `width` values at each place; nan before there are as many."""
    total = np.cumsum([0, *values])
    return np.concatenate([np.full(width - 1, np.nan), (total[width:] - total[:-width]) / width])
