"""Schedules against torch's, and at their two ends."""

import numpy as np
import pytest
import torch

from lessons.descend import descend
from lessons.schedules import constant, cosine
from lessons.surfaces import ravine

SCHEDULES = [constant(0.3), cosine(0.3), cosine(0.3, warmup=5), cosine(0.3, warmup=1, floor=0.01),
             cosine(0.3, warmup=100), cosine(0.3, warmup=500)]


def torch_values(make, count):
    """The lr at each of `count` steps of a torch scheduler that starts from lr 0.3."""
    descent = torch.optim.SGD([torch.nn.Parameter(torch.zeros(1))], lr=0.3)
    scheduler, values = make(descent), []
    for _ in range(count):
        values.append(scheduler.get_last_lr()[0])
        descent.step()
        scheduler.step()
    return values


@pytest.mark.parametrize(("warmup", "floor"), [(0, 0.0), (0, 0.02), (10, 0.0), (1, 0.05)])
def test_cosine_equals_torch_linear_then_cosine_annealing(warmup, floor):
    annealing = torch.optim.lr_scheduler.CosineAnnealingLR
    known = torch_values(lambda descent: annealing(descent, 100 - warmup, floor), 100 - warmup)
    if warmup > 1:
        known = torch_values(lambda descent: torch.optim.lr_scheduler.LinearLR(
            descent, start_factor=1 / warmup, total_iters=warmup - 1), warmup) + known
    else:
        known = [0.3] * warmup + known
    values = [cosine(0.3, warmup, floor)(t, 100) for t in range(1, 101)]
    np.testing.assert_allclose(values, known, rtol=1e-10)  # torch multiplies its way along


@pytest.mark.parametrize("schedule", SCHEDULES)
def test_first_and_last_steps_are_not_wasted(schedule):
    for total in (1, 2, 100):
        assert schedule(1, total) > 0
        assert schedule(total, total) > 0


@pytest.mark.parametrize("warmup", [0, 5, 100, 500])
@pytest.mark.parametrize("floor", [0.0, 0.01])
def test_past_total_a_schedule_stays_at_its_floor(warmup, floor):
    assert {cosine(0.3, warmup, floor)(t, 100) for t in range(101, 400)} == {floor}


def test_warmup_climbs_in_equal_steps_to_the_peak_and_never_beyond():
    values = [cosine(0.3, warmup=6)(t, 50) for t in range(1, 51)]
    np.testing.assert_allclose(values[:6], np.arange(1, 7) * 0.05, rtol=1e-14)
    assert max(values) == values[5] == values[6] == 0.3
    assert (np.diff(values[6:]) < 0).all()


def test_constant_stays():
    assert {constant(0.3)(t, 10) for t in range(1, 30)} == {0.3}


def test_one_schedule_serves_a_grid_of_peaks():
    def gradient_descent(surface, theta, *, lr=0.1):
        return theta - lr * surface.grad(theta)

    peaks = np.array([[0.01], [0.05], [0.09]])
    runs = descend(ravine(), gradient_descent, lr=cosine(peaks, warmup=4, floor=0.001), steps=20)
    for i, peak in enumerate(peaks[:, 0]):
        schedule = cosine(peak, warmup=4, floor=0.001)
        run = descend(ravine(), gradient_descent, lr=schedule, steps=20)
        np.testing.assert_array_equal(runs.theta[:, i], run.theta)
