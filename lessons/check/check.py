"""Check an answer: a step, a schedule or a value beside the one that is expected."""

import time

import numpy as np
from IPython.display import display

from lessons.check.compare import compare_steps
from lessons.check.compare_schedules import compare_schedules, is_schedule
from lessons.check.display import Shown
from lessons.check.sandbox import Advice, Unfinished, stopped
from lessons.check.values import compare_values


class Diagnosis(Shown):
    """What was found: ok (bool), message (text), and mistake: its name, None where it has none."""

    def __init__(self, kind, message, mistake=None):
        super().__init__(kind, message)
        self.mistake = mistake

    ok = property(lambda self: self.kind == "yes")
    message = property(lambda self: self.text)

    def __bool__(self):
        return self.ok


def check(mine, expected, hint="", wrong=None, rtol=1e-3):
    """Show a card that says one of three things: not filled in yet; where it parts; or yes.

    mine, expected: two steps, which walk side by side; two schedules; or two numbers, arrays or
    texts. wrong: {value that people often find: what to say about it}. hint: one sentence, said
    of any other miss.
    rtol: the share by which a number may be off; three digits are enough unless told otherwise.
    """
    display(diagnose(mine, expected, hint, wrong, rtol))


def diagnose(mine, expected, hint="", wrong=None, rtol=1e-3):
    """What `check` shows, as a Diagnosis."""
    began = time.monotonic()
    try:
        if mine is None or mine is ...:
            raise Unfinished("put your answer in place of `...`")
        if not callable(expected):
            return Diagnosis("yes", compare_values(mine, expected, hint, wrong or {}, rtol))
        compare = compare_schedules if is_schedule(expected) else compare_steps
        with np.errstate(all="ignore"):  # wrong steps leave for infinity
            return Diagnosis("yes", compare(mine, expected, hint))
    except Unfinished as what:
        return Diagnosis("open", f"Not filled in yet: {what}, then run this cell again.")
    except Advice as advice:
        return Diagnosis("no", str(advice), advice.mistake)
    except KeyboardInterrupt as stop:
        advice = stopped(stop, mine, time.monotonic() - began)
        return Diagnosis("no", str(advice), advice.mistake)
