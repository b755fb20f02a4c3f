"""What a message of the checker may say: how long, and never the line to type."""

import ast
import inspect
import re
import textwrap
from functools import lru_cache

from lessons.check.mistakes.mistake import helpers


def sentences(message):
    """How many there are; quoted code counts for nothing."""
    return len(re.findall(r"[.?!](?=\s|$)", re.sub(r"`[^`]*`", "x", message)))


def dense(text):
    """The text without spaces round its operators."""
    return re.sub(r"\s*([-+*/%@=<>()\[\],])\s*", r"\1", text)


@lru_cache
def secrets(function):
    """The pieces of the answer: expressions with an operator, and what the signature sets."""
    found = set()
    plain = inspect.unwrap(function)
    for part in [plain, *helpers(plain)]:
        for node in ast.walk(ast.parse(textwrap.dedent(inspect.getsource(part)))):
            if isinstance(node, (ast.BinOp, ast.BoolOp, ast.Compare, ast.AugAssign)):
                found.add(ast.unparse(node))
        for name, parameter in inspect.signature(part).parameters.items():
            if parameter.default is not parameter.empty:
                found.add(f"{name}={parameter.default!r}")
    return {dense(piece) for piece in found}


def given_away(message, function):
    """Which of those pieces a message tells."""
    told = dense(message)
    return [p for p in secrets(function) if re.search(rf"(?<![\w.]){re.escape(p)}(?![\w.])", told)]
