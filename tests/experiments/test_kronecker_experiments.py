"""Measurements of matrix preconditioners against other ways to find the same numbers."""

import json
from types import SimpleNamespace

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import kronecker, kronecker_digits
from lessons.experiments.kronecker import (
    CUBIC,
    LEAST,
    QUINTIC,
    RATES,
    at_best,
    off_by,
    one_layer,
    polynomial,
    turn,
    turned_bowl,
)
from lessons.experiments.kronecker_digits import (
    FILE,
    RULES,
    STEPS,
    equal_time,
    falling,
    hidden,
    judged,
    muon_and_adam,
    per_step,
    record,
    recorded,
    train,
)
from lessons.networks import digits
from lessons.steps import adam, muon, shampoo
from lessons.steps.kronecker import newton_schulz


def test_the_layer_has_the_fisher_matrix_and_the_factors_of_its_examples():
    theta = np.random.default_rng(0).normal(size=650) / 3
    a = np.hstack([digits()[0], np.ones((1297, 1))])
    p = np.exp(a @ theta.reshape(65, 10))
    p = p / p.sum(1, keepdims=True)
    [(S, A)] = one_layer().factors(theta)
    errors = np.eye(10)[:, None] - p        # (label, example, class), drawn with the chances p
    drawn = np.einsum("nc,cni,cnj->ij", p, errors, errors) / 1297
    np.testing.assert_allclose(S, drawn, atol=1e-12)
    np.testing.assert_allclose(A, np.einsum("ni,nj->ij", a, a) / 1297, rtol=1e-12)
    entry = np.einsum("nc,cn,cn,n,n->", p, errors[..., 3], errors[..., 7], a[:, 20], a[:, 64])
    assert one_layer().fisher(theta)[20 * 10 + 3, 64 * 10 + 7] == pytest.approx(entry / 1297)


def test_the_error_is_that_of_the_digits_layer_and_0_where_all_chances_are_equal():
    theta = np.random.default_rng(1).normal(size=650) / 3
    F, [(S, A)] = one_layer().fisher(theta), one_layer().factors(theta)
    told = off_by(theta.reshape(65, 10).T)
    assert told == pytest.approx(np.linalg.norm(F - np.kron(A, S)) / np.linalg.norm(F))
    assert off_by(np.zeros((10, 65))) < 1e-12


@pytest.mark.parametrize("shape", [(2, 2), (4, 3)])
def test_a_turned_bowl_is_the_bowl_in_turned_coordinates(shape):
    P, Q = (turn(n, 30.0) for n in shape)
    for side in (P, Q):
        np.testing.assert_allclose(side @ side.T, np.eye(len(side)), atol=1e-12)
    still, turned = (turned_bowl(angle, shape, 50.0) for angle in (0.0, 30.0))
    W = np.random.default_rng(0).normal(size=shape)
    there = (P @ W @ Q.T).ravel()
    assert turned.loss(there) == pytest.approx(still.loss(W.ravel()))
    np.testing.assert_allclose(turned.grad(there).reshape(shape),
                               P @ still.grad(W.ravel()).reshape(shape) @ Q.T, atol=1e-12)
    curvatures = [still.grad(e) @ e for e in np.eye(W.size)]
    assert max(curvatures) == pytest.approx(8) and min(curvatures) == pytest.approx(8 / 50)
    h = 1e-6 * np.eye(W.size)
    slope = [(turned.loss(there + d) - turned.loss(there - d)) / 2e-6 for d in h]
    np.testing.assert_allclose(turned.grad(there), slope, atol=1e-6)


def test_the_bowl_of_the_text_has_its_gradient_and_shampoo_makes_the_identity_of_it():
    place = turned_bowl()
    start = np.array(place.start)
    np.testing.assert_allclose(place.grad(start), [5, 3, 3, 5], atol=1e-12)
    moved = descend(place, shampoo, steps=1, lr=1.0).theta[1]
    np.testing.assert_allclose(start - moved, [1, 0, 0, 1], atol=1e-6)      # eps is 1e-6


def test_shampoo_falls_below_the_floor_at_every_rate_from_1000_on_and_is_told_at_the_smallest():
    place = turned_bowl(45.0, condition=10000)
    for lr in RATES:
        loss = descend(place, shampoo, steps=60, lr=lr).loss
        assert (loss[-1] < LEAST * loss[0]) == (lr > 999)
    assert at_best(place, shampoo, 60)[1] == pytest.approx(1000)


def test_rounds_are_those_of_the_levelled_matrix():
    x = np.linspace(0.002, 1, 40)
    levelled = np.diag(newton_schulz(np.diag(x), 5))        # which divides by the size first
    expected = x / np.sqrt((x * x).sum())
    for _ in range(5):
        expected = polynomial(expected)
    np.testing.assert_allclose(levelled, expected, atol=1e-9)


def test_the_cubic_rests_at_one_and_the_quintic_does_not():
    assert polynomial(1.0, CUBIC) == 1 and polynomial(1.0, QUINTIC) == pytest.approx(0.701)


def test_muon_and_adam_is_muon_on_hidden_matrices_and_adam_on_the_rest():
    shapes, rng = ((4, 3), (4,), (2, 4), (2,)), np.random.default_rng(0)
    gradients = rng.normal(size=(3, 26))
    surface = SimpleNamespace(shape=shapes, grad=None)
    theta = one = rng.normal(size=26)
    state, mine, M, t, m, v = (), theta.copy(), 0.0, 0, 0.0, 0.0
    for g in gradients:
        surface.grad = lambda _, g=g: g
        one, *state = muon_and_adam(surface, one, *state, lr=0.1, share=0.5)
        first = SimpleNamespace(shape=(4, 3), grad=lambda _, g=g: g[:12])
        mine[:12], M = muon(first, mine[:12], M, lr=0.1)
        rest = SimpleNamespace(shape=None, grad=lambda _, g=g: g[12:])
        mine[12:], t, m, v = adam(rest, mine[12:], t, m, v, lr=0.05)
    np.testing.assert_allclose(one, mine, rtol=1e-12)
    assert hidden(shapes).tolist() == [True] * 12 + [False] * 14


def test_the_rate_falls_in_a_straight_line():
    assert [falling(0.4)(t, 4) for t in (1, 2, 3, 4)] == pytest.approx([0.4, 0.3, 0.2, 0.1])


def test_a_recorded_run_is_made_again_by_its_code():
    """One seed of nine; sums of float32 part in 150 steps, by less than a third."""
    rule, lr = "Muon and Adam", 0.06
    loss = train(rule, lr, (10,))
    row = next(run for run in recorded()["runs"]
               if (run["rule"], run["lr"], run["steps"]) == (rule, lr, STEPS))
    assert np.log(loss[0]) == pytest.approx(np.log(row["loss"][3]), abs=0.3)


def test_a_rule_is_judged_at_the_rate_that_was_best_on_the_set_before():
    runs = {run["lr"]: np.reshape(run["loss"], (3, 3)) for run in recorded()["runs"]
            if (run["rule"], run["steps"]) == ("SOAP", STEPS)}
    loss, edge = judged("SOAP")
    for k in range(3):
        best = min(runs, key=lambda lr: np.log(runs[lr][k - 1]).mean())
        assert loss[k] == pytest.approx(np.prod(runs[best][k]) ** (1 / 3))
        assert edge[k] == (best in (min(runs), max(runs)))
    told = per_step().set_index("rule").loc["SOAP", "best lr"].split(" to ")
    assert float(told[0]) in runs and float(told[-1]) in runs


def test_the_file_has_every_run_and_is_written_as_it_is_read(tmp_path, monkeypatch):
    have = {(run["rule"], run["steps"], run["lr"]) for run in recorded()["runs"]}
    adams = {STEPS, *(equal_time(rule) for rule in RULES)}
    assert have == {(rule, steps, lr) for rule, (_, rates, _) in RULES.items() for lr in rates
                    for steps in (adams if rule == "Adam" else [STEPS])}
    monkeypatch.setattr(kronecker_digits, "train",
                        lambda rule, lr, seeds, steps=STEPS: np.full(9, lr))
    monkeypatch.setattr(kronecker_digits, "milliseconds", lambda: dict.fromkeys(RULES, 1.0)
                        | {"SOAP": 2.0})
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again.keys() == json.loads(FILE.read_text(encoding="utf-8")).keys()
    assert [run["steps"] for run in again["runs"] if run["rule"] == "Adam"] == [150] * 4 + [300] * 4
    assert again["runs"][0]["loss"] == [0.01] * 9


def test_claims_have_the_verdicts_that_the_lesson_tells():
    told = {claim.claim: claim.verdict for claim in
            kronecker.claims(kronecker_digits.claims()).claims}
    assert told["In as many steps SOAP ends lower than Adam."].startswith("SUPPORTED")
    assert told["In as many steps K-FAC ends lower than Adam."].startswith("SUPPORTED")
    muon = "steps Muon, with Adam for the rest, ends lower than Adam."
    assert told[f"In as many {muon}"].startswith("SUPPORTED")
    soap = "In the same time SOAP, with new axes in {} step, ends lower than Adam."
    assert told[soap.format("every")] == "TIE"
    assert told[soap.format("every tenth")].startswith("SUPPORTED")
    assert told["In the same time Muon, with Adam for the rest, ends lower than Adam."] == "TIE"
    assert told["On a trained layer K-FAC's matrix is within 10 % of the Fisher matrix."] == (
        "NOT SUPPORTED HERE")
    assert kronecker.solved_both_ways() < 1e-12
