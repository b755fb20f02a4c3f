"""What the exercises about the race expect."""

import numpy as np

from lessons.descend import descend
from lessons.surfaces import ravine, rosenbrock


def walk(grad, theta, lr, steps):
    """The right loop."""
    for _ in range(steps):
        theta = theta - lr * grad(theta)
    return theta


def uphill(grad, theta, lr, steps):
    return walk(grad, theta, -lr, steps)


def same_gradient(grad, theta, lr, steps):
    return theta - steps * lr * grad(theta)


def one_too_few(grad, theta, lr, steps):
    return walk(grad, theta, lr, steps - 1)


def one_too_many(grad, theta, lr, steps):
    return walk(grad, theta, lr, steps + 1)


def own_size(g, lr):
    """The right move: lr against the sign of each coordinate of the gradient."""
    return -lr * np.sign(g)


def by_length(g, lr):
    return -lr * g / np.linalg.norm(g)


def one_way(g, lr):
    return np.full(np.shape(g), -lr)


def nowhere_nan(g, lr):
    return -lr * g / np.abs(g)


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
        expected=walk,
        cases=[(rosenbrock().grad, np.array([-1.2, 1.0]), 0.001, 3),
               (ravine().grad, np.array([1.0, 1.0]), 0.05, 10)],
        wrong={
            uphill: "Your walk goes uphill: it adds the gradient.",
            same_gradient: "The gradient is asked for once and used for every step. It changes "
            "with theta, so it has to be asked for anew, inside the loop.",
            one_too_few: "That is one step too few. `range(steps)` gives exactly `steps` rounds.",
            one_too_many: "That is one step too many. `range(steps)` gives exactly `steps` rounds.",
        },
        hint="Inside the loop stands the formula of the first round.",
    ),
    "race.4": dict(
        expected=own_size,
        cases=[(np.array([-215.6, 88.0]), 0.002), (np.array([3.0, -1e-3, 0.5]), 0.1),
               (np.array([0.0, -2.0]), 0.1)],
        wrong={
            by_length: "You divide by the length of the whole vector. That is another rule: each "
            "coordinate is to be divided by its own size.",
            one_way: "Every coordinate moves the same way, uphill or not: g divided by g is always "
            "1. Divide by its absolute value.",
            nowhere_nan: "Right, but a coordinate whose gradient is 0 becomes 0 / 0, which is nan. "
            "It should stay where it is: np.sign(g) is 0 there, or add a tiny number below.",
            lambda g, lr: lr * np.sign(g): "Right in size, but uphill: the move goes against g.",
            lambda g, lr: -np.sign(g): "Every coordinate moves by 1. Where is lr?",
        },
        hint="Every coordinate moves by lr against its gradient's sign, whatever its size.",
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
