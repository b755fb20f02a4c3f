"""The limit 2 / L moves while gradient descent walks: beside the loss, the limit of each place."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import limit_at
from lessons.look import BROWN, GREEN, GREY, LOOKS, ORANGE, PINK, PURPLE, Look
from lessons.networks import digits_softmax
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import ravine

PLACES = {"digits": digits_softmax, "ravine": ravine}
TIMES = 2.0 ** np.arange(6)     # learning rates, in units of the limit at the start
STEPS = [60, 600]
LOOKED = np.append(np.arange(0, 60, 3), np.arange(60, 601, 30))     # where L is computed
OTHERS = {0: Look(GREEN, (2, 2), "^"), 2: Look(PINK, (7, 2, 2, 2), "D"),      # doublings: look
          3: Look(PURPLE, (7, 2), "P"), 5: Look(BROWN, (9, 2, 2, 2, 2, 2), "v")}
OWN, LIMIT = Look(GREY, (5, 2), "o"), Look(ORANGE, (), "s")
LOSSES, LIMITS = (5e-4, 300.0), (0.6, 150.0)


@scene("The moving limit", steps=60, height=4.0, alt="Left: the loss of gradient descent at a "
       "multiple of the limit at the start, beside those of 1, 4, 8 and 32 times. Right: the limit "
       "2 / L of each place on its way, with a line at its own learning rate.")
def moving_limit(stage, *, doublings=3):
    """Double the limit of the start so many times, and see where the limit 2 / L goes.

    L is the largest eigenvalue of the Hessian, computed at each third step up to 60 and at each
    30th beyond, with straight lines between. On the ravine, a quadratic, it stays what it is.
    """
    left, right = stage.grid(ncols=2)
    left.set(yscale="log", ylim=LOSSES, ylabel="loss", xlabel="step")
    right.set(yscale="log", ylim=LIMITS, ylabel="limit 2 / L, in units of the first",
              xlabel="step")
    right.set_yticks(TIMES, [f"{x:g}" for x in TIMES])
    right.minorticks_off()
    above, beside = stage.headline(left), stage.headline(right)
    others = [stage.path(left, look, whole=True, width=1.6) for look in OTHERS.values()]
    labels = [stage.text(left, look, size=11) for look in OTHERS.values()]
    loss = stage.path(left, LOOKS["Gradient descent"], group="Loss", width=3)
    rate = stage.noted_line(right, OWN)
    limit = stage.path(right, LIMIT, group="Limit there")
    stage.slider("doublings", doublings)
    stage.choice("place", list(PLACES), label="loss of")
    stage.choice("steps", STEPS, label="steps")
    stage.record("doublings")
    runs("digits")      # seconds, once; after that a picture is quick, and can be recorded

    def update(doublings, place, steps):
        if right.get_xlim()[1] != steps:
            stage.steps, stage.rate = steps, steps / 5
            left.set_xlim(0, 1.17 * steps)      # room for the labels
            right.set_xlim(0, steps)
            left.set_xticks(np.linspace(0, steps, 7))
            stage.redraw(whole=True)
        first, losses, limits = runs(place)
        losses, limits = losses[:steps + 1], limits[:steps + 1]
        own, times = losses[:, doublings], TIMES[doublings]
        ends = apart(losses[-1, list(OTHERS)])
        for k, line, label, at in zip(OTHERS, others, labels, ends):
            line.over_time(losses[:, k])
            label.set([(1.02 * steps, at)],
                      [f"{TIMES[k]:g} x" if losses[-1, k] < LOSSES[1] else ""])
        loss.over_time(own)
        limit.over_time(limits[:, doublings])
        rate(f"its own lr: {times:g}", [(0, times), (steps, times)], (0.5 * steps, times / 1.25))
        end = f"loss {own[-1]:.3g}" if own[-1] < LOSSES[1] else "it diverges"
        above(f"{times:g} x the first limit, lr {times * first:.3g}: {end}")
        beside([f"the limit here: {now:.1f} x the first" for now in limits[:, doublings]])
        loss.says([f"{now:.3g}" if now < 1e6 else "it diverges" for now in own])
        limit.says([f"{now:.1f} times the first" for now in limits[:, doublings]])
        stage.summary = (f"{place}, {steps} steps at {times:g} times the first limit of "
                         f"{first:.4g}: highest loss {own.max():.3g}, last {own[-1]:.3g}")

    return update


@lru_cache
def runs(place):
    """Of runs at all TIMES the first limit: it, their losses and limits, (601, times) each.

    The limits are in units of the first.
    """
    surface = PLACES[place]()
    first = float(limit_at(surface, np.array(surface.start, float)))
    run = descend(surface, gradient_descent, steps=STEPS[-1], lr=first * TIMES[:, None])
    looked = limit_at(surface, run.theta[LOOKED].reshape(-1, surface.dim)).reshape(-1, len(TIMES))
    every = [np.interp(np.arange(STEPS[-1] + 1), LOOKED, column) for column in looked.T]
    return first, run.loss, np.stack(every, -1) / first


def apart(values, gap=0.3):
    """Heights for labels of these values on a log axis, at least `gap` decades apart."""
    heights = np.log10(np.clip(np.nan_to_num(values, nan=np.inf), *LOSSES))
    order = np.argsort(heights)
    for _ in range(200):        # neighbours that are too close push each other away
        gaps = np.diff(heights[order])
        push = np.maximum(gap - gaps, 0) / 2
        heights[order[:-1]] -= push
        heights[order[1:]] += push
    return 10**heights
