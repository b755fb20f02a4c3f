"""A ravine that is turned under rivals, each at its best learning rate at every angle."""
from dataclasses import replace

import numpy as np

from lessons.descend import descend
from lessons.look import looks
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


@scene("Rotation", steps=200, height=4.5,
       alt="Rivals walk down a ravine that can be turned. On the right the lowest loss of each at "
           "every angle, and its loss on the way.")
def rotation(stage, rivals, *, steps=200, angle=0.0):
    """Turn a ravine by hand: its map and the paths, and the lowest loss at every angle.

    rivals: name -> step; at each angle each gets the best of 41 learning rates. Losses below 1e-16
    count as equal, and the smallest learning rate that reaches them is taken.
    The start turns with the ravine, wherever the reader puts it.
    """
    panels = stage.mosaic([["map", "over"], ["map", "loss"]], width_ratios=(1.5, 1))
    plan, over, losses = frame(panels, steps)
    valley, headline = Valley(stage, plan), stage.headline(plan)
    lanes = {name: dict(way=stage.path(plan, look, group=name),
                        curve=stage.path(losses, look, group=name),
                        over=stage.path(over, look, group=name, whole=True, width=1.8),
                        now=stage.marker(over, look, group=name, size=8))
             for name, look in looks(rivals).items()}
    stage.slider("angle", angle)
    stage.choice("condition", CONDITIONS, label="condition number")
    stage.point(plan, "start", ravine(angle=angle).start, label="start")
    stage.title, stage.steps = "Rotation: " + ", ".join(rivals), steps
    stage.alt, stage.rate = stage.alt.replace("Rivals", ", ".join(rivals), 1), max(12, steps / 5)
    home, shown, asked = np.array(ravine().start), None, None   # home: the start at 0 degrees

    def update(angle, condition, start):
        nonlocal home, shown, asked
        if shown is not None and not np.array_equal(start, shown):
            home = turned(start, -angle)        # the reader has placed it
        shown = turned(home, angle)
        stage.move_point("start", shown)
        if (condition, home.tolist()) != asked:
            everywhere = best(ravines(condition), rivals, turned(home, ANGLES), steps)
            for lane, (_, lows) in zip(lanes.values(), everywhere):
                lane["over"].set(np.stack([ANGLES, lows], -1))
        asked = condition, home.tolist()
        surface, stage.runs = ravine(condition, angle), {}
        valley.set(condition, angle)
        words = f"Ravine, condition {condition}, turned by {angle:.3g}°, each at its best lr"
        headline(words)
        rows = [words]
        lrs, lows = zip(*best(surface, rivals, shown, steps))
        runs = walk_abreast(surface, [*rivals.values()], shown, steps, lrs)
        for (name, lane), lr, low, run in zip(lanes.items(), lrs, lows, runs):
            stage.runs[name] = run
            lane["way"].set(until_gone(run.theta, surface.window))
            lane["curve"].over_time(np.maximum(run.loss, ZERO))
            lane["now"].set([[angle, low]])
            lane["way"].says([f"lr {lr:.3g}: loss " + (f"{now:.2g}" if now > ZERO
                                                       else f"below {ZERO:g}") for now in run.loss])
            rows.append(f"  {name}: loss {run.loss[-1]:.2g} at lr {lr:.3g}")
        stage.summary = "\n".join(rows)

    return update


def frame(panels, steps):
    """Limits and labels of the map, of the curves over angles and of the losses; returns these."""
    plan, over, losses = panels["map"], panels["over"], panels["loss"]
    Valley.frame(plan)
    plan.set_anchor("N")
    for ax in (over, losses):
        frame_loss(ax, steps, 0.3 * ZERO, 1e4)
        ax.set_yticks([1e-15, 1e-10, 1e-5, 1])
    over.set(xlim=(-1, 91), xticks=range(0, 91, 15), xlabel="angle, degrees")
    over.set_title(f"Lowest loss after {steps} gradients", fontsize=11)
    losses.set_title("Loss on the way, at this angle", fontsize=11)
    return plan, over, losses


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
