"""Adam's buttons: each sets all that its neighbours set, and changes the picture."""

import ast
from pathlib import Path

import nbformat
import pytest

from lessons.stage import Stage

PATH = Path(__file__).resolve().parents[2] / "notebooks" / "05_adam.ipynb"
SCENES = ["microscope", "step_lengths", "ablation", "rotation", "l2_against_adamw"]


@pytest.fixture(scope="module")
def stages():
    """scene -> Stage, as the cells of the notebook make them; nothing is measured on the way."""
    sources = [c.source for c in nbformat.read(PATH, 4).cells if c.cell_type == "code"]
    names, found = {}, {}
    for source in sources:
        name = next((name for name in SCENES if f"{name}(" in source and "presets=" in source), "")
        if name or source is sources[0] or source.startswith("def product("):
            body = ast.parse(source)
            last = ast.Expression(body.body.pop().value) if name else None
            exec(compile(body, str(PATH), "exec"), names)
            if name:
                found[name] = eval(compile(last, name, "eval"), names)
    return found


def test_all_scenes_of_the_lesson_are_looked_at(stages):
    assert list(stages) == SCENES and all(isinstance(stage, Stage) for stage in stages.values())


@pytest.mark.parametrize("name", SCENES)
def test_a_button_gives_the_same_picture_whatever_was_pressed_before(stages, name):
    buttons = stages[name].scene["presets"]
    assert 4 <= len(buttons)
    assert len({frozenset(button["values"]) for button in buttons}) == 1


@pytest.mark.parametrize("name", SCENES)
def test_each_button_shows_another_picture(stages, name):
    said = []
    for button in stages[name].scene["presets"]:
        stages[name].set(**button["values"])
        said.append(repr(stages[name]))
    assert len(set(said)) == len(said)
