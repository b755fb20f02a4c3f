"""Scenes about implicit bias show what theory and descend say."""

import numpy as np
import pytest
from support.scene import assert_drawn, drawn, over_time, tracks, words

from lessons.descend import descend
from lessons.experiments.implicit_bias import flow, followed
from lessons.scenes import edge, line_of_minima, valley, which_direction
from lessons.scenes.implicit_bias.edge import EVERY, RATES, SEED, STEPS
from lessons.scenes.implicit_bias.valley import ANY, LABELS, NONE, sharpness, walk
from lessons.scenes.implicit_bias.which_direction import largest_margin
from lessons.steps import adam, gradient_descent
from lessons.surfaces import one_equation, two_points, two_weights

MAP, CURVE = LEFT, RIGHT = range(2)


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


def test_valley_puts_the_sharpness_with_the_other_noise_beside():
    stage = valley(lr=0.05, noise=LABELS, sigma=0.5, steps=50)
    beside, = drawn(stage, "path", 1, "sharpness with the other noise")
    np.testing.assert_allclose(beside[:, 1], sharpness(walk((3.0, 0.34), 0.05, ANY, 0.5, 50)),
                               rtol=1e-3)
    stage.set(noise=NONE)
    assert not [path for path in drawn(stage, "path", 1, "sharpness with the other noise")
                if np.isfinite(path).all(axis=-1).any()]


def test_valley_shows_the_walk_its_sharpness_and_which_part_is_too_sharp():
    stage = valley(lr=0.24, steps=100)
    run = descend(two_weights(), gradient_descent, (3.0, 0.34), 100, lr=0.24)
    blue = drawn(stage, "path", 0, "path")
    np.testing.assert_allclose(blue[0], run.theta, atol=1e-3)
    needles, = drawn(stage, "path", 0, "sharper than 2 / lr")
    x = needles[np.isfinite(needles).all(axis=-1), 0]
    assert (x**2 + x**-2 > 2 / 0.24).all() and len(x) > 9
    assert not ((x > 0.4) & (x < 2.8)).any()
    assert x[x > 1].min() == pytest.approx(2.866, abs=0.08)     # where x^2 + x^-2 is 8.33
    S = sharpness(run.theta)
    np.testing.assert_allclose(S**2, (run.theta**2).sum(-1) ** 2 - 4 * run.theta.prod(-1) ** 2 + 4,
                               rtol=1e-12)
    assert f"{S[-1]:.4g}" in stage.summary and S[-1] < 2 / 0.24 < S[0]


def test_valley_says_that_a_walk_is_lost():
    stage = valley(lr=0.45, steps=100)
    assert "diverged" in stage.summary
    assert any("thrown out for good" in said[-1] for said in words(stage, 0))


def test_edge_shows_the_training_at_the_nearest_rate():
    stage = edge(lr=0.21)
    losses, looks = (values[:, RATES.index(0.2), 0]
                     for values in followed(RATES, (SEED,), STEPS, EVERY)[:2])
    curve, = drawn(stage, "path", LEFT, "sharpness")
    np.testing.assert_allclose(curve[::EVERY, 1], looks, rtol=1e-3)
    loss, = drawn(stage, "path", RIGHT, "loss")
    np.testing.assert_allclose(loss[:, 1], losses, rtol=1e-2)
    assert "lr 0.2, 2 / lr 10" in stage.summary
