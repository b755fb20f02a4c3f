"""What the experiments about clipping find is what was derived."""

from dataclasses import replace

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import clipping
from lessons.experiments.clipping import balance, found, mean_pull, walks
from lessons.steps import adam, gradient_descent
from lessons.surfaces import given_gradients, parabola, recurrent_neuron
from lessons.views import clipped, spiked


def test_near_a_wall_the_mean_gradient_is_the_drop_over_the_width():
    table = clipping.walls([10, 20]).set_index("time steps")
    ends = recurrent_neuron(20).loss(np.array([[1.5, -0.05], [1.5, 0.05]]))
    # beyond its foot the loss climbs again, by less than a hundredth of the drop
    assert table.loc[20, "drop"] == pytest.approx(ends[0] - ends[1], rel=0.01)
    np.testing.assert_allclose(table["mean gradient"], table["drop"] / 0.1, rtol=1e-3)
    for steep in (100, 1000):       # steepness times width is at most the drop
        assert (table[f"above {steep} (%)"] < 100 * table["drop"] / (0.1 * steep)).all()
    assert 0 < table.loc[20, "above 1000 (%)"] < table.loc[20, "above 100 (%)"]
    assert table.loc[20, "largest"] > 0.8 * (1.5**20 - 1) / 0.5


@pytest.mark.parametrize("c", [None, 1.0])
def test_a_start_has_found_the_valley_where_its_walk_ends_low(c):
    neuron, theta = recurrent_neuron(), np.random.default_rng(10).uniform((0.5, -1), (2, 0),
                                                                          (400, 2))
    for _ in range(200):
        g = neuron.grad(theta)
        size = np.linalg.norm(g, axis=-1, keepdims=True)
        theta = theta - 0.3 * (g if c is None else np.where(size > c, c * g / (size + 1e-6), g))
    share = 100 * np.mean(neuron.loss(theta) < 0.01)
    # a walk along the wall may turn on the last bit, one start in 400
    assert found(0.3, c, steps=200)[1] == pytest.approx(share, abs=0.5)
    assert found(0.3, c, steps=200)[1] == 100 or c is None


@pytest.mark.parametrize(("lr", "c", "lost"), [(0.1, None, True), (0.3, 10.0, True),
                                               (0.1, 10.0, False), (1.0, 1.0, False)])
def test_given_time_whoever_makes_no_step_beyond_1_finds_the_valley(lr, c, lost):
    assert (max(found(lr, c)) < 100) == lost == (min(found(lr, c)) < 100)


def test_at_lr_001_the_lost_are_thrown_and_not_late():
    """A threshold of 10 forbids nothing there but steps beyond 0.1, and brings all home."""
    assert max(found(0.01)) < 100 == min(found(0.01, 10.0))


def test_shares_show_the_half_percents_that_the_claims_show():
    table = clipping.share_found(0.1, None, steps=200)
    assert table.loc[0, "no clipping"] == "{:.1f} to {:.1f}".format(
        *np.sort(found(0.1, None, steps=200))[[0, 2]])


def test_held_at_lr_01_a_run_rests_on_the_line_where_it_curves_just_less_than_20():
    neuron = recurrent_neuron()
    held = descend(clipped(neuron, 1.0), gradient_descent, (1.87, -0.17), 2000, lr=0.1)
    assert held.theta[-1] == pytest.approx([1.431, 0.0253], abs=1e-3)
    assert 19 < np.linalg.eigvalsh(neuron.hess(held.theta[-1]))[-1] < 20
    assert held.loss[-1] < 1e-12
    wide = descend(clipped(neuron, 100.0), gradient_descent, (1.87, -0.17), 2000, lr=0.1)
    assert wide.theta[[17, -1], 1] == pytest.approx([10, 10], abs=0.01)     # for good


def test_a_dozen_of_adams_steps_after_a_spike_are_long_and_together_23_usual_ones():
    moves = clipping.adams_moves(1000.0, 0.999, 60)
    assert (moves[:12] > 1).all() and (moves[12:] < 1).all()
    assert moves[:12].sum() == pytest.approx(23.1, abs=0.05)
    moves = clipping.adams_moves(100.0, 0.999, 60)
    assert (moves[:14] > 1).all() and (moves[14:] < 1).all()
    assert moves[:14].sum() == pytest.approx(27.3, abs=0.05)


def test_a_run_that_is_thrown_by_1_creeps_back_to_a_low_loss_but_not_within_100_steps():
    run = descend(clipped(recurrent_neuron(), 10.0), gradient_descent, (1.87, -0.17), 600, lr=0.1)
    assert run.theta[[17, 100], 1] == pytest.approx([1.0, 0.96], abs=5e-3)
    assert np.flatnonzero(run.loss >= 0.01)[-1] == pytest.approx(562, abs=3)


@pytest.mark.parametrize(("times", "weight"), [(10, 1.5), (20, 1.5), (20, 0.7)])
def test_the_loss_falls_once_and_rises_once_so_the_drop_is_at_most_164(times, weight):
    biases = np.linspace(-1, 1, 20_001)
    loss = recurrent_neuron(times).loss(np.stack([0 * biases + weight, biases], -1))
    turns = np.diff(np.sign(np.diff(loss)))
    assert np.count_nonzero(turns) == 1 and turns.max() == 2
    assert np.abs(np.diff(loss)).sum() <= 1.64


@pytest.mark.parametrize(("c", "p"), [(1.0, 0.1), (3.0, 0.1), (0.5, 0.3), (9.0, 0.1)])
def test_x_rests_where_the_clipped_pulls_are_level(c, p):
    assert balance(c, p) == pytest.approx(p * c / (1 - p), rel=1e-9)
    assert balance(50.0, p, 7) == pytest.approx(10 * p, rel=1e-9)        # nothing is cut


def test_the_mean_pull_is_the_mean_over_drawn_batches():
    draws = 10 * np.random.default_rng(0).binomial(4, 0.1, 400_000) / 4
    for x in (0.0, 0.7, 3.0):
        drawn = np.clip(x - draws, -1, 1).mean()
        assert mean_pull(x, 1.0, 0.1, 4) == pytest.approx(drawn, abs=4e-3)  # 4 standard errors


def test_a_walk_is_gradient_descent_on_clipped_batches():
    targets = 10 * np.random.default_rng(3).binomial(8, 0.2, (30, 400)) / 8

    def at(t):
        return replace(parabola(), grad=lambda theta: theta - targets[t - 1][:, None])

    place = clipped(replace(parabola(), at=at), 1.0)
    run = descend(place, gradient_descent, np.full((400, 1), 2.0), 30, lr=0.05)
    np.testing.assert_allclose(walks(1.0, 0.2, 8, 0.05, 30, 3), run.theta[..., 0], atol=2e-6)


def test_where_it_rests_agrees_with_its_derivation():
    table = clipping.where_it_rests([1, 32])
    for name in ("set 1", "set 2", "set 3"):
        np.testing.assert_allclose(table[name], table["derived"], rtol=0.02)


@pytest.mark.parametrize("beta2", [0.99, 0.95])
def test_adams_sleep_is_that_of_a_run_that_met_a_spike(beta2):
    gradients = np.ones(2600)       # 2000 after the spike: then it is awake
    gradients[600] = 100.0
    theta = descend(given_gradients(gradients), adam, steps=2600, lr=1.0, beta2=beta2).theta
    moves = -np.diff(theta[:, 0])[600:]
    row = clipping.after_a_spike(100.0, [beta2]).loc[0]
    # after 600 steps of 1 the bias correction is within 0.3 % of 1
    assert row["first step"] == pytest.approx(moves[0], rel=3e-3)
    assert row["half speed until"] == pytest.approx(np.flatnonzero(moves < 0.5)[-1], abs=1)
    assert row["derived"] == pytest.approx(row["half speed until"], abs=1)
    assert row["shortest step"] == pytest.approx(moves.min(), rel=3e-3)


def test_clipped_before_the_averages_adam_does_not_notice():
    place = spiked(replace(given_gradients(np.ones(30)), start=(0.0,)), 1000.0, when=20)
    runs = [descend(view, adam, steps=30, lr=1.0).theta for view in
            (clipped(place, 1.0), clipped(given_gradients(np.ones(30)), 1.0))]
    np.testing.assert_allclose(runs[0], runs[1], atol=1e-5)     # the 1e-6 in the denominator


def test_claims_have_the_verdicts_that_the_lesson_tells():
    told = {claim.claim: claim.verdict for claim in clipping.claims().claims}
    assert told["Clipping single examples moves the goal farther down than clipping means of "
                "32."].startswith("SUPPORTED")


def test_at_lr_1_the_clipped_come_to_rest_where_the_valley_curves_less_than_2():
    neuron, starts = recurrent_neuron(), np.random.default_rng(0).uniform((0.5, -1), (2, 0),
                                                                          (400, 2))
    ends = descend(clipped(neuron, 1.0), gradient_descent, starts, 2000, every=2000, lr=1.0).theta
    assert 1.25 < ends[-1, :, 0].max() < 1.33

    def steepest(theta):
        columns = [(neuron.grad(theta + e) - neuron.grad(theta - e)) / 2e-4
                   for e in 1e-4 * np.eye(2)]
        return np.linalg.eigvalsh(np.stack(columns, -1))[..., -1]

    assert steepest(ends[-1]).max() < 2 < steepest(np.array([1.37, 0.0405])) < 5
