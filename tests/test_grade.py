"""Grading: what a student can hand in, and what becomes of it in the table and on the pages.

One run over a folder of notebooks serves all tests. Its lesson is a small one made here, with an
answer of each kind: a number, a step, a function and letters that a helper reads.
"""

import csv
import json
import linecache
import os
import socket
import subprocess
import sys
from html.parser import HTMLParser
from itertools import count
from pathlib import Path

import nbformat
import pytest
from IPython.core.formatters import DisplayFormatter
from nbformat.v4 import new_code_cell, new_markdown_cell, new_notebook
from support.cells import EXERCISES, cell_of
from support.notebooks import ROOT

from lessons.check import diagnose
from lessons.check.check import RECORD
from lessons.exercises import answers
from lessons.instructor.exercises import lessons_in
from lessons.instructor.grade import harmless, student_of
from lessons.instructor.wire import Peer

IMPORTS = """import numpy as np
from lessons.check import check
from lessons.exercises import answers
from lessons.exercises.momentum import letters
from lessons.steps import nesterov"""
OPEN = [
    'my_factor = ...\ncheck(my_factor, **answers["momentum.1"])',
    "def my_nesterov(surface, theta, velocity=0.0, *, lr=0.02, beta=0.9):\n"
    "    raise NotImplementedError\n\ncheck(my_nesterov, nesterov)",
    'def my_clip(gradients, c):\n    raise NotImplementedError\n\n'
    'check(my_clip, **answers["clipping.3"])',
    'my_repairs = ...\n\ncheck(letters(my_repairs), **answers["momentum.6"])',
]
STEP = ("    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
        "    return theta - lr * (g + beta * velocity), velocity")
RIGHT = ["0.1", STEP, "    norm = sum((g**2).sum() for g in gradients) ** 0.5\n"
         "    return [g * min(1, c / (norm + 1e-6)) for g in gradients]", '"ab"']
WRONG = ["10  # </script><b>", STEP.replace("beta * velocity)", "velocity)"),
         "    return gradients", '"c"']
LIMITS = ["--seconds", "600", "--cell-seconds", "2", "--memory", "700", "-j", "2"]


def notebook(filled, *before, after=(), title="# A tiny lesson"):
    """The lesson with its blanks filled in, and with more cells before and after the exercises."""
    cells = [new_markdown_cell(title), new_code_cell(IMPORTS), *map(new_code_cell, before)]
    for number, (source, answer) in enumerate(zip(OPEN, filled)):
        source = source.replace("...", answer, 1) if "..." in source else \
            source.replace("    raise NotImplementedError", answer, 1)
        cells.append(new_code_cell(source, id=f"exercise-{number}"))
    return new_notebook(cells=[*cells, *map(new_code_cell, after)])


def forged():
    """Wrong answers, and each forgery that a process apart makes useless."""
    patch = """import sys, IPython, lessons.check.check as checker
def check(*_, **__): print("Yes: the same.")
checker.diagnose = checker.compared = lambda *_, **__: "Yes"
answers["momentum.1"]["expected"] = 10
IPython.display.display = print"""
    step = f"""    for module in list(sys.modules.values()):
        for name in ("compare_steps", "compared", "diagnose", "judge"):
            if hasattr(module, name): setattr(module, name, lambda *_: "Yes")
{WRONG[1]}"""
    made = notebook([WRONG[0], step, WRONG[2], WRONG[3]], patch)
    for cell in made.cells[-4:]:
        cell.outputs = [nbformat.v4.new_output(
            "display_data", {"text/plain": "Yes: 0.1."}, metadata={RECORD: {"passed": True}})]
    return made


CLUMSY = ["raise SystemExit", "input('Your name? ')", "for _ in range(1000): print('x' * 10**6)",
          "import os\nfor name in os.listdir('.'): os.remove(name)", "np.zeros(10**12)", "1 / 0",
          "%matplotlib inline"]
FILLER = """import time
for k in range(25): open(f'{k}', 'wb').write(bytes(10**7))
while True: time.sleep(1)"""
STUBBORN = """import time
while True:
    try:
        time.sleep(60)
    except BaseException: pass"""
BOMB = """import os, time
for _ in range(200):        # not more: where no limit holds, a test must not stop the machine
    if not os.fork():
        time.sleep(600)
        os._exit(0)
time.sleep(600)"""
NETWORK = "import socket\nsocket.create_connection(('127.0.0.1', {port}), timeout=5).close()"


@pytest.fixture(scope="module")
def run(tmp_path_factory):
    """Grade a folder in which somebody did each of the things that students do."""
    folder = tmp_path_factory.mktemp("grading")
    lesson = notebook(["..."] * 4)
    for cell, source in zip(lesson.cells[-4:], OPEN):
        cell.source = source
    lesson.cells[2].metadata["nbgrader"] = {"points": 3, "grade_id": "factor"}
    lesson.cells[2].id = "exercise-0"
    texts = {
        "ben wrong.ipynb": notebook(WRONG),
        "cleo forger.ipynb": forged(),
        "dan clumsy/any name.ipynb": notebook(RIGHT, *CLUMSY[:6], after=CLUMSY[6:]),
        "finn killer.ipynb": notebook(RIGHT, after=["import os\nos._exit(9)"]),
        "gus bomb.ipynb": notebook(RIGHT, BOMB),
        "hal hog.ipynb": notebook(RIGHT, "held = [np.ones(10**7) for _ in range(10**4)]"),
        "jan other.ipynb": notebook(RIGHT, title="# Another"),
        "kim-00_tiny.ipynb": "", "leo.ipynb": "{", "max.ipynb": "[]",
        "nia/notes.txt": "I forgot the notebook.",
        "rui \udcff.ipynb": "no JSON, and a name that is no text",
        "ole open.ipynb": lesson,
        "pia half.ipynb": notebook([RIGHT[0], "    while True: pass", RIGHT[2], "nonsense"]),
    }
    texts["jan other.ipynb"].cells[-3:-1] = []
    write(folder, texts | {"../lessons/00_tiny.ipynb": lesson})
    os.mkfifo(folder / "sent" / "sam pipe.ipynb")
    (folder / "names").write_text("ada right\nqueen missing\n")
    with socket.create_server(("127.0.0.1", 0)) as server:
        made = notebook(RIGHT, NETWORK.format(port=server.getsockname()[1]))
        write(folder, {"ada right/deep/er/00_tiny.ipynb": made})
        said = graded(folder, *LIMITS, "--students", folder / "names")
        server.setblocking(False)
        try:
            server.accept()[0].close()
            reached = True
        except BlockingIOError:
            reached = False
    return said, table(folder), folder, reached


def write(folder, texts):
    for name, made in texts.items():
        path = folder / "sent" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(made if isinstance(made, str) else made.read_text()
                        if isinstance(made, Path) else nbformat.writes(made))


def graded(folder, *options):
    command = [sys.executable, "-m", "lessons.instructor.grade", folder / "sent", "--lessons",
               folder / "lessons", *options]
    done = subprocess.run(map(str, command), capture_output=True, text=True, cwd=ROOT)
    assert done.returncode == 0, done.stderr
    return done.stdout


def table(folder):
    with open(folder / "sent-grades" / "grades.csv", newline="") as file:
        return {row["student"]: row for row in csv.DictReader(file)}


def got(row):
    return [row[str(number)] for number in range(1, 5)]


ALL = ["3", "1", "1", "1"]
NONE = ["0", "0", "0", "0"]


@pytest.mark.parametrize("student, points, reason", [
    ("ada right", ALL, ""),
    ("ben wrong", NONE, ""),
    ("cleo forger", NONE, ""),
    ("dan clumsy", ALL, ""),
    ("finn killer", ALL, "ended its own process"),
    ("gus bomb", NONE, "started more than 64 processes"),
    ("hal hog", NONE, "took more than 700 MB of memory"),
    ("jan other", ["3", "0", "0", "1"], ""),
    ("kim", [""] * 4, "an empty file"),
    ("leo", [""] * 4, "not a notebook"),
    ("max", [""] * 4, "not a notebook"),
    ("nia", [""] * 4, "no notebook handed in"),
    ("ole open", NONE, ""),
    ("pia half", ["3", "0", "1", "0"], ""),
    ("queen missing", [""] * 4, "no notebook handed in"),
    ("rui ?", [""] * 4, "not a notebook"),
    ("sam pipe", [""] * 4, "no notebook handed in"),
])
def test_each_student_is_a_row_with_points_or_a_reason(run, student, points, reason):
    row = run[1][student]
    assert got(row) == points
    assert row["reason"].startswith(reason) and bool(row["reason"]) == bool(reason), row["reason"]


def test_a_disk_can_not_be_filled(run, tmp_path):
    write(tmp_path, {"uma filler.ipynb": notebook(RIGHT, after=[FILLER]),
                     "../lessons/00_tiny.ipynb": run[2] / "lessons" / "00_tiny.ipynb"})
    graded(tmp_path, "--seconds", "60")
    [row] = table(tmp_path).values()    # the folder is full, which is an error, or it is seen
    assert got(row) == ALL
    assert row["reason"] == "filled more than 200 MB of disk" or row["cells with errors"] == "1"


def test_a_notebook_that_never_ends_is_ended(run, tmp_path):
    write(tmp_path, {"eve stubborn.ipynb": notebook(RIGHT, STUBBORN),
                     "../lessons/00_tiny.ipynb": run[2] / "lessons" / "00_tiny.ipynb"})
    said = graded(tmp_path, "--seconds", "4")
    [row] = table(tmp_path).values()
    assert got(row) == NONE and row["reason"] == "ran for more than 4 s"
    assert said.count("eve stubborn") == 1


def test_points_come_from_the_lessons_own_metadata(run):
    rows = run[1]
    assert (rows["ada right"]["points"], rows["ada right"]["of"]) == ("6", "6")
    assert rows["pia half"]["points"] == "4"


def test_a_forger_is_worth_a_look_and_an_honest_student_is_not(run):
    rows = run[1]
    assert "touches the checker" in rows["cleo forger"]["look"]
    assert "reads the answer key" in rows["cleo forger"]["look"]
    assert {rows[name]["look"] for name in ("ada right", "ben wrong", "ole open")} == {""}


def test_cells_that_stop_do_not_stop_a_notebook(run):
    page = (run[2] / "sent-grades" / "pages" / "dan clumsy.html").read_text()
    for error in ("SystemExit", "EOFError", "MemoryError", "ZeroDivisionError"):
        assert error in page


def test_the_network_is_shut_or_the_run_says_that_it_is_open(run):
    said, rows, _, reached = run
    assert reached == ("WITH network" in said)
    assert (rows["ada right"]["cells with errors"] == "0") == reached


def test_the_summary_counts_points_and_reasons(run):
    last = run[0].splitlines()[-1]
    assert last.startswith(f"{len(run[1])} students, {len(run[1])} rows: ")
    for reason in ("3 no notebook handed in", "3 not a notebook", "1 ended its own process"):
        assert reason in last


def test_a_page_shows_answer_and_words_as_text_and_needs_no_other_file(run):
    seen = []
    reader = HTMLParser()
    reader.handle_starttag = lambda tag, attributes: seen.append((tag, dict(attributes)))
    text = (run[2] / "sent-grades" / "pages" / "ben wrong.html").read_text()
    reader.feed(text)
    assert "That is old / new" in text and "&lt;/script&gt;&lt;b&gt;" in text
    assert not {tag for tag, _ in seen} & {"script", "b", "img", "link", "iframe"}
    assert not [attributes for _, attributes in seen if {"src", "href"} & attributes.keys()]
    page = (run[2] / "sent-grades" / "pages" / "cleo forger.html").read_text()
    assert page.count("was saved with a card that says it passed") == 4


def test_a_second_run_grades_only_what_is_new(run):
    folder = run[2]
    (folder / "sent" / "ole open.ipynb").write_text(nbformat.writes(notebook(RIGHT)))
    before = (folder / "sent-grades" / "records.jsonl").read_text().splitlines()
    said = graded(folder, *LIMITS, "--students", folder / "names")
    after = (folder / "sent-grades" / "records.jsonl").read_text().splitlines()
    assert [json.loads(line)["student"] for line in after[len(before):]] == ["ole open"]
    assert said.count("(as before)") == len(before) - 1
    rows = table(folder)
    assert got(rows.pop("ole open")) == ALL
    assert rows == {name: row for name, row in run[1].items() if name != "ole open"}


@pytest.mark.parametrize("stem, student", [
    ("alice", "alice"), ("00_tiny-bob", "bob"), ("bob 00_tiny", "bob"), ("00_tiny", "unnamed"),
    ("o'neil_00_tiny_2", "o'neil 2"),
])
def test_a_file_is_named_after_student_and_lesson(run, stem, student):
    assert student_of(stem, lessons_in(run[2] / "lessons")) == student


def test_no_cell_of_the_table_is_a_formula():
    assert harmless("=1+1") == "'=1+1" and harmless("anna") == "anna"


def test_the_exercises_of_all_lessons_are_found():
    found = [exercise for lesson in lessons_in() for exercise in lesson.exercises]
    assert {exercise.name for exercise in found} == set(EXERCISES)
    assert len(found) == len(EXERCISES)


def test_a_card_is_saved_with_a_record_that_programs_read():
    _, metadata = DisplayFormatter().format(diagnose(10.0, **answers["momentum.1"]))
    assert metadata == {RECORD: {
        "exercise": "momentum.1", "passed": False, "mistake": None,
        "message": answers["momentum.1"]["wrong"][10.0]}}


@pytest.fixture(scope="module")
def elsewhere():
    """elsewhere(source, name): what the source calls so, in another process, seen from here."""
    ours, theirs = socket.socketpair()
    child = os.fork()
    if not child:
        serve(theirs)
    theirs.close()
    peer = Peer(ours.makefile("rb"), ours.makefile("wb"), is_grader=True)
    yield lambda *given: peer.call(0, given)
    ours.shutdown(socket.SHUT_RDWR)
    ours.close()
    os.waitpid(child, 0)


def serve(connection):
    peer = Peer(connection.makefile("rb"), connection.makefile("wb"))
    peer.share(defined)
    peer.serve()
    os._exit(0)


def defined(source, name):
    """What a source calls so, run as a cell is: with its lines where inspect finds them."""
    file, names = f"<cell {next(cells)}>", {}
    linecache.cache[file] = (len(source), None, source.splitlines(keepends=True), file)
    exec(compile(source, file, "exec"), names)
    return names[name]


cells = count()
FOUND = {exercise.name: exercise for lesson in lessons_in() for exercise in lesson.exercises}
ODD = [  # a step left open, in two ways; one that changes what it is given; one that stops
    "    raise NotImplementedError",
    "    g = ...\n    return theta - lr * g, velocity",
    "    theta -= lr * surface.grad(theta)\n    return theta, velocity",
    "    return theta - lr * nothing, velocity",
    "    return [theta, velocity]",
]


@pytest.mark.parametrize("exercise, more", [
    ("momentum.3", []), ("momentum.4", ODD), ("momentum.6", []), ("schedules.1", []),
    ("clipping.3", []), ("newton.4", [])])
def test_an_answer_elsewhere_is_judged_as_one_that_is_here(elsewhere, exercise, more):
    blank, right, wrong = EXERCISES[exercise]
    answer = FOUND[exercise]
    for line in [*right[:2], *list(wrong)[:2], *more]:
        filled = cell_of(exercise).replace(blank, line).split("\ncheck(")[0]
        source = f"import numpy as np\n{filled}"
        here = answer.judge(defined(source, answer.answer))
        there = answer.judge(elsewhere(source, answer.answer))
        assert (there.kind, there.text, there.mistake) == (here.kind, here.text, here.mistake), line
