"""What descend keeps of a long walk, what it counts, and what a stop leaves."""

import sys
from dataclasses import replace

import numpy as np
import pytest

from lessons.descend import DIVERGED, descend
from lessons.schedules import cosine
from lessons.steps import adam, gradient_descent, newton
from lessons.surfaces import gaussian_fit, matrix_problem, ravine, rosenbrock
from lessons.views import noisy


def two_looks(surface, theta, *, lr=0.1, rho=0.05):
    g = surface.grad(theta)
    return theta - lr * surface.grad(theta + rho * g)


@pytest.mark.parametrize(("every", "kept"), [(1, range(8)), (3, [0, 3, 6, 7]), (7, [0, 7]),
                                             (50, [0, 7])])
def test_every_keeps_some_steps_and_always_the_last(every, kept):
    kept = list(kept)
    whole = descend(ravine(), adam, steps=7, lr=cosine(0.3))
    run = descend(ravine(), adam, steps=7, every=every, lr=cosine(0.3))
    assert run.kept.tolist() == kept
    np.testing.assert_array_equal(run.theta, whole.theta[kept])
    np.testing.assert_array_equal(run.loss, whole.loss[kept])
    for name, values in run.state.items():
        known = [whole.state[name][t - 1] for t in kept[1:]]
        np.testing.assert_array_equal(values, known)
    np.testing.assert_array_equal(run.evaluations, whole.evaluations[kept])
    assert [len(points) for points in run.grad_points] == [1] * 7


def test_diverged_at_names_a_step_not_a_place_in_the_record():
    whole = descend(ravine(), gradient_descent, steps=60, lr=0.2)
    run = descend(ravine(), gradient_descent, steps=60, every=10, lr=0.2)
    assert whole.loss[whole.diverged_at] > DIVERGED * whole.loss[0]
    assert run.diverged_at == 10 * np.ceil(whole.diverged_at / 10)


@pytest.mark.parametrize("every", [0, -1, 2.5, True])
def test_every_that_is_no_count_is_refused(every):
    with pytest.raises(ValueError, match="every must be a whole number, 1 or more"):
        descend(ravine(), adam, every=every)


def test_all_kinds_of_questions_are_counted():
    def curious(surface, theta, *, lr=0.1):
        surface.loss(theta - 1)
        surface.loss(theta)
        g, H, F = surface.grad(theta), surface.hess(theta), surface.fisher(theta)
        return theta - lr * g + 0 * (H + F)[..., 0]

    run = descend(gaussian_fit(), curious, steps=3, lr=1e-3)
    assert run.evaluations.tolist() == [0, 3, 6, 9]
    assert run.loss_evaluations.tolist() == [0, 2, 4, 6]
    np.testing.assert_array_equal(run.loss_points[1], [run.theta[1] - 1, run.theta[1]])

    def more(surface, theta, *, lr=0.1):
        surface.factors(theta)
        return theta - lr * surface.hvp(theta + 1, theta) - 0 * surface.diagonal(theta)

    problem = matrix_problem()
    rich = replace(problem, hvp=lambda theta, u: 0 * u, diagonal=np.ones_like)
    run = descend(rich, more, steps=2)
    assert run.evaluations.tolist() == [0, 3, 6]
    np.testing.assert_array_equal(run.grad_points[0][1], run.theta[0] + 1)


def test_float32_stays_float32_with_all_its_knobs():
    start, types = np.zeros(12, np.float32), []

    def noting(surface, theta, m=0.0, *, lr=0.1, memory=10):
        types.append((theta.dtype, lr.dtype, type(memory)))
        m = 0.9 * m + surface.grad(theta).astype(np.float32)
        return theta - lr * m, m

    run = descend(matrix_problem(), noting, start, steps=4, lr=cosine(1e-3), memory=3)
    assert set(types) == {(np.dtype("float32"), np.dtype("float32"), int)}
    assert run.theta.dtype == run.state["m"][0].dtype == np.float32
    double = descend(matrix_problem(), noting, np.zeros(12), steps=4, lr=cosine(1e-3), memory=3)
    assert double.theta.dtype == float
    np.testing.assert_allclose(run.theta, double.theta, rtol=1e-4, atol=1e-6)


def stopping(after):
    def step(surface, theta, t=0, *, lr=0.01):
        if t == after:
            raise KeyboardInterrupt
        return theta - lr * surface.grad(theta), t + 1

    return step


def test_stop_button_keeps_what_was_walked_where_there_is_a_bar(capsys):
    run = descend(ravine(), stopping(5), steps=20, progress="Gradient descent")
    whole = descend(ravine(), gradient_descent, steps=20, lr=0.01)
    np.testing.assert_array_equal(run.theta, whole.theta[:6])
    np.testing.assert_array_equal(run.loss, whole.loss[:6])
    assert run.state["t"] == [1, 2, 3, 4, 5] and len(run.grad_points) == len(run.loss_points) == 5
    with pytest.raises(KeyboardInterrupt):
        descend(ravine(), stopping(5), steps=20)


@pytest.mark.parametrize("after", [0, 3, 5])
def test_stop_between_two_kept_steps_keeps_the_last_one_walked(after):
    run = descend(ravine(), stopping(after), steps=20, every=4, progress="Gradient descent")
    whole = descend(ravine(), gradient_descent, steps=20, lr=0.01)
    kept = {0: [0], 3: [0, 3], 5: [0, 4, 5]}[after]
    assert run.kept.tolist() == kept
    np.testing.assert_array_equal(run.theta, whole.theta[kept])
    assert len(run.evaluations) == len(run.loss_evaluations) == len(run.kept)
    assert all(len(values) == len(kept) - 1 for values in run.state.values())


def test_progress_shows_the_name_and_goes_when_done(capsys):
    run = descend(ravine(), adam, steps=30, progress="Adam on the ravine")
    shown = capsys.readouterr().err
    assert "Adam on the ravine" in shown and "/30" in shown
    assert shown.rstrip(" ").endswith("\r")  # nothing is left of the bar
    np.testing.assert_array_equal(run.theta, descend(ravine(), adam, steps=30).theta)


def test_no_bar_is_loaded_where_none_is_asked():
    import subprocess
    code = ("import sys; from lessons.descend import descend; from lessons.steps import adam; "
            "from lessons.surfaces import ravine; descend(ravine(), adam); "
            "print('tqdm' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


# State and looks


def test_state_is_kept_by_name_as_it_stood_after_each_step():
    run = descend(rosenbrock(), adam, steps=10)
    assert list(run.state) == ["t", "m", "v"]
    assert run.state["t"] == list(range(1, 11))
    m = 0.0
    for t in range(10):
        m = 0.9 * m + (1 - 0.9) * rosenbrock().grad(run.theta[t])
        np.testing.assert_array_equal(run.state["m"][t], m)
    assert descend(rosenbrock(), gradient_descent, steps=3, lr=1e-3).state == {}


def test_looks_are_the_points_where_the_gradient_was_asked():
    run = descend(ravine(), two_looks, steps=8)
    for t, looks in enumerate(run.grad_points):
        theta = run.theta[t]
        np.testing.assert_array_equal(looks, [theta, theta + 0.05 * ravine().grad(theta)])
    np.testing.assert_array_equal(run.evaluations, 2 * np.arange(9))


def test_hessians_count_as_looks_too():
    run = descend(ravine(), newton, steps=3)
    np.testing.assert_allclose(run.theta[1:], 0, atol=1e-15)  # a quadratic in one step
    np.testing.assert_array_equal(run.grad_points, [[theta, theta] for theta in run.theta[:-1]])
    np.testing.assert_array_equal(run.evaluations, [0, 2, 4, 6])


def test_looks_are_kept_when_the_surface_changes_from_step_to_step():
    run = descend(noisy(ravine(), 1.0), gradient_descent, steps=5)
    np.testing.assert_array_equal(np.squeeze(run.grad_points), run.theta[:-1])
    assert [len(looks) for looks in run.grad_points] == [1] * 5


def test_step_sees_the_surface_of_its_own_t_and_the_record_the_true_loss():
    surface = noisy(ravine(), 1.0, seed=5)
    run = descend(surface, gradient_descent, lr=0.01, steps=4)
    for t in range(1, 5):
        known = gradient_descent(surface.at(t), run.theta[t - 1], lr=0.01)
        np.testing.assert_array_equal(run.theta[t], known)
    np.testing.assert_array_equal(run.loss, ravine().loss(run.theta))
