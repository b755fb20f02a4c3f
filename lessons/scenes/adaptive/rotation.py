"""The turn: a ravine that is turned under rivals, each at its best learning rate at every angle."""
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.plots import frame_loss
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import LRS, over_time, until_gone
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import ravine

INK = Look(GREY, (), "o")
HALF = [0, 1, 3, 6, 10, 15, 21, 28, 36]
ANGLES = np.array([*HALF, 45, *(90 - angle for angle in reversed(HALF))])
CONDITIONS = ["20", "100", "1000"]
ZERO = 1e-16        # of two losses below it none is lower


def rotation(rivals, *, steps=200, angle=0.0, presets=None, **values):
    """Turn a ravine by hand: its map and the paths, and the lowest loss at every angle.

    rivals: name -> step; at each angle each gets the best of 41 learning rates. Losses below 1e-16
    count as equal, and the smallest learning rate that reaches them is taken.
    The start turns with the ravine, wherever the reader puts it.
    presets: label -> {knob: value}, a button each. values: other knobs, such as condition="1000".
    """
    return Turn(rivals, steps, angle, presets or {}, values).stage


class Turn:
    """What the scene remembers from one move of a knob to the next."""

    def __init__(self, rivals, steps, angle, presets, values):
        self.rivals, self.steps, self.looks = dict(rivals), steps, looks(rivals)
        self.shown = self.asked = None
        self.home = np.array(ravine().start)        # the start where the ravine lies at 0 degrees
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), steps, f"{names} walk down a ravine that can be turned. On the right "
            "the lowest loss of each at every angle, and its loss on the way.",
            title=f"Turn: {names}", rate=max(12, steps / 5))
        self.valley = Valley(stage, self.map)
        self.headline = stage.text(self.map, INK, size=11)
        self.tracks = {name: self._tracks(name) for name in self.rivals}
        stage.slider("angle", angle)
        stage.choice("condition", CONDITIONS, label="condition number")
        stage.point(self.map, "start", ravine(angle=angle).start, label="start")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 3.9))
        self.map = figure.add_axes([0.065, 0.12, 0.465, 0.81], anchor="N")
        self.over = figure.add_axes([0.665, 0.59, 0.32, 0.335])
        self.loss = figure.add_axes([0.665, 0.13, 0.32, 0.25])
        Valley.frame(self.map)
        for ax in (self.over, self.loss):
            frame_loss(ax, self.steps, 0.3 * ZERO, 1e4)
            ax.set_yticks([1e-15, 1e-10, 1e-5, 1])
        self.over.set(xlim=(-1, 91), xticks=range(0, 91, 15), xlabel="angle, degrees")
        self.over.xaxis.labelpad = 1
        self.over.set_title(f"Lowest loss after {self.steps} gradients", fontsize=10, pad=4)
        self.loss.set_title("Loss on the way, at this angle", fontsize=10, pad=4)
        return figure

    def _tracks(self, name):
        stage, look = self.stage, self.looks[name]
        return dict(way=stage.path(self.map, look, group=name),
                    curve=stage.path(self.loss, look, group=name),
                    over=stage.path(self.over, look, group=name, whole=True, width=1.8),
                    now=stage.marker(self.over, look, group=name, size=8))

    # One run of everything, whenever a knob moves

    def run(self, angle, condition, start):
        """The turned ravine and its map, the curves over all angles, then every rival's way."""
        kappa = float(condition)
        self._set_start(start, angle)
        self.surface = ravine(kappa, angle)
        self.valley.set(kappa, angle)
        abreast = side_by_side(list(self.rivals.values()))
        everyone = len(self.rivals), 1, 1
        lr = np.tile(LRS[:, None], everyone)
        if (kappa, self.home.tolist()) != self.asked:
            starts = np.tile(turned(self.home, ANGLES)[:, None], (*everyone, 1))
            runs = descend(ravines(kappa), abreast, starts, self.steps, every=self.steps,
                           lr=lr[:, None])
            self.lowest = dict(zip(self.rivals, map(lowest, runs.loss[-1])))
        self.asked = (kappa, self.home.tolist())
        runs = descend(self.surface, abreast, np.tile(self.shown, everyone), self.steps, lr=lr)
        best = {name: self._show(name, angle, runs.theta[:, k], runs.loss[:, k])
                for k, name in enumerate(self.rivals)}
        said = f"Ravine, condition {condition}, turned by {angle:.3g}°, each at its best lr"
        self.headline.set([to_data(self.map, [0, 1.04])], [said])
        rows = [f"  {name}: loss {loss:.2g} at lr {lr:.3g}" for name, (lr, loss) in best.items()]
        self.stage.summary = "\n".join([said, *rows])

    def _set_start(self, start, angle):
        """Where the reader put the start, seen from the ravine; the start turns with it."""
        if self.shown is not None and not np.array_equal(start, self.shown):
            self.home = turned(np.asarray(start), -angle)
        self.shown = self.stage.values["start"] = turned(self.home, angle)

    def _show(self, name, angle, theta, loss):
        """One rival's way at this angle: that of the best of all learning rates."""
        tracks, (best, low) = self.tracks[name], (part[0] for part in lowest(loss[-1][None]))
        theta, loss, lr = theta[:, best], loss[:, best], LRS[best]
        tracks["way"].set(until_gone(theta, self.surface.window))
        tracks["curve"].set(over_time(np.maximum(loss, ZERO)))
        tracks["over"].set(np.stack([ANGLES, self.lowest[name][1]], -1))
        tracks["now"].set([[angle, low]])
        self.stage.legend(name, self.looks[name], [
            f"lr {lr:.3g}: loss " + (f"{now:.2g}" if now > ZERO else f"below {ZERO:g}")
            for now in loss])
        return lr, loss[-1]


def turned(points, degrees):
    """Points of the plane, turned about the origin, anticlockwise."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    x, y = points[..., 0], points[..., 1]
    return np.stack([c * x - s * y, s * x + c * y], -1)


def lowest(loss):
    """(its place, the lowest loss) of each row, (A,) and (A,); a loss below ZERO is ZERO."""
    loss = np.maximum(np.where(np.isfinite(loss), loss, np.inf), ZERO)
    best = loss.argmin(1)
    return best, np.take_along_axis(loss, best[:, None], 1)[:, 0]


def side_by_side(rules):
    """A step that makes the moves of several: one walk costs less than four.

    theta: (rules, ..., D). lr: a row of learning rates for each of the rules.
    """
    def step(surface, theta, states=None, *, lr):
        moved = [rule(surface, at, *state, lr=mine) for rule, at, state, mine
                 in zip(rules, theta, states or [()] * len(rules), lr)]
        moved = [move if isinstance(move, tuple) else (move,) for move in moved]
        return np.stack([at for at, *_ in moved]), [state for _, *state in moved]

    return step


def ravines(condition):
    """As ravine(condition, angle) for all of ANGLES at once: theta is (angles, ..., 2)."""
    c, s = np.cos(np.radians(ANGLES))[:, None], np.sin(np.radians(ANGLES))[:, None]
    xx, xy, yy = c * c + condition * s * s, (1 - condition) * c * s, s * s + condition * c * c

    def grad(theta):
        x, y, g = theta[..., 0], theta[..., 1], np.empty_like(theta)
        g[..., 0], g[..., 1] = xx * x + xy * y, xy * x + yy * y
        return g

    return replace(ravine(condition), name="Ravines", grad=grad, hess=None, window=None,
                   loss=lambda theta: (theta * grad(theta)).sum(-1) / 2)
