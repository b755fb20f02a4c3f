"""The exercises of the notebooks, solved and missed as a learner would: in the cells themselves."""
import nbformat
import pytest
from support.cells import EXERCISES, FOLDER, lesson_of, reply

from lessons.check import diagnose
from lessons.exercises import answers


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
