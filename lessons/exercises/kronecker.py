"""What the exercises about matrix preconditioners expect."""

import numpy as np

from lessons.experiments.kronecker import QUINTIC, polynomial
from lessons.steps.kronecker import newton_schulz


def fates(slope):
    """What becomes of singular values from 0 to 1, at a slope 0.03 below and 0.03 above a border.

    "stay" or "leave", by 200 rounds of Muon's polynomial with another factor of x.
    """
    if slope is ...:
        return slope
    try:
        slopes = [float(slope) - 0.03, float(slope) + 0.03]
    except (TypeError, ValueError):
        return "no slope"
    return ["leave" if leaves(a) else "stay" for a in slopes]


def leaves(slope):
    """Whether any of 10,001 values from 0 to 1 leaves for infinity within 200 rounds."""
    x = np.linspace(0, 1, 10_001)
    with np.errstate(all="ignore"):
        for _ in range(200):
            x = polynomial(x, (slope, *QUINTIC[1:]))
    return not (np.abs(x) < 100).all()


def size(G):
    """The root of the sum of all squares of a matrix."""
    return np.sqrt((G * G).sum())


def to_the_end(G, rounds=5, cubic=3):
    """Muon's rounds of a matrix over its size, then rounds of the cubic 1.5 X - 0.5 X X^T X."""
    return cubic_of(rounds_of(G / size(G), rounds), cubic)


def cubic_of(X, rounds):
    """X after so many rounds of the cubic."""
    for _ in range(rounds):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X


def without_size(G):
    with np.errstate(all="ignore"):
        return cubic_of(rounds_of(G, 5), 3)


def rounds_of(X, rounds):
    """X after so many rounds of Muon's polynomial."""
    a, b, c = QUINTIC
    for _ in range(rounds):
        square = X @ X.T
        X = a * X + (b * square + c * square @ square) @ X
    return X


def entry_by_entry(G):
    X = newton_schulz(G)
    for _ in range(3):
        X = 1.5 * X - 0.5 * X**3
    return X


def exactly(G):
    U, _, Vt = np.linalg.svd(G, full_matrices=False)
    return U @ Vt


def root_of_side(X, power):
    """(X X^T) to a negative power, for X (n, anything) of rank n."""
    c, Q = np.linalg.eigh(X @ X.T)
    return Q * c**power @ Q.T


def three_sides(G, power=-1 / 6, sides=(0, 1, 2), divided=False):
    """Shampoo's first move for G_ijk: each side's sum of squares, to a power, divides that side.

    divided: whether a side's sum is taken of what the sides before it have already divided.
    """
    move = G
    for side in sides:
        turned = np.moveaxis(move if divided else G, side, 0)
        root = root_of_side(turned.reshape(G.shape[side], -1), power)
        move = np.moveaxis(np.tensordot(root, move, (1, side)), 0, side)
    return move


rng = np.random.default_rng(0)
BOXES = [rng.normal(size=shape) for shape in ((2, 3, 4), (3, 3, 3), (3, 2, 2))]
rng = np.random.default_rng(0)
MATRICES = [np.array([[5.0, 3.0], [3.0, 5.0]]), rng.normal(size=(3, 5)), rng.normal(size=(6, 2))]

answers = {
    "kronecker.1": dict(
        expected=[1 / 2, 1 / 6, 0.1],
        rtol=1e-2,
        hint="In this order: one side, three sides, the factor.",
        wrong={
            (1 / 4, 1 / 6, 0.1): "With one side the singular values become s^(1 - 2r).",
            (1, 1 / 6, 0.1): "Then the move would be the gradient over its square.",
            (1 / 2, 1 / 4, 0.1): "Each of three sides holds a square: 1 - 3 * 2r has to be 0.",
            (1 / 2, 1 / 3, 0.1): "A side's sum holds *squares* of the gradient: each gives 2r.",
            (1 / 2, 1 / 8, 0.1): "That is for four sides.",
            (1 / 2, 1 / 6, 10): "The other way round: 10 to the power 1 - 4r, with r = 1/2.",
            (1 / 2, 1 / 6, 1): "It would be 1 with r = 1/4.",
            (1 / 2, 1 / 6, 0.01): "10 to the power 1 - 4r, with r = 1/2.",
        },
    ),
    "kronecker.2": dict(
        expected=[1, 1.48],
        rtol=1e-2,
        hint="First the s that makes K-FAC exact, then the true number over K-FAC's.",
        wrong={
            (1 / 3, 1.48): "Then a s is constant, but it is s^2 that must not depend on a^2.",
            (0, 1.48): "Then s^2 is 1 and 0, which depends on a.",
            (1, 0.6757): "The other way round: the true number over K-FAC's.",
            (1, 18.5): "That is the true number; divide it by K-FAC's.",
            (1, 6): "That is the covariance, the difference; the ratio is asked for.",
        },
    ),
    "kronecker.3": dict(
        expected=[3, 1, 3, 1],
        hint="First W after one step from (0, 0), then W after one step from (10, -7).",
        wrong={
            (-3, -1, -3, -1): "W *minus* G times the inverse of A.",
            (-3, -1, 3, 1): "W *minus* G times the inverse of A, from both starts.",
            (6, 0.5, 6, 0.5): "That is a step of gradient descent; divide by A.",
            (6, 1, 6, 1): "A is a mean of a a^T, as G is a mean: diag(2, 1/2).",
            (3, 1, 13, -6): "The gradient at (10, -7) is another one.",
        },
    ),
    "kronecker.4": dict(
        expected=three_sides,
        rtol=1e-6,
        cases=[(G,) for G in BOXES],
        hint="For each of three sides: X X^T, its root, and that side of the move times it.",
        wrong={
            lambda G: three_sides(G, -1 / 4): "Exponent -1/4 is for two sides; three share the "
            "square root: exercise 1b.",
            lambda G: three_sides(G, -1 / 2): "With the exponent -1/2 each side takes the whole "
            "square root.",
            lambda G: three_sides(G, 1 / 6): "Multiplied, not divided: the exponent is negative.",
            lambda G: three_sides(G, sides=(0, 1)): "The third side is not divided.",
            lambda G: three_sides(G, divided=True): "A side's sum is taken of what the sides "
            "before it have divided already. All sums take the gradient as it came.",
            lambda G: G: "That is the gradient itself.",
        },
    ),
    "kronecker.5": dict(
        expected=to_the_end,
        rtol=1e-6,
        cases=[(G,) for G in MATRICES],
        hint="newton_schulz(G), then three rounds of 1.5 X - 0.5 X X^T X.",
        wrong={
            newton_schulz: "Those are Muon's five rounds. Three of the cubic are to follow.",
            without_size: "Is the matrix divided by the root of the sum of its squares first?",
            lambda G: to_the_end(G, cubic=2): "Two rounds of the cubic; three are wanted.",
            lambda G: to_the_end(G, cubic=1): "One round of the cubic; three are wanted.",
            lambda G: to_the_end(G, rounds=0): "The cubic alone. Muon's five rounds come first.",
            lambda G: rounds_of(cubic_of(G / size(G), 3), 5): "The cubic comes last: it is the one "
            "that rests.",
            entry_by_entry: "The cubic acts on each entry. The powers have to be products of "
            "matrices: X X^T X.",
            exactly: "That is U V^T itself: by a decomposition, or by more rounds than three.",
        },
    ),
    "kronecker.6": dict(
        expected=["stay", "leave"],
        wrong={
            ("stay", "stay"): "A little above it, they all still stay: the border lies higher.",
            ("leave", "leave"): "A little below it, some already leave: the border lies lower.",
            "no slope": "One number is wanted.",
        },
    ),
}
