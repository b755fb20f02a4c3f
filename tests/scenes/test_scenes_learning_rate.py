"""Scenes about the learning rate show what is recorded and what descend says."""

import numpy as np
import pytest
from support.scene import drawn, tracks, words

from lessons.descend import descend
from lessons.experiments.learning_rate import lowest_points, nearest, ramped
from lessons.experiments.learning_rate.runs import (
    BUDGETS,
    RULES,
    cost,
    gap,
    rates_of,
    recorded,
    split_digits,
    spread,
)
from lessons.networks import pca_plane
from lessons.scenes import mistakes, range_test, same_path, u_curves
from lessons.stage.tracks import to_fraction
from lessons.steps import gradient_descent

LEFT, RIGHT = range(2)


@pytest.mark.parametrize("axis", ["lr", "lr / (1 - beta)", "lr x steps"])
def test_u_curves_draws_the_recorded_means_over_its_axis(axis):
    stage = u_curves(axis=axis)
    for name in RULES:
        curve, = tracks(stage, "curve", LEFT, name)
        means = recorded()["curves"][name]["test"].mean(axis=-1)
        for k, budget in enumerate(BUDGETS):
            x = rates_of(name) * (budget if axis == "lr x steps" else 1)
            if axis == "lr / (1 - beta)" and name in ("Momentum", "Nesterov"):
                x = 10 * x
            wanted = to_fraction(stage.figure.axes[LEFT], np.stack([x, means[k]], -1))
            np.testing.assert_allclose(curve[k], wanted, atol=1e-5)


@pytest.mark.parametrize(("referee", "part"), [("test error", "test"), ("training loss", "loss")])
def test_u_curves_marks_the_lowest_points_or_one_rate_for_all(referee, part):
    stage = u_curves(rates="each its best", referee=referee)
    for name, mark in zip(RULES, marks(stage)):
        means = recorded()["curves"][name][part].mean(axis=-1)
        lowest = np.stack([rates_of(name)[means.argmin(axis=1)], means.min(axis=1)], -1)
        lowest = to_fraction(stage.figure.axes[LEFT], lowest)
        np.testing.assert_allclose(mark, lowest, atol=1e-5)
    stage.set(rates="one for all", lr=0.1)
    for name, mark in zip(RULES, marks(stage)):
        k = np.abs(np.log(rates_of(name) / 0.1)).argmin()
        found = recorded()["curves"][name][part][:, k].mean(axis=-1)
        wanted = to_fraction(stage.figure.axes[LEFT], [[rates_of(name)[k], y] for y in found])
        np.testing.assert_allclose(mark, wanted, atol=1e-5)


def test_the_band_of_u_curves_reaches_from_the_best_lowest_point_to_the_worst():
    stage = u_curves(rates="each its best")
    band = tracks(stage, "box", LEFT)[0]
    lowest = np.array(marks(stage))[..., 1]
    np.testing.assert_allclose(band[:, 0, 1], lowest.min(axis=0), atol=1e-5)
    np.testing.assert_allclose(band[:, 1, 1], lowest.max(axis=0), atol=1e-5)
    stage.set(rates="one for all")
    assert np.isnan(tracks(stage, "box", LEFT)[0]).all()


def marks(stage):
    return [at[:, 0] for at in tracks(stage, "marker", LEFT)]


def test_same_path_draws_descend_on_the_plane_of_the_walk_at_0_3():
    stage = same_path(lr=0.1)
    net = split_digits(seed=0)
    low, own = (descend(net, gradient_descent, steps=60, every=6, lr=lr).theta for lr in (0.1, 0.3))
    whole = descend(net, gradient_descent, steps=600, every=6, lr=0.3).theta
    plane = pca_plane(net.first(200), whole)
    paths = drawn(stage, "path", LEFT, "SGD") + drawn(stage, "path", LEFT)
    for at, walk in zip(paths, (low, own), strict=True):
        # one batch of networks or one network: the sums differ in the last digits of float32
        np.testing.assert_allclose(at[:11], plane.project(walk), atol=0.02)
    loss, = drawn(stage, "path", RIGHT, "SGD")
    assert f"lr 0.1: loss {loss[-1, 1]:.2g} after 600 steps" in stage.summary
    np.testing.assert_allclose(loss[1:11, 0], 0.1 * np.arange(6, 61, 6), rtol=1e-3)
    for curve in (loss, *drawn(stage, "path", RIGHT)):
        assert curve[0, 0] == pytest.approx(0.05, rel=0.1), "all runs start at the axis's left edge"
    np.testing.assert_allclose(loss[:11, 1], net.first(200).loss(low), rtol=0.01)


def test_same_path_marks_where_the_other_walk_was_at_the_same_sum():
    stage = same_path(lr=0.1)
    twin = drawn(stage, "box", LEFT)[0].mean(axis=1)
    own = drawn(stage, "path", LEFT)[0]
    for k in (0, 30, 99):
        np.testing.assert_allclose(twin[k], own[k // 3], atol=1e-3)
    stage.set(lr=1.0)
    late = tracks(stage, "box", LEFT)[0]
    assert np.isnan(late[40]).all(), "there the walk at 0.3 has long ended"


@pytest.mark.parametrize(("mistake", "times"), [(0.1, 0.1), (2.0, 10 ** (1 / 3)), (1.0, 1.0)])
def test_mistakes_shows_what_the_rate_costs_beyond_the_rule_in_three_sets(mistake, times):
    stage = mistakes(mistake=mistake)
    pale, bars = np.split(np.array(tracks(stage, "box", 0)), 2)
    for name, wide, bar in zip(RULES, pale, bars):
        beyond, error = cost(name, times) - gap(), spread(name, times)
        for box, ends in ((bar, (beyond.min(), beyond.max())),
                          (wide, ((beyond - error).min(), (beyond + error).max()))):
            ends = to_fraction(stage.figure.axes[0], [[end, 0] for end in ends])[:, 0]
            np.testing.assert_allclose(box[-1][:, 0], ends, atol=1e-5)


@pytest.mark.parametrize("referee", ["test error", "training loss"])
def test_a_pale_bar_of_mistakes_crosses_the_line_where_it_says_tie(referee):
    for mistake in (0.1, 0.316, 0.464, 2.15, 3.16, 10.0):
        stage = mistakes(mistake=mistake, referee=referee)
        level = 0 if referee == "test error" else 1
        line = to_fraction(stage.figure.axes[0], [[level, 0]])[0, 0]
        for wide, says in zip(tracks(stage, "box", 0)[:6], words(stage, 0)[-6:]):
            left, right = wide[-1][:, 0]
            wanted = "the rate" if left > line else "the rule" if right < line else "TIE"
            assert says[-1] == wanted


def test_mistakes_says_which_weighs_more():
    stage = mistakes(mistake=10.0)
    said = [line[-1] for line in words(stage, 0)]
    assert said.count("the rate") == 6
    stage.set(mistake=10**-0.5)
    said = [line[-1] for line in words(stage, 0)]
    assert (said.count("the rule"), said.count("TIE")) == (2, 4)


def test_range_test_draws_the_smoothed_loss_and_marks_a_part_of_its_lowest_point():
    stage = range_test(rule="Adam", steps=50, divisor=10.0)
    rates, losses = ramped("Adam", 50)
    run, = drawn(stage, "path", LEFT, "Range test")
    np.testing.assert_allclose(run[[0, -1], 0], rates[[0, -1]], rtol=1e-3)
    np.testing.assert_allclose(run[-1, 1], losses.mean(axis=1)[-1], rtol=1e-3)
    means = recorded()["curves"]["Adam"]["test"][-1].mean(axis=1)
    for mark, over in zip(drawn(stage, "marker", RIGHT), (1, 10), strict=True):
        k = nearest("Adam", np.median(lowest_points("Adam", 50)) / over)
        np.testing.assert_allclose(mark[0], (rates_of("Adam")[k], means[k]), rtol=1e-3)


def test_range_test_shows_one_mark_where_both_are_the_lowest_point():
    lowest, part = tracks(range_test(divisor=1.0), "marker", RIGHT)
    assert np.isfinite(lowest).all() and np.isnan(part).all()
