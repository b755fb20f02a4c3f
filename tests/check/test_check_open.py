"""What is not filled in yet is not called wrong."""

import pytest

from lessons.check import diagnose
from lessons.steps import momentum


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
    answer = diagnose(mine, momentum)
    assert not answer.ok
    assert answer.message == f"Not filled in yet: {say}, then run this cell again."
