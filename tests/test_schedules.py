"""Schedules against torch's, and at their two ends."""

import inspect

import numpy as np
import pytest
import torch
from torch.optim import lr_scheduler

from lessons import schedules
from lessons.descend import descend
from lessons.schedules import (
    constant,
    cosine,
    cyclical,
    exponential_decay,
    linear,
    one_cycle,
    step_decay,
    triangular,
    warmup_stable_decay,
)
from lessons.surfaces import ravine

# schedule -> what it takes besides its peak, in several ways
KINDS = {
    constant: [{}],
    step_decay: [{}, {"period": 1}, {"period": 500}, {"period": 7, "factor": 0.5}],
    exponential_decay: [{}, {"factor": 0.5}],
    linear: [{}, {"warmup": 5}, {"warmup": 1, "floor": 0.01}, {"warmup": 100}, {"warmup": 500}],
    cosine: [{}, {"warmup": 5}, {"warmup": 1, "floor": 0.01}, {"warmup": 100}, {"warmup": 500}],
    warmup_stable_decay: [{}, {"warmup": 5}, {"decay": 0.0}, {"decay": 1.0, "floor": 0.01},
                          {"warmup": 90, "decay": 0.5}, {"warmup": 500}],
    triangular: [{}, {"floor": 0.01}],
    cyclical: [{}, {"floor": 0.01}, {"cycles": 1.5}, {"cycles": 1000}],
    one_cycle: [{}, {"start": 0.1}, {"floor": 0.01}, {"floor": 0.0}, {"up": 0.0}, {"up": 1.0},
                {"start": 0.95, "floor": 0.95}],  # momentum: down, then up
}
SCHEDULES = [(make, how) for make, hows in KINDS.items() for how in hows]
TOTALS = [1, 2, 3, 4, 5, 9, 30, 100]
each_schedule = pytest.mark.parametrize("make, how", SCHEDULES)


def values(schedule, total, past=0):
    return np.array([schedule(t, total) for t in range(1, total + past + 1)])


def torch_values(make, count, knob="lr"):
    """The knob at each of `count` steps under a torch scheduler of an SGD with lr 0.3."""
    descent = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3, momentum=0.9)
    scheduler, found = make(descent), []
    for _ in range(count):
        found.append(float(descent.param_groups[0][knob]))
        descent.step()
        scheduler.step()
    return found


def in_a_row(parts):
    """A torch scheduler made of (make, how many steps) one after the other."""
    parts = [(make, count) for make, count in parts if count]
    ends = np.cumsum([count for _, count in parts])[:-1].tolist()
    return lambda sgd: lr_scheduler.SequentialLR(sgd, [make(sgd) for make, _ in parts], ends)


def warmup_of(count):
    """torch's warm-up; its factor grows from start_factor to 1, which it reaches at its end."""
    return (lambda sgd: lr_scheduler.LinearLR(sgd, 1 / count, total_iters=count - 1)), count


def test_every_schedule_is_in_the_table_and_names_its_source():
    public = {f for name, f in vars(schedules).items()
              if inspect.isfunction(f) and not name.startswith("_")}
    assert public == set(KINDS)
    for make in public:
        said = inspect.getdoc(make)
        assert said.count("Source: ") == 1 and ("arXiv:" in said or "doi:" in said), make


@each_schedule
def test_a_schedule_begins_above_zero_and_stays_between_the_values_it_was_given(make, how):
    given = [0.3, how.get("start", 0.0), how.get("floor", 0.0)]
    for total in TOTALS:
        found = values(make(0.3, **how), total, past=300)
        assert found[0] > 0, total
        assert min(given) - 1e-15 <= found.min() and found.max() <= max(given) + 1e-15, total


@each_schedule
def test_past_the_end_a_schedule_never_rises(make, how):
    for total in TOTALS:
        found = values(make(0.3, **how), total, past=300)[total:]
        assert (np.diff(found) <= 0).all(), total
        if make not in (constant, step_decay, exponential_decay):  # these go on as they were
            lowest = how.get("start", 0.3 / 25) / 10_000 if make is one_cycle else 0.0
            assert set(found) == {how.get("floor", lowest)}, total


@each_schedule
def test_one_schedule_serves_a_grid_of_peaks_bit_for_bit(make, how):
    peaks = np.array([[0.3], [0.05], [0.09]])
    grid = make(peaks, **how)
    for t in [*range(1, 21), 30]:
        alone = [np.broadcast_to(make(peak, **how)(t, 20), 1) for peak in peaks[:, 0]]
        found = np.broadcast_to(grid(t, 20), (3, 1))
        np.testing.assert_array_equal(found, alone)


def test_any_knob_of_a_walk_takes_a_schedule_with_a_grid_of_peaks():
    def heavy_ball(surface, theta, velocity=0.0, *, lr=0.1, beta=0.9):
        velocity = beta * velocity + surface.grad(theta)
        return theta - lr * velocity, velocity

    peaks, turn = np.array([[0.01], [0.05], [0.09]]), one_cycle(0.6, start=0.9, floor=0.9)
    runs = descend(ravine(), heavy_ball, steps=20, lr=cosine(peaks, warmup=4), beta=turn)
    for i, peak in enumerate(peaks[:, 0]):
        run = descend(ravine(), heavy_ball, steps=20, lr=cosine(peak, warmup=4), beta=turn)
        np.testing.assert_array_equal(runs.theta[:, i], run.theta)


# Against torch. 1e-10: several of torch's schedulers multiply their way along.


@pytest.mark.parametrize("period, factor", [(30, 0.1), (1, 0.9), (7, 0.5)])
def test_step_decay_equals_torch_past_the_end_too(period, factor):
    known = torch_values(lambda sgd: lr_scheduler.StepLR(sgd, period, factor), 150)
    np.testing.assert_allclose(values(step_decay(0.3, period, factor), 100, 50), known, rtol=1e-10)


def test_exponential_decay_equals_torch_past_the_end_too():
    known = torch_values(lambda sgd: lr_scheduler.ExponentialLR(sgd, 0.93), 150)
    np.testing.assert_allclose(values(exponential_decay(0.3, 0.93), 100, 50), known, rtol=1e-10)


@pytest.mark.parametrize("warmup, floor", [(0, 0.0), (0, 0.02), (10, 0.0), (1, 0.05)])
def test_linear_equals_two_of_torch_in_a_row_past_the_end_too(warmup, floor):
    def down(sgd):
        return lr_scheduler.LinearLR(sgd, 1.0, floor / 0.3, total_iters=100 - warmup)

    known = torch_values(in_a_row([warmup_of(warmup), (down, 100)]) if warmup else down, 150)
    np.testing.assert_allclose(
        values(linear(0.3, warmup, floor), 100, 50), known, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("warmup, floor", [(0, 0.0), (0, 0.02), (10, 0.0), (1, 0.05)])
def test_cosine_equals_torch_linear_then_cosine_annealing(warmup, floor):
    def down(sgd):
        return lr_scheduler.CosineAnnealingLR(sgd, 100 - warmup, floor)

    known = torch_values(in_a_row([warmup_of(warmup), (down, 100)]) if warmup else down, 101)
    np.testing.assert_allclose(
        values(cosine(0.3, warmup, floor), 100, 1), known, rtol=1e-10, atol=1e-16)


@pytest.mark.parametrize("warmup, floor", [(0, 0.0), (10, 0.02)])
def test_warmup_stable_decay_equals_three_of_torch_in_a_row(warmup, floor):
    parts = [warmup_of(warmup) if warmup else (None, 0),
             (lambda sgd: lr_scheduler.ConstantLR(sgd, 1.0), 80 - warmup),
             (lambda sgd: lr_scheduler.LinearLR(sgd, 1.0, floor / 0.3, total_iters=20), 100)]
    known = torch_values(in_a_row(parts), 150)
    np.testing.assert_allclose(
        values(warmup_stable_decay(0.3, warmup, 0.2, floor), 100, 50), known, rtol=1e-10,
        atol=1e-16)


@pytest.mark.parametrize("cycles", [1, 2, 5])
def test_cyclical_equals_torch_one_step_ahead_and_ends(cycles):
    def triangles(sgd):
        return lr_scheduler.CyclicLR(sgd, 0.02, 0.3, 60 / cycles, cycle_momentum=False)

    known = torch_values(triangles, 120)
    np.testing.assert_allclose(values(cyclical(0.3, 0.02, cycles), 119), known[1:], rtol=1e-10)
    if cycles == 1:
        np.testing.assert_array_equal(values(triangular(0.3, 0.02), 119),
                                      values(cyclical(0.3, 0.02, 1), 119))


@pytest.mark.parametrize("total", [10, 100, 333])
@pytest.mark.parametrize("up", [0.3, 0.45])
def test_one_cycle_equals_torch_for_lr_and_for_momentum(total, up):
    def cycle(sgd):
        return lr_scheduler.OneCycleLR(sgd, 0.3, total, pct_start=up, base_momentum=0.85,
                                       max_momentum=0.95)

    lr, beta = one_cycle(0.3, up=up), one_cycle(0.85, start=0.95, floor=0.95, up=up)
    for schedule, knob in (lr, "lr"), (beta, "momentum"):
        known = torch_values(cycle, total, knob)
        np.testing.assert_allclose(values(schedule, total), known, rtol=1e-10)


# The shapes themselves


@pytest.mark.parametrize("make", [cosine, linear, warmup_stable_decay])
def test_warmup_climbs_in_equal_steps_to_the_peak_and_never_beyond(make):
    found = values(make(0.3, warmup=6), 50)
    np.testing.assert_allclose(found[:6], np.arange(1, 7) * 0.05, rtol=1e-14)
    assert max(found) == found[5] == found[6] == 0.3
    assert (np.diff(found[6:]) <= 0).all() and found[-1] > 0


def test_warmup_stable_decay_is_the_same_for_longer_runs_until_it_decays():
    short, long = (values(warmup_stable_decay(0.3, warmup=10), total) for total in (100, 200))
    assert np.array_equal(short[:81], long[:81])
    assert short[81] < short[80] == long[160] == 0.3 > long[161]


def test_lr_and_momentum_of_one_cycle_turn_at_the_same_step():
    lr, beta = values(one_cycle(0.3), 100), values(one_cycle(0.85, start=0.95, floor=0.95), 100)
    assert lr.argmax() == beta.argmin() == 29
    assert lr[29] == 0.3 and beta[29] == 0.85
    assert (np.diff(lr[:30]) > 0).all() and (np.diff(beta[:30]) < 0).all()
    assert (np.diff(lr[29:]) < 0).all() and (np.diff(beta[29:]) > 0).all()


def test_the_triangle_has_its_peak_at_half_time_and_equal_sides():
    found = values(triangular(0.3, floor=0.1), 19)
    assert found.argmax() == 9 and found[9] == pytest.approx(0.3, rel=1e-14)
    np.testing.assert_allclose(np.diff(found), [0.02] * 9 + [-0.02] * 9, rtol=1e-10)
