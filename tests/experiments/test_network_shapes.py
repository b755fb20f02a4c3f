"""The recorded runs of shapes on a network: what made them makes them again."""

import json

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import network_shapes
from lessons.experiments.network_shapes import (
    MEAN,
    PEAKS,
    WAYS,
    at_its_best,
    averaging,
    by_peak,
    chosen,
    claims,
    record,
    recorded,
    right,
    train,
)
from lessons.steps import momentum
from lessons.surfaces import ravine


@pytest.mark.parametrize(("way", "place", "seed"), [("cosine", 4, 0),
                                                    ("constant", 3, 11)])
def test_an_entry_is_made_again_by_its_code(way, place, seed):
    """One seed at one peak, all 300 steps; float32 sums depend on what is computed beside."""
    number = {0: (0, 0), 11: (1, 1)}[seed]
    for name, (loss, wrong) in train(way, [PEAKS[place]], [seed]).items():
        kept = recorded()[name]
        assert loss[0, 0] == pytest.approx(kept["loss"][(place, *number)], abs=0.05)
        assert wrong[0, 0] == pytest.approx(kept["wrong"][(place, *number)], abs=2.5)


def test_the_mean_is_that_of_momentums_points_after_the_begin():
    start = np.array(ravine().start)
    run = descend(ravine(), averaging, start, 30, lr=0.02, begin=20)
    plain = descend(ravine(), momentum, start, 30, lr=0.02)
    np.testing.assert_allclose(run.theta, plain.theta, rtol=1e-12)
    np.testing.assert_allclose(run.state["mean"][-1], plain.theta[21:].mean(axis=0), rtol=1e-12)


def test_a_peak_is_chosen_by_loss_on_the_set_before_and_judged_on_the_next():
    found = at_its_best(("straight line",)).iloc[0]
    rows = recorded()["straight line"]
    for k, name in enumerate(("set 1", "set 2", "set 3")):
        best = rows["loss"][:, k - 1].mean(axis=-1).argmin()
        assert found[name] == pytest.approx(100 - rows["wrong"][best, k].mean(), abs=0.06)
        assert f"{PEAKS[best]:g}" in found["best peak"]


def test_the_picture_says_what_the_text_says_of_the_peaks():
    rights = by_peak()
    assert list(rights) == ["constant", MEAN, "straight line", "level, then down"]
    assert rights["straight line"][1] < rights["constant"][1]       # less area
    assert rights["straight line"][5] > rights["constant"][5] + 20  # forgiven
    assert all(row[6] < row[5] for row in rights.values())          # the peak that is not shown
    assert all(len(row) == 6 for row in by_peak(first=6).values())


def lost(way, places):
    """What each set loses at a peak so many places below the one that was chosen for it."""
    found = []
    for k in range(3):
        best, rights = chosen(way, k)
        found.append(rights.mean() - 100 + recorded()[way]["wrong"][best - places, k].mean())
    return [round(min(found)), round(max(found))]


def test_what_an_eighth_and_a_half_of_the_best_peak_cost_is_what_the_text_says():
    assert lost("constant", 3) == [19, 21]
    assert lost("constant", 1) == [4, 6]
    gain = np.subtract(right(MEAN), right("constant"))
    assert [round(gain.min()), round(gain.max())] == [4, 5]


def test_the_numbers_beside_the_table_are_those_of_the_runs():
    for way in (MEAN, "level, then down"):
        ahead = np.subtract(right(way), [right("straight line"), right("cosine")])
        assert 1 <= ahead.min() and ahead.max() < 4


def test_the_file_has_every_way_and_the_record_writes_what_can_be_read_again(tmp_path, monkeypatch):
    assert set(recorded()) == {*WAYS, MEAN}
    assert {np.shape(rows[what]) for rows in recorded().values() for what in rows} == {(7, 3, 5)}
    fake = np.arange(105.0).reshape(7, 15)
    monkeypatch.setattr(network_shapes, "train", lambda way: {way: (fake, fake)})
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["cosine"]["wrong"] == fake.tolist() and set(again) == set(WAYS)


def test_the_verdicts_of_the_lesson():
    assert [claim.verdict for claim in claims()] == ["SUPPORTED WITHIN LIMITS"] * 4



def test_by_right_answers_the_falls_want_twice_the_constant_rate_s_peak():
    for way in (MEAN, "straight line", "level, then down"):
        assert (100 - recorded()[way]["wrong"].mean(axis=(1, 2))).argmax() == 4     # 0.16
    line = 100 - recorded()["straight line"]["wrong"].mean(axis=(1, 2))
    assert line[4] - line[5] == pytest.approx(0.3, abs=0.05)
