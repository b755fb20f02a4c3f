"""What the lesson on SAM measures, against derivations of its own."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import noisy_labels, sharpness
from lessons.networks import digits_mlp
from lessons.steps import gradient_descent, momentum, sam
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


def test_a_run_ends_in_the_hole_while_its_ball_fits_or_is_held_rho_down_the_slope():
    ends = sharpness.where_runs_end((0.0, 0.5, 0.8), count=60, budget=600).set_index("rho")
    sets = ["set 1", "set 2", "set 3"]
    assert ends.loc[0.5, sets].min() > 10
    assert 0 == ends.loc[0.8, sets].max() < ends.loc[0.0, sets].min()
    assert ends.loc[0.0, "at the bottom"] == pytest.approx(ends.loc[0.0, sets].mean(), abs=0.1)
    assert ends.loc[0.0, "held outside"] == 0 == ends.loc[0.8, "at the bottom"]
    assert ends.loc[0.5, "held outside"] > ends.loc[0.5, "at the bottom"] > 5
    both = ends["at the bottom"] + ends["held, then hole"]
    np.testing.assert_allclose(both.astype(float), ends[sets].mean(axis=1), atol=0.2)
    assert ends.loc[0.5, "held outside"] > ends.loc[0.5, "held, then hole"] > 5
    starts = [(-1.9, 0.3), (-0.7, 0.3)]
    slope = descend(sharp_and_flat(), sam, starts[0], 1500, lr=0.02, rho=0.8).theta[-1]
    assert slope[0] == pytest.approx(-0.7, abs=0.01)        # 0.8 from the hole
    rest = descend(sharp_and_flat(), sam, starts[0], 1500, lr=0.02, rho=0.85).theta[-2:]
    np.testing.assert_allclose(rest, [[-0.65, 0.0]] * 2, atol=1e-3)
    hop = descend(sharp_and_flat(), sam, starts[0], 1500, lr=0.02, rho=0.8).theta[-2:, 1]
    np.testing.assert_allclose(np.sort(hop), [-0.045, 0.045], atol=1e-3)    # until rho 0.83
    on_pass = descend(sharp_and_flat(), sam, starts[1], 1500, lr=0.002, rho=0.3).theta[-1]
    assert on_pass[0] == pytest.approx(3 / (1 + 40 ** (1 / 3)) - 1.5, abs=0.02)


def test_the_pass_catches_runs_on_their_way_in_and_a_little_above_0_54_sam_leaves_the_bottom():
    place = sharp_and_flat()
    starts = np.random.default_rng(0).uniform((-3, -2.2), (4, 2.2), (4000, 2))
    walks = descend(place, sam, starts, 1500, lr=0.02, rho=0.5).theta
    gap = np.linalg.norm(walks - place.minima[0], axis=-1)
    held = (gap[-1] > 0.4) & ~sharpness.near_to(place.minima[1], walks[-1])
    assert 600 < held.sum() < 660 and gap[:, held].min() > 0.14     # none was at the bottom
    assert gap[-1, gap[-1] < 0.4].max() < 0.14
    plain = descend(place, gradient_descent, starts, 1500, every=1500, lr=0.02).theta[-1]
    missing = sharpness.near_to(place.minima[0], plain) & (gap[-1] > 0.4)
    assert held[missing].all()                                      # gone from the hole: held
    pair = descend(place, sam, starts, 1500, every=1500, lr=0.02,
                   rho=np.array([0.54, 0.56])[:, None, None]).theta[-1]
    bottom = 100 * sharpness.near_to(place.minima[0], pair).mean(-1)
    np.testing.assert_allclose(bottom, [9.1, 1.1], atol=0.3)


def test_rounding_moves_the_share_in_the_hole_by_less_than_sam_s_lead_over_plain_descent():
    """Held runs hop irregularly: 1e-10 at the start changes where some of them roll."""
    ends = sharpness.where_runs_end().set_index("rho")
    sets = ["set 1", "set 2", "set 3"]
    place, (low, high) = sharp_and_flat(), np.transpose(sharp_and_flat().window)
    starts = np.array([np.random.default_rng(s).uniform(low, high, (4000, 2)) for s in (0, 10, 20)])
    moved = starts + 1e-10 * np.random.default_rng(1).normal(size=starts.shape)
    held = descend(place, sam, moved, 1500, every=1500, lr=0.02, rho=0.5).theta[-1]
    rolled = descend(place, gradient_descent, held, 750, every=750, lr=0.02).theta[-1]
    again = 100 * (rolled[..., 0] < -1.1).mean(-1)
    plain, told = (ends.loc[rho, sets].to_numpy(float) for rho in (0.0, 0.5))
    assert 0.02 < np.abs(again - told).mean() < 0.7         # "about 0.3"
    for small in (told, again):
        assert (small < plain).all() and 1 < (plain - small).mean() < 2     # "one or two"


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


def test_near_the_line_the_rest_on_the_slope_holds_from_rho_0_83_on():
    """A step multiplies a sideways y by 1 - lr c (1 + rho A / |g|), with A across and g there."""
    place, lr = sharp_and_flat(), 0.02
    for rho, factor in ((0.8, -1.27), (0.82, -1.08), (0.84, -0.93)):
        at = np.array([rho - 1.5, 0.0])
        across, steep = place.hess(at)[1, 1], np.hypot(*place.grad(at))
        derived = 1 - lr * 40 * (1 + rho * across / steep)
        assert derived == pytest.approx(factor, abs=0.01)
        after = sam(place, at + (0, 1e-6), lr=lr, rho=rho)
        assert after[1] / 1e-6 == pytest.approx(derived, rel=1e-3)


def test_held_at_the_pass_it_stands_mostly_on_the_hole_s_side():
    """Read on the hole's steep wall a step is long; read on the bowl's side it is short."""
    pass_ = 3 / (1 + 40 ** (1 / 3)) - 1.5
    x = descend(sharp_and_flat(), sam, (-0.8, 0.0), 600, lr=0.02, rho=0.5).theta[:, 0]
    moves = np.diff(x)
    assert -moves[moves < 0].mean() > 3 * moves[moves > 0].mean()
    assert (x < pass_).mean() > 0.7


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


def test_on_a_quadratic_sam_is_descent_on_the_penalised_loss():
    assert sharpness.quadratic_gap() < 1e-12      # rounding alone


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
    [small] = [claim for claim in told if claim.startswith("SAM with rho 0.5, then switched off")]
    assert told[small] == "SUPPORTED WITHIN LIMITS"
    against = [claim for claim, verdict in told.items() if verdict == "NOT SUPPORTED HERE"]
    assert len(against) == 2
    [bent] = [claim for claim in told if "bent floor" in claim]
    assert told[bent] == "SUPPORTED WITHIN LIMITS"
    plain = next(claim for claim in told if claim.endswith("2,000 of momentum."))
    assert told[plain] == "SUPPORTED WITHIN LIMITS"
