"""A smooth network on few digits: its curvature can be followed, step by step, in seconds."""

from math import sqrt

import numpy as np

from lessons.networks.digits import CLASSES, PIXELS, digits, half_squares, through_tanh
from lessons.networks.mlp import mlp
from lessons.networks.network import Network, network


def digits_tanh(seed=0, dtype=np.float64, *, images=100, hidden=(16, 16), gain=0.5) -> Network:
    """Which digit is it? A network with tanh, squared loss, and every image in every gradient.

    theta: (..., 1482) for 16 and 16 hidden units. The loss is half the squared distance from the
    label's unit vector, mean over the images; there is no accuracy. Pixels are standardised by one
    mean and one deviation. First weights: N(0, gain^2 / inputs); biases 0.
    images: the first so many of the training images. seed, dtype: see network().
    """
    parts = mlp(PIXELS, *hidden, CLASSES)
    pixels, labels, test_pixels, test_labels = digits()
    mean, deviation = pixels.mean(), pixels.std()

    def begin(rng):
        return [rng.normal(0, gain / sqrt(shape[1]), shape) if len(shape) == 2 else np.zeros(shape)
                for shape in parts["shapes"]]

    def examples(pixels, labels):
        return (pixels - mean) / deviation, np.eye(CLASSES)[labels]

    return network(
        "Digits, tanh", parts["shapes"], begin, through_tanh, price=half_squares, batch=None,
        train=examples(pixels[:images], labels[:images]), test=examples(test_pixels, test_labels),
        seed=seed, dtype=dtype,
    )
