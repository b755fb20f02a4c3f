"""What the exercises about adaptive steps expect."""

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent, rmsprop
from lessons.surfaces import given_gradients, ravine

RESTS = "RMSprop that comes to rest"
GRADIENTS = np.transpose([[1, 3, 0.1, 0.1, 2.9, -3.1, 0.2, -3.2, 3.2, 0.5],
                          [2, -1, 0.5, 1.9, 0.1, 1.0, -1.2, 0.3, 0.01, 2.5]])


def rmsprop_max(surface, theta, v=0.0, largest=0.0, *, lr=0.1, beta2=0.9, eps=1e-8):
    """RMSprop that divides by the root of the largest mean square so far (as AMSGrad does)."""
    g = surface.grad(theta)
    v = beta2 * v + (1 - beta2) * g**2
    largest = np.maximum(largest, v)
    return theta - lr * g / (np.sqrt(largest) + eps), v, largest


def largest_square(surface, theta, v=0.0, largest=0.0, *, lr=0.1, beta2=0.9, eps=1e-8):
    """A wrong rmsprop_max: it keeps the largest single square."""
    g = surface.grad(theta)
    largest = np.maximum(largest, g**2)
    return theta - lr * g / (np.sqrt(largest) + eps), v, largest


def mean_of_largest(surface, theta, v=0.0, largest=0.0, *, lr=0.1, beta2=0.9, eps=1e-8):
    """A wrong rmsprop_max: the largest goes on as the memory itself."""
    g = surface.grad(theta)
    v = np.maximum(v, beta2 * v + (1 - beta2) * g**2)
    return theta - lr * g / (np.sqrt(v) + eps), v, largest


def shrinking_steps(surface, theta, v=0.0, largest=0.0, *, lr=0.1, beta2=0.9, eps=1e-8):
    """A wrong rmsprop_max: it keeps the smallest mean square."""
    g = surface.grad(theta)
    v = beta2 * v + (1 - beta2) * g**2
    largest = np.where(largest == 0, v, np.minimum(largest, v))
    return theta - lr * g / (np.sqrt(largest) + eps), v, largest


WRONG_RULES = {
    "RMSprop as it was": rmsprop,
    "the largest single square": largest_square,
    "memory and maximum are one": mean_of_largest,
    "the smallest": shrinking_steps,
}


def path_of(rule):
    """The walk of a rule along gradients that grow, fade and come back: (T + 1, 2)."""
    slopes = given_gradients(GRADIENTS)
    return descend(slopes, rule, steps=len(GRADIENTS), lr=0.1, beta2=0.8, eps=1e-2).theta


def named(rule):
    """What a learner's rule is, in words; ... while it is not written."""
    try:
        path = path_of(rule)
    except NotImplementedError:
        return ...
    if np.allclose(path, path_of(rmsprop_max), rtol=1e-6):
        return RESTS
    return next((words for words, wrong in WRONG_RULES.items()
                 if np.allclose(path, path_of(wrong), rtol=1e-6)), "another rule")


def duel(where):
    """How RMSprop ends against gradient descent in a turned ravine of condition 100, in words.

    where: (angle, steps). Each has the best of 41 learning rates; losses below 1e-16 count as
    1e-16.
    """
    if where is ...:
        return where
    if np.shape(where) != (2,) or not 1 <= where[1] <= 1000:
        return "out of budget"
    ends = []
    for step in (rmsprop, gradient_descent):
        run = descend(ravine(100, where[0]), step, steps=int(where[1]), every=int(where[1]),
                      lr=np.geomspace(1e-4, 10, 41)[:, None])
        ends.append(max(1e-16, np.nanmin(run.loss[-1])))
    if ends[0] > 10 * ends[1]:
        return "more than ten times"
    return "not ten times" if ends[0] > ends[1] else "not above"


answers = {
    "adaptive_steps.1": dict(
        expected=30 ** (-2 / 50),
        wrong={
            30 ** (-1 / 50): "v holds squares. If gradients fall by 30, by how much must v fall?",
            30 ** (2 / 50): "That is above 1: then v grows. Which sign has the exponent?",
            1 - 1 / 50: "After 50 steps that leaves about 1/e of the old v. It must fall by 30^2.",
            0.9: "With 0.9 it takes 65 steps.",
        },
        hint="The old v fades like beta2^n, and has to fall by the square of 30.",
    ),
    "adaptive_steps.2": dict(
        expected=(5.0, 0.04),
        wrong={
            (5.0, 0.02): "The curvature is right. At which lr is lr / 2 equal to eps / curvature?",
            (5.0, 0.1): "The curvature is right. At 0.1 it hops, so the border lies lower.",
            (0.2, 1.0): "Is your first number 1 / curvature?",
            (3.33, 0.06): "lr / 2 - eps / curvature = 0.03. Did you leave out lr / 2?",
        },
        hint="A jump is 2 |x| long, and it is lr |g| / (|g| + eps), with |g| = curvature |x|.",
    ),
    "adaptive_steps.3": dict(
        expected=(8.0, 2),
        wrong={
            (8.0, 1): "In step 1 the rate is lr / (c |x_1|) = 5 / c: above 2 / c.",
            (8.0, 3): "The distance is right. At step 2 the sum has x_1 and x_2 in it: try it.",
            (10.0, 2): "Ten is the first move's length. Where does it lead from 2?",
            (12.0, 2): "The first move leads towards the minimum and beyond, not away from it.",
        },
        hint="After the first move, which is lr long, r_2 = 10 / root of (x_1^2 + x_2^2).",
    ),
    "adaptive_steps.4": dict(
        expected=RESTS,
        wrong={
            "RMSprop as it was": "That is RMSprop as it was: its divisor may still fall.",
            "the largest single square": "You keep the largest single square; keep the largest "
                "*mean* square, or one bad gradient rules for ever.",
            "memory and maximum are one": "Here v itself cannot fall. Let v fade as before, and "
                "keep its largest value beside it.",
            "the smallest": "Is it the smallest v that you keep? Then rates only grow.",
            "another rule": "It walks another path. First v as in RMSprop, then its largest value "
                "so far, coordinate by coordinate, then the move.",
        },
    ),
    "adaptive_steps.5": dict(
        expected="more than ten times",
        wrong={
            "not above": "There RMSprop ends lower. Take its advantage away, and give it time to "
            "leave the minimum again.",
            "not ten times": "There RMSprop ends higher, but not ten times. It gets no lower with "
            "time, and gradient descent does.",
            "out of budget": "An angle and a number of steps from 1 to 1,000 are wanted, as in "
            "10, 100.",
        },
    ),
}
