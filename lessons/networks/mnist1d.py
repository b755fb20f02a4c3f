"""Which digit is it? A curve of 40 points, hard enough that one method generalizes better."""

import random
from functools import lru_cache

import numpy as np

from lessons.networks.mlp import mlp
from lessons.networks.network import Network, network


@lru_cache
def mnist1d():
    """5,000 drawn digits as curves of 40 points: (X_train, y_train, X_test, y_test), read-only.

    X: (4000, 40) and (1000, 40), mean 0 and deviation 1. y: 0 to 9. The package `mnist1d` makes
    them, by its own seed 42: from templates, moved, scaled, sheared and blurred with noise.
    Source: Greydanus & Kobak 2024, Scaling down deep learning with MNIST-1D. arXiv:2011.14439
    """
    from mnist1d.data import make_dataset  # a slow import; get_dataset would download and save

    states = random.getstate(), np.random.get_state()  # the package seeds these for everyone
    try:
        data = make_dataset()
    finally:
        random.setstate(states[0])
        np.random.set_state(states[1])
    arrays = data["x"], data["y"], data["x_test"], data["y_test"]
    for array in arrays:
        array.flags.writeable = False
    return arrays


def mnist1d_mlp(batch=32, seed=0, dtype=np.float32, *, hidden=(100, 100)) -> Network:
    """Which digit is this curve? A network of linear layers with ReLU between them.

    theta: (..., 15210) for 100 and 100 hidden units. hidden: how many, for each hidden layer.
    batch, seed, dtype: see network().
    """
    curves, labels, *held_out = mnist1d()
    return network(
        "MNIST-1D, MLP", **mlp(40, *hidden, 10), train=(curves, labels), test=held_out,
        batch=batch, seed=seed, dtype=dtype,
    )
