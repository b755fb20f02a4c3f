"""What networks know of their curvature without a Hessian: K-FAC's factors, Sophia's diagonal."""

import numpy as np
import torch
from torch import nn
from torch.nn.utils import vector_to_parameters

from lessons.networks import digits, digits_cnn, digits_mlp, network
from lessons.networks.mlp import mlp


def model_of(surface, theta):
    """The MLP of a surface as a torch module with the weights theta."""
    layers = []
    for m, n in surface.shape[::2]:
        layers += [nn.Linear(n, m), nn.ReLU()]
    module = nn.Sequential(*layers[:-1]).double()
    vector_to_parameters(torch.tensor(theta), module.parameters())
    return module


def scores(module, image):
    """[(chance, gradient of every parameter)] of every label that the module could draw."""
    chances = module(image).softmax(-1)
    for label, chance in enumerate(chances.tolist()):
        module.zero_grad()
        nn.functional.cross_entropy(module(image), torch.tensor(label)).backward()
        yield chance, [p.grad.numpy().copy() for p in module.parameters()]


def points(surface, *grid):
    errors = np.random.default_rng(1).standard_normal((*grid, surface.dim))
    return surface.start + 0.3 * errors


def test_kronecker_factors_are_means_over_examples_and_labels():
    surface = digits_mlp(hidden=(5, 4), dtype=np.float64).first(12)
    theta, (images, *_) = points(surface, 2)[1], digits()
    module, layers = model_of(surface, theta), range(3)
    A, S = [[0.0] * 3, [0.0] * 3]
    linear = [layer for layer in module if isinstance(layer, nn.Linear)]
    entered = {}
    for i, layer in enumerate(linear):
        layer.register_forward_pre_hook(lambda _, a, i=i: entered.__setitem__(i, a[0].detach()))
    for image in torch.tensor(images[:12]):
        for chance, gradients in scores(module, image):
            for i in layers:   # a bias has the gradient of its layer's sum
                S[i] = S[i] + chance * np.outer(gradients[2 * i + 1], gradients[2 * i + 1]) / 12
        for i in layers:
            a = np.append(entered[i], 1.0)
            A[i] = A[i] + np.outer(a, a) / 12
    for (a, s), known_a, known_s in zip(surface.factors(theta), A, S, strict=True):
        np.testing.assert_allclose(a, known_a, rtol=1e-12, atol=1e-15)
        np.testing.assert_allclose(s, known_s, rtol=1e-9, atol=1e-15)


def test_kronecker_factors_of_a_grid_are_those_of_a_loop():
    surface = digits_mlp(batch=6, seed=[1, 2], dtype=np.float64, hidden=(5,))
    grid, now = points(surface, 3, 1), surface.at(4)
    found = now.factors(grid)
    for i, seed in enumerate([1, 2]):
        alone = digits_mlp(batch=6, seed=seed, dtype=np.float64, hidden=(5,)).at(4)
        for pair, single in zip(found, alone.factors(grid[2, i]), strict=True):
            for matrix, known in zip(pair, single):
                np.testing.assert_allclose(matrix[2, i], known, rtol=1e-9, atol=1e-15)
    assert [a.shape for pair in found for a in pair] == [
        (3, 2, 65, 65), (3, 2, 5, 5), (3, 2, 6, 6), (3, 2, 10, 10)]
    assert digits_cnn().factors is None


def test_labels_that_the_model_draws_estimate_the_gauss_newton_diagonal():
    images, labels = (array[:150] for array in digits()[:2])
    surface = network("Digits", **mlp(64, 3, 10), train=(images, labels), test=(images, labels),
                      batch=150, dtype=np.float64)   # every batch is all images
    theta = points(surface)
    module = model_of(surface, theta)
    known = np.zeros(surface.dim)
    for image in torch.tensor(images):
        for chance, gradients in scores(module, image):
            score = np.concatenate([gradient.ravel() for gradient in gradients])
            known += chance * score**2 / 150
    drawn = np.array([surface.at(t).diagonal(theta) for t in range(1, 401)])
    error = drawn.std(0) / np.sqrt(len(drawn))
    varied = error > 0
    assert 0.8 < np.sqrt(np.mean(((drawn.mean(0) - known)[varied] / error[varied]) ** 2)) < 1.2
    np.testing.assert_allclose(drawn.mean(0)[~varied], known[~varied], atol=1e-15)   # white pixels
    assert (drawn >= 0).all()


def test_drawn_labels_depend_on_seed_and_step_only():
    theta = digits_mlp(dtype=np.float64).start

    def drawn(seed, t):   # of all images, in one order or another
        return digits_mlp(batch=1297, seed=seed).at(t).diagonal(theta)

    now = drawn(2, 3)
    np.testing.assert_array_equal(now, drawn(2, 3))
    for other in drawn(2, 4), drawn(5, 3):
        assert np.abs(other - now).max() > 0.01 * now.max()
