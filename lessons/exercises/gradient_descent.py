"""What the exercises about gradient descent expect."""

from math import sqrt

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import ravine

LIKE = sqrt(1 - 20 / (5.75 * 15.25))          # exercise 5: off the diagonal after the division


def fate_of(start):
    """What becomes of gradient descent on theta . H theta / 2 at lr 0.27, H of exercise 1."""
    if start is ...:
        return ...
    if not np.any(start):
        return "is there already"
    H, theta = np.array([[7.0, 2.0], [2.0, 4.0]]), np.array(start, float)
    for _ in range(60):
        theta = theta - 0.27 * H @ theta
    return "converges" if np.abs(theta).max() < 1e-2 * np.abs(start).max() else "diverges"


def fates(condition):
    """What becomes of gradient descent in a ravine at lr 0.02, and at lr 0.03."""
    if condition is ...:
        return ...
    lr = np.array([[0.02], [0.03]])
    loss = descend(ravine(condition), gradient_descent, steps=900, lr=lr).loss
    return np.where(loss[-1] <= 1e-4 * loss[0], "converges", "does not").tolist()


def walked(steps, lr):
    """Gradient descent from (1, 1, 1) on theta . H theta / 2, with H of exercise 2."""
    x, y, z = 1.0, 1.0, 1.0
    for _ in range(steps):
        x, y, z = x - lr * (7 * x + 2 * y), y - lr * (2 * x + 4 * y + z), z - lr * (y + 3 * z)
    return [x, y, z]


answers = {
    "gradient_descent.1": dict(
        expected="converges",
        hint="The start must have nothing of that part of an error which lr 0.27 lets grow.",
        wrong={
            "diverges": "That start has a part along the steepest direction, and lr 0.27 is above "
            "its 2 / L = 0.25, so the part grows. Find a start without any.",
            "is there already": "That is the minimum itself. Find a start from which there is "
            "something to walk.",
        },
    ),
    "gradient_descent.2": dict(
        expected=walked(5, 0.1),
        hint="theta is turned into the eigen-directions, multiplied there, and turned back.",
        wrong={
            tuple(walked(1, 0.1)): "That is one step. Each factor is applied t times.",
            tuple(walked(1, 0.5)): "The factors multiply from step to step: take their power, "
            "(1 - lr c)^t, and not 1 - t lr c.",
            (0.3**5, 0.6**5, 0.7**5): "Those are the powers of 1 - lr times the diagonal: along "
            "the axes the coordinates mix.",
        },
    ),
    "gradient_descent.3": dict(
        expected=[1.0, -1.0],
        hint="In every round u is made a unit vector first; the last u has the length L - mu.",
        wrong={
            (24.0, 2.0): "That is the length of the last u, L - mu. What is mu?",
            (20.0, 1.0): "That is the largest size of a curvature of H. Apply L u - H u.",
            (2.0, -2.0): "H u is twice as long as it should be: the two points lie 2 h apart.",
            (24.0, 0.0): "The last u was made a unit vector: take its length before that.",
            (25 - 24.0**2, 1 - 4.0): "That is L less the square of the length: take the root.",
        },
    ),
    "gradient_descent.4": dict(
        expected=["converges", "does not"],
        wrong={
            ("converges", "converges"): "Both converge. A larger condition number lowers "
            "the limit.",
            ("does not", "does not"): "Neither converges. A smaller condition number raises "
            "the limit.",
        },
    ),
    "gradient_descent.5": dict(
        expected=(1 + LIKE) / (1 - LIKE),
        rtol=5e-3,
        hint="The divided matrix has ones on its diagonal, so its eigenvalues are 1 + s and 1 - s.",
        wrong={
            20.0: "That is the condition number before the division.",
            1.0: "That would be so if the ravine lay along the axes. At 30 degrees the matrix "
            "still mixes both coordinates.",
            15.25 / 5.75: "That is the ratio of the diagonal's entries. Ask for the eigenvalues "
            "after the division.",
            1 + LIKE: "That is the largest eigenvalue. Divide it by the smallest.",
            1 - LIKE: "That is the smallest eigenvalue. It divides the largest.",
            (1 - LIKE) / (1 + LIKE): "The right way up it is the largest over the smallest.",
        },
    ),
}
