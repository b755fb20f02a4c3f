"""What the lesson on schedules says in numbers, against torch and the exercises' own cells."""

import re

import numpy as np
import pytest
from support.cells import cells, reply

from lessons.exercises import answers
from lessons.schedules import cosine


def card(number):
    return next(cell.source for cell in cells("schedules")
                if cell.cell_type == "markdown" and f"**Exercise {number}. " in cell.source)


def by_torch(make, lr, steps):
    """The learning rates of so many steps, a call of scheduler.step() after each."""
    import torch

    rule = torch.optim.SGD([torch.zeros(1, requires_grad=True)], lr=lr)
    scheduler, seen = make(torch.optim.lr_scheduler, rule), []
    for _ in range(steps):
        seen.append(rule.param_groups[0]["lr"])
        rule.step()
        scheduler.step()
    return np.array(seen)


def test_the_25_golden_values_are_those_of_torch_and_of_the_answer():
    golden = [float(value) for value in re.findall(
        r"[\d.]+", card(1).split("of a run of 25</summary>")[1].split("</details>")[0])]
    torchs = by_torch(lambda lr_of, rule: lr_of.SequentialLR(rule, [
        lr_of.LinearLR(rule, 1 / 5, total_iters=4),
        lr_of.CosineAnnealingLR(rule, 20, 0.03)], [5]), 0.3, 25)
    ours = [answers["schedules.1"]["expected"](t, 25) for t in range(1, 26)]
    assert len(golden) == 25
    np.testing.assert_allclose(golden, torchs, atol=5e-5)       # four digits are shown
    np.testing.assert_allclose(ours, torchs, rtol=1e-12)


def test_the_trap_of_the_epochs_is_what_torch_does():
    rates = by_torch(lambda lr_of, rule: lr_of.CosineAnnealingLR(rule, 400), 0.1, 100)
    assert rates[-1] == pytest.approx(cosine(0.1)(100, 400)) == pytest.approx(0.0856, abs=5e-5)
    back = by_torch(lambda lr_of, rule: lr_of.CosineAnnealingLR(rule, 100), 0.1, 400)
    assert back[100] < 1e-6 and back[200] == pytest.approx(0.1) and back[300] < 1e-6


def test_the_fault_that_is_to_be_mended_is_there_three_times():
    source = next(cell.source for cell in cells("schedules") if "def my_mended" in cell.source)
    names = {"math": np}        # as if it had been fetched
    body = source.split("\n\n")[0].replace("raise NotImplementedError", "pass")
    exec(body, names)
    faulty = names["my_mended"]
    assert faulty(1, 25) == 0 and faulty(30, 25) > faulty(26, 25)
    with pytest.raises(NameError, match="math"):
        exec(body, {}, found := {})
        found["my_mended"](10, 25)


def test_the_card_of_break_it_tells_the_distances_right():
    _, printed = reply("schedules.6", "my_world = 100, 0.1")
    assert printed == ""
    names = {}
    imports = next(cell.source for cell in cells("schedules") if cell.cell_type == "code")
    exec(imports, names)
    source = next(cell.source for cell in cells("schedules") if "def nearer" in cell.source)
    body = source.split("check(")[0].replace("return min(ends, key=ends.get)", "return ends")
    exec(body, names)
    ends = names["nearer"](100, 0.1)
    said = re.search(r"distance ([\d.]+) against ([\d.]+)\.", card(6))
    assert [round(ends["constant"], 2), round(ends["cosine"], 2)] == [float(n) for n in
                                                                      said.groups()]
