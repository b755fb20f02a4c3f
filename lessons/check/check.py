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
from lessons.signature import name_of

RECORD = "application/vnd.lessons.check+json"  # in an output's metadata: what the card says


@dataclass(repr=False)
class Diagnosis(Shown):
    """What `check` found: kind and text of its card, and the mistake's name if it has one.

    exercise: its name where it is known, such as "momentum.1", or that of the expected function.
    """

    mistake: str | None = None
    exercise: str = ""

    @property
    def ok(self):
        return self.kind == "yes"

    @property
    def message(self):
        return self.text

    def __bool__(self):
        return self.ok

    def _repr_mimebundle_(self, **kwargs):
        """Nothing to show beside the card; in the metadata, the card for programs to read."""
        return {}, {RECORD: {"exercise": self.exercise, "passed": self.ok, "message": self.text,
                             "mistake": self.mistake}}


def check(mine, expected, hint="", wrong=None, rtol=1e-3, cases=None, exercise=""):
    """Show a card that says one of three things: not filled in yet; where it parts; or yes.

    mine, expected: two steps, which walk side by side; two schedules; two numbers, arrays or
    texts; or, with `cases`, a list of tuples of arguments, any two functions. wrong: {value, or
    function, that people often find: what to say about it}. hint: one sentence, said of any other
    miss.
    rtol: the share by which a number may be off; three digits are enough unless told otherwise.
    exercise: its name, which is saved with the card, for programs that read notebooks.
    Never raises: whatever `mine` does is answered with a card.
    """
    display(diagnose(mine, expected, hint, wrong, rtol, cases, exercise))


def diagnose(mine, expected, hint="", wrong=None, rtol=1e-3, cases=None, exercise=""):
    """Return the Diagnosis that `check` shows."""
    found = judged(mine, expected, hint, wrong, rtol, cases)
    found.exercise = exercise or (name_of(expected) if callable(expected) else "")
    return found


def judged(mine, expected, hint, wrong, rtol, cases):
    """The Diagnosis of an answer, whatever the answer does."""
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
