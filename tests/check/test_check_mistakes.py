"""The checker's own tables: each row makes a mistake that is then found under its name."""

import importlib.util
import re
import sys
from pathlib import Path

import pytest
from support.mutants import reference

from lessons import schedules
from lessons.check import diagnose
from lessons.check.mistakes import MISTAKES, Mistake, made, mistaken, wrong_steps
from lessons.check.mistakes.schedules import MISTAKES as SCHEDULES
from lessons.steps import adam, momentum

ROWS = [(name, *row[:4]) for name, rows in MISTAKES.items() for row in rows]
SCHEDULE_ROWS = [(name, *row[:4]) for name, rows in SCHEDULES.items() for row in rows]
MADE = {"warmup": 5, "floor": 0.03, "decay": 0.3, "factor": 0.7, "period": 6, "cycles": 3}


def row_id(row):
    return f"{row[0]}: {row[1]}"


@pytest.mark.parametrize("name, mistake, advice, change, helper", ROWS, ids=map(row_id, ROWS))
def test_a_known_mistake_is_named(name, mistake, advice, change, helper):
    found = diagnose(mistaken(reference(name), change, helper), reference(name))
    assert not found.ok
    assert (found.mistake, found.message.endswith(advice)) == (mistake, True), found.message


@pytest.mark.parametrize(
    "name, mistake, advice, change, helper", SCHEDULE_ROWS, ids=map(row_id, SCHEDULE_ROWS)
)
def test_a_known_mistake_of_a_schedule_is_named(name, mistake, advice, change, helper):
    maker = getattr(schedules, name)
    names = maker.__code__.co_varnames[: maker.__code__.co_argcount]
    made = {"peak": 0.3, **{knob: MADE[knob] for knob in names if knob in MADE}}
    found = diagnose(mistaken(maker, change, helper)(**made), maker(**made))
    assert found.mistake == mistake, found.message


@pytest.mark.parametrize(
    "name", ["gradient_descent", "momentum", "nesterov", "adagrad", "rmsprop", "adam", "adamw"]
)
def test_every_step_of_an_exercise_knows_four_mistakes(name):
    names = {row.name for row in MISTAKES.get(name, [])}
    assert len(names) >= 4, f"add rows for {name} to MISTAKES: what do learners get wrong in it?"


SPELLINGS = {
    "a product": ("g**2", "g * g"),
    "a square": ("g**2", "np.square(g)"),
    "a power": ("np.sqrt(v_hat)", "v_hat**0.5"),
    "no spaces": ("lr * m_hat / (np.sqrt(v_hat) + eps)", "lr*m_hat/(np.sqrt(v_hat)+eps)"),
    "two lines": ("v = beta2 * v + (1 - beta2)", "v = beta2 * v + (  # fades\n        1 - beta2)"),
    "order": ("beta1 * m + (1 - beta1) * g", "g * (1 - beta1) + m * beta1"),
    "+=": ("t = t + 1", "t += 1"),
    "brackets": ("return theta, t, m, v", "return (theta, t, m, v)"),
    "docstring": ("Move by the average", "np.sqrt(v_hat) + eps, g**2: move by the average"),
}
RENAMED = {
    "a gradient": (r"\bg\b", "gradient"),
    "an average": (r"\bm_hat\b", "mean"),
    "a state": (r"\bv\b", "square_avg"),
    "everything": (r"\b(g|t|m|v|m_hat|v_hat)\b", r"my_\1"),
}


@pytest.fixture
def adam_with(tmp_path, monkeypatch):
    """adam, from a copy of its module in which a pattern was replaced."""

    def copied(old, new):
        source = Path(sys.modules[adam.__module__].__file__).read_text(encoding="utf-8")
        start = source.index("def adam(")
        path = tmp_path / "edited.py"
        path.write_text(source[:start] + re.sub(old, new, source[start:]), encoding="utf-8")
        spec = importlib.util.spec_from_file_location("edited", path)
        module = importlib.util.module_from_spec(spec)
        monkeypatch.setitem(sys.modules, "edited", module)
        spec.loader.exec_module(module)
        assert module.adam.__code__ is not adam.__code__
        return module.adam

    return copied


def fitting(step):
    """How many rows of adam's fit the source of that step."""
    return len([*made(step, MISTAKES["adam"])])


@pytest.mark.parametrize("old, new", SPELLINGS.values(), ids=SPELLINGS)
def test_formatting_and_spelling_of_the_reference_are_free(adam_with, old, new):
    edited = adam_with(re.escape(old), new)
    assert fitting(edited) == len(MISTAKES["adam"])
    wrong = mistaken(adam, {"m / (1 - beta1**t)": "m", "v / (1 - beta2**t)": "v"})
    assert diagnose(adam, edited).ok
    assert diagnose(wrong, edited).mistake == "no bias correction"


@pytest.mark.parametrize("old, new", RENAMED.values(), ids=RENAMED)
def test_a_row_that_no_longer_fits_never_reaches_a_learner(adam_with, old, new):
    edited = adam_with(old, new)
    assert fitting(edited) < len(MISTAKES["adam"])
    assert diagnose(adam, edited).ok
    for row in MISTAKES["adam"]:
        found = diagnose(mistaken(adam, row.change), edited)
        assert not found.ok and found.message.startswith(("Step ", "Right with ", "With "))


@pytest.mark.parametrize(
    "change", [{"alpha": "lr"}, {"g": "1 +"}, {"gone(": "g"}, {"g": "gone"}, {"*state": "("}, 3]
)
def test_a_broken_row_never_reaches_a_learner(monkeypatch, change):
    monkeypatch.setitem(MISTAKES, "momentum", [Mistake("broken", "Is it?", change)])
    wrong_steps.cache_clear()
    assert not diagnose(lambda surface, theta, v=0.0, *, lr=1, beta=1: (theta * v, v), momentum).ok
    wrong_steps.cache_clear()


def test_a_row_that_no_longer_fits_the_source_says_so():
    with pytest.raises(ValueError, match="'alpha' is not in the source of adam: mend that row"):
        mistaken(adam, {"alpha": "lr"})


def test_a_mistake_may_lie_in_a_helper():
    newton_schulz = mistaken(reference("muon"), {"range(rounds)": "range(1)"}, "newton_schulz")
    assert diagnose(newton_schulz, reference("muon")).mistake == "wrong number of rounds"
