"""The memory: what momentum's velocity makes of a slope that comes once, stays, or turns about."""
import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREEN, GREY, SKY, Look
from lessons.scenes.common.runs import over_time
from lessons.scenes.momentum.heavy_ball import round_up
from lessons.stage import Stage
from lessons.steps import momentum
from lessons.surfaces import Surface

STEPS = 60
SLOPES = {      # what the ground says at step t, from 1
    "one slope": lambda t: (t == 1) * 1.0,
    "the same slope for ever": lambda t: t**0.0,
    "a slope that turns about": lambda t: (-1.0) ** (t - 1),
    "noise": lambda t: np.random.default_rng(0).normal(size=len(t)),
}
SUM, AVERAGE = "sum (momentum)", "average: x (1 - beta)"
SLOPE, VELOCITY, LINE = Look(GREEN, (), "^"), Look(SKY, (), "o"), Look(GREY, (5, 2), "o")


def velocity_sum(*, beta=0.9, presets=None, **values):
    """Feed momentum a series of slopes and watch its velocity, which remembers them.

    The velocity is that of lessons.steps.momentum, walking on a ground that has, at step t, the
    chosen slope. As an average it is multiplied by 1 - beta, which no step of ours does.
    presets: label -> {knob: value}, a button each. values: other knobs, slopes and form.
    """
    return Memory(beta, presets or {}, values).stage


class Memory:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, beta, presets, values):
        self.stage = stage = Stage(self._figure(), STEPS, "Above: the slope at each step. Below: "
                                   "the velocity that momentum makes of it.",
                                   title="Memory of slopes", rate=12)
        self.stems = stage.path(self.above, SLOPE, whole=True, width=3, group="Slope")
        self.velocity = stage.path(self.below, VELOCITY, group="Velocity")
        self.lines = [(stage.path(self.below, LINE, whole=True, width=1.5),
                       stage.text(self.below, LINE, size=10)) for _ in range(3)]
        zero = stage.path(self.below, Look(GREY, (), "o"), whole=True, width=0.8)
        zero.set([(0, 0), (STEPS, 0)])      # its height follows the limits
        self.limit = stage.text(self.below, Look(GREY, (), "o"), size=10)
        stage.slider("beta", beta)
        stage.choice("slopes", list(SLOPES), label="slopes")
        stage.choice("form", [SUM, AVERAGE], label="velocity as")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 3.7))
        self.above = figure.add_axes([0.065, 0.73, 0.92, 0.2])
        self.below = figure.add_axes([0.065, 0.13, 0.92, 0.5])
        self.above.set(xlim=(0, STEPS), ylim=(-2.6, 2.6), yticks=(-2, 0, 2), ylabel="slope")
        self.below.set(xlim=(0, STEPS), yticks=[], ylabel="velocity", xlabel="step")
        self.above.axhline(0, color=GREY, linewidth=0.8)
        return figure

    def run(self, beta, slopes, form):
        """Slopes, velocity, and the lines that say what the theory expects of it."""
        g = SLOPES[slopes](np.arange(1, STEPS + 1))
        size = 1.0 if form == SUM else 1 - beta
        velocity = velocities(g, beta)
        self._frame(velocity)           # the same for both forms, so that they can be compared
        velocity = velocity * size
        stems = [((t, 0), (t, slope), (np.nan, 0)) for t, slope in enumerate(g, 1)]
        self.stems.set(np.reshape(stems, (-1, 2)))
        self.velocity.set(over_time([np.nan, *velocity]))
        expected = self._expect(slopes, beta, size)
        for (line, words), row in zip(self.lines, [*expected, *[None] * 3]):
            points, at, said = row or ([[np.nan, np.nan]], [np.nan, np.nan], "")
            line.set(points)
            words.set([at], [said])
        self.stage.legend("Slope", SLOPE, ["", *(f"{slope:+.3g}" for slope in g)])
        told = [f"{now:+.3g}, {form.split(':')[0].split(' (')[0]}" for now in velocity]
        self.stage.legend("Velocity", VELOCITY, ["", *told])
        self.stage.summary = "\n".join([f"beta {beta:.3g}, {slopes}, {form}", *(
            f"  {said}" for *_, said in expected)])

    def _frame(self, velocity):
        """Limits that hold the sum; their number is a track, for a new frame takes long."""
        self.top = round_up(np.abs(velocity).max())
        self.below.set_ylim((-1.18 if velocity.min() < 0 else -0.1) * self.top, 1.18 * self.top)
        self.limit.set([[-0.05 * STEPS, self.top]], [f"{self.top:g}"])

    def _expect(self, slopes, beta, size):
        """[(points of a line, where its words stand, the words)]: what the theory says."""
        total = 1 / (1 - beta)
        if slopes == "one slope":
            rows = [(f"weights 1, beta, beta², ... add up to {total * size:.3g}; "
                     f"mean age {beta * total:.3g} steps", None, size, 0.95)]
            if beta > 0:
                half, fold = np.log([0.5, 1 / np.e]) / np.log(beta)
                rows += [(f"half of it is left after {half:.3g} steps", half, size / 2, 0.2),
                         (f"1/e after {fold:.3g} steps", fold, size / np.e, 0.08)]
            return [self._drop(*row) for row in rows]
        if slopes == "noise":
            deviation = size / np.sqrt(1 - beta * beta)
            said = f"standard deviation 1 / sqrt(1 - beta²) = {deviation / size:.3g}"
            if size < 1:
                said = f"standard deviation sqrt((1 - beta) / (1 + beta)) = {deviation:.3g}"
            return [self._level(deviation, said)]
        if slopes == "a slope that turns about":
            formula = "1 / (1 + beta)" if size == 1 else "(1 - beta) / (1 + beta)"
            ends = size / (1 + beta)
            return [self._level(ends, f"swings towards ± {formula} = {ends:.3g}")]
        if size < 1:
            return [self._level(1.0, "the average is the slope itself")]
        return [self._level(total, f"1 / (1 - beta) = {total:.3g} times the slope"),
                ([(0, 1), (STEPS, 1)], (0.3 * STEPS, 1 + 0.07 * self.top), "the slope itself")]

    def _level(self, height, said):
        low, high = self.below.get_ylim()
        return [(0, height), (STEPS, height)], (0.3 * STEPS, 0.925 * high + 0.075 * low), said

    def _drop(self, said, step, height, lowest):
        """A line from the axis to the velocity at so many steps after the first, and words."""
        words = max(height + 0.04 * self.top, lowest * self.top)
        if step is None or step + 1 > STEPS:
            return [[np.nan, np.nan]], (0.4 * STEPS, words), said
        return [(0, height), (1 + step, height), (1 + step, 0)], (2 + step, words), said


def velocities(g, beta):
    """momentum's velocity after each of the slopes g. (T,) -> (T,)"""
    def ground(slope):
        return Surface("Told slopes", lambda theta: slope * theta[..., 0],
                       lambda theta: np.full(np.shape(theta), slope), None, None, (0.0,), (),
                       at=lambda t: ground(g[t - 1]))

    run = descend(ground(0.0), momentum, steps=len(g), lr=1.0, beta=beta)
    return np.array(run.state["velocity"])[:, 0]
