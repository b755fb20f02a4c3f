"""Natural gradient and KL steps, on Gaussians, where everything has a closed form."""

from dataclasses import replace

import numpy as np
import pytest
from support.truth.second_order import TRUTHS

from lessons.descend import descend
from lessons.steps.natural import kl_step, natural_gradient
from lessons.surfaces import gaussian_fit, softmax_regression

COORDINATES = ("sigma", "log sigma", "precision")
TO_SIGMA = {"sigma": lambda s: s, "log sigma": np.exp, "precision": lambda s: s**-0.5}


def mapped(surface, A, b):
    """The surface in the coordinates phi, theta = A phi + b."""
    def at(phi):
        return phi @ A.T + b

    return replace(
        surface,
        loss=lambda phi: surface.loss(at(phi)),
        grad=lambda phi: surface.grad(at(phi)) @ A,
        hess=lambda phi: A.T @ surface.hess(at(phi)) @ A,
        fisher=lambda phi: A.T @ surface.fisher(at(phi)) @ A,
        start=tuple(np.linalg.solve(A, surface.start - b)),
    )


def gaussian(theta, coordinates):
    """(mu, sigma) of a point."""
    return np.stack([theta[..., 0], TO_SIGMA[coordinates](theta[..., 1])], -1)


def divergence(before, after):
    """KL(before || after) of two Gaussians (mu, sigma)."""
    (m, s), (n, t) = np.moveaxis(before, -1, 0), np.moveaxis(after, -1, 0)
    return np.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - 0.5


@pytest.mark.parametrize("step", [natural_gradient, kl_step])
@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("damping, unnoticed", [(0.0, True), (0.1, False)])
def test_an_affine_map_is_not_noticed_unless_it_is_damped(step, coordinates, damping, unnoticed):
    surface = gaussian_fit(coordinates)
    A, b = np.array([[2.0, 0.3], [-0.5, 0.2]]), np.array([0.4, 1.0])
    knobs = {"damping": damping} | ({"lr": 0.02} if step is natural_gradient else {})
    run = descend(surface, step, steps=20, **knobs)
    other = descend(mapped(surface, A, b), step, steps=20, **knobs)
    assert np.allclose(run.theta, other.theta @ A.T + b, rtol=1e-11, atol=1e-11) == unnoticed


def test_another_map_is_noticed_by_lr_squared_a_step():
    apart = []
    for lr in (1e-3, 1e-4):
        ends = [gaussian(descend(gaussian_fit(c), natural_gradient, steps=1, lr=lr).theta[1], c)
                for c in COORDINATES]
        apart.append([np.abs(end - ends[0]).max() for end in ends[1:]])
    np.testing.assert_allclose(np.divide(*apart), 100, rtol=0.1)


def test_the_natural_gradient_of_a_mean_does_not_depend_on_sigma():
    run = descend(gaussian_fit("log sigma"), natural_gradient, steps=30, lr=0.2)
    np.testing.assert_allclose(run.theta[:, 0] - 1, -2.5 * 0.8 ** np.arange(31), rtol=1e-12)


@pytest.mark.parametrize("coordinates", COORDINATES)
@pytest.mark.parametrize("damping", [0.0, 0.05])
def test_each_equals_its_truth_on_a_gaussian(coordinates, damping):
    surface, lrs = gaussian_fit(coordinates), 0.02 * (1 + 0.5 * np.sin(np.arange(1, 31)))
    for step, own in ((natural_gradient, {"lr": lambda t, total: lrs[t - 1]}),
                      (kl_step, {"delta": 0.002})):
        run = descend(surface, step, steps=30, damping=damping, **own)
        own.pop("lr", None)
        expected = TRUTHS[step.__name__](surface, surface.start, lrs, damping=damping, **own)
        np.testing.assert_allclose(run.theta, expected, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("coordinates", COORDINATES)
def test_a_kl_step_changes_the_predictions_by_delta(coordinates):
    surface, off = gaussian_fit(coordinates), []
    for delta in (4e-4, 1e-4, 2.5e-5):
        path = gaussian(descend(surface, kl_step, steps=1, delta=delta).theta, coordinates)
        off.append(abs(divergence(path[0], path[1]) - delta))
        assert off[-1] < 0.1 * delta
    np.testing.assert_allclose(np.divide(off[:-1], off[1:]), 8, rtol=0.15)  # d^3: a half each time


def test_a_kl_step_of_a_mean_alone_is_exact():
    surface = replace(gaussian_fit(), grad=lambda theta: (theta - 1) * [1, 0])
    path = descend(surface, kl_step, steps=10, delta=0.02).theta
    np.testing.assert_allclose(divergence(path[:-1], path[1:]), 0.02, rtol=1e-12)


def test_with_damping_a_kl_step_changes_less():
    path = descend(gaussian_fit(), kl_step, steps=5, delta=1e-6, damping=1.0).theta
    assert (divergence(path[:-1], path[1:]) < 0.9e-6).all()


def test_a_kl_step_without_a_gradient_stays():
    surface = gaussian_fit()
    assert np.array_equal(kl_step(surface, np.array([1.0, 1.0])), [1.0, 1.0])


def test_damping_serves_a_singular_fisher_matrix():
    surface = softmax_regression()
    run = descend(surface, natural_gradient, steps=50, lr=0.5, damping=1e-3)
    assert run.loss[-1] < 1e-6
    rows = run.theta[-1].reshape(3, 3)
    np.testing.assert_allclose(rows.sum(0), 0, atol=1e-10)  # no move along what changes nothing
