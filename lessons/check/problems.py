"""The surfaces on which a learner's step is compared with the reference."""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.surfaces import (
    Surface,
    gaussian_fit,
    matrix_problem,
    rosenbrock,
    softmax_regression,
)
from lessons.views import scaled

FLAT = "a bowl with a flat direction"


@lru_cache(maxsize=1)
def grounds():
    """The vectors, on which every step can walk, and the models, for rules that ask for more."""
    vectors = (
        bowl("a tilted bowl", [[2.0, 0.8], [0.8, 0.7]], (0.7, -0.4)),
        replace(scaled(rosenbrock(), 0.002), name="Rosenbrock's valley", start=(-0.6, 1.0)),
        bowl(FLAT, np.diag([4.0, 1.0, 0.0]), (1.0, -1.0, 0.0)),
        layer(),
    )
    models = (
        replace(gaussian_fit(), name="a Gaussian fit"),
        replace(softmax_regression(), name="softmax regression"),
        replace(matrix_problem(condition=9.0), name="a matrix problem"),
        replace(matrix_problem(2, 4, condition=9.0), name="a wide matrix"),
        replace(matrix_problem(1, 3, condition=9.0), name="a matrix of one row"),
    )
    return vectors, models


def bowl(name, H, centre, **more):
    """A quadratic that is neither level with the axes nor centred at 0."""
    H = np.asarray(H, float)

    def grad(theta):
        return (theta - centre) @ H

    return Surface(
        name,
        loss=lambda theta: ((theta - centre) * grad(theta)).sum(-1) / 2,
        grad=grad,
        hess=lambda theta: np.broadcast_to(H, (*np.shape(theta), len(centre))),
        window=None,
        start=tuple(np.add(centre, np.resize((-1.0, 1.5, 0.5), len(centre)))),
        minima=(centre,),
        **more,
    )


def layer():
    """A linear layer, 2 in and 3 out, with its bias: two blocks, and one loss that joins them."""
    A = np.array([[1.0, 0.3, 0.2], [0.3, 0.8, -0.4], [0.2, -0.4, 1.0]])  # x x^T, with x = (x, 1)
    S = np.array([[1.0, 0.4, 0.0], [0.4, 0.6, 0.1], [0.0, 0.1, 0.3]])
    order = [0, 1, 3, 4, 6, 7, 2, 5, 8]  # the weights row by row, then the bias
    H = np.kron(S, A)[np.ix_(order, order)]
    return bowl(
        "a layer with a bias",
        H,
        tuple(np.linspace(-0.8, 1.2, 9)),
        shape=((3, 2), (3,)),
        fisher=lambda theta: np.broadcast_to(H, (*np.shape(theta), 9)),
        factors=lambda theta: [(A, S)],
    )
