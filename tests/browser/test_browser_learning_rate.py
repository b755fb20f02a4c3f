"""The scenes of lesson 05 in a real JupyterLab: each knob changes the picture; Train and Stop."""

import numpy as np
import pytest
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403
from support.lab import until

CODE = """from IPython.display import display
import numpy as np
from lessons.networks import digits_mlp
from lessons.scenes import shadow, sweep
from lessons.steps import adam, gradient_descent, momentum
rivals = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adam": adam}
lrs, looks = np.geomspace(1e-3, 1, 7), np.linspace(90, 0, 11)[:, None, None]
known = {name: 2 + looks + np.ones((11, 7, 2)) * np.abs(np.arange(7) - k)[:, None]
         for k, name in enumerate(rivals)}
scenes = [
    sweep(rivals, {"small": lambda batch, seeds: digits_mlp(batch, seeds, hidden=(8,)),
                   "wide": lambda batch, seeds: digits_mlp(batch, seeds, hidden=(256, 256))},
          lrs, known=known, seeds=2, presets={"one lr": dict(rates="one for all", lr=0.1)}),
    shadow(rivals, lambda seed: digits_mlp(32, seed, hidden=(8,)),
           {"Gradient descent": 1.0, "Momentum": 0.1, "Adam": 0.01}, steps=90,
           presets={"far": dict(rate="ten times it")})]
display(*scenes)"""
KNOBS = {"sweep": ["network", "batch size", "axis", "on the right"],
         "shadow": ["rival", "learning rate", "seed"]}
FIXED = ("sweep", "shadow")
SAID = "print(scenes[0].summary.splitlines()[0])"


def press(scene, label):
    scene.root.get_by_role("button", name=label, exact=True).click()


@pytest.mark.parametrize("scene", ["sweep"], indirect=True)
def test_one_lr_for_all_has_a_slider(scene):
    scene.changes(lambda: scene.knob("on the right").select_option("one for all"))
    expect(scene.knob("learning rate")).to_be_visible()
    scene.changes(lambda: scene.turn("learning rate", 60))


@pytest.mark.parametrize("scene", ["sweep"], indirect=True)
def test_train_shows_the_curves_form_and_stop_keeps_them(scene, page):
    scene.knob("network").select_option("wide")
    until(lambda: "not trained yet" in page.ask(SAID))
    press(scene, "Train")
    until(lambda: int(scene.says("step")) >= 120, seconds=60)          # the picture follows
    first = scene.pixels()
    before = scene.says("step")
    until(lambda: scene.says("step") != before, seconds=60)
    assert not np.array_equal(scene.pixels(), first)
    press(scene, "Stop")
    until(lambda: "stopped after" in page.ask(SAID))
    said = page.ask(SAID)
    scene.knob("network").select_option("small")
    until(lambda: "600 steps" in page.ask(SAID))
    scene.knob("network").select_option("wide")
    until(lambda: page.ask(SAID) == said)
    assert scene.part("message").is_hidden()


@pytest.mark.parametrize("scene", ["sweep"], indirect=True)
def test_a_knob_answers_while_it_trains(scene, page):
    scene.knob("network").select_option("wide")
    scene.knob("batch size").select_option("8")
    press(scene, "Train")
    until(lambda: "training" in page.ask(SAID))
    scene.changes(lambda: scene.knob("axis").select_option("lr / (1 - beta)"))
    assert "training" in page.ask(SAID)
    press(scene, "Stop")
    until(lambda: "training" not in page.ask(SAID))
