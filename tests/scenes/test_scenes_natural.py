"""What the scenes of the natural gradient show equals descend, the divergence and the formulas."""

import numpy as np
import pytest
from support.scene import drawn, told

from lessons.descend import descend
from lessons.experiments.coordinates import CHARTS, divergence
from lessons.experiments.kl_limits import nats, ppo_end
from lessons.scenes import apart, clip_or_kl, two_charts
from lessons.scenes.natural.apart import RING, egg_of
from lessons.scenes.natural.clip_or_kl import push
from lessons.scenes.natural.two_charts import NATS as RING_OF_CHARTS
from lessons.scenes.natural.two_charts import ball, touching
from lessons.steps import gradient_descent, natural_gradient
from lessons.surfaces import gaussian_fit

NEAR = dict(atol=2e-4)      # float32 fractions of the axes


def test_both_walks_stand_in_both_charts_and_are_those_of_descend():
    stage = two_charts(rule="natural gradient", lr=0.03, chart="log σ")
    left = descend(gaussian_fit(), natural_gradient, (-1.5, 0.6), stage.steps, lr=0.03).theta
    right = descend(gaussian_fit("log sigma"), natural_gradient, (-1.5, np.log(0.6)), stage.steps,
                    lr=0.03).theta
    one, other = ([drawn(stage, "path", ax, f"steps in the {side} chart")[0]
                   for side in ("left", "right")] for ax in (0, 1))
    np.testing.assert_allclose(one[0], left, **NEAR)
    np.testing.assert_allclose(other[1], right, **NEAR)
    np.testing.assert_allclose(one[1], right * (1, 0) + np.exp(right) * (0, 1), **NEAR)
    np.testing.assert_allclose(other[0], left * (1, 0) + np.log(np.abs(left)) * (0, 1),
                               **NEAR)


@pytest.mark.parametrize("rule, damping, same", [
    ("gradient descent", 0.0, False), ("natural gradient", 0.0, True),
    ("natural gradient", 0.3, False), ("KL step", 0.0, True), ("KL step", 0.3, False)])
def test_a_unit_parts_the_walks_of_gradient_descent_and_damped_ones(rule, damping, same):
    stage = two_charts(rule=rule, lr=0.003, damping=damping, chart="μ in tenths")
    gap = float(stage.summary.rsplit(" ", 1)[1])
    assert (gap < 1e-12) == same


def test_the_headline_keeps_the_largest_distance_of_the_runs():
    stage = two_charts(rule="natural gradient", lr=0.12, chart="log σ")
    apart = divergence(*(CHARTS[name].read(stage.runs[side].theta)
                         for name, side in (("σ", "left"), ("log σ", "right"))))
    words = next(track["words"] for track, _ in told(stage)
                 if track["words"] and "apart" in track["words"][0])
    assert words[-1] == f"orange made here; up to {apart.max():.2g} nats apart"
    assert apart[-1] < apart.max() / 100


@pytest.mark.parametrize("name", CHARTS)
def test_a_ring_is_where_the_divergence_is_as_stated(name):
    centre, right, top = ball(name, np.array([0.3, 1.2]), nats=1e-4)
    for end in (right, top):        # the parabola's error is about a hundredth of so few nats
        found = divergence((0.3, 1.2), CHARTS[name].read(end))
        assert found == pytest.approx(1e-4, rel=0.03)


def test_rings_touch_along_a_walk():
    models = np.stack([np.linspace(0, 3, 301), np.ones(301)], -1)      # at sigma 1: KL = move^2 / 2
    at = touching(models)
    reach = np.sqrt(2 * RING_OF_CHARTS)
    np.testing.assert_allclose(models[at[:8], 0], 2 * reach * np.arange(8), atol=0.011)


def test_a_walk_that_leaves_the_models_says_so():
    stage = two_charts(rule="natural gradient", lr=0.06, chart="precision")
    assert np.isnan(stage.runs["right"].loss[-1]) and np.isfinite(stage.runs["left"].loss).all()
    assert "steps in the right chart: has left the chart" in repr(stage)


def test_the_egg_is_as_far_away_as_stated_all_round():
    for sigma in (0.4, 1.3):
        np.testing.assert_allclose(divergence((0, sigma), egg_of(sigma)), RING, rtol=1e-6)
    egg = egg_of(1.0)[:, 1] - 1
    np.testing.assert_allclose([egg.min(), egg.max()], [-0.37, 0.95], atol=0.005)
    stage = apart(sigma=1.0, move=(0.3, 1.2))
    assert f"KL {divergence((0, 1), (0.3, 1.2)):.4g}" in stage.summary
    assert f"F h {0.3**2 / 2 + 0.2**2:.4g}" in stage.summary


def test_ppos_dot_stops_where_nobody_pushes():
    stage = clip_or_kl(p=0.7)
    (far,), (force,) = (drawn(stage, "marker", ax, "PPO, epoch by epoch") for ax in (0, 1))
    new = 1 / (1 + np.exp(-far[:, 0]))      # the axis is stretched
    assert new[-1] == pytest.approx(ppo_end(0.7), abs=0.01)
    np.testing.assert_allclose(np.log10(far[5:, 1]), np.log10(nats(0.7, new[5:])), atol=0.01)
    assert force[0, 1] == pytest.approx(1, abs=1e-5) and force[-1, 1] == pytest.approx(0, abs=1e-5)


@pytest.mark.parametrize("p", [0.2, 0.5, 0.7, 0.9])
def test_the_push_is_the_slope_of_ppos_objective(p):
    def objective(new, clip=0.2):
        ratios, gains = np.stack([new / p, (1 - new) / (1 - p)]), np.array([[1 - p], [-p]])
        return [p, 1 - p] @ np.minimum(ratios * gains, np.clip(ratios, 1 - clip, 1 + clip) * gains)

    new, h = np.linspace(0.013, 0.987, 98), 1e-6        # no kink lies within h of these
    slope = (objective(new + h) - objective(new - h)) / (2 * h)
    np.testing.assert_allclose(push(p, new, 0.2), slope, atol=1e-8)


@pytest.mark.parametrize("p, clip, words", [
    (0.9, 0.2, "never clipped"), (0.9, 0.1, "ends at 0.99; the good action pushes last"),
    (0.5, 0.2, "ends at 0.6; both stop together"),
    (0.2, 0.2, "ends at 0.36; the bad action pushes last")])
def test_the_headline_says_who_pushes_last(p, clip, words):
    stage = clip_or_kl(p=p, clip=clip)
    assert any(words in said for track, _ in told(stage) for said in track["words"])


def test_numbers_beside_the_divergence_fit_its_axis():
    stage = apart(sigma=1.0, move=(0, 0.7))
    words = [track["words"] for track, _ in told(stage) if track["kind"] == "text"]
    assert [["0"], ["0.1"], ["0.2"]] == [row for row in words if row[0] in ("0", "0.1", "0.2")]
    (green,) = drawn(stage, "path", 2)[:1]
    assert 0.2 * green[-1, 1] == pytest.approx(divergence((0, 1), (0, 0.7)), abs=1e-4)


def test_gradient_descent_is_one_of_the_rules():
    stage = two_charts(rule="gradient descent", lr=0.01)
    run = descend(gaussian_fit(), gradient_descent, (-1.5, 0.6), stage.steps, lr=0.01)
    np.testing.assert_allclose(stage.runs["left"].loss, run.loss, rtol=1e-12)
