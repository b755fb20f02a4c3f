"""Slices of a landscape of thousands of numbers: they hold what they say and can be drawn."""

import time

import numpy as np
import pytest
import torch
from sklearn.decomposition import PCA

from lessons.descend import descend
from lessons.networks import digits_cnn, digits_mlp, pca_plane, plane
from lessons.plots import contours, frame_map, sheet
from lessons.steps import adam
from lessons.surfaces import quadratic, ravine


@pytest.fixture(scope="module")
def surface():
    return digits_mlp(batch=32)


@pytest.fixture(scope="module")
def path(surface):
    return descend(surface, adam, lr=0.01, steps=200, every=4).theta


@pytest.fixture(params=["random", "walk"])
def seen(request, surface, path):
    random = request.param == "random"
    return plane(surface, path[-1], seed=2) if random else pca_plane(surface, path)


def test_a_slice_holds_its_centre(seen, surface, path):
    origin = np.zeros(2)
    np.testing.assert_array_equal(seen.lift(origin), path[-1])
    assert seen.loss(origin) == surface.loss(path[-1])
    assert seen.dim == 2 and seen.lift(np.zeros((3, 4, 2))).dtype == np.float32


def test_a_slice_shows_the_landscape_at_every_point(seen, surface):
    points = np.random.default_rng(0).uniform(-1, 1, (2, 3, 2))
    np.testing.assert_allclose(seen.loss(points), surface.loss(seen.lift(points)), rtol=1e-6)
    # theta is rounded to float32, some 1e-6 of a filter
    np.testing.assert_allclose(seen.project(seen.lift(points)), points, atol=1e-5)
    middle = (seen.lift([1.0, 0.0]).astype(float) + seen.lift([0.0, 1.0])) / 2
    np.testing.assert_allclose(seen.lift([0.5, 0.5]), middle, atol=1e-5)


def test_project_finds_the_nearest_point_of_a_slice(seen, path):
    theta = path[3].astype(float)
    away = theta - seen.lift(seen.project(theta))
    for direction in np.eye(2):
        along = seen.lift(direction).astype(float) - path[-1]
        assert abs(along @ away) < 1e-4 * np.linalg.norm(along) * np.linalg.norm(away)


def test_gradient_and_hessian_of_a_slice_equal_finite_differences():
    surface = quadratic(curvatures=(1.0, 2.0, 5.0, 9.0))   # smooth, where ReLU has kinks
    for seen in (plane(surface, np.ones(4), seed=1),
                 pca_plane(surface, np.random.default_rng(0).normal(size=(9, 4)))):
        points, e = np.random.default_rng(1).normal(size=(5, 2)), 1e-4
        for i, d in enumerate(np.eye(2) * e):
            gradient = (seen.loss(points + d) - seen.loss(points - d)) / (2 * e)
            np.testing.assert_allclose(seen.grad(points)[:, i], gradient, rtol=1e-6, atol=1e-8)
            bend = (seen.grad(points + d) - seen.grad(points - d)) / (2 * e)
            np.testing.assert_allclose(seen.hess(points)[..., i], bend, rtol=1e-6, atol=1e-8)


def test_hessian_of_a_network_is_seen_in_a_slice(path):
    few = digits_mlp(dtype=np.float64).first(40)
    seen, centre = plane(few, path[-1].astype(float)), path[-1].astype(float)
    d1, d2 = (seen.lift(direction) - centre for direction in np.eye(2))
    known = [[a @ few.hvp(centre, b) for b in (d1, d2)] for a in (d1, d2)]
    np.testing.assert_allclose(seen.hess((0.0, 0.0)), known, rtol=1e-8)
    np.testing.assert_allclose(seen.grad((0.0, 0.0)), [d @ few.grad(centre) for d in (d1, d2)])


@pytest.mark.parametrize("make", [digits_mlp, digits_cnn])
def test_random_directions_are_as_long_as_the_filters_and_leave_biases(make):
    surface = make(dtype=np.float64)
    seen = plane(surface, surface.start, seed=4)
    blocks = torch.nn.utils.vector_to_parameters
    parts = [torch.empty(shape) for shape in surface.shape]
    directions = [seen.lift(xy) - surface.start for xy in np.eye(2)]
    both = []
    for theta in (*directions, surface.start):
        named = [torch.nn.Parameter(part.clone().double()) for part in parts]
        blocks(torch.tensor(theta), named)
        both.append([p.detach().flatten(1) if p.ndim > 1 else p.detach() for p in named])
    for d1, d2, weights in zip(*both):
        if weights.ndim == 1:
            assert not d1.any() and not d2.any()
        else:
            torch.testing.assert_close(d1.norm(dim=1), weights.norm(dim=1))
            assert abs(torch.nn.functional.cosine_similarity(d1.ravel(), d2.ravel(), 0)) < 0.2
    again, other = plane(surface, surface.start, seed=4), plane(surface, surface.start, seed=5)
    assert (again.lift((1, 2)) == seen.lift((1, 2))).all()
    assert (other.lift((1, 2)) != seen.lift((1, 2))).any()


def test_slice_of_a_walk_is_its_principal_plane(surface, path):
    seen = pca_plane(surface, path)
    known = PCA(2).fit(path.astype(float))
    directions = [seen.lift(xy).astype(float) - path[-1] for xy in np.eye(2)]
    along = np.abs(np.array(directions) @ known.components_.T)
    np.testing.assert_allclose(along, np.eye(2), atol=1e-5)   # the signs are free
    np.testing.assert_allclose(seen.share, known.explained_variance_ratio_.sum(), rtol=1e-6)
    assert 0.8 < seen.share < 1


def test_slice_of_a_walk_holds_both_ends_of_its_shadow(surface, path):
    seen, (start, *_, end) = pca_plane(surface, path), path
    np.testing.assert_array_equal(seen.project(end), [0, 0])
    np.testing.assert_allclose(seen.project(start), seen.start, atol=1e-5)
    assert (np.array(seen.start) < 0).all()   # from there to the origin it goes right and up
    low, high = np.transpose(seen.window)
    shadow = seen.project(path)
    assert (low < shadow).all() and (shadow < high).all()
    assert seen.loss(seen.start) > 5 * seen.loss((0.0, 0.0))


def test_walk_in_a_plane_is_seen_whole():
    run = descend(ravine(angle=30), adam, lr=0.1, steps=60)
    seen = pca_plane(ravine(angle=30), run.theta)
    np.testing.assert_allclose(seen.share, 1)
    np.testing.assert_allclose(seen.lift(seen.project(run.theta)), run.theta, atol=1e-12)
    np.testing.assert_allclose(seen.loss(seen.project(run.theta)), run.loss, atol=1e-12)


@pytest.mark.parametrize("shape", [(4810,), (2, 4810), (5, 3, 4810)])
def test_a_path_of_no_plane_is_refused(surface, shape):
    with pytest.raises(ValueError, match="three points or more of one run"):
        pca_plane(surface, np.zeros(shape))


def test_a_step_walks_in_a_slice(surface, path):
    seen = pca_plane(surface.first(200), path)
    run = descend(seen, adam, lr=0.3, steps=20)
    assert run.loss[-1] < 0.8 * run.loss[0]


def test_a_slice_is_drawn_in_a_moment(surface, path):
    seen = pca_plane(surface.first(200), path)
    x, y = (np.linspace(*side, 25) for side in seen.window)
    began = time.process_time()
    seen.loss(np.stack(np.meshgrid(x, y), -1))
    assert time.process_time() - began < 1   # 0.1 s on an idle machine
    _, ax = sheet()
    frame_map(ax, seen)
    contours(ax, pca_plane(surface.first(40), path))
    assert len(ax.collections) == 2 and ax.get_xlim() == seen.window[0]
