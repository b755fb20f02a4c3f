"""Scenes of schedules show what theory derives and what was recorded."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, notes, over_time, shown, tracks, words

from lessons.experiments.protocol import mean_squares
from lessons.experiments.schedules import (
    PEAKS,
    best_cosine,
    ends_by_peak,
    fallen,
    level_run,
    surviving,
)
from lessons.experiments.warmup_transformer import LRS, is_stuck, recorded
from lessons.scenes import one_run, schedule_builder, warmup_transformer
from lessons.scenes.schedules.schedule_builder import BEST, BOUGHT, LEVEL, SHAPES
from lessons.schedules import cosine, linear, step_decay, warmup_stable_decay

RATE, SQUARE, KICKS = range(3)      # the composer's axes, in the order of its layout
MINE, FLAT = "Your schedule", "A constant rate"


# The composer


@pytest.mark.parametrize(("turned", "schedule"), [
    ({"shape": "cosine", "lr": 0.05}, cosine(0.05)),
    ({"shape": "straight line", "lr": 0.03, "warmup": 30, "floor": 0.2}, linear(0.03, 30, 0.006)),
    ({"shape": "level, then down", "lr": 0.1, "floor": 0.1}, warmup_stable_decay(0.1, floor=0.01)),
    ({"shape": "stairs", "lr": 0.1}, step_decay(0.1, 67))])
def test_the_composer_shows_the_schedule_and_the_mean_squares_it_leads_to(turned, schedule):
    stage = schedule_builder()
    stage.set(**turned)
    rates = np.array([schedule(t, 200) for t in range(1, 201)])
    for name, values in ((MINE, rates), (FLAT, np.full(200, turned["lr"]))):
        [line], [hill], [kick] = (tracks(stage, "path", ax, name) for ax in (RATE, SQUARE, KICKS))
        assert_drawn(stage, RATE, line, over_time([np.nan, *values]))
        square = mean_squares(values)[0]
        assert_drawn(stage, SQUARE, hill, over_time(square))
        assert_drawn(stage, KICKS, kick, over_time([np.nan, *surviving(values)]))
        assert notes(stage, name)[-1] == f"{square[-1]:.3g}"
    parts = [drawn(stage, "path", SQUARE, name)[0][1:, 1]
             for name in ("Distance left of yours", "Noise left of yours")]
    near = parts[0] > 1e-4      # what falls far below the picture is pulled in
    np.testing.assert_allclose((parts[0] + parts[1])[near], mean_squares(rates)[0][1:][near],
                               rtol=1e-3)


def test_the_area_that_is_filled_is_the_one_that_is_told():
    stage = schedule_builder(shape="straight line", lr=0.02)
    corners = drawn(stage, "curve", RATE)[0][0]
    x, y = corners.T
    size = abs(np.dot(x, np.roll(y, 1)) - np.dot(y, np.roll(x, 1))) / 2
    assert size == pytest.approx(2.01, rel=0.01)
    assert any("area 2.01; constant 0.02, area 4" in line[0] for line in words(stage, RATE))


def test_the_constant_rate_at_its_best_is_the_best_one():
    stage = schedule_builder(shape="straight line", lr=0.0457)
    stage.set(against=BEST)
    assert round(PEAKS[ends_by_peak("constant").argmin()], 3) == LEVEL
    assert notes(stage, FLAT)[-1] == "0.0113" and notes(stage, MINE)[-1] == "0.00709"


def test_the_height_of_the_kicks_stands_at_their_axis():
    stage = schedule_builder(shape="straight line", lr=0.02)
    assert [line for line in words(stage, KICKS) if line[0] in ("0", "0.0005")] == [["0.0005"],
                                                                                  ["0"]]
    stage.set(lr=0.2)
    assert ["0.05"] in words(stage, KICKS)


def test_a_shape_without_warm_up_floor_or_peak_hides_their_knobs():
    stage = schedule_builder()
    for shape in SHAPES:
        stage.set(shape=shape)
        has = {name: name in shown(stage) for name in ("lr", "warmup", "floor")}
        bought = shape in BOUGHT
        assert has == {"lr": shape != "1 / (t + n0)", "warmup": bought, "floor": bought}


# One run


@pytest.mark.parametrize(("steps", "share"), [(300, 0.2), (700, 0.5)])
def test_one_run_shows_the_derived_losses_and_says_their_ends(steps, share):
    stage = one_run()
    stage.set(steps=steps, share=share)
    wanted = {"Level": level_run(100, 1200)["level"],
              "Level, then down": fallen(100, steps, share),
              "Mean of the level run": level_run(100, steps)["mean"],
              "A cosine of its own": best_cosine(100, steps)[1]}
    for name, loss in wanted.items():
        at, curve = drawn(stage, "path", 0, name)[0].T
        held = loss[np.minimum(np.arange(1201), len(loss) - 1)]     # its end stays in view
        seen = np.isfinite(curve)
        np.testing.assert_allclose(curve[seen], held[seen], rtol=1e-3)
        assert at[-1] == pytest.approx(len(loss) - 1)
        assert seen.sum() > 30 and notes(stage, name)[steps] == f"{loss[min(steps, 1200)]:.3g}"
    [counts] = tracks(stage, "path", 1, "Mean of the level run")
    left = np.minimum(steps - np.arange(steps), round(0.3 * steps))     # points with gradient k
    assert_drawn(stage, 1, counts[:steps + 1], over_time([np.nan, *left / round(0.3 * steps)]))
    begin = np.isfinite(drawn(stage, "path", 0, "Level, then down")[0][:, 1]).argmax()
    assert begin == steps - round(share * steps)
    head = words(stage, 0)
    assert any(f"result at step {steps}, the last {round(share * steps)} steps" in line[0]
               for line in head)


# The stuck


@pytest.mark.parametrize(("norm", "warmup", "lr"), [
    ("post-LN (norm after)", 80, 0.014), ("post-LN (norm after)", 10, 0.007),
    ("pre-LN (norm before)", 80, 0.028)])
def test_stuck_shows_the_recorded_runs(norm, warmup, lr):
    stage, kind = warmup_transformer(norm=norm, lr=lr, warmup=warmup), norm[:norm.index("-")]
    runs = recorded()["runs"]
    for way, by_lr in (("No warm-up", runs[kind, 0]), ("Warm-up", runs[kind, warmup])):
        *seeds, mean = tracks(stage, "path", 0, way)
        assert len(seeds) == 12
        for line, loss in zip([*seeds, mean], [*by_lr[lr].T, by_lr[lr].mean(1)]):
            assert_drawn(stage, 0, line[::10], np.stack([np.arange(0, 251, 10), loss], -1))
        [line] = tracks(stage, "path", 1, way)
        assert_drawn(stage, 1, line, [(rate, by_lr[rate][-1].mean()) for rate in LRS])
        count = is_stuck(by_lr[lr][-1]).sum()
        assert notes(stage, way)[-1].endswith(f", {count} of 12 stuck")


def test_a_length_that_was_not_recorded_is_shown_as_80_and_says_so():
    stage = warmup_transformer(norm="pre-LN (norm before)", warmup=10)
    assert any("with 80 steps of warm-up" in line[0] for line in words(stage, 0))
