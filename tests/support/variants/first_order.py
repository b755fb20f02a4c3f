"""Gradient descent to Adam, written in other ways, all of them right."""

import numpy as np
from support.mutants import variant


@variant("gradient_descent")
def gradient_descent_in_one_line(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


@variant("gradient_descent")
def gradient_descent_adding_a_move(surface, theta, *, lr=1.0, verbose=False):
    move = -lr * surface.grad(theta)
    move += theta
    return move


@variant("gradient_descent")
def gradient_descent_as_a_tuple(surface, x, *, lr=0.05):
    return (x - surface.grad(x) * lr,)


@variant("gradient_descent")
def gradient_descent_on_a_copy(surface, theta, *, lr):
    new = theta.copy()
    new[..., :] -= lr * surface.grad(theta)
    return new


@variant("gradient_descent")
def gradient_descent_counting(surface, theta, count=0, *, lr=0.05):
    return theta - lr * surface.grad(theta), count + 1


@variant("momentum")
def momentum_downhill(surface, theta, velocity=0.0, *, lr=0.05, beta=0.9):
    velocity = beta * velocity - surface.grad(theta)
    return theta + lr * velocity, velocity


@variant("momentum")
def momentum_from_none(surface, theta, buffer=None, *, beta=0.9, lr=0.1):
    g = surface.grad(theta)
    buffer = g if buffer is None else beta * buffer + g
    return theta - lr * buffer, buffer


@variant("momentum")
def momentum_as_an_average(surface, theta, m=0.0, *, lr=0.05, beta=0.9):
    m = beta * m + (1 - beta) * surface.grad(theta)
    return theta - lr / (1 - beta) * m, m


@variant("momentum")
def momentum_in_place_on_its_own(surface, theta, v=0.0, *, lr=0.05, beta=0.9, nesterov=False):
    v = np.array(v) * beta
    v = v + surface.grad(theta)
    move = lr * v
    move *= -1
    return theta + move, v


@variant("momentum")
def momentum_asking_twice(surface, theta, velocity=0.0, *, lr=0.05, beta=0.9):
    g = (surface.grad(theta) + surface.grad(theta)) / 2
    return theta - lr * (g + beta * velocity), beta * velocity + g


@variant("nesterov")
def nesterov_by_the_old_velocity(surface, theta, v=0.0, *, lr=0.05, beta=0.9):
    g = surface.grad(theta)
    return theta - lr * ((1 + beta) * g + beta**2 * v), beta * v + g


@variant("nesterov")
def nesterov_as_torch(surface, theta, buf=None, *, lr=0.05, beta=0.9):
    d_p = surface.grad(theta)
    buf = np.copy(d_p) if buf is None else beta * buf + d_p
    d_p = d_p + beta * buf
    return theta + -lr * d_p, buf


@variant("nesterov")
def nesterov_downhill(surface, theta, velocity=0.0, *, lr=0.05, beta=0.9):
    g = surface.grad(theta)
    velocity = -g + beta * velocity
    theta = theta - lr * g
    return theta + lr * beta * velocity, velocity


@variant("nesterov")
def nesterov_in_two_moves(surface, theta, count=0, velocity=0.0, *, lr=0.05, beta=0.9):
    g = surface.grad(theta)
    velocity = velocity * beta
    velocity += g
    theta = theta - lr * g
    theta -= lr * beta * velocity
    return theta, count + 1, velocity


@variant("adagrad")
def adagrad_products(surface, theta, total=0.0, *, lr=0.1, eps=1e-10):
    g = surface.grad(theta)
    total = total + g * g
    return theta - lr * g / (eps + total**0.5), total


@variant("adagrad")
def adagrad_rates(surface, theta, s=0.0, *, eps=1e-10, lr=0.1):
    g = surface.grad(theta)
    s = np.add(s, np.square(g))
    rates = lr / (np.sqrt(s) + eps)
    return theta - rates * g, s


@variant("adagrad")
def adagrad_from_none(surface, theta, s=None, *, lr=0.1, eps=1e-10):
    g = surface.grad(theta)
    s = g**2 if s is None else s + g**2
    move = g / (np.sqrt(s) + eps)
    move *= lr
    return theta - move, s


@variant("adagrad")
def adagrad_by_roots(surface, theta, root=0.0, *, lr=0.1, eps=1e-10):
    g = surface.grad(theta)
    root = np.hypot(root, g)
    return theta - lr * g / (root + eps), root


@variant("rmsprop")
def rmsprop_interpolating(surface, theta, v=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    g = surface.grad(theta)
    v = v + (1 - beta2) * (g**2 - v)
    return theta - lr * g / (np.sqrt(v) + eps), v


@variant("rmsprop")
def rmsprop_as_torch(surface, theta, square_avg=None, *, lr=0.01, beta2=0.99, eps=1e-8):
    g = surface.grad(theta)
    square_avg = np.zeros_like(g) if square_avg is None else square_avg.copy()
    square_avg *= beta2
    square_avg += (1 - beta2) * g * g
    avg = np.sqrt(square_avg)
    avg += eps
    return theta - lr * (g / avg), square_avg


@variant("rmsprop")
def rmsprop_counting(surface, theta, t=0, v=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    g = surface.grad(theta)
    v = (1 - beta2) * np.abs(g) ** 2 + beta2 * v
    return theta - lr / (v**0.5 + eps) * g, t + 1, v


@variant("rmsprop")
def rmsprop_as_a_scaled_sum(surface, theta, s=0.0, *, lr=0.01, beta2=0.99, eps=1e-8):
    g = surface.grad(theta)
    s = beta2 * s + g**2
    return theta - lr * g / (np.sqrt((1 - beta2) * s) + eps), s


@variant("adam")
def adam_as_torch(
    surface,
    theta,
    step=0,
    exp_avg=0.0,
    exp_avg_sq=0.0,
    *,
    lr=1e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
):
    g = surface.grad(theta)
    step += 1
    exp_avg = exp_avg + (1 - beta1) * (g - exp_avg)
    exp_avg_sq = beta2 * exp_avg_sq + (1 - beta2) * g * g
    step_size = lr / (1 - beta1**step)
    denom = np.sqrt(exp_avg_sq) / np.sqrt(1 - beta2**step) + eps
    return theta - step_size * exp_avg / denom, step, exp_avg, exp_avg_sq


@variant("adam")
def adam_in_another_order(
    surface, theta, v=0.0, m=0.0, t=1, *, eps=1e-8, beta2=0.999, beta1=0.9, lr=0.1
):
    g = surface.grad(theta)
    v = (1 - beta2) * g**2 + beta2 * v
    m = (1 - beta1) * g + beta1 * m
    move = (m / (1 - beta1**t)) / (eps + np.sqrt(v / (1 - beta2**t)))
    return theta - lr * move, v, m, t + 1


@variant("adam")
def adam_by_powers(
    surface,
    theta,
    m=None,
    v=None,
    b1=1.0,
    b2=1.0,
    *,
    lr=0.1,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    amsgrad=False,
):
    g = surface.grad(theta)
    m = (1 - beta1) * g if m is None else beta1 * m + (1 - beta1) * g
    v = (1 - beta2) * g**2 if v is None else beta2 * v + (1 - beta2) * g**2
    b1, b2 = b1 * beta1, b2 * beta2
    return theta - lr * (m / (1 - b1)) / (np.sqrt(v / (1 - b2)) + eps), m, v, b1, b2


@variant("adam")
def adam_with_the_paper_s_shortcut(
    surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8
):
    g, t = surface.grad(theta), t + 1
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
    root = np.sqrt(1 - beta2**t)
    theta = theta - lr * root / (1 - beta1**t) * m / (np.sqrt(v) + eps * root)
    return theta, t, m, v


@variant("adam")
def adam_with_corrected_averages(
    surface, theta, t=0, m_hat=0.0, v_hat=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8
):
    g, t = surface.grad(theta), t + 1
    a, b = (1 - beta1) / (1 - beta1**t), (1 - beta2) / (1 - beta2**t)
    m_hat, v_hat = (1 - a) * m_hat + a * g, (1 - b) * v_hat + b * g**2
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t, m_hat, v_hat
