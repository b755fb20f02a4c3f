"""Lecture mode: a run sheet for each lesson, and settings of its own."""

import json
import re

import pytest

from lessons.instructor import lecture
from lessons.instructor.exercises import NOTEBOOKS

LESSONS = sorted(NOTEBOOKS.glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_each_lesson_has_a_run_sheet_whose_minutes_go_on_without_a_gap(path):
    heading, rows, _ = lecture.run_sheet(path)
    spans = [tuple(map(int, re.findall(r"\d+", minutes)[:2])) for minutes, *_ in rows]
    assert len(rows) >= 5 and all(len(row) == 3 for row in rows)
    assert spans[0][0] == 0
    assert [end for _, end in spans[:-1]] == [start for start, _ in spans[1:]]
    assert str(spans[-1][1]) in heading


def test_the_printed_sheet_fits_the_terminal_and_drops_no_word():
    path = lecture.lesson_named("03")
    text = lecture.printed(path, width=70)
    assert max(map(len, text.splitlines())) <= 70
    for row in lecture.run_sheet(path)[1]:
        assert "".join("".join(row).split()) in "".join(text.replace("> ", "").split())


@pytest.mark.parametrize("name", ["03", "3", "momentum", "03_momentum",
                                  "notebooks/03_momentum.ipynb"])
def test_a_lesson_is_found_by_number_name_or_file(name):
    assert lecture.lesson_named(name).name == "03_momentum.ipynb"


def test_an_unknown_lesson_is_answered_with_those_that_exist():
    with pytest.raises(SystemExit, match="No lesson '99'; there are 00_the_race, 01_"):
        lecture.lesson_named("99")


def test_a_lecturers_own_change_stays_and_pages_start_clean(tmp_path):
    lecture.prepare(tmp_path)
    theme = tmp_path / "settings/@jupyterlab/apputils-extension/themes.jupyterlab-settings"
    theme.write_text("{}")
    (tmp_path / "workspaces").mkdir()
    options = lecture.prepare(tmp_path)
    assert theme.read_text() == "{}" and not (tmp_path / "workspaces").exists()
    assert all(str(tmp_path) in option for option in options)
    saving = tmp_path / "settings/@jupyterlab/docmanager-extension/plugin.jupyterlab-settings"
    assert json.loads(saving.read_text()) == {"autosave": False}
