"""Scenes about clipping show what theory and descend say."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, over_time, told, tracks, words

from lessons.descend import descend
from lessons.experiments.clipped_rnn import BAD, LOGS, recorded
from lessons.experiments.clipping import mean_pull, walks
from lessons.scenes import after_spike, cliff, norm_log, unrolled, votes
from lessons.scenes.clipping.after_spike import AFTER, PLACES, step_lengths
from lessons.scenes.clipping.cliff import NAMES, RIVALS, START, WINDOW, line_of_zero
from lessons.scenes.clipping.unrolled import APART, STEPS, followed
from lessons.scenes.common.runs import until_gone
from lessons.steps import adam, gradient_descent, momentum
from lessons.surfaces import given_gradients, recurrent_neuron
from lessons.views import clipped, clipped_by_value, scaled

SAYS, LOSS, NUDGE = range(3)        # unrolled's axes, in the order of its layout
MAP, LENGTH = PULL, RUNS = range(2)


@pytest.mark.parametrize(("weight", "bias", "depth"), [(1.5, 0.0, 10), (0.8, 0.2, 25)])
def test_a_nudge_is_the_derivative_and_gives_the_gradient(weight, bias, depth):
    h, rate = followed(weight, bias, depth)
    near = [followed(weight, bias + aside, depth)[0][-1] for aside in (-1e-6, 1e-6)]
    assert rate[-1] == pytest.approx((near[1] - near[0]) / 2e-6, rel=1e-6)
    surface, theta = recurrent_neuron(depth), np.array([weight, bias])
    assert (h[-1] - 0.8) * rate[-1] == pytest.approx(surface.grad(theta)[1], rel=1e-12)
    assert (h[-1] - 0.8) ** 2 / 2 == pytest.approx(surface.loss(theta), rel=1e-12)


def test_unrolled_shows_two_neighbours_the_nudge_and_the_loss():
    stage = unrolled(weight=1.2, bias=0.1, depth=12)
    for sign, aside in (("-", -APART), ("+", APART)):
        lane, = tracks(stage, "path", SAYS, f"bias b {sign} {APART}")
        assert_drawn(stage, SAYS, lane, over_time(followed(1.2, 0.1 + aside, 12)[0]))
    nudge, = drawn(stage, "path", NUDGE)
    np.testing.assert_allclose(nudge[1:, 1], followed(1.2, 0.1, 12)[1][1:], rtol=1e-4)
    for sign, aside in (("-", -APART), ("+", APART)):     # the neighbours stand on the wall
        mark, = drawn(stage, "marker", LOSS, f"bias b {sign} {APART}")
        near = np.array([1.2, 0.1 + aside])
        assert mark[0] == pytest.approx([near[1], recurrent_neuron(12).loss(near)], abs=1e-4)
    assert ["the loss sees 12 time steps"] in words(stage, SAYS)
    wall, = drawn(stage, "path", LOSS)
    theta = np.stack([np.full(len(wall), 1.2), wall[:, 0]], -1)
    np.testing.assert_allclose(wall[:, 1], recurrent_neuron(12).loss(theta), atol=1e-5)
    assert STEPS >= 30


def test_on_the_edge_the_nudge_is_a_geometric_series():
    rate = followed(1.5, 0.0, 20)[1]
    np.testing.assert_allclose(rate, (1.5 ** np.arange(21) - 1) / 0.5, rtol=1e-12)


# The cliff


def test_cliff_shows_the_walks_of_descend_and_how_long_their_steps_are():
    stage = cliff(lr=0.1, threshold=0.5)
    neuron = recurrent_neuron()
    places = neuron, clipped(neuron, 0.5), clipped_by_value(neuron, 0.5)
    for name, place in zip(RIVALS, places):
        run = descend(place, gradient_descent, START, 100, lr=0.1)
        path, = tracks(stage, "path", MAP, name)
        assert_drawn(stage, MAP, path, until_gone(run.theta, WINDOW))
        lengths, = drawn(stage, "path", LENGTH, name)
        moved = np.linalg.norm(np.diff(run.theta, axis=0), axis=-1)
        seen = moved > 1e-5
        np.testing.assert_allclose(lengths[1:, 1][seen], moved[seen], rtol=1e-3)
    assert moved.max() > 0.05       # by value a step may be longer than lr c
    clipped_moves = np.linalg.norm(np.diff(stage.runs["By norm"].theta, axis=0), axis=-1)
    assert clipped_moves.max() <= 0.05


def test_cliff_counts_the_clipped_steps_and_says_where_the_thrown_one_lands():
    stage = cliff()
    theta = stage.runs["By norm"].theta[:-1]
    count = (np.linalg.norm(recurrent_neuron().grad(theta), axis=-1) > 1).sum()
    assert [f"{count} of 100 steps are clipped (by norm)"] in words(stage, LENGTH)
    said = next(line for line in words(stage, MAP) if line[-1].startswith("thrown"))
    assert said[16] == "" and said[17] == said[-1] == "thrown to b = 24.6"


def test_the_names_on_the_cliffs_map_are_true():
    heights = {words: recurrent_neuron().loss(np.array([x, y])) for x, y, words in NAMES}
    assert heights["high: loss about 1.4"] == pytest.approx(1.4, abs=0.05)
    assert heights["low: loss 0.01"] == pytest.approx(0.01, abs=0.005)
    on_map = {text.get_text() for text in cliff().figure.axes[MAP].texts}
    assert on_map == {*heights} and "the wall" in on_map
    beside, = [np.array([x, y]) for x, y, words in NAMES if words == "loss 0"]
    gap = np.hypot(*(np.transpose(line_of_zero()) - beside).T).min()
    assert 0.02 < gap < 0.06        # beside its line, not on it


def test_the_path_without_clipping_shows_on_both_sides_of_a_path_that_covers_it():
    widths = {track["group"]: track["width"] for track, _ in told(cliff())
              if track["kind"] == "path" and track["ax"] == MAP}
    assert widths["No clipping"] > 1.5 * max(widths["By norm"], widths["By value"])


def test_the_dotted_line_on_the_cliffs_map_has_loss_zero():
    weights, biases = line_of_zero()
    loss = recurrent_neuron().loss(np.stack([weights, biases], -1))
    np.testing.assert_allclose(loss, 0, atol=1e-12)
    assert np.interp(1.431, weights, biases) == pytest.approx(0.0253, abs=1e-4)
    dotted, = [line for line in cliff().figure.axes[MAP].lines if line.get_linestyle() == ":"]
    np.testing.assert_allclose(dotted.get_xydata(), np.stack([weights, biases], -1))


# Votes


@pytest.mark.parametrize(("threshold", "share", "batch"), [(1.0, 0.1, 1), (2.0, 0.3, 8)])
def test_votes_shows_the_mean_pull_where_it_is_zero_and_the_average_run(threshold, share, batch):
    stage = votes(threshold=threshold, share=share, batch=batch)
    pull, = [at for at in drawn(stage, "path", PULL) if len(at) > 2]
    np.testing.assert_allclose(
        pull[:, 1], mean_pull(pull[:, 0], threshold, share, batch) / threshold, atol=1e-4)
    rest, = drawn(stage, "marker", PULL)
    assert mean_pull(rest[0, 0], threshold, share, batch) == pytest.approx(0, abs=1e-4)
    average, = drawn(stage, "path", RUNS, "Average of 400 runs")
    wanted = walks(threshold, share, batch).mean(axis=1)
    np.testing.assert_allclose(average[:, 1], wanted, atol=1e-3)


def test_votes_numbers_its_axis_and_draws_the_derived_rest_unless_it_is_the_mean():
    stage = votes()
    assert [["0"], ["0.2"], ["0.4"], ["0.6"], ["0.8"], ["1"]] == words(stage, RUNS)[-6:]
    assert ["derived 0.111"] in words(stage, RUNS)
    heights = [at[0, 1] for at in drawn(stage, "path", RUNS) if len(at) == 2]
    assert np.isclose(heights, 1 / 9, atol=1e-4).any()
    stage.set(batch=32)
    assert not [line for line in words(stage, RUNS) if "derived" in line[0]]


def test_votes_names_no_rest_where_both_sides_are_cut_alike_and_nothing_pulls():
    stage = votes(share=0.5)
    assert ["Nothing pulls near the mean"] in words(stage, PULL)
    stage.set(batch=4)      # now a middle is left that is not cut
    assert ["Comes to rest at 5; the mean is 5"] in words(stage, PULL)


# After a spike


@pytest.mark.parametrize(("spike", "beta2"), [(1000.0, 0.999), (30.0, 0.9)])
def test_after_a_spike_the_three_rules_step_as_their_own_code_does(spike, beta2):
    slope = given_gradients([1.0])
    settled = {"Gradient descent": (gradient_descent, (), {}),
               "Momentum": (momentum, (10.0,), dict(beta=0.9)),
               "Adam": (adam, (10**6, 1.0, 1.0), dict(beta2=beta2))}
    usual = {"Gradient descent": 1.0, "Momentum": 10.0, "Adam": 1.0}
    found = step_lengths(spike, np.arange(60), beta2)
    for name, (rule, state, knobs) in settled.items():
        theta, moves = np.zeros(1), []
        for t in range(60):
            place = slope if t else scaled(slope, spike)
            moved = rule(place, theta, *state, lr=1.0, **knobs)
            then, *state = moved if isinstance(moved, tuple) else (moved,)
            moves.append((theta - then)[0] / usual[name])
            theta = then
        np.testing.assert_allclose(found[name], moves, rtol=1e-6)


def test_after_spike_draws_the_lengths_and_says_how_long_adam_sleeps():
    stage = after_spike(spike=1000.0, beta2=0.99)
    for name, lengths in step_lengths(1000.0, AFTER, 0.99).items():
        lane, = drawn(stage, "path", 0, name)
        np.testing.assert_allclose(lane, np.stack([PLACES, lengths], -1), rtol=1e-3)
    assert ["Adam stays below half its usual step until step 807"] in words(stage, 0)
    moves = step_lengths(1000.0, np.arange(1000), 0.99)["Adam"]
    assert [f"shortest: 1/66, at step {moves.argmin()}"] in words(stage, 0)
    assert 1 / moves.min() == pytest.approx(66, abs=0.5)
    stage.set(clipping="at the usual gradient")
    assert ["Nobody jumps, and nobody falls asleep"] in words(stage, 0)


# Four logs


def test_norm_log_draws_the_recorded_norms_and_says_how_many_are_clipped():
    stage = norm_log()
    stage.set(seed=1)
    shares = {"nothing": "0", "a guard": "0.6", "a learning rate": "100", "too loose": "15"}
    told = next(line for line in words(stage, 1) if line[-1] == "the bad batch")
    assert told.count("") == BAD        # not before it comes
    for panel, (name, (lr, c, _)) in enumerate(LOGS.items()):
        norms = np.array(recorded()["logs"][name][1])
        line, = [at for at in drawn(stage, "path", panel) if len(at) > 2]
        np.testing.assert_allclose(line[1:, 1], norms, rtol=1e-3)
        said, = [line[0] for line in words(stage, panel) if "clipped" in line[0]]
        assert said.startswith(f"{name.capitalize()}: lr {lr:g}, c {c:g}")
        assert said.endswith(f"clipped {shares[name]} %")
