"""SOAP: its walk in torch, its basis, and what makes it Adam."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.linalg import polar
from support.truth.kronecker import soap as truth

from lessons.descend import descend
from lessons.steps import adam
from lessons.steps.kronecker import soap
from lessons.surfaces import matrix_problem, ravine, rosenbrock
from lessons.views import noisy, rotated, scaled

GROUNDS = {
    "matrix": matrix_problem(),
    "wide": matrix_problem(2, 3),
    "quadratic": rotated(ravine(condition=20), 30),
    "rosenbrock": scaled(rosenbrock(), 0.002),
}


@pytest.mark.parametrize("eps, sigma", [(1e-8, 0.5), (1e-2, 0.5), (1e-2, 0.0)])
@pytest.mark.parametrize("ground", GROUNDS)
def test_soap_equals_its_walk_in_torch(ground, eps, sigma):
    surface = GROUNDS[ground]
    surface = noisy(surface, sigma) if sigma else surface
    lrs = [0.1 * (1 + 0.5 * np.sin(t)) for t in range(1, 51)]
    knobs = {"beta1": 0.9, "beta2": 0.97, "eps": eps}
    for start in surface.start + np.random.default_rng(1).normal(0, 0.3, (3, surface.dim)):
        run = descend(surface, soap, start, steps=50, lr=lambda t, _: lrs[t - 1], **knobs)
        known = truth(surface, start, lrs, **knobs)
        np.testing.assert_allclose(run.theta, known, rtol=1e-10, atol=1e-10)


def test_basis_stays_orthogonal_and_sorted():
    run = descend(noisy(matrix_problem(), 0.5), soap, steps=100)
    for name, average in (("P", "L"), ("Q", "R")):
        bases, averages = np.array(run.state[name]), np.array(run.state[average])
        n = bases.shape[-1]
        np.testing.assert_allclose(bases.mT @ bases, np.broadcast_to(np.eye(n), bases.shape),
                                   rtol=0, atol=1e-13)
        inside = bases.mT @ averages @ bases  # diagonal, if the averages did not move on
        values = np.diagonal(inside, axis1=-2, axis2=-1)
        size = np.sqrt((averages**2).sum((-2, -1)))
        off = np.sqrt(((inside - values[..., None] * np.eye(n)) ** 2).sum((-2, -1)))
        assert np.quantile(off / size, 0.9) < 0.1
        assert np.quantile(np.diff(values).max(-1) / size, 0.9) < 0.01


def test_a_basis_is_turned_once_a_period_and_its_averages_in_every_step():
    every, each_third = (descend(noisy(matrix_problem(), 0.5), soap, steps=9, period=period)
                         for period in (1, 3))
    for run, turns in ((every, 9), (each_third, 3)):
        bases, averages = np.array(run.state["P"]), np.array(run.state["L"])
        assert sum((a != b).any() for a, b in zip(bases, bases[1:])) == turns - 1
        assert all((a != b).any() for a, b in zip(averages, averages[1:]))


def test_basis_is_exact_where_the_gradient_stays():
    G = np.random.default_rng(0).normal(size=12)
    surface = replace(matrix_problem(), grad=lambda theta: G + 0 * theta)
    run, W = descend(surface, soap, steps=30, beta2=0.9), G.reshape(4, 3)
    np.testing.assert_allclose(run.state["L"][-1], (1 - 0.9**30) * W @ W.T, atol=1e-12)
    np.testing.assert_allclose(run.state["R"][-1], (1 - 0.9**30) * W.T @ W, atol=1e-12)
    for name, average in (("P", "L"), ("Q", "R")):
        for basis, total in zip(run.state[name], run.state[average]):
            values, vectors = np.linalg.eigh(total)
            overlap = np.abs(vectors[:, ::-1].T @ basis)
            np.testing.assert_allclose(overlap, np.eye(len(values)), atol=1e-7)


def diagonal_problem():
    """A matrix whose gradient is always diagonal; what is largest in it changes on the way."""
    curvatures, start = np.diag([4.0, 1.0, 0.3]), np.diag([2.0, 6.0, 16.0])
    return replace(
        matrix_problem(3, 3), grad=lambda theta: theta * curvatures.ravel(), start=start.ravel()
    )


def test_axes_as_basis_make_it_adam_one_step_late():
    surface = diagonal_problem()
    knobs = {"lr": 0.3, "beta1": 0.8, "beta2": 0.9, "eps": 1e-2}
    late, usual = (descend(surface, step, steps=40, **knobs) for step in (soap, adam))
    np.testing.assert_allclose(late.theta[1:], usual.theta[:-1], rtol=1e-12, atol=1e-12)
    orders = {tuple(np.abs(P).argmax(0)) for P in late.state["P"]}
    assert len(orders) > 1  # eigenvalues crossed, and v went along


def test_first_step_stays_and_the_same_gradient_again_makes_the_polar_factor():
    surface = matrix_problem()
    run = descend(surface, soap, steps=2, lr=0.1)
    assert np.array_equal(run.theta[0], run.theta[1])
    factor = polar(surface.grad(run.theta[0]).reshape(4, 3))[0].ravel()
    # the gradient is diagonal in its own basis but for rounding, 1e-14, which is divided by eps
    np.testing.assert_allclose(run.theta[0] - run.theta[2], 0.1 * factor, atol=1e-5)


def test_adam_is_worse_where_the_axes_say_nothing():
    surface = matrix_problem(6, 6, condition=1e4)
    lrs, knobs = np.geomspace(0.01, 2, 24)[:, None], {"beta1": 0.9, "beta2": 0.95}
    last = {step: descend(surface, step, steps=100, lr=lrs, **knobs).loss[-1].min()
            for step in (soap, adam)}
    assert last[soap] < 0.1 * last[adam]
