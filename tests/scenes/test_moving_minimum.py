"""The moving minimum and the settling show what descend and plain loops return."""

import numpy as np
import pytest
from support.scene import LRS, notes, shown
from support.sent import THREE, assert_drawn, knobs_of, over_time, tracks

from lessons.descend import descend
from lessons.scenes import moving_minimum, settling
from lessons.scenes.adaptive.moving_minimum import place as ground
from lessons.steps import adagrad, gradient_descent
from lessons.surfaces import parabola
from lessons.views import moving, noisy

# The chase


def chased(step, lr, beta2, sigma, seed, where):
    """theta of a chase, (801, ...), in plain lines."""
    theta = np.zeros((801, *np.shape(lr)))
    memory = np.zeros(np.shape(lr))
    for t in range(1, 801):
        noise = sigma * np.random.default_rng((seed, t)).standard_normal()
        g = theta[t - 1] - where(t) + noise
        memory = memory + g * g if step is adagrad else beta2 * memory + (1 - beta2) * g * g
        root = 1 if step is gradient_descent else np.sqrt(memory)
        theta[t] = theta[t - 1] - lr * g / root
    return theta


WHERE = {"swings": lambda t: np.sin(np.pi * t / 50), "stands still": lambda t: 1.0,
         "jumps": lambda t: 1.0 if t % 100 < 50 else -1.0}


@pytest.mark.parametrize("turned", [
    {}, {"target": "jumps", "sigma": 0.1}, {"seed": 3, "beta2": 0.9},
    {"rates": "each its own", "lr of Adagrad": 0.3},
    {"target": "stands still", "rates": "best on all 8 laps"}])
def test_the_chase_shows_each_rival_as_tuned(turned):
    stage = moving_minimum(THREE)
    stage.set(**turned)
    now = stage.values
    where, laps = WHERE[now["target"]], 8 if "all" in now["rates"] else 1
    at = np.array([where(t) for t in range(801)])
    for name, step in THREE.items():
        lr, known = now[f"lr of {name}"], (now["beta2"], now["sigma"], now["seed"], where)
        if now["rates"] != "each its own":
            with np.errstate(all="ignore"):
                far = np.abs(chased(step, np.array(LRS), *known) - at[:, None])
            lr = LRS[np.nanargmin(far[1 : 100 * laps + 1].mean(axis=0))]
        theta = chased(step, lr, *known)
        assert_drawn(stage, 0, tracks(stage, "path", 0, name)[0], over_time(theta))
        miss = np.array([np.abs(theta - at)[t - 99 : t + 1].mean() for t in range(100, 801)])
        drawn = tracks(stage, "path", 1, name)[0][100:]
        assert_drawn(stage, 1, drawn, np.stack([np.arange(100, 801), miss], -1))
        assert notes(stage, name)[-1] == f"lr {lr:.3g}: distance {miss[-1]:.2g}"
        assert (f"lr of {name}" in shown(stage)) == (now["rates"] == "each its own")


def test_the_chase_is_on_a_noisy_moving_parabola():
    where, theta = WHERE["swings"], np.array([[0.3], [-2.0]])
    place = noisy(moving(parabola(), where), 0.7, seed=5)
    steps = np.arange(801)
    mine, at_zero = ground(where(steps), 0.7, 5)
    for t in (1, 2, 799, 800):
        np.testing.assert_allclose(mine.at(t).grad(theta), place.at(t).grad(theta), atol=1e-14)
        assert at_zero[t - 1] == pytest.approx(place.at(t).grad(np.zeros(1))[0], abs=1e-14)
    stage = moving_minimum(THREE, sigma=0.7, seed=5)
    for name, step in THREE.items():
        lr = float(notes(stage, name)[0].removeprefix("lr "))
        lr = LRS[np.argmin(np.abs(np.log(np.array(LRS) / lr)))]
        run = descend(place, step, (0.0,), 800, lr=lr)
        shown_run = stage.runs[name]
        np.testing.assert_allclose(shown_run.theta, run.theta, atol=1e-11)
        assert shown_run.state.keys() == run.state.keys()
        assert (shown_run.evaluations == run.evaluations).all()


def test_the_effective_rate_of_a_sum_falls_and_that_of_an_average_does_not():
    stage = moving_minimum(THREE, sigma=1.0, beta2=0.95)
    ends = {name: tracks(stage, "path", 2, name)[0][[100, 400], 0, 1] for name in THREE}
    assert ends["Gradient descent"][0] == ends["Gradient descent"][1]
    # half a power of 4 of the axis, which has log10(10 / 0.003) = 3.5 decades
    assert ends["Adagrad"][0] - ends["Adagrad"][1] == pytest.approx(np.log10(2) / 3.52, abs=0.02)
    assert abs(ends["RMSprop"][0] - ends["RMSprop"][1]) < 0.03


# The settling


@pytest.mark.parametrize("turned", [
    {}, {"lr": 0.5}, {"beta2": 0.8}, {"curvature": 4.0}, {"start": (1.5, 1.0)}])
def test_settle_shows_the_walks_and_rmsprop_ends_half_a_lr_beside_the_minimum(turned):
    stage = settling(THREE)
    stage.set(**turned)
    now = stage.values
    surface, lr, x = parabola(now["curvature"]), now["lr"], now["start"][0]
    for name, step in THREE.items():
        run = descend(surface, step, (x,), 300, lr=lr, **knobs_of(step, now["beta2"]))
        far = np.maximum(np.abs(run.theta[:, 0]), 1e-24)
        assert_drawn(stage, 1, tracks(stage, "path", 1, name)[0], over_time(far))
        way = np.stack([run.theta[:, 0], run.loss], -1)
        assert_drawn(stage, 0, tracks(stage, "path", 0, name)[0], way)
        np.testing.assert_array_equal(stage.runs[name].theta, run.theta)
    assert far[-2:] == pytest.approx(lr / 2, rel=1e-3)      # RMSprop, the last
    lines = [tracks(stage, "path", ax)[0][:, 0] for ax in (1, 3)]
    assert_drawn(stage, 1, lines[0], [(0, lr / 2), (300, lr / 2)])
    assert_drawn(stage, 3, lines[1], [(0, 2 / now["curvature"]), (300, 2 / now["curvature"])])
    # below, the last jump: in units of lr from one side to the other, on y = x * x
    [jump], [at] = (tracks(stage, kind, 2, "RMSprop") for kind in ("arrow", "marker"))
    last = np.stack([run.theta[-2:, 0] / lr, (run.theta[-2:, 0] / lr) ** 2], -1)
    assert_drawn(stage, 2, jump[-1], last)
    assert_drawn(stage, 2, at[-1], last[1])
    [rate] = tracks(stage, "path", 3, "RMSprop")
    assert rate[-1, 0, 1] == pytest.approx(lines[1][0, 1], abs=1e-3)        # the limit itself
