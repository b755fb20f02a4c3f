"""The sweep that is shipped: what made it makes it again, and the lesson's statements hold."""

import json

import numpy as np
import pytest

from lessons.experiments import warmup_transformer as transformers
from lessons.experiments.warmup_transformer import (
    FILE,
    LRS,
    NORMS,
    WAYS,
    is_stuck,
    letters_alone,
    recorded,
    train,
)
from lessons.steps import adam


@pytest.mark.parametrize(("norm", "way", "lr"), [
    ("post", "No warm-up", 0.014), ("pre", "Warm-up", 0.028), ("post", "No correction", 0.0035)])
def test_an_entry_of_the_sweep_is_made_again_by_its_code(norm, way, lr):
    """20 steps of one seed. Shipped with three digits; float32 sums depend on what is beside."""
    now = train(norm, way, lr, seeds=(2,), steps=20)
    np.testing.assert_allclose(now[:, 0], recorded()[norm][way][lr][:3, 2], atol=0.01)


def test_held_still_nothing_moves_for_80_steps():
    losses = recorded()["post"]["Held still"][0.007]
    assert np.ptp(losses[:9], axis=0).max() == 0 and (losses[9] < losses[8]).all()


def test_the_file_has_every_way_lr_and_seed_and_would_be_installed():
    losses = recorded()
    assert set(losses) == set(NORMS)
    for ways in losses.values():
        assert list(ways) == list(WAYS)
        for at in ways.values():
            assert tuple(at) == LRS and all(rows.shape == (26, 4) for rows in at.values())
    assert FILE.suffix == ".json" and "__init__.py" in {p.name for p in FILE.parent.iterdir()}


def test_without_correction_adam_divides_by_nothing():
    class Gradient:
        @staticmethod
        def grad(theta):
            return np.array([0.5, -2.0])

    theta, t, m, v = transformers.uncorrected(Gradient, np.zeros(2), lr=1.0)
    assert theta == pytest.approx(-m / (np.sqrt(v) + 1e-8), rel=1e-12)
    assert np.abs(theta) == pytest.approx([0.1 / np.sqrt(0.001)] * 2, rel=1e-6)
    assert np.abs(adam(Gradient, np.zeros(2), lr=1.0)[0]) == pytest.approx([1, 1])


def test_letters_alone_is_the_entropy_of_the_text():
    assert letters_alone() == pytest.approx(3.26, abs=0.01)
    assert is_stuck([3.27, 2.6]).tolist() == [True, False]


def test_the_sweep_writes_what_can_be_read_again(tmp_path, monkeypatch):
    monkeypatch.setattr(transformers, "train", lambda norm, way, lr: np.full((26, 4), lr))
    transformers.sweep(tmp_path / "again.json")
    monkeypatch.setattr(transformers, "FILE", tmp_path / "again.json")
    assert recorded()["pre"]["Warm-up"][0.007].tolist() == np.full((26, 4), 0.007).tolist()
    text = FILE.read_text(encoding="utf-8")
    assert json.loads(text) and len(text.splitlines()) == 8 * 5 + 8
