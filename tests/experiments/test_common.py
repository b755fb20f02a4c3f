"""The general experiments against closed forms, loops of single runs, and other seeds."""

from math import ceil, log

import numpy as np
import pytest

from lessons.descend import descend
from lessons.experiments import (
    compare,
    learning_rate_curve,
    noise_floor,
    steps_to_converge,
    sweep,
    winners,
)
from lessons.experiments.common import LR_WORDS
from lessons.experiments.protocol import seeded
from lessons.networks import digits_mlp
from lessons.steps import adam, gradient_descent, momentum, nesterov, rmsprop
from lessons.surfaces import Surface, ravine, rosenbrock

STARTS = ["set 1", "set 2", "set 3", "worst start"]


@pytest.mark.parametrize("condition", [5, 10, 100, 500])
def test_at_its_best_rate_gradient_descent_needs_the_derived_steps_from_every_start(condition):
    row = steps_to_converge(gradient_descent, lr="2 / (L + mu)", condition=condition).iloc[0]
    derived = log(1e4) / 2 / log((condition + 1) / (condition - 1))
    assert row[STARTS].tolist() == [ceil(derived)] * 4


@pytest.mark.parametrize("target", [1e-2, 1e-4, 1e-9])
def test_at_one_over_l_the_worst_start_lies_all_on_the_floor(target):
    row = steps_to_converge(gradient_descent, condition=40, target=target).iloc[0]
    assert row["worst start"] == ceil(log(target) / 2 / log(abs(1 - 1 / 40)))
    assert (row[STARTS[:3]] <= row["worst start"]).all()


@pytest.mark.parametrize("condition", [20, 100, 1000])
def test_polyaks_pair_needs_the_steps_of_a_double_root(condition):
    """At the wall x_t = (1 + b t) r^t with b = 1 + sqrt(beta): the loss is its square."""
    root = (condition**0.5 - 1) / (condition**0.5 + 1)
    t = np.arange(1000)
    loss = root ** (2 * t) * (1 + (1 + root) * t) ** 2
    found = steps_to_converge(momentum, lr="4 / (sqrt L + sqrt mu)^2", beta=root**2,
                              condition=condition)
    assert found.at[0, "worst start"] == np.flatnonzero(loss > 1e-4)[-1] + 1


def test_momentum_needs_as_many_steps_in_every_ravine_on_the_flat_part():
    """At lr 1/L and beta 0.9: ln(1e4) / -ln(0.9) = 87.4, and 2 ln(A) / -ln(beta) = 2.4 more."""
    found = steps_to_converge(momentum, lr="1/L", beta=0.9, condition=[5, 20, 100])
    assert found[STARTS].to_numpy().tolist() == [[88] * 4] * 3
    assert found["lr"].tolist() == [0.2, 0.05, 0.01]


def test_best_is_sought_up_to_the_rules_own_edge():
    found = steps_to_converge([gradient_descent, momentum, nesterov], lr="best", condition=100)
    assert found.at[0, "worst start"] == 231                # 2 / (L + mu) is the best there is
    assert found.at[0, "lr"] == pytest.approx(2 / 101, rel=0.01)
    assert found.at[2, "lr"] < 2 * 1.9 / 2.8 / 100          # Nesterov's edge at beta 0.9
    fixed = steps_to_converge(nesterov, lr=found.at[2, "lr"], condition=100)
    assert fixed.at[0, "worst start"] == found.at[2, "worst start"]
    assert not found["at_edge"].any()
    assert steps_to_converge(gradient_descent, lr="best", condition=3, target=1e-300, budget=9).at[
        0, "at_edge"], "nothing converges, and the first of the grid is no best"


def test_not_within_the_budget_is_infinite():
    found = steps_to_converge(gradient_descent, lr=0.5, condition=[2, 100], budget=50)
    assert np.isfinite(found.loc[0, STARTS].astype(float)).all()
    assert (found.loc[1, STARTS] == np.inf).all()


def test_an_unknown_word_for_a_rate_is_a_row_that_names_those_that_exist():
    found = steps_to_converge(gradient_descent, lr="3 / L")
    for word in LR_WORDS:
        assert word in found.at[0, "problem"]


@pytest.mark.parametrize(("lr", "curvature", "sigma"), [(0.1, 1.0, 1.0), (0.2, 4.0, 0.5)])
def test_the_noise_floor_is_the_derived_one(lr, curvature, sigma):
    found = noise_floor([gradient_descent, momentum], [lr, lr / 2], curvature, sigma, beta=0.5)
    first = found.iloc[0]       # 2,000 runs would have a standard error of 1 to 2 %
    assert first["theory"] == pytest.approx(
        lr * sigma**2 / (curvature * (2 - lr * curvature)), rel=1e-3)   # four digits
    sets = found[["set 1", "set 2", "set 3"]].to_numpy()
    assert sets / found[["theory"]].to_numpy() == pytest.approx(1, rel=0.1)  # 400 runs: 3 % each
    assert (np.ptp(sets, axis=1) > 0).all(), "three sets of seeds are three sets of runs"


def test_a_rule_without_a_derivation_has_no_theory():
    assert "theory" not in noise_floor(nesterov, lr=0.1, count=20)


def test_a_sweep_is_a_loop_of_single_runs():
    found = sweep([momentum, adam], rosenbrock(), lr=[0.001, 0.01], budget=30, seeds=[0, 7])
    assert len(found) == 8
    for row in found.itertuples():
        rule = {"Momentum": momentum, "Adam": adam}[row.rule]
        start = seeded(rosenbrock(), [row.seed]).start[0]
        end = descend(rosenbrock(), rule, start, 30, lr=row.lr).loss[-1]
        end = np.nan_to_num(end, nan=np.inf)
        assert row.loss == pytest.approx(end, rel=1e-3)     # four digits
    others = sweep([momentum, adam], rosenbrock(), lr=[0.001, 0.01], budget=30, seeds=[1, 2])
    left = found["loss"] == np.inf
    assert 0 < left.sum() < 8 and not (others["loss"] == found["loss"])[~left].any()


def test_each_rule_is_swept_in_units_of_its_own_edge():
    found = sweep([gradient_descent, momentum], ravine(50), lr="up to its edge", seeds=[0])
    last = found.groupby("rule")["lr"].max()
    assert last["Momentum"] / last["Gradient descent"] == pytest.approx(1.9, rel=1e-3)
    assert np.isfinite(found["loss"]).all()


def test_compare_judges_on_other_runs_than_it_chose_on():
    rates = [0.0003, 0.001, 0.003]
    found = compare(gradient_descent, rosenbrock(), rates, budget=[20, 60], count=4)
    for row in found.itertuples():
        chosen, judged = range(10 * ((row.judged - 2) % 3), 0), range(10 * (row.judged - 1), 0)
        chosen = range(chosen.start, chosen.start + 4)
        judged = range(judged.start, judged.start + 4)
        ends = {seeds: [descend(rosenbrock(), gradient_descent, seeded(rosenbrock(), seeds).start,
                                row.budget, lr=lr).loss[-1] for lr in rates]
                for seeds in (chosen, judged)}
        best = int(np.argmin([np.nan_to_num(e, nan=np.inf).max() for e in ends[chosen]]))
        last = np.nan_to_num(ends[judged][best], nan=np.inf)
        assert row.lr == rates[best] and row.loss == pytest.approx(last.max(), rel=1e-3)
        assert row.at_edge == (best != 1)
        begun = rosenbrock().loss(seeded(rosenbrock(), judged).start)
        assert row.lost == (last > begun).sum()


def test_a_best_rate_on_the_edge_of_its_grid_is_flagged():
    narrow = compare(gradient_descent, ravine(), [0.01, 0.02, 0.03], budget=60, count=2)
    wide = compare(gradient_descent, ravine(), [0.01, 0.09, 0.2], budget=60, count=2)
    assert narrow["at_edge"].all() and not wide["at_edge"].any()


def test_the_median_hides_runs_that_leave_and_the_worst_does_not():
    """From starts near the minimum a rate holds that throws others out."""
    found = {referee: compare(gradient_descent, rosenbrock(), budget=60, referee=referee)
             for referee in ("worst", "median")}
    assert found["median"]["lost"].sum() > found["worst"]["lost"].sum()
    with pytest.raises(ValueError, match="worst, median, mean"):
        compare(gradient_descent, rosenbrock(), referee="kind")


def test_equal_rules_tie_and_a_clear_lead_wins():
    twins = {"one": gradient_descent, "other": gradient_descent}
    assert (winners(compare(twins, ravine(), budget=30))["winner"] == "TIE").all()
    rivals = compare([gradient_descent, momentum, adam], ravine(100), budget=60)
    won = winners(rivals)
    for row in won.itertuples():
        losses = rivals[rivals["judged"] == row.judged].set_index("rule")["loss"].nsmallest(2)
        assert row.winner == (losses.index[0] if losses.iloc[1] >= 1.1 * losses.iloc[0] else "TIE")
    assert (winners(rivals, margin=1e9)["winner"] == "TIE").all()


def test_where_all_left_for_infinity_nobody_wins():
    found = sweep([gradient_descent, momentum], rosenbrock(), lr=[0.001, 100.0])
    assert winners(found, by="lr")["winner"].tolist() == ["Momentum", "TIE"]


def test_the_shared_slider_chooses_the_winner():
    found = sweep([gradient_descent, momentum, rmsprop, adam], rosenbrock(), seeds=[3])
    won = winners(found, by="lr")
    for lr, name in zip(won["lr"], won["winner"]):
        losses = found[found["lr"] == lr].set_index("rule")["loss"]
        assert name == "TIE" or losses[name] == losses.min()
    assert len(set(won["winner"]) - {"TIE"}) > 1
    assert won["winner"].iloc[-1] != "Gradient descent"     # it left for infinity


def test_a_learning_rate_curve_is_the_share_of_wrong_answers():
    rates = [0.1, 0.5]
    found = learning_rate_curve(gradient_descent, digits_mlp, rates, budget=20, seeds=[4, 5])
    for row in found.itertuples():
        nets = [digits_mlp(seed=seed) for seed in (4, 5)]
        ends = [descend(net, gradient_descent, steps=20, lr=row.lr).theta[-1] for net in nets]
        wrong = [100 * (1 - net.accuracy(end)) for net, end in zip(nets, ends)]
        # float32 sums depend on what stands beside them: one image of 500 is 0.2 points
        assert [row.lowest, row.highest] == pytest.approx([min(wrong), max(wrong)], abs=0.3)
        assert row.wrong == pytest.approx(np.mean(wrong), abs=0.3)


def broken(surface, theta, *, lr=0.1):
    return theta @ np.ones((7, 3))


def test_winners_of_a_table_with_a_problem_are_those_of_the_rest():
    found = sweep({"one": adam, "twin": adam, "mine": broken}, ravine(), [0.01, 0.1], budget=5)
    assert winners(found, by="lr")["winner"].tolist() == ["TIE", "TIE"]


def test_a_surface_without_curvature_is_no_place_for_words():
    plane = Surface("A plane", lambda theta: theta[..., 0], np.ones_like, None, None, (0.0,), ())
    found = steps_to_converge(gradient_descent, surface=lambda condition: plane, condition=1)
    assert "has no Hessian" in found.at[0, "problem"]
