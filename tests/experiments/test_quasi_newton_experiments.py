"""What the lesson on quasi-Newton methods measures, against derivations; its recording, made again.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.experiments import quasi_newton as measure
from lessons.experiments import quasi_newton_digits as real
from lessons.experiments.quasi_newton import starts_on
from lessons.networks import digits, digits_autoencoder
from lessons.steps import adam, newton, trust_region
from lessons.steps.quasi_newton import lbfgs_wolfe, steihaug, two_loop
from lessons.steps.second_order import strong_wolfe
from lessons.surfaces import himmelblau, quadratic, rosenbrock, saddle


def test_with_wolfe_no_pair_is_bad_and_without_a_search_many_are():
    found = measure.bad_pairs(himmelblau, ("none", "Wolfe"), count=60).set_index("search")
    assert found.loc["Wolfe", ["bad 1", "bad 2", "bad 3"]].sum() == 0
    assert (found.loc["none", ["bad 1", "bad 2", "bad 3"]] > 5).all()


def test_the_search_with_a_positive_hessian_loses_no_run_to_a_saddle():
    found = measure.caution((himmelblau,), count=40).set_index("rule")
    lost = 100 - found[["set 1", "set 2", "set 3"]]
    assert (lost.loc[["|B| and Armijo", "Trust region"]] == 0).all(axis=None)
    assert (lost.loc["Newton"] > 20).all()


def test_the_plain_exam_is_the_trust_region():
    for place in (rosenbrock(), saddle()):
        run, theta, radius = descend(place, trust_region, steps=12), place.start, 1.0
        for step in range(12):
            theta, radius = measure.exam(place, np.array(theta), radius)
            np.testing.assert_allclose(theta, run.theta[step + 1], rtol=1e-12)
            assert radius == run.state["reach"][step]


@pytest.mark.parametrize("radius", [0.1, 0.5, 3.0])
def test_the_plain_walk_to_the_best_point_is_steihaugs(radius):
    rng = np.random.default_rng(2)
    for _ in range(20):
        g, B = rng.normal(size=4), rng.normal(size=(4, 4))
        B = B + B.T + np.diag([3, 3, 0, 0])
        p, at_edge = measure.best_within(g, B, radius)
        wanted, stopped = steihaug(g, lambda u, B=B: B @ u, radius)
        np.testing.assert_allclose(p, wanted, rtol=1e-8)
        assert at_edge == bool(stopped)


def test_the_plain_search_of_wolfe_is_the_steps_own_in_the_valley_and_meets_both_conditions():
    place = rosenbrock()
    for theta in starts_on(place, 3, 30):
        g = place.grad(theta)
        tau = measure.wolfe_length(place, theta, -g)
        assert tau == strong_wolfe(place, theta, -g)[0]
        assert place.loss(theta - tau * g) <= place.loss(theta) - 1e-4 * tau * g @ g
        assert abs(place.grad(theta - tau * g) @ g) <= 0.9 * g @ g


def test_what_newton_loses_ends_where_the_gradient_is_zero_and_the_ground_curves_down():
    for surface in (himmelblau(), saddle()):
        run = descend(surface, newton, starts_on(surface, 3, 100), 60)
        lost = run.theta[-1][run.loss[-1] >= 1e-8]
        assert len(lost) > 20 and np.abs(surface.grad(lost)).max() < 1e-6
        assert np.linalg.eigvalsh(surface.hess(lost))[:, 0].max() < 0


def test_the_asked_surface_computes_a_known_point_only_once():
    called, surface = [], quadratic((1, 2), 0)
    counting = replace(surface, grad=lambda x: called.append(1) or surface.grad(x))
    asked = real.Asked(counting)
    for point in ([1.0, 2.0], [1.0, 2.0], [3.0, 4.0], [1.0, 2.0]):
        asked.surface.grad(np.array(point))
        asked.surface.loss(np.array(point))
    assert asked.count == 2 and len(called) == 2


def test_the_recorded_evaluations_of_lbfgs_and_adam_are_counted_again():
    recorded = real.recorded()["softmax"]
    assert real.needed(lbfgs_wolfe, 1e-2, 0)[0] == recorded["L-BFGS"][0][1][0]
    lr = float(recorded["Adam"][0][0].removeprefix("lr "))
    assert real.needed(adam, 1e-2, 10, 1500, lr=lr)[0] == recorded["Adam"][0][1][1]


@pytest.mark.parametrize(("seed", "wanted"), [(0, 72), (10, 68), (20, 62)])
def test_the_torch_code_of_the_lesson_reaches_the_goal_and_then_stops(seed, wanted):
    X, labels = (torch.tensor(np.array(part)) for part in digits()[:2])
    theta, excess = torch.tensor(real.start_of(seed), requires_grad=True), []
    optimizer = torch.optim.LBFGS([theta], lr=1, max_iter=100, history_size=20,
                                  line_search_fn="strong_wolfe")

    def closure():
        optimizer.zero_grad()
        scores = X @ theta[:640].reshape(64, 10) + theta[640:]
        loss = torch.nn.functional.cross_entropy(scores, labels)
        loss = loss + real.WEIGHT_DECAY / 2 * theta @ theta
        loss.backward()
        excess.append(loss.item() - real.lowest())
        return loss

    last, calls = None, 0
    for _ in range(10):
        loss = optimizer.step(closure).item()
        if loss == last:
            break
        last, calls = loss, calls + 1
    assert calls < 6 and excess[-1] < 1e-8
    assert abs(np.argmax(np.array(excess) <= 1e-6) + 1 - wanted) < 5


def test_the_recorded_losses_of_the_autoencoder_are_reached_again():
    wanted = real.recorded()["autoencoder"]["L-BFGS"][0][1][0]
    assert real.reached(lbfgs_wolfe, 300, 0, memory=20)[0] == pytest.approx(wanted, rel=0.01)


def test_a_recorded_end_of_mini_batches_is_met_again():
    rule = "L-BFGS, one batch a pair"
    row = real.mini_batches([rule]).iloc[0]
    lr = float(row["best lr"].split(", ")[0])
    found = real.noisy_end(rule, [lr], range(3))
    assert found[0] == pytest.approx(row["set 1"], rel=3e-3)     # recorded with four decimals


def test_lbfgs_with_a_search_loses_no_run_on_either_map():
    found = measure.caution().set_index(["surface", "rule"])[["set 1", "set 2", "set 3"]]
    assert (found.xs("L-BFGS and Wolfe", level="rule") == 100).all(axis=None)


def test_a_step_that_finds_no_length_leaves_the_next_jump_alone():
    g, nothing = np.array([3.0, -4.0]), np.zeros(2)
    np.testing.assert_array_equal(two_loop(g, ((nothing, nothing),)), g)


def test_the_autoencoder_is_torchs():
    network = digits_autoencoder(seed=3, dtype=np.float64)
    sizes, layers = (64, 32, 8, 32, 64), []
    for n, m in zip(sizes, sizes[1:]):
        layers += [torch.nn.Linear(n, m, dtype=torch.float64), torch.nn.Tanh()]
    module = torch.nn.Sequential(*layers[:-1])
    torch.nn.utils.vector_to_parameters(torch.tensor(network.start), module.parameters())
    images = torch.tensor(np.array(digits()[0]))
    loss = (module(images) - images).square().sum(1).mean() / 2
    loss.backward()
    g = torch.nn.utils.parameters_to_vector([p.grad for p in module.parameters()])
    np.testing.assert_allclose(network.loss(network.start), loss.item(), rtol=1e-12)
    np.testing.assert_allclose(network.grad(network.start), g.numpy(), atol=1e-12)
    assert network.accuracy is None


def test_every_claim_has_its_verdict():
    tables = (real.logistic_regression(), real.autoencoder(), real.mini_batches())
    verdicts = [claim.verdict for claim in measure.claims(*tables).claims]
    assert "NOT TESTABLE HERE" not in verdicts and verdicts.count("PROVED") == 4


def test_newton_alone_leaps_away_from_a_random_start():
    loss = descend(real.place(), newton, real.start_of(10), 3).loss
    assert loss[-1] > 100 * loss[0]
