"""Steps that measure a move by how much it changes what the model predicts, not by its length.

The measure is the Fisher matrix F (..., D, D): a small move d changes the predictions by a KL
divergence of d . F d / 2. Its labels are drawn from the *model*; with the data's labels it is the
empirical Fisher, another matrix (Kunstner et al. 2019, arXiv:1905.12558).
"""

import numpy as np

from lessons.steps.second_order import damped, dot, ratio, solve


def natural_gradient(surface, theta, *, lr=0.1, damping=0.0):
    """Step against F^-1 g, which lowers the loss most for a given change of the predictions.

    theta: (..., D); surface.fisher: (..., D, D).
    lr: no unit; near the minimum of a model that fits, F is the Hessian and 1 is Newton's jump.
    A linear change of coordinates does not change the run; a curved one changes it little, if lr is
    small.
    damping: added to the diagonal of F; the coordinates matter again. Without it, `solve` leaves
    theta where it is along a direction in which F has no inverse: no prediction changes along it.
    Source: Amari 1998, doi:10.1162/089976698300017746. torch has none.
    """
    g = surface.grad(theta)
    F = surface.fisher(theta)
    d = solve(damped(F, damping), g)
    return theta - lr * d


def kl_step(surface, theta, *, delta=0.01, damping=0.0):
    """Step against F^-1 g, as far as changes the predictions by delta.

    theta: (..., D); surface.fisher: (..., D, D).
    delta: the KL divergence of a move, in nats, up to terms of its cube; there is no lr, and no
    move gets shorter near a minimum. A point without a gradient stays, and so does one whose F is
    negative along d, which no Fisher matrix is.
    damping: as natural_gradient's; the divergence is then less.
    TRPO makes F^-1 g by CG and shortens the step until loss and divergence agree; here it is taken
    whole. PPO (Schulman et al. 2017) has no such constraint: it clips a ratio and keeps its lr.
    Source: Schulman et al. 2015 (TRPO), appendix C. arXiv:1502.05477. torch has none.
    """
    g = surface.grad(theta)
    d = solve(damped(surface.fisher(theta), damping), g)
    d = np.where(dot(g, d) < 0, 0, d)
    return theta - np.sqrt(ratio(2 * delta, dot(g, d))) * d
