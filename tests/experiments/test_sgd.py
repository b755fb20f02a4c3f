"""The experiments on noise and batches against what can be derived, and against single walks."""

import numpy as np
import pytest
from support.verdicts import told

from lessons.descend import descend
from lessons.experiments.sgd import (
    agreement,
    bottom_of_digits,
    digits_floor,
    equal_examples,
    example_variance,
    gradient_error,
    mean_squares,
    noise_scale,
    one_look,
    steps_to_loss,
    ways_down_digits,
)
from lessons.networks import digits_mlp, digits_softmax
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
        assert found[name].to_numpy() == pytest.approx(found["derived"].to_numpy(), rel=0.12)
    assert found["derived"].iloc[0] / found["derived"].iloc[2] == pytest.approx(
        np.sqrt(16 * 1296 / (1297 - 16)), rel=1e-3)
    assert gradient_error([1297], draws=2)["set 1"].max() < 1e-12, "all examples are no sample"


def test_one_look_is_the_loss_after_as_many_steps_as_it_has_batches():
    found = one_look([2], batch=(None, 200), lr=[0.5, 1.0]).set_index("batch")
    assert found["steps"].tolist() == [2, 12] and found["at_edge"].all()
    assert "at_edge" not in one_look([1], batch=(200,)), "its best lr is inside the grid"
    for seed, name in zip(SEEDS, SETS):
        for batch, drawn in ((1297, None), (200, 200)):
            loss = digits_loss(drawn, seed, found.at[batch, "steps"],
                               found.at[batch, "best lr"])
            assert found.at[batch, name] == pytest.approx(loss[-1], rel=1e-3)


def test_the_bottom_of_the_digits_is_flat_and_their_floor_goes_with_lr_over_batch():
    theta, lowest = bottom_of_digits()
    surface = with_l2(digits_softmax(), 0.01)
    assert np.abs(surface.grad(theta)).max() < 1e-9 and surface.loss(theta) == lowest
    found = digits_floor([(16, 0.05), (64, 0.2), (64, 0.05)], budget=1000)
    close, wide, quarter = found[SETS].mean(axis=1) / found["derived"]
    assert [close, wide, quarter] == pytest.approx([1, 1, 1], rel=0.12)
    assert found["derived"].iloc[0] == pytest.approx(
        0.05 * example_variance(theta) / 64 * (1297 - 16) / 1296, rel=1e-3)


def test_the_noise_scale_grows_because_the_gradient_dies_first():
    """The lesson: from 71 to about 850 near the goal, a loss of 0.3."""
    found = noise_scale((0, 10, 50))
    assert found["noise scale"].tolist() == pytest.approx([71, 172, 853], rel=0.01)
    assert found["loss"].iloc[-1] == pytest.approx(0.325, abs=0.001)
    assert found["noise scale"].is_monotonic_increasing
    assert found["s^2"].is_monotonic_decreasing
    start = np.zeros(650)
    s2, g2 = example_variance(start), np.square(digits_softmax().grad(start)).sum()
    assert found.at[0, "s^2"] == pytest.approx(s2, rel=1e-3)
    assert found.at[0, "noise scale"] == pytest.approx(s2 / g2, rel=1e-3)


def test_the_steps_of_the_exact_run_jump_with_its_rate():
    """The lesson: 22 steps at lr 8 are no fixed number; the corner is between 50 and 140."""
    exact = [steps_to_loss((None,), lr=[lr]).at[0, "set 1"] for lr in (2.0, 4.0, 8.0, 9.5)]
    assert exact == [43, 27, 22, 17]
    steps = steps_to_loss((4, 16, 64, 256))[SETS].astype(float).mean(axis=1).to_numpy()
    assert list(steps.round()) == [296, 96, 50, 25]
    needed = np.log(steps[:0:-1])
    corners = [np.exp(np.interp(np.log(2 * least), needed, np.log([256, 64, 16])))
               for least in (27, 22, 17)]
    assert corners == pytest.approx([54, 82, 140], abs=0.5)


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


def test_a_way_down_the_digits_is_a_walk_of_descend():
    found = ways_down_digits(budget=40).set_index("way")
    lowest = bottom_of_digits()[1]
    floor, half = [], []
    for run, surface in penalised(lambda t, total: 0.4):
        floor.append(run.loss[24::4].mean() - lowest)
        half.append(surface.loss(run.theta[24::4].mean(axis=0)) - lowest)
    assert found.loc["constant", SETS].tolist() == pytest.approx(floor, rel=1e-3)
    assert found.loc["its mean", SETS].tolist() == pytest.approx(half, rel=1e-3)

    def ends(lr):
        return [run.loss[-1] - lowest for run, _ in penalised(lr)]

    one_over_t = ends(lambda t, total: 1 / t)
    assert found.loc["1 / t", SETS].tolist() == pytest.approx(one_over_t, rel=1e-3)


def penalised(lr):
    """40 steps of each seed on the digits with L2, in batches of 16: (Trajectory, Surface)."""
    places = [with_l2(digits_softmax(16, seed), 0.01) for seed in SEEDS]
    return [(descend(place, gradient_descent, steps=40, lr=lr), place) for place in places]


def test_the_steps_to_a_loss_are_those_from_which_on_the_mean_of_the_seeds_is_there():
    found = steps_to_loss((64, None), target=1.0, lr=[0.5, 1.0, 2.0], budget=320)
    found = found.set_index("batch")
    for batch, seeds in ((64, (0, 1, 2)), (None, (0,))):
        row = found.loc[batch or 1297]
        lr = row["best lr"]
        there = np.mean([digits_loss(batch, seed, 60, lr) for seed in seeds], axis=0) <= 1.0
        assert row["set 1"] == np.flatnonzero(~there)[-1] + 1
    assert found.at[1297, "examples"] == 1297 * found.at[1297, "set 1"]


def test_a_long_run_is_looked_at_every_other_step():
    [row] = steps_to_loss((16,), target=1.0, lr=[1.0], budget=800).to_dict("records")
    loss = np.mean([digits_loss(16, seed, 200, 1.0) for seed in (0, 1, 2)], axis=0)[::2]
    assert row["set 1"] == 2 * (np.flatnonzero(loss > 1.0)[-1] + 1)


@pytest.mark.parametrize("batch", [1, 4])
def test_the_floor_is_the_disagreement_of_the_examples(batch):
    found = agreement([1.0, 0.25, 0.0], batch=batch)
    some = found.iloc[:2]
    assert some[SETS].to_numpy() == pytest.approx(
        np.repeat(some[["derived"]].to_numpy(), 3, axis=1), rel=0.03)
    assert (found.loc[2, SETS] < 1e-15).all() and found.at[2, "derived"] == 0
    assert found.at[0, "derived"] == pytest.approx(16 * found.at[1, "derived"], rel=1e-3)


def test_equal_examples_are_walks_of_descend_at_the_rate_of_the_rule():
    cases = ((0.4, "linear", 200), (2.0, "same lr", 800), (None, "best", 100))
    found = equal_examples(cases, looks=4, lr=[0.1, 0.5, 0.3])
    assert found["lr"].tolist() == [10, 2, 0.5] and "at_edge" not in found
    assert np.isinf(found.loc[0, SETS].to_numpy(float)).all(), "it ended above 1"
    runs = [descend(digits_mlp(100, seed, np.float64), gradient_descent, steps=51, lr=0.5,
                    every=51) for seed in SEEDS]
    loss = [run.loss[-1] for run in runs]
    assert found.loc[2, SETS].tolist() == pytest.approx(loss, rel=1e-3) and max(loss) < 1


def test_no_batch_removes_the_limit_of_curvature():
    """The lesson: at lr 2 the exact gradient does not train."""
    found = equal_examples([(rate, "same lr", 1297) for rate in (1.0, 2.0)], looks=40)
    assert found.loc[0, SETS].max() < 0.6 and np.isinf(found.loc[1, SETS].to_numpy(float)).all()


def test_a_question_asked_again_is_not_measured_again_and_its_table_is_another():
    once, again = (gradient_error(batch, draws=3) for batch in (7, 7))
    once.loc[0, "set 1"] = 0.0
    assert again.at[0, "set 1"] > 0 and again.attrs["seeds"] == once.attrs["seeds"]
    assert gradient_error(7, draws=4).at[0, "set 1"] != again.at[0, "set 1"]


def test_the_claims_have_the_verdicts_that_the_lesson_tells():
    found = told("02")
    assert len(found) == 12
    assert set(found.values()) == {"PROVED", "SUPPORTED", "SUPPORTED WITHIN LIMITS"}
