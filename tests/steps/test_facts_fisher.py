"""Exact facts of the steps that measure by the model: Fisher matrices and Kronecker factors.

1e-12 stands for rounding only.
"""

from dataclasses import replace
from math import log

import numpy as np
import pytest
import torch
from test_facts_curvature import SHEAR, SHIFT, through

from lessons.descend import descend
from lessons.steps import kfac, natural_gradient, shampoo
from lessons.surfaces import gaussian_fit, matrix_problem, parabola, softmax_regression

# Fisher and the natural gradient


def gaussian_kl(mu, sigma, mu2, sigma2):
    """KL(N(mu, sigma) || N(mu2, sigma2)) in nats."""
    return log(sigma2 / sigma) + (sigma**2 + (mu - mu2) ** 2) / (2 * sigma2**2) - 0.5


@pytest.mark.parametrize("theta", [(0.3, 0.6), (-2.0, 1.0), (1.0, 2.5)])
def test_the_fisher_matrix_of_a_gaussian(theta):
    found = gaussian_fit().fisher(np.array(theta))
    np.testing.assert_allclose(found, np.diag([1, 2]) / theta[1] ** 2, rtol=1e-12, atol=1e-12)


def test_the_fisher_matrix_of_softmax_regression_is_the_hessian_of_its_cross_entropy():
    surface = softmax_regression(seed=3)
    draws = np.random.default_rng(3)  # the same 30 points as the surface's: see `factors`
    X = torch.tensor(np.hstack([draws.normal(size=(30, 2)), np.ones((30, 1))]))
    np.testing.assert_allclose(X.T @ X / 30, surface.factors(np.zeros(9))[0][0], rtol=1e-12)
    theta = torch.tensor(np.random.default_rng(1).normal(size=9))
    labels = torch.arange(30) % 3

    def log_chances(theta):
        return torch.log_softmax(X @ theta.reshape(3, 3).T, 1)

    scores = torch.autograd.functional.jacobian(log_chances, theta)  # (30, 3 labels, 9)
    fisher = torch.einsum("nc,nci,ncj->ij", log_chances(theta).exp(), scores, scores) / 30
    hessian = torch.autograd.functional.hessian(
        lambda theta: -log_chances(theta)[range(30), labels].mean(), theta)
    np.testing.assert_allclose(fisher, hessian, rtol=1e-12, atol=1e-12)
    for ours in (surface.fisher, surface.hess):
        np.testing.assert_allclose(ours(theta.numpy()), hessian, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("theta", [(0.3, 0.6), (1.0, 2.5)])
def test_the_kl_divergence_of_a_small_move_is_half_its_square_in_fishers_measure(theta):
    F, direction = gaussian_fit().fisher(np.array(theta)), np.array([0.3, -0.2])
    sizes = [0.02, 0.01, 0.005]
    moves = [size * direction for size in sizes]
    left = [gaussian_kl(*theta, *(theta + d)) - d @ F @ d / 2 for d in moves]
    np.testing.assert_allclose(np.divide(left[:-1], left[1:]), 8, rtol=0.05)  # O(d^3)
    assert abs(left[-1]) < 0.01 * (moves[-1] @ F @ moves[-1] / 2)


@pytest.mark.parametrize("coordinates", ["sigma", "log sigma", "precision"])
def test_fisher_is_the_hessian_of_the_kl_where_the_parameters_coincide(coordinates):
    surface = gaussian_fit(coordinates)  # its loss is the KL divergence from the data's Gaussian
    there, elsewhere = np.array(surface.minima[0]), np.array(surface.start)
    np.testing.assert_allclose(surface.hess(there), surface.fisher(there), rtol=1e-12, atol=1e-12)
    assert abs(surface.hess(elsewhere) - surface.fisher(elsewhere)).max() > 0.1


def test_the_natural_gradient_walks_the_same_way_in_any_affine_coordinates():
    surface = gaussian_fit()
    other, theta = through(surface, SHEAR, SHIFT)
    for lr in (0.3, 1.0):
        runs = [descend(s, natural_gradient, steps=10, lr=lr, damping=0.0)
                for s in (surface, other)]
        np.testing.assert_allclose(theta(runs[1].theta), runs[0].theta, rtol=1e-12, atol=1e-12)
    runs = [descend(s, natural_gradient, steps=10, lr=0.3, damping=0.1) for s in (surface, other)]
    assert abs(theta(runs[1].theta) - runs[0].theta).max() > 1e-2  # damping breaks it


@pytest.mark.parametrize(
    "coordinates, sigma, back",
    [("log sigma", np.exp, np.log), ("precision", lambda s: s**-0.5, lambda s: s**-2.0)],
)
def test_in_curved_coordinates_the_natural_gradient_parts_by_lr_squared_a_step(
        coordinates, sigma, back):
    def apart(start, lr):
        """After one step from (mu, sigma), in the coordinates mu and sigma."""
        plain = natural_gradient(gaussian_fit(), np.array(start), lr=lr, damping=0.0)
        there = np.array([start[0], back(start[1])])
        mu, s = natural_gradient(gaussian_fit(coordinates), there, lr=lr, damping=0.0)
        return abs(plain - [mu, sigma(s)]).max()

    for start in [(-1.5, 0.6), (1.0, 1.2)]:
        gaps = [apart(start, lr) for lr in (1e-3, 1e-4, 1e-5)]
        np.testing.assert_allclose(np.divide(gaps[:-1], gaps[1:]), 100, rtol=0.05)
    if coordinates == "log sigma":  # by hand, at mu = 1: half of sigma (lr u)^2, u the move of log
        u = (1 - 1.2**-2) / 2
        for lr in 0.01, 0.001:
            assert apart((1.0, 1.2), lr) == pytest.approx(1.2 * (lr * u) ** 2 / 2, rel=0.01)
            assert apart((1.0, 1.2), lr) == pytest.approx(0.014 * lr**2, rel=0.01)  # 1.4e-6 at .01


# Kronecker factors


def linear_layer(X, Y):
    """The squared loss of Y = W X over the columns of X; W is what matrix_problem calls theta."""
    shape, count = (len(Y), len(X)), X.shape[1]

    def error(theta):
        return np.reshape(theta, shape) @ X - Y

    return replace(
        matrix_problem(), shape=shape, start=(0.0,) * (shape[0] * shape[1]), minima=(), hess=None,
        fisher=None, loss=lambda theta: (error(theta) ** 2).sum() / (2 * count),
        grad=lambda theta: (error(theta) @ X.T / count).ravel(),
        factors=lambda theta: [(X @ X.T / count, np.eye(len(Y)))],
    )


def test_kfac_with_lr_1_solves_the_least_squares_of_a_linear_layer_in_one_step():
    rng = np.random.default_rng(2)
    X, Y = np.vstack([rng.normal(size=(3, 50)), np.ones((1, 50))]), rng.normal(size=(2, 50))
    theta = kfac(linear_layer(X, Y), rng.normal(size=8), lr=1.0, damping=0.0)
    known = np.linalg.lstsq(X.T, Y.T, rcond=None)[0].T
    np.testing.assert_allclose(theta.reshape(2, 4), known, rtol=1e-10, atol=1e-10)

    run = descend(matrix_problem(), kfac, steps=1, lr=1.0, damping=0.0)
    np.testing.assert_allclose(run.theta[1], matrix_problem().minima[0], rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("rows, columns", [(3, 3), (4, 3), (2, 5)])
def test_the_first_step_of_shampoo_without_eps_is_the_polar_factor_of_the_gradient(rows, columns):
    surface = matrix_problem(rows, columns)
    G = surface.grad(np.array(surface.start)).reshape(rows, columns)
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    run = descend(surface, shampoo, steps=1, lr=0.5, eps=1e-10)
    # eps shortens it by eps / (2 s^2), s a singular value of G, here above 1
    np.testing.assert_allclose(run.theta[1].reshape(rows, columns), -0.5 * U @ Vt, atol=1e-9)


@pytest.mark.parametrize("shape", [(1, 1), None], ids=["matrix", "vector"])
def test_shampoo_on_a_single_number_is_adagrad_with_eps_inside_the_root(shape):
    surface, eps = replace(parabola(curvature=3.0), shape=shape), 1e-2
    run = descend(surface, shampoo, steps=30, lr=0.4, eps=eps)
    theta, s = np.array(surface.start), 0.0
    for found in run.theta:
        np.testing.assert_allclose(found, theta, rtol=1e-9, atol=1e-9)
        g = surface.grad(theta)
        s = s + g**2
        theta = theta - 0.4 * g / np.sqrt(s + eps)
