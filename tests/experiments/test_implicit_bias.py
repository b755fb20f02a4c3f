"""What the experiments on implicit bias find is what was derived."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import implicit_bias
from lessons.experiments.implicit_bias import (
    derived_drift,
    flow,
    followed,
    imbalance,
    noisy_walk,
    regression,
)
from lessons.networks import digits_tanh
from lessons.steps import adam, gradient_descent, momentum
from lessons.surfaces import one_equation, two_points, two_weights

STARTS = np.array([(0.0, 0.0), (0.0, 3.0), (1.0, -1.0)])


@pytest.mark.parametrize("rule", [gradient_descent, momentum])
def test_the_nearest_solution_is_reached(rule):
    ends = descend(one_equation(), rule, STARTS, 2000, every=2000, lr=0.01).theta[-1]
    nearest = STARTS + (5 - STARTS @ [2, 1])[:, None] / 5 * [2, 1]
    np.testing.assert_allclose(ends, nearest, atol=1e-9)    # 0.95^2000 of the way is left, at most


def test_adam_moves_along_the_signs_of_the_example():
    ends = descend(one_equation((-2.0, 0.5)), adam, STARTS, 2000, every=2000, lr=0.05).theta[-1]
    c = (5 - STARTS @ [-2, 0.5]) / 2.5
    np.testing.assert_allclose(ends, STARTS + c[:, None] * [-1, 1], atol=1e-5)   # eps is not 0


def test_regression_is_a_sum_of_equations_and_finds_the_pseudo_inverse():
    rng = np.random.default_rng(3)
    X, y, theta = rng.normal(size=(7, 12)), rng.normal(size=7), rng.normal(size=12)
    place = regression(X, y)
    ahead = (place.loss(theta + 1e-6 * np.eye(12)) - place.loss(theta - 1e-6 * np.eye(12))) / 2e-6
    np.testing.assert_allclose(place.grad(theta), ahead, rtol=1e-6)
    end = descend(place, gradient_descent, steps=4000, every=4000, lr=0.03).theta[-1]
    np.testing.assert_allclose(end, np.linalg.pinv(X) @ y, atol=1e-8)


def test_every_row_of_guessed_truth_fits_and_a_truth_is_missed_by_its_part_outside():
    table = implicit_bias.guessed_truth(count=1)
    assert (table["loss"] < 1e-4).all() and len(table) == 4
    rng = np.random.default_rng(0)      # the first problem of all, made once more
    X = rng.normal(0, 70**-0.5, (70, 100))
    true = rng.normal(size=100)
    missed = true - np.linalg.pinv(X) @ X @ true
    assert table.loc[0, "set 1"] == pytest.approx((missed @ missed) / (true @ true), rel=1e-3)


def test_the_flow_in_log_time_is_gradient_descent_with_a_small_lr():
    s, theta = flow(two_points(), (1.0, -1.0), np.log(10.0), first=-7.0)
    slow = descend(two_points(), gradient_descent, (1.0, -1.0), 2000, every=2000, lr=0.005)
    # at lr L = 0.02 the walk is off by about that share of a move, the flow by its first e^-7
    np.testing.assert_allclose(theta[-1], slow.theta[-1], rtol=5e-3)
    assert s[-1] == pytest.approx(np.log(10.0), abs=0.025) and theta.shape == (len(s), 2)


def test_the_weights_turn_like_one_over_the_logarithm_of_time():
    table = implicit_bias.flow_directions((1e6, 1e12), ((0, 0), (1, -1)))
    for start, atol in (("from (0, 0)", 0.12), ("from (1, -1)", 0.4)):
        errors = np.tan(np.radians(table[start])) - 0.5      # tan(a + e) - tan a, nearly e / cos^2
        assert errors[0] / errors[1] == pytest.approx(np.log(2.5e12) / np.log(2.5e6), rel=0.05)
        derived = table[start.replace("from", "derived")]       # q is read off at time 1,000
        np.testing.assert_allclose(derived, table[start], atol=atol)


@pytest.mark.parametrize("kind", ["wrong labels", "any direction"])
def test_a_noisy_walk_is_gradient_descent_on_a_wrong_label_or_with_an_error(kind):
    walk = noisy_walk(0.1, 0.5, kind, 4, 3, 20)
    assert walk.shape == (21, 3, 2)
    moved = (walk[:-1] - walk[1:]) / 0.1 - two_weights().grad(walk[:-1])
    a, b = np.moveaxis(walk[:-1], -1, 0)
    S = a**2 + b**2
    e = -(moved[..., 0] * b + moved[..., 1] * a) / S          # across, along (b, a)
    e_along = (moved[..., 0] * a - moved[..., 1] * b) / S     # along the valley, along (a, -b)
    np.testing.assert_allclose(abs(e), 0.5, rtol=1e-9)
    if kind == "wrong labels":
        np.testing.assert_allclose(e_along, 0, atol=1e-12)
        r = walk[:-1].prod(axis=-1) - 1 - e
        shaved = imbalance(walk[:-1]) * (1 - 0.01 * r**2)
        np.testing.assert_allclose(imbalance(walk[1:]), shaved, rtol=1e-12)
    else:
        np.testing.assert_allclose(abs(e_along), 0.5, rtol=1e-9)
        assert not (e == e_along).all() and not (e == -e_along).all()


@pytest.mark.parametrize(("start", "over"), [((3, 0.34), 1.01), ((2.5, 0.41), 1.03),
                                              ((4, 0.255), 1.03), ((2, 0.505), 1.06)])
def test_thrown_off_a_needle_a_walk_ends_in_its_mirror_image(start, over):
    first = np.hypot(start[0] ** 2 - start[1] ** 2, 2)
    lr = 2 * over / first
    end = descend(two_weights(), gradient_descent, start, 3000, every=3000, lr=lr).theta[-1]
    assert end @ end == pytest.approx(4 / lr - first, rel=0.006)     # next order: (over - 1)^2


def test_the_modified_flow_tells_part_of_the_fall_and_more_of_it_the_smaller_the_lr():
    table = implicit_bias.modified_flow()
    told = (4 - table["modified flow"]) / (4 - table["gradient descent"])
    np.testing.assert_allclose(table["flow"], 4)
    assert told.tolist() == sorted(told, reverse=True) and (told < 1).all()
    np.testing.assert_allclose(told, [0.82, 0.66, 0.42, 0.12], atol=0.015)    # as the lesson says
    a, b = implicit_bias.flow_end(0.1)
    assert a * b == pytest.approx(1, abs=1e-9)      # it ends in the valley
    finer = implicit_bias.flow_end(0.1, part=0.005)
    np.testing.assert_allclose([a, b], finer, atol=1e-5)


def test_a_flow_on_the_modified_loss_is_missed_in_the_third_order():
    def missed(lr, share):
        """How far the flow of f + share lr |grad f|^2 is from a step of gradient descent."""
        theta, part, place = np.array([2.0, 0.2]), lr / 200, two_weights()
        for _ in range(200):        # the midpoint rule: its own error is 200^-2 of a third order
            def push(at):
                return place.grad(at) + 2 * share * lr * place.hess(at) @ place.grad(at)

            theta = theta - part * push(theta - part / 2 * push(theta))
        step = gradient_descent(two_weights(), np.array([2.0, 0.2]), lr=lr)
        return np.sqrt(np.square(theta - step).sum())

    assert missed(0.02, 0.25) / missed(0.01, 0.25) == pytest.approx(8, rel=0.1)
    assert missed(0.02, 0) / missed(0.01, 0) == pytest.approx(4, rel=0.1)


def test_what_is_followed_is_gradient_descent_on_the_tanh_network():
    loss, sharp = followed((0.2, 0.4), (0, 10), 4, 2)
    net = digits_tanh(seed=10)
    run = descend(net, gradient_descent, steps=4, lr=0.4)
    np.testing.assert_allclose(loss[:, 1, 1], run.loss, rtol=1e-9)
    top = net.top_eigenvalue(run.theta[::2], 100)
    np.testing.assert_allclose(sharp[:, 1, 1], top, rtol=1e-3)       # Lanczos, 20 products


def test_the_sharpness_lies_at_the_limit_or_above_it_and_at_a_small_rate_far_below():
    rates, seeds = (0.1, 0.15, 0.2, 0.3, 0.4), tuple(seed for seed, in implicit_bias.SETS)
    share = followed(rates, seeds, 600, 60)[1][6:].mean(axis=0) * np.reshape(rates, (-1, 1)) / 2
    assert (share[1:] > 0.9995).all() and share[1:].max() < 1.055   # "0 to 5 per cent above"
    np.testing.assert_allclose(20 * share[0], [14.5, 12.3, 13.9], atol=0.06)


def test_wrong_labels_flatten_as_derived_and_a_push_along_makes_runs_stray():
    labels, anywhere = (implicit_bias.drifted(kind, 0.05, 0.5)
                        for kind in ("wrong labels", "any direction"))
    begin = 9 - 1 / 9
    share = derived_drift(0.05, 0.5, 600, begin) / begin
    assert share == pytest.approx(0.63, abs=0.005)          # "from 8.9 to 5.6"
    np.testing.assert_allclose(labels.mean(axis=1), share * begin, rtol=1e-3)
    assert derived_drift(0.1, 0.0, 50, 5.0) == 5.0
    pairs = (1 - 0.025**2) ** 600           # a gain and a loss of a by lr sigma, squared, 300 times
    assert np.median(anywhere) == pytest.approx(share * pairs * begin, rel=0.03)    # most: flatter
    assert (abs(anywhere) > begin).mean() == pytest.approx(0.24, abs=0.01)      # "a quarter"
    assert (abs(labels) < begin).all()


def test_the_circles_of_the_network_shrink():
    sharp = followed((0.2,), (0,), 600, 20)[1][:, 0, 0]     # as the scene draws it
    turns = np.diff(np.sign(np.diff(sharp)))
    np.testing.assert_allclose(sharp[1:-1][turns < 0][:2], [13.4, 10.6], atol=0.06)


def test_the_verdicts_are_those_that_the_lesson_tells():
    told = {claim.claim: claim.verdict for claim in implicit_bias.claims().claims}
    assert "NOT SUPPORTED HERE" not in told.values()
    kept = [claim for claim, verdict in told.items() if verdict.startswith("SUPPORTED")]
    assert len(kept) == 5 and len(told) == 10
