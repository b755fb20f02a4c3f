"""What the lesson on quasi-Newton methods measures, against derivations; its recording, made again.
"""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.experiments import quasi_newton as measure
from lessons.experiments import quasi_newton_digits as real
from lessons.experiments.quasi_newton import secants, starts_on, wrong_signs
from lessons.networks import digits, digits_autoencoder
from lessons.steps import adam, newton, newton_line_search, trust_region
from lessons.steps.quasi_newton import bfgs_update, lbfgs_wolfe, steihaug, two_loop
from lessons.steps.second_order import strong_wolfe
from lessons.surfaces import himmelblau, quadratic, rosenbrock, saddle


def test_the_secant_of_the_table_is_the_law_of_the_errors():
    e = np.array(secants(1.9)) - 1
    assert e[1] == pytest.approx(0.9 - (1 - 1 / 1.9)) and len(e) > 8
    np.testing.assert_allclose(e[2:], -e[1:-1] * e[:-2], rtol=1e-6, atol=1e-15)


def test_twelve_digits_by_newton_cost_what_doubling_says():
    found = measure.price_of_digits((0.9,))
    assert found["Newton steps"][0] == 4 and found["Newton evaluations"][0] == 8   # 1, 2, 4, 8, 16


def test_with_wolfe_no_pair_is_bad_and_without_a_search_many_are():
    found = measure.bad_pairs(himmelblau, ("none", "Wolfe"), count=60).set_index("search")
    assert found.loc["Wolfe", ["bad 1", "bad 2", "bad 3"]].sum() == 0
    assert (found.loc["none", ["bad 1", "bad 2", "bad 3"]] > 5).all()


def test_wolfes_search_asks_at_more_points_than_armijos():
    found = measure.points_asked(("Armijo", "Wolfe"), count=12).set_index("search")
    assert (found.loc["Wolfe"] > found.loc["Armijo"]).all()


def test_a_pair_whose_first_gradient_chose_the_step_measures_too_much_curvature():
    rng, step, error = np.random.default_rng(0), 0.1, 1 / np.sqrt(32)
    first, second = rng.normal(size=(2, 100_000)) * error      # k = 1 at the point 0.1
    s = -step * (0.1 + first)
    y = s + second - first
    assert (s * y).sum() / (s * s).sum() == pytest.approx(
        1 + error**2 / (step * (0.1**2 + error**2)), rel=0.02)


def test_signs_between_two_batches_are_wrong_as_often_as_derived_and_within_one_are_not():
    found = wrong_signs((0.01, 0.001), draws=60)
    share = found[["set 1", "set 2", "set 3"]].mean(axis=1) / 100
    wanted = found["derived"] / 100
    error = np.sqrt(wanted * (1 - wanted) / 180)        # of a share among 180 draws
    assert (np.abs(share - wanted) < 4 * error).all() and (wanted > 0.2).all()
    assert (found["one batch"] < 5).all()


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


def test_a_trust_region_of_pairs_asks_for_no_hessian_and_learns_it_on_a_quadratic():
    place = quadratic((1.0, 5.0))
    run = descend(replace(place, hess=None), measure.pairs_within, (2.0, 1.5), 40)
    assert run.loss[-1] < 1e-12
    learned = run.state["H"][-1] @ place.hess(np.array(place.minima[0]))
    np.testing.assert_allclose(learned, np.eye(2), atol=0.1)


def test_the_walk_to_the_end_makes_newtons_jump_where_it_lies_within_the_radius():
    place = quadratic((1.0, 50.0))
    minimum = np.array(place.minima[0])
    there, _ = measure.walk_to_the_end(place, minimum + [0.3, 0.2])
    np.testing.assert_allclose(there, minimum, atol=1e-5)
    short, _ = trust_region(place, minimum + [0.3, 0.2])
    assert np.abs(short - minimum).max() > 0.1


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


def test_lbfgs_with_all_pairs_and_a_renewed_scale_is_quicker_than_bfgs():
    kept = [real.needed(lbfgs_wolfe, 1e-6, seed, memory=400)[0] for seed in real.SEEDS]
    bfgs = real.recorded()["softmax"]["BFGS"][1][1]
    assert max(kept) < 0.6 * min(bfgs)


def test_a_first_matrix_of_the_right_size_does_not_help_bfgs():
    surface, theta = rosenbrock(), np.array([-1.2, 1.0])
    after, H, s, g = real.scaled_once(surface, theta)
    y = surface.grad(after) - g
    then = real.scaled_once(surface, after, H, s, g)[1]
    np.testing.assert_allclose(then, bfgs_update((s @ y) / (y @ y) * np.eye(2), s, y), rtol=1e-12)
    assert 142 <= real.needed(real.scaled_once, 1e-6, 20)[0] <= 168


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


def test_newton_with_one_solution_walks_as_with_eigenvectors_where_nothing_curves_down():
    place, theta = real.place(), real.start_of(0)
    ours = real.newton_armijo(place, theta)
    np.testing.assert_allclose(ours, newton_line_search(place, theta), rtol=1e-6, atol=1e-8)
    assert place.loss(ours) < place.loss(theta) < place.loss(newton(place, theta))


def test_the_recorded_products_of_the_trust_region_are_counted_again():
    assert real.products_asked(1e-2, 10) == real.recorded()["products"][0][1]


def test_the_recorded_losses_of_the_autoencoder_are_reached_again():
    wanted = real.recorded()["autoencoder"]["L-BFGS"][0][1][0]
    assert real.reached(lbfgs_wolfe, 300, 0, memory=20)[0] == pytest.approx(wanted, rel=0.01)


@pytest.mark.parametrize("gradients", [300, 600])
def test_a_recorded_end_of_mini_batches_is_met_again(gradients):
    rule = "L-BFGS, one batch a pair"
    row = real.mini_batches([rule], gradients).iloc[0]
    lr = float(row["best lr"].split(", ")[0])
    found = real.noisy_end(rule, [lr], range(3), gradients)
    assert found[0] == pytest.approx(row["set 1"], rel=3e-3)     # recorded with four decimals


def test_twice_the_gradients_bring_one_batch_a_pair_to_where_sgd_was_and_sgd_farther():
    rules = ["SGD", "L-BFGS, one batch a pair"]
    few, many = (real.mini_batches(rules, n)[["set 1", "set 2", "set 3"]].to_numpy()
                 for n in real.GRADIENTS)
    assert np.sign(many[1] - few[0]).tolist() == [1, -1, -1]
    assert (many[0] < many[1]).all() and (many[1] < few[1]).all()


def test_in_the_seconds_of_lbfgs_first_lead_adam_is_below_it():
    row = real.autoencoder().set_index(["evaluations", "rule"])["mean seconds"]
    evaluations = 300 * row[300, "L-BFGS"] / row[300, "Adam"]
    assert 570 < evaluations < 590
    found = [real.reached(adam, 580, seed, lr=0.02)[0] for seed in real.SEEDS]
    assert found == pytest.approx([0.536, 0.562, 0.543], abs=0.005)
    assert max(found) < min(real.recorded()["autoencoder"]["L-BFGS"][0][1])


def test_more_pairs_cost_fewer_evaluations_and_40_do_nearly_what_all_do():
    counted = [[real.needed(lbfgs_wolfe, 1e-6, seed, memory=memory)[0] for seed in real.SEEDS]
               for memory in real.MEMORY]
    found = np.mean(counted, axis=1).tolist()
    assert found == sorted(found, reverse=True) and found[2] < 1.15 * found[3]
    more = real.more_pairs()
    assert more[["set 1", "set 2", "set 3"]].to_numpy().tolist() == counted
    assert more["mean seconds"].idxmin() == 0       # all the same, more pairs save no time


def test_with_a_search_pairs_lose_no_run_and_with_a_radius_a_few_in_the_valley_come_late():
    found = measure.caution().set_index(["surface", "rule"])[["set 1", "set 2", "set 3"]]
    assert (found.xs("L-BFGS and Wolfe", level="rule") == 100).all(axis=None)
    slow = found.loc[("Rosenbrock", "the same, B of pairs")]
    assert slow.between(95, 99).all()
    for seed, in measure.SETS:
        starts = starts_on(rosenbrock(), seed, 200)
        assert descend(rosenbrock(), measure.pairs_within, starts, 80).loss[-1].max() < 1e-8


def test_a_step_that_finds_no_length_leaves_the_next_jump_alone():
    g, nothing = np.array([3.0, -4.0]), np.zeros(2)
    np.testing.assert_array_equal(two_loop(g, ((nothing, nothing),)), g)


def test_a_trust_region_of_pairs_learns_only_from_moves_with_a_positive_curvature():
    place, H = himmelblau(), np.eye(2)
    hilltop = np.array([-0.2, -0.9])
    assert np.linalg.eigvalsh(place.hess(hilltop)).max() < 0
    after, kept, _ = measure.pairs_within(place, hilltop, H, np.array([0.05]))
    assert (after != hilltop).any() and np.array_equal(kept, H)     # s . y < 0
    stay, kept, reach = measure.pairs_within(place, np.array([4.0, 4.0]), H, np.array([1000.0]))
    assert (stay == [4, 4]).all() and np.array_equal(kept, H) and reach[0] == 250     # refused


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
    tables = (real.logistic_regression(), real.autoencoder(), real.mini_batches(),
              real.more_pairs())
    verdicts = [claim.verdict for claim in measure.claims(*tables).claims]
    assert "NOT TESTABLE HERE" not in verdicts and verdicts.count("PROVED") == 4


def test_newton_arrived_from_no_random_start():
    found = real.logistic_regression(rule=["Newton"])
    assert np.isinf(found[["set 1", "set 2", "set 3"]].to_numpy()).all()
    loss = descend(real.place(), newton, real.start_of(10), 3).loss
    assert loss[-1] > 100 * loss[0]
