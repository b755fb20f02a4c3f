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
    peaks_of,
    record,
    recorded,
    right,
    train,
)
from lessons.steps import momentum
from lessons.surfaces import ravine


@pytest.mark.parametrize(("way", "place", "seed"), [("one-cycle, beta cycled", 4, 0),
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
    assert lost("constant", 3) == [19, 21] and lost("straight line", 3) == [9, 10]
    assert lost("constant", 1) == [4, 6]
    gain = np.subtract(right(MEAN), right("constant"))
    assert [round(gain.min()), round(gain.max())] == [4, 5]


def test_the_numbers_beside_the_table_are_those_of_the_runs():
    cold, warm = at_its_best(("Adam, straight line",
                              "Adam, straight line, warm-up 100")).iloc[:, 2:].to_numpy()
    assert cold.tolist() == [53.7, 53.7, 54.4] and warm.tolist() == [56.3, 55.5, 56.7]
    cycled = np.subtract(right("one-cycle, beta cycled"), right("one-cycle, beta 0.9"))
    assert cycled.round(1).tolist() == [0.4, 0.6, 0.8]
    for way in (MEAN, "level, then down"):
        ahead = np.subtract(right(way), [right("straight line"), right("cosine")])
        assert 1 <= ahead.min() and ahead.max() < 4


def test_falls_of_20_to_50_percent_tie_and_a_fall_of_10_percent_is_worse():
    tenth, fifth, third, half = (right(f"level, then down{more}")
                                 for more in (" in 10 %", "", " in 30 %", " in 50 %"))
    assert np.subtract(fifth, tenth).min() >= 1
    for one, other in ((fifth, third), (fifth, half), (third, half)):
        gain = np.subtract(one, other)
        assert gain.min() < 1 and gain.max() > -1       # no lead in every set, either way


def test_the_file_has_every_way_and_the_record_writes_what_can_be_read_again(tmp_path, monkeypatch):
    assert set(recorded()) == {*WAYS, MEAN}
    assert {np.shape(rows[what]) for rows in recorded().values() for what in rows} == {(7, 3, 5)}
    fake = np.arange(105.0).reshape(7, 15)
    monkeypatch.setattr(network_shapes, "train", lambda way: {way: (fake, fake)})
    record(tmp_path / "again.json")
    again = json.loads((tmp_path / "again.json").read_text(encoding="utf-8"))
    assert again["cosine"]["wrong"] == fake.tolist() and set(again) == set(WAYS)


def test_the_verdicts_of_the_lesson():
    assert [claim.verdict for claim in claims()] == [
        "TIE", *["SUPPORTED WITHIN LIMITS"] * 3, "TIE", "TIE", *["SUPPORTED WITHIN LIMITS"] * 2]


def test_with_adam_a_warm_up_of_100_lowers_the_training_loss_at_the_best_peak_too():
    bare, warmed = (recorded()[f"Adam, straight line{more}"]["loss"].mean(axis=-1).min(axis=0)
                    for more in ("", ", warm-up 100"))
    gain = 1 - warmed / bare
    assert (gain > 0.045).all() and (gain < 0.075).all()       # 5 to 7 %, in every set
    assert bare.mean() == pytest.approx(0.92, abs=0.005)
    assert warmed.mean() == pytest.approx(0.86, abs=0.005)


def test_with_adam_the_three_lengths_of_a_warm_up_are_as_the_fold_says():
    ways = [f"Adam, straight line{more}" for more in ("", ", warm-up 30", ", warm-up 100")]
    assert at_its_best(ways).iloc[1, 2:].tolist() == [55.5, 53.0, 55.9]
    assert {*at_its_best(ways)["best peak"]} == {"0.02"}
    losses = [recorded()[way]["loss"].mean(axis=(1, 2)) for way in ways]
    assert [by_peak.argmin() for by_peak in losses] == [5] * 3
    assert [by_peak.min().round(2) for by_peak in losses] == [0.92, 0.89, 0.86]


def test_with_adam_the_gain_of_a_warm_up_grows_with_the_peak():
    ways = "Adam, straight line", "Adam, straight line, warm-up 100"
    bare, warmed = (recorded()[way]["loss"].mean(axis=(1, 2)) for way in ways)
    assert (1 - warmed / bare)[4:].round(2).tolist() == [0.02, 0.06, 0.07]
    bare, warmed = (100 - recorded()[way]["wrong"].mean(axis=-1) for way in ways)
    assert bare.mean(axis=1).argmax() == 4 and warmed.mean(axis=1).argmax() == 5
    assert (warmed[5] - bare[4]).min() > 1.2 and (warmed[5] - bare[4]).max() < 1.35
    assert np.allclose(peaks_of(ways[0])[[0, 4, 5, 6]], [0.000625, 0.01, 0.02, 0.04])


def test_by_right_answers_the_falls_want_twice_the_constant_rate_s_peak():
    for way in (MEAN, "straight line", "level, then down"):
        assert (100 - recorded()[way]["wrong"].mean(axis=(1, 2))).argmax() == 4     # 0.16
    line = 100 - recorded()["straight line"]["wrong"].mean(axis=(1, 2))
    assert line[4] - line[5] == pytest.approx(0.3, abs=0.05)
