"""Recordings: what a slider shows at all its positions, sent once, and never seen from Python."""

import time

import numpy as np
import pytest
from support.lab import until
from support.scene import assert_recorded_as_turned, browser, rests, seen, takes, unit_square

from lessons.knobs import KNOBS
from lessons.look import Look
from lessons.stage import Stage, recording

pytestmark = pytest.mark.usefixtures("widgets_end_with_their_test")


def line(compute=None, record=("beta",)):
    """A stage with two sliders, whose path ends at (beta, lr); `compute` comes before each."""
    figure, ax = unit_square()
    stage = Stage(figure, 1, "A line.")
    stage.slider("beta", 0.5)
    stage.slider("lr", 0.5)
    path, words = stage.path(ax, group="line"), stage.text(ax)
    for name in record:
        stage.record(name)

    @stage.compute
    def show(beta, lr):
        if compute:
            compute(stage, beta, lr)
        path.set([[0, 0], [beta, lr]])
        words.set([[0.5, 0.5]], [f"{beta:g}"])
        stage.legend("line", Look("#333333", (), "o"), [f"beta {beta:g}"])
        stage.summary = stage.runs["beta"] = f"beta {beta:g}"

    return stage


def busy(seconds):
    """Compute for so long; a busy computer makes it no longer."""
    end = time.thread_time() + seconds
    while time.thread_time() < end:
        pass


def test_each_position_shows_what_turning_the_knob_there_shows():
    assert_recorded_as_turned(line(), line())


@pytest.mark.parametrize("name", KNOBS)
def test_the_positions_of_a_recorded_slider_span_its_range(name):
    stage = Stage(unit_square()[0], 1, "A knob.")
    stage.slider(name, KNOBS[name].low)
    stage.record(name)
    values = recording.positions(stage._knobs[name])
    assert values[0] == KNOBS[name].low and values[-1] == KNOBS[name].high
    assert len(values) <= 81 and values == sorted(values)
    assert [stage._checked(name, value) for value in values] == values


def test_nothing_is_recorded_where_no_browser_looks():
    stage = line()
    stage.set(lr=0.6)
    browser(stage, beta=0.7, seq=1)
    time.sleep(0.1)
    assert stage.recording == {} and stage._worker._thread is None


def test_while_it_records_python_sees_the_present_picture_only():
    stage = line(lambda stage, beta, lr: time.sleep(0.005))
    before = repr(stage), stage.snapshot()
    stage._on_message(stage, {"seen": True}, [])
    looks = 0
    while "beta" not in stage.recording:
        assert (repr(stage), stage.values["beta"], stage.runs["beta"]) == (
            before[0], 0.5, "beta 0.5")
        looks += 1
    assert looks > 10 and stage.snapshot() == before[1]
    assert takes(stage, "beta")[0][0]["legend"][0]["notes"] == ["beta 0"]


def test_another_knob_renews_the_recording_and_the_recorded_one_keeps_it():
    stage = line(record=("beta", "lr"))
    seen(stage)
    first = dict(stage.recording)
    assert set(first) == {"beta", "lr"}
    browser(stage, lr=0.9, seq=1)
    rests(stage)
    assert stage.recording["lr"] == first["lr"]
    ends = [np.frombuffer(data, "<f4")[3] for _, data, _ in takes(stage, "beta")]
    assert np.allclose(ends, 0.9, atol=1e-4) and stage.recording["beta"]["seq"] == 1
    browser(stage, dark=True, seq=2)
    assert stage.recording["beta"]["seq"] == 2
    stage.set(beta=0.1)
    rests(stage)
    assert takes(stage, "lr")[5][0]["legend"][0]["notes"] == ["beta 0.1"]


def test_python_turns_a_knob_while_a_position_waits_to_be_recorded():
    stage = line()
    with stage._lock:
        stage._on_message(stage, {"seen": True}, [])
        time.sleep(0.1)                 # the recorder comes as far as it may
        stage.set(lr=0.9)
    rests(stage)
    ends = [np.frombuffer(data, "<f4")[3] for _, data, _ in takes(stage, "beta")]
    assert len(ends) == 81 and np.allclose(ends, 0.9, atol=1e-4)


def test_an_answer_in_the_midst_of_a_recording_is_computed_once():
    asked = []
    stage = line(lambda stage, beta, lr: (asked.append(lr), busy(0.005)), record=())
    stage.record("beta", when=lambda beta, lr: lr < 0.6)
    stage._on_message(stage, {"seen": True}, [])
    until(lambda: len(asked) > 5)
    browser(stage, lr=0.9, seq=1)
    rests(stage)
    assert asked.count(0.9) == 1 and stage.recording == {}


def test_a_newer_wish_does_not_wait_for_the_recording():
    stage = line(lambda stage, beta, lr: time.sleep(0.02))
    stage._on_message(stage, {"seen": True}, [])
    stage._worker.wish = {"lr": 0.7, "seq": 1}
    until(lambda: stage.scene["seq"] == 1, seconds=0.5)
    assert stage.values["lr"] == 0.7 and stage.recording == {}
    stage.close()


def test_a_slow_step_is_not_recorded_and_answers_as_before():
    asked = []
    stage = line(lambda stage, beta, lr: (asked.append(beta), busy(0.06 * (lr > 0.4))))
    seen(stage)
    assert stage.recording == {} and len(asked) <= 1 + recording.TRIES + 1
    browser(stage, beta=0.7, seq=1)
    rests(stage)
    assert stage.values["beta"] == 0.7 and stage.scene["seq"] == 1 and stage.recording == {}
    browser(stage, lr=0.3, seq=2)       # makes it quick
    rests(stage)
    assert all(takes(stage, "beta"))


def test_one_slow_picture_does_not_make_a_slow_step():
    times = iter([0, 0.2])
    stage = line(lambda stage, beta, lr: busy(next(times, 0)))
    seen(stage)
    assert all(takes(stage, "beta"))


def test_a_step_that_fails_somewhere_is_recorded_with_its_message():
    def fail(stage, beta, lr):
        if beta > 0.8:
            raise ValueError("beta is too large")

    stage = line(fail)
    seen(stage)
    errors = [scene["error"] for scene, _, _ in takes(stage, "beta")]
    values = recording.positions(stage._knobs["beta"])
    assert errors == ["ValueError: beta is too large" if v > 0.8 else "" for v in values]
    assert stage.error == "" and "Error" not in repr(stage)


def test_a_step_that_hangs_somewhere_is_recorded_as_far_as_it_goes(monkeypatch):
    monkeypatch.setattr(recording, "HANGS", 0.2)

    def hang(stage, beta, lr):
        while beta > 0.8:
            pass

    stage = line(hang)
    seen(stage)
    values, found = recording.positions(stage._knobs["beta"]), takes(stage, "beta")
    assert 20 < sum(map(bool, found)) and not any(
        take for value, take in zip(values, found) if value > 0.8)
    assert stage.values["beta"] == 0.5 and stage.error == ""
    browser(stage, beta=0.2, seq=1)
    assert stage.scene["legend"][0]["notes"] == ["beta 0.2"] and stage.scene["error"] == ""


def test_each_position_has_its_backdrop_where_that_changes():
    figure, ax = unit_square()
    [drawn] = ax.plot([0, 1], [0, 1], animated=True)
    stage = Stage(figure, 1, "A line.")
    stage.slider("beta", 0.5)
    stage.record("beta")

    @stage.compute
    def show(beta):
        drawn.set_ydata([0, beta > 0.5])
        stage.redraw()

    before = stage.backdrop
    seen(stage)
    found = takes(stage, "beta")
    values = recording.positions(stage._knobs["beta"])
    pictures = {picture for _, _, picture in found}
    assert len(pictures) == 2 and before in pictures
    assert [p == before for _, _, p in found] == [value <= 0.5 for value in values]
    assert stage.backdrop == before
