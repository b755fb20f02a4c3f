"""What the exercises about the race expect."""

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock


def tune(last_loss, rates):
    """The rate with the lowest last loss; a loss that is not finite is never the lowest."""
    losses = [last_loss(lr) for lr in rates]
    return rates[int(np.argmin([loss if np.isfinite(loss) else np.inf for loss in losses]))]


def takes_nan(last_loss, rates):
    return rates[int(np.argmin([last_loss(lr) for lr in rates]))]


def takes_worst(last_loss, rates):
    losses = [last_loss(lr) for lr in rates]
    return rates[int(np.argmax([loss if np.isfinite(loss) else -np.inf for loss in losses]))]


def takes_place(last_loss, rates):
    return list(rates).index(tune(last_loss, rates))


def takes_loss(last_loss, rates):
    return last_loss(tune(last_loss, rates))


def valley(lr):
    """The last loss of 60 steps of gradient descent on Rosenbrock's valley."""
    return float(descend(rosenbrock(), gradient_descent, steps=60, lr=lr).loss[-1])


def grad_in_mm(grad, theta_mm):
    """The gradient per millimetre of a function of metres."""
    return grad(theta_mm / 1000) / 1000


def comes_last(rules, lr, steps=60):
    """Which rule ends highest on Rosenbrock's valley at a shared lr, or which diverges; ... for ...

    rules: name -> step.
    """
    if lr is ...:
        return lr
    runs = {name: descend(rosenbrock(), rule, steps=steps, lr=lr) for name, rule in rules.items()}
    gone = [name for name, run in runs.items() if run.diverged_at >= 0]
    return f"{gone[0]} diverges" if gone else max(runs, key=lambda name: runs[name].loss[-1])


answers = {
    "race.1": dict(
        expected=[0.2, 0.0, 0.6, 0.8],
        wrong={
            (0.2, 0.0, 0.6, 0.64): "Almost: at (0.2, 0) the second term is not zero any more, for "
            "y is no longer x squared.",
            (0.2, 0.0, 0.8, 0.8): "The tangent promises lr times the gradient's length *squared*, "
            "0.1 times 4.",
            (-0.2, 0.0, 1.4, 1.6): "That is uphill: the step goes against the gradient, which "
            "points to the left there.",
        },
        hint="At (0, 0) the gradient is (-2, 0); the loss there is 1.",
    ),
    "race.2": dict(
        expected=[1e6, 1e3],
        wrong={
            (1e3, 1e3): "Right for Adam. Gradient descent's lr has the unit of theta squared per "
            "loss.",
            (1e6, 1e6): "Right for gradient descent. Adam moves by lr itself, so its lr is a "
            "length.",
            (1e-3, 1e3): "By the chain rule the gradient per millimetre is a thousandth; the move "
            "has to be a thousand times as many millimetres. What does lr have to make up for?",
            (1.0, 1.0): "In millimetres the same move is a number a thousand times as large.",
            (1e3, 1.0): "The moves have to be a thousand times as many millimetres, for both.",
        },
        hint="Write the move in millimetres, and the gradient per millimetre.",
    ),
    "race.3": dict(
        expected=tune,
        cases=[(valley, [0.0005, 0.002, 0.004, 0.02]), (valley, [0.05, 0.001, 0.003]),
               (abs, [3.0, -1.0, 2.0])],
        wrong={
            takes_nan: "You choose a run that has left for infinity: `np.argmin` takes nan for "
            "the smallest. Make it infinite before you look.",
            takes_worst: "That is the rate with the highest loss.",
            takes_place: "That is the place of the best rate in the list; the rate itself is "
            "asked for.",
            takes_loss: "That is the lowest loss; the rate that gave it is asked for.",
        },
        hint="One rate is asked for: the one whose last loss is the lowest finite one.",
    ),
    "race.4": dict(
        expected=grad_in_mm,
        cases=[(rosenbrock().grad, np.array([-1200.0, 1000.0])),
               (ravine().grad, np.array([500.0, 20.0]))],
        wrong={
            lambda grad, theta_mm: grad(theta_mm / 1000): "The argument is right. The value is "
            "still loss per metre: the chain rule is missing.",
            lambda grad, theta_mm: grad(theta_mm / 1000) * 1000: "The chain rule divides here: "
            "over a millimetre the loss changes less than over a metre.",
            lambda grad, theta_mm: grad(theta_mm) / 1000: "The given function wants metres, and "
            "you hand it millimetres.",
            lambda grad, theta_mm: grad(theta_mm * 1000) / 1000: "A millimetre is a thousandth of "
            "a metre: divide, to have metres.",
        },
        hint="The loss as a function of millimetres is f(theta_mm / 1000): differentiate that.",
    ),
    "race.5": dict(
        expected="Adam",
        wrong={
            "Momentum diverges": "Close: here momentum diverges, and nobody may. Go a little "
            "lower.",
            "Gradient descent diverges": "Gradient descent diverges: it moves lr times a gradient "
            "of 200, out of the valley. Go lower.",
            "Gradient descent": "At lr 0 nobody moves, and all are level. Go a little higher.",
        },
        hint="That rule comes last at your lr; Adam's moves are about lr long, however steep the "
        "wall: which end of the slider hurts it most?",
    ),
    "race.6": dict(
        expected="b",
        wrong={
            "a": "More steps at an unfair lr are still unfair. What does 0.05 mean to each rule?",
            "c": "Then luck would decide: the start is shared on purpose. Several starts show the "
            "spread, but the main fault is another.",
            "d": "A loss is enough to compare two runs on one landscape. What does 0.05 mean to "
            "each rule?",
        },
    ),
}
