"""Newton's rules and the searches for a length, against closed forms and their inequalities."""

from dataclasses import replace

import numpy as np
import pytest
import torch
from support.truth.second_order import TRUTHS
from torch.autograd import functional as derivatives

from lessons.descend import descend
from lessons.signature import signature_of
from lessons.steps.natural import kl_step, natural_gradient
from lessons.steps.quasi_newton import lbfgs, lbfgs_wolfe, trust_region
from lessons.steps.second_order import line_search, newton, saddle_free_newton, solve
from lessons.surfaces import Surface, matrix_problem, quadratic, rosenbrock, saddle
from lessons.views import scaled

RULES = [
    newton, saddle_free_newton, line_search, lbfgs, lbfgs_wolfe, trust_region, natural_gradient,
    kl_step,
]
every_rule = pytest.mark.parametrize("rule", RULES, ids=lambda rule: rule.__name__)
VALLEY = replace(scaled(rosenbrock(), 0.002), fisher=scaled(rosenbrock(), 0.002).hess)
SADDLE = replace(saddle(), fisher=saddle().hess)


def line(loss, grad, hess, start):
    """A surface over one number."""
    hess_at = lambda theta: hess(theta)[..., None]  # noqa: E731
    return Surface("line", lambda theta: loss(theta[..., 0]), grad, hess_at, None, (start,), ())


def mapped(surface, A, b):
    """The surface in the coordinates phi, theta = A phi + b."""
    def at(phi):
        return phi @ A.T + b

    return replace(
        surface,
        loss=lambda phi: surface.loss(at(phi)),
        grad=lambda phi: surface.grad(at(phi)) @ A,
        hess=lambda phi: A.T @ surface.hess(at(phi)) @ A,
        start=tuple(np.linalg.solve(A, surface.start - b)),
    )


def listed(result):
    return result if isinstance(result, tuple) else (result,)


def points(surface, count, spread=0.3):
    return surface.start + np.random.default_rng(1).normal(0, spread, (count, surface.dim))


# For every rule of these families, the variants too


@every_rule
@pytest.mark.parametrize("surface", [VALLEY, SADDLE, matrix_problem()], ids=lambda s: s.name)
def test_grid_of_points_and_knobs_equals_loop(rule, surface):
    starts = points(surface, 4)
    usual = {k: v for k, v in signature_of(rule)[1].items() if k != "memory"}
    for knob, value in usual.items():
        values = (value or 0.1) * np.array([0.3, 0.9, 1.0, 4.0])
        grid = descend(surface, rule, starts, steps=15, **{knob: values[:, None, None]})
        for i, value in enumerate(values):
            for j, start in enumerate(starts):
                alone = descend(surface, rule, start, steps=15, **{knob: float(value)})
                assert np.array_equal(grid.theta[:, i, j], alone.theta, equal_nan=True)


@every_rule
@pytest.mark.parametrize("poison", [np.nan, np.inf, 1e200])
def test_a_lost_point_raises_nothing_and_disturbs_no_other(rule, poison):
    together = np.array([[poison, 1.0], [-1.2, 1.0], [0.0, poison]])
    with np.errstate(all="ignore"):  # as descend does
        alone, state, alone_state = together[1], [], []
        for _ in range(5):
            together, *state = listed(rule(VALLEY, together, *state))
            alone, *alone_state = listed(rule(VALLEY, alone, *alone_state))
            assert np.array_equal(together[1], alone)
            assert not (np.abs(together[[0, 2]]) < 10).all()


@every_rule
@pytest.mark.parametrize("value", [-1e300, -1.0, 0.0, 1e-300, 1e300])
def test_absurd_knobs_never_raise(rule, value):
    for knob in set(signature_of(rule)[1]) - {"memory"}:
        descend(VALLEY, rule, points(VALLEY, 2), steps=5, **{knob: value})


@every_rule
def test_at_the_minimum_nothing_moves(rule):
    surface = replace(quadratic(), fisher=quadratic().hess)
    surface = replace(surface, start=surface.minima[0])
    run = descend(surface, rule, steps=3)
    np.testing.assert_allclose(run.theta[-1], surface.minima[0], atol=1e-12)
    state = [values[-1] for values in run.state.values()]
    rule(surface, run.theta[-1], *state)  # without descend a division by zero would warn


@every_rule
def test_single_precision_stays_single(rule):
    def single(function):
        return lambda theta: function(theta).astype(np.float32)

    surface = replace(VALLEY, **{
        name: single(getattr(VALLEY, name)) for name in ("loss", "grad", "hess", "fisher")
    })
    knobs = {k: v if k == "memory" else np.array(v, np.float32)
             for k, v in signature_of(rule)[1].items()}
    theta, state = np.array([[-1.2, 1.0]], np.float32), []
    for _ in range(3):
        theta, *state = listed(rule(surface, theta, *state, **knobs))
        assert theta.dtype == np.float32


# Newton


@pytest.mark.parametrize("damping", [0.0, 0.3])
@pytest.mark.parametrize("name", ["newton", "saddle_free_newton"])
def test_a_damped_step_equals_its_truth_at_every_point(name, damping):
    rule = {"newton": newton, "saddle_free_newton": saddle_free_newton}[name]
    for theta in points(VALLEY, 20, spread=1.0):
        expected = TRUTHS[name](VALLEY, theta, [0.7], damping=damping)[1]
        got = rule(VALLEY, theta, lr=0.7, damping=damping)
        # a Hessian's condition, up to 1e5 here, times rounding
        np.testing.assert_allclose(got, expected, rtol=1e-9, atol=1e-9)


def test_newton_equals_torch_with_its_own_derivatives():
    def loss(p):
        return 0.002 * ((1 - p[0]) ** 2 + 100 * (p[1] - p[0] ** 2) ** 2)

    for theta in points(VALLEY, 10):
        p = torch.tensor(theta)
        g, H = derivatives.jacobian(loss, p), derivatives.hessian(loss, p)
        expected = p - 0.8 * torch.linalg.solve(H + 0.1 * torch.eye(2, dtype=p.dtype), g)
        np.testing.assert_allclose(newton(VALLEY, theta, lr=0.8, damping=0.1), expected, rtol=1e-12)


def test_newton_solves_a_quadratic_in_one_step():
    surface = quadratic()
    np.testing.assert_allclose(newton(surface, points(surface, 5)), [surface.minima[0]] * 5,
                               atol=1e-12)


def test_newton_squares_the_error_on_x_minus_ln_x():
    surface = line(lambda x: x - np.log(x), lambda x: 1 - 1 / x, lambda x: 1 / (x * x), 0.3)
    error = 1 - descend(surface, newton, steps=8).theta[:, 0]
    np.testing.assert_allclose(error[1:], error[:-1] ** 2, atol=1e-12)


def test_newton_keeps_two_thirds_of_x_on_x_to_the_fourth():
    surface = line(lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x**2, 1.0)
    x = descend(surface, newton, steps=30).theta[:, 0]
    np.testing.assert_allclose(x, (2 / 3) ** np.arange(31), rtol=1e-12)


@pytest.mark.parametrize("damping, unnoticed", [(0.0, True), (0.1, False)])
def test_newton_does_not_notice_an_affine_map_unless_it_is_damped(damping, unnoticed):
    A, b = np.array([[2.0, 0.7], [-0.3, 0.5]]), np.array([0.4, -1.0])
    run = descend(VALLEY, newton, steps=5, lr=0.5, damping=damping)
    other = descend(mapped(VALLEY, A, b), newton, steps=5, lr=0.5, damping=damping)
    assert np.allclose(run.theta, other.theta @ A.T + b, rtol=1e-10, atol=1e-10) == unnoticed


def test_much_damping_makes_gradient_descent():
    theta, damping = points(VALLEY, 5), 1e9
    move = newton(VALLEY, theta, lr=damping, damping=damping) - theta
    np.testing.assert_allclose(move, -VALLEY.grad(theta), rtol=1e-6)  # curvature / damping


def test_newton_goes_to_the_saddle_and_saddle_free_newton_leaves_it():
    start = np.array([0.3, 0.2])
    np.testing.assert_allclose(descend(saddle(), newton, start, 20).theta[-1], 0, atol=1e-12)
    run = descend(saddle(), saddle_free_newton, start, 50, damping=0.1)
    np.testing.assert_allclose(run.theta[-1], [0, 1], atol=1e-6)
    assert (np.diff(run.loss) <= 0).all()


def test_saddle_free_newton_is_newton_where_no_curvature_is_negative():
    surface = quadratic()
    theta = points(surface, 5)
    np.testing.assert_allclose(
        saddle_free_newton(surface, theta, lr=0.3), newton(surface, theta, lr=0.3), atol=1e-12
    )


def test_a_singular_matrix_gives_its_pseudo_inverse_for_itself_alone():
    matrices = np.array([np.diag([2.0, 4.0]), np.ones((2, 2)), np.full((2, 2), np.nan),
                         [[1.0, 2.0], [3.0, 5.0]]])
    got = solve(matrices, np.array([2.0, 4.0]))
    assert np.array_equal(np.isnan(got).all(-1), [False, False, True, False])
    np.testing.assert_allclose(got[1], np.linalg.pinv(matrices[1]) @ [2, 4])
    for i in (0, 3):
        assert np.array_equal(got[i], solve(matrices[i], np.array([2.0, 4.0])))
    np.testing.assert_allclose(got[0], [1, 1])
    np.testing.assert_allclose(got[3], [-2, 2])
