"""What a learner's step prints while a scene walks it: told once and briefly, never a flood."""

import sys
import threading

import pytest
from support.scene import browser

from lessons.scenes import race
from lessons.scenes.common.prints import Ear, Printed, listening
from lessons.steps import adam, gradient_descent
from lessons.surfaces import ravine


def chatty(surface, theta, *, lr=0.1):
    print("theta", theta.shape, "lr", lr)
    return gradient_descent(surface, theta, lr=lr)


def broad(surface, theta, *, lr=0.1):
    sys.stdout.write("x" * 5000)
    return gradient_descent(surface, theta, lr=lr)


def failing(surface, theta, *, lr=0.1):
    print("here")
    raise ValueError("and out")


def test_prints_of_the_run_are_told_briefly_and_those_of_the_sweep_not_at_all(capsys):
    stage = race(ravine, {"Mine": chatty, "Adam": adam}, steps=60, lr=0.05)
    assert capsys.readouterr().out == ""
    line = "    theta (2,) lr 0.05"
    assert stage.scene["notice"].splitlines() == [
        "Mine printed:", line, line, line, "    ... and 57 more lines"]
    assert stage.scene["notice"] in repr(stage)
    browser(stage, lr=0.25, seq=1)                  # at a knob it is told as well
    assert "lr 0.25" in stage.scene["notice"] and capsys.readouterr().out == ""


@pytest.mark.parametrize(("step", "told"), [
    (broad, ["Mine printed:", "    " + 99 * "x" + "…"]),
    (failing, ["Mine raised ValueError at step 1: and out", "Mine printed:", "    here"])])
def test_a_long_line_is_cut_and_a_failing_step_tells_both(step, told, capsys):
    stage = race(ravine, {"Mine": step, "Adam": adam}, steps=60)
    assert stage.scene["notice"].splitlines() == told and capsys.readouterr().out == ""


def test_a_step_that_prints_nothing_has_no_notice():
    assert race(ravine, {"Adam": adam}, steps=10).scene["notice"] == ""


def test_another_thread_prints_on_while_one_listens(capsys):
    inside, done = threading.Event(), threading.Event()

    def other():
        inside.wait(10)
        print("from the cell")
        with listening() as mine:
            print("of the other")
        assert str(mine) == "of the other"
        done.set()

    thread = threading.Thread(target=other)
    thread.start()
    with listening() as printed:
        print("mine, one")
        inside.set()
        assert done.wait(10)
        print("mine, two")
    thread.join()
    assert str(printed) == "mine, one\nmine, two"
    assert capsys.readouterr().out == "from the cell\n" and not isinstance(sys.stdout, Ear)


def test_listening_ends_with_an_exception_and_may_be_nested(capsys):
    with pytest.raises(ValueError, match="out"), listening():
        with listening() as inner:
            print("inner")
        raise ValueError("out")
    print("after")
    assert str(inner) == "inner" and capsys.readouterr().out == "after\n"


@pytest.mark.parametrize(("pieces", "told"), [
    ([], ""), (["a", "b"], "ab"), (["a\n", "b\n"], "a\nb"),
    (["\n"] * 5, "\n\n\n... and 2 more lines"),
    (["1\n2\n3\n4"], "1\n2\n3\n... and 1 more line"),
    (["long" * 10_000, "\n", "b"], "long" * 24 + "lon…\n... and 1 more line")])
def test_pieces_are_joined_to_lines_and_counted(pieces, told):
    printed = Printed()
    assert [printed.add(piece) for piece in pieces] == list(map(len, pieces))
    assert str(printed) == told
