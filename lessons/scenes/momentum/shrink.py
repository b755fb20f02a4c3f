"""How much of the error a step keeps, for every curvature: memory's curve has a flat bottom."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import converged_at
from lessons.look import BLUE, BROWN, GREEN, PURPLE, VERMILION, Look
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import until_gone
from lessons.scenes.momentum.roots import RULES, behaviour, roots, shrink_factor
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.surfaces import ravine

STEPS, TARGET = 120, 1e-4
ROOT = np.linspace(0, 2.1, 421)                     # square roots of lr times the curvature
TICKS = 0.01, 0.1, 0.25, 0.5, 1, 2, 3, 4
PLACES = {"Floor": (1.25, 0.38), "Wall": (1.25, 0.22)}      # where no curve passes
DIRECTIONS = {"Floor": Look(GREEN, (), "o"), "Wall": Look(PURPLE, (), "s")}
PLAIN = Look(BLUE, (2, 2), "o")                     # gradient descent's curve
SOLID = {"Momentum": Look(VERMILION, (), "P"), "Nesterov": Look(BROWN, (), "v")}    # for zigzags


@scene("Shrink factor", steps=STEPS, rate=24, height=5.6, alt="Left: the share of the error that a "
       "step keeps, over learning rate times curvature; two dots are the ravine's floor and wall. "
       "Right: their roots in the unit circle. Below: the path and both directions' losses.")
def shrink(stage, *, lr_L=1.0, beta=0.9):
    """Slide a ravine's floor and wall along the curve of shrink factors; the walk answers.

    lr_L: learning rate times the largest curvature, where the wall stands; the floor stands at
    lr_L / condition. A factor is the larger root, in size; both losses begin at 1.
    """
    axes = stage.mosaic([["curve", "curve", "circle"], ["path", "loss", "loss"]],
                        height_ratios=(1.5, 1), width_ratios=(1.25, 0.75, 1.15))
    curve, circle, ground, loss = (axes[name] for name in ("curve", "circle", "path", "loss"))
    curve.set(xlim=(0, ROOT[-1]), ylim=(0, 1.3), yticks=(0, 0.5, 1), ylabel="a step keeps",
              xlabel="learning rate x curvature")
    curve.set_xticks(np.sqrt(TICKS), [f"{x:g}" for x in TICKS])
    curve.axhspan(1, 1.3, hatch="//", facecolor="none", edgecolor=(0.5, 0.5, 0.5, 0.3), lw=0)
    circle.set(xlim=(-1.35, 1.35), ylim=(-1.2, 1.2), xticks=(-1, 0, 1), yticks=(), aspect="equal")
    Valley.frame(ground)
    loss.set(xlim=(0, STEPS), ylim=(1e-7, 1e2), yscale="log", xlabel="step", ylabel="loss / first")
    valley, headline = Valley(stage, ground), stage.headline(curve, size=12)
    stage.headline(circle)("both roots of floor and wall")
    stage.headline(loss)("loss along each, its first is 1")
    for reach, look in ((1, INK), (0, DASHED)):
        ring = stage.ellipse(circle, look, width=1.2)
        ring.set([[(0, 0), (reach, 0), (0, reach)]])
    stage.path(loss, DASHED, whole=True, width=1).set([(0, TARGET), (STEPS, TARGET)])
    stage.path(curve, PLAIN, whole=True, width=1.6).set(
        np.stack([ROOT, shrink_factor("Momentum", ROOT**2, 0)], -1))
    stage.text(curve, PLAIN, size=11).set([(0.36, 0.42)], ["no memory"])
    factors = {name: stage.path(curve, SOLID[name], whole=True, width=3, group=name)
               for name in RULES}
    paths = {name: stage.path(ground, SOLID[name], group=name, width=1.6) for name in RULES}
    shown = {name: dict(dot=stage.marker(curve, look, group=name, size=15),
                        says=stage.text(curve, look, group=name, size=13),
                        roots=[stage.marker(circle, look, group=name, size=10) for _ in (0, 1)],
                        loss=stage.path(loss, look, group=name, width=2.4 - 1.2 * row))
             for row, (name, look) in enumerate(DIRECTIONS.items())}
    stage.slider("lr_L", lr_L)
    stage.slider("beta", beta)
    stage.slider("condition", 100.0, kind="narrowness")
    stage.choice("rule", list(RULES), label="rule")
    stage.record("lr_L")
    stage.record("beta")

    def update(lr_L, beta, condition, rule):
        surface = ravine(condition)
        run = descend(surface, RULES[rule], steps=STEPS, lr=lr_L / condition, beta=beta)
        stage.runs = {rule: run}
        valley.set(condition)
        ring.set([[(0, 0), (beta**0.5, 0), (0, beta**0.5)]])
        for name in RULES:
            factors[name].hide()
            paths[name].hide()
            factors[name].says([""])
        factors[rule].set(np.stack([ROOT, shrink_factor(rule, ROOT**2, beta)], -1))
        paths[rule].set(until_gone(run.theta, surface.window))
        with np.errstate(all="ignore"):         # a walk may have left for infinity
            shares = np.square(run.theta / run.theta[0])
        kept = [direction(name, rule, lr_c, beta, share) for (name, lr_c, share) in
                zip(shown, (lr_L / condition, lr_L), shares.T)]
        slowest, needed = max(kept), converged(shares.max(axis=1))
        headline(f"A step keeps {slowest:.3g} of the error: "
                 + ("it explodes" if slowest > 1 else needed))
        stage.summary = (f"{rule}, condition {condition:.3g}, lr x L {lr_L:.3g}, beta {beta:.3g}: "
                         f"a step keeps {slowest:.3g}; {needed}")

    def direction(name, rule, lr_c, beta, share):
        """Show one direction of the ravine; returns its shrink factor."""
        parts, kept = shown[name], float(shrink_factor(rule, lr_c, beta))
        does = behaviour(rule, lr_c, beta)
        parts["dot"].set([(lr_c**0.5, min(kept, 1.27))])
        parts["says"].set([PLACES[name]], [f"{name.lower()} {does}: {kept:.3g}"])
        for marker, root in zip(parts["roots"], roots(rule, lr_c, beta)):
            marker.set([(root.real, root.imag)])
        parts["loss"].over_time(share)
        parts["loss"].says([f"lr c {lr_c:.3g}: {does}, keeps {kept:.3g}; loss x {s:.2g}"
                            for s in share])
        return kept

    return update


def converged(share):
    """In words, from which step on a loss, as a share of its first, stays at or below TARGET."""
    at, steps = converged_at(share, TARGET), len(share) - 1
    return f"loss x 1e-4 {f'after {at:.0f}' if at <= steps else f'not within {steps}'} steps"
