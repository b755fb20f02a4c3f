"""Networks as surfaces against the same networks as torch modules."""

import numpy as np
import pytest
import torch
from torch import nn
from torch.func import functional_call
from torch.nn.utils import parameters_to_vector, vector_to_parameters

from lessons.networks import (
    digits,
    digits_cnn,
    digits_mlp,
    digits_tanh,
    mnist1d,
    mnist1d_mlp,
    network,
)
from lessons.networks.mlp import mlp

MODULES = {
    "digits_mlp": (digits_mlp, digits, lambda: nn.Sequential(
        nn.Linear(64, 64), nn.ReLU(), nn.Linear(64, 10))),
    "digits_cnn": (digits_cnn, digits, lambda: nn.Sequential(
        nn.Unflatten(1, (1, 8, 8)),
        nn.Conv2d(1, 8, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Conv2d(8, 16, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2),
        nn.Flatten(), nn.Linear(64, 10))),
    "mnist1d_mlp": (mnist1d_mlp, mnist1d, lambda: nn.Sequential(
        nn.Linear(40, 100), nn.ReLU(), nn.Linear(100, 100), nn.ReLU(), nn.Linear(100, 10))),
    "tiny": (lambda **how: digits_mlp(hidden=(3,), **how), digits, lambda: nn.Sequential(
        nn.Linear(64, 3), nn.ReLU(), nn.Linear(3, 10))),
}


@pytest.fixture(params=MODULES)
def pair(request):
    """(make, data, module) of one network, in float64."""
    make, data, module = MODULES[request.param]
    return make, data(), module().double()


def module_loss(module, inputs, labels):
    """flat theta -> the mean cross-entropy of the module with these parameters."""
    inputs, labels = torch.tensor(inputs), torch.tensor(labels)
    shapes = {name: p.shape for name, p in module.named_parameters()}

    def loss(theta):
        blocks = theta.split([shape.numel() for shape in shapes.values()])
        named = {name: block.view(shapes[name]) for name, block in zip(shapes, blocks)}
        return nn.functional.cross_entropy(functional_call(module, named, inputs), labels)

    return loss


def gradient_of(loss, theta):
    theta = torch.tensor(theta, requires_grad=True)
    return torch.autograd.grad(loss(theta), theta)[0].numpy()


def two_by_three(surface, size=0.5):
    """A (2, 3, D) grid of networks, in float64."""
    errors = np.random.default_rng(5).standard_normal((2, 3, surface.dim))
    return surface.start + size * errors / np.sqrt(surface.dim / 20)


def test_losses_and_gradients_equal_torch(pair):
    make, (inputs, labels, *test), module = pair
    surface = make(batch=None, dtype=np.float64)
    theta = two_by_three(surface)[1, 2]
    assert [tuple(p.shape) for p in module.parameters()] == list(surface.shape)
    assert surface.dim == sum(p.numel() for p in module.parameters())
    loss, test_loss = module_loss(module, inputs, labels), module_loss(module, *test)
    np.testing.assert_allclose(surface.loss(theta), loss(torch.tensor(theta)), rtol=1e-12)
    np.testing.assert_allclose(surface.test_loss(theta), test_loss(torch.tensor(theta)), rtol=1e-12)
    np.testing.assert_allclose(surface.grad(theta), gradient_of(loss, theta), rtol=1e-9, atol=1e-14)
    vector_to_parameters(torch.tensor(theta), module.parameters())
    answers = module(torch.tensor(test[0])).argmax(1).numpy()
    assert surface.accuracy(theta) == np.mean(answers == test[1])


def test_mini_batch_of_a_step_is_drawn_by_seed_and_step(pair):
    make, (inputs, labels, *_), module = pair
    surface = make(batch=16, seed=3, dtype=np.float64)
    rows = np.random.default_rng((3, 8)).choice(len(labels), 16, replace=False)
    known = module_loss(module, inputs[rows], labels[rows])
    now = surface.at(8)
    loss = known(torch.tensor(surface.start))
    np.testing.assert_allclose(now.loss(surface.start), loss, rtol=1e-12)
    gradient = gradient_of(known, surface.start)
    np.testing.assert_allclose(now.grad(surface.start), gradient, rtol=1e-9, atol=1e-14)
    assert now.at is None and (surface.at(9).grad(surface.start) != gradient).any()


def test_hessian_times_a_vector_equals_torch(pair):
    make, (inputs, labels, *_), module = pair
    surface = make(batch=None, dtype=np.float64).first(50)
    theta, u = two_by_three(surface)[:, 0]
    loss = module_loss(module, inputs[:50], labels[:50])
    _, known = torch.autograd.functional.hvp(loss, torch.tensor(theta), torch.tensor(u))
    np.testing.assert_allclose(surface.hvp(theta, u), known, rtol=1e-9, atol=1e-13)


def test_top_eigenvalue_is_that_of_the_whole_hessian():
    surface = digits_mlp(dtype=np.float64, hidden=(3,)).first(80)
    images, labels, *_ = digits()
    loss = module_loss(MODULES["tiny"][2]().double(), images[:80], labels[:80])
    points = two_by_three(surface, size=3.0)[0]
    for theta in points:
        H = torch.autograd.functional.hessian(loss, torch.tensor(theta)).numpy()
        known = max(np.linalg.eigvalsh(H), key=abs)
        # the gap to the next eigenvalue is what limits the power iteration
        np.testing.assert_allclose(surface.top_eigenvalue(theta, 300), known, rtol=1e-6)
        np.testing.assert_allclose(surface.top_eigenvalue(theta), known, rtol=0.05)
    together = surface.top_eigenvalue(points)
    np.testing.assert_allclose(together, [surface.top_eigenvalue(p) for p in points], rtol=1e-9)


def test_top_eigenvalue_on_a_hilltop_is_negative():
    def forward(parts, inputs):   # at 0 the loss ln(1 + exp(-theta^2 / 2)) curves by -1/2
        theta, = parts
        logits = torch.stack([(theta * theta).sum(1) / 2, torch.zeros(len(theta))], 1)
        return logits[:, None].expand(-1, len(inputs), 2)

    one = np.zeros((1, 1)), np.zeros(1, int)
    hill = network("Hill", [(2,)], lambda rng: [np.zeros(2)], forward, one, one, batch=None)
    np.testing.assert_allclose(hill.top_eigenvalue(hill.start), -0.5, rtol=1e-6)


def test_a_grid_of_networks_equals_a_loop_of_networks(pair):
    make, *_ = pair
    surface = make(batch=8, dtype=np.float64)
    grid = two_by_three(surface)
    few, now = surface.first(30), surface.at(2)
    for function in (surface.loss, surface.accuracy, surface.test_loss, few.grad, now.loss,
                     now.grad, now.diagonal, lambda theta: few.hvp(theta, grid[0, 1])):
        looped = np.array([[function(theta) for theta in row] for row in grid])
        # products of many matrices are rounded in another order than one product
        np.testing.assert_allclose(function(grid), looped, rtol=1e-9, atol=1e-14)


def test_a_sequence_of_seeds_is_a_loop_of_seeds(pair):
    make, *_ = pair
    three = make(batch=8, seed=[4, 0, 7], dtype=np.float64)
    singles = [make(batch=8, seed=seed, dtype=np.float64) for seed in (4, 0, 7)]
    np.testing.assert_array_equal(three.start, [one.start for one in singles])
    assert three.start.shape == (3, three.dim) and three.shape == singles[0].shape
    grid = two_by_three(singles[0])
    for name in "loss", "grad", "diagonal":
        looped = [getattr(one.at(5), name)(grid[:, i]) for i, one in enumerate(singles)]
        found = getattr(three.at(5), name)(grid)
        np.testing.assert_allclose(found, np.stack(looped, 1), rtol=1e-9, atol=1e-14)
    alone = three.at(5).grad(grid[0, 0])  # one point, met by the batches of three seeds
    np.testing.assert_allclose(alone[1], singles[1].at(5).grad(grid[0, 0]), rtol=1e-9, atol=1e-14)
    assert three.at(5).grad(grid[:, :1]).shape == grid.shape


def test_floats_come_back_as_they_came(pair):
    make, *_ = pair
    surface = make(batch=16)
    single, double = surface.start, surface.start.astype(float)
    now = surface.at(1)
    calls = {"loss": (), "accuracy": (), "grad": (), "hvp": (single,), "diagonal": ()}
    for name, more in calls.items():
        values = [getattr(now, name)(theta, *more) for theta in (single, double)]
        assert [value.dtype for value in values] == ["float32", "float64"], name
        largest = np.abs(values[1]).max()  # 1e-4 of it: float32 has 7 digits, sums lose some
        np.testing.assert_allclose(values[0], values[1], rtol=1e-4, atol=1e-4 * largest)
    assert now.grad(double.tolist()).dtype == float


def test_first_weights_are_spread_as_torch_spreads_them(pair):
    make, _, module = pair
    starts = make(seed=range(200)).start
    drawn = []
    for seed in range(200):
        torch.manual_seed(seed)
        for layer in module.modules():
            if hasattr(layer, "reset_parameters"):
                layer.reset_parameters()
        drawn.append(parameters_to_vector(module.parameters()).detach().numpy())
    ours, theirs = (np.sqrt(np.mean(np.square(values), 0)) for values in (starts, drawn))
    ends = np.cumsum([p.numel() for p in module.parameters()])[:-1]
    for a, b in zip(np.split(ours, ends), np.split(theirs, ends)):
        np.testing.assert_allclose(np.mean(a), np.mean(b), rtol=0.08)  # a bias has 3 x 200 draws
    assert np.abs(starts).max() <= np.abs(drawn).max() * 1.01 and len(np.unique(starts[:, 0])) > 190


def test_a_label_for_each_position_counts_once():
    rng = np.random.default_rng(0)
    inputs, labels = rng.normal(size=(7, 5, 4)), rng.integers(3, size=(7, 5))
    made = mlp(5 * 4, 5 * 3)

    def forward(parts, inputs):
        return made["forward"](parts, inputs.flatten(-2)).unflatten(-1, (5, 3))

    many = network("N", made["shapes"], made["begin"], forward, (inputs, labels), (inputs, labels),
                   batch=None, dtype=np.float64, record=(inputs[:3], labels[:3]))
    layer = nn.Linear(20, 15).double()
    vector_to_parameters(torch.tensor(many.start), layer.parameters())
    logits = layer(torch.tensor(inputs).flatten(1)).unflatten(1, (5, 3))
    losses = nn.functional.cross_entropy(logits.mT, torch.tensor(labels), reduction="none").detach()
    np.testing.assert_allclose(many.test_loss(many.start), losses.mean(), rtol=1e-12)
    np.testing.assert_allclose(many.loss(many.start), losses[:3].mean(), rtol=1e-12)
    right = (logits.argmax(-1).numpy() == labels).mean()
    np.testing.assert_allclose(many.accuracy(many.start), right, rtol=1e-12)


def test_a_grid_too_large_for_memory_is_computed_in_parts():
    inputs, labels, *test = digits()
    known, *others = [
        network("N", **mlp(64, 3, 10), train=(inputs, labels), test=test, room=room,
                seed=[0, 1, 2], dtype=np.float64) for room in (10**9, 3000, 64, 1)]
    grid = two_by_three(known)
    for name in "loss", "grad", "hvp", "accuracy", "top_eigenvalue", "diagonal":
        more = [grid[0]] * (name == "hvp")
        for other in others:
            for a, b in (known, other), (known.at(4), other.at(4)):
                found = getattr(b, name)(grid, *more)
                np.testing.assert_allclose(
                    found, getattr(a, name)(grid, *more), rtol=1e-9, atol=1e-14)


def test_digits_tanh_is_torchs():
    network = digits_tanh(seed=3, images=50, hidden=(7, 5))
    layers = [nn.Linear(64, 7), nn.Tanh(), nn.Linear(7, 5), nn.Tanh(), nn.Linear(5, 10)]
    module = nn.Sequential(*layers).double()
    torch.nn.utils.vector_to_parameters(torch.tensor(network.start), module.parameters())
    pixels, labels = (np.array(part) for part in digits()[:2])
    inputs = torch.tensor((pixels - pixels.mean()) / pixels.std())[:50]
    wanted = nn.functional.one_hot(torch.tensor(labels[:50]), 10)
    loss = (module(inputs) - wanted).square().sum(1).mean() / 2
    loss.backward()
    g = torch.nn.utils.parameters_to_vector([p.grad for p in module.parameters()])
    np.testing.assert_allclose(network.loss(network.start), loss.item(), rtol=1e-12)
    np.testing.assert_allclose(network.grad(network.start), g.numpy(), atol=1e-12)
    assert all((layer.bias == 0).all() for layer in layers[::2])
    assert layers[0].weight.std().item() == pytest.approx(0.5 / 8, rel=0.1)     # 448 weights
