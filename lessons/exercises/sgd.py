"""What the exercises about noise and batches expect, and what their cells measure of an answer."""

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import parabola, ravine


def two_batches(join):
    """The gradients that `join` makes of two batches in parts; the mean of both is 2.5."""
    if join is ...:
        return ...
    return [join([(0.0, 1), (3.0, 5)]), join([(1.0, 3), (4.0, 3)])]


def three_steps(step):
    """The points of a step after steps 1, 2 and 3 on x^2 / 2, from 1, at lr 0.5."""
    return step if step is ... else descend(parabola(), step, (1.0,), 3, lr=0.5).theta[1:, 0]


def fates(lr):
    """Whether batches of 16 and of 64 converge in a ravine of 1 and 10, at so many times lr."""
    if lr is ...:
        return ...
    runs = [descend(ravine(10), gradient_descent, steps=400, lr=size * lr) for size in (16, 64)]
    return ["converges" if run.loss[-1] < 1e-3 else "explodes" for run in runs]


answers = {
    "sgd.1": dict(
        expected=[1, 4],
        hint="At the floor V is about lr sigma^2 / (2 c), and sigma^2 is c.",
        wrong={
            (0.25, 1): "That is for equal noise. Here the steep direction has four times as much.",
            (1, 1): "The distances are right. But the steep direction charges more for them.",
            (4, 4): "Four times the noise, yes. But it is held four times as tightly.",
            (4, 16): "Four times the noise, yes. But it is held four times as tightly.",
            (4, 1): "In this order: distance, loss.",
            (1, 2): "The loss goes with the curvature, not with its root.",
        },
    ),
    "sgd.2": dict(
        expected=[100, 192],
        hint="The rows are S_min + X / 32 = 700 and S_min + X / 128 = 250.",
        wrong={
            (100, 19200): "That is X, the noise scale times the steps of the exact gradient.",
            (192, 100): "In this order: steps, noise scale.",
            (250, 192): "Batch 128 is not the exact gradient yet.",
        },
    ),
    "sgd.3": dict(
        expected=[2.5, 2.5],
        wrong={
            (1.5, 2.5): "Right for equal parts only: a part of 1 counts as much as one of 5.",
            (3, 5): "That is a sum of means. Divide, but by what?",
            (15, 15): "A sum over all examples. The gradient of a batch is their mean.",
            (7.5, 7.5): "A sum over all examples, divided by the number of parts.",
        },
    ),
    "sgd.4": dict(
        expected=[0.5, 0.375, 0.875 / 3],
        hint="The walker stands at 0.5, 0.25 and 0.125.",
        wrong={
            (0.5, 0.25, 0.125): "That is the walker itself. What is wanted is its mean.",
            (0.5, 0.375, 0.8125 / 3): "Its gradients are read at the mean. The walker reads them "
            "where it stands.",
            (0.5, 0.375, 0.3125): "The walker starts each step from the mean. It goes on from "
            "where it was.",
            (0.75, 1.75 / 3, 1.875 / 4): "The start counts in your mean. Only the points after "
            "steps 1 to t do.",
            (0.75, 0.5, 0.3125): "That is a running average with a fixed share. The mean of t "
            "points gives the newest 1 / t.",
        },
    ),
    "sgd.5": dict(
        expected=["converges", "explodes"],
        wrong={
            ("converges", "converges"): "Both converge. Batch 64 has 64 times your learning rate; "
            "is that above 0.2?",
            ("explodes", "explodes"): "Both explode. Batch 16 has 16 times your learning rate; it "
            "must stay below 0.2.",
        },
    ),
}
