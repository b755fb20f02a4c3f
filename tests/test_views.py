"""What each view adds to a surface, and that it adds nothing else."""

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.surfaces import Surface, himmelblau, parabola, ravine, rosenbrock
from lessons.views import (
    clipped,
    clipped_by_value,
    hutchinson,
    in_units,
    noisy,
    rotated,
    scaled,
    sharpness_aware,
    spiked,
    with_l2,
)

VIEWS = {
    "clipped": lambda surface: clipped(surface, 1.0),
    "clipped_by_value": lambda surface: clipped_by_value(surface, 1.0),
    "spiked": lambda surface: spiked(surface, 3.0, when=2),
    "rotated": lambda surface: rotated(surface, 30),
    "scaled": lambda surface: scaled(surface, 1000),
    "in_units": lambda surface: in_units(surface, 0.5),
    "with_l2": lambda surface: with_l2(surface, 0.1),
    "noisy": lambda surface: noisy(surface, 0.5, seed=3),
    "sharpness_aware": lambda surface: sharpness_aware(surface, 0.05),
    "hutchinson": lambda surface: hutchinson(surface, seed=2),
}
every_view = pytest.mark.parametrize("view", VIEWS.values(), ids=VIEWS)
POINTS = np.random.default_rng(0).uniform(-2, 2, (6, 5, 2))


def gradient_descent(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


def differences(function, theta, h=1e-5):
    return np.stack(
        [(function(theta + e) - function(theta - e)) / (2 * h) for e in h * np.eye(2)], axis=-1
    )


@pytest.mark.parametrize(
    "name", ["rotated", "scaled", "in_units", "with_l2", "noisy", "hutchinson"])
def test_gradient_and_hessian_belong_to_the_loss_that_is_seen(name):
    surface = VIEWS[name](rosenbrock())
    g, H = surface.grad(POINTS), surface.hess(POINTS)
    # h^2 times a third derivative, and rounding of 1e-16 / h times the loss
    np.testing.assert_allclose(g, differences(surface.loss, POINTS), rtol=1e-5, atol=1e-3)
    np.testing.assert_allclose(H, differences(surface.grad, POINTS), rtol=1e-5, atol=1e-3)


@every_view
def test_grid_equals_loop_bit_for_bit_and_whole_numbers_count(view):
    surface = view(himmelblau())
    for now in (surface, surface if surface.at is None else surface.at(4)):
        for function in (now.loss, now.grad, now.hess):
            looped = np.array([[function(point) for point in row] for row in POINTS])
            np.testing.assert_array_equal(function(POINTS), looped)
            whole = np.array([100, -100], dtype=np.int8)
            np.testing.assert_array_equal(function(whole), function(whole.astype(float)))


@every_view
def test_view_of_a_surface_that_changes_changes_with_it(view):
    weather = noisy(himmelblau(), 2.0, seed=1)
    seen = view(weather)
    for t in (1, 2):
        known = view(weather.at(t))
        known = known if known.at is None else known.at(t)
        np.testing.assert_array_equal(seen.at(t).grad(POINTS), known.grad(POINTS))
    assert (seen.at(1).grad(POINTS) != seen.at(2).grad(POINTS)).any()
    np.testing.assert_array_equal(seen.loss(POINTS), seen.at(1).loss(POINTS))


@every_view
def test_view_says_in_its_name_what_it_does(view):
    name = view(himmelblau()).name
    assert name.startswith("Himmelblau, ") and any(letter.isdigit() for letter in name)


@pytest.mark.parametrize("norm", [0.5, 3.0, 1e9])
def test_clipped_equals_torch_clip_grad_norm(norm):
    surface = clipped(himmelblau(), norm)
    for point in POINTS.reshape(-1, 2):
        parameter = torch.nn.Parameter(torch.tensor(point))
        parameter.grad = torch.tensor(himmelblau().grad(point))
        torch.nn.utils.clip_grad_norm_([parameter], norm)
        np.testing.assert_allclose(surface.grad(point), parameter.grad, rtol=1e-14)
    np.testing.assert_array_equal(surface.loss(POINTS), himmelblau().loss(POINTS))


def test_clipped_by_value_equals_torch_clip_grad_value():
    parameter = torch.nn.Parameter(torch.tensor(POINTS))
    parameter.grad = torch.tensor(himmelblau().grad(POINTS))
    torch.nn.utils.clip_grad_value_([parameter], 3.0)
    found = clipped_by_value(himmelblau(), 3.0).grad(POINTS)
    np.testing.assert_array_equal(found, parameter.grad)


@pytest.mark.parametrize("view", [clipped, clipped_by_value])
@pytest.mark.parametrize("threshold", [0.0, -1.0, np.nan])
def test_a_threshold_that_is_not_above_0_is_refused(view, threshold):
    with pytest.raises(ValueError, match="must be above 0"):
        view(himmelblau(), threshold)


def test_one_gradient_of_a_spiked_surface_is_longer():
    seen, plain = spiked(himmelblau(), 100.0, when=3), himmelblau().grad(POINTS)
    for t, times in ((2, 1), (3, 100), (4, 1)):
        np.testing.assert_array_equal(seen.at(t).grad(POINTS), times * plain)


def test_rotated_turns_anticlockwise_and_takes_everything_along():
    surface, turned = himmelblau(), rotated(himmelblau(), 90)
    np.testing.assert_allclose(turned.minima[0], (-2, 3), atol=1e-15)  # was (3, 2)
    np.testing.assert_allclose(turned.start, (0.5, -0.5), atol=1e-15)
    np.testing.assert_allclose(turned.loss(np.array(turned.minima)), 0, atol=1e-25)
    for angle in (0, 30, 90, 200):
        view = rotated(surface, angle)
        low, high = np.transpose(view.window)
        for point in (view.start, *view.minima):
            assert (low <= point).all() and (point <= high).all()
    np.testing.assert_allclose(rotated(ravine(), 90).window, ((-1.75, 1.75), (-2.8, 2.8)))


@pytest.mark.parametrize("angle", [17, 90, 200])
def test_rotated_equals_the_ravine_that_was_built_at_that_angle(angle):
    turned, built = rotated(ravine(), angle), ravine(angle=angle)
    np.testing.assert_allclose(turned.start, built.start, rtol=1e-14)
    for name in ("loss", "grad", "hess"):  # rounding of curvatures up to 20
        seen, known = getattr(turned, name)(POINTS), getattr(built, name)(POINTS)
        np.testing.assert_allclose(seen, known, rtol=1e-12, atol=1e-13)


def test_rotated_refuses_what_is_no_plane():
    with pytest.raises(ValueError, match="Parabola has 1 coordinates"):
        rotated(parabola(), 30)


def test_scaled_takes_the_hundredth_lr_to_go_the_same_way():
    runs = [descend(ravine(), gradient_descent, lr=0.05).theta,
            descend(scaled(ravine(), 100), gradient_descent, lr=0.0005).theta]
    np.testing.assert_allclose(*runs, atol=1e-12)


def test_with_l2_pulls_every_point_towards_zero():
    surface = with_l2(himmelblau(), 0.3)
    pull = surface.grad(POINTS) - himmelblau().grad(POINTS)
    np.testing.assert_allclose(pull, 0.3 * POINTS, atol=1e-12)  # gradients of 100 round at 1e-14
    assert surface.minima == ()


def quadratic(curvature, dim):
    """Many coordinates that know nothing of each other: as many runs of one in a single call."""
    return Surface(
        "Quadratic", lambda theta: curvature * (theta * theta).sum(-1) / 2,
        lambda theta: curvature * theta, None, None, (0.0,) * dim, (),
    )


def test_weather_is_the_same_for_all_runs_and_another_for_each_step_and_seed():
    surface = noisy(himmelblau(), 0.5, seed=7)

    def error(surface, t, theta=POINTS):
        return surface.at(t).grad(theta) - himmelblau().grad(theta)

    first = error(surface, 1)
    np.testing.assert_allclose(first, np.broadcast_to(first[0, 0], first.shape), atol=1e-12)
    again = noisy(himmelblau(), 0.5, seed=7)
    assert (error(again, 5) == error(surface, 5)).all()  # in whatever order the steps are asked
    assert (error(again, 1) == first).all()
    assert (error(surface, 2) != first).all()
    assert (error(noisy(himmelblau(), 0.5, seed=8), 1) != first).all()
    np.testing.assert_array_equal(surface.grad(POINTS), himmelblau().grad(POINTS))


def test_noise_has_the_mean_and_the_spread_that_were_asked_for():
    surface = noisy(quadratic(1.0, 40_000), 0.5)
    error = surface.at(3).grad(np.zeros(40_000))
    assert abs(error.mean()) < 0.01  # 4 standard errors of 0.5 / 200
    np.testing.assert_allclose(error.std(), 0.5, rtol=0.02)  # 5 standard errors of 1 / 283


def test_several_seeds_are_several_weathers_in_one_call():
    runs = descend(noisy(himmelblau(), 3.0, seed=[4, 5, 6]), gradient_descent, lr=0.01, steps=20)
    assert runs.theta.shape == (21, 3, 2)
    for i, seed in enumerate((4, 5, 6)):
        run = descend(noisy(himmelblau(), 3.0, seed), gradient_descent, lr=0.01, steps=20)
        np.testing.assert_array_equal(runs.theta[:, i], run.theta)
        np.testing.assert_array_equal(runs.loss[:, i], run.loss)


def test_many_runs_of_one_seed_have_an_error_each_and_the_first_is_that_of_one_run():
    many, few = (noisy(himmelblau(), 3.0, seed=4, runs=n).at(2) for n in (50, 3))
    errors = many.grad(np.zeros(2)) - himmelblau().grad(np.zeros(2))
    assert errors.shape == (50, 2) and len(np.unique(errors)) == 100
    np.testing.assert_array_equal(few.grad(np.zeros(2)), many.grad(np.zeros(2))[:3])
    alone = noisy(himmelblau(), 3.0, seed=4).at(2).grad(np.zeros(2))
    np.testing.assert_array_equal(alone, many.grad(np.zeros(2))[0])
    with pytest.raises(ValueError, match="give one seed with runs=3"):
        noisy(himmelblau(), 3.0, seed=[4, 5], runs=3)


@pytest.mark.parametrize(("lr", "curvature"), [(0.2, 1.0), (0.5, 3.0)])
def test_gradient_descent_ends_at_the_noise_floor(lr, curvature):
    surface = noisy(quadratic(curvature, 2000), 0.7)
    run = descend(surface, gradient_descent, lr=lr, steps=400)
    floor = lr * 0.7**2 / (curvature * (2 - lr * curvature))
    np.testing.assert_allclose(run.theta[100:].var(), floor, rtol=0.02)  # over 1e5 free samples
