"""blockwise on networks, and what every rule for matrices must do: grids, float32, absurd knobs."""

import inspect
from dataclasses import replace

import numpy as np
import pytest

from lessons.descend import descend, signature_of
from lessons.steps import kronecker
from lessons.steps.kronecker import blockwise
from lessons.surfaces import Surface, matrix_problem, quadratic, rosenbrock, softmax_regression
from lessons.views import scaled

BLOCKWISE = {name: getattr(kronecker, name) for name in ("shampoo", "muon", "soap")}
ALL = {**BLOCKWISE, "kfac": kronecker.kfac}


def joined(*surfaces):
    """A network of blocks that do not meet: its loss is the sum of theirs."""
    ends = np.cumsum([surface.dim for surface in surfaces])

    def over(name, theta):
        parts = np.split(theta, ends[:-1], axis=-1)
        return [getattr(surface, name)(part) for surface, part in zip(surfaces, parts)]

    return Surface(
        "Network", lambda theta: sum(over("loss", theta)),
        grad=lambda theta: np.concatenate(over("grad", theta), -1), hess=None, window=None,
        start=np.concatenate([surface.start for surface in surfaces]), minima=(),
        shape=tuple(surface.shape or (surface.dim,) for surface in surfaces),
        factors=lambda theta: [pair for pairs in over("factors", theta) for pair in pairs],
    )


PARTS = matrix_problem(4, 3), scaled(rosenbrock(), 0.002), matrix_problem(2, 6), quadratic()
LAYERS = joined(matrix_problem(4, 3), softmax_regression(), matrix_problem(2, 6))
NETWORK = joined(*PARTS)


def grounds(name):
    network = LAYERS if name == "kfac" else NETWORK
    return [matrix_problem(), matrix_problem(9, 12), network] + [quadratic()] * (name != "kfac")


@pytest.mark.parametrize("name", BLOCKWISE)
def test_blocks_walk_as_if_each_were_alone(name):
    step = BLOCKWISE[name]
    run = descend(NETWORK, step, steps=30, lr=lambda t, total: 0.05 * (1 + 0.5 * np.sin(t)))
    assert list(run.evaluations) == list(range(31))  # one gradient of the whole
    start = 0
    for i, part in enumerate(PARTS):
        alone = descend(part, step, steps=30, lr=lambda t, total: 0.05 * (1 + 0.5 * np.sin(t)))
        assert np.array_equal(run.theta[:, start : start + part.dim], alone.theta)
        for state, values in alone.state.items():
            assert [len(blocks) for blocks in run.state[state]] == [len(PARTS)] * 30
            for blocks, value in zip(run.state[state], values):
                assert np.array_equal(blocks[i], value)
        start += part.dim


@pytest.mark.parametrize("name", BLOCKWISE)
def test_a_blockwise_step_shows_the_rule(name):
    step = BLOCKWISE[name]
    rule = inspect.unwrap(step)
    assert rule is not step and step.__name__ == rule.__name__ == name
    assert inspect.signature(step) == inspect.signature(rule)
    assert f"def {name}(" in inspect.getsource(step) and inspect.getdoc(step)
    for surface in (matrix_problem(), quadratic()):
        a, b = (descend(surface, s, steps=10).theta for s in (step, rule))
        assert np.array_equal(a, b)


def test_blockwise_serves_rules_without_state_and_cuts_knobs_and_states():
    @blockwise
    def plain(surface, theta, *, lr=0.1):
        assert surface.shape in NETWORK.shape
        return theta - lr * surface.grad(theta)

    theta, lr = NETWORK.start, np.linspace(0, 0.1, NETWORK.dim)
    assert np.array_equal(plain(NETWORK, theta, lr=lr), theta - lr * NETWORK.grad(theta))

    first = kronecker.muon(NETWORK, theta, lr=lr)
    named = kronecker.muon(NETWORK, first[0], M=first[1])
    placed = kronecker.muon(NETWORK, first[0], first[1])
    assert np.array_equal(named[0], placed[0])
    assert not np.array_equal(named[0], kronecker.muon(NETWORK, first[0])[0])


@pytest.mark.parametrize("name", BLOCKWISE)
def test_a_kernel_is_a_matrix_with_a_row_per_output(name):
    flat = matrix_problem(3, 8)
    kernel = replace(flat, shape=((3, 2, 2, 2),))
    a, b = (descend(s, BLOCKWISE[name], steps=20) for s in (flat, kernel))
    assert np.array_equal(a.theta, b.theta)


@pytest.mark.parametrize("name", ALL)
def test_grid_of_runs_equals_loop_of_runs(name):
    step = ALL[name]
    for surface in grounds(name):
        starts = surface.start + np.random.default_rng(1).normal(0, 0.3, (3, surface.dim))
        for knob, usual in signature_of(step)[1].items():
            if isinstance(usual, int):
                continue  # True, False or a count: one for all runs
            values = usual * np.array([0.5, 0.9, 1.0])
            grid = descend(surface, step, starts, steps=12, **{knob: values[:, None, None]})
            for i, value in enumerate(values):
                for j, start in enumerate(starts):
                    # an array of one: NumPy rounds the power of a float in its own way (soap)
                    alone = descend(surface, step, start, steps=12, **{knob: np.array([value])})
                    assert np.array_equal(grid.theta[:, i, j], alone.theta), (surface.name, knob)


@pytest.mark.parametrize("name", ALL)
def test_a_run_that_leaves_takes_no_other_along(name):
    for surface in grounds(name):
        far = np.full(surface.dim, 1e200)
        starts = np.stack([np.array(surface.start) + 0.1, far, np.array(surface.start) - 0.1])
        run = descend(surface, ALL[name], starts, steps=8)
        alone = descend(surface, ALL[name], starts[2], steps=8)
        assert np.array_equal(run.theta[:, 2], alone.theta)
        assert not np.isfinite(run.loss[-1, 1]) and np.isfinite(run.loss[-1, [0, 2]]).all()


@pytest.mark.parametrize("name", ALL)
def test_absurd_knobs_neither_raise_nor_warn(name):
    for surface in grounds(name):
        for knob, usual in signature_of(ALL[name])[1].items():
            if isinstance(usual, int):
                continue  # descend refuses what is neither True nor False, or no count
            for value in (0.0, -1.0, 1.0, 1e-300, 1e30, 1e300, -1e300):
                descend(surface, ALL[name], steps=5, **{knob: value})
        descend(surface, ALL[name], steps=20, lr=1e100)


@pytest.mark.parametrize("name", ALL)
def test_float32_stays_float32_and_arguments_stay_as_they_were(name):
    for surface in grounds(name):
        single = replace(
            surface, grad=lambda theta, s=surface: s.grad(theta.astype(float)).astype(theta.dtype),
            factors=lambda theta, s=surface: [
                (A.astype("f4"), S.astype("f4")) for A, S in s.factors(theta.astype(float))
            ],
        )
        given = (np.array(surface.start, np.float32),)
        for _ in range(3):
            copies = [np.copy(x) for x in flattened(given)]
            result = ALL[name](single, *given)
            assert all(map(np.array_equal, copies, flattened(given)))
            given = result if isinstance(result, tuple) else (result,)
            assert {x.dtype for x in flattened(given) if np.ndim(x)} == {np.dtype("f4")}


def flattened(values):
    return [x for value in values for x in (value if isinstance(value, list) else [value])
            if x is not None]
