"""The settling: who comes to rest in the minimum of a parabola, and who leaves it again."""
import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.plots import frame_map
from lessons.scenes.common.runs import effective, over_time, with_knob
from lessons.scenes.race import on_map
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import parabola

INK, LINE = Look(GREY, (), "o"), Look(GREY, (5, 2), "o")
NEAR = 1e-24        # what is closer to the minimum is drawn there
SIGHT = 1.5         # how much of the bottom is seen to either side, in units of lr


def settling(rivals, *, steps=300, lr=0.1, beta2=0.9, presets=None, **values):
    """Let `rivals` walk to the minimum of a parabola at one learning rate for all, and wait.

    rivals: name -> step. Lower left the bottom of the parabola, enlarged so that lr is 1 unit of
    its axis. On the right their distance from the minimum, beside lr / 2, and their effective
    learning rates, beside 2 / curvature, beyond which a step leads away.
    presets: label -> {knob: value}, a button each. values: other knobs, such as curvature=4.
    """
    return Settle(rivals, steps, lr, beta2, presets or {}, values).stage


class Settle:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, rivals, steps, lr, beta2, presets, values):
        self.rivals, self.steps, self.looks = dict(rivals), steps, looks(rivals)
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), steps, f"{names} walk down a parabola; below it its bottom, enlarged. "
            "On the right their distance from the minimum and their effective learning rates.",
            title=f"Settle: {names}", rate=max(12, steps / 10))
        self.ground = stage.path(self.curve, INK, whole=True, width=1.5)
        self.headline = stage.text(self.curve, INK, size=11)
        self.lines = [(stage.path(ax, LINE, whole=True, width=1.4), stage.text(ax, INK, size=10))
                      for ax in (self.far, self.rate)]
        self.tracks = {name: [stage.path(self.curve, look, group=name, width=1.4),
                              stage.path(self.far, look, group=name),
                              stage.path(self.rate, look, group=name),
                              stage.arrow(self.bottom, look._replace(dash=()), group=name),
                              stage.marker(self.bottom, look, group=name)]
                       for name, look in self.looks.items()}
        stage.slider("lr", lr)
        stage.slider("beta2", beta2)
        stage.slider("curvature", 1.0)
        stage.point(self.curve, "start", on_map(parabola(), (-2.0,)), label="start")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.6))
        self.curve = figure.add_axes([0.065, 0.575, 0.34, 0.365])
        self.far = figure.add_axes([0.5, 0.575, 0.485, 0.365])
        self.rate = figure.add_axes([0.5, 0.1, 0.485, 0.335])
        self.bottom = figure.add_axes([0.065, 0.1, 0.34, 0.335])
        frame_map(self.curve, parabola())       # one frame and a track: a new backdrop takes long
        self.curve.xaxis.labelpad = 1
        for ax, limits in ((self.far, (NEAR / 2, 20)), (self.rate, (5e-4, 300))):
            ax.set(xlim=(0, self.steps), yscale="log", ylim=limits)
        self.far.set_yticks([1e-20, 1e-15, 1e-10, 1e-5, 1])
        self.rate.set_xlabel("step", labelpad=1)
        self.bottom.set(xlim=(-SIGHT, SIGHT), ylim=(-0.2, 1.3), yticks=[],
                        xticks=[-1, -0.5, 0, 0.5, 1])
        self.bottom.set_xticklabels(["-lr", "-lr / 2", "0", "lr / 2", "lr"])
        self.bottom.set_title("The bottom, enlarged", fontsize=10, pad=4)
        x = np.linspace(-SIGHT, SIGHT, 61)
        self.bottom.plot(x, x * x, color=GREY, linewidth=1.5)
        return figure

    # One run of everything, whenever a knob moves

    def run(self, lr, beta2, curvature, start):
        """The parabola, the two lines beside it, then every rival's way."""
        surface = parabola(curvature)
        self.ground.set(on_map(surface, np.linspace(*surface.window[0], 201)[:, None]))
        x, height = on_map(surface, start[:1])
        self.stage.values["start"] = np.array([x, min(height, self.curve.get_ylim()[1])])
        for (line, words), height, said in zip(self.lines, (lr / 2, 2 / curvature), (
                f"Distance from the minimum; dashed: lr / 2 = {lr / 2:.3g}",
                f"Effective learning rate; dashed: 2 / curvature = {2 / curvature:.3g}")):
            line.set([(0, height), (self.steps, height)])
            words.set([to_data(line.ax, [0, 1.06])], [said])
        ends = [self._run_one(name, surface, start[:1], lr, beta2) for name in self.rivals]
        said = f"Parabola, all at lr {lr:.3g}"
        self.headline.set([to_data(self.curve, [0.25, 1.06])], [said])
        self.stage.summary = "\n".join([f"{said}, beta2 {beta2:.3g}, curvature {curvature:.3g}",
                                        *ends])

    def _run_one(self, name, surface, start, lr, beta2):
        """Hand one rival's way to its tracks; returns how it ended, in words."""
        way, far, rate, jump, at = self.tracks[name]
        step = with_knob(self.rivals[name], "beta2", beta2)
        run = descend(surface, step, start, self.steps, lr=lr)
        theta = run.theta[:, 0]
        way.set(on_map(surface, run.theta, run.loss))
        moves = last_moves(theta / lr)
        at.set(moves[:, 1])
        small = np.abs(np.diff(moves[..., 0])) < 0.1       # an arrow that its marker would hide
        jump.set(np.where(small[..., None], np.nan, moves))
        far.set(over_time(np.maximum(np.abs(theta), NEAR)))
        rate.set(over_time(effective(theta, surface.grad(theta[:-1]))))
        diverged = int(run.diverged_at)
        self.stage.legend(name, self.looks[name], [
            f"diverged at step {diverged}" if 0 < diverged <= t else distance(now)
            for t, now in enumerate(theta)])
        (one, two), closest = theta[-2:], np.abs(theta).argmin()
        return (f"  {name}: nearest at step {closest} ({distance(theta[closest])}); the last two "
                f"points are {one:.3g} and {two:.3g}")


def last_moves(x):
    """(T+1, 2, 2): from where to where each move leads on y = x * x; nan where out of sight."""
    ends = np.stack([np.concatenate([x[:1], x[:-1]]), x], -1)
    seen = np.where(np.abs(ends) < SIGHT, ends, np.nan)
    return np.stack([seen, seen**2], -1)


def distance(theta):
    """How far theta is from the minimum, in words."""
    return f"distance {abs(theta):.2g}" if abs(theta) > NEAR else f"distance below {NEAR:g}"
