"""The microscope in a real JupyterLab: each knob changes the picture, each tick lights a line."""

import nbformat
import numpy as np
import pytest
from support.lab import Player, until
from support.notebooks import METADATA

CODE = """import numpy as np
from lessons.scenes import microscope
from lessons.surfaces import ravine
def my_adam(surface, theta, t=0, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    g = surface.grad(theta)
    t += 1
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t, m, v
scene = microscope(ravine(angle=30), my_adam, steps=5, presets={"no memory": dict(beta1=0.0)})
scene"""
LABELS = ["learning rate", "beta1", "beta2", "eps"]


@pytest.fixture(scope="module")
def page(folder, open_notebook):
    cells = [nbformat.v4.new_code_cell(CODE)]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "lens.ipynb")
    page = open_notebook("lens.ipynb")
    page.run_all()
    return page


@pytest.fixture
def scene(page):
    """The scene at its last line, with its knobs as they began."""
    page.ask("first = globals().setdefault('first', dict(scene.values)); scene.set(**first)")
    scene = Player(page.page)
    scene.root.scroll_into_view_if_needed()
    scene.press("End")
    scene.frames(3)
    return scene


@pytest.mark.parametrize("label", LABELS)
def test_each_knob_changes_the_picture_and_tells_python(page, scene, label):
    before, backdrop = scene.pixels(), scene.part("backdrop").get_attribute("src")
    told = page.ask("print(repr(scene))")
    scene.press(*["ArrowLeft"] * 40, on=scene.knob(label))
    until(lambda: not np.array_equal(scene.pixels(), before))
    until(lambda: page.ask("print(repr(scene))") != told)      # a recorded knob tells it at rest
    assert scene.part("message").is_hidden()
    assert scene.part("backdrop").get_attribute("src") == backdrop


def test_no_knob_is_left_out_of_these_tests(scene):
    labels = scene.root.locator(".stage-knob:not([hidden])").all_inner_texts()
    assert [text.split("\n")[0].strip() for text in labels] == LABELS


def test_each_tick_forward_or_back_shows_another_picture(scene):
    seen = []
    scene.press("Home")
    for key in ["ArrowRight"] * 7 + ["ArrowLeft"] * 7:
        scene.frames(2)
        seen.append(scene.pixels())
        scene.press(key)
    scene.has(step=0)
    scene.frames(2)
    assert np.array_equal(scene.pixels(), seen[0])
    for k in range(7):
        assert not np.array_equal(seen[k], seen[k + 1])
        assert np.array_equal(seen[7 + k], seen[7 - k])


def test_play_and_a_preset_go_through_all_lines_to_the_end(scene):
    for start in (scene.part("play"), scene.part("preset")):
        scene.knob("speed").select_option("1")
        start.click()
        until(lambda: 0 < int(scene.says("step")) < 30)
        scene.knob("speed").select_option("4")
        scene.has(step=30, state="paused")


def test_all_of_it_fits_a_laptops_screen(page, scene):
    before = page.page.viewport_size
    page.page.set_viewport_size(dict(width=1440, height=900))
    try:
        room = page.page.locator(".jp-WindowedPanel-outer").first.bounding_box()["height"]
        until(lambda: scene.root.bounding_box()["width"] > 1000)
        assert scene.root.bounding_box()["height"] < room
    finally:
        page.page.set_viewport_size(before)


def test_the_start_follows_the_mouse(page, scene):
    start = scene.root.get_by_label("start: drag it")
    before = page.ask("print(repr(scene))")
    with scene.answered():
        scene.drag(start, 40, 30)
    after = page.ask("print(repr(scene))")
    assert after != before and "-> theta = (" in after


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
