"""The onset: how large Adam's first updates are, with and without warm-up and bias correction."""
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.experiments.warmup_transformer import uncorrected
from lessons.look import GREEN, GREY, LOOKS, SKY, VERMILION, Look
from lessons.scenes.common.runs import over_time
from lessons.schedules import warmup_stable_decay
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.steps import adam
from lessons.surfaces import Surface
from lessons.views import noisy

STEPS, WEIGHTS = 100, 1000
GRADIENTS = {"pure noise": 0.0, "noise 3 times the gradient": 1 / 3, "noise as large as the gradient": 1.0,
          "noise a third of the gradient": 3.0}
RIVALS = {      # name -> (the step, has it a warm-up, its look)
    "Adam": (adam, False, LOOKS["Adam"]),
    "Adam, warm-up": (adam, True, Look(GREEN, (7, 2), "o")),
    "No correction": (uncorrected, False, Look(SKY, (2, 2), "^")),
    "No correction, warm-up": (uncorrected, True, Look(VERMILION, (9, 2, 2, 2), "s")),
}
INK, DOTTED = Look(GREY, (), "o"), Look(GREY, (2, 2), "o")


def first_updates(*, warmup=40, presets=None, **values):
    """Follow the size of an update, in units of the peak learning rate, over the first 100 steps.

    The size: the root mean square over 1,000 weights. Each weight's gradient is a constant plus
    noise of deviation 1, new at every step. "No correction" is Adam without its bias correction.
    presets: label -> {knob: value}, a button each. values: other knobs, such as beta2=0.95.
    """
    return Onset(warmup, presets or {}, values).stage


class Onset:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, warmup, presets, values):
        self.stage = stage = Stage(
            self._figure(), STEPS, "Above the learning rate with and without warm-up. Below the "
            "size of the updates that Adam makes with it, with and without bias correction.",
            title="Onset: Adam's first updates", rate=20)
        self.heads = {ax: stage.text(ax, INK, size=10.5) for ax in (self.rate, self.size)}
        self.rates = [(stage.path(self.rate, look, group=name, whole=True, head=False),
                       stage.marker(self.rate, look, group=name))
                      for name, (_, _, look) in list(RIVALS.items())[:2]]
        self.tracks = {name: stage.path(self.size, look, group=name)
                       for name, (_, _, look) in RIVALS.items()}
        self.line = stage.path(self.size, DOTTED, whole=True, width=1.4)
        self.words = stage.text(self.size, INK, size=9.5)
        stage.choice("gradients", list(GRADIENTS), label="gradients")
        stage.slider("warmup", warmup)
        stage.slider("beta1", 0.9)
        stage.slider("beta2", 0.999)
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.4))
        self.rate = figure.add_axes([0.075, 0.78, 0.91, 0.15])
        self.size = figure.add_axes([0.075, 0.12, 0.91, 0.54])
        self.rate.set(xlim=(0, 1.013 * STEPS), ylim=(0, 1.15), yticks=[0, 1], ylabel="lr / peak")
        self.size.set(xlim=(0, 1.013 * STEPS), ylim=(0.008, 20), yscale="log", xlabel="step",
                      ylabel="update / peak lr")
        self.size.set_yticks([0.01, 0.1, 1, 10], labels=["0.01", "0.1", "1", "10"])
        return figure

    # One run of everything, whenever a knob moves

    def run(self, gradients, warmup, beta1, beta2):
        """The two learning rates, then the size of the updates of each rival."""
        warm = warmup_stable_decay(1.0, warmup, 0.0)
        rates = np.array([[1.0, warm(t, STEPS)] for t in range(1, STEPS + 1)])
        for (plan, now), values in zip(self.rates, rates.T):
            plan.set(over_time([np.nan, *values]))
            now.set(over_time([values[0], *values]))
        rows = []
        for name, (step, warms, look) in RIVALS.items():
            sizes = rates[:, int(warms)] * updates(gradients, step, beta1, beta2)
            self.tracks[name].set(over_time([np.nan, *sizes]))
            self.stage.legend(name, look, ["", *(f"{size:.2g} lr" for size in sizes)])
            few = ", ".join(f"{sizes[t - 1]:.2f} at {t}" for t in (1, 2, 5, 10, 50, 100))
            rows.append(f"  {name}: {few}")
        floor = np.sqrt((1 - beta1) / (1 + beta1)) if GRADIENTS[gradients] == 0 else np.nan
        self.line.set([(0, floor), (STEPS, floor)])
        at = 0.42 * STEPS, 12 + 0 * floor
        self.words.set([at], [f"dotted: noise, averaged: sqrt((1 - beta1) / (1 + beta1)) = "
                              f"{floor:.3g}"])
        self._head(self.rate, f"Warm-up of {warmup} steps", 1.2)
        said = f"{gradients}, beta1 {beta1:.3g}, beta2 {beta2:.4g}"
        self._head(self.size, f"Size of the updates: {said}", 1.06)
        self.stage.summary = "\n".join([f"{said}, warm-up {warmup}; update / peak lr:", *rows])

    def _head(self, ax, words, height):
        self.heads[ax].set([to_data(ax, [0, height])], [words])


@lru_cache
def noise_on(gradients):
    """The gradient of that name with noise, which is drawn once."""
    return noisy(gradient(GRADIENTS[gradients]), 1.0)


def gradient(height):
    """The same gradient in each of 1,000 weights, wherever they are."""
    return Surface(f"Gradient {height:.2g}", loss=lambda theta: height * theta.sum(-1),
                   grad=lambda theta: np.full(np.shape(theta), height), hess=None, window=None,
                   start=(0.0,) * WEIGHTS, minima=())


@lru_cache(maxsize=64)
def updates(gradients, step, beta1, beta2):
    """(STEPS,): the root mean square over the weights of each update at lr 1.

    At another lr it is that times lr: the gradients are the same wherever the weights are.
    """
    theta = descend(noise_on(gradients), step, steps=STEPS, lr=1.0, beta1=beta1, beta2=beta2).theta
    return np.sqrt((np.diff(theta, axis=0) ** 2).mean(-1))
