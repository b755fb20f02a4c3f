"""The recorded runs of transformers: what made them makes them again, and statements hold."""

import json

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import warmup_transformer as transformers
from lessons.experiments.warmup_transformer import (
    BARE,
    BELOW,
    CONTROLS,
    FILL,
    FILLED,
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
    told_apart,
    train,
    uncorrected,
    v_first,
    warmed,
)
from lessons.networks import char_transformer, text
from lessons.schedules import warmup_stable_decay
from lessons.steps import adam


class Gradient:
    @staticmethod
    def grad(theta):
        return np.array([0.5, -2.0])


@pytest.mark.parametrize(("norm", "warmup", "lr"), [("post", 0, 0.014), ("pre", 80, 0.028)])
def test_an_entry_is_made_again_by_its_code(norm, warmup, lr):
    """20 steps of one seed. Recorded with three digits; float32 sums depend on what is beside."""
    now = train(norm, warmup, lr, seeds=(2,), steps=20)
    np.testing.assert_allclose(now[:, 0], recorded()["runs"][norm, warmup][lr][:3, 2], atol=0.01)


def test_a_control_is_made_again_by_its_code():
    now = CONTROLS[BARE][1](0.0035, seeds=(10,), steps=20)
    np.testing.assert_allclose(now[:, 0], recorded()["controls"][BARE][0.0035][:3, 4], atol=0.01)


def test_while_v_fills_nothing_moves():
    losses = recorded()["controls"][FILLED][0.007]
    assert np.ptp(losses[:9], axis=0).max() == 0 and (losses[9] < losses[8]).all()


def test_with_v_filled_the_first_move_is_adams_with_that_v():
    theta, state = np.zeros(2), ()
    for _ in range(FILL):
        theta, *state = v_first(Gradient, theta, *state, lr=1.0)
        assert (theta == 0).all()
    theta, *_ = v_first(Gradient, theta, *state, lr=1.0)
    assert theta == pytest.approx([-1, 1])      # m is corrected as if this were its first step


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


def test_without_correction_adam_divides_by_nothing():
    theta, t, m, v = uncorrected(Gradient, np.zeros(2), lr=1.0)
    assert theta == pytest.approx(-m / (np.sqrt(v) + 1e-8), rel=1e-12)
    assert np.abs(theta) == pytest.approx([0.1 / np.sqrt(0.001)] * 2, rel=1e-6)
    assert np.abs(adam(Gradient, np.zeros(2), lr=1.0)[0]) == pytest.approx([1, 1])


def test_letters_alone_is_the_entropy_of_the_text():
    assert letters_alone() == pytest.approx(3.26, abs=0.01)
    assert is_stuck([3.27, 2.6]).tolist() == [True, False]


def test_the_tables_count_the_recorded_runs():
    found = stuck_by_length().set_index("warm-up")
    for (norm, warmup), by_lr in recorded()["runs"].items():
        if norm == "post":
            wanted = [int((by_lr[lr][-1] > letters_alone() - 0.1).sum()) for lr in LRS]
            assert found.loc[warmup].tolist() == wanted
    rows = controls().set_index(["instead", "lr"])["stuck of 12"]
    assert rows[FILLED, 0.014] == 12 and rows[MOVED, 0.014] < 3 and rows[BARE, 0.000875] == 0


def test_the_best_loss_of_each_kind_and_where_it_lies():
    found = mean_losses().set_index(["norm", "warm-up"])
    assert found.min(axis=1).round(3).tolist() == [2.456, 2.470, 2.483, 2.487]
    below = recorded()["runs"]["post", 0][BELOW][-1].mean()
    assert below == pytest.approx(2.54, abs=5e-3) and below > found.loc["post", 0].min()


def test_the_record_writes_what_can_be_read_again(tmp_path, monkeypatch):
    fake = lambda lr: np.full((26, 12), lr)     # noqa: E731
    monkeypatch.setattr(transformers, "train", lambda norm, warmup, lr: fake(lr))
    monkeypatch.setattr(transformers, "CONTROLS", {FILLED: ((0.007,), fake)})
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["runs"]["pre, 80"]["0.007"] == np.full((12, 26), 0.007).tolist()
    assert again["controls"][FILLED] == {"0.007": np.full((12, 26), 0.007).tolist()}


def test_the_verdicts_of_the_lesson():
    assert [claim.verdict for claim in claims()] == [
        "SUPPORTED WITHIN LIMITS", "TIE", *["SUPPORTED WITHIN LIMITS"] * 3]


def test_none_of_the_96_runs_in_pre_LN_is_stuck():
    found = stuck_by_length(norm="pre").set_index("warm-up")
    assert found.index.tolist() == [0, 80] and found.shape == (2, 4)
    assert not found.to_numpy().any()


def test_who_knows_no_character_tells_none_apart():
    place = char_transformer(norm="post", layers=2, dtype=np.float64)
    assert told_apart(place, place.start) == pytest.approx([0.96, 0.95], abs=0.01)
    blind = place.start.copy()
    blind[:(94 + 32) * 32] = 0      # no table of characters, and none of places
    assert told_apart(place, blind) == pytest.approx([0, 0], abs=1e-6)


def test_the_last_layer_is_what_the_answers_are_made_of():
    """The vectors before the last linear layer, found back from its outputs."""
    from lessons.networks.characters import transformer
    from lessons.networks.network import pytorch

    torch, place = pytorch(), char_transformer(norm="post", layers=2, dtype=np.float64)
    cuts = np.cumsum([np.prod(shape) for shape in place.shape])[:-1]
    parts = [torch.tensor(part.reshape(1, *shape))
             for part, shape in zip(np.split(place.start, cuts), place.shape)]
    outputs = transformer(parts, torch.tensor(text()[1][:2048].reshape(64, 32)), norm="post",
                          heads=4)[0].flatten(0, 1).numpy()
    W, b = (part[0].numpy() for part in parts[-2:])
    x = np.linalg.lstsq(W, (outputs - b).T, rcond=None)[0].T
    wanted = np.sqrt(x.var(axis=0).sum() / (x**2).mean(axis=0).sum())
    assert told_apart(place, place.start)[-1] == pytest.approx(wanted, rel=1e-9)


def test_a_stuck_transformer_puts_out_the_same_whatever_it_reads():
    """And it has moved its weights by most of what they began with: 0.07 on average, of 0.09."""
    place = char_transformer(norm="post", layers=6, seed=0, dtype=np.float64)
    apart, moved = {}, {}
    for warmup in (0, 80):
        rise = warmup_stable_decay(0.014, warmup, decay=0.0)
        run = descend(place, adam, steps=20, every=20, lr=rise)
        apart[warmup] = told_apart(place, run.theta[-1])[-1]
        moved[warmup] = np.abs(run.theta[-1] - place.start).mean()
    assert apart[0] < 1e-3 < 0.03 < apart[80]
    assert moved == pytest.approx({0: 0.07, 80: 0.013}, rel=0.05)
    assert np.abs(place.start).mean() == pytest.approx(0.09, rel=0.05)


def added(place, theta):
    """What each branch of each layer adds: (length over its input's, the share all have alike)."""
    from lessons.networks.characters import attention, feed_forward, layer_norm, look_up
    from lessons.networks.network import pytorch

    torch, windows = pytorch(), text()[1][:2048].reshape(64, 32)
    flat = torch.tensor(theta).split([int(np.prod(shape)) for shape in place.shape])
    letters, places, *blocks = (part.view(1, *shape) for part, shape in zip(flat, place.shape))
    x, found = look_up(letters, torch.tensor(windows)) + places[:, None], []
    while len(blocks) > 4:
        for branch in (lambda *parts: attention(*parts, heads=4), feed_forward):
            *weights, gain, bias = blocks[:6]
            more = branch(x, *weights)
            each = more.flatten(0, 2)
            alike = len(each) * each.mean(0).norm() ** 2 / each.norm() ** 2
            found.append((float(more.norm() / x.norm()), float(alike)))
            x, blocks = layer_norm(x + more, gain, bias), blocks[6:]
    return np.array(found).T


def test_the_layers_of_a_stuck_transformer_add_one_long_vector():
    place = char_transformer(norm="post", layers=6, seed=0, dtype=np.float64)
    length, _ = added(place, place.start)
    assert len(length) == 12 and 0.15 < length.min() and length.max() < 0.3     # about a quarter
    for warmup in (0, 80):
        rise = warmup_stable_decay(0.014, warmup, decay=0.0)
        run = descend(place, adam, steps=20, every=20, lr=rise)
        length, alike = added(place, run.theta[-1])
        if warmup:
            assert length.max() < 0.75
        else:
            assert length.max() == pytest.approx(4.1, rel=0.1) and length[1:].min() > 1.2
            assert alike[2:].min() > 0.99


def test_at_twice_the_rate_they_learn_on_the_way_and_then_get_stuck():
    counts = is_stuck(recorded()["runs"]["post", 160][0.028]).sum(axis=1)     # every tenth step
    assert (counts[9:15] == 0).all() and (counts[20:] == 12).all()
    assert warmed(0.028, 160)(140, 250) == pytest.approx(0.0245)
