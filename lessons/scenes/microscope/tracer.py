"""Run a step and keep the values that its names held after each line. Nothing here draws."""
import ast
import functools
import sys
from copy import deepcopy
from dataclasses import dataclass, field
from typing import NamedTuple

import numpy as np

from lessons.descend import descend
from lessons.scenes.microscope.source import function_of, script
from lessons.signature import name_of, signature_of


@dataclass
class Update:
    """One call of a step. before: name -> argument. visits: place of a line -> Visit."""

    before: dict
    visits: dict = field(default_factory=dict)


@dataclass
class Visit:
    """The last time that a line ran in one update.

    used: name -> value that the line read. held: name -> value after the line; for `return`, all
    that was returned. round: how often the line ran. said: a note in place of the values.
    """

    used: dict
    held: dict = field(default_factory=dict)
    round: int = 1
    said: str = ""


class Watch:
    """A step that keeps an Update of each call. page: what source.script returns for the step.

    most: lines and calls of Python functions, of all updates together, after which a run is taken
    to be endless; the line at hand then raises RecursionError.
    """

    def __init__(self, step, page, most=np.inf):
        self.lines, self.owner = page
        self.step, self.code = step, function_of(step).__code__
        self.names = ["theta", *signature_of(step)[0]]
        self.updates, self.at, self.stuck, self.frame = [], None, None, None
        self.count, self.most = 0, most

    def __call__(self, surface, *values, **knobs):
        before = sys.gettrace()
        self.updates.append(Update({n: copied(v) for n, v in zip(self.names, values)}))
        self.at = self.frame = None
        sys.settrace(self._called)      # of this thread only
        try:
            return self.step(surface, *values, **knobs)
        finally:
            sys.settrace(before)

    def _called(self, frame, event, arg):
        self._tire()
        if frame.f_code is self.code and self.frame is None:
            self.frame = frame
            return self._traced

    def _traced(self, frame, event, arg):
        if frame is self.frame:
            if event == "line":
                self._tire()
                number = frame.f_lineno - self.code.co_firstlineno + 1
                self._leave(frame.f_locals, self.owner.get(number))
                self._enter(frame.f_locals, self.owner.get(number))
            elif event == "exception":      # the line did not end
                self.stuck, self.at = self.at, None
            elif event == "return":
                self._leave(frame.f_locals, None, arg)
                self.frame = None
        return self._traced

    def _tire(self):
        self.count += 1
        if self.count > self.most:
            raise RecursionError(f"no end after {self.most} lines")

    def _enter(self, known, here):
        self.at = here
        if here is None:
            return
        line, visits = self.lines[here], self.updates[-1].visits
        past = visits.get(here)
        visits[here] = Visit({name: copied(known[name]) for name in line.reads & set(known)},
                             round=past.round + 1 if past else 1)

    def _leave(self, known, to, result=None):
        if self.at is None:
            return
        line, visit = self.lines[self.at], self.updates[-1].visits[self.at]
        if isinstance(line.parts[-1] if line.parts else None, ast.Return) and result is not None:
            result = result if isinstance(result, tuple) else (result,)
            visit.held = {name: copied(value) for name, value in zip(self.names, result)}
        else:
            visit.held = {name: copied(known[name]) for name in line.names if name in known}
        if line.parts and isinstance(line.parts[-1], (ast.If, ast.While)) and to is not None:
            visit.said = "yes" if to == self.at + 1 else "no"
        elif line.parts and isinstance(line.parts[-1], ast.For):
            again = to == self.at + 1
            visit.said = f"round {visit.round}" if again else f"done after {visit.round - 1}"


def follow(surface, step, start, steps, page=None, most=np.inf, /, **knobs):
    """(lines, updates, run, problem): descend's run of a step, and an Update for each call.

    Where the step raised, run is None, problem is the error in words, and the last update ends at
    the line that raised. An error before the first line is raised again.
    page: the step's script, where it is known. most: as in Watch.
    """
    watch = Watch(step, page or script(step), most)

    @functools.wraps(step)
    def watched(surface, *values, **turned):
        return watch(surface, *values, **turned)

    watched.__name__ = name_of(step)        # a partial has none
    try:
        run, problem = descend(surface, watched, start, steps, **knobs), ""
    except Exception as error:      # a learner's function: anything may happen
        if not watch.updates:
            raise
        written = not isinstance(error, NotImplementedError)
        run, problem = None, f"{type(error).__name__}: {error}" if written else "not written yet"
        if watch.stuck in watch.updates[-1].visits:
            watch.updates[-1].visits[watch.stuck].said = problem
    return watch.lines, watch.updates, run, problem


class Tick(NamedTuple):
    """A moment of the walk: the line that has just run, and the values of all names.

    line: its place in the page, None at the start. now, before: name -> value after this line, and
    before the first line of this update.
    """

    update: int
    line: int | None
    now: dict
    before: dict


def ticking(updates):
    """A Tick of the start, then a Tick for each line that an update reached, in the page's order.

    A line in a loop has one Tick, with the values of its last round.
    """
    reached = sorted(set().union(*(update.visits for update in updates)))
    now = updates[0].before
    ticks = [Tick(0, None, now, now)]
    for u, update in enumerate(updates):
        before = now
        for line in reached:
            if line in update.visits:
                now = now | update.visits[line].held
            ticks.append(Tick(u, line, now, before))
    return ticks


def copied(value):
    """A copy of a value, which later lines cannot change; a value that has no copy as it is."""
    if isinstance(value, np.ndarray):
        return value.copy()
    try:
        return deepcopy(value)
    except Exception:       # a generator, an open file: nothing that a line would show
        return value
