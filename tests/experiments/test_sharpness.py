"""What the lesson on SAM measures, against derivations of its own."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import noisy_labels, sharpness
from lessons.networks import digits_mlp
from lessons.steps import momentum, sam
from lessons.steps.sharpness import sam_momentum
from lessons.surfaces import parabola, sharp_and_flat, two_weights
from lessons.views import sharpness_aware, with_l2


def test_the_worst_near_a_minimum_is_half_its_curvature_times_rho_squared():
    found = sharpness.worst_near((0.01,)).loc[0]
    assert found["hole, measured"] == pytest.approx(20 * 0.01**2, rel=0.01)
    assert found["bowl, measured"] == pytest.approx(0.5 * 0.01**2, rel=0.01)


def test_the_hole_lets_go_where_the_pass_is():
    """On the axis p = 20 u^2 and q = (3 - u)^2 / 2 balance at u = 3 / (1 + 40^(1/3))."""
    u = 3 / (1 + 40 ** (1 / 3))
    pass_ = np.array([u - 1.5, 0.0])
    np.testing.assert_allclose(sharp_and_flat().grad(pass_), 0, atol=1e-12)
    ends = descend(sharp_and_flat(), sam, [(-1.45, 0.0)], 4000, every=4000, lr=0.002,
                   rho=np.array([[0.9], [1.1]]) * (u - 0.05)).theta[-1, :, 0]
    assert ends[0] < -1.3 < -0.9 < ends[1]


def test_with_rho_0_8_sam_leaves_the_hole_and_is_held_on_a_slope():
    slope = descend(sharp_and_flat(), sam, (-1.9, 0.3), 1500, lr=0.02, rho=0.8).theta[-1]
    assert slope[0] == pytest.approx(-0.7, abs=0.01)        # 0.8 from the hole


def test_from_the_bottom_none_leaves_whose_ball_and_longest_step_fit_before_the_pass():
    pass_, place = 3 / (1 + 40 ** (1 / 3)), sharp_and_flat()
    u = np.linspace(-1.5, pass_, 2000)
    fits = pass_ - 0.02 * np.abs(place.grad(np.stack([u - 1.5, 0 * u], -1))).max()
    assert fits == pytest.approx(0.54, abs=0.005)
    starts = np.random.default_rng(0).normal((-1.5, 0), 0.03, (50, 2))
    for rho, stay in ((fits - 0.04, True), (fits + 0.06, False)):
        ends = descend(place, sam, starts, 1500, every=1500, lr=0.02, rho=rho).theta[-1]
        assert ((ends[:, 0] < -1.1).mean() > 0.5) == stay
        assert not stay or (ends[:, 0] < -1.1).all()


def test_the_cycle_turns_x_into_minus_x():
    for row in sharpness.cycle(((0.03, 7, 0.4), (0.19, 10, 0.1))).itertuples():
        x = np.array([row.derived])
        after = sam(parabola(row.curvature), x, lr=row.lr, rho=row.rho)
        np.testing.assert_allclose(after, -x, rtol=1e-3)       # derived is written in four digits
        assert row.measured == pytest.approx(row.derived, rel=1e-3)


def test_the_slide_is_as_fast_as_derived_from_three_starts():
    for start in sharpness.FROM:
        found = sharpness.slide(((0.05, 0.2),), start).loc[0]
        assert abs(found["measured"] - found["derived"]) <= 1       # leading order in rho
    for derived, measured in sharpness.straight_slide():
        assert derived == measured
    assert [derived for derived, _ in sharpness.straight_slide()] == [100, 211]     # exercise 2
    still = descend(two_weights(), sam, (3.0, 0.5), 400, lr=0.05, rho=1e-6).theta[-1]
    assert sharpness.imbalance(still) == pytest.approx(8.75, rel=0.02)


def test_rewritten_weights_give_the_same_answers():
    net = digits_mlp(seed=3)
    for factor in (0.25, 8.0):
        theta = sharpness.scaled(net.start.astype(float), factor)
        assert net.test_loss(theta) == pytest.approx(net.test_loss(net.start.astype(float)), 1e-9)
        assert abs(theta - net.start).max() > 0.05


def test_the_network_s_step_is_momentum_on_the_sharpness_aware_view():
    place, knobs = two_weights(), dict(lr=0.03, beta=0.9)
    view = descend(sharpness_aware(place, 0.1), momentum, steps=20, **knobs).theta
    for step in (sam_momentum, noisy_labels.decayed):
        np.testing.assert_allclose(
            descend(place, step, steps=20, rho=0.1, **knobs).theta, view, rtol=1e-12)
    plain = descend(with_l2(place, 0.2), momentum, steps=20, **knobs).theta
    shrunk = descend(place, noisy_labels.decayed, steps=20, rho=0.0, weight_decay=0.2, **knobs)
    np.testing.assert_allclose(shrunk.theta, plain, rtol=1e-12)


def test_claims_have_the_verdicts_that_the_lesson_tells():
    told = {claim.claim: claim.verdict for claim in sharpness.claims(noisy_labels.claims()).claims}
    ties = [claim for claim, verdict in told.items() if verdict == "TIE"]
    assert len(ties) == 1 and "the best weight decay" in ties[0]
    against = [claim for claim, verdict in told.items() if verdict == "NOT SUPPORTED HERE"]
    assert len(against) == 2
    [bent] = [claim for claim in told if "bent floor" in claim]
    assert told[bent] == "SUPPORTED WITHIN LIMITS"
    plain = next(claim for claim in told if claim.endswith("2,000 of momentum."))
    assert told[plain] == "SUPPORTED WITHIN LIMITS"
