"""Check an answer: a step, a schedule or a value beside the one that is expected."""

import time
from dataclasses import dataclass

import numpy as np
from IPython.display import display

from lessons.check.compare import compare_schedules, compare_steps, is_schedule
from lessons.check.display import Shown
from lessons.check.functions import compare_functions
from lessons.check.sandbox import Advice, Unfinished, first_sentence, stopped
from lessons.check.values import compare_values


@dataclass(repr=False)
class Diagnosis(Shown):
    """What `check` found: kind and text of its card, and the mistake's name if it has one."""

    mistake: str | None = None

    @property
    def ok(self):
        return self.kind == "yes"

    @property
    def message(self):
        return self.text

    def __bool__(self):
        return self.ok


def check(mine, expected, hint="", wrong=None, rtol=1e-3, cases=None):
    """Show a card that says one of three things: not filled in yet; where it parts; or yes.

    mine, expected: two steps, which walk side by side; two schedules; two numbers, arrays or
    texts; or, with `cases`, a list of tuples of arguments, any two functions. wrong: {value, or
    function, that people often find: what to say about it}. hint: one sentence, said of any other
    miss.
    rtol: the share by which a number may be off; three digits are enough unless told otherwise.
    Never raises: whatever `mine` does is answered with a card.
    """
    display(diagnose(mine, expected, hint, wrong, rtol, cases))


def diagnose(mine, expected, hint="", wrong=None, rtol=1e-3, cases=None):
    """Return the Diagnosis that `check` shows."""
    began = time.monotonic()
    try:
        return Diagnosis("yes", compared(mine, expected, hint, wrong or {}, rtol, cases))
    except Unfinished as what:
        return Diagnosis("open", f"Not filled in yet: {what}, then run this cell again.")
    except Advice as advice:
        return Diagnosis("no", str(advice), advice.mistake)
    except KeyboardInterrupt as stop:
        advice = stopped(stop, mine, time.monotonic() - began)
        return Diagnosis("no", str(advice), advice.mistake)
    except BaseException as error:  # noqa: BLE001  a fault of ours must not stop a learner's page
        what = f"{type(error).__name__}: {first_sentence(error)}".rstrip(": ")
        return Diagnosis(
            "open",
            f"The check itself stopped ({what}), so it can't say whether your answer is right. "
            f"Is your {type(mine).__name__} made of plain numbers, arrays and functions?",
        )


def compared(mine, expected, hint, wrong, rtol, cases):
    """Say in what the answer agrees with the expected one; raise Advice where it does not."""
    if mine is None or mine is ...:
        raise Unfinished("put your answer in place of `...`")
    if not callable(expected):
        return compare_values(mine, expected, hint, wrong, rtol)
    if cases:
        with np.errstate(all="ignore"):
            return compare_functions(mine, expected, cases, hint, wrong, rtol)
    compare = compare_schedules if is_schedule(expected) else compare_steps
    with np.errstate(all="ignore"):  # wrong steps leave for infinity
        return compare(mine, expected, hint)
