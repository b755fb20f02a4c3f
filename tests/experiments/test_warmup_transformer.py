"""The recorded runs of transformers: what made them makes them again, and statements hold."""

import json

import numpy as np
import pytest

from lessons.experiments import warmup_transformer as transformers
from lessons.experiments.warmup_transformer import (
    BELOW,
    CONTROLS,
    GRID,
    LRS,
    MOVED,
    claims,
    controls,
    is_stuck,
    letters_alone,
    mean_losses,
    rates_tried,
    record,
    recorded,
    stuck_by_length,
    train,
)


@pytest.mark.parametrize(("norm", "warmup", "lr"), [("post", 0, 0.014), ("pre", 80, 0.028)])
def test_an_entry_is_made_again_by_its_code(norm, warmup, lr):
    """20 steps of one seed. Recorded with three digits; float32 sums depend on what is beside."""
    now = train(norm, warmup, lr, seeds=(2,), steps=20)
    np.testing.assert_allclose(now[:, 0], recorded()["runs"][norm, warmup][lr][:3, 2], atol=0.01)


def test_a_control_is_made_again_by_its_code():
    now = CONTROLS[MOVED][1](0.014, seeds=(10,), steps=100)
    np.testing.assert_allclose(now[:, 0], recorded()["controls"][MOVED][0.014][:3, 4], atol=0.01)


def test_a_transplant_begins_where_the_warm_up_ended(monkeypatch):
    asked = []

    def watched(place, step, *start, **how):
        asked.append((start, how))
        return original(place, step, *start, **{**how, "steps": 2, "every": 1})

    original = transformers.descend
    monkeypatch.setattr(transformers, "descend", watched)
    losses = transformers.transplanted(80, seeds=(0,), steps=100)
    assert asked[0][1]["steps"] == 80 and asked[1][1]["steps"] == 20
    assert asked[1][1]["lr"](1, 20) == np.float32(0.014) and len(asked[1][0]) == 1
    led = transformers.network("post", (0,)).loss(asked[1][0][0])
    np.testing.assert_allclose(losses[0], led, atol=1e-4)


def test_the_file_has_every_run_and_would_be_installed():
    found = recorded()
    assert list(found["runs"]) == GRID and list(found["controls"]) == list(CONTROLS)
    assert all(tuple(by_lr) == rates_tried(*kind) for kind, by_lr in found["runs"].items())
    shapes = {rows.shape for by_lr in (*found["runs"].values(), *found["controls"].values())
              for rows in by_lr.values()}
    assert shapes <= {(26, 12), (18, 12)}       # the transplant has walked 80 steps before


def test_letters_alone_is_the_entropy_of_the_text():
    assert letters_alone() == pytest.approx(3.26, abs=0.01)
    assert is_stuck([3.27, 2.6]).tolist() == [True, False]


def test_the_tables_count_the_recorded_runs():
    found = stuck_by_length().set_index("warm-up")
    for (norm, warmup), by_lr in recorded()["runs"].items():
        if norm == "post":
            wanted = [int((by_lr[lr][-1] > letters_alone() - 0.1).sum()) for lr in LRS]
            assert found.loc[warmup].tolist() == wanted
    assert controls()["stuck of 12"].tolist() == [12, 0, 1]


def test_the_best_loss_of_each_kind_and_where_it_lies():
    found = mean_losses().set_index(["norm", "warm-up"])
    assert found.min(axis=1).round(3).tolist() == [2.456, 2.470, 2.483, 2.487]
    below = recorded()["runs"]["post", 0][BELOW][-1].mean()
    assert below == pytest.approx(2.54, abs=5e-3) and below > found.loc["post", 0].min()


def test_the_record_writes_what_can_be_read_again(tmp_path, monkeypatch):
    fake = lambda lr: np.full((26, 12), lr)     # noqa: E731
    monkeypatch.setattr(transformers, "train", lambda norm, warmup, lr: fake(lr))
    monkeypatch.setattr(transformers, "CONTROLS", {MOVED: ((0.007,), fake)})
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["runs"]["pre, 80"]["0.007"] == np.full((12, 26), 0.007).tolist()
    assert again["controls"][MOVED] == {"0.007": np.full((12, 26), 0.007).tolist()}


def test_the_verdicts_of_the_lesson():
    assert [claim.verdict for claim in claims()] == [
        "SUPPORTED WITHIN LIMITS", "TIE", "SUPPORTED WITHIN LIMITS"]


def test_none_of_the_96_runs_in_pre_LN_is_stuck():
    found = stuck_by_length(norm="pre").set_index("warm-up")
    assert found.index.tolist() == [0, 80] and found.shape == (2, 4)
    assert not found.to_numpy().any()
