"""The scenes about matrix preconditioners show what surfaces, steps and recorded runs give."""

import numpy as np
import pytest
from support.scene import drawn

from lessons.descend import descend
from lessons.experiments.kronecker import CUBIC, LEAST, QUINTIC, RATES, turned_bowl
from lessons.experiments.kronecker_digits import STEPS as STEPS_EACH
from lessons.experiments.kronecker_digits import equal_time, judged
from lessons.scenes import layer_fisher, levelling, price_of_step, turned_axes
from lessons.scenes.kronecker.layer_fisher import (
    CELL,
    MOST,
    apart,
    colours,
    factors,
    fisher,
    layer,
    signed,
    written,
)
from lessons.scenes.kronecker.levelling import (
    FOLLOWED,
    ROUNDS,
    SIGMA,
    rounds,
    singular_values,
)
from lessons.scenes.kronecker.price_of_step import SHOWN
from lessons.scenes.kronecker.turned_axes import CIRCLE, CONDITION, RULES, STEPS
from lessons.steps.kronecker import newton_schulz
from lessons.surfaces import softmax_regression

NEAR = dict(atol=2e-3)      # float32 fractions of the axes


@pytest.mark.parametrize(("seed", "trained"), [(0, 1.0), (2, 0.4)])
def test_with_all_examples_the_squares_are_those_of_the_surface(seed, trained):
    surface = softmax_regression(seed)
    theta, (a, S) = trained * np.array(surface.minima[0]), layer(seed, trained)
    [(A, of_outputs)] = surface.factors(theta)
    np.testing.assert_allclose(factors(a, S)[0], of_outputs, atol=1e-12)
    np.testing.assert_allclose(factors(a, S)[1], A, atol=1e-12)
    np.testing.assert_allclose(fisher(a, S), surface.fisher(theta), atol=1e-12)


def test_one_example_is_exact_and_so_is_a_layer_that_has_learnt_nothing():
    a, S = layer(0, 1.0)
    assert apart(a[:1], S[:1]) < 1e-12 < 0.1 < apart(a[:2], S[:2])
    assert apart(*layer(1, 0.0)) < 1e-12


def test_the_curve_of_the_squares_says_how_far_they_are_apart():
    stage = layer_fisher(examples=7, trained=0.5)
    a, S = layer(0, 0.5)
    [line] = drawn(stage, "path", 5)
    for n in (1, 7, MOST):
        F = np.mean([np.outer(g, g) for g in scores(a[:n], S[:n])], axis=0) * 3
        K = np.kron(S[:n].mean(0), a[:n].T @ a[:n] / n)
        assert line[n - 1, 1] == pytest.approx(100 * np.linalg.norm(F - K) / np.linalg.norm(F),
                                               abs=0.1)
    assert drawn(stage, "marker", 5)[0][-1][0] == pytest.approx(7, abs=0.01)


def scores(a, S):
    """For each example three vectors whose outer products have the mean S (x) a a^T."""
    return [np.kron(root, x) for x, one in zip(a, S)
            for root in (np.linalg.eigh(one)[1] * np.sqrt(np.maximum(np.linalg.eigh(one)[0], 0))).T]


def test_colours_are_white_at_zero_and_full_at_the_largest_entry():
    found = colours(np.array([[2.0, 0.0], [-2.0, 0.5]]))
    assert found[0, 0].tolist() == [0, 114, 178] and found[0, 1].tolist() == [255, 255, 255]
    assert found[1, 0].tolist() == [194, 124, 0]
    assert colours(np.array([[2.0]]), 8.0)[0, 0].tolist() == [127, 184, 216]    # half way to blue


def test_the_large_squares_have_one_scale_and_the_small_ones_their_numbers():
    stage, (a, S) = layer_fisher(examples=5), layer(0, 1.0)
    full = max(np.abs(fisher(a[:5], S[:5])).max(), np.abs(np.kron(*factors(a[:5], S[:5]))).max())
    heads = [track["words"][0] for track in stage.scene["tracks"] if track["kind"] == "text"]
    ticks = [[tick.get_text() for tick in ax.get_yticklabels()] for ax in stage.figure.axes]
    assert [f"−{full:.2f}", "0", f"{full:.2f}"] in ticks
    assert heads.count(written(S[:5].mean(0)[0, 0])) == 1 and heads.count("1.00") == 1
    assert [written(x) for x in (-0.046, 0.0, 1.0, -0.001)] == ["−.05", ".00", "1.00", ".00"]


def test_entries_below_zero_bear_a_minus_sign_and_no_others_do():
    plain, found = (make(np.array([[2.0, -2.0], [0.0, -1e-9]]), 2.0) for make in (colours, signed))
    entries = found.reshape(2, CELL, 2, CELL, 3)[:, CELL // 2, :, CELL // 2]
    assert [(entries[at] < plain[at]).any() for at in ((0, 0), (0, 1), (1, 0), (1, 1))] == [
        False, True, False, False]
    assert (found[::CELL, ::CELL] == plain).all()       # the corners keep their colours


def test_the_squares_are_called_alike_only_where_they_are():
    assert "F: the same blocks" in words(layer_fisher(trained=0.0))
    assert "F: a pattern for each block" in words(layer_fisher())


def words(stage):
    return [word for track in stage.scene["tracks"] if track["kind"] == "text"
            for word in track["words"]]


@pytest.mark.parametrize("angle", [0.0, 30.0, 45.0, 80.0])
def test_rings_are_the_circle_under_the_first_moves_of_the_rules(angle):
    stage, place = turned_axes(angle=angle), turned_bowl(angle, condition=CONDITION)
    start = np.array(place.start)
    for name in ("Adam", "Shampoo"):
        move = (start - descend(place, RULES[name], steps=1, lr=1.0).theta[1]).reshape(2, 2)
        [ring] = drawn(stage, "path", 0, name)
        np.testing.assert_allclose(ring, (move @ CIRCLE).T, **NEAR)
    np.testing.assert_allclose(np.hypot(*drawn(stage, "path", 0, "Shampoo")[0].T), 1, **NEAR)
    [line] = drawn(stage, "path", 0, "Adam")
    assert (np.abs(line[:, 0] - line[:, 1]).max() < 1e-3) == (angle > 0)    # a line, or a circle


def test_names_stand_at_the_lines_of_the_turned_axes_and_say_how_a_move_stretches():
    stage = turned_axes()
    assert {"Adam: 2 and 0", "Shampoo: 1 and 1", *RULES} <= set(words(stage))
    stage.set(angle=0.0)
    assert "Adam: 1 and 1" in words(stage)


def test_losses_of_the_turned_axes_are_the_best_of_their_rates():
    along, turned = (turned_axes(angle=angle) for angle in (0.0, 45.0))
    for name, rule in RULES.items():
        ends = [descend(turned_bowl(45.0, condition=CONDITION), rule, steps=STEPS, lr=lr).loss
                for lr in RATES]
        best = min(np.maximum(loss / loss[0], LEAST)[-1] for loss in ends)
        curve = drawn(turned, "path", 1, name)[0][:, 1]
        assert curve[-1] == pytest.approx(best, rel=2e-3)
    same = [drawn(stage, "path", 1, "Shampoo")[0] for stage in (along, turned)]
    np.testing.assert_allclose(*same, rtol=2e-3)


def test_dots_are_the_singular_values_of_the_levelled_matrix():
    stage, sigma = levelling(), singular_values()
    dots = np.array([dot[:, 1] for dot in drawn(stage, "marker", 0)])
    for count in (1, 5, ROUNDS):
        levelled = np.linalg.svd(newton_schulz(np.diag(sigma), count), compute_uv=False)
        found = np.sort(dots[:, count])
        np.testing.assert_allclose(found, np.maximum(np.sort(levelled), 3e-4), rtol=2e-3)


def test_the_rounds_to_come_are_pale_and_the_other_polynomial_is_dashed():
    for rule, other, its in (("Muon's quintic", "the cubic", CUBIC),
                             ("Newton–Schulz cubic", "Muon's quintic", QUINTIC)):
        stage = levelling(rule=rule)
        assert other in words(stage)
        line = drawn(stage, "curve", 0)[0][5]
        five = rounds(SIGMA, its)[5]
        np.testing.assert_allclose(line[:, 1], np.clip(np.abs(five), 3e-4, 3.0), rtol=5e-3)
        pale = [way for way in drawn(stage, "path", 1) if len(way) == ROUNDS + 1]
        for way, name in zip(pale, FOLLOWED, strict=True):
            [walk] = drawn(stage, "path", 1, name)
            np.testing.assert_allclose(way, walk, atol=2e-3)


def test_a_polynomial_that_is_too_steep_is_said_to_leave():
    assert "far away" in repr(levelling(slope=3.7)) and "far away" not in repr(levelling())
    assert not levelling(rule="Newton–Schulz cubic").scene["knobs"][-1]["shown"]


def test_dots_of_the_price_go_from_their_steps_to_their_time():
    for work in (0.0, 1.0):
        stage = price_of_step(work=work)
        found = drawn(stage, "marker", 0)
        free, dots = found[:len(SHOWN)], found[len(SHOWN):]
        assert [at[0][0] for at in free] == pytest.approx([STEPS_EACH] * len(SHOWN), rel=5e-3)
        for rule, dot in zip(SHOWN, dots, strict=True):
            time = equal_time(rule) if work else STEPS_EACH
            assert dot[0][0] == pytest.approx(STEPS_EACH, rel=5e-3)
            assert dot[-1][0] == pytest.approx(time, rel=5e-3)
            assert np.log(dot[-1][1]) == pytest.approx(np.log(judged(rule)[0]).mean(), abs=0.01)
        found = drawn(stage, "curve", 0)
        trails, bars = found[:len(SHOWN)], found[len(SHOWN):]
        for trail, start, dot in zip(trails, free, dots, strict=True):
            np.testing.assert_allclose(trail[-1], [start[0], dot[-1]], rtol=1e-3)
        for rule, bar in zip(SHOWN, bars, strict=True):
            assert bar[-1][:, 1] == pytest.approx([judged(rule)[0].min(), judged(rule)[0].max()],
                                                  rel=5e-3)
            assert bar[-1][:, 0] == pytest.approx(equal_time(rule) if work else STEPS_EACH,
                                                  rel=5e-3)
    assert ("ahead: SOAP (every 10th); level: SOAP, Muon and Adam; behind: K-FAC, Shampoo"
            in repr(stage))
    assert "ahead: K-FAC, SOAP, SOAP (every 10th), Muon and Adam" in repr(price_of_step(work=0.0))
    assert "level: K-FAC; behind: Shampoo" in repr(price_of_step(work=0.1))
