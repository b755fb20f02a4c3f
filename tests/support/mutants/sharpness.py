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


@mutant("sam_momentum", "velocity of the first gradient")
def sam_ball_that_looks_at_its_feet(surface, w, v=0.0, *, lr=0.05, rho=0.05, beta=0.9):
    d = surface.grad(w)
    surface.grad(w + rho * d / (length(d) + 1e-12))
    v = beta * v + d
    return w - lr * v, v


@mutant("sam_momentum", "climb along the velocity")
def sam_ball_that_climbs_as_it_rolls(surface, w, v=0.0, *, lr=0.05, rho=0.05, beta=0.9):
    ahead = surface.grad(w) + beta * v
    v = beta * v + surface.grad(w + ahead * rho / (length(ahead) + 1e-12))
    return w - lr * v, v
