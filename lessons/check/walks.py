"""The walks on which a learner's step is compared with the reference."""

from dataclasses import dataclass, replace

import numpy as np

from lessons.arguments import signature_of
from lessons.descend import Trajectory, descend
from lessons.surfaces import Surface, rosenbrock
from lessons.views import scaled

STEPS = 30
TOLERANCE = 1e-9  # in 30 steps other forms of a step part by 3e-15, known mistakes by 0.1


@dataclass(frozen=True)
class Trial:
    """One walk to compare: the knob `turned` differs from its usual value; None: no knob does."""

    surface: Surface
    start: np.ndarray
    knobs: dict
    turned: str | None

    def words(self):
        if self.turned == "lr":
            return "an lr that changes"
        return f"{self.turned} = {self.knobs[self.turned]:g}"


@dataclass(frozen=True)
class Pair:
    """The same trial, walked by the learner and by the reference."""

    trial: Trial
    mine: Trajectory
    ours: Trajectory

    def first(self):
        """(step, point) where the walks part; None where they do not."""
        apart = gap(self.mine.theta, self.ours.theta).max(axis=-1)
        step = int((apart.max(axis=-1) > TOLERANCE).argmax())
        return (step, int(apart[step].argmax())) if step else None

    def moves(self):
        """The learner's move and the right one, where the walks part."""
        step, point = self.first()
        return [np.diff(run.theta[:, point], axis=0)[step - 1] for run in (self.mine, self.ours)]

    def clear(self):
        """Whether the moves differ by so much that a reader sees it in four digits."""
        return gap(*self.moves(), floor=1e-300).max() > 1e-3

    def on_the_surface_of(self, other):
        return self.trial.surface is other.trial.surface

    def walked_as(self, step):
        """Whether the learner's walk is that of another step."""
        return not Pair(self.trial, self.mine, walk(step, self.trial)).first()


def walk(step, trial):
    return descend(trial.surface, step, start=trial.start, steps=STEPS, **trial.knobs)


def trials(reference):
    """First with the usual knobs, then with one knob turned at a time: that one is to blame."""
    usual = signature_of(reference)[1]
    grounds = [
        (surface, surface.start + np.random.default_rng(0).normal(0, 0.3, (3, surface.dim)))
        for surface in (
            bowl("a tilted bowl", [[2.0, 0.8], [0.8, 0.7]], (0.7, -0.4)),
            replace(scaled(rosenbrock(), 0.002), name="Rosenbrock's valley"),
            bowl("a bowl with a flat direction", np.diag([4.0, 1.0, 0.0]), (1.0, -1.0, 0.0)),
        )
    ]
    turned = {name: {**usual, name: other(name, value)} for name, value in usual.items()}
    for name, knobs in {None: usual, **turned}.items():
        for surface, start in grounds:
            yield Trial(surface, start, knobs, name)


def other(name, usual):
    """Another value for a knob, far enough from the usual one to be noticed."""
    if name == "lr":
        return lambda t, total: usual * (1 + 0.5 * np.sin(t))
    return 1e-2 if name == "eps" else 0.7 * usual or 0.1


def bowl(name, H, centre):
    """A quadratic that is neither level with the axes nor centred at 0."""

    def grad(theta):
        return (theta - centre) @ np.asarray(H)

    return Surface(
        name,
        loss=lambda theta: ((theta - centre) * grad(theta)).sum(-1) / 2,
        grad=grad,
        hess=lambda theta: np.broadcast_to(H, np.shape(theta) + (len(centre),)),
        window=None,
        start=tuple(np.add(centre, (-1.0, 1.5, 0.5)[: len(centre)])),
        minima=(centre,),
    )


def gap(mine, ours, floor=1.0):
    """|mine - ours|, as a share of `ours` where that exceeds `floor`; two inf or nan are alike."""
    with np.errstate(all="ignore"):
        share = np.abs(mine - ours) / np.maximum(np.abs(ours), floor)
    alike = (mine == ours) | (np.isnan(mine) & np.isnan(ours))
    return np.where(alike, 0.0, np.where(np.isnan(share), np.inf, share))
