"""The landscapes that are models: Fisher matrices, Kronecker factors, and what they stand for."""

import numpy as np
import pytest
import torch
from torch.distributions import Categorical, Normal, kl_divergence

from lessons.surfaces import gaussian_fit, matrix_problem, quadratic, softmax_regression

SIGMA = {"sigma": lambda s: s, "log sigma": torch.exp, "precision": lambda s: s**-0.5}


@pytest.mark.parametrize("coordinates", SIGMA)
def test_gaussian_fit_is_the_kl_divergence_in_torch(coordinates):
    surface = gaussian_fit(coordinates)
    low, high = np.transpose(surface.window)
    for theta in np.random.default_rng(0).uniform(low, high, (20, 2)):
        tensor = torch.tensor(theta, requires_grad=True)
        model = Normal(tensor[0], SIGMA[coordinates](tensor[1]))
        loss = kl_divergence(Normal(torch.tensor(1.0, dtype=float), 1.0), model)
        np.testing.assert_allclose(surface.loss(theta), loss.item(), rtol=1e-12, atol=1e-15)
        (g,) = torch.autograd.grad(loss, tensor)
        np.testing.assert_allclose(surface.grad(theta), g, rtol=1e-11, atol=1e-13)


@pytest.mark.parametrize("coordinates", SIGMA)
def test_fisher_of_the_gaussian_is_the_mean_square_of_the_score(coordinates):
    surface = gaussian_fit(coordinates)
    nodes, weights = np.polynomial.hermite_e.hermegauss(20)  # exact means over a Gaussian
    for theta in (surface.start, (0.3, 0.8), surface.minima[0]):
        tensor = torch.tensor(theta, dtype=float)

        def log_likelihood(theta, x):
            return Normal(theta[0], SIGMA[coordinates](theta[1])).log_prob(x)

        sigma = SIGMA[coordinates](tensor[1])
        scores = torch.stack([
            torch.func.grad(log_likelihood)(tensor, tensor[0] + sigma * float(x)) for x in nodes
        ]).numpy()
        known = np.einsum("n,ni,nj->ij", weights / weights.sum(), scores, scores)
        np.testing.assert_allclose(surface.fisher(np.array(theta)), known, rtol=1e-10, atol=1e-10)


def test_the_start_is_the_same_gaussian_in_all_coordinates():
    losses = [gaussian_fit(c).loss(np.array(gaussian_fit(c).start)) for c in SIGMA]
    np.testing.assert_allclose(losses, losses[0], rtol=1e-14)
    with pytest.raises(ValueError, match="one of sigma, log sigma, precision; got 'tau'"):
        gaussian_fit("tau")


@pytest.mark.parametrize("surface", [matrix_problem(), matrix_problem(2, 5, 9.0, seed=4)])
def test_matrix_problem_is_least_squares_between_two_matrices(surface):
    H = surface.hess(np.array(surface.start))
    curvatures = np.linalg.eigvalsh(H)
    condition = 9.0 if surface.shape == (2, 5) else 100.0
    np.testing.assert_allclose([curvatures[0], curvatures[-1]], [1, condition], rtol=1e-12)
    theta = np.random.default_rng(1).normal(size=surface.dim)
    away = theta - surface.minima[0]
    np.testing.assert_allclose(surface.loss(theta), away @ H @ away / 2, rtol=1e-12)
    assert np.abs(H - np.diag(np.diag(H))).max() > 1  # the axes are nothing special


@pytest.mark.parametrize("surface", [matrix_problem(), matrix_problem(2, 5), softmax_regression()])
def test_kronecker_factors_have_the_layers_shapes(surface):
    theta = np.random.default_rng(0).normal(size=(2, 3, surface.dim))
    (A, S), = surface.factors(theta)
    rows, columns = surface.shape
    assert A.shape[-2:] == (columns, columns) and S.shape[-2:] == (rows, rows)
    for point in theta.reshape(-1, surface.dim):
        (A_one, S_one), = surface.factors(point)
        np.testing.assert_allclose(np.broadcast_to(A, (2, 3, *A_one.shape))[0, 0], A_one)


def test_kronecker_factors_of_the_matrix_problem_are_exact():
    surface = matrix_problem(2, 5)
    theta = np.array(surface.start)
    (A, S), = surface.factors(theta)
    np.testing.assert_allclose(np.kron(S, A), surface.fisher(theta), rtol=1e-13)


def test_factors_and_fisher_of_softmax_regression_are_means_over_the_model():
    surface, theta = softmax_regression(), np.random.default_rng(2).normal(size=9)
    rng = np.random.default_rng(0)
    X = np.hstack([rng.normal(size=(30, 2)), np.ones((30, 1))])
    W = torch.tensor(theta, requires_grad=True)
    F, A, S = np.zeros((9, 9)), np.zeros((3, 3)), np.zeros((3, 3))
    for x in X:
        scores = W.reshape(3, 3) @ torch.tensor(x)
        for label in range(3):
            chance = scores.softmax(-1)[label].item()
            (g,) = torch.autograd.grad(-scores.log_softmax(-1)[label], W, retain_graph=True)
            F += chance * np.outer(g, g) / 30
            back = scores.softmax(-1).detach().numpy() - np.eye(3)[label]
            S += chance * np.outer(back, back) / 30
        A += np.outer(x, x) / 30
    np.testing.assert_allclose(surface.fisher(theta), F, atol=1e-15)
    (known_A, known_S), = surface.factors(theta)
    np.testing.assert_allclose(known_A, A, rtol=1e-13)
    np.testing.assert_allclose(known_S, S, atol=1e-15)


def test_softmax_regression_is_the_mean_kl_from_the_true_chances():
    surface, theta = softmax_regression(), np.random.default_rng(3).normal(size=9)
    rng = np.random.default_rng(0)
    X = torch.tensor(np.hstack([rng.normal(size=(30, 2)), np.ones((30, 1))]))
    truth, model = (Categorical(logits=X @ torch.tensor(W).reshape(3, 3).T)
                    for W in (surface.minima[0], theta))
    known = kl_divergence(truth, model).mean()
    np.testing.assert_allclose(surface.loss(theta), known, rtol=1e-12)


def test_quadratic_has_the_curvatures_asked_for_off_the_axes_and_the_origin():
    surface = quadratic((1, 2, 50), seed=5)
    H = surface.hess(np.zeros(3))
    np.testing.assert_allclose(np.linalg.eigvalsh(H), [1, 2, 50], rtol=1e-12)
    assert np.abs(H[np.triu_indices(3, 1)]).min() > 0.1
    assert np.abs(surface.minima[0]).min() > 0.01
    assert (quadratic(seed=1).hess(np.zeros(5)) != quadratic(seed=2).hess(np.zeros(5))).any()
