"""Every step against torch.optim, and against facts that hold exactly."""

import inspect
from dataclasses import replace

import numpy as np
import pytest
import torch

from lessons import steps
from lessons.descend import descend, signature_of
from lessons.steps import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop
from lessons.surfaces import bowl, parabola, ravine, rosenbrock
from lessons.views import rotated, scaled

STEPS = {name: step for name, step in vars(steps).items() if inspect.isfunction(step)}

# name -> the torch optimizer of the parameters p and the step's knobs (lr is set at every step)
TORCH = {
    "gradient_descent": lambda p: torch.optim.SGD(p),
    "momentum": lambda p, beta: torch.optim.SGD(p, momentum=beta),
    "nesterov": lambda p, beta: torch.optim.SGD(p, lr=1, momentum=beta, nesterov=True),
    "adagrad": lambda p, eps: torch.optim.Adagrad(p, eps=eps),
    "rmsprop": lambda p, beta2, eps: torch.optim.RMSprop(p, alpha=beta2, eps=eps),
    "adam": lambda p, beta1, beta2, eps: torch.optim.Adam(p, betas=(beta1, beta2), eps=eps),
}


def shifted(surface, by):
    """The surface with its minimum elsewhere: at 0 a decay hides behind the slope."""
    by = np.asarray(by)
    return replace(
        surface,
        loss=lambda theta: surface.loss(theta - by),
        grad=lambda theta: surface.grad(theta - by),
        start=tuple(surface.start + by),
    )


def plane(slope):
    """A surface with the same slope everywhere."""
    return replace(
        bowl(),
        loss=lambda theta: theta @ np.asarray(slope),
        grad=lambda theta: np.broadcast_to(slope, np.shape(theta)).copy(),
    )


GROUNDS = {
    "quadratic": shifted(rotated(ravine(condition=20), 30), (0.7, -0.4)),
    "rosenbrock": scaled(rosenbrock(), 0.002),  # tame enough for every step's usual lr
}


def points(surface, count=3):
    return surface.start + np.random.default_rng(1).normal(0, 0.3, (count, surface.dim))


def test_every_step_is_listed_and_has_an_independent_truth():
    assert set(STEPS) == set(steps.__all__)
    for name, step in STEPS.items():
        assert name in TORCH, (
            f"{name} has no row in TORCH: add the torch optimizer that it equals, or, where torch "
            f"has none, a test against another independent truth (SciPy, a closed form)"
        )
        assert inspect.getdoc(step).count("Source: ") == 1, f"{name}: cite its source"


@pytest.mark.parametrize("eps", [None, 1e-2], ids=["usual eps", "large eps"])
@pytest.mark.parametrize("ground", GROUNDS)
@pytest.mark.parametrize("name", STEPS)
def test_step_equals_torch_while_lr_changes(name, ground, eps):
    surface, knobs = GROUNDS[ground], dict(signature_of(STEPS[name])[1])
    usual = knobs.pop("lr")
    if eps and "eps" in knobs:  # a misplaced eps hides at 1e-8
        knobs["eps"] = eps

    def lr(t, total):
        return usual * (1 + 0.5 * np.sin(t))

    run = descend(surface, STEPS[name], points(surface), steps=50, lr=lr, **knobs)
    p = torch.tensor(points(surface), requires_grad=True)
    optimizer = TORCH[name]([p], **knobs)
    for t in range(1, 51):
        optimizer.param_groups[0]["lr"] = float(lr(t, 50))
        p.grad = torch.from_numpy(surface.grad(p.detach().numpy()))
        optimizer.step()
        # 50 steps amplify rounding to 1e-12; 500 would to 1e-7
        np.testing.assert_allclose(run.theta[t], p.detach().numpy(), rtol=1e-10, atol=1e-10)


@pytest.mark.parametrize("name", STEPS)
def test_grid_of_runs_equals_loop_of_runs(name):
    surface, starts = GROUNDS["quadratic"], points(GROUNDS["quadratic"])
    lrs = signature_of(STEPS[name])[1]["lr"] * np.array([0.1, 0.5, 1.0, 2.0])
    grid = descend(surface, STEPS[name], starts, steps=40, lr=lrs[:, None, None])
    for i, lr in enumerate(lrs):
        for j, start in enumerate(starts):
            alone = descend(surface, STEPS[name], start, steps=40, lr=float(lr))
            assert np.array_equal(grid.theta[:, i, j], alone.theta)


@pytest.mark.parametrize("knob, name", [(k, n) for n in STEPS for k in signature_of(STEPS[n])[1]])
def test_any_knob_may_be_a_grid(name, knob):
    surface, usual = GROUNDS["quadratic"], signature_of(STEPS[name])[1][knob]
    values = usual * np.array([0.5, 0.8, 1.0])
    grid = descend(surface, STEPS[name], steps=40, **{knob: values[:, None]})
    for i, value in enumerate(values):
        # as an array of one: NumPy rounds the power of a float in its own way (beta1**t in Adam)
        alone = descend(surface, STEPS[name], steps=40, **{knob: np.array([value])})
        assert np.array_equal(grid.theta[:, i], alone.theta)


@pytest.mark.parametrize("name", STEPS)
def test_arguments_stay_as_they_were_and_one_slope_is_asked(name):
    surface, step = GROUNDS["quadratic"], STEPS[name]
    run = descend(surface, step, points(surface), steps=3)
    assert list(run.evaluations) == [0, 1, 2, 3]
    given = [run.theta[-1], *(values[-1] for values in run.state.values())]
    copies = [np.copy(value) for value in given]
    for value in given:
        if isinstance(value, np.ndarray):
            value.flags.writeable = False  # an in-place change raises
    step(surface, *given)
    assert all(np.array_equal(value, copy) for value, copy in zip(given, copies))


# Exact facts. Where eps blurs one it is set to 0. 1e-12: rounding only.


def test_gradient_descent_on_a_quadratic_is_a_power_of_a_matrix():
    surface, lr = ravine(condition=20, angle=30), 0.07
    run = descend(surface, gradient_descent, steps=30, lr=lr)
    shrink = np.eye(2) - lr * surface.hess(np.zeros(2))
    for t in range(31):
        expected = np.linalg.matrix_power(shrink, t) @ surface.start
        np.testing.assert_allclose(run.theta[t], expected, atol=1e-12)


@pytest.mark.parametrize(
    "step, limit",
    [
        (gradient_descent, lambda beta: 2),
        (momentum, lambda beta: 2 * (1 + beta)),
        (nesterov, lambda beta: 2 * (1 + beta) / (1 + 2 * beta)),
    ],
)
@pytest.mark.parametrize("beta", [0.5, 0.9])
def test_a_walk_settles_only_below_its_limit(step, limit, beta):
    knobs = {} if step is gradient_descent else {"beta": beta}
    lr = limit(beta) / 5.0 * np.array([[0.99], [1.01]])
    below, above = descend(parabola(curvature=5.0), step, steps=3000, lr=lr, **knobs).loss.T
    assert below[-1] < 1e-6
    assert above[-1] > 1e6


def test_momentum_on_a_steady_slope_has_a_closed_form():
    slope, lr, beta, T = np.array([2.0, -0.3]), 0.02, 0.9, 40
    run = descend(plane(slope), momentum, np.zeros(2), steps=T, lr=lr, beta=beta)
    expected = -lr * slope / (1 - beta) * (T - beta * (1 - beta**T) / (1 - beta))
    np.testing.assert_allclose(run.theta[-1], expected, rtol=1e-12)


def test_nesterov_walks_along_the_look_ahead_points_of_the_textbook():
    surface, lr, beta = GROUNDS["quadratic"], 0.03, 0.9
    run = descend(surface, nesterov, steps=40, lr=lr, beta=beta)
    phi, d = np.array(surface.start), np.zeros(2)
    for theta in run.theta:
        np.testing.assert_allclose(theta, phi + beta * d, atol=1e-12)
        d = beta * d - lr * surface.grad(phi + beta * d)
        phi = phi + d


@pytest.mark.parametrize(
    "step, length",
    [(adam, 1.0), (adagrad, 1.0), (rmsprop, 1 / np.sqrt(1 - 0.99))],
)
def test_the_first_move_does_not_depend_on_how_steep_it_is(step, length):
    slope = np.array([300.0, -0.002])
    run = descend(plane(slope), step, np.zeros(2), steps=1, lr=0.3, eps=0.0)
    np.testing.assert_allclose(run.theta[1], -0.3 * length * np.sign(slope), rtol=1e-12)


def test_on_a_steady_slope_every_move_of_adam_is_lr():
    run = descend(plane([3.0, -0.01]), adam, np.zeros(2), steps=50, lr=0.3, eps=0.0)
    np.testing.assert_allclose(np.diff(run.theta, axis=0), [[-0.3, 0.3]] * 50, rtol=1e-12)


@pytest.mark.parametrize("name", STEPS)
def test_only_steps_with_one_step_size_do_not_notice_a_rotation(name):
    runs = [descend(ravine(angle=angle), STEPS[name], steps=30) for angle in (0, 30)]
    unnoticed = name in {"gradient_descent", "momentum", "nesterov"}
    assert np.allclose(runs[0].loss, runs[1].loss, rtol=1e-12, atol=1e-12) == unnoticed


@pytest.mark.parametrize("step", [adagrad, rmsprop, adam])
def test_the_loss_times_1000_changes_no_adaptive_step(step):
    surface = GROUNDS["quadratic"]
    runs = [descend(s, step, steps=30, eps=0.0) for s in (surface, scaled(surface, 1000))]
    np.testing.assert_allclose(runs[0].theta, runs[1].theta, atol=1e-12)


@pytest.mark.parametrize("step", [gradient_descent, momentum, nesterov])
def test_the_loss_times_1000_makes_the_first_move_1000_times_longer(step):
    surface = GROUNDS["quadratic"]
    plain, steep = (
        np.diff(descend(s, step, steps=1).theta, axis=0) for s in (surface, scaled(surface, 1000))
    )
    np.testing.assert_allclose(steep, 1000 * plain, rtol=1e-12)


def test_rmsprop_at_constant_lr_ends_in_a_cycle_of_two():
    lr, eps, curvature = 0.1, 1e-3, 2.0
    run = descend(parabola(curvature), rmsprop, (-1.0,), steps=2000, lr=lr, beta2=0.9, eps=eps)
    *_, before, last = run.theta[:, 0]
    assert before == pytest.approx(-last, abs=1e-9)
    assert abs(last) == pytest.approx(lr / 2 - eps / curvature, abs=1e-9)


def test_adam_without_its_first_average_is_rmsprop_with_bias_correction():
    surface, beta2 = GROUNDS["quadratic"], 0.99
    run = descend(surface, adam, steps=30, lr=0.1, beta1=0.0, beta2=beta2, eps=1e-3)
    theta, v = np.array(surface.start), 0.0
    for t in range(1, 31):
        g = surface.grad(theta)
        v = beta2 * v + (1 - beta2) * g**2
        theta = theta - 0.1 * g / (np.sqrt(v / (1 - beta2**t)) + 1e-3)
        np.testing.assert_allclose(run.theta[t], theta, atol=1e-12)


def test_adam_without_memory_follows_the_sign_of_the_slope():
    surface = GROUNDS["quadratic"]
    run = descend(surface, adam, steps=30, lr=0.1, beta1=0.0, beta2=0.0, eps=0.0)
    moves = -0.1 * np.sign(surface.grad(run.theta[:-1]))
    np.testing.assert_allclose(np.diff(run.theta, axis=0), moves, atol=1e-12)
