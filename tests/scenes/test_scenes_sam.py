"""SAM's scenes show the walks of descend, and balls whose worst point is the worst."""

import numpy as np
import pytest
from support.scene import drawn, notes, words

from lessons.descend import descend
from lessons.scenes import bouncing, moved, worst_point
from lessons.scenes.sam.moved import BOWL, HOLE, MOST, STEPS, loss
from lessons.scenes.sam.worst_point import (
    LENGTH,
    PASS,
    PLACES,
    VALLEY,
    WELLS,
    top,
    worst_in,
)
from lessons.scenes.sam.worst_point import STEPS as WALKED
from lessons.steps import gradient_descent, sam
from lessons.surfaces import parabola, sharp_and_flat

NEAR = dict(atol=2e-3)      # float32 fractions of the axes


def test_the_moved_curve_is_the_slice_of_the_surface_and_the_price_its_loss():
    x = np.linspace(-2.5, 3, 12)
    np.testing.assert_allclose(loss(x, 40.0),
                               sharp_and_flat().loss(np.stack([x, 0 * x], -1)), rtol=1e-12)
    stage = moved(curvature=40.0)
    for group, at in (("hole", HOLE), ("bowl", BOWL)):
        [paid] = drawn(stage, "path", 1, group)
        by = MOST * np.arange(STEPS + 1) / STEPS
        np.testing.assert_allclose(paid, np.stack([by, loss(at - by, 40.0)], -1), **NEAR)
    bars = [np.isfinite(bar).all((1, 2)) for bar in drawn(stage, "arrow", 0)]
    assert bars[0][30] and not bars[0][0] and not bars[1][30]     # a low bar lies under its dot
    curve = drawn(stage, "curve", 0, "moved")[0][30]
    np.testing.assert_allclose(curve[60:200, 1], loss(curve[60:200, 0] - MOST / 2, 40.0), atol=0.02)


@pytest.mark.parametrize(("place", "rho", "start"), [
    (WELLS, 0.3, (-1.9, 0.3)), (WELLS, 0.8, (-1.9, 0.3)), (VALLEY, 0.2, (3.0, 0.5))])
def test_the_paths_are_those_of_descend(place, rho, start):
    surface, stage = PLACES[place], worst_point(place=place, rho=rho, lr=0.02, start=start)
    plain = descend(surface, gradient_descent, start, WALKED, lr=0.02)
    ours = descend(surface, sam, start, WALKED, lr=0.02, rho=rho).theta
    for group, theta in (("Gradient descent", plain.theta), ("SAM", ours)):
        [path] = drawn(stage, "path", 0, group)
        np.testing.assert_allclose(path, theta, **NEAR)
        bends = np.linalg.eigvalsh(surface.hess(theta))[:, -1]
        assert notes(stage, group) == [f"curvature {bend:.3g}" for bend in bends]
    assert words(stage, 1)[0][-1] == (
        f"SAM: curvature {bends[-1]:.2g}, loss {surface.loss(ours[-1]):.2f}")


def test_no_point_of_the_ball_is_worse_than_the_worst_and_sam_s_guess_is_rho_uphill():
    surface, at, rho = sharp_and_flat(), np.array([[-1.3, 0.1], [-1.9, 0.3], [1.0, 0.5]]), 0.5
    bad, where = worst_in(surface, at, rho)
    inside = np.random.default_rng(0).normal(size=(4000, 2))
    inside *= rho * np.random.default_rng(1).random((4000, 1)) / np.sqrt(
        np.square(inside).sum(-1, keepdims=True))
    assert (surface.loss(at[:, None] + inside).max(1) <= bad * 1.001).all()     # 288 points tried
    np.testing.assert_allclose(surface.loss(where), bad)
    stage = worst_point(rho=rho, start=(-1.3, 0.1))
    [climb] = drawn(stage, "arrow", 0, "climb (arrow)")
    g = surface.grad(at[0])
    np.testing.assert_allclose(climb[0], [at[0], at[0] + rho * g / np.sqrt(g @ g)], **NEAR)
    assert "2.72, SAM's guess 2.23" in words(stage, 0)[0][0]
    [second] = drawn(stage, "arrow", 0, "downhill from there")     # where SAM reads
    down = -surface.grad(climb[0, 1].astype(float))
    np.testing.assert_allclose(second[0, 0], climb[0, 1], **NEAR)
    np.testing.assert_allclose(second[0, 1] - second[0, 0], LENGTH * down / np.hypot(*down),
                               atol=0.01)
    hop = worst_point(rho=0.8, start=(-1.9, 0.3)).summary       # it misses the hole's minimum
    assert "climb ends at (-1.500, -0.129), with the loss 0.310" in hop
    across = worst_point(place=VALLEY, rho=0.2, lr=0.1, start=(3.0, 0.5)).summary
    assert "the loss 0.038; the worst point of this ball is (1.259, 1.029), with 0.044" in across
    assert top(surface, at) == pytest.approx(np.linalg.eigvalsh(surface.hess(at))[:, -1])


def test_the_pass_is_named_where_the_way_is_highest_and_only_on_its_map():
    x = np.linspace(HOLE, BOWL, 30001)
    highest = sharp_and_flat().loss(np.stack([x, 0 * x], -1)).argmax()
    assert x[highest] == pytest.approx(PASS, abs=2e-4)
    stage = worst_point()
    assert [*map(max, words(stage, 0)[1:])] == ["hole", "bowl", "pass"]
    places = [at for at in drawn(stage, "text", 0) if len(at) == 1]
    assert len(places) >= 3 and np.isfinite(np.concatenate(places[-3:])).all()
    stage.set(place=VALLEY)
    places = [at for at in drawn(stage, "text", 0) if len(at) == 1]
    assert np.isnan(np.concatenate(places[-3:])).all()


@pytest.mark.parametrize(("rho", "lr", "curvature"), [(0.5, 0.05, 10.0), (0.2, 0.18, 10.0),
                                                      (0.5, 0.05, 4.0)])
def test_the_bounce_is_sam_s_walk_and_ends_between_the_dashed_lines(rho, lr, curvature):
    stage = bouncing(rho=rho, lr=lr, curvature=curvature)
    run = descend(parabola(curvature), sam, (-1.0,), 24, lr=lr, rho=rho)
    [lane] = drawn(stage, "path", 1, "SAM")
    np.testing.assert_allclose(lane[:, 1], run.theta[:, 0], **NEAR)
    far = descend(parabola(curvature), sam, (-1.0,), 2000, lr=lr, rho=rho).theta[-2:, 0]
    lines = [at[0, 1] for at in drawn(stage, "path", 1) if len(at) == 2]
    np.testing.assert_allclose(np.sort(lines), np.sort(far), **NEAR)
    [here], [read] = drawn(stage, "marker", 0), drawn(stage, "marker", 0, "reads here")
    np.testing.assert_allclose(read[:, 0] - here[:, 0], rho * np.sign(run.theta[:, 0]), **NEAR)


def test_a_bounce_beyond_the_limit_says_so():
    assert "diverges" in words(bouncing(lr=0.25, curvature=10.0), 1)[0][0]
