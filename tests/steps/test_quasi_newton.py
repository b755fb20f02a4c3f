"""L-BFGS and the trust region: against dense BFGS, conjugate gradients, torch and SciPy."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.optimize import minimize
from support.truth.second_order import TRUTHS

from lessons.descend import descend
from lessons.steps import quasi_newton
from lessons.steps.quasi_newton import lbfgs, lbfgs_wolfe, steihaug, trust_region, two_loop
from lessons.steps.second_order import newton, times
from lessons.surfaces import (
    bowl,
    double_well,
    himmelblau,
    matrix_problem,
    parabola,
    quadratic,
    rosenbrock,
    saddle,
)
from lessons.views import scaled


def points(surface, count, spread=1.0):
    return surface.start + np.random.default_rng(1).normal(0, spread, (count, surface.dim))


def random_pairs(count, dim, *batch):
    """Pairs of a convex function, so that every s.y is positive."""
    rng = np.random.default_rng(count)
    root = rng.normal(size=(*batch, dim, dim))
    H = root @ root.swapaxes(-1, -2) + np.eye(dim)
    moves = rng.normal(size=(count, *batch, dim))
    return tuple((s, times(H, s)) for s in moves)


# The two loops


@pytest.mark.parametrize("count", [1, 2, 5])
def test_two_loop_equals_dense_bfgs(count):
    pairs, n = random_pairs(count, 4), 4
    s, y = pairs[-1]
    H = s @ y / (y @ y) * np.eye(n)
    for s, y in pairs:
        V = np.eye(n) - np.outer(y, s) / (s @ y)
        H = V.T @ H @ V + np.outer(s, s) / (s @ y)
    got = np.array([two_loop(e, pairs) for e in np.eye(n)])
    np.testing.assert_allclose(got, H, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(two_loop(y, pairs), s, rtol=1e-12, atol=1e-12)


def test_without_a_pair_the_direction_is_the_gradient():
    g = np.array([1.0, -2.0])
    assert np.array_equal(two_loop(g, ()), g)
    zero = np.zeros(2)
    assert np.array_equal(two_loop(g, ((zero, zero),)), g)


def test_a_pair_of_zeros_changes_nothing():
    g, pairs = np.array([1.0, -2.0, 0.5]), random_pairs(3, 3)
    zero = np.zeros(3)
    assert np.array_equal(two_loop(g, ((zero, zero), *pairs)), two_loop(g, pairs))


def test_each_point_remembers_its_own_pairs():
    pairs, newest = random_pairs(3, 2, 2), np.array([[1.0, 0.0], [0.0, 1.0]])
    kept = quasi_newton.remember(pairs, newest, newest * [[2.0], [-2.0]], 3)  # s.y is 2, then -2
    for i, own in enumerate([(*pairs[1:], (newest, 2 * newest)), pairs]):
        for got, expected in zip(kept, own, strict=True):
            assert np.array_equal(got[0][i], expected[0][i])
            assert np.array_equal(got[1][i], expected[1][i])


@pytest.mark.parametrize("memory", [1, 2, 7])
def test_with_exact_lengths_on_a_quadratic_it_walks_as_conjugate_gradients(memory):
    surface = quadratic()
    H = surface.hess(np.array(surface.start))
    theta, g, pairs = np.array(surface.start), surface.grad(np.array(surface.start)), ()
    x, r = theta, g
    p = -r
    for _ in range(surface.dim):
        d = -two_loop(g, pairs)
        move = -(g @ d) / (d @ H @ d) * d
        theta, before = theta + move, g
        g = surface.grad(theta)
        pairs = quasi_newton.remember(pairs, move, g - before, memory)
        length = r @ r / (p @ H @ p)  # conjugate gradients, Hestenes & Stiefel 1952
        x, old = x + length * p, r
        r = r + length * H @ p
        p = r @ r / (old @ old) * p - r
        np.testing.assert_allclose(theta, x, atol=1e-8)
    np.testing.assert_allclose(theta, surface.minima[0], atol=1e-8)


# L-BFGS


@pytest.mark.parametrize("memory", [1, 3, 10])
@pytest.mark.parametrize("surface", [quadratic(), matrix_problem()], ids=lambda s: s.name)
def test_lbfgs_equals_torch_whatever_it_remembers(surface, memory):
    lrs = 1 + 0.5 * np.sin(np.arange(1, 26))  # with a memory of 1, 40 steps part by 1e-9
    starts = points(surface, 3)
    run = descend(surface, lbfgs, starts, 25, lr=lambda t, total: lrs[t - 1], memory=memory)
    for i, start in enumerate(starts):
        expected = TRUTHS["lbfgs"](surface, start, lrs, memory=memory)
        np.testing.assert_allclose(run.theta[:, i], expected, rtol=1e-10, atol=1e-10)


def test_a_pair_without_curvature_is_skipped_for_its_point_alone():
    surface, memory, steps = double_well(), 2, 12
    starts = np.array([[0.05, 1.0], [0.3, 0.1], [-1.4, 0.5], [0.02, -0.3]])
    run = descend(surface, lbfgs, starts, steps, lr=0.3, memory=memory)
    moves, gradients = np.diff(run.theta, axis=0), np.diff(surface.grad(run.theta), axis=0)
    skipped = (moves * gradients).sum(-1) <= 1e-10
    assert (skipped.any(1) & ~skipped.all(1)).any()
    for i, start in enumerate(starts):
        expected = TRUTHS["lbfgs"](surface, start, [0.3] * steps, memory=memory)
        np.testing.assert_allclose(run.theta[:, i], expected, rtol=1e-10, atol=1e-10)
        alone = descend(surface, lbfgs, start, steps, lr=0.3, memory=memory)
        assert np.array_equal(run.theta[:, i], alone.theta)


@pytest.mark.parametrize("start, length", [((20.0, -30.0), 1 / 50), ((0.2, -0.3), 1.0)])
def test_the_first_move_of_lbfgs_is_no_longer_than_lr(start, length):
    moved, *_ = lbfgs(bowl(), np.array(start), lr=0.7)
    np.testing.assert_allclose(moved, (1 - 0.7 * length) * np.array(start), rtol=1e-12)


def test_lbfgs_wolfe_keeps_every_pair_and_reaches_the_minimum():
    surface = rosenbrock()
    run = descend(surface, lbfgs_wolfe, points(surface, 5), 60)
    np.testing.assert_allclose(run.theta[-1], np.ones((5, 2)), atol=1e-6)
    newest = [pairs[-1] for pairs in run.state["pairs"][1:12]]  # it has arrived after 13 or more
    assert all(((s * y).sum(-1) > 1e-10).all() for s, y in newest)
    assert (np.diff(run.loss, axis=0) <= 0).all()


def test_lbfgs_wolfe_equals_torch_where_each_first_trial_will_do():
    surface, steps = scaled(quadratic((1.0, 1.3, 1.7)), 0.6), 12
    run = descend(surface, lbfgs_wolfe, steps=steps)
    p = torch.tensor(np.array(surface.start), requires_grad=True)
    optimizer = torch.optim.LBFGS([p], max_iter=1, max_eval=25, history_size=10,
                                  tolerance_grad=-1, tolerance_change=-np.inf,
                                  line_search_fn="strong_wolfe")

    def closure():
        p.grad = torch.from_numpy(surface.grad(p.detach().numpy().copy()))
        return torch.tensor(float(surface.loss(p.detach().numpy())))

    for t in range(1, steps + 1):
        optimizer.step(closure)
        np.testing.assert_allclose(run.theta[t], p.detach().numpy(), atol=1e-10)
    assert run.loss[-1] < 1e-12


# Trust region

UNEVEN = [rosenbrock(), himmelblau(), double_well(), saddle(), quadratic(), matrix_problem()]


@pytest.mark.parametrize("radius", [0.01, 1.0, 30.0])
@pytest.mark.parametrize("surface", UNEVEN, ids=lambda surface: surface.name)
def test_trust_region_equals_scipy_rejected_steps_too(surface, radius):
    starts = points(surface, 10)
    run = descend(surface, trust_region, starts, 40, radius=radius)
    for i, start in enumerate(starts):
        expected = TRUTHS["trust_region"](surface, start, [None] * 40, radius=radius)
        np.testing.assert_allclose(run.theta[:, i], expected, rtol=1e-8, atol=1e-8)


def test_a_rejected_move_stays_and_quarters_the_radius():
    run = descend(rosenbrock(), trust_region, steps=30, radius=1.0)
    stayed = (np.diff(run.theta, axis=0) == 0).all(-1)
    assert 3 <= stayed.sum() < 15
    reach = np.concatenate([[1.0], np.ravel(run.state["reach"])])
    assert np.array_equal(reach[1:][stayed], reach[:-1][stayed] / 4)
    assert set(np.unique(reach[1:] / reach[:-1])) <= {0.25, 1.0, 2.0}
    assert (np.sqrt((np.diff(run.theta, axis=0) ** 2).sum(-1)) <= reach[:-1] * (1 + 1e-12)).all()


def test_the_radius_stops_growing():
    far = replace(parabola(curvature=1.0), start=(1e5,))
    run = descend(far, trust_region, steps=20, radius=300.0)
    assert np.array_equal(np.ravel(run.state["reach"])[:4], [600, 1000, 1000, 1000])


def test_a_loss_that_is_not_a_number_is_not_trusted():
    walled = replace(parabola(), loss=lambda theta: np.where(theta[..., 0] < 1, np.nan,
                                                             theta[..., 0] ** 2 / 2))
    run = descend(walled, trust_region, (1.5,), steps=3)
    assert run.theta[:, 0].tolist() == [1.5, 1.5, 1.25, 1.25]
    assert np.ravel(run.state["reach"]).tolist() == [0.25, 0.5, 0.125]


def test_products_serve_as_well_as_the_hessian():
    surface = himmelblau()
    by_products = replace(surface, hess=None, hvp=lambda theta, u: times(surface.hess(theta), u))
    runs = [descend(s, trust_region, points(surface, 5), 20) for s in (surface, by_products)]
    assert np.array_equal(runs[0].theta, runs[1].theta)


@pytest.mark.parametrize("surface", UNEVEN, ids=lambda surface: surface.name)
def test_a_small_radius_gives_the_cauchy_direction(surface):
    theta, radius = points(surface, 10), 1e-7
    moved, _ = trust_region(surface, theta, radius=radius)
    g = surface.grad(theta)
    expected = -radius * g / np.sqrt((g * g).sum(-1, keepdims=True))
    move, stopped = steihaug(g, lambda u: times(surface.hess(theta), u), np.full((10, 1), radius))
    np.testing.assert_allclose(move, expected, rtol=1e-12, atol=1e-19)
    assert stopped.all() and ((moved == theta) | (moved == theta + move)).all()


def test_a_large_radius_gives_newtons_jump():
    surface = scaled(quadratic(), 1e-24)  # a small gradient: CG, which stops early far out, ends
    theta = points(surface, 10)
    move, stopped = steihaug(surface.grad(theta), lambda u: times(surface.hess(theta), u),
                             np.full((10, 1), 1e3))
    np.testing.assert_allclose(theta + move, newton(surface, theta), rtol=1e-10, atol=1e-10)
    assert not stopped.any()


@pytest.mark.parametrize("dim", [1, 2, 5, 9])
def test_steihaug_equals_scipy_on_models_that_bend_both_ways(dim):
    rng = np.random.default_rng(dim)
    H = rng.normal(size=(40, dim, dim))
    H = H + H.swapaxes(-1, -2) + rng.uniform(0, 2 * dim, (40, 1, 1)) * np.eye(dim)
    g, reach = rng.normal(size=(40, dim)), 10.0 ** rng.uniform(-1, 1, (40, 1))
    move, stopped = steihaug(g, lambda u: times(H, u), reach)
    assert 0 < stopped.sum() < 40
    for i in range(40):
        first = minimize(
            lambda u, i=i: g[i] @ u + u @ H[i] @ u / 2, np.zeros(dim), method="trust-ncg",
            jac=lambda u, i=i: g[i] + H[i] @ u, hess=lambda u, i=i: H[i],
            options={"initial_trust_radius": reach[i, 0], "maxiter": 1},
        )
        np.testing.assert_allclose(move[i], first.x, rtol=1e-9, atol=1e-9)
        alone = steihaug(g[i], lambda u, i=i: times(H[i], u), reach[i])
        assert np.array_equal(move[i], alone[0]) and stopped[i] == alone[1]


@pytest.mark.parametrize("step", [lbfgs, lbfgs_wolfe])
@pytest.mark.parametrize("memory", [0, 1, 3, 30])
def test_memory_is_how_many_pairs_are_kept(step, memory):
    run = descend(scaled(rosenbrock(), 0.002), step, steps=12, memory=memory)
    counts = [len(pairs) for pairs in run.state["pairs"]]
    assert max(counts) == min(memory, 12) and counts == sorted(counts)


def test_without_memory_lbfgs_is_gradient_descent_in_short_steps():
    surface, theta = rosenbrock(), np.array(rosenbrock().start)
    run = descend(surface, lbfgs, steps=20, memory=0, lr=1e-2)
    for t in range(21):
        np.testing.assert_allclose(run.theta[t], theta, rtol=1e-12)
        g = surface.grad(theta)
        theta = theta - 1e-2 * g / max(1, abs(g).sum())


# BFGS


@pytest.mark.parametrize("dim", [2, 5, 9])
def test_the_update_is_the_one_that_the_three_demands_leave(dim):
    rng = np.random.default_rng(dim)
    root = rng.normal(size=(2, dim, dim))
    H, A = root @ root.mT + np.eye(dim)
    s = rng.normal(size=dim)
    y = A @ s
    found = quasi_newton.bfgs_update(H, s, y)
    aside = np.linalg.svd(s[None])[2][1:]       # a basis of what is perpendicular to s
    basis = np.vstack([y, aside])
    form = basis @ H @ basis.T                  # demand 3 keeps this, but for the first row
    form[0] = form[:, 0] = basis @ s            # demands 1 and 2
    wanted = np.linalg.solve(basis, np.linalg.solve(basis, form).T).T
    np.testing.assert_allclose(found, wanted, rtol=1e-9, atol=1e-9)
    assert np.linalg.eigvalsh(found).min() > 0


def test_a_pair_without_curvature_leaves_the_matrix_for_its_point_alone():
    H = np.broadcast_to(np.diag([1.0, 3.0]), (2, 2, 2))
    s, y = np.array([[1.0, 0.0], [1.0, 0.0]]), np.array([[2.0, 0.0], [-2.0, 0.0]])
    found = quasi_newton.bfgs_update(H, s, y)
    assert np.array_equal(found[1], H[1]) and np.array_equal(found[0], np.diag([0.5, 3.0]))


def test_bfgs_wolfe_meets_no_bad_pair_and_ends_faster_than_by_a_constant_factor():
    surface = rosenbrock()
    run = descend(surface, quasi_newton.bfgs_wolfe, points(surface, 5), 60)
    s, y = np.diff(run.theta, axis=0), np.diff(surface.grad(run.theta), axis=0)
    moving = np.abs(s).sum(-1) > 1e-9
    assert ((s * y).sum(-1)[moving] > 0).all()
    error = np.sqrt(np.square(run.theta - 1).sum(-1))
    ratios = error[1:] / np.maximum(error[:-1], 1e-300)
    assert (np.where(error[:-1] > 1e-9, ratios, 1).min(axis=0) < 0.01).all()
