"""The scenes on quasi-Newton methods show what theory derives and the package's steps do."""

from fractions import Fraction

import numpy as np
import pytest
from support.scene import drawn, notes, told

from lessons.descend import descend
from lessons.scenes import (
    model_ellipse,
    noisy_pair,
    secant,
    trust_circle,
    two_conditions,
    two_loops,
)
from lessons.scenes.quasi_newton.model_ellipse import START
from lessons.scenes.quasi_newton.noisy_pair import BINS, PAIRS, measured, share, spread
from lessons.scenes.quasi_newton.two_conditions import alone, along, passes, slope, trials
from lessons.scenes.quasi_newton.two_loops import MOVES, A, follow
from lessons.steps import trust_region
from lessons.steps.quasi_newton import bfgs_wolfe, two_loop
from lessons.surfaces import ravine, rosenbrock, saddle
from lessons.views import scaled


def test_the_digits_of_the_secant_are_those_of_exact_fractions():
    x = [Fraction(9, 10), Fraction(11, 10)]
    for _ in range(7):
        g, last_g = 1 - 1 / x[-1], 1 - 1 / x[-2]
        x.append(x[-1] - g * (x[-1] - x[-2]) / (g - last_g))
    [lane] = drawn(secant(start=0.9, move=0.2), "path", 1, "Secant")
    wanted = [-np.log10(abs(float(point - 1))) for point in x[2:9]]
    np.testing.assert_allclose(lane[:, 1], wanted, rtol=1e-5)
    assert lane[:, 0] == pytest.approx(range(2, 9))


def test_the_walk_of_the_secant_is_drawn_at_once_with_a_mark_at_the_step():
    stage = secant(start=0.9, move=0.2)
    for name in ("Secant", "Newton"):
        [lane], [mark] = (drawn(stage, kind, 1, name) for kind in ("path", "marker"))
        np.testing.assert_array_equal(lane, mark)
        whole = [track["whole"] for track, _ in told(stage)
                 if track["kind"] == "path" and track["group"] == name]
        assert whole == [True]


def test_the_digits_of_newton_double_and_cost_two():
    [lane] = drawn(secant(start=0.5), "path", 1, "Newton")
    assert lane[::2, 1] == pytest.approx(np.log10(2) * 2.0 ** np.arange(1, 5), rel=1e-5)


def test_a_secant_that_leaves_the_domain_ends():
    stage = secant(start=1.9, move=0.6)
    assert "below 0" in notes(stage, "Secant")[-1] and "nan" not in repr(stage).split("chord")[0]
    assert drawn(stage, "marker", 0)[2][-1] == pytest.approx((-0.9, 0))  # x = -0.35, seen from 1.5


def test_the_ellipses_meet_along_the_newest_step_and_the_circle_is_first():
    stage = model_ellipse(condition=30, angle=50)
    before, model = drawn(stage, "ellipse", 0, "BFGS")
    np.testing.assert_array_equal(before[1:], model[:-1])
    [ray] = drawn(stage, "curve", 0, "newest step")
    ends = model - model[:, :1]
    assert np.hypot(*ends[0, 1:].T) == pytest.approx([1, 1], rel=1e-5)
    for (_, one, other), (_, tip) in zip(model[1:], ray[1:]):
        axes = np.stack([one, other], 1)        # p = axes u with |u| = 1 on the ellipse
        assert np.linalg.norm(np.linalg.solve(axes, tip)) == pytest.approx(1, rel=1e-3)


def test_the_steps_of_the_ellipses_are_those_of_descend():
    [ray] = drawn(model_ellipse(condition=30, angle=50), "curve", 0, "newest step")
    run = descend(scaled(ravine(30, 50), 0.25), bfgs_wolfe, START, 5)
    for (tail, tip), s in zip(ray[1:], np.diff(run.theta, axis=0)):
        found = (tip - tail) / np.linalg.norm(tip - tail)
        np.testing.assert_allclose(found, s / np.linalg.norm(s), atol=1e-4)


def test_by_hand_the_older_pair_is_spoiled_and_three_pairs_know_all():
    stage = model_ellipse(moves="our example: (1, 1), (1, 0), (0, 1)", condition=4, angle=0)
    older = notes(stage, "the step before")
    assert [one.split()[-2] for one in older[2:4]] == ["8.5", "0"]     # 0.12 of (1, 1): 8.5 %
    bars = drawn(stage, "box", 1)
    assert bars[0][2, 1, 1] == pytest.approx(100 * 0.12 / np.sqrt(2))
    assert np.isnan(bars[0][3, :, 1]).any() and np.isnan(bars[1][2, :, 1]).any()
    [off] = drawn(stage, "path", 2, "BFGS")
    assert off[2, 1] == pytest.approx(100 * 0.12 / np.sqrt(17), rel=1e-3) and off[3, 1] < 1e-9


@pytest.mark.parametrize("memory", [1, 2, 3, 4])
def test_the_two_loops_end_at_two_loop_of_the_package(memory):
    g, moves = np.array([0.7, -1.1]), MOVES[:memory]
    vectors, a, b, words = follow(g, moves, A * moves)
    pairs = tuple((s, A * s) for s in moves)
    np.testing.assert_allclose(vectors[-1], two_loop(g, pairs), rtol=1e-12)
    assert len(vectors) == len(words) == 2 * memory + 2 and len(a) == len(b) == memory


def test_the_arrow_of_the_two_loops_is_what_follow_says():
    stage = two_loops(memory=2, angle=40)
    g = 0.7 * np.array([np.cos(np.radians(40)), np.sin(np.radians(40))])
    [arrow] = drawn(stage, "arrow", 0, "on its way")
    np.testing.assert_allclose(arrow[:, 1], follow(g, MOVES[:2], A * MOVES[:2])[0], atol=1e-5)


@pytest.mark.parametrize("same", [False, True])
def test_measured_curvatures_spread_as_derived(same):
    slopes = np.concatenate([measured(0.1, 32, same, seed)[0] for seed in range(100)])
    assert slopes.std() == pytest.approx(spread(0.1, 32, same), rel=0.05)   # 4,000 draws: 1.1 %
    assert slopes.mean() == pytest.approx(1, abs=4 * spread(0.1, 32, same) / np.sqrt(len(slopes)))


def test_the_noisy_pair_draws_its_chord_and_counts_wrong_signs():
    stage = noisy_pair(move=0.1, batch=32, seed=3)
    slopes, first = measured(0.1, 32, False, 3)
    [right], [wrong] = (drawn(stage, "curve", 0, f"{name} sign") for name in ("right", "wrong"))
    chord = right if slopes[-1] > 0 else wrong
    ends = first[-1] / 0.1 + np.array([0, slopes[-1]])
    assert chord[-1, :, 1] == pytest.approx(ends, abs=1e-4)
    assert notes(stage, "wrong sign")[-1] == f"{(slopes <= 0).sum()} of {PAIRS}"


def test_no_bar_of_the_noisy_pair_is_cut_off_and_all_together_are_the_chords():
    stage = noisy_pair(move=0.1, batch=32)
    [right], [wrong] = (drawn(stage, "curve", 1, f"{name} sign") for name in ("right", "wrong"))
    bars = [right[-1, 1::3, 1], wrong[-1, 1::3, 1]]
    tall = np.nan_to_num(np.concatenate(bars))
    assert tall.max() == pytest.approx(1)
    one = tall[tall > 0].min()          # the bar of a single chord
    assert (tall / one).sum() == pytest.approx(PAIRS)
    assert np.nan_to_num(bars[1] / one).sum() == pytest.approx(13)


def test_a_sign_is_one_color_and_the_true_curvature_the_middle_of_a_bin():
    assert 0 in BINS
    assert np.abs((BINS[:-1] + BINS[1:]) / 2 - 1).min() < 1e-12


def test_the_shares_of_all_bins_are_the_whole_distribution():
    middles = np.arange(-20.25, 22.5, BINS[1] - BINS[0])
    assert share(middles, 2.5).sum() == pytest.approx(1, abs=1e-6)


def test_each_of_wolfes_conditions_forbids_what_the_other_allows():
    t = np.linspace(0.01, 12, 2000)
    first, second = passes(t, 1e-4, 0.9)
    assert first[t < 4].all() and not second[t < 4].any()       # too short
    assert second[t > 9].all() and not first[t > 9].any()       # too long, though flat
    found = t[first & second]
    assert (np.diff(found) < 0.01).all() and found[0] < 5 < found[-1] < 6
    np.testing.assert_allclose(slope(t), np.gradient(along(t), t), atol=0.02)


def test_the_trials_of_two_conditions_double_and_then_halve_until_both_hold():
    assert trials(1.0, 1e-4, 0.9) == [1, 2, 4, 8, 6, 5]
    assert trials(10.0, 1e-4, 0.9) == [10, 5]
    for c1, c2 in ((1e-4, 0.9), (1e-4, 0.3), (0.5, 0.9)):
        *wrong, last = trials(1.0, c1, c2)
        assert all(passes(last, c1, c2)) and not any(all(passes(x, c1, c2)) for x in wrong)
    wanted = {"too short": [1, 2, 4], "too long": [8, 6], "accepted": [5]}
    stage = two_conditions()
    for name, lengths in wanted.items():
        dots = drawn(stage, "marker", 0, name)
        shown = [dot[-1, 0] for dot in dots if np.isfinite(dot[-1, 0])]
        assert shown == pytest.approx(lengths, rel=1e-5)
    assert slope(4) < -0.95     # trial 3 stands visibly outside the limit of -0.9


def test_trials_that_would_cover_each_others_names_show_the_last_one_only():
    tried = trials(1.0, 1e-4, 0.1)
    assert len(tried) == 9
    assert [k + 1 for k in range(9) if alone(tried, k)] == [1, 2, 3, 4, 5, 9]


@pytest.mark.parametrize("surface", [rosenbrock(), saddle()], ids=lambda surface: surface.name)
def test_the_trust_circle_is_the_walk_of_descend_with_its_radii(surface):
    stage = trust_circle(surface, radius=0.7)
    run = descend(surface, trust_region, steps=31, radius=0.7)
    [path] = drawn(stage, "path", 0, "Trust region")
    np.testing.assert_allclose(path, run.theta[:31], atol=1e-5)
    [circle] = drawn(stage, "ellipse", 0, "trusted")
    reach = [0.7, *np.ravel(run.state["reach"])][:31]
    np.testing.assert_allclose(circle[:, 1, 0] - circle[:, 0, 0], reach, rtol=1e-4)
    [trial] = drawn(stage, "marker", 0, "trusted")
    moved = (np.diff(run.theta, axis=0) != 0).any(axis=1)[:31]
    np.testing.assert_allclose(trial[moved], run.theta[1:32][moved], atol=1e-4)
    thin, marks = (track[:, 1] for track in drawn(stage, "path", 1))
    np.testing.assert_array_equal(thin, marks)      # what comes later is shown from the start
    assert ((marks > 0.15) >= moved).all()
