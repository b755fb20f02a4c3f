"""The chase: rivals follow a minimum that moves, along gradients that are noisy."""
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.scenes.adaptive.rotation import side_by_side
from lessons.scenes.common.runs import LRS, effective, over_time, own, with_knob
from lessons.scenes.race import usual_lr
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import parabola

LAP, LAPS = 100, 8
STEPS = LAP * LAPS
TARGETS = {     # where the minimum is at step t
    "swings": lambda t: np.sin(2 * np.pi * t / LAP),
    "jumps": lambda t: np.where(np.asarray(t) % LAP < LAP / 2, 1.0, -1.0),
    "stands still": lambda t: 1.0 + 0 * t,
}
FIRST, ALL, OWN = "best on lap 1", f"best on all {LAPS} laps", "each its own"
ROUND = [0.02, 0.05, 0.1, 0.2, 0.5, 1]
INK, DASHED, TARGET = Look(GREY, (), "o"), Look(GREY, (4, 2), "*"), "Minimum"


def moving_minimum(rivals, *, sigma=0.3, presets=None, **values):
    """Let `rivals` chase the minimum of a parabola of curvature 1 for 8 laps of 100 steps.

    rivals: name -> step; each gets the best of 41 learning rates, by its mean distance from the
    minimum on the first lap, or on all of them; or its own.
    presets: label -> {knob: value}, a button each. values: other knobs, such as target="jumps".
    """
    return Chase(rivals, sigma, presets or {}, values).stage


class Chase:
    """What the scene remembers from one move of a knob to the next."""

    def __init__(self, rivals, sigma, presets, values):
        self.rivals, self.looks, self.asked = dict(rivals), looks(rivals), None
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), STEPS, f"{names} chase a moving minimum for {LAPS} laps. Below: their "
            "distance from it, and their effective learning rates.", title=f"Chase: {names}",
            rate=LAP)
        self.headline = stage.text(self.way, INK, size=11)
        self.target = stage.path(self.way, DASHED, group=TARGET, whole=True, width=1.5)
        self.tracks = {name: [stage.path(ax, look, group=name, width=width) for ax, width in
                              ((self.way, 1.5), (self.miss, 2.2), (self.rate, 1.5))]
                       for name, look in self.looks.items()}
        stage.choice("target", list(TARGETS), label="minimum")
        stage.choice("rates", [FIRST, ALL, OWN], label="learning rates")
        stage.slider("sigma", sigma)
        stage.slider("beta2", 0.99)
        stage.slider("seed", 0)
        for name, step in self.rivals.items():
            stage.slider(own(name), usual_lr(name, step), kind="lr", label=own(name))
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.6))
        self.way = figure.add_axes([0.065, 0.575, 0.92, 0.365])
        self.miss = figure.add_axes([0.065, 0.1, 0.41, 0.345])
        self.rate = figure.add_axes([0.575, 0.1, 0.41, 0.345])
        for ax, label, limits in ((self.way, "theta", (-1.8, 1.8)), (self.miss, "", (0.01, 1)),
                                  (self.rate, "", (0.003, 10))):
            ax.set(xlim=(0, STEPS), ylim=limits, xlabel="step", ylabel=label,
                   yscale="linear" if label else "log")
            ax.set_xticks(range(0, STEPS + 1, LAP if label else 2 * LAP))
            ax.xaxis.labelpad = 1
        self.miss.set_yticks(ROUND, labels=map(str, ROUND))
        self.miss.minorticks_off()
        self.miss.set_title("Distance from the minimum, mean of 100 steps", fontsize=10, pad=4)
        self.rate.set_title("Effective learning rate", fontsize=10, pad=4)
        return figure

    # One run of everything, whenever a knob moves

    def run(self, target, rates, sigma, beta2, seed, **turned):
        """The moving minimum, the sweep over learning rates, then every rival's way."""
        if (target, sigma, seed) != self.asked:
            self._set_surface(target, sigma, seed)
        self.asked = (target, sigma, seed)
        for name in self.rivals:
            self.stage.show(own(name), rates == OWN)
        steps = [with_knob(step, "beta2", beta2) for step in self.rivals.values()]
        lrs = np.array([turned[own(name)] for name in self.rivals])
        if rates != OWN:
            lrs = self._tuned(steps, 1 if rates == FIRST else LAPS)
        ways = self._walk(steps, lrs[:, None], LAPS)[..., 0].T
        lines = [self._show(*row) for row in zip(self.rivals, lrs, ways)]
        how = {FIRST: f"each at the best of {len(LRS)} lrs on lap 1", OWN: "each at its own lr",
               ALL: f"each at the best of {len(LRS)} lrs on all {LAPS} laps"}[rates]
        said = f"The minimum {target}, gradient noise {sigma:.2g}; {how}"
        self.headline.set([to_data(self.way, [0, 1.08])], [said])
        self.stage.summary = "\n".join([said, *lines])

    def _set_surface(self, target, sigma, seed):
        """As noisy(moving(parabola(), where), sigma, seed), made in a tenth of its time."""
        self.where = np.array([TARGETS[target](t) for t in range(STEPS + 1)], float)
        self.offset = sigma * weather(seed) - self.where[1:]    # the gradient at theta: theta + offset
        still = parabola()
        days = [replace(still, grad=lambda theta, more=more: theta + more) for more in self.offset]
        self.surface = replace(still, at=lambda t: days[t - 1])
        self.target.set(over_time(self.where))
        self.stage.legend(TARGET, DASHED, [target])

    def _walk(self, steps, lr, laps):
        """theta (laps * LAP + 1, rivals, N) for the learning rates lr (rivals, N)."""
        start = np.zeros((len(steps), 1, 1))
        run = descend(self.surface, side_by_side(steps), start, laps * LAP, lr=lr[..., None])
        return run.theta[..., 0]

    def _tuned(self, steps, laps):
        """The best of LRS for each rival, by its mean distance on the first laps: (rivals,)."""
        swept = self._walk(steps, np.tile(LRS, (len(steps), 1)), laps)[1:]
        with np.errstate(all="ignore"):
            miss = np.abs(swept - self.where[1 : len(swept) + 1, None, None]).mean(0)
        return LRS[np.where(np.isfinite(miss), miss, np.inf).argmin(-1)]

    def _show(self, name, lr, theta):
        """Hand one rival's way, its distance from the minimum and its rate to its tracks."""
        way, miss, rate = self.tracks[name]
        recent = running(np.abs(theta - self.where)[1:], LAP)
        way.set(over_time(theta))
        miss.set(over_time(np.concatenate([[np.nan], recent])))
        rate.set(over_time(effective(theta, theta[:-1] + self.offset, least=1e-9)))
        self.stage.legend(name, self.looks[name], [
            f"lr {lr:.3g}" + (f": distance {now:.2g}" if now == now else "")
            for now in [np.nan, *recent]])
        laps = ", ".join(f"{recent[LAP * k - 1]:.3f} on lap {k}" for k in (1, 2, LAPS))
        return f"  {name}: lr {lr:.3g}, distance {laps}"


@lru_cache(maxsize=4)
def weather(seed):
    """The errors of all steps, of deviation 1, as lessons.views.noisy draws them: (STEPS,)."""
    return np.array([np.random.default_rng((seed, t)).standard_normal()
                     for t in range(1, STEPS + 1)])


def running(values, width):
    """The mean of the last `width` values at each place; nan before there are as many."""
    total = np.cumsum([0, *values])
    return np.concatenate([np.full(width - 1, np.nan), (total[width:] - total[:-width]) / width])
