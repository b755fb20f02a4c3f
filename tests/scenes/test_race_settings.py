"""The scenes about who decides a race: what they show is what formulas and descend say."""

import numpy as np
import pytest
from support.scene import drawn, headline, notes, words

from lessons.descend import descend
from lessons.experiments.race import shared_race
from lessons.scenes import one_step, rescaled_loss, who_wins
from lessons.scenes.race.who_wins import winners
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import ravine, rosenbrock, steep_optima
from lessons.views import scaled

FOUR = {"Gradient descent": gradient_descent, "Momentum": momentum, "RMSprop": rmsprop,
        "Adam": adam}


def test_one_step_by_hand():
    stage = one_step(rosenbrock(), lr=0.0001)       # loss 24.2, gradient (-215.6, -88)
    assert headline(stage) == ["Rosenbrock, one step with lr 0.0001"]
    assert words(stage, 1)[0] == ["loss 24.2: promised 18.8, true 19.2"]
    assert words(stage, 1)[1:] == [["above 1: uphill"], ["below 1: downhill"]]
    stage.set(lr=0.002)
    assert words(stage, 1)[0] == ["loss 24.2: promised -84.3, true 37.3"]
    start, end = drawn(stage, "path", 0)[1]
    assert start == pytest.approx([-1.2, 1]) and end == pytest.approx([-0.7688, 1.176], abs=1e-4)
    dot, = drawn(stage, "marker", 1, "true loss")[0]
    assert dot == pytest.approx([0.002, rosenbrock().loss(end) / 24.2], rel=1e-3)


def test_the_tangent_touches_the_true_loss_where_the_step_begins_and_nowhere_before():
    stage = one_step(rosenbrock(), start=(-1.0, 0.0))
    rates, true = drawn(stage, "path", 1, "true loss")[0].T
    (_, one), (far, end) = drawn(stage, "path", 1, "promised by the tangent")[0]
    slope = (end - one) / far
    assert true[0] == pytest.approx(1, abs=1e-4)
    assert (true[1] - true[0]) / rates[1] == pytest.approx(slope, rel=0.02)
    assert true[-1] > one + slope * rates[-1]


def test_own_size_rules_keep_their_path_on_a_multiplied_loss_and_descent_at_a_lower_rate():
    stage = rescaled_loss(rosenbrock(), FOUR, lr=0.002, factor=7.0)
    for name, step in FOUR.items():
        here = descend(rosenbrock(), step, steps=60, lr=0.002).theta
        there = descend(scaled(rosenbrock(), 7.0), step, steps=60, lr=0.002).theta
        apart = np.abs(here - there)[-1].max()
        assert notes(stage, name)[-1] == (
            "the same path" if name in ("RMSprop", "Adam") else
            f"apart by {apart:.2g}" if np.isfinite(apart) else "off to infinity")
    stage.set(rates="lr / factor")
    said = {name: notes(stage, name)[-1] for name in FOUR}
    assert said["Gradient descent"] == said["Momentum"] == "the same path"
    assert said["Adam"].startswith("apart by") and said["RMSprop"].startswith("apart by")


def test_a_path_that_is_a_million_apart_is_called_lost_from_that_step_on():
    said = notes(rescaled_loss(rosenbrock(), FOUR, lr=0.002, factor=1000.0), "Momentum")
    assert said[0] == "the same path" and said[1] == "apart by 4.3e+02"
    assert set(said[2:]) == {"off to infinity"}


def test_a_line_says_how_high_the_race_began():
    stage = who_wins([rosenbrock(), ravine()], FOUR)
    for surface, loss in (("Rosenbrock", 24.2), ("Ravine", ravine().loss(ravine().start))):
        stage.set(surface=surface)
        at, = [line[:, 1] for line in drawn(stage, "path", 1) if np.ptp(line[:, 1]) < 1e-9 * loss]
        assert at == pytest.approx(loss, rel=5e-3)
    assert ["loss at the start"] in words(stage, 1)



def test_the_bar_shows_who_wins_as_the_experiment_counts_it():
    stage = who_wins([rosenbrock(), ravine()], FOUR)
    table, around = shared_race(FOUR, rosenbrock()).set_index("rule"), 10**(0.52 / 8)
    for name in FOUR:
        ends = drawn(stage, "path", 2, name)[0][:, 0]
        assert np.nanmin(ends) == pytest.approx(table["wins from"][name] / around, rel=5e-3)
        assert np.nanmax(ends) == pytest.approx(table["to"][name] * around, rel=5e-3)


@pytest.mark.parametrize(("lr", "winner"), [
    (0.00178, "Momentum"), (0.00562, "Gradient descent"), (0.178, "RMSprop"), (1.33, "Adam")])
def test_each_of_the_four_wins_at_some_shared_rate(lr, winner):
    stage = who_wins([rosenbrock()], FOUR, lr=lr)
    assert f"lr {lr:g}: {winner} wins" in [track["words"][0] for track in stage.scene["tracks"]
                                           if track["words"]]
    for name, step in FOUR.items():
        assert np.array_equal(stage.runs[name].loss,
                              descend(rosenbrock(), step, steps=60, lr=lr).loss, equal_nan=True)


def test_nobody_wins_by_less_than_a_tenth_or_above_the_start():
    found = {"a": np.array([1.0, 1.0, 9.0, np.inf]), "b": np.array([1.09, 1.2, 99.0, np.inf])}
    assert winners(found, 5.0).tolist() == [-1, 0, -1, -1]


def test_the_referee_the_budget_and_the_grid_are_knobs_that_change_the_curves():
    stage, seen = who_wins([steep_optima()], FOUR), set()
    for turn in (dict(), dict(budget=200), dict(referee="median of nine"),
                 dict(referee="worst of nine"), dict(grid=32)):
        stage.set(**turn)
        seen.add(drawn(stage, "path", 1, "RMSprop")[0].tobytes())
    assert len(seen) == 5 and len(drawn(stage, "path", 1, "RMSprop")[0]) == 161
