"""The exercises of the notebooks, solved and missed as a learner would: in the cells themselves."""
import ast
import io
from contextlib import redirect_stdout
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from support import exercises

from lessons.check import diagnose
from lessons.exercises import answers

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
EXERCISES = {}      # each module of support/exercises holds those of a lesson
for path in sorted(Path(exercises.__path__[0]).glob("*.py")):
    EXERCISES |= import_module(f"support.exercises.{path.stem}").EXERCISES


def lesson_of(path):
    """The topic of a notebook: its name without the number and the article."""
    return path.stem[3:].removeprefix("the_")


def cells(lesson):
    path, = (path for path in FOLDER.glob("*.ipynb") if lesson_of(path) == lesson)
    return [cell for cell in nbformat.read(path, 4).cells if cell.source.strip()]


def cell_of(exercise):
    """The code cell that follows the exercise's card."""
    lesson, number = exercise.split(".")
    everything = cells(lesson)
    card = next(i for i, cell in enumerate(everything)
                if cell.cell_type == "markdown" and f"**Exercise {number}. " in cell.source)
    return everything[card + 1].source


def defining(source):
    """The lines of a cell that import, and the one that gives `rules` their names."""
    lines = [node for node in ast.parse(source).body
             if isinstance(node, ast.Import | ast.ImportFrom)
             or ast.unparse(node).startswith("rules = {'")]
    return "\n".join(map(ast.unparse, lines))


def reply(exercise, line=None):
    """Run the exercise's cell with `line` filled in: (what its check answers, what it prints)."""
    lesson, source, names = exercise.split(".")[0], cell_of(exercise), {}
    blank = EXERCISES[exercise][0]
    assert source.count(blank) == 1
    for cell in cells(lesson):
        if cell.cell_type == "code" and cell.source != source:
            exec(defining(cell.source), names)
    rivals = next((cell.source for cell in cells(lesson) if cell.source.startswith("rivals =")), "")
    exec(rivals.split("talk =")[0], names)
    names["check"] = diagnose  # which returns what check displays
    body = ast.parse(source.replace(blank, blank if line is None else line))
    last = ast.Expression(body.body.pop().value)
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(body, exercise, "exec"), names)
        answer = eval(compile(last, exercise, "eval"), names)
    return answer, printed.getvalue()


def table(column):
    return [(name, line) for name, row in EXERCISES.items() for line in row[column]]


def test_every_exercise_of_every_notebook_is_tested_here():
    cards = {f"{lesson_of(path)}.{cell.source.split('**Exercise ')[1][0]}"
             for path in FOLDER.glob("*.ipynb") for cell in nbformat.read(path, 4).cells
             if "**Exercise " in cell.source}
    assert cards == set(EXERCISES)
    assert set(answers) <= cards


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_open_exercise_says_so(exercise):
    answer, _ = reply(exercise)
    assert not answer.ok and answer.message.startswith("Not filled in yet")


@pytest.mark.parametrize("exercise, line", table(1))
def test_a_right_answer_passes(exercise, line):
    answer, _ = reply(exercise, line)
    assert answer.ok, answer.message


@pytest.mark.parametrize("exercise, line", table(2))
def test_a_wrong_answer_gets_its_reason(exercise, line):
    answer, _ = reply(exercise, line)
    assert not answer.ok and EXERCISES[exercise][2][line] in answer.message, answer.message


@pytest.mark.parametrize("exercise, value", [(name, value) for name, row in answers.items()
                                             for value in row.get("wrong", ())])
def test_a_listed_mistake_gets_its_own_words(exercise, value):
    mine = list(value) if isinstance(value, tuple) else value
    answer = diagnose(mine, **answers[exercise])
    assert not answer.ok and answers[exercise]["wrong"][value] in answer.message
