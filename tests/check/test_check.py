"""A wrong answer gets the reason: every known mistake its own, every other one where it parts."""

from importlib import import_module

import numpy as np
import pytest
from support.messages import sentences

from lessons.check import check, diagnose
from lessons.check.mistakes import MISTAKES, mistaken
from lessons.steps import adam, momentum


def row(name, mistake):
    return next(row for row in MISTAKES[name] if row.name == mistake)


def test_the_first_parting_is_measured():
    wrong = mistaken(adam, row("adam", "no bias correction").change)
    assert diagnose(wrong, adam).message == (
        "Step 1 on a tilted bowl: your move is 3.1623 times what it should be. "
        "Is the bias correction there?"
    )
    wrong = mistaken(momentum, row("momentum", "lr folded into the velocity").change)
    message = diagnose(wrong, momentum).message
    assert "Right with the usual knobs, but with an lr that changes, step 2" in message


def test_a_hint_is_given_where_the_mistake_has_no_name():
    assert diagnose(something_else, momentum, hint="Think.").message.endswith(" Think.")
    assert not diagnose(old_state_back, momentum, hint="Think.").message.endswith(" Think.")


def test_check_shows_the_answer_and_returns_nothing(monkeypatch):
    shown = []
    monkeypatch.setattr(import_module("lessons.check.check"), "display", shown.append)
    assert check(adam, adam) is None
    assert check(0.3, 0.1, hint="Look.") is None
    assert [repr(found) for found in shown] == [
        diagnose(adam, adam).message,
        diagnose(0.3, 0.1, hint="Look.").message,
    ]


def misspelt(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return velocty, velocity  # noqa: F821


def only_one_point(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    g = surface.grad(theta)
    if g > 0:
        return theta - lr * g, velocity
    return theta, velocity


def divides_by_a_count(surface, theta, t=0, *, lr=0.1, beta=0.9):
    return theta - lr / t * surface.grad(theta), t + 1


def no_return(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    theta = theta - lr * velocity


def no_state_back(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity


def wrong_shape(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return (theta - lr * velocity).sum(), velocity


def no_array(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    return "theta", velocity


def list_in_place(surface, theta, gradients=(), *, lr=0.1, beta=0.9):
    gradients = gradients or []
    gradients.append(surface.grad(theta))
    return theta - lr * sum(beta**k * g for k, g in enumerate(gradients[::-1])), gradients


def no_import(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    return theta - lr * surface.grad(theta) / sqrt(beta), velocity  # noqa: F821


def theta_in_place(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    theta -= lr * velocity
    return theta, velocity


def state_in_place(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity *= beta
    velocity += surface.grad(theta)
    return theta - lr * velocity, velocity


def no_beta(surface, theta, velocity=0.0, *, lr=0.1):
    velocity = 0.9 * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def no_star(surface, theta, velocity=0.0, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def state_without_a_first_value(surface, theta, velocity, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def one_knob_too_many(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9, power):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def beta_written_out(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = 0.9 * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def only_the_move(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return -lr * velocity, velocity


def without_memory(surface, theta, *, lr=0.1, beta=0.9):
    velocity = beta * 0 + surface.grad(theta)
    return theta - lr * velocity


def old_state_back(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    new = beta * velocity + surface.grad(theta)
    return theta - lr * new, velocity


def joins_all_points(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    size = np.sqrt((velocity * velocity).sum(-1, keepdims=True))
    return theta - lr * velocity * (np.linalg.norm(velocity, axis=-1).max() / size), velocity


def something_else(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity * np.resize((1.0, 3.0), theta.shape[-1]), velocity


WRONG = [
    (misspelt, None, "It stops at line 3, `return velocty, velocity  # noqa: F821`: NameError: "),
    (only_one_point, None, "It stops at line 3, `if g > 0:`: ValueError: The truth value"),
    (only_one_point, None, "theta holds several points at once: np.where decides for each."),
    (divides_by_a_count, None, "not a finite number (a division by zero, a root below zero?)"),
    (no_return, "returns nothing", "It returns nothing of use. Does its last line return what"),
    (
        no_state_back,
        "wrong number of values",
        "It takes 2 values after the surface and returns 1. All that it took goes back",
    ),
    (wrong_shape, "wrong shape", "It returns theta of shape (). It went in with shape (3, 2)."),
    (no_array, "wrong type", "It returns a str in place of theta. An array of shape (3, 2) went"),
    (theta_in_place, "mutated arguments", "It changes `theta` in place, so that whoever kept the"),
    (
        theta_in_place,
        "mutated arguments",
        "a recorded path or a rival at the same start, now holds",
    ),
    (state_in_place, "mutated arguments", "It changes `velocity` in place"),
    (list_in_place, "mutated arguments", "It changes `gradients` in place"),
    (no_beta, "knob missing", "`no_beta` has no knob `beta`. A knob stands in the signature after"),
    (no_star, "no star before the knobs", "Put a star before the first knob."),
    (state_without_a_first_value, "no first value", "`velocity` has no first value. State gets"),
    (one_knob_too_many, None, "The knob `power` has no usual value; give it one."),
    (
        beta_written_out,
        "knob ignored",
        "Right with the usual knobs, but with beta = 0.63, step 2 on a tilted bowl",
    ),
    (
        beta_written_out,
        "knob ignored",
        "The knob `beta` changes nothing: is it used, or is there a number instead?",
    ),
    (only_the_move, "returns the move alone", "is it the move alone that comes back?"),
    (without_memory, "no memory", "It remembers nothing: what it needs at the next step is state"),
    (old_state_back, "old state returned", "`velocity` comes back as it went in: where does its"),
    (joins_all_points, "joins all points", "For one point alone it is right, for several at once"),
    (
        something_else,
        None,
        "your move is (0.0078114, -0.025544) and should be (0.0078114, -0.0085146).",
    ),
    (something_else, None, "After that step `velocity` is right."),
    (no_import, "import missing", "NameError: name 'sqrt' is not defined. Is the import missing?"),
    (3.0, None, "This is a value; the function itself is wanted"),
]


@pytest.mark.parametrize("mine, mistake, say", WRONG, ids=lambda v: getattr(v, "__name__", None))
def test_any_other_wrong_step_gets_the_reason(mine, mistake, say):
    found = diagnose(mine, momentum)
    assert not found.ok
    assert found.mistake == mistake
    assert say in found.message, found.message
    assert sentences(found.message) <= 2


def test_a_knob_that_hardly_matters_is_missed_all_the_same():
    message = diagnose(mistaken(adam, {"eps": "1e-8"}), adam).message
    assert "Right with the usual knobs, but with eps = 0.01, step 1" in message
    assert "The knob `eps` changes nothing" in message


def test_a_step_of_the_learner_s_own_can_be_the_reference():
    assert diagnose(only_the_move, only_the_move).ok
    message = diagnose(only_the_move, mistaken(momentum, {})).message
    assert "is it the move alone that comes back" in message


@pytest.mark.parametrize("mine", [adam, misspelt, ...])
def test_an_answer_looks_the_same_every_time_and_marks_more_than_by_colour(mine):
    first, second = diagnose(mine, adam), diagnose(mine, adam)
    assert repr(first) == repr(second) == first.message
    assert first._repr_html_() == second._repr_html_()
    assert "0x" not in repr(first) + first._repr_html_()
    assert any(mark in first._repr_html_() for mark in "✓✗?")
    assert "color: var(--jp-ui-font-color1, inherit)" in first._repr_html_()
