"""The roll: a ball with memory in a ravine, and the two pushes that make up each of its moves."""
import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREEN, GREY, SKY, Look, looks
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import (
    LRS,
    corner,
    gone,
    notes,
    over_time,
    sweep,
    until_gone,
    with_knob,
)
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.steps import nesterov
from lessons.surfaces import ravine

SHARED, BEST = "one for all", "each at its best"
TARGET, BEHIND = 0.01, "Textbook's ball"
MEMORY, GRADIENT, BALL = Look(SKY, (), "o"), Look(GREEN, (), "^"), Look(GREY, (2, 2), "o")


def heavy_ball(rivals, *, steps=60, lr=0.02, beta=0.9, angle=30.0, presets=None, **values):
    """Roll `rivals` down a ravine; the arrows of the last one show what each move is made of.

    rivals: name -> step; the last has a velocity and a knob beta, as momentum and nesterov have.
    Its move is beta times the last move (memory), plus -lr times the new gradient; both as arrows
    on the map, and without the factor lr, as pushes, in the two lower pictures.
    Nesterov's path is that of the points that its code stores, where the gradient is read: the
    textbook's look-ahead points. The textbook's ball is drawn behind them. angle: of the ravine.
    presets: label -> {knob: value}, a button each. values: other knobs, such as condition=50.
    """
    return Roll(rivals, steps, lr, beta, angle, presets or {}, values).stage


class Roll:
    """What the scene remembers from one move of a knob to the next."""

    def __init__(self, rivals, steps, lr, beta, angle, presets, values):
        self.rivals, self.steps, self.looks = dict(rivals), steps, looks(rivals)
        self.angle = angle
        *_, self.name = self.rivals
        self.ahead = self.rivals[self.name] is nesterov
        self.drawn = None
        names = ", ".join(self.rivals)
        self.stage = Stage(self._figure(), steps, f"{names} walk down a ravine. Two arrows make up "
                           f"each move of {self.name}: memory and gradient. On the right their losses,"
                           " and the two pushes along the floor and across it.",
                           title=f"Roll: {names}", rate=12)
        self.headline = self.stage.text(self.map, Look(GREY, (), "o"), size=11)
        self.limits = {ax: [self.stage.text(ax, Look(GREY, (), "o"), size=9) for _ in (0, 1)]
                       for ax in (self.floor, self.across)}
        self.tracks = {name: self._tracks(name) for name in self.rivals}
        self.valley = self.stage.path(self.lens, Look(GREY, (1, 3), "o"), whole=True, width=1)
        self.parts = {name: self._parts(name, look)
                      for name, look in (("Memory", MEMORY), ("Gradient", GRADIENT))}
        self.read = self.stage.marker(self.lens, self.looks[self.name], group=self.name, size=8)
        self.zoom = self.stage.text(self.lens, Look(GREY, (), "o"), size=9)
        if self.ahead:
            self.ball = [self.stage.path(ax, BALL, group=BEHIND, width=1.5, size=8)
                         for ax in (self.map, self.lens)]
        self._knobs(lr, beta)
        for label, turned in presets.items():
            self.stage.preset(label, **turned)
        self.stage.set(**values)
        self.stage.compute(self.run)

    # The stage, built once

    def _figure(self):
        figure = Figure((9.2, 4.8))
        self.map = figure.add_axes([0.065, 0.355, 0.505, 0.595], anchor="NW")
        self.loss = figure.add_axes([0.66, 0.64, 0.325, 0.31])
        self.lens = figure.add_axes([0.66, 0.085, 0.325, 0.4])
        self.floor, self.across = (figure.add_axes([left, 0.085, 0.205, 0.145])
                                   for left in (0.085, 0.365))
        for ax, title in ((self.floor, "Pushes along the floor"), (self.across, "Pushes across it"),
                          (self.lens, "The next move, enlarged")):
            ax.set_title(title, fontsize=10, pad=4)
            ax.set_yticks([])       # the limits follow the pushes, and are written by tracks
        for ax in (self.floor, self.across):
            ax.axhline(0, color=GREY, linewidth=0.8)
            ax.set(xlim=(0, self.steps), xlabel="step")
            ax.xaxis.labelpad = 0
        self.lens.set(xlim=(-1.6, 1.6), ylim=(-1.05, 1.05), xticks=[], aspect="equal")
        frame_map(self.map, ravine())
        frame_loss(self.loss, self.steps, TARGET * 1e-4, 1e3, TARGET)
        return figure

    def _tracks(self, name):
        stage, look = self.stage, self.looks[name]
        return dict(way=stage.path(self.map, look, group=name),
                    curve=stage.path(self.loss, look, group=name),
                    gone=stage.text(self.map, look, group=name, size=10))

    def _parts(self, name, look):
        stage = self.stage
        return dict(arrow=stage.arrow(self.map, look, group=name, width=2),
                    large=stage.arrow(self.lens, look, group=name, width=3),
                    along=stage.path(self.floor, look, group=name, size=6),
                    over=stage.path(self.across, look, group=name, size=6))

    def _knobs(self, lr, beta):
        stage = self.stage
        stage.choice("rates", [SHARED, BEST], label="learning rates")
        stage.slider("lr", lr)
        stage.slider("beta", beta)
        stage.slider("condition", 20.0)
        stage.point(self.map, "start", ravine(angle=self.angle).start, label="start")

    # One run of everything, whenever a knob moves

    def run(self, rates, lr, beta, condition, start):
        """The ravine and its map, every rival's way, then the parts of the last one's moves."""
        self._set_surface(condition)
        for row, name in enumerate(self.rivals):
            step = with_knob(self.rivals[name], "beta", beta)
            best = rates == BEST and sweep(self.surface, step, start, self.steps, TARGET)["best"]
            rate = best or lr
            run = descend(self.surface, step, start, self.steps, lr=rate)
            self._show_run(row, name, rate, run)
        self._show_parts(parts(self.surface, run, rate, beta, self.angle, self.ahead))
        self.stage.show("lr", rates == SHARED)
        words = f"each at the best of {len(LRS)} lrs" if rates == BEST else f"all at lr {lr:.3g}"
        said = f"Ravine, condition {condition:.3g}, beta {beta:.3g}, {words}"
        self.headline.set([to_data(self.map, [0, 1.04])], [said])
        self.stage.summary = said

    def _set_surface(self, condition):
        """Make the ravine that the knob asks for, and draw its map if it is another one."""
        if condition != self.drawn:
            self.surface = ravine(condition, self.angle)
            contours(self.map, self.surface, levels=10, animated=True)
            self.stage.redraw()
        self.drawn = condition

    def _show_run(self, row, name, lr, run):
        tracks, diverged = self.tracks[name], run.diverged_at
        tracks["way"].set(until_gone(run.theta, self.surface.window))
        tracks["curve"].set(over_time(run.loss))
        self.stage.legend(name, self.looks[name], notes(lr, run.loss, TARGET, diverged, ""))
        tracks["gone"].set([to_data(self.map, corner(row))], gone(name, diverged, self.steps))

    def _show_parts(self, made):
        """Arrows on the map and under the lens; pushes over time, and in the legend."""
        for k, ax in enumerate((self.floor, self.across)):
            self._scale(ax, np.concatenate([made[name]["push"][:, k] for name in self.parts]))
        for (name, part), look in zip(self.parts.items(), (MEMORY, GRADIENT)):
            push = made[name]["push"]
            part["arrow"].set(made[name]["arrow"])
            part["large"].set(made[name]["large"])
            part["along"].set(over_time(push[:, 0]))
            part["over"].set(over_time(push[:, 1]))
            self.stage.legend(name, look, [f"along {along:+.2g}, across {over:+.2g}"
                                           for along, over in push])
        self.valley.set(np.outer((-3, 3), made["floor"]))
        self.read.set(made["read"])
        self.zoom.set([[-1.5, 0.93]], [f"x {float(f'{zoom:.2g}'):g}" for zoom in made["zoom"]])
        if self.ahead:
            self.ball[0].set(until_gone(made["ball"], self.surface.window))
            self.ball[1].set(np.zeros((self.steps + 1, 2)))
            self.stage.legend(BEHIND, BALL, ["looks ahead by its memory"])

    def _scale(self, ax, values):
        """Limits that hold the pushes, and their numbers: tracks, for a new frame takes long."""
        top = round_up(np.abs(values[np.isfinite(values)]).max())
        ax.set_ylim(-1.1 * top, 1.1 * top)
        for track, end in zip(self.limits[ax], (-top, top)):
            track.set([[-0.23 * self.steps, end]], [f"{end:+g}"])


def parts(surface, run, lr, beta, angle, ahead):
    """What Memory and Gradient do to every move that starts at theta: (T+1, ...) each.

    arrow: (T+1, 2, 2) on the map. large: the same from (0, 0), so that the move fills a circle of
    radius 1. push: (T+1, 2), the arrow without lr, along the floor and across it. zoom: large over
    arrow. ball: where the move begins; with `ahead` that is the textbook's point, behind theta.
    read: where the gradient is read, under the lens. floor: the direction of the ravine.
    """
    turn = np.radians(angle)
    floor = np.array([np.cos(turn), np.sin(turn)])
    wall = np.array([-floor[1], floor[0]])
    velocity = np.stack([np.zeros(2), *run.state["velocity"]])
    with np.errstate(all="ignore"):     # a walk may have left for infinity
        memory, gradient = -beta * velocity, -surface.grad(run.theta)
        ball = run.theta - lr * memory if ahead else run.theta
        zoom = 1 / np.maximum(lr * np.maximum(size(memory), size(memory + gradient)), 1e-9)
        made = dict(ball=ball, zoom=zoom[:, 0], floor=floor, read=zoom * (run.theta - ball))
        for name, push, sofar in (("Memory", memory, 0 * memory), ("Gradient", gradient, memory)):
            ends = lr * np.stack([sofar, sofar + push], 1)
            made[name] = dict(arrow=ball[:, None] + ends, large=zoom[:, None] * ends,
                              push=np.stack([push @ floor, push @ wall], -1))
    return made


def size(vectors):
    return np.sqrt((vectors * vectors).sum(-1, keepdims=True))


def round_up(number, most=200.0):
    """The next of 1, 2, 5, 10, 20, ... above a number, and `most` at most."""
    steps = np.outer(10.0 ** np.arange(-3, 5), (1, 2, 5)).ravel()
    return float(min(most, steps[min(np.searchsorted(steps, number), len(steps) - 1)]))
