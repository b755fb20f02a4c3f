"""The scenes of lesson 03 in a real JupyterLab: each knob, turned by hand, changes the picture."""

import pytest
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403

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
         "chase": ["minimum", "learning rates", "gradient noise", "beta2", "seed"],
         "settle": ["learning rate", "beta2", "curvature"],
         "turn": ["angle", "condition number"]}
FIXED = ["chase"]


@pytest.mark.parametrize("scene", ["chase"], indirect=True)
def test_each_rival_of_the_chase_gets_a_slider_of_its_own_where_asked(scene):
    scene.knob("learning rates").select_option("each its own")
    for label in LRS:
        expect(scene.knob(label)).to_be_visible()
        scene.changes(lambda name=label: scene.turn(name, 20))
