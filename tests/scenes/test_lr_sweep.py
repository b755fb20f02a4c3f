"""The sweep shows what descend returns, trains in a thread, and loses nothing when stopped."""

import threading
from dataclasses import replace

import numpy as np
import pytest
from support.lab import until
from support.scene import assert_drawn, browser, notes, shown, tracks

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.networks import digits_mlp
from lessons.scenes import lr_sweep
from lessons.steps import adam, gradient_descent, momentum

RIVALS = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adam": adam}
LRS, STEPS, EVERY = np.geomspace(1e-3, 10, 9), 20, 5


def small(batch, seeds):
    return digits_mlp(batch, seeds, hidden=(8,))


def wrong_answers(batch=32):
    """name -> percent (looks, 9 learning rates, 2 seeds), each rival alone."""
    net = small(batch, range(2))
    return {name: 100 * (1 - net.accuracy(descend(net, step, steps=STEPS, every=EVERY,
                                                  lr=LRS[:, None, None]).theta))
            for name, step in RIVALS.items()}


KNOWN = wrong_answers()


def scene(known=KNOWN, networks=None, **options):
    return lr_sweep(RIVALS, networks or {"small": small, "another": small}, LRS, known=known,
                 seeds=2, steps=STEPS, every=EVERY, **options)


def trained(stage, words=": 20 steps"):
    """Press Train and wait for these words."""
    browser(stage, train=1, seq=1)
    until(lambda: words in headline_of(stage))
    return stage


def headline_of(stage):
    texts = [t for t in stage.scene["tracks"] if (t["kind"], t["ax"]) == ("text", 0)]
    return texts[0]["words"][0]


def at_the_end(stage, kind, ax, name):
    return [track[-1] for track in tracks(stage, kind, ax, name)]


@pytest.mark.parametrize("make", [scene, lambda: trained(scene(known=None))],
                         ids=["known", "trained on the page"])
def test_curves_bands_and_marks_are_those_of_each_rival_alone(make):
    stage = make()
    assert stage.steps == STEPS
    for row, (name, wrong) in enumerate(KNOWN.items()):
        mean, low, high = wrong.mean(-1), wrong.min(-1), wrong.max(-1)
        band, curve = tracks(stage, "curve", 0, name)
        assert len(curve) == STEPS + 1
        for t in range(STEPS + 1):
            k = t // EVERY                                              # a look holds
            assert_drawn(stage, 0, curve[t], np.stack([LRS, mean[k]], -1))
            edge = [*zip(LRS, low[k]), *zip(LRS[::-1], high[k][::-1])]
            assert_drawn(stage, 0, band[t], edge)
        best = mean[-1].argmin()
        [mark], [side] = (at_the_end(stage, "marker", ax, name) for ax in (0, 1))
        assert_drawn(stage, 0, mark, [(LRS[best], mean[-1, best])])
        assert_drawn(stage, 1, side, [(mean[-1, best], row)])
        [box] = at_the_end(stage, "box", 1, name)
        assert_drawn(stage, 1, box, [(low[-1, best], row - 0.3), (high[-1, best], row + 0.3)])
        for words, beside in zip(at_the_end(stage, "text", 1, name), (best - 2, best + 2)):
            if 0 <= beside < len(LRS):
                assert_drawn(stage, 1, words[:, :1] * [1, 0], to_x(stage, mean[-1, beside]))
            else:
                assert np.isnan(words).all()
        assert notes(stage, name)[-1] == f"lr {LRS[best]:.3g}: {mean[-1, best]:.1f} % wrong"


def to_x(stage, value):
    """A point on the right picture's lower edge: only how far right it is counts."""
    low = stage.figure.axes[1].get_ylim()[0]
    return [(value, low)]


def test_one_for_all_reads_every_rival_at_the_same_learning_rate():
    stage = scene(rates="one for all", lr=0.1)
    place = np.abs(LRS - 0.1).argmin()
    for name, wrong in KNOWN.items():
        assert notes(stage, name)[-1] == f"lr 0.1: {wrong[-1, place].mean():.1f} % wrong"
        assert all(np.isnan(words).all() for words in tracks(stage, "text", 1, name))
    [line] = tracks(stage, "path", 0)
    assert_drawn(stage, 0, line, [(0.1, 0.8), (0.1, 130)])
    assert "lr" in shown(stage)
    stage.set(rates="each at its best")
    assert "lr" not in shown(stage) and np.isnan(tracks(stage, "path", 0)[0]).all()


def test_the_other_axis_moves_rules_with_a_velocity_by_its_sum_and_nobody_else():
    stage = scene(axis="lr / (1 - beta)")
    for name, factor in (("Gradient descent", 1), ("Momentum", 10), ("Adam", 1)):
        _, curve = tracks(stage, "curve", 0, name)
        assert_drawn(stage, 0, curve[-1], np.stack([factor * LRS, KNOWN[name][-1].mean(-1)], -1))


def test_what_is_not_trained_is_not_drawn_and_says_how_to_train_it():
    stage = scene(network="another")
    assert "not trained yet: press Train" in repr(stage) and notes(stage, "Adam") == [""]
    for name in RIVALS:
        assert all(np.isnan(track).all() for track in tracks(stage, "curve", 0, name))
    stage.set(network="small")
    assert ": 20 steps" in repr(stage)


class Gate:
    """A network that waits at its third look at the test images until it is let through."""

    def __init__(self):
        self.open, self.looks = threading.Event(), 0

    def __call__(self, batch, seeds):
        net = small(batch, seeds)

        def accuracy(theta):
            self.looks += 1
            if self.looks > 2:
                self.open.wait(20)
            return net.accuracy(theta)

        return replace(net, accuracy=accuracy)


@pytest.mark.parametrize("turn", [dict(stop=1), dict(batch="8")],
                         ids=["Stop", "another batch"])
def test_a_stop_keeps_what_is_trained_by_then(turn):
    gate = Gate()
    stage = scene(known=None, networks={"slow": gate})
    trained(stage, "training, 5 of 20 steps")
    [bar] = tracks(stage, "box", 2)
    assert_drawn(stage, 2, bar[0], [(0, 0), (5 / 20, 1)])
    browser(stage, **turn, seq=2)
    gate.open.set()
    stage.set(batch="32")
    assert "stopped after 5 of 20 steps" in repr(stage) and stage.steps == 5
    _, curve = tracks(stage, "curve", 0, "Adam")
    assert_drawn(stage, 0, curve[-1], np.stack([LRS, KNOWN["Adam"][1].mean(-1)], -1))
    assert "stopped after 5" in repr(stage)         # the thread that ends adds nothing


def test_a_stop_does_not_lose_a_whole_sweep_that_was_there():
    gate = Gate()
    stage = scene(networks={"slow": gate})
    trained(stage, "training, 5 of 20 steps")
    browser(stage, stop=1, seq=2)
    gate.open.set()
    assert ": 20 steps" in headline_of(stage) and stage.steps == STEPS


def test_numbers_of_the_menus_are_numbers_and_the_results_can_be_taken_out():
    asked = []
    stage = scene(known=None, batch=8, networks={
        "small": lambda *given: asked.append(given) or small(*given)})
    trained(stage)
    assert asked == [(8, range(2))] and stage.values["batch"] == 8
    stage.set(batch="32")               # as it stands in the menu
    assert stage.values["batch"] == 32 and stage.runs == {}
    stage.set(batch=8)
    for name, wrong in wrong_answers(batch=8).items():
        np.testing.assert_allclose(stage.runs[name], wrong, atol=1e-4)


def test_a_training_that_fails_says_why():
    def broken(batch, seeds):
        raise ValueError("no such data")

    stage = scene(known=None, networks={"broken": broken})
    browser(stage, train=1, seq=1)
    until(lambda: "ValueError: no such data" in repr(stage))
    browser(stage, train=2, seq=2)         # and may be tried again
    until(lambda: "ValueError: no such data" in repr(stage))


def test_a_page_that_is_closed_ends_its_training():
    gate = Gate()
    stage = scene(known=None, networks={"slow": gate})
    trained(stage, "training, 5 of 20 steps")
    before = gate.looks
    stage.close()
    gate.open.set()
    until(lambda: not any("_train" in str(t._target) for t in threading.enumerate()
                          if hasattr(t, "_target")))
    assert gate.looks <= before + 1


def test_the_scene_keeps_the_rules():
    one, other = scene(), scene(presets={"far": dict(axis="lr / (1 - beta)")})
    assert len(shown(one)) <= 5
    assert repr(one) == repr(other) and one.snapshot() == other.snapshot()
    before = other.data
    for knob in one.scene["knobs"]:
        if knob["type"] != "button":
            ends = knob["options"] if knob["type"] == "choice" else [knob["low"], knob["high"]]
            for value in [*ends, knob["value"]]:
                browser(one, **{knob["name"]: value}, seq=1)
                assert one.error == ""
    other._publish()
    assert other.data == before
    assert [button["label"] for button in other.scene["presets"]] == ["far"]
    buttons = [knob["label"] for knob in other.scene["knobs"] if knob["type"] == "button"]
    assert buttons == ["Train", "Stop"]
    told = {row["name"]: row["color"] for row in one.scene["legend"]}
    assert told == {name: LOOKS[name].color for name in RIVALS}
    with pytest.raises(KeyError, match="no knob 'speed'"):
        scene(presets={"bad": dict(speed=2)})


def test_what_try_it_says_was_found_at_batch_size_8():
    net = digits_mlp(8, range(5))
    for step, expected, others in (
            (gradient_descent, 10**-0.5, (0.1, 1.0)), (momentum, 0.01, (10**-1.5, 0.1)),
            (adam, 0.01, (10**-2.5, 10**-1.5))):
        some = np.array([expected, *others])
        theta = descend(net, step, steps=600, every=600, lr=some[:, None, None]).theta[-1]
        assert net.accuracy(theta).mean(-1).argmax() == 0
