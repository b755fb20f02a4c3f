"""The relatives: one rule beside another that a switch makes of it, on one ravine."""
import numpy as np
from matplotlib.figure import Figure

from lessons.look import BLUE, GREY, PINK, Look
from lessons.plots import frame_loss
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import LRS, corner, gone, notes, over_time, sweep, until_gone, walk
from lessons.scenes.race import BEST, SHARED
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import ravine

INK, GHOST = Look(GREY, (), "o"), Look(GREY, (2, 2), "o")
LOOKS = Look(PINK, (7, 2, 2, 2), "D"), Look(BLUE, (), "o")
ROLES = "Left", "Right"


def ablation(rules, *, steps=100, lr=0.1, presets=None, **values):
    """Show the first of `rules` on the left, and on the right the one that a menu chooses.

    rules: name -> step. On the right the first one's path is dotted under the other's. Below: both
    losses, and how far apart the two stand after each step; where one lr serves both, dotted, lr:
    about one move.
    Learning rates: one for all, or for each the one of 41 that ends lowest on this very ravine.
    presets: label -> {knob: value}, a button each. values: other knobs, such as start=(1, 1).
    """
    return Relatives(rules, steps, lr, presets or {}, values).stage


class Relatives:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, rules, steps, lr, presets, values):
        (self.first, _), *others = rules.items()
        self.rules, self.steps, self.swept = dict(rules), steps, {}
        self.stage = stage = Stage(
            self._figure(), steps, f"Two maps of one ravine: on the left {self.first}, on the right"
            " a relative of it. Below their losses and how far apart they are.",
            title=f"Relatives of {self.first}", rate=max(12, steps / 5))
        self.valleys = [Valley(stage, ax) for ax in self.maps]
        self.headline = stage.text(self.maps[0], INK, size=11)
        self.ghost = stage.path(self.maps[1], GHOST, whole=True, width=1.4)
        self.tracks = [dict(way=stage.path(ax, look, group=role),
                            curve=stage.path(self.loss, look, group=role),
                            gone=stage.text(ax, look, group=role, size=10))
                       for ax, look, role in zip(self.maps, LOOKS, ROLES)]
        self.title = stage.text(self.maps[1], LOOKS[1], size=11)
        self.apart = stage.path(self.far, INK, width=2)
        self.move = stage.path(self.far, GHOST, whole=True, width=1.4)
        self.most = stage.text(self.far, INK, size=9)
        stage.choice("relative", [name for name, _ in others], label="relative")
        stage.choice("rates", [SHARED, BEST], label="learning rates")
        stage.slider("lr", lr)
        stage.slider("angle", 0.0)
        stage.slider("condition", 20.0)
        stage.point(self.maps[0], "start", ravine().start, label="start")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.7))
        self.maps = [figure.add_axes([left, 0.385, 0.42, 0.55]) for left in (0.07, 0.565)]
        self.loss = figure.add_axes([0.085, 0.09, 0.405, 0.18])
        self.far = figure.add_axes([0.58, 0.09, 0.405, 0.18])
        for ax in self.maps:
            Valley.frame(ax)
            ax.xaxis.labelpad = 0
        self.maps[1].set_ylabel("")
        frame_loss(self.loss, self.steps, 1e-12, 1e2)
        frame_loss(self.far, self.steps, 1e-3, 1e2)
        for ax in (self.loss, self.far):
            ax.xaxis.labelpad = ax.yaxis.labelpad = 0
        self.loss.set_yticks([1e-12, 1e-6, 1])
        self.far.set(yticks=[1e-3, 1e-1, 10], ylabel="distance")
        return figure

    # One run of everything, whenever a knob moves

    def run(self, relative, rates, lr, angle, condition, start):
        """The ravine and its maps, then both ways, both losses and what lies between them."""
        self.stage.show("lr", rates == SHARED)
        self.surface = ravine(condition, angle)
        for valley in self.valleys:
            valley.set(condition, angle)
        key = (condition, angle, *start)
        runs, lines = [], []
        for name, tracks, look, role in zip((self.first, relative), self.tracks, LOOKS, ROLES):
            own = lr if rates == SHARED else self._best(name, key, start) or lr
            theta, loss, diverged, problem = walk(self.surface, self.rules[name], start,
                                                  self.steps, own)
            tracks["way"].set(until_gone(theta, self.surface.window))
            tracks["curve"].set(over_time(loss))
            tracks["gone"].set([to_data(self.maps[0], corner(0))],
                               gone(name, int(diverged), self.steps))
            said = [f"{name}, {row}" for row in notes(own, loss, 0, int(diverged), problem)]
            self.stage.legend(role, look, said)
            runs.append(theta)
            lines.append(f"  {said[-1]}")
        self.ghost.set(until_gone(runs[0], self.surface.window))
        with np.errstate(all="ignore"):
            apart = np.sqrt(np.square(runs[0] - runs[1]).sum(-1))
        self.apart.set(over_time(np.where(apart > 0, apart, np.nan)))
        self._say(relative, rates, lr, apart, lines)

    def _best(self, name, key, start):
        """The best of LRS for a rule on this ravine; asked once for each ravine and start."""
        if self.swept.get(name, (None,))[0] != key:
            found = sweep(self.surface, self.rules[name], start, self.steps, 0)
            self.swept[name] = key, found["best"]
        return self.swept[name][1]

    def _say(self, relative, rates, lr, apart, lines):
        how = f"both at lr {lr:.3g}" if rates == SHARED else f"each at the best of {len(LRS)} lrs"
        self.headline.set([to_data(self.maps[0], [0, 1.05])], [f"{self.first}; {how}"])
        self.title.set([to_data(self.maps[1], [0, 1.05])], [f"{relative} (dotted: {self.first})"])
        most = np.nan_to_num(apart, nan=np.inf).argmax()
        one = lr if rates == SHARED else np.nan         # one lr, one length of a move
        self.move.set([(0, one), (self.steps, one)])
        self.most.set([to_data(self.far, [0, 1.12])], [
            (f"Farthest apart after step {most}: {apart[most]:.3g}"
             + " (dotted: one move, lr)" * (rates == SHARED)) * bool(np.isfinite(apart[most]))])
        self.stage.summary = "\n".join([
            f"{self.first} and {relative}, {how}", *lines,
            f"  farthest apart after step {most}: {apart[most]:.3g}"])
