"""What the exercises on coordinates, Fisher matrices and steps in nats expect, and two trials."""

import numpy as np

from lessons.steps import natural_gradient
from lessons.surfaces import gaussian_fit

START = (-1.5, 1 / 0.36)        # mu and the precision


def fates(lr):
    """Whether a natural step in the precision stays among the models, by lr: just below, above."""
    taus = [natural_gradient(gaussian_fit("precision"), np.array(START), lr=part * lr)[1]
            for part in (0.999, 1.001)]
    return ["stays" if tau > 0 else "leaves" for tau in taus]


def entries(fisher):
    """The nine entries of a Fisher matrix, row by row, at the chances 0.2, 0.7 and 0.1."""
    return np.ravel(fisher(np.array([0.2, 0.7, 0.1]))).tolist()


answers = {
    "natural_gradient.1": dict(
        expected=[0.25, 4, 9, 13.9614],
        rtol=1e-3,
        hint="In this order: F in lambda, F in ln lambda, and the two lambdas after the step.",
        wrong={
            (4, 0.25, 9, 13.9614): "The two Fisher matrices have changed places. In which chart is "
            "the score y / lambda - 1?",
            (0.25, 4, 9, 9): "The arrow is the same, but a step in ln lambda is straight there: "
            "lambda is multiplied.",
            (0.25, 4, 4.3125, 13.9614): "From 4 by F^-1 g: divide by F, and do not multiply.",
            (0.25, 1, 9, 13.9614): "In ln lambda the score is y - lambda. What is its mean square?",
        },
    ),
    "natural_gradient.2": dict(
        expected=[1e-4, 1e-2, 1, 1],
        rtol=1e-3,
        hint="In this order: gradient descent, Adam, natural gradient, KL step.",
        wrong={
            (1e4, 100, 1, 1): "The other way round: the weight's new unit is 100 times as long.",
            (1e-2, 1e-2, 1, 1): "In gradient descent the unit enters twice.",
            (1e-4, 1e-4, 1, 1): "Adam cancels the unit of the slope. Which one is left?",
            (1e-4, 1, 1, 1): "Adam's step is about lr in the parameter's own unit, which has "
            "changed.",
        },
    ),
    "natural_gradient.4": dict(
        expected=["stays", "leaves"],
        wrong={
            ("stays", "stays"): "Both runs survive the first step: the border lies higher.",
            ("leaves", "leaves"): "Both runs leave at the first step: the border lies lower.",
        },
    ),
    "natural_gradient.5": dict(
        expected=[0.16, -0.14, -0.02, -0.14, 0.21, -0.07, -0.02, -0.07, 0.09],
        hint="Nine numbers, row by row, for the chances 0.2, 0.7 and 0.1.",
        wrong={
            (0.04, 0.14, 0.02, 0.14, 0.49, 0.07, 0.02, 0.07, 0.01): "That is p p^T. With which "
            "chances do the labels come?",
            (0.64, -0.56, -0.08, -0.56, 0.49, 0.07, -0.08, 0.07, 0.01): "That is one label only, "
            "the first. Take the mean over all labels that the model might draw.",
            (0.2, 0, 0, 0, 0.7, 0, 0, 0, 0.1): "The score is the label's unit vector minus p: p is "
            "missing.",
            (0.24, -0.16, -0.08, -0.16, 0.3567, -0.1967, -0.08, -0.1967, 0.2767):
            "Each label counts by its chance under the model, not a third each.",
        },
    ),
}
