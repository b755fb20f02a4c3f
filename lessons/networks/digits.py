"""Which digit is it? 8 x 8 pixels from scikit-learn: a softmax in NumPy and networks in torch."""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from lessons.networks.mlp import begin, linear, mlp
from lessons.networks.network import Network, batches, network, pytorch
from lessons.surfaces import Surface

PIXELS, CLASSES = 64, 10
SPOILT = 1000       # noisy_digits trains on so many images; the other 297 are held out


@lru_cache
def digits():
    """1,797 handwritten digits of 8 x 8 pixels: (X_train, y_train, X_test, y_test), read-only.

    X: (1297, 64) and (500, 64), from 0 to 1. y: 0 to 9. Shuffled once, with seed 0.
    Source: Alpaydin & Kaynak 1998, in the UCI repository; scikit-learn ships them.
    """
    from sklearn.datasets import load_digits  # a slow import: only who asks for digits waits for it

    images, labels = load_digits(return_X_y=True)
    order = np.random.default_rng(0).permutation(len(labels))
    images, labels = images[order] / 16, labels[order]
    for array in (images, labels):
        array.flags.writeable = False
    return images[:1297], labels[:1297], images[1297:], labels[1297:]


def digits_softmax(batch=None, seed=0) -> Surface:
    """Which digit is it? The mean cross-entropy of softmax regression, over 650 parameters.

    theta: (..., 650), a (65, 10) matrix laid out flat: a row per pixel, then the bias; a column per
    digit. It starts at zero, with a loss of ln 10.
    batch: None: every gradient is exact. A number: step t sees the gradient of so many images,
    drawn without replacement from default_rng((seed, t)). The loss on record is always that of all
    1,297.
    Raises ValueError where the batch does not fit the data.
    seed: a number, or a sequence of S: then a gradient is (S, 650), for S trainings in one call.
    """
    images, labels, *_ = digits()
    images, truth = _with_ones(images), np.eye(CLASSES)[labels]
    rows = batches(len(images), batch, seed)

    def at(t):
        return replace(surface, at=None, **_cross_entropy(images[rows(t)], truth[rows(t)]))

    shape = (PIXELS + 1, CLASSES)
    surface = Surface(
        "Digits", **_cross_entropy(images, truth), window=None, start=(0.0,) * 650, minima=(),
        shape=shape, at=rows and at,
    )
    return surface


def digits_accuracy(theta):
    """Share of the 500 test images that get the right digit. theta: (..., 650) -> (...)."""
    *_, images, labels = digits()
    return (_scores(_with_ones(images), theta).argmax(-1) == labels).mean(-1)


def _with_ones(images):
    return np.hstack([images, np.ones((len(images), 1))])  # the last weight of each digit: its bias


def _scores(images, theta):
    theta = np.asarray(theta, float)
    return images @ theta.reshape(*theta.shape[:-1], PIXELS + 1, CLASSES)


def _cross_entropy(images, truth):
    """loss, grad, hess, hvp of the mean cross-entropy. images: (n, 65). truth: (n, 10), one-hot.

    No label enters the Hessian: it is the Fisher matrix as well.
    """

    def log_chances(theta):
        scores = _scores(images, theta)
        scores = scores - scores.max(-1, keepdims=True)  # exp would overflow without
        return scores - np.log(np.exp(scores).sum(-1, keepdims=True))

    def loss(theta):
        return -(log_chances(theta) * truth).sum(-1).mean(-1)

    def grad(theta):
        surprise = np.exp(log_chances(theta)) - truth
        g = np.swapaxes(images, -1, -2) @ surprise / images.shape[-2]
        return _alike(g.reshape(*g.shape[:-2], -1), theta)

    def hess(theta):
        p = np.moveaxis(np.exp(log_chances(theta)), -1, 0)  # (10, ..., n)
        H = np.empty((*np.shape(theta)[:-1], PIXELS + 1, CLASSES, PIXELS + 1, CLASSES))
        for a, b in np.ndindex(CLASSES, CLASSES):
            weights = p[a] * ((a == b) - p[b]) / len(images)
            H[..., a, :, b] = (images.T * weights[..., None, :]) @ images
        return _alike(H.reshape(*np.shape(theta), -1), theta)

    def hvp(theta, u):
        p, moved = np.exp(log_chances(theta)), _scores(images, u)
        change = p * (moved - (p * moved).sum(-1, keepdims=True))
        product = np.swapaxes(images, -1, -2) @ change / images.shape[-2]
        return _alike(product.reshape(*product.shape[:-2], -1), theta)

    return {"loss": loss, "grad": grad, "hess": hess, "fisher": hess, "hvp": hvp}


def _alike(answer, theta):
    """The answer in theta's precision: float32 where theta is."""
    return answer.astype(np.float32) if np.asarray(theta).dtype == np.float32 else answer


def digits_mlp(batch=32, seed=0, dtype=np.float32, *, hidden=(64,)) -> Network:
    """Which digit is it? A network of linear layers with ReLU between them.

    theta: (..., 4810) for 64 hidden units. hidden: how many units, for each hidden layer.
    batch, seed, dtype: see network().
    """
    return _of_digits("Digits, MLP", mlp(PIXELS, *hidden, CLASSES), batch, seed, dtype)


def noisy_digits(share=0.4, batch=64, seed=0, dtype=np.float32, *, hidden=(128,), noise_seed=0,
                 test="clean") -> Network:
    """digits_mlp with 1,000 training digits, of which `share` have a label drawn at random.

    theta: (..., 9610) for 128 hidden units. A drawn label may be the right one: with share 0.4
    about 36 % are wrong.
    test: what test_loss and accuracy see. "clean": the 500 clean test images. "spoilt": the 297
    other digits, whose labels are spoilt alike. "wrong": the training digits with a wrong label, so
    accuracy is the share of wrong labels that are fitted.
    noise_seed: draws the labels. hidden, batch, seed, dtype: as for digits_mlp.
    Raises ValueError unless share lies from 0 to 1, and for another test.
    """
    if not 0 <= share <= 1:
        raise ValueError(f"share must be a number from 0 to 1; got {share!r}")
    images, truth, *clean = digits()
    rng = np.random.default_rng((noise_seed, 77))
    drawn = rng.random(len(truth)) < share
    labels = np.where(drawn, rng.integers(0, CLASSES, len(truth)), truth)
    wrong = np.flatnonzero(labels[:SPOILT] != truth[:SPOILT])
    tests = {"clean": clean, "spoilt": (images[SPOILT:], labels[SPOILT:]),
             "wrong": (images[wrong], labels[wrong])}
    if test not in tests:
        raise ValueError(f"test must be one of {', '.join(tests)}; got {test!r}")
    return network(
        "Noisy digits", **mlp(PIXELS, *hidden, CLASSES), train=(images[:SPOILT], labels[:SPOILT]),
        test=tests[test], batch=batch, seed=seed, dtype=dtype,
    )


def digits_cnn(batch=32, seed=0, dtype=np.float32, *, channels=(8, 16)) -> Network:
    """Which digit is it? Two convolutions of 3 x 3 pixels, each with ReLU and pooling; one layer.

    theta: (..., 1898) for 8 and 16 channels: weights (8, 1, 3, 3), biases (8,), then (16, 8, 3, 3),
    (16,), and (10, 64), (10,), with the first weights of torch.nn.Conv2d and torch.nn.Linear.
    batch, seed, dtype: see network().
    """
    c1, c2 = channels
    shapes = [(c1, 1, 3, 3), (c1,), (c2, c1, 3, 3), (c2,), (CLASSES, 4 * c2), (CLASSES,)]
    parts = {"shapes": shapes, "begin": partial(begin, shapes), "forward": convolutions}
    return _of_digits("Digits, CNN", parts, batch, seed, dtype)


def convolutions(parts, inputs):
    """Logits (K, n, 10) of K networks. inputs: images, (n, 64) or (K, n, 64).

    The channels of all networks stand side by side, and a grouped convolution keeps them apart.
    """
    F, K = pytorch().nn.functional, len(parts[0])
    x = inputs.expand(K, *inputs.shape[-2:]).transpose(0, 1).unflatten(-1, (8, 8))  # (n, K, 8, 8)
    for W, b in zip(parts[:-2:2], parts[1:-2:2]):
        x = F.conv2d(x, W.flatten(0, 1), b.flatten(), padding=1, groups=K)
        x = F.max_pool2d(x.relu(), 2)
    columns = x.unflatten(1, (K, -1)).flatten(2).permute(1, 2, 0)  # (K, 64, n)
    return linear(*parts[-2:], columns).transpose(1, 2)


def digits_autoencoder(batch=None, seed=0, dtype=np.float32, *, units=(32, 8, 32)) -> Network:
    """Can a digit be drawn again from 8 numbers? An autoencoder, 64 - 32 - 8 - 32 - 64 with tanh.

    theta: (..., 4744), weights and biases of linear layers. The loss is half the squared error of
    an image, summed over its 64 pixels, mean over the images; there is no accuracy.
    batch: None: every gradient is exact. seed, dtype: see network(). First weights: uniform.
    """
    parts = mlp(PIXELS, *units, PIXELS)
    images, _, held_out, _ = digits()
    return network(
        "Digits, autoencoder", parts["shapes"], parts["begin"], through_tanh, price=half_squares,
        train=(images, images), test=(held_out, held_out), batch=batch, seed=seed, dtype=dtype,
    )


def through_tanh(parts, inputs):
    """Outputs (K, n, out) of K networks with tanh between their layers. inputs: as for forward."""
    a = inputs.expand(len(parts[0]), *inputs.shape[-2:]).transpose(1, 2)
    for W, b in zip(parts[:-2:2], parts[1:-2:2]):
        a = linear(W, b, a).tanh()
    return linear(*parts[-2:], a).transpose(1, 2)


def half_squares(outputs, targets):
    """Half the squared distance of outputs (K, n, m) from targets: (K, n)."""
    return (outputs - targets).square().sum(-1) / 2


def _of_digits(name, parts, batch, seed, dtype):
    images, labels, *held_out = digits()
    return network(
        name, **parts, train=(images, labels), test=held_out, batch=batch, seed=seed, dtype=dtype
    )
