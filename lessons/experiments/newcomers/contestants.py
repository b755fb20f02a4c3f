"""Who takes part in the league, and in what: the rules with their knobs, and the four tasks."""

from collections.abc import Callable
from dataclasses import dataclass, field
from functools import partial
from types import SimpleNamespace

import numpy as np

from lessons.networks import char_rnn, char_transformer, digits_mlp, mnist1d_mlp
from lessons.schedules import constant, cosine, warmup_stable_decay
from lessons.steps import (
    adagrad,
    adam,
    gradient_descent,
    kfac,
    lion,
    momentum,
    muon,
    nesterov,
    rmsprop,
    shampoo,
    soap,
    sophia,
)
from lessons.steps.newcomers import schedule_free_adamw
from lessons.views import sharpness_aware

MLPS = ("Digits, MLP", "MNIST-1D, MLP")


@dataclass(frozen=True)
class Task:
    """Data and network, a function of `seed`, and the budget: so many gradients."""

    place: Callable
    gradients: int


@dataclass(frozen=True)
class Contestant:
    """A rule with its first guess of lr, and one more knob with the values that it may try.

    shape: the schedule of lr, a function of its peak and of the number of steps of warm-up.
    asks: gradients for each step, on average. tasks: None for all.
    """

    rule: Callable
    lr: float
    knob: str = ""
    values: tuple = (None,)
    fixed: dict = field(default_factory=dict)
    shape: Callable = partial(warmup_stable_decay, decay=0.3)
    asks: float = 1.0
    tasks: tuple | None = None


def held(peak, warmup):
    """A warm-up, and then the same lr for ever: Schedule-Free's own schedule."""
    return warmup_stable_decay(peak, warmup, decay=0)


def flat(peak, warmup):
    """The same lr at every step."""
    return constant(peak)


def sam_nesterov(surface, theta, velocity=0.0, *, lr=0.05, beta=0.9, rho=0.05):
    """Nesterov's momentum on the gradient of SAM; see views.sharpness_aware."""
    return nesterov(sharpness_aware(surface, rho), theta, velocity, lr=lr, beta=beta)


def muon_adam(surface, theta, t=0, M=0.0, m=0.0, v=0.0, *, lr=0.02, ratio=0.4):
    """Muon for the matrices inside a network, Adam at lr times ratio for all its other blocks.

    Inside is a matrix that has a bias behind it, but for the last one: not the tables of
    characters and places, whose rows are looked up, not the biases, gains and last layer.
    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """
    g, (inside, shapes) = surface.grad(theta), inner(surface.shape)
    hidden = SimpleNamespace(grad=lambda _: g[..., inside], shape=shapes)
    others = SimpleNamespace(grad=lambda _: g[..., ~inside])
    moved = np.empty_like(g)
    moved[..., inside], M = muon(hidden, theta[..., inside], M, lr=lr)
    moved[..., ~inside], t, m, v = adam(others, theta[..., ~inside], t, m, v, lr=lr * ratio,
                                        beta2=0.95)
    return moved, t, M, m, v


def inner(shapes):
    """(which numbers of theta lie in matrices inside the network (D,), these matrices' shapes)."""
    layers = [len(shape) == 2 and len(behind) == 1 for shape, behind in zip(shapes, shapes[1:])]
    last = max(i for i, layer in enumerate(layers) if layer)
    chosen = [layer and i < last for i, layer in enumerate([*layers, False])]
    marks = [np.full(np.prod(shape), mark) for shape, mark in zip(shapes, chosen)]
    return np.concatenate(marks), tuple(s for s, mark in zip(shapes, chosen) if mark)


TASKS = {
    "Digits, MLP": Task(partial(digits_mlp, 32), 300),
    "MNIST-1D, MLP": Task(partial(mnist1d_mlp, 32), 400),
    "Text, RNN": Task(partial(char_rnn, 8, width=32), 200),
    "Text, transformer": Task(partial(char_transformer, 8, width=24), 100),
}
BETA2, BETA = ("beta2", (0.95, 0.99)), ("beta", (0.9, 0.95))
CONTESTANTS = {
    "Muon + Adam": Contestant(muon_adam, 0.02, "ratio", (0.4, 0.8)),
    "Muon, all blocks": Contestant(muon, 0.02, *BETA),
    "SOAP": Contestant(soap, 0.016, *BETA2),
    "Shampoo": Contestant(shampoo, 0.08, "eps", (1e-6, 1e-4), tasks=MLPS),
    "K-FAC": Contestant(kfac, 0.08, "damping", (0.01, 0.1), tasks=MLPS),
    "Schedule-Free AdamW": Contestant(schedule_free_adamw, 0.02, "beta1", (0.9, 0.95),
                                      dict(beta2=0.95), held),
    "AdamW": Contestant(adam, 0.008, *BETA2),
    "AdamW, cosine": Contestant(adam, 0.008, *BETA2, shape=cosine),
    "AdamW, constant lr": Contestant(adam, 0.008, *BETA2, shape=flat),
    "RMSprop": Contestant(rmsprop, 0.004, *BETA2),
    "Adagrad": Contestant(adagrad, 0.04),
    "Lion": Contestant(lion, 0.001, *BETA2),
    "Sophia": Contestant(sophia, 0.001, "scale", (0.05, 0.5), asks=1.1),
    "Nesterov": Contestant(nesterov, 0.08, *BETA),
    "Momentum": Contestant(momentum, 0.08, *BETA),
    "SAM + Nesterov": Contestant(sam_nesterov, 0.08, "rho", (0.02, 0.05), asks=2.0),
    "Gradient descent": Contestant(gradient_descent, 0.5),
}
BASE = "AdamW"
