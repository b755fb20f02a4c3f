"""Effective rates and the rotation show what descend returns."""

import numpy as np
import pytest
from support.scene import LRS, notes, shown
from support.sent import THREE, assert_drawn, knobs_of, over_time, tracks

from lessons.descend import descend
from lessons.scenes import effective_rates, rotation
from lessons.scenes.adaptive.rotation import ANGLES, ZERO
from lessons.scenes.common.runs import LRS as GRID
from lessons.stage.tracks import to_fraction
from lessons.steps import adagrad, gradient_descent, momentum
from lessons.surfaces import ravine

FOUR = {**THREE, "Momentum": momentum}


# The boxes


def rates_by_memory(step, run, lr):
    """The effective learning rates by the step's own memory, (T, 2)."""
    if step is gradient_descent:
        return np.full((len(run.theta) - 1, 2), lr)
    [memory] = run.state.values()
    return lr / np.sqrt(memory)


@pytest.mark.parametrize("turned", [
    {}, {"condition": 60.0, "lr of Gradient descent": 0.01}, {"beta2": 0.8}, {"start": (1.0, 1.2)},
    {"lr of Adagrad": 0.2, "lr of RMSprop": 0.03}])
def test_the_boxes_show_the_walks_and_what_their_memories_make_of_lr(turned):
    stage = effective_rates(THREE, steps=20, rates={"Gradient descent": 0.05})
    stage.set(**turned)
    now = stage.values
    surface = ravine(now["condition"])
    for name, step in THREE.items():
        lr = now[f"lr of {name}"]
        run = descend(surface, step, tuple(now["start"]), 20, lr=lr, **knobs_of(step, now["beta2"]))
        rate = rates_by_memory(step, run, lr)
        [way], [curve] = tracks(stage, "path", 0, name), tracks(stage, "path", 3, name)
        assert_drawn(stage, 0, way, run.theta)
        assert_drawn(stage, 3, curve, over_time(run.loss))
        [box], [point] = tracks(stage, "box", 0, name), tracks(stage, "path", 1, name)
        corners = np.stack([run.theta[1:] - rate, run.theta[1:] + rate], 1)
        assert_drawn(stage, 0, box[1:], corners)
        assert_drawn(stage, 1, point[1:], rate)
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)
        for axis, bar in enumerate(tracks(stage, "box", 2, name)):
            ends = np.stack([np.maximum(lr / rate[:, axis], 0.01), np.zeros(20)], -1)
            wanted = to_fraction(stage.figure.axes[2], ends)[:, 0]
            np.testing.assert_allclose(bar[1:, 1, 0], wanted, atol=2e-4)


def test_the_dashed_rectangle_ends_at_two_by_the_curvatures():
    stage = effective_rates(THREE, steps=5, condition=50.0)
    [safe] = tracks(stage, "box", 1)
    assert_drawn(stage, 1, safe[:, 1], [(2, 2 / 50)])


def test_boxes_say_who_has_gone_and_who_came_back():
    stage = effective_rates(THREE, condition=100.0)
    stage.set(**{"lr of Gradient descent": 0.09, "lr of Adagrad": 10.0, "lr of RMSprop": 10.0,
                 "beta2": 0.9999})
    assert notes(stage, "Gradient descent")[-1].startswith("diverged at step")
    for name in ("Adagrad", "RMSprop"):         # thrown far out, and back: no loss at all
        assert "loss" in notes(stage, name)[-1] and "diverged" not in notes(stage, name)[-1]


def test_boxes_take_a_learners_step_finished_or_not():
    def mine(surface, theta, s=0.0, *, lr=0.5):
        raise NotImplementedError

    stage = effective_rates({"Mine": mine, "Adagrad": adagrad}, steps=5)
    assert notes(stage, "Mine") == ["not written yet"] and "beta2" not in shown(stage)
    broken = effective_rates({"Mine": lambda surface, theta, *, lr=0.1: theta[:1]}, steps=5)
    assert notes(broken, "Mine") == ["raised ValueError at step 1"]
    assert "<lambda> returned theta of shape (1,)" in broken.notice


def test_what_the_card_of_try_it_says_was_found_is_what_the_boxes_show():
    stage = effective_rates(THREE)
    stage.set(**{"lr of Adagrad": 10.0, "lr of RMSprop": 10.0, "beta2": 0.9})
    assert notes(stage, "Adagrad")[-1].endswith("loss 3e-98")
    assert notes(stage, "RMSprop")[-1].endswith("loss 1.3e+02")
    longest = descend(ravine(), adagrad, steps=60, lr=10.0).theta[:, 1].min()
    assert longest == pytest.approx(-9.2, abs=0.01)
    for beta2 in (0.5, 0.99, 0.9999):
        stage.set(beta2=beta2)
        assert "diverged" not in repr(stage)


# The turn


@pytest.mark.parametrize("turned", [
    {}, {"angle": 45.0}, {"angle": 10.0, "condition": 1000}, {"start": (1.0, 0.7)}])
def test_the_turn_shows_each_rival_at_the_best_of_41_learning_rates(turned):
    stage = rotation(FOUR, steps=60)
    stage.set(**turned)
    now = stage.values
    surface = ravine(float(now["condition"]), now["angle"])
    for name, step in FOUR.items():
        runs = [descend(surface, step, tuple(now["start"]), 60, lr=lr) for lr in LRS]
        best = min(range(41), key=lambda k: max(np.nan_to_num(runs[k].loss[-1], nan=np.inf), ZERO))
        [way], [curve] = tracks(stage, "path", 0, name), tracks(stage, "path", 2, name)
        assert_drawn(stage, 0, way, runs[best].theta)
        assert_drawn(stage, 2, curve, over_time(np.maximum(runs[best].loss, ZERO)))
        assert notes(stage, name)[-1].startswith(f"lr {LRS[best]:.3g}: loss ")
        run = descend(surface, step, tuple(now["start"]), 60, lr=GRID[best])
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)


def test_a_condition_number_is_a_number_or_its_text():
    for condition in (1000, 1000.0, "1000"):
        stage = rotation({"Momentum": momentum}, steps=5, condition=condition)
        assert stage.values["condition"] == 1000 and "condition 1000" in stage.summary


def test_the_curve_over_all_angles_is_that_of_a_ravine_at_each():
    stage = rotation(FOUR, steps=60, condition="100")
    for name, step in FOUR.items():
        [curve] = tracks(stage, "path", 1, name)
        for k in (0, 3, 9, len(ANGLES) // 2, len(ANGLES) - 1):
            run = descend(ravine(100, ANGLES[k]), step, steps=60, lr=np.array(LRS)[:, None])
            low = max(np.nanmin(run.loss[-1]), ZERO)
            # half a percent: 60 steps of rounding, where a lr is on the edge
            wanted = to_fraction(stage.figure.axes[1], [ANGLES[k], low])
            np.testing.assert_allclose(curve[k, 0], wanted, atol=2e-4)


def test_momentum_does_not_notice_the_turn_and_the_diagonal_rules_fall_back():
    stage = rotation(FOUR, condition="100")
    spread = {name: np.ptp(tracks(stage, "path", 1, name)[0][:, 0, 1]) for name in FOUR}
    assert spread["Momentum"] < 1e-3 and spread["Gradient descent"] < 1e-3
    assert spread["Adagrad"] > 0.6 and spread["RMSprop"] > 0.6          # of the picture's height


def test_a_start_that_was_placed_turns_with_the_ravine():
    stage = rotation(FOUR, steps=10, angle=30.0)
    assert stage.values["start"] == pytest.approx(ravine(angle=30).start)
    stage.set(start=(0.0, 1.0))
    stage.set(angle=0.0)
    assert stage.values["start"] == pytest.approx([np.sin(np.pi / 6), np.cos(np.pi / 6)])
    stage.set(angle=90.0)
    assert stage.values["start"] == pytest.approx([-np.cos(np.pi / 6), np.sin(np.pi / 6)])
