"""The scene lr_sweep in a real JupyterLab: Train and Stop, and knobs while it trains."""

import numpy as np
from playwright.sync_api import expect
from support.by_hand import *  # noqa: F403
from support.lab import until

CODE = """import numpy as np
from lessons.networks import digits_mlp
from lessons.scenes import lr_sweep
from lessons.steps import adam, gradient_descent, momentum
rivals = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adam": adam}
lrs, falling = np.geomspace(1e-3, 1, 7), np.linspace(90, 0, 11)[:, None, None]
known = {name: 2 + falling + np.ones((11, 7, 2)) * np.abs(np.arange(7) - k)[:, None]
         for k, name in enumerate(rivals)}
networks = {"small": lambda batch, seeds: digits_mlp(batch, seeds, hidden=(8,)),
            "wide": lambda batch, seeds: digits_mlp(batch, seeds, hidden=(256, 256))}
scenes = {"lr_sweep": lr_sweep(rivals, networks, lrs, known=known, seeds=2)}
scenes["lr_sweep"]"""
SAID = "print(scenes['lr_sweep'].summary.splitlines()[0])"


def press(scene, label):
    scene.root.get_by_role("button", name=label, exact=True).click()


def test_one_lr_for_all_has_a_slider(hand):
    scene = hand("lr_sweep")
    scene.changes(lambda: scene.knob("on the right").select_option("one for all"))
    expect(scene.knob("learning rate")).to_be_visible()
    scene.turn("learning rate")


def test_train_shows_the_curves_form_and_stop_keeps_them(hand, page):
    scene = hand("lr_sweep")
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


def test_a_knob_answers_while_it_trains(hand, page):
    scene = hand("lr_sweep")
    scene.knob("network").select_option("wide")
    scene.knob("batch size").select_option("8")
    press(scene, "Train")
    until(lambda: "training" in page.ask(SAID))
    before = scene.picture()
    scene.knob("axis").select_option("lr / (1 - beta)")
    until(lambda: scene.picture() != before)
    assert "training" in page.ask(SAID)
    press(scene, "Stop")
    until(lambda: "training" not in page.ask(SAID))


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
