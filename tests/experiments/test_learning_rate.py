"""What a wrong learning rate costs: the recorded runs are made again, verdicts by hand."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import learning_rate
from lessons.experiments.learning_rate import (
    MISTAKES,
    by_seed,
    cost_of_mistake,
    lowest_points,
    nearest,
    price,
    quadratic_ramp,
    ramped,
    runs,
    tuned,
)
from lessons.networks.digits import digits
from lessons.steps import gradient_descent


def test_the_validation_images_are_neither_trained_on_nor_tested():
    images, labels, tests, truth = digits()
    net, chooser = runs.split_digits(seed=3), runs.split_digits(seed=3, images="validation")
    theta = descend(net, gradient_descent, steps=20, every=20, lr=0.3).theta[-1]
    weights = [theta[:4096].reshape(64, 64), theta[4096:4160],
               theta[4160:4800].reshape(10, 64), theta[4800:]]
    for place, X, y in ((net, tests, truth), (chooser, images[997:], labels[997:])):
        hidden = np.maximum(X @ weights[0].T + weights[1], 0)
        right = (hidden @ weights[2].T + weights[3]).argmax(axis=1) == y
        assert place.accuracy(theta) == pytest.approx(right.mean(), abs=2e-3)
    scores = np.maximum(images[:997] @ weights[0].T + weights[1], 0) @ weights[2].T + weights[3]
    chances = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    assert net.loss(theta) == pytest.approx(-np.log(chances[range(997), labels[:997]]).mean(),
                                            rel=1e-4)


@pytest.mark.parametrize(("rule", "column"), [("Adam", 4), ("SGD", 2)])
def test_a_column_of_the_record_is_made_again_by_its_code(rule, column):
    """Two seeds, 600 steps; float32 sums depend on what is computed beside: two images of 500."""
    seeds = [10, 11]
    test, chooser, loss = runs.train(rule, runs.rates_of(rule)[[column]], seeds)
    known = runs.recorded()["curves"][rule]
    found = known["seeds"][:, column, seeds]
    np.testing.assert_allclose(test[runs.SEEN, 0], found, atol=2)
    assert loss.shape == chooser.shape == (12, 1, 2)
    mean = known["seeds"][:, column].reshape(3, 3, 10).mean(axis=2) / 5
    np.testing.assert_allclose(mean, known["test"][runs.SEEN, column], rtol=6e-3)
    np.testing.assert_allclose(loss[-1, 0], known["loss"][-1, column, 1], rtol=0.25)


def test_the_rates_by_batch_are_made_again_for_one_seed():
    losses = runs.by_batch("Adam", 128, (0,))[:, 0]
    known = runs.recorded()["batches"]["Adam"]["128"][:, 0]
    np.testing.assert_allclose(losses[:9], known[:9], rtol=0.5)     # a set is the mean of three
    assert abs(int(losses.argmin()) - int(known.argmin())) <= 1


def test_a_rate_is_chosen_by_the_images_and_seeds_that_do_not_judge():
    for rule in runs.RULES:
        by = runs.recorded()["curves"][rule]["validation"][-1]
        judged = runs.recorded()["curves"][rule]["test"][-1]
        for k in range(3):
            best = by[:, k - 1].argmin()
            assert runs.after(rule)[k] == judged[best, k]
            assert runs.after(rule, 10**0.5)[k] == judged[best + 3, k]
            assert 0 < best < runs.RATES - 1, "no best rate lies on an edge"
    far = runs.after("Nesterov", 10.0, budget=50)
    assert np.isnan(far).any()


def test_rate_rule_or_tie_is_what_the_numbers_of_the_table_say():
    found, best = cost_of_mistake().set_index("mistake"), tuned().set_index("rule")
    sets = best[["set 1", "set 2", "set 3"]].to_numpy()
    apart = sets.max(axis=0) - sets.min(axis=0)
    np.testing.assert_allclose(runs.gap(), apart, atol=1e-9)
    for name, times in MISTAKES.items():
        for rule in runs.RULES:
            lost = runs.after(rule, times) - runs.after(rule)
            word = found.at[name, rule].split(",")[0]
            error = by_hand(rule, times)
            wins, losses = (lost > apart + error).sum(), (lost < apart - error).sum()
            assert word == ("rate" if wins == 3 else "rule" if losses == 3 else "TIE")
    assert not runs.weighs_more("Nesterov", 10.0, budget=50)


def test_by_training_loss_the_table_of_tuned_rules_has_the_price_of_the_wrong_rule():
    found = tuned(referee="training loss").set_index("rule")[["set 1", "set 2", "set 3"]]
    for name in runs.RULES:
        losses = runs.recorded()["curves"][name]["loss"][-1]
        by_hand = [losses[losses[:, k - 1].argmin(), k] for k in range(3)]
        np.testing.assert_allclose(found.loc[name], by_hand)
    apart = found.max() / found.min()
    np.testing.assert_allclose(apart, runs.gap("training loss"))
    np.testing.assert_allclose(apart, [46, 13, 10], rtol=0.05)
    assert list(found.idxmax()) == ["RMSprop", "Adagrad", "Adagrad"]
    assert set(found.idxmin()) == {"Nesterov"}


def test_seed_by_seed_a_rule_is_wrong_as_often_as_its_set_is():
    for rule in runs.RULES:
        for times in (10**-0.5, 1.0, 10.0):
            np.testing.assert_allclose(by_seed(rule, times).mean(axis=1), runs.after(rule, times),
                                       atol=0.06)      # recorded with three digits
    late, tuned_, worst, best = (by_seed(*case)[0] for case in (
        ("SGD", 0.316), ("SGD",), ("Adagrad",), ("Nesterov",)))
    beyond = late - tuned_ - (worst - best)
    assert beyond.std(ddof=1) / 10**0.5 == pytest.approx(runs.spread("SGD", 10**-0.5)[0])
    with pytest.raises(ValueError, match="Nesterov was not run at 0.001 times"):
        by_seed("Nesterov", 0.001)


def by_hand(rule, times):
    """The standard error of what the wrong rate costs beyond the wrong rule, set by set."""
    errors, up = [], round(6 * np.log10(times))
    for k in range(3):
        def seeds(name, up=0, k=k):
            counts = runs.recorded()["curves"][name]["seeds"][2]
            return counts[runs.chosen(name)[k] + up, 10 * k:10 * k + 10] / 5

        order = sorted(runs.RULES, key=lambda name: runs.after(name)[k])
        beyond = seeds(rule, up) - seeds(rule) - (seeds(order[-1]) - seeds(order[0]))
        assert beyond.mean() == pytest.approx(runs.cost(rule, times)[k] - runs.gap()[k], abs=0.1)
        errors.append(beyond.std(ddof=1) / 10**0.5)
    return np.array(errors)


def test_the_paired_error_is_that_of_the_nearest_budget_with_seeds():
    at_hand = runs.spread("SGD", 0.1, 150)
    np.testing.assert_allclose(at_hand, runs.spread("SGD", 0.1, 200))
    assert (at_hand != runs.spread("SGD", 0.1)).all()


def test_the_verdicts_hold_if_the_other_sets_name_the_worst_and_the_best_rule():
    found = np.array([runs.after(rule) for rule in runs.RULES])
    others = [np.delete(found, k, axis=1).mean(axis=1) for k in range(3)]
    named = np.array([found[other.argmax(), k] - found[other.argmin(), k]
                      for k, other in enumerate(others)])
    np.testing.assert_allclose(named, [1.12, 0.94, 0.8])
    for times in MISTAKES.values():
        for rule in runs.RULES:
            beyond, error = runs.cost(rule, times) - named, runs.spread(rule, times)
            word = ("rate" if (beyond > error).all() else
                    "rule" if (beyond < -error).all() else "TIE")
            assert word == runs.weighs_more(rule, times)


def test_a_ramp_on_a_quadratic_is_lowest_at_its_edge_or_later():
    for steps in (50, 400):
        step = 1e6 ** (1 / (steps - 1))
        assert 1 <= quadratic_ramp([1.0], steps=steps) <= step * 1.001      # the first beyond
        assert 1 <= quadratic_ramp([1.0, 20.0], steps=steps) < 6.3
    rates, distance, losses = np.geomspace(2e-5, 20, 200), 1.0, []      # by hand, as in the lesson
    for lr in rates:
        losses.append(distance**2 / 2)
        distance *= 1 - 2 * lr
    assert quadratic_ramp([2.0]) == pytest.approx(rates[np.argmin(losses)])
    found = [quadratic_ramp([1.0, condition]) for condition in (20.0, 100.0)]
    np.testing.assert_allclose(found, [4.99, 5.35], atol=0.01)


def test_a_range_test_by_hand():
    rates, losses = ramped("SGD", 12)
    np.testing.assert_allclose(rates, np.geomspace(1e-5, 10, 12))
    net = runs.split_digits(seed=11)
    theta, mean = net.start, 0.0
    for t, lr in enumerate(rates, 1):
        batch = net.at(t)
        mean = 0.98 * mean + 0.02 * batch.loss(theta)
        assert losses[t - 1, 6] == pytest.approx(mean / (1 - 0.98**t), rel=1e-3)
        theta = theta - np.float32(lr) * batch.grad(theta)
    lows = rates[losses.argmin(axis=0)]
    assert lowest_points("SGD", 12)[1] == np.median(lows[5:10])


def test_a_price_is_that_of_the_nearest_recorded_rate():
    k = nearest("Adam", 0.0011)
    assert runs.rates_of("Adam")[k] == pytest.approx(0.001)
    found = price("Adam", [0.0011] * 3)
    np.testing.assert_allclose(found, runs.values("Adam")[k] - runs.after("Adam"))


def test_the_price_of_a_range_test_is_that_of_training_at_its_very_rate():
    for rule, lr in runs.LOWEST.items():
        np.testing.assert_allclose(lowest_points(rule), lr, rtol=4e-3)
    wrong = runs.train("SGD", runs.LOWEST["SGD"][0] / 10, runs.SETS[0])[0][-1] / 5
    found = learning_rate.price_at_lowest("SGD", 10)
    assert found[0] + runs.after("SGD")[0] == pytest.approx(wrong.mean(), abs=0.1)
    assert learning_rate.price_at_lowest("SGD")[0] < price("SGD", runs.LOWEST["SGD"])[0] - 20
    edge = runs.train("SGD", 1.34, [*runs.SETS[0], *runs.SETS[2]])[0][-1] / 5    # seeds differ
    assert edge.min() < 7 and edge.max() > 80
    np.testing.assert_allclose(learning_rate.price_at_lowest("Adam", 10, steps=50),
                               price("Adam", lowest_points("Adam", 50) / 10))


def test_dead_units_say_nothing_for_any_image():
    dead = learning_rate.dead_units(3.0, (4,), steps=60)[0]
    alive = learning_rate.dead_units(0.1, (4,), steps=60)[0]
    assert alive < 0.2 < 0.8 < dead <= 1


def test_the_worst_place_of_a_coarse_grid_costs_nesterov_as_much_as_the_wrong_rule():
    at = learning_rate.places("Nesterov")[0]
    lost = runs.values("Nesterov")[at, range(3)] - runs.after("Nesterov")
    np.testing.assert_allclose(lost, [1.08, 0.98, 0.94])
    alone = learning_rate.refined_grid("Nesterov", neighbours=0)
    rates = learning_rate.places("Nesterov")
    np.testing.assert_array_equal(
        alone, runs.values("Nesterov")[rates, range(3)] - runs.after("Nesterov"))
    np.testing.assert_allclose(alone[0], lost)


def test_with_its_neighbours_a_coarse_grid_loses_at_most_seven_tenths_of_a_point():
    lost = {rule: learning_rate.refined_grid(rule) for rule in runs.RULES}
    assert np.max(list(lost.values())) == pytest.approx(0.7)
    np.testing.assert_allclose(lost["Nesterov"], 0)     # where the grid alone has lost most
    curves, k = runs.recorded()["curves"]["Adam"], 2    # by hand: the place and set of the 0.7
    seen = curves["validation"][-1][:, k - 1]
    best = min(range(1, 18, 3), key=lambda at: seen[at])
    found = min([best - 1, best, best + 1], key=lambda at: seen[at])
    assert lost["Adam"][1, k] == pytest.approx(curves["test"][-1][found, k]
                                               - runs.after("Adam")[k])
    for rule in runs.RULES:
        np.testing.assert_allclose(learning_rate.refined_grid(rule, 1), 0)


def test_three_times_beyond_the_lowest_point_sgd_is_ruined_and_adam_not_yet():
    lost = {}
    for rule in runs.RULES:
        wrong = runs.values(rule).mean(axis=1)
        lost[rule] = wrong[wrong.argmin() + 3]
    assert lost["SGD"] == pytest.approx(91, abs=0.5)
    assert max(lost[rule] for rule in ("Adagrad", "RMSprop", "Adam")) < 5
    climb = runs.values("Adam").mean(axis=1)[[15, 16]]
    np.testing.assert_allclose(climb, [13.2, 50.6], atol=0.1)
    np.testing.assert_allclose(runs.rates_of("Adam")[[15, 16]], [0.147, 0.215], rtol=5e-3)
