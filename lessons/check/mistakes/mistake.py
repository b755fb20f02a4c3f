"""What a known mistake is, and how to make it: by an edit of the reference's syntax tree."""

import ast
import inspect
import textwrap
from collections import Counter
from collections.abc import Callable
from typing import NamedTuple


class Mistake(NamedTuple):
    """An edit of the reference: a learner whose walk equals the edited reference's has made it.

    name: what tests and teachers call the mistake.
    advice: one sentence that points at the mistake in words; never the line to type.
    change: {expression or statement of the reference's body: what stands there instead}. The key
    "*state" stands for the state in the signature. Formatting is free, and so is the spelling as
    far as `meaning` goes. Or a function that takes the reference and returns the wrong one.
    helper: the function to edit, where the mistake lies in one that the reference calls.
    undo: a function that makes a step with this mistake right again; a mistake that leads to nan
    needs it, because every walk to nan looks like every other.
    """

    name: str
    advice: str
    change: dict | Callable
    helper: str = ""
    undo: Callable | None = None


def mistaken(function, change, helper=""):
    """The function with that mistake in it: what a learner who makes it writes.

    Raises ValueError where an edit fits no place in the source of the function.
    """
    if callable(change):
        return change(function)
    plain = inspect.unwrap(function)
    parts = {part.__name__: definition(part) for part in [*helpers(plain), plain]}
    edited = helper or plain.__name__
    if edited not in parts:
        raise ValueError(f"{plain.__name__} calls no {edited}: mend that row")
    edit = Edit(change)
    edit.visit(parts[edited])
    if edit.unused:
        missing = ", ".join(map(repr, edit.unused))
        raise ValueError(f"{missing} is not in the source of {edited}: mend that row")
    module = ast.fix_missing_locations(ast.Module([*parts.values()], []))
    names = dict(plain.__globals__)
    exec(compile(module, "<a known mistake>", "exec"), names)  # our own source and our own table
    return names[plain.__name__]


def definition(function):
    """The syntax tree of a function's definition."""
    return ast.parse(textwrap.dedent(inspect.getsource(function))).body[0]


def helpers(function, known=()):
    """The functions of the same module that a function calls, and those that they call."""
    known = [*known]
    for name in function.__code__.co_names:
        used = function.__globals__.get(name)
        if inspect.isfunction(used) and used.__module__ == function.__module__:
            if used is not function and used not in known:
                known = helpers(used, [*known, used])
    return known


class Edit(ast.NodeTransformer):
    """Replace every node that means the same as a key of `change`; `unused` keys found none."""

    def __init__(self, change):
        self.new = {meaning(parsed(old)): (old, new) for old, new in change.items() if old != STATE}
        self.state = change.get(STATE)
        self.unused = {old for old in change if old != STATE}

    def visit(self, node):
        stored = isinstance(getattr(node, "ctx", None), ast.Store)
        if isinstance(node, (ast.expr, ast.stmt)) and not stored and meaning(node) in self.new:
            old, new = self.new[meaning(node)]
            self.unused.discard(old)
            return parsed(new)
        return super().visit(node)

    def visit_FunctionDef(self, node):
        if self.state is not None:
            header = ast.parse(f"def step(surface, theta, {self.state}): ...").body[0].args
            node.args.args, node.args.defaults = header.args, header.defaults
            self.state = None
        return self.generic_visit(node)


STATE = "*state"


def parsed(text):
    """Parse a text: one expression or statement gives a node, several statements a list."""
    body = ast.parse(text).body
    if len(body) > 1:
        return body
    return body[0].value if isinstance(body[0], ast.Expr) else body[0]


def meaning(node):
    """A key that is the same for spellings that mean the same, up to rounding.

    Free are the order of terms and of factors, g * g or np.square(g) for g**2, x**0.5 for
    np.sqrt(x), a / c * b for a * b / c, and t += 1 for t = t + 1.
    """
    if isinstance(node, ast.AugAssign):
        node = ast.Assign([node.target], ast.BinOp(node.target, node.op, node.value))
    if is_sum(node):
        return "sum", frozenset(terms(node, 1).items())
    if is_product(node):
        return "product", frozenset(factors(node, 1).items())
    if isinstance(node, ast.AST):
        fields = [getattr(node, name, None) for name in node._fields if name != "ctx"]
        return (type(node).__name__, *map(meaning, fields))
    return tuple(map(meaning, node)) if isinstance(node, list) else repr(node)


def is_sum(node):
    return isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Add, ast.Sub))


def is_product(node):
    plain = isinstance(node, ast.BinOp) and isinstance(node.op, (ast.Mult, ast.Div))
    return plain or bool(power_of(node))


def terms(node, sign):
    """Counter of the terms of a sum: how often each is added."""
    if not is_sum(node):
        return Counter({meaning(node): sign})
    found = terms(node.left, sign)
    found.update(terms(node.right, sign if isinstance(node.op, ast.Add) else -sign))
    return found


def factors(node, power):
    """Counter of the factors of a product: the power of each."""
    base, exponent = power_of(node) or (node, 1)
    if exponent != 1:
        whole = isinstance(exponent, int)
        return factors(base, power * exponent) if whole else Counter({meaning(base): power / 2})
    if not is_product(node):
        return Counter({meaning(node): power})
    found = factors(node.left, power)
    found.update(factors(node.right, power if isinstance(node.op, ast.Mult) else -power))
    return found


def power_of(node):
    """(base, exponent) of base**2, base**0.5, np.square(base) and np.sqrt(base); else None."""
    if isinstance(node, ast.BinOp) and isinstance(node.op, ast.Pow):
        if isinstance(node.right, ast.Constant) and node.right.value in (2, 0.5):
            return node.left, node.right.value
    if isinstance(node, ast.Call) and isinstance(node.func, ast.Attribute) and len(node.args) == 1:
        exponent = {"square": 2, "sqrt": 0.5}.get(node.func.attr)
        return exponent and (node.args[0], exponent)
    return None
