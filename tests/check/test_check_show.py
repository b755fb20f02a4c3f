"""`show` gives the source as it runs, and links to the papers that its docstring names."""

import inspect

import pytest
from support.mutants import reference

from lessons import schedules, steps
from lessons.check import show
from lessons.steps import momentum

STEPS = [getattr(steps, name) for name in steps.__all__]
SHOWN = STEPS + [function for _, function in inspect.getmembers(schedules, inspect.isfunction)]


@pytest.mark.parametrize("function", SHOWN, ids=lambda function: function.__name__)
def test_a_function_is_shown_with_its_papers_below(function):
    source = show(function)
    markdown = source._repr_markdown_()
    assert f"def {function.__name__}(" in repr(source)
    assert "functools" not in repr(source)  # the rule, not what was made of it
    assert repr(source) == inspect.getsource(inspect.unwrap(function)).rstrip()
    assert markdown.startswith(f"```python\n{source!r}\n```")
    below = markdown.removeprefix(f"```python\n{source!r}\n```")
    named = function.__doc__.partition("Source:")[2]
    assert below.count("](<https://") == sum(
        named.count(k) for k in ("arXiv:", "doi:10", "https://")
    )
    assert below.startswith("\n\nSource: [") or not below and function not in STEPS


def test_a_step_made_for_blocks_is_shown_as_its_rule():
    assert repr(show(reference("shampoo"))).startswith("@blockwise\ndef shampoo(surface, theta, L")


def paper(doc):
    def function():
        pass

    function.__doc__ = doc
    return show(function)._repr_markdown_().partition("```\n\n")[2]


@pytest.mark.parametrize(
    "doc, line",
    [
        (
            "It.\n\n    Source: A & B 2015. arXiv:1412.6980. As torch.\n",
            "Source: [arXiv:1412.6980](<https://arxiv.org/abs/1412.6980>)",
        ),
        (
            "It.\n\n    Source: A 1964,\n    doi:10.1016/0041-5553(64)90137-5; B 2012,\n"
            "    (https://a.org/b).\n",
            "Source: [doi:10.1016/0041-5553(64)90137-5]"
            "(<https://doi.org/10.1016/0041-5553(64)90137-5>), "
            "[https://a.org/b](<https://a.org/b>)",
        ),
        ("See arXiv:1412.6980.\n\n    Source: A 1964.\n", ""),
        (None, ""),
    ],
)
def test_links_are_made_of_what_the_source_names(doc, line):
    assert paper(doc) == line


def test_a_class_can_be_shown_too():
    from lessons.surfaces import Surface

    assert repr(show(Surface)).startswith("@dataclass(frozen=True, eq=False)\nclass Surface")
    assert repr(show(momentum)).endswith("return theta - lr * velocity, velocity")
