"""Scenes of schedules show what descend returns, keep the rules, and share nothing."""


import numpy as np
import pytest
from support.scene import LRS, browser, notes, shown
from support.sent import assert_drawn, over_time, tracks

from lessons.descend import descend
from lessons.experiments.warmup_transformer import LRS as RATES
from lessons.experiments.warmup_transformer import is_stuck, recorded
from lessons.scenes import first_updates, schedule_builder, warmup_transformer
from lessons.scenes.schedules.first_updates import RIVALS
from lessons.scenes.schedules.schedule_builder import (
    SHAPES,
    STAYS,
    TRAINS,
    best_on_network,
    small_network,
)
from lessons.schedules import cosine, linear, one_cycle, triangular, warmup_stable_decay
from lessons.steps import adam, momentum
from lessons.surfaces import ravine
from lessons.views import noisy

PLACE = noisy(ravine(), 1.0, seed=range(32))
START = np.array(ravine().start)
MINE, LEVEL = "Your schedule", "Constant"


# The composer


@pytest.mark.parametrize(("turned", "schedule"), [
    ({"lr": 0.05}, cosine(0.05)),
    ({"warmup": 30, "floor": 0.2}, cosine(0.02, 30, 0.2 * 0.02)),
    ({"shape": "straight line", "warmup": 10}, linear(0.02, 10)),
    ({"shape": "warm-up, level, down", "floor": 0.1}, warmup_stable_decay(0.02, floor=0.002)),
    ({"shape": "constant", "warmup": 50}, warmup_stable_decay(0.02, 50, 0.0)),
    ({"shape": "triangle"}, triangular(0.02)),
    ({"shape": "one-cycle", "lr": 0.1}, one_cycle(0.1))])
def test_the_composer_shows_the_schedule_and_what_it_does_on_the_ravine(turned, schedule):
    stage = schedule_builder()
    stage.set(**turned)
    lr = stage.values["lr"]
    rates = np.array([schedule(t, 300) for t in range(1, 301)])
    for name, values, knob in ((MINE, rates, schedule), (LEVEL, np.full(300, lr), lr)):
        [line], [hill] = (tracks(stage, "path", ax, name) for ax in (0, 1))
        run = descend(PLACE, adam, START, 300, lr=knob)
        assert_drawn(stage, 0, line, over_time([np.nan, *values / lr]))
        [now] = tracks(stage, "marker", 0, name)
        assert_drawn(stage, 0, now, over_time([values[0] / lr, *values / lr]))
        assert_drawn(stage, 1, hill, over_time(run.loss.mean(-1)))
        ends = f"lr {values[-1]:.2g}, ravine {run.loss[-1].mean():.2g}"
        assert notes(stage, name)[-1] == ends and len(notes(stage, name)) == 301


def test_the_network_waits_until_it_is_asked_to_train():
    stage = schedule_builder(step=momentum, name="Momentum", lr=0.1)
    [first] = tracks(stage, "path", 2, MINE)
    stage.set(lr=0.3, shape="one-cycle")
    assert np.array_equal(tracks(stage, "path", 2, MINE)[0], first)
    head = [t["words"] for t in stage.scene["tracks"] if t["kind"] == "text" and t["ax"] == 2][0]
    assert head == ["Network, still with cosine, peak 0.1"]
    stage.set(network=TRAINS)
    for name, knob in ((MINE, one_cycle(np.float32(0.3))), (LEVEL, np.float32(0.3))):
        run = descend(small_network(), momentum, steps=300, every=10, lr=knob)
        [line] = tracks(stage, "path", 2, name)
        points = np.stack([run.kept, run.loss.mean(-1)], -1)
        # 300 steps in float32: side by side and alone they round differently
        wanted = (points[:, 1] - 0.9) / 1.6
        np.testing.assert_allclose(line[::10, 0, 1], wanted, atol=0.01)


def test_while_the_network_trains_the_ravine_is_shown_already():
    stage, sent = schedule_builder(), []
    stage.observe(lambda change: sent.append((stage.data, repr(stage))), "rev")
    browser(stage, lr=0.1, network=TRAINS, seq=1)
    assert len(sent) == 2 and sent[0][0] != sent[1][0]
    assert "training" in str(stage.scene) or "with cosine, peak 0.1" in str(stage.scene)
    browser(stage, lr=0.05, network=STAYS, seq=2)
    assert len(sent) == 3


def test_the_legend_tells_the_networks_loss_while_it_belongs_to_the_schedule():
    stage = schedule_builder(network=TRAINS)
    [line] = tracks(stage, "path", 2, MINE)
    losses = 0.9 + 1.6 * line[:, 0, 1]
    assert [float(note.split(", network ")[1]) for note in notes(stage, MINE)] == pytest.approx(
        losses, abs=0.006)      # two digits are told
    said = []
    stage.observe(lambda change: said.append(notes(stage, MINE)[-1]), "rev")
    browser(stage, lr=0.1, seq=1)
    assert len(said) == 2 and "network" not in said[0] and "network" in said[1]
    assert said[0].split(", network")[0] == said[1].split(", network")[0]
    browser(stage, lr=0.2, network=STAYS, seq=2)
    assert "network" not in notes(stage, MINE)[-1]


def test_a_shape_without_warm_up_or_floor_hides_their_knobs():
    stage = schedule_builder()
    for shape, (_, has) in SHAPES.items():
        stage.set(shape=shape)
        assert [name in shown(stage) for name in ("warmup", "floor")] == [
            name in has for name in ("warmup", "floor")]


def test_the_dashed_lines_are_the_best_of_many_constants():
    stage = schedule_builder()
    ends = descend(PLACE, adam, START, 300, every=300, lr=np.array(LRS)[:, None, None]).loss[-1]
    assert f"ravine: best of 41 constants, {np.nanmin(ends.mean(-1)):.3g}" in repr(stage)
    lr, loss, count = best_on_network(adam)
    alone = descend(small_network(), adam, steps=300, every=300, lr=lr).loss[-1].mean()
    assert alone == pytest.approx(loss, abs=0.01) and count == 7      # float32, as above


def test_what_try_it_says_was_found_is_what_the_composer_shows():
    stage = schedule_builder(shape="straight line", lr=0.03, network=TRAINS)
    ravine_best, network_best, mine, _ = stage.summary.splitlines()[1:]
    assert "0.00514" in ravine_best and "1.33" in network_best
    assert mine.startswith("  Your schedule: ravine 0.00243; network 1.21")


# The onset


def by_hand(gradients, corrected, rate, beta1, beta2):
    """(steps,): the size of Adam's updates, from the formulas."""
    m, v, sizes = np.zeros(1000), np.zeros(1000), []
    for t in range(1, 101):
        g = gradients + np.random.default_rng((0, t)).standard_normal(1000)
        m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g * g
        up, down = (1 - beta1**t, 1 - beta2**t) if corrected else (1, 1)
        sizes.append(rate(t) * np.sqrt(((m / up) ** 2 / (np.sqrt(v / down) + 1e-8) ** 2).mean()))
    return np.array(sizes)


@pytest.mark.parametrize(("gradients", "name"), [(0.0, "pure noise"),
                                              (3.0, "noise a third of the gradient")])
def test_the_onset_shows_the_size_of_each_update(gradients, name):
    stage = first_updates(warmup=30, gradients=name, beta2=0.99)
    for rival, (step, warms, _) in RIVALS.items():
        rate = (lambda t: min(1, t / 30)) if warms else (lambda t: 1.0)
        [line] = tracks(stage, "path", 1, rival)
        sizes = by_hand(gradients, step is adam, rate, 0.9, 0.99)
        assert_drawn(stage, 1, line, over_time([np.nan, *sizes]))
        assert notes(stage, rival)[1] == f"{sizes[0]:.2g} lr"


def test_the_first_update_is_one_lr_with_the_correction_whatever_the_betas():
    stage = first_updates()
    other = {"gradients": "noise as large as the gradient"}
    for turned in ({}, {"beta1": 0.5}, {"beta2": 0.9}, other):
        stage.set(**turned)
        assert notes(stage, "Adam")[1] == "1 lr"
    stage.set(beta1=0.9, beta2=0.999)
    [plan], [now] = (tracks(stage, kind, 0, "Adam, warm-up") for kind in ("path", "marker"))
    assert_drawn(stage, 0, plan, over_time([np.nan, *np.minimum(1, np.arange(1, 101) / 40)]))
    assert np.array_equal(plan[1:], now[1:])
    assert notes(stage, "No correction")[1] == "3.2 lr"     # (1 - 0.9) / sqrt(1 - 0.999)


# The stuck


@pytest.mark.parametrize("norm", ["post", "pre"])
@pytest.mark.parametrize("lr", [0.0035, 0.014])
def test_stuck_shows_the_sweep(norm, lr):
    names = {"post": "post-LN (norm after)", "pre": "pre-LN (norm before)"}
    stage = warmup_transformer(norm=names[norm], lr=f"{lr:g}")
    for way, at in recorded()[norm].items():
        *seeds, mean = tracks(stage, "path", 0, way)
        assert len(seeds) == 4
        for line, loss in zip([*seeds, mean], [*at[lr].T, at[lr].mean(1)]):
            assert_drawn(stage, 0, line[::10], np.stack([np.arange(0, 251, 10), loss], -1))
        [line] = tracks(stage, "path", 1, way)
        assert_drawn(stage, 1, line, [(rate, at[rate][-1].mean()) for rate in RATES])
        count = is_stuck(at[lr][-1]).sum()
        assert notes(stage, way)[-1].endswith(f", {count} of 4 stuck")
    assert stage.summary.endswith("letter frequencies alone, 3.26")
