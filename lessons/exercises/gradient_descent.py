"""What the exercises about gradient descent expect."""

from math import exp, log, sqrt

L = (1002 + sqrt(1002**2 - 4 * 400)) / 2      # Rosenbrock's curvatures at (1, 1): the sum is 1002,
MU = 400 / L                                  # the product 400
COST = L / MU / 4 * log(1e4)
LIKE = sqrt(1 - 20 / (5.75 * 15.25))          # exercise 7: off the diagonal after the division


def walked(steps, lr):
    """Gradient descent from (1, 1, 1) on theta . H theta / 2, with H of exercise 3."""
    x, y, z = 1.0, 1.0, 1.0
    for _ in range(steps):
        x, y, z = x - lr * (7 * x + 2 * y), y - lr * (2 * x + 4 * y + z), z - lr * (y + 3 * z)
    return [x, y, z]


answers = {
    "gradient_descent.1": dict(
        expected=0.25,
        wrong={
            2 / 7: "That takes the largest entry of the diagonal, the curvature along an axis. "
            "The steepest direction is no axis.",
            2 / 3: "That is the limit of the flattest direction. Which direction diverges first?",
            1 / 8: "That is 1 / curvature, one step to the bottom of the wall. The limit is twice "
            "as far.",
            8.0: "That is the curvature. The limit is 2 divided by it.",
            2 / 11: "That is the best learning rate, or 2 / (sum of the curvatures). The limit "
            "asks the steepest direction alone.",
            2 / 9: "That is 2 / (largest sum of a row), a bound on the limit. The eigenvalues give "
            "the limit itself.",
        },
    ),
    "gradient_descent.2": dict(
        expected=[L / MU, COST],
        hint="Two numbers: kappa, and the steps.",
        wrong={
            (802 / 200, 802 / 200 / 4 * log(1e4)): "Those are the diagonal's entries, the "
            "curvatures along the axes. kappa needs the eigenvalues.",
            (L, L / 4 * log(1e4)): "That is L, the largest curvature: divide it by the smallest.",
            (MU / L, COST): "The steps are right. kappa is the largest curvature over the "
            "smallest.",
            (L / MU, 2 * COST): "kappa is right. kappa / 2 counts until the distance is so "
            "small; the loss needs half of that.",
            (L / MU, L / MU / 4): "kappa is right. The steps are still to be multiplied by "
            "ln(1 / target).",
            (L / MU, L / MU / 4 * 4): "kappa is right, and 4 is the power of ten: but the "
            "logarithm is the natural one.",
            (COST, L / MU): "Both numbers are right, in the other order: condition, then steps.",
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
        expected=[20.0, 1.14483],
        hint="In every round u is made a unit vector first; the last product's length is asked.",
        wrong={
            (40.0, 2 * 1.14483): "Twice the curvature: the two points lie 2 h apart.",
            (20.0 * 2e-4, 1.14483 * 2e-4): "The difference of the gradients is still to be divided "
            "by 2 h.",
            (1.0, 1.0): "That is the length of the unit vector. Ask for the length of the last "
            "product, before it is made one.",
            (400.0, 1.14483**2): "That is the square of the length: take the root.",
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
        expected=log((1 + sqrt(1 / 3)) / (1 - sqrt(1 / 3))),
        hint="The swing stops growing where its factor is -1, that is where lr is the limit there.",
        wrong={
            (1 - sqrt(1 / 3)) / 2: "That is the doubt p. u is ln((1 - p) / p).",
            -log((1 + sqrt(1 / 3)) / (1 - sqrt(1 / 3))): "That is the larger p, a model that is "
            "sure of the wrong class. u grows from 0.",
            log((1 + sqrt(2 / 3)) / (1 - sqrt(2 / 3))): "That is where the factor is 0: there a "
            "step lands. The swing stops growing earlier.",
            log((1 + sqrt(1 / 2)) / (1 - sqrt(1 / 2))): "That is the answer for lr 1.",
            1 / (1 + exp(-1.32)): "That is 1 - p. u is ln((1 - p) / p).",
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
}
