"""What the exercises about Adam expect."""

import numpy as np

from lessons.experiments.adam import net_climb

NOISE = 0.75 / (0.25 - 1 / 19)      # r^2 of exercise 2


def direction(pair):
    """Where Adam walks at beta2 0.99, for a strong gradient and its distance in steps, in words."""
    if pair is ...:
        return pair
    try:
        strong, every = map(float, pair)
    except (TypeError, ValueError):
        return "no pair"
    if not (1 < strong < np.inf and 1 < every < np.inf) or every != round(every):
        return "no pair"
    if every > 1000:
        return "too rare"
    if strong + 1 < 1.5 * every:
        return "mean gradient below 0.5"
    return "up" if net_climb(strong, int(every), beta2=0.99) > 0 else "down"


answers = {
    "adam.1": dict(
        expected=[0.1, 1 / 0.001**0.5, 29],
        wrong={
            (0.1, 3.16, 29): "The second colleague corrects m, so the numerator is 1. What stands "
            "below it?",
            (1 / 0.001**0.5, 0.1, 29): "The other way round: m too small makes a move short, v too "
            "small makes it long.",
            (0.1, 1000, 29): "We divide by the root of v.",
            (0.1, 1 / 0.001**0.5, 28): "At step 28 it is 0.9477: one more.",
            (0.1, 1 / 0.001**0.5, 50): "Which step has 0.9 to the power t at 0.05?",
        },
        hint="m holds the fraction 1 - 0.9^t, v the fraction 1 - 0.999^t.",
    ),
    "adam.2": dict(
        expected=[NOISE**0.5, ((1 + NOISE / 76) / (1 + NOISE / 4)) ** 0.5],
        wrong={
            (3.8, 0.734): "3.8 is the square of r.",
            (1.73, 0.756): "That leaves out the noise that is left in the signal: r^2 / 19.",
            (1.95, 0.588): "Four times the batch has half the noise, and a quarter of its square.",
            (1.95, 0.25): "A larger batch makes the gradient surer. Do moves become shorter then?",
        },
        hint="Square the formula, and solve for r^2.",
        rtol=3e-3,
    ),
    "adam.3": dict(
        expected=[10, np.log(2) / 1e-4],
        wrong={
            (0.1, 6931): "It rests where 1 = weight_decay theta.",
            (10, 5000): "It gets slower as it comes near: the distance shrinks by a factor a step.",
            (10, 6.931): "A step shrinks the distance by lr times weight_decay, not by "
            "weight_decay alone.",
            (10000, 6931): "lr scales both the fraction and the decay, so it cancels at rest.",
            (np.inf, 6931): "The farther it gets, the more the decay pulls it back.",
        },
        hint="Signal over size is -1 at every step: theta + lr (1 - weight_decay theta).",
        rtol=2e-3,
    ),
    "adam.6": dict(
        expected="up",
        wrong={
            "down": "There Adam walks down. For how many steps does v remember the strong gradient "
            "at beta2 0.99?",
            "mean gradient below 0.5": "The mean gradient is (strong + 1) / every - 1, and below "
            "0.5 there: make the strong gradient stronger.",
            "too rare": "At most every 1,000th step, please: fewer are enough.",
            "no pair": "Two numbers above 1, please: the strong gradient, and every how many steps "
            "it comes.",
        },
        hint="my_pair is the strong gradient and every how many steps it comes, as in [75, 50].",
    ),
}
