"""What the exercises of the notebooks expect, out of the reader's sight: a module for each lesson.

Use: check(mine, **answers["01.1"]).
expected: the answer. wrong: what people often find instead, and what to say about it.
hint: one sentence, added to any other miss. Each key is the lesson's number and the exercise's.
"""

from importlib import import_module
from pkgutil import iter_modules

answers = {}
for module in iter_modules(__path__, f"{__name__}."):
    answers |= import_module(module.name).answers
