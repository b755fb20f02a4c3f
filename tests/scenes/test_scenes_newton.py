"""Newton's scenes show the walks of descend, and parabolas that touch."""

import numpy as np
import pytest
from support.scene import drawn, notes, words

from lessons.descend import descend
from lessons.scenes import backtracking, basins, touching_parabola
from lessons.scenes.newton.backtracking import CASES
from lessons.scenes.newton.basins import (
    ABSOLUTE,
    DESCENT,
    FLAT,
    NEWTON,
    SLOW,
    STEPPED,
    STEPS,
    factors,
    where,
)
from lessons.scenes.newton.basins import NEAR as NEAR_FLAT
from lessons.scenes.newton.touching_parabola import CURVES, JUMPS, surface_of
from lessons.scenes.newton.touching_parabola import SLOW as SLOW_LINE
from lessons.steps import gradient_descent, line_search, newton, newton_line_search
from lessons.surfaces import himmelblau

NEAR = dict(atol=2e-4)      # float32 fractions of the axes


@pytest.mark.parametrize("name", CURVES)
def test_a_curve_of_the_parabola_has_the_slope_and_curvature_that_it_states(name):
    curve = CURVES[name]
    x, h = np.linspace(0.3, 2, 9), 1e-5
    np.testing.assert_allclose(curve.slope(x), (curve.f(x + h) - curve.f(x - h)) / (2 * h),
                               rtol=1e-8, atol=1e-8)        # h^2, and rounding over h
    np.testing.assert_allclose(curve.bend(x), (curve.slope(x + h) - curve.slope(x - h)) / (2 * h),
                               rtol=1e-8, atol=1e-8)
    assert abs(curve.slope(curve.lowest)) < 1e-12


@pytest.mark.parametrize(("name", "start", "lr", "damping"), [
    ("x - ln x", 0.3, 1.0, 0.0), ("(x² - 1)²", 0.2, 1.0, 0.5), ("x⁴", 1.4, 3.0, 0.0)])
def test_the_parabola_touches_the_curve_and_its_level_point_is_where_newton_lands(
        name, start, lr, damping):
    stage, curve = touching_parabola(curve=name, start=(start, 1), lr=lr, damping=damping), CURVES[
        name]
    x = descend(surface_of(curve), newton, (start,), JUMPS, lr=lr, damping=damping).theta[:, 0]
    [_, slow, *been, here] = drawn(stage, "marker", 0)
    other = descend(surface_of(curve), gradient_descent, (start,), 1, lr=SLOW_LINE).theta[:, 0]
    np.testing.assert_allclose(slow[[0, 2]], np.stack([other, curve.f(other)], -1), **NEAR)
    np.testing.assert_allclose(here[::2, 0], x, **NEAR)
    np.testing.assert_allclose(here[::2, 1], curve.f(x), **NEAR)
    assert np.isnan(been[1][3]).all() and np.isfinite(been[1][4]).all()    # after two jumps
    np.testing.assert_allclose(been[1][4], (x[1], curve.f(x[1])), **NEAR)
    [touch] = drawn(stage, "curve", 0, "Parabola")
    for t in (0, 1):        # three points tell a parabola: height, slope, curvature where x is
        a, b, c = np.polyfit(*touch[2 * t].T, 2)
        assert a * x[t]**2 + b * x[t] + c == pytest.approx(curve.f(x[t]), abs=1e-3)
        assert 2 * a * x[t] + b == pytest.approx(curve.slope(x[t]), rel=1e-3, abs=1e-3)
        assert 2 * a == pytest.approx(curve.bend(x[t]) + damping, rel=1e-3)
        if lr == 1:         # the level point
            assert -b / (2 * a) == pytest.approx(x[t + 1], abs=1e-3)


def test_a_scene_opens_a_page_without_a_kernel_at_its_still():
    assert "(step 1)" in touching_parabola(still=1)._repr_mimebundle_()[0]["text/plain"]
    assert f"(step {2 * JUMPS})" in repr(touching_parabola())


def test_a_parabola_alone_fills_the_picture_and_says_where_the_jump_lands():
    stage = touching_parabola(digits=False, curve="x - ln x", start=(0.5, 1))
    assert len(stage.figure.axes) == 1 and "Right" not in stage.alt
    assert "lands at 0.75" in words(stage, 0)[1] and "Gradient descent" not in repr(stage)
    jump = drawn(stage, "arrow", 0)[0]
    assert np.isnan(jump[0]).all()
    np.testing.assert_allclose(jump[1][:, 0], (0.5, 0.75), **NEAR)


def test_the_digits_double_and_a_point_without_a_curve_is_said():
    stage = touching_parabola(curve="x - ln x", start=(0.5, 1))
    digits = drawn(stage, "path", 1, "Newton")[0][::2, 1]
    np.testing.assert_allclose(digits[:6], 2 ** np.arange(6) * np.log10(2), atol=1e-3)
    gone = touching_parabola(curve="x - ln x", start=(2.5, 1))
    assert "no curve" in words(gone, 0)[0][2] and gone.error == ""
    assert notes(gone, "Newton")[2] == "x = -1.25"


@pytest.mark.parametrize(("rule", "damping", "lr"), [
    (NEWTON, 0.0, 1.0), (NEWTON, 12.0, 1.0), (NEWTON, 0.0, 0.3), (ABSOLUTE, 2.0, 1.0),
    (DESCENT, 0.0, 1.0)])
def test_each_cell_of_the_map_is_where_descend_ends(rule, damping, lr):
    found, knobs = where(rule, damping, lr, cells=21), dict(lr=lr, damping=damping)
    x, y = np.meshgrid(*(np.linspace(-5, 5, 21),) * 2)
    run = descend(himmelblau(), STEPPED[rule], np.stack([x, y], -1), STEPS, every=STEPS,
                  **(dict(lr=SLOW) if rule == DESCENT else knobs))
    gaps = np.sqrt(np.square(run.theta[-1][..., None, :] - FLAT).sum(-1))
    wanted = np.where(gaps.min(-1) < NEAR_FLAT, 1 + gaps.argmin(-1), 0)
    # a run near a border amplifies rounding: one cell of 441 may part
    assert (found == wanted).mean() > 0.995


def test_the_level_places_are_level_and_of_the_kinds_that_their_names_say():
    assert np.abs(himmelblau().grad(FLAT)).max() < 1e-7     # written to ten digits, curvature 100
    bends = np.linalg.eigvalsh(himmelblau().hess(FLAT))
    assert np.sign(bends).sum(axis=-1).tolist() == [2] * 4 + [0] * 4 + [-2]


def test_the_bars_are_what_one_step_leaves_of_a_small_error():
    for rule, damping, lr in ((NEWTON, 20.0, 0.7), (ABSOLUTE, 1.0, 1.0), (DESCENT, 0.0, 1.0)):
        knobs = dict(lr=SLOW) if rule == DESCENT else dict(lr=lr, damping=damping)
        around = 1e-5 * np.stack([np.cos(t := np.linspace(0, np.pi, 361)), np.sin(t)], -1)
        moved = STEPPED[rule](himmelblau(), FLAT[:, None] + around, **knobs) - FLAT[:, None]
        left = np.sqrt(np.square(moved).sum(-1)).max(-1) / 1e-5
        # 361 directions, and an error that is not infinitely small
        np.testing.assert_allclose(left, factors(rule, damping, lr), rtol=2e-3)


def test_each_bar_bears_its_factor():
    stage = basins(damping=22.5)
    numbers = [said[0] for said in words(stage, 1)[-9:]]
    assert [float(n) for n in numbers] == pytest.approx(factors(NEWTON, 22.5, 1.0), rel=0.05)


def test_trials_bear_their_lengths_on_the_map_only_where_there_is_room():
    stage = backtracking(case="hyperbola, Newton", start=(2.0, 0.0))
    assert [said[0] for said in words(stage, 0)[1:4]] == ["1", "0.5", ""]
    stage.set(case="Himmelblau, Newton", start=(0.0, 0.0))
    assert [said[0] for said in words(stage, 0)[1:4]] == ["", "", ""]


@pytest.mark.parametrize("case", CASES)
@pytest.mark.parametrize(("start", "c1", "shrink", "lr"), [((1.2, 0.9), 1e-4, 0.5, 1.0),
                                                           ((2.0, 0.0), 0.4, 0.7, 1.8)])
def test_the_trial_that_passes_is_the_step_s_own(case, start, c1, shrink, lr):
    surface, step = CASES[case]
    stage = backtracking(case=case, start=start, c1=c1, shrink=shrink, lr=lr)
    start = np.array(start)
    d = step(surface, start, lr=1.0) - start
    if surface.grad(start) @ d >= 0:
        assert "no short length helps" in repr(stage) and "yes" not in repr(stage)
        return
    t, slope = lr, surface.grad(start) @ d
    while surface.loss(start + t * d) > surface.loss(start) + c1 * t * slope:
        t = shrink * t
    wanted = start + t * d
    if step is not newton:
        searched = line_search if step is gradient_descent else newton_line_search
        rule = searched(surface, start, lr=lr, c1=c1, shrink=shrink)
        np.testing.assert_allclose(wanted, rule, rtol=1e-12)
    *trials, _ = drawn(stage, "marker", 0)      # the last one is the start's
    places = [at[~np.isnan(at).any(-1)] for at in trials]
    places = [at[-1] for at in places if len(at)]
    np.testing.assert_allclose(places[-1], wanted, atol=2e-3)
    assert repr(stage).count("yes") == 1 and repr(stage).count("no;") == len(places) - 1
