"""What the checker says is short, and never the line to type."""

import ast
from pathlib import Path

import pytest
from support.messages import given_away, secrets, sentences
from support.mutants import reference

from lessons import schedules
from lessons.check import diagnosis, sandbox
from lessons.check.mistakes import MISTAKES
from lessons.check.mistakes.general import general_mistakes
from lessons.check.mistakes.schedules import GENERAL
from lessons.check.mistakes.schedules import MISTAKES as SCHEDULES
from lessons.exercises import answers

STEP_ROWS = [(reference(name), row) for name, rows in MISTAKES.items() for row in rows]
STEP_ROWS += [
    (reference(name), row) for name in MISTAKES for row in general_mistakes(reference(name))
]
PLAN_ROWS = [
    (getattr(schedules, name), row) for name, rows in SCHEDULES.items() for row in [*rows, *GENERAL]
]
ADVICE = sorted(
    {
        (function.__name__, row.advice): (function, row.advice)
        for function, row in STEP_ROWS + PLAN_ROWS
    }.items()
)


@pytest.mark.parametrize(
    "function, advice", [row for _, row in ADVICE], ids=[": ".join(key) for key, _ in ADVICE]
)
def test_advice_is_one_sentence_without_the_answer_in_it(function, advice):
    assert sentences(advice) == 1
    assert given_away(advice, function) == []


def test_the_answer_s_pieces_are_found_where_they_are_told():
    adam = reference("adam")
    assert {"1-beta1", "g**2", "v/(1-beta2**t)", "lr*m_hat", "t+1", "beta1=0.9"} <= secrets(adam)
    assert given_away("Divide m by 1 - beta1**t.", adam)
    assert given_away("Write beta2=0.999 in the signature.", adam)
    assert "3.4445*X" in secrets(reference("muon"))
    assert "peak*t" in secrets(schedules.cosine)


def texts(module):
    """Every text of a module that is no docstring, with its parts in braces left out."""
    tree = ast.parse(Path(module.__file__).read_text(encoding="utf-8"))
    for node in ast.walk(tree):
        if isinstance(node, ast.JoinedStr):
            yield "".join(part.value for part in node.values if isinstance(part, ast.Constant))
        elif isinstance(node, ast.Constant) and isinstance(node.value, str):
            yield node.value


@pytest.mark.parametrize("module", [sandbox, diagnosis])
def test_what_is_said_of_any_step_holds_no_code(module):
    code = [text for text in texts(module) if not text.isidentifier() and "\n" not in text]
    assert len(code) > 10
    for step in {function for function, _ in STEP_ROWS}:
        assert [text for text in code if given_away(text, step)] == []


@pytest.mark.parametrize("name", answers)
def test_what_is_said_of_a_listed_answer_is_short(name):
    row = answers[name]
    assert sentences(row.get("hint", "")) <= 1  # the miss itself is another one
    assert all(sentences(advice) <= 2 for advice in row.get("wrong", {}).values())


def test_sentences_are_counted_as_a_reader_does():
    assert sentences("It is 0.5 times that. Is `a. b` there?") == 2
    assert sentences("Yes: it stops at line 3, `x = 1.`: no.") == 1
