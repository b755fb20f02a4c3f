"""Surfaces that a learner brings: of a loss, with or without a gradient, and of gradients alone."""

from dataclasses import replace
from inspect import isfunction

import numpy as np
import pytest

from lessons import surfaces, views
from lessons.descend import descend
from lessons.networks import plane
from lessons.steps import adam, gradient_descent, momentum, newton, trust_region
from lessons.surfaces import Surface, beale, given_gradients, quadratic, ravine, rosenbrock
from lessons.views import noisy

KNOWN = [surfaces.ravine(30, 20), rosenbrock(), beale(), surfaces.himmelblau(),
         surfaces.rastrigin(), surfaces.parabola(3.0), quadratic()]


def points(surface, *grid):
    return surface.start + np.random.default_rng(0).normal(0, 0.5, (*grid, surface.dim))


@pytest.mark.parametrize("known", KNOWN, ids=lambda surface: surface.name)
def test_differences_are_the_gradient_and_the_curvature(known):
    theta = points(known, 3, 4)
    of_loss = Surface.of(known.loss, start=known.start)
    of_both = Surface.of(known.loss, known.grad, start=known.start)
    g, H = known.grad(theta), known.hess(theta)
    # h^2 of the third and fourth derivative, and rounding of the loss over h and h^2
    np.testing.assert_allclose(of_loss.grad(theta), g, rtol=1e-8, atol=1e-8 * abs(g).max())
    np.testing.assert_allclose(of_both.hess(theta), H, rtol=1e-8, atol=1e-8 * abs(H).max())
    np.testing.assert_allclose(of_loss.hess(theta), H, rtol=1e-5, atol=1e-5 * abs(H).max())
    assert of_both.grad is known.grad
    own = Surface.of(known.loss, known.grad, hess=known.hess, start=known.start)
    assert own.hess is known.hess


@pytest.mark.parametrize("known", KNOWN, ids=lambda surface: surface.name)
def test_a_walk_down_a_loss_is_that_down_its_surface(known):
    mine = Surface.of(known.loss, start=known.start)
    for step, lr in ((gradient_descent, 1e-4), (adam, 0.01), (newton, 0.3)):
        a, b = (descend(surface, step, steps=10, lr=lr).theta for surface in (mine, known))
        np.testing.assert_allclose(a, b, rtol=1e-4, atol=1e-4)


def test_a_grid_of_runs_equals_a_loop_of_runs():
    mine, starts = Surface.of(rosenbrock().loss), points(rosenbrock(), 3)
    for step in (gradient_descent, adam, newton, trust_region):
        grid = descend(mine, step, starts, steps=5).theta
        for i, start in enumerate(starts):
            assert np.array_equal(grid[:, i], descend(mine, step, start, steps=5).theta)


def my_loss(theta):
    return (theta**4).sum(-1)


def test_what_is_not_given_is_filled_in():
    mine = Surface.of(my_loss)
    assert (mine.name, mine.dim, mine.minima) == ("my_loss", 2, ())
    assert mine.window == ((-1.5, 1.5), (-1.5, 1.5)) and mine.start == (1.0, 1.0)
    assert Surface.of(lambda theta: my_loss(theta)).name == "Loss"
    assert Surface.of(my_loss, start=[4.0]).window == ((-6.0, 6.0),)
    assert Surface.of(my_loss, start=np.ones(3)).window is None
    window = ((-1, 1), (2, 4))
    named = Surface.of(my_loss, start=(0, 3), window=window, minima=[(0, 0)], name="Mine")
    assert (named.name, named.window, named.minima) == ("Mine", window, ((0, 0),))
    assert descend(noisy(named, 0.1), adam, steps=3).theta.shape == (4, 2)
    assert plane(Surface.of(my_loss, start=np.ones(5)), np.ones(5)).grad(np.ones(2)).shape == (2,)


@pytest.mark.parametrize("dtype", [np.float32, np.float64])
def test_differences_keep_the_precision_of_theta(dtype):
    theta = np.array([1.0, -2.0], dtype)
    mine = Surface.of(my_loss)
    assert mine.grad(theta).dtype == mine.hess(theta).dtype == dtype
    np.testing.assert_allclose(mine.grad(theta), 4 * theta**3, rtol=1e-6)
    np.testing.assert_allclose(mine.hess(theta), np.diag(12 * theta**2), rtol=1e-5, atol=1e-5)


WRONG = [
    (lambda theta: theta[0] ** 2 + 3 * theta[1] ** 2, None),
    (lambda theta: theta[0] ** 2 + 3 * theta[1] ** 2, lambda theta: 2 * theta),
    (lambda theta: (theta**2).sum(), None),
    (lambda theta: theta**2, None),
    (lambda theta: float(theta[0]), None),
    (lambda theta: theta[7], None),
    (lambda theta: 1.0, None),
    (my_loss, lambda theta: np.array([2 * theta[0], 6 * theta[1]])),
    (my_loss, lambda theta: 2 * theta[..., 0]),
]


@pytest.mark.parametrize("f, grad", WRONG)
def test_a_loss_of_single_points_is_told_how_to_write_it(f, grad):
    with pytest.raises(ValueError, match=r"Write theta\[\.\.\., 0\] in place of theta\[0\]"):
        Surface.of(f, grad)


def test_the_advice_for_a_loss_of_single_points_works():
    mine = Surface.of(lambda theta: theta[..., 0] ** 2 + 3 * theta[..., 1] ** 2)
    np.testing.assert_allclose(mine.grad(np.ones((4, 2))), [[2, 6]] * 4)
    total = Surface.of(lambda theta: (theta**2).sum(axis=-1), start=np.ones(3))
    np.testing.assert_allclose(total.grad(np.ones((4, 3))), 2)


# Given gradients


@pytest.mark.parametrize("g", [np.array([1.0, -2.0, 0.5, 3.0]), [1, -2, 0.5, 3],
                               np.arange(12.0).reshape(4, 3)])
def test_step_t_meets_the_gradient_t_wherever_theta_is(g):
    surface, rows = given_gradients(g), np.reshape(g, (4, -1))
    starts = np.random.default_rng(0).normal(size=(5, surface.dim))
    run = descend(surface, momentum, starts, steps=4, lr=1.0, beta=0.5)
    velocity = 0
    for t, row in enumerate(rows):
        velocity = 0.5 * velocity + np.tile(row, (5, 1))
        np.testing.assert_allclose(run.state["velocity"][t], velocity)
        theta = starts + 1.0
        now = surface.at(t + 1)
        np.testing.assert_allclose(now.loss(theta), theta @ row)
        assert not now.hess(theta).any() and now.hess(theta).shape == (*theta.shape, len(row))
    np.testing.assert_allclose(run.loss, run.theta @ rows.mean(0))


def test_given_gradients_keep_float32_and_end_with_a_word():
    surface = given_gradients([1.0, 2.0])
    run = descend(surface, adam, np.zeros(1, np.float32), steps=2)
    assert run.theta.dtype == run.state["m"][0].dtype == np.float32
    with pytest.raises(ValueError, match="step 3 has no gradient: of 2 given, write steps=2"):
        descend(surface, adam, steps=3)


def test_given_gradients_may_be_seen_through_a_view():
    run = descend(noisy(given_gradients(np.ones(5)), 0.0), gradient_descent, steps=5, lr=1.0)
    np.testing.assert_array_equal(run.theta[:, 0], -np.arange(6.0))


# float32 stays float32


def every_surface():
    return [make() for name, make in vars(surfaces).items() if name in surfaces.__all__
            and name not in ("Surface", "given_gradients")]


@pytest.mark.parametrize("surface", every_surface(), ids=lambda surface: surface.name)
def test_every_surface_answers_float32_in_float32(surface):
    theta = np.array(points(surface, 2), np.float32)
    for name in ("grad", "hess", "fisher"):
        function = getattr(surface, name)
        assert not function or function(theta).dtype == np.float32, name
    for pair in surface.factors(theta) if surface.factors else ():
        assert {one.dtype for one in pair} == {np.dtype(np.float32)}
    run = descend(surface, adam, theta, steps=3)
    assert run.theta.dtype == run.state["m"][0].dtype == run.state["v"][0].dtype == np.float32
    exact = replace(surface, at=None).grad(theta.astype(float))
    np.testing.assert_allclose(surface.grad(theta), exact, rtol=1e-4, atol=1e-4 * abs(exact).max())


def test_ravine_is_as_exact_as_before():
    assert ravine().grad(np.ones(2)).dtype == float == ravine().grad([1, 1]).dtype


VIEWS = {
    "noisy": lambda s: views.noisy(s, 0.1), "clipped": lambda s: views.clipped(s, 1.0),
    "clipped_by_value": lambda s: views.clipped_by_value(s, 1.0),
    "spiked": lambda s: views.spiked(s, 3.0, when=2),
    "sharpness_aware": lambda s: views.sharpness_aware(s, 0.1),
    "rotated": lambda s: views.rotated(s, 30), "scaled": lambda s: views.scaled(s, 3.0),
    "with_l2": lambda s: views.with_l2(s, 0.1), "hutchinson": views.hutchinson,
    "in_units": lambda s: views.in_units(s, np.array([2.0, 0.5])),
    "moving": lambda s: views.moving(s, lambda t: np.array([0.1 * t, 1.0])),
}


@pytest.mark.parametrize("name", VIEWS)
def test_every_view_answers_float32_in_float32(name):
    surface, theta = VIEWS[name](ravine()), np.ones((3, 2), np.float32)
    for step in (adam, newton):
        run = descend(surface, step, theta, steps=3)
        kinds = {value.dtype for values in run.state.values() for value in values
                 if isinstance(value, np.ndarray)}
        assert run.theta.dtype == np.float32 and kinds <= {np.dtype(np.float32)}
    now = surface.at(1) if surface.at else surface
    assert now.grad(theta).dtype == now.hess(theta).dtype == np.float32
    assert now.diagonal is None or now.diagonal(theta).dtype == np.float32


def test_there_is_a_row_for_every_view():
    assert set(VIEWS) == {name for name, view in vars(views).items()
                          if isfunction(view) and view.__module__ == views.__name__
                          and not name.startswith("_")}
