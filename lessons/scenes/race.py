"""The race: several steps walk down one surface, from one start, with one budget."""
import inspect

import numpy as np
from matplotlib.figure import Figure

from lessons.knobs import KNOBS
from lessons.look import GREY, Look, looks
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import (
    LRS,
    corner,
    gone,
    notes,
    over_time,
    own,
    sweep,
    until_gone,
    walk,
)
from lessons.stage import Stage
from lessons.stage.tracks import to_data

SHARED, OWN, BEST = "one for all", "each its own", "each at its best"


def race(surface, rivals, *, steps=60, lr=0.05, target=0.01, score=None, presets=None, **values):
    """Race `rivals` down `surface`; returns a Stage.

    surface: a Surface, a function that makes one (its arguments become knobs), or a list of such
    functions (a menu). rivals: name -> step. steps: the budget of each, in gradient evaluations.
    target: a loss; the strip shows at which of 41 learning rates each rival reaches it.
    score: {label: function of theta}, from 0 to 1, for a surface that has no map to draw.
    presets: label -> {knob: value}, a button each. values: other knobs, such as condition=50.
    Raises TypeError for a rival without a learning rate, and where there is nothing to draw.
    """
    return Race(surface, rivals, steps, lr, target, score, presets or {}, values).stage


class Race:
    """What a race remembers from one move of a knob to the next."""

    def __init__(self, surface, rivals, steps, lr, target, score, presets, values):
        if not rivals or not hasattr(rivals, "items"):
            raise TypeError(f'rivals are names with steps, {{"Adam": adam}}, not {rivals!r}')
        self.makers, self.rivals = makers(surface), dict(rivals)
        self.target, self.score, self.looks = target, score, looks(self.rivals)
        self.surface = next(iter(self.makers.values()))()
        self.mapped = self.surface.window is not None
        if not self.mapped and not score:
            raise TypeError(f"{self.surface.name} has no map, so the race needs something else to "
                            "show: score={label: function of theta}")
        self.drawn = self.asked = self.placed = self.shown = None
        names = ", ".join(self.rivals)
        self.stage = Stage(self._figure(), steps, f"{names} walk down one surface from one start; "
                           "beside it their losses, and the learning rates that reach the target.",
                           title=f"Race: {names}", rate=max(12, steps / 5))
        self.headline = self.stage.text(self.left, Look(GREY, (), "o"), size=11)
        self.tracks = {name: self._tracks(name) for name in self.rivals}
        self._knobs(steps, lr)
        for label, turned in presets.items():
            self.stage.preset(label, **turned)
        self.stage.set(**values)
        self.stage.compute(self.run)

    # The stage, built once

    def _figure(self):
        figure = Figure((9.2, 3.9))
        self.left = figure.add_axes([0.065, 0.12, 0.465, 0.81], anchor="N")
        self.right = figure.add_axes([0.675, 0.48, 0.305, 0.45])
        self.strip = figure.add_axes([0.675, 0.13, 0.305, 0.17])
        self.losses = self.right if self.mapped else self.left
        rows = range(len(self.rivals))
        self.strip.set(xscale="log", xlim=(LRS[0] / 1.2, LRS[-1] * 1.2), xlabel="learning rate",
                       ylim=(rows[-1] + 0.6, -0.6), yticks=rows, yticklabels=self.rivals)
        self.strip.tick_params(axis="y", labelsize=9)
        self.strip.set_title(f"Which learning rates reach loss {self.target:g}?", fontsize=10)
        return figure

    def _tracks(self, name):
        stage, look = self.stage, self.looks[name]
        return dict(way=stage.path(self.left, look, group=name),
                    curve=stage.path(self.right, look, group=name),
                    gone=stage.text(self.left, look, group=name, size=10),
                    reached=stage.path(self.strip, look._replace(dash=()), group=name, width=9,
                                       whole=True),
                    now=stage.marker(self.strip, look, group=name, size=8))

    def _knobs(self, steps, lr):
        stage = self.stage
        stage.choice("rates", [SHARED, OWN, BEST], label="learning rates")
        stage.show("rates", len(self.rivals) > 1)
        stage.slider("lr", lr)
        for name, step in self.rivals.items():
            stage.slider(own(name), usual_lr(name, step), kind="lr", label=own(name))
        if len(self.makers) > 1:
            stage.choice("surface", list(self.makers), label="surface")
        for maker in self.makers.values():
            for name, value in knobs_of(maker).items():
                if name not in stage.values:        # the first surface's usual value
                    stage.slider(name, value)
        if self.mapped:
            if len(self.makers) == 1:               # beside a menu it would be a knob too many
                stage.slider("steps", steps)
            self.shown = on_map(self.surface, self.surface.start)
            stage.point(self.left, "start", self.shown, label="start")
        self.budget = steps

    # One run of everything, whenever a knob moves

    def run(self, rates, lr, start=None, surface=None, **values):
        """The surface, its map, the sweep over learning rates, then every rival's way."""
        self.stage.steps = self.budget = values.get("steps", self.budget)
        self._set_surface(surface or next(iter(self.makers)), values)
        self._set_start(start)
        self._sweep()
        for row, name in enumerate(self.rivals):
            best = self.swept[name]["best"] or lr
            self._run_one(row, name, {SHARED: lr, OWN: values[own(name)], BEST: best}[rates])
            self.stage.show(own(name), rates == OWN)
        self.stage.show("lr", rates == SHARED)
        every = "every rival at " if len(self.rivals) > 1 else ""
        words = {SHARED: f"{every}lr {lr:.3g}", OWN: "each rival at its own lr",
                 BEST: f"each rival at the best of {len(LRS)} lrs"}[rates]
        self._say(f"{self.surface.name}, {words}")

    def _set_surface(self, chosen, values):
        """Make the surface that the knobs ask for, and draw only what has changed of its map."""
        wanted = {name: values[name] for name in knobs_of(self.makers[chosen])}
        for name in KNOBS.keys() & values.keys() - {"steps"}:
            self.stage.show(name, name in wanted)
        before, turned, budget = self.drawn or (None, None, None)
        if chosen != before:
            self.placed = None
        if (chosen, wanted) != (before, turned):
            self.surface = self.makers[chosen](**wanted)
            if self.mapped:
                contours(self.left, self.surface, animated=True)
            self.stage.redraw()
        if (chosen, self.budget) != (before, budget):
            self._frame()
        self.drawn = (chosen, wanted, self.budget)

    def _frame(self):
        """Limits and labels, which stay while the learning rate or the start moves."""
        first = float(self.surface.loss(np.array(self.surface.start)))
        low, high = (1e-4, 100) if self.mapped else (0.1, 10)   # real data spans fewer decades
        frame_loss(self.losses, self.budget, self.target * low, first * high, self.target)
        if self.mapped:
            frame_map(self.left, self.surface)
        else:
            self.left.yaxis.labelpad = 0        # or the tick labels push it off the picture
            self.right.set(xlim=(0, self.budget), ylim=(0, 1), xlabel="gradient evaluations",
                           ylabel=next(iter(self.score)))
        self.stage.redraw(whole=True)

    def _set_start(self, start):
        """The reader's start where one was placed, else the surface's own."""
        if self.shown is not None and not np.array_equal(start, self.shown):
            self.placed = start[: self.surface.dim]
        self.start = np.array(self.surface.start if self.placed is None else self.placed, float)
        if self.mapped:
            self.shown = self.stage.values["start"] = on_map(self.surface, self.start)

    def _sweep(self):
        """Every rival at every learning rate, anew for a new surface, start or budget."""
        asked = (self.drawn, self.start.tolist())
        if asked != self.asked:
            self.swept = {name: sweep(self.surface, step, self.start, self.budget, self.target)
                          for name, step in self.rivals.items()}
        self.asked = asked

    def _run_one(self, row, name, lr):
        """Hand one rival's way, loss, reach and words to its tracks."""
        tracks, step = self.tracks[name], self.rivals[name]
        theta, loss, diverged, problem = walk(self.surface, step, self.start, self.budget, lr)
        if self.mapped:
            way, curve = on_map(self.surface, until_gone(theta, self.surface.window), loss), loss
        else:
            way, curve = over_time(loss), self._scored(theta)
        tracks["way"].set(way)
        tracks["curve"].set(over_time(curve))
        tracks["reached"].set(cells(self.swept[name]["reached"], row))
        tracks["now"].set([[lr, row]])
        self.stage.legend(name, self.looks[name], notes(lr, loss, self.target, diverged, problem))
        tracks["gone"].set([to_data(self.left, corner(row))], gone(name, diverged, self.budget))

    def _scored(self, theta):
        """The score of each point of a way; nan where there is no point."""
        score, = self.score.values()
        with np.errstate(all="ignore"):
            return np.where(np.isfinite(theta).all(-1), score(theta), np.nan)

    def _say(self, words):
        """The headline on the picture, and the sweep in words for a page without a kernel."""
        self.headline.set([to_data(self.left, [0, 1.04])], [words])
        lines = [words]
        for name, found in self.swept.items():
            best = f", lowest {found['low']:.3g} at lr {found['best']:.3g}" if found["best"] else ""
            lines.append(f"  {name}: reaches loss {self.target:g} at {found['reached'].sum()} of "
                         f"{len(LRS)} learning rates{best}")
        self.stage.summary = "\n".join(lines)


# From what `race` was given, and from runs, to knobs and points


def makers(surface):
    """name -> function that makes a surface."""
    def maker(one):
        return (one.__name__, one) if callable(one) else (one.name, lambda: one)

    return dict(map(maker, surface if isinstance(surface, (list, tuple)) else [surface]))


def knobs_of(maker):
    """The arguments of a surface's function that knobs.py knows, with their usual numbers."""
    arguments = inspect.signature(maker).parameters
    return {name: row.default for name, row in arguments.items()
            if name in KNOBS and isinstance(row.default, (int, float))}


def usual_lr(name, step):
    """The learning rate in a step's signature; raises TypeError where there is none."""
    row = inspect.signature(step).parameters.get("lr")
    if row is None or row.default is row.empty:
        raise TypeError(f"{name} can't race: its step needs a knob lr with a usual value, as in "
                        "def step(surface, theta, *, lr=0.1)")
    return row.default


def on_map(surface, theta, loss=None):
    """Where theta is on the map: itself, or in one dimension the point of the curve above it."""
    theta = np.asarray(theta, float)
    loss = surface.loss(theta) if loss is None else loss
    return theta if surface.dim == 2 else np.stack([theta[..., 0], loss], -1)


def cells(reached, row):
    """A line with gaps: one cell of the strip for each learning rate that reached the target."""
    half = (LRS[1] / LRS[0]) ** 0.35        # gaps between cells: nothing was tried there
    ends = [[(lr / half, row), (lr * half, row), (np.nan, row)] for lr in LRS[reached]]
    return np.array(ends or [[(np.nan, row)]]).reshape(-1, 2)
