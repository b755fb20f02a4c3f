"""Experiments about schedules agree with drawn walks, with derivations and with each other."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments.protocol import mean_squares
from lessons.experiments.schedules import (
    PEAKS,
    SHAPES,
    best_cosine,
    best_schedule,
    best_under_a_limit,
    claims,
    ends_by_peak,
    fallen,
    gallery,
    level_run,
    one_run_many_lengths,
    rates_of,
    ravine_loss,
    second_moments,
    surviving,
    two_jobs,
)
from lessons.schedules import warmup_stable_decay
from lessons.steps import gradient_descent
from lessons.surfaces import ravine
from lessons.views import noisy


@pytest.mark.parametrize("shape", ["constant", "cosine", "level, then down"])
def test_second_moments_are_those_of_the_whole_recursion_and_of_each_kick(shape):
    rates = rates_of(SHAPES[shape](0.3), 60)
    distance, noise = second_moments(rates, 0.7, 1.5, 2.0)
    keep = 1 - 0.7 * rates
    assert distance[-1] == pytest.approx(4 * np.prod(keep**2), rel=1e-12)
    kicks = [1.5**2 * rates[k] ** 2 * np.prod(keep[k + 1:] ** 2) for k in range(60)]
    assert noise[-1] == pytest.approx(sum(kicks), rel=1e-12)
    assert distance + noise == pytest.approx(mean_squares(rates, 0.7, 1.5, 2.0)[0], rel=1e-12)
    assert surviving(rates).sum() == pytest.approx(second_moments(rates)[1][-1], rel=1e-12)


def test_the_drawn_sets_are_as_near_as_400_runs_can_tell():
    found = two_jobs([("straight line", 0.1), ("cosine", 0.3)])
    for name in ("set 1", "set 2", "set 3"):        # 7 % is one deviation of a mean of 400 squares
        assert found[name].to_numpy() == pytest.approx(found["together"].to_numpy(), rel=0.25)


def test_the_best_constant_rate_and_its_price_are_the_derived_ones():
    ell = np.log(4 * 200 * 4)
    assert PEAKS[ends_by_peak("constant").argmin()] == pytest.approx(ell / 400, rel=0.03)
    for steps in (200, 2000):
        price = ends_by_peak("constant", steps).min() * (1 / 4 + steps)     # the least is 1
        assert price == pytest.approx((1 + np.log(4 * steps * 4)) / 4, rel=0.02)
        assert ends_by_peak("1 / (t + n0)", steps).min() * (1 / 4 + steps) == pytest.approx(1)


def test_a_warm_up_on_x_to_the_fourth_bears_86_percent_of_its_first_steps_limit():
    def falls(part, warmup):
        x = 3.0
        for t in range(1, warmup + 1):
            rate = part * 2 / 9 * t
            if rate * x * x >= 2:
                return False
            x = x * (1 - rate * x * x)
        return True

    assert all(falls(0.86, w) and not falls(0.87, w) for w in (6, 20, 80, 320))


@pytest.mark.parametrize(("condition", "steps"), [(20, 80), (100, 120)])
def test_no_small_change_of_the_best_schedule_makes_it_better(condition, steps):
    best = best_schedule(condition, steps)
    loss = ravine_loss(best, condition)
    assert (best > 0).all() and (best <= 1 / condition * (1 + 1e-12)).all()
    draw = np.random.default_rng(0)
    for size in (0.1, 0.01):
        for _ in range(40):
            other = best + size / condition * draw.normal(size=steps)
            assert ravine_loss(np.clip(other, 0, 1 / condition), condition) >= loss * (1 - 1e-9)


def test_the_best_schedule_of_the_lesson_is_level_for_half_of_600_steps_and_then_falls():
    best = 100 * best_schedule(100, 600)
    level = (best > 1 - 1e-6).sum()
    assert 290 < level < 320 and (best[:level] > 1 - 1e-6).all() and best[-1] < 0.05
    assert best[499] == pytest.approx(1 / 3, abs=0.01)
    assert (20 * best_schedule(20, 300) > 1 - 1e-6).sum() == pytest.approx(45, abs=1)


def test_under_a_limit_nothing_ends_below_the_best_possible():
    cases = (20, 60), (100, 90)
    found = best_under_a_limit(cases)
    rest = found[["constant", "straight line", "level, then down"]]
    assert (rest.min(axis=1) >= found["best possible"] * 0.999).all()
    for row, (condition, steps) in zip(found.to_dict("records"), cases):
        peaks = np.geomspace(0.05, 1, 61) / condition
        share = row["down in the last (%)"] / 100
        ends = [ravine_loss(rates_of(warmup_stable_decay(peak, decay=share), steps), condition)
                for peak in peaks]
        assert row["level, then down"] == pytest.approx(min(ends), rel=1e-3)


def test_a_fall_of_180_steps_is_long_for_the_steep_direction_and_short_for_the_flat_one():
    ends = [[c / 2 * sum(second_moments(rates, c, 1.0, x))[-1] for c, x in ((1, -1.5), (100, 0.8))]
            for rates in (np.full(600, 0.01), rates_of(warmup_stable_decay(0.01, decay=0.3), 600))]
    assert ends[0] == pytest.approx([0.0025, 0.005], abs=5e-5)
    assert ends[1] == pytest.approx([0.0016, 0.0002], abs=5e-5)


def test_one_run_is_what_drawn_walks_do():
    place = noisy(ravine(100), 1.0, seed=range(200))
    steps, begin = 120, 84
    run = descend(place, gradient_descent, np.array(ravine(100).start), steps, lr=0.01)
    found = level_run(100, steps)
    assert run.loss[-1].mean() == pytest.approx(found["level"][-1], rel=0.15)
    mean = ravine(100).loss(run.theta[begin + 1:].mean(axis=0)).mean()
    assert mean == pytest.approx(found["mean"][-1], rel=0.15)
    fall = descend(place, gradient_descent, np.array(ravine(100).start), steps,
                   lr=warmup_stable_decay(0.01, decay=0.2))
    assert fall.loss[-1].mean() == pytest.approx(fallen(100, steps, 0.2)[-1], rel=0.15)


def test_the_table_of_lengths_has_the_ends_of_these_runs():
    found = one_run_many_lengths((60, 90), condition=20).set_index("steps")
    for steps, row in found.iterrows():
        assert row.tolist() == pytest.approx(
            [level_run(20, steps)["level"][-1], fallen(20, steps, 0.3)[-1],
             level_run(20, steps)["mean"][-1], best_cosine(20, steps)[1][-1]], rel=1e-3)


def test_the_cosine_loses_the_short_runs_and_wins_the_long_one():
    found = one_run_many_lengths().set_index("steps")
    rest = found[["after a fall", "mean of the last 30 %"]].min(axis=1)
    assert (found["own cosine"] < rest).tolist() == [False, False, True]


def test_the_cosine_passes_the_fall_where_exercise_6_says():
    ahead = {T: best_cosine(100, T)[1][-1] < fallen(100, T, 0.2)[-1] for T in (680, 690, 710, 720)}
    assert ahead == {680: False, 690: False, 710: True, 720: True}
    assert best_cosine(100, 720)[1][-1] > fallen(100, 720, 0.5)[-1]     # a longer fall: later


def test_the_gallery_has_every_shape_over_its_peak():
    curves = gallery(90)
    assert {*curves} == {*SHAPES} - {"1 / (t + n0)"}
    assert all(rates.shape == (90,) and 0 <= rates.min() for rates in curves.values())
    assert curves["stairs"][[0, 29, 30, 60]].tolist() == pytest.approx([1, 1, 0.1, 0.01])
    assert [rates.max() for rates in curves.values()] == pytest.approx([1] * 5, abs=0.02)


def test_the_claims_of_the_rounds():
    verdicts = [claim.verdict for claim in claims().claims]
    assert verdicts == ["SUPPORTED WITHIN LIMITS", "NOT SUPPORTED HERE", "PROVED",
                        "SUPPORTED WITHIN LIMITS", "PROVED"]
