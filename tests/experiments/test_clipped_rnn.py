"""The recorded runs of the recurrent network: what made them makes them again."""

import json

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import clipped_rnn
from lessons.experiments.clipped_rnn import (
    BATCHES,
    FILE,
    LOGS,
    NEVER,
    RULES,
    SWEEP,
    hit,
    logged,
    network,
    record,
    recorded,
    train,
)
from lessons.steps import momentum
from lessons.surfaces import rosenbrock
from lessons.views import clipped


def test_logged_is_momentum_on_clipped_gradients_and_tells_their_norms():
    place, theta, velocity = rosenbrock(), np.array([-1.5, 2.0]), 0.0
    run = descend(clipped(place, 30.0), momentum, theta, 20, lr=0.01, beta=0.9)
    norms = []
    for _ in range(20):
        before = theta
        theta, velocity, norm = logged(place, theta, velocity, lr=0.01, c=30.0)
        norms.append(norm)
        assert norm == pytest.approx(np.linalg.norm(place.grad(before)), rel=1e-12)
    assert min(norms) < 30 < max(norms)     # some are clipped, and some are not
    np.testing.assert_allclose(theta, run.theta[-1], rtol=1e-12)


def test_an_entry_of_the_sweep_is_made_again_by_its_code():
    """All 200 steps of one seed; float32 sums depend on what is computed beside."""
    loss, norms = train(1.0, 0.25, seeds=(10,))
    row = next(run for run in recorded()["sweep"] if (run["lr"], run["c"]) == (1.0, 0.25))
    assert loss[0] == pytest.approx(row["loss"][3], abs=0.02)
    assert np.median(norms[20:]) == pytest.approx(row["median"][3], abs=0.01)
    assert (norms[20:] > 0.25).mean() == row["share"][3] == 1


def test_a_bad_batch_is_made_again_by_its_code():
    found = recorded()["bad"]["Momentum"]
    assert hit("Momentum", 100.0, 1.0, (1,))[0] == pytest.approx(found["bad batch, c = 1"][1],
                                                                 abs=0.02)


def test_the_log_of_a_bad_batch_is_that_of_a_clean_run_with_one_gradient_too_long():
    logs = {name: log[1] for name, log in recorded()["logs"].items()}
    norms = train(*LOGS["a guard"][:2], (1,), steps=105, size=100.0)[1][:, 0]
    np.testing.assert_allclose(norms, logs["a guard"][:105], rtol=0.02, atol=1e-3)
    np.testing.assert_allclose(logs["a guard"][:99], logs["nothing"][:99], atol=2e-3)
    assert logs["a guard"][99] == pytest.approx(100 * logs["nothing"][99], rel=0.01)


def test_a_bad_batch_throws_the_weights_a_hundred_times_as_far_unless_clipped():
    start = network((0,)).start
    moved = {}
    for name, (size, c) in BATCHES.items():
        place = clipped(clipped_rnn.spiked(network((0,)), size, when=1), c)
        moved[name] = np.linalg.norm(momentum(place.at(1), start, lr=0.3)[0] - start)
    assert moved["one bad batch"] == pytest.approx(100 * moved["clean"], rel=1e-3)
    assert moved["bad batch, c = 1"] == pytest.approx(0.3, rel=1e-3)     # lr times c


def test_the_file_has_every_run_and_the_sweep_writes_what_can_be_read_again(tmp_path, monkeypatch):
    assert [(run["lr"], run["c"]) for run in recorded()["sweep"]] == SWEEP
    assert {rule: list(found) for rule, found in recorded()["bad"].items()} == {
        rule: list(BATCHES) for rule in RULES}
    assert {name: np.shape(log) for name, log in recorded()["logs"].items()} == dict.fromkeys(
        LOGS, (3, 200))
    monkeypatch.setattr(clipped_rnn, "train",
                        lambda lr, c, seeds, size=1.0: (np.full(9, lr), np.full((200, 9), 0.5)))
    monkeypatch.setattr(clipped_rnn, "hit", lambda rule, size, c, seeds: np.full(9, size))
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["sweep"][0] == {"lr": 0.3, "c": NEVER, "loss": [0.3] * 9, "share": [0.0] * 9,
                                 "median": [0.5] * 9, "99th": [0.5] * 9}
    assert again["bad"]["Adam"]["one bad batch"] == [100.0] * 9
    assert again["logs"]["too loose"] == [[0.5] * 200] * 9
    assert again.keys() == json.loads(FILE.read_text(encoding="utf-8")).keys()


def test_claims_have_the_verdicts_that_the_lesson_tells():
    told = {claim.claim: claim.verdict for claim in clipped_rnn.claims()}
    assert told["Clipped at 0.25, lr 1 ends lower than plain lr 0.5."] == "TIE"
    assert told["Clipping at 1 guards momentum against one bad batch."].startswith("SUPPORTED")
