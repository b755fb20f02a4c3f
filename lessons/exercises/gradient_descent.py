"""What the exercises about gradient descent expect."""

from math import exp, log, sqrt

L = (1002 + sqrt(1002**2 - 4 * 400)) / 2      # Rosenbrock's curvatures at (1, 1): the sum is 1002,
MU = 400 / L                                  # the product 400
COST = L / MU / 4 * log(1e4)


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
        expected=[2 / L, COST],
        hint="Two numbers: 2 / L, and the steps.",
        wrong={
            (1 / L, COST): "The steps are right. 1 / L lands in one step; the limit is twice that.",
            (2 / MU, COST): "The steps are right. The limit belongs to the steepest direction.",
            (2 / 802, COST): "The steps are right. 802 is the curvature along an axis; the "
            "eigenvalue is a quarter larger.",
            (2 / L, 2 * COST): "The limit is right. kappa / 2 counts until the distance is so "
            "small; the loss needs half of that.",
            (2 / L, L / 4 * log(1e4)): "The limit is right. That is L / 4: divide by the smallest "
            "curvature, too.",
            (2 / L, L / MU): "The limit is right, and that is kappa. How many steps does it cost?",
            (COST, 2 / L): "Both numbers are right, in the other order: limit, then steps.",
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
        expected=["converges", "diverges"],
        wrong={
            ("converges", "converges"): "Both converge. A larger condition number lowers "
            "the limit.",
            ("diverges", "diverges"): "Both diverge. A smaller condition number raises "
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
}
