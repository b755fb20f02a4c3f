"""Steps that look for flat ground: they descend the loss of the worst point near by.

Every theta is (..., D): coordinates last, any batch of points in front. lr is in units of theta
squared per loss, as in gradient descent. Each move costs two gradients.
"""

import numpy as np


def sam(surface, theta, *, lr=0.05, rho=0.05):
    """Read the gradient at the point rho uphill, and step from theta against that gradient.

    theta: (..., D). lr: in units of theta squared per loss, as in gradient descent.
    rho: how far uphill, in units of theta, however steep it is. The climb is along the gradient
    over its norm, over all coordinates (all layers of a network), for each run of a grid by itself.
    The inner step is gradient descent; the view sharpness_aware gives any other step this gradient.
    Source: Foret, Kleiner, Mobahi & Neyshabur 2021, ICLR. arXiv:2010.01412. torch has none.
    """
    g = surface.grad(theta)
    climb = rho * g / (norm(g) + 1e-12)  # the tiny term keeps a flat point from dividing by zero
    return theta - lr * surface.grad(theta + climb)


def sam_momentum(surface, theta, velocity=0.0, *, lr=0.05, rho=0.05, beta=0.9):
    """Add the gradient that is read rho uphill to a velocity, and move along that.

    theta: (..., D). velocity: (..., D), a sum, as in momentum; it does not enter the climb.
    lr: in units of theta squared per loss. rho: in units of theta, as in sam. The same as momentum
    on the view sharpness_aware, but both gradients of a step are counted, and rho may be an array.
    Source: Foret, Kleiner, Mobahi & Neyshabur 2021, ICLR. arXiv:2010.01412. torch has none.
    """
    g = surface.grad(theta)
    climb = rho * g / (norm(g) + 1e-12)
    velocity = beta * velocity + surface.grad(theta + climb)
    return theta - lr * velocity, velocity


def adaptive_sam(surface, theta, *, lr=0.05, rho=0.5):
    """As sam, but climb further along large coordinates, so that rescaled weights climb alike.

    theta: (..., D). lr: in units of theta squared per loss.
    rho: the length of the climb where each coordinate is measured in units of its own size; about
    10 times the rho of sam. A coordinate at 0 does not climb: the authors' code adds 0.01 to the
    size of a weight, and leaves the biases to climb as in sam.
    Source: Kwon, Kim, Park & Choi 2021, ICML. arXiv:2102.11600. torch has none.
    """
    size = np.abs(theta)
    g = size * surface.grad(theta)
    climb = rho * size * g / (norm(g) + 1e-12)
    return theta - lr * surface.grad(theta + climb)


def norm(g):
    """The length of each run's vector: (..., D) -> (..., 1)."""
    return np.sqrt((g * g).sum(-1, keepdims=True))
