"""The exercises of the lessons, read from the notebooks: the cells that call `check`.

Such a cell has a blank, `my_rate = ...` or a function that raises NotImplementedError, and checks
what stands there. A grader fills the blank with a student's answer and runs all the rest of the
cell, and what it needs of the cells above, as the lesson has it: a student's copy does not count.
"""

import ast
import contextlib
import hashlib
import os
import re
import symtable
import time
from dataclasses import dataclass
from pathlib import Path

from lessons.check import Diagnosis, diagnose
from lessons.check.sandbox import Unfinished
from lessons.instructor.wire import Remote

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"


@dataclass(frozen=True)
class Exercise:
    """One exercise of a lesson.

    name: lesson and number, such as "momentum.4". cell: the id of its cell. answer: the variable
    or function that the student fills in. rest: the cell without it. needs: what the cell needs of
    those above. points: from the cell's metadata, nbgrader's `points`, or 1.
    reference: the package's own name for the right step where `check` is given one, or "".
    is_helped: whether `check` is given what a helper makes of the answer, not the answer itself.
    """

    name: str
    cell: str
    answer: str
    rest: str
    needs: str
    points: float = 1.0
    reference: str = ""
    is_helped: bool = False

    @property
    def number(self):
        return self.name.rpartition(".")[2]

    def judge(self, mine, made=None):
        """The Diagnosis of an answer, which is a plain value or stands for one elsewhere.

        made: (what a helper made of the answer elsewhere,), where the answer itself can't cross.
        """
        began = time.monotonic()
        try:
            given, more = self.checked(mine)
            return diagnose(*(made or given[:1]), *given[1:], **more)
        except KeyboardInterrupt:
            seconds = time.monotonic() - began
            return Diagnosis("no", f"Stopped: it still ran after {seconds:.0f} s.")
        except Exception as error:  # noqa: BLE001  an answer may be anything
            said = error.advice if isinstance(error, Remote) else None
            kind = "open" if isinstance(said, Unfinished) else "no"
            return Diagnosis(kind, str(said or f"It stops: {type(error).__name__}: {error}"[:300]))

    def checked(self, mine):
        """Run the cell with an answer; return what it calls `check` with: (values, names)."""
        calls, space = [], {"__name__": self.name}
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere), \
                contextlib.redirect_stderr(nowhere):
            exec(compile(self.needs, f"<{self.name}>", "exec"), space)
            space[self.answer] = mine
            space["check"] = lambda *given, **more: calls.append((given, more))
            exec(compile(self.rest, f"<{self.name}>", "exec"), space)
        return calls[-1]


@dataclass(frozen=True)
class Lesson:
    """A lesson with its exercises; `topic` is the first half of their names, `lines` its code."""

    file: str
    title: str
    topic: str
    exercises: tuple
    lines: frozenset
    digest: str

    @property
    def number(self):
        return self.file[:2]


def lessons_in(folder=NOTEBOOKS):
    """The lessons with exercises in a folder, in order."""
    found = [lesson_of(path) for path in sorted(Path(folder).glob("*.ipynb"))]
    return [lesson for lesson in found if lesson.exercises]


def lesson_of(path):
    """Read a lesson's notebook."""
    import nbformat  # a slow import, which a student's process does without

    text = path.read_text(encoding="utf-8")
    notebook = nbformat.reads(text, as_version=4)
    cells = [cell for cell in notebook.cells if cell.cell_type == "code"]
    topic = topic_of(cells) or path.stem.partition("_")[2]
    above, exercises = [], []
    for cell in cells:
        tree = ast.parse(cell.source)
        if calls_check(tree):
            exercises.append(exercise_of(cell, tree, above, f"{topic}.{len(exercises) + 1}"))
        above += tree.body
    lines = frozenset(line.strip() for cell in cells for line in cell.source.splitlines())
    return Lesson(path.name, title_of(notebook), topic, tuple(exercises), lines,
                  hashlib.sha256(text.encode()).hexdigest())


def title_of(notebook):
    """The heading of a notebook's first cell."""
    first = notebook.cells[0].source if notebook.cells else ""
    return first.lstrip().partition("\n")[0].lstrip("# ").strip()


def topic_of(cells):
    """The topic that most of a notebook's `answers["topic.number"]` name, or ""."""
    named = re.findall(r"answers\[[\"'](\w+)\.\d", "\n".join(cell.source for cell in cells))
    return max(named, key=named.count, default="")


def calls_check(tree):
    return any(isinstance(part, ast.Call) and getattr(part.func, "id", "") == "check"
               for part in ast.walk(tree))


def exercise_of(cell, tree, above, name):
    """The exercise of a cell; ValueError where the cell has no blank."""
    [call] = [part for part in ast.walk(tree)
              if isinstance(part, ast.Call) and getattr(part.func, "id", "") == "check"]
    written = re.search(r"answers\[[\"']([\w.]+)", ast.unparse(call))
    blanks = [statement for statement in tree.body if blank(statement)]
    if len(blanks) != 1:
        raise ValueError(f"cell {cell.get('id')} checks an answer, so it needs one blank, "
                         f"`my_answer = ...` or a def that raises NotImplementedError first; "
                         f"it has {len(blanks)}")
    rest = ast.Module([part for part in tree.body if part is not blanks[0]], [])
    second = call.args[1] if len(call.args) > 1 else None
    grading = cell.metadata.get("nbgrader", {})
    return Exercise(
        written[1] if written else name, grading.get("grade_id") or cell.get("id", ""),
        blank(blanks[0]), ast.unparse(rest), needed(rest, above, {blank(blanks[0]), "check"}),
        float(grading.get("points", 1)), getattr(second, "id", ""),
        getattr(call.args[0], "id", "") != blank(blanks[0]))


def blank(statement):
    """The name that a statement leaves for the student to fill in, or None."""
    if isinstance(statement, ast.Assign) and isinstance(statement.targets[0], ast.Name):
        value = statement.value
        empty = isinstance(value, ast.Constant) and value.value is ...
        return statement.targets[0].id if empty else None
    if isinstance(statement, ast.FunctionDef):
        raised = [ast.unparse(part) for part in statement.body if isinstance(part, ast.Raise)]
        return statement.name if "raise NotImplementedError" in raised else None
    return None


def needed(tree, above, without):
    """The source of the statements above on which a piece of code depends, in their order."""
    wanted, kept = set(), []
    for statement in reversed(tree.body):
        wanted = before(wanted, statement)
    wanted -= without
    for statement in reversed(above):
        if bound_by(statement) & wanted:
            kept.append(statement)
            wanted = before(wanted, statement)
    return ast.unparse(ast.Module(kept[::-1], []))


def before(wanted, statement):
    """The names wanted before a statement runs, for those that are wanted after it."""
    bound, read = bound_by(statement), globals_of(statement)
    if isinstance(statement, ast.For | ast.With):
        read -= bound
    return (wanted if isinstance(statement, ast.If | ast.Try) else wanted - bound) | read


def globals_of(tree):
    """The names that code reads from outside itself; functions' own are none."""
    table = symtable.symtable(ast.unparse(tree), "<cell>", "exec")
    names = {symbol.get_name() for symbol in table.get_symbols() if symbol.is_referenced()}
    stack = list(table.get_children())
    while stack:
        inner = stack.pop()
        names |= {symbol.get_name() for symbol in inner.get_symbols() if symbol.is_global()}
        stack += inner.get_children()
    return names


def bound_by(statement):
    """The names that a top-level statement gives a value to."""
    table = symtable.symtable(ast.unparse(statement), "<cell>", "exec")
    return {s.get_name() for s in table.get_symbols() if s.is_assigned() or s.is_imported()}
