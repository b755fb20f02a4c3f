"""Step lengths, the ablation and L2 against AdamW show what descend returns."""

from dataclasses import replace
from functools import partial

import numpy as np
import pytest
from support.drawn import drawn, words
from support.scene import browser, notes, shown
from support.sent import assert_drawn, over_time, tracks

from lessons.descend import descend
from lessons.networks import digits, digits_mlp
from lessons.scenes import ablation, l2_against_adamw, step_lengths
from lessons.scenes.adam.l2_against_adamw import DECAYS, FULL
from lessons.scenes.adam.step_lengths import GROUPS, MANY, STEPS
from lessons.scenes.common.runs import LRS
from lessons.steps import adam, adamw, rmsprop
from lessons.surfaces import Surface, ravine
from lessons.views import with_l2


def uncorrected(surface, theta, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    g = surface.grad(theta)
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (np.sqrt(v) + eps), m, v


RULES = {"Adam": adam, "no correction": uncorrected}
KIN = {**RULES, "no momentum": partial(adam, beta1=0.0), "RMSprop": rmsprop,
       "signs": partial(adam, beta1=0.0, beta2=0.0)}


# The strides


def lengths(stage):
    """name -> (STEPS,): the lengths of moves that the right picture shows."""
    return {name: drawn(stage, "path", 1, name)[-1][1:, 1] for name in GROUPS}


@pytest.mark.parametrize("turned", [
    {}, dict(rule="no correction"), dict(beta1=0.5, beta2=0.9), dict(sigma=3.0, seed=4)])
def test_strides_shows_the_moves_that_adam_makes_of_such_gradients(turned):
    stage = step_lengths(RULES)
    stage.set(**turned)
    now = stage.values
    rng = np.random.default_rng(now["seed"])
    draws = rng.standard_normal((STEPS, 3 * MANY))
    m = v = np.zeros(3 * MANY)
    kind = np.repeat([0, 1, 2], MANY)
    wanted = {name: [] for name in GROUPS}
    for t, draw in enumerate(draws, 1):
        g = np.array([1, 1, 0])[kind] + np.array([0, now["sigma"], 1])[kind] * draw
        m = now["beta1"] * m + (1 - now["beta1"]) * g
        v = now["beta2"] * v + (1 - now["beta2"]) * g * g
        fix = now["rule"] == "Adam"
        by = (np.sqrt(v / (1 - now["beta2"] ** t)) * (1 - now["beta1"] ** t)) if fix else np.sqrt(v)
        for name, moves in zip(GROUPS, np.split(m / by, 3)):
            wanted[name].append(np.sqrt((moves**2).mean()))
    for name, found in lengths(stage).items():
        np.testing.assert_allclose(found, wanted[name], rtol=1e-3)
        assert notes(stage, name)[-1] == f"moves of {wanted[name][-1]:.3g} lr"
    moves = np.diff(stage.runs[now["rule"]].theta[:, :MANY], axis=0)
    assert np.sqrt((moves**2).mean(-1)) == pytest.approx(wanted["Steady gradient"])


def test_the_left_pictures_show_one_coordinates_gradients_and_moves():
    stage = step_lengths(RULES, sigma=2.0)
    for k, name in zip((0, 2, 3), GROUPS):
        [gradient], [move] = drawn(stage, "path", k), drawn(stage, "path", k, name)
        g = gradient[1:, 1]
        plane = Surface("One", lambda theta: theta[..., 0], None, None, None, (0.0,), ())
        days = [replace(plane, grad=lambda theta, now=now: 0 * theta + now) for now in g]
        place = replace(days[0], at=lambda t, days=days: days[t - 1])
        run = descend(place, adam, steps=STEPS, lr=1.0)
        np.testing.assert_allclose(move[1:, 1], -np.diff(run.theta[:, 0]), atol=1e-4)


def test_the_numbers_of_the_text_are_those_of_the_strides():
    stage = step_lengths(RULES)
    stage.set(rule="no correction")
    steady = lengths(stage)["Steady gradient"]
    assert steady[0] == pytest.approx(0.1 / np.sqrt(0.001), rel=1e-3)
    assert (steady.argmax() + 1, steady.max()) == (12, pytest.approx(6.57, abs=0.01))
    stage.set(rule="Adam")
    assert lengths(stage)["Pure noise"][-20:].mean() == pytest.approx(0.229, rel=0.03)
    assert [one[0] for one in words(stage, 1)][-2] == "√((1 - β₁) / (1 + β₁)) = 0.229"


def test_the_first_rule_stays_as_a_ghost_beside_another():
    stage = step_lengths(RULES)
    before = {name: drawn(stage, "path", 1, name)[-1] for name in GROUPS}
    stage.set(rule="no correction")
    for name in GROUPS:
        ghost, now = drawn(stage, "path", 1, name)
        np.testing.assert_array_equal(ghost, before[name])
        assert not np.allclose(now[1:], ghost[1:])
    assert words(stage, 1)[-1] == ["dotted: Adam"]
    stage.set(rule="Adam")
    assert words(stage, 1)[-1] == [""]


# The relatives


@pytest.mark.parametrize("turned", [
    {}, dict(relative="signs", lr=0.3), dict(relative="RMSprop", condition=60.0, angle=20.0),
    dict(relative="no momentum", rates="each at its best", angle=45.0, start=(1.0, 0.9))])
def test_relatives_shows_two_walks_and_what_lies_between_them(turned):
    stage = ablation(KIN)
    stage.set(**turned)
    now = stage.values
    surface, runs = ravine(now["condition"], now["angle"]), []
    for k, (role, name) in enumerate((("Left", "Adam"), ("Right", now["relative"]))):
        lr = now["lr"]
        if now["rates"] == "each at its best":
            ends = [descend(surface, KIN[name], tuple(now["start"]), 100, lr=lr).loss[-1]
                    for lr in LRS]
            lr = LRS[int(np.nanargmin(ends))]
        run = descend(surface, KIN[name], tuple(now["start"]), 100, lr=lr)
        [way] = tracks(stage, "path", k, role)
        [curve] = tracks(stage, "path", 2, role)
        assert_drawn(stage, k, way[: len(run.theta)], run.theta)
        assert_drawn(stage, 2, curve, over_time(run.loss))
        assert notes(stage, role)[-1].startswith(f"{name}, lr {lr:.3g}: loss ")
        np.testing.assert_allclose(stage.runs[name].theta, run.theta, atol=1e-9)
        runs.append(run.theta)
    apart = np.hypot(*(runs[0] - runs[1]).T)
    far, move = tracks(stage, "path", 3)
    seen = apart > 1e-6         # two that are level may differ by their rounding
    assert_drawn(stage, 3, far[seen], over_time(apart)[seen])
    one = now["lr"] if now["rates"] == "one for all" else np.nan
    assert_drawn(stage, 3, move, [(0, one), (100, one)])
    [[said]] = words(stage, 3)
    assert said.startswith(f"Distance, largest after step {apart.argmax()}: {apart.max():.3g}")
    assert said.endswith("; dotted: lr") == (now["rates"] == "one for all")
    [ghost] = tracks(stage, "path", 1)
    assert_drawn(stage, 1, ghost, runs[0])


def test_relatives_says_what_the_card_of_try_it_says():
    stage = ablation(KIN, relative="no momentum", rates="each at its best", angle=45.0)

    def losses(condition):
        stage.set(condition=condition)
        return [float(row.split("loss ")[1]) for row in stage.summary.splitlines()[1:3]]

    assert losses(70.0) == [2.2e-4, 3.2e-4] and losses(100.0) == [3.1e-4, 2e-3]
    assert np.subtract(*losses(60.0)) > 0
    for condition in (1.0, 20.0, 100.0):
        stage.set(angle=0.0)
        assert np.subtract(*losses(condition)) > 0


def test_a_learners_unfinished_relative_says_so():
    def mine(surface, theta, *, lr=0.1):
        raise NotImplementedError

    stage = ablation({"Adam": adam, "mine": mine})
    assert notes(stage, "Right") == ["mine, not written yet"] and stage.error == ""
    assert words(stage, 3) == [["Distance"]]
    stage.set(rates="each at its best")
    assert stage.error == "" and "lr" not in shown(stage)


# The decay


@pytest.mark.parametrize(("weight_decay", "lr"), [("1e-4", "0.01"), ("1", "0.001")])
def test_decay_shows_the_weights_of_its_trainings(weight_decay, lr):
    stage, net = l2_against_adamw(weight_decay=weight_decay, lr=lr), digits_mlp()
    blank, number = (digits()[0] == 0).all(axis=0), float(weight_decay)
    runs = {"Adam + L2": descend(with_l2(net, number), adam, steps=200, every=50, lr=float(lr)),
            "AdamW": descend(net, adamw, steps=200, every=50, lr=float(lr), weight_decay=number)}
    for k, (name, run) in enumerate(runs.items()):
        sizes = np.abs(run.theta[:, :4096]).reshape(5, 64, 64).mean(axis=1)
        thick, thin = drawn(stage, "path", 2, name)
        # batched and single networks round apart in float32: 1e-3, and less than 2e-6 beside 0
        near = dict(rtol=2e-2, atol=2e-6)
        np.testing.assert_allclose(thick[::50, 1], sizes[:, blank].mean(1), **near)
        np.testing.assert_allclose(thin[::50, 1], sizes[:, ~blank].mean(1), **near)
        boxes = drawn(stage, "box", k, name)
        assert len(boxes) == 64
        width = np.array([np.ptp(box[::50, :, 0], axis=1) for box in boxes])
        np.testing.assert_allclose(width.T**2 * FULL, sizes, rtol=3e-2, atol=1e-5)


def test_the_dotted_line_is_the_promise_of_decoupled_decay_and_adamw_keeps_it():
    stage = l2_against_adamw(weight_decay="1")
    [promise] = drawn(stage, "path", 2)
    [kept, _] = drawn(stage, "path", 2, "AdamW")
    np.testing.assert_allclose(promise[:, 1], kept[0, 1] * 0.99 ** np.arange(201), rtol=1e-3)
    np.testing.assert_allclose(kept[:, 1], promise[:, 1], rtol=1e-3)


def test_menus_take_numbers_and_their_texts_and_presets_say_texts():
    for decay, lr in ((1e-4, 0.001), ("1e-4", "0.001"), ("0.0001", 1e-3)):
        stage = l2_against_adamw(weight_decay=decay, lr=lr, presets={"far": dict(lr=lr)})
        assert (stage.values["weight_decay"], stage.values["lr"]) == (1e-4, 0.001)
        [button] = stage.scene["presets"]
        menu = next(row for row in stage.scene["knobs"] if row["name"] == "lr")
        assert button["values"]["lr"] in menu["options"]
        browser(stage, lr="0.01", weight_decay="1e-06", seq=1)
        assert (stage.values["weight_decay"], stage.values["lr"]) == (1e-6, 0.01)
    with pytest.raises(ValueError, match="lr is one of .0.01, 0.001., not 'fast'"):
        stage.set(lr="fast")


def test_with_l2_the_number_drops_out_on_blank_pixels():
    stage, ends = l2_against_adamw(), []
    for weight_decay in DECAYS:
        stage.set(weight_decay=weight_decay, lr="0.001")
        ends.append(drawn(stage, "path", 2, "Adam + L2")[0][100, 1])
    assert np.ptp(ends[1:]) < 0.02 * ends[1]
    assert ends[1] < ends[0] < 1.4 * ends[1]        # gradients of 1e-6 are not far above eps
