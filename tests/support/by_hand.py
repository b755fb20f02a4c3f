"""What a reader does to any scene, as tests: a module with CODE and KNOBS imports them all.

    from support.by_hand import *  # noqa: F403

CODE: the one cell of a small notebook; it makes `scenes`, a list of Stages, and displays them.
KNOBS: scene -> the labels of its knobs that are shown at first, in the order of that list.
FIXED: (if any) the scenes whose start is not on the picture.
TICKS: (if not 20) how often an arrow key is pressed to turn a slider.
"""

import nbformat
import numpy as np
import pytest
from support import lab
from support.lab import Player, middle, until
from support.notebooks import METADATA

__all__ = [
    "folder", "open_notebook", "page", "pytest_generate_tests", "scene",
    "test_a_preset_plays", "test_each_knob_changes_the_picture",
    "test_no_knob_is_left_out_of_these_tests", "test_nothing_of_all_this_was_red_in_the_console",
    "test_play_moves_the_picture_to_the_end", "test_the_start_follows_the_mouse",
]
folder, open_notebook = lab.folder, lab.open_notebook       # fixtures


class Scene(Player):
    """One of the notebook's stages, by its place."""

    def __init__(self, page, place, name):
        self.page, self.root, self.name = page, page.locator(".stage").nth(place), name

    def picture(self):
        """The canvas and the address of the backdrop under it."""
        return self.pixels().tobytes(), self.part("backdrop").get_attribute("src")

    def turn(self, label, ticks):
        """Turn a knob as a reader would: another option, or some ticks of the slider."""
        knob = self.knob(label)
        if knob.evaluate("node => node.tagName") == "SELECT":
            other = knob.evaluate("node => [...node.options].find((o) => !o.selected).value")
            knob.select_option(other)
        else:
            at_left = knob.evaluate("node => node.value === node.min")
            self.press(*["ArrowRight" if at_left else "ArrowLeft"] * ticks, on=knob)

    def changes(self, act):
        """Do it, and wait for Python's answer and for another picture."""
        before = self.picture()
        with self.answered():
            act()
        until(lambda: self.picture() != before)
        assert self.part("message").is_hidden()


def pytest_generate_tests(metafunc):
    """Each test that takes a scene runs on all of them; with a label, on each knob of each."""
    marks = " ".join(str(mark.args[0]) for mark in metafunc.definition.iter_markers("parametrize"))
    if "scene" not in metafunc.fixturenames or "scene" in marks:
        return
    knobs = metafunc.module.KNOBS
    if "label" in metafunc.fixturenames:
        turns = [(name, label) for name in knobs for label in knobs[name]]
        metafunc.parametrize(("scene", "label"), turns, indirect=["scene"])
    else:
        metafunc.parametrize("scene", list(knobs), indirect=True)


@pytest.fixture(scope="module")
def page(request, folder, open_notebook):
    name = f"{request.module.__name__}.ipynb"
    cells = [nbformat.v4.new_code_cell(request.module.CODE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / name)
    page = open_notebook(name)
    page.run_all()
    return page


@pytest.fixture
def scene(page, request):
    """A scene at its last step, with its knobs as they began."""
    place = list(request.module.KNOBS).index(request.param)
    page.ask(f"scene = scenes[{place}]; first = globals().setdefault('first{place}', "
             "dict(scene.values)); scene.set(**first)")
    found = Scene(page.page, place, request.param)
    found.root.scroll_into_view_if_needed()
    found.press("End")
    found.frames(3)
    return found


def test_each_knob_changes_the_picture(scene, label, request):
    scene.changes(lambda: scene.turn(label, getattr(request.module, "TICKS", 20)))


def test_no_knob_is_left_out_of_these_tests(scene, request):
    labels = scene.root.locator(".stage-knob:not([hidden])").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in labels] == request.module.KNOBS[scene.name]


def test_play_moves_the_picture_to_the_end(scene):
    plays(scene, scene.part("play"))


def test_a_preset_plays(scene):
    plays(scene, scene.part("preset").first)


def plays(scene, button):
    last = scene.says("step")
    scene.knob("speed").select_option("1")
    button.click()
    until(lambda: 0 < int(scene.says("step")) < int(last))
    first = scene.pixels()
    scene.knob("speed").select_option("4")
    scene.has(step=last, state="paused")
    assert not np.array_equal(scene.pixels(), first)


def test_the_start_follows_the_mouse(scene, request):
    start = scene.root.get_by_label("start: drag it")
    if scene.name in getattr(request.module, "FIXED", ()):
        assert start.count() == 0
        return
    for move in (lambda: scene.drag(start, 40, -30),
                 lambda: scene.page.mouse.click(*np.add(middle(start), (30, 20)))):
        at = middle(start)
        scene.changes(move)
        assert not np.allclose(middle(start), at)


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
