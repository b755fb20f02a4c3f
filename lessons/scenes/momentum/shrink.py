"""How many steps every curvature needs: memory's curve has a flat bottom, no memory's is a V."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import converged_at
from lessons.look import BLUE, BROWN, GREEN, LOOKS, PURPLE, VERMILION, Look
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import until_gone
from lessons.scenes.momentum.roots import RULES, behaviour, roots, shrink_factor
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.surfaces import ravine

STEPS, TARGET = 120, 1e-4
LR_C = np.geomspace(2e-4, 6, 601)                   # learning rate times curvature
FEWEST, MOST, NEVER = 1.0, 2.4e4, 4.2e4             # steps: the curve's, where it explodes
FOOT, TOP = 0.55, 8e4                               # of the axis
DIRECTIONS = {"Floor": Look(GREEN, (), "o"), "Wall": Look(PURPLE, (), "s")}
PLAIN = Look(BLUE, (2, 2), "o")                     # gradient descent's curve
SOLID = {"Momentum": Look(VERMILION, (), "P"), "Nesterov": Look(BROWN, (), "v")}    # for zigzags


ALT = ("Left: how many steps a direction needs at its rate, over learning rate times curvature, "
       "with memory and without; dots are the ravine's floor and wall. Without memory the curve "
       "falls to one step where the product is 1 and shoots up beyond it. {} Right: the roots of "
       "floor and wall in the unit circle. Below: the path and both directions' losses.")
CURVES = {
    "Momentum": "Momentum's comes down to a flat bottom, at beta 0.9 of 88 steps from 0.003 to "
                "3.8, and leaps to never at the bottom's right end.",
    "Nesterov": "Nesterov's comes down beside momentum's, but its bottom is tilted: it falls on to "
                "one step where the product is 1, and beyond, at beta 0.9 at 1.36, leaps to never.",
}


@scene("Shrink factor", steps=STEPS, rate=24, height=6.2, alt=ALT.format(CURVES["Momentum"]))
def shrink(stage, *, lr_L=1.0, beta=0.9):
    """Slide a ravine's floor and wall along the curve of steps; the walk answers.

    lr_L: learning rate times the largest curvature, where the wall stands; the floor stands at
    lr_L / condition. The curve is the long run's: steps to 1e-4 of the loss at the rate of the
    larger root, in size. Faint dots: the same floor and wall without memory, whose curve keeps
    its colour when it stands alone, at beta 0. The slower one of floor and wall counts. Of
    Nesterov's rule it is the look-ahead point that is drawn.
    """
    axes = stage.mosaic([["curve", "curve", "circle"], ["path", "loss", "loss"]],
                        height_ratios=(1.45, 1.2), width_ratios=(1.75, 0.7, 1.1))
    curve, circle, ground, loss = (axes[name] for name in ("curve", "circle", "path", "loss"))
    curve.set(xlim=(LR_C[0], LR_C[-1]), ylim=(FOOT, TOP), xscale="log", yscale="log",
              ylabel="steps to 1e-4 at its rate", xlabel="learning rate x curvature")
    curve.set_xticks([0.001, 0.01, 0.1, 1, 2, 4], ["0.001", "0.01", "0.1", "1", "2", "4"])
    curve.set_yticks([1, 10, 100, 1000], ["1", "10", "100", "1000"])
    curve.minorticks_off()
    curve.axhspan(MOST, TOP, hatch="//", facecolor="none", edgecolor=(0.5, 0.5, 0.5, 0.3), lw=0)
    stage.text(curve, INK, size=11).set([(3e-4, 3.2e4)], ["never"])
    circle.set(xlim=(-1.3, 1.3), ylim=(-1.15, 1.15), xticks=(-1, 0, 1), yticks=(), aspect="equal")
    Valley.frame(ground)
    loss.set(xlim=(0, STEPS), ylim=(1e-7, 1e2), yscale="log", xlabel="step", ylabel="loss / first")
    valley, headline = Valley(stage, ground), stage.headline(curve, size=12)
    dashed = stage.headline(circle)
    stage.headline(loss)("loss along each, its first is 1")
    walked = stage.headline(ground)
    for reach, look in ((1, INK), (0, DASHED)):
        ring = stage.ellipse(circle, look, width=1.2, fill=look == DASHED)
        ring.set([[(0, 0), (reach, 0), (0, reach)]])
    stage.path(loss, DASHED, whole=True, width=1).set([(0, TARGET), (STEPS, TARGET)])
    stage.path(curve, PLAIN, whole=True, width=1.6).set(
        np.stack([LR_C, height(steps_at(shrink_factor("Momentum", LR_C, 0)))], -1))
    rival = stage.path(curve, LOOKS["Momentum"], whole=True, width=1.6)
    named = stage.text(curve, LOOKS["Momentum"], size=12)
    counts = {name: stage.noted_line(curve, DASHED._replace(color=look.color), size=12)
              for name, look in (("Plain", PLAIN), *SOLID.items())}
    factors = {name: stage.path(curve, look, whole=True, width=3) for name, look in SOLID.items()}
    paths = {name: stage.path(ground, look, width=1.6)
             for name, look in (*SOLID.items(), ("Plain", PLAIN._replace(dash=())))}
    shown = {name: dict(plain=stage.marker(curve, look._replace(color=BLUE), size=8),
                        dot=stage.marker(curve, look, group=name, size=15),
                        roots=[stage.marker(circle, look, group=name, size=10) for _ in (0, 1)],
                        loss=stage.path(loss, look, group=name, width=2.4 - 1.2 * row))
             for row, (name, look) in enumerate(DIRECTIONS.items())}
    stage.slider("lr_L", lr_L)
    stage.slider("beta", beta)
    stage.slider("condition", 100.0, within=(1, 1000))
    stage.choice("rule", list(RULES), label="rule")
    stage.record("lr_L")
    stage.record("beta")

    def update(lr_L, beta, condition, rule):
        surface, places = ravine(condition), np.array([lr_L / condition, lr_L])
        run = descend(surface, RULES[rule], steps=STEPS, lr=places[0], beta=beta)
        stage.runs = {rule: run}
        valley.set(condition)
        ring.set([[(0, 0), (beta**0.5, 0), (0, beta**0.5)]])
        dashed(f"roots; dashed: radius {beta**0.5:.3g}")
        for name in RULES:
            factors[name].hide()
            counts[name]()
        for path in paths.values():
            path.hide()
        drawn = rule if beta else "Plain"
        if beta:
            factors[rule].set(
                np.stack([LR_C, height(steps_at(shrink_factor(rule, LR_C, beta)))], -1))
        paths[drawn].set(until_gone(run.theta, surface.window))
        flat = height(steps_at(shrink_factor("Momentum", LR_C, beta)))
        rival.set(np.stack([LR_C, flat if rule == "Nesterov" else np.nan * flat], -1))
        named.set([(0.12, 1.55 * flat.min())], ["momentum" if rule == "Nesterov" else ""])
        stage.alt = ALT.format(CURVES[rule])
        walked("the path" if rule == "Momentum" else "path of the look-ahead point")
        with np.errstate(all="ignore"):         # a walk may have left for infinity
            shares = np.square(run.theta / run.theta[0])
        kept = [direction(name, rule, lr_c, beta, share)
                for name, lr_c, share in zip(shown, places, shares.T)]
        slowest, needed = max(kept), converged(shares.max(axis=1))
        with_memory, without = steps_at(slowest), steps_at(np.abs(1 - places).max())
        words = "no memory" if not beta else "with memory" if rule == "Momentum" else rule
        creeps = beta and places[0] < (1 - beta**0.5) ** 2      # then its curve stands at the left
        close = rule == "Nesterov" and with_memory < 1.5 * flat.min()
        at = (0.012, 1.6) if creeps else (3e-4, 0.5)
        count(drawn, words, with_memory, *at, lined=not close)
        if beta and without < with_memory:
            count("Plain", "no memory", without, 3e-4, 0.5)
        elif beta:
            count("Plain", "no memory", without,
                  0.02 if without < 3 else np.clip(2 * places[0], 0.01, 0.1), 1.6)
        headline(f"The slower one keeps {slowest:.3g} a step: "
                 + ("it explodes" if slowest > 1 else needed))
        stage.summary = (f"{rule}, condition {condition:.3g}, lr x L {lr_L:.3g}, beta {beta:.3g}: "
                         f"a step keeps {slowest:.3g}; {needed}")

    def count(name, words, steps, x, beside, lined=True):
        """Words at the height of the slower one of floor and wall, if it is finite, and a line."""
        counts[name]()
        if np.isfinite(steps):
            at, number = height(steps), max(1, int(np.ceil(steps)))
            counts[name](f"{words}: {number} step{'s' * (number > 1)}",
                         [(LR_C[0], at), (LR_C[-1], at)] if lined else [(np.nan, np.nan)],
                         (x, at * (beside if number > 2 else 1.6)))

    def direction(name, rule, lr_c, beta, share):
        """Show one direction of the ravine; returns its shrink factor."""
        parts, kept = shown[name], float(shrink_factor(rule, lr_c, beta))
        does, at = behaviour(rule, lr_c, beta), max(lr_c, LR_C[0])
        parts["dot"].set([(at, height(steps_at(kept)))])
        parts["plain"].set([(at, height(steps_at(abs(1 - lr_c))))])
        for marker, root in zip(parts["roots"], roots(rule, lr_c, beta)):
            marker.set([(root.real, root.imag)])
        parts["loss"].over_time(share)
        parts["loss"].says([f"lr c {lr_c:.3g}: {does}, keeps {kept:.3g}; loss x {s:.2g}"
                            for s in share])
        return kept

    return update


def steps_at(kept):
    """How many steps bring the loss to TARGET, if each keeps this share of the error; or inf."""
    with np.errstate(divide="ignore"):
        steps = np.log(TARGET) / 2 / np.log(np.minimum(kept, 1.0))
    return np.where(np.asarray(kept) < 1, steps, np.inf)[()]


def height(steps):
    """Where a number of steps stands in the picture: infinity above all that are finite."""
    return np.where(np.isfinite(steps), np.clip(steps, FEWEST, MOST), NEVER)[()]


def converged(share):
    """In words, from which step on a loss, as a share of its first, stays at or below TARGET."""
    at, steps = converged_at(share, TARGET), len(share) - 1
    return f"loss x 1e-4 {f'after {at:.0f}' if at <= steps else f'not within {steps}'} steps"
