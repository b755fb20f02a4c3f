"""Every rule where there is no gradient, or no curvature, or one that is negative: never a nan."""

from dataclasses import replace

import numpy as np
import pytest

from lessons import steps
from lessons.descend import descend
from lessons.knobs import KNOBS
from lessons.networks import digits_mlp, digits_softmax
from lessons.signature import signature_of
from lessons.steps import kfac, kl_step, natural_gradient, newton, saddle_free_newton, shampoo
from lessons.steps.kronecker import inverse_root
from lessons.steps.second_order import solve, times
from lessons.surfaces import Surface, quadratic, softmax_regression


def bent(name, H, start, shape=(3, 1)):
    """theta . H theta / 2. Its Fisher matrix and its Kronecker factor are H where that is positive;
    both are means of squares, so H H takes its place where it is not.
    """
    H = np.asarray(H, float)
    F = H if (np.linalg.eigvalsh(H) > -1e-12).all() else H @ H

    def grad(theta):
        return times(H, theta)

    def everywhere(matrix):
        return lambda theta: np.broadcast_to(matrix, (*np.shape(theta), len(H))).copy()

    return Surface(
        name, loss=lambda theta: (theta * grad(theta)).sum(-1) / 2, grad=grad, hess=everywhere(H),
        window=None, start=start, minima=(), shape=shape, fisher=everywhere(F),
        factors=lambda theta: [(np.ones((*np.shape(theta)[:-1], 1, 1)), everywhere(F)(theta))],
    )


ROOM = np.linalg.qr(np.random.default_rng(0).normal(size=(3, 3)))[0]
GROUNDS = [
    bent("no gradient", np.diag([3.0, 2.0, 1.0]), (0.0, 0.0, 0.0)),
    bent("a gradient in one coordinate", np.diag([3.0, 2.0, 1.0]), (0.0, 0.0, 1.0)),
    bent("flat along an axis", np.diag([3.0, 0.0, 1.0]), (1.0, 1.0, 1.0)),
    bent("flat across the axes", ROOM @ np.diag([3.0, 0.0, 1.0]) @ ROOM.T, (1.0, 1.0, 1.0)),
    bent("rank one", np.ones((3, 3)), (1.0, 2.0, -0.5)),
    bent("plain", np.zeros((3, 3)), (1.0, 2.0, -0.5)),
    bent("indefinite", np.diag([3.0, -2.0, 0.0]), (1.0, 1.0, 1.0)),
    bent("hill", -np.diag([3.0, 2.0, 1.0]), (1.0, 1.0, 1.0)),
]


def ends_of_the_slider(name):
    """The usual knobs, then each knob in turn at the low end of its slider."""
    usual = signature_of(getattr(steps, name))[1]
    return [{}] + [{knob: KNOBS[knob].low} for knob in usual]


@pytest.mark.parametrize("ground", GROUNDS, ids=lambda ground: ground.name)
@pytest.mark.parametrize("name", steps.__all__)
def test_no_step_turns_into_nan_on_flat_ground(name, ground):
    step = getattr(steps, name)
    for knobs in ends_of_the_slider(name):
        run = descend(ground, step, steps=3, **knobs)
        assert np.isfinite(run.theta).all(), knobs
        grid = descend(ground, step, np.tile(ground.start, (2, 1)), steps=3, **knobs)
        assert np.array_equal(grid.theta[:, 0], run.theta), knobs


@pytest.mark.parametrize("name", steps.__all__)
def test_without_a_gradient_every_rule_stays(name):
    for knobs in ends_of_the_slider(name):
        assert not descend(GROUNDS[0], getattr(steps, name), steps=3, **knobs).theta.any(), knobs


# What the docstrings promise: theta stays along a direction that does not curve


@pytest.mark.parametrize("step", [newton, natural_gradient, saddle_free_newton])
@pytest.mark.parametrize("axes", [np.eye(3), ROOM])
def test_without_damping_the_jump_is_the_pseudo_inverses(step, axes):
    H = axes @ np.diag([3.0, 0.0, 1.0]) @ axes.T
    push = np.array([1.0, -2.0, 0.5])  # it pushes along the flat direction as well
    ground = replace(bent("pushed", H, (0.3, 0.4, 0.5)), grad=lambda theta: theta @ H + push)
    theta = np.array(ground.start)
    moved = step(ground, theta, lr=1.0, damping=0.0) - theta
    np.testing.assert_allclose(moved, -np.linalg.pinv(H) @ ground.grad(theta), atol=1e-12)
    assert abs(moved @ axes[:, 1]) < 1e-12


def test_a_kfac_move_without_damping_is_that_of_the_pseudo_inverses():
    rng = np.random.default_rng(1)
    A, S = (X @ X.T for X in (rng.normal(size=(3, 2)), rng.normal(size=(4, 1))))
    G = rng.normal(size=(4, 3))
    surface = replace(
        bent("layer", np.eye(12), (0.0,) * 12, (4, 3)), grad=lambda theta: G.ravel(),
        factors=lambda theta: [(A, S)],
    )
    moved = kfac(surface, np.zeros(12), lr=1.0, damping=0.0)
    known = -np.linalg.pinv(S) @ G @ np.linalg.pinv(A)
    np.testing.assert_allclose(moved.reshape(4, 3), known, rtol=1e-8, atol=1e-10)


def test_a_kl_step_changes_the_predictions_by_delta_where_the_matrix_is_singular():
    surface = softmax_regression()  # a vector that is added to all rows changes no prediction
    run = descend(surface, kl_step, steps=5, delta=1e-6)
    moves = np.diff(run.theta, axis=0)
    for theta, d in zip(run.theta, moves):
        np.testing.assert_allclose(d @ surface.fisher(theta) @ d / 2, 1e-6, rtol=1e-6)
        assert abs(d.reshape(3, 3).sum(0)).max() < 1e-8  # and theta stays along what changes none
    hill = replace(GROUNDS[-1], fisher=GROUNDS[-1].hess)  # no Fisher matrix, but a learner's
    assert np.array_equal(kl_step(hill, np.array(hill.start)), hill.start)


def test_a_network_is_trained_without_damping():
    softmax = digits_softmax()  # some pixels are always 0, so the Hessian is singular
    run = descend(softmax, newton, steps=1, lr=0.5)
    assert np.isfinite(run.theta).all() and run.loss[1] < run.loss[0]
    mlp = digits_mlp(hidden=(5,), dtype=np.float64, batch=None)
    run = descend(mlp, kfac, steps=2, lr=0.01, damping=0.0)
    assert np.isfinite(run.theta).all() and run.loss[-1] < run.loss[0]


def test_shampoo_without_eps_moves_in_directions_that_had_a_gradient():
    start = (0.0, 0.0, 1.0)
    run = descend(GROUNDS[1], shampoo, start, steps=2, lr=0.1, eps=0.0)
    np.testing.assert_allclose(run.theta[1], [0, 0, 0.9], atol=1e-12)


def test_regular_matrices_are_solved_as_before_and_other_points_go_on():
    H = quadratic((1e-9, 1.0, 1e5)).hess(np.zeros(3))  # badly conditioned is not singular
    g = np.array([1.0, 2.0, 3.0])
    assert np.array_equal(solve(H, g), np.linalg.solve(H, g[:, None])[:, 0])
    both = solve(np.stack([H, np.zeros((3, 3)), np.full((3, 3), np.nan)]), g)
    assert np.array_equal(both[0], solve(H, g)) and not both[1].any() and np.isnan(both[2]).all()
    tiny = solve(np.diag([1.0, 1e-17, 0.0]), g)
    np.testing.assert_allclose(tiny, [1, 0, 0])


def test_roots_with_a_damping_are_as_before():
    A = np.diag([4.0, 0.0])
    np.testing.assert_allclose(inverse_root(A, 2, 0.0), np.diag([0.5, 0.0]))
    np.testing.assert_allclose(inverse_root(A, 2, 1e-6), np.diag([4.000001**-0.5, 1e3]))
