"""Exact facts of the steps that know a curvature: Newton, line search, L-BFGS, trust region.

1e-12 stands for rounding only.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.sparse.linalg import cg

from lessons.descend import descend
from lessons.steps import gradient_descent, lbfgs, line_search, newton, trust_region
from lessons.steps.quasi_newton import two_loop
from lessons.surfaces import gaussian_fit, parabola, quadratic, rosenbrock
from lessons.views import scaled


def through(surface, matrix, shift=0.0):
    """The same landscape in coordinates x, with theta = matrix x + shift."""
    def theta(x):
        return (matrix @ np.asarray(x)[..., None])[..., 0] + shift

    return replace(
        surface, start=tuple(np.linalg.solve(matrix, surface.start - np.asarray(shift))),
        window=None, minima=(),
        loss=lambda x: surface.loss(theta(x)),
        grad=lambda x: (matrix.T @ surface.grad(theta(x))[..., None])[..., 0],
        hess=lambda x: matrix.T @ surface.hess(theta(x)) @ matrix,
        fisher=surface.fisher and (lambda x: matrix.T @ surface.fisher(theta(x)) @ matrix),
    ), theta


def on_a_line(grad, hess, start):
    """A surface of one coordinate; its loss is not asked for."""
    return replace(parabola(), grad=grad, hess=lambda x: hess(x)[..., None], start=start,
                   loss=lambda x: np.abs(x[..., 0]))


SHEAR, SHIFT = np.array([[2.0, 1.5], [0.0, 0.5]]), np.array([0.3, -0.2])


# Newton


def test_newton_solves_a_quadratic_in_one_step():
    run = descend(quadratic(), newton, steps=1)
    np.testing.assert_allclose(run.theta[1], quadratic().minima[0], rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize("surface", [rosenbrock(), gaussian_fit()], ids=lambda s: s.name)
def test_newton_walks_the_same_way_in_any_affine_coordinates(surface):
    other, theta = through(surface, SHEAR, SHIFT)
    runs = [descend(s, newton, steps=4, lr=0.7) for s in (surface, other)]
    np.testing.assert_allclose(theta(runs[1].theta), runs[0].theta, rtol=1e-12, atol=1e-12)
    straight = [descend(s, gradient_descent, steps=4, lr=1e-3) for s in (surface, other)]
    assert abs(theta(straight[1].theta) - straight[0].theta).max() > 1e-3


def test_newton_on_x_minus_log_x_squares_its_error():
    surface = on_a_line(lambda x: 1 - 1 / x, lambda x: 1 / (x * x), start=(0.4,))
    error = 1 - descend(surface, newton, steps=5).theta[:, 0]
    np.testing.assert_allclose(error[1:], error[:-1] ** 2, rtol=0, atol=1e-12)


def test_newton_on_the_fourth_power_keeps_two_thirds_each_step():
    surface = on_a_line(lambda x: 4 * x * x * x, lambda x: 12 * x * x, start=(2.0,))
    x = descend(surface, newton, steps=30).theta[:, 0]
    np.testing.assert_allclose(x[1:] / x[:-1], 2 / 3, rtol=1e-12)


# Line search, L-BFGS, trust region


@pytest.mark.parametrize("c1", [1e-4, 0.3, 0.7])
@pytest.mark.parametrize("curvature", [0.5, 8.0])
def test_armijo_holds_on_a_parabola_up_to_its_limit(c1, curvature):
    limit = 2 * (1 - c1) / curvature
    lrs = limit * np.array([[1 - 1e-9], [1 + 1e-9]])
    run = descend(parabola(curvature), line_search, steps=1, lr=lrs, c1=c1, shrink=0.5)
    taken = (run.theta[0] - run.theta[1]) / (curvature * run.theta[0])
    np.testing.assert_allclose(taken, lrs * [[1.0], [0.5]], rtol=1e-12)


@pytest.mark.parametrize("memory", [1, 2, 10])
def test_lbfgs_with_exact_line_search_takes_the_steps_of_conjugate_gradients(memory):
    surface, lowest = quadratic(), np.array(quadratic().minima[0])
    A, found = surface.hess(lowest), []
    cg(A, A @ lowest, x0=np.array(surface.start), rtol=0, maxiter=5,
       callback=lambda x: found.append(x.copy()))
    theta, state = np.array(surface.start), ()
    for known in found:
        trial = lbfgs(surface, theta, *state, lr=1.0, memory=memory)[0] - theta
        exact = -(surface.grad(theta) @ trial) / (trial @ A @ trial)
        theta, *state = lbfgs(surface, theta, *state, lr=exact, memory=memory)
        np.testing.assert_allclose(theta, known, rtol=1e-8, atol=1e-8)  # CG amplifies rounding
    np.testing.assert_allclose(theta, lowest, rtol=1e-8, atol=1e-8)  # n steps


def test_two_loops_equal_dense_bfgs_and_map_the_last_change_of_gradient_to_its_move():
    rng, A = np.random.default_rng(0), quadratic().hess(np.zeros(5))
    pairs = [(s, A @ s) for s in rng.normal(size=(4, 5))]
    s, y = pairs[-1]
    H = s @ y / (y @ y) * np.eye(5)
    for s, y in pairs:
        V = np.eye(5) - np.outer(y, s) / (y @ s)
        H = V.T @ H @ V + np.outer(s, s) / (y @ s)
    for g in rng.normal(size=(6, 5)):
        np.testing.assert_allclose(two_loop(g, tuple(pairs)), H @ g, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(two_loop(y, tuple(pairs)), s, rtol=1e-12, atol=1e-12)


def test_a_small_radius_of_trust_gives_the_steepest_descent_a_large_one_newton():
    # the smaller the gradient, the more exactly the inner CG solves for Newton's jump
    surface = scaled(quadratic(), 1e-30)
    small, large = (descend(surface, trust_region, steps=1, radius=r).theta[1] for r in (1e-3, 1e3))
    g = quadratic().grad(np.array(surface.start))
    np.testing.assert_allclose(small, -1e-3 * g / np.sqrt(g @ g), rtol=1e-12)
    np.testing.assert_allclose(large, surface.minima[0], rtol=1e-12, atol=1e-12)
