"""Learners' steps, written by hand: wrong ones, with the mistake's name, and other right ones.

The checker makes its known mistakes out of the package's own sources; these owe nothing to them:
other variable names, another order of lines, another style.
"""

import importlib

FAMILIES = (
    "first_order",
    "adaptive",
    "newcomers",
    "sharpness",
    "second_order",
    "quasi_newton",
    "natural",
    "kronecker",
)
MUTANTS = []  # (the wrong function, the name of its reference, the name of the mistake)
VARIANTS = []  # (the right function, the name of its reference)


def mutant(reference, mistake):
    """Note a function as one that gets `reference` wrong by that mistake."""

    def note(function):
        MUTANTS.append((function, reference, mistake))
        return function

    return note


def variant(reference):
    """Note a function as another way to write `reference`."""

    def note(function):
        VARIANTS.append((function, reference))
        return function

    return note


def reference(name):
    """The step of that name, public or a variant of its family."""
    families = [importlib.import_module(f"lessons.steps.{family}") for family in FAMILIES]
    return next(getattr(family, name) for family in families if hasattr(family, name))
