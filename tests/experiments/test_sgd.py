"""The experiments on noise and batches against what can be derived, and against single walks."""

from functools import partial

import numpy as np
import pandas as pd
import pytest

from lessons.descend import descend
from lessons.experiments.gradient_descent import limit_at
from lessons.experiments.sgd import (
    WHERE,
    agreement,
    bottom_of_digits,
    claims,
    corner_by_target,
    corners,
    digits_floor,
    equal_examples,
    example_variance,
    floor_by_curvature,
    gradient_error,
    mean_squares,
    noise_scale,
    one_look,
    steps_to_loss,
    still_falling,
    ways_down,
    ways_down_digits,
)
from lessons.networks import digits_softmax
from lessons.steps import gradient_descent, schedule_free
from lessons.surfaces import parabola
from lessons.views import noisy, with_l2

SETS, SEEDS = ["set 1", "set 2", "set 3"], (0, 10, 20)


def digits_loss(batch, seed, steps, lr):
    return descend(digits_softmax(batch, seed), gradient_descent, steps=steps, lr=lr).loss


def test_the_variance_of_an_example_is_that_of_all_examples_one_by_one():
    theta, surface = np.linspace(-1, 1, 650), digits_softmax(batch=1)
    exact = digits_softmax().grad(theta)
    drawn = [surface.at(t).grad(theta) - exact for t in range(3000)]
    found = np.square(drawn).sum(axis=1)
    # four standard errors of a mean of 3,000
    assert abs(found.mean() - example_variance(theta)) < 4 * found.std() / np.sqrt(3000)


def test_the_error_of_a_mini_batch_falls_with_its_root():
    found = gradient_error(draws=200)
    for name in SETS:       # 200 draws of a length: 3 to 5 % each
        assert found[name].to_numpy() == pytest.approx(found["theory"].to_numpy(), rel=0.12)
    assert found["theory"].iloc[0] / found["theory"].iloc[2] == pytest.approx(
        np.sqrt(16 * 1296 / (1297 - 16)), rel=1e-3)
    assert gradient_error([1297], draws=2)["set 1"].max() < 1e-12, "all examples are no sample"


def test_one_look_is_the_loss_after_as_many_steps_as_it_has_batches():
    found = one_look([2], batch=(None, 200), lr=[0.5, 1.0]).set_index("batch")
    assert found["steps"].tolist() == [2, 12] and found["at_edge"].all()
    assert "at_edge" not in one_look([1], batch=(200,)), "its best lr is inside the grid"
    for seed, name in zip(SEEDS, SETS):
        for batch, drawn in ((1297, None), (200, 200)):
            loss = digits_loss(drawn, seed, found.at[batch, "steps"], found.at[batch, "lr"])
            assert found.at[batch, name] == pytest.approx(loss[-1], rel=1e-3)


@pytest.mark.parametrize("lr", [0.05, 0.4])
def test_the_floor_of_a_parabola_is_the_derived_one(lr):
    found = floor_by_curvature(lr=lr, count=1000)
    # late steps are correlated: 200 of them count as 200 lr c / 2, at least 5 here
    assert found[SETS].to_numpy() == pytest.approx(
        np.repeat(found[["loss"]].to_numpy(), 3, axis=1), rel=0.08)
    derived = lr / 2 / (2 - lr * found["curvature"])
    assert found["loss"].to_numpy() == pytest.approx(derived.to_numpy(), rel=1e-3)


def test_the_bottom_of_the_digits_is_flat_and_their_floor_goes_with_lr_over_batch():
    theta, lowest = bottom_of_digits()
    surface = with_l2(digits_softmax(), 0.01)
    assert np.abs(surface.grad(theta)).max() < 1e-9 and surface.loss(theta) == lowest
    found = digits_floor([(16, 0.05), (64, 0.2), (64, 0.05)], budget=1000)
    close, wide, quarter = found[SETS].mean(axis=1) / found["derived"]
    assert [close, wide, quarter] == pytest.approx([1, 1, 1], rel=0.12)
    top = np.linalg.eigvalsh(surface.hess(theta))[-1]
    assert found["lr L / 2"].tolist() == pytest.approx(
        [0.05 * top / 2, 0.2 * top / 2, 0.05 * top / 2], rel=1e-3)
    assert found["derived"].iloc[0] == pytest.approx(
        0.05 * example_variance(theta) / 64 * (1297 - 16) / 1296, rel=1e-3)


def test_the_noise_scale_grows_because_the_gradient_dies_first():
    found = noise_scale((0, 5, 40))
    assert found["noise scale"].to_numpy() == pytest.approx(
        (found["s2"] / found["g2"]).to_numpy(), rel=1e-3)
    assert found["noise scale"].is_monotonic_increasing and found["s2"].is_monotonic_decreasing
    g2 = np.square(digits_softmax().grad(np.zeros(650))).sum()
    assert found.at[0, "g2"] == pytest.approx(g2, rel=1e-3)
    assert found.at[0, "2 / L"] == pytest.approx(
        limit_at(digits_softmax(), np.zeros(650)), rel=1e-3)


@pytest.mark.parametrize("curvature", [1.0, 0.1])
def test_the_derived_mean_squares_are_those_of_many_walks(curvature):
    place = noisy(parabola(curvature), 1.0, seed=3, runs=20_000)
    for rule in (lambda t, total: 0.5, lambda t, total: 0.8 / t):
        theta = descend(place, gradient_descent, (-2.0,), 60, lr=rule).theta
        lr = np.array([rule(t, 60) for t in range(1, 61)])
        point, mean = mean_squares(lr, curvature, begin=20)
        # four standard errors of a mean square of 20,000 runs
        np.testing.assert_allclose(point[[0, 1, 20, 60]],
                                   np.square(theta[[0, 1, 20, 60]]).mean(axis=(1, 2)), rtol=0.04)
        half = np.square(theta[21:].mean(axis=0)).mean()
        np.testing.assert_allclose(mean[-1], half, rtol=0.04)
        np.testing.assert_array_equal(mean[:21], point[:21])


def test_the_mean_of_the_points_is_what_schedule_free_without_interpolation_returns():
    place = noisy(parabola(), 1.0, seed=1, runs=400)
    walked = descend(place, gradient_descent, (-2.0,), 50, lr=0.5).theta[1:].mean(axis=0)
    free = descend(place, schedule_free, (-2.0,), 50, lr=0.5, beta=0.0).theta[-1]
    np.testing.assert_allclose(walked, free, atol=1e-12)        # rounding of 50 sums


def test_the_ways_down_a_parabola_end_where_they_were_derived():
    found = ways_down(budget=600).set_index(["curvature", "way"])
    # 400 squares have a standard error of 7 %
    assert found[SETS].to_numpy() == pytest.approx(
        np.repeat(found[["derived"]].to_numpy(), 3, axis=1), rel=0.3)
    assert found.at[(1.0, "1 / t"), "derived"] == pytest.approx(1 / 600, rel=1e-3)
    assert found.at[(0.1, "1 / (c t)"), "derived"] == pytest.approx(100 / 600, rel=1e-3)
    assert (1.0, "1 / (c t)") not in found.index, "at curvature 1 it is 1 / t"
    assert found.at[(0.1, "1 / t"), "derived"] > 10 * found.at[(1.0, "constant"), "derived"] / 4


def test_a_way_down_the_digits_is_a_walk_of_descend():
    found = ways_down_digits(budget=40, a=(0.5, 2, 9)).set_index("way")
    assert found.loc[["constant", "straight line to 0", "1 / t"], "at"].tolist() == [
        "lr 0.4", "lr 0.4", "a 1"]
    lowest = bottom_of_digits()[1]
    for k, name in enumerate(SETS):
        run, surface = penalised(lambda t, total: 0.4)[k]
        floor = run.loss[24::4].mean() - lowest
        assert found.at["constant", name] == pytest.approx(floor, rel=1e-3)
        half = surface.loss(run.theta[24::4].mean(axis=0)) - lowest
        assert found.at["its mean", name] == pytest.approx(half, rel=1e-3)
    for way, lr in (("1 / t", lambda t, total: 1 / t),
                    ("straight line to 0", lambda t, total: 0.4 * (41 - t) / 40)):
        ends = [run.loss[-1] - lowest for run, _ in penalised(lr)]
        assert found.loc[way, SETS].tolist() == pytest.approx(ends, rel=1e-3)


@pytest.mark.parametrize(("way", "falling"), [("a / t", lambda t: 1 / t),
                                              ("a / (t + 100)", lambda t: 1 / (t + 100)),
                                              ("a / sqrt(t)", lambda t: t**-0.5)])
def test_a_falling_rate_has_the_best_of_its_numbers(way, falling):
    found, a = ways_down_digits(budget=40, a=(0.5, 2, 9)).set_index("way"), (0.5, 2, 9)
    ends = [np.mean([run.loss[-1] for run, _ in penalised(partial(scaled, size, falling))])
            for size in a]
    assert found.at[way, "at"] == f"a {a[int(np.argmin(ends))]:g}"
    assert found.loc[way, SETS].mean() == pytest.approx(min(ends) - bottom_of_digits()[1], rel=1e-3)


def scaled(size, falling, t, total):
    return size * falling(t)


def penalised(lr):
    """40 steps of each seed on the digits with L2, in batches of 16: (Trajectory, Surface)."""
    places = [with_l2(digits_softmax(16, seed), 0.01) for seed in SEEDS]
    return [(descend(place, gradient_descent, steps=40, lr=lr), place) for place in places]


def test_the_digits_stand_with_a_penalty_and_fall_without():
    found = still_falling(at=(100, 400), lr=0.5).set_index(["weight_decay", "step"])
    for decay in (0.0, 0.01):
        run = descend(with_l2(digits_softmax(16, 10), decay), gradient_descent, steps=400, lr=0.5)
        assert found.at[(decay, 400), "set 2"] == pytest.approx(run.loss[310::10].mean(), rel=1e-3)
    assert found.at[(0.0, 400), "s2"] < 0.8 * found.at[(0.0, 100), "s2"]


@pytest.mark.parametrize("stay", [True, False])
def test_the_steps_to_a_loss_are_those_from_which_on_the_mean_of_the_seeds_is_there(stay):
    found = steps_to_loss((64, None), target=1.0, lr=[0.5, 1.0, 2.0], budget=320, stay=stay)
    found = found.set_index("batch")
    for batch, seeds in ((64, (0, 1, 2)), (None, (0,))):
        row = found.loc[batch or 1297]
        there = np.mean([digits_loss(batch, seed, 60, row["lr"]) for seed in seeds], axis=0) <= 1.0
        last_above = np.flatnonzero(~there)[-1]
        assert row["set 1"] == (last_above + 1 if stay else np.flatnonzero(there)[0])
    assert found.at[1297, "examples"] == 1297 * found.at[1297, "set 1"]


def test_a_loss_that_climbs_again_is_there_first_and_does_not_stay():
    first, stays = (steps_to_loss((None,), 1.5, [4.0], stay=stay).at[0, "set 1"]
                    for stay in (False, True))
    loss = digits_loss(None, 0, 60, 4.0)
    assert first == np.flatnonzero(loss <= 1.5)[0] < stays == np.flatnonzero(loss > 1.5)[-1] + 1


def test_a_long_run_is_looked_at_every_fourth_step():
    [row] = steps_to_loss((16,), target=1.0, lr=[1.0], budget=800).to_dict("records")
    loss = np.mean([digits_loss(16, seed, 200, 1.0) for seed in (0, 1, 2)], axis=0)[::4]
    assert row["set 1"] == 4 * (np.flatnonzero(loss > 1.0)[-1] + 1)


def test_the_corners_by_target_are_those_of_each_bill():
    asked = dict(batch=(16, 64, None), lr=[0.5, 1.0, 2.0], budget=320)
    found = corner_by_target((1.4, 1.0), **asked)
    assert found["asked"].tolist() == ["stays", "stays", "first"]
    assert found["target"].tolist() == [1.4, 1.0, 1.0]
    for (_, row), (target, stay) in zip(found.iterrows(),
                                        ((1.4, True), (1.0, True), (1.0, False))):
        known = corners(steps_to_loss(target=target, stay=stay, **asked))
        assert [row[name] for name in SETS] == known["scale"].tolist()
        assert row["worst"] == known["worst"].max()


def test_the_corner_of_a_hyperbola_is_found():
    batch = np.array([1, 10, 100, 1000])
    steps = {name: least * (1 + scale / batch) for name, least, scale in
             zip(SETS, (10, 20, 5), (30, 50, 7))}
    bill = pd.DataFrame({"batch": batch, **steps})
    bill.attrs = dict.fromkeys(("starts", "seeds", "grid", "budget"), "none")
    found = corners(bill)
    assert found["least"].tolist() == pytest.approx([10, 20, 5])
    assert found["scale"].tolist() == pytest.approx([30, 50, 7]) and found["worst"].max() < 1e-9


@pytest.mark.parametrize("batch", [1, 4])
def test_the_floor_is_the_disagreement_of_the_examples(batch):
    found = agreement([1.0, 0.25, 0.0], batch=batch)
    some = found.iloc[:2]
    assert some[SETS].to_numpy() == pytest.approx(
        np.repeat(some[["derived"]].to_numpy(), 3, axis=1), rel=0.03)
    assert (found.loc[2, SETS] < 1e-15).all() and found.at[2, "derived"] == 0
    assert found.at[0, "derived"] == pytest.approx(16 * found.at[1, "derived"], rel=1e-3)


def test_equal_examples_are_walks_of_descend_at_the_rate_of_the_rule():
    rules = ("linear", "square root", "same lr", "best")
    found = equal_examples(0.5, rules, batch=(100, 400), looks=2, lr=[1.0, 2.0, 4.0])
    found = found.set_index(["rule", "batch"])
    followed = [found.at[(rule, 400), "lr"] for rule in ("linear", "square root", "same lr")]
    assert followed == [2, 1, 0.5]
    for (_, batch), row in found.iterrows():
        assert row["steps"] == 2 * 1297 // batch
        loss = digits_loss(batch, 10, int(row["steps"]), row["lr"])[-1]
        assert row["set 2"] == pytest.approx(loss, rel=1e-3)


def test_the_claims_have_three_disjoint_sets_and_the_verdicts_that_the_lesson_tells():
    found = claims().table.set_index("claim")["verdict"]
    assert set(claims().table["where"]) == set(WHERE)
    ties = ["The mean ends at a lower loss than a straight fall to 0.",
            "From lr 0.25 at batch 8, the linear rule loses by equal reading at batch 128."]
    assert (found[ties] == "TIE").all() and (found == "TIE").sum() == 2
    assert set(found.drop(ties)) == {"PROVED", "SUPPORTED", "SUPPORTED WITHIN LIMITS"}
