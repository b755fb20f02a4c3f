"""The cells of the notebooks, and the exercises in them, filled in as a learner would."""
import ast
import io
from contextlib import redirect_stdout
from functools import cache
from importlib import import_module

import nbformat
from support.notebooks import ROOT

from lessons.check import diagnose

FOLDER = ROOT / "notebooks"
EXERCISES = {}      # each module of support/exercises holds those of a lesson
for path in sorted((ROOT / "tests" / "support" / "exercises").glob("*.py")):
    EXERCISES |= import_module(f"support.exercises.{path.stem}").EXERCISES


def lesson_of(path):
    """The topic of a notebook: its name without the number and the article."""
    return path.stem[3:].removeprefix("the_")


@cache
def cells(lesson):
    """The cells of a lesson, to be read only."""
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


@cache
def names_in(lesson):
    """What an exercise of the lesson may use: {name: object}, to be copied."""
    names, sources = {}, [cell.source for cell in cells(lesson) if cell.cell_type == "code"]
    for source in sources:
        exec(defining(source), names)
    rivals = next((source for source in sources if source.startswith("rivals =")), "")
    exec(rivals.split("talk =")[0], names)
    return names | {"check": diagnose}      # which returns what check displays


def reply(exercise, line=None):
    """Run the exercise's cell with `line` filled in: (what its check answers, what it prints)."""
    source, names = cell_of(exercise), dict(names_in(exercise.split(".")[0]))
    blank = EXERCISES[exercise][0]
    assert source.count(blank) == 1
    body = ast.parse(source.replace(blank, blank if line is None else line))
    last = ast.Expression(body.body.pop().value)
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(body, exercise, "exec"), names)
        answer = eval(compile(last, exercise, "eval"), names)
    return answer, printed.getvalue()
