"""Gradient descent, momentum and Nesterov's step, got wrong."""

import numpy as np
from support.mutants import mutant


@mutant("gradient_descent", "mutated arguments")
def walks_in_place(surface, x, *, lr=0.05):
    x -= lr * surface.grad(x)
    return x


@mutant("gradient_descent", "sign of the gradient")
def signs(surface, x, *, lr=0.05):
    return np.where(surface.grad(x) > 0, x - lr, np.where(surface.grad(x) < 0, x + lr, x))


@mutant("gradient_descent", "knob ignored")
def lr_written_out(surface, x, *, lr=0.05):
    return x - 0.05 * surface.grad(x)


@mutant("momentum", "lr folded into the velocity")
def folded(surface, theta, d=0.0, *, lr=0.02, beta=0.9):
    d = beta * d - lr * surface.grad(theta)
    return theta + d, d


@mutant("momentum", "old velocity")
def moves_too_soon(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    new = theta - lr * v
    return new, beta * v + surface.grad(theta)


@mutant("nesterov", "lr folded into the velocity")
def nesterov_folded(surface, p, d=0.0, *, lr=0.02, beta=0.9):
    step = -lr * surface.grad(p)
    d = beta * d + step
    return p + step + beta * d, d


@mutant("nesterov", "velocity ignored")
def nesterov_without(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(p)
    v = beta * v + gradient
    return p - lr * (1 + beta) * gradient, v


@mutant("nesterov", "Nesterov at the wrong point")
def textbook(surface, phi, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(phi - beta * lr * v)
    v = gradient + beta * v
    return phi - lr * v, v


@mutant("nesterov", "Nesterov at the wrong point")
def looks_ahead_twice(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    ahead = p - lr * (beta * v)
    gradient = surface.grad(ahead)
    v = beta * v + gradient
    return p - lr * (gradient + beta * v), v


@mutant("nesterov", "momentum instead of Nesterov")
def heavy_ball(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    old = v
    gradient = surface.grad(p)
    v = gradient + beta * v
    return p - lr * (gradient + beta * old), v
