"""Mistakes that any step can have, made from the outside: by what goes in, or what comes out."""

import functools
from itertools import permutations

from lessons.check.mistakes.mistake import Mistake
from lessons.check.trials import values
from lessons.signature import signature_of


def general_mistakes(step):
    """The general mistakes that a step with this signature can have."""
    state, knobs = signature_of(step)
    yield Mistake(
        "plus instead of minus",
        "Does it walk uphill, by one minus too few or too many, or by a plus?",
        uphill,
    )
    if "lr" in knobs:
        yield Mistake("lr missing", "Where is lr?", with_knobs(lambda knobs: {"lr": 1.0}))
    if "t" in state:
        k = list(state).index("t")
        yield Mistake(
            "t starting at 0",
            "Is t still 0 where it is first used?",
            counting(-1, k),
            undo=counting(1, k),
        )
        yield Mistake("t off by one", "Is t already 2 where it is first used?", counting(1, k))
    if "beta1" in knobs:
        yield Mistake(
            "swapped betas",
            "Does each beta stand where the other belongs?",
            with_knobs(lambda knobs: {"beta1": knobs["beta2"], "beta2": knobs["beta1"]}),
        )
    for order in list(permutations(range(1 + len(state))))[1:] if len(state) < 4 else ():
        yield Mistake(
            "swapped returns",
            "Does what it returns stand in the order in which it came?",
            returning(order),
        )


def altered(change):
    """Make a Mistake of a function (step, surface, theta, state, knobs) -> (theta, *state)."""

    def mistake(step):
        @functools.wraps(step)
        def wrong(surface, theta, *state, **knobs):
            return change(step, surface, theta, state, knobs)

        return wrong

    return mistake


@altered
def uphill(step, surface, theta, state, knobs):
    new, *state = values(step(surface, theta, *state, **knobs))
    return 2 * theta - new, *state


def with_knobs(change):
    return altered(
        lambda step, surface, theta, state, knobs: step(
            surface, theta, *state, **{**knobs, **change(knobs)}
        )
    )


def counting(ahead, k):
    """The mistake that the counter t, state number k, is `ahead` too large while it is used."""

    def later(t, by):
        return [n + by for n in t] if isinstance(t, list) else t + by  # a list: one per block

    @altered
    def miscounted(step, surface, theta, state, knobs):
        before = [later(value, ahead) if i == k else value for i, value in enumerate(state)]
        theta, *after = step(surface, theta, *before, **knobs)
        return theta, *[later(value, -ahead) if i == k else value for i, value in enumerate(after)]

    return miscounted


def returning(order):
    @altered
    def swapped(step, surface, theta, state, knobs):
        new = values(step(surface, theta, *state, **knobs))
        return tuple(new[i] for i in order)

    return swapped
