"""Every surface against finite differences, and against its formula restated in torch."""

import inspect
from functools import reduce
from math import cos, pi, radians, sin, sqrt

import numpy as np
import pytest
import torch

from lessons import surfaces
from lessons.descend import descend
from lessons.surfaces import (
    Surface,
    bowl,
    double_well,
    gaussian_fit,
    matrix_problem,
    parabola,
    ravine,
    rosenbrock,
    saddle,
    sharp_and_flat,
    steep_optima,
)

BUILDERS = [
    f for f in vars(surfaces).values()
    if inspect.isfunction(f) and inspect.get_annotations(f).get("return") is Surface
    and not f.__name__.startswith("_")
]
every_surface = pytest.mark.parametrize(
    "surface",
    [make() for make in BUILDERS] + [
        ravine(condition=50, angle=30), parabola(curvature=3), matrix_problem(2, 5, seed=3),
        gaussian_fit("log sigma"), gaussian_fit("precision"),
    ],
    ids=lambda surface: surface.name,
)


def gradient_descent(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


def points(surface, count=40):
    """Random points in the window, or where there is none about the origin. (count, D)"""
    low, high = np.transpose(surface.window) if surface.window else (-2, 2)
    return np.random.default_rng(0).uniform(low, high, (count, surface.dim))


def differences(function, theta):
    """The derivative along each coordinate, last axis, by differences that are exact up to h^4."""
    h = 1e-3
    ahead = h * np.eye(theta.shape[-1])
    near = [(function(theta + e) - function(theta - e)) / (2 * h) for e in ahead]
    far = [(function(theta + 2 * e) - function(theta - 2 * e)) / (4 * h) for e in ahead]
    return np.stack([(4 * n - f) / 3 for n, f in zip(near, far)], axis=-1)


def test_all_surfaces_are_found():
    assert len(BUILDERS) >= 15


@every_surface
def test_gradient_is_the_derivative_of_the_loss(surface):
    theta = points(surface)
    g = surface.grad(theta)
    # h^4 times a fifth derivative of up to 1e6
    np.testing.assert_allclose(g, differences(surface.loss, theta), rtol=1e-6, atol=1e-6)


@every_surface
def test_hessian_is_the_derivative_of_the_gradient(surface):
    theta = points(surface)
    H = surface.hess(theta)
    np.testing.assert_array_equal(H, H.swapaxes(-1, -2))
    np.testing.assert_allclose(H, differences(surface.grad, theta), rtol=1e-6, atol=1e-5)


# The formulas once more, from the literature, in another form than in the package.
C, S = cos(radians(30)), sin(radians(30))
ENDLESS = ["Two images", "Two weights", "Neuron unrolled 10 times",    # no minimum, or a line
           "One equation", "Two points"]
STATED = {
    "parabola": lambda x: x**2 / 2,
    "ravine": lambda x, y: (x**2 + 20 * y**2) / 2,
    "turned ravine": lambda x, y: ((C * x + S * y) ** 2 + 50 * (C * y - S * x) ** 2) / 2,
    "bowl": lambda x, y: (x**2 + y**2) / 2,
    "saddle": lambda x, y: (x**2 - y**2) / 2 + y**4 / 4 + 1 / 4,
    "hyperbola": lambda x, y: (1 + x**2) ** 0.5 - 1 + y**2 / 2,
    "rosenbrock": lambda x, y: (1 - x) ** 2 + 100 * (y - x**2) ** 2,
    "himmelblau": lambda x, y: (x**2 + y - 11) ** 2 + (x + y**2 - 7) ** 2,
    "beale": lambda x, y: sum(
        (c - x * (1 - y**k)) ** 2 for k, c in ((1, 1.5), (2, 2.25), (3, 2.625))
    ),
    "rastrigin": lambda x, y: 20 + sum(z**2 - 10 * torch.cos(2 * pi * z) for z in (x, y)),
    "steep_optima": lambda x, y: (
        1.02 - 0.02 - 0.04 / (x**2 + 3 * y**2 + 0.04)
        + 0.02 * ((x**2 + 3 * y**2 + 0.04) ** 0.5 - 0.2)
    ),
    "sharp_and_flat": lambda x, y: 1 / (
        1 / (20 * (x + 1.5) ** 2 + 20 * y**2) + 1 / ((x - 1.5) ** 2 / 2 + y**2 / 2)
    ),
    "two_weights": lambda x, y: (x**2 * y**2 - 2 * x * y + 1) / 2,
    "recurrent_neuron": lambda w, b: (
        reduce(lambda h, t: (w * h + b).tanh(), range(10), 0 * w) - 0.8) ** 2 / 2,
    "one_equation": lambda u, v: (2 * u + v - 5) ** 2 / 2,
    "two_points": lambda u, v: sum((1 + (-a * u - b * v).exp()).log()
                                   for a, b in ((2, 1), (1, 5))) / 2,
    "double_well": lambda x, y: ((x**2 - 1) ** 2 + 0.2 * (x - 1) ** 2) / 4 + y**2 / 2,
}


@pytest.mark.parametrize("name", STATED)
def test_formula_equals_the_one_stated_in_torch(name):
    turned = name == "turned ravine"
    surface = ravine(condition=50, angle=30) if turned else getattr(surfaces, name)()
    theta = points(surface)
    tensor = torch.tensor(theta, requires_grad=True)
    loss = STATED[name](*tensor.unbind(-1))
    (g,) = torch.autograd.grad(loss.sum(), tensor, create_graph=True)
    rows = [torch.autograd.grad(g[:, i].sum(), tensor, retain_graph=True)[0]
            for i in range(surface.dim)]
    # rounding alone: the two forms of a formula cancel differently
    near = {"rtol": 1e-10, "atol": 1e-10}
    np.testing.assert_allclose(surface.loss(theta), loss.detach(), **near)
    np.testing.assert_allclose(surface.grad(theta), g.detach(), **near)
    np.testing.assert_allclose(surface.hess(theta), torch.stack(rows, -1), **near)


@every_surface
def test_minima_have_no_loss_no_gradient_and_no_way_down(surface):
    assert bool(surface.minima) is (surface.name not in ENDLESS)
    minima = np.array(surface.minima).reshape(-1, surface.dim)
    # minima are written to 16 digits, so the gradient is off by 1e-15 times the curvature
    np.testing.assert_allclose(surface.loss(minima), 0, atol=1e-25)
    np.testing.assert_allclose(surface.grad(minima), 0, atol=1e-12)
    # a vector added to all three classes changes nothing: three directions are flat
    flat = 3 if surface.name == "Softmax regression" else 0
    assert (np.linalg.eigvalsh(surface.hess(minima))[..., flat:] > 1e-3).all()


@every_surface
def test_loss_is_nowhere_below_zero(surface):
    if surface.window:
        axes = [np.linspace(low, high, 101) for low, high in surface.window]
        grid = np.stack(np.meshgrid(*axes), axis=-1)
    else:
        grid = points(surface, 2000)
    assert (surface.loss(grid) >= 0).all()


@every_surface
def test_window_holds_the_start_and_the_minima(surface):
    low, high = np.transpose(surface.window) if surface.window else (-np.inf, np.inf)
    for theta in map(np.array, (surface.start, *surface.minima)):
        assert len(theta) == surface.dim
        assert (low < theta).all() and (theta < high).all()
    assert surface.loss(np.array(surface.start)) > 0.1


@every_surface
def test_grid_of_points_equals_loop_of_points_bit_for_bit(surface):
    theta = points(surface, 50 * 70).reshape(50, 70, surface.dim)  # x**2 differs once in 1,000
    for function in (surface.loss, surface.grad, surface.hess):
        looped = np.array([[function(point) for point in row] for row in theta])
        np.testing.assert_array_equal(function(theta), looped)


@every_surface
def test_whole_numbers_count_like_any_others(surface):
    small = np.full(surface.dim, 100, dtype=np.int8)  # 100 squared does not fit
    for function in (surface.loss, surface.grad, surface.hess):
        np.testing.assert_array_equal(function(small), function(small.astype(float)))
        np.testing.assert_array_equal(function(small.tolist()), function(small.astype(float)))


@every_surface
def test_argument_is_left_as_it_was(surface):
    theta = points(surface)
    theta.flags.writeable = False
    for function in (surface.loss, surface.grad, surface.hess):
        assert not np.shares_memory(function(theta), theta)


CURVATURES = [
    (parabola(curvature=3), (0.7,), (3,)),
    (ravine(condition=20, angle=30), (1, 1), (1, 20)),
    (bowl(), (1, 1), (1, 1)),
    (saddle(), (0, 0), (-1, 1)),
    (saddle(), (0, -1), (1, 2)),
    (rosenbrock(), (1, 1), (501 - sqrt(501**2 - 400), 501 + sqrt(501**2 - 400))),
    (steep_optima(), (0, 0), (2 / 0.2**2 + 0.02 / 0.2, 6 / 0.2**2 + 3 * 0.02 / 0.2)),
    (sharp_and_flat(), (-1.5, 0), (40, 40)),
    (sharp_and_flat(), (1.5, 0), (1, 1)),
]


@pytest.mark.parametrize(("surface", "point", "known"), CURVATURES)
def test_curvatures_are_those_that_the_docstring_names(surface, point, known):
    curvatures = np.linalg.eigvalsh(surface.hess(np.array(point)))
    np.testing.assert_allclose(curvatures, known, rtol=1e-11)


@pytest.mark.parametrize("angle", [0, 20, 45, 70, 90])
def test_ravine_turns_under_the_axes_and_nothing_else_changes(angle):
    straight, turned = ravine(), ravine(angle=angle)
    low, high = np.transpose(turned.window)
    assert (low < turned.start).all() and (turned.start < high).all()
    runs = [descend(surface, gradient_descent, lr=0.04).loss for surface in (straight, turned)]
    np.testing.assert_allclose(*runs, rtol=1e-9, atol=1e-20)  # 100 steps of rounding


def test_shallow_well_holds_what_comes_without_momentum():
    surface = double_well()
    shallow, top = np.array([[(-1 - sqrt(0.6)) / 2, 0], [(-1 + sqrt(0.6)) / 2, 0]])
    np.testing.assert_allclose(surface.grad(np.stack([shallow, top])), 0, atol=1e-14)
    np.testing.assert_allclose([surface.loss(shallow), surface.loss(top)], [0.19, 0.31], atol=0.005)
    run = descend(surface, gradient_descent, lr=0.1, steps=300)
    np.testing.assert_allclose(run.theta[-1], shallow, atol=1e-8)


def test_no_lr_saves_gradient_descent_from_steep_optima():
    lrs = np.geomspace(1e-4, 1e3, 61)[:, None]
    runs = descend(steep_optima(), gradient_descent, lr=lrs, steps=200)
    # not one comes to rest: within any ten steps it is, or is back, above half of the plain's loss
    assert runs.loss[-10:].max(axis=0).min() > 0.5
    control = descend(ravine(), gradient_descent, lr=lrs, steps=200)
    assert np.nanmin(control.loss[-1]) < 1e-6


def test_well_of_steep_optima_holds_small_steps_and_throws_out_long_ones():
    start = (0.02, 0.02)
    runs = descend(steep_optima(), gradient_descent, start, lr=np.array([[0.01], [0.2]]), steps=200)
    assert runs.loss[-1, 0] < 1e-12
    assert runs.loss[-10:, 1].max() > 0.5


def test_sharp_minimum_throws_out_what_the_flat_one_holds():
    near = np.array([[-1.499, 0.001], [1.501, 0.001]])
    for lr, held in ((0.04, [True, True]), (0.06, [False, True])):  # 2 / 40 = 0.05 lies between
        end = descend(sharp_and_flat(), gradient_descent, near, lr=lr, steps=300).theta[-1]
        assert (np.abs(end - near).max(axis=-1) < 0.01).tolist() == held


def test_gradient_descent_lingers_at_the_saddle():
    run = descend(saddle(), gradient_descent, lr=0.1, steps=150)
    assert np.abs(run.loss[30:60] - 0.25).max() < 0.04
    assert run.loss[-1] < 1e-6
