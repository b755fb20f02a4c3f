"""A number, an array or a text is checked too: by how much it misses, or why."""

import numpy as np
import pytest

from lessons.check import diagnose
from lessons.steps import gradient_descent


@pytest.mark.parametrize(
    "mine, expected, more, say",
    [
        (0.1, 0.1, {}, "Yes: 0.1."),
        (0.10005, 0.1, {}, "Yes: 0.10005."),
        (0.102, 0.1, {}, "0.102 is 1.02 times what it should be."),
        (0.102, 0.1, {"rtol": 0.05}, "Yes: 0.102."),
        (-0.1, 0.1, {}, "-0.1 is of the right size, with the wrong sign."),
        (0.05, 0.0, {}, "0.05 is 0.05 and should be 0."),
        (np.nan, 0.1, {}, "nan is not a finite number (a division by zero, a root below zero?)."),
        (0.05, 0.1, {"wrong": {0.05: "That is 1 / L."}}, "That is 1 / L."),
        (0.04, 0.1, {"wrong": {0.05: "No."}, "hint": "Look."}, "what it should be. Look."),
        (np.array([1.0, 2.0, 3.0]), [1, 2, 4], {}, "2 of 3 are right; [2] is 0.75 times what"),
        ([[1.0, 0.0]], [[1, 0]], {}, "Yes: [[1.0, 0.0]]."),
        ([1.0, 2.0], [1, 2, 4], {}, "Its shape is (2,); an array of shape (3,) is expected."),
        (" B", "b", {}, "Yes:  B."),
        ("a", "b", {}, "'a' is not it."),
        (["a"], 1.0, {}, "['a'] is not it; a number is expected."),
        (np.bool_(True), True, {}, "Yes: True."),
        (False, True, {}, "False is not it."),
        (min, 1.0, {}, "This is the function itself; its value is wanted: `min(...)`."),
        (..., 0.1, {}, "Not filled in yet: put your answer in place of `...`"),
        (None, gradient_descent, {}, "Not filled in yet: "),
    ],
)
def test_values_are_checked_too(mine, expected, more, say):
    answer = diagnose(mine, expected, **more)
    assert say in answer.message
    assert answer.ok == say.startswith("Yes") == bool(answer)
