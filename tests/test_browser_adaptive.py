"""The scenes of lesson 03 in a real JupyterLab: each knob, turned by hand, changes the picture.

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
from lessons.scenes import boxes, chase, settle, turn
from lessons.steps import adagrad, gradient_descent, momentum, rmsprop
rivals = {"Gradient descent": gradient_descent, "Adagrad": adagrad, "RMSprop": rmsprop}
scenes = [
    boxes(rivals, steps=40, presets={"far": dict(condition=60.0, beta2=0.8)}),
    chase(rivals, presets={"far": dict(target="jumps", sigma=1.0)}),
    settle(rivals, presets={"far": dict(lr=0.5, curvature=3.0)}),
    turn(rivals, steps=100, presets={"far": dict(angle=45.0, condition="100")})]
display(*scenes)"""
LRS = [f"lr of {name}" for name in ("Gradient descent", "Adagrad", "RMSprop")]
KNOBS = {"boxes": [*LRS, "condition number", "beta2"],
         "chase": ["minimum", "learning rates", "slope noise", "beta2", "seed"],
         "settle": ["learning rate", "beta2", "curvature"],
         "turn": ["angle", "condition number"]}
NAMES = list(KNOBS)


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
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "03.ipynb")
    page = open_notebook("03.ipynb")
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


def turned(scene, label, tick):
    """Turn a knob as a reader would: another option, or some ticks of the slider."""
    knob = scene.knob(label)
    if knob.evaluate("node => node.tagName") == "SELECT":
        other = knob.evaluate("node => [...node.options].find((o) => !o.selected).value")
        knob.select_option(other)
    else:
        scene.press(*[tick] * 20, on=knob)


@pytest.mark.parametrize(("scene", "label"), [(name, label) for name in NAMES
                                              for label in KNOBS[name]], indirect=["scene"])
def test_each_knob_changes_the_picture(scene, label):
    before = scene.picture()
    with scene.answered():
        turned(scene, label, "ArrowRight" if label in ("angle", "seed") else "ArrowLeft")
    until(lambda: scene.picture() != before)
    assert scene.part("message").is_hidden()


@pytest.mark.parametrize("scene", NAMES, indirect=True)
def test_no_knob_is_left_out_of_these_tests(scene):
    labels = scene.root.locator(".stage-knob:not([hidden])").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in labels] == KNOBS[scene.name]


@pytest.mark.parametrize("scene", ["chase"], indirect=True)
def test_each_rival_of_the_chase_gets_a_slider_of_its_own_where_asked(scene):
    scene.knob("learning rates").select_option("each its own")
    for label in LRS:
        expect(scene.knob(label)).to_be_visible()
        before = scene.picture()
        with scene.answered():
            turned(scene, label, "ArrowLeft")
        until(lambda old=before: scene.picture() != old)


@pytest.mark.parametrize("scene", NAMES, indirect=True)
def test_play_moves_the_picture_to_the_end_and_a_preset_plays(scene):
    last = scene.says("step")
    scene.knob("speed").select_option("4")
    for start in (scene.part("play"), scene.part("preset")):
        start.click()
        until(lambda: 0 < int(scene.says("step")) < int(last))
        first = scene.pixels()
        scene.has(step=last, state="paused")
        assert not np.array_equal(scene.pixels(), first)


@pytest.mark.parametrize("scene", ["boxes", "settle", "turn"], indirect=True)
def test_the_start_follows_the_mouse(scene):
    start = scene.root.get_by_label("start: drag it")
    for move in (lambda: scene.drag(start, 40, -30),
                 lambda: scene.page.mouse.click(*np.add(middle(start), (30, 20)))):
        before, at = scene.picture(), middle(start)
        with scene.answered():
            move()
        until(lambda old=before: scene.picture() != old)
        assert not np.allclose(middle(start), at)


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
