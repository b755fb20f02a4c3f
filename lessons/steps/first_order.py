"""Steps that scale the gradient by one number: gradient descent, and what memory adds to it.

Shapes: coordinates last, any batch of points in front. In all three a loss that is 1000 times
larger wants an lr 1000 times smaller.
"""


def gradient_descent(surface, theta, *, lr=0.05):
    """Step against the gradient; the move is lr times as long as the gradient.

    theta: (..., D).
    lr: in units of theta squared per loss; along curvature L gradient descent
    converges only for lr < 2 / L.
    Source: Cauchy 1847; on noisy gradients it is SGD, Robbins & Monro 1951,
    doi:10.1214/aoms/1177729586. As torch.optim.SGD.
    """
    g = surface.grad(theta)
    return theta - lr * g


def momentum(surface, theta, velocity=0.0, *, lr=0.02, beta=0.9):
    """Roll like a heavy ball: keep the share beta of the velocity and add the new gradient.

    theta, velocity: (..., D).
    velocity: a *sum* of gradients, not an average; its weights 1, beta, beta^2, ... add up to
    1 / (1 - beta) = 10, so that on a steady gradient a step is 10 times gradient descent's.
    lr: in units of theta squared per loss, and outside the sum, so that a change of lr acts on the
    whole velocity at once. Along curvature L momentum converges only for lr < 2 (1 + beta) / L.
    Source: Polyak 1964, doi:10.1016/0041-5553(64)90137-5. As torch.optim.SGD with momentum.
    """
    g = surface.grad(theta)
    velocity = beta * velocity + g
    return theta - lr * velocity, velocity


def nesterov(surface, theta, velocity=0.0, *, lr=0.02, beta=0.9):
    """Roll like momentum, but read the gradient where the velocity is about to carry theta.

    theta, velocity: (..., D). velocity: the same sum of gradients as momentum's.
    theta: the look-ahead point itself. The textbook stores another point, phi, and its last move
    d, and reads the gradient at phi + beta d; at constant lr, phi + beta d is our theta, every
    step.
    lr: in units of theta squared per loss; along curvature L the rule converges only for
    lr < 2 (1 + beta) / (1 + 2 beta) / L.
    Source: Nesterov 1983; Sutskever et al. 2013, https://proceedings.mlr.press/v28/sutskever13.html.
    As torch.optim.SGD with nesterov=True.
    """
    g = surface.grad(theta)
    velocity = beta * velocity + g
    return theta - lr * (g + beta * velocity), velocity
