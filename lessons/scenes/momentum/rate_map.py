"""lr and beta are dragged together over a map of convergence rates, and a walk answers."""
import numpy as np

from lessons.descend import descend
from lessons.look import GREY, LOOKS, Look
from lessons.plots import frame_loss
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import until_gone
from lessons.scenes.momentum.roots import RULES, edge, shrink_factor
from lessons.scenes.momentum.shrink import SOLID, converged, steps_at
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.surfaces import ravine

EDGE = "dashed: the edge"
FLAT = "flat part: only beta counts"
X, BETA = np.linspace(0.05, 4.2, 84), np.linspace(0, 0.99, 56)      # X: lr times the curvature
LIMITS = [30, 60, 120, 400]         # of the shades: steps to 1e-4 of the loss
SHADES = [(0.5, 0.5, 0.5, alpha) for alpha in np.linspace(0.9, 0.12, len(LIMITS))]
OUTLINE, CHOSEN = LOOKS["Momentum"]._replace(dash=()), "Chosen pair"
FAINT = (0.5, 0.5, 0.5, 0.3)    # grey, as all on the backdrop: a grey picture is quick to send
TARGET, THEORY = 1e-4, INK._replace(dash=(2, 2))
MARKS = {"Best pair": Look(GREY, (), "*"), "Best without memory": LOOKS["Gradient descent"]}


@scene("Rate map: learning rate and beta", steps=60, height=5.3, alt="Left: a map over learning "
       "rate and beta of how quickly a rule converges: darker is quicker, and to the right of a "
       "slanting dashed edge it explodes. For momentum a line round the wedge at the top, the flat "
       "part, where in the long run only beta counts; the wedge's lowest corner, at the "
       "edge, is the best pair then. A star marks the best pair, a cross the chosen one. Right: "
       "the walk down a ravine with the chosen pair, and its loss.")
def rate_map(stage, *, steps=60, lr=0.1, beta=0.9):
    """Drag lr and beta over the map of convergence rates; beside it the walk that they make.

    The map says how many steps bring the loss to 1e-4 at the rate of the long run, from the roots
    of the rule.
    Across: lr times the largest curvature, so that the edge does not move with the condition.
    """
    stage.steps, stage.rate = steps, max(12, steps / 5)
    axes = stage.mosaic([["map", "ravine"], ["map", "loss"], ["key", "loss"]],
                        height_ratios=(2.4, 0.9, 0.34), width_ratios=(1.08, 1))
    pad, ground, loss = axes["map"], axes["ravine"], axes["loss"]
    pad.set(xlim=(0, 4.2), ylim=(0, 1), ylabel="beta", xlabel="learning rate x largest curvature")
    Valley.frame(ground)
    ground.set_anchor("N")
    frame_loss(loss, steps, 1e-8, 1e2, TARGET)
    loss.texts[0].set(x=0.02, ha="left", va="top")      # where a loss has not come down yet
    loss.set(xlabel="step", ylabel="loss / first")
    draw_key(axes["key"])
    valley, headline = Valley(stage, ground), stage.headline(ground)
    border = stage.path(pad, DASHED, whole=True, width=1.6)
    outline = stage.path(pad, OUTLINE, whole=True, width=2.2)
    stage.text(pad, INK, size=11).set([(3.2, 0.2)], ["explodes"])
    stage.text(pad, INK, size=11).set([(2.62, 0.06)], [EDGE])
    inside = stage.text(pad, OUTLINE, size=11)
    marks = {name: stage.marker(pad, look, group=name, size=13) for name, look in MARKS.items()}
    looks = {name: look._replace(marker="X") for name, look in SOLID.items()}
    chosen = {name: stage.marker(pad, look, size=12) for name, look in looks.items()}
    walks = {name: (stage.path(ground, look, group=CHOSEN, width=1.6),
                    stage.path(loss, look, group=CHOSEN, width=1.6))
             for name, look in looks.items()}
    theory = stage.path(loss, THEORY, whole=True, width=1.5, group="Theory")
    stage.choice("rule", list(RULES), label="rule")
    stage.slider("condition", 20.0)
    stage.point(pad, "pair", (20 * lr, beta), label="learning rate and beta")
    stage.point(ground, "start", ravine(angle=30).start, label="start")
    drawn = {}

    def update(rule, condition, pair, start):
        if drawn.get("now") != (rule, condition):
            drawn["now"] = rule, condition
            draw_map(pad, rule, condition)
            stage.redraw()
        x, beta = float(max(pair[0], 0.01)), float(np.clip(pair[1], 0, 0.99))
        surface, lr, rate = ravine(condition, 30), x / condition, rate_of(rule, x, beta, condition)
        valley.set(condition, 30)
        run = descend(surface, RULES[rule], tuple(start), steps, lr=lr, beta=beta)
        stage.runs = {rule: run}
        for name, (way, curve) in walks.items():
            chosen[name].set([(x, beta) if name == rule else (np.nan, np.nan)])
            if name == rule:
                way.set(until_gone(run.theta, surface.window))
                share = run.loss / run.loss[0]
                curve.over_time(share)
                way.says([f"{rule}: loss x {now:.2g}" for now in share])
            else:
                way.hide()
                curve.hide()
        theory.set([(0, 1), (steps, rate ** (2 * steps))])
        theory.says([f"error x {rate:.3g} a step: {quickness(steps_at(rate))}"])
        heights = np.linspace(0, 0.99, 30)
        border.set(np.stack([edge(rule, heights), heights], -1))
        line = flat_part(condition) if rule == "Momentum" else [(np.nan, np.nan)]
        outline.set(line)
        named = rule == "Momentum"              # above the left end of its flat part
        inside.set([(0.75, 0.955)] if named else line, [FLAT if named else ""])
        best = best_pair(rule, condition)
        for name, (at, height) in zip(MARKS, (best, (2 * condition / (condition + 1), 0.0))):
            marks[name].set([(at, height)])
            beside = f", beta {height:.3g}" if height else ""
            marks[name].says([f"lr {at / condition:.3g}{beside}: "
                              + quickness(steps_at(rate_of(rule, at, height, condition)))])
        headline(f"lr {lr:.3g}, beta {beta:.2g}: {converged(share)}")
        stage.summary = (
            f"{rule}, condition {condition:.3g}, lr {lr:.3g} (x largest curvature: {x:.3g}), beta "
            f"{beta:.3g}: error x {rate:.3g} a step\nbest pair: lr {best[0] / condition:.3g}, beta "
            f"{best[1]:.3g}: error x {rate_of(rule, *best, condition):.3g} a step")

    return update


# What can be said without a walk


def rate_of(rule, x, beta, condition):
    """The factor by which a step multiplies the error in the long run; x: lr times condition.

    Of the ravine's two curvatures the slower one counts.
    """
    return np.maximum(shrink_factor(rule, x, beta), shrink_factor(rule, x / condition, beta))


def flat_part(condition):
    """The outline of momentum's pairs at which only beta counts: (N, 2), the star as its corner.

    There floor and wall, at lr c = x / condition and x, lie between (1 -+ sqrt(beta))^2.
    """
    beta = np.linspace(best_pair("Momentum", condition)[1], 0.99, 40)
    ends = condition * (1 - beta**0.5) ** 2, (1 + beta**0.5) ** 2
    left, right = (np.stack([end, beta], -1) for end in ends)
    return np.concatenate([left[::-1], right])


def quickness(steps):
    """How quick a pair is, in words, from the steps to 1e-4 that its rate needs."""
    return f"{np.ceil(steps):.0f} steps by its rate" if steps < np.inf else "explodes"


def best_pair(rule, condition):
    """(lr times the largest curvature, beta) of the lowest rate.

    Source: Polyak 1964 for momentum; Lessard et al. 2016 for Nesterov.
    """
    root = np.sqrt(condition)
    if rule == "Nesterov":
        root = np.sqrt(3 * condition + 1)
        return 4 * condition / (3 * condition + 1), (root - 2) / (root + 2)
    return 4 * condition / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2


# What is drawn on the backdrop


def draw_map(ax, rule, condition):
    """Shade the pairs that converge, by their rates, and hatch the others."""
    draw_rates(ax, rate_of(rule, X, BETA[:, None], condition))
    high = np.linspace(0, 0.99, 30)
    ax.fill_betweenx(high, edge(rule, high), X[-1], hatch="//", facecolor="none",
                     edgecolor=FAINT, lw=0, animated=True)


def draw_rates(ax, rates):
    """Shade the map by how many steps bring the loss to 1e-4: darker is faster.

    Pairs that explode stay unshaded.
    """
    for shade in list(ax.collections):
        shade.remove()
    steps = np.where(rates < 1, np.minimum(steps_at(rates), LIMITS[-1]), np.nan)
    ax.contourf(X, BETA, steps, [0, *LIMITS], colors=SHADES, animated=True)


def draw_key(ax):
    """The shades with their numbers of steps."""
    ax.set(yticks=[], ylim=(0, 1), xlim=(-0.5, len(LIMITS) - 0.5),
           xlabel="steps to 1e-4 of the loss, at most")
    ax.bar(range(len(LIMITS)), 1, width=1, color=SHADES)
    ax.set_xticks(range(len(LIMITS)), [*LIMITS[:-1], "more"], fontsize=10)
    ax.tick_params(length=0, pad=-17)
