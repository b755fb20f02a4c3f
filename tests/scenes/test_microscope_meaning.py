"""What the microscope draws as an arrow or a box follows from the values, whatever the names."""

import numpy as np
import pytest

from lessons.scenes import microscope
from lessons.steps import (
    adagrad,
    adam,
    adamw,
    lion,
    momentum,
    nesterov,
    rmsprop,
    saddle_free_newton,
    sam,
    schedule_free,
    soap,
    sophia,
    trust_region,
)
from lessons.surfaces import ravine, rosenbrock
from lessons.views import noisy


def drawn(step, surface=None, **knobs):
    """name -> "arrow", "root" or "box", as the legend says it, and "apart" if so."""
    stage = microscope(surface or ravine(angle=30), step, steps=4, **knobs)
    says = {row["name"]: row["notes"][-1] for row in stage.scene["legend"]}
    says.pop("theta")
    return {name: ("root" if note.startswith("box, root") else note.split()[0].strip(","))
            + " apart" * ("other scale" in note) for name, note in says.items()}


def own_rmsprop(surface, theta, square_avg=0.0, exp_avg=0.0, *, lr=0.1):
    grad = surface.grad(theta)
    square_avg = 0.9 * square_avg + 0.1 * grad * grad
    exp_avg = 0.9 * exp_avg + 0.1 * grad
    return theta - lr * exp_avg / np.sqrt(square_avg), square_avg, exp_avg


def adadelta(surface, theta, s=0.0, u=0.0, *, beta2=0.9, eps=1e-6):
    g = surface.grad(theta)
    s = beta2 * s + (1 - beta2) * g**2
    delta = np.sqrt(u + eps) / np.sqrt(s + eps) * g
    u = beta2 * u + (1 - beta2) * delta**2
    return theta - delta, s, u


def exchanged(surface, theta, t=0, v=0.0, m=0.0, *, lr=0.1, beta1=0.9, beta2=0.999):
    """Adam, with the names of m and v exchanged."""
    g = surface.grad(theta)
    t = t + 1
    v = beta1 * v + (1 - beta1) * g
    m = beta2 * m + (1 - beta2) * g**2
    theta = theta - lr * v / (1 - beta1**t) / np.sqrt(m / (1 - beta2**t))
    return theta, t, v, m


def started(surface, theta, total=0.1, *, lr=0.1):
    """Adagrad as packages have it, whose sum begins above zero."""
    slope = surface.grad(theta)
    total = total + slope**2
    rate = lr / np.sqrt(total)
    return theta - rate * slope, total


def averaging(surface, theta, z=None, count=0.0, *, lr=0.01):
    """The mean of all points; z and theta are positions, h is a gradient."""
    z = theta if z is None else z
    h = surface.grad(z)
    z = z - lr * h
    count = count + 1.0
    y = z
    return theta + (y - theta) / count, z, count


@pytest.mark.parametrize(("step", "wanted"), [
    (own_rmsprop, dict(grad="arrow", square_avg="root", exp_avg="arrow")),
    (adadelta, dict(g="arrow", s="root", u="root apart", delta="arrow apart")),
    (exchanged, dict(g="arrow", v="arrow", m="root")),
    (started, dict(slope="arrow", total="root")),
    (averaging, dict(h="arrow")),
    (adam, dict(g="arrow", m="arrow", v="root", m_hat="arrow", v_hat="root")),
    (adamw, dict(g="arrow", m="arrow", v="root", m_hat="arrow", v_hat="root")),
    (adagrad, dict(g="arrow", s="root")), (rmsprop, dict(g="arrow", v="root")),
    (momentum, dict(g="arrow", velocity="arrow")), (nesterov, dict(g="arrow", velocity="arrow")),
    (lion, dict(g="arrow", m="arrow", direction="arrow apart")),
    (sophia, dict(g="arrow", m="arrow", h="box", ratio="arrow apart")), (schedule_free, {}),
    (sam, dict(g="arrow", climb="arrow apart")),
    (trust_region, dict(g="arrow", move="arrow apart")),
    (saddle_free_newton, dict(g="arrow")), (soap, dict(g="arrow", m="arrow")),
], ids=lambda one: getattr(one, "__name__", ""))
def test_arrows_and_boxes_are_told_by_their_values(step, wanted):
    assert drawn(step) == wanted
    if step not in (sophia, trust_region):      # Rosenbrock's curvature may be negative
        assert drawn(step, rosenbrock()) == wanted


@pytest.mark.parametrize("turned", [
    dict(lr=0.5, beta1=0.0), dict(weight_decay=1.0), dict(eps=1.0), dict(start=(0.0, 0.0)),
    dict(start=(1.0, 1.0)), dict(lr=lambda t, total: 0.1)])
def test_neither_knobs_nor_the_start_change_what_a_name_means(turned):
    assert drawn(adamw, **turned).items() >= dict(g="arrow", m="arrow", v="root").items()


def test_noise_in_the_gradient_changes_no_meaning():
    for step, kinds in ((adam, "arrow arrow arrow root root"), (own_rmsprop, "arrow arrow root")):
        assert sorted(drawn(step, noisy(ravine(), 2.0)).values()) == kinds.split()


def test_a_step_that_prints_or_draws_lots_does_so_only_in_the_run_that_is_shown(capsys):
    def talking(surface, theta, *, lr=0.1):
        g = surface.grad(theta)
        print("gradient", g)
        return theta - lr * g + 0.01 * np.random.standard_normal(2)

    np.random.seed(3)
    stage = microscope(ravine(), talking, steps=4)
    heard, theta = capsys.readouterr().out, stage.runs["talking"].theta
    assert heard.count("gradient") == 4
    np.random.seed(3)
    assert (microscope(ravine(), talking, steps=4).runs["talking"].theta == theta).all()


def fails_on_small(surface, theta, *, lr=0.1):
    g = surface.grad(theta)
    if np.abs(g).max() < 1e-3:
        raise ValueError("flat")
    return theta - lr * g


def fails_far_off(surface, theta, v=0.0, *, lr=0.1):
    if np.abs(theta).max() > 2.5:
        raise SystemError
    g = surface.grad(theta)
    return theta - lr * g, v + g**2


def fails_at_once(surface, theta, *, lr=0.1):
    raise ZeroDivisionError


def endless_without_gradient(surface, theta, *, lr=0.1):
    d, t = -surface.grad(theta) / np.abs(surface.grad(theta)).max(), 1.0
    while not surface.loss(theta + t * d) <= surface.loss(theta):       # 0/0: never true
        t = t / 2
    return theta + lr * t * d


def endless_in_a_function(surface, theta, *, lr=0.1):
    def halved(t, d):
        while not surface.loss(theta + t * d) <= surface.loss(theta):
            t = t / 2
        return t
    g = surface.grad(theta)
    return theta - lr * halved(1.0, -g / np.abs(g).max()) * g


def endless_far_off(surface, theta, *, lr=0.1):
    while np.abs(theta).max() > 2.5:
        theta = theta + 0.0
    return theta - lr * surface.grad(theta)


@pytest.mark.parametrize("step", [
    fails_on_small, fails_far_off, fails_at_once, endless_without_gradient, endless_in_a_function,
    endless_far_off])
def test_a_step_that_fails_in_the_experiments_only_still_has_its_picture(step):
    stage = microscope(ravine(angle=30), step, steps=3, lr=0.01, start=(0.5, 0.5))
    assert stage.error == "" and "update, " in repr(stage)
    assert (step is fails_at_once) == ("ZeroDivisionError" in repr(stage))
