"""Our steps train networks as torch.optim does; a grid of trainings is a loop of trainings."""

import math

import numpy as np
import pytest
import torch
from torch import nn
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from lessons import steps
from lessons.descend import descend
from lessons.networks import digits, digits_cnn, digits_mlp, mnist1d, mnist1d_mlp
from lessons.steps import adam, adamw, gradient_descent, momentum, nesterov, rmsprop
from lessons.surfaces import ravine

STEPS = 50   # correct rules part by rounding alone: it is amplified beyond 1e-9 soon after
optim = torch.optim
TWINS = {
    "SGD": (gradient_descent, {}, 0.3, lambda p: optim.SGD(p)),
    "momentum": (momentum, {"beta": 0.8}, 0.05, lambda p: optim.SGD(p, momentum=0.8)),
    "Nesterov": (nesterov, {"beta": 0.9}, 0.05,
                 lambda p: optim.SGD(p, momentum=0.9, nesterov=True)),
    "RMSprop": (rmsprop, {"beta2": 0.9, "eps": 1e-6}, 1e-3,
                lambda p: optim.RMSprop(p, alpha=0.9, eps=1e-6)),
    "Adam": (adam, {}, 1e-3, lambda p: optim.Adam(p)),
    "AdamW": (adamw, {"weight_decay": 0.1}, 3e-3, lambda p: optim.AdamW(p, weight_decay=0.1)),
}
NETWORKS = {
    "digits_mlp": (digits_mlp, digits, lambda: nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))),
    "digits_cnn": (digits_cnn, digits, lambda: nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10))),
    "mnist1d_mlp": (mnist1d_mlp, mnist1d, lambda: nn.Sequential(
        nn.Linear(40, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))),
}

DENSE = {"bfgs", "kl_step", "natural_gradient", "newton", "newton_line_search",
         "saddle_free_newton"}  # D x D
SHORT = {"adam", "adamw", "lion", "muon", "rmsprop", "soap", "sophia"}    # for lr 0.01


def wave(lr):
    """A learning rate that changes at every step, so that no rule can fold it into its state."""
    return lambda t, total: lr * (1 + 0.5 * math.sin(t))


def walk_of_torch(module, start, make, data, seed, lr):
    """The weights after each of STEPS steps of a torch optimizer, in batches of 32."""
    inputs, labels = (torch.tensor(array) for array in data[:2])
    vector_to_parameters(torch.tensor(start), module.parameters())
    optimizer, path = make(module.parameters()), [start]
    for t in range(1, STEPS + 1):
        rows = np.random.default_rng((seed, t)).choice(len(labels), 32, replace=False)
        optimizer.param_groups[0]["lr"] = wave(lr)(t, STEPS)
        optimizer.zero_grad()
        nn.functional.cross_entropy(module(inputs[rows]), labels[rows]).backward()
        optimizer.step()
        path.append(parameters_to_vector(module.parameters()).detach().numpy().copy())
    return np.array(path)


@pytest.mark.parametrize(("network", "twin"), [
    *(("digits_mlp", twin) for twin in TWINS), ("digits_cnn", "Adam"), ("digits_cnn", "Nesterov"),
    ("mnist1d_mlp", "AdamW"), ("mnist1d_mlp", "momentum")])
def test_steps_train_a_network_as_torch_optim_does(network, twin):
    (make_network, data, module), (step, knobs, lr, make) = NETWORKS[network], TWINS[twin]
    seeds, lrs = [0, 6], np.array([lr, lr / 5])
    surface = make_network(seed=seeds, dtype=np.float64)
    run = descend(surface, step, steps=STEPS, every=10, lr=wave(lrs[:, None, None]), **knobs)
    assert run.theta.shape == (6, 2, 2, surface.dim)
    for i, j in [(0, 0), (1, 1)]:
        known = walk_of_torch(module().double(), surface.start[j], make, data(), seeds[j], lrs[i])
        np.testing.assert_allclose(run.theta[:, i, j], known[::10], rtol=0, atol=1e-9)
        assert np.abs(known[-1] - known[0]).max() > 3e-3   # it moved


@pytest.mark.parametrize(("network", "lr", "steps", "floor"), [
    ("digits_mlp", 0.01, 300, 0.95), ("digits_cnn", 0.01, 150, 0.85),
    ("mnist1d_mlp", 0.005, 400, 0.43)])
def test_same_step_that_rolled_down_the_ravine_trains_networks(network, lr, steps, floor):
    assert descend(ravine(), adam, lr=0.1, steps=200).loss[-1] < 1e-3
    surface = NETWORKS[network][0](batch=32)
    run = descend(surface, adam, lr=lr, steps=steps, every=steps)
    assert run.theta.dtype == np.float32
    assert run.loss[-1] == surface.loss(run.theta[-1])   # of all examples, not of a batch
    assert surface.accuracy(run.theta[-1]) > floor > surface.accuracy(surface.start) + 0.3


@pytest.mark.parametrize("name", sorted(set(steps.__all__) - DENSE))
def test_every_step_that_needs_no_matrix_of_all_weights_trains_a_network(name):
    knobs = {"lr": 0.01} if name in SHORT else {}
    surface = digits_mlp(seed=[0, 1], hidden=(16,))
    run = descend(surface, getattr(steps, name), steps=10, every=10, **knobs)
    assert run.theta.dtype == np.float32
    assert (run.loss[-1] < 0.995 * run.loss[0]).all()


def test_many_trainings_at_once_are_as_good_as_one_by_one():
    lrs, seeds = np.array([1e-3, 1e-2, 3e-2]), [3, 4]
    many = descend(digits_mlp(seed=seeds), adam, lr=lrs[:, None, None], steps=100, every=100)
    for i, j in np.ndindex(3, 2):
        one = descend(digits_mlp(seed=seeds[j]), adam, lr=lrs[i], steps=100, every=100)
        # float32 rounds to 6e-8, and 100 steps amplify that some 1000 times
        np.testing.assert_allclose(many.loss[-1, i, j], one.loss[-1], rtol=2e-3)


def test_a_training_that_diverges_leaves_its_neighbours_alone():
    surface, lrs = digits_mlp(dtype=np.float64), np.array([1e300, 0.1])
    both = descend(surface, gradient_descent, lr=lrs[:, None], steps=20)
    alone = descend(surface, gradient_descent, lr=0.1, steps=20)
    assert both.diverged_at[0] > 0 and both.diverged_at[1] == -1
    np.testing.assert_allclose(both.theta[:, 1], alone.theta, rtol=0, atol=1e-12)


def test_networks_leave_what_they_are_given_alone():
    surface = digits_mlp(batch=4)
    theta = surface.start.copy()
    theta.flags.writeable = False
    for function in (surface.loss, surface.at(1).grad, surface.at(1).diagonal, surface.accuracy):
        before = function(theta)
        again = function(theta)
        np.testing.assert_array_equal(before, again)
    gradient = surface.at(1).grad(theta)
    gradient += 1   # whoever gets a gradient may keep it and change it
    assert (surface.at(1).grad(theta) != gradient).all()


@pytest.mark.parametrize("make", [digits_mlp, digits_cnn, mnist1d_mlp])
@pytest.mark.parametrize("batch", [0, -1, 5000])
def test_batch_that_does_not_fit_is_refused(make, batch):
    with pytest.raises(ValueError, match="batch must be from 1 to .*, or None for all"):
        make(batch=batch)
