"""What the exercises about clipping expect."""

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import recurrent_neuron
from lessons.views import clipped

TIGHT = "every step is clipped, and the wall is not reached"


def crawl(pair):
    """What becomes of 100 steps of clipped gradient descent from the scene's start, in words."""
    if pair is ...:
        return pair
    try:
        lr, c = map(float, pair)
    except (TypeError, ValueError):
        return "no pair"
    if not (0 < lr < np.inf and 0 < c < np.inf):
        return "no pair"
    neuron = recurrent_neuron()
    theta = descend(clipped(neuron, c), gradient_descent, (1.87, -0.17), 100, lr=lr).theta
    share = (np.sqrt(np.square(neuron.grad(theta[:-1])).sum(-1)) > c).mean()
    if (theta[:, 1] > -0.01).any():
        return "the wall is reached"
    return TIGHT if share == 1 else "not every step is clipped"


def length(gradients):
    """The norm over all entries of all arrays."""
    return np.sqrt(sum((g**2).sum() for g in gradients))


def clip_all(gradients, c):
    factor = min(1, c / (length(gradients) + 1e-6))
    return [g * factor for g in gradients]


def each_by_itself(gradients, c):
    return [clip_all([g], c)[0] for g in gradients]


def always_to_c(gradients, c):
    return [g * c / (length(gradients) + 1e-6) for g in gradients]


def forgets_the_root(gradients, c):
    return [g * min(1, c / (length(gradients) ** 2 + 1e-6)) for g in gradients]


def by_the_largest(gradients, c):
    largest = max(np.abs(g).max() for g in gradients)
    return [g * min(1, c / (largest + 1e-6)) for g in gradients]


def by_value(gradients, c):
    return [np.clip(g, -c, c) for g in gradients]


def sums_norms(gradients, c):
    total = sum(length([g]) for g in gradients)
    return [g * min(1, c / (total + 1e-6)) for g in gradients]


def shortened(vectors, c):
    """Each vector (..., D) clipped by norm at c."""
    size = np.sqrt((vectors * vectors).sum(-1, keepdims=True))
    return vectors * np.minimum(1, c / (size + 1e-6))


def clipped_before(velocity, g, beta, c):
    return beta * velocity + (1 - beta) * shortened(g, c)


GRADIENTS = np.array([[3.0, -4.0], [0.3, 0.4], [0.0, 0.0]])
VELOCITIES = np.array([[1.0, 2.0], [-9.0, 0.5], [0.2, 0.0]])

answers = {
    "clipping.1": dict(
        expected=[31, 0.0014],
        hint="First the whole number of time steps, then the width.",
        wrong={
            (30, 0.0014): "With 30 time steps the gradient is 945. One more.",
            (32, 0.0014): "With 31 time steps it is longer than 1000 already.",
            (29, 0.0014): "That would do without the target: the gradient is 0.8 times dh/db.",
            (39, 0.0014): "Did you take 1.2^T / 0.8? The error at h = 0 is 0.8, and it multiplies.",
            (31, 1.4e6): "The first is right. The steeper, the narrower: divide the drop.",
            (31, 714.2857): "The first is right. The steeper, the narrower: drop over slope.",
            (31, 0.00175): "The first is right. The drop is that of the loss; no 0.8 is needed.",
        },
    ),
    "clipping.2": dict(
        expected=[2 / 3, 2.5, 7],
        rtol=5e-3,
        hint="At rest the mean pull is 0; look first which examples are cut there.",
        wrong={
            (1 / 3, 2.5, 7): "For c = 1 both the fives and the tens are cut: together 0.4 c pulls "
            "up.",
            (2 / 3, 3, 7): "For c = 5 the tens are still cut, so x stays below the mean.",
            (2 / 3, 10 / 3, 7): "For c = 5 the fives are only 2.5 away at rest: they are not cut.",
            (2 / 3, 2.5, 3): "The first two are right. At the mean, 3, the tens have a longer "
            "gradient than the zeros.",
            (2 / 3, 2.5, 8): "The first two are right. At the mean, 3, how far away is 10?",
            (2 / 3, 2.5, 10): "The first two are right. The gradient counts, not the example: at "
            "the mean, 3, how far away is 10?",
            (3, 3, 7): "That is the mean, where x rests only if nothing is cut.",
        },
    ),
    "clipping.3": dict(
        expected=clip_all,
        rtol=1e-9,
        cases=[([np.array([3.0, 4.0]), np.array([0.0, 12.0])], 1.0),
               ([np.array([[0.1, -0.2]]), np.array([[0.05, 0.0]])], 1.0),
               ([np.zeros(3), np.zeros(3)], 0.5), ([np.array([-30.0])], 2.0)],
        wrong={
            each_by_itself: "You have a norm for each array, so that layers are shortened by "
            "different factors and the whole gradient turns. One norm over all is wanted.",
            always_to_c: "A gradient shorter than c is made longer. The factor is never above 1.",
            forgets_the_root: "The sum of squares is not the norm yet.",
            by_the_largest: "That is the largest entry in place of the norm.",
            by_value: "That is clipping by value. By norm one factor is the same for all entries.",
            sums_norms: "Norms of the parts do not add up to the norm of the whole; their squares "
            "do.",
            lambda gradients, c: min(1, c / (length(gradients) + 1e-6)): "That is the factor; the "
            "gradients times it are wanted.",
        },
        hint="One factor for all arrays: the smaller of 1 and c / (norm + 1e-6).",
    ),
    "clipping.4": dict(
        expected=clipped_before,
        rtol=1e-9,
        cases=[(VELOCITIES[0], GRADIENTS[0], 0.9, 1.0), (VELOCITIES, GRADIENTS, 0.5, 2.0)],
        wrong={
            lambda velocity, g, beta, c: shortened(beta * velocity + g, c): "That is what the "
            "colleague has: the sum is clipped, and the spike is in it.",
            lambda velocity, g, beta, c: beta * velocity + shortened(g, c): "The spike is mended. "
            "But this is a sum, which may become c / (1 - beta) long; an average stays within c.",
            lambda velocity, g, beta, c: shortened(beta * velocity + (1 - beta) * g, c): "An "
            "average, but of gradients that are not clipped: the spike is in it, and rules it.",
            lambda velocity, g, beta, c: beta * velocity + (1 - beta) * g: "An average, but "
            "nothing is clipped.",
            lambda velocity, g, beta, c: beta * velocity + (1 - beta) * np.clip(g, -c, c): "That "
            "is clipping by value; each point's gradient should keep its direction.",
            lambda velocity, g, beta, c: (1 - beta) * velocity + beta * shortened(g, c): "The "
            "weights are the other way round: the fraction beta of the old is kept.",
            lambda velocity, g, beta, c: beta * shortened(velocity, c) + (1 - beta) * shortened(
                g, c): "The old velocity needs no clipping: nothing long has ever entered it.",
            lambda velocity, g, beta, c: shortened(g, c): "Where is the old velocity?",
        },
        hint="Shorten g first, then let it join the old velocity as a running average does.",
    ),
    "clipping.5": dict(
        expected=TIGHT,
        wrong={
            "the wall is reached": "The path gets to the wall. All steps together are at most "
            "100 lr c long.",
            "not every step is clipped": "The wall is not reached, but not every step is clipped: "
            "lower the threshold.",
            "no pair": "Two numbers above 0 are wanted: (lr, c).",
        },
    ),
    "clipping.6": dict(
        expected=[100, 0.5, 10],
        hint="Two percentages of ten norms; between them lr c over the median norm.",
        wrong={
            (1, 0.5, 0.1): "As percentages, please: 100 for all ten.",
            (10, 0.5, 10): "At c = 0.1 not only the 30 is clipped: which norms are above 0.1?",
            (100, 0.2, 10): "0.2 is the length that enters. How long is a gradient, typically?",
            (100, 2, 10): "Clipped, lr times a gradient is 0.2 long: at which plain lr, too?",
            (100, 8, 10): "Divide lr c by the median norm.",
            (100, 0.05, 10): "Plain, a gradient enters with lr times 0.4, and that has to be 0.2.",
            (100, 0.2 / 3.36, 10): "You took the mean norm, which the 30 rules. Take the median.",
            (100, 0.5, 0): "The first two are right. Is no norm of the ten longer than 1?",
        },
    ),
}
