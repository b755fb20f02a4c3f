"""The pad: lr and beta are dragged together over a map of rates, and a walk answers."""
import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, LOOKS, Look
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import notes, over_time, until_gone
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.steps import momentum, nesterov
from lessons.surfaces import ravine

RULES = {"Momentum": momentum, "Nesterov": nesterov}
CLOSED, SIMULATED = "closed form", "simulated"
X, BETA = np.linspace(0.05, 4.2, 84), np.linspace(0, 0.99, 56)      # X: lr times the curvature
DIGITS = [3, 5, 8, 12, 20, 35, 60, 120]      # the shades' limits: steps until the error is a tenth
SHADES = [(0.5, 0.5, 0.5, alpha) for alpha in np.linspace(0.8, 0.08, len(DIGITS))]
FAINT = (0.5, 0.5, 0.5, 0.3)    # grey, as all on the backdrop: a grey picture is quick to send
TARGET, INK, LONG = 0.01, Look(GREY, (), "o"), 240
LONG_RUN, THEORY = "Theory", INK._replace(dash=(2, 2))


def rate_map(*, steps=60, lr=0.1, beta=0.9, presets=None, **values):
    """Drag lr and beta over the map of convergence rates; beside it the walk that they make.

    The map says how many steps divide the error by ten in the long run, from the roots of the
    rule (closed form) or from 240 steps on the ravine (simulated). Across: lr times the largest
    curvature, so that the edge of stability does not move with the condition number.
    presets: label -> {knob: value}, a button each. values: other knobs, such as condition=50.
    """
    return Pad(steps, lr, beta, presets or {}, values).stage


class Pad:
    """What the pad remembers from one move of a knob to the next."""

    def __init__(self, steps, lr, beta, presets, values):
        self.steps, self.drawn = steps, None
        self.stage = stage = Stage(
            self._figure(), steps, "Left: a map over learning rate and beta of how quickly a rule "
            "settles. Right: the walk down a ravine with the chosen pair, and its loss.",
            title="Pad: learning rate and beta", rate=max(12, steps / 5))
        self.edge = stage.path(self.map, INK._replace(dash=(5, 2)), whole=True, width=1.6)
        self.words = {name: stage.text(self.map, INK, size=9) for name in ("edge", "GD", "best")}
        self.marks = {"GD": stage.marker(self.map, LOOKS["Gradient descent"]),
                      "best": stage.marker(self.map, Look(GREY, (), "*"), size=15),
                      "pair": stage.marker(self.map, Look(GREY, (), "X"), size=10)}
        self.headline = stage.text(self.valley, INK, size=10)
        self.walks = {name: dict(way=stage.path(self.valley, LOOKS[name], group=name),
                                 curve=stage.path(self.loss, LOOKS[name], group=name))
                      for name in RULES}
        self.theory = stage.path(self.loss, THEORY, whole=True, width=1.5, group=LONG_RUN)
        stage.choice("rule", list(RULES), label="rule")
        stage.choice("map", [CLOSED, SIMULATED], label="map")
        stage.slider("condition", 20.0)
        stage.point(self.map, "pair", (20 * lr, beta), label="learning rate and beta")
        stage.point(self.valley, "start", ravine(angle=30).start, label="start")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.6))
        self.map = figure.add_axes([0.065, 0.11, 0.45, 0.8])
        self.valley = figure.add_axes([0.605, 0.44, 0.38, 0.475], anchor="N")
        self.loss = figure.add_axes([0.625, 0.11, 0.345, 0.2])
        self.map.set(xlim=(0, 4.2), ylim=(0, 1), ylabel="beta",
                     xlabel="learning rate x largest curvature")
        key = figure.add_axes([0.295, 0.922, 0.22, 0.04], yticks=[], ylim=(0, 1),
                              xlim=(-0.5, len(DIGITS) - 0.5))
        key.bar(range(len(DIGITS)), 1, width=1, color=SHADES)
        key.set_xticks(range(len(DIGITS)), DIGITS, fontsize=8)
        key.tick_params(length=0, pad=-11)
        key.set_ylabel("Steps to a tenth of the error", rotation=0, ha="right", va="center")
        frame_map(self.valley, ravine())
        frame_loss(self.loss, self.steps, 1e-10, 1e3, TARGET)
        return figure

    # One run of everything, whenever a knob moves

    def run(self, rule, map, condition, pair, start):
        """The map if another one is asked for, its marks, and the walk of the chosen pair."""
        x, beta = float(max(pair[0], 0.01)), float(np.clip(pair[1], 0, 0.99))
        self._draw(rule, map, condition)
        self._mark(rule, condition)
        self.marks["pair"].set([(x, beta)])
        surface, lr = ravine(condition, angle=30), x / condition
        run = descend(surface, RULES[rule], tuple(start), self.steps, lr=lr, beta=beta)
        rate = rate_of(rule, x, beta, condition)
        for name, walk in self.walks.items():
            on = name == rule
            walk["way"].set(until_gone(run.theta, surface.window) if on else [[np.nan, np.nan]])
            walk["curve"].set(over_time(run.loss) if on else [[np.nan, np.nan]])
        self.theory.set([(0, run.loss[0]), (self.steps, run.loss[0] * rate ** (2 * self.steps))])
        self._say(rule, lr, x, beta, rate, run, condition)

    def _draw(self, rule, kind, condition):
        """The two backdrops, drawn anew for another rule, map or ravine."""
        if (rule, kind, condition) == self.drawn:
            return
        if self.drawn is None or condition != self.drawn[-1]:
            contours(self.valley, ravine(condition, angle=30), levels=8, animated=True)
        if kind == CLOSED:
            draw_rates(self.map, X, BETA, rate_of(rule, X, BETA[:, None], condition))
        else:       # on half the grid, to answer in time
            x, beta = X[::2], BETA[::2]
            draw_rates(self.map, x, beta, simulated(rule, x, beta[:, None], condition))
        beta = np.linspace(0, 0.99, 30)
        self.map.fill_betweenx(beta, edge(rule, beta), X[-1], hatch="//", facecolor="none",
                               edgecolor=FAINT, lw=0, animated=True)    # where it explodes
        self.stage.redraw()
        self.drawn = (rule, kind, condition)

    def _mark(self, rule, condition):
        """The edge of stability, gradient descent's best, and the rule's."""
        beta = np.linspace(0, 0.99, 30)
        self.edge.set(np.stack([edge(rule, beta), beta], -1))
        best = best_pair(rule, condition)
        alone = 2 * condition / (condition + 1)
        self.words["edge"].set([(3.2, 0.2)], ["explodes"])
        self.words["GD"].set([(alone - 1.5, 0.05)], ["best without memory"])
        self.words["best"].set([np.add(best, (0.2, -0.05))], ["best pair"])
        self.marks["GD"].set([(alone, 0)])
        self.marks["best"].set([best])

    def _say(self, rule, lr, x, beta, rate, run, condition):
        """The chosen pair in words, what the theory says of it, and what the walk did."""
        tenth = -1 / np.log10(np.clip(rate, 1e-9, 1 - 1e-9))
        end = f"a tenth in {tenth:.3g} steps" if rate < 1 else "explodes"
        chosen = f"Condition {condition:.3g}, lr {lr:.3g}, beta {beta:.2g}"
        self.headline.set([to_data(self.valley, [0, 1.05])], [chosen])
        for name in RULES:
            walked = notes(lr, run.loss, TARGET, run.diverged_at, "")
            self.stage.legend(name, LOOKS[name], walked if name == rule else ["not chosen"])
        self.stage.legend(LONG_RUN, THEORY, [f"error x {rate:.3g} a step: {end}"])
        best = best_pair(rule, condition)
        quick = rate_of(rule, *best, condition)
        self.stage.summary = (
            f"{rule}, condition {condition:.3g}, lr {lr:.3g} (x largest curvature: {x:.3g}), beta "
            f"{beta:.3g}: error x {rate:.3g} a step\nbest pair: lr {best[0] / condition:.3g}, beta "
            f"{best[1]:.3g}: error x {quick:.3g} a step")


# What can be said without a walk


def rate_of(rule, x, beta, condition):
    """By how much the error shrinks per step in the long run, on a ravine; x: lr times condition.

    Along one curvature three errors in a row obey e'' = b e' - c e. The rate is the larger root of
    z^2 - b z + c, in size; of the ravine's two curvatures the slower one counts.
    """
    worst = 0.0
    for step in (x, x / condition):     # lr times the walls' curvature, lr times the floor's
        keep = beta * (1 - step) if rule == "Nesterov" else beta + 0 * step
        b = 1 - step + keep
        inside = b * b - 4 * keep
        real = (np.abs(b) + np.sqrt(np.maximum(inside, 0))) / 2
        worst = np.maximum(worst, np.where(inside < 0, np.sqrt(np.maximum(keep, 0)), real))
    return worst


def edge(rule, beta):
    """lr times the largest curvature at which the rule stops settling."""
    return 2 * (1 + beta) / (1 + 2 * beta) if rule == "Nesterov" else 2 * (1 + beta)


def best_pair(rule, condition):
    """(lr times the largest curvature, beta) of the lowest rate. Polyak 1964; Lessard et al. 2016.
    """
    root = np.sqrt(condition)
    if rule == "Nesterov":
        root = np.sqrt(3 * condition + 1)
        return 4 * condition / (3 * condition + 1), (root - 2) / (root + 2)
    return 4 * condition / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2


def simulated(rule, x, beta, condition):
    """The same rates as rate_of, measured: how LONG steps shrink an error, late in the walk."""
    x, beta = np.broadcast_arrays(x, beta)
    lr, surface = x[..., None] / condition, ravine(condition)
    run = descend(surface, RULES[rule], (1.0, 1.0), LONG, every=4, lr=lr, beta=beta[..., None])
    with np.errstate(all="ignore"):
        far = np.abs(run.theta).max(-1)
        third = len(far) // 3       # the highest error of each third: a walk may pass through zero
        middle, last = far[third:2 * third].max(0), far[2 * third:].max(0)
        rate = (last / middle) ** (3 / LONG)
    return np.where(np.isfinite(rate), rate, np.where(last == 0, 0, np.inf))


def draw_rates(ax, x, beta, rates):
    """Shades by the steps that divide the error by ten, the darker, the quicker; none: explodes."""
    for shade in list(ax.collections):
        shade.remove()
    digit = np.where(rates < 1, -1 / np.log10(np.clip(rates, 1e-9, 1 - 1e-9)), np.nan)
    ax.contourf(x, beta, np.minimum(digit, DIGITS[-1]), [0, *DIGITS], colors=SHADES, animated=True)
