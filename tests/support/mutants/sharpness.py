"""SAM and its adaptive form, got wrong."""

import numpy as np
from support.mutants import mutant


def length(d):
    return np.linalg.norm(d, axis=-1, keepdims=True)


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
