"""`check` with cases: any function beside the expected one, called on the same arguments."""

import numpy as np
import pytest

from lessons.check import diagnose


def double(x, times):
    return 2.0 * times * x


def half(x, times):
    return 0.5 * times * x


CASES = [(np.array([1.0, -2.0]), 1), (np.array([0.5]), 3)]


def said(mine):
    return diagnose(mine, double, "Twice it.", {half: "That is half."}, cases=CASES)


def in_place(x, times):
    x *= 2 * times
    return x


def unwritten(x, times):
    raise NotImplementedError


@pytest.mark.parametrize("mine", [lambda x, times: x * times + x * times,
                                  lambda x, times: [2 * times * one for one in x]])
def test_another_form_of_it_passes(mine):
    assert said(mine).ok and "2 choices" in said(mine).message


@pytest.mark.parametrize(("mine", "words"), [
    (half, "That is half."), (in_place, "changes what it was given"),
    (lambda x, times: 3 * times * x, "In our call number 1 it returns 1.5 times what it should be"),
    (lambda x, times: 2 * x, "In our call number 2"), (lambda x, times: None, "returns nothing"),
    (lambda x, times: 1.0, "a number, not an array of shape (2,)"),
    (lambda x: x, "takes 1 positional argument but 2 were given"),
    (lambda x, times: x + missing, "NameError"), (3.0, "the function itself"),  # noqa: F821
    (lambda x, times: np.full(2, np.nan), "not a finite number")])
def test_a_wrong_one_is_told_what_is_wrong(mine, words):
    assert not said(mine).ok and words in said(mine).message


def test_an_unwritten_one_is_open():
    assert said(unwritten).kind == "open" and said(...).kind == "open"


def test_the_cases_are_not_changed_by_the_learners_function():
    said(in_place)
    assert CASES[0][0].tolist() == [1.0, -2.0]
