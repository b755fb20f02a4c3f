"""A function that somebody is still writing: call it safely, and say what stops it."""

import ast
import functools
import inspect
import textwrap
import traceback
from copy import deepcopy

import numpy as np

from lessons.check.words import code
from lessons.arguments import name_of, signature_of

# what an error's text contains -> what is usually behind it
USUAL_CAUSES = {
    "ZeroDivisionError": "Is a count still 0 there?",
    "truth value of an array": "theta holds several points at once: np.where decides for each.",
    "NoneType": "A state that begins as None has to be filled before it is used.",
}


class Advice(Exception):
    """What to tell the learner, who is not there yet."""


class Unfinished(Advice):
    """What is still to be filled in."""


def names_of(step):
    """What a step takes after the surface, and so returns: theta and its state."""
    return ["theta", *signature_of(step)[0]]


def check_signature(mine, reference):
    """Raise Advice unless `mine` can be called as the reference is."""
    state, knobs = signature_of(mine)
    name, wanted = name_of(mine), signature_of(reference)[1]
    for knob in wanted:
        if knob in state:
            raise Advice(
                f"{code(knob)} stands among the state of {code(name)}, which is handed on from "
                f"step to step. Put a star before the knobs: {code(f'*, {knob}={wanted[knob]}')}."
            )
    missing = [f"{knob}={usual}" for knob, usual in wanted.items() if knob not in knobs]
    if missing:
        raise Advice(
            f"{code(name)} has no knob {code(missing[0].split('=')[0])}. Write it out in the "
            f"signature, after the star: {code('*, ' + ', '.join(missing))}."
        )


def guarded(step):
    """The step, with advice where it returns too little or changes what it was given."""
    names = names_of(step)
    whole = code("return " + ", ".join(names))

    @functools.wraps(step)
    def watched(surface, *values, **knobs):
        before = deepcopy(values)
        result = step(surface, *values, **knobs)
        for name, was, now in zip(names, before, values):
            if isinstance(now, np.ndarray) and not np.array_equal(was, now, equal_nan=True):
                raise Advice(
                    f"It changes {code(name)} in place ({code('-=')}, {code('+=')} or "
                    f"{code('[...] =')}). Whoever kept the old array, a recorded path or a rival "
                    f"at the same start, now holds the new numbers. Make a new array: "
                    f"{code(f'{name} = {name} ...')}."
                )
        returned = result if isinstance(result, tuple) else (result,)
        if result is None or any(value is ... for value in returned):
            raise Advice(f"It returns nothing of use. End it with {whole}.")
        if len(returned) != len(names):
            raise Advice(
                f"It takes {len(names)} values after the surface and returns {len(returned)}. "
                f"What it took goes back, in that order: {whole}."
            )
        return result

    return watched


def explained(error, mine):
    """What went wrong as Advice: with the learner's own line where the error passed through it."""
    own = getattr(inspect.unwrap(mine), "__code__", None)
    lines = [
        frame
        for frame in traceback.extract_tb(error.__traceback__)
        if own and (frame.filename, frame.name) == (own.co_filename, own.co_name)
    ]
    if isinstance(error, Advice):
        return error
    if isinstance(error, NotImplementedError):
        return Unfinished(f"write the body of {code(name_of(mine))}")
    text = f"{type(error).__name__}: {error}"
    if not lines and isinstance(error, (TypeError, ValueError)):  # descend's own advice
        return Advice(str(error).rstrip(".") + ".")
    if not lines:
        return error
    number = lines[-1].lineno - own.co_firstlineno + 1
    cause = next((say for part, say in USUAL_CAUSES.items() if part in text), "")
    return Advice(f"It stops at line {number}, {code(lines[-1].line)}: {text}. {cause}".rstrip())


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
