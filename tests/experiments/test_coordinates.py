"""Charts, divergences and limits in nats: against integrals, finite differences and derivations."""

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import coordinates
from lessons.experiments.coordinates import CHARTS, START, divergence, walk
from lessons.experiments.kl_limits import (
    RATES,
    SETS,
    adam_steps,
    digits_model,
    nats,
    pixels_in_other_units,
    policy_updates,
    ppo,
    ppo_end,
    solved,
    stop_below,
    trpo,
    trpo_end,
)
from lessons.steps import gradient_descent, kl_step
from lessons.surfaces import gaussian_fit


def gaussian(y, model):
    mu, sigma = model
    return np.exp(-0.5 * ((y - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))


@pytest.mark.parametrize("p, q", [((0, 1), (0.5, 1.4)), ((-1.5, 0.6), (1, 1)), ((1, 2), (1, 0.7))])
def test_the_divergence_is_the_integral_that_defines_it(p, q):
    y = np.linspace(-15, 15, 60_001)
    log_ratio = (np.log(q[1] / p[1]) - 0.5 * ((y - p[0]) / p[1]) ** 2
                 + 0.5 * ((y - q[0]) / q[1]) ** 2)
    assert divergence(p, q) == pytest.approx(np.trapezoid(gaussian(y, p) * log_ratio, y), rel=1e-9)


@pytest.mark.parametrize("name", CHARTS)
def test_a_chart_shows_the_same_models_with_their_own_gradient_and_fisher_matrix(name):
    surface, write, read = CHARTS[name]
    model, h = np.array([0.4, 1.3]), 1e-5
    theta = write(model)
    np.testing.assert_allclose(read(theta), model, rtol=1e-12)
    assert surface.loss(theta) == pytest.approx(divergence((1, 1), model), rel=1e-12)
    steps = h * np.maximum(1, np.abs(theta)) * np.eye(2)
    ends = [surface.loss(theta + steps), surface.loss(theta - steps)]
    np.testing.assert_allclose(surface.grad(theta), (ends[0] - ends[1]) / 2 / steps.sum(axis=-1),
                               rtol=1e-6)       # h^2
    for d in (1e-4 * np.maximum(1, np.abs(theta)) * np.array([(1, 0), (0, 1), (1, 1), (1, -1)])):
        half = d @ surface.fisher(theta) @ d / 2        # to d^3, whose share is 1e-4
        assert divergence(model, read(theta + d)) == pytest.approx(half, rel=2e-3)


def test_a_gradient_step_in_a_chart_is_multiplied_by_j_squared():
    here = CHARTS["σ"].surface.grad(np.array(START))
    for name, J in (("log σ", 0.6), ("precision", -(0.6**3) / 2)):
        moved = walk(gradient_descent, name, START, 1, lr=1e-6)[0][1, 1] - 0.6
        assert moved == pytest.approx(-1e-6 * J**2 * here[1], rel=1e-3)     # to first order
    moved = walk(gradient_descent, "μ in tenths", START, 1, lr=0.01)[0][1, 0] + 1.5
    assert moved == pytest.approx(-1e-4 * here[0], rel=1e-8)


def test_a_large_kl_step_hops_above_the_target_and_leaves_a_chart_of_the_models():
    hops = []
    for name in ("σ", "log σ", "precision"):
        loss = walk(kl_step, name, START, 400, delta=0.01)[1].loss
        arrived = int((loss <= coordinates.TARGET).argmax())
        assert arrived in (20, 21)
        hops.append(bool((loss[arrived:] > coordinates.TARGET).any()))
    assert hops == [True, False, True]
    taus = [walk(kl_step, "precision", START, 1, delta=delta)[1].theta[1, 1]
            for delta in (0.27, 0.28)]
    assert taus[0] > 0 > taus[1]


def test_steps_needed_counts_until_the_loss_stays_below():
    assert coordinates.steps_needed(np.array([1, 0.005, 1, 0.01, 0.001])) == 3
    assert coordinates.steps_needed(np.array([1, 0.001, np.nan])) == np.inf
    assert coordinates.steps_needed(np.array([0.001, 0.001])) == 0


def test_steps_in_charts_counts_the_walk_that_its_row_names():
    found = coordinates.steps_in_charts(("gradient descent",), charts=("precision",), count=9)
    lr = float(np.geomspace(0.01, 3, 9)[np.abs(np.geomspace(0.01, 3, 9) - found["best lr"][0])
                                        .argmin()])
    run = descend(gaussian_fit("precision"), gradient_descent, steps=400, lr=lr)
    assert found["steps"][0] == coordinates.steps_needed(run.loss)
    assert (coordinates.starts_of()[0, 0] != coordinates.starts_of()[1, 0]).all()


def test_charts_beside_one_another_are_the_rows_of_the_long_table():
    rules = "KL step, 0.005", "natural gradient, lr 0.045"
    wide, long = coordinates.charts_beside(rules), coordinates.steps_in_charts(rules)
    assert wide.drop(columns="rule").to_numpy().ravel().tolist() == long["steps"].tolist()
    assert wide["rule"].tolist() == list(rules) and len(set(long["steps"])) > 2


def test_the_labels_of_the_data_make_the_step_of_the_formula():
    found = coordinates.whose_labels(away=(10.0, 0.1), spread=(1.0, 0.1))
    to_go = found["to go"]
    np.testing.assert_allclose(found["step, data's labels"],
                               to_go / (found["spread"]**2 + to_go**2), rtol=0.03)
    np.testing.assert_allclose(found["step, model's labels"], to_go, rtol=0.05)  # 10,000 labels


def test_the_digits_model_has_the_gradient_product_and_divergence_that_it_states():
    model, rng = digits_model(images=20, hidden=3), np.random.default_rng(1)
    theta, u = np.array(model.start), rng.standard_normal(len(model.start))
    h = 1e-5
    slope = (model.loss(theta + h * u) - model.loss(theta - h * u)) / (2 * h)
    assert model.grad(theta) @ u == pytest.approx(slope, rel=1e-7)
    half = u @ model.product(theta, u) / 2
    near = [model.divergence(theta, theta + k * 1e-4 * u) for k in (1, -1)]
    assert np.mean(near) / 1e-8 == pytest.approx(half, rel=1e-5)    # cubic terms cancel
    v = rng.standard_normal(len(u))
    assert v @ model.product(theta, u) == pytest.approx(u @ model.product(theta, v), rel=1e-9)
    batch = np.stack([theta, theta + 0.1 * u])
    np.testing.assert_allclose(model.grad(batch)[1], model.grad(theta + 0.1 * u), rtol=1e-12)


def test_other_pixels_begin_with_the_same_answers():
    one, other = digits_model(3, 1.0, images=20), digits_model(3, 16.0, images=20)
    assert one.loss(np.array(one.start)) == pytest.approx(other.loss(np.array(other.start)))


def test_as_many_rounds_as_dimensions_solve():
    rng = np.random.default_rng(0)
    A = rng.standard_normal((4, 4))
    F, g = A @ A.T + np.eye(4), rng.standard_normal(4)
    np.testing.assert_allclose(solved(lambda u: F @ u, g, 4), np.linalg.solve(F, g), rtol=1e-8)


def test_a_step_of_trpo_keeps_its_limit_and_lowers_the_loss():
    model = digits_model(images=40, hidden=4)
    for delta in (0.01, 1.0):
        path = descend(model, trpo, steps=4, delta=delta).theta
        apart = model.divergence(path[:-1], path[1:])
        assert (apart <= delta).all() and (apart > delta / 10).all()
        assert (np.diff(model.loss(path)) < 0).all()


def test_steps_on_the_digits_stop_at_the_target_and_count_every_product():
    model = digits_model()
    count = stop_below(model, delta=0.1, rounds=10)
    loss = descend(model, trpo, steps=int(count)).loss
    assert loss[-1] <= 0.1 < loss[-2]
    assert stop_below(model, budget=2, delta=0.1, rounds=10) == np.inf
    table = pixels_in_other_units().set_index("rule")
    assert (table.loc["KL step, 10 products", "price, to 1"]
            == 21 * table.loc["KL step, 10 products", "pixels to 1"])
    anew = table.loc["Adam, tuned for each unit"]
    assert anew["price, to 16"] == anew["pixels to 16"]
    assert anew["pixels to 16"] == max(adam_steps(seed, 16.0, RATES).min() for (seed,) in SETS)
    assert anew["pixels to 1"] < anew["pixels to 16"] / 2


def test_ppo_pushes_until_both_actions_are_clipped_and_no_further():
    p = np.array([0.2, 0.5, 0.7, 0.8])
    beyond = ppo(p, lr=0.05, epochs=4000)[-1] - ppo_end(p)
    assert (beyond >= 0).all() and (beyond < 0.002).all()       # one step of lr 0.05 beyond
    assert ppo(0.9)[-1] > 0.97 and (np.diff(ppo(0.9)) > 0).all() and ppo_end(0.9) == 1


def test_ppo_climbs_its_own_objective():
    p, h = 0.3, 1e-6
    z = np.log(p / (1 - p)) + 0.05

    def objective(z):
        new = 1 / (1 + np.exp(-z))
        ratios, gains = (new / p, (1 - new) / (1 - p)), (1 - p, -p)
        return sum(q * min(rho * A, np.clip(rho, 0.8, 1.2) * A)
                   for q, rho, A in zip((p, 1 - p), ratios, gains))

    first = ppo(p, lr=1.0, epochs=1)[1]
    start = np.log(p / (1 - p))
    slope = (objective(start + h) - objective(start - h)) / (2 * h)
    assert np.log(first / (1 - first)) - start == pytest.approx(slope, rel=1e-4)
    assert objective(z) > objective(start)


def test_trpo_moves_the_chance_as_far_as_it_may():
    for p in (0.2, 0.5, 0.9):
        assert 0.002 < nats(p, trpo_end(p)) <= 0.01 and trpo_end(p) > p
    table = policy_updates((0.5,), epochs=50)
    assert table["KL of TRPO"][0] == pytest.approx(nats(0.5, trpo_end(0.5)), rel=1e-3)


def test_it_is_a_small_lr_and_not_the_clip_that_keeps_ten_epochs_of_ppo_short():
    slow, quick = (policy_updates(epochs=10, lr=lr)["KL, 10 epochs"] for lr in (0.2, 2.0))
    assert [(kl > 0.01).sum() for kl in (slow, quick)] == [2, 4]


@pytest.mark.parametrize("chance, epochs, far", [
    (0.9, 10, 0.00123), (0.9, 1500, 0.066), (0.8, 1500, 0.176)])
def test_a_push_that_never_ends_may_still_be_slower_than_one_that_does(chance, epochs, far):
    assert nats(chance, ppo(chance, epochs=epochs)[-1]) == pytest.approx(far, rel=0.01)


def test_ppos_last_step_overshoots_the_clip():
    path = ppo(0.5)
    assert path[path < 0.6].max() < 0.6 < path[-1] == pytest.approx(0.609, abs=5e-4)


def test_kl_steps_of_less_than_the_target_do_not_hop_above_it_in_any_chart():
    for name in ("σ", "log σ", "precision"):
        loss = walk(kl_step, name, START, 400, delta=0.005)[1].loss
        arrived = int((loss <= coordinates.TARGET).argmax())
        assert coordinates.steps_needed(loss) == arrived in (28, 29)
        assert loss[arrived + 10:].max() < 1.15 * 0.005   # the third order adds to delta
