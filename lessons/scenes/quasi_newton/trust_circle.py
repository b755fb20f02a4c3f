"""A trust region at work: every step is an exam of the model, and its mark sets the radius."""
import numpy as np

from lessons.descend import descend
from lessons.look import BLUE, GREY, LOOKS, ORANGE, Look
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import trust_region
from lessons.steps.quasi_newton import steihaug
from lessons.steps.second_order import dot, loss_of, ratio, times

STEPS, LOW, HIGH = 30, -1.0, 1.6        # steps; marks outside are drawn at the edge
RULE, TRIAL = LOOKS["Trust region"]._replace(dash=()), Look(ORANGE, (), "D")
FUTURE, REFUSED = Look(GREY, (), "o"), Look(BLUE, (), "s")


@scene("An exam at every step", steps=STEPS, rate=3, height=4.5,
       alt="Left: a path on a map, the circle in which the model is trusted, and the point that "
           "the model proposes; exam 1 is the picture's step 0. Right: the ratio of delivered "
           "to promised, and the radius, so far and, thin, in all later exams. A mark below the "
           "lower dashed line shrinks the circle; one above the upper line, earned at the edge, "
           "lets it grow.")
def trust_circle(stage, surface):
    """Walk a trust region, step by step: the circle, the proposal, its mark and the next radius.

    surface: a Surface with two coordinates and a Hessian. The mark r is the fall of the loss
    divided by the fall that the model promised. The proposal is Steihaug's.
    """
    (left, right), (foot, top) = surface.window
    wide_map = right - left > 1.2 * (top - foot)
    axes = stage.mosaic([["map", "mark"], ["map", "reach"]], height_ratios=(1.5, 1),
                        width_ratios=(1.4, 1) if wide_map else (1, 1.1))
    plan, mark, reach = axes["map"], axes["mark"], axes["reach"]
    plan.set_anchor("N")
    frame_map(plan, surface)
    contours(plan, surface)
    mark.set(xlim=(0.5, STEPS + 1.5), ylim=(LOW - 0.1, HIGH + 0.1), yticks=[-1, 0, 0.25, 0.75, 1],
             yticklabels=["-1 or less", "0", "shrink < 1/4", "grow > 3/4", "1"],
             xticks=[1, *range(5, STEPS + 1, 5)],
             ylabel="mark r")
    reach.set(xlim=(0.5, STEPS + 1.5), ylim=(3e-3, 30), yscale="log", ylabel="radius",
              xlabel="exam", xticks=[1, *range(5, STEPS + 1, 5)])
    reach.set(yticks=[0.01, 0.1, 1, 10], yticklabels=["0.01", "0.1", "1", "10"])
    for height in (0.75, 0.25):
        mark.axhline(height, color=GREY, linewidth=0.8, linestyle="--")
    heads = [stage.headline(ax) for ax in (plan, mark)]
    circle = stage.ellipse(plan, TRIAL, group="trusted", width=2.2)
    path = stage.path(plan, RULE, group="Trust region", size=10)
    trial = stage.marker(plan, TRIAL, group="trusted", size=9)
    later = [stage.path(ax, FUTURE, whole=True, width=0.8) for ax in (mark, reach)]
    passed = stage.path(mark, RULE, width=1.6, size=9)
    failed = stage.curve(mark, REFUSED, group="refused", width=4)
    wide = stage.path(reach, TRIAL, width=2.2, size=8)
    stage.slider("radius", 1.0)
    stage.point(plan, "start", surface.start, label="start")
    stage.record("radius")

    def update(radius, start):
        run = descend(surface, trust_region, start, STEPS + 1, radius=radius)
        theta = run.theta[:-1]
        radii = np.array([radius, *np.ravel(run.state["reach"])])[: STEPS + 1]
        with np.errstate(all="ignore"):
            moves, promised, fell, r = exams(surface, theta, radii)
        path.set(until_gone(theta, surface.window))
        circle.set(np.stack([theta, theta + radii[:, None] * [1, 0],
                             theta + radii[:, None] * [0, 1]], 1))
        trial.set(theta + moves)
        at = np.arange(1, STEPS + 2)       # the first exam is number 1
        shown = np.clip(np.nan_to_num(r, nan=LOW), LOW, HIGH)
        refused = ~(r > 0.15)
        passed.set(np.stack([at, shown], -1))
        bars = np.stack([np.stack([at, 0.0 * at], -1), np.stack([at, shown], -1),
                         np.full((STEPS + 1, 2), np.nan)], 1)
        failed.set([np.where((refused & (at <= t))[:, None, None], bars, np.nan).reshape(-1, 2)
                    for t in at])
        wide.set(np.stack([at, radii], -1))
        for track, values in zip(later, (shown, radii)):
            track.set(np.stack([at, values], -1))
        loss = surface.loss(theta)
        path.says([f"loss {value:.2g}" for value in loss])
        circle.says([f"radius {d:.2g}, proposal {size:.2g} long"
                     for d, size in zip(radii, np.sqrt(np.square(moves).sum(-1)))])
        stage.legend("refused", REFUSED, [f"{n} so far" for n in np.cumsum(refused)])
        heads[0]([f"{surface.name}, first radius {radius:.2g}: exam {n}" for n in at])
        heads[1]([f"promised {p:.2g}, fell {f:.2g}: r = {v:.2f}{', refused' * bool(no)}"
                  for p, f, v, no in zip(promised + 0.0, fell + 0.0, r, refused)])
        stage.runs = {"Trust region": run}
        stage.summary = (f"{surface.name}, first radius {radius:.3g}: loss {loss[0]:.3g} -> "
                         f"{loss[-1]:.3g} in {STEPS} steps, {refused.sum()} refused; r "
                         + ", ".join(f"{value:.2f}" for value in r[:6]) + ", ...")

    return update


def exams(surface, theta, radii):
    """(proposed moves, promised fall, fall, r) at each of the points theta (N, D)."""
    g, H, reach = surface.grad(theta), surface.hess(theta), radii[:, None]
    moves, _ = steihaug(g, lambda u: times(H, u), reach)
    promised = -(dot(g, moves) + dot(moves, times(H, moves)) / 2)
    fell = loss_of(surface, theta) - loss_of(surface, theta + moves)
    return moves, promised[:, 0], fell[:, 0], ratio(fell, promised, otherwise=1)[:, 0]
