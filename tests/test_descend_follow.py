"""Advice has to work: each piece of it is taken out of the message, followed, and walked."""

import re
from dataclasses import replace
from functools import partial

import numpy as np
import pytest

from lessons.descend import descend
from lessons.networks import network
from lessons.schedules import constant, step_decay
from lessons.signature import signature_of
from lessons.steps import adam, gradient_descent, lbfgs, momentum, muon, sophia
from lessons.surfaces import Surface, bowl, matrix_problem, parabola, quadratic, ravine
from lessons.views import clipped, noisy

LRS = [0.1, 0.2, 0.3]
FIVE = np.ones((5, 2))


def refused(*args, error=(TypeError, ValueError), **asked):
    with pytest.raises(error) as raised:
        descend(*args, steps=3, **asked)
    return str(raised.value)


@pytest.mark.parametrize("lr", [LRS, tuple(LRS), np.array(LRS), [LRS, LRS], np.ones((3, 4))])
@pytest.mark.parametrize("surface, start", [
    (ravine(), None), (ravine(), FIVE), (ravine(), np.ones((4, 5, 2))), (parabola(), None),
    (quadratic((1.0,) * 7), None),
])
def test_a_grid_of_knobs_walks_as_it_is_told_to_be_written(lr, surface, start):
    message = refused(surface, gradient_descent, start, lr=lr)
    code = re.search(r"write (.*)$", message)[1]
    run = descend(surface, gradient_descent, start, steps=3, lr=eval(code, {"np": np, "lr": lr}))
    assert run.loss.shape == (4, *np.shape(lr), *np.shape(start)[:-1])


def test_a_column_of_knobs_beside_a_grid_of_starts_gets_as_many_axes_as_it_needs():
    lr = np.array(LRS)[:, None]
    code = re.search(r"write (.*)$", refused(ravine(), gradient_descent, FIVE, lr=lr))[1]
    run = descend(ravine(), gradient_descent, FIVE, steps=3, lr=eval(code, {"lr": lr}))
    assert run.loss.shape == (4, 3, 5)


@pytest.mark.parametrize("value", [LRS, np.array(LRS), np.ones((3, 1))])
def test_a_schedule_of_a_grid_walks_in_the_shape_that_it_is_told(value):
    message = refused(ravine(), gradient_descent, FIVE, lr=lambda t, total: value)
    shape = eval(re.search(r"return values of shape (.*)$", message)[1])
    turned = np.reshape(value, shape)
    run = descend(ravine(), gradient_descent, FIVE, steps=3, lr=lambda t, total: turned)
    assert run.loss.shape == (4, 3, 5)


def test_a_schedule_that_changes_its_shape_on_the_way_is_told():
    message = refused(ravine(), gradient_descent, lr=lambda t, total: 0.1 if t < 3 else LRS)
    assert "lr of shape (3,) does not fit points of shape (2,)" in message


@pytest.mark.parametrize("start, knobs", [
    (FIVE, {}), (FIVE.tolist(), {}), (np.ones((4, 5, 2)), {}), (None, {"lr": np.ones((5, 1))}),
    (FIVE, {"lr": np.ones((4, 1, 1)), "beta": np.ones((5, 1)).tolist()}),
])
def test_a_grid_in_several_weathers_walks_as_it_is_told_to_be_written(start, knobs):
    surface = noisy(ravine(), 1, seed=range(3))
    message = refused(surface, momentum, start, **knobs)
    assert "the noise of shape (3, 2) does not fit" in message
    code, known = re.search(r"write (.*)$", message)[1], {"np": np, "start": start} | knobs
    own = {"start": start} | {name: eval(value, known)
                              for name, value in re.findall(r"(\w+)=(.*?)(?: and |$)", code)}
    grid = np.broadcast_shapes(*(np.shape(knob)[:-1] for knob in knobs.values()),
                               np.shape(start)[:-1])
    assert descend(surface, momentum, steps=3, **knobs | own).loss.shape == (4, *grid, 3)


def test_a_surface_that_has_several_starts_is_told_by_its_start():
    surface = noisy(replace(ravine(), start=FIVE), 1, seed=range(3))
    message = refused(surface, gradient_descent)
    code = re.search(r"start=(.*)$", message)[1]
    start = eval(code, {"start": surface.start})
    assert descend(surface, gradient_descent, start, steps=2).loss.shape == (3, 5, 3)


# Advice that is a call or a definition


def my_loss(theta):
    return theta[..., 0] ** 2 + 3 * theta[..., 1] ** 2


@pytest.mark.parametrize("given, name", [
    (ravine, "ravine"), (bowl, "bowl"), (parabola, "parabola"), (my_loss, "my_loss"),
    (lambda theta: (theta**2).sum(-1), "loss"), (clipped, "clipped"), (noisy, "noisy"),
])
def test_what_is_no_surface_becomes_one_as_it_is_told(given, name):
    message = refused(given, gradient_descent)
    code = re.search(r": (\S+\(.*\))$", message)[1]
    known = {name: given, "Surface": Surface, "surface": ravine(), "sigma": 1.0, "norm": 1.0}
    assert descend(eval(code, known), gradient_descent, steps=2).theta.shape[0] == 3


@pytest.mark.parametrize("surface", [max, np.sin, "ravine", 3.0, None, dict(loss=my_loss)])
def test_what_can_be_no_surface_is_told_so(surface):
    assert "needs a surface; got" in refused(surface, gradient_descent)


def no_first_value(surface, theta, lr):
    return theta - lr * surface.grad(theta)


DEFINED = [no_first_value, lambda surface, theta, lr: theta, lambda theta: theta, lambda: 0,
           lambda *both, lr=0.1: both, max, dict, partial(no_first_value, theta=0)]


@pytest.mark.parametrize("step", DEFINED)
def test_the_signature_that_is_advised_is_that_of_a_step(step):
    message = refused(ravine(), step)
    known = {}
    exec(re.search(r"def .*\)", message)[0] + ": return theta - lr * surface.grad(theta)", known)
    [mine] = [function for name, function in known.items() if name != "__builtins__"]
    assert descend(ravine(), mine, steps=2).theta.shape == (3, 2)


def test_a_knob_without_a_value_gets_the_one_that_is_advised():
    def needy(surface, theta, *, lr):
        return theta - lr * surface.grad(theta)

    message = refused(ravine(), needy)
    code = re.search(r"descend\(\.\.\., (.*)\)$", message)[1]
    assert descend(ravine(), needy, steps=2, **eval(f"dict({code})")).theta.shape == (3, 2)


def test_swapped_arguments_walk_in_the_order_that_is_told():
    message = refused(gradient_descent, ravine())
    assert message.endswith("descend(surface, step)")
    assert descend(ravine(), gradient_descent, steps=1).loss.shape == (2,)


# Counts: 0 means what it says, or is refused at the door


@pytest.mark.parametrize("step, knob, low", [(lbfgs, "memory", 0), (sophia, "period", 1)])
def test_a_count_below_its_range_or_in_parts_is_refused_with_its_range(step, knob, low):
    for value in (low - 1, 2.5, np.array([2, 3]), "2", lambda t, total: low - 1):
        message = refused(ravine(), step, error=ValueError, **{knob: value})
        assert f"{knob} must be a whole number, {low} or more; got" in message
    assert "at step 1" in message
    for value in (low, np.int64(3), np.array(3), lambda t, total: low + t):
        assert descend(ravine(), step, steps=3, **{knob: value}).loss.shape == (4,)


def test_a_switch_is_true_or_false():
    for value in (0.5, 2, "yes", None, [True, False], lambda t, total: 7):
        message = refused(matrix_problem(), muon, error=ValueError, nesterov=value)
        assert "nesterov must be True or False; got" in message
    runs = [descend(matrix_problem(), muon, steps=3, nesterov=value).theta
            for value in (True, 1, np.bool_(True), lambda t, total: True, False)]
    assert all(np.array_equal(run, runs[0]) for run in runs[:4])
    assert not np.array_equal(runs[0], runs[4])


def test_a_learners_own_knob_of_that_name_is_free():
    def mine(surface, theta, *, lr=0.1, memory=0.5, period=()):
        return theta - lr * memory * surface.grad(theta)

    assert descend(ravine(), mine, memory=0.25, steps=2).theta.shape == (3, 2)
    assert signature_of(mine)[1]["period"] == ()


def test_step_decay_without_a_period_is_refused_as_it_is_made():
    for period in (0, -1):
        with pytest.raises(ValueError, match="period must be more than 0"):
            step_decay(0.1, period=period)
    assert descend(ravine(), adam, lr=step_decay(0.1, period=0.5), steps=3).loss.shape == (4,)
    assert descend(ravine(), adam, lr=constant(0.1), steps=3).loss.shape == (4,)


def tiny(**knobs):
    data = np.ones((6, 2)), np.array([0, 1] * 3)
    def forward(parts, inputs):
        return inputs @ parts[0].mT

    knobs = {"batch": 2} | knobs
    return network("Tiny", [(2, 2)], lambda rng: [rng.normal(size=(2, 2))], forward, data, data,
                   **knobs)


@pytest.mark.parametrize("make, words", [
    (lambda: tiny(batch=0), "batch must be from 1 to 6, a whole number, or None for all; got 0"),
    (lambda: tiny(batch=2.5), "from 1 to 6, a whole number, or None for all; got 2.5"),
    (lambda: tiny(seed=[]), "seed must be a number or a sequence of them; got []"),
    (lambda: noisy(ravine(), 1, seed=[]), "seed must be a number or a sequence of them; got []"),
    (lambda: tiny().first(0), "first must be a whole number, 1 or more; got 0"),
    (lambda: tiny().first(-1), "first must be a whole number, 1 or more; got -1"),
    (lambda: tiny().top_eigenvalue(tiny().start, 0),
     "iterations must be a whole number, 1 or more; got 0"),
])
def test_nothing_to_see_is_refused_at_the_door(make, words):
    with pytest.raises(ValueError, match=re.escape(words)):
        make()
