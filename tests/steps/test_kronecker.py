"""K-FAC, Shampoo and Muon against SciPy, torch and dense algebra; what they notice and what not."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from scipy.linalg import polar, svd
from support.truth.kronecker import TRUTHS, quintic, turned

from lessons.descend import descend
from lessons.networks import digits_mlp
from lessons.steps import adam, kronecker
from lessons.steps.kronecker import kfac, muon, newton_schulz, shampoo
from lessons.surfaces import matrix_problem, quadratic

SHAPES = [(4, 3), (3, 5), (5, 5), (1, 6), (6, 1)]


def drawn(*shape, seed=0):
    return np.random.default_rng(seed).normal(size=shape)


@pytest.mark.parametrize("shape", SHAPES)
def test_newton_schulz_is_its_polynomial_on_the_singular_values(shape):
    G = drawn(7, *shape)
    for matrix, found in zip(G, newton_schulz(G)):
        U, values, Vt = svd(matrix, full_matrices=False)
        known = U * quintic(values / np.linalg.norm(matrix)) @ Vt
        np.testing.assert_allclose(found, known, rtol=0, atol=1e-12)
    assert np.array_equal(newton_schulz(-G), -newton_schulz(G))
    np.testing.assert_allclose(newton_schulz(G.mT), newton_schulz(G).mT, atol=1e-13)
    np.testing.assert_allclose(newton_schulz(1000 * G), newton_schulz(G), atol=1e-10)
    assert not newton_schulz(0 * G).any()


def test_newton_schulz_ends_near_the_polar_factor():
    ends = quintic(np.geomspace(0.002, 1, 100_001))
    assert 0.68 < ends.min() < 0.682 and 1.20 < ends.max() < 1.21
    assert quintic(0.001) < 0.5  # what is smaller is left behind
    for seed, shape in enumerate([(8, 8), (16, 4), (4, 16), (30, 20)]):
        G = drawn(*shape, seed=seed)
        values = svd(G, compute_uv=False)
        assert values[-1] > 0.002 * np.linalg.norm(G)
        exact, found = polar(G)[0], newton_schulz(G)
        assert svd(found - exact, compute_uv=False)[0] < 0.32
        assert (found * exact).sum() > 0.97 * np.linalg.norm(found) * np.linalg.norm(exact)


@pytest.mark.parametrize("nesterov", [True, False])
@pytest.mark.parametrize("shape", [(4, 3), (3, 4), (12, 2), (2, 9), (3, 3)])
def test_muon_is_torchs_but_in_float64(shape, nesterov, monkeypatch):
    surface, lrs = matrix_problem(*shape), [0.02 * (1 + 0.5 * np.sin(t)) for t in range(1, 51)]
    own = {} if nesterov else {"nesterov": False}  # the published rule is the usual one
    run = descend(surface, muon, steps=50, lr=lambda t, _: lrs[t - 1], beta=0.9, **own)
    ours, gradients = run.theta, surface.grad(run.theta)
    average = sum(0.1 * 0.9 ** (49 - t) * gradients[t] for t in range(50))
    np.testing.assert_allclose(run.state["M"][-1], average, rtol=1e-10, atol=1e-12)
    # torch casts the average to bfloat16, which has 8 bits
    np.testing.assert_allclose(torch_muon(surface, lrs, nesterov)[:5], ours[:5], atol=0.01)
    monkeypatch.setattr(torch.Tensor, "bfloat16", torch.Tensor.clone)
    np.testing.assert_allclose(torch_muon(surface, lrs, nesterov), ours, rtol=1e-10, atol=1e-10)


def torch_muon(surface, lrs, nesterov):
    p = torch.tensor(np.reshape(surface.start, surface.shape), requires_grad=True)
    muon = torch.optim.Muon([p], momentum=0.9, nesterov=nesterov, weight_decay=0)
    path = [np.array(surface.start)]
    for lr in lrs:
        muon.param_groups[0]["lr"] = lr
        p.grad = torch.from_numpy(surface.grad(path[-1]).reshape(surface.shape))
        muon.step()
        path.append(p.detach().numpy().flatten())
    return np.array(path)


def test_muon_moves_a_vector_by_one_length():
    path = descend(quadratic(), muon, steps=20, lr=0.1).theta
    lengths = np.sqrt((np.diff(path, axis=0) ** 2).sum(-1))
    np.testing.assert_allclose(lengths, 0.1 * np.sqrt(5) * quintic(1.0), rtol=1e-9)
    assert round(quintic(1.0), 2) == 0.70


WALKS = [(name, shape, {}) for name in TRUTHS for shape in ((3, 5), (5, 2))]
WALKS += [("muon", shape, {"nesterov": False}) for shape in ((3, 5), (5, 2), None)]
WALKS += [("shampoo", shape, {"eps": eps}) for shape in ((3, 5), None) for eps in (1e-6, 1e-2)]


@pytest.mark.parametrize("name, shape, knobs", WALKS)
def test_walk_equals_the_truth_on_wide_and_tall_matrices_and_vectors(name, shape, knobs):
    surface = matrix_problem(*shape) if shape else quadratic()
    start, step = drawn(surface.dim), getattr(kronecker, name)
    lrs = [0.1 * (1 + 0.5 * np.sin(t)) for t in range(1, 51)]
    run = descend(surface, step, start, steps=50, lr=lambda t, _: lrs[t - 1], **knobs)
    known = TRUTHS[name](surface, start, lrs, **knobs)
    np.testing.assert_allclose(run.theta, known, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("shape", SHAPES)
def test_first_step_of_shampoo_is_the_polar_factor(shape):
    surface = matrix_problem(*shape)
    move = surface.start - shampoo(surface, np.array(surface.start), lr=1.0, eps=1e-13)[0]
    G = surface.grad(np.array(surface.start)).reshape(shape)
    np.testing.assert_allclose(move.reshape(shape), polar(G)[0], atol=1e-9)


def test_shampoo_of_one_number_is_adagrad_with_eps_inside_the_root():
    surface = replace(matrix_problem(1, 1), start=(4.0,))
    run = descend(surface, shampoo, steps=50, lr=0.3, eps=1e-2)
    theta, s = 4.0, 1e-2
    for found in run.theta[1:, 0]:
        g = surface.grad(np.array([theta]))[0]
        s += g * g
        theta -= 0.3 * g / s**0.5
        assert abs(found - theta) < 1e-12


@pytest.mark.parametrize("name, notices", [
    ("kfac", False), ("shampoo", False), ("muon", False), ("soap", False), ("adam", True),
])
def test_a_rotation_of_both_sides_is_not_noticed(name, notices):
    surface = replace(matrix_problem(), start=drawn(12))
    P, Q = np.linalg.qr(drawn(4, 4))[0], np.linalg.qr(drawn(3, 3))[0]
    step = adam if name == "adam" else getattr(kronecker, name)
    knobs = {"eps": 1e-2} if name == "soap" else {}  # a small eps shows rounding
    a, b = (descend(s, step, steps=40, **knobs).loss for s in (surface, turned(surface, P, Q)))
    apart = np.abs(a / b - 1).max()
    assert apart > 0.1 if notices else apart < 1e-9


@pytest.mark.parametrize("shape", SHAPES)
def test_kfac_solves_least_squares_between_matrices_in_one_step(shape):
    surface = matrix_problem(*shape, seed=3)
    theta = kfac(surface, drawn(surface.dim), lr=1.0, damping=0.0)
    np.testing.assert_allclose(theta, surface.minima[0], atol=1e-10)


def linear_layer(seed=0):
    """y = W x + b for 20 examples: the mean of half the squared error. Its answer: lstsq."""
    X, Y = drawn(20, 4, seed=seed), drawn(20, 3, seed=seed + 1)
    X1 = np.hstack([X + 2, np.ones((20, 1))])  # not centred: the bias and the weights mix

    def grad(theta):
        W = np.hstack([theta[:12].reshape(3, 4), theta[12:, None]])
        G = (X1 @ W.T - Y).T @ X1 / 20
        return np.concatenate([G[:, :4].ravel(), G[:, 4]])

    answer = np.linalg.lstsq(X1, Y, rcond=None)[0].T
    return replace(
        matrix_problem(), grad=grad, shape=((3, 4), (3,)), start=drawn(15),
        minima=(np.concatenate([answer[:, :4].ravel(), answer[:, 4]]),),
        factors=lambda theta: [(X1.T @ X1 / 20, np.eye(3))],
    )


def test_kfac_takes_the_bias_as_the_last_column():
    surface = linear_layer()
    theta = kfac(surface, surface.start, lr=1.0, damping=0.0)
    np.testing.assert_allclose(theta, surface.minima[0], atol=1e-10)


@pytest.mark.parametrize("damping", [1e-3, 0.1, 2.0])
def test_kfac_of_a_network_is_the_dense_solve(damping):
    surface = digits_mlp(batch=None, dtype=np.float64, hidden=(3,))
    starts = surface.start + 0.3 * drawn(2, surface.dim)
    run = descend(surface, kfac, starts, steps=3, lr=0.5, damping=damping)
    for i, start in enumerate(starts):
        one = replace(surface, grad=lambda x: surface.grad(x[None])[0], factors=lambda x: [
            (A[0], S[0]) for A, S in surface.factors(x[None])
        ])
        known = TRUTHS["kfac"](one, start, [0.5] * 3, damping=damping)
        # 64 + 1 inputs, some pixels always 0: the dense matrix has a condition of 1e6 and more
        np.testing.assert_allclose(run.theta[:, i], known, rtol=1e-8, atol=1e-8)


def test_kfac_outlives_a_dead_layer():
    surface = linear_layer()
    dead = replace(surface, grad=lambda theta: 0 * theta,
                   factors=lambda theta: [(surface.factors(theta)[0][0], np.zeros((3, 3)))])
    assert np.array_equal(kfac(dead, surface.start), surface.start)
