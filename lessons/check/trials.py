"""Trials: the walks on which a learner's step or schedule is compared with the reference."""

import functools
import inspect
from dataclasses import dataclass, replace
from functools import cached_property, lru_cache
from types import SimpleNamespace
from typing import Any, ClassVar

import numpy as np

from lessons.check.problems import FLAT, grounds
from lessons.descend import descend
from lessons.signature import signature_of
from lessons.surfaces import Surface

STEPS = 30
TOTALS = (20, 50)  # lengths of the runs on which schedules are compared
PAST = 10  # how many steps past the end of a run schedules are compared too
TOLERANCE = 1e-9  # in 30 steps other forms of a step part by 3e-15, known mistakes by 0.1
WINDOW = 5  # steps past a parting in which a walk is compared with a known mistake's
LENIENT = 1e4  # times the tolerance, beside a known mistake: roots of singular matrices are rough
NOTICED = {"eps": 1e-2, "scale": 5.0, "weight_decay": 0.3, "c1": 0.3}  # usually too small to show
SHAKE = 1e-13  # some hundred times what rounding does
AWAY = 1e6  # beyond, a walk that diverges multiplies its rounding too


@dataclass(frozen=True, eq=False)
class Trial:
    """A surface, a start and knobs, with the walk there of the function to compare with.

    turned: the knob that differs from its usual value; None where none does.
    ours: the reference's Trajectory, or that of a known mistake.
    tolerance: (STEPS + 1, points), how far the walk of another right form of it may be off.
    """

    surface: Surface
    start: np.ndarray
    knobs: dict
    turned: str | None = None
    ours: Any = None
    tolerance: Any = TOLERANCE
    window: ClassVar = WINDOW

    def walk(self, step, steps=STEPS):
        return descend(self.surface, step, start=self.start, steps=steps, **self.knobs)

    @lru_cache(maxsize=512)  # noqa: B019  for the learner's next try
    def by(self, step):
        """The same trial with another function to compare with."""
        ours, rough = self.walked(step), self.walk(shaken(step))
        rounding = gap(rough.theta, ours.theta).max(axis=(1, 2), keepdims=True)[..., 0]
        away = np.logical_or.accumulate((np.abs(ours.theta) > AWAY).any(axis=-1))
        tolerance = np.where(away, np.inf, np.maximum(TOLERANCE, 10 * rounding))
        return replace(self, ours=ours, tolerance=tolerance)

    @lru_cache(maxsize=512)  # noqa: B019
    def walked(self, step):
        return self.walk(step)

    @lru_cache(maxsize=512)  # noqa: B019
    def glance(self, step):
        """The first points of another function's walk: most known mistakes part at once."""
        return self.walk(step, 3).theta

    def moves(self, walk, step, point):
        return np.diff(walk.theta[:, point], axis=0)[step - 1]

    def where(self, step):
        place = f"step {step} on {self.surface.name}"
        return f"with {self.words()}, {place}" if self.turned else place

    def words(self):
        if self.turned == "lr":
            return "an lr that changes"
        also = " and an lr that changes" if callable(self.knobs.get("lr")) else ""
        return f"{self.turned} = {self.knobs[self.turned]:g}{also}"


@dataclass(frozen=True, eq=False)
class Run:
    """A run of `total` steps and some more, with the reference's values: a walk of one point."""

    total: int
    ours: Any = None
    tolerance: float = TOLERANCE
    turned: ClassVar = None
    window: ClassVar = np.inf  # the values of a schedule do not multiply their rounding

    def walk(self, schedule):
        values = [schedule(t, self.total) for t in range(1, self.total + PAST + 1)]
        theta = np.array([np.zeros(np.shape(values[0])), *values], float)  # none at t = 0
        return SimpleNamespace(theta=theta.reshape(len(theta), 1, -1), state={})

    def walked(self, schedule):
        return self.walk(schedule)

    def by(self, schedule):
        return replace(self, ours=self.walk(schedule))

    def glance(self, schedule):
        return self.walk(schedule).theta[:1]

    def moves(self, walk, t, point):
        return walk.theta[t, point]

    def where(self, t):
        return f"at t = {t} of {self.total}" + (", past the end," if t > self.total else "")


@dataclass(frozen=True, eq=False)
class Pair:
    """A trial and the learner's walk on it."""

    trial: Trial | Run
    mine: Any

    @property
    def ours(self):
        return self.trial.ours

    @cached_property
    def first(self):
        """(step, point) where the walks part; None where they do not."""
        apart = gap(self.mine.theta, self.ours.theta).max(axis=-1)
        step = int((apart > self.trial.tolerance).any(axis=-1).argmax())
        return (step, int(apart[step].argmax())) if step else None

    def moves(self):
        """The learner's move or value, and the right one, where the walks part."""
        return [self.trial.moves(walk, *self.first) for walk in (self.mine, self.ours)]

    def clear(self):
        """Whether the moves are numbers that differ in their first digits, and not tiny ones."""
        mine, ours = self.moves()
        return np.isfinite(mine).all() and gap(mine, ours, floor=1e-3).max() > 1e-3

    def walks_as(self, wrong):
        """Whether the learner walks as a known mistake does: to the end where the learner is right.

        Past a parting a walk may multiply its rounding, so that only the trial's `window` counts.
        """
        until = self.first[0] + self.trial.window if self.first else None
        try:
            start = self.trial.glance(wrong)
            if gap(self.mine.theta[: len(start)], start).max() > 1e-3:
                return False
            apart = gap(self.mine.theta, self.trial.walked(wrong).theta)
            if (apart[: until and min(until + 1, len(apart))] <= TOLERANCE).all():
                return True     # without the second walk that tells what rounding does
            known = self.trial.by(wrong)
            known = replace(known, tolerance=LENIENT * known.tolerance)
            first = Pair(known, self.mine).first
            return not first or until is not None and first[0] > until
        except Exception:  # noqa: BLE001  a mistake may stop here, and then it is not this one
            return False

    def proves(self):
        """Whether the walks part in numbers: on the way to nan or infinity all are alike."""
        mine, ours = self.mine.theta, self.ours.theta
        apart = gap(mine, ours) > np.max(self.trial.tolerance)
        return bool((np.abs(mine[apart]) < AWAY).any())


def trials(reference):
    """All trials, with the usual knobs, then with one turned at a time, which is then to blame.

    They are on all surfaces on which the reference walks and stays finite.
    """
    return _trials(reference) if not is_schedule(reference) else [
        Run(total).by(reference) for total in TOTALS
    ]


def is_schedule(function):
    """Whether a function is a schedule, so takes t and total."""
    try:
        return callable(function) and list(inspect.signature(function).parameters) == ["t", "total"]
    except (TypeError, ValueError):  # a built-in that has no signature
        return False


@lru_cache(maxsize=64)
def _trials(reference):
    usual = signature_of(reference)[1]
    vectors, models = grounds()
    plain = [found for surface in vectors for found in tried(reference, surface, usual)]
    if is_blockwise(reference) or not plain or plain[0].surface is not vectors[0]:
        plain += [found for surface in models for found in tried(reference, surface, usual)]
    if not plain:  # let it say what stops it
        Trial(vectors[0], start_on(vectors[0]), usual).walk(reference)
    turned = {name: other(name, value) for name, value in usual.items()}
    return plain + [
        found
        for name in usual
        for trial in plain
        for found in tried(reference, trial.surface, with_one(name, turned, usual), name)
    ]


def with_one(name, turned, usual):
    """The usual knobs with knob `name` turned; with a weight decay, which is usually 0, lr too."""
    both = [name, "lr"] if name == "weight_decay" and "lr" in usual else [name]
    return usual | {knob: turned[knob] for knob in both}


def is_blockwise(step):
    return inspect.unwrap(step) is not step


def tried(reference, surface, knobs, turned=None):
    """Yield the trial with the reference's walk, unless it fails there or leaves for infinity."""
    if knobs.get("damping") == 0 and not has_inverse(surface):
        return
    try:
        trial = Trial(surface, start_on(surface), knobs, turned).by(reference)
    except Exception:  # noqa: BLE001  it asks for what this surface does not have
        return
    if np.abs(trial.ours.theta).max() < AWAY:  # False for nan
        yield trial


def has_inverse(surface):
    """Whether the Hessian and the Fisher matrix can be inverted at the start. Where they can't, and
    nothing damps them, each right form of a rule has its own answer.
    """
    known = [matrix for matrix in (surface.hess, surface.fisher) if matrix is not None]
    start = np.array(surface.start, float)
    return all(np.linalg.cond(matrix(start)) < 1e12 for matrix in known)


def shaken(step):
    """The step with coarse rounding, to see how much a walk makes of rounding.

    Another right form of the step rounds otherwise too.
    """

    @functools.wraps(step)
    def rough(surface, theta, *state, **knobs):
        new, *state = values(step(surface, theta, *state, **knobs))
        return new * (1 + SHAKE * np.random.default_rng(0).uniform(-1, 1, new.shape)), *state

    return rough


def values(result):
    return result if isinstance(result, tuple) else (result,)


def start_on(surface):
    """Three points, close together; on the flat bowl one of them has no gradient at all."""
    points = surface.start + np.random.default_rng(0).normal(0, 0.3, (3, surface.dim))
    if surface.name == FLAT:
        points[-1] = surface.minima[0]
    return points


def other(name, usual):
    """A value for a knob that is far enough from the usual one to be noticed."""
    if name == "lr":
        return lambda t, total: usual * (1 + 0.5 * np.sin(t))
    if isinstance(usual, bool):
        return not usual
    if isinstance(usual, int):
        return max(1, usual // 3)
    return NOTICED.get(name, 0.7 * usual or 0.1)


def gap(mine, ours, floor=1.0):
    """|mine - ours|, as a share of `ours` where that exceeds `floor`; two inf or nan are alike."""
    with np.errstate(all="ignore"):
        share = np.abs(mine - ours) / np.maximum(np.abs(ours), floor)
    alike = (mine == ours) | (np.isnan(mine) & np.isnan(ours))
    return np.where(alike, 0.0, np.where(np.isnan(share), np.inf, share))
