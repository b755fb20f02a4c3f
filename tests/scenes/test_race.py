"""The race, driven as a reader would: what it shows is what plain calls of descend return."""

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.scene import LRS, assert_shows, browser, headline, loss_of, notes, sent, shown

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.networks import digits, digits_accuracy, digits_softmax
from lessons.raster import Backdrop
from lessons.scenes import race
from lessons.scenes.common.runs import own
from lessons.steps import adam, gradient_descent, momentum
from lessons.surfaces import beale, parabola, ravine, rosenbrock, saddle
from lessons.views import noisy

RIVALS = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adam": adam}
MODES = ["one for all", "each its own", "each at its best"]


def noisy_ravine(condition=10.0, sigma=1.0):
    return noisy(ravine(condition, angle=30), sigma)


def test_each_knob_shows_the_run_that_descend_returns():
    stage = race(ravine, RIVALS, steps=30)
    for turn in (dict(lr=0.02), dict(condition=8.0), dict(angle=40.0), dict(steps=50),
                 dict(start=(1.0, 1.2))):
        stage.set(**turn)
        now = stage.values
        surface = ravine(now["condition"], now["angle"])
        for name, step in RIVALS.items():
            assert_shows(stage, surface, name, step, now["lr"], now["steps"])
    assert stage.scene["steps"] == 50 and list(now["start"]) == [1.0, 1.2]


def test_a_rival_has_one_look_in_all_its_places_and_losses_a_logarithmic_axis():
    stage = race(ravine, RIVALS, steps=10)
    looks = {row["name"]: (row["color"], row["dash"], row["marker"])
             for row in stage.scene["legend"]}
    assert looks == {name: tuple(LOOKS[name]) for name in RIVALS}
    for told in stage.scene["tracks"][1:]:
        assert (told["color"], told["marker"]) == looks[told["group"]][::2]
    assert stage.figure.axes[1].get_yscale() == "log"


def test_shared_own_and_best_learning_rates_are_three_positions_of_one_switch():
    stage = race(ravine, RIVALS, lr=0.02, steps=30)
    own = dict(zip(RIVALS, (0.05, 0.004, 0.2)))
    stage.set(**{f"lr of {name}": lr for name, lr in own.items()})
    best = {name: min(LRS, key=lambda lr: descend(ravine(), step, steps=30, lr=lr).loss[-1])
            for name, step in RIVALS.items()}
    for mode, rates, words in [(MODES[0], dict.fromkeys(RIVALS, 0.02), "every rule at lr 0.02"),
                               (MODES[1], own, "each rule at its own lr"),
                               (MODES[2], best, "each rule at the best of 41 lrs")]:
        browser(stage, rates=mode, seq=1)
        for name, step in RIVALS.items():
            assert_shows(stage, ravine(), name, step, rates[name], 30)
            assert (f"lr of {name}" in shown(stage)) == (mode == MODES[1])
        assert headline(stage) == [f"Ravine, {words}"]
        assert ("lr" in shown(stage)) == (mode == MODES[0])
        assert len([k for k in shown(stage) if not k.startswith("lr of")]) <= 5


def test_a_menu_of_surfaces_hides_the_knobs_that_do_nothing():
    stage = race([rosenbrock, noisy_ravine, ravine], RIVALS, steps=20, lr=0.002, target=0.5)
    for name, knobs in [("rosenbrock", set()), ("noisy_ravine", {"condition", "sigma"}),
                        ("ravine", {"condition", "angle"})]:
        browser(stage, surface=name, seq=1)
        assert set(shown(stage)) == {"rates", "lr", "surface"} | knobs
    assert_shows(stage, ravine(10.0), "Adam", adam, 0.002, 20)      # the knob stays where it was
    assert headline(stage) == ["Ravine, every rule at lr 0.002"]
    stage.set(surface="rosenbrock", lr=0.2)
    assert_shows(stage, rosenbrock(), "Adam", adam, 0.2, 20)


@pytest.mark.parametrize(("surface", "rivals"), [
    (ravine, RIVALS), ([saddle, beale], RIVALS), (noisy_ravine, {"Adam": adam})])
def test_at_most_five_knobs_are_shown_beside_one_for_each_rival(surface, rivals):
    stage = race(surface, rivals, steps=10)
    for mode in MODES:
        stage.set(rates=mode)
        own = [f"lr of {name}" for name in rivals if mode == MODES[1]]
        assert set(own) <= set(shown(stage)) and len(set(shown(stage)) - set(own)) <= 5
    assert ("rates" in shown(stage)) == (len(rivals) > 1)


def test_a_start_that_was_placed_stays_until_another_surface_is_chosen():
    stage = race([ravine, beale], RIVALS, steps=20)
    assert tuple(stage.values["start"]) == pytest.approx(ravine().start)
    browser(stage, start=[0.75, 0.25], seq=1)
    placed = [1.4, -0.875]       # three quarters of -2.8 to 2.8, one quarter of -1.75 to 1.75
    for turn in (dict(condition=40.0), dict(angle=50.0), dict(lr=0.01)):
        browser(stage, **turn, seq=2)
        assert stage.values["start"] == pytest.approx(placed)
        assert stage.scene["points"][0]["at"] == pytest.approx([0.75, 0.25])
    assert_shows(stage, ravine(40.0, 50.0), "Adam", adam, 0.01, 20)
    for name, surface in [("beale", beale()), ("ravine", ravine(40.0, 50.0))]:
        stage.set(surface=name)
        assert stage.values["start"] == pytest.approx(surface.start)
    stage.set(surface="beale", start=(2.0, 1.0))
    assert_shows(stage, beale(), "Adam", adam, 0.01, 20)
    assert list(stage.values["start"]) == [2.0, 1.0]


def test_a_start_that_python_gives_holds_from_the_beginning():
    stage = race(ravine, RIVALS, steps=20, start=(1.0, 1.0), condition=5)
    assert list(stage.values["start"]) == [1.0, 1.0]
    assert_shows(stage, ravine(5), "Adam", adam, 0.05, 20)


def test_a_start_that_nobody_placed_turns_with_the_valley():
    stage = race(ravine, RIVALS, steps=20)
    for angle in (30.0, 90.0):
        stage.set(angle=angle)
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        assert stage.values["start"] == pytest.approx([-1.5 * c - 0.8 * s, 0.8 * c - 1.5 * s])


def test_in_one_dimension_the_path_lies_on_the_curve():
    stage = race(parabola, {"Adam": adam}, steps=20, lr=0.3)
    for curvature, x in [(1.0, -2.0), (4.0, -2.0), (4.0, 1.3)]:
        browser(stage, curvature=curvature, start=[(x + 2.6) / 5.2, 0.9], seq=1)
        at = sent(stage, "Adam")["way"][0]
        assert at[0, 0] == pytest.approx(x, abs=1e-5) and len(at) == 21
        assert np.allclose(at[:, 1], curvature * at[:, 0] ** 2 / 2, atol=1e-4)
        run = descend(parabola(curvature), adam, [x], steps=20, lr=0.3)
        assert np.allclose(at[:, 0], run.theta[:, 0], atol=1e-5)
    assert stage.values["start"] == pytest.approx([1.3, 4.0 * 1.3**2 / 2])
    assert headline(stage) == ["Parabola, lr 0.3"]


def test_a_menu_may_mix_one_and_two_dimensions():
    stage = race([ravine, parabola], RIVALS, steps=20)
    stage.set(surface="parabola")
    assert stage.figure.axes[0].get_aspect() == "auto"
    assert np.allclose(sent(stage, "Adam")["way"][0][0], [-2, 2], atol=1e-5)
    stage.set(surface="ravine")
    assert stage.figure.axes[0].get_aspect() == 1
    assert_shows(stage, ravine(), "Adam", adam, 0.05, 20)


def test_a_race_without_a_map_shows_the_loss_and_the_score():
    surface = digits_softmax(batch=16)
    with pytest.raises(TypeError, match="score={label: function of theta}"):
        race(surface, RIVALS)
    rivals = {"Adam": adam, "mine": lambda surface, theta, *, lr=0.1: None}
    stage = race(surface, rivals, steps=3, lr=0.1, target=2.0,
                 score={"share right": digits_accuracy})
    run, drawn = descend(surface, adam, steps=3, lr=0.1), sent(stage, "Adam")
    X, y = digits()[2:]
    W = run.theta.reshape(-1, 65, 10)
    share = [(np.argmax(X @ w[:64] + w[64], -1) == y).mean() for w in W]
    assert np.allclose(drawn["curve"][0], np.stack([range(4), share], -1), atol=1e-6)
    assert np.allclose(drawn["way"][0], np.stack([range(4), run.loss], -1), rtol=1e-4)
    assert np.isnan(sent(stage, "mine")["curve"][0][:, 1]).all()       # no run, so no score
    assert shown(stage) == ["rates", "lr"] and stage.scene["points"] == []
    assert stage.figure.axes[1].get_ylabel() == "share right"
    assert loss_of(notes(stage, "Adam")[-1]) == pytest.approx(run.loss[-1], rel=0.06)


def test_presets_turn_what_they_say_and_check_it_at_once():
    stage = race(ravine, RIVALS, steps=20, presets={"own": dict(rates=MODES[1], lr=0.3)})
    [button] = stage.scene["presets"]
    browser(stage, **button["values"], seq=1)
    assert headline(stage) == ["Ravine, each rule at its own lr"] and stage.values["lr"] == 0.3
    for bad, advice in [(dict(speed=2), "no knob 'speed'"), (dict(rates="all"), "one of")]:
        with pytest.raises((KeyError, ValueError), match=advice):
            race(ravine, RIVALS, presets={"bad": bad})
        with pytest.raises((KeyError, ValueError), match=advice):
            race(ravine, RIVALS, **bad)


def test_the_runs_of_a_picture_can_be_taken_out_of_it():
    stage = race(ravine, RIVALS, steps=20, lr=0.02)
    for turn in (dict(), dict(lr=0.1), dict(condition=5.0), dict(start=(1, 1))):
        stage.set(**turn)
        for name, step in RIVALS.items():
            run = descend(ravine(stage.values["condition"]), step, stage.values["start"],
                          steps=20, lr=stage.values["lr"])
            assert np.array_equal(stage.runs[name].loss, run.loss)
            assert np.array_equal(stage.runs[name].theta, run.theta)


@pytest.mark.parametrize("first", [rosenbrock, ravine, parabola, saddle])
def test_each_surface_of_a_menu_has_all_its_labels_in_the_picture(first):
    stage = race([first, rosenbrock, ravine, parabola, saddle], RIVALS, steps=10)
    draw = FigureCanvasAgg(stage.figure).get_renderer()
    assert (draw.width, draw.height) == (1840, 860)
    for name in ["rosenbrock", "ravine", "parabola", "saddle", first.__name__]:
        stage.set(surface=name)
        for ax in stage.figure.axes:        # half a pixel of the page is the layout's rounding
            (left, low), (right, high) = ax.get_tightbbox(draw).get_points()
            assert min(left, low) > -1 and right < 1841 and high < 861, name
        left, *others = (ax.get_tightbbox(draw) for ax in stage.figure.axes)
        assert all(left.x1 <= other.x0 for other in others), name


def test_two_races_share_nothing():
    one, other = race(ravine, RIVALS, steps=20), race(ravine, RIVALS, steps=20)
    before = dict(other.scene), other.data, other.backdrop, repr(other), other.rev
    one.set(lr=0.3, condition=3, rates=MODES[2], start=(1, 1), steps=40)
    other._publish()
    assert (other.scene, other.data, other.backdrop, repr(other), other.rev - 1) == before
    assert repr(one) != repr(other)


def test_only_those_walk_anew_whose_walk_has_changed():
    walked = []

    def counted(step):
        def counting(surface, theta, *, lr=0.1):
            walked.append(step)
            return theta - lr * surface.grad(theta)
        return counting

    rivals = {"Adam", "Muon"}
    stage = race(ravine, {name: counted(name) for name in rivals}, rates=MODES[1])
    for change, again in [({own("Adam"): 0.02}, {"Adam"}), ({own("Muon"): 0.02}, {"Muon"}),
                          (dict(condition=50), rivals), (dict(steps=50), rivals),
                          (dict(start=(1, 1)), rivals), (dict(rates=MODES[1]), set())]:
        walked.clear()
        stage.set(**change)
        assert set(walked) == again, change


def test_the_map_is_drawn_anew_only_when_the_surface_changes(monkeypatch):
    stage, draw, drawings = race(ravine, RIVALS, steps=20), Backdrop.pixels, []
    monkeypatch.setattr(Backdrop, "pixels", lambda self: drawings.append(1) or draw(self))
    for turn, redrawn in [(dict(lr=0.3), False), (dict(start=(1, 1)), False),
                          (dict(rates=MODES[1]), False), (dict(condition=3), True),
                          (dict(angle=20), True), (dict(steps=30), True)]:
        before = stage.backdrop
        drawings.clear()
        stage.set(**turn)
        assert (stage.backdrop != before) == redrawn == bool(drawings)
