"""Adam and AdamW, got wrong."""

import numpy as np
from support.mutants import mutant


def adam_like(move):
    """An Adam in another style; move(lr, b1, b2, eps, n, g, a, b) says how far it goes."""

    def step(surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
        g, n = surface.grad(w), n + 1
        a, b = a + (1 - beta1) * (g - a), b + (1 - beta2) * (g * g - b)
        return w - move(lr, beta1, beta2, eps, n, g, a, b), n, a, b

    return step


MOVES = {  # name of the mistake -> the move that makes it
    "no bias correction": lambda lr, b1, b2, eps, n, g, a, b: lr * a / (b**0.5 + eps),
    "t starting at 0": lambda lr, b1, b2, eps, n, g, a, b: (
        lr * a / (1 - b1 ** (n - 1)) / ((b / (1 - b2 ** (n - 1))) ** 0.5 + eps)
    ),
    "t off by one": lambda lr, b1, b2, eps, n, g, a, b: (
        lr * a / (1 - b1 ** (n + 1)) / ((b / (1 - b2 ** (n + 1))) ** 0.5 + eps)
    ),
    "eps before the correction": lambda lr, b1, b2, eps, n, g, a, b: (
        lr * (1 - b2**n) ** 0.5 / (1 - b1**n) * a / (b**0.5 + eps)
    ),
}
for mistake, move in MOVES.items():
    mutant("adam", mistake)(adam_like(move))


@mutant("adam", "t starting at 0")
def adam_counts_late(surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    g = surface.grad(w)
    a = a * beta1 + g * (1 - beta1)
    b = b * beta2 + g * g * (1 - beta2)
    rate = lr * np.sqrt(1 - beta2**n) / (1 - beta1**n)
    return w - rate * a / (np.sqrt(b) + eps * np.sqrt(1 - beta2**n)), n + 1, a, b


@mutant("adam", "t off by one")
def adam_counts_early(surface, w, n=1, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    n += 1
    g = surface.grad(w)
    a = a * beta1 + g * (1 - beta1)
    b = b * beta2 + g * g * (1 - beta2)
    return w - lr * (a / (1 - beta1**n)) / (np.sqrt(b / (1 - beta2**n)) + eps), n, a, b


@mutant("adam", "mutated arguments")
def adam_in_place(surface, w, n=0, a=None, b=None, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    n, d = n + 1, surface.grad(w)
    a = np.zeros_like(w) if a is None else a
    b = np.zeros_like(w) if b is None else b
    a *= beta1
    a += (1 - beta1) * d
    b += (1 - beta2) * (d * d - b)
    return w - lr * a / (1 - beta1**n) / (np.sqrt(b / (1 - beta2**n)) + eps), n, a, b


@mutant("adam", "corrected averages returned")
def adam_corrects_for_good(
    surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8
):
    n, d = n + 1, surface.grad(w)
    a = (a + (1 - beta1) * (d - a)) / (1 - beta1**n)
    b = (b + (1 - beta2) * (d * d - b)) / (1 - beta2**n)
    return w - lr * a / (b**0.5 + eps), n, a, b


def adamw_like(end):
    """An AdamW in torch's style; end(w, new, move, lr, wd) makes the new point."""

    def step(
        surface,
        w,
        n=0,
        a=0.0,
        b=0.0,
        first=None,
        *,
        lr=0.1,
        beta1=0.9,
        beta2=0.999,
        eps=1e-8,
        weight_decay=0.01,
    ):
        g, n = surface.grad(w), n + 1
        first = lr if first is None else first
        a, b = beta1 * a + (1 - beta1) * g, beta2 * b + (1 - beta2) * g * g
        denom = np.sqrt(b / (1 - beta2**n)) + eps
        return end(w, lr, weight_decay, a / (1 - beta1**n), denom, first), n, a, b, first

    return step


ENDS = [
    ("decay through the denominator", lambda w, lr, wd, a, d, first: w - lr / d * (wd * w + a)),
    ("decay after the step", lambda w, lr, wd, a, d, first: (w - lr * a / d) * (1 - lr * wd)),
    ("decay that ignores the schedule", lambda w, lr, wd, a, d, first: (1 - wd) * w - lr * a / d),
    (
        "decay that ignores the schedule",
        lambda w, lr, wd, a, d, first: (1 - first * wd) * w - lr * a / d,
    ),
    (
        "decay that ignores the schedule",
        lambda w, lr, wd, a, d, first: (1 - 0.1 * wd) * w - lr * a / d,
    ),
]
for mistake, end in ENDS:
    mutant("adamw", mistake)(adamw_like(end))
