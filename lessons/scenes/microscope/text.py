"""Write the microscope's page: values in few characters, a line with values in place of names."""
import ast
import textwrap

import numpy as np

from lessons.scenes.microscope.source import MARK

WIDTH, NUMBERS = 54, 60     # characters in a row of code, and of the lit line in numbers


def filled(sums, used):
    """Replace each marked name by its value; leave out expressions where no name has one."""
    words = {name: number(value) for name, value in used.items() if is_number(value)}
    words = {name: f"({w})" if w.startswith("-") else w for name, w in words.items()
             if len(w) < 40}
    said = []
    for one in sums:
        parts = one.split(MARK)
        if words.keys() & set(parts[1::2]):
            parts[1::2] = [words.get(name, name) for name in parts[1::2]]
            said.append("".join(parts))
    return "; ".join(said)


def is_number(value):
    """Whether a value is one number or an array of numbers."""
    return not isinstance(value, (list, tuple)) and np.asarray(value).dtype.kind in "biuf"


def number(value):
    """A value in few characters: four digits, a row in round brackets, a matrix in square ones."""
    if isinstance(value, (list, tuple)):
        return f"{len(value)} of them" if value else "empty"
    if not is_number(value):
        return "None" if value is None else f"a {type(value).__name__}"
    value = np.asarray(value)
    if value.size > 16:
        return "numbers of shape " + str(value.shape)
    if value.size == 1:
        return plain(value.item())
    if value.ndim == 2 and value.shape[1] == 1:
        return "column" + number(value[:, 0])
    if value.ndim == 1:
        return "(" + ", ".join(map(plain, value.tolist())) + ")"
    return "[" + ", ".join(map(number, value)) + "]"


def plain(one):
    """The text of one number: four digits of a float, all of an integer; 0 for -0."""
    return f"{one + 0.0:.4g}" if isinstance(one, float) else str(one)


def held(line, values):
    """"name = value, ..." for the names that this line assigns; "" before they exist."""
    known = {name: number(values[name]) for name in line.names
             if name in values and not name.startswith("_")}
    words = ", ".join(f"{name} = {word}" for name, word in known.items())
    return short(words)


def short(words, most=60):
    """Words, cut with an ellipsis where they are longer than a row of the page."""
    return words if len(words) <= most else words[: most - 4] + " ..."


def said(line, visit):
    """The note under a line: its values, which way its `if` went, or "not reached"."""
    return "not reached" if visit is None else visit.said or held(line, visit.held)


def folded(code):
    """Wrap lines of code into rows of WIDTH characters; a longer word keeps a row of its own."""
    rows = []
    for line in code:
        margin = " " * (len(line) - len(line.lstrip()))
        rows += textwrap.wrap(line.strip(), WIDTH, initial_indent=margin, break_long_words=False,
                              subsequent_indent=margin + "    ", break_on_hyphens=False)
    return rows


def layout(lines):
    """[(top, row, end)] of each line: where its code begins, its note stands (None for no note),
    and its place ends, counted in rows from the top of the page."""
    rows, top = [], 0.0
    for line in lines:
        end = top + len(folded(line.code))
        quiet = not line.parts or isinstance(line.parts[-1], (ast.Break, ast.Continue, ast.Pass))
        rows.append((top, None if quiet else end, end + (not quiet)))
        top = rows[-1][-1] + 0.15
    return rows


def in_numbers(line, visit, most=3):
    """A line that ran, with values in place of names, in at most `most` rows; the rest is cut."""
    words = filled(line.sums, visit.used) if visit else ""
    if not words:
        return []
    names = ", ".join(line.names)
    return textwrap.wrap(f"{names} = {words}" if names else words, NUMBERS, max_lines=most,
                         subsequent_indent="      ", placeholder=" ...")
