"""The data of the networks, and the digits' softmax against torch on the same images."""

import random
import socket
import subprocess
import sys

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.networks import digits, digits_accuracy, digits_softmax, mnist1d


def gradient_descent(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


@pytest.fixture(scope="module")
def surface():
    return digits_softmax()


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).normal(size=(3, 2, 650))


def torch_loss(theta, rows=slice(None)):
    images, labels, *_ = digits()
    W = theta.reshape(65, 10)
    scores = torch.tensor(images[rows]) @ W[:64] + W[64]
    return torch.nn.functional.cross_entropy(scores, torch.tensor(labels[rows]))


def test_digits_are_shuffled_and_none_is_in_both_parts():
    from sklearn.datasets import load_digits

    X_train, y_train, X_test, y_test = digits()
    assert X_train.shape == (1297, 64) and X_test.shape == (500, 64)
    assert X_train.min() == 0 and X_train.max() == 1
    order = np.random.default_rng(0).permutation(1797)
    known = load_digits()
    np.testing.assert_array_equal(np.vstack([X_train, X_test]), known.data[order] / 16)
    np.testing.assert_array_equal(np.hstack([y_train, y_test]), known.target[order])
    assert np.bincount(y_test).min() > 30  # every digit is there
    with pytest.raises(ValueError, match="read-only"):
        X_train[0] = 0


def test_curves_are_made_here_and_leave_no_trace(tmp_path, monkeypatch):
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(socket, "socket", None)   # whoever downloads, fails
    states = random.getstate(), np.random.get_state()[1].tolist()
    X_train, y_train, X_test, y_test = mnist1d.__wrapped__()
    assert (random.getstate(), np.random.get_state()[1].tolist()) == states
    assert list(tmp_path.iterdir()) == []
    assert X_train.shape == (4000, 40) and X_test.shape == (1000, 40)
    whole = np.vstack([X_train, X_test])
    np.testing.assert_allclose([whole.mean(), whole.std()], [0, 1], atol=1e-12)
    np.testing.assert_array_equal(np.bincount(np.concatenate([y_train, y_test])), [500] * 10)
    assert len(np.unique(whole, axis=0)) == 5000
    for kept, made in zip(mnist1d(), (X_train, y_train, X_test, y_test)):
        np.testing.assert_array_equal(kept, made)
        assert not kept.flags.writeable


def test_networks_load_nothing_slow_before_they_are_used():
    code = "import sys, lessons.networks; print(*{m.partition('.')[0] for m in sys.modules})"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    slow = {"torch", "sklearn", "scipy", "mnist1d", "requests", "matplotlib"}
    assert slow.isdisjoint(done.stdout.split())


def test_loss_and_gradient_equal_torch(surface, points):
    for theta in (np.zeros(650), *points[0]):
        tensor = torch.tensor(theta, requires_grad=True)
        loss = torch_loss(tensor)
        loss.backward()
        np.testing.assert_allclose(surface.loss(theta), loss.item(), rtol=1e-12)
        np.testing.assert_allclose(surface.grad(theta), tensor.grad, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(surface.loss(np.zeros(650)), np.log(10), rtol=1e-14)


def test_hessian_equals_torch_along_three_directions(surface, points):
    theta = points[0, 0]
    H = surface.hess(theta)
    np.testing.assert_allclose(H, H.T, atol=1e-15)
    for direction in np.random.default_rng(1).normal(size=(3, 650)):
        _, known = torch.autograd.functional.hvp(
            torch_loss, torch.tensor(theta), torch.tensor(direction)
        )
        np.testing.assert_allclose(H @ direction, known, rtol=1e-9, atol=1e-13)
        np.testing.assert_allclose(surface.hvp(theta, direction), known, rtol=1e-9, atol=1e-13)


def test_grid_of_points_equals_loop_of_points_bit_for_bit(surface, points):
    for function in (surface.loss, surface.grad, digits_softmax(batch=16).at(5).grad,
                     digits_accuracy):
        looped = np.array([[function(theta) for theta in row] for row in points])
        np.testing.assert_array_equal(function(points), looped)
    H = surface.hess(points[0])
    np.testing.assert_array_equal(H[1], surface.hess(points[0, 1]))


def test_mini_batch_is_the_mean_over_some_images(points):
    theta, rows = points[0, 0], np.random.default_rng((4, 9)).choice(1297, 32, replace=False)
    tensor = torch.tensor(theta, requires_grad=True)
    torch_loss(tensor, rows).backward()
    known = digits_softmax(batch=32, seed=4).at(9)
    np.testing.assert_allclose(known.grad(theta), tensor.grad, rtol=1e-9, atol=1e-14)
    np.testing.assert_allclose(known.loss(theta), torch_loss(tensor, rows).item(), rtol=1e-12)


def test_mini_batches_are_right_on_average(surface):
    theta = np.zeros(650)
    batches = digits_softmax(batch=100)
    gradients = np.array([batches.at(t).grad(theta) for t in range(1, 401)])
    error = gradients.mean(0) - surface.grad(theta)
    expected = gradients.std(0) / np.sqrt(len(gradients))  # standard errors
    varied = expected > 0
    assert 0.8 < np.sqrt(np.mean((error[varied] / expected[varied]) ** 2)) < 1.2
    np.testing.assert_allclose(error[~varied], 0, atol=1e-15)  # pixels that are always white
    whole = digits_softmax(batch=1297).at(1)
    np.testing.assert_allclose(whole.grad(theta), surface.grad(theta), atol=1e-15)


def test_mini_batch_depends_on_seed_and_step_only():
    theta = np.zeros(650)

    def gradient(seed, t):
        return digits_softmax(batch=8, seed=seed).at(t).grad(theta)

    assert (gradient(0, 1) == gradient(0, 1)).all()
    assert (gradient(0, 1) != gradient(0, 2)).any() and (gradient(0, 1) != gradient(1, 1)).any()


def test_same_step_that_rolled_down_the_ravine_trains_the_digits():
    run = descend(digits_softmax(batch=32), gradient_descent, lr=0.5, steps=200)
    whole = digits_softmax().loss(run.theta[[0, -1]])
    np.testing.assert_array_equal(run.loss[[0, -1]], whole)  # of all images, not of the batch
    assert run.loss[-1] < 0.3
    accuracy = digits_accuracy(run.theta)
    assert accuracy.shape == (201,) and accuracy[-1] > 0.93
    _, _, images, labels = digits()
    W = run.theta[-1].reshape(65, 10)
    assert accuracy[-1] == np.mean((images @ W[:64] + W[64]).argmax(1) == labels)


@pytest.mark.parametrize("batch", [0, -3, 1298])
def test_batch_that_does_not_fit_the_data_is_refused(batch):
    with pytest.raises(ValueError, match="batch must be from 1 to 1297"):
        digits_softmax(batch=batch)


def test_the_fisher_matrix_of_the_digits_is_the_mean_square_score_over_the_models_labels():
    theta = np.random.default_rng(2).normal(0, 0.1, 650)
    images = np.hstack([digits()[0], np.ones((1297, 1))])
    scores = images @ theta.reshape(65, 10)
    p = np.exp(scores) / np.exp(scores).sum(axis=1, keepdims=True)
    F = np.zeros((650, 650))
    for label in range(10):     # the score of a label, at each image, weighed by its chance
        score = (images[:, :, None] * (np.eye(10)[label] - p)[:, None, :]).reshape(1297, 650)
        F += (score * p[:, label, None]).T @ score / 1297
    np.testing.assert_allclose(digits_softmax().fisher(theta), F, atol=1e-12)
