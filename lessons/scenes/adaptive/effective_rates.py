"""The boxes: a step size for each coordinate, as a box that walks and as a point of a plane."""
import inspect

import numpy as np
from matplotlib.figure import Figure

from lessons.look import GREY, Look, looks
from lessons.plots import frame_loss
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import (
    corner,
    effective,
    gone,
    over_time,
    own,
    until_gone,
    walk,
    with_knob,
)
from lessons.scenes.race import usual_lr
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import ravine

INK, SAFE = Look(GREY, (), "o"), Look(GREY, (4, 3), "o")
LOW, HIGH = 1e-3, 1e1       # of the plane of effective learning rates


def effective_rates(rivals, *, steps=60, condition=20.0, beta2=0.99, rates=None, presets=None,
                    **values):
    """Walk `rivals` down a ravine along the axes, and show what each makes of its two gradients.

    rivals: name -> step. rates: name -> learning rate; each rival has its own.
    A step that moves theta by -rate * g, coordinate by coordinate, has that rate as its effective
    learning rates: they are read off every move, and are the half sides of the box on the map.
    presets: label -> {knob: value}, a button each. values: other knobs, such as start=(1, 1).
    """
    return Boxes(rivals, steps, condition, beta2, rates or {}, presets or {}, values).stage


class Boxes:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, rivals, steps, condition, beta2, rates, presets, values):
        self.rivals, self.steps, self.looks = dict(rivals), steps, looks(rivals)
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), steps, f"{names} walk down a ravine, each with a box whose half sides "
            "are its effective learning rates. On the right these as a point of a plane, and what "
            "each gradient is divided by.", title=f"Boxes: {names}", rate=12)
        self.valley = Valley(stage, self.map)
        self.headline = stage.text(self.map, INK, size=11)
        self.safe = stage.box(self.plane, SAFE, width=1.4, fill=True)
        self.limits = [stage.text(self.plane, INK, size=8.5) for _ in (0, 1)]
        self.tracks = {name: self._tracks(name) for name in self.rivals}
        for name, step in self.rivals.items():
            stage.slider(own(name), rates.get(name, usual_lr(name, step)), kind="lr",
                         label=own(name))
        stage.slider("condition", condition)
        stage.slider("beta2", beta2)
        stage.show("beta2", any("beta2" in inspect.signature(step).parameters
                                for step in self.rivals.values()))
        stage.point(self.map, "start", ravine().start, label="start")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.9))
        self.map = figure.add_axes([0.065, 0.36, 0.505, 0.59], anchor="NW")
        self.loss = figure.add_axes([0.09, 0.095, 0.48, 0.17])
        self.plane = figure.add_axes([0.675, 0.5, 0.31, 0.44])
        self.bars = figure.add_axes([0.675, 0.095, 0.31, 0.24])
        Valley.frame(self.map)
        frame_loss(self.loss, self.steps, 1e-16, 1e3)
        self.loss.yaxis.labelpad = 0
        self.plane.plot([LOW, HIGH], [LOW, HIGH], color=GREY, linewidth=1, linestyle=":")
        self.plane.text(0.7, 2.2, "one lr for both", color=GREY, fontsize=8.5, ha="right")
        self.plane.set(xscale="log", yscale="log", xlim=(LOW, HIGH), ylim=(LOW, HIGH),
                       xlabel="along theta 1", ylabel="along theta 2")
        self.plane.set_title("Effective learning rates", fontsize=10, pad=4)
        rows = len(self.rivals)
        self.bars.set(xscale="log", xlim=(0.01, 1e4), ylim=(2 * rows + 0.9, -0.6),
                      yticks=[rows / 2 - 0.5, 1.5 * rows + 0.5], yticklabels=["theta 1", "theta 2"])
        self.bars.set_title("Each gradient is divided by", fontsize=10, pad=4)
        self.bars.tick_params(axis="y", length=0)
        return figure

    def _tracks(self, name):
        stage, look = self.stage, self.looks[name]
        return dict(way=stage.path(self.map, look, group=name),
                    box=stage.box(self.map, look._replace(dash=()), group=name, width=1.2,
                                  fill=True),
                    point=stage.path(self.plane, look, group=name, width=1.6),
                    curve=stage.path(self.loss, look, group=name),
                    bars=[stage.box(self.bars, look._replace(dash=()), group=name, width=1,
                                    fill=True) for _ in (0, 1)],
                    says=[stage.text(self.bars, look, group=name, size=8.5) for _ in (0, 1)],
                    gone=stage.text(self.map, look, group=name, size=10))

    # One run of everything, whenever a knob moves

    def run(self, condition, beta2, start, **rates):
        """The ravine and its map, then every rival's way, its boxes and what it divides by."""
        self.surface = ravine(condition)
        self.valley.set(condition)
        self.safe.set([[(LOW, LOW), (2, 2 / condition)]])
        self.limits[0].set([(2.3, 1.8 * LOW)], ["2 / 1"])
        self.limits[1].set([(1.3 * LOW, 3.1 / condition)], [f"limit 2 / {condition:.3g}"])
        said = f"Ravine, condition {condition:.3g}, each rival at its own lr"
        self.headline.set([to_data(self.map, [0, 1.04])], [said])
        self.stage.summary = said
        for row, name in enumerate(self.rivals):
            self._run_one(row, name, rates[own(name)], start, beta2)

    def _run_one(self, row, name, lr, start, beta2):
        step = with_knob(self.rivals[name], "beta2", beta2)
        theta, loss, diverged, problem = walk(self.surface, step, start, self.steps, lr)
        if problem:
            self._leave_out(name, problem)
        else:
            self._show(row, name, lr, theta, loss, int(diverged))

    def _leave_out(self, name, words):
        for track in flat(self.tracks[name].values()):
            track.set(np.full((1, *track.points.shape[1:]), np.nan))
        self.stage.legend(name, self.looks[name], [words])

    def _show(self, row, name, lr, theta, loss, diverged):
        tracks = self.tracks[name]
        diverged = -1 if loss[-1] <= loss[0] else diverged      # a long throw may return
        rate = box_sides(self.surface, theta)
        way = until_gone(theta, self.surface.window)
        tracks["way"].set(way)
        tracks["box"].set(np.stack([way - rate, way + rate], 1))
        tracks["point"].set(rate)
        tracks["curve"].set(over_time(loss))
        for axis, (bar, says) in enumerate(zip(tracks["bars"], tracks["says"])):
            by, at = lr / rate[:, axis], row + axis * (len(self.rivals) + 1)
            foot, end = np.full_like(by, 0.01), np.maximum(by, 0.01)
            bar.set(np.stack([np.stack([foot, end], -1),
                              np.full((len(by), 2), (at - 0.36, at + 0.36))], -1))
            says.set(np.stack([1.25 * end, np.full_like(by, at)], -1),
                     [f"{size:.3g}" if np.isfinite(size) else "" for size in by])
        self.stage.legend(name, self.looks[name], [
            f"rates {one:.2g}, {two:.2g}; loss {now:.2g}"
            if not 0 < diverged <= t else f"diverged at step {diverged}"
            for t, ((one, two), now) in enumerate(zip(rate, loss))])
        tracks["gone"].set([to_data(self.map, corner(row))], gone(name, diverged, self.steps))


def box_sides(surface, theta):
    """(T+1, 2): the effective learning rates; at the start, what the first move shows.

    Where there was no gradient, or none that a number can hold, the last rate stands.
    """
    with np.errstate(all="ignore"):
        gradients = surface.grad(theta[:-1])
    rate = effective(theta, gradients)[1:]
    known = np.isfinite(rate) & (rate > 0)
    last = np.maximum.accumulate(np.where(known, np.arange(len(rate))[:, None], 0), axis=0)
    rate = np.take_along_axis(np.where(known, rate, np.nan), last, 0)
    return np.concatenate([rate[:1], rate])


def flat(tracks):
    """Tracks, of which some stand in lists."""
    return [track for one in tracks for track in (one if isinstance(one, list) else [one])]
