"""Adagrad and RMSprop, got wrong; and what goes wrong alike in Adam and Lion."""

import numpy as np
from support.mutants import mutant


@mutant("adagrad", "eps inside the root")
def adagrad_inside(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = d * d + total
    return w - lr * d * (total + eps) ** -0.5, total


@mutant("adagrad", "average instead of sum")
def adagrad_mean(surface, w, n=0, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    n, total = n + 1, total + d * d
    return w - lr * d / (eps + np.sqrt(total / n)), n, total


@mutant("adagrad", "average instead of sum")
def adagrad_forgets(surface, w, square_avg=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    square_avg = square_avg + 0.1 * (d * d - square_avg)
    return w - lr * d / (square_avg**0.5 + eps), square_avg


@mutant("adagrad", "g instead of g**2")
def adagrad_unsquared(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = abs(d) + total
    return w - d * (lr / (total**0.5 + eps)), total


@mutant("adagrad", "root missing")
def adagrad_rootless(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = total + np.square(d)
    return w - lr * d / (eps + total), total


@mutant("adagrad", "last square only")
def adagrad_last(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = d * d
    return w - lr * d / (np.abs(d) + eps), total


@mutant("adagrad", "plus instead of minus")
def adagrad_up(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = total + d * d
    return w + lr / (total**0.5 + eps) * d, total


@mutant("adagrad", "mutated arguments")
def adagrad_in_place(surface, w, total=None, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = np.zeros_like(w) if total is None else total
    total += d * d
    return w - lr * d / (total**0.5 + eps), total


@mutant("adagrad", "swapped returns")
def adagrad_swapped(surface, w, total=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    total = total + d * d
    return total, w - lr * d / (total**0.5 + eps)


@mutant("rmsprop", "eps inside the root")
def rmsprop_inside(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq * beta2 + d * d * (1 - beta2)
    return w - lr * d / (sq + eps) ** 0.5, sq


@mutant("rmsprop", "g instead of g**2")
def rmsprop_unsquared(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq + (1 - beta2) * (np.fabs(d) - sq)
    return w - lr * d / (sq**0.5 + eps), sq


@mutant("rmsprop", "sum instead of average")
def rmsprop_sum(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = d * d + beta2 * sq
    return w - lr * d / (eps + sq**0.5), sq


@mutant("rmsprop", "bias correction")
def rmsprop_corrected(surface, w, n=0, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d, n = surface.grad(w), n + 1
    sq = beta2 * sq + (1 - beta2) * d * d
    root = (sq / (1 - beta2**n)) ** 0.5
    return w - lr * d / (eps + root), n, sq


@mutant("rmsprop", "shares swapped")
def rmsprop_shares(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq + beta2 * (d * d - sq)
    return w - lr * d / (sq**0.5 + eps), sq


@mutant("rmsprop", "root missing")
def rmsprop_rootless(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq * beta2 + d * d * (1 - beta2)
    return w - d * lr / (eps + sq), sq


@mutant("rmsprop", "plus instead of minus")
def rmsprop_up(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq * beta2 + d * d * (1 - beta2)
    return w + d * lr / (eps + sq**0.5), sq


@mutant("adagrad", "eps outside the fraction")
def adagrad_eps_apart(surface, w, sq=0.0, *, lr=0.5, eps=1e-10):
    d = surface.grad(w)
    sq = sq + d * d
    return w - lr * d / sq**0.5 + eps, sq


@mutant("rmsprop", "eps outside the fraction")
def rmsprop_eps_apart(surface, w, sq=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    d = surface.grad(w)
    sq = sq * beta2 + d * d * (1 - beta2)
    return w - lr * d / np.sqrt(sq) + eps, sq


def adam_parts(b1, b2, n, a, b, d):
    a, b = a + (1 - b1) * (d - a), b + (1 - b2) * (d * d - b)
    return n + 1, a, b, a / (1 - b1 ** (n + 1)), b / (1 - b2 ** (n + 1))


@mutant("adam", "eps outside the fraction")
def adam_eps_apart(surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    n, a, b, p, q = adam_parts(beta1, beta2, n, a, b, surface.grad(w))
    return w - lr * p / np.sqrt(q) + eps, n, a, b


@mutant("adam", "one beta for both")
def adam_one_beta(surface, w, n=0, a=0.0, b=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    d = surface.grad(w)
    n, a, _, p, _ = adam_parts(beta1, beta2, n, a, b, d)
    b = beta1 * b + (1 - beta1) * d * d
    return w - lr * p / (np.sqrt(b / (1 - beta2**n)) + eps), n, a, b


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


@mutant("lion", "shares swapped")
def lion_shares(surface, w, a=0.0, *, lr=0.03, beta1=0.9, beta2=0.99, weight_decay=0.0):
    d = surface.grad(w)
    way = np.sign(a + beta1 * (d - a)) + weight_decay * w
    return w - lr * way, a + (1 - beta2) * (d - a)
