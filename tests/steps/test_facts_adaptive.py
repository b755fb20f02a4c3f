"""Exact facts of the adaptive steps and of Lion, SAM and Schedule-Free; who notices what.

Where eps blurs a fact it is set to 0. 1e-12 stands for rounding only.
"""

from dataclasses import replace

import numpy as np
import pytest
from test_facts import plane

from lessons.descend import descend
from lessons.steps import (
    adagrad,
    adam,
    adamw,
    gradient_descent,
    lbfgs,
    lion,
    momentum,
    newton,
    rmsprop,
    sam,
    schedule_free,
    shampoo,
)
from lessons.surfaces import parabola, quadratic, ravine
from lessons.views import noisy, scaled, with_l2

SURFACE = quadratic()


# First moves


@pytest.mark.parametrize(
    "step, length",
    [(adam, 1.0), (adagrad, 1.0), (rmsprop, 1 / np.sqrt(1 - 0.99))],
)
def test_the_first_move_does_not_depend_on_how_steep_it_is(step, length):
    gradient = np.array([300.0, -0.002])
    run = descend(plane(gradient), step, steps=1, lr=0.3, eps=0.0)
    np.testing.assert_allclose(run.theta[1], -0.3 * length * np.sign(gradient), rtol=1e-12)


def test_on_a_steady_gradient_every_move_of_adam_is_lr():
    run = descend(plane([3.0, -0.01]), adam, steps=50, lr=0.3, eps=0.0)
    np.testing.assert_allclose(np.diff(run.theta, axis=0), [[-0.3, 0.3]] * 50, rtol=1e-12)


def test_without_its_correction_adam_would_begin_with_longer_moves():
    run = descend(plane([3.0]), adam, steps=60, eps=0.0)
    moves = np.array([m / np.sqrt(v) for m, v in zip(run.state["m"], run.state["v"])])[:, 0]
    t = np.arange(1, 61)
    np.testing.assert_allclose(moves, (1 - 0.9**t) / np.sqrt(1 - 0.999**t), rtol=1e-12)
    assert moves[0] == pytest.approx(3.162, abs=5e-4)
    assert moves[11] == moves.max() == pytest.approx(6.6, abs=0.05)  # the longest of all


def test_in_pure_noise_the_moves_of_adam_shrink_by_what_its_mean_cancels():
    weather = noisy(plane(np.zeros(2000)), sigma=3.0)
    run = descend(weather, adam, steps=1000, lr=0.1, eps=0.0)
    length = np.sqrt((np.diff(run.theta, axis=0) ** 2).mean(-1))  # RMS over 2000 coordinates
    assert length[0] == pytest.approx(0.1, rel=1e-12)
    assert length[-100:].mean() == pytest.approx(0.1 * np.sqrt(0.1 / 1.9), rel=0.02)
    assert np.sqrt(0.1 / 1.9) == pytest.approx(0.229, abs=5e-4)


# What an adaptive step is when one of its parts is taken away


def test_adam_without_its_first_average_is_rmsprop_with_bias_correction():
    run = descend(SURFACE, adam, steps=30, lr=0.1, beta1=0.0, beta2=0.99, eps=1e-3)
    theta, v = np.array(SURFACE.start), 0.0
    for t in range(1, 31):
        g = SURFACE.grad(theta)
        v = 0.99 * v + (1 - 0.99) * g**2
        theta = theta - 0.1 * g / (np.sqrt(v / (1 - 0.99**t)) + 1e-3)
        np.testing.assert_allclose(run.theta[t], theta, atol=1e-12)


def test_adam_without_memory_follows_the_sign_of_the_gradient():
    run = descend(SURFACE, adam, steps=30, lr=0.1, beta1=0.0, beta2=0.0, eps=0.0)
    moves = -0.1 * np.sign(SURFACE.grad(run.theta[:-1]))
    np.testing.assert_allclose(np.diff(run.theta, axis=0), moves, atol=1e-12)


def test_rmsprop_at_constant_lr_ends_in_a_cycle_of_two():
    lr, eps, curvature = 0.1, 1e-3, 2.0
    run = descend(parabola(curvature), rmsprop, (-1.0,), steps=2000, lr=lr, beta2=0.9, eps=eps)
    *_, before, last = run.theta[:, 0]
    assert before == pytest.approx(-last, abs=1e-9)  # it nears the cycle at a rate
    assert abs(last) == pytest.approx(lr / 2 - eps / curvature, abs=1e-9)


def test_lion_moves_every_coordinate_by_lr_or_not_at_all():
    flat = replace(SURFACE, grad=lambda theta: SURFACE.grad(theta) * [1, 1, 0, 1, 1])
    moves = np.diff(descend(flat, lion, steps=50, lr=0.01, weight_decay=0.0).theta, axis=0)
    np.testing.assert_allclose(abs(moves), [[0.01, 0.01, 0, 0.01, 0.01]] * 50, rtol=1e-12)


# Weight decay where there is no gradient


def test_adamw_without_a_gradient_decays_by_lr_times_weight_decay():
    start, lr, decay = np.array([2.0, -0.5]), 0.1, 0.2
    run = descend(plane([0.0, 0.0]), adamw, start, steps=50, lr=lr, weight_decay=decay)
    t = np.arange(51)[:, None]
    np.testing.assert_allclose(run.theta, start * (1 - lr * decay) ** t, rtol=1e-12)


def test_adam_with_l2_without_a_gradient_moves_alike_for_any_weight_decay():
    start, decays = np.array([2.0, -0.5]), [1e-6, 1e-4, 1e-2]
    runs = [descend(with_l2(plane([0.0, 0.0]), decay), adam, start, steps=30, lr=0.01, eps=0.0)
            for decay in decays]
    for run in runs:
        np.testing.assert_allclose(run.theta, runs[0].theta, rtol=1e-12)
    moves = np.diff(runs[0].theta, axis=0) / (-0.01 * np.sign(start))
    np.testing.assert_allclose(moves[0], 1, rtol=1e-12)
    np.testing.assert_allclose(moves, 1, atol=0.3)  # about lr: the gradient shrinks with theta


# SAM and Schedule-Free


def test_sam_on_a_quadratic_has_a_closed_form():
    lr, rho, lowest = 0.03, 0.4, np.array(SURFACE.minima[0])
    A = SURFACE.hess(lowest)
    run = descend(SURFACE, sam, steps=40, lr=lr, rho=rho)
    theta = SURFACE.start - lowest
    for found in run.theta:
        # the 1e-12 beside the norm
        np.testing.assert_allclose(found - lowest, theta, rtol=1e-10, atol=1e-10)
        gradient = A @ theta
        theta = theta - lr * (gradient + rho * A @ gradient / np.sqrt(gradient @ gradient))


@pytest.mark.parametrize("lr, curvature, rho", [(0.1, 2.0, 0.5), (0.3, 5.0, 0.05)])
def test_sam_in_one_dimension_ends_in_a_cycle(lr, curvature, rho):
    run = descend(parabola(curvature), sam, steps=500, lr=lr, rho=rho)
    before, last = run.theta[-2:, 0]
    assert before == pytest.approx(-last, rel=1e-10)
    assert abs(last) == pytest.approx(lr * curvature * rho / (2 - lr * curvature), rel=1e-10)


@pytest.mark.parametrize("beta", [0.0, 0.6, 0.9])
def test_schedule_free_shows_the_mean_of_its_walker(beta):
    run = descend(SURFACE, schedule_free, steps=50, lr=0.02, beta=beta)
    walker = np.array(run.state["z"])
    for t in range(1, 51):
        np.testing.assert_allclose(run.theta[t], walker[:t].mean(0), rtol=1e-12, atol=1e-12)


def test_schedule_free_without_beta_is_the_average_of_gradient_descent():
    plain = descend(SURFACE, gradient_descent, steps=50, lr=0.02).theta
    free = descend(SURFACE, schedule_free, steps=50, lr=0.02, beta=0.0).theta
    for t in range(1, 51):
        np.testing.assert_allclose(free[t], plain[1 : t + 1].mean(0), rtol=1e-12, atol=1e-12)


# Who notices a change of scale, who a change of axes


@pytest.mark.parametrize(
    "step, knobs",
    [(adam, {"eps": 0.0}), (adagrad, {"eps": 0.0}), (rmsprop, {"eps": 0.0}), (lion, {})],
)
def test_the_loss_times_1000_changes_no_adaptive_step(step, knobs):
    runs = [descend(s, step, steps=30, **knobs) for s in (SURFACE, scaled(SURFACE, 1000))]
    np.testing.assert_allclose(runs[0].theta, runs[1].theta, atol=1e-12)


def test_the_loss_times_1000_changes_gradient_descent():
    runs = [descend(s, gradient_descent, steps=3) for s in (SURFACE, scaled(SURFACE, 1000))]
    assert not np.allclose(runs[0].theta[1:], runs[1].theta[1:], rtol=0.1)


@pytest.mark.parametrize(
    "step, tolerance",
    [(momentum, 1e-12), (sam, 1e-12), (newton, 1e-12), (lbfgs, 1e-12), (shampoo, 1e-9)],
)
def test_a_rotation_goes_unnoticed(step, tolerance):
    # times 0.01: where a gradient is longer than 1, the first move of L-BFGS depends on its axes
    losses = [descend(scaled(ravine(angle=angle), 0.01), step, steps=20).loss for angle in (0, 30)]
    np.testing.assert_allclose(losses[0], losses[1], rtol=tolerance, atol=tolerance)


@pytest.mark.parametrize("step", [adagrad, rmsprop, adam, lion])
def test_a_rotation_is_noticed_by_steps_that_treat_each_coordinate_by_itself(step):
    losses = [descend(ravine(angle=angle), step, steps=20).loss for angle in (0, 30)]
    assert abs(losses[0] - losses[1]).max() > 1e-2
