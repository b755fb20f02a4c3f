"""Every step against an independent truth: torch.optim, SciPy, or the paper in another style."""

import inspect
import re
from dataclasses import replace

import numpy as np
import pytest
from support.truth import first_order as truth_first_order
from support.truth import kronecker as truth_kronecker
from support.truth import newcomers as truth_newcomers
from support.truth import second_order as truth_second_order

from lessons import steps
from lessons.descend import descend
from lessons.signature import signature_of
from lessons.surfaces import matrix_problem, ravine, rosenbrock
from lessons.views import rotated, scaled

FAMILIES = [truth_first_order, truth_newcomers, truth_second_order, truth_kronecker]
TRUTHS = {name: walk for family in FAMILIES for name, walk in family.TRUTHS.items()}
ELSEWHERE = {name: where for family in FAMILIES
             for name, where in getattr(family, "TESTED_ELSEWHERE", {}).items()}


def shifted(surface, by):
    """The surface with its minimum elsewhere: at 0 a decay hides behind the gradient."""
    by = np.asarray(by)
    return replace(
        surface,
        loss=lambda theta: surface.loss(theta - by),
        grad=lambda theta: surface.grad(theta - by),
        hess=lambda theta: surface.hess(theta - by),
        start=tuple(surface.start + by),
    )


def flat():
    """A bowl in three dimensions, of which the last has no gradient anywhere."""
    curvatures = np.array([4.0, 1.0, 0.0])
    H = np.diag(curvatures)
    return replace(
        matrix_problem(), name="Flat", shape=None, fisher=None, factors=None,
        loss=lambda theta: (curvatures * theta * theta).sum(-1) / 2,
        grad=lambda theta: curvatures * theta,
        hess=lambda theta: np.broadcast_to(H, (*np.shape(theta), 3)).copy(),
        start=(1.0, -2.0, 0.5), minima=((0.0, 0.0, 0.5),),
    )


GROUNDS = {
    "quadratic": shifted(rotated(ravine(condition=20), 30), (0.7, -0.4)),
    "rosenbrock": scaled(rosenbrock(), 0.002),  # tame enough for every step's usual lr
    "matrix": matrix_problem(condition=10.0),
    "flat": flat(),
}


def points(surface, count=3):
    return surface.start + np.random.default_rng(1).normal(0, 0.3, (count, surface.dim))


def cases():
    for name, walk in TRUTHS.items():
        knobs = signature_of(getattr(steps, name))[1]
        for ground in sorted(getattr(walk, "grounds", GROUNDS)):
            yield pytest.param(name, ground, {}, id=f"{name}-{ground}")
            if "eps" in knobs:  # a misplaced eps hides at 1e-8
                yield pytest.param(name, ground, {"eps": 1e-2}, id=f"{name}-{ground}-large-eps")
            if "weight_decay" in knobs:  # lion's is 0 by itself
                decay = {"weight_decay": 0.3}
                yield pytest.param(name, ground, decay, id=f"{name}-{ground}-decay")


@pytest.mark.parametrize("name, ground, turned", list(cases()))
def test_step_equals_its_truth_while_lr_changes(name, ground, turned):
    surface, step, walk = GROUNDS[ground], getattr(steps, name), TRUTHS[name]
    knobs = {**signature_of(step)[1], **turned}
    usual, count = knobs.pop("lr", None), getattr(walk, "steps", 50)

    def lr(t, total):
        return usual * (1 + 0.5 * np.sin(t))

    lrs = [float(lr(t, count)) if usual else None for t in range(1, count + 1)]
    starts = points(surface)
    run = descend(surface, step, starts, steps=count, **knobs, **({"lr": lr} if usual else {}))
    for i, start in enumerate(starts):
        known = walk(surface, start, lrs, **knobs)
        assert np.isfinite(known).all() and np.ptp(known, axis=0).max() > 1e-3  # it does walk
        # 50 steps amplify rounding to 1e-12; 500 would to 1e-7
        np.testing.assert_allclose(run.theta[:, i], known, rtol=1e-10, atol=1e-10)


def test_every_step_is_listed_and_has_an_independent_truth():
    known = {name for name, step in vars(steps).items() if inspect.isfunction(step)}
    assert known == set(steps.__all__)
    assert known == set(TRUTHS) | set(ELSEWHERE), (
        "a step without a row in a truth_*.py: add the torch or SciPy method that it equals, or, "
        "where there is none, the paper's rule in another style"
    )


@pytest.mark.parametrize("name", steps.__all__)
def test_every_step_tells_shapes_units_and_source_and_what_torch_has(name):
    doc = inspect.getdoc(inspect.unwrap(getattr(steps, name)))
    said, found, source = doc.partition("Source: ")
    assert found and re.search(r"theta[\w, ]*: \(\.\.\., (D|m n)\)", said)
    if "lr" in signature_of(getattr(steps, name))[1]:
        assert re.search(r"lr: .*?(no unit|in units of theta)", said, re.DOTALL)
    assert re.search("arXiv:|doi:10|https://", source) and re.search("torch", doc)


@pytest.mark.parametrize("name", steps.__all__)
def test_every_rule_fits_on_a_screen(name):
    step = inspect.unwrap(getattr(steps, name))
    body = inspect.getsource(step).split('"""')[2]
    assert len(body.strip().splitlines()) <= 12, "about ten lines: move the rest into a helper"
