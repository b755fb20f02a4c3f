"""What a view makes of the curvature, and views that read gradients elsewhere: SAM, Hutchinson."""

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np
import pytest

from lessons.descend import descend
from lessons.networks import digits_mlp
from lessons.steps import adam, gradient_descent, natural_gradient, sam
from lessons.surfaces import Surface, gaussian_fit, himmelblau, quadratic, ravine, rosenbrock
from lessons.views import (
    clipped,
    clipped_by_value,
    hutchinson,
    in_units,
    moving,
    noisy,
    rotated,
    scaled,
    sharpness_aware,
    spiked,
    with_l2,
)

POINTS = np.random.default_rng(0).uniform(-2, 2, (6, 5, 2))
U = np.random.default_rng(1).normal(size=(6, 5, 2))
VIEWS = {
    "clipped": lambda surface: clipped(surface, 1.0),
    "clipped_by_value": lambda surface: clipped_by_value(surface, 1.0),
    "spiked": lambda surface: spiked(surface, 3.0, when=2),
    "rotated": lambda surface: rotated(surface, 30),
    "scaled": lambda surface: scaled(surface, 1000.0),
    "in_units": lambda surface: in_units(surface, 0.5),
    "with_l2": lambda surface: with_l2(surface, 0.1),
    "noisy": lambda surface: noisy(surface, 0.5, seed=3),
    "sharpness_aware": lambda surface: sharpness_aware(surface, 0.05),
    "hutchinson": lambda surface: hutchinson(surface, seed=2),
    "moving": lambda surface: moving(surface, lambda t: np.array([0.1, -0.2]) * t),
}
every_view = pytest.mark.parametrize("name", VIEWS)


def known(surface):
    """The surface with all that can be known of its curvature."""
    return replace(
        surface,
        hvp=lambda theta, u: np.einsum("...ij,...j->...i", surface.hess(theta), u),
        diagonal=lambda theta: np.diagonal(surface.hess(theta), axis1=-2, axis2=-1),
        fisher=lambda theta: np.exp(-theta * theta)[..., None] * np.eye(2),
        factors=lambda theta: [(np.eye(1), np.eye(2))],
    )


def at(surface, t):
    return surface if surface.at is None else surface.at(t)


@every_view
def test_every_kind_of_curvature_belongs_to_the_loss_that_is_seen(name):
    seen = at(VIEWS[name](known(rosenbrock())), 3)

    def gradient(theta, h=1e-3):  # of the loss: clipping and SAM change what grad answers
        e = h * np.eye(2)
        return np.stack([(seen.loss(theta + d) - seen.loss(theta - d)) / (2 * h) for d in e], -1)

    change = (gradient(POINTS + 1e-3 * U) - gradient(POINTS - 1e-3 * U)) / 2e-3
    H = seen.hess(POINTS)
    for product in ((H @ U[..., None])[..., 0], seen.hvp(POINTS, U)):
        # 1e-6 from the differences, and as much from the rounding of a loss of 1e3
        np.testing.assert_allclose(product, change, rtol=0, atol=1e-5 * abs(H).max())
    if name == "rotated":
        assert seen.diagonal is None and seen.factors is None
    elif name != "hutchinson":
        exact = np.diagonal(seen.hess(POINTS), axis1=-2, axis2=-1)
        np.testing.assert_allclose(seen.diagonal(POINTS), exact, rtol=1e-12)


@every_view
def test_what_a_surface_does_not_know_no_view_knows(name):
    seen = at(VIEWS[name](himmelblau()), 3)
    assert seen.hvp is None and seen.fisher is None and seen.factors is None
    assert (seen.diagonal is None) == (name != "hutchinson")


@pytest.mark.parametrize("name", ["scaled", "with_l2", "clipped", "noisy", "sharpness_aware"])
def test_the_model_and_its_fisher_matrix_do_not_change_with_the_loss(name):
    surface = known(himmelblau())
    seen = at(VIEWS[name](surface), 3)
    assert seen.fisher is surface.fisher and seen.factors is surface.factors


def test_natural_gradient_does_not_notice_turned_axes():
    plain, turned = gaussian_fit(), rotated(gaussian_fit(), 40)
    runs = [descend(surface, natural_gradient, steps=30, lr=0.1) for surface in (plain, turned)]
    np.testing.assert_allclose(runs[0].loss, runs[1].loss, rtol=1e-10, atol=1e-14)
    F = plain.fisher(runs[0].theta)
    np.testing.assert_allclose(np.linalg.det(turned.fisher(runs[1].theta)), np.linalg.det(F))


# Networks


@dataclass(frozen=True)
class Judged(Surface):
    accuracy: Callable | None = None


@every_view
def test_view_of_a_network_is_one_with_the_same_accuracy(name):
    surface = known(himmelblau())
    judged = Judged(**vars(surface), accuracy=lambda theta: theta.sum(-1))
    for seen in (VIEWS[name](judged), VIEWS[name](noisy(judged, 0.1)).at(2)):
        assert type(seen) is Judged and seen.accuracy is judged.accuracy


@pytest.mark.parametrize("name", [n for n in VIEWS if n not in ("rotated", "moving")])
def test_network_seen_through_a_view_is_trained_in_its_own_precision(name):
    network = digits_mlp(batch=8, seed=[0, 1])
    seen = VIEWS[name](network).at(1)
    u = np.ones_like(network.start)
    for values in (seen.grad(network.start), seen.hvp(network.start, u),
                   seen.diagonal(network.start)):
        assert values.dtype == np.float32 and values.shape == network.start.shape
    run = descend(VIEWS[name](network), gradient_descent, steps=2, lr=1e-4)
    assert run.theta.dtype == np.float32 and np.isfinite(run.loss).all()


# sharpness_aware


def test_gradient_descent_on_the_sharpness_aware_surface_is_sam():
    for surface in (rosenbrock(), noisy(himmelblau(), 2.0, seed=1)):
        starts = surface.start + POINTS[0]
        runs = [descend(sharpness_aware(surface, 0.3), gradient_descent, starts, lr=1e-3),
                descend(surface, sam, starts, lr=1e-3, rho=0.3)]
        np.testing.assert_array_equal(runs[0].theta, runs[1].theta)
        np.testing.assert_array_equal(runs[0].loss, runs[1].loss)


def test_any_step_has_a_sharpness_aware_form():
    surface, rho = rosenbrock(), 0.05
    run = descend(sharpness_aware(surface, rho), adam, steps=20, lr=0.1)
    theta, m, v = np.array(surface.start), 0.0, 0.0
    for t in range(1, 21):
        x, y = surface.grad(theta)
        g = surface.grad(theta + rho * np.array([x, y]) / np.hypot(x, y))
        m, v = 0.9 * m + 0.1 * g, 0.999 * v + 0.001 * g * g
        theta = theta - 0.1 * m / (1 - 0.9**t) / (np.sqrt(v / (1 - 0.999**t)) + 1e-8)
        np.testing.assert_allclose(run.theta[t], theta, rtol=1e-10)


# hutchinson


def estimates(surface, theta, count):
    return np.array([surface.at(t).diagonal(theta) for t in range(1, count + 1)])


def test_hutchinson_is_right_on_average_and_errs_by_the_rest_of_the_row():
    surface = quadratic()
    H, theta = surface.hess(np.zeros(5)), np.zeros(5)
    found = estimates(hutchinson(surface), theta, 4000)
    spread = np.sqrt((H * H).sum(-1) - np.diag(H) ** 2)
    assert (abs(found.mean(0) - np.diag(H)) < 4 * spread / np.sqrt(4000)).all()
    np.testing.assert_allclose(found.std(0), spread, rtol=0.05)  # 4 standard errors at 1 / 90


def test_hutchinson_is_exact_where_the_axes_are_the_coordinates():
    surface = hutchinson(ravine(condition=7))
    found = estimates(surface, POINTS, 5)
    np.testing.assert_allclose(found, np.broadcast_to([1.0, 7.0], found.shape), rtol=1e-12)


def test_hutchinson_draws_for_each_step_and_seed_and_the_same_for_all_runs():
    theta = np.zeros((3, 5))
    found = estimates(hutchinson(quadratic(), seed=4), theta, 20)
    np.testing.assert_array_equal(found, np.broadcast_to(found[:, :1], found.shape))
    np.testing.assert_array_equal(found, estimates(hutchinson(quadratic(), seed=4), theta, 20))
    other = estimates(hutchinson(quadratic(), seed=5), theta, 20)
    assert (found[1:] != found[:-1]).any() and (found != other).any()
    assert len(np.unique(found[:, 0, 0])) > 4


def test_hutchinson_multiplies_by_the_hessian_of_the_mini_batch():
    surface = known(himmelblau())
    surface = replace(surface, hess=None, at=lambda t: scaled(surface, float(t)))
    seen, still = hutchinson(surface, seed=1), hutchinson(known(himmelblau()), seed=1)
    for t in (1, 2, 3):
        expected = t * still.at(t).diagonal(POINTS)
        np.testing.assert_allclose(seen.at(t).diagonal(POINTS), expected, rtol=1e-12)


def test_hutchinson_refuses_a_surface_without_curvature():
    with pytest.raises(ValueError, match="Himmelblau has none"):
        hutchinson(replace(himmelblau(), hess=None))
