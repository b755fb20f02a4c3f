"""The scenes of lesson 02 in a real JupyterLab: each knob, turned by hand, changes the picture.

They stand in one small notebook; server, browser and fixtures are those of lab.py.
"""

import lab
import nbformat
import numpy as np
import pytest
from lab import Player, middle, until
from playwright.sync_api import expect

from notebooks import METADATA

folder, open_notebook = lab.folder, lab.open_notebook       # fixtures
CODE = """from IPython.display import display
from lessons.scenes import memory, pad, roll
from lessons.steps import gradient_descent, momentum, nesterov
scenes = [
    roll({"Gradient descent": gradient_descent, "Momentum": momentum}, steps=40,
         presets={"far": dict(lr=0.1, condition=10.0)}),
    roll({"Momentum": momentum, "Nesterov": nesterov}, steps=40,
         presets={"far": dict(lr=0.05, condition=10.0)}),
    pad(steps=40, presets={"far": dict(pair=(2.5, 0.3), condition=10.0)}),
    memory(presets={"far": dict(beta=0.5, slopes="noise")})]
display(*scenes)"""
NAMES = ["roll", "ahead", "pad", "memory"]
KNOBS = {"roll": ["learning rates", "learning rate", "momentum beta", "condition number"],
         "pad": ["rule", "map", "condition number"],
         "memory": ["momentum beta", "slopes", "velocity as"]}
KNOBS["ahead"] = KNOBS["roll"]
TURNS = [(name, label) for name in NAMES for label in KNOBS[name]]


class Scene(Player):
    """One of the notebook's stages, by its place."""

    def __init__(self, page, place):
        self.page, self.root = page, page.locator(".stage").nth(place)

    def picture(self):
        """The canvas and the address of the backdrop under it."""
        return self.pixels().tobytes(), self.part("backdrop").get_attribute("src")


@pytest.fixture(scope="module")
def page(folder, open_notebook):
    cells = [nbformat.v4.new_code_cell(CODE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "02.ipynb")
    page = open_notebook("02.ipynb")
    page.run_all()
    return page


@pytest.fixture
def scene(page, request):
    """A scene at its last step, with its knobs as they began."""
    place = NAMES.index(request.param)
    page.ask(f"scene = scenes[{place}]; first = globals().setdefault('first{place}', "
             "dict(scene.values)); scene.set(**first)")
    found = Scene(page.page, place)
    found.name = request.param
    found.root.scroll_into_view_if_needed()
    found.press("End")
    found.frames(3)
    return found


def every(*names):
    return pytest.mark.parametrize("scene", names, indirect=True)


def turn(scene, label):
    """Turn a knob as a reader would: another option, or some ticks of the slider."""
    knob = scene.knob(label)
    if knob.evaluate("node => node.tagName") == "SELECT":
        other = knob.evaluate("node => [...node.options].find((o) => !o.selected).value")
        knob.select_option(other)
    else:
        scene.press(*["ArrowLeft"] * 8, on=knob)


@pytest.mark.parametrize(("scene", "label"), TURNS, indirect=["scene"])
def test_each_knob_changes_the_picture(scene, label):
    before = scene.picture()
    with scene.answered():
        turn(scene, label)
    until(lambda: scene.picture() != before)
    assert scene.part("message").is_hidden()


@every(*NAMES)
def test_no_knob_is_left_out_of_these_tests(scene):
    labels = scene.root.locator(".stage-knob:not([hidden])").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in labels] == KNOBS[scene.name]


@every(*NAMES)
def test_play_moves_the_picture_to_the_end_and_a_preset_plays(scene):
    last = scene.says("step")
    scene.knob("speed").select_option("4")
    for start in (scene.part("play"), scene.part("preset")):
        start.click()
        until(lambda: 0 < int(scene.says("step")) < int(last))
        first = scene.pixels()
        scene.has(step=last, state="paused")
        assert not np.array_equal(scene.pixels(), first)


@every("roll", "ahead", "pad")
def test_the_start_follows_the_mouse(scene):
    start = scene.root.get_by_label("start: drag it")
    for move in (lambda: scene.drag(start, 40, -30),
                 lambda: scene.page.mouse.click(*np.add(middle(start), (30, -20)))):
        before, at = scene.picture(), middle(start)
        with scene.answered():
            move()
        until(lambda old=before: scene.picture() != old)
        assert not np.allclose(middle(start), at)


@every("pad")
def test_lr_and_beta_are_dragged_together_and_moved_by_keys(page, scene):
    pair = scene.root.get_by_label("learning rate and beta: drag it")
    backdrop = scene.part("backdrop").get_attribute("src")
    values = "print(*scenes[2].values['pair'].round(4))"
    for move in (lambda: scene.drag(pair, 30, 40), lambda: scene.press("ArrowLeft", on=pair)):
        before, old = scene.pixels(), page.ask(values)
        with scene.answered():
            move()
        until(lambda seen=before: not np.array_equal(scene.pixels(), seen))
        x, beta = map(float, page.ask(values).split())
        assert [x, beta] != [float(part) for part in old.split()]
        expect(scene.part("note").first).to_contain_text(f"lr {x / 20:.3g}:")
    assert scene.part("backdrop").get_attribute("src") == backdrop


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
