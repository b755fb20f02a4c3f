"""The moving minimum and the settling show what descend and plain loops return."""

import numpy as np
import pytest
from support.scene import notes
from support.sent import THREE, assert_drawn, knobs_of, over_time, tracks

from lessons.descend import descend
from lessons.scenes import moving_minimum, settling
from lessons.scenes.adaptive.moving_minimum import CORNER, EVERY, LAP, RATES, STEPS
from lessons.steps import adagrad, gradient_descent
from lessons.surfaces import parabola

# The moving minimum


def target(t):
    return np.array([np.sin(np.pi * t / 50), np.cos(np.pi * t / 50)])


def chased(step, lr, beta2, seed, ratio, swap):
    """theta of a chase, (STEPS + 1, ..., 2), in plain lines; lr: (..., 1)."""
    noise = 0.3 * np.random.default_rng(seed).standard_normal((STEPS, 2))
    theta = [np.broadcast_to([0.0, 1.0], (*np.shape(lr)[:-1], 2))]
    memory = 0.0
    for t in range(1, STEPS + 1):
        bend = np.array([1, ratio] if t <= swap else [ratio, 1])
        g = bend * (theta[-1] - target(t) - noise[t - 1])
        memory = memory + g * g if step is adagrad else beta2 * memory + (1 - beta2) * g * g
        root = 1 if step is gradient_descent else np.sqrt(memory)
        theta.append(theta[-1] - lr * g / root)
    return np.array(theta)


@pytest.mark.parametrize("turned", [
    {}, {"swap": "after lap 4", "beta2": 0.95, "seed": 3, "condition": 30.0}])
def test_the_chase_shows_each_rule_at_its_best_rate(turned):
    stage = moving_minimum()
    stage.set(**turned)
    now, at = stage.values, np.array([target(t) for t in range(STEPS + 1)])
    swap = STEPS if now["swap"] == "never" else 400
    for name, step in THREE.items():
        with np.errstate(all="ignore"):
            theta = chased(step, RATES[:, None], now["beta2"], now["seed"], now["condition"], swap)
            far = np.abs(theta - at[:, None]).mean(-1)
        best = np.nanargmin(far.mean(axis=0))
        last = theta[:, best][STEPS - np.arange(0, LAP + 1, CORNER)]
        assert_drawn(stage, 0, tracks(stage, "curve", 0, name)[0][-1], last)
        assert_drawn(stage, 0, tracks(stage, "marker", 0, name)[0], theta[::EVERY, best])
        steps = np.arange(104, STEPS + 1, EVERY)
        miss = [far[t - 99 : t + 1, best].mean() for t in steps]
        drawn = tracks(stage, "path", 1, name)[0][-len(steps):]
        assert_drawn(stage, 1, drawn, np.stack([steps, miss], -1))
        assert notes(stage, name)[-1] == f"lr {RATES[best]:.2g}: {miss[-1]:.2f}"


def test_after_the_change_only_the_rule_that_forgets_goes_round():
    stage = moving_minimum(swap="after lap 4")
    high = {name: np.ptp(tracks(stage, "curve", 0, name)[0][-1], axis=0)[1] for name in THREE}
    assert high["RMSprop"] > 0.5 > 5 * max(high["Adagrad"], high["Gradient descent"])


# The settling


@pytest.mark.parametrize("turned", [
    {}, {"lr": 0.5, "curvature": 4.0}, {"beta2": 0.8, "eps": 0.02}])
def test_settle_shows_the_walks_and_rmsprop_ends_where_it_was_derived(turned):
    stage = settling(THREE)
    stage.set(**turned)
    now = stage.values
    surface, lr = parabola(now["curvature"]), now["lr"]
    for name, step in THREE.items():
        knobs = {} if step is gradient_descent else {"eps": now["eps"]}
        run = descend(surface, step, (-2.0,), 300, lr=lr, **knobs, **knobs_of(step, now["beta2"]))
        far = np.maximum(np.abs(run.theta[:, 0]), 1e-24)
        assert_drawn(stage, 1, tracks(stage, "path", 1, name)[0], over_time(far))
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)
    end = lr / 2 - now["eps"] / now["curvature"]
    assert far[-2:] == pytest.approx(end, rel=1e-2)      # RMSprop, the last
    lines = [tracks(stage, "path", ax)[0][:, 0] for ax in (1, 2)]
    assert_drawn(stage, 1, lines[0], [(0, end), (300, end)])
    assert_drawn(stage, 2, lines[1], [(0, 2 / now["curvature"]), (300, 2 / now["curvature"])])
    # left, the last jump: in units of lr from one side to the other, on y = x * x
    [jump], [at] = (tracks(stage, kind, 0, "RMSprop") for kind in ("arrow", "marker"))
    last = np.stack([run.theta[-2:, 0] / lr, (run.theta[-2:, 0] / lr) ** 2], -1)
    assert_drawn(stage, 0, jump[-1], last)
    assert_drawn(stage, 0, at[-1], last[1])
    [rate] = tracks(stage, "path", 2, "RMSprop")
    assert rate[-1, 0, 1] == pytest.approx(lines[1][0, 1], abs=2e-3)        # the limit itself


def test_above_the_border_of_eps_it_rests_and_no_line_is_drawn():
    stage = settling(THREE, eps=0.06)
    assert notes(stage, "RMSprop")[-1] == "less than 1e-24 away"
    assert np.isnan(tracks(stage, "path", 1)[0][:, 0, 1]).all()
