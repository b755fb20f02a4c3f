"""The recorded runs with wrong labels: what made them makes them again."""

import json

import numpy as np
import pytest

from lessons.experiments import noisy_labels
from lessons.experiments.noisy_labels import (
    FILE,
    KNOBS,
    LR,
    OPTIONS,
    RUNS,
    SETS,
    STEPS,
    chosen,
    means,
    reached,
    record,
    recorded,
    run_of,
    train,
)
from lessons.networks import digits, noisy_digits


def test_the_labels_are_spoilt_as_said_and_the_test_stays_clean():
    images, labels, test_images, test_labels = digits()
    net, clean = noisy_digits(0.4, seed=0), noisy_digits(0.0, seed=0)
    theta = net.start.astype(float)
    rng = np.random.default_rng((0, 77))
    drawn = rng.random(1297) < 0.4
    spoilt = np.where(drawn, rng.integers(0, 10, 1297), labels)
    assert 0.33 < (spoilt[:1000] != labels[:1000]).mean() < 0.39     # 40 % of nine wrong in ten
    chances = answers(theta, images)
    assert net.loss(theta) == pytest.approx(-chances[np.arange(1000), spoilt[:1000]].mean(), 1e-9)
    twin, fitted = (noisy_digits(0.4, seed=0, test=test) for test in ("spoilt", "wrong"))
    held = -chances[np.arange(1000, 1297), spoilt[1000:]].mean()
    assert twin.test_loss(theta) == pytest.approx(held, 1e-9)
    wrong = np.flatnonzero(spoilt[:1000] != labels[:1000])
    assert fitted.accuracy(theta) == pytest.approx(
        (chances[wrong].argmax(1) == spoilt[wrong]).mean())
    assert net.test_loss(theta) == clean.test_loss(theta) == pytest.approx(
        -answers(theta, test_images)[np.arange(500), test_labels].mean(), 1e-9)
    assert noisy_digits(0.4, seed=0, noise_seed=1).loss(theta) != net.loss(theta)
    with pytest.raises(ValueError, match="share must be"):
        noisy_digits(1.4)
    with pytest.raises(ValueError, match="test must be one of clean, spoilt, wrong"):
        noisy_digits(test="dirty")


def answers(theta, images):
    """log of the chances (n, 10) that the weights of a 64-128-10 network give."""
    W, b, V, c = np.split(theta, np.cumsum([64 * 128, 128, 1280]))
    hidden = np.maximum(images @ W.reshape(128, 64).T + b, 0)
    scores = hidden @ V.reshape(10, 128).T + c
    return scores - np.log(np.exp(scores).sum(-1, keepdims=True))


def test_a_run_is_made_again_by_its_code():
    """500 steps of one seed; float32 sums depend on what is computed beside."""
    row = run_of(STEPS // 2, 0.2, LR, 0.0)
    nets, run = train(STEPS // 2, [(0.2, LR, 0.0)], 1, seeds=[SETS[1][2]])
    theta = run.theta[-1, 0, 0]
    assert 100 * nets["clean"].accuracy(theta) == pytest.approx(row["test"][1][2], abs=1.0)
    assert nets["spoilt"].test_loss(theta) == pytest.approx(row["validation"][1][2], abs=0.02)
    assert 100 * nets["wrong"].accuracy(theta) == pytest.approx(row["fitted"][1][2], abs=1.0)
    assert run.loss[-1, 0, 0] == pytest.approx(row["loss"][1][2], abs=0.02)


def test_a_rule_chooses_by_spoilt_labels_only():
    for rule, settings in OPTIONS.items():
        for k, run in enumerate(chosen(rule)):
            tried = [means(run_of(*knobs), "validation")[k] for knobs in settings]
            assert means(run, "validation")[k] == min(tried)
            assert reached(rule)[k] == means(run, "test")[k]
    assert {run["weight_decay"] for run in chosen("weight decay")} <= {0.003, 0.01, 0.02}
    assert {run["rho"] for run in chosen("SAM, half the steps")} <= {0.2, 0.3, 0.5}   # no edge


def test_the_longer_momentum_trains_the_sharper_it_ends_and_the_more_wrong_labels_it_fits():
    rows = noisy_labels.longer().set_index("steps")
    for steps, row in rows.iterrows():
        bends = run_of(steps, 0.0, LR, 0.0)["curvature"]
        assert row["curvature"] == pytest.approx(np.mean(bends), abs=0.006)
    assert (np.diff(rows[["curvature", "wrong fitted"]], axis=0) > 0).all()
    assert rows.loc[2000, "curvature"] == pytest.approx(2 * rows.loc[500, "curvature"], rel=0.03)
    long = noisy_labels.long_runs().set_index("rule").loc["momentum"]
    assert rows.loc[2000].tolist() == long.tolist()


def test_after_2000_steps_who_fits_fewer_wrong_labels_reads_more_and_the_flattest_nothing():
    rows = noisy_labels.long_runs().set_index("rule")
    learned = rows.drop("SAM, rho 1").sort_values("wrong fitted")
    test = learned[["set 1", "set 2", "set 3"]].mean(axis=1)
    assert (test.diff()[1:] < 0).all() and not (learned["curvature"].diff()[1:] > 0).all()
    assert rows["curvature"].idxmin() == "SAM, rho 1" and rows.loc["SAM, rho 1", "set 1"] < 15


def test_the_file_has_every_run_and_can_be_written_again(tmp_path, monkeypatch):
    assert [tuple(run[name] for name in KNOBS) for run in recorded()] == RUNS
    assert all(np.shape(run["test"]) == (3, 4) for run in recorded())

    class Fake:
        accuracy = test_loss = top_eigenvalue = staticmethod(lambda theta: 0 * theta[..., 0])
        kept = np.arange(3)

        def __init__(self, count):
            self.theta, self.loss = np.ones((3, count, 4, 2)), np.ones((3, count, 4))

    monkeypatch.setattr(noisy_labels, "train", lambda steps, knobs, k: (
        dict.fromkeys(("clean", "spoilt", "wrong"), Fake(len(knobs))), Fake(len(knobs))))
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    known = json.loads(FILE.read_text(encoding="utf-8"))
    assert [list(run) for run in again] == [list(run) for run in known]
