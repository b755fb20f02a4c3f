"""The worker: the newest wish counts, and whatever it computes can be stopped."""

import threading
import time

import pytest
from support.lab import until
from support.scene import browser, unit_square

from lessons.stage import Stage, worker
from lessons.stage.worker import Worker


@pytest.fixture(autouse=True)
def in_a_kernel(monkeypatch):
    """As in a kernel, whoever asks does not wait."""
    monkeypatch.setattr(worker, "get_ipython", lambda: type("Shell", (), {"kernel": None}))


def endless(flag):
    while flag:
        pass


def endless_in_except(flag):
    while flag:
        try:
            time.sleep(0.001)
        except Exception:
            pass


def asleep(flag):
    if flag:
        time.sleep(4)


def hanging(step):
    """A stage whose function hangs in `step` while `flag` is not empty."""
    figure, ax = unit_square()
    stage, flag = Stage(figure, 1, "A dot."), []
    dot = stage.marker(ax)
    stage.slider("beta", 0.5)

    @stage.compute
    def show(beta):
        dot.set([[beta, beta]])
        step(flag)

    return stage, flag


@pytest.mark.parametrize("step", [endless, endless_in_except, asleep])
@pytest.mark.parametrize("stop", [lambda stage: stage._on_message(stage, {"stop": True}, []),
                                  lambda stage: worker.stop_all()])
def test_a_step_that_does_not_return_is_stopped_and_a_mended_one_answers(step, stop):
    stage, flag = hanging(step)
    flag.append(1)
    data, began = stage.data, time.monotonic()
    browser(stage, beta=0.9, seq=1)
    assert time.monotonic() - began < 0.5           # the kernel stays free
    until(lambda: stage._worker.seconds() > 0.2)
    stop(stage)
    until(lambda: stage.scene["seq"] == 1, seconds=2)
    error = stage.scene["error"]
    assert ("does not stop" in error) == (step is asleep) and error
    assert ("did not return" in error) == (step is not asleep)
    [knob] = stage.scene["knobs"]
    assert knob["value"] == stage.values["beta"] == 0.5 and stage.data == data
    flag.clear()
    for seq, beta in enumerate((0.2, 0.7), 2):
        browser(stage, beta=beta, seq=seq)
        until(lambda seq=seq: stage.scene["seq"] == seq, seconds=1)
        assert stage.scene["error"] == "" and stage.values["beta"] == beta
    stage.close()


def test_a_closed_stage_computes_no_longer():
    stage, flag = hanging(endless)
    flag.append(1)
    browser(stage, beta=0.9, seq=1)
    until(lambda: stage._worker.seconds() > 0.1)
    thread = stage._worker._thread
    stage.close()
    thread.join(2)
    assert not thread.is_alive()


def test_the_browser_hears_how_long_python_has_been_computing():
    stage, flag = hanging(endless)
    said = []
    stage.send = said.append
    flag.append(1)
    browser(stage, beta=0.9, seq=1)
    until(lambda: stage._worker.seconds() > 0.3)
    stage._on_message(stage, {"news": True}, [])
    [told] = said
    assert 0.3 < told["computing"] < 5
    flag.clear()
    until(lambda: stage.scene["seq"] == 1)
    stage._on_message(stage, {"news": True}, [])
    assert said[-1] == {"computing": 0.0} or stage._worker.seconds() < 0.1


def test_of_several_wishes_the_newest_is_served():
    gate, served = threading.Event(), []

    def work(wish):
        if wish:
            gate.wait(5)
            served.append(wish)

    working = Worker(work, lambda: None)
    for wish in range(1, 6):
        working.ask(wish)
        time.sleep(0.02)
    gate.set()
    until(lambda: working._thread is None)
    assert served == [1, 5]


@pytest.mark.parametrize("problem", [SystemExit("bye"), ZeroDivisionError("1 / 0")])
def test_whatever_a_step_raises_is_said_and_the_next_wish_is_served(problem):
    def step(flag):
        if flag:
            raise problem

    stage, flag = hanging(step)
    flag.append(1)
    browser(stage, beta=0.9, seq=1)
    until(lambda: stage.scene["seq"] == 1)
    assert type(problem).__name__ in stage.scene["error"]
    flag.clear()
    browser(stage, beta=0.3, seq=2)
    until(lambda: stage.scene["seq"] == 2)
    assert stage.scene["error"] == ""


def test_a_fault_in_one_piece_of_work_leaves_the_next_to_be_served(capsys):
    served = []

    def work(wish):
        served.append(wish)
        if wish == {"broken": 1}:
            raise RuntimeError("a fault of ours")
        return False

    serving = Worker(work, lambda: None)
    serving.ask({"broken": 1})
    until(lambda: served and serving.began is None)
    serving.ask({"lr": 0.1})
    until(lambda: {"lr": 0.1} in served)
    assert "a fault of ours" in capsys.readouterr().err and serving.seconds() == 0
