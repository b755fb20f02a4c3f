"""What is special to AdamW, Lion, Sophia, Schedule-Free and SAM; test_steps.py has their truths."""

from dataclasses import replace

import numpy as np
import pytest
from support.truth.newcomers import VARIANTS
from test_steps import GROUNDS, points

from lessons.descend import descend
from lessons.signature import signature_of
from lessons.steps import adam, adamw, lion, sam, schedule_free, sophia
from lessons.steps.newcomers import schedule_free_adamw
from lessons.steps.sharpness import adaptive_sam, sam_momentum
from lessons.surfaces import parabola, quadratic, ravine, rosenbrock, saddle, softmax_regression
from lessons.views import hutchinson

FORMS = {"schedule_free_adamw": schedule_free_adamw, "adaptive_sam": adaptive_sam,
         "sam_momentum": sam_momentum}
STEPS = {step.__name__: step for step in (adamw, lion, sophia, schedule_free, sam, *FORMS.values())}
every_step = pytest.mark.parametrize("step", STEPS.values(), ids=STEPS)
every_form = pytest.mark.parametrize("step", FORMS.values(), ids=FORMS)


def rising(t, total):
    """A warm-up of ten steps, then a fall."""
    return 0.04 * min(t / 10, 1) * (1 if t < 25 else 0.3)


# The forms that are not in lessons.steps


@pytest.mark.parametrize("step, turned", [
    (adaptive_sam, {}), (sam_momentum, {}), (schedule_free_adamw, {}),
    (schedule_free_adamw, {"eps": 1e-2}), (schedule_free_adamw, {"weight_decay": 0.3}),
])
@pytest.mark.parametrize("ground", GROUNDS)
def test_form_equals_its_truth_while_lr_changes(step, ground, turned):
    surface, knobs = GROUNDS[ground], {**signature_of(step)[1], **turned}
    usual = knobs.pop("lr")

    def lr(t, total):
        return usual * (1 + 0.5 * np.sin(t))

    run = descend(surface, step, points(surface), steps=50, lr=lr, **knobs)
    for i, start in enumerate(points(surface)):
        known = VARIANTS[step.__name__](surface, start, [lr(t, 50) for t in range(1, 51)], **knobs)
        assert np.isfinite(known).all() and np.ptp(known, axis=0).max() > 1e-3  # it does walk
        # 50 steps amplify rounding to 1e-12
        np.testing.assert_allclose(run.theta[:, i], known, rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("knob, step", [(k, f) for f in FORMS.values() for k in signature_of(f)[1]])
def test_form_takes_a_grid_of_any_knob_bit_for_bit(step, knob):
    surface = GROUNDS["quadratic"]
    values = signature_of(step)[1][knob] * np.array([0.5, 0.8, 1.0])
    grid = descend(surface, step, steps=30, **{knob: values[:, None]})
    for i, value in enumerate(values):
        # as an array of one: NumPy rounds the power of a float in its own way
        alone = descend(surface, step, steps=30, **{knob: np.array([value])})
        np.testing.assert_array_equal(grid.theta[:, i], alone.theta)


# All of them


@every_step
def test_float32_stays_float32_in_theta_and_state(step):
    surface = quadratic()
    start = np.float32(surface.start)
    single = replace(
        surface,
        grad=lambda theta: surface.grad(theta).astype(theta.dtype),
        hess=lambda theta: surface.hess(theta).astype(theta.dtype),
    )
    run = descend(single, step, start, steps=3, lr=rising)
    assert run.theta.dtype == np.float32
    for name, values in run.state.items():
        assert name == "t" or values[-1].dtype == np.float32, name


@every_step
@pytest.mark.parametrize("lr", [0.0, lambda t, total: 0.0 if t == 1 else 0.01])
def test_without_lr_theta_stays_where_it_is(step, lr):
    run = descend(GROUNDS["quadratic"], step, steps=5, lr=lr)
    np.testing.assert_allclose(run.theta[1], run.theta[0], rtol=1e-15)
    assert np.isfinite(run.theta).all()
    assert (run.theta[5] != run.theta[0]).all() == callable(lr)


@every_form
def test_form_survives_absurd_knobs_and_the_run_is_marked(step):
    for knob in signature_of(step)[1]:
        for value in (-1.0, 0.0, 1.0, 2.0, 1e300):
            run = descend(rosenbrock(), step, steps=5, **{knob: value})
            assert np.isfinite(run.theta).all() or run.diverged_at > 0


# AdamW and Lion


def test_adamw_without_decay_is_adam():
    surface = GROUNDS["rosenbrock"]
    runs = [descend(surface, adam, lr=rising), descend(surface, adamw, lr=rising, weight_decay=0.0)]
    np.testing.assert_allclose(runs[0].theta, runs[1].theta, rtol=1e-12)


@pytest.mark.parametrize("step", [adamw, lion])
def test_without_a_gradient_the_decay_follows_the_schedule(step):
    level = replace(parabola(), grad=lambda theta: 0 * theta)
    run = descend(level, step, (-2.0,), steps=40, lr=rising, weight_decay=0.7)
    shares = [1 - 0.7 * rising(t, 40) for t in range(1, 41)]
    np.testing.assert_allclose(run.theta[1:, 0], -2 * np.cumprod(shares), rtol=1e-12)


def test_lion_follows_the_blend_and_not_the_memory_that_it_leaves():
    gradients = replace(parabola(), grad=lambda theta: np.where(theta < -1.95, -1.0, 0.5))
    run = descend(gradients, lion, (-2.0,), steps=3, lr=0.1, beta1=0.0, beta2=0.9)
    assert run.state["m"][1] < 0  # the memory still points on, the gradient points back
    np.testing.assert_allclose(np.diff(run.theta[:, 0])[:2], [0.1, -0.1], rtol=1e-12)


# Sophia


@pytest.mark.parametrize("period", [1, 3, 10])
def test_sophia_looks_at_the_curvature_once_a_period(period):
    run = descend(rosenbrock(), sophia, steps=12, lr=1e-3, period=period)
    looks = [2 if t % period == 0 else 1 for t in range(12)]
    np.testing.assert_array_equal(np.diff(run.evaluations), looks)


def test_sophia_takes_the_share_lr_over_scale_of_newtons_step():
    surface = ravine(condition=20)  # its axes are the coordinates
    start = (0.01, -0.02)
    knobs = {"beta1": 0.0, "beta2": 0.0, "lr": 0.05, "scale": 0.1}
    run = descend(surface, sophia, start, steps=10, **knobs)
    expected = np.outer(0.5 ** np.arange(11), start)
    np.testing.assert_allclose(run.theta, expected, rtol=1e-12)


def test_sophia_never_moves_further_than_lr_and_leaves_a_ridge():
    run = descend(saddle(), sophia, (0.5, 0.01), steps=30, lr=0.02)
    moves = np.diff(run.theta, axis=0)
    assert abs(moves).max() <= 0.02 * (1 + 1e-12)  # a difference of two points rounds
    assert saddle().hess(run.theta[0])[1, 1] < 0
    np.testing.assert_allclose(moves[:5, 1], 0.02, rtol=1e-12)  # downhill, away from the ridge


def test_sophia_takes_the_estimate_where_the_surface_has_one():
    surface = ravine(condition=20)
    halved = replace(surface, diagonal=lambda theta: 0.5 * np.diagonal(surface.hess(theta)),
                     hess=None)
    run = descend(halved, sophia, steps=3, lr=0.01)
    np.testing.assert_allclose(run.state["h"][0], [0.005, 0.1], rtol=1e-12)
    # where the Hessian is diagonal, Hutchinson's estimate is exact
    runs = [descend(s, sophia, steps=40, lr=0.01) for s in (surface, hutchinson(surface))]
    np.testing.assert_allclose(runs[0].theta, runs[1].theta, rtol=1e-12, atol=1e-15)


# Schedule-Free


@pytest.mark.parametrize("step", [schedule_free, schedule_free_adamw])
def test_schedule_free_weighs_its_walker_by_the_largest_lr_so_far(step):
    run = descend(GROUNDS["quadratic"], step, steps=40, lr=rising)
    weights = np.maximum.accumulate([rising(t, 40) for t in range(1, 41)]) ** 2
    for t in range(1, 41):
        mean = np.average(run.state["z"][:t], axis=0, weights=weights[:t])
        np.testing.assert_allclose(run.theta[t], mean, rtol=1e-12, atol=1e-14)


def test_schedule_free_looks_between_its_walker_and_their_mean():
    run = descend(GROUNDS["quadratic"], schedule_free, steps=20, lr=0.03, beta=0.7)
    walker = [run.theta[0], *run.state["z"]]
    for t in range(20):
        look, = run.grad_points[t]
        np.testing.assert_allclose(look, 0.3 * walker[t] + 0.7 * run.theta[t], rtol=1e-14)


# SAM


@pytest.mark.parametrize("surface", [quadratic(), softmax_regression(),
                                     replace(quadratic(), shape=((2, 2), (1,)))],
                         ids=["vector", "matrix", "two blocks"])
def test_sam_climbs_by_rho_in_all_blocks_together_each_run_by_itself(surface):
    starts = points(surface, 4) * [[1e-3], [1.0], [10.0], [1e3]]
    run = descend(surface, sam, starts, steps=3, lr=1e-3, rho=0.3)
    for stood, climbed in run.grad_points:
        away = climbed - stood
        np.testing.assert_allclose(np.sqrt((away * away).sum(-1)), 0.3, rtol=1e-9)
        g = surface.grad(stood)
        aim = g / np.sqrt((g * g).sum(-1, keepdims=True))
        np.testing.assert_allclose(away, 0.3 * aim, rtol=1e-6, atol=1e-9)  # 1e3 + 0.3 rounds


@pytest.mark.parametrize("step", [sam, adaptive_sam])
def test_sam_stays_where_there_is_no_gradient(step):
    run = descend(ravine(), step, (0.0, 0.0), steps=3)
    assert (run.theta == 0).all()


def test_adaptive_sam_makes_the_same_climb_after_a_change_of_scale():
    surface, scale = quadratic(), np.array([100.0, 1.0, 0.1, 3.0, 0.01])
    stretched = replace(surface, grad=lambda theta: surface.grad(theta * scale) * scale)
    start = points(surface, 1)[0]
    climbed = [descend(surface, step, start, steps=1, rho=0.3).grad_points[0][1]
               for step in (adaptive_sam, sam)]
    again = [scale * descend(stretched, step, start / scale, steps=1, rho=0.3).grad_points[0][1]
             for step in (adaptive_sam, sam)]
    np.testing.assert_allclose(again[0], climbed[0], rtol=1e-9)
    assert abs(again[1] - climbed[1]).max() > 0.01  # the plain one notices
