"""The topics' experiments against what can be derived, and against walks taken one by one."""

import numpy as np
import pytest
from support.verdicts import told

from lessons.descend import descend
from lessons.experiments import steps_to_converge
from lessons.experiments.gradient_descent import RATES as NETWORK_RATES
from lessons.experiments.gradient_descent import (
    around_the_limit,
    limit_at_the_end,
    limit_of_a_network,
    trained,
    walks_of_network,
)
from lessons.experiments.momentum import (
    RATES,
    cost_of_narrowness,
    memory_by_batch,
    on_speed,
    steps_down,
)
from lessons.experiments.protocol import limit_at, seed_sets
from lessons.networks import digits, digits_mlp, digits_softmax
from lessons.steps import (
    gradient_descent,
    momentum,
    nesterov,
)
from lessons.surfaces import parabola, rosenbrock

SETS = ["set 1", "set 2", "set 3"]


def test_the_table_of_steps_holds_walks_along_the_floor_and_across_the_wall():
    found = steps_down([momentum, nesterov, gradient_descent], ["1 / L", "1 / L", "best"],
                       [5, 100], budget=400).set_index("condition")
    for name, rule, lr in (("Momentum", momentum, "1 / L"), ("Nesterov", nesterov, "1 / L"),
                           ("Gradient descent", gradient_descent, "best")):
        slower = found[[f"{name}, floor", f"{name}, wall"]].max(axis=1)
        assert (slower == steps_to_converge(rule, lr, [5, 100], budget=400).set_index("condition")[
            "worst start"]).all()
        walk = descend(parabola(), rule, steps=300, lr=1.0)    # the wall of every ravine
        loss = walk.loss / walk.loss[0]
        late = np.flatnonzero(loss > 1e-4)[-1] + 1
        assert (found[f"{name}, wall"] == late).all() or rule is gradient_descent


def test_momentums_claims_count_from_the_worst_start_as_the_lesson_does():
    found = steps_down([momentum, gradient_descent], ["1 / L", "2 / (L + mu)"], [20, 100, 200])
    usual, plain = (found[[f"{name}, floor", f"{name}, wall"]].max(axis=1).tolist()
                    for name in ("Momentum", "Gradient descent"))
    said = {claim.claim: claim for claim in on_speed()}
    narrow = said["Momentum with beta 0.9 is faster in a narrow ravine."]
    assert narrow.numbers == f"momentum takes {usual[1]} steps, gradient descent {plain[1]}"
    assert "from drawn starts 88 against 161, 181, 202" in narrow.limits
    assert said["Momentum with beta 0.9 is faster in a round landscape too."].numbers == (
        f"momentum takes {usual[0]} steps, gradient descent {plain[0]}")
    [growth] = [claim for words, claim in said.items() if "grow by" in words]
    assert growth.numbers == f"{usual[0]} steps at 20, {usual[2]} at 200"


def test_in_a_very_narrow_ravine_looking_ahead_costs_a_few_steps():
    """Its flat part begins later; the lesson's claim at condition 100 has this as its limit."""
    found = steps_down([momentum, nesterov], "1 / L", [100, 380, 1000]).set_index("condition")
    later = found["Nesterov, floor"] - found["Momentum, floor"]
    assert later[100] < 0 and (later[[380, 1000]] > 0).all() and later.max() < 10


def test_the_cost_of_a_narrow_ravine_is_that_of_the_three_laws():
    found = cost_of_narrowness([20, 100, 400, 1600]).set_index("condition")
    k = found.index.to_numpy(float)
    plain = np.log(1e-4) / 2 / np.log((k - 1) / (k + 1))
    assert found["Gradient descent"].tolist() == np.ceil(plain).tolist()
    usual, fitted = found["Momentum"], found["Momentum, fitted"]
    assert usual[[20, 100]].tolist() == [88, 88]    # the wall's; both are on the flat part
    assert usual[1600] > 3.5 * usual[400]           # off it the steps grow in proportion
    for k, steps in fitted.items():                 # the wall's double root: a factor t
        root, t = (k**0.5 - 1) / (k**0.5 + 1), np.arange(1000)
        wall = root ** (2 * t) * (1 + (1 + root) * t) ** 2
        assert steps == np.flatnonzero(wall > 1e-4)[-1] + 1


def test_a_networks_rate_is_chosen_on_the_set_before():
    [found] = memory_by_batch([512], [8], count=2).to_dict("records")
    late = []
    for name, rule in (("Gradient descent", gradient_descent), ("Momentum", momentum)):
        rates, means = np.array(RATES[512, name]), []
        for seeds in seed_sets(2):
            nets = [digits_mlp(batch=512, seed=seed) for seed in seeds]
            ends = [descend(net, rule, steps=8, lr=rates[:, None]).loss[-1] for net in nets]
            means.append(np.mean(ends, axis=0))
        best = [int(np.argmin(row)) for row in means]
        chosen = [float(lr) for lr in found[f"{name}: best lr"].split(", ")]
        losses = [float(loss) for loss in found[f"{name}: loss"].split(", ")]
        assert chosen == [rates[best[k - 1]] for k in (0, 1, 2)]
        assert losses == pytest.approx([means[k][best[k - 1]] for k in (0, 1, 2)], rel=0.05)
        late += [name] if {0, len(rates) - 1} & {*best} else []
    assert found.get("grid's edge", "") == ", ".join(late)


def test_in_a_ravine_a_step_multiplies_the_loss_by_the_larger_factor_squared():
    found = around_the_limit([0.5, 1.99, 2.0, 2.03], condition=50).set_index("lr x L")
    for name in [*SETS, "derived"]:
        assert found[name].tolist() == pytest.approx([0.99**2, 0.99**2, 1, 1.03**2], rel=1e-3)


def test_the_lesson_claims_what_is_proved_and_what_holds_on_three_sets():
    assert [*told("01").values()] == ["PROVED"] * 3 + ["SUPPORTED WITHIN LIMITS"] * 4


def test_a_networks_limit_is_that_of_single_walks():
    found = limit_of_a_network(lr=(0.3, 0.9), budget=12, every=3, progress=None).set_index("lr")
    rows = []
    for seed, in seed_sets(1):
        net = digits_mlp(batch=None, seed=seed, dtype=np.float64)
        calm, bold = (descend(net, gradient_descent, steps=12, lr=lr) for lr in (0.3, 0.9))
        W, b = bold.theta[-1, :4096].reshape(64, 64), bold.theta[-1, 4096:4160]
        silent = [(digits()[0] @ weights + bias <= 0).all() for weights, bias in zip(W, b)]
        limits = [2 / float(net.first(1297).top_eigenvalue(theta, 60)) for theta in calm.theta[::3]]
        rows.append([0.9 / min(limits), limit_at(net, bold.theta[3::3]).mean(), bold.loss[-1],
                     100 * net.accuracy(bold.theta[-1]), 100 * np.mean(silent)])
    assert found.loc[0.9].tolist() == pytest.approx(np.mean(rows, axis=0), rel=1e-3)
    assert found.at[0.3, "loss"] > found.at[0.9, "loss"]


@pytest.mark.parametrize(("seed", "rate"), [(0, 3), (10, 2), (20, 4)])
def test_a_recorded_training_is_made_again(seed, rate):
    lr = NETWORK_RATES[rate]
    recorded = walks_of_network(seed, NETWORK_RATES, 120, 15)
    for kept, anew in zip(recorded, trained(seed, (lr,), 120, 15, np.float64)):
        assert kept.shape[-1] == len(NETWORK_RATES)
        assert kept[..., rate] == pytest.approx(anew[..., 0], rel=1e-6)


@pytest.mark.parametrize("seed", [0, 10, 20])
def test_near_its_first_limit_a_network_is_lost_for_no_hidden_unit_responds(seed):
    net = digits_mlp(batch=None, seed=seed, dtype=np.float64)
    end = descend(net, gradient_descent, steps=120, every=120, lr=3.2)
    assert end.loss[-1] > 2.2
    W, b = end.theta[-1, :4096].reshape(64, 64), end.theta[-1, 4096:4160]
    assert (digits()[0] @ W.T + b <= 0).mean() > 0.99


def test_two_rates_lie_below_the_lowest_limit_and_0p8_beyond_it():
    for seed, in seed_sets(1):
        loss, limit, *_ = walks_of_network(seed, NETWORK_RATES, 120, 15)
        assert limit[:, :2].min() > 0.4                     # both rates stay at or below it
        assert limit[:, 0].min() == pytest.approx(limit[:, 1].min(), rel=0.01)
        assert limit[:, 0].min() < 0.8 and loss[120, 2] < loss[120, 1]
    nets = [digits_mlp(batch=None, seed=seed, dtype=np.float64) for seed, in seed_sets(1)]
    first = [limit_at(net, net.start) for net in nets]
    assert first == pytest.approx([3.4, 2.88, 2.95], abs=0.01)          # 3.2 is close to these


def test_a_fifth_of_the_units_silent_costs_no_accuracy_and_an_allowed_first_step_may_kill_all():
    found = limit_of_a_network(progress=None).set_index("lr")
    assert (found["test (%)"].diff().loc[:1.2].dropna() > 0).all()
    assert found.loc[[2.4, 3.6], "silent (%)"].min() > 95      # below, and beyond, the first limits
    assert found.loc[[2.4, 3.6], "test (%)"].max() < 15
    assert found.loc[1.2, "silent (%)"] == pytest.approx(20.83, abs=0.01)


def test_the_limit_of_the_run_at_0p2_has_stopped_falling_by_step_120():
    net = digits_mlp(batch=None, dtype=np.float64)
    run = descend(net, gradient_descent, steps=240, every=40, lr=0.2)
    limit = limit_at(net, run.theta)
    assert limit.min() > 0.98 * limit[3] and limit[-1] > 1.05 * limit[3]


def test_softmax_regression_comes_back_from_eight_times_its_first_limit():
    surface = digits_softmax()
    first = limit_at(surface, np.zeros(650))
    run = descend(surface, gradient_descent, steps=60, lr=8 * first)
    assert (run.loss.max(), run.loss[60]) == pytest.approx((30.5, 0.0953), rel=2e-3)
    assert limit_at(surface, run.theta[60]) == pytest.approx(8 * first, rel=0.01)


def test_in_rosenbrocks_valley_a_walk_ends_where_the_limit_is_its_lr():
    found = limit_at_the_end([0.0015, 0.0025, 0.004]).set_index("lr")
    at_minimum = 2 / np.linalg.eigvalsh(rosenbrock().hess(np.ones(2)))[-1]
    assert found.at[0.0015, "limit"] == pytest.approx(at_minimum, rel=1e-3)
    for lr in (0.0025, 0.004):
        assert found.at[lr, "limit"] == pytest.approx(lr, rel=6e-3)
        x = found.at[lr, "derived x"]
        assert found.at[lr, "x"] == pytest.approx(x, rel=5e-3)
        on_floor = rosenbrock().hess(np.array([x, x * x]))      # nearly its trace: det 400, L 500
        assert 2 / np.linalg.eigvalsh(on_floor)[-1] == pytest.approx(lr, rel=5e-3)
    near = np.stack([np.random.default_rng(seed).normal(0, 0.4, 2) + rosenbrock().start
                     for seeds in seed_sets(3) for seed in seeds])
    run = descend(rosenbrock(), gradient_descent, near, steps=20_000, lr=0.004)
    ends = run.theta[-1000:, np.isfinite(run.loss[-1])]     # the usual start is held, not lost
    assert found.at[0.004, "of 10 fly out"] == 9 - ends.shape[1] == 6
    assert run.diverged_at.max() == 9
    assert limit_at(rosenbrock(), ends).mean(axis=0) == pytest.approx(0.004, rel=6e-3)


def test_a_swing_grows_at_each_step_from_a_place_whose_limit_is_below_the_lr():
    theta = descend(rosenbrock(), gradient_descent, steps=20, lr=0.002).theta
    off, limit = abs(theta[:, 1] - theta[:, 0] ** 2), limit_at(rosenbrock(), theta)
    assert (np.diff(off) > 0)[:4].tolist() == (limit < 0.002)[:4].tolist() == [True, False] * 2
    assert limit[10] < 0.002 < limit[12:].min() and off[20] < 0.01


@pytest.mark.parametrize("lr", [0.0025, 0.004, 0.006])
def test_a_held_run_jumps_between_two_points_as_far_off_the_floor_as_the_balance_says(lr):
    theta = descend(rosenbrock(), gradient_descent, steps=20_000, lr=lr).theta
    np.testing.assert_allclose(theta[-1000:-2], theta[-998:], rtol=1e-9)
    x, y = theta[-2:].T
    held = (1 / (100 * lr) - 1) ** 0.5 / 2
    v = ((1 - held) / (400 * held)) ** 0.5
    assert np.abs((y - x * x) / np.sqrt(1 + 4 * x**2)).mean() == pytest.approx(v, rel=0.02)
    swing = v * 2 * held / np.sqrt(1 + 4 * held**2)
    assert np.abs(np.diff(x)) / 2 == pytest.approx(swing, rel=0.02)
