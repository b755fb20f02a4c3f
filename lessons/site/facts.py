"""What a rule's card says of it that runs of the rule tell: what it asks for, keeps and notices."""
from dataclasses import replace
from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.surfaces import matrix_problem, ravine
from lessons.views import rotated, scaled

COUNTED = {"loss": "the loss", "grad": "the gradient", "hess": "the Hessian",
           "hvp": "the Hessian times a vector", "fisher": "the Fisher matrix",
           "factors": "the Fisher matrix's factors"}
ALIKE = 1e-3        # of the first loss: eps and rounding make smaller differences


def known(surface):
    """The surface as one column of numbers, with its Hessian as Fisher matrix and as factor."""
    return replace(surface, shape=(surface.dim, 1), fisher=surface.hess, factors=lambda theta: [
        (np.ones((*np.shape(theta)[:-1], 1, 1)), surface.hess(theta))])


def facts(step):
    """What runs of a rule say: {what: words}."""
    asked = dict.fromkeys(COUNTED, 0)

    def counted(answer, ask, *points):
        asked[answer] += 1
        return ask(*points)

    # a matrix of 8 x 8: rules for matrices keep more than a vector shows
    surface = matrix_problem(8, 8)
    watched = replace(surface, **{answer: partial(counted, answer, getattr(surface, answer))
                                  for answer in COUNTED if getattr(surface, answer)})
    few, many = 12, 22
    counts = []
    for count in (few, many):       # their difference leaves out what descend asks by itself
        asked.update(dict.fromkeys(COUNTED, 0))
        run = descend(watched, step, steps=count)
        counts.append(dict(asked))
    each = {answer: (counts[1][answer] - counts[0][answer]) / (many - few) for answer in COUNTED}
    asks = ", ".join(f"{words} ({round(each[answer], 1):g} a step)"
                     for answer, words in COUNTED.items() if each[answer] > 0.01)
    return {"asks for": asks, "state": state_of(run), "scale": scale(step), "axes": axes(step)}


def state_of(run):
    """What a run's state holds at its end: its names, and numbers per parameter."""
    sizes = {name: numbers(values[-1]) / run.theta.shape[-1] for name, values in run.state.items()}
    kept = {name: size for name, size in sizes.items() if size >= 0.5}
    if not kept:
        return "0" + (f" ({', '.join(sizes)}: one number)" if sizes else "")
    return f"{sum(kept.values()):.3g} ({', '.join(f'`{name}`' for name in kept)})"


def numbers(value):
    """How many numbers a state holds, which may be arrays in tuples."""
    if isinstance(value, (tuple, list)):
        return sum(map(numbers, value))
    return 0 if value is None else np.size(value)


def notices(step, before, after):
    """Whether the losses of two walks, each over its first, part by more than ALIKE."""
    with np.errstate(all="ignore"):
        losses = [descend(surface, step, steps=20).loss for surface in (before, after)]
        shares = [loss / loss[0] for loss in losses]
        gap = np.abs(shares[0] - shares[1])
    return not np.nanmax(np.where(np.isfinite(gap), gap, 1.0)) < ALIKE


def scale(step):
    """Whether a rule walks otherwise when the loss is multiplied by 7, as words."""
    surface = known(ravine(condition=20.0))
    return "yes" if notices(step, surface, scaled(surface, 7.0)) else "no"


def axes(step):
    """Whether a rule walks otherwise when the axes are turned by 30 degrees, as words."""
    small = scaled(ravine(condition=20.0), 0.01)        # L-BFGS cuts a first gradient beyond 1
    noticed = notices(step, known(small), known(rotated(small, 30.0)))
    return "yes" if noticed else "no: rows, columns" if of_matrices(step) else "no"


def of_matrices(step):
    """Whether a rule is one for matrices."""
    return step.__module__ == "lessons.steps.kronecker"
