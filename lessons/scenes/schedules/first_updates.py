"""How large Adam's first updates are, with and without warm-up and bias correction."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.warmup_transformer import uncorrected
from lessons.look import GREEN, GREY, LOOKS, SKY, VERMILION, Look
from lessons.schedules import warmup_stable_decay
from lessons.stage import scene
from lessons.steps import adam
from lessons.surfaces import Surface
from lessons.views import noisy

STEPS, WEIGHTS = 100, 1000
GRADIENTS = {       # name -> the constant part of each gradient; the noise has deviation 1
    "pure noise": 0.0, "noise 3 times the gradient": 1 / 3,
    "noise as large as the gradient": 1.0, "noise a third of the gradient": 3.0}
RIVALS = {      # name -> (the step, has it a warm-up, its look)
    "Adam": (adam, False, LOOKS["Adam"]),
    "Adam, warm-up": (adam, True, Look(GREEN, (7, 2), "o")),
    "No correction": (uncorrected, False, Look(SKY, (2, 2), "^")),
    "No correction, warm-up": (uncorrected, True, Look(VERMILION, (9, 2, 2, 2), "s")),
}
DOTTED = Look(GREY, (2, 2), "o")


@scene("Onset: Adam's first updates", steps=STEPS, height=4.6,
       alt="Above the learning rate with and without warm-up. Below the size of the updates that "
           "Adam makes with it, with and without bias correction.")
def first_updates(stage, *, warmup=40):
    """Follow the size of an update, in units of the peak learning rate, over the first 100 steps.

    The size: the root mean square over 1,000 weights. Each weight's gradient is a constant plus
    noise of deviation 1, new at every step. "No correction" is Adam without its bias correction.
    """
    above, below = stage.grid(nrows=2, height_ratios=(1, 3.2), sharex=True)
    above.set(xlim=(0, 1.013 * STEPS), ylim=(0, 1.15), yticks=[0, 1], ylabel="lr / peak")
    below.set(ylim=(0.008, 20), yscale="log", xlabel="step", ylabel="update / peak lr")
    below.set_yticks([0.01, 0.1, 1, 10], labels=["0.01", "0.1", "1", "10"])
    heads = stage.headline(above), stage.headline(below)
    plans = [(stage.path(above, look, group=name, whole=True, head=False),
              stage.marker(above, look, group=name))
             for name, (_, _, look) in list(RIVALS.items())[:2]]
    tracks = {name: stage.path(below, look, group=name) for name, (*_, look) in RIVALS.items()}
    noise = stage.noted_line(below, DOTTED)
    stage.choice("gradients", GRADIENTS, label="gradients")
    stage.slider("warmup", warmup)
    stage.slider("beta1", 0.9)
    stage.slider("beta2", 0.999)
    stage.record("warmup")

    def update(gradients, warmup, beta1, beta2):
        warm = warmup_stable_decay(1.0, warmup, 0.0)
        rates = np.array([[1.0, warm(t, STEPS)] for t in range(1, STEPS + 1)])
        for (plan, now), values in zip(plans, rates.T):
            plan.over_time(values, first=1)
            now.over_time([values[0], *values])
        rows = []
        for name, (step, warms, _) in RIVALS.items():
            sizes = rates[:, int(warms)] * updates(gradients, step, beta1, beta2)
            tracks[name].over_time(sizes, first=1)
            tracks[name].says([f"{size:.2g} lr" for size in sizes], first=1)
            few = ", ".join(f"{sizes[t - 1]:.2f} at {t}" for t in (1, 2, 5, 10, 50, 100))
            rows.append(f"  {name}: {few}")
        noise()
        if GRADIENTS[gradients] == 0:
            floor = np.sqrt((1 - beta1) / (1 + beta1))
            noise(f"dotted: noise, averaged: sqrt((1 - beta1) / (1 + beta1)) = {floor:.3g}",
                  [(0, floor), (STEPS, floor)], (0.38 * STEPS, 12))
        words = f"{gradients}, beta1 {beta1:.3g}, beta2 {beta2:.4g}"
        heads[0](f"Warm-up of {warmup} steps")
        heads[1](f"Size of the updates: {words}")
        stage.summary = "\n".join([f"{words}, warm-up {warmup}; update / peak lr:", *rows])

    return update


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
