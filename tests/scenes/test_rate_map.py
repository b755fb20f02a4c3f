"""rate_map and velocity_sum: their maps, lines and levels are what the theory says."""

import numpy as np
import pytest
from support.scene import browser, drawn, image, words

from lessons.descend import descend
from lessons.raster import Backdrop
from lessons.scenes import rate_map, velocity_sum
from lessons.scenes.momentum.rate_map import (
    BETA,
    CHOSEN,
    EDGE,
    FLAT,
    RULES,
    X,
    best_pair,
    edge,
    rate_of,
)
from lessons.scenes.momentum.shrink import SOLID
from lessons.scenes.momentum.velocity_sum import AVERAGE, GRADIENTS, SUM
from lessons.stage.stage import INK
from lessons.surfaces import ravine

# The pad


def shown(stage, ax):
    """The one path of the chosen pair, of both rules' two, that is in the picture."""
    [path] = [way for way in drawn(stage, "path", ax, CHOSEN) if np.isfinite(way).any()]
    return path


def radius(rule, x, beta, condition):
    """The largest eigenvalue, in size, of one step on (theta, velocity), built from the step."""
    columns = []
    for place in np.eye(4):
        theta, velocity = RULES[rule](ravine(condition), place[:2], place[2:],
                                      lr=x / condition, beta=beta)
        columns.append([*theta, *velocity])
    return np.abs(np.linalg.eigvals(np.transpose(columns))).max()


@pytest.mark.parametrize("rule", RULES)
def test_the_closed_form_is_the_spectral_radius_of_the_step(rule):
    draw = np.random.default_rng(0).uniform((0.05, 0, 1), (4.2, 0.99, 100), (200, 3))
    found = [rate_of(rule, *row) for row in draw]
    # a double root takes half the digits
    np.testing.assert_allclose(found, [radius(rule, *row) for row in draw], atol=1e-6)


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("condition", [2.0, 20.0, 100.0])
def test_the_star_is_the_best_pair_and_the_edge_is_where_it_explodes(rule, condition):
    x, beta = best_pair(rule, condition)
    least = rate_of(rule, x, beta, condition)
    assert least < rate_of(rule, X, BETA[:, None], condition).min() + 1e-9
    for near in ((1.01 * x, beta), (0.99 * x, beta), (x, 0.99 * beta)):
        assert rate_of(rule, *near, condition) > least
    for b in (0.0, 0.3, 0.9):
        limit = edge(rule, b)
        assert rate_of(rule, 0.99 * limit, b, condition) < 1
        assert rate_of(rule, 1.01 * limit, b, condition) > 1


def test_the_pair_is_dragged_and_the_walk_answers():
    stage = rate_map(steps=40)
    browser(stage, pair=[0.5, 0.6], seq=1)          # half of 4.2, 0.6 of 1
    for rule, condition in (("Momentum", 20.0), ("Nesterov", 5.0), ("Momentum", 5.0)):
        browser(stage, rule=rule, condition=condition, start=[0.25, 0.75], seq=2)
        run = descend(ravine(condition, 30), RULES[rule], tuple(stage.values["start"]), steps=40,
                      lr=2.1 / condition, beta=0.6)
        way, curve = shown(stage, 1), shown(stage, 2)
        inside = np.abs(run.theta[:, 1]) < 5
        np.testing.assert_allclose(way[inside], run.theta[inside], atol=1e-4)
        np.testing.assert_allclose(curve[:, 1], run.loss / run.loss[0], rtol=1e-3)
        [theory] = drawn(stage, "path", 2, "Theory")
        rate = radius(rule, 2.1, 0.6, condition)
        assert theory[1, 1] / theory[0, 1] == pytest.approx(rate**80, rel=1e-3)
        [row] = [row for row in stage.scene["legend"] if row["name"] == CHOSEN]
        assert row["color"] == SOLID[rule].color and row["notes"][0].startswith(f"{rule}: loss x ")
    assert tuple(stage.values["start"]) == pytest.approx((-1.4, 0.875))


@pytest.mark.parametrize("rule", RULES)
@pytest.mark.parametrize("condition", [1.0, 20.0, 100.0])
def test_the_marks_stand_where_their_words_say_and_no_words_stand_where_it_explodes(rule,
                                                                                    condition):
    stage = rate_map(rule=rule, condition=condition)
    notes = {row["name"]: row["notes"][0] for row in stage.scene["legend"]}
    for name, (x, beta) in (("Best pair", best_pair(rule, condition)),
                            ("Best without memory", (2 * condition / (condition + 1), 0))):
        [mark] = drawn(stage, "marker", 0, name)
        np.testing.assert_allclose(mark, [(x, beta)], atol=1e-5)
        assert notes[name].startswith(f"lr {x / condition:.3g}")
        assert x < edge(rule, beta) + 1e-9
    assert words(stage, 0) == [["explodes"], [EDGE],        # and these do
                               [FLAT] if rule == "Momentum" else [""]]
    assert 3.2 > max(edge(rule, beta) for beta in (0.15, 0.25))


@pytest.mark.parametrize("condition", [2.0, 100.0])
def test_inside_the_outline_only_beta_counts_and_its_corner_is_the_star(condition):
    stage = rate_map(condition=condition)
    [way] = [way for way in drawn(stage, "path", 0) if len(way) == 80]
    left, right = way[:40][::-1], way[40:]
    for corner in (left[0], right[0]):
        assert corner == pytest.approx(best_pair("Momentum", condition), abs=1e-4)
    for (x, beta), (end, _) in zip(left[1:].tolist(), right[1:].tolist()):
        inside = np.linspace(x, end, 7)[1:-1]
        assert rate_of("Momentum", inside, beta, condition) == pytest.approx(beta**0.5, abs=1e-4)
        for beyond in (x - 0.02 * (end - x), end + 0.02 * (end - x)):
            assert rate_of("Momentum", beyond, beta, condition) > beta**0.5 + 1e-4
    stage.set(rule="Nesterov")
    assert not [way for way in drawn(stage, "path", 0) if len(way) == 80]


def test_no_colour_lies_over_the_shades_so_that_they_are_those_of_the_key():
    stage = rate_map(condition=100.0)
    assert not [track for track in stage.scene["tracks"] if track["ax"] == 0 and track["fill"]]
    picture = image(stage.backdrop).astype(int)
    key = stage.figure.axes[-1]
    for column, (x, beta) in enumerate([(2.9, 0.7), (2.0, 0.8), (2.0, 0.9), (2.0, 0.98)]):
        there, said = (picture[len(picture) - int(at[1]), int(at[0]), 0] for at in (
            stage.figure.axes[0].transData.transform((x, beta)),
            key.transData.transform((column - 0.35, 0.5))))
        assert there == said


@pytest.mark.parametrize("rule", RULES)
def test_the_cross_is_the_chosen_pair_in_the_colour_of_its_rule(rule):
    stage = rate_map(rule=rule, pair=(1.0, 0.5))
    looks = [track for track in stage.scene["tracks"]
             if (track["kind"], track["ax"], track["marker"]) == ("marker", 0, "X")]
    places = drawn(stage, "marker", 0, None)
    shown = {look["color"]: place for look, place in zip(looks, places, strict=True)
             if np.isfinite(place).all()}
    assert list(shown) == [SOLID[rule].color]
    assert shown[SOLID[rule].color][0] == pytest.approx((1.0, 0.5), abs=1e-4)


def test_steps_at_a_rate_are_whole_and_say_so():
    stage = rate_map(condition=100.0, pair=(1.0, 0.9))
    notes = {row["name"]: row["notes"][0] for row in stage.scene["legend"]}
    assert notes["Best without memory"].endswith(": 231 steps by its rate")     # 230.3
    assert notes["Theory"].endswith(": 88 steps by its rate")      # 87.4


def test_the_run_can_be_taken_out_of_the_picture():
    stage = rate_map(steps=20, rule="Nesterov", pair=(1.0, 0.5), start=(1, 1))
    run = descend(ravine(20, 30), RULES["Nesterov"], (1, 1), steps=20, lr=0.05, beta=0.5)
    assert list(stage.runs) == ["Nesterov"]
    assert np.array_equal(stage.runs["Nesterov"].loss, run.loss)


def test_the_pad_is_drawn_anew_only_for_another_map(monkeypatch):
    stage, draw, drawings = rate_map(), Backdrop.pixels, []
    monkeypatch.setattr(Backdrop, "pixels", lambda self: drawings.append(1) or draw(self))
    for turn, redrawn in [(dict(pair=(1, 0.5)), False), (dict(start=(1, 1)), False),
                          (dict(condition=50), True), (dict(rule="Nesterov"), True),
                          (dict(pair=(2, 0.2)), False)]:
        before = stage.backdrop
        drawings.clear()
        stage.set(**turn)
        assert (stage.backdrop != before) == redrawn == bool(drawings), turn


def test_the_map_is_darkest_at_the_star_and_hatched_where_it_explodes():
    stage = rate_map()
    picture = image(stage.backdrop).astype(int)

    def shade(x, beta):
        at = stage.figure.axes[0].transData.transform((x, beta))
        return picture[len(picture) - int(at[1]), int(at[0]), :3]

    x, beta = best_pair("Momentum", 20.0)
    greys = [shade(*at) for at in ((x - 0.1, beta + 0.05), (1.0, 0.5), (0.5, 0.2))]
    assert all(np.ptp(grey) == 0 for grey in greys)
    assert greys[0][0] < greys[1][0] < greys[2][0] < 255
    beyond = np.array([shade(x, 0.3)[0] for x in np.linspace(3.3, 3.9, 60)])
    assert beyond.max() == 255 and 5 < (beyond < 240).sum() < 40    # lines on the bare paper


# The memory


@pytest.mark.parametrize("beta", [0.0, 0.5, 0.9, 0.99])
@pytest.mark.parametrize("gradients", GRADIENTS)
def test_the_velocity_is_the_fading_sum_of_the_gradients(gradients, beta):
    stage = velocity_sum(beta=beta, gradients=gradients)
    g = GRADIENTS[gradients](np.arange(1, 61))
    wanted = np.convolve(g, beta ** np.arange(60))[:60]
    for form, factor in ((SUM, 1.0), (AVERAGE, 1 - beta)):
        stage.set(form=form)
        low, high = stage.figure.axes[1].get_ylim()
        [path] = drawn(stage, "path", 1, "Velocity")
        np.testing.assert_allclose(path[1:, 1], factor * wanted, atol=1e-5 * (high - low))
        assert low < 0 and np.abs(wanted).max() <= high
    stems = drawn(stage, "path", 0, "Gradient")[0].reshape(60, 3, 2)[:, 1]
    np.testing.assert_allclose(stems, np.stack([np.arange(1, 61), g], -1), atol=1e-4)


@pytest.mark.parametrize(("gradients", "numbers"), [
    ("one gradient", ["0", "1"]), ("the same gradient for ever", ["0", "10"]),
    ("a gradient that turns about", ["-1", "0", "1"])])
def test_the_axis_of_the_velocity_has_numbers_at_their_heights(gradients, numbers):
    stage = velocity_sum(beta=0.9, gradients=gradients)
    texts = [track for track in stage._tracks if track.ax is stage.figure.axes[1]
             and track.kind == "text" and track.size == 10 and track.look == INK]
    seen = {track.words[0]: track.points[0, 0, 1] for track in texts
            if np.isfinite(track.points).all()}
    assert list(seen) == numbers
    assert all(float(words) == pytest.approx(y) for words, y in seen.items())


def test_the_lines_stand_where_the_theory_says():
    stage = velocity_sum(beta=0.9)
    said = " ".join(word[0] for word in words(stage, 1) if word)
    assert "add up to 10" in said and "after 6.58 steps" in said
    _, half, zero = drawn(stage, "path", 1)
    assert half[1] == pytest.approx([1 + np.log(0.5) / np.log(0.9), 0.5], abs=1e-4)
    assert zero[:, 1] == pytest.approx(0, abs=1e-6)


@pytest.mark.parametrize(("gradients", "form", "height"), [
    ("the same gradient for ever", SUM, 10), ("the same gradient for ever", AVERAGE, 1),
    ("a gradient that turns about", SUM, 1 / 1.9),
    ("a gradient that turns about", AVERAGE, 0.1 / 1.9),
    ("noise", SUM, 1 / np.sqrt(0.19)), ("noise", AVERAGE, np.sqrt(0.1 / 1.9))])
def test_each_level_is_what_the_velocity_tends_to(gradients, form, height):
    stage = velocity_sum(beta=0.9, gradients=gradients, form=form)
    levels = [line[0, 1] for line in drawn(stage, "path", 1) if len(line) == 2]
    assert any(level == pytest.approx(height, rel=1e-3) for level in levels)
