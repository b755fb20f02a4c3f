"""Scenes about implicit bias show what theory and descend say."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, over_time, tracks, words

from lessons.descend import descend
from lessons.experiments.implicit_bias import flow, followed
from lessons.scenes import edge, line_of_minima, valley, which_direction
from lessons.scenes.implicit_bias.edge import EVERY, RATES, SEED, STEPS
from lessons.scenes.implicit_bias.valley import ANY, LABELS, NONE, RUNS, sharpness, walk
from lessons.scenes.implicit_bias.which_direction import largest_margin
from lessons.steps import adam, gradient_descent
from lessons.surfaces import one_equation, two_points, two_weights

MAP, CURVE = LEFT, RIGHT = range(2)
S_FIRST = 9.107
MAPS = 0, 2      # of the valley with noise; its sharpness is on axes 1


def test_line_of_minima_shows_the_walks_and_the_balls_that_touch_the_line():
    stage = line_of_minima(example=45.0, start=(0.0, 0.0))
    x = np.array([1, 1]) * 2.5**0.5
    for name, rule in (("Gradient descent", gradient_descent), ("Adam", adam)):
        run = descend(one_equation(x), rule, (0.0, 0.0), 200, lr=0.1)
        path, = tracks(stage, "path", MAP, name)
        assert_drawn(stage, MAP, path, run.theta)
        loss, = tracks(stage, "path", CURVE, name)
        assert_drawn(stage, CURVE, loss[:30], over_time(run.loss)[:30])
    stage.set(example=70.0)
    ends = [run.theta[-1] for run in stage.runs.values()]
    x = 5**0.5 * np.array([np.cos(np.radians(70)), np.sin(np.radians(70))])
    np.testing.assert_allclose(ends[0], x, atol=1e-6)        # c = 5 / |x|^2 = 1
    np.testing.assert_allclose(ends[1], 5 / x.sum(), atol=2e-3)


@pytest.mark.parametrize(("z", "goal"), [(((2, 1), (1, 5)), (2, 1)), (((3, 0), (1, 2)), (1, 1)),
                                         (((2, 1), (0.5, 0.2)), (0.5, 0.2))])
def test_largest_margin_is_the_best_of_all_directions(z, goal):
    angles = np.linspace(0, 2 * np.pi, 20_001)
    margins = (np.stack([np.cos(angles), np.sin(angles)], -1) @ np.transpose(z)).min(axis=-1)
    best = angles[margins.argmax()]
    found = largest_margin(np.array(z, float))
    assert np.arctan2(found[1], found[0]) == pytest.approx(best, abs=1e-3)
    assert np.cross(np.append(found, 0), np.append(goal, 0))[2] == pytest.approx(0, abs=1e-9)


def test_which_direction_shows_the_flow_the_best_angle_and_the_pushes():
    stage = which_direction(example=60.0, start=(1.0, -1.0))
    z = (2.0, 1.0), tuple(26**0.5 * np.array([np.cos(np.pi / 3), np.sin(np.pi / 3)]))
    s, theta = flow(two_points(z), (1.0, -1.0), 27.7, -3.0, 0.1)
    s, theta = s[::2], theta[::2]
    turn, = tracks(stage, "path", CURVE, "gradient descent")
    angles = np.degrees(np.arctan2(theta[:, 1], theta[:, 0]))
    assert_drawn(stage, CURVE, turn, np.stack([s / np.log(10), angles], -1))
    assert "26.57" in stage.summary
    pushes = [track[-1] for track in words(stage, MAP)]
    last = 1 / (1 + np.exp(theta[-1] @ np.transpose(z)))
    assert any(f"{last[0]:.2g}" in said for said in pushes)


@pytest.mark.parametrize("noise", [NONE, LABELS, ANY])
def test_a_walk_in_the_valley_is_gradient_descent_with_that_noise(noise):
    theta = walk((3.0, 0.34), 0.1, noise, 0.5, 50)
    away = (theta[:-1] - theta[1:]) / 0.1 - two_weights().grad(theta[:-1])
    a, b = theta[:-1].T
    across = (away[:, 0] * b + away[:, 1] * a) / (a**2 + b**2)
    along = (away[:, 0] * a - away[:, 1] * b) / (a**2 + b**2)
    np.testing.assert_allclose(abs(across), 0 if noise == NONE else 0.5, atol=1e-9)
    np.testing.assert_allclose(abs(along), 0.5 if noise == ANY else 0, atol=1e-9)


def test_valley_with_noise_shows_all_runs_of_both_kinds_and_their_sharpness():
    stage = valley("noise", lr=0.05, sigma=0.5)
    for place, kind in enumerate((LABELS, ANY)):
        ends = np.array([walk((3.0, 0.34), 0.05, kind, 0.5, 600, seed)[-1] for seed in range(RUNS)])
        dots = [dot[-1] for dot in tracks(stage, "marker", MAPS[place], kind)]
        assert_drawn(stage, MAPS[place], np.array(dots), ends)
        lines = [line[-1, 1] for line in drawn(stage, "path", 1, kind)]
        np.testing.assert_allclose(lines, sharpness(ends), rtol=1e-3)
    S = {kind: [sharpness(walk((3.0, 0.34), 0.05, kind, 0.5, 600, seed))[-1]
                for seed in range(RUNS)] for kind in (LABELS, ANY)}
    assert max(S[LABELS]) < 6.1 and min(S[ANY]) < 3 and max(S[ANY]) > 9.2
    assert sum(np.array(S[ANY]) > S_FIRST) == 2      # "two end on sharper ground"
    low, high = stage.figure.axes[1].get_ylim()
    left, right = stage.figure.axes[MAPS[1]].get_xlim()
    for seed in range(RUNS):
        run = walk((3.0, 0.34), 0.05, ANY, 0.5, 600, seed)
        seen = sharpness(run)[::20]
        assert low < seen.min() and seen.max() < high       # each of the eight stays in view
        assert left < run[-1, 0] < right
    assert f"{LABELS}: S from {min(S[LABELS]):.3g} to {max(S[LABELS]):.3g}" in stage.summary


def test_valley_with_long_steps_keeps_tiny_steps_beside_and_ends_flatter():
    stage = valley("long steps", lr=0.4)
    run = descend(two_weights(), gradient_descent, (2.0, 0.0), 20, lr=0.4)
    path, = drawn(stage, "path", 0, "gradient descent")
    np.testing.assert_allclose(path, run.theta, atol=1e-3)
    S, = drawn(stage, "path", 1, "gradient descent")
    np.testing.assert_allclose(S[:, 1], sharpness(run.theta), rtol=1e-3)
    tiny, = drawn(stage, "path", 0, "tiny steps")
    assert sharpness(tiny)[-1] == pytest.approx(20**0.5, abs=0.01)      # D stays 4
    assert tiny[-1].prod() == pytest.approx(1, abs=1e-3)


def test_valley_shows_the_walk_its_sharpness_and_which_part_is_too_sharp():
    stage = valley(lr=0.24)
    run = descend(two_weights(), gradient_descent, (3.0, 0.34), 60, lr=0.24)
    path, = drawn(stage, "path", 0, "gradient descent")
    np.testing.assert_allclose(path, run.theta, atol=1e-3)
    residual, = drawn(stage, "path", 2, "gradient descent")
    np.testing.assert_allclose(residual[:, 1], run.theta.prod(-1) - 1, atol=1e-3)
    needles, = drawn(stage, "path", 0, "sharper than 2 / lr")
    x = needles[np.isfinite(needles).all(axis=-1), 0]
    assert (x**2 + x**-2 > 2 / 0.24).all() and len(x) > 9
    assert x.min() == pytest.approx(2.866, abs=0.03)            # where x^2 + x^-2 is 8.33
    S = sharpness(run.theta)
    np.testing.assert_allclose(S**2, (run.theta**2).sum(-1) ** 2 - 4 * run.theta.prod(-1) ** 2 + 4,
                               rtol=1e-12)
    assert f"{S[-1]:.4g}" in stage.summary and S[-1] < 2 / 0.24 < S[0]


@pytest.mark.parametrize(("lr", "said"), [(0.24, "mirror image: 7.56"), (0.2, None), (0.44, None)])
def test_valley_marks_the_mirror_image_of_a_start_above_the_limit(lr, said):
    found = [track[-1] for track in words(valley(lr=lr), 1) if track and "mirror" in track[-1]]
    assert found == ([said] if said else [])


def test_valley_looks_closer_where_the_path_is_small():
    stage = valley(lr=0.24)
    map, _, swing = (stage.figure.axes[k] for k in (0, 1, 2))
    assert np.ptp(map.get_xlim()) < 1 and swing.get_ylim()[1] < 1
    stage.set(lr=0.3)
    a, b = walk((3.0, 0.34), 0.3, NONE, 0, 60).T
    assert map.get_xlim()[0] < a.min() and map.get_ylim()[0] < b.min() and b.max() < 1.25
    stage.set(lr=0.24)
    assert np.ptp(map.get_xlim()) < 1


def test_valley_says_which_pictures_it_has():
    with pytest.raises(ValueError, match="long steps.*noise.*the limit"):
        valley("flatness")


def test_valley_with_noise_marks_the_start_on_both_maps():
    stage = valley("noise", start=(2.5, 0.4))
    for map in MAPS:
        lines = [line for line in drawn(stage, "path", map) if len(line) == 2]
        assert any(np.allclose(line[:, 0], 2.5) for line in lines)


def test_valley_says_that_a_walk_is_lost():
    stage = valley(lr=0.45)
    assert "diverged" in stage.summary
    assert any("the run is lost" in said[-1] for said in words(stage, 1))


def test_edge_shows_the_training_at_the_nearest_rate():
    stage = edge(lr=0.21)
    losses, looks = (values[:, RATES.index(0.2), 0]
                     for values in followed(RATES, (SEED,), STEPS, EVERY)[:2])
    curve, = drawn(stage, "path", LEFT, "sharpness")
    np.testing.assert_allclose(curve[::EVERY, 1], looks, rtol=1e-3)
    loss, = drawn(stage, "path", RIGHT, "loss")
    np.testing.assert_allclose(loss[:, 1], losses, rtol=1e-2)
    assert "lr 0.2, 2 / lr 10" in stage.summary


@pytest.mark.parametrize("lr", RATES)
def test_edge_draws_the_sharpness_close_up(lr):
    stage = edge(lr=lr)
    low, high = stage.figure.axes[LEFT].get_ylim()
    looks = followed(RATES, (SEED,), STEPS, EVERY)[1]
    seen = np.append(looks[:, RATES.index(lr), 0], 2 / lr)
    assert low < seen.min() and seen.max() < high
    assert np.ptp(seen) > 0.7 * (high - low)
