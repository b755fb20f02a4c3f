"""What all measurements share: one run for every seed, grids by a rule's own edge, the table."""

from functools import partial

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments.protocol import (
    UP_TO_EDGE,
    converged_at,
    edge,
    ends,
    grid_of,
    knobs_of,
    learning_rates,
    named,
    own,
    seed_sets,
    seeded,
    table,
    walks,
    weather,
)
from lessons.networks import digits_mlp, digits_softmax
from lessons.schedules import linear
from lessons.steps import adam, gradient_descent, momentum, nesterov, rmsprop, sam
from lessons.surfaces import parabola, quadratic, ravine, rosenbrock
from lessons.views import noisy

ABOUT = dict(starts="", seeds=[], grid="", criterion="", budget="")


def test_seed_sets_are_disjoint_however_long():
    for count in (1, 3, 10, 25):
        sets = seed_sets(count)
        assert [len(seeds) for seeds in sets] == [count] * 3
        assert len(set().union(*sets)) == 3 * count


def test_a_seed_draws_one_start_whatever_stands_beside_it():
    alone, beside = seeded(rosenbrock(), [4]), seeded(rosenbrock(), [0, 4, 9])
    assert (alone.start[0] == beside.start[1]).all()
    assert np.ptp(beside.start, axis=0).min() > 0


def test_a_function_of_the_seed_gives_each_run_its_own_weights_and_noise():
    assert (seeded(digits_mlp, [1, 2]).start[1] == digits_mlp(seed=2).start).all()
    windy = seeded(lambda seed: noisy(ravine(), 1.0, seed), [1, 2])
    alone = noisy(ravine(), 1.0, 2)
    assert (windy.at(3).grad(windy.start)[1] == alone.at(3).grad(np.array(alone.start))).all()


@pytest.mark.parametrize("place", [digits_mlp(seed=3), digits_mlp(seed=(0, 1))])
def test_a_network_that_is_made_already_is_refused_with_advice(place):
    with pytest.raises(TypeError, match="Give the function that makes it"):
        seeded(place, [0, 1])


def test_weather_differs_from_run_to_run_and_between_sets():
    draws = [seeded(weather(parabola(), 2.0), seeds).at(1).grad(np.zeros((500, 1)))
             for seeds in seed_sets(500)]
    assert np.std(draws[0]) == pytest.approx(2.0, rel=0.1)      # 500 draws: 3 % a deviation
    assert abs(np.corrcoef(draws[0][:, 0], draws[1][:, 0])[0, 1]) < 0.2


def test_rules_have_the_names_that_pictures_know():
    assert list(named([gradient_descent, rmsprop])) == ["Gradient descent", "RMSprop"]
    assert {name: own(rule) for name, rule in named(momentum).items()} == {"Momentum": momentum}
    assert list(named({"mine": adam})) == ["mine"]
    with pytest.raises(ValueError, match="two rules are called"):
        named([partial(momentum, beta=0.5), momentum])


def test_a_knob_is_turned_in_every_rule_that_has_it():
    rules = named([gradient_descent, momentum, nesterov], beta=0.3)
    assert [knobs_of(rule).get("beta") for rule in rules.values()] == [None, 0.3, 0.3]
    with pytest.raises(TypeError, match="no rule here has a knob 'betta'"):
        named([gradient_descent, momentum], betta=0.3)


def test_a_knob_may_be_a_schedule():
    rising = linear(0.9, warmup=5)
    rule, = named(momentum, beta=rising).values()
    start = seeded(ravine(), [0]).start[0]
    run = descend(ravine(), momentum, start, 9, lr=0.02, beta=rising)
    assert (walks(rule, ravine(), [0], [0.02], 9)[1][:, 0, 0] == run.theta).all()


@pytest.mark.parametrize("rule", [gradient_descent, momentum, nesterov,
                                  partial(momentum, beta=0.3), partial(nesterov, beta=0.0)])
def test_just_below_its_edge_a_rule_converges_and_just_above_it_leaves(rule):
    for curvature in (1.0, 8.0):
        last = edge(rule, curvature)
        runs = descend(parabola(curvature), rule, steps=3000, lr=last * np.array([[0.98], [1.02]]))
        assert abs(runs.theta[-1, 0, 0]) < 1e-6 and not abs(runs.theta[-1, 1, 0]) < 1e6


def test_a_grid_is_in_units_of_the_rules_own_edge_along_the_largest_curvature():
    assert grid_of(UP_TO_EDGE, gradient_descent, ravine(50))[-1] == pytest.approx(160 / 161 / 25)
    assert grid_of(UP_TO_EDGE, partial(momentum, beta=0.5), ravine(50)).max() < 3 / 50
    assert edge(adam) is None
    assert (grid_of(UP_TO_EDGE, adam, ravine(50)) == learning_rates()).all()
    windy = grid_of(UP_TO_EDGE, gradient_descent, lambda seed: noisy(ravine(50), 1.0, seed))
    assert windy[-1] < 2 / 50
    assert grid_of(0.3, adam, ravine()).tolist() == [0.3]


def test_learning_rates_are_even_factors_that_can_be_typed():
    rates = learning_rates(1e-3, 1, per_decade=2)
    assert rates.tolist() == [0.001, 0.00316, 0.01, 0.0316, 0.1, 0.316, 1.0]


@pytest.mark.parametrize("lr", ["best of all", -1.0, [0.1, 0.0], [], [[0.1]], np.inf])
def test_a_grid_that_is_none_is_refused_with_advice(lr):
    with pytest.raises(ValueError, match="lr must be learning rates above 0"):
        grid_of(lr, adam, ravine())


def test_a_place_without_a_hessian_asks_for_numbers():
    with pytest.raises(TypeError, match="give learning rates as numbers"):
        grid_of(UP_TO_EDGE, gradient_descent, digits_mlp)


def test_walks_are_the_runs_one_by_one():
    _, theta, loss = walks(partial(adam, beta1=0.8), rosenbrock(), range(3), [0.1, 0.3], 20)
    start = seeded(rosenbrock(), [2]).start[0]
    run = descend(rosenbrock(), adam, start, 20, lr=0.3, beta1=0.8)
    assert (theta[:, 1, 2] == run.theta).all() and (loss[:, 1, 2] == run.loss).all()


def by_length(surface, theta, *, lr=0.1):
    g = surface.grad(theta)
    return theta - lr * g / np.linalg.norm(g)       # the norm of all runs together


def for_one(surface, theta, *, lr=0.1):
    x, y = theta                                    # for a single point only
    return theta - lr * surface.grad(theta) if x > -99 else theta


@pytest.mark.parametrize("rule", [by_length, for_one])
def test_a_learners_rule_that_joins_the_runs_of_a_grid_is_walked_run_by_run(rule):
    seeds = range(2)
    start = seeded(ravine(), seeds).start
    theta = walks(rule, ravine(), seeds, [0.1, 0.05], 5)[1]
    assert theta.shape == (6, 2, 2, 2)
    for i, lr in enumerate((0.1, 0.05)):
        for k in seeds:
            one = descend(ravine(), rule, start[k], 5, lr=lr).theta
            assert (theta[:, i, k] == one).all()


def test_a_budget_counts_gradients_not_steps():
    twice = ends(sam, rosenbrock(), [0], np.array([0.001]), 40)[1]
    start = seeded(rosenbrock(), [0]).start
    assert (twice[0] == descend(rosenbrock(), sam, start, 20, lr=0.001).theta[-1]).all()


def test_a_run_that_leaves_ends_at_infinity_not_at_nan():
    loss = ends(gradient_descent, rosenbrock(), [0], np.array([1.0]), 60)[2]
    assert loss.tolist() == [[np.inf]]


def test_converged_means_for_good():
    loss = np.array([1.0, 1e-5, 0.5, 1e-4, 1e-6])
    assert converged_at(loss) == 3
    assert converged_at(loss, 1e-7) == np.inf
    assert converged_at(np.array([[1, 0, np.nan], [1, 1, 1.0]]).T).tolist() == [np.inf, np.inf]
    assert converged_at(np.zeros(4)) == 0


def test_a_table_keeps_the_protocol_and_four_digits():
    frame = table(lambda n: {"third": n / 3, "name": "x"}, [{"n": 1}, {"n": 2}], **ABOUT)
    assert frame["third"].tolist() == [0.3333, 0.6667] and frame["n"].tolist() == [1, 2]
    assert frame.attrs == {**ABOUT, "partial": False}


def test_what_raises_is_a_row_with_its_message():
    def measure(n):
        if n == 2:
            raise ValueError("no such thing")
        if n == 3:
            raise NotImplementedError
        return {"found": n}

    frame = table(measure, [{"n": n} for n in (1, 2, 3)], **ABOUT)
    assert frame["problem"].tolist() == ["", "ValueError: no such thing", "not written yet"]
    assert list(frame) == ["n", "found", "problem"]
    assert "problem" not in table(measure, [{"n": 1}], **ABOUT)


@pytest.mark.parametrize("progress", [None, "Counting"])
def test_the_stop_button_keeps_what_was_found(progress):
    def measure(n):
        if n == 3:
            raise KeyboardInterrupt
        return [{"found": n}, {"found": -n}]

    frame = table(measure, [{"n": n} for n in range(1, 9)], progress=progress, **ABOUT)
    assert frame["found"].tolist() == [1, -1, 2, -2]
    assert frame.attrs["partial"] is True


def test_the_stop_button_in_a_networks_walk_ends_the_table(monkeypatch):
    calls = []

    def stopped(surface, theta, *, lr=0.1):
        calls.append(1)
        if len(calls) > 9:      # 7 tell its cost, and that it minds a grid; then its walk begins
            raise KeyboardInterrupt
        return gradient_descent(surface, theta, lr=lr)

    def measure(rule):
        return {"end": ends(rule, digits_mlp, [0], np.array([0.1]), 10, "bar")[2].item()}

    frame = table(measure, [{"rule": gradient_descent}, {"rule": stopped}, {"rule": adam}], **ABOUT)
    assert len(frame) == 1 and frame.attrs["partial"]


def test_curvatures_of_a_quadratic_in_more_dimensions_set_the_edge():
    place = quadratic((1.0, 4.0, 30.0))
    assert grid_of(UP_TO_EDGE, gradient_descent, place)[-1] == pytest.approx(2 / 30, rel=0.01)


def test_the_softmax_of_the_digits_has_mini_batches_for_every_seed():
    def place(seed):
        return digits_softmax(batch=64, seed=seed)

    together = walks(momentum, place, [3, 4], [0.1, 1.0], 5)[1]
    for k, seed in enumerate([3, 4]):
        one = descend(place(seed), momentum, steps=5, lr=1.0).theta
        assert together[:, 1, k] == pytest.approx(one, abs=1e-12)   # sums in another order


def test_a_page_shows_a_table_in_a_readers_numbers_and_a_part_of_it_too():
    def measure(lr):
        return {"steps": 28530.2, "loss": 1.5e-20, "far": np.inf}

    frame = table(measure, [{"lr": 0.1}, {"lr": 22.63}], **ABOUT)
    for part in frame, frame[frame.lr > 1]:
        shown = part._repr_html_()
        assert "<td>22.63</td>" in shown and "<td>28,530</td>" in shown
        assert "<td>1.5e-20</td>" in shown and "<td>inf</td>" in shown and "<th>0</th>" not in shown
    assert "<th>22.63</th>" in frame.set_index("lr")._repr_html_()
