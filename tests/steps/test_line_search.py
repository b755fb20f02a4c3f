"""Searches for a length, by the inequalities that they promise."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.interpolate import CubicHermiteSpline

from lessons.descend import descend
from lessons.steps.second_order import (
    TRIALS,
    dot,
    line_search,
    newton,
    newton_line_search,
    strong_wolfe,
)
from lessons.surfaces import (
    double_well,
    himmelblau,
    hyperbola,
    matrix_problem,
    parabola,
    quadratic,
    rastrigin,
    ravine,
    rosenbrock,
    saddle,
)

SURFACES = [rosenbrock(), himmelblau(), rastrigin(), double_well(), saddle(), quadratic(),
            matrix_problem()]
every_surface = pytest.mark.parametrize("surface", SURFACES, ids=lambda surface: surface.name)


def points(surface, count=50):
    return surface.start + np.random.default_rng(1).normal(0, 1, (count, surface.dim))


# Armijo


@every_surface
@pytest.mark.parametrize("c1, shrink", [(1e-4, 0.5), (0.3, 0.8)])
def test_backtracking_takes_the_first_length_that_lowers_the_loss_enough(surface, c1, shrink):
    theta, lr = points(surface), 1.0
    g = surface.grad(theta)
    moved = theta - line_search(surface, theta, lr=lr, c1=c1, shrink=shrink)
    length = dot(moved, g) / dot(g, g)

    def enough(length):
        fall = (length * dot(g, g))[:, 0]
        return surface.loss(theta - length * g) <= surface.loss(theta) - c1 * fall

    j = np.round(np.log(length / lr) / np.log(shrink))
    np.testing.assert_allclose(length, lr * shrink**j, rtol=1e-9)
    assert enough(lr * shrink**j).all()
    assert not enough(lr * shrink ** (j - 1))[j[:, 0] > 0].any()
    assert len(np.unique(j)) > 1 or surface.name.startswith(("Quadratic", "Matrix"))


@pytest.mark.parametrize("c1", [1e-4, 0.1, 0.4])
def test_on_a_parabola_a_length_is_accepted_up_to_its_limit(c1):
    surface, limit = parabola(curvature=3.0), 2 * (1 - c1) / 3.0
    for lr, taken in ((limit * 0.999, limit * 0.999), (limit * 1.001, limit * 1.001 / 2)):
        moved = line_search(surface, np.array([2.0]), lr=lr, c1=c1)
        np.testing.assert_allclose(moved, 2.0 - taken * 6.0, rtol=1e-12)


def test_a_search_that_finds_nothing_ends_and_stays():
    uphill = replace(parabola(), grad=lambda theta: -theta)
    run = descend(uphill, line_search, (1.0,), steps=1)
    assert np.array_equal(run.theta[1], [1.0])
    assert list(run.loss_evaluations) == [0, 1 + TRIALS]


def test_every_trial_is_counted():
    run = descend(parabola(curvature=1.0), line_search, (1.0,), steps=1, lr=7.0)
    assert run.theta[1] == 1 - 7 / 4  # 7, 3.5 and 1.75
    assert (run.evaluations[1], run.loss_evaluations[1]) == (1, 1 + 3)


# Strong Wolfe


@every_surface
@pytest.mark.parametrize("c1, c2", [(1e-4, 0.9), (0.4, 0.9), (1e-4, 0.1), (1e-4, 0.01)])
@pytest.mark.parametrize("lr", [1e-6, 0.02, 1.0, 1e4])
def test_both_wolfe_inequalities_hold(surface, lr, c1, c2):
    theta = points(surface)
    twist = np.random.default_rng(2).normal(size=(50, surface.dim, surface.dim))
    g = surface.grad(theta)
    d = -(twist @ (twist.swapaxes(-1, -2) @ g[..., None]))[..., 0]  # any way down, not only -g
    length = strong_wolfe(surface, theta, d, lr=lr, c1=c1, c2=c2)
    end = theta + length * d
    gradient0, gradient = dot(g, d), dot(surface.grad(end), d)
    assert length.shape == (50, 1) and (length > 0).all()
    assert (surface.loss(end) <= surface.loss(theta) + (c1 * length * gradient0)[:, 0]).all()
    assert (np.abs(gradient) <= c2 * np.abs(gradient0)).all()
    assert lr > 1e-6 or (length > lr).all()
    assert lr < 1e4 or (length < lr).all()
    for i in range(0, 50, 7):
        alone = strong_wolfe(surface, theta[i], d[i], lr=lr, c1=c1, c2=c2)
        assert np.array_equal(length[i], alone)


def test_on_a_parabola_the_length_lies_where_the_gradient_has_shrunk_to_c2():
    surface, theta = parabola(curvature=2.0), np.array([[3.0]])
    for lr in (1e-3, 0.3, 0.5, 0.7, 40.0):
        length = strong_wolfe(surface, theta, -surface.grad(theta), lr=lr, c2=0.2)
        assert abs(1 - 2.0 * length) <= 0.2


def test_a_trial_that_lies_between_high_and_low_is_no_way_on():
    # at 2 the loss is low enough for Armijo, and falls, but it is above the loss at 1
    bump = CubicHermiteSpline([0, 1, 2, 4], [0, -2, -1, -9], [-3, -3, -3, -3])
    surface = replace(parabola(), loss=lambda theta: bump(theta[..., 0]), grad=bump.derivative())
    length = strong_wolfe(surface, np.array([0.0]), np.array([1.0]), c2=0.1)
    assert 1 < length < 2


@pytest.mark.parametrize("lr", [0.75, 96.0])
def test_only_a_trial_that_is_low_enough_costs_a_gradient(lr):
    asked = []
    surface = parabola()
    watched = replace(surface, grad=lambda theta: asked.append(theta) or surface.grad(theta))
    theta, d = np.array([3.0]), np.array([-3.0])
    length = strong_wolfe(watched, theta, d, lr=lr, g=surface.grad(theta))
    assert length == (0.75 if lr < 2 else 1.5)  # 96, 48, ... 3 lie too high
    assert len(asked) == 1


@pytest.mark.parametrize("d", [3.0, 0.0, np.nan])
def test_a_direction_that_does_not_fall_has_length_zero(d):
    with np.errstate(invalid="ignore"):
        assert strong_wolfe(parabola(), np.array([3.0]), np.array([d])) == 0


def test_a_direction_that_falls_only_later_has_length_zero():
    over_the_hill = double_well(), np.array([-0.8, 0.0]), np.array([1.0, 0.0])
    assert strong_wolfe(*over_the_hill, lr=1.8) == 0


def test_a_gradient_without_an_end_stops_the_search():
    endless = replace(
        parabola(), loss=lambda theta: -theta[..., 0], grad=lambda theta: 0 * theta - 1
    )
    length = strong_wolfe(endless, np.array([0.0]), np.array([1.0]))
    assert length == 2.0 ** (TRIALS - 1)


def test_a_loss_that_is_not_a_number_counts_as_too_high():
    walled = replace(
        parabola(), loss=lambda theta: np.where(theta[..., 0] > 3.5, np.nan, -theta[..., 0] + 0),
        grad=lambda theta: np.where(theta < 3.0, -1.0, 0.5),
    )
    length = strong_wolfe(walled, np.array([0.0]), np.array([1.0]), lr=1.0)
    assert 3.0 <= length <= 3.5


# Newton with a search


@pytest.mark.parametrize("surface", [himmelblau(), saddle(), rastrigin(), hyperbola()],
                         ids=lambda surface: surface.name)
def test_newton_with_a_search_lowers_the_loss_wherever_there_is_a_gradient(surface):
    run = descend(surface, newton_line_search, points(surface), 30)
    level = np.abs(surface.grad(run.theta[:-1])).max(-1) < 1e-6   # rounding hides the last falls
    assert ((run.loss[1:] < run.loss[:-1]) | level).all() and (run.loss[1:] <= run.loss[:-1]).all()
    assert level[-1].mean() > 0.9
    minima = np.array(surface.minima)
    np.testing.assert_allclose(newton_line_search(surface, minima), minima, atol=1e-12)


def test_newton_with_a_search_is_newton_near_a_minimum_and_stays_where_nothing_curves():
    surface, near = rosenbrock(), np.array([1.001, 1.002])
    np.testing.assert_array_equal(newton_line_search(surface, near),
                                  newton_line_search(surface, near, shrink=0.1))
    np.testing.assert_allclose(newton_line_search(surface, near), newton(surface, near), rtol=1e-9)
    assert newton_line_search(ravine(condition=0.0), np.array([2.0, 3.0])).tolist() == [0.0, 3.0]
