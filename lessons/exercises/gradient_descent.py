"""What the exercises about gradient descent expect."""

from math import log, sqrt

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import ravine

LIKE = sqrt(1 - 20 / (5.75 * 15.25))          # exercise 7: off the diagonal after the division
FLOOR = 2.25 / (2.25 + 64)                    # exercise 2: the floor's part of the first loss
X_HELD = sqrt(1 / (100 * 0.004) - 1) / 2      # exercise 6: where lr 0.004 is held
SWING = 250 * (1 - X_HELD) / (400 * X_HELD)   # L v^2 / 2, with L = 500 and 2 (1 - x) = 800 x v^2
FLOOR_HELD = (1 - X_HELD) ** 2


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
    """Gradient descent from (1, 1, 1) on theta . H theta / 2, with H of exercise 3."""
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
        expected=25 * log(FLOOR / 1e-4),
        rtol=0.02,
        hint="Only the floor's part of the loss has to be walked off at the floor's pace.",
        wrong={
            25 * log(1e4): "That is the guaranteed price, as if all the loss lay on the floor.",
            50 * log(FLOOR / 1e-4): "That counts until the distance is so small, or walks at "
            "1 / L. The loss on the floor is multiplied by e^(-4 / kappa) a step.",
            25 * log(1 / FLOOR): "That is how long the floor's part takes from the whole loss down "
            "to its own first value. It begins there, and has to come down to 1e-4.",
            25 * log(1.5 / 2.3 / 1e-4): "The loss counts, not the distance: each part is c z^2 / "
            "2.",
        },
    ),
    "gradient_descent.3": dict(
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
    "gradient_descent.4": dict(
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
    "gradient_descent.5": dict(
        expected=["converges", "does not"],
        wrong={
            ("converges", "converges"): "Both converge. A larger condition number lowers "
            "the limit.",
            ("does not", "does not"): "Neither converges. A smaller condition number raises "
            "the limit.",
        },
    ),
    "gradient_descent.6": dict(
        expected=SWING / (SWING + FLOOR_HELD),
        rtol=0.02,
        hint="What does the step at half the rate make of v, and of g, in the loss g + L v^2 / 2?",
        wrong={
            FLOOR_HELD / (SWING + FLOOR_HELD): "That is the share that is left. Which is gone?",
            SWING: "That is how much is gone. Which share of the whole loss is it?",
            2 * SWING / (2 * SWING + FLOOR_HELD): "That is L v^2 without its half, or L taken "
            "from the new rate. L belongs to the place: it is 2 / 0.004.",
            0.75 * SWING / (SWING + FLOOR_HELD): "That is a swing of half the length. The swing is "
            "multiplied by 1 - lr L: what is that now?",
            1.0: "That is the swing's part only if the floor has none. How large is g?",
        },
    ),
    "gradient_descent.7": dict(
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
    "gradient_descent.8": dict(
        expected=log(10) / log(1.1),
        rtol=0.01,
        hint="The distance y is multiplied by 1 + lr at every step.",
        wrong={
            10.0: "That would be ten times as many, or ten more. A multiplication makes up for a "
            "factor of ten in a number of steps that depends on lr: a logarithm.",
            log(10) / 0.1: "Nearly: that takes ln(1 + lr) for lr.",
            1 / log(1.1): "One step multiplies by 1.1, and a factor of ten is to be made up for, "
            "not of e.",
            log(10): "That is the logarithm of the factor ten. How much of it does one step do?",
            -log(10) / log(0.9): "That is the factor 1 - lr of a minimum. The curvature is -1.",
        },
    ),
}
