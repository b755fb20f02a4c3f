"""A wrong answer gets the reason: every known mistake its own, every other one where it parts."""

import numpy as np
import pytest

from lessons import steps
from lessons.check import check
from lessons.check.mistakes import MISTAKES, mistaken
from lessons.steps import adam, momentum

ROWS = [(name, *row) for name, rows in MISTAKES.items() for row in rows]


@pytest.mark.parametrize("name, advice, changes", ROWS, ids=[f"{r[0]}: {r[1][:40]}" for r in ROWS])
def test_a_known_mistake_is_named(name, advice, changes):
    reference = getattr(steps, name)
    answer = check(mistaken(reference, changes), reference)
    assert not answer.ok
    assert answer.message.startswith("Not yet. ")
    assert answer.message.endswith(advice)


@pytest.mark.parametrize("name", steps.__all__)
def test_every_step_knows_four_mistakes_with_advice_of_their_own(name):
    advice = [row.advice for row in MISTAKES.get(name, [])]
    assert len(advice) >= 4, f"add rows for {name} to MISTAKES: what do learners get wrong in it?"
    assert len(advice) == len({*advice})


def test_a_row_that_no_longer_fits_the_source_says_so():
    with pytest.raises(ValueError, match="'alpha' is not in the source of adam: mend that row"):
        mistaken(adam, {"alpha": "lr"})


def test_the_first_parting_is_measured():
    correction = next(row for row in MISTAKES["adam"] if "bias correction" in row.advice)
    message = check(mistaken(adam, correction.changes), adam).message
    assert "Step 1 on a tilted bowl: your move is 3.1623 times what it should be." in message
    folded = next(row for row in MISTAKES["momentum"] if "inside the velocity" in row.advice)
    message = check(mistaken(momentum, folded.changes), momentum).message
    assert "Right with the usual knobs, but with an lr that changes, step 2" in message


# Learners' steps that go wrong in some other way, with a part of the answer


def not_begun(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    raise NotImplementedError


def only_dots(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    """A docstring, and then nothing."""
    ...  # noqa: PIE790


def dots_inside(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    velocity = ...
    return theta[..., :] - lr * velocity, velocity


def dots_between(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
    g = surface.grad(theta)
    ...  # noqa: PIE790
    return theta - lr * g, velocity


UNFINISHED = [
    (not_begun, "write the body of `not_begun`"),
    (only_dots, "there is still `...`"),
    (dots_inside, "there is still `velocity = ...`"),
    (dots_between, "there is still `...`"),
]


@pytest.mark.parametrize("mine, say", UNFINISHED, ids=lambda value: getattr(value, "__name__", ""))
def test_what_is_not_filled_in_yet_is_not_called_wrong(mine, say):
    answer = check(mine, momentum)
    assert not answer.ok
    assert answer.message == f"Not filled in yet: {say}, then run this cell again."


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
    return theta - lr * velocity * np.array([1.0, 3.0, 1.0])[: theta.shape[-1]], velocity


WRONG = [
    (misspelt, "It stops at line 3, `return velocty, velocity  # noqa: F821`: NameError: "),
    (only_one_point, "It stops at line 3, `if g > 0:`: ValueError: The truth value"),
    (only_one_point, "theta holds several points at once: np.where decides for each."),
    (divides_by_a_count, "not a finite number (a division by zero?)"),
    (no_return, "It returns nothing of use. End it with `return theta, velocity`."),
    (no_state_back, "It takes 2 values after the surface and returns 1. What it took goes back"),
    (wrong_shape, "wrong_shape returned theta of shape () at step 1"),
    (theta_in_place, "It changes `theta` in place"),
    (theta_in_place, "a recorded path or a rival at the same start, now holds the new numbers"),
    (state_in_place, "It changes `velocity` in place"),
    (no_beta, "`no_beta` has no knob `beta`. Write it out in the signature, after the star: "),
    (no_star, "Put a star before the knobs: `*, lr=0.02`."),
    (state_without_a_first_value, "'velocity' needs a first value, velocity=0.0"),
    (one_knob_too_many, "needs a value for its knob 'power'"),
    (beta_written_out, "Right with the usual knobs, but with beta = 0.63, step 2 on a tilted bowl"),
    (beta_written_out, "The knob `beta` changes nothing: is there a number in its place?"),
    (only_the_move, "It returns the move alone"),
    (without_memory, "It remembers nothing: take state after theta, `theta, velocity=0.0, *`"),
    (old_state_back, "`velocity` comes back as it went in: return its new value."),
    (joins_all_points, "For one point alone it is right, for several at once it is not"),
    (something_else, "your move is (0.0078114, -0.025544) and should be (0.0078114, -0.0085146)."),
    (something_else, "After that step `velocity` is right."),
    (3.0, "This is a value; the function itself is wanted"),
]


@pytest.mark.parametrize("mine, say", WRONG, ids=lambda value: getattr(value, "__name__", ""))
def test_any_other_wrong_step_gets_the_reason(mine, say):
    answer = check(mine, momentum)
    assert not answer.ok
    assert say in answer.message, answer.message


def test_a_knob_that_hardly_matters_is_missed_all_the_same():
    message = check(mistaken(adam, {"+ eps)": "+ 1e-8)"}), adam).message
    assert "Right with the usual knobs, but with eps = 0.01, step 1" in message
    assert "The knob `eps` changes nothing" in message


def test_a_step_of_the_learner_s_own_can_be_the_reference():
    assert check(only_the_move, only_the_move).ok
    assert "It returns the move alone" in check(only_the_move, mistaken(momentum, {})).message


@pytest.mark.parametrize("mine", [adam, not_begun, misspelt])
def test_an_answer_looks_the_same_every_time_and_marks_more_than_by_colour(mine):
    first, second = check(mine, adam), check(mine, adam)
    assert repr(first) == repr(second) == first.message
    assert first._repr_html_() == second._repr_html_()
    assert "0x" not in repr(first) + first._repr_html_()
    assert any(mark in first._repr_html_() for mark in "✓✗?")
    assert "color: var(--jp-ui-font-color1, inherit)" in first._repr_html_()
