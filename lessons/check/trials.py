"""The walks on which a learner's step is compared with the reference."""

import functools
import inspect
from dataclasses import dataclass, replace
from functools import lru_cache

import numpy as np

from lessons.check.problems import FLAT, grounds
from lessons.descend import Trajectory, descend
from lessons.signature import signature_of
from lessons.surfaces import Surface

STEPS = 30
TOLERANCE = 1e-9  # in 30 steps other forms of a step part by 3e-15, known mistakes by 0.1
NOTICED = {"eps": 1e-2, "scale": 5.0, "weight_decay": 0.3, "c1": 0.3}  # usually too small to show
SHAKE = 1e-13  # some hundred times what rounding does
AWAY = 1e6  # beyond, a walk that diverges multiplies its rounding too


@dataclass(frozen=True, eq=False)
class Trial:
    """One walk to compare: the knob `turned` differs from its usual value; None: no knob does."""

    surface: Surface
    start: np.ndarray
    knobs: dict
    turned: str | None
    ours: Trajectory | None = None  # the reference's walk
    tolerance: np.ndarray | None = None  # (STEPS + 1, 1)

    def words(self):
        if self.turned == "lr":
            return "an lr that changes"
        also = " and an lr that changes" if callable(self.knobs.get("lr")) else ""
        return f"{self.turned} = {self.knobs[self.turned]:g}{also}"


@dataclass(frozen=True, eq=False)
class Pair:
    """The same trial, walked by the learner and by the reference."""

    trial: Trial
    mine: Trajectory
    ours: Trajectory

    def first(self):
        """(step, point) where the walks part; None where they do not."""
        apart = gap(self.mine.theta, self.ours.theta).max(axis=-1)
        apart = np.where(both_away(self.mine.theta, self.ours.theta), 0, apart)
        step = int((apart > self.trial.tolerance[: len(apart)]).any(axis=-1).argmax())
        return (step, int(apart[step].argmax())) if step else None

    def moves(self):
        """The learner's move and the right one, where the walks part."""
        step, point = self.first()
        return [np.diff(run.theta[:, point], axis=0)[step - 1] for run in (self.mine, self.ours)]

    def clear(self):
        """Whether the moves are numbers that differ in their first digits, and not tiny ones."""
        mine, ours = self.moves()
        return np.isfinite(mine).all() and gap(mine, ours, floor=1e-3).max() > 1e-3

    def walked_as(self, step):
        """Whether the learner walks as another step: as far as here, where it parts from ours, and
        a few steps on. Later a walk may have multiplied its rounding.
        """
        until = min(STEPS, self.first()[0] + 5) if self.first() else STEPS
        try:  # a glance first: most steps that are not this one part at once
            if self.beside(step, 3).first():
                return False
            both = self.beside(step, until)
            return not both.first() and self.lost_as(both.ours)
        except Exception:  # noqa: BLE001  a mistake may stop here, and then it is not this one
            return False

    def beside(self, step, steps):
        """The learner's first steps and another step's."""
        start = replace(self.mine, theta=self.mine.theta[: steps + 1])
        return Pair(self.trial, start, known_walk(step, self.trial, steps))

    def parts(self, step):
        """Whether another step parts from ours on this walk."""
        return bool(Pair(self.trial, walk(step, self.trial), self.ours).first())

    def lost_as(self, theirs):
        """Whether both are nan in the same coordinates where the learner parts: all walks to nan
        are alike from there on.
        """
        step = self.first()[0] if self.first() else 0
        return np.array_equal(np.isnan(self.mine.theta[step]), np.isnan(theirs.theta[step]))


def walk(step, trial, steps=STEPS):
    return descend(trial.surface, step, start=trial.start, steps=steps, **trial.knobs)


known_walk = lru_cache(maxsize=256)(walk)  # for the learner's next try


@lru_cache(maxsize=64)
def trials(reference):
    """All trials, with the usual knobs, then with one turned at a time, which is then to blame; on
    all surfaces on which the reference walks and stays finite.
    """
    usual = signature_of(reference)[1]
    vectors, models = grounds()
    plain = [found for surface in vectors for found in tried(reference, surface, usual)]
    if is_blockwise(reference) or not plain or plain[0].surface is not vectors[0]:
        plain += [found for surface in models for found in tried(reference, surface, usual)]
    if not plain:  # let it say what stops it
        walk(reference, Trial(vectors[0], start_on(vectors[0]), usual, None))
    turned = {name: other(name, value) for name, value in usual.items()}
    return plain + [
        found
        for name in usual
        for trial in plain
        for found in tried(reference, trial.surface, with_one(name, turned, usual), name)
    ]


def with_one(name, turned, usual):
    """The usual knobs, but that one. A decay is 0 by itself, so it has to show that it heeds lr."""
    both = [name, "lr"] if name == "weight_decay" and "lr" in usual else [name]
    return usual | {knob: turned[knob] for knob in both}


def is_blockwise(step):
    return inspect.unwrap(step) is not step


def tried(reference, surface, knobs, turned=None):
    """Yield the trial with the reference's walk, unless it fails there or leaves for infinity."""
    if knobs.get("damping") == 0 and not has_inverse(surface):
        return
    trial = Trial(surface, start_on(surface), knobs, turned)
    try:
        ours, rough = walk(reference, trial), walk(shaken(reference), trial)
    except Exception:  # noqa: BLE001  it asks for what this surface does not have
        return
    if np.abs(ours.theta).max() < AWAY:  # False for nan
        rounding = gap(rough.theta, ours.theta).max(axis=(1, 2), keepdims=True)[..., 0]
        yield replace(trial, ours=ours, tolerance=np.maximum(TOLERANCE, 10 * rounding))


def has_inverse(surface):
    """Whether the Hessian and the Fisher matrix can be inverted at the start. Where they can't, and
    nothing damps them, each right form of a rule has its own answer.
    """
    known = [matrix for matrix in (surface.hess, surface.fisher) if matrix is not None]
    start = np.array(surface.start, float)
    return all(np.linalg.cond(matrix(start)) < 1e12 for matrix in known)


def shaken(step):
    """The step with coarse rounding, to see how much a walk makes of it: another right form of
    the step rounds otherwise too.
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
    """Another value for a knob, far enough from the usual one to be noticed."""
    if name == "lr":
        return lambda t, total: usual * (1 + 0.5 * np.sin(t))
    if isinstance(usual, int):
        return max(1, usual // 3)
    return NOTICED.get(name, 0.7 * usual or 0.1)


def gap(mine, ours, floor=1.0):
    """|mine - ours|, as a share of `ours` where that exceeds `floor`; two inf or nan are alike."""
    with np.errstate(all="ignore"):
        share = np.abs(mine - ours) / np.maximum(np.abs(ours), floor)
    alike = (mine == ours) | (np.isnan(mine) & np.isnan(ours))
    return np.where(alike, 0.0, np.where(np.isnan(share), np.inf, share))


def both_away(*paths):
    """(T + 1, B): whether each of the paths has been beyond AWAY by then, or was never a number."""
    gone = [np.logical_or.accumulate(~(np.abs(path) < AWAY).all(axis=-1)) for path in paths]
    lost = [np.isnan(path[1:2]).any(axis=-1) for path in paths]
    return gone[0] & gone[1] & (lost[0] == lost[1])
