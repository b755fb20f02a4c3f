"""Every wrong step is rejected under the name of its own mistake, in two sentences at most."""

import re

import pytest
from support.messages import given_away, sentences
from support.mutants import MUTANTS, reference
from support.mutants import adam as mutants_adam  # noqa: F401  each of them fills MUTANTS
from support.mutants import adaptive as mutants_adaptive  # noqa: F401
from support.mutants import first_order as mutants_first  # noqa: F401
from support.mutants import kronecker as mutants_matrix  # noqa: F401
from support.mutants import newcomers as mutants_new  # noqa: F401
from support.mutants import quasi_newton as mutants_quasi  # noqa: F401
from support.mutants import second_order as mutants_curved  # noqa: F401
from support.mutants import sharpness as mutants_flat  # noqa: F401

from lessons.check import diagnose
from lessons.check.mistakes import wrong_steps

# what has to be told by name, and of which steps; of a schedule: test_check_schedules.py
WANTED = {
    "no bias correction": "adam adamw soap",
    "t starting at 0": "adam",
    "t off by one": "adam soap",
    "eps inside the root": "adagrad rmsprop adam soap",
    "eps before the correction": "adam",
    "average instead of sum": "momentum nesterov adagrad shampoo",
    "lr folded into the velocity": "momentum nesterov",
    "velocity ignored": "momentum nesterov",
    "plus instead of minus": "gradient_descent momentum nesterov adagrad rmsprop adam adamw lion "
    "sophia sam newton lbfgs kl_step kfac shampoo muon soap",
    "g instead of g**2": "adagrad rmsprop adam soap",
    "swapped m and v": "adam",
    "swapped betas": "adam adamw lion",
    "swapped returns": "momentum nesterov adagrad adam lion",
    "mutated arguments": "gradient_descent adam lbfgs",
    "decay through the denominator": "adamw",
    "decay after the step": "adamw lion",
    "decay that ignores the schedule": "adamw lion",
    "Nesterov at the wrong point": "nesterov",
    "SAM un-normalised": "sam",
    "SAM not stepping back": "sam adaptive_sam",
    "SAM accumulating both gradients": "sam",
    "sign of the updated m": "lion",
    "Schedule-Free with the gradient at z": "schedule_free",
    "Shampoo with exponent 1/2": "shampoo",
}


def name(value):
    return getattr(value, "__name__", value)


@pytest.mark.parametrize("mine, of, mistake", MUTANTS, ids=name)
def test_a_wrong_step_is_rejected_with_the_name_of_its_mistake(mine, of, mistake):
    found = diagnose(mine, reference(of))
    assert not found.ok
    assert found.mistake == mistake, found.message
    assert sentences(found.message) <= 2, found.message
    assert given_away(re.sub("`.*?`", "", found.message), reference(of)) == []


@pytest.mark.parametrize("mistake", WANTED)
def test_a_wanted_mistake_is_known_of_every_step(mistake):
    made = {of for _, of, name in MUTANTS if name == mistake}
    for of in WANTED[mistake].split():
        assert of in made or mistake in {row.name for row, _ in wrong_steps(reference(of))}
