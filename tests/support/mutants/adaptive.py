"""Adagrad and RMSprop, got wrong; and what goes wrong alike in Adam and Lion."""

import numpy as np
from support.mutants import mutant


@mutant("adagrad", "average instead of sum")
def adagrad_mean(surface, w, n=0, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    n, total = n + 1, total + d * d
    return w - lr * d / (eps + np.sqrt(total / n)), n, total


@mutant("rmsprop", "bias correction")
def rmsprop_corrected(surface, w, n=0, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d, n = surface.grad(w), n + 1
    sq = beta2 * sq + (1 - beta2) * d * d
    root = (sq / (1 - beta2**n)) ** 0.5
    return w - lr * d / (eps + root), n, sq


def adam_parts(b1, b2, n, a, b, d):
    a, b = a + (1 - b1) * (d - a), b + (1 - b2) * (d * d - b)
    return n + 1, a, b, a / (1 - b1 ** (n + 1)), b / (1 - b2 ** (n + 1))


@mutant("adam", "shares swapped")
def adam_shares(surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    d, n = surface.grad(w), n + 1
    a, b = a + beta1 * (d - a), b + beta2 * (d * d - b)
    return w - lr * a / (1 - beta1**n) / ((b / (1 - beta2**n)) ** 0.5 + eps), n, a, b


@mutant("adamw", "decay before the gradient")
def adamw_decay_first(
    surface, w, n=0, a=0.0, b=0.0,
    *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.01,
):
    w = w * (1 - lr * weight_decay)
    n, a, b, p, q = adam_parts(beta1, beta2, n, a, b, surface.grad(w))
    return w - lr * p / (np.sqrt(q) + eps), n, a, b
