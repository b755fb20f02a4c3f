"""What the exercises of the notebooks expect, out of the reader's sight: one module a lesson.

Use: check(mine, **answers["gradient_descent.1"]).
expected: the answer. wrong: what people often find instead, and what to say about it.
hint: one sentence, added to any other miss. A key is the lesson's topic and the exercise's number;
a row gets it as `exercise`, so that the card of `check` is saved with the exercise's name.
"""

from importlib import import_module
from pkgutil import iter_modules

answers = {}
for module in iter_modules(__path__, f"{__name__}."):
    found = getattr(import_module(module.name), "answers", {})
    answers |= {name: {"exercise": name, **row} for name, row in found.items()}
