"""The networks that read text, against torch's own layers with the same weights."""

import hashlib
from functools import partial
from math import prod
from pathlib import Path

import numpy as np
import pytest
import torch
from torch import nn

import lessons.networks
from lessons.descend import descend
from lessons.networks.characters import CELLS, char_rnn, char_transformer, rnn, text, transformer
from lessons.steps import adam

DATA = Path(lessons.networks.__file__).parent / "data"
SHA256 = "e076a1fa9ef8f838621f8577ba61f14bf28cf53d032412c05529eda0372da9ad"
SMALL = {"context": 7, "dtype": np.float64}
NETWORKS = {
    "pre": partial(char_transformer, norm="pre", width=8, heads=2, **SMALL),
    "post": partial(char_transformer, norm="post", width=8, heads=2, **SMALL),
    "tanh": partial(char_rnn, cell="tanh", width=5, **SMALL),
    "lstm": partial(char_rnn, cell="lstm", width=5, **SMALL),
}
FORWARD = {
    **{norm: partial(transformer, norm=norm, heads=2) for norm in ("pre", "post")},
    **{cell: partial(rnn, cell=CELLS[cell][0]) for cell in ("tanh", "lstm")},
}
every_network = pytest.mark.parametrize("kind", NETWORKS)


class Transformer(nn.Module):
    """The same network from torch's layers."""

    def __init__(self, norm, d=8, heads=2, layers=2, T=7):
        super().__init__()
        pre = norm == "pre"
        self.table, self.places = nn.Embedding(94, d), nn.Embedding(T, d)
        layer = nn.TransformerEncoderLayer(d, heads, 4 * d, 0.0, batch_first=True, norm_first=pre)
        last = nn.LayerNorm(d) if pre else None
        self.encoder = nn.TransformerEncoder(layer, layers, last, enable_nested_tensor=False)
        self.out = nn.Linear(d, 94)

    def blocks(self):
        order = [self.table, self.places]
        for layer in self.encoder.layers:
            order += [layer.self_attn, layer.norm1, layer.linear1, layer.linear2, layer.norm2]
        order += [self.encoder.norm] if self.encoder.norm else []
        return [p for module in [*order, self.out] for p in module.parameters()]

    def forward(self, inputs):
        mask = nn.Transformer.generate_square_subsequent_mask(inputs.shape[-1])
        return self.out(self.encoder(self.table(inputs) + self.places.weight[: len(mask)], mask))


class Recurrent(nn.Module):
    """The same network from torch's layers; their second bias stays at zero."""

    def __init__(self, cell, h=5):
        super().__init__()
        self.rnn = {"tanh": nn.RNN, "lstm": nn.LSTM}[cell](94, h, batch_first=True)
        self.out = nn.Linear(h, 94)
        nn.init.zeros_(self.rnn.bias_hh_l0)

    def blocks(self):
        return [*list(self.rnn.parameters())[:3], *self.out.parameters()]

    def forward(self, inputs):
        return self.out(self.rnn(nn.functional.one_hot(inputs, 94).to(self.out.weight))[0])


def in_torch(kind):
    return (Transformer if kind in ("pre", "post") else Recurrent)(kind).double()


def parts_of(theta, surface):
    """The blocks of K networks, (K, *shape), of theta (K, D)."""
    cuts = np.cumsum([prod(shape) for shape in surface.shape])[:-1]
    parts = np.split(theta, cuts, axis=1)
    return [torch.tensor(p.reshape(-1, *shape)) for p, shape in zip(parts, surface.shape)]


def copied(kind, theta, surface):
    """The torch network with the weights theta (D,)."""
    module = in_torch(kind)
    for block, part in zip(module.blocks(), parts_of(theta[None], surface), strict=True):
        block.data = part[0] if part[0].shape == block.shape else part[0].T.contiguous()
    return module


def gradient(module, loss, surface):
    """The gradient at the torch network's weights, laid out as theta."""
    gradients = zip(torch.autograd.grad(loss, module.blocks()), surface.shape, strict=True)
    return np.concatenate([(g if g.shape == shape else g.T).ravel() for g, shape in gradients])


def cross_entropy(module, windows):
    windows = torch.tensor(np.array(windows))
    return nn.functional.cross_entropy(module(windows[:, :-1]).transpose(1, 2), windows[:, 1:])


def points(surface, *grid):
    """Weights near the start, where no gain is 1 and no bias is 0."""
    start = np.atleast_2d(surface.start)[0]
    return start + 0.3 * np.random.default_rng(1).standard_normal((*grid, surface.dim))


def test_text_is_the_one_that_was_pinned_and_its_licence_is_beside_it():
    written = (DATA / "python.txt").read_text(encoding="ascii")
    assert hashlib.sha256(written.encode()).hexdigest() == SHA256
    licence = (DATA / "LICENSE.txt").read_text(encoding="utf-8")
    assert "PYTHON SOFTWARE FOUNDATION LICENSE VERSION 2" in licence
    assert "2022, 2023 Python Software Foundation;\nAll Rights Reserved" in licence
    origin = (DATA / "ORIGIN.txt").read_text(encoding="utf-8")
    assert SHA256 in origin and f"{len(written):,} characters" in origin


def test_alphabet_and_split_give_back_the_text():
    written = (DATA / "python.txt").read_text(encoding="ascii")
    alphabet, train, test = text()
    assert list(alphabet) == sorted(set(written)) and len(alphabet) == 94
    assert set(alphabet) - {"\n"} < set(map(chr, range(32, 127)))  # printable
    assert len(train) == len(written) * 9 // 10
    assert "".join(alphabet[i] for i in [*train, *test]) == written
    with pytest.raises(ValueError, match="read-only"):
        train[0] = 0


@every_network
def test_logits_and_gradients_equal_those_of_torchs_layers(kind):
    surface, rng = NETWORKS[kind](), np.random.default_rng(2)
    thetas = points(surface, 3)
    parts = [part.requires_grad_() for part in parts_of(thetas, surface)]
    for shape in ((4, 7), (3, 4, 7)):  # inputs that all networks share, or their own
        inputs = torch.tensor(rng.integers(94, size=shape))
        logits = FORWARD[kind](parts, inputs)
        weights = torch.tensor(rng.standard_normal(logits.shape))
        gradients = torch.autograd.grad((weights * logits).sum(), parts)
        ours = torch.cat([g.flatten(1) for g in gradients], dim=1)
        for k, own in enumerate(inputs.expand(3, 4, 7)):
            module = copied(kind, thetas[k], surface)
            known = module(own)
            np.testing.assert_allclose(logits[k].detach(), known.detach(), rtol=0, atol=1e-9)
            known = gradient(module, (weights[k] * known).sum(), surface)
            np.testing.assert_allclose(ours[k], known, rtol=1e-9, atol=1e-9)


@every_network
def test_later_character_changes_no_earlier_logits(kind):
    surface = NETWORKS[kind]()
    logits = partial(FORWARD[kind], parts_of(points(surface, 2), surface))
    inputs = torch.tensor(np.random.default_rng(0).integers(94, size=(3, 7)))
    for place in range(7):
        other = inputs.clone()
        other[:, place] = (other[:, place] + 5) % 94
        change = (logits(other) - logits(inputs)).abs().amax((0, 1, 3))
        assert (change[:place] == 0).all() and (change[place:] > 1e-6).all()
    np.testing.assert_allclose(logits(inputs[:, :4]), logits(inputs)[:, :, :4], atol=1e-12)


@every_network
def test_network_starts_like_torchs_own(kind):
    surface = NETWORKS[kind](seed=range(40))
    torch.manual_seed(0)
    made = [in_torch(kind).blocks() for _ in range(40)]
    # A transformer's two tables begin smaller. A character is one input, where torch counts units.
    tables = [0.3, 0.1] if kind in ("pre", "post") else [5**0.5]
    for i, ours in enumerate(parts_of(surface.start, surface)):
        known = torch.stack([blocks[i].data for blocks in made])
        known = known * tables[i] if i < len(tables) else known
        np.testing.assert_allclose(ours.std(), known.std(), rtol=0.15)  # 200 draws or more
        np.testing.assert_allclose(ours.mean(), known.mean(), atol=0.4 * known.std())
        np.testing.assert_allclose(ours.abs().max(), known.abs().max(), rtol=0.4)


@every_network
@pytest.mark.parametrize("seed", [0, [3, 4]])
def test_mini_batch_is_made_of_the_windows_that_seed_and_step_draw(kind, seed):
    surface, (_, train, _) = NETWORKS[kind](batch=5, seed=seed), text()
    theta = points(surface, *np.shape(seed))
    losses, gradients = surface.at(9).loss(theta), surface.at(9).grad(theta)
    for i, s in enumerate(np.atleast_1d(seed).tolist()):
        rows = np.random.default_rng((s, 9)).choice(len(train) - 7, 5, replace=False)
        module = copied(kind, np.atleast_2d(theta)[i], surface)
        loss = cross_entropy(module, [train[row : row + 8] for row in rows])
        np.testing.assert_allclose(np.atleast_1d(losses)[i], loss.item(), rtol=1e-9)
        known = gradient(module, loss, surface)
        np.testing.assert_allclose(np.atleast_2d(gradients)[i], known, rtol=1e-9, atol=1e-9)


@every_network
def test_loss_on_record_test_loss_and_accuracy_equal_torch(kind):
    surface, (_, train, test) = NETWORKS[kind](batch=None), text()
    theta = points(surface)
    module = copied(kind, theta, surface)
    places = np.linspace(0, len(train) - 8, 64).astype(int)
    record = cross_entropy(module, [train[i : i + 8] for i in places])
    held_out = np.array([test[i : i + 8] for i in range(0, len(test) - 7, 7)])
    guesses = module(torch.tensor(held_out[:, :-1])).argmax(-1).numpy()
    np.testing.assert_allclose(surface.loss(theta), record.item(), rtol=1e-9)
    known = cross_entropy(module, held_out).item()
    np.testing.assert_allclose(surface.test_loss(theta), known, rtol=1e-9)
    np.testing.assert_allclose(surface.accuracy(theta), (guesses == held_out[:, 1:]).mean())
    known = gradient(module, record, surface)  # batch=None: of the windows on record
    np.testing.assert_allclose(surface.grad(theta), known, rtol=1e-9, atol=1e-9)


@every_network
def test_grid_of_networks_equals_loop_of_networks_and_rivals_meet_the_same_batch(kind):
    surface, rival = NETWORKS[kind](batch=4), NETWORKS[kind](batch=4)
    thetas = points(surface, 2, 3)
    for function in (surface.loss, surface.at(3).grad):
        looped = np.array([[function(theta) for theta in row] for row in thetas])
        np.testing.assert_allclose(function(thetas), looped, rtol=1e-11, atol=1e-13)
    g = surface.at(3).grad(thetas)
    assert (rival.at(3).grad(thetas) == g).all() and (rival.at(4).grad(thetas) != g).any()


@every_network
def test_hessian_times_a_vector_is_the_change_of_the_gradient(kind):
    surface = NETWORKS[kind](batch=4).at(1)
    theta, u = points(surface, 2)
    change = (surface.grad(theta + 1e-6 * u) - surface.grad(theta - 1e-6 * u)) / 2e-6
    np.testing.assert_allclose(surface.hvp(theta, u), change, rtol=1e-5, atol=1e-6)


@every_network
def test_training_learns_more_than_how_often_each_character_occurs(kind):
    size = {"layers": 1, "width": 16} if kind in ("pre", "post") else {"width": 32}
    surface = NETWORKS[kind](**size, context=16, seed=[0, 1], dtype=np.float32)
    run = descend(surface, adam, steps=100, every=50, lr=0.02)
    _, train, test = text()
    shares = np.bincount(train, minlength=94) / len(train)
    entropy = -np.log(shares[test]).mean()  # the loss of a reader who knows the shares alone
    assert run.theta.dtype == np.float32 and run.loss.shape == (3, 2)
    assert abs(run.loss[0] - np.log(94)).max() < 0.6  # it starts near the uniform guess
    assert surface.test_loss(run.theta[-1]).max() < entropy - 0.2
    assert surface.accuracy(run.theta[-1]).min() > (test == shares.argmax()).mean() + 0.05


@pytest.mark.parametrize(("build", "wrong", "advice"), [
    (char_transformer, {"norm": "no"}, 'norm must be "pre" or "post"; got \'no\''),
    (char_transformer, {"width": 30}, "width must be a multiple of heads; got 30 and 4"),
    (char_rnn, {"cell": "gru"}, "cell must be one of tanh, lstm; got 'gru'"),
])
def test_network_that_cannot_be_built_is_refused_with_advice(build, wrong, advice):
    with pytest.raises(ValueError, match=advice):
        build(**wrong)
