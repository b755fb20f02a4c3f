"""Effective rates and the rotation show what descend returns."""

import numpy as np
import pytest
from support.scene import LRS, notes
from support.sent import THREE, assert_drawn, tracks

from lessons.descend import descend
from lessons.scenes import effective_rates, rotation
from lessons.scenes.adaptive.rotation import ANGLES, ZERO
from lessons.scenes.common.runs import LRS as GRID
from lessons.stage.tracks import to_fraction
from lessons.steps import adagrad, gradient_descent, momentum
from lessons.surfaces import ravine

FOUR = {**THREE, "Momentum": momentum}
MAPS = dict(zip(FOUR, (0, 1, 3, 4)))     # of the turn; the losses over all angles are axes 2
TWO = {"Gradient descent": gradient_descent, "Adagrad": adagrad}


# The rates


def rates_by_memory(step, run, lr):
    """The effective learning rates by the step's own memory, (T, 2)."""
    if step is gradient_descent:
        return np.full((len(run.theta) - 1, 2), lr)
    [memory] = run.state.values()
    return lr / np.sqrt(memory)


@pytest.mark.parametrize("turned", [
    {}, {"condition": 60.0, "lr of Gradient descent": 0.01, "lr of Adagrad": 0.2}])
def test_the_point_shows_what_the_memories_make_of_lr(turned):
    stage = effective_rates(TWO, steps=20, rates={"Gradient descent": 0.05})
    stage.set(**turned)
    now = stage.values
    surface = ravine(now["condition"])
    for name, step in TWO.items():
        lr = now[f"lr of {name}"]
        run = descend(surface, step, steps=20, lr=lr)
        [way], [point] = tracks(stage, "path", 0, name), tracks(stage, "path", 1, name)
        assert_drawn(stage, 0, way, run.theta)
        assert_drawn(stage, 1, point[1:], rates_by_memory(step, run, lr))
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)


def test_the_dashed_rectangle_ends_at_two_by_the_curvatures():
    stage = effective_rates(TWO, steps=5, condition=50.0)
    [safe] = tracks(stage, "box", 1)
    assert_drawn(stage, 1, safe[:, 1], [(2, 2 / 50)])


def test_the_star_is_at_one_over_the_curvatures():
    stage = effective_rates(TWO, steps=5, condition=50.0)
    [star] = tracks(stage, "marker", 1)
    assert_drawn(stage, 1, star, [(1, 1 / 50)])


def test_steeper_walls_throw_gradient_descent_out_and_leave_adagrads_path():
    stage = effective_rates(TWO, rates={"Gradient descent": 0.09, "Adagrad": 0.5})
    before = tracks(stage, "path", 0, "Adagrad")[0]
    stage.set(condition=100.0)
    assert notes(stage, "Gradient descent")[-1] == "diverged at step 4"
    np.testing.assert_allclose(tracks(stage, "path", 0, "Adagrad")[0], before, atol=1e-6)
    stage.set(**{"lr of Adagrad": 10.0})        # thrown far out, and back
    assert notes(stage, "Adagrad")[-1].startswith("loss")


def test_rates_take_a_learners_step_finished_or_not():
    def mine(surface, theta, s=0.0, *, lr=0.5):
        raise NotImplementedError

    stage = effective_rates({"Adagrad": adagrad, "Mine": mine}, steps=5)
    assert notes(stage, "Mine") == ["not written yet"]
    broken = effective_rates({"Mine": lambda surface, theta, *, lr=0.1: theta[:1]}, steps=5)
    assert notes(broken, "Mine") == ["raised ValueError at step 1"]
    assert "<lambda> returned theta of shape (1,)" in broken.notice


# The turn


@pytest.mark.parametrize("turned", [
    {"angle": 45.0}, {"angle": 10.0, "condition": 1000}])
def test_the_turn_shows_each_rival_at_the_best_of_41_learning_rates(turned):
    stage = rotation(FOUR, steps=60)
    stage.set(**turned)
    now = stage.values
    surface = ravine(float(now["condition"]), now["angle"])
    for name, step in FOUR.items():
        runs = [descend(surface, step, steps=60, lr=lr) for lr in LRS]
        best = min(range(41), key=lambda k: max(np.nan_to_num(runs[k].loss[-1], nan=np.inf), ZERO))
        [way], [dot] = tracks(stage, "path", MAPS[name], name), tracks(stage, "marker", 2, name)
        assert_drawn(stage, MAPS[name], way, runs[best].theta)
        assert_drawn(stage, 2, dot[0], (now["angle"], max(runs[best].loss[-1], ZERO)))
        run = descend(surface, step, steps=60, lr=GRID[best])
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)


def test_a_condition_number_is_a_number_or_its_text():
    for condition in (1000, 1000.0, "1000"):
        stage = rotation({"Momentum": momentum}, steps=5, condition=condition)
        assert stage.values["condition"] == 1000 and "condition 1000" in stage.summary


def test_the_curve_over_all_angles_is_that_of_a_ravine_at_each():
    stage = rotation(FOUR, steps=60, condition="100")
    for name, step in FOUR.items():
        [curve] = tracks(stage, "path", 2, name)
        for k in (0, 3, 9, len(ANGLES) // 2, len(ANGLES) - 1):
            run = descend(ravine(100, ANGLES[k]), step, steps=60, lr=np.array(LRS)[:, None])
            low = max(np.nanmin(run.loss[-1]), ZERO)
            # half a percent: 60 steps of rounding, where a lr is on the edge
            wanted = to_fraction(stage.figure.axes[2], [ANGLES[k], low])
            np.testing.assert_allclose(curve[k, 0], wanted, atol=2e-4)


@pytest.mark.parametrize("count", [1, 2, 3, 4])
def test_each_rival_walks_on_a_map_of_its_own(count):
    rivals = {name: FOUR[name] for name in list(FOUR)[:count]}
    stage = rotation(rivals, steps=5)
    assert len(stage.figure.axes) == count + 1
    walked = [ax for ax in range(count + 1) for name in rivals
              if any(len(way) == 6 for way in tracks(stage, "path", ax, name))]
    assert len(set(walked)) == len(walked) == count


def test_momentum_does_not_notice_the_turn_and_the_diagonal_rules_fall_back():
    stage = rotation(FOUR, condition="100")
    spread = {name: np.ptp(tracks(stage, "path", 2, name)[0][:, 0, 1]) for name in FOUR}
    assert spread["Momentum"] < 1e-3 and spread["Gradient descent"] < 1e-3
    assert spread["Adagrad"] > 0.6 and spread["RMSprop"] > 0.6          # of the picture's height
