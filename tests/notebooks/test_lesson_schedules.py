"""What the lesson on schedules says in numbers, against torch and the exercises' own functions."""

import re

import numpy as np
import pytest
from support.cells import cells

from lessons.exercises.schedules import answers, counted, distances, nearer
from lessons.experiments.schedules import two_jobs
from lessons.schedules import cosine


def card(number):
    return next(cell.source for cell in cells("schedules")
                if cell.cell_type == "markdown" and f"**Exercise {number}. " in cell.source)


def by_torch(make, lr, steps):
    """The learning rates of so many steps, a call of scheduler.step() after each."""
    import torch

    rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr, momentum=0.9)
    scheduler, seen = make(torch.optim.lr_scheduler, rule), []
    for _ in range(steps):
        seen.append(rule.param_groups[0]["lr"])
        rule.step()
        scheduler.step()
    return np.array(seen)


def test_the_trap_of_the_epochs_is_what_torch_does():
    rates = by_torch(lambda lr_of, rule: lr_of.CosineAnnealingLR(rule, 400), 0.1, 100)
    assert rates[-1] == pytest.approx(cosine(0.1)(100, 400)) == pytest.approx(0.0856, abs=5e-5)
    back = by_torch(lambda lr_of, rule: lr_of.CosineAnnealingLR(rule, 100), 0.1, 400)
    assert back[100] < 1e-6 and back[200] == pytest.approx(0.1) and back[300] < 1e-6


def test_equal_areas_leave_the_noise_that_the_card_tells():
    peaks = answers["schedules.1"]["expected"]
    found = two_jobs([*zip(("cosine", "level, then down", "stairs"), peaks)])
    assert found["area"].tolist() == pytest.approx([4] * 3, rel=6e-3)
    said = re.search(r"([\d.]+), ([\d.]+), ([\d.]+)\.\)", card(1)).groups()
    assert found["noise left"].tolist() == pytest.approx([*map(float, said)], abs=5e-5)


def test_counted_rates_make_the_mean_of_the_last_points():
    rng, x, points, gradients = np.random.default_rng(0), 1.0, [], []
    for _ in range(20):
        gradients.append(x + rng.normal())
        x = x - 0.2 * gradients[-1]
        points.append(x)
    mean = 1.0 - counted(20, 6, 0.2) @ gradients
    assert mean == pytest.approx(np.mean(points[-6:]), rel=1e-12)


def test_the_function_that_is_to_be_mended_has_its_four_faults():
    source = next(cell.source for cell in cells("schedules") if "def my_schedule" in cell.source)
    names = {}
    exec(source.split("\n\n")[0].replace("raise NotImplementedError", "pass"), names)
    faulty, right = names["my_schedule"], answers["schedules.3"]["expected"]
    assert faulty(1, 100) == 0 < right(1, 100)
    assert faulty(81, 100) < 0.29 and right(81, 100) == pytest.approx(0.3)
    assert faulty(100, 100) == 0 and faulty(130, 100) < 0 < right(130, 100)


def test_the_card_of_break_it_tells_the_distances_right():
    ends = distances(100, 0.1)
    said = re.search(r"distance ([\d.]+) against ([\d.]+)\.", card(5))
    assert [round(ends["constant"], 2), round(ends["cosine"], 2)] == [float(n) for n in
                                                                      said.groups()]
    assert nearer((100, 0.1)) == "constant" and nearer((1000, 1.0)) == "cosine"
