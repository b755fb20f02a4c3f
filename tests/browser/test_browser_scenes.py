"""Every scene in a real JupyterLab: each knob, button and point, used by hand, changes the picture.

The scenes are those of tests/support/scenes.py, and the knobs are those that the page shows. Each
hand has recorded sliders recorded anew, so here they have 5 positions; with 81 of them,
test_browser_knobs.py drags one. No still is drawn: nobody sees one beside a live picture.
"""

import numpy as np
import pytest
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403
from support.lab import middle, until
from support.notebooks import ROOT
from support.scenes import MAKE

CODE = f"""import sys
sys.path.insert(0, {str(ROOT / "tests")!r})
from IPython.display import display
from support.scenes import MAKE
from lessons import raster
from lessons.stage import Stage, recording
recording.TICKS = 4
blank = raster.png(raster.Image.new("RGB", (1, 1)))
Stage.snapshot = lambda *arguments: blank
scenes = {{name: make(presets=dict(far=turned)) for name, (make, turned) in MAKE.items()}}

display(*[*scenes.values()][:40])       # JupyterLab shows at most 50 outputs of a cell

display(*[*scenes.values()][40:])"""
every_scene = pytest.mark.parametrize("name", MAKE)


@every_scene
def test_each_knob_changes_the_picture(hand, name):
    scene, done = hand(name), set()
    while left := [label for label in scene.shown() if label not in done]:
        done.add(left[0])
        use(scene, left[0], done)
        scene = hand(name)
    assert done


def use(scene, label, done):
    """Turn a knob; a menu to each option, and with it the knobs that this option brings."""
    if scene.knob(label).evaluate("node => node.tagName") != "SELECT":
        return scene.turn(label)
    menu = scene.knob(label)
    options = menu.evaluate("node => [...node.options].map((o) => o.value)")
    before = scene.shown()
    for option in [o for o in options if o != menu.input_value()]:
        scene.changes(lambda choice=option: menu.select_option(choice))
        for new in [new for new in scene.shown() if new not in done.union(before)]:
            done.add(new)
            use(scene, new, done)


@every_scene
def test_each_point_follows_the_mouse_and_the_keys(hand, name):
    scene = hand(name)
    for place in range(scene.part("point").count()):
        point = scene.part("point").nth(place)
        for move in (lambda at=point: scene.drag(at, 40, -30),
                     lambda at=point: scene.page.mouse.click(*np.add(middle(at), (-30, 20))),
                     lambda at=point: scene.press(*["ArrowLeft"] * 3, on=at)):
            before = middle(point)
            scene.changes(move)
            assert not np.allclose(middle(point), before)


@every_scene
def test_a_preset_plays_from_the_start(hand, name):
    scene = hand(name)
    last = scene.says("step")
    scene.knob("speed").select_option("1")
    scene.root.get_by_role("button", name="far", exact=True).click()
    if int(last) > 1:           # in a single step there is no step between
        until(lambda: 0 < int(scene.says("step")) < int(last))
    scene.press("Home")
    scene.changes(lambda: scene.press(" "))
    scene.press("End")
    scene.has(step=scene.part("scrub").get_attribute("max"), state="paused")


def test_lr_and_beta_are_dragged_together_and_moved_by_keys(page, hand):
    scene = hand("rate_map")
    pair = scene.root.get_by_label("learning rate and beta: drag it")
    backdrop = scene.part("backdrop").get_attribute("src")
    values = "print(*scenes['rate_map'].values['pair'].round(4))"
    for move in (lambda: scene.drag(pair, 30, 40), lambda: scene.press("ArrowLeft", on=pair)):
        old = page.ask(values)
        scene.changes(move)
        until(lambda was=old: page.ask(values) != was)
        lr = float(page.ask(values).split()[0]) / 20
        head = "print(*(t['words'] for t in scenes['rate_map'].scene['tracks']))"
        assert f"lr {lr:.3g}, beta" in page.ask(head)
    assert scene.part("backdrop").get_attribute("src") == backdrop


def test_a_shape_without_warm_up_hides_its_knob(hand):
    scene = hand("schedule_builder")
    scene.knob("shape").select_option("stairs")
    expect(scene.knob("warm-up")).to_be_hidden()
    expect(scene.knob("floor / peak")).to_be_hidden()
    scene.knob("shape").select_option("straight line")
    expect(scene.knob("warm-up")).to_be_visible()


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
