"""The checker's own tables: each row makes a mistake that is then found under its name."""

import pytest
from support.mutants import reference

from lessons import schedules, steps
from lessons.check import diagnose
from lessons.check.mistakes import MISTAKES, mistaken
from lessons.check.mistakes.schedules import MISTAKES as SCHEDULES
from lessons.steps import adam

ROWS = [(name, *row[:3]) for name, rows in MISTAKES.items() for row in rows]
SCHEDULE_ROWS = [(name, *row[:3]) for name, rows in SCHEDULES.items() for row in rows]
MADE = {"warmup": 5, "floor": 0.03, "decay": 0.3, "factor": 0.7, "period": 6, "cycles": 3}


def row_id(row):
    return f"{row[0]}: {row[1]}"


@pytest.mark.parametrize("name, mistake, advice, change", ROWS, ids=map(row_id, ROWS))
def test_a_known_mistake_is_named(name, mistake, advice, change):
    found = diagnose(mistaken(reference(name), change), reference(name))
    assert not found.ok
    assert (found.mistake, found.message.endswith(advice)) == (mistake, True), found.message


@pytest.mark.parametrize(
    "name, mistake, advice, change", SCHEDULE_ROWS, ids=map(row_id, SCHEDULE_ROWS)
)
def test_a_known_mistake_of_a_schedule_is_named(name, mistake, advice, change):
    maker = getattr(schedules, name)
    names = maker.__code__.co_varnames[: maker.__code__.co_argcount]
    made = {"peak": 0.3, **{knob: MADE[knob] for knob in names if knob in MADE}}
    found = diagnose(mistaken(maker, change)(**made), maker(**made))
    assert found.mistake == mistake, found.message


@pytest.mark.parametrize("name", steps.__all__)
def test_every_step_knows_four_mistakes(name):
    names = {row.name for row in MISTAKES.get(name, [])}
    assert len(names) >= 4, f"add rows for {name} to MISTAKES: what do learners get wrong in it?"


def test_a_row_that_no_longer_fits_the_source_says_so():
    with pytest.raises(ValueError, match="'alpha' is not in the source of adam: mend that row"):
        mistaken(adam, {"alpha": "lr"})


def test_a_mistake_may_lie_in_a_helper():
    newton_schulz = mistaken(reference("muon"), {"rounds=5": "rounds=1"})
    assert diagnose(newton_schulz, reference("muon")).mistake == "wrong number of rounds"
