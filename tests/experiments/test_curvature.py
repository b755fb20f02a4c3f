"""The experiments on Newton's step against what can be derived, and against single walks."""

import numpy as np
import pytest
from support.verdicts import told

from lessons.descend import descend
from lessons.experiments import curvature
from lessons.experiments.curvature import (
    attracting,
    best_by_mean,
    bill,
    bottom_of_digits,
    damping_borders,
    digits_with_l2,
    level_places,
    network,
    network_race,
    newton_by_products,
    of_its_price,
    reach_minimum,
    right_digits,
    steps_and_price,
    where_it_ends,
)
from lessons.experiments.protocol import converged_at
from lessons.steps import (
    adam,
    gradient_descent,
    line_search,
    newton,
    newton_line_search,
    saddle_free_newton,
)
from lessons.surfaces import himmelblau, hyperbola, quadratic, saddle
from lessons.views import in_units

SETS, SEEDS = ["set 1", "set 2", "set 3"], (0, 10, 20)


def test_in_other_units_newton_visits_the_same_points_and_gradient_descent_does_not():
    units, start = np.array([1, 7.0]), np.array([3.4, 2.3])
    for rule, same in ((newton, True), (gradient_descent, False)):
        knobs = {} if same else dict(lr=1e-4)
        old = descend(himmelblau(), rule, start, 5, **knobs).theta
        new = descend(in_units(himmelblau(), units), rule, start / units, 5, **knobs).theta * units
        assert np.allclose(old, new, rtol=1e-9) is same     # rounding, times the condition number


def test_the_right_digits_double_where_the_curvature_lives_and_grow_evenly_where_it_dies():
    found = right_digits(5).set_index("case")
    steps = [f"step {t}" for t in range(6)]
    # 1 - x is squared from step to step; the table keeps one digit after the point
    wanted = -np.log10(0.5) * 2.0 ** np.arange(6)
    np.testing.assert_allclose(found.loc["x - ln x from 0.5", steps].astype(float), wanted,
                               atol=0.051)
    wanted = -np.log10(0.5 * (2 / 3) ** np.arange(6))
    np.testing.assert_allclose(found.loc["x^4 from 0.5", steps].astype(float), wanted, atol=0.051)
    assert np.abs(digits_with_l2().grad(bottom_of_digits()[0])).max() < 1e-12


def test_where_runs_end_is_counted_as_one_by_one():
    found = where_it_ends(20, 15).set_index("rule")
    starts = [np.random.default_rng(s).uniform(-5, 5, (15, 2)) for s in SEEDS]
    for rule, step, steps, knobs in (
            ("Newton", newton, 20, {}), ("|H|", saddle_free_newton, 20, {}),
            ("gradient descent, lr 0.01", gradient_descent, 100, dict(lr=0.01))):
        ends = [[descend(himmelblau(), step, one, steps, **knobs).theta[-1] for one in row]
                for row in starts]
        low = [[min(np.abs(end - m).max() for m in himmelblau().minima) < 0.01 for end in row]
               for row in ends]
        assert found.loc[rule, SETS].tolist() == pytest.approx(
            (100 * np.mean(low, axis=1)).tolist(), rel=1e-3)
        top = np.mean([[np.abs(end - level_places()["maximum"]).max() < 0.01 for end in row]
                       for row in ends])
        assert found.loc[rule, "maximum"] == pytest.approx(100 * top, rel=1e-3)


def test_a_saddle_and_the_maximum_let_go_at_half_of_a_downward_curvature():
    found = damping_borders((0.9, 1.1), budget=150, count=10)
    assert (found["held at 0.9"] == 100).all() and (found["held at 1.1"] == 0).all()
    for place, border in zip(level_places().values(), found["derived"]):
        bends = np.linalg.eigvalsh(himmelblau().hess(place))
        down = -bends[bends < 0]
        # all directions of a maximum must be let go of, one of a saddle
        assert border == pytest.approx(down.min() / 2, rel=1e-3)
        assert np.abs(himmelblau().grad(place)).max() < 1e-9


def test_starts_that_converge_are_those_of_single_walks():
    found, place = reach_minimum(60, 8).set_index("rule"), hyperbola()
    starts = [np.random.default_rng(s).uniform(-1, 1, (8, 2)) for s in SEEDS]
    for name, step in (("gradient descent, searched", line_search),
                       ("Newton, searched", newton_line_search), ("Newton", newton)):
        row, needed = found.loc[name], []
        for at in np.reshape(starts, (-1, 2)) * np.max(place.window, axis=1):
            run = descend(place, step, at, 60)
            needed.append(converged_at(np.where(np.isfinite(run.loss), run.loss, np.inf)))
        there = np.isfinite(needed).reshape(3, 8)
        assert row[SETS].tolist() == pytest.approx((100 * there.mean(axis=1)).tolist())
        assert row["steps"] == np.median(np.array(needed)[there.ravel()])


def test_newton_made_of_products_is_newton_where_conjugate_gradients_run_to_the_end():
    surface = quadratic()
    theta = descend(surface, newton_by_products, np.ones(surface.dim), 12).theta[-1]
    np.testing.assert_allclose(theta, surface.minima[0], atol=1e-8)


def test_the_bill_of_a_run_counts_what_its_steps_ask_for():
    start = np.random.default_rng(3).normal(0, 0.1, 650)
    assert bill(gradient_descent, start, 1.0, 4) == dict(gradients=4, products=0)
    assert bill(newton_line_search, start, 1.0, 2) == dict(gradients=2, products=1300)
    assert bill(adam, start, 0.1, 3)["gradients"] == 3


def test_the_price_of_the_digits_is_that_of_single_walks():
    found = steps_and_price(0.5, 20).set_index("rule")
    for rule, step in (("gradient descent", gradient_descent),
                       ("Newton, searched", newton_line_search)):
        for seed, name in zip(SEEDS, SETS):
            start = np.random.default_rng(seed).normal(0, 0.1, 650)
            loss = descend(digits_with_l2(), step, start, 1 if "Newton" in rule else 20,
                           lr=found.loc[rule, "best lr"]).loss - bottom_of_digits()[1]
            assert found.loc[rule, name] == converged_at(loss, 0.5 / loss[0])


def test_the_network_s_hessian_is_that_of_its_gradient_and_the_race_its_walks():
    place = network(20)
    theta, u = place.start[1], np.random.default_rng(0).standard_normal(place.dim)
    change = (place.grad(theta + 1e-6 * u) - place.grad(theta - 1e-6 * u)) / 2e-6
    np.testing.assert_allclose(place.hess(theta) @ u, change, atol=1e-6)
    found = network_race(1, 20).set_index("rule")
    damping = float(found.loc["|H|, searched", "knob"].split()[1])
    run = descend(place, newton_line_search, place.start, 1, damping=damping)
    assert found.loc["|H|, searched", SETS].tolist() == pytest.approx(run.loss[-1].tolist(),
                                                                      rel=1e-3)
    lr = float(found.loc["Adam, as many steps", "knob"].split()[1])
    run = descend(place, adam, place.start, 1, lr=lr)
    assert found.loc["Adam, as many steps", SETS].tolist() == pytest.approx(run.loss[-1].tolist(),
                                                                            rel=1e-3)
    assert found["asked"].tolist() == [311, 1, 311]


def test_the_best_knob_of_a_race_has_the_lowest_mean_over_the_starts():
    place, tried = network(20), [0.001, 0.05, 3.0]
    best, last = best_by_mean(place, adam, 6, "lr", tried)
    alone = [[descend(place, adam, start, 6, lr=lr).loss[-1] for start in place.start]
             for lr in tried]
    k = int(np.mean(alone, axis=1).argmin())
    assert best == tried[k]
    np.testing.assert_allclose(last, alone[k], rtol=1e-9)


def test_as_many_places_attract_as_have_a_border_beyond_the_damping():
    borders = damping_borders()["derived"]
    for damping in (0.0, 10.0, 20.5, 26.0):
        assert attracting(damping) == (borders > damping).sum()
    assert (attracting(34.0, lr=0.5), attracting(39.0, lr=0.5)) == (1, 0) and attracting(...) is ...


def test_newton_on_the_saddle_has_the_border_that_its_exercise_derives():
    for y, end in ((0.44, 0.0), (0.7, 1.0)):        # 1 / sqrt 5 = 0.447; 1 / sqrt 3 = 0.577
        assert descend(saddle(), newton, (0.0, y), 40).theta[-1, 1] == pytest.approx(end, abs=1e-9)


def test_the_claims_have_the_verdicts_that_the_lesson_tells():
    found = [*told("09").values()]
    assert found.count("SUPPORTED WITHIN LIMITS") == 7
    assert set(found) == {"SUPPORTED WITHIN LIMITS", "PROVED"}


def test_the_claim_on_products_says_up_to_which_price_of_a_product_it_holds(monkeypatch):
    monkeypatch.setattr(curvature, "network_race", lambda: network_race(1, 20))   # it is not asked
    [claim] = [one for one in of_its_price() if one.claim.startswith("Newton by products")]
    price = steps_and_price().set_index("rule")
    adams, steps = price.loc["Adam", "set 2"], price.loc["Newton by products", "set 2"]
    even = (adams - steps) / price.loc["Newton by products", "products"]
    assert f"{even:.1f}," in claim.limits and f" {adams:.0f}, " in claim.numbers
