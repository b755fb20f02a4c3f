"""Steps of 2023 and 2024, made for large models: Lion, Sophia and Schedule-Free.

Every theta, m, h, v and z is (..., D), and all is elementwise. lr is in units of theta, except in
schedule_free, where it is in units of theta squared per loss, as in gradient descent.
"""

import numpy as np


def lion(surface, theta, m=0.0, *, lr=0.03, beta1=0.9, beta2=0.99, weight_decay=0.0):
    """Move every coordinate by lr, towards the sign of a blend of memory and gradient.

    theta, m: (..., D).
    m: a running *average* of g; starts at zero, and is renewed *after* the move, with a longer
    memory than that of the blend. sign(0) is 0.
    lr: in units of theta, the length of every move in each coordinate; packages begin with 0.0001.
    weight_decay: decoupled, as in AdamW; lr being small, the paper takes it 3 to 10 times larger.
    Source: Chen et al. 2023, Symbolic discovery of optimization algorithms. arXiv:2302.06675.
    torch has none.
    """
    g = surface.grad(theta)
    direction = np.sign(beta1 * m + (1 - beta1) * g)
    theta = theta - lr * (direction + weight_decay * theta)
    m = beta2 * m + (1 - beta2) * g
    return theta, m


def sophia(
    surface, theta, t=0, m=0.0, h=0.0,
    *, lr=0.05, beta1=0.96, beta2=0.99, scale=0.05, eps=1e-12, period=10,
):
    """Divide the average gradient by the curvature, and clip what is longer than 1.

    theta, m, h: (..., D). t: steps taken.
    m, h: running *averages* of g and of the Hessian's diagonal, no bias correction.
    period: h is renewed at steps 1, 1 + period, 1 + 2 period, ..., before its use; one number.
    The diagonal is surface.diagonal (an estimate: the view hutchinson, or Gauss-Newton-Bartlett)
    where there is one, and the exact one of surface.hess otherwise.
    lr: in units of theta, the longest move in each coordinate. Where nothing is clipped, lr / scale
    is the share of Newton's step (for a diagonal Hessian) that is taken; where curvature is
    negative, move by lr.
    scale: the paper's gamma: 0.05 with Gauss-Newton-Bartlett, 0.01 with Hutchinson.
    beta2: in a walk of 100 steps 0.99 leaves h at a tenth of the curvature; a toy wants 0.9.
    Left out: the paper's decoupled weight decay of 0.2.
    Source: Liu, Li, Hall, Liang & Ma 2024, ICLR, algorithm 3. arXiv:2305.14342. torch has none.
    """
    g = surface.grad(theta)
    t = t + 1
    m = beta1 * m + (1 - beta1) * g
    if (t - 1) % period == 0:
        h = beta2 * h + (1 - beta2) * _diagonal(surface, theta)
    ratio = m / np.maximum(scale * h, eps)
    return theta - lr * np.clip(ratio, -1, 1), t, m, h


def _diagonal(surface, theta):
    """The Hessian's diagonal (..., D), by the surface's estimate if it has one, else exact."""
    if surface.diagonal is not None:
        return surface.diagonal(theta)
    return np.diagonal(surface.hess(theta), axis1=-2, axis2=-1)


def schedule_free(surface, theta, z=None, lr_max=0.0, weights=0.0, *, lr=0.05, beta=0.9):
    """Let z walk at a constant lr, and return theta, the mean of all points of z.

    theta, z: (..., D). z: the walker; starts at theta. Its gradient is read between the two, at
    (1 - beta) z + beta theta.
    lr_max, weights: the largest lr so far, and the sum of its squares: z's newest point counts
    lr_max^2 in the mean. At constant lr that is 1 for all; while lr warms up, early points count
    less. With beta = 0 theta is the mean of gradient descent's points, after Polyak and Ruppert.
    lr: in units of theta squared per loss; along curvature L at first below 2 / L.
    Source: Defazio et al. 2024, The road less scheduled. arXiv:2405.15682. As SGDScheduleFree of
    the authors' package in eval mode (in train mode, that one's parameters are the point between);
    not in torch itself.
    """
    z = theta if z is None else z
    z = z - lr * surface.grad((1 - beta) * z + beta * theta)
    lr_max = np.maximum(lr_max, lr, dtype=z.dtype)
    weights = weights + lr_max * lr_max
    share = lr_max * lr_max / np.maximum(weights, 1e-30)  # no lr so far: theta stays
    theta = (1 - share) * theta + share * z
    return theta, z, lr_max, weights


def schedule_free_adamw(
    surface, theta, t=0, z=None, v=0.0, lr_max=0.0, weights=0.0,
    *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8, weight_decay=0.0,
):
    """Schedule-Free with Adam's step size for each coordinate.

    t: steps taken. v: running average of g squared, corrected as in adam. z, lr_max, weights: as in
    schedule_free. beta1: the gradient is read at (1 - beta1) z + beta1 theta; no average of g is
    kept.
    lr: in units of theta, about one move of z per coordinate; packages begin with 0.0025.
    weight_decay: decoupled, and of the point where the gradient is read.
    Source: Defazio et al. 2024, algorithm 1. arXiv:2405.15682. As AdamWScheduleFree of the authors'
    package in eval mode; the paper's runs corrected lr for v's start at zero, and with it lr_max.
    """
    z = theta if z is None else z
    y = (1 - beta1) * z + beta1 * theta
    g = surface.grad(y)
    t = t + 1
    v = beta2 * v + (1 - beta2) * g * g
    v_hat = v / (1 - beta2**t)
    z = z - lr * (g / (np.sqrt(v_hat) + eps) + weight_decay * y)
    lr_max = np.maximum(lr_max, lr, dtype=z.dtype)
    weights = weights + lr_max * lr_max
    share = lr_max * lr_max / np.maximum(weights, 1e-30)
    theta = (1 - share) * theta + share * z
    return theta, t, z, v, lr_max, weights
