"""Losses of small models on real data, as Surfaces over one flat vector.

The very function that rolled down the ravine trains these.
"""

from lessons.networks.characters import char_rnn, char_transformer, text
from lessons.networks.digits import (
    digits,
    digits_accuracy,
    digits_autoencoder,
    digits_cnn,
    digits_mlp,
    digits_softmax,
    noisy_digits,
)
from lessons.networks.mnist1d import mnist1d, mnist1d_mlp
from lessons.networks.network import Network, network
from lessons.networks.plane import Plane, pca_plane, plane
from lessons.networks.tanh import digits_tanh
from lessons.networks.words import words, words_losses, words_softmax

__all__ = [
    "Network", "Plane", "char_rnn", "char_transformer", "digits", "digits_accuracy",
    "digits_autoencoder", "digits_cnn", "digits_mlp", "digits_softmax", "digits_tanh", "mnist1d",
    "mnist1d_mlp", "network", "noisy_digits", "pca_plane", "plane", "text", "words", "words_losses",
    "words_softmax",
]
