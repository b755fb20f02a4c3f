"""What a step gets from descend: knobs that a tensor understands, in theta's precision."""

from dataclasses import replace

import numpy as np
import pytest
import torch

from lessons import steps
from lessons.descend import descend
from lessons.networks import digits_mlp
from lessons.schedules import cosine
from lessons.signature import Float32, Float64, signature_of
from lessons.surfaces import matrix_problem, ravine

PRECISIONS = [np.float32, np.float64]


def torch_descent(surface, theta, *, lr=0.1, beta=0.5):
    """Gradient descent with a look at the last beta, as a learner writes it who knows torch."""
    g = torch.from_numpy(surface.grad(theta))
    return (torch.from_numpy(theta) - lr * g * (1 - beta) - g * lr * beta).numpy()


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("lr", [0.02, 1, np.array(0.02), np.float32(0.02), cosine(0.02)])
def test_a_knob_that_is_one_number_multiplies_a_tensor(lr, dtype):
    run = descend(ravine(), torch_descent, np.ones(2, dtype), lr=lr, beta=0.5, steps=2)
    known = descend(ravine(), steps.gradient_descent, np.ones(2, dtype), lr=lr, steps=2)
    np.testing.assert_allclose(run.theta, known.theta, rtol=1e-5)   # float32 has 7 digits


@pytest.mark.parametrize("dtype", PRECISIONS)
@pytest.mark.parametrize("given, usual, kind", [
    (0.1, 0.5, float), (np.array(0.1), 0.5, float), (np.float32(0.1), 0.5, float),
    (3, 0.5, float), (True, 0.5, float), (0.5, 3, float), (lambda t, total: 0.1 / t, 0.5, float),
    (3, 10, int), (np.int64(3), 10, int), (np.array(3), 10, int), (lambda t, total: t, 10, int),
    (True, False, bool), ([1, 2], 0.5, np.ndarray), ([[1], [2]], 10, np.ndarray),
    (np.array([0.1, 0.2]), 0.5, np.ndarray),
])
def test_a_knob_reaches_the_step_as_the_number_that_it_is(given, usual, kind, dtype):
    got = []

    def step(surface, theta, *, knob=usual):
        got.append(knob)
        return theta

    theta = descend(ravine(), step, np.ones(2, dtype), knob=given, steps=2).theta
    assert theta.dtype == dtype
    for t, value in enumerate(got, 1):
        np.testing.assert_allclose(value, given(t, 2) if callable(given) else given, rtol=1e-6)
        if kind is float:
            assert isinstance(value, {np.float32: Float32, np.float64: Float64}[dtype])
            assert isinstance(value, float) or dtype is np.float32
        else:
            assert type(value) is kind and getattr(value, "dtype", dtype) == dtype


@pytest.mark.parametrize("number, dtype", [(Float64, float), (Float32, np.float32)])
def test_a_power_of_one_number_is_rounded_as_that_of_an_array(number, dtype):
    betas = np.random.default_rng(0).uniform(0.5, 0.9999, 500).astype(dtype)
    for t in range(1, 40):
        assert np.array_equal([number(beta) ** t for beta in betas], betas**t)
        assert np.array_equal([t ** number(beta) for beta in betas], t**betas)
    assert any(float(beta) ** t != (betas**t)[i] for i, beta in enumerate(betas) for t in (3, 7)), (
        "NumPy rounds both powers alike by now: Float64 and Float32 have nothing to do"
    )


# float32 stays float32


def single(surface):
    """The surface with every answer in theta's own precision, as a network's are."""
    def alike(function):
        return lambda theta, *u: np.asarray(function(theta, *u)).astype(theta.dtype)

    names = ("loss", "grad", "hess", "fisher")
    return replace(
        surface, **{name: alike(getattr(surface, name)) for name in names},
        factors=lambda theta: [tuple(one.astype(theta.dtype) for one in pair)
                               for pair in surface.factors(theta)],
    )


def arrays_in(value):
    if isinstance(value, (np.ndarray, np.generic)):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from arrays_in(one)


def kinds(values):
    return {one.dtype for one in arrays_in(values) if one.dtype.kind == "f"}


MATRIX = single(matrix_problem())
START = np.array(MATRIX.start, np.float32) + np.float32(0.3)
every_step = pytest.mark.parametrize("name", steps.__all__)


@every_step
def test_float32_stays_float32_in_a_direct_call(name):
    step, values = getattr(steps, name), (START,)
    for _ in range(3):
        result = step(MATRIX, *values)
        values = result if isinstance(result, tuple) else (result,)
        assert kinds(values) == {np.dtype(np.float32)}


@pytest.mark.parametrize("name", ["schedule_free", "adam", "muon", "lbfgs", "kfac", "sophia"])
def test_a_network_of_float32_stays_one_in_a_direct_call(name):
    net = digits_mlp(hidden=(4,))
    result = getattr(steps, name)(net, net.start)
    assert kinds(result) == {np.dtype(np.float32)}


def as_a_schedule(value):
    return lambda t, total: value


@every_step
@pytest.mark.parametrize("form", [float, np.array, np.float64, as_a_schedule,
                                  lambda value: np.full((2, 1), value)],
                         ids=["float", "array()", "float64", "schedule", "grid"])
def test_float32_stays_float32_in_a_walk_whatever_a_knob_is(name, form):
    step, counts = getattr(steps, name), (bool, int)
    knobs = {knob: usual if isinstance(usual, counts) else form(usual)
             for knob, usual in signature_of(step)[1].items()}
    run = descend(MATRIX, step, START, steps=3, **knobs)
    assert run.theta.dtype == np.float32
    assert kinds(list(run.state.values())) <= {np.dtype(np.float32)}


@every_step
def test_a_whole_number_for_a_knob_does_not_widen_float32(name):
    step = getattr(steps, name)
    lrs = {"lr": np.array([[1], [2]])} if "lr" in signature_of(step)[1] else {}
    run = descend(MATRIX, step, START, steps=3, **lrs)
    assert kinds(list(run.state.values())) <= {np.dtype(np.float32)}
