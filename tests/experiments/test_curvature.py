"""The experiments on Newton's step against what can be derived, and against single walks."""

import numpy as np
import pytest
from support.verdicts import told

from lessons.descend import descend
from lessons.experiments import curvature
from lessons.experiments.curvature import (
    VALLEY,
    attracting,
    best_by_mean,
    bill,
    bottom_of_digits,
    damping_borders,
    digits_with_l2,
    downhill_by_products,
    in_other_units,
    level_places,
    network,
    network_race,
    newton_by_products,
    noise_of_a_step,
    of_its_price,
    products_a_step,
    reach_minimum,
    right_digits,
    steps_and_price,
    walk_by_products,
    where_it_ends,
)
from lessons.experiments.protocol import converged_at
from lessons.networks import digits, digits_softmax
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


def test_the_steps_in_other_units_are_those_of_single_walks():
    found = in_other_units([2], count=2).iloc[0]
    place = in_units(himmelblau(), (1, 2))
    assert found["condition"] == pytest.approx(np.linalg.cond(
        place.hess(VALLEY / [1, 2])), rel=1e-3)
    for k, seeds in enumerate([(0, 1), (10, 11), (20, 21)], 1):
        at = [(VALLEY + np.random.default_rng(s).normal(0, 0.3, 2)) / [1, 2] for s in seeds]
        slow = [converged_at(descend(place, gradient_descent, one, 200,
                                     lr=found["best lr"]).loss) for one in at]
        assert found[f"set {k}"] == max(slow)


def test_the_right_digits_double_where_the_curvature_lives_and_grow_evenly_where_it_dies():
    found = right_digits(5).set_index("case")
    steps = [f"step {t}" for t in range(6)]
    # 1 - x is squared from step to step; the table keeps one digit after the point
    wanted = -np.log10(0.5) * 2.0 ** np.arange(6)
    np.testing.assert_allclose(found.loc["x - ln x from 0.5", steps].astype(float), wanted,
                               atol=0.051)
    wanted = -np.log10(0.5 * (2 / 3) ** np.arange(6))
    np.testing.assert_allclose(found.loc["x^4 from 0.5", steps].astype(float), wanted, atol=0.051)
    theta = descend(digits_with_l2(), newton, np.zeros(650), 2).theta[2]
    apart = np.linalg.norm(theta - bottom_of_digits()[0])
    assert found.loc["digits, 650 parameters", "step 2"] == pytest.approx(
        -np.log10(apart), abs=0.051)
    assert np.abs(digits_with_l2().grad(bottom_of_digits()[0])).max() < 1e-12


def test_where_runs_end_is_counted_as_one_by_one():
    found = where_it_ends(20, 15).set_index("rule")
    starts = [np.random.default_rng(s).uniform(-5, 5, (15, 2)) for s in SEEDS]
    for rule, step, steps, knobs in (
            ("Newton", newton, 20, {}), ("|H|", saddle_free_newton, 20, {}),
            ("Newton, damping 20", newton, 100, dict(damping=20.0))):
        ends = [[descend(himmelblau(), step, one, steps, **knobs).theta[-1] for one in row]
                for row in starts]
        low = [[min(np.abs(end - m).max() for m in himmelblau().minima) < 0.01 for end in row]
               for row in ends]
        assert found.loc[rule, SETS].tolist() == pytest.approx(
            (100 * np.mean(low, axis=1)).tolist(), rel=1e-3)
        top = np.mean([[np.abs(end - level_places()["maximum"]).max() < 0.01 for end in row]
                       for row in ends])
        assert found.loc[rule, "maximum"] == pytest.approx(100 * top, rel=1e-3)
        took = [converged_at(descend(himmelblau(), step, one, steps, **knobs).loss)
                for one in np.reshape(starts, (-1, 2))]
        assert found.loc[rule, "steps"] == np.median([k for k in took if np.isfinite(k)])


def test_a_saddle_and_the_maximum_let_go_at_half_of_a_downward_curvature():
    found = damping_borders((0.9, 1.1), budget=150, count=10)
    assert (found["held at 0.9"] == 100).all() and (found["held at 1.1"] == 0).all()
    for place, border in zip(level_places().values(), found["derived"]):
        bends = np.linalg.eigvalsh(himmelblau().hess(place))
        down = -bends[bends < 0]
        # all directions of a maximum must be let go of, one of a saddle
        assert border == pytest.approx(down.min() / 2, rel=1e-3)
        assert np.abs(himmelblau().grad(place)).max() < 1e-9


def test_starts_that_converge_and_losses_that_are_asked_for_are_those_of_single_walks():
    found = reach_minimum(60, 8).set_index(["surface", "rule"])
    starts = [np.random.default_rng(s).uniform(-1, 1, (8, 2)) for s in SEEDS]
    for place, name, step in ((hyperbola(), "gradient descent, searched", line_search),
                              (himmelblau(), "|H|, searched", newton_line_search),
                              (hyperbola(), "Newton", newton)):
        row, asked, needed = found.loc[(place.name, name)], [], []
        for at in np.reshape(starts, (-1, 2)) * np.max(place.window, axis=1):
            run = descend(place, step, at, 60)
            steps = converged_at(np.where(np.isfinite(run.loss), run.loss, np.inf))
            needed.append(steps)
            if np.isfinite(steps):
                asked.append(run.loss_evaluations[int(steps)])
        there = np.isfinite(needed).reshape(3, 8)
        assert row[SETS].tolist() == pytest.approx((100 * there.mean(axis=1)).tolist())
        assert row["steps"] == np.median(np.array(needed)[there.ravel()])
        if name != "Newton":
            total = np.sum(np.array(needed)[there.ravel()])
            assert row["losses a step"] == pytest.approx(np.sum(asked) / total, rel=1e-3)


def test_newton_made_of_products_is_newton_where_conjugate_gradients_run_to_the_end():
    surface = quadratic()
    theta = descend(surface, newton_by_products, np.ones(surface.dim), 12).theta[-1]
    np.testing.assert_allclose(theta, surface.minima[0], atol=1e-8)


def test_the_bill_of_a_run_counts_what_its_steps_ask_for():
    start = np.random.default_rng(3).normal(0, 0.1, 650)
    asked, seconds = bill(gradient_descent, start, 1.0, 4)
    assert asked == dict(gradients=4, products=0, losses=0) and seconds > 0
    asked, _ = bill(newton_line_search, start, 1.0, 2)
    run = descend(digits_with_l2(), newton_line_search, start, 2)
    assert asked == dict(gradients=2, products=1300, losses=run.loss_evaluations[-1])
    assert bill(adam, start, 0.1, 3)[0]["gradients"] == 3


def test_the_price_of_the_digits_is_that_of_single_walks():
    found = steps_and_price(0.5, 20).set_index("rule")
    for rule, step in (("gradient descent", gradient_descent), ("Newton", newton)):
        for seed, name in zip(SEEDS, SETS):
            start = np.random.default_rng(seed).normal(0, 0.1, 650)
            loss = descend(digits_with_l2(), step, start, 20 if rule != "Newton" else 1,
                           lr=found.loc[rule, "best lr"]).loss - bottom_of_digits()[1]
            assert found.loc[rule, name] == converged_at(loss, 0.5 / loss[0])
    assert set(found["clock"]) <= {1, 10, 100, 1000} and found["clock"].min() == 1


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
    damping = float(found.loc["|H|", "knob"].split()[1])
    run = descend(place, saddle_free_newton, place.start, 1, damping=damping)
    assert found.loc["|H|", SETS].tolist() == pytest.approx(run.loss[-1].tolist(), rel=1e-3)
    lr = float(found.loc["Adam, as many steps", "knob"].split()[1])
    run = descend(place, adam, place.start, 1, lr=lr)
    assert found.loc["Adam, as many steps", SETS].tolist() == pytest.approx(run.loss[-1].tolist(),
                                                                            rel=1e-3)
    walked = [downhill_by_products(place, start) for start in place.start]
    assert found.loc["By products, searched", SETS].tolist() == pytest.approx(
        [place.loss(theta) for theta, _ in walked], rel=1e-3)
    prices = [asked for _, asked in walked]
    few = ", ".join(map(str, prices))
    assert found["asked"].tolist() == [311, 311, 311, few, 1, few, 311]
    lr = float(found.loc["Adam, price of products", "knob"].split()[1])
    run = descend(place, adam, place.start, max(prices), lr=lr)
    assert found.loc["Adam, price of products", SETS].tolist() == pytest.approx(
        [run.loss[price, k] for k, price in enumerate(prices)], rel=1e-3)


def test_the_best_knob_of_a_race_has_the_lowest_mean_where_each_start_has_its_own_end():
    place, ends = network(20), (9, 4, 6)
    tried = [0.001, 0.05, 3.0]
    best, last = best_by_mean(place, adam, ends, "lr", tried)
    alone = [[descend(place, adam, start, end, lr=lr).loss[-1]
              for start, end in zip(place.start, ends)] for lr in tried]
    k = int(np.mean(alone, axis=1).argmin())
    assert best == tried[k]
    np.testing.assert_allclose(last, alone[k], rtol=1e-9)


def test_the_products_of_the_steps_add_up_to_those_of_the_bill():
    found, price = products_a_step(), steps_and_price().set_index("rule")
    assert found["products"].sum() == price.loc["Newton by products", "products"]
    assert (found["above lowest"] < 1e-4).tolist() == [False] * 4 + [True]
    start = np.random.default_rng(10).normal(0, 0.1, 650)
    assert found.loc[0, "slope"] == pytest.approx(np.linalg.norm(digits_with_l2().grad(start)),
                                                  rel=1e-3)


def test_newton_by_products_leads_down_also_where_the_ground_does():
    bowl, ones = quadratic(), np.ones(quadratic().dim)
    theta, asked = downhill_by_products(bowl, ones)      # no direction curves down: the same step
    wanted = descend(bowl, newton_by_products, ones, 1).theta[-1]
    np.testing.assert_allclose(theta, wanted, atol=1e-12)
    assert asked > 1
    # close to the saddle the first direction curves down, along which Newton jumps to it
    place, start = saddle(), np.array([0.0, 0.1])
    theta, asked = downhill_by_products(place, start)
    assert theta[1] == pytest.approx(0.1 + 0.1 - 0.1**3) and asked == 2     # -g, at full length
    net = network(20)
    losses = [walk_by_products(net, net.start[0], steps)[0] for steps in range(6)]
    assert (np.diff(losses) < 0).all()
    first, asked = walk_by_products(net, net.start[0], 9, most=1)
    assert first == pytest.approx(losses[1]) and asked > 1
    flat = np.array([0.0, 1.0])     # a minimum: nothing is asked but the gradient, and it stays
    assert walk_by_products(saddle(), flat, 1) == (0.0, 1)


def test_the_noise_of_a_step_is_that_of_steps_on_drawn_batches():
    found, rng = noise_of_a_step(50, (0, 0.1), 2.0).set_index("rule"), np.random.default_rng(0)
    theta, (X, y) = bottom_of_digits()[0], digits()[:2]
    H = digits_with_l2().hess(theta)

    def slope(rows):
        Z = X[rows] @ theta[:640].reshape(64, 10) + theta[640:]
        P = np.exp(Z) / np.exp(Z).sum(-1, keepdims=True) - np.eye(10)[y[rows]]
        return np.concatenate([(X[rows].T @ P).ravel(), P.sum(0)]) / len(rows) + 1e-3 * theta

    np.testing.assert_allclose(slope(np.arange(len(X)))[:640] - 1e-3 * theta[:640],
                               digits_softmax().grad(theta)[:640], atol=1e-12)
    drawn = np.stack([slope(rng.integers(len(X), size=50)) for _ in range(400)], axis=-1)
    for rule, step in (("Newton, damping 0", np.linalg.solve(H, drawn)),
                       ("Newton, damping 0.1", np.linalg.solve(H + 0.1 * np.eye(650), drawn)),
                       ("gradient descent", 2 * drawn)):
        long = np.sqrt(np.square(step).sum(axis=0).mean())
        assert found.loc[rule, "noise"] == pytest.approx(long, rel=0.03)    # 400 draws


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
    assert found.count("SUPPORTED WITHIN LIMITS") == 10
    assert set(found) == {"SUPPORTED WITHIN LIMITS", "PROVED", "CITED"}


def test_the_claim_on_products_says_up_to_which_price_of_a_product_it_holds(monkeypatch):
    monkeypatch.setattr(curvature, "network_race", lambda: network_race(1, 20))   # it is not asked
    [claim] = [one for one in of_its_price() if one.claim.startswith("Newton by products")]
    price = steps_and_price().set_index("rule")
    adams, steps = price.loc["Adam", "set 2"], price.loc["Newton by products", "set 2"]
    even = (adams - steps) / price.loc["Newton by products", "products"]
    assert f"{even:.1f}," in claim.limits and f" {adams:.0f}, " in claim.numbers
