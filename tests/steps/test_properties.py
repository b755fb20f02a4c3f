"""What holds for every step, on surfaces, starts and knobs that nobody chose.

hypothesis draws them, the same ones at every run; what fails is shown as its smallest example.
Every surface here is given all that a step may ask for; in most of them it means nothing.
"""

from copy import deepcopy
from dataclasses import replace

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from lessons import steps
from lessons.descend import descend
from lessons.knobs import KNOBS
from lessons.signature import signature_of
from lessons.surfaces import (
    himmelblau,
    matrix_problem,
    quadratic,
    ravine,
    rosenbrock,
    softmax_regression,
)
from lessons.views import rotated, scaled

COUNTS = {"memory", "nesterov", "period"}  # one whole number for all runs
NOTICES_AXES = {"adagrad", "adam", "adamw", "lion", "rmsprop", "sophia"}
# L-BFGS does where a gradient is longer than 1: its first move is divided by the sum of abs(g)
NO_AXES = {
    "bfgs", "gradient_descent", "kfac", "kl_step", "lbfgs", "line_search", "momentum", "muon",
    "natural_gradient", "nesterov", "newton", "newton_line_search", "saddle_free_newton", "sam",
    "schedule_free", "shampoo", "soap", "trust_region",
}
# with eps = 0, where there is one; SOAP is not among them, as its second gradient always lies along
# one basis vector, and what rounding leaves along the others would be blown up to a whole move
NO_SCALE = {"adagrad", "adam", "adamw", "lion", "muon", "newton", "rmsprop", "saddle_free_newton"}

every_step = pytest.mark.parametrize("name", steps.__all__)


def draws(examples):
    return settings(max_examples=examples, derandomize=True, deadline=None, database=None)


def known(surface):
    """The surface as one column of numbers, with its Hessian as Fisher matrix and as factor."""
    return replace(
        surface, shape=(surface.dim, 1), fisher=surface.hess,
        factors=lambda theta: [(np.ones((*np.shape(theta)[:-1], 1, 1)), surface.hess(theta))],
    )


def knobs_of(name):
    return signature_of(getattr(steps, name))[1]


def start_of(surface, seed, *count):
    return surface.start + np.random.default_rng(seed).normal(0, 0.5, (*count, surface.dim))


seeds = st.integers(0, 99)
curvatures = st.lists(st.floats(0.1, 30), min_size=2, max_size=4)
bowls = st.builds(lambda c, seed: known(quadratic(c, seed)), curvatures, seeds)
sides = st.integers(1, 4)
matrices = st.builds(matrix_problem, sides, sides, st.floats(1, 100), seeds)
bends = st.sampled_from([known(scaled(rosenbrock(), 0.002)), known(scaled(himmelblau(), 0.01))])
surfaces = bowls | matrices | bends | st.builds(softmax_regression, seeds)


@st.composite
def tuned(draw, name, runs):
    """Knobs near their usual values, a number each or one for each of some runs, (runs, 1, 1)."""
    def near(knob, usual):
        if isinstance(usual, bool):
            return draw(st.booleans())
        if knob in COUNTS:
            return draw(st.integers(1, 5))
        if knob.startswith("beta"):
            return draw(st.floats(0.5, 0.99))
        if knob == "shrink":
            return draw(st.floats(0.3, 0.7))
        return (usual or 0.1) * draw(st.floats(0.3, 2.0))

    found = {}
    for knob, usual in knobs_of(name).items():
        one = knob in COUNTS or draw(st.booleans())
        values = near(knob, usual) if one else [near(knob, usual) for _ in range(runs)]
        found[knob] = values if one else np.reshape(values, (runs, 1, 1))
    return found


# Every knob has its slider


@every_step
def test_every_knob_has_a_slider_that_can_show_its_usual_value(name):
    for knob, usual in knobs_of(name).items():
        row = KNOBS[knob]
        assert row.low <= usual <= row.high and row.whole == (knob in COUNTS), knob
        assert row.low > 0 or not row.log, knob


def test_no_two_sliders_look_alike():
    rows = KNOBS.values()
    assert len({row.label for row in rows}) == len({row.symbol for row in rows}) == len(rows)


# A grid of runs is a loop of runs


@every_step
@draws(8)
@given(data=st.data())
def test_grid_of_runs_equals_loop_of_runs_bit_for_bit(name, data):
    surface, step = data.draw(surfaces), getattr(steps, name)
    knobs = data.draw(tuned(name, 2))
    starts = start_of(surface, data.draw(seeds), 2)
    grid = descend(surface, step, np.broadcast_to(starts, (2, *starts.shape)), steps=8, **knobs)
    for i in range(2):
        mine = {k: v if np.ndim(v) == 0 else float(v[i, 0, 0]) for k, v in knobs.items()}
        for j, start in enumerate(starts):
            alone = descend(surface, step, start, steps=8, **mine)
            assert np.array_equal(grid.theta[:, i, j], alone.theta, equal_nan=True)
            assert np.array_equal(grid.diverged_at[i, j], alone.diverged_at)


# Arguments stay as they were


def arrays_in(value):
    if isinstance(value, np.ndarray):
        yield value
    elif isinstance(value, (list, tuple)):
        for one in value:
            yield from arrays_in(one)


def sealed(surface):
    """The surface whose answers can't be written on: its own arrays may be among them."""
    def locked(function):
        def asked(*points):
            answer = function(*points)
            for one in arrays_in(answer):
                one.flags.writeable = False
            return answer

        return function and asked

    answers = ("loss", "grad", "hess", "hvp", "diagonal", "fisher", "factors")
    return replace(surface, **{a: locked(getattr(surface, a)) for a in answers})


@every_step
@draws(5)
@given(data=st.data())
def test_arguments_stay_as_they_were(name, data):
    surface, step = data.draw(surfaces), getattr(steps, name)
    knobs = {k: np.asarray(v) for k, v in data.draw(tuned(name, 2)).items()}
    start = start_of(surface, data.draw(seeds), 2, 1)
    run = descend(surface, step, start, steps=3, **knobs)
    given_ = [run.theta[-1], *(values[-1] for values in run.state.values())]
    copies = deepcopy((given_, knobs))
    for value in arrays_in([*given_, *knobs.values()]):
        value.flags.writeable = False  # an in-place change raises
    with np.errstate(all="ignore"):  # as descend does
        step(sealed(surface), *given_, **knobs)
    for value, copy in zip(arrays_in([*given_, *knobs.values()]),
                           arrays_in([*copies[0], *copies[1].values()])):
        np.testing.assert_array_equal(value, copy)


# Who notices what


@pytest.mark.parametrize("name", sorted(NO_SCALE))
@draws(8)
@given(surface=bowls, seed=seeds)
def test_the_loss_times_1000_changes_nothing(name, surface, seed):
    start, eps = start_of(surface, seed), {"eps": 0.0} if "eps" in knobs_of(name) else {}
    runs = [descend(s, getattr(steps, name), start, steps=10, **eps)
            for s in (surface, scaled(surface, 1000))]
    np.testing.assert_allclose(runs[0].theta, runs[1].theta, rtol=1e-9, atol=1e-9)


def test_every_step_is_known_to_notice_the_axes_or_not():
    assert NOTICES_AXES | NO_AXES == set(steps.__all__) and not NOTICES_AXES & NO_AXES


@pytest.mark.parametrize("name", sorted(NO_AXES))
@draws(8)
@given(conditions=st.lists(st.floats(1, 30), min_size=2, max_size=2), seed=seeds,
       angle=st.floats(0, 360))
def test_turned_axes_go_unnoticed(name, conditions, seed, angle):
    surface = scaled(quadratic(conditions, seed), 0.003)  # gradients shorter than 1, for L-BFGS
    start = start_of(surface, seed)
    long = dict.fromkeys(
        ["gradient_descent", "momentum", "nesterov", "sam", "schedule_free"], {"lr": 10.0})
    knobs = {**long, "soap": {"eps": 1e-3}}.get(name, {})  # 1e-8 blows up rounding, as above
    losses = []
    for degrees in (0, angle):
        turned = known(rotated(replace(surface, start=tuple(start)), degrees))
        losses.append(descend(turned, getattr(steps, name), steps=8, **knobs).loss)
    # 8 steps amplify rounding
    np.testing.assert_allclose(losses[0], losses[1], rtol=1e-7, atol=1e-7 * losses[0][0])


@pytest.mark.parametrize("name", sorted(NOTICES_AXES))
@draws(8)
@given(condition=st.floats(5, 50), angle=st.floats(15, 75))
def test_turned_axes_are_noticed(name, condition, angle):
    losses = [descend(ravine(condition, turn), getattr(steps, name), steps=20).loss
              for turn in (0, angle)]
    assert abs(losses[0] - losses[1]).max() > 1e-3 * losses[0][0]


# Nothing raises, nothing warns


ABSURD = [0.0, -1.0, 1.0, 2.0, 1e-300, 1e300, -1e300]


@every_step
@draws(25)
@given(data=st.data())
def test_absurd_knobs_end_in_the_record_and_not_in_an_error(name, data):
    surface = data.draw(surfaces)
    knobs = {}
    for knob in data.draw(st.sets(st.sampled_from(sorted(knobs_of(name))), min_size=1)):
        whole = [KNOBS[knob].low, 1, 1 if knob == "nesterov" else 10**6]  # descend refuses the rest
        knobs[knob] = data.draw(st.sampled_from(whole if knob in COUNTS else ABSURD))
    start = data.draw(st.sampled_from([0.0, 1.0, 1e150])) * start_of(surface, data.draw(seeds), 2)
    run = descend(surface, getattr(steps, name), start, steps=6, **knobs)
    for path, diverged in zip(run.theta.swapaxes(0, 1), run.diverged_at):
        assert np.isfinite(path).all() or diverged >= 0
