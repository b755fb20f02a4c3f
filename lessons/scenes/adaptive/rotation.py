"""A ravine that is turned under rivals, each at its best learning rate at every angle."""
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.look import GREY, looks
from lessons.plots import frame_loss
from lessons.scenes.common.abreast import walk_abreast
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import LRS, side_by_side, until_gone
from lessons.stage import scene
from lessons.surfaces import ravine

HALF = [0, 1, 3, 6, 10, 15, 21, 28, 36]
ANGLES = np.array([*HALF, 45, *(90 - angle for angle in reversed(HALF))])
CONDITIONS = [20, 100, 1000]
ZERO = 1e-16        # two losses below it count as equal


@scene("Rotation", steps=200, height=4.4, rate=25,
       alt="Left, on a map each: rivals walk down a ravine that can be turned, and so does their "
           "start. Right: the loss in which each ends at every angle, at the rate that makes it "
           "lowest, with a dot at the present one. Gradient descent and momentum are level lines; "
           "Adagrad and RMSprop rise towards 45 degrees and fall again.")
def rotation(stage, rivals, *, steps=200, angle=0.0):
    """Turn a ravine by hand: a map with the path of each, and the loss at the end at every angle.

    rivals: name -> step; at each angle each gets the best of 41 learning rates. Losses below 1e-16
    count as equal, and the smallest learning rate that reaches them is taken.
    """
    plans, over = panels(stage, [*rivals])
    frame_loss(over, steps, 0.03 * ZERO, 1e2)
    over.set(xlim=(-1, 91), xticks=range(0, 91, 15), xlabel="angle, degrees",
             yticks=[ZERO, 1e-12, 1e-8, 1e-4, 1], ylabel=f"loss after {steps} steps, best rate")
    over.text(45, 0.12 * ZERO, "1e-16 and below", color=GREY, fontsize=10, ha="center")
    valleys, beside = [Valley(stage, plan) for plan in plans.values()], stage.headline(over)
    lanes = {name: dict(way=stage.path(plans[name], look, group=name, width=2.2),
                        head=stage.headline(plans[name]),
                        over=stage.path(over, look, group=name, whole=True, width=2.2),
                        now=stage.marker(over, look, group=name, size=10))
             for name, look in looks(rivals).items()}
    stage.slider("angle", angle)
    stage.choice("condition", CONDITIONS, label="condition number")
    stage.record("angle")
    stage.title, stage.steps = "Rotation: " + ", ".join(rivals), steps
    stage.alt, stage.rate = stage.alt.replace("rivals", ", ".join(rivals), 1), max(12, steps / 5)

    @lru_cache
    def everywhere(condition):
        return best(ravines(condition), rivals, turned(np.array(ravine().start), ANGLES), steps)

    def update(angle, condition):
        surface, stage.runs = ravine(condition, angle), {}
        for valley in valleys:
            valley.set(condition, angle)
        beside(f"Loss after {steps} steps, over the angle")
        rows = [f"Ravine, condition {condition}, turned by {angle:.3g}°"]
        start = np.array(surface.start)
        lrs, lows = zip(*best(surface, rivals, start, steps))
        runs = walk_abreast(surface, [*rivals.values()], start, steps, lrs)
        for (name, lane), lr, low, run, (_, curve) in zip(
                lanes.items(), lrs, lows, runs, everywhere(condition)):
            stage.runs[name] = run
            lane["over"].set(np.stack([ANGLES, curve], -1))
            lane["way"].set(until_gone(run.theta, surface.window))
            lane["now"].set([[angle, low]])
            lane["head"](f"{name}, lr {lr:.2g}")
            lane["way"].says([f"loss {now:.2g}" if now > ZERO else f"loss below {ZERO:g}"
                              for now in run.loss])
            rows.append(f"  {name}: loss {run.loss[-1]:.2g} at lr {lr:.3g}")
        stage.summary = "\n".join(rows)

    return update


def panels(stage, names):
    """({name: axes of a map}, axes beside them): the maps in two columns, labelled outside only."""
    rows = [[*names[k:k + 2], "."][:min(2, len(names))] for k in range(0, len(names), 2)]
    axes = stage.mosaic([[*row, "over"] for row in rows],
                        width_ratios=[1.1] * len(rows[0]) + [1.5])
    over = axes.pop("over")
    for plan in axes.values():
        Valley.frame(plan)
        plan.set(xticks=[-2, 0, 2], yticks=[-1, 0, 1])
        plan.label_outer()
    return axes, over


def turned(points, degrees):
    """Points (..., 2) of the plane, turned about the origin, anticlockwise, by degrees (...)."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = points[..., 0], points[..., 1]
    return np.stack([c * x - s * y, s * x + c * y], -1)


def ravines(condition):
    """ravine(condition, angle) for all of ANGLES at once: theta is (..., angles, N, 2)."""
    still, angles = ravine(condition), ANGLES[:, None]
    return replace(
        still, name="Ravines", hess=None, window=None,
        loss=lambda theta: still.loss(turned(theta, -angles)),
        grad=lambda theta: turned(still.grad(turned(theta, -angles)), angles))


def best(surface, rivals, start, steps):
    """For each rival (the best of LRS, the loss it ends at); a loss below ZERO is ZERO.

    start: (2,), or (angles, 2) for `ravines`, and then both answers are (angles,).
    """
    count = len(rivals)
    lr = np.tile(LRS, (count, 1)).reshape(count, *[1] * (start.ndim - 1), -1, 1)
    starts = np.stack([start[..., None, :]] * count)
    runs = descend(surface, side_by_side([*rivals.values()]), starts, steps, every=steps, lr=lr)
    ends = np.where(np.isfinite(runs.loss[-1]), np.maximum(runs.loss[-1], ZERO), np.inf)
    return [(LRS[end.argmin(-1)], end.min(-1)) for end in ends]
