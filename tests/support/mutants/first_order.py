"""Gradient descent, momentum and Nesterov's step, got wrong."""

import numpy as np
from support.mutants import mutant


@mutant("gradient_descent", "plus instead of minus")
def climbs(surface, x, *, lr=0.05):
    gradient = surface.grad(x)
    gradient *= lr
    return x + gradient


@mutant("gradient_descent", "mutated arguments")
def walks_in_place(surface, x, *, lr=0.05):
    x -= lr * surface.grad(x)
    return x


@mutant("gradient_descent", "lr missing")
def no_lr(surface, x, *, lr=0.05):
    return x - surface.grad(x)


@mutant("gradient_descent", "lr twice")
def lr_squared(surface, x, *, lr=0.05):
    move = lr * surface.grad(x)
    return x - lr * move


@mutant("gradient_descent", "gradient normalised")
def unit_moves(surface, x, *, lr=0.05):
    d = surface.grad(x)
    d = d / np.linalg.norm(d, axis=-1, keepdims=True)
    return x - lr * d


@mutant("gradient_descent", "sign of the gradient")
def signs(surface, x, *, lr=0.05):
    return np.where(surface.grad(x) > 0, x - lr, np.where(surface.grad(x) < 0, x + lr, x))


@mutant("gradient_descent", "knob ignored")
def lr_written_out(surface, x, *, lr=0.05):
    return x - 0.05 * surface.grad(x)


@mutant("gradient_descent", "returns the move alone")
def only_the_move(surface, x, *, lr=0.05):
    return -lr * surface.grad(x)


@mutant("momentum", "average instead of sum")
def averaged(surface, theta, buf=0.0, *, lr=0.02, beta=0.9):
    buf = buf + (1 - beta) * (surface.grad(theta) - buf)
    return theta - lr * buf, buf


@mutant("momentum", "lr folded into the velocity")
def folded(surface, theta, d=0.0, *, lr=0.02, beta=0.9):
    d = beta * d - lr * surface.grad(theta)
    return theta + d, d


@mutant("momentum", "velocity ignored")
def forgets_to_use_it(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    g = surface.grad(theta)
    v = g + beta * v
    return theta - g * lr, v


@mutant("momentum", "plus instead of minus")
def rolls_up(surface, theta, v=None, *, lr=0.02, beta=0.9):
    gradient = surface.grad(theta)
    v = gradient if v is None else gradient + v * beta
    return theta + v * lr, v


@mutant("momentum", "swapped returns")
def velocity_first(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    v = v * beta + surface.grad(theta)
    return v, theta - v * lr


@mutant("momentum", "mutated arguments")
def velocity_in_place(surface, theta, v=None, *, lr=0.02, beta=0.9):
    if v is None:
        v = np.zeros_like(theta)
    v *= beta
    v += surface.grad(theta)
    return theta - lr * v, v


@mutant("momentum", "old velocity")
def moves_too_soon(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    new = theta - lr * v
    return new, beta * v + surface.grad(theta)


@mutant("momentum", "beta at the gradient")
def beta_on_the_gradient(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    v = v + surface.grad(theta) * beta
    return theta - lr * v, v


@mutant("momentum", "beta missing")
def never_forgets(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    v = surface.grad(theta) + v
    return theta - lr * v, v


@mutant("momentum", "Nesterov instead of momentum")
def nesterov_by_accident(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(theta)
    v = gradient + v * beta
    return theta - lr * gradient - lr * beta * v, v


@mutant("momentum", "old state returned")
def memory_lost(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    new = beta * v + surface.grad(theta)
    return theta - lr * new, v


@mutant("momentum", "no memory")
def no_state(surface, theta, *, lr=0.02, beta=0.9):
    return theta - lr * surface.grad(theta)


@mutant("momentum", "knob ignored")
def beta_written_out(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    v = 0.9 * v + surface.grad(theta)
    return theta - lr * v, v


@mutant("nesterov", "average instead of sum")
def nesterov_averaged(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(p)
    v = v * beta + gradient * (1 - beta)
    return p - lr * gradient - lr * beta * v, v


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


@mutant("nesterov", "beta missing in the move")
def whole_velocity(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(p)
    v = gradient + beta * v
    return p - lr * gradient - lr * v, v


@mutant("nesterov", "gradient missing in the move")
def only_the_future(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    v = surface.grad(p) + v * beta
    return p - beta * lr * v, v


@mutant("nesterov", "plus instead of minus")
def nesterov_up(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(p)
    v = gradient + beta * v
    return p + lr * gradient + lr * beta * v, v


@mutant("nesterov", "swapped returns")
def nesterov_swapped(surface, p, v=0.0, *, lr=0.02, beta=0.9):
    gradient = surface.grad(p)
    v = gradient + beta * v
    p = p - lr * gradient
    return v, p - lr * beta * v
