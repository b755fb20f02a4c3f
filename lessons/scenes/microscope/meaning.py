"""What a step's vectors mean, found by experiments with the step: their names say nothing."""
import contextlib
import io
import warnings
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lessons.scenes.microscope.tracer import follow
from lessons.views import scaled

UPDATES = 3         # long enough for a first value of what is kept from one update to the next
PLACE = 0.31, 0.64          # shares of the window: a start where no coordinate is special
ENOUGH = 10_000     # lines of a run: a search may be endless where these runs lead it
FAR, SMALL = np.array([3.0, -5.0]), 1e-6


class Meaning(NamedTuple):
    """How the microscope draws a name's vectors.

    shape: "arrow", "box" (its half sides are the numbers) or "root" (they are the numbers' roots).
    apart: the units are not the gradient's, as those of a move are not: on another scale.
    """

    shape: str
    apart: bool


def meanings(surface, step, page, /, **knobs):
    """name -> the Meaning of its vectors; a position, or a number in other units, has none.

    The step runs on a surface whose axes are exchanged, turned round and moved by FAR. There a
    position lies elsewhere, an arrow points the other way, the sides of a box exchange their axes,
    and numbers in other coordinates, such as those of eigenvectors, do none of this. Then the step
    meets small gradients, and gradients twice as large: sides that become four times as large are
    squares, others that double are drawn as they are. What stays as it is where usual gradients
    double is apart.
    page: the step's script. Whatever the step does in these runs, nothing is raised or printed.
    """
    start = start_on(surface)
    size = np.hypot(*np.nan_to_num(surface.grad(start))) or 1.0
    here, there, doubled, none, once, twice = (held(*run, step, page, knobs) for run in (
        (surface, start), (turned(surface), turn(start)), (scaled(surface, 2.0), start),
        *((scaled(surface, factor * SMALL / size), start) for factor in (0, 1, 2))))
    found = {}
    for name, seen in here.items():
        turns = answer(seen, there.get(name, {}))
        small, usual = (growth(*(run.get(name, {}) for run in runs)) for runs in (
            (none, once, twice), (none, here, doubled)))
        if turns == "odd" and usual in (0, 1):
            found[name] = Meaning("arrow", usual == 0)
        elif turns == "even" and small in (1, 2) and min(map(np.min, seen.values())) >= 0:
            found[name] = Meaning({1: "box", 2: "root"}[small], usual == 0)
    return found


def ahead(surface, step, page, kinds, /, **knobs):
    """name -> name: gradients that the step reads at the end of a move, and that move.

    kinds: name -> its Meaning. The first update of a short run tells.
    """
    start = start_on(surface)
    run, here = held(surface, start, step, page, knobs), surface.grad(start)
    first = {name: vectors[min(vectors)] for name, vectors in run.items()
             if name in kinds and kinds[name].shape == "arrow" and min(vectors)[0] == 0}
    return {name: move for name, g in first.items() for move, way in first.items()
            if kinds[move].apart and not kinds[name].apart and not np.allclose(g, here)
            and np.allclose(g, surface.grad(start + way))}


def start_on(surface):
    """Where the short runs begin: PLACE in the window."""
    low, high = np.transpose(surface.window)
    return low + np.array(PLACE) * (high - low)


def held(surface, start, step, page, knobs):
    """name -> {(update, line): vector}: the pairs of numbers that the lines of a short run held."""
    quiet, state = io.StringIO(), np.random.get_state()
    with (contextlib.redirect_stdout(quiet), contextlib.redirect_stderr(quiet),
          warnings.catch_warnings(), np.errstate(all="ignore")):
        warnings.simplefilter("ignore")
        try:
            updates = follow(surface, step, start, UPDATES, page, ENOUGH, **knobs)[1]
        except Exception:       # before its first line; the microscope's own run will say so
            updates = []
        finally:
            np.random.set_state(state)      # the same luck for every run, and for the reader's own
    found = {}
    for u, update in enumerate(updates):
        for line, visit in update.visits.items():
            for name, value in visit.held.items():
                if np.shape(value) == (2,) and np.asarray(value).dtype.kind == "f":
                    found.setdefault(name, {})[u, line] = np.array(value, float)
    return found


def turn(theta):
    """theta with its coordinates exchanged, turned round and moved by FAR."""
    return FAR - np.asarray(theta, float)[..., ::-1]


def turned(surface):
    """The surface moved so that what lay at theta lies at turn(theta)."""
    def seen(function, change):
        return function and (lambda theta, *u: change(function(
            (FAR - theta)[..., ::-1], *(-one[..., ::-1] for one in u))))

    def vector(g):
        return -g[..., ::-1]

    def sides(h):
        return h[..., ::-1]

    def matrix(h):
        return h[..., ::-1, ::-1]

    return replace(
        surface, loss=seen(surface.loss, np.asarray), grad=seen(surface.grad, vector),
        hess=seen(surface.hess, matrix), hvp=seen(surface.hvp, vector),
        diagonal=seen(surface.diagonal, sides), fisher=seen(surface.fisher, matrix),
        at=surface.at and (lambda t: turned(surface.at(t))))


def answer(here, there):
    """"odd", "even", "position" or None: what became of a name's vectors on the turned surface.

    here, there: (update, line) -> vector. The first vector that is not zero decides: from then on
    a decay towards the origin, which the surface moved, makes the runs differ.
    """
    for at, one in here.items():
        if at in there and one.any() and np.isfinite([one, there[at]]).all():
            errors = {"odd": -one[::-1], "even": one[::-1], "position": turn(one)}
            errors = {name: np.abs(there[at] - wanted).sum() for name, wanted in errors.items()}
            best = min(errors, key=errors.get)
            return best if errors[best] < 0.05 * np.abs(there[at]).sum() else None


def growth(none, once, twice):
    """0, 1, 2: the power of a small gradient that a name's vectors grow with; None: they shrink.

    none, once, twice: (update, line) -> vector, for gradients of three sizes, the first 0.
    """
    for at in once:
        if at in twice:
            rest = np.nan_to_num(none.get(at, np.zeros(2)))
            sizes = [np.abs(run[at]).sum() - np.abs(rest).sum() for run in (once, twice)]
            if min(sizes) > 0 and np.isfinite(sizes).all():
                return int(np.round(np.log2(sizes[1] / sizes[0])))
