"""Who decides a race: what the experiments count, against loops and numbers worked by hand."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import race
from lessons.experiments.protocol import learning_rates, seed_sets
from lessons.experiments.race import FOUR
from lessons.steps import adam, gradient_descent, rmsprop
from lessons.surfaces import ravine, rosenbrock

WORST_AND_MEDIAN = {"worst": np.max, "median": np.median}


def nine(place, seeds):
    return [np.array(place.start) + np.random.default_rng(seed).normal(0, 0.4, 2) for seed in seeds]


def last(place, rule, start, lr, steps=60):
    loss = descend(place, rule, start, steps, lr=lr).loss[-1]
    return loss if np.isfinite(loss) else np.inf


def test_the_first_moves_are_the_gradient_a_tenth_and_one():
    table = race.first_moves(FOUR, rosenbrock(), lr=0.002).set_index("rule")
    assert table["first move / lr"].tolist() == pytest.approx([215.6, 215.6, 10, 1], rel=1e-3)
    assert table["move along theta 2"].tolist() == pytest.approx(
        [0.176, 0.176, 0.02, 0.002], rel=1e-3)


def test_a_multiplied_loss_moves_descent_by_the_derived_distance_and_own_size_rules_not_at_all():
    table = race.rescaled_paths(FOUR, rosenbrock(), 1000, lr=0.002).set_index("rule")
    off = 999 * 0.002 * 215.6
    assert table["same lr, step 1"]["Gradient descent"] == pytest.approx(off, rel=1e-3)
    assert table["same lr, all steps"].tolist() == [np.inf, np.inf, 0, 0]
    assert (table["lr / 1000, all steps"] == 0).tolist() == [True, True, False, False]


def test_a_shared_race_counts_what_a_loop_over_its_rates_counts():
    table = race.shared_race(FOUR, rosenbrock()).set_index("rule")
    won = {name: [] for name in FOUR}
    for lr in learning_rates():
        ends = {name: last(rosenbrock(), rule, rosenbrock().start, lr)
                for name, rule in FOUR.items()}
        first, second = sorted(ends, key=ends.get)[:2]
        if ends[first] < 24.2 and ends[second] >= 1.1 * ends[first]:
            won[first].append(lr)
    for name, rates in won.items():
        row = table.loc[name]
        assert (row["won"], row["from"], row["to"]) == (len(rates), min(rates), max(rates))


@pytest.mark.parametrize("referee", WORST_AND_MEDIAN)
def test_a_tuned_race_is_chosen_on_one_set_of_starts_and_judged_on_the_next(referee):
    rules, place = {"RMSprop": rmsprop, "Adam": adam}, ravine(angle=30)
    row, = race.tuned_races(rules, place, 20, referee, 4).to_dict("records")
    rates, judge, sets = learning_rates(per_decade=4), WORST_AND_MEDIAN[referee], seed_sets(9)
    for k in (1, 2, 3):
        ends = {}
        for name, rule in rules.items():
            tried = [judge([last(place, rule, start, lr, 20) for start in nine(place, sets[k - 2])])
                     for lr in rates]
            best = rates[int(np.argmin(tried))]
            ends[name] = judge([last(place, rule, start, best, 20)
                                for start in nine(place, sets[k - 1])])
        low, high = sorted(ends, key=ends.get)
        times = ends[high] / ends[low]
        said = f"{low}, {race.in_words(times)} times" if times >= 1.1 else "TIE"
        assert row[f"set {k}"] == said


def test_every_combination_is_a_row_and_a_verdict_needs_all_three_sets():
    table = race.tuned_races(FOUR, [rosenbrock(), ravine(angle=30)], [60, 600], per_decade=[8, 32])
    assert len(table) == 8 and set(table["per_decade"]) == {8, 32}
    for row in table.to_dict("records"):
        won = {row[f"set {k}"].split(",")[0] for k in (1, 2, 3)}
        assert row["verdict"] == (won.pop() if len(won) == 1 and won != {"TIE"} else "no verdict")
    assert {"no verdict", "Adam", "Gradient descent"} <= set(table["verdict"])


def test_lost_starts_are_runs_that_end_above_their_start():
    table = race.lost_starts({"Gradient descent": gradient_descent}, rosenbrock(), per_decade=8)
    lost, chosen, sets, rates = 0, [], seed_sets(9), learning_rates()
    for k in (1, 2, 3):
        tried = [np.median([last(rosenbrock(), gradient_descent, start, lr)
                            for start in nine(rosenbrock(), sets[k - 2])]) for lr in rates]
        best = rates[int(np.argmin(tried))]
        chosen.append(best)
        lost += sum(last(rosenbrock(), gradient_descent, start, best) > rosenbrock().loss(start)
                    for start in nine(rosenbrock(), sets[k - 1]))
    assert table["median: lost"][0] == lost > 0
    assert table["median: lr"][0] == f"{min(chosen):.2g} to {max(chosen):.2g}"


def test_the_price_of_a_choice_is_a_factor_above_the_tuned_loss():
    rules = {"Gradient descent": gradient_descent, "Adam": adam}
    table = race.price_of_choice(rules, budget=10, off=(8,), count=2, per_decade=8)
    tuned = race.compare(rules, race.digits64, learning_rates(low=1e-3), 10, "mean", 2,
                         progress=None).pivot(index="judged", columns="rule", values="loss")
    ratio = tuned.max(axis=1) / tuned.min(axis=1)
    assert table.iloc[0][["set 1", "set 2", "set 3"]].tolist() == pytest.approx(
        ratio.tolist(), rel=1e-3)
    rates, sets, factors = learning_rates(low=1e-3), seed_sets(2), []
    for rule in rules.values():
        for k in (1, 2, 3):
            losses = [[descend(race.digits64(seed), rule, steps=10, lr=rates[:, None]).loss[-1]
                       for seed in seeds] for seeds in (sets[k - 2], sets[k - 1])]
            tried, judged = np.nan_to_num(np.mean(losses, axis=1), nan=np.inf)
            factors.append(judged[tried.argmin() - 8] / judged[tried.argmin()])
    row = table.set_index("choice").loc["each rule, lr 10 times too low"]
    assert [row["least"], row["most"]] == pytest.approx([min(factors), max(factors)], rel=1e-3)


def test_the_verdicts_of_the_lesson_follow_from_the_tables():
    found = {claim.claim: claim.verdict for claim in race.claims().claims}
    assert [words for words, verdict in found.items() if verdict == "TIE"] == [
        "A learning rate three times too low costs more than the worst rule",
        "Adam, tuned, beats the other three, tuned"]
    assert sum(verdict.startswith("SUPPORTED") for verdict in found.values()) == 5
