"""Two V's: how much of the error a step leaves on a ravine's floor and on its walls."""
import numpy as np

from lessons.descend import descend
from lessons.look import GREEN, GREY, LOOKS, ORANGE, Look
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import ravine

FLOOR, WALL = Look(GREEN, (7, 2), "^"), Look(ORANGE, (), "s")
SHADE, HERE = Look("#c9c9c9", (), "o"), Look(GREY, (2, 2), "o")
PALE = Look("#5a9bd0", (), "o")     # the first steps of the path
LATEST = 6              # steps of the path that stand out from the others
WIDEST = 2.3            # of the learning rates that are drawn, times L
LOWEST, HIGHEST = 1e-4, 30.0


@scene("Two V's", steps=60, rate=12, height=5.0, alt="Left: what a step leaves of the error, over "
       "the learning rate: a V for the ravine's floor, a V for its walls, and a line at 1. Right: "
       "the path down the turned ravine, and its distance from the minimum along floor and wall. "
       "Beyond lr 1 / L the path changes sides at every step. The distance along the wall falls "
       "below lr 2 / L, stays level there, and climbs above it. The latest steps stand out.")
def two_vs(stage, *, lr_L=0.6):
    """Choose a learning rate under two V's; beside them the walk down the ravine that it makes.

    Gradient descent leaves the share |1 - lr c| of the error along a direction of curvature c.
    Learning rates count in units of 1 / L, the largest curvature, so that the limit stands at 2
    whatever the ravine is.
    """
    axes = stage.mosaic([["vs", "map"], ["vs", "far"]], height_ratios=(1.25, 1),
                        width_ratios=(1.15, 1))
    vs, ground, far = axes["vs"], axes["map"], axes["far"]
    vs.set(xlim=(0, WIDEST), ylim=(0, 1.35), xlabel="learning rate, in units of 1 / L",
           ylabel="what a step leaves of the error")
    far.set(xlim=(0, stage.steps), ylim=(LOWEST, HIGHEST), yscale="log", xlabel="step",
            ylabel="distance left")
    Valley.frame(ground)
    ground.set(xlabel="", ylabel="", xticks=[], yticks=[])
    valley, above, beside = Valley(stage, ground), stage.headline(vs), stage.headline(ground)
    slowest = stage.path(vs, SHADE, whole=True, width=9)
    stage.noted_line(vs)("1: nothing is gained", [(0, 1), (WIDEST, 1)], (0.03, 1.05))
    here = stage.path(vs, HERE, whole=True, width=1.5)
    parts = {name: dict(v=stage.path(vs, look, group=name, whole=True, width=3),
                        at=stage.marker(vs, look, group=name, size=10),
                        left=stage.path(far, look, group=name, size=7))
             for name, look in (("Floor", FLOOR), ("Wall", WALL))}
    names = [stage.text(vs, look, size=11) for look in (FLOOR, WALL)]
    way = stage.path(ground, PALE, width=1.1, head=False)
    latest = stage.curve(ground, LOOKS["Gradient descent"], width=2)
    point = stage.marker(ground, LOOKS["Gradient descent"], size=8)
    stage.slider("lr_L", lr_L, within=(0.1, 2.1), log=False)
    stage.slider("condition", 20.0)
    stage.slider("angle", 30.0)
    stage.record("lr_L")

    def update(lr_L, condition, angle):
        surface, lr = ravine(condition, angle), lr_L / condition
        run = descend(surface, gradient_descent, steps=stage.steps, lr=lr)
        stage.runs = {"Gradient descent": run}
        valley.set(condition, angle)
        seen = until_gone(run.theta, surface.window)
        way.set(seen)
        inside = np.flatnonzero(np.isfinite(seen[:, 0]))[-1]
        latest.set([seen[np.maximum(min(t, inside) - np.arange(LATEST + 1), 0)]
                    for t in range(stage.steps + 1)])
        point.set(seen)
        fate = "diverges" if lr_L > 2 else "never arrives" if lr_L == 2 else "converges"
        beside(f"the path {fate}; dark: its last {LATEST} steps")
        x = np.unique([0, 1, 2 * condition / (condition + 1), WIDEST])
        slowest.set(np.stack([x, np.maximum(abs(1 - x), abs(1 - x / condition))], -1))
        here.set([(lr_L, 0), (lr_L, 1.35)])
        for track, c, z in zip(parts.values(), (1, condition), eigen(run.theta, angle)):
            factor = 1 - lr * c
            x = np.unique([0, condition / c, WIDEST])
            track["v"].set(np.stack([x, abs(1 - x * c / condition)], -1))
            track["at"].set([(lr_L, abs(factor))])
            track["left"].over_time(abs(z))
            track["left"].says([f"a step multiplies the error by {factor:+.3f}; now {now:.2g}"
                                for now in z])
        names[0].set([(0.25, 0.94 - 0.45 / condition)], ["floor"])
        names[1].set([(0.66, 0.46)], ["wall"])
        slow = max(abs(1 - lr), abs(1 - lr_L))
        above(f"lr {lr:.3g}: the slower one keeps {slow:.3f} a step")
        stage.summary = (f"Condition {condition:.3g}, lr {lr:.3g}: a step multiplies the error on "
                         f"the floor by {1 - lr:.3f}, on the walls by {1 - lr_L:.3f}; "
                         f"the path {fate}")

    return update


def eigen(theta, angle):
    """Points (T, 2) in the directions of a turned ravine: along its floor, and across it."""
    c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
    return theta @ [c, s], theta @ [-s, c]
