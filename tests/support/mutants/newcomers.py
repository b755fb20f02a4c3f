"""Lion, Sophia and Schedule-Free, got wrong."""

import numpy as np
from support.mutants import mutant


def lion_like(blend, memory=None, end=None):
    """A Lion in another style: blend(m, d, b1, b2) is what has its sign taken."""

    def step(surface, p, exp_avg=0.0, *, lr=0.03, beta1=0.9, beta2=0.99, weight_decay=0.0):
        d = surface.grad(p)
        update = blend(exp_avg, d, beta1, beta2)
        if end is None:
            p = p * (1 - lr * weight_decay) - lr * update
        else:
            p = end(p, lr, weight_decay, update, blend, exp_avg, d, beta1, beta2)
        if memory is None:
            return p, exp_avg + (1 - beta2) * (d - exp_avg)
        return p, memory(exp_avg, d, beta1, beta2)

    return step


def right_blend(m, d, b1, b2):
    return np.sign(m + (1 - b1) * (d - m))


LIONS = [
    ("sign of the updated m", lion_like(lambda m, d, b1, b2: np.sign(m * b2 + d * (1 - b2)))),
    (
        "swapped betas",
        lion_like(
            lambda m, d, b1, b2: np.sign(b2 * m + d - b2 * d),
            lambda m, d, b1, b2: b1 * m + d - b1 * d,
        ),
    ),
    (
        "decay after the step",
        lion_like(right_blend, None, lambda p, lr, wd, u, *_: (p - lr * u) * (1 - lr * wd)),
    ),
    (
        "decay that ignores the schedule",
        lion_like(right_blend, None, lambda p, lr, wd, u, *_: (1 - wd) * p - lr * u),
    ),
    (
        "decay that ignores the schedule",
        lion_like(right_blend, None, lambda p, lr, wd, u, *_: (1 - 0.03 * wd) * p - lr * u),
    ),
]
for mistake, step in LIONS:
    mutant("lion", mistake)(step)


def sophia_like(move, curvature=None, first=1):
    """A Sophia in another style; move(m, d, h, old, scale, eps) is what lr multiplies."""

    def diagonal(surface, p, d):
        return np.einsum("...ii->...i", surface.hess(p))

    def step(
        surface,
        p,
        n=0,
        m=0.0,
        h=0.0,
        *,
        lr=0.05,
        beta1=0.96,
        beta2=0.99,
        scale=0.05,
        eps=1e-12,
        period=10,
    ):
        d = surface.grad(p)
        m, old = m + (1 - beta1) * (d - m), h
        if n % period == 0:
            new = (curvature or diagonal)(surface, p, d)
            h = h + (1 - beta2) * (new - h)
        return p - lr * move(m, d, h, old + 0 * d, scale, eps), n + 1, m, h

    return step


def ratio(m, h, scale, eps):
    return m / np.maximum(eps, scale * h)


SOPHIAS = [
    (
        "no bound below the curvature",
        sophia_like(lambda m, d, h, old, scale, eps: np.clip(m / (h * scale), -1, 1)),
    ),
    (
        "no bound below the curvature",
        sophia_like(lambda m, d, h, old, scale, eps: np.clip(m / (h * scale + eps), -1, 1)),
    ),
    (
        "old h",
        sophia_like(lambda m, d, h, old, scale, eps: np.clip(ratio(m, old, scale, eps), -1, 1)),
    ),
    (
        "squared gradient as curvature",
        sophia_like(
            lambda m, d, h, old, scale, eps: np.clip(ratio(m, h, scale, eps), -1, 1),
            lambda surface, p, d: d**2,
        ),
    ),
]
for mistake, step in SOPHIAS:
    mutant("sophia", mistake)(step)


@mutant("sophia", "curvature at every step")
def sophia_always(
    surface, p, m=0.0, h=0.0, *, lr=0.05, beta1=0.96, beta2=0.99, scale=0.05, eps=1e-12, period=10
):
    m = m * beta1 + (1 - beta1) * surface.grad(p)
    h = h * beta2 + (1 - beta2) * np.einsum("...ii->...i", surface.hess(p))
    return p - lr * np.clip(ratio(m, h, scale, eps), -1, 1), m, h


def free_like(where, mean=None, weight=lambda top, lr: top**2):
    """A Schedule-Free step in another style; where(z, x, beta) is where the gradient is read."""

    def step(surface, x, z=None, top=0.0, total=0.0, *, lr=0.05, beta=0.9):
        old = x if z is None else z
        z = old - lr * surface.grad(where(old, x, beta))
        top = np.maximum(top, lr)
        total = total + weight(top, lr)
        c = weight(top, lr) / total
        return (x + c * (z - x) if mean is None else mean(x, z, old, c, beta)), z, top, total

    return step


def between(z, x, beta):
    return x + (1 - beta) * (z - x)


FREE = [
    ("weights missing", free_like(between, None, lambda top, lr: 1)),
    ("current lr in the weights", free_like(between, None, lambda top, lr: lr * lr)),
    (
        "running average instead of mean",
        free_like(between, lambda x, z, old, c, beta: beta * x + (1 - beta) * z),
    ),
]
for mistake, step in FREE:
    mutant("schedule_free", mistake)(step)
