"""Whatever a learner writes, check answers with a sentence and never raises."""

import functools
import sys

import numpy as np
import pytest

from lessons import schedules
from lessons.check import diagnose
from lessons.check.mistakes import mistaken
from lessons.steps import momentum
from lessons.steps.kronecker import muon


class Broken:
    def __repr__(self):
        raise RuntimeError("no text")

    def __eq__(self, other):
        raise RuntimeError("no comparison")

    def __array__(self, *args, **kwargs):
        raise RuntimeError("no array")

    __hash__ = None


class Silent(Exception):
    def __str__(self):
        raise RuntimeError("no text")


def unbound(surface, theta, *, lr=0.02, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)  # noqa: F821
    return theta - lr * velocity


def unbound_branch(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    if lr < 0:
        move = lr * v
    return theta - move, v


def deleted(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    del v
    return theta, v  # noqa: F821


def recursive(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    return recursive(surface, theta, v, lr=lr, beta=beta)


def raising(error):
    def step(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
        raise error

    return step


def returning(*values):
    return lambda surface, theta, v=0.0, *, lr=0.02, beta=0.9: values


def generator(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    yield theta, v


class Step:
    def __init__(self):
        self.v = 0.0

    def __call__(self, surface, theta, *, lr=0.02, beta=0.9):
        raise ValueError("not this way")


counter = {"calls": 0}


def impure(surface, theta, v=0.0, *, lr=0.02, beta=0.9):
    counter["calls"] += 1
    v = beta * v + surface.grad(theta)
    return theta - lr * v / counter["calls"], v


WRITTEN = {
    "a name before its value": (unbound, "is it state, with a first value in the signature?"),
    "a name of one branch": (unbound_branch, "UnboundLocalError"),
    "a deleted name": (deleted, "UnboundLocalError"),
    "recursion": (recursive, "RecursionError"),
    "sys.exit": (raising(SystemExit(3)), "not to end the program"),
    "GeneratorExit": (raising(GeneratorExit()), "It stops at line 2"),
    "an error without text": (raising(Silent()), "It stops at line 2"),
    "StopIteration": (raising(StopIteration()), "StopIteration"),
    "a broken object": (returning(Broken(), 0.0), "It returns a Broken in place of theta"),
    "a broken state": (returning(np.zeros((3, 2)), Broken()), "."),
    "a generator": (generator, "It takes 2 values after the surface and returns 1."),
    "a class": (Step, "is a class"),
    "an object": (Step(), "not this way"),
    "a partial": (functools.partial(recursive, v=3), "."),
    "a builtin": (min, "."),
    "another builtin": (dict.update, "."),
    "a lambda": (eval("lambda surface, theta, v=0.0, *, lr=1, beta=1: (theta / v.x, v)"), "stops"),
    "a changed global": (impure, "The same start leads elsewhere the second time"),
    "a broken value": (Broken(), "This is a value"),
}


@pytest.mark.parametrize("mine, say", WRITTEN.values(), ids=WRITTEN)
def test_a_step_gets_a_sentence_whatever_it_does(mine, say):
    found = diagnose(mine, momentum)
    assert not found.ok and say in found.message, found.message
    assert "The check itself stopped" not in found.message


@pytest.mark.parametrize("error", [SystemExit(), GeneratorExit(), RecursionError(), Silent()])
def test_a_schedule_gets_a_sentence_whatever_it_does(error):
    def mine(t, total):
        raise error

    assert "It stops at line 2" in diagnose(mine, schedules.constant(0.1)).message


@pytest.mark.parametrize("expected", [0.1, "a", [1, 2], momentum, schedules.constant(0.1)])
@pytest.mark.parametrize("mine", [Broken(), [Broken()], [[1], [1, 2]], object(), Broken, print])
def test_a_value_gets_a_sentence_whatever_it_is(mine, expected):
    found = diagnose(mine, expected)
    assert not found.ok and "The check itself stopped" not in found.message


def test_a_fault_of_the_check_is_not_blamed_on_the_learner(monkeypatch):
    monkeypatch.setattr(sys.modules["lessons.check.check"], "compare_steps", raising(KeyError("x")))
    found = diagnose(momentum, momentum)
    assert found.kind == "open" and "can't say whether your answer is right" in found.message


class Memory:
    """As torch's optimizers: it keeps its own buffers and renews them."""

    def __init__(self):
        self.v = 0.0

    def push(self, g, beta):
        self.v = beta * self.v + g
        return self.v


class Slots:
    __slots__ = ("v",)

    def __init__(self, v):
        self.v = v


def with_object(surface, theta, memory=None, *, lr=0.02, beta=0.9):
    memory = memory or Memory()
    return theta - lr * memory.push(surface.grad(theta), beta), memory


def with_first_object(surface, theta, memory=Memory(), *, lr=0.02, beta=0.9):  # noqa: B008
    return theta - lr * memory.push(surface.grad(theta), beta), memory


def with_new_object(surface, theta, memory=Slots(0.0), *, lr=0.02, beta=0.9):  # noqa: B008
    new = Slots(beta * memory.v + surface.grad(theta))
    return theta - lr * new.v, new


def with_dict(surface, theta, s=None, *, lr=0.02, beta=0.9):
    v = beta * (s or {"v": 0.0})["v"] + surface.grad(theta)
    return theta - lr * v, {"v": v}


def with_renewed_dict(surface, theta, s=None, *, lr=0.02, beta=0.9):
    s = s or {"v": 0.0}
    s["v"] = beta * s["v"] + surface.grad(theta)
    return theta - lr * s["v"], s


OBJECTS = [with_object, with_first_object, with_new_object, with_dict, with_renewed_dict]


@pytest.mark.parametrize("mine", OBJECTS, ids=lambda step: step.__name__)
def test_a_right_step_whose_state_is_an_object_passes(mine):
    found = diagnose(mine, momentum)
    assert found.ok, found.message


def test_an_array_that_an_object_holds_may_not_change_in_place():
    def mine(surface, theta, s=None, *, lr=0.02, beta=0.9):
        s = s or {"v": np.zeros_like(theta)}
        s["v"] *= beta
        s["v"] += surface.grad(theta)
        return theta - lr * s["v"], s

    assert diagnose(mine, momentum).mistake == "mutated arguments"


@pytest.mark.parametrize("scale", ["m / n", "min(1, m / n)", "max(n / m, m / n)"])
def test_a_muon_with_the_wrong_scale_for_some_shape_is_rejected(scale):
    assert not diagnose(mistaken(muon, {"max(1, m / n)": scale}), muon).ok
