"""Scenes about the newcomers and the league show what theory, descend and the record say."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, in_data, over_time, tracks, words

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import CONTESTANTS, TASKS
from lessons.experiments.newcomers.shares import NETWORKS
from lessons.experiments.newcomers.tables import found
from lessons.look import LOOKS
from lessons.scenes import clip_share, league_board, three_points, twins
from lessons.scenes.newcomers.clip_share import EVERY, LR, followed
from lessons.steps import momentum, sophia
from lessons.surfaces import ravine

G, FAR, ADAM, LION = range(4)       # twins' axes, in the order of its layout
MAP, COST = CLOUD, SHARE = range(2)


def test_twins_gives_both_the_same_gradients_and_shows_their_moves():
    stage = twins(stream="signal in noise", signal=0.5, lr_ratio=4.0)
    adam, lion = stage.runs["Adam"].theta, stage.runs["Lion"].theta
    np.testing.assert_allclose(np.abs(np.diff(lion, axis=0)), 0.25, atol=1e-12)
    assert np.abs(adam[-1]).mean() > 50 and np.sign(adam[-1]).mean() < -0.99    # downhill
    for name, ax, theta in (("Adam", ADAM, adam), ("Lion", LION, lion)):
        move, = tracks(stage, "path", ax, name)
        assert_drawn(stage, ax, move, over_time([np.nan, *np.diff(theta[:, 0])]))
    assert LOOKS["Lion"].color != LOOKS["Adam"].color


def test_twins_say_what_a_quarter_and_one_learning_rate_are_in_noise():
    assert "Adam: a move 0.23" in twins(stream="noise").summary
    assert "Lion: a move 1," in twins(stream="noise").summary


def test_twins_say_how_far_the_ways_on_the_right_are():
    for ratio, top in ((1.0, 150), (5.0, 30)):
        stage = twins(stream="noise", lr_ratio=ratio)
        far = np.abs([run.theta[:, :6] for run in stage.runs.values()]).max()
        assert 0.6 * top < far <= top
        assert f"{top}" in sum(words(stage, FAR), [])
        lion = tracks(stage, "path", FAR, "Lion")[0]
        assert_drawn(stage, FAR, lion, over_time(stage.runs["Lion"].theta[:, 0] / top))


def test_above_the_line_is_clipped_as_sophia_clips():
    m, h = followed("Digits, MLP")
    place = NETWORKS["Digits, MLP"][0](seed=0)
    run = descend(place, sophia, steps=2 * EVERY, lr=LR)
    moves = np.abs(np.diff(run.theta[-2:], axis=0))[0]
    full = np.isclose(moves, LR, rtol=1e-2)
    over = np.abs(run.state["m"][-1]) >= 0.05 * run.state["h"][-1]
    assert (full == over)[run.state["m"][-1] != 0].mean() > 0.999
    np.testing.assert_allclose(m[2].max(), np.abs(run.state["m"][-1]).max(), rtol=1e-4)
    stage = clip_share(scale=0.05)
    share = 100 * (m[-1] >= 0.05 * h[-1]).mean()
    assert any(f"{share:.3g} % clipped" in line for text in words(stage, CLOUD) for line in text)


def test_three_points_are_the_walker_its_mean_and_the_point_between():
    stage = three_points(lr_L=2.0, beta=0.7, sigma=0.5, warmup=20, seed=3)
    run = stage.runs["Schedule-Free"]
    z = np.array([run.theta[0], *run.state["z"]])
    walker, = tracks(stage, "path", MAP, "z, the walker")
    assert_drawn(stage, MAP, walker, z)
    asked, = tracks(stage, "marker", MAP, "y, where g is read")
    assert_drawn(stage, MAP, asked, 0.3 * z + 0.7 * run.theta)
    late = slice(20, None)      # after the warm-up all places count alike, and the last most
    assert run.loss[late].mean() < ravine(20, 30).loss(z)[late].mean()


def test_the_way_across_is_z_in_the_steep_direction_and_ends_early():
    stage = three_points(across=True, lr_L=10.0, sigma=0.0)
    run = stage.runs["Schedule-Free"]
    z = np.array([run.theta[0], *run.state["z"]])
    H = ravine(20, 30).hess(np.zeros(2))
    walker, = tracks(stage, "path", MAP, "z, the walker")
    shown = in_data(stage.figure.axes[MAP], walker.squeeze())[:, 1]
    steep = [at @ H @ at - at @ at for at in z[:26]]        # the curvatures are 1 and 20
    np.testing.assert_allclose(shown[:26]**2 * 19, steep, rtol=1e-4, atol=1e-3)
    assert np.isnan(shown[26:]).all() and 900 < np.abs(shown[:26]).max() < 1000
    stage.set(warmup=50)        # without the jumps the same panel shows less than a hundredth
    assert stage.figure.axes[MAP].get_ylim()[1] < 10
    assert "side to side" in stage.alt and "ravine in noise" in three_points().alt
    for seen, there in (stage, False), (three_points(), True):      # momentum's rate is for noise
        assert bool(tracks(seen, "path", COST, "momentum, fall to 0")) is there
        assert ("momentum" in seen.alt) is there and ("momentum" in seen.summary) is there


def test_the_rival_of_three_points_is_momentum_with_a_fall():
    stage = three_points(sigma=0.0)
    run = descend(ravine(20, 30), momentum, steps=200,
                  lr=lambda t, total: 0.0035 * (1 - (t - 1) / total))
    np.testing.assert_allclose(stage.runs["Momentum"].loss, run.loss, rtol=1e-9)


@pytest.mark.parametrize(("task", "budget"), [("Digits, MLP", "gradients"),
                                              ("MNIST-1D, MLP", "clock")])
def test_the_board_shows_the_recorded_differences(task, budget):
    stage = league_board(task=task, budget=budget)
    cells = found(task)
    if budget == "clock":
        cells = {name: one for name, one in cells.items()
                 if one["ms"][1] * one["steps"] < 1.3 * one["ms"][0] * TASKS[task].gradients}
        cells |= found(task, "clock")
        assert "Shampoo" not in cells
    base = np.array(cells["AdamW"]["loss"])
    for name, one in cells.items():
        if name != "AdamW":
            assert f"{name}: {np.mean(one['loss'] - base):+.3f}" in stage.summary
    assert len(stage.summary.splitlines()) == 1 + len(cells)
    assert f"AdamW: loss {base.mean():.3f}" in stage.summary
    means = sum((drawn(stage, "marker", 0, kind) for kind in ("better", "TIE", "worse")), [])
    shown = [at[-1] for at in means if np.isfinite(at[-1]).all()]
    assert len(shown) == len(cells) and len(CONTESTANTS) >= len(cells)
