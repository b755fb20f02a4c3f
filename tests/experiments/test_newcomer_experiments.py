"""The newcomers' numbers agree with their derivations; the league is fair, and can be resumed."""

import json
from functools import partial

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments.newcomers import full, means, memory, runs, shares, signs, tables
from lessons.experiments.newcomers.contestants import (
    BASE,
    CONTESTANTS,
    TASKS,
    Contestant,
    Task,
    held,
    inner,
    muon_adam,
    sam_nesterov,
)
from lessons.networks import char_rnn, char_transformer, digits_mlp, mnist1d_mlp
from lessons.scenes.newcomers.three_points import PEAK
from lessons.schedules import constant, linear
from lessons.steps import adam, lion, momentum, muon, nesterov, sam, schedule_free, sophia
from lessons.surfaces import given_gradients, ravine
from lessons.views import noisy

TINY = {name: Task(partial(digits_mlp, 16, hidden=(4,)), 6) for name in ("one", "two")}
FEW = {BASE: CONTESTANTS[BASE], "Momentum": CONTESTANTS["Momentum"],
       "Muon + Adam": CONTESTANTS["Muon + Adam"]}


# Lion


def test_a_large_gradient_outvotes_a_memory_that_keeps_its_sign():
    theta, m = lion(given_gradients([[-6.0]]), np.zeros(1), np.array([0.465]), lr=0.1)
    assert theta[0] == 0.1 and m[0] == pytest.approx(0.40035)


def test_in_noise_a_move_is_as_long_as_derived():
    for rule, move in (("Adam", np.sqrt(0.1 / 1.9)), ("Lion", 1.0)):
        x = np.hstack([signs.walked(rule, signs.noise, seed) for seed, in signs.SETS])
        assert signs.length(x) == pytest.approx(move, rel=0.01)


# Sophia


def test_the_derived_share_is_that_of_normal_noise():
    h = np.full(200_000, 0.02)
    s = np.sqrt(0.02 / (1 - shares.BETA2**10) / 32 * (1 - shares.BETA1) / (1 + shares.BETA1))
    m = s * np.random.default_rng(0).standard_normal(h.size)
    for scale in (0.05, 0.5, 2.0):
        assert shares.clipped(m, h, scale) == pytest.approx(shares.predicted(m, h, 32, scale),
                                                            abs=0.005)


def test_a_coordinate_without_gradient_is_not_counted():
    assert shares.clipped(np.array([0.0, 1.0, 1.0]), np.array([0.0, 1.0, 1e3])) == 0.5


def test_late_in_training_true_gradients_are_smaller_than_drawn_ones_and_h_is_old():
    place = digits_mlp(seed=(0, 1, 2))
    run = descend(place, sophia, steps=1000, every=1000, lr=shares.LR)
    batches = [place.at(t) for t in range(1000, 1040)]
    true, drawn = (np.mean([look(batch) for batch in batches], 0).sum(-1) for look in
                   (lambda batch: 32 * batch.grad(run.theta[-1])**2,
                    lambda batch: batch.diagonal(run.theta[-1])))
    kept = (run.state["h"][-1] / shares.grown(1000)).sum(-1)
    assert (true < 0.8 * drawn).all() and (drawn < 0.7 * kept).all()


# Schedule-Free


def test_z_turns_where_it_was_derived():
    for lr in (5.0, 10.0, 15.0, 19.0):
        (z, end), (calm, _) = means.excursion(lr), means.excursion(lr, warmup=50)
        assert z.max() > 10 and end < 1e-6 and calm.max() == 1.0
        assert abs(z.argmax() - 0.45 / (2 / lr - 0.1)) < 2
    x, z = 1.0, [1.0]       # the formulas, step by step
    for t in range(1, 4):
        z.append(z[-1] - 5 * (0.1 * z[-1] + 0.9 * x))
        x = x + (z[-1] - x) / t
    far, end = means.excursion(5.0, steps=3)
    np.testing.assert_allclose([*far, end], np.abs([*z, x]), rtol=1e-9)


def test_the_picture_of_three_points_is_one_of_many_noises():
    def ends(rule, shape, **knobs):
        place = noisy(ravine(20.0, 30), 1.0, seed=0, runs=1000)
        start = np.broadcast_to(place.start, (1000, 2))
        return descend(place, rule, start, 200, lr=shape, **knobs).loss[-1].mean()

    free = [ends(schedule_free, shape, beta=beta) for beta, shape in (
        (0.0, constant(1.5 / 20)), (0.9, constant(0.5)), (0.9, held(0.5, 50)))]
    fall = [ends(momentum, linear(rate / 20)) for rate in (0.05, 0.06, 0.07, 0.08, 0.1)]
    assert free == pytest.approx([0.0065, 0.013, 0.0157], rel=0.1)
    assert np.argmin(fall) == 2 and fall[2] == pytest.approx(0.0042, rel=0.05)
    assert PEAK == 0.07
    still = descend(ravine(20.0, 30), partial(schedule_free, beta=0.0), steps=200, lr=1.5 / 20)
    assert still.loss[-1] == pytest.approx(0.0043, abs=1e-4)
    assert ravine(20.0, 30).loss(np.array(still.state["z"][-1])) < 1e-12


def test_a_held_rate_rises_and_stays():
    assert [held(2.0, 4)(t, 9) for t in (1, 4, 9)] == [0.5, 2.0, 2.0]


# The contestants


@pytest.mark.parametrize(("place", "count"), [
    (digits_mlp, 1), (mnist1d_mlp, 2), (char_rnn, 1), (char_transformer, 8)])
def test_muon_gets_the_matrices_inside_and_adam_all_other_blocks(place, count):
    place = place(seed=0)
    inside, shapes = inner(place.shape)
    assert len(shapes) == count and inside.sum() == sum(np.prod(s) for s in shapes)
    run = descend(place, muon_adam, steps=1, lr=0.1)
    alone, other = (descend(place, rule, steps=1, lr=lr).theta[1]
                    for rule, lr in ((muon, 0.1), (partial(adam, beta2=0.95), 0.04)))
    np.testing.assert_allclose(run.theta[1][inside], alone[inside], atol=1e-6)
    np.testing.assert_allclose(run.theta[1][~inside], other[~inside], atol=1e-6)


def test_sam_with_nesterov_reads_its_gradient_uphill():
    plain = descend(ravine(), sam, steps=1, lr=0.01, rho=0.1).theta[1]
    found = descend(ravine(), sam_nesterov, steps=1, lr=0.01, rho=0.1, beta=0.0).theta[1]
    np.testing.assert_allclose(found, plain, rtol=1e-9)
    smooth = descend(ravine(), sam_nesterov, steps=5, lr=0.01, rho=1e-9).theta
    np.testing.assert_allclose(smooth, descend(ravine(), nesterov, steps=5, lr=0.01).theta,
                               rtol=1e-6)


def test_held_out_data_is_cut_into_two_halves_that_share_nothing():
    place = digits_mlp(seed=0)
    both = (place.validation_loss(place.start) + place.judging_loss(place.start)) / 2
    assert both == pytest.approx(place.test_loss(place.start), rel=1e-5)
    assert place.validation_loss(place.start) != place.judging_loss(place.start)


# The referee


def test_a_verdict_needs_two_standard_errors_and_three_sets_that_agree():
    base = np.random.default_rng(0).random(9)
    steady = np.linspace(0.02, 0.03, 9)
    assert tables.verdict(base + steady, base) == "worse"
    assert tables.verdict(base - steady, base) == "better"
    assert tables.verdict(base, base) == "TIE"
    split = np.repeat([0.1, 0.1, -0.01], 3)
    assert tables.verdict(base + split, base) == "TIE"
    assert tables.verdict(base + np.tile([0.3, -0.1, -0.1], 3), base) == "TIE"
    assert tables.verdict([np.inf] * 9, base) == "worse"


def test_two_equal_rules_get_a_verdict_in_seven_of_a_hundred_cases():
    drawn = np.random.default_rng(0).standard_normal((20_000, 9))
    luck = np.mean([tables.verdict(one, np.zeros(9)) != "TIE" for one in drawn])
    assert luck == pytest.approx(0.07, abs=0.006)


def test_the_table_of_verdicts_begins_with_the_losses_of_the_base():
    for budget in ("gradients", "clock"):
        found = tables.all_verdicts(budget).set_index("rule")
        assert found.index[0] == BASE
        for task in TASKS:
            assert found.loc[BASE, task] == f"loss {np.mean(tables.found(task)[BASE]['loss']):.3f}"


def test_adamw_took_the_shorter_memory_of_squares_on_all_tasks_but_one():
    chosen = [tables.found(task)["AdamW"] for task in TASKS]
    assert [one["knob"] for one in chosen] == ["beta2"] * 4
    assert [one["value"] for one in chosen] == [0.95, 0.95, 0.95, 0.99]
    rates = [one["lr"] for one in chosen]
    assert rates == [0.032, 0.008, 0.064, 0.016]
    assert [memory.tuned("AdamW", task)["lr"] for task in TASKS] == rates
    muon = [tables.found(task)["Muon, all blocks"]["lr"] for task in TASKS]
    assert muon == [0.04, 0.02, 0.08, 0.02]
    short = [memory.tuned("Muon, all blocks", task) for task in TASKS]
    assert [(one["value"], one["lr"]) for one in short] == [
        (0.8, 0.04), (0.8, 0.02), (0.8, 0.16), (0.8, 0.04)]


def test_the_late_fall_is_worth_more_than_the_warm_up():
    rows = memory.worth_of_a_fall().set_index("row")
    assert rows.loc["late fall, beta1 tuned"].to_list() == [
        "-0.074 better", "-0.132 better", "-0.107 better", "-0.049 better"]
    assert rows.loc["warm-up, no fall"].to_list() == [
        "+0.002 TIE", "-0.014 TIE", "+0.112 worse", "+0.021 worse"]


def test_on_the_digits_gradients_are_larger_than_the_drawn_noise():
    for name, least, most in (("Digits, MLP", 3, 4), ("MNIST-1D, MLP", 1, 1.5)):
        for m, h in zip(*shares.averages(name)):
            moves = (m != 0) & (h > 0)
            noise = shares.noise_of(h[moves] / shares.grown(shares.AT), 32)
            assert least < np.median(np.abs(m[moves]) / noise) / 0.6745 < most


def test_the_hand_worked_differences_are_the_recorded_ones():
    cells = tables.found("Digits, MLP")
    apart = 1000 * np.subtract(cells["SOAP"]["loss"], cells[BASE]["loss"])
    np.testing.assert_allclose(apart, [-24, -12, -16, -16, -5, -11, -18, -41, 5], atol=0.5)
    assert np.square(apart - apart.mean()).sum() == pytest.approx(1276, abs=1)
    assert tables.difference(apart, 0 * apart) == pytest.approx((-15.3, 4.2), abs=0.05)


def test_a_rule_is_tuned_until_its_best_rate_is_inside_the_grid():
    entry = Contestant(momentum, 1e-4)
    found = runs.tune(entry, TINY["one"], None, 6)
    best = int(np.argmin(found["loss"]))
    assert 0 < best < len(found["lr"]) - 1 or len(found["lr"]) >= runs.MOST
    assert len(found["lr"]) > runs.WIDTH
    np.testing.assert_allclose(np.diff(np.log2(found["lr"])), 1, rtol=0.01)


def test_tuning_and_judging_share_no_seed():
    assert not set(runs.TUNING) & set(runs.JUDGED) and len(set(runs.JUDGED)) == 9


def test_by_the_clock_a_dear_rule_makes_fewer_steps(monkeypatch):
    monkeypatch.setattr(runs, "price", lambda entry, work: 3.0 if entry.rule is muon_adam else 1.0)
    dear = runs.cell("Muon + Adam", "one", "clock", FEW, TINY)
    assert (dear["steps"], dear["ms"]) == (2, [1.0, 3.0])


# The record


def without_times(found):
    return [{key: value for key, value in one.items() if key not in ("ms", "seconds")}
            for one in found if one["budget"] == "gradients"]


def test_an_interrupted_league_goes_on_and_loses_nothing(tmp_path, monkeypatch):
    whole = full.run(tmp_path / "whole", contestants=FEW, tasks=TINY)
    real, done = full.cell, []

    def interrupted(*key):
        if len(done) == 4:
            raise KeyboardInterrupt
        done.append(key)
        return real(*key)

    monkeypatch.setattr(full, "cell", interrupted)
    with pytest.raises(KeyboardInterrupt):
        full.run(tmp_path / "cut", contestants=FEW, tasks=TINY)
    kept = {path: path.stat().st_mtime_ns for path in (tmp_path / "cut").glob("*.json")}
    assert len(kept) >= 3
    monkeypatch.setattr(full, "cell", real)
    found = full.run(tmp_path / "cut", contestants=FEW, tasks=TINY)
    assert without_times(found) == without_times(whole)
    assert len(found) == len(full.cells(FEW, TINY)) == 8
    assert all(path.stat().st_mtime_ns == when for path, when in kept.items())
    full.ship(found, tmp_path / "league.json")
    assert json.loads((tmp_path / "league.json").read_text())["cells"] == found


def test_half_a_file_is_no_cell(tmp_path):
    (tmp_path / "adamw-one-gradients.part").write_text('{"rule": "Ad')
    assert not full.path_of(tmp_path, (BASE, "one", "gradients")).exists()


def test_the_shipped_league_is_whole_and_made_by_the_code_that_is_here():
    made, cells = full.shipped()["made_by"], full.shipped()["cells"]
    assert [(c["rule"], c["task"], c["budget"]) for c in cells] == full.cells()
    assert made["code"] == full.made_by()["code"], "run `python -m lessons league --ship`"
    assert {"numpy", "torch", "python", "lessons"} <= set(made)


@pytest.mark.parametrize(("rule", "task"), [("Lion", "Digits, MLP"), (BASE, "Digits, MLP"),
                                            ("Muon + Adam", "Digits, MLP")])
def test_a_cell_of_the_shipped_league_is_made_again_by_its_code(rule, task):
    """Judged anew at the recorded lr; float32 sums differ a little between processors."""
    one = tables.found(task)[rule]
    again = runs.judged(CONTESTANTS[rule], TASKS[task], one["value"], one["lr"], one["steps"])
    np.testing.assert_allclose(again["loss"], one["loss"], atol=0.02)
    assert again["curve"][-1][1] == pytest.approx(np.mean(one["loss"]), abs=0.005)


def test_the_shorter_memories_were_made_by_the_code_that_is_here():
    made, cells = memory.shipped()["made_by"], memory.shipped()["cells"]
    assert made["code"] == full.made_by()["code"], memory.__doc__
    assert [(c["rule"], c["task"]) for c in cells] == [
        (r, t) for rules in (memory.BETAS, memory.HELD) for t in TASKS for r in rules]
    assert {c["value"] for c in cells if c["knob"] != "beta2"} <= set(memory.VALUES)


def test_a_shorter_memory_is_made_again_and_is_taken_where_it_tunes_better():
    again, one = memory.shorter(BASE, "Digits, MLP"), memory.tuned(BASE, "Digits, MLP")
    np.testing.assert_allclose(again["loss"], one["loss"], atol=0.02)
    assert (again["lr"], again["value"]) == (one["lr"], one["value"])
    for rule in memory.HELD:
        held_anew, one = (of(rule, "Digits, MLP") for of in (memory.without_fall, memory.recorded))
        np.testing.assert_allclose(held_anew["loss"], one["loss"], atol=0.02)
        assert (held_anew["lr"], held_anew["value"]) == (one["lr"], one["value"])
    first = memory.memory_tuned().set_index("rule").loc[BASE]
    assert first.to_list() == ["beta1 0.5, loss 0.035", "beta1 0.8, loss 1.100",
                               "beta1 0.5, loss 2.147", "beta1 0.5, loss 2.619"]
    rows = memory.memory_tuned().set_index("rule")
    assert all(cell.endswith("(0.8)") for cell in rows.loc["Muon, all blocks"])
    assert rows.loc["SOAP", "Text, RNN"] == "-0.015 better (0.5)"
    assert rows.loc["RMSprop", "Text, transformer"] == "+0.024 worse"   # no beta: as in the league
    assert memory.beta_of(BASE, tables.found("Digits, MLP")[BASE]) == 0.9
    for rule in memory.BETAS:
        for task in TASKS:
            chosen = memory.tuning_loss(memory.tuned(rule, task))
            assert chosen <= memory.tuning_loss(tables.found(task)[rule])


def test_a_learners_rule_is_tuned_and_judged_among_the_rest():
    def mine(surface, theta, m=0.0, *, lr=0.1):     # Lion, as a learner writes it
        g = surface.grad(theta)
        vote, m = np.sign(0.9 * m + 0.1 * g), 0.95 * m + 0.05 * g
        return theta - lr * vote, m

    found = tables.league(mine, 0.001).set_index("rule")
    theirs = tables.found(tables.SMALL)["Lion"]
    assert len(found) == 1 + len(tables.found(tables.SMALL))
    assert found.loc["my rule", "best lr"] == theirs["lr"]
    apart = np.mean(theirs["loss"]) - np.mean(tables.found(tables.SMALL)[BASE]["loss"])
    assert found.loc["my rule", "minus AdamW"] == pytest.approx(apart, abs=0.005)


def test_the_command_tells_time_and_size_beforehand(tmp_path):
    told = full.forecast(tmp_path, 2)
    assert f"{len(full.cells())} of {len(full.cells())} cells" in told and "minutes" in told
    assert "Ctrl-C" in told and "MB" in told
