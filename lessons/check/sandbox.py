"""Call a function that a learner is still writing, and say in words what stops it."""

import ast
import functools
import inspect
import math
import re
import textwrap
import traceback
from copy import copy, deepcopy

import numpy as np

from lessons.check.formatting import code, text_of
from lessons.signature import name_of, signature_of

# what an error's text contains -> what is usually behind it
USUAL_CAUSES = {
    "UnboundLocalError": "Where does it begin: is it state, with a first value in the signature?",
    "RecursionError": "Does it call itself?",
    "SystemExit": "It has to return what it took, not to end the program.",
    "ZeroDivisionError": "Is a count still 0 there?",
    "truth value of an array": "theta holds several points at once: np.where decides for each.",
    "NoneType": "A state that begins as None has to be filled before it is used.",
    "Singular matrix": "Is it the right matrix, and damped where it should be?",
    "mismatch in its core dimension": "Does each point's vector need an axis more there?",
}


class Advice(Exception):
    """A message to a learner whose answer is not right; `mistake`: its name, if it has one."""

    def __init__(self, message, mistake=None):
        super().__init__(message)
        self.mistake = mistake


class Unfinished(Advice):
    """A message that names what the learner has still to fill in."""


def check_signature(mine, reference):
    """Raise Advice unless `mine` can be called as the reference is."""
    name, wanted = code(name_of(mine)), signature_of(reference)[1]
    if inspect.isclass(mine):
        raise Advice(f"{name} is a class. A step is a function: def my_step(surface, theta, ...).")
    try:
        parameters = list(inspect.signature(mine).parameters.values())
    except (TypeError, ValueError):  # a built-in function
        raise Advice(
            f"{name} has no signature to read. A step is a function of your own: "
            f"def my_step(surface, theta, ...)."
        ) from None
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
    for kept, first in state.items():
        try:
            deepcopy(first)
        except Exception:  # noqa: BLE001  whatever its own copying raises
            raise Advice(
                f"The first value of {code(kept)} can't be copied, and every walk begins with a "
                f"copy of its own. None may stand there until the first step fills it."
            ) from None
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
        before, kept = copies(values)
        try:
            result = step(surface, *values, **knobs)
        except (Exception, KeyboardInterrupt):
            raise
        except BaseException as error:  # SystemExit and the like would end the kernel
            raise explained(error, step) from None
        for name, was, now in zip(names, before, kept):
            if not alike(was, now, unsure=True):
                raise Advice(
                    f"It changes {code(name)} in place, so that whoever kept the old one, a "
                    f"recorded path or a rival at the same start, now holds the new numbers. "
                    f"Make a new one.",
                    "mutated arguments",
                )
        check_result(result, names, values[0])
        return result

    return watched


def copies(values):
    """(deep copies, what `descend` would keep of them): an object may rebind what it holds."""
    try:
        plain = (np.ndarray, list)
        return deepcopy(values), [v if isinstance(v, plain) else copy(v) for v in values]
    except Exception:  # noqa: BLE001  a state that can't be copied can't be watched
        return (), ()


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
    except Exception:  # noqa: BLE001  an object may raise whatever it likes there
        raise Advice(
            f"It returns a {type(returned[0]).__name__} in place of theta. An array of "
            f"shape {theta.shape} went in.",
            "wrong type",
        ) from None
    behind = [value.shape for value in returned[1:] if isinstance(value, np.ndarray)]
    if isinstance(returned[0], int) and theta.shape in behind:
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


def alike(a, b, unsure=False):
    """Whether two values of a state hold the same; `unsure` where that can't be told."""
    try:
        if same_bytes(a, b):
            return True
        parts = [held(value) for value in (a, b)]
        if None not in parts:
            return len(parts[0]) == len(parts[1]) and all(
                alike(*both, unsure) for both in zip(*parts)
            )
        if parts != [None, None]:
            return False
        both = [np.asarray(value) for value in (a, b)]
        if any(value.dtype == object for value in both):
            return True if a is b or a == b else unsure and type(a) is type(b)
        numbers = all(value.dtype.kind in "biuf" for value in both)
        return np.array_equal(*both, equal_nan=numbers)
    except Exception:  # noqa: BLE001  an object may raise whatever it likes there
        return unsure


def same_bytes(a, b):
    """Whether two arrays or numbers are equal at a glance, as they are in most comparisons."""
    if type(a) is np.ndarray and type(b) is np.ndarray:
        return a.dtype == b.dtype != object and a.shape == b.shape and a.tobytes() == b.tobytes()
    return type(a) is type(b) and type(a) in (int, float) and a == b


def held(value):
    """A list of what a list, a dict or an object holds; None of a number, an array or a text."""
    if isinstance(value, (list, tuple)):
        return value
    if isinstance(value, dict):
        return [part for item in value.items() for part in item]
    if hasattr(type(value), "__array__") or inspect.isroutine(value):
        return None
    slots = [name for kind in type(value).__mro__ for name in getattr(kind, "__slots__", ())]
    found = {name: getattr(value, name, None) for name in slots} | getattr(value, "__dict__", {})
    return held(found) if found else None


def explained(error, mine):
    """What went wrong as Advice: with the learner's own line where the error passed through it."""
    if isinstance(error, Advice):
        return error
    if isinstance(getattr(error, "advice", None), Advice):  # said where the function runs
        return error.advice
    if isinstance(error, NotImplementedError):
        return Unfinished(f"write the body of {code(name_of(mine))}")
    text = f"{type(error).__name__}: {first_sentence(error)}".rstrip(": ")
    line = own_line(error, mine)
    if not line:  # descend's own advice, or a function without lines
        own = isinstance(error, (TypeError, ValueError)) and first_sentence(error)
        return Advice(f"{own or f'It stops: {text}'}.")
    missing = error.name if type(error) is NameError else None
    if missing in ("np", "math") or isinstance(missing, str) and hasattr(math, missing):
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
    own = code_of(mine)
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if own and (frame.filename, frame.name) == (own.co_filename, own.co_name)
    ]
    if not lines:
        return ""
    text = f", {code(lines[-1].line)}" if lines[-1].line else ""  # typed where no file keeps it
    return f"line {lines[-1].lineno - own.co_firstlineno + 1}{text}"


def code_of(function):
    """The code of a function, of a partial's function or of an object's __call__, if any."""
    function = getattr(function, "func", function)
    try:
        function = inspect.unwrap(function)
    except ValueError:  # it wraps itself
        return None
    call = getattr(type(function), "__call__", None)  # noqa: B004  not whether, but what
    return getattr(function, "__code__", getattr(call, "__code__", None))


def first_sentence(error):
    return re.split(r"(?<=[.?!])\s", text_of(error, str))[0].rstrip(".")


def unfinished(function):
    """Unfinished, with the first line that still holds a `...`; None where no line does."""
    try:
        source = textwrap.dedent(inspect.getsource(function))
        parts = list(ast.walk(ast.parse(source)))
    except Exception:  # noqa: BLE001  the source is out of reach
        return None
    indices = {part for sub in parts if isinstance(sub, ast.Subscript) for part in ast.walk(sub)}
    for part in parts:
        if isinstance(part, ast.Constant) and part.value is ... and part not in indices:
            line = source.splitlines()[part.lineno - 1].split("#")[0].strip()
            return Unfinished(f"there is still {code(line)}")
    return None
