"""Examine one submission: run its cells in a process apart, and judge each exercise's answer."""

import ast
import inspect
import re
import time

from lessons.check.check import RECORD, Diagnosis
from lessons.instructor.exercises import bound_by
from lessons.instructor.walls import Pupil
from lessons.instructor.wire import Gone, Remote, TimeUp, time_limit

RUN, NAMES, GET, HELPED = range(4)  # the functions of pupil.py, in their order
LOOK = {  # what a line may do that no lesson does: the pattern it is known by
    "reads the answer key": r"\bexpected\b|\banswers\s*[\[.](?!.*\bcheck\()|lessons[./]exercises",
    "touches the checker": r"\bdef (check|diagnose)\b|\b(check|diagnose)\s*=[^=]|\bctypes\b|\bgc\b|"
                           r"lessons\.check\.\w+\.\w+|sys\.modules|_getframe|vnd\.lessons",
}


def examine(notebook, lesson, walls, hidden, limits):
    """Yield what becomes of a notebook, as dicts: one for each exercise, then one for the whole.

    An exercise: name, passed, kind and message of its card, claimed: what the notebook's own saved
    output says of it (None where it says nothing), source: the student's cell.
    The whole: reason why it ended early or "", errors of cells, what is worth a look.
    """
    cells = [cell for cell in notebook["cells"] if cell["cell_type"] == "code"]
    due = moments(cells, lesson)
    left, errors, reason = list(lesson.exercises), [], ""
    with Pupil(walls, hidden, limits) as pupil:
        try:
            for place, cell in enumerate(cells):
                ended = run(pupil.peer, cell["source"])
                if ended:
                    errors.append({"cell": place + 1, "error": ended})
                for exercise in [e for e in lesson.exercises if due.get(e.name) == place]:
                    found = judged(pupil.peer, exercise)
                    yield row(exercise, found.ok, found.kind, found.message, cell)
                    left.remove(exercise)
        except Gone:
            time.sleep(0.3)  # the thread that watches may know more in a moment
            reason = pupil.reason or "ended its own process or stopped answering"
    for exercise in left:
        yield row(exercise, False, "open", "The notebook did not come so far."
                  if exercise.name in due else "Its cell is not there.")
    yield {"reason": reason, "errors": errors, "look": worth_a_look(cells, lesson, due)}


def row(exercise, passed, kind, message, cell=None):
    return {"name": exercise.name, "passed": passed, "kind": kind, "message": message[:2000],
            "claimed": claimed(cell), "source": cell["source"][:20_000] if cell else ""}


def run(peer, source):
    """Run a cell; return the error that ended it as text, or None."""
    try:
        ended = peer.call(RUN, (source,))
    except TimeUp:
        return "it still ran when its time was over"
    except Remote as error:
        return str(error)
    return ": ".join(map(str, ended)) if isinstance(ended, tuple) else None


def judged(peer, exercise):
    """The Diagnosis of what a student's process holds as the answer of an exercise."""
    made = None
    try:
        names = peer.call(NAMES)
        mine = peer.call(GET, (exercise.answer,)) if exercise.answer in names else ...
        if inspect.isclass(mine) and exercise.is_helped:  # it can't be called from here
            made, mine = (peer.call(HELPED, (exercise.name, exercise.cell, exercise.answer,
                                             exercise.rest, exercise.needs)),), ...
    except (Remote, TimeUp, TypeError) as error:
        return Diagnosis("no", str(getattr(error, "advice", None) or error or "Stopped."))
    with time_limit(peer.seconds):
        found = exercise.judge(mine, made)
    peer.forget()
    if peer.gone:
        raise Gone
    return found


def moments(cells, lesson):
    """{exercise's name: index of the cell after which its answer is judged}."""
    due = {}
    for exercise in lesson.exercises:
        mentions = [place for place, cell in enumerate(cells)
                    if re.search(rf"\b{exercise.answer}\b", cell["source"])]
        named = [place for place in mentions if id_of(cells[place]) == exercise.cell]
        checks = [place for place in mentions if "check(" in cells[place]["source"]
                  and re.search(rf"""answers\[["']{exercise.name}["']|check\({exercise.answer}\b""",
                                cells[place]["source"])]
        found = named or checks or mentions
        if found:
            due[exercise.name] = found[-1]
    return due


def id_of(cell):
    return cell.get("metadata", {}).get("nbgrader", {}).get("grade_id") or cell.get("id")


def claimed(cell):
    """What the record in a cell's saved outputs says of the exercise: passed or not, or None."""
    for output in (cell or {}).get("outputs", []):
        record = output.get("metadata", {}).get(RECORD)
        if isinstance(record, dict):
            return bool(record.get("passed"))
    return None


def worth_a_look(cells, lesson, due):
    """Yield sentences on lines of a notebook that a teacher may want to read."""
    found = []
    for place, cell in enumerate(cells):
        for line in map(str.strip, cell["source"].splitlines()):
            for what, pattern in LOOK.items():
                if line not in lesson.lines and re.search(pattern, line):
                    found.append(f"cell {place + 1} {what}: {line[:120]}")
    for exercise in lesson.exercises:
        source = cells[due[exercise.name]]["source"] if exercise.name in due else ""
        if exercise.is_helped and re.search(rf"\bclass\b.*|\b{exercise.answer}\s*=\s*[A-Z]\w+$",
                                            source, re.MULTILINE):
            found.append(f"{exercise.answer} is a class, which only the student's process can run")
        if exercise.reference and exercise.reference in read_for(exercise.answer, source):
            found.append(f"{exercise.answer} uses the course's own {exercise.reference}")
    return found


def read_for(answer, source):
    """The names that the statements read which give a value to the answer."""
    try:
        body = ast.parse(source).body
    except (SyntaxError, ValueError, RecursionError):  # magics, or no Python at all
        return set()
    return {part.id for statement in body if answer in bound_by(statement)
            for part in ast.walk(statement) if isinstance(part, ast.Name)}
