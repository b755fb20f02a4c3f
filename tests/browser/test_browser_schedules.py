"""The scenes of lesson 06 in a real JupyterLab: each knob, turned by hand, changes the picture."""

import numpy as np
import pytest
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403
from support.lab import until

CODE = """from IPython.display import display
from lessons.scenes import composer, onset, stuck
scenes = [
    composer(warmup=20, presets={"far": dict(lr=0.1, shape="cosine", floor=0.3)}),
    onset(presets={"far": dict(warmup=100, beta2=0.9)}),
    stuck(presets={"far": dict(norm="pre-LN (norm before)", lr="0.0035")})]
display(*scenes)"""
KNOBS = {"composer": ["peak learning rate", "shape", "warm-up", "floor / peak", "network"],
         "onset": ["gradients", "warm-up", "beta1", "beta2"],
         "stuck": ["transformer", "learning rate"]}
FIXED = list(KNOBS)


@pytest.mark.parametrize("scene", ["composer"], indirect=True)
def test_the_network_trains_along_where_asked_and_its_head_says_what_is_shown(page, scene):
    head = "print([t['words'] for t in scenes[0].scene['tracks'] if t['kind'] == 'text'][2])"
    scene.changes(lambda: scene.turn("peak learning rate", 40))
    assert "still with" in page.ask(head)
    scene.changes(lambda: scene.knob("network").select_option("trains along"))
    until(lambda: "still" not in page.ask(head) and "training" not in page.ask(head))
    before = scene.pixels()
    scene.changes(lambda: scene.turn("warm-up", 40))
    until(lambda: not np.array_equal(scene.pixels(), before))


@pytest.mark.parametrize("scene", ["composer"], indirect=True)
def test_a_shape_without_warm_up_hides_its_knob(scene):
    scene.knob("shape").select_option("one-cycle")
    expect(scene.knob("warm-up")).to_be_hidden()
    expect(scene.knob("floor / peak")).to_be_hidden()
    scene.knob("shape").select_option("straight line")
    expect(scene.knob("warm-up")).to_be_visible()
