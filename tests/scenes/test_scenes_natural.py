"""What the scenes of the natural gradient show equals descend, the divergence and the formulas."""

import numpy as np
import pytest
from support.scene import drawn

from lessons.descend import descend
from lessons.experiments.coordinates import CHARTS, divergence
from lessons.experiments.kl_limits import nats, ppo_end
from lessons.scenes import apart, clip_or_kl, ruler, two_charts
from lessons.scenes.natural.apart import RING, egg_of
from lessons.scenes.natural.clip_or_kl import objective
from lessons.scenes.natural.ruler import FINE, LARGEST, LENGTH, NATS, SUM, boundary, steepest
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


def test_the_egg_is_as_far_away_as_stated_all_round():
    for sigma in (0.4, 1.3):
        np.testing.assert_allclose(divergence((0, sigma), egg_of(sigma)), RING, rtol=1e-6)
    egg = egg_of(1.0)[:, 1] - 1
    np.testing.assert_allclose([egg.min(), egg.max()], [-0.37, 0.95], atol=0.005)
    stage = apart(sigma=1.0, move=(0.3, 1.2))
    assert f"KL {divergence((0, 1), (0.3, 1.2)):.4g}" in stage.summary
    assert f"F h {0.3**2 / 2 + 0.2**2:.4g}" in stage.summary


@pytest.mark.parametrize("rule", [LENGTH, LARGEST, SUM, NATS])
@pytest.mark.parametrize("unit", [0.4, 1.0])
def test_no_move_on_the_ruler_falls_more_than_the_steepest(rule, unit):
    g = np.array([-0.7, 0.4])
    falls = boundary(rule, unit, FINE) @ g
    assert steepest(rule, unit, g) @ g == pytest.approx(falls.min(), rel=5e-3)     # 0.25 degrees
    assert steepest(rule, unit, g) @ g <= falls.min() + 1e-12


def test_only_nats_do_not_notice_the_unit():
    g = np.array([-0.7, 0.4])
    for rule in (LENGTH, LARGEST, SUM, NATS):
        same = np.allclose(steepest(rule, 1.0, g), steepest(rule, 0.4, g))
        assert same == (rule == NATS) or rule == SUM
    assert "steepest (0.7077, 0.6853)" in ruler(ruler=NATS, unit=0.4).summary
    step = natural_gradient(gaussian_fit(), np.array([-1.5, 1.2]), lr=1.0) - (-1.5, 1.2)
    np.testing.assert_allclose(step / np.hypot(*step), (0.7184, 0.6957), atol=1e-4)
    assert 0.7077 / 0.6853 == pytest.approx(step[0] / step[1], rel=1e-3)


def test_ppos_dot_climbs_the_objective_to_its_flat_part():
    stage = clip_or_kl(p=0.7)
    (far,), (gain,) = (drawn(stage, "marker", ax, "PPO, epoch by epoch") for ax in (0, 1))
    assert far[-1, 0] == pytest.approx(ppo_end(0.7), abs=0.01)
    np.testing.assert_allclose(np.log10(far[5:, 1]), np.log10(nats(0.7, far[5:, 0])), atol=0.01)
    assert (np.diff(gain[:, 1]) > -1e-6).all()
    before, end, beyond = objective(0.7, np.array([0.83, 0.84, 0.95]), 0.2)
    assert before < end == pytest.approx(beyond, abs=1e-12)


def test_gradient_descent_is_one_of_the_rules():
    stage = two_charts(rule="gradient descent", lr=0.01)
    run = descend(gaussian_fit(), gradient_descent, (-1.5, 0.6), stage.steps, lr=0.01)
    np.testing.assert_allclose(stage.runs["left"].loss, run.loss, rtol=1e-12)
