"""The microscope: at each tick its picture shows the trace of the step, line by line."""

import numpy as np
import pytest
from support.drawn import drawn, words
from support.scene import browser, shown
from test_microscope_source import my_adam

from lessons.descend import descend
from lessons.scenes import microscope
from lessons.scenes.microscope.source import script
from lessons.scenes.microscope.text import held, layout
from lessons.scenes.microscope.tracer import follow, ticking
from lessons.scenes.microscope.vectors import TALL, vector
from lessons.steps import (
    adam,
    adamw,
    gradient_descent,
    line_search,
    lion,
    momentum,
    shampoo,
    sophia,
)
from lessons.surfaces import parabola, ravine, rosenbrock, two_weights

MAP, CODE, LENS = range(3)      # the places of the axes


@pytest.mark.parametrize("step", [adam, momentum, my_adam, shampoo, line_search])
def test_the_stage_shows_the_trace_at_each_tick_and_after_each_knob(step):
    stage = microscope(ravine(angle=30), step, steps=4)
    for turn in (dict(), dict(lr=0.03), dict(start=(1.0, 0.6))):
        stage.set(**turn)
        knobs = {name: value for name, value in stage.values.items() if name != "start"}
        lines, updates, run, _ = follow(ravine(angle=30), step, stage.values["start"], 4, **knobs)
        ticks = ticking(updates)
        assert stage.steps == len(ticks) - 1 == stage.scene["steps"]
        [way] = drawn(stage, "path", MAP, "theta")
        np.testing.assert_allclose(way, [tick.now["theta"] for tick in ticks], atol=1e-5)
        text = words(stage, CODE)
        now, was = text[: len(lines)], text[len(lines) : 2 * len(lines)]
        for k, tick in enumerate(ticks):
            for i, line in enumerate(lines):
                visit, done = updates[tick.update].visits.get(i), tick.line is not None
                if done and i <= tick.line and visit and not visit.said:
                    assert now[i][k] == held(line, visit.held) and was[i][k] == ""
                elif not done or i > tick.line:
                    old = held(line, tick.before) if line.sums else ""
                    assert now[i][k] == "" and was[i][k] == (f"was {old}" if old else "")


def test_arrows_and_boxes_have_one_scale_and_adams_first_gradient_touches_the_corner_of_its_box():
    stage = microscope(ravine(angle=30), adam, steps=3)
    _, updates, _, _ = follow(ravine(angle=30), adam, None, 3)
    ticks = ticking(updates)
    edge = np.array([float(w.split()[-1]) for w in words(stage, LENS)[-1]])
    for name in ("g", "m", "m_hat"):
        [arrow] = drawn(stage, "arrow", LENS, name)
        wanted = [vector(tick.now.get(name)) for tick in ticks]
        np.testing.assert_allclose(arrow[:, 0], np.where(np.isnan(wanted), np.nan, 0), atol=1e-6)
        np.testing.assert_allclose(arrow[:, 1] * edge[:, None] / TALL, wanted, atol=1e-4)
    for name in ("v", "v_hat"):
        [box] = drawn(stage, "box", LENS, name)
        wanted = np.sqrt([vector(tick.now.get(name)) for tick in ticks])
        np.testing.assert_allclose(box[:, 1] * edge[:, None] / TALL, wanted, atol=1e-4)
        np.testing.assert_allclose(box[:, 0], -box[:, 1], atol=1e-6)
    np.testing.assert_allclose(np.abs(drawn(stage, "arrow", LENS, "m_hat")[0][8, 1]), box[8, 1],
                               atol=1e-6)
    assert 0.5 < np.nanmax(np.abs(box[8])) <= TALL


def climb_and_step(surface, theta, *, lr=0.05, rho=0.2):
    first = surface.grad(theta)
    climb = rho * first / np.linalg.norm(first)
    second = surface.grad(theta + climb)
    return theta - lr * second


def test_a_move_lies_on_the_map_at_its_length_and_the_gradient_that_is_read_beyond_it_at_its_end():
    stage = microscope(two_weights(), climb_and_step, steps=2)
    for turn in (dict(), dict(rho=0.4, start=(2.0, 1.0))):
        stage.set(**turn)
        knobs = dict(lr=stage.values["lr"], rho=stage.values["rho"])
        _, updates, _, _ = follow(two_weights(), climb_and_step, stage.values["start"], 2, **knobs)
        ticks = ticking(updates)
        [first], [climb], [second] = (drawn(stage, "arrow", MAP, name)
                                      for name in ("first", "climb", "second"))
        for k, tick in enumerate(ticks):        # four lines an update
            line, theta = (-1 if tick.line is None else tick.line), tick.before["theta"]
            assert np.isfinite(climb[k]).all() == (line >= 1)       # no arrow of the update before
            assert np.isfinite(second[k]).all() == (line >= 2)
            if line >= 2:
                end = theta + tick.now["climb"]
                np.testing.assert_allclose(climb[k], [theta, end], atol=1e-4)
                np.testing.assert_allclose(second[k, 0], end, atol=1e-4)
                scale = np.ptp(first[k], axis=0) / np.abs(tick.now["first"])
                np.testing.assert_allclose(second[k, 1] - end, scale * tick.now["second"],
                                           atol=1e-3, rtol=1e-3)
    assert drawn(stage, "arrow", LENS, "climb") == []
    assert len(drawn(stage, "arrow", LENS, "second")) == 1
    other = microscope(ravine(angle=30), lion, steps=2)     # its move leads to no gradient
    assert drawn(other, "arrow", MAP, "direction") == []
    assert len(drawn(other, "arrow", LENS, "direction")) == 1


def test_each_tick_lights_the_next_line_and_the_box_lies_round_it():
    stage = microscope(ravine(), adam, steps=2)
    [lit] = drawn(stage, "box", CODE)
    rows = layout(script(adam)[0])
    assert stage.steps == 16 and np.isnan(lit[0]).all()
    for k in range(1, 17):
        top, _, end = rows[(k - 1) % 8]
        np.testing.assert_allclose(lit[k][:, 1], [top, end], atol=1e-4)
    says = words(stage, CODE)[-1]
    assert (says[1], says[9]) == ("adam, update 1 of 2", "adam, update 2 of 2")


@pytest.mark.parametrize("step", [adam, adamw, momentum, sophia])
def test_the_picture_of_a_usual_step_leaves_room_for_the_knobs_on_a_screen_of_900_pixels(step):
    told = microscope(ravine(angle=30), step).scene
    # at a notebook's full width, 1100 pixels; legend, buttons and knobs take 240, JupyterLab 110
    assert told["height"] * 1100 / told["width"] < 900 - 240 - 110


def test_lines_that_no_update_reaches_have_no_tick_and_those_of_others_say_so():
    stage = microscope(ravine(), shampoo, steps=3)
    assert stage.steps == 15 and "move = inverse_root(L, 4, eps)" in repr(stage)
    stage = microscope(ravine(), sophia, steps=3)
    assert stage.steps == 21 and words(stage, CODE)[4][-1] == "not reached"
    assert words(stage, CODE)[4][5].startswith("h = (")


def test_a_step_that_is_not_written_yet_or_raises_says_so_where_it_stands():
    def blank(surface, theta, t=0, m=0.0, *, lr=0.1):
        """Still to be written."""
        raise NotImplementedError

    def wrong(surface, theta, t=0, *, lr=0.1):
        g = surface.grad(theta)
        if t == 2:
            g = g @ np.eye(3)
        return theta - lr * g, t + 1

    stage = microscope(ravine(), blank)
    assert stage.steps == 1 and "-> not written yet" in repr(stage)
    stage = microscope(ravine(), wrong)
    assert "update, 3 of 12" in repr(stage) and "-> ValueError: matmul" in repr(stage)
    assert words(stage, MAP)[-1][-1].endswith(", ValueError")
    assert len(words(stage, CODE)[2][-2]) == 60
    stage.set(lr=0.5)
    assert stage.error == ""


def test_a_knob_may_have_the_name_of_one_of_the_microscopes_own():
    def scaled(surface, theta, *, lr=0.1, most=1.0, page=1.0):
        return theta - lr * most * page * surface.grad(theta)

    stage = microscope(ravine(), scaled, steps=2, lr=0.01, most=0.5, page=0.5)
    plain = descend(ravine(), gradient_descent, steps=2, lr=0.0025)
    np.testing.assert_allclose(stage.runs["scaled"].theta, plain.theta)


def test_a_walk_that_leaves_says_so_and_the_scene_goes_on():
    stage = microscope(rosenbrock(), gradient_descent, lr=10.0)
    says = words(stage, MAP)[-1]
    assert "diverged at update 1" in says[2] and "diverged" not in says[1]
    assert "diverged at update 1" in repr(stage)
    stage.set(lr=1e-4)
    assert "diverged" not in repr(stage)


def test_the_browser_turns_knobs_and_drags_the_start():
    stage, other = microscope(ravine(), adam, steps=5), microscope(ravine(), adam, steps=5)
    assert repr(stage) == repr(other) and stage.snapshot() == other.snapshot()
    for name, value in dict(lr=0.01, beta1=0.0, beta2=0.5, eps=1.0, start=[0.5, 0.9]).items():
        before, backdrop = repr(stage), stage.backdrop
        browser(stage, **{name: value})
        assert repr(stage) != before and stage.error == "" and stage.backdrop == backdrop
    assert len(shown(stage)) == 4


@pytest.mark.parametrize(("wrong", "error", "words"), [
    (dict(speed=2), TypeError, "adam has no knob 'speed'"),
    (dict(presets={"bad": dict(speed=2)}), KeyError, "no knob 'speed'"),
    (dict(surface=parabola()), TypeError, "two coordinates and a map"),
    (dict(step=lambda surface, theta: theta), TypeError, "write it with def")])
def test_what_is_wrong_is_answered_at_once(wrong, error, words):
    asked = dict(surface=ravine(), step=adam) | wrong
    with pytest.raises(error, match=words):
        microscope(**asked)
