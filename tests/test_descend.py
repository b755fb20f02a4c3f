"""The loop: what it hands to a step, what it keeps, and what it says when it cannot walk."""

from functools import partial

import numpy as np
import pytest

from lessons.descend import DIVERGED, descend
from lessons.schedules import constant, cosine
from lessons.surfaces import Surface, himmelblau, rastrigin, ravine, rosenbrock
from lessons.views import noisy


def gradient_descent(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


def momentum(surface, theta, velocity=0.0, *, lr=0.01, beta=0.9):
    velocity = beta * velocity + surface.grad(theta)
    return theta - lr * velocity, velocity


def adam(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    g, t = surface.grad(theta), t + 1
    m, v = beta1 * m + (1 - beta1) * g, beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t, m, v


def newton(surface, theta, *, lr=1.0):
    g, H = surface.grad(theta), surface.hess(theta)
    return theta - lr * np.linalg.solve(H, g[..., None])[..., 0]


def two_looks(surface, theta, *, lr=0.1, rho=0.05):
    g = surface.grad(theta)
    return theta - lr * surface.grad(theta + rho * g)


# Closed form


@pytest.mark.parametrize("lr", [0.01, 2 / 21, 0.0999])
@pytest.mark.parametrize("angle", [0, 30])
def test_gradient_descent_on_a_quadratic_equals_its_closed_form(lr, angle):
    surface = ravine(condition=20, angle=angle)
    run = descend(surface, gradient_descent, lr=lr, steps=50)
    M, start = np.eye(2) - lr * surface.hess(np.zeros(2)), np.array(surface.start)
    known = [np.linalg.matrix_power(M, t) @ start for t in range(51)]
    np.testing.assert_allclose(run.theta, known, rtol=1e-12, atol=1e-12)
    np.testing.assert_allclose(run.loss, surface.loss(np.array(known)), rtol=1e-10, atol=1e-20)


# Grids


@pytest.mark.parametrize("step", [gradient_descent, momentum, adam, two_looks])
@pytest.mark.parametrize(
    "surface", [ravine(angle=30), rosenbrock(), rastrigin(), noisy(himmelblau(), 0.5)],
    ids=lambda surface: surface.name,
)
def test_grid_of_runs_equals_loop_of_runs_bit_for_bit(surface, step):
    lrs = np.geomspace(1e-4, 1, 5)  # the last ones diverge: inf and nan are the same too
    starts = np.random.default_rng(0).uniform(-2, 2, (3, 2))
    runs = descend(surface, step, starts, lr=lrs[:, None, None], steps=30)
    assert runs.theta.shape == (31, 5, 3, 2) and runs.loss.shape == (31, 5, 3)
    for i, lr in enumerate(lrs):
        for j, start in enumerate(starts):
            run = descend(surface, step, start, lr=float(lr), steps=30)
            np.testing.assert_array_equal(runs.theta[:, i, j], run.theta)
            np.testing.assert_array_equal(runs.loss[:, i, j], run.loss)
            assert runs.diverged_at[i, j] == run.diverged_at


def test_several_knobs_may_be_arrays():
    lrs, betas = np.array([0.001, 0.01])[:, None, None], np.array([0.0, 0.5, 0.9])[:, None]
    runs = descend(ravine(), momentum, lr=lrs, beta=betas, steps=20)
    assert runs.theta.shape == (21, 2, 3, 2)
    for i, lr in enumerate(lrs[:, 0, 0]):
        for j, beta in enumerate(betas[:, 0]):
            run = descend(ravine(), momentum, lr=lr, beta=beta, steps=20)
            np.testing.assert_array_equal(runs.theta[:, i, j], run.theta)


def test_one_lr_per_coordinate_is_one_run():
    run = descend(ravine(), gradient_descent, lr=[1.0, 0.05], steps=1)
    np.testing.assert_allclose(run.theta[-1], 0, atol=1e-15)  # each lr is 1 / curvature


def test_big_grid_is_recorded_whole():
    starts = np.random.default_rng(0).uniform(-2, 2, (3000, 2))  # losses are asked in blocks
    runs = descend(rosenbrock(), gradient_descent, starts, lr=1e-4, steps=63)
    np.testing.assert_array_equal(runs.loss, rosenbrock().loss(runs.theta))


# Nothing is changed


@pytest.mark.parametrize("dtype", [float, int, np.float32])
def test_arguments_are_left_as_they_were(dtype):
    start, lr = np.array([[1, -2], [-1, 2]], dtype=dtype), np.array([[0.01], [0.02]])
    was = start.copy(), lr.copy()
    run = descend(ravine(), momentum, start, lr=lr, steps=5)
    assert start.dtype == dtype
    assert run.theta.dtype == (np.float32 if dtype is np.float32 else float)
    np.testing.assert_array_equal(start, was[0])
    np.testing.assert_array_equal(lr, was[1])
    np.testing.assert_array_equal(run.theta, descend(ravine(), momentum, was[0] * 1.0, lr=lr,
                                                     steps=5).theta)


def test_step_that_works_in_place_does_not_rewrite_the_past():
    def in_place(surface, theta, m=0.0, seen=[], *, lr=0.01, beta=0.9):  # noqa: B006
        seen.append(theta.copy())
        g = surface.grad(theta)
        m = m + np.zeros_like(g) if np.ndim(m) == 0 else m
        m *= beta
        m += g
        theta -= lr * m
        return theta, m, seen

    start = np.array([1.0, 1.0])
    known = descend(ravine(), momentum, start, lr=0.01, steps=6)
    for _ in range(2):  # the second run starts from an empty list again
        run = descend(ravine(), in_place, start, lr=0.01, steps=6)
        np.testing.assert_array_equal(run.theta, known.theta)
        np.testing.assert_array_equal(run.state["m"], known.state["velocity"])
        np.testing.assert_array_equal(run.grad_points, known.grad_points)
        assert [len(seen) for seen in run.state["seen"]] == [1, 2, 3, 4, 5, 6]
    np.testing.assert_array_equal(start, 1.0)


def test_same_call_gives_the_same_run():
    runs = [descend(noisy(ravine(), 1.0), adam, steps=30).theta for _ in range(2)]
    np.testing.assert_array_equal(*runs)


# Divergence


def test_run_that_diverges_is_kept_and_marked_at_its_first_step_beyond():
    run = descend(ravine(), gradient_descent, lr=10.0, steps=200)
    # v grows by -199 a step: loss 10 (0.8 * 199^t)^2 passes 1e6 * loss[0] at t = 2
    factor = np.array([10.0 * (0.8 * 199.0**t) ** 2 for t in range(5)])
    expected = int(np.argmax(factor > DIVERGED * run.loss[0]))
    assert run.diverged_at == expected == 2
    assert not np.isfinite(run.loss[-1]) and not np.isfinite(run.theta[-1]).all()
    assert run.theta.shape == (201, 2)


def test_runs_of_a_grid_diverge_each_on_its_own():
    runs = descend(ravine(), gradient_descent, lr=np.array([[0.05], [0.1001], [0.2], [1e9]]),
                   steps=100)
    assert runs.diverged_at.dtype.kind == "i"
    assert runs.diverged_at[0] == runs.diverged_at[1] == -1  # growth by 1.002 a step is not yet far
    assert runs.diverged_at[3] == 1 < runs.diverged_at[2]
    t = runs.diverged_at[2]
    assert runs.loss[t - 1, 2] <= DIVERGED * runs.loss[0, 2] < runs.loss[t, 2]


def test_small_loss_at_the_start_does_not_make_a_small_rise_a_divergence():
    runs = descend(ravine(), gradient_descent, (1e-6, 0.0), lr=3.0, steps=25)
    assert runs.loss[-1] > DIVERGED * runs.loss[0] and runs.diverged_at == -1


def test_step_that_returns_nan_has_diverged_there():
    def falls(surface, theta, t=0, *, lr=0.1):
        return (theta if t < 3 else theta * np.nan), t + 1

    assert descend(ravine(), falls, steps=9).diverged_at == 4


def test_loss_that_falls_for_ever_has_diverged_when_it_is_no_number():
    slide = Surface("Slide", lambda theta: -(theta * theta).sum(-1), lambda theta: -2 * theta,
                    None, None, (1.0,), ())
    run = descend(slide, gradient_descent, lr=1e100, steps=5)
    assert run.loss[run.diverged_at] == -np.inf and run.diverged_at == 2


@pytest.mark.parametrize("lr", [0, -0.1, 1e9, True])
def test_odd_learning_rates_are_walked_without_a_word(lr):
    run = descend(ravine(), adam, lr=lr, steps=5)
    assert (run.theta[-1] == run.theta[0]).all() == (lr == 0)


# Schedules


def test_schedule_is_asked_for_every_step_from_1_and_told_the_total():
    asked = []

    def schedule(t, total):
        asked.append((t, total))
        return 0.01 * t

    run = descend(ravine(), gradient_descent, lr=schedule, steps=7)
    assert asked == [(t, 7) for t in range(1, 8)]
    theta = np.array(ravine().start)
    for t in range(1, 8):
        theta = gradient_descent(ravine(), theta, lr=0.01 * t)
        np.testing.assert_array_equal(run.theta[t], theta)


def test_any_knob_takes_a_schedule():
    runs = [descend(ravine(), momentum, lr=0.01, beta=beta, steps=20).theta
            for beta in (0.5, constant(0.5), cosine(0.5))]
    np.testing.assert_array_equal(runs[0], runs[1])
    assert (runs[0][2:] != runs[2][2:]).all()


def test_knobs_that_are_not_named_keep_their_usual_values():
    runs = [descend(rosenbrock(), step, steps=20).theta
            for step in (adam, partial(adam, lr=0.1), partial(adam, beta1=0.9))]
    np.testing.assert_array_equal(runs[0], runs[1])
    np.testing.assert_array_equal(runs[0], runs[2])
    changed = descend(rosenbrock(), adam, beta1=0.0, steps=20).theta
    assert (changed[2:] != runs[0][2:]).all()


# What a learner may bring


def test_step_that_raises_is_heard_as_it_is():
    def my_step(surface, theta, *, lr=0.1):
        raise ZeroDivisionError("mine")

    with pytest.raises(ZeroDivisionError, match="mine"):
        descend(ravine(), my_step)


def test_whole_numbers_that_a_step_returns_become_floats():
    def to_the_grid(surface, theta, *, lr=0.1):
        return np.round(theta - lr * surface.grad(theta)).astype(int)

    run = descend(ravine(), to_the_grid, (4.0, 1.0), steps=3)
    assert run.theta.dtype == float and run.grad_points[2][0].dtype == float


def test_surface_of_a_learner_is_walked_like_any_other():
    mine = Surface("Mine", lambda theta: (theta**4).sum(-1), lambda theta: 4 * theta**3,
                   None, None, (1.0, 1.0, 1.0), ())
    run = descend(mine, gradient_descent, lr=0.1, steps=50)
    assert run.theta.shape == (51, 3) and run.loss[-1] < 0.01 * run.loss[0]
