"""Step lengths, the rare gradient and L2 against AdamW show what theory and descend say."""

import numpy as np
import pytest
from support.drawn import drawn, words
from support.scene import notes

from lessons.descend import descend
from lessons.experiments.adam import net_climb
from lessons.networks import digits, digits_mlp
from lessons.scenes import l2_against_adamw, rare_gradient, step_lengths
from lessons.scenes.adam.l2_against_adamw import DECAYS, FULL
from lessons.scenes.adam.step_lengths import GROUPS, MANY, STEPS
from lessons.steps import adam, adamw
from lessons.surfaces import given_gradients
from lessons.views import with_l2

# Step lengths


def lengths(stage, which=0):
    """name -> (STEPS,): the lengths of moves that the right picture shows; 1: those derived."""
    return {name: drawn(stage, "path", 1, name)[which][1:, 1] for name in GROUPS}


@pytest.mark.parametrize("turned", [
    dict(correction="off"), dict(beta1=0.5, beta2=0.9), dict(sigma=3.0, seed=4)])
def test_step_lengths_shows_the_moves_that_adam_makes_of_such_gradients(turned):
    stage = step_lengths()
    stage.set(**turned)
    now = stage.values
    draws = np.random.default_rng(now["seed"]).standard_normal((STEPS, 3 * MANY))
    m = v = np.zeros(3 * MANY)
    kind = np.repeat([0, 1, 2], MANY)
    wanted = {name: [] for name in GROUPS}
    for t, draw in enumerate(draws, 1):
        g = np.array([1, 1, 0])[kind] + np.array([0, now["sigma"], 1])[kind] * draw
        m = now["beta1"] * m + (1 - now["beta1"]) * g
        v = now["beta2"] * v + (1 - now["beta2"]) * g * g
        fix = now["correction"] == "on"
        by = (np.sqrt(v / (1 - now["beta2"] ** t)) * (1 - now["beta1"] ** t)) if fix else np.sqrt(v)
        for name, moves in zip(GROUPS, np.split(m / by, 3)):
            wanted[name].append(np.sqrt((moves**2).mean()))
    for name, found in lengths(stage).items():
        np.testing.assert_allclose(found, wanted[name], rtol=1e-3)
        assert notes(stage, name)[-1] == f"moves of {wanted[name][-1]:.3g} lr"
    # 400 coordinates: 3.5 % one deviation; and v of a beta2 of 0.9 is itself noisy
    near = 0.12 if now["beta2"] > 0.99 else 0.2
    for name, derived in lengths(stage, 1).items():
        np.testing.assert_allclose(derived[-20:], wanted[name][-20:], rtol=near)


def test_the_left_pictures_show_one_coordinates_gradients_and_moves():
    stage = step_lengths(sigma=2.0)
    for k, name in zip((0, 2, 3), GROUPS):
        [gradient], [move] = drawn(stage, "path", k), drawn(stage, "path", k, name)
        run = descend(given_gradients(gradient[1:, 1]), adam, steps=STEPS, lr=1.0)
        np.testing.assert_allclose(move[1:, 1], -np.diff(run.theta[:, 0]), atol=1e-4)


def test_the_headline_says_what_is_derived():
    stage = step_lengths(sigma=3.0)
    assert ["Late: 1, 0.384 and 0.229 lr"] in words(stage, 1)
    stage.set(correction="off")
    assert ["First move 3.16 lr, longest 6.57 at step 12"] in words(stage, 1)


@pytest.mark.parametrize("correction", ["on", "off"])
def test_all_lengths_lie_in_the_right_picture_and_its_axis_has_a_number_at_1(correction):
    stage = step_lengths()
    for turn in (correction, "off", correction):
        stage.set(correction=turn)
    length = stage.figure.axes[1]
    assert length.get_ylim()[1] == (2 if correction == "on" else 12)
    for values in lengths(stage).values():
        low, high = length.get_ylim()
        assert low < values.min() and values.max() < high
    assert "1" in [label.get_text() for label in length.get_yticklabels()]
    single = stage.figure.axes[0]
    assert drawn(stage, "path", 0, "Steady gradient")[0][1:, 1].max() < single.get_ylim()[1]


# The rare gradient


@pytest.mark.parametrize(("strong", "every", "beta2"), [(75.0, 50, 0.9), (300.0, 20, 0.99)])
def test_a_round_is_the_one_that_adam_walks(strong, every, beta2):
    stage = rare_gradient(strong=strong, every=every, beta2=beta2)
    rounds = 40
    gradients = np.tile([-1.0] * (every - 1) + [strong], rounds)
    theta = descend(given_gradients(gradients), adam, steps=len(gradients), lr=1.0,
                    beta2=beta2).theta[:, 0]
    start = len(gradients) - every - 1          # just before the last strong gradient but one
    [both] = drawn(stage, "path", 0, "Together")
    seen = np.round(both[:, 0] * every).astype(int)
    np.testing.assert_allclose(both[:, 1], theta[start + seen] - theta[start], atol=2e-3)
    [weak], [pull] = (drawn(stage, "path", 0, f"{name} gradient{s}")
                      for name, s in (("Weak", "s"), ("Strong", "")))
    np.testing.assert_allclose(weak[:, 1] + pull[:, 1], both[:, 1], atol=1e-3)
    assert (np.diff(weak[:, 1]) >= 0).all() and (np.diff(pull[:, 1]) <= 0).all()


def test_the_headline_of_a_round_says_where_it_ends():
    stage = rare_gradient()
    assert ["A period ends 3.79 lr uphill"] in words(stage, 0)
    assert ["10"] in words(stage, 0)           # the scale: the weak ones reach 9.54
    assert ["-5"] in words(stage, 0) and ["the weak ones, up"] in words(stage, 0)
    stage.set(strong=1000.0)
    climb = net_climb(1000.0, 50, beta2=0.9)
    assert climb < 0 and [f"A period ends {-climb:.3g} lr downhill"] in words(stage, 0)


# The decay


def test_decay_shows_the_weights_of_its_trainings(weight_decay="1e-2"):
    stage, net = l2_against_adamw(weight_decay=weight_decay), digits_mlp()
    blank, number = (digits()[0] == 0).all(axis=0), float(weight_decay)
    runs = {"Adam + L2": descend(with_l2(net, number), adam, steps=200, every=50, lr=0.01),
            "AdamW": descend(net, adamw, steps=200, every=50, lr=0.01, weight_decay=number)}
    for k, (name, run) in enumerate(runs.items()):
        sizes = np.abs(run.theta[:, :4096]).reshape(5, 64, 64).mean(axis=1)
        [shown] = drawn(stage, "path", 2, name)
        # batched and single networks round apart in float32: 1e-3, and less than 2e-6 beside 0
        near = dict(rtol=2e-2, atol=2e-6)
        np.testing.assert_allclose(shown[::50, 1], sizes[:, blank].mean(1), **near)
        others = float(notes(stage, name)[-1].rpartition(" ")[2])
        np.testing.assert_allclose(others, sizes[-1, ~blank].mean(), rtol=0.06)
        boxes = drawn(stage, "box", k, name)
        assert len(boxes) == 64
        width = np.array([np.ptp(box[::50, :, 0], axis=1) for box in boxes])
        np.testing.assert_allclose(width.T**2 * FULL, sizes, rtol=3e-2, atol=1e-5)


def test_the_band_is_the_promise_of_decoupled_decay_and_adamw_keeps_it():
    stage = l2_against_adamw(weight_decay="1")
    [promise] = drawn(stage, "path", 2)
    [kept] = drawn(stage, "path", 2, "AdamW")
    np.testing.assert_allclose(promise[:, 1], kept[0, 1] * 0.99 ** np.arange(201), rtol=1e-3)
    np.testing.assert_allclose(kept[:, 1], promise[:, 1], rtol=1e-3)


def test_with_l2_the_number_drops_out_on_blank_pixels():
    stage, ends = l2_against_adamw(), []
    for weight_decay in DECAYS:
        stage.set(weight_decay=weight_decay)
        ends.append(drawn(stage, "path", 2, "Adam + L2")[0][5, 1])
    assert np.ptp(ends[1:]) < 0.05 * ends[1]
    assert ends[1] < ends[0] < 1.4 * ends[1]        # gradients of 1e-6 are not far above eps
    shown = words(stage, 2)
    assert ["AdamW keeps 13.4 %"] in shown and ["Adam + L2\nkeeps 0.002 %"] in shown
    assert ["Blank pixels, weight decay 1"] in shown
