"""Grade a folder of submitted notebooks:  python -m lessons grade FOLDER

The folder holds a folder for each student with notebooks in it, however deep (as nbgrader and
learning platforms lay them), or the notebooks themselves, named alice.ipynb or
03_momentum_alice.ipynb. Each notebook runs in a process apart, behind walls and with limits; the
answers are judged in another process, in which no line of a student's runs. So what a notebook
prints, saves or changes in the checker counts for nothing. What is left to a forger: the right
value, read from the answer key (the package holds it in the open) or had from a friend; a function
that calls the course's own; and where the answer is a class (lesson 13), a changed helper, because
only the student's process can run it. The table's column "look" names the lines to read.
"""

import argparse
import csv
import hashlib
import json
import multiprocessing
import os
import re
import sys
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass
from pathlib import Path

import nbformat

from lessons.instructor.examine import examine, row
from lessons.instructor.exercises import NOTEBOOKS, lessons_in, title_of, topic_of
from lessons.instructor.page import page
from lessons.instructor.walls import MEGABYTE, Limits, best_walls

LARGEST = 50 * MEGABYTE  # of a notebook's file
PACKAGE = Path(__file__).resolve().parents[1]
JUDGES = [f"instructor/{name}.py" for name in ("examine", "exercises", "pupil", "walls", "wire")]
JUDGES += ["check/**/*.py", "exercises/*.py"]  # what a grade depends on
SPARE = 20  # seconds that the judging process has beyond the student's


@dataclass(frozen=True)
class Submission:
    """A file that a student handed in; path is None where there is none."""

    student: str
    path: Path | None


def submissions_in(folder, lessons, roster=()):
    """All submissions in a folder, sorted; one without a path for a student who sent nothing.

    A student is a folder right in the folder, or a file there: its name without the lesson's.
    """
    found = {printable(name): [] for name in roster}
    for entry in sorted(folder.iterdir()):
        if entry.name.startswith((".", "__MACOSX")):
            continue
        if entry.is_dir():
            paths = [path for path in sorted(entry.rglob("*.ipynb")) if path.is_file() and not any(
                part.startswith(".") for part in path.relative_to(folder).parts)]
            found.setdefault(printable(entry.name), []).extend(paths)
        elif entry.suffix == ".ipynb":
            student = printable(student_of(entry.stem, lessons))
            found.setdefault(student, []).extend([entry] if entry.is_file() else [])
    return [Submission(student, path) for student, paths in sorted(found.items())
            for path in paths or [None]]


def printable(name):
    """A name that can be printed and be the name of a page."""
    return re.sub(r"[/\\\x00-\x1f]", "_", name.encode("utf-8", "replace").decode())


def student_of(stem, lessons):
    """A student's name from the name of a file: what is left of it without the lesson's name."""
    for lesson in lessons:
        stem = re.sub(rf"[-_ .]*{re.escape(Path(lesson.file).stem)}[-_ .]*", " ", stem)
    return stem.strip() or "unnamed"


def read(path):
    """(notebook, "") of a file, or (None, the reason why it is none)."""
    try:
        if path.stat().st_size > LARGEST:
            return None, f"larger than {LARGEST / MEGABYTE:.0f} MB; clear its outputs"
        text = path.read_text(encoding="utf-8-sig")
        if not text.strip():
            return None, "an empty file"
        notebook = nbformat.reads(text, as_version=4)
        cells = [{**cell, "source": str(cell["source"])} for cell in notebook["cells"]]
    except Exception as error:  # noqa: BLE001  a file may hold anything
        return None, f"not a notebook ({type(error).__name__}): {str(error)[:120]}"
    return nbformat.from_dict({**notebook, "cells": cells}), ""


def lesson_for(notebook, lessons):
    """The lesson that a notebook is a copy of, by its heading or by the answers that it checks."""
    code = [cell for cell in notebook.cells if cell.cell_type == "code"]
    title, topic = title_of(notebook), topic_of(code)
    same = [lesson for lesson in lessons if title and lesson.title == title]
    return next(iter(same or [lesson for lesson in lessons if lesson.topic == topic]), None)


def blank_record(submission, wanted):
    return {"student": submission.student, "lesson": wanted or "", "digest": "", "exercises": [],
            "file": printable(submission.path.name) if submission.path else "", "errors": [],
            "look": [], "reason": "", "seconds": 0.0}


def graded(submission, lessons, wanted, walls, hidden, limits, before):
    """The record of a submission: from `before`, {digest: record}, if nothing has changed since."""
    record = blank_record(submission, wanted)
    if submission.path is None:
        return record | {"reason": "no notebook handed in"}
    notebook, record["reason"] = read(submission.path)
    if notebook is None:
        return record
    lesson = lesson_for(notebook, lessons)
    if lesson is None:
        return record | {"reason": "no lesson of this course"}
    if wanted and lesson.number != wanted:
        return record | {"reason": f"another lesson: {lesson.number}, {lesson.title}"}
    record["lesson"] = lesson.number
    record["digest"] = digest(submission, lesson, limits)
    if record["digest"] in before:
        return before[record["digest"]]
    began = time.monotonic()
    for part in apart(limits.seconds + SPARE, notebook, lesson, walls, hidden, limits):
        if "name" in part:
            record["exercises"].append(part)
        else:
            record |= part
    known = {part["name"]: part for part in record["exercises"]}
    record["exercises"] = [known.get(exercise.name) or row(
        exercise, False, "open", "The notebook did not come so far.")
        for exercise in lesson.exercises]
    return record | {"seconds": round(time.monotonic() - began, 1)}


def digest(submission, lesson, limits):
    """A fingerprint of all that a grade depends on."""
    parts = [submission.student.encode(), submission.path.read_bytes(), lesson.digest.encode(),
             repr(limits).encode()]
    parts += [path.read_bytes() for pattern in JUDGES for path in sorted(PACKAGE.glob(pattern))]
    return hashlib.sha256(b"\0".join(parts)).hexdigest()


def apart(seconds, *arguments):
    """Yield what `examine` yields, from a process of its own that has so many seconds."""
    context = multiprocessing.get_context(
        "forkserver" if "forkserver" in multiprocessing.get_all_start_methods() else "spawn")
    context.set_forkserver_preload([__name__])
    ours, theirs = context.Pipe(duplex=False)
    process = context.Process(target=report_to, args=(theirs, *arguments), daemon=True)
    process.start()
    theirs.close()
    end, last = time.monotonic() + seconds, {"reason": "the judging process ended by itself"}
    try:
        while ours.poll(max(0, end - time.monotonic())):
            last = ours.recv()
            yield last
        else:
            yield {"reason": f"ran for more than {seconds - SPARE:g} s"}
    except EOFError:
        if "name" in last or "errors" not in last:
            yield {"reason": last.get("reason") or "the judging process ended by itself"}
    finally:
        process.kill()
        process.join()


def report_to(connection, notebook, lesson, walls, hidden, limits):
    """Examine a notebook and send each part of what is found."""
    try:
        for part in examine(notebook, lesson, walls, hidden, limits):
            connection.send(part)
    except Exception as error:  # noqa: BLE001  a fault of ours is a row with a reason, too
        connection.send({"reason": f"the grader failed ({type(error).__name__}: {error})"})


def points(record, lessons):
    """(points reached, points to be had) of a record."""
    worth = {exercise.name: exercise.points for lesson in lessons for exercise in lesson.exercises}
    reached = sum(worth.get(row["name"], 0) for row in record["exercises"] if row["passed"])
    [lesson] = [lesson for lesson in lessons if lesson.number == record["lesson"]] or [None]
    return reached, sum(e.points for e in lesson.exercises) if lesson else 0


def write_table(path, records, lessons):
    """Write the CSV: a row for each notebook, a column for each exercise with its points."""
    most = max((len(lesson.exercises) for lesson in lessons), default=0)
    numbers = [str(number) for number in range(1, most + 1)]
    with path.open("w", newline="", encoding="utf-8") as file:
        table = csv.writer(file)
        table.writerow(["student", "lesson", "file", "points", "of", *numbers, "reason", "look",
                        "cells with errors", "seconds"])
        for record in records:
            reached, most = points(record, lessons)
            worth = {e.name: e.points for lesson in lessons for e in lesson.exercises}
            got = [f"{worth[row['name']] * row['passed']:g}" for row in record["exercises"]]
            got += [""] * (len(numbers) - len(got))
            table.writerow([harmless(cell) for cell in (
                record["student"], record["lesson"], record["file"], f"{reached:g}", f"{most:g}",
                *got, record["reason"], "; ".join(record["look"]), len(record["errors"]),
                record["seconds"])])


def harmless(cell):
    """A text that no spreadsheet takes for a formula."""
    return f"'{cell}" if str(cell).startswith(("=", "+", "-", "@", "\t")) else cell


def summary(records, lessons, table):
    """The line that a run ends with."""
    reached = [points(record, lessons) for record in records]
    total, of = (sum(column) for column in zip(*reached)) if reached else (0, 0)
    reasons = Counter(re.split("[:(]", record["reason"])[0].strip() for record in records
                      if record["reason"])
    words = "; ".join(f"{count} {reason}" for reason, count in reasons.most_common())
    students = len({record["student"] for record in records})
    return (f"{students} students, {len(records)} rows: {total:g} of {of:g} points"
            f"{f'; with a reason: {words}' if words else ''}. {table}")


def load(path):
    """The records of an earlier run, by digest."""
    try:
        records = map(json.loads, path.read_text(encoding="utf-8").splitlines())
        return {record["digest"]: record for record in records if record["digest"]}
    except (OSError, ValueError, KeyError):
        return {}


def main(arguments=None):
    """Grade; return 0, whatever was handed in."""
    parse = argparse.ArgumentParser(prog="python -m lessons grade", description=__doc__,
                                    formatter_class=argparse.RawDescriptionHelpFormatter)
    parse.add_argument("folder", type=Path, help="where the notebooks lie")
    parse.add_argument("--out", type=Path, help="where grades.csv and pages go (FOLDER-grades)")
    parse.add_argument("--lesson", help="its number: others, and none, are rows with a reason")
    parse.add_argument("--students", type=Path, help="a file with all names, one a line")
    parse.add_argument("--lessons", type=Path, default=NOTEBOOKS,
                       help="the lessons' folder, if you teach from a copy; the exercises and the "
                       "points in their cells' metadata (nbgrader's) count as they are there")
    parse.add_argument("--seconds", type=float, default=900, help="for a whole notebook (900)")
    parse.add_argument("--cell-seconds", type=float, default=120,
                       help="of a processor, for a cell or a call of an answer (120)")
    parse.add_argument("--memory", type=int, default=4000, help="megabytes for a notebook (4000)")
    parse.add_argument("-j", "--jobs", type=int, default=max(1, (os.cpu_count() or 2) // 2),
                       help="notebooks at the same time (half the cores)")
    asked = parse.parse_args(arguments)
    if not asked.folder.is_dir():
        parse.error(f"{asked.folder} is no folder; give the one with the submitted notebooks")
    lessons = lessons_in(asked.lessons)
    wanted = asked.lesson and asked.lesson.zfill(2)[:2]
    if wanted and wanted not in {lesson.number for lesson in lessons}:
        parse.error(f"no lesson {asked.lesson}; there are "
                    f"{', '.join(lesson.number for lesson in lessons)}")
    folder = asked.folder.resolve()
    out = (asked.out or folder.with_name(f"{folder.name}-grades")).resolve()
    if out == folder or folder in out.parents:
        parse.error(f"{out} lies among the submissions; give another --out")
    (out / "pages").mkdir(parents=True, exist_ok=True)
    roster = asked.students.read_text(encoding="utf-8").splitlines() if asked.students else []
    found = submissions_in(folder, lessons, [name.strip() for name in roster if name.strip()])
    walls, limits = best_walls(), Limits(
        asked.seconds, asked.cell_seconds, asked.memory * MEGABYTE)
    print(f"{len(found)} notebooks and gaps; each runs with {walls.words}.", flush=True)
    records = grade_all(found, lessons, wanted, walls, [folder, out], limits, asked.jobs,
                        out / "records.jsonl")
    write_table(out / "grades.csv", records, lessons)
    for student in {record["student"] for record in records}:
        own = [record for record in records if record["student"] == student]
        text = page(student, own, lessons, walls.words)
        (out / "pages" / f"{student}.html").write_text(text, encoding="utf-8")
    print(summary(records, lessons, out / "grades.csv"))
    return 0


def grade_all(found, lessons, wanted, walls, hidden, limits, jobs, log):
    """The records of all submissions in their order; `log` keeps those that ran, one a line."""
    before = load(log)

    def one(submission):
        try:
            record = graded(submission, lessons, wanted, walls, hidden, limits, before)
        except Exception as error:  # noqa: BLE001  one row must not end the others
            record = blank_record(submission, wanted) | {
                "reason": f"the grader failed ({type(error).__name__}: {error})"}
        said = record["reason"] or f"{sum(row['passed'] for row in record['exercises'])} of " \
                                   f"{len(record['exercises'])} exercises"
        kept = " (as before)" if record["digest"] in before else ""
        return record, f"{record['student']}, {record['lesson'] or '??'}: {said}{kept}"

    records = []
    with ThreadPoolExecutor(max(1, jobs)) as pool, log.open("a", encoding="utf-8") as file:
        for record, line in pool.map(one, found):
            print(line, flush=True)
            records.append(record)
            if record["digest"] and record["digest"] not in before:
                file.write(json.dumps(record) + "\n")
                file.flush()
    return records


if __name__ == "__main__":
    sys.exit(main())
