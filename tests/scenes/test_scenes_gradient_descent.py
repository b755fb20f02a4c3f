"""Gradient descent's scenes show the closed form and the walks of descend."""

import numpy as np
import pytest
from support.scene import drawn, in_data, tracks

from lessons.descend import descend
from lessons.networks import digits_mlp
from lessons.scenes import held, moving_limit, two_vs
from lessons.scenes.common.runs import until_gone
from lessons.scenes.gradient_descent.moving_limit import apart
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock

NEAR = dict(atol=2e-5)      # float32 fractions of the axes


@pytest.mark.parametrize(("lr_L", "condition", "angle"), [(0.6, 20, 30), (1.905, 50, 80),
                                                          (2.05, 3, 0), (0.3, 1, 45)])
def test_the_markers_stand_on_the_vs_and_the_distances_shrink_by_what_they_say(
        lr_L, condition, angle):
    stage = two_vs()
    stage.set(lr_L=lr_L, condition=condition, angle=angle)
    for name, share, first in (("Floor", 1 / condition, 1.5), ("Wall", 1, 0.8)):
        factor = abs(1 - lr_L * share)
        np.testing.assert_allclose(drawn(stage, "marker", 0, name)[0], [[lr_L, factor]], **NEAR)
        [v] = drawn(stage, "path", 0, name)
        np.testing.assert_allclose(v[:, 1], abs(1 - v[:, 0] * share), **NEAR)
        [left] = drawn(stage, "path", 2, name)
        wanted = first * factor ** np.arange(61)
        seen = wanted > 1e-6        # below, rounding of theta counts
        np.testing.assert_allclose(np.log(left[seen, 1]), np.log(wanted[seen]), atol=1e-3)
    slowest = drawn(stage, "path", 0)[0]
    np.testing.assert_allclose(slowest[:, 1], np.maximum(
        abs(1 - slowest[:, 0]), abs(1 - slowest[:, 0] / condition)), **NEAR)


def test_the_path_is_that_of_descend_and_its_lengths_do_not_depend_on_the_angle():
    stage, before = two_vs(lr_L=1.8), []
    for angle in (0, 30, 75):
        stage.set(angle=angle)
        run = descend(ravine(20, angle), gradient_descent, steps=60, lr=0.09)
        np.testing.assert_allclose(drawn(stage, "path", 1)[0], run.theta, **NEAR)
        now = [drawn(stage, "path", 2, name)[0][:, 1] for name in ("Floor", "Wall")]
        np.testing.assert_allclose(np.log(now), np.log(before or now), atol=1e-4)
        before = before or now


@pytest.mark.parametrize(("lr_L", "word"), [(1.99, "converges"), (2.0, "never arrives"),
                                          (2.01, "diverges")])
def test_the_map_says_what_becomes_of_the_walk(lr_L, word):
    stage = two_vs()
    stage.set(lr_L=lr_L)
    said = [track["words"] for track in stage.scene["tracks"]
            if track["kind"] == "text" and track["ax"] == 1]
    assert said == [[f"the path {word}; dark: its last 6 steps"]]
    assert stage.summary.endswith(f"the path {word}")


@pytest.mark.parametrize("lr_L", [1.98, 2.1])       # at 2.1 the path leaves the map
def test_the_dark_part_of_the_path_is_its_last_six_steps_in_sight(lr_L):
    stage = two_vs(lr_L=lr_L)
    run = descend(ravine(20, 30), gradient_descent, steps=60, lr=lr_L / 20)
    [dark] = tracks(stage, "curve", 1)
    last = np.isfinite(until_gone(run.theta, ravine(20, 30).window)[:, 0]).sum() - 1
    assert (last < 60) == (lr_L > 2)
    for step in (0, 4, 20, 60):
        seen, end = in_data(stage.figure.axes[1], dark[step])[::-1], min(step, last)
        np.testing.assert_allclose(seen, run.theta[np.maximum(range(end - 6, end + 1), 0)], **NEAR)


def test_the_moving_limit_shows_the_loss_of_descend_and_the_limit_of_the_hessian():
    stage, net = moving_limit(doublings=2), digits_mlp(batch=None, dtype=np.float64)
    run = descend(net, gradient_descent, steps=21, lr=0.4)
    [loss], [limit] = drawn(stage, "path", 0, "Loss"), drawn(stage, "path", 1, "Limit there")
    np.testing.assert_allclose(np.log(loss[:22, 1]), np.log(run.loss), atol=1e-3)
    there = 2 / net.first(1297).top_eigenvalue(run.theta[21], 40)   # of those looked at: 0, 7, ...
    assert limit[21, 1] == pytest.approx(there, rel=1e-3)
    others = drawn(stage, "path", 0)        # lr 0.2, 0.4 and 0.8
    assert len(others) == 3 and np.allclose(others[1], loss, rtol=1e-4)


def test_the_limit_comes_back_to_the_own_lr_of_a_run_that_was_beyond_it():
    stage = moving_limit(doublings=3)
    limit = drawn(stage, "path", 1, "Limit there")[0][:, 1]
    assert limit[:50].min() < 0.6 and limit[80:].mean() == pytest.approx(0.8, rel=0.1)


def test_the_name_of_the_shown_run_alone_has_the_colour_of_its_curve():
    stage = moving_limit(doublings=3)
    for doublings, own in ((1, ["lr 0.2"]), (3, ["lr 0.8"]), (5, [])):
        stage.set(doublings=doublings)
        curve, = {track["color"] for track in stage.scene["tracks"] if track["group"] == "Loss"}
        headline, *names = [track for track in stage.scene["tracks"]
                            if track["kind"] == "text" and track["ax"] == 0 and track["words"][0]]
        assert sorted(track["words"][0] for track in names) == ["lr 0.2", "lr 0.4", "lr 0.8"]
        assert [track["words"][0] for track in names if track["color"] == curve] == own


def test_the_valley_shows_the_walk_of_descend_and_the_limit_of_the_hessian():
    stage = held(lr=0.004)
    run = descend(rosenbrock(), gradient_descent, steps=400, lr=0.004)
    np.testing.assert_allclose(drawn(stage, "path", 0)[-1], run.theta, **NEAR)
    limit = drawn(stage, "path", 1)[-1]
    there = 2 / np.linalg.eigvalsh(rosenbrock().hess(run.theta))[:, -1]
    np.testing.assert_allclose(np.log(limit[:, 1]), np.log(there), atol=1e-4)


def test_a_run_that_leaves_the_valley_is_drawn_until_it_is_gone_and_the_headline_says_so():
    stage = held(lr=0.0063)
    run = descend(rosenbrock(), gradient_descent, steps=400, lr=0.0063)
    assert 5 < run.diverged_at < 20
    assert f"flies out at step {run.diverged_at}" in stage.summary
    walk, limit = drawn(stage, "path", 0)[-1], drawn(stage, "path", 1)[-1]
    assert np.isnan(walk[run.diverged_at:]).all() and np.isnan(limit[run.diverged_at:, 1]).all()
    stage.set(lr=0.006)
    assert "flies out" not in stage.summary
    assert "0.006 on average over the last" in stage.summary


def test_from_step_2000_on_a_closer_map_shows_two_points_on_both_sides_of_the_floor():
    stage = held(lr=0.004)
    first = repr(stage), stage.backdrop
    stage.set(seen="step 2,000")
    run = descend(rosenbrock(), gradient_descent, steps=2020, lr=0.004)
    [before] = [at for at in drawn(stage, "marker", 0) if len(at) == 21]
    np.testing.assert_allclose(before[1:], run.theta[2000:2020], **NEAR)
    floor, walk = drawn(stage, "path", 0)
    np.testing.assert_allclose(floor[:, 1], floor[:, 0] ** 2, **NEAR)
    above = walk[:, 1] > walk[:, 0] ** 2
    assert (above[1:] != above[:-1]).all() and stage.steps == 20 and len(walk) == 21
    limit = drawn(stage, "path", 1)[-1][:, 1]
    assert ((limit > 0.004) == above).all()
    stage.set(seen="the start")
    assert (repr(stage), stage.backdrop) == first


def test_the_moving_limit_says_of_each_place_whether_it_lies_above_the_rate():
    stage = moving_limit(doublings=3)
    limit = drawn(stage, "path", 1, "Limit there")[0][:, 1]
    [said] = [track["words"] for track in stage.scene["tracks"]
              if track["kind"] == "text" and track["ax"] == 1 and len(track["words"]) > 1]
    assert [words.endswith("below lr 0.8") for words in said] == list(limit <= 0.8)
    assert said[0] == "limit 3.4, above lr 0.8"


def test_labels_stand_apart_in_the_order_of_their_values():
    heights = np.log10(apart([0.1, 0.11, 9.0, 99.0, 0.105, 0.3]))
    assert np.argsort(heights).tolist() == [0, 4, 1, 5, 2, 3]
    assert np.diff(np.sort(heights)).min() > 0.15
