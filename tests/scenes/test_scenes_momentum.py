"""Momentum's scenes: the roll shows what descend returns, and all of them keep the rules."""

import numpy as np
import pytest
from support.scene import LRS, drawn, shown, words

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.scenes import heavy_ball, rate_map, velocity_sum
from lessons.steps import gradient_descent, momentum, nesterov
from lessons.surfaces import ravine

FIRST = {"Gradient descent": gradient_descent, "Momentum": momentum}
BALLS = {"Momentum": momentum, "Nesterov": nesterov}
BEST = "each at its best"


def run_of(stage, step, lr):
    now = stage.values
    knobs = {} if step is gradient_descent else {"beta": now["beta"]}
    surface = ravine(now["condition"], 30)
    return descend(surface, step, tuple(now["start"]), stage.steps, lr=lr, **knobs)


# The roll


@pytest.mark.parametrize("rivals", [FIRST, BALLS])
def test_each_knob_of_the_roll_shows_the_walks_of_descend(rivals):
    stage = heavy_ball(rivals, steps=30)
    for turn in (dict(lr=0.03), dict(beta=0.7), dict(condition=8.0), dict(start=(1.0, 0.6)),
                 dict(rates=BEST)):
        stage.set(**turn)
        for name, step in rivals.items():
            lr = stage.values["lr"]
            if stage.values["rates"] == BEST:
                lr = min(LRS, key=lambda lr: run_of(stage, step, lr).loss[-1])
            run = run_of(stage, step, lr)
            [way], [curve] = drawn(stage, "path", 0, name), drawn(stage, "path", 1, name)
            # float32 fractions: about seven digits of the window, of the decades
            np.testing.assert_allclose(way, run.theta, atol=1e-5)
            np.testing.assert_allclose(np.log(curve[:, 1]), np.log(run.loss), atol=1e-4)
            notes = {row["name"]: row["notes"] for row in stage.scene["legend"]}[name]
            assert notes[-1].startswith(f"lr {lr:.3g}: loss {run.loss[-1]:.2g}")


def test_memory_and_gradient_make_up_each_move_of_momentum():
    stage = heavy_ball(FIRST, steps=25, lr=0.05, beta=0.8)
    run = run_of(stage, momentum, 0.05)
    [memories] = drawn(stage, "arrow", 0, "Memory")
    [gradients] = drawn(stage, "arrow", 0, "Gradient")
    moves = np.diff(run.theta, axis=0)
    near = dict(atol=1e-5)
    np.testing.assert_allclose(memories[:, 0], run.theta, **near)
    np.testing.assert_allclose(memories[1:, 1] - memories[1:, 0], 0.8 * moves, **near)
    np.testing.assert_allclose(gradients[:, 0], memories[:, 1], **near)
    np.testing.assert_allclose(gradients[:-1, 1], run.theta[1:], **near)


def test_nesterovs_ball_and_look_ahead_point_are_those_of_the_textbook():
    stage, lr, beta = heavy_ball(BALLS, steps=25, lr=0.03), 0.03, 0.9
    [memories] = drawn(stage, "arrow", 0, "Memory")
    [gradients] = drawn(stage, "arrow", 0, "Gradient")
    [ball], [look] = drawn(stage, "path", 0, "Textbook's ball"), drawn(stage, "path", 0, "Nesterov")
    phi, d = np.array(stage.values["start"]), np.zeros(2)
    for t in range(26):
        ahead = phi + beta * d
        d = beta * d - lr * ravine(20, 30).grad(ahead)
        for found, wanted in ((ball[t], phi), (look[t], ahead), (memories[t], [phi, ahead]),
                              (gradients[t], [ahead, phi + d])):
            np.testing.assert_allclose(found, wanted, atol=1e-5)
        phi = phi + d


def test_the_lens_shows_the_arrows_of_the_map_enlarged_from_one_point():
    stage = heavy_ball(BALLS, steps=20)
    large = [drawn(stage, "arrow", 2, name)[0] for name in ("Memory", "Gradient")]
    small = [drawn(stage, "arrow", 0, name)[0] for name in ("Memory", "Gradient")]
    factor = np.array([float(word[2:]) for word in words(stage, 2)[0]])
    for big, arrow in zip(large, small):
        grown = (arrow - small[0][:, :1]) * factor[:, None, None]
        np.testing.assert_allclose(big, grown, atol=0.06)       # the factor is told to two digits
    reach = np.sqrt(np.square(large).sum(-1)).max((0, 2))
    np.testing.assert_allclose(reach, 1, atol=1e-5)
    [read] = drawn(stage, "marker", 2, "Nesterov")  # where the gradient is read: the memory's tip
    np.testing.assert_allclose(read, large[0][:, 1], atol=1e-5)


def test_pushes_are_the_two_parts_along_the_floor_and_across_it():
    stage = heavy_ball(FIRST, steps=25, lr=0.04, condition=10.0)
    run = run_of(stage, momentum, 0.04)
    floor = np.array([np.cos(np.pi / 6), np.sin(np.pi / 6)])
    velocity = np.stack([[0, 0], *run.state["velocity"]])
    for name, push in (("Memory", -0.9 * velocity), ("Gradient", -ravine(10, 30).grad(run.theta))):
        for ax, along in ((3, push @ floor), (4, push @ [-floor[1], floor[0]])):
            [path] = drawn(stage, "path", ax, name)
            np.testing.assert_allclose(path[:, 1], along, atol=1e-4)
    tops = [float(words(stage, k)[0][0].split("up to ")[1]) for k in (3, 4)]
    for k, top in zip((3, 4), tops):
        assert stage.figure.axes[k].get_ylim() == pytest.approx((-1.18 * top, 1.18 * top))
        for name in ("Memory", "Gradient"):
            assert np.abs(drawn(stage, "path", k, name)[0][:, 1]).max() <= top


def test_a_walk_that_leaves_says_so_and_the_scene_goes_on():
    stage = heavy_ball(FIRST, steps=100)
    for rates in ("one for all", BEST):
        for lr, beta, condition in ((10.0, 0.99, 100.0), (0.12, 0.9, 20.0), (10.0, 0.0, 1.0)):
            stage.set(rates=rates, lr=lr, beta=beta, condition=condition)
    stage.set(rates="one for all", lr=0.12, beta=0.9, condition=20.0)
    assert "Gradient descent: diverged at step" in words(stage, 0)[1][-1]
    assert "Gradient descent: lr 0.12: diverged at step" in repr(stage)
    assert "Momentum: lr 0.12: loss" in repr(stage)


def blunt(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    print("push")
    raise ValueError("no idea")


def test_a_step_that_raises_says_so_and_the_next_turn_of_a_knob_may_work(capsys):
    stage = heavy_ball(FIRST | {"Mine": blunt}, steps=20)
    assert "Mine raised ValueError at step 1: no idea\nMine printed:\n    push" in repr(stage)
    assert np.isnan(drawn(stage, "arrow", 0, "Memory")[0]).all() and capsys.readouterr().out == ""
    assert list(stage.runs) == list(FIRST)


def test_a_recorded_knob_does_not_depend_on_where_it_was_before():
    one, other = heavy_ball(FIRST, steps=20), heavy_ball(FIRST, steps=20)
    other.set(condition=80.0)
    other.set(lr=0.2, beta=0.1)
    for stage in (one, other):
        stage.set(lr=0.03, beta=0.7, condition=10.0)
    assert one.data == other.data and one.backdrop == other.backdrop


# All of them


SCENES = {"roll": lambda: heavy_ball(FIRST, steps=20), "ahead": lambda: heavy_ball(BALLS, steps=20),
          "pad": lambda: rate_map(steps=20), "memory": velocity_sum}


@pytest.mark.parametrize("name", SCENES)
def test_a_scene_has_at_most_five_knobs_says_its_numbers_and_shares_nothing(name):
    one, other = SCENES[name](), SCENES[name]()
    assert len(shown(one)) + (name == "pad") <= 5       # the pad's pair is two knobs in one
    assert repr(one) == repr(other) and one.snapshot() == other.snapshot()
    before = other.data, repr(other)
    one.set(**{"roll": dict(beta=0.5), "ahead": dict(beta=0.5), "pad": dict(pair=(1, 0.5)),
               "memory": dict(beta=0.5)}[name])
    other._publish()
    assert (other.data, repr(other)) == before and repr(one) != before[1]
    looks = {row["name"]: row["color"] for row in one.scene["legend"]}
    assert all(looks[rival] == LOOKS[rival].color for rival in looks.keys() & LOOKS.keys())


@pytest.mark.parametrize("make", [
    lambda presets: heavy_ball(FIRST, presets=presets), lambda presets: rate_map(presets=presets),
    lambda presets: velocity_sum(presets=presets)])
def test_a_wrong_preset_is_answered_at_once(make):
    with pytest.raises(KeyError, match="no knob 'speed'"):
        make({"bad": dict(speed=2)})


def test_what_the_card_of_try_it_says_was_found_is_what_the_scene_shows():
    stage = heavy_ball(FIRST, condition=30.0, rates=BEST)
    for turn, found in ((dict(), ("0.0011", "0.0044")),
                        (dict(condition=20.0), ("9.7e-05", "0.0015")),
                        (dict(beta=0.5), ("", "1e-17"))):
        stage.set(**turn)
        notes = [row["notes"][-1] for row in stage.scene["legend"][:2]]
        assert all(number in note for number, note in zip(found, notes)), (turn, notes)
