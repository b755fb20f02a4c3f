"""What holds for every experiment, general or of a topic: a table, its protocol, how it stops."""

import importlib
import inspect
from functools import partial
from pathlib import Path

import numpy as np
import pytest

from lessons import experiments
from lessons.experiments import (
    adam,
    adaptive,
    clipped_rnn,
    clipping,
    coordinates,
    curvature,
    decay_map,
    flat_networks,
    gradient_descent,
    implicit_bias,
    kl_limits,
    kronecker,
    kronecker_digits,
    learning_rate,
    momentum,
    network_shapes,
    newcomers,
    noisy_labels,
    quasi_newton,
    quasi_newton_digits,
    race,
    rare_words,
    schedules,
    sgd,
    sharpness,
    warmup_transformer,
)
from lessons.experiments.newcomers.contestants import Task
from lessons.networks import digits_mlp
from lessons.steps import gradient_descent as descent
from lessons.surfaces import ravine

CLAIMS = {"Claim", "Claims", "judge", "known"}
LRS, NET = [0.01, 0.1], digits_mlp
TINY = {"Digits, MLP": Task(partial(digits_mlp, hidden=(3,)), 4)}
SMALL = {       # every experiment of the package, in small: name -> a call with these rules
    "compare": lambda rules: experiments.compare(rules, ravine(), LRS, budget=5, count=2),
    "learning_rate_curve": lambda rules: experiments.learning_rate_curve(rules, NET, LRS, 2, [0]),
    "noise_floor": lambda rules: experiments.noise_floor(rules, 0.1, budget=5, count=2),
    "steps_to_converge": lambda rules: experiments.steps_to_converge(rules, condition=3),
    "sweep": lambda rules: experiments.sweep(rules, ravine(), LRS, budget=5),
    "winners": lambda rules: experiments.winners(SMALL["sweep"](rules), by="lr"),
    "lap_by_lap": lambda rules: adaptive.lap_by_lap([1, 5], 4, 2),
    "resting_place": lambda rules: adaptive.resting_place(LRS, budget=5),
    "turned_ravine": lambda rules: adaptive.turned_ravine([0, 45], 3, budget=50),
    "steeper_walls": lambda rules: adaptive.steeper_walls([3, 8], budget=90),
    "distance_gone": lambda rules: adaptive.distance_gone([1, 0.5], steps=20, count=2),
    "rare_words": lambda rules: rare_words.rare_words(),
    "turned_words": lambda rules: rare_words.turned_words(),
    "two_jobs": lambda rules: schedules.two_jobs(),
    "best_under_a_limit": lambda rules: schedules.best_under_a_limit(((5, 20), (9, 20))),
    "one_run_many_lengths": lambda rules: schedules.one_run_many_lengths((20, 40), condition=9),
    "at_its_best": lambda rules: network_shapes.at_its_best(),
    "stuck_by_length": lambda rules: warmup_transformer.stuck_by_length(),
    "mean_losses": lambda rules: warmup_transformer.mean_losses(),
    "controls": lambda rules: warmup_transformer.controls(),
    "range_test": lambda rules: learning_rate.range_test(["SGD", "Adam"], steps=3),
    "cost_of_mistake": lambda rules: learning_rate.cost_of_mistake(),
    "tuned": lambda rules: learning_rate.tuned(50),
    "same_path": lambda rules: learning_rate.same_path(),
    "moved_rates": lambda rules: learning_rate.moved_rates(),
    "cost_of_narrowness": lambda rules: momentum.cost_of_narrowness([3, 8], budget=90),
    "steps_down": lambda rules: momentum.steps_down(momentum.momentum, condition=[3, 8]),
    "walls": lambda rules: clipping.walls([3, 8], places=99),
    "share_found": lambda rules: clipping.share_found([0.1, 1], [None, 1]),
    "where_it_rests": lambda rules: clipping.where_it_rests([1, 4], budget=9),
    "after_a_spike": lambda rules: clipping.after_a_spike(9.0, [0.9, 0.95]),
    "rnn_sweep": lambda rules: clipped_rnn.rnn_sweep(1.0),
    "one_bad_batch": lambda rules: clipped_rnn.one_bad_batch(),
    "long_runs": lambda rules: noisy_labels.long_runs(),
    "longer": lambda rules: noisy_labels.longer(),
    "rivals": lambda rules: noisy_labels.rivals(),
    "cycle": lambda rules: sharpness.cycle(((0.1, 1, 0.5), (0.1, 2, 0.5)), budget=20),
    "slide": lambda rules: sharpness.slide(((0.1, 0.4), (0.1, 0.3))),
    "worst_near": lambda rules: sharpness.worst_near((0.1, 0.2)),
    "memory_by_batch": lambda rules: momentum.memory_by_batch([16, 16], [1, 2], count=1),
    "without_correction": lambda rules: adam.without_correction([0.9, 0.99], budget=9),
    "decay_map": lambda rules: decay_map.decay_map(),
    "around_the_limit": lambda rules: gradient_descent.around_the_limit([1, 2], budget=4, count=2),
    "limit_at_the_end": lambda rules: gradient_descent.limit_at_the_end([0.001, 0.002], budget=5),
    "limit_of_a_network": lambda rules: gradient_descent.limit_of_a_network(
        [0.4, 0.8], budget=8, every=2, progress=None),
    "right_digits": lambda rules: curvature.right_digits(2),
    "where_it_ends": lambda rules: curvature.where_it_ends(3, 20),
    "damping_borders": lambda rules: curvature.damping_borders(budget=5, count=3),
    "reach_minimum": lambda rules: curvature.reach_minimum(20, 10),
    "steps_and_price": lambda rules: curvature.steps_and_price(0.5, 20),
    "network_race": lambda rules: curvature.network_race(1, 20),
    "guessed_truth": lambda rules: implicit_bias.guessed_truth(1, 4, 6, 9),
    "flow_directions": lambda rules: implicit_bias.flow_directions((10, 20)),
    "modified_flow": lambda rules: implicit_bias.modified_flow((0.1, 0.2)),
    "where_sharpness_stops": lambda rules: implicit_bias.where_sharpness_stops([0.2, 0.4], 8, 2),
    "who_tests_better": lambda rules: flat_networks.who_tests_better(),
    "gradient_error": lambda rules: sgd.gradient_error([1, 4], draws=3),
    "one_look": lambda rules: sgd.one_look([1], lr=[1, 2]),
    "agreement": lambda rules: sgd.agreement([1.0, 0.0], budget=40, count=9),
    "digits_floor": lambda rules: sgd.digits_floor([(16, 0.1), (64, 0.4)], budget=20),
    "equal_examples": lambda rules: sgd.equal_examples([(0.1, "linear", size) for size in (8, 600)],
                                                         looks=1),
    "noise_scale": lambda rules: sgd.noise_scale((0, 3)),
    "steps_to_loss": lambda rules: sgd.steps_to_loss((64, None), 1.5, [1, 2], 40, 2),
    "ways_down_digits": lambda rules: sgd.ways_down_digits(budget=8),
}
SMALL |= {
    "charts_beside": lambda rules: coordinates.charts_beside(("KL step, 0.1", "Adam, lr 1")),
    "how_far_apart": lambda rules: coordinates.how_far_apart((1, 0.5)),
    "steps_in_charts": lambda rules: coordinates.steps_in_charts(("Adam",), budget=5, count=2),
    "whose_labels": lambda rules: coordinates.whose_labels((10.0, 1.0), draws=9),
    "pixels_in_other_units": lambda rules: kl_limits.pixels_in_other_units(
        ("KL step, 10 products", "Adam, tuned for each unit"), 1.5),
    "policy_updates": lambda rules: kl_limits.policy_updates((0.5, 0.9), epochs=9),
    "autoencoder": lambda rules: quasi_newton_digits.autoencoder(),
    "bad_pairs": lambda rules: quasi_newton.bad_pairs(count=5, budget=9),
    "caution": lambda rules: quasi_newton.caution(count=5, budget=9),
    "logistic_regression": lambda rules: quasi_newton_digits.logistic_regression(),
    "mini_batches": lambda rules: quasi_newton_digits.mini_batches(),
    "factor_error": lambda rules: kronecker.factor_error((0, 10)),
    "per_second": lambda rules: kronecker_digits.per_second(),
    "per_step": lambda rules: kronecker_digits.per_step(),
    "train_digits": lambda rules: kronecker_digits.train_digits(dict(Adam=0.04, SOAP=0.06), 0, 2),
    "price_of_choice": lambda rules: race.price_of_choice(race.FOUR, budget=2, off=(1,), count=1),
    "shared_race": lambda rules: race.shared_race(race.FOUR, ravine(), steps=3),
    "tuned_digits": lambda rules: race.tuned_digits(race.FOUR, budget=2, off=(1,), count=1),
    "tuned_races": lambda rules: race.tuned_races(race.FOUR, ravine(), 3, per_decade=[1, 2]),
}
SMALL |= {
    "share_clipped": lambda rules: newcomers.share_clipped(late=100),
    "all_verdicts": lambda rules: newcomers.all_verdicts(),
    "best_rates": lambda rules: newcomers.best_rates(),
    "on_the_way": lambda rules: newcomers.on_the_way(rules=["AdamW", "Lion"]),
    "memory_tuned": lambda rules: newcomers.memory_tuned(),
    "league": lambda rules: newcomers.league(descent, 0.5, tasks=TINY),
}
RULES = ["compare", "learning_rate_curve", "noise_floor", "steps_to_converge", "sweep"]
every = pytest.mark.parametrize("name", SMALL)
walking = pytest.mark.parametrize("name", RULES)


def found_in_package():
    """{name: function} of all experiments: what the package and its topics' modules hand out."""
    folder = Path(experiments.__file__).parent
    modules = [importlib.import_module(f"lessons.experiments.{path.stem}")
               for path in [*folder.glob("*.py"), *folder.glob("*/")]
               if not path.stem.startswith("__")]
    return {name: getattr(module, name) for module in [experiments, *modules]
            for name in getattr(module, "__all__", []) if name not in CLAIMS}


def stopped(surface, theta, *, lr=0.1):
    raise KeyboardInterrupt


def broken(surface, theta, *, lr=0.1):
    return theta @ np.ones((7, 3))


def unwritten(surface, theta, *, lr=0.1):
    raise NotImplementedError


def test_every_experiment_is_tried_here():
    assert set(SMALL) == set(found_in_package())


@every
def test_an_experiment_is_a_table_with_its_protocol_the_same_each_time(name):
    rules = {"Gradient descent": descent, "Twin": descent}
    found = SMALL[name](rules)
    assert {"starts", "seeds", "grid", "criterion", "budget", "partial"} == set(found.attrs)
    assert all(str(value) for value in found.attrs.values()) and found.attrs["partial"] is False
    for experiment in vars(sgd).values():       # which keep their tables, else nothing is compared
        getattr(experiment, "known", {}).clear()
    assert len(found) > 1 and "problem" not in found and found.equals(SMALL[name](rules))
    for number in found.select_dtypes(float).to_numpy().ravel():
        assert number == float(f"{number:.4g}") or np.isnan(number)


@walking
@pytest.mark.parametrize(("rule", "said"), [(broken, "ValueError: "), (unwritten, "not written")])
def test_a_rule_that_raises_is_a_row_with_the_message(name, rule, said):
    found = SMALL[name]({"Gradient descent": descent, "mine": rule})
    mine, others = found[found["rule"] == "mine"], found[found["rule"] != "mine"]
    assert len(mine) and mine["problem"].str.startswith(said).all()
    assert len(others) and (others["problem"] == "").all()


@walking
def test_an_experiment_that_is_stopped_returns_what_it_has(name):
    found = SMALL[name]({"Gradient descent": descent, "stopped": stopped})
    assert found.attrs["partial"] is True
    assert set(found["rule"]) == {"Gradient descent"}


@walking
def test_a_knob_that_no_rule_has_is_named(name):
    function = found_in_package()[name]
    place = [ravine()] if name in ("compare", "sweep", "learning_rate_curve") else []
    with pytest.raises(TypeError, match="no rule here has a knob 'betta'"):
        function(descent, *place, betta=0.9)


@every
def test_an_experiment_reads_as_its_question(name):
    function = found_in_package()[name]
    head, doc, body = inspect.getsource(function).split('"""', 2)
    lines = [line for line in (head + body).splitlines() if line.strip()]
    assert len(lines) <= 25, f"{len(lines)} lines"
    assert doc.split("\n\n")[0].endswith("?")
