"""Let two processes call each other's functions, so that no code has to cross, only plain values.

The grader must not run a student's code in the process that decides: a function in there could
change the checker. So an answer stays in the student's process. What crosses are lines of JSON with
numbers, texts, arrays and containers of them; a function or any other object crosses as a number,
by which the other side can have it called or hand it back.
"""

import base64
import builtins
import dataclasses
import inspect
import json
import linecache
import signal
from contextlib import contextmanager
from itertools import count

import numpy as np

from lessons import signature
from lessons.check.formatting import text_of
from lessons.check.sandbox import Advice, Unfinished, explained
from lessons.surfaces import Surface

LONGEST = 64 * 2**20  # bytes of one message
KINDS = "biufcSU"  # of arrays: numbers and texts, nothing that holds objects
PLAIN = (tuple, list, dict, set, frozenset, str, int, float)
KNOBS = {"Float64": signature.Float64, "Float32": signature.Float32}
sources = count()


class Gone(BaseException):
    """The other process has ended, or sends what no honest one would."""


class TimeUp(KeyboardInterrupt):
    """The time of a cell or of an answer is over; `except Exception` does not catch it."""


class Remote(Exception):
    """An error in the other process; `advice`: what the checker says about it, if it came along."""

    advice = None


class Opaque:
    """An object of the other process that is no plain value; `number` is its name there."""

    def __init__(self, number, text):
        self.number, self.text = number, text

    def __repr__(self):
        return self.text


class Peer:
    """This process's end of a connection: two binary streams, and what the other end may call.

    is_grader: whether the other end is a student's process. seconds: what each call over there
    may take of a processor, where it has a timer for that.
    """

    def __init__(self, reads, writes, is_grader=False, seconds=None):
        self.reads, self.writes, self.is_grader = reads, writes, is_grader
        self.seconds, self.gone = seconds, False
        self.forget()

    def forget(self):
        """Take back every number that was given to the other side."""
        self.shared, self.numbers = [], {}

    def share(self, thing):
        """Return the number by which the other side names a function or an object of this side."""
        if id(thing) not in self.numbers:
            self.numbers[id(thing)] = len(self.shared)
            self.shared.append(thing)
        return self.numbers[id(thing)]

    def send(self, message):
        """Send one message; ValueError where it is too long."""
        text = json.dumps(message).encode()
        if len(text) > LONGEST:
            raise ValueError(f"it is {len(text) / 1e6:.0f} MB; {LONGEST / 1e6:.0f} are allowed")
        try:
            self.writes.write(text + b"\n")
            self.writes.flush()
        except OSError:
            self.leave()

    def receive(self):
        """Wait for the next message, a dict."""
        try:
            line = self.reads.readline(LONGEST + 2)
            message = json.loads(line)
        except (OSError, ValueError, RecursionError):
            self.leave()
        return message if isinstance(message, dict) else self.leave()

    def leave(self):
        self.gone = True
        raise Gone from None

    def call(self, number, arguments=(), knobs=None):
        """Have the other side call its function with this number; answer its calls meanwhile.

        Where the function changed a list or an array that it was given, so is ours changed.
        """
        asked = {"call": number, "with": self.packed(tuple(arguments)),
                 "knobs": self.packed(knobs or {}), "within": self.seconds}
        try:
            self.send(asked)
            message = self.receive()
            while "call" in message:
                self.answer(message)
                message = self.receive()
        except TimeUp:  # our own time is over, and the other side may still be at work
            self.gone = True
            raise
        if "stopped" in message:
            raise TimeUp
        if isinstance(message.get("error"), dict):
            raise self.error(message["error"])
        try:
            for place, new in message.get("changed", {}).items():
                refill(arguments[int(place)], self.unpacked(new))
            return self.unpacked(message["value"])
        except Exception:  # noqa: BLE001  whatever is wrong with what was sent
            self.leave()

    def serve(self):
        """Answer calls until the other side is gone."""
        try:
            while True:
                self.answer(self.receive())
        except Gone:
            return

    def answer(self, message):
        """Call a function of ours as a message asks, and send what it returns or raises."""
        function = None
        try:
            function, arguments = self.shared[message["call"]], self.unpacked(message["with"])
            before = [self.contents(value) for value in arguments]
            with time_limit(message["within"]), np.errstate(all="ignore"):  # as the checker has it
                value = function(*arguments, **self.unpacked(message["knobs"]))
            changed = {place: self.packed(value) for place, value in enumerate(arguments)
                       if self.contents(value) != before[place]}
            self.send({"value": self.packed(as_plain(value)), "changed": changed})
        except Gone:
            raise
        except TimeUp:
            self.send({"stopped": True})
        except BaseException as error:  # noqa: BLE001  a student's function raises what it likes
            self.send({"error": self.told(error, function)})

    def contents(self, value):
        """What an array or a list holds, to see whether a student's function changes it."""
        if self.is_grader or not isinstance(value, (np.ndarray, list, dict, set)):
            return None
        return value.tobytes() if isinstance(value, np.ndarray) else json.dumps(self.packed(value))

    def told(self, error, function):
        """An error as plain values: with advice where it comes from a student's function."""
        told = {"kind": type(error).__name__, "text": text_of(error, str)[:2000]}
        if not self.is_grader:
            advice = explained(error, function)
            told |= {"advice": str(advice)[:2000], "mistake": advice.mistake,
                     "unfinished": isinstance(advice, Unfinished)}
        return told

    def error(self, told):
        """The error that another process told of, of the built-in kind that it was, if any."""
        kind, text = str(told.get("kind")), str(told.get("text"))
        known = getattr(np.linalg, kind, getattr(builtins, kind, Remote))
        known = known if inspect.isclass(known) and issubclass(known, Exception) else Remote
        try:
            error = type(kind, tuple({Remote: 0, known: 0}), {})(text)
        except TypeError:  # a kind of error that is not made from one text
            error = Remote(text)
        if "advice" in told:
            kind = Unfinished if told.get("unfinished") else Advice
            mistake = told.get("mistake")
            error.advice = kind(str(told["advice"]), mistake and str(mistake))
        return error

    def packed(self, value):
        """A value as what JSON holds: plain ones with a tag, others by their number."""
        kind = type(value)
        if value is None or kind in (bool, int, float, str):
            return value
        if kind is list:
            return [self.packed(item) for item in value]
        if kind in (tuple, set, frozenset):
            return {kind.__name__: [self.packed(item) for item in value]}
        if kind is dict:
            return {"dict": [[self.packed(k), self.packed(v)] for k, v in value.items()]}
        if kind is complex:
            return {"complex": [value.real, value.imag]}
        if value is ...:
            return {"...": None}
        if kind in KNOBS.values():
            return {"knob": [kind.__name__, float(value)]}
        if hasattr(kind, "__array__"):
            array = np.asarray(value)
            if array.dtype.kind in KINDS:
                data = base64.b64encode(np.ascontiguousarray(array).tobytes()).decode()
                name = "number" if isinstance(value, np.generic) else "array"
                return {name: [array.dtype.str, list(array.shape), data]}
        if isinstance(value, Opaque):
            return {"yours": value.number}
        if inspect.isfunction(value) and hasattr(value, "number_there"):
            return {"yours": value.number_there}
        if isinstance(value, Surface):
            fields = [field.name for field in dataclasses.fields(Surface)]
            return {"surface": {name: self.packed(getattr(value, name)) for name in fields}}
        told = {"number": self.share(value)}
        if not callable(value):
            return {"thing": told | {"kind": kind.__name__, "text": text_of(value)[:200]}}
        return {"function": told | ({} if self.is_grader else self.described(value))}

    def unpacked(self, packed):
        """The value that was packed on the other side."""
        if isinstance(packed, list):
            return [self.unpacked(item) for item in packed]
        if not isinstance(packed, dict):
            return packed
        [(tag, held)] = packed.items()
        if tag in ("tuple", "set", "frozenset"):
            return getattr(builtins, tag)(self.unpacked(item) for item in held)
        if tag == "dict":
            return {self.unpacked(k): self.unpacked(v) for k, v in held}
        if tag == "complex":
            return complex(*held)
        if tag == "...":
            return ...
        if tag == "knob":
            return KNOBS[held[0]](held[1])
        if tag in ("array", "number"):
            kind = np.dtype(held[0])
            if kind.kind not in KINDS:
                raise ValueError(f"an array of {kind}")
            array = np.frombuffer(base64.b64decode(held[2]), kind).reshape(held[1])
            return array.copy() if tag == "array" else array[()]
        if tag == "yours":
            return self.shared[held]
        if tag == "surface":
            return Surface(**{name: self.unpacked(value) for name, value in held.items()})
        if tag == "function":
            return self.stand_in(held)
        return type(str(held["kind"]), (Opaque,), {})(int(held["number"]), str(held["text"]))

    def described(self, function):
        """What the checker wants to know of a function before it calls it, as plain values."""
        told = {"name": signature.name_of(function), "is_class": inspect.isclass(function),
                "wraps": inspect.isfunction(function) and hasattr(function, "__wrapped__")}
        try:
            parameters = inspect.signature(function).parameters.values()
            told["signature"] = [
                [p.name, int(p.kind), *([] if p.default is p.empty else [self.packed(p.default)])]
                for p in parameters]
            told["source"] = inspect.getsource(function)[:100_000]
        except (OSError, TypeError, ValueError, SyntaxError):  # nothing to read
            pass
        return told

    def stand_in(self, told):
        """A function that has the other side's function called, with its name and signature.

        It shows the other's source too, because the checker looks whether `...` is left in there.
        """
        number = int(told["number"])

        def forward(*arguments, **knobs):
            return self.call(number, arguments, knobs)

        if told.get("is_class"):
            return type(str(told["name"]), (), {})
        if "source" in told:
            file = f"<answer {next(sources)}>"
            lines = str(told["source"]).splitlines(keepends=True)
            linecache.cache[file] = (len(lines), None, lines, file)
            forward.__code__ = forward.__code__.replace(co_filename=file, co_firstlineno=1)
        if "name" in told:
            forward.__name__ = forward.__qualname__ = str(told["name"])
        if "signature" in told:
            forward.__signature__ = inspect.Signature([
                inspect.Parameter(name, kind, default=self.unpacked(default[0]) if default else
                                  inspect.Parameter.empty)
                for name, kind, *default in told["signature"]])
        if told.get("wraps"):
            forward.__wrapped__ = type(forward)(
                forward.__code__, {}, forward.__name__, None, forward.__closure__)
        forward.number_there = number
        return forward


def as_plain(value):
    """A value of a class that extends tuple, dict, int, ... as that; any other as it is."""
    if isinstance(value, (bool, np.generic)):
        return value
    return next((kind(value) for kind in PLAIN if isinstance(value, kind)), value)


def refill(old, new):
    """Give an array, a list, a dict or a set the contents that it has on the other side."""
    if isinstance(old, np.ndarray) and np.shape(old) == np.shape(new):
        old[...] = new
    elif isinstance(old, list):
        old[:] = new
    elif isinstance(old, (dict, set)):
        old.clear()
        old.update(new)


@contextmanager
def time_limit(seconds):
    """Raise TimeUp in this block after so many seconds of a processor, then each second again."""
    if seconds is None or not hasattr(signal, "setitimer"):  # Windows: only the whole run's limit
        yield
        return

    def ring(*_):
        raise TimeUp

    before = signal.signal(signal.SIGPROF, ring)
    signal.setitimer(signal.ITIMER_PROF, seconds, 1.0)
    try:
        yield
    finally:
        signal.setitimer(signal.ITIMER_PROF, 0)
        signal.signal(signal.SIGPROF, before)
