"""The scenes of lesson 02 in a real JupyterLab: each knob, turned by hand, changes the picture."""

import numpy as np
import pytest
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403
from support.lab import until

CODE = """from IPython.display import display
from lessons.scenes import memory, pad, roll
from lessons.steps import gradient_descent, momentum, nesterov
scenes = [
    roll({"Gradient descent": gradient_descent, "Momentum": momentum}, steps=40,
         presets={"far": dict(lr=0.1, condition=10.0)}),
    roll({"Momentum": momentum, "Nesterov": nesterov}, steps=40,
         presets={"far": dict(lr=0.05, condition=10.0)}),
    pad(steps=40, presets={"far": dict(pair=(2.5, 0.3), condition=10.0)}),
    memory(presets={"far": dict(beta=0.5, gradients="noise")})]
display(*scenes)"""
ROLL = ["learning rates", "learning rate", "momentum beta", "condition number"]
KNOBS = {"roll": ROLL, "ahead": ROLL,
         "pad": ["rule", "map", "condition number"],
         "memory": ["momentum beta", "gradients", "velocity as"]}
FIXED = ["memory"]
TICKS = 8


@pytest.mark.parametrize("scene", ["pad"], indirect=True)
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
