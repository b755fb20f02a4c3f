"""Parse a step's source into lines, with the names that each assigns and reads."""
import ast
import inspect
import io
import textwrap
import tokenize
from dataclasses import dataclass, field

from lessons.signature import name_of, signature_of

MARK = "\0"
NESTED = ("body", "orelse", "handlers", "cases", "finalbody")
OWN = (ast.FunctionDef, ast.AsyncFunctionDef, ast.ClassDef)     # their lines run at another time


@dataclass
class Line:
    """One statement of a step, or the head of an `if` or a loop.

    code: the statement's source lines, without comments. names: the names that it assigns.
    sums: the expressions that it evaluates, with a mark round each name. reads: those names.
    parts: the statement's nodes in the syntax tree; () for a bare `else:`.
    """

    code: list
    names: list = field(default_factory=list)
    sums: list = field(default_factory=list)
    reads: set = field(default_factory=set)
    parts: tuple = ()


def function_of(step):
    """The function inside a step's partials and decorators, whose lines the microscope shows."""
    while hasattr(step, "func") or hasattr(step, "__wrapped__"):
        step = getattr(step, "func", None) or step.__wrapped__
    return step


def script(step):
    """(lines, owner): a step's body as Lines, without docstring, and a place in `lines` for each
    line number of the source.

    Raises TypeError for a step that has no source.
    """
    function, state = function_of(step), list(signature_of(step)[0])
    try:
        source = textwrap.dedent(inspect.getsource(function))
        written, = ast.parse(source).body
        parts = list(statements(written.body))
        numbers = range(parts[0].lineno, written.end_lineno + 1)
        known = written.name == function.__code__.co_name       # not a lambda somewhere in a def
    except (OSError, TypeError, ValueError, SyntaxError, AttributeError, IndexError):
        known = False
    if not known:
        raise TypeError(f"the microscope shows the lines of a step, and {name_of(step)} has none: "
                        "write it with def, in a cell or a file")
    lines, owner, page = [], {}, without_comments(source)
    for number in numbers:
        here = [part for part in parts if part.lineno == number]
        if here:
            last = max(head_end(part) for part in here)
            owner.update(dict.fromkeys(range(number, last + 1), len(lines)))
            names, values = told(here, state)
            reads = {node.id for value in values for node in ast.walk(value)
                     if isinstance(node, ast.Name)}
            lines.append(Line([], names, [marked(value) for value in values], reads, tuple(here)))
        elif number not in owner and page[number].strip():
            owner[number] = len(lines)
            lines.append(Line([]))
        if page[number].strip():
            lines[owner[number]].code.append(page[number])
    inner = textwrap.dedent("\n".join("\n".join(line.code) for line in lines)).splitlines()
    for line in lines:
        line.code, inner = inner[: len(line.code)], inner[len(line.code):]
    return lines, owner


def without_comments(source):
    """The lines of a source without their comments: {line number: text}."""
    page = dict(enumerate(source.splitlines(), 1))
    for token in tokenize.generate_tokens(io.StringIO(source).readline):
        if token.type == tokenize.COMMENT:
            row, column = token.start
            page[row] = page[row][:column].rstrip()
    return page


def statements(body):
    """Yield each statement that begins on a line of its own, in the order of the source."""
    for part in body:
        if isinstance(part, ast.Expr) and isinstance(part.value, ast.Constant):
            continue        # the docstring
        if isinstance(part, ast.stmt):
            yield part
        if inside(part) and inside(part)[0].lineno > getattr(part, "lineno", 0):
            yield from statements(inside(part))


def inside(part):
    """The statements within an if, a loop, a with or a try; [] for any other statement."""
    return [] if isinstance(part, OWN) else [
        one for name in NESTED for one in getattr(part, name, [])]


def head_end(part):
    """The number of a statement's last line; for an if or a loop, of the last line of its head."""
    deeper = [one.lineno for one in statements(inside(part)) if one.lineno > part.lineno]
    return min(deeper) - 1 if deeper and inside(part)[0].lineno > part.lineno else part.end_lineno


def told(parts, state):
    """(names, values): the names that statements assign, and the expressions that they evaluate."""
    names, values = [], []
    for part in parts:
        if isinstance(part, ast.Return):
            results = getattr(part.value, "elts", [part.value])
            made = [(name, result) for name, result in zip(["theta", *state], results)
                    if not isinstance(result, ast.Name)]
            names += [name for name, _ in made] or ["theta"]
            values += [result for _, result in made if result]
        elif isinstance(part, ast.AugAssign):
            names += targets(part.target)
            read = ast.parse(ast.unparse(part.target), mode="eval").body
            values.append(ast.BinOp(read, part.op, part.value))
        else:
            call = getattr(part, "value", None) if isinstance(part, ast.Expr) else None
            into = [*getattr(part, "targets", []), getattr(part, "target", None),
                    *(one.value for one in getattr(call, "keywords", []) if one.arg == "out"),
                    getattr(getattr(call, "func", None), "value", None)]
            names += [name for one in into for name in targets(one)]
            values += [value for name in ("value", "test", "iter")
                       if (value := getattr(part, name, None))]
        if inside(part) and inside(part)[0].lineno == part.lineno:      # all on one line
            more = told(inside(part), state)
            names, values = names + more[0], values + more[1]
    return list(dict.fromkeys(names)), values


def targets(node):
    """The names that an assignment to this node changes: m for m[0], m and v for (m, v)."""
    if isinstance(node, (ast.Tuple, ast.List)):
        return [name for one in node.elts for name in targets(one)]
    if isinstance(node, (ast.Subscript, ast.Attribute, ast.Starred)):
        return targets(node.value)
    return [node.id] if isinstance(node, ast.Name) else []


class Marked(ast.NodeTransformer):
    """Put a mark before and after each name in an expression."""

    def visit_Name(self, node):
        return ast.Name(f"{MARK}{node.id}{MARK}")

    def visit_Attribute(self, node):        # G.mT says more than a matrix with .mT behind it
        return node if isinstance(node.value, ast.Name) else self.generic_visit(node)


def marked(value):
    """The text of an expression, with a mark before and after each name."""
    return ast.unparse(Marked().visit(ast.parse(ast.unparse(value), mode="eval")))
