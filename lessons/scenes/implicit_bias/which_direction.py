"""No minimum to reach: which direction does gradient descent turn to, and how slowly?"""
import numpy as np

from lessons.experiments.implicit_bias import flow
from lessons.look import LOOKS, ORANGE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED
from lessons.surfaces import two_points

FIRST, LAST, PART, KEEP = -3.0, 27.7, 0.1, 2      # s = ln(time), to time 1e12
FIXED, LENGTH = np.array([2.0, 1.0]), 26**0.5
POINT = Look(ORANGE, (), "s")


@scene("Which direction?", steps=153, rate=15, height=4.4,
       alt="Left: two points, the direction of the weights as an arrow, and how strongly each "
           "point pulls. Right: the angle of the weights against the time, on a scale of powers of "
           "ten. The direction of the largest margin is a dashed line in both.")
def which_direction(stage):
    """Follow gradient flow on two separable points to time 1e12."""
    plan, curve = stage.grid(ncols=2, width_ratios=(1.15, 1))
    plan.set(xlim=(-3.6, 5.4), ylim=(-1.2, 6.2), aspect="equal", xlabel="first input",
            ylabel="second input")
    curve.set(xlim=(-1.5, 12.2), ylim=(0, 100), xlabel="time = lr x steps, as a power of ten",
              ylabel="angle of the weights, degrees")
    heads = [stage.headline(plan), stage.headline(curve)]
    best = stage.noted_line(curve, DASHED, size=11)
    goal_line = stage.noted_line(plan, DASHED)
    arrow = stage.arrow(plan, LOOKS["Gradient descent"], width=3.2)
    names = [stage.text(plan, POINT, size=12) for _ in range(2)]
    dots = [stage.marker(plan, POINT, size=11) for _ in range(2)]
    turn = stage.path(curve, LOOKS["Gradient descent"], group="gradient descent")
    stage.slider("example", 78.69, within=(5.0, 130.0), label="angle of the second point")
    stage.point(plan, "start", (0.0, 0.0), label="start")
    stage.record("example")

    def update(example, start):
        turned = np.radians(example)
        z = np.array([FIXED, LENGTH * np.array([np.cos(turned), np.sin(turned)])])
        s, theta = flow(two_points(tuple(map(tuple, z))), start, LAST, FIRST, PART)
        s, theta = s[::KEEP], theta[::KEEP]
        away = np.sqrt(np.square(theta).sum(-1, keepdims=True))
        way = np.where(away > 0, theta / np.maximum(away, 1e-300), np.nan)     # 0 has no direction
        angle = np.degrees(np.arctan2(way[:, 1], way[:, 0]))
        turn.set(np.stack([s / np.log(10), angle], -1))
        turn.says([f"{a:.1f} degrees" if np.isfinite(a) else "no direction yet" for a in angle])
        goal = np.degrees(np.arctan2(*largest_margin(z)[::-1]))
        best(f"largest margin: {goal:.1f} degrees", [(-1.5, goal), (12.2, goal)], (0.5, goal - 7))
        far = 9 * np.array([np.cos(np.radians(goal)), np.sin(np.radians(goal))])
        goal_line("", [(0, 0), far])
        arrow.set(np.stack([0 * way, 4 * way], 1))
        margins = theta @ z.T
        push = 1 / (1 + np.exp(np.minimum(margins, 700)))
        for k, (dot, name) in enumerate(zip(dots, names)):
            dot.set([z[k]])
            name.set([z[k] + (0.25, (-0.55, 0.2)[k])],
                     [f"z{k + 1} pulls {share:.2g}" for share in push[:, k]])
        heads[0]("Arrow: the weights. Dashed: the largest margin")
        heads[1]([f"Time 10^{t / np.log(10):.1f}: {abs(a - goal):.1f} degrees off"
                  if np.isfinite(a) else "" for t, a in zip(s, angle)])
        stage.summary = (f"second point at {example:.4g} degrees, start ({start[0]:.3g}, "
                         f"{start[1]:.3g}): largest margin at {goal:.2f} degrees; " + ", ".join(
                             f"time 1e{p}: {np.interp(p * np.log(10), s, angle):.2f}"
                             for p in (1, 3, 6, 9, 12)))

    return update


def largest_margin(z):
    """The direction that keeps farthest from both of two points z (2, 2): of the nearest point of
    the segment between them to 0."""
    a, b = z
    t = np.clip((a @ (a - b)) / max((a - b) @ (a - b), 1e-12), 0, 1)
    return a + t * (b - a)
