"""A function that somebody is still writing: call it safely, and say what stops it."""

import ast
import functools
import inspect
import math
import re
import textwrap
import traceback
from copy import deepcopy

import numpy as np

from lessons.check.formatting import code
from lessons.signature import name_of, signature_of

# what an error's text contains -> what is usually behind it
USUAL_CAUSES = {
    "ZeroDivisionError": "Is a count still 0 there?",
    "truth value of an array": "theta holds several points at once: np.where decides for each.",
    "NoneType": "A state that begins as None has to be filled before it is used.",
    "Singular matrix": "Is it the right matrix, and damped where it should be?",
    "mismatch in its core dimension": "Does each point's vector need an axis more there?",
}


class Advice(Exception):
    """What to tell the learner, who is not there yet; `mistake`: its name, if it has one."""

    def __init__(self, message, mistake=None):
        super().__init__(message)
        self.mistake = mistake


class Unfinished(Advice):
    """What is still to be filled in."""


def check_signature(mine, reference):
    """Raise Advice unless `mine` can be called as the reference is."""
    name, wanted = code(name_of(mine)), signature_of(reference)[1]
    parameters = list(inspect.signature(mine).parameters.values())
    if len(parameters) < 2:
        raise Advice(f"{name} takes too little. First come the surface and theta, then its state.")
    for p in parameters[2:]:
        if p.default is p.empty and p.kind is p.POSITIONAL_OR_KEYWORD:
            raise Advice(
                f"{code(p.name)} has no first value. State gets one in the signature, and a knob "
                f"stands after a star.",
                "no first value",
            )
        if p.default is p.empty and p.kind is p.KEYWORD_ONLY and p.name not in wanted:
            raise Advice(f"The knob {code(p.name)} has no usual value; give it one.")
    state, knobs = signature_of(mine)
    for knob in wanted:
        if knob in state:
            raise Advice(
                f"{code(knob)} stands among the state of {name}, which is handed on from step to "
                f"step. Put a star before the first knob.",
                "no star before the knobs",
            )
    missing = [code(knob) for knob in wanted if knob not in knobs]
    if missing:
        raise Advice(
            f"{name} has no knob {' and no knob '.join(missing)}. A knob stands in the signature "
            f"after the star, with its usual value.",
            "knob missing",
        )


def guarded(step):
    """The step, with advice where it returns too little or changes what it was given."""
    names = ["theta", *signature_of(step)[0]]

    @functools.wraps(step)
    def watched(surface, *values, **knobs):
        before = deepcopy(values)
        result = step(surface, *values, **knobs)
        for name, was, now in zip(names, before, values):
            if not alike(was, now):
                raise Advice(
                    f"It changes {code(name)} in place, so that whoever kept the old one, a "
                    f"recorded path or a rival at the same start, now holds the new numbers. "
                    f"Make a new one.",
                    "mutated arguments",
                )
        check_result(result, names, values[0])
        return result

    return watched


def check_result(result, names, theta):
    """Raise Advice unless a step returned what it took, theta in its old shape."""
    if isinstance(result, list) and len(result) == len(names) > 1:
        raise Advice(
            "It returns a list; a tuple is wanted, so without brackets: theta first, then its "
            "state.",
            "wrong type",
        )
    returned = result if isinstance(result, tuple) else (result,)
    if result is None or any(value is ... for value in returned):
        raise Advice(
            "It returns nothing of use. Does its last line return what it took?", "returns nothing"
        )
    if len(returned) != len(names):
        raise Advice(
            f"It takes {len(names)} values after the surface and returns {len(returned)}. "
            "All that it took goes back, in that order.",
            "wrong number of values",
        )
    try:
        shape = np.shape(np.array(returned[0], float))
    except (TypeError, ValueError):
        raise Advice(
            f"It returns a {type(returned[0]).__name__} in place of theta. An array of "
            f"shape {theta.shape} went in.",
            "wrong type",
        ) from None
    if isinstance(returned[0], int) and theta.shape in map(np.shape, returned[1:]):
        raise Advice(
            "What it returns first is a count, not theta. Does what it returns stand in "
            "the order in which it came?",
            "swapped returns",
        )
    if shape != theta.shape:
        raise Advice(
            f"It returns theta of shape {shape}. It went in with shape {theta.shape}.",
            "wrong shape",
        )


def alike(a, b):
    """Whether two values of a state are the same: numbers, arrays, None, or lists of them."""
    if isinstance(a, (list, tuple, dict)) or isinstance(b, (list, tuple, dict)):
        a, b = ([*v.items()] if isinstance(v, dict) else v for v in (a, b))
        lists = isinstance(a, (list, tuple)) and isinstance(b, (list, tuple))
        return lists and len(a) == len(b) and all(map(alike, a, b))
    numbers = all(np.asarray(value).dtype.kind in "biuf" for value in (a, b))
    return np.array_equal(a, b, equal_nan=numbers)


def explained(error, mine):
    """What went wrong as Advice: with the learner's own line where the error passed through it."""
    if isinstance(error, Advice):
        return error
    if isinstance(error, NotImplementedError):
        return Unfinished(f"write the body of {code(name_of(mine))}")
    text = f"{type(error).__name__}: {first_sentence(error)}"
    line = own_line(error, mine)
    if not line:  # descend's own advice, or a function without lines
        own = isinstance(error, (TypeError, ValueError))
        return Advice(f"{first_sentence(error) if own else text}.")
    if isinstance(error, NameError) and (error.name in ("np", "math") or hasattr(math, error.name)):
        return Advice(f"It stops at {line}: {text}. Is the import missing?", "import missing")
    cause = next((say for part, say in USUAL_CAUSES.items() if part in text), "")
    return Advice(f"It stops at {line}: {text}. {cause}".rstrip())


def stopped(interrupt, mine, seconds):
    """What to say once the stop button has ended a step that did not end by itself."""
    line = own_line(interrupt, mine)
    where = f", at {line}" if line else ""
    return Advice(
        f"Stopped: it still ran after {seconds:.0f} s{where}. Does a loop there never end?",
        "never ends",
    )


def own_line(error, mine):
    """The learner's line that an error passed through, as "line 3, `...`"; "" where none is."""
    own = getattr(inspect.unwrap(mine), "__code__", None) if callable(mine) else None
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if own and (frame.filename, frame.name) == (own.co_filename, own.co_name)
    ]
    if not lines:
        return ""
    text = f", {code(lines[-1].line)}" if lines[-1].line else ""  # typed where no file keeps it
    return f"line {lines[-1].lineno - own.co_firstlineno + 1}{text}"


def first_sentence(error):
    return re.split(r"(?<=[.?!])\s", str(error))[0].rstrip(".")


def unfinished(function):
    """Unfinished, with the first line that still holds a `...`; None where no line does."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        parts = list(ast.walk(ast.parse(source)))
    except (OSError, TypeError, SyntaxError):  # the source is out of reach
        return None
    indices = {part for sub in parts if isinstance(sub, ast.Subscript) for part in ast.walk(sub)}
    for part in parts:
        if isinstance(part, ast.Constant) and part.value is ... and part not in indices:
            line = source.splitlines()[part.lineno - 1].split("#")[0].strip()
            return Unfinished(f"there is still {code(line)}")
    return None
