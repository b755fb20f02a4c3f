"""The words and the two tables that learn them, against torch and a plain count."""

import re

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.networks import words, words_losses, words_softmax
from lessons.networks.characters import TEXT
from lessons.steps import adagrad, gradient_descent

SMALL = {"dtype": np.float64, "width": 4}


def torch_loss(theta, pairs, width=4):
    """The mean cross-entropy of a torch.nn.Embedding and a torch.nn.Linear with these weights."""
    E, W, b = theta.split([1000 * width, 1000 * width, 1000])
    rows = torch.nn.functional.embedding(torch.tensor(pairs[:, 0]), E.view(1000, width))
    scores = torch.nn.functional.linear(rows, W.view(1000, width), b)
    return torch.nn.functional.cross_entropy(scores, torch.tensor(pairs[:, 1]))


@pytest.fixture(scope="module")
def points():
    return np.random.default_rng(0).normal(0, 0.3, (2, 2, 9000))


def test_the_vocabulary_is_of_the_words_that_occur_most_and_pairs_follow_each_other():
    vocabulary, pairs = words()
    text = re.sub("[^a-z]+", " ", TEXT.read_text(encoding="ascii").lower()).split()
    often = [text.count(word) for word in vocabulary[::25]]
    assert often == sorted(often, reverse=True) and often[0] > 3000 and often[-1] >= 4
    assert len(set(vocabulary)) == 1000 and vocabulary[0] == "the"
    assert text.count("class") > 400 and "class" in vocabulary
    joined, spaced = f" {' '.join(text)} ", [vocabulary[a] + " " + vocabulary[b] for a, b in pairs]
    for pair in ("the class", "of the", "is a"):
        assert spaced.count(pair) == len(re.findall(f"(?<= ){pair}(?= )", joined))
    with pytest.raises(ValueError, match="read-only"):
        pairs[0] = 0


def test_loss_and_gradient_equal_torch(points):
    surface, (_, pairs) = words_softmax(**SMALL), words()
    for theta in points[0]:
        tensor = torch.tensor(theta, requires_grad=True)
        loss = torch_loss(tensor, pairs)
        loss.backward()
        # torch adds 38,305 losses, we 1,000 rows of counts in another order
        np.testing.assert_allclose(surface.loss(theta), loss.item(), rtol=1e-9)
        np.testing.assert_allclose(surface.grad(theta), tensor.grad, rtol=1e-6, atol=1e-12)


def test_a_mini_batch_is_the_mean_over_some_pairs_and_touches_their_rows_only(points):
    theta, (_, pairs) = points[0, 0], words()
    some = pairs[np.random.default_rng((4, 9)).choice(len(pairs), 64, replace=False)]
    tensor = torch.tensor(theta, requires_grad=True)
    loss = torch_loss(tensor, some)
    loss.backward()
    now = words_softmax(batch=64, seed=4, **SMALL).at(9)
    gradient = now.grad(theta)
    np.testing.assert_allclose(now.loss(theta), loss.item(), rtol=1e-12)
    np.testing.assert_allclose(gradient, tensor.grad, rtol=1e-9, atol=1e-15)
    touched = np.flatnonzero(gradient[:4000].reshape(1000, 4).any(axis=1))
    np.testing.assert_array_equal(touched, np.unique(some[:, 0]))


def test_losses_of_the_words_add_up_to_the_loss(points):
    surface, count = words_softmax(**SMALL), np.bincount(words()[1][:, 0], minlength=1000)
    each = words_losses(points)
    assert each.shape == (2, 2, 1000)
    together = (each * count).sum(-1) / count.sum()
    np.testing.assert_allclose(together, surface.loss(points), rtol=1e-9)
    assert (each[..., count == 0] == 0).all() and (each[..., count > 0] > 0).all()


@pytest.mark.parametrize("batch", [None, 7])
def test_grid_of_points_equals_loop_of_points_bit_for_bit(batch, points):
    surface = words_softmax(batch, **SMALL)
    now = surface if batch is None else surface.at(3)
    for function in (now.loss, now.grad):
        looped = np.array([[function(theta) for theta in row] for row in points])
        np.testing.assert_array_equal(function(points), looped)


def test_several_seeds_train_as_each_alone_in_float32():
    lrs = np.float32([0.1, 1])[:, None, None]
    both = descend(words_softmax(16, seed=(3, 5)), adagrad, steps=4, lr=lrs)
    assert both.theta.shape == (5, 2, 2, 33000) and both.theta.dtype == np.float32
    for k, seed in enumerate((3, 5)):
        alone = descend(words_softmax(16, seed=seed), adagrad, steps=4, lr=0.1)
        np.testing.assert_array_equal(both.theta[:, 0, k], alone.theta)
        np.testing.assert_array_equal(both.loss[:, 0, k], alone.loss)


def test_it_begins_near_knowing_nothing_and_learns():
    surface = words_softmax(**SMALL)
    run = descend(surface, gradient_descent, steps=10, every=10, lr=10.0)
    assert run.loss[0] == pytest.approx(np.log(1000), abs=0.1) and run.loss[-1] < run.loss[0] - 0.2
    assert surface.shape == ((1000, 4), (1000, 4), (1000,)) and surface.dim == 9000


@pytest.mark.parametrize("batch", [0, 38306])
def test_a_batch_that_does_not_fit_the_text_is_answered(batch):
    with pytest.raises(ValueError, match="from 1 to 38305"):
        words_softmax(batch)
