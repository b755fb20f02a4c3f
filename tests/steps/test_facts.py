"""Exact facts of the steps with one step size: closed forms, rates, limits, and what noise leaves.

1e-12 stands for rounding only; every other tolerance gives its reason.
"""

from dataclasses import replace

import numpy as np
import pytest
from scipy.integrate import solve_ivp

from lessons.descend import descend
from lessons.steps import gradient_descent, momentum, nesterov
from lessons.surfaces import bowl, himmelblau, parabola, quadratic, ravine, sharp_and_flat
from lessons.views import noisy


def plane(gradient):
    """A surface with the same gradient everywhere."""
    gradient = np.asarray(gradient, float)
    return replace(
        bowl(), start=(0.0,) * len(gradient), window=None, minima=(),
        loss=lambda theta: theta @ gradient, hess=None,
        grad=lambda theta: np.broadcast_to(gradient, np.shape(theta)).copy(),
    )


def radius(step, surface, **knobs):
    """The largest factor of one step, an eigenvalue of the linear map (theta, velocity) -> same.

    The map is read off the step itself: what it makes of each unit vector. surface: a quadratic
    with its minimum at 0.
    """
    units = np.eye(2 * surface.dim)
    parts = np.split(units, 2, axis=1)
    image = np.concatenate(step(surface, *parts, **knobs), axis=1)
    return abs(np.linalg.eigvals(image)).max()


# Closed forms and rates on a quadratic


def test_gradient_descent_on_a_quadratic_is_a_power_of_a_matrix():
    surface, lr = quadratic(), 0.07
    lowest = np.array(surface.minima[0])
    run = descend(surface, gradient_descent, steps=30, lr=lr)
    shrink = np.eye(5) - lr * surface.hess(lowest)
    for t, theta in enumerate(run.theta):
        expected = lowest + np.linalg.matrix_power(shrink, t) @ (surface.start - lowest)
        np.testing.assert_allclose(theta, expected, rtol=1e-12, atol=1e-12)


@pytest.mark.parametrize(
    "step, limit",
    [
        (gradient_descent, lambda beta: 2),
        (momentum, lambda beta: 2 * (1 + beta)),
        (nesterov, lambda beta: 2 * (1 + beta) / (1 + 2 * beta)),
    ],
)
@pytest.mark.parametrize("beta", [0.5, 0.9])
def test_a_walk_converges_only_below_its_limit(step, limit, beta):
    knobs = {} if step is gradient_descent else {"beta": beta}
    lr = limit(beta) / 5.0 * np.array([[0.99], [1.01]])
    below, above = descend(parabola(curvature=5.0), step, steps=3000, lr=lr, **knobs).loss.T
    assert below[-1] < 1e-6
    assert above[-1] > 1e6


@pytest.mark.parametrize("condition", [2.0, 20.0, 100.0])
def test_the_best_lr_of_gradient_descent_shrinks_every_distance_by_the_same_rate(condition):
    best, rate = 2 / (condition + 1), (condition - 1) / (condition + 1)
    lrs = best * np.array([[1.0], [0.99], [1.01]])
    run = descend(ravine(condition), gradient_descent, steps=20, lr=lrs)
    far = np.sqrt((run.theta * run.theta).sum(-1))
    np.testing.assert_allclose(far[1:, 0] / far[:-1, 0], rate, rtol=1e-12)
    slowest = abs(run.theta[1] / run.theta[0]).max(-1)  # of both coordinates
    assert (slowest[1:] > rate + 1e-4).all()


@pytest.mark.parametrize("condition", [4.0, 25.0, 100.0])
def test_the_best_heavy_ball_shrinks_by_the_root_of_beta(condition):
    root = np.sqrt(condition)
    lr, beta = 4 / (root + 1) ** 2, ((root - 1) / (root + 1)) ** 2
    surface = ravine(condition, angle=30)
    found = radius(momentum, surface, lr=lr, beta=beta)
    assert found == pytest.approx(np.sqrt(beta), abs=1e-7)  # a double root takes half the digits
    for worse in ({"lr": 0.99 * lr}, {"lr": 1.01 * lr}, {"beta": 0.99 * beta}):
        assert radius(momentum, surface, **{"lr": lr, "beta": beta, **worse}) > found + 1e-4
    more = radius(momentum, surface, lr=lr, beta=1.01 * beta)
    assert more == pytest.approx(np.sqrt(1.01 * beta), abs=1e-7) and more > found


@pytest.mark.parametrize("condition", [4.0, 25.0, 100.0])
def test_nesterov_shrinks_by_one_minus_one_over_the_root_of_the_condition(condition):
    root = np.sqrt(condition)
    found = radius(nesterov, ravine(condition, angle=30), lr=1 / condition,
                   beta=(root - 1) / (root + 1))
    assert found == pytest.approx(1 - 1 / root, abs=1e-7)  # a double root again


def test_exact_line_search_from_the_worst_start_has_the_same_loss_ratio_every_step():
    condition = 20.0
    surface, theta = ravine(condition), np.array([condition, 1.0])
    for _ in range(15):
        g = surface.grad(theta)
        after = gradient_descent(surface, theta, lr=g @ g / (g @ surface.hess(theta) @ g))
        ratio = surface.loss(after) / surface.loss(theta)
        assert ratio == pytest.approx(((condition - 1) / (condition + 1)) ** 2, rel=1e-12)
        theta = after


# What momentum remembers


def test_momentum_on_a_steady_gradient_has_a_closed_form():
    gradient, lr, beta, T = np.array([2.0, -0.3]), 0.02, 0.9, 40
    run = descend(plane(gradient), momentum, steps=T, lr=lr, beta=beta)
    expected = -lr * gradient / (1 - beta) * (T - beta * (1 - beta**T) / (1 - beta))
    np.testing.assert_allclose(run.theta[-1], expected, rtol=1e-12)


def test_one_push_lives_on_in_momentum_for_about_nine_steps():
    one_push = replace(plane([1.0]), at=lambda t: plane([float(t == 1)]))
    run = descend(one_push, momentum, steps=400, lr=1.0, beta=0.9)
    weights = -np.diff(run.theta[:, 0])
    ages = np.arange(400)
    assert weights.sum() == pytest.approx(10, abs=1e-2)
    assert (ages * weights).sum() / weights.sum() == pytest.approx(9, abs=1e-2)
    left = np.log(weights[:100] / weights[0])
    assert np.interp(1.0, -left, ages[:100]) == pytest.approx(9.49, abs=1e-2)  # 1/e of it left
    assert np.interp(np.log(2), -left, ages[:100]) == pytest.approx(6.58, abs=1e-2)  # half of it


def test_nesterov_walks_along_the_look_ahead_points_of_the_textbook():
    surface, lr, beta = quadratic(), 0.03, 0.9
    run = descend(surface, nesterov, steps=40, lr=lr, beta=beta)
    phi, d = np.array(surface.start), np.zeros(5)
    for theta in run.theta:
        np.testing.assert_allclose(theta, phi + beta * d, atol=1e-12)
        d = beta * d - lr * surface.grad(phi + beta * d)
        phi = phi + d


def test_the_best_heavy_ball_of_quadratics_can_cycle_for_ever_on_another_convex_function():
    def grad(theta):  # of Lessard, Recht & Packard 2016: curvature 25, then 1, then 25
        return np.where(theta < 1, 25 * theta, np.where(theta < 2, theta + 24, 25 * theta - 24))

    surface = replace(parabola(), grad=grad, hess=None, start=(3.3,))
    run = descend(surface, momentum, steps=999, lr=4 / (5 + 1) ** 2, beta=((5 - 1) / (5 + 1)) ** 2)
    last = run.theta[-30:, 0].reshape(10, 3)
    turn = int(np.argmax(last[0]))
    cycle = np.broadcast_to([2.1159, 0.6465, -1.8024], (10, 3))  # as published: four decimals
    np.testing.assert_allclose(np.roll(last, -turn, axis=1), cycle, atol=1e-4)
    alone = descend(surface, gradient_descent, steps=999, lr=2 / 26)
    assert abs(alone.theta[-1]) < 1e-12


# The size of the loss


@pytest.mark.parametrize("step", [gradient_descent, momentum, nesterov])
def test_the_loss_times_1000_makes_the_first_move_1000_times_longer(step):
    surface = quadratic()
    steep = replace(surface, grad=lambda theta: 1000 * surface.grad(theta))
    moves = [np.diff(descend(s, step, steps=1).theta, axis=0) for s in (surface, steep)]
    np.testing.assert_allclose(moves[1], 1000 * moves[0], rtol=1e-12)


# What a constant learning rate leaves, and where it does not stay


def test_lr_of_one_over_t_keeps_the_mean_of_what_it_has_seen():
    surface = noisy(replace(bowl(), start=(5.0, -3.0)), sigma=1.0)
    seen = [-surface.at(t).grad(np.zeros(2)) for t in range(1, 101)]  # gradient: theta - seen
    run = descend(surface, gradient_descent, steps=100, lr=lambda t, total: 1 / t)
    for t in range(1, 101):
        np.testing.assert_allclose(run.theta[t], np.mean(seen[:t], axis=0), atol=1e-12)


@pytest.mark.parametrize("lr, beta", [(0.05, 0.0), (0.5, 0.0), (0.05, 0.5), (0.1, 0.8)])
def test_noise_leaves_a_floor_that_lr_and_beta_set(lr, beta):
    lam, s = 2.0, 0.7
    surface = noisy(quadratic(curvatures=(lam,) * 300, seed=1), sigma=s)
    step, knobs = (momentum, {"beta": beta}) if beta else (gradient_descent, {})
    run = descend(surface, step, surface.minima[0], steps=2000, lr=lr, **knobs)
    spread = ((run.theta[300:] - surface.minima[0]) ** 2).mean()
    if beta:
        floor = lr * s**2 * (1 + beta) / (lam * (1 - beta) * (2 * (1 + beta) - lr * lam))
    else:
        floor = lr * s**2 / (lam * (2 - lr * lam))
    assert spread == pytest.approx(floor, rel=0.02)  # 300 coordinates, 1700 steps


def test_gradient_descent_follows_the_flow_on_the_loss_plus_its_squared_gradient():
    surface, start, time = himmelblau(), np.array([-0.5, -0.5]), 0.08

    def error(lr, share):
        """Between gradient descent and the flow on loss + share * lr |gradient|^2."""
        def downhill(_, theta):
            g = surface.grad(theta)
            return -(g + 2 * share * lr * surface.hess(theta) @ g)

        flow = solve_ivp(downhill, (0, time), start, "DOP853", rtol=1e-12, atol=1e-12).y[:, -1]
        run = descend(surface, gradient_descent, start, steps=round(time / lr), lr=lr)
        return np.sqrt(((run.theta[-1] - flow) ** 2).sum())

    lrs = 0.08 / np.array([400, 800, 1600])
    second, first = ([error(lr, share) for lr in lrs] for share in (0.25, 0.0))
    # half the lr: a quarter of the error, or half of it where the term is missing
    np.testing.assert_allclose(np.divide(second[:-1], second[1:]), 4, rtol=0.05)
    np.testing.assert_allclose(np.divide(first[:-1], first[1:]), 2, rtol=0.05)
    assert second[0] < first[0] / 10


def test_gradient_descent_cannot_stay_where_the_curvature_exceeds_two_over_lr():
    surface = sharp_and_flat()  # it curves by 40 at (-1.5, 0) and by 1 at (1.5, 0)
    beside = np.array(surface.minima[0]) + 1e-6
    stays, leaves = (descend(surface, gradient_descent, beside, steps=3000, lr=lr)
                     for lr in (0.99 * 2 / 40, 1.01 * 2 / 40))
    np.testing.assert_allclose(stays.theta[-1], surface.minima[0], atol=1e-9)
    assert abs(leaves.theta[-1] - surface.minima[0]).min() > 1e-2  # 10,000 times further off

    starts = np.random.default_rng(0).uniform((-3, -2.2), (4, 2.2), (200, 2))
    for lr in (0.04, 0.06, 0.3):
        run = descend(surface, gradient_descent, starts, steps=2000, lr=lr)
        rests = abs(run.theta[-1] - run.theta[-2]).max(-1) < 1e-12
        top = np.linalg.eigvalsh(surface.hess(run.theta[-1]))[:, -1]
        assert rests.sum() > 10 and (top[rests] < 2 / lr).all(), lr
    assert (top[rests] < 2).all()  # at lr 0.3 nobody rests in the sharp one
