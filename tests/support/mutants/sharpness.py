"""SAM and its adaptive form, got wrong."""

import numpy as np
from support.mutants import mutant


def length(d):
    return np.linalg.norm(d, axis=-1, keepdims=True)


@mutant("sam", "SAM un-normalised")
def sam_unnormalised(surface, w, *, lr=0.05, rho=0.05):
    return w - lr * surface.grad(w + surface.grad(w) * rho)


@mutant("sam", "SAM not stepping back")
def sam_stays_up(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    w = w + rho * d / (length(d) + 1e-12)
    return w - lr * surface.grad(w)


@mutant("sam", "SAM accumulating both gradients")
def sam_accumulates(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    d = d + surface.grad(w + rho * d / (length(d) + 1e-12))
    return w - lr * d


@mutant("sam", "SAM accumulating both gradients")
def sam_averages(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    up = surface.grad(w + rho * d / (length(d) + 1e-12))
    return w - lr * np.mean([d, up], axis=0)


@mutant("sam", "climb downhill")
def sam_down(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    return w - lr * surface.grad(w - rho * d / (length(d) + 1e-12))


@mutant("sam", "climb unused")
def sam_forgets(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    top = w + rho * d / length(d)
    return w - lr * (d if top is not None else top)


@mutant("sam", "norm squared")
def sam_squared(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    return w - lr * surface.grad(w + rho * d / ((d * d).sum(-1, keepdims=True) + 1e-12))


@mutant("sam", "norm by coordinate")
def sam_signs(surface, w, *, lr=0.05, rho=0.05):
    return w - lr * surface.grad(w + rho * np.sign(surface.grad(w)))


@mutant("sam", "joins all points")
def sam_one_norm(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    return w - lr * surface.grad(w + rho * d / (np.linalg.norm(d) + 1e-12))


@mutant("sam", "norm by block")
def sam_by_layer(surface, w, *, lr=0.05, rho=0.05):
    d, climbs, start = surface.grad(w), [], 0
    shapes = surface.shape if np.ndim((surface.shape or [0])[0]) else [(w.shape[-1],)]
    for shape in shapes:
        part = d[..., start : start + int(np.prod(shape))]
        climbs.append(rho * part / (length(part) + 1e-12))
        start += part.shape[-1]
    return w - lr * surface.grad(w + np.concatenate(climbs, axis=-1))


@mutant("sam", "plus instead of minus")
def sam_up(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    return w + lr * surface.grad(w + rho * d / (length(d) + 1e-12))


@mutant("sam", "lr in the climb")
def sam_lr(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    return w - lr * surface.grad(w + lr * d / (length(d) + 1e-12))


@mutant("adaptive_sam", "size counted once")
def adaptive_once(surface, w, *, lr=0.05, rho=0.5):
    d = abs(w) * surface.grad(w)
    return w - lr * surface.grad(w + rho * d / (length(d) + 1e-12))


@mutant("adaptive_sam", "SAM not stepping back")
def adaptive_stays_up(surface, w, *, lr=0.05, rho=0.5):
    d = abs(w) * surface.grad(w)
    w = w + rho * abs(w) * d / (length(d) + 1e-12)
    return w - lr * surface.grad(w)


@mutant("sam", "second gradient normalised")
def sam_unit_moves(surface, w, *, lr=0.05, rho=0.05):
    d = surface.grad(w)
    d = surface.grad(w + rho * d / (length(d) + 1e-12))
    return w - lr * d / length(d)
