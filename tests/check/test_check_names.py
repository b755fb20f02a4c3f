"""A name that a wrong step gets is true: it walks as that mistake does elsewhere too."""

import ast

import numpy as np
import pytest

from lessons.check import diagnose
from lessons.check.mistakes import mistaken, wrong_steps
from lessons.check.mistakes.mistake import definition
from lessons.check.problems import bowl
from lessons.descend import descend
from lessons.signature import signature_of
from lessons.steps import adam, adamw, gradient_descent, lion, momentum, rmsprop, sophia

OTHER = {"+": "-", "-": "+", "*": "/", "/": "*"}
SAMPLE = {gradient_descent: 2, momentum: 4, rmsprop: 8, lion: 8, adam: 20, adamw: 24, sophia: 12}
KNOWN = [  # they begin as another mistake does, and part from it later or elsewhere
    (lion, {"beta1 * m + (1 - beta1) * g": "(1 - beta1) * g"}),
    (lion, {"1 - beta1": "beta1 - 1"}),
    (adam, {"np.sqrt(v_hat) + eps": "np.sqrt(v_hat)"}),
    (sophia, {"(1 - beta1) * g": "g"}),
    (sophia, {"t - 1": "t"}),
    (sophia, {"(1 - beta2) * _diagonal(surface, theta)": "1 - beta2"}),
]


def changes(step):
    """Yield the changes of one operation of a step: a side left out or swapped, or its opposite."""
    for node in ast.walk(definition(step)):
        if isinstance(node, ast.BinOp):
            whole, left, right = map(ast.unparse, (node, node.left, node.right))
            yield from ({whole: new} for new in (left, right, f"({right}) - ({left})"))
            for sign, other in OTHER.items():
                if whole == f"{left} {sign} {right}":
                    yield {whole: f"({left}) {other} ({right})"}


def sampled():
    """A fixed sample: every so many of a step's changes, and those that are known to be hard."""
    for step, every in SAMPLE.items():
        yield from ((step, change) for change in [*changes(step)][::every])
    yield from KNOWN


def knob(usual, rng):
    """Another value of a knob, anywhere between much less and much more."""
    if isinstance(usual, int):
        return int(rng.integers(1, 7))
    return (usual or 0.1) ** rng.uniform(0.2, 1.2)


def alike_elsewhere(mine, known, reference):
    """Whether two steps walk alike on bowls and with knobs that the checker does not use."""
    rng = np.random.default_rng(0)
    for _ in range(8):
        root = rng.normal(size=(4, 4))
        surface = bowl("elsewhere", root @ root.T / 4 + 0.2 * np.eye(4), tuple(rng.normal(size=4)))
        knobs = {name: knob(value, rng) for name, value in signature_of(reference)[1].items()}
        lr = knobs["lr"]
        knobs["lr"] = lambda t, total, lr=lr: lr * (1 + 0.4 * np.sin(1.3 * t))
        start = rng.normal(size=(3, 4))
        one, other = (descend(surface, step, start, 12, **knobs).theta for step in (mine, known))
        near = np.minimum.accumulate((np.abs([one, other]) < 1e4).all(axis=(0, 2, 3)))
        if not near[1] or not np.allclose(one[near], other[near], rtol=1e-5, atol=1e-7):
            return False
    return True


@pytest.mark.parametrize(
    "reference, change", [*sampled()], ids=lambda value: getattr(value, "__name__", str(value))
)
def test_a_name_is_true(reference, change):
    mine = mistaken(reference, change)
    with np.errstate(all="ignore"):
        found = diagnose(mine, reference)
        assert not found.ok or alike_elsewhere(mine, reference, reference)
        rows = [row for row in wrong_steps(reference) if row[0].name == found.mistake]
        assert not rows or any(alike_elsewhere(mine, wrong, reference) for _, wrong in rows), found
