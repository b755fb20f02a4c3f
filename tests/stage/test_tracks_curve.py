"""A curve: a line, or a tinted area, of points that are all others at each step."""

import numpy as np
import pytest
from support.scene import image, unit_square

from lessons.look import VERMILION, Look
from lessons.stage import Stage

INK = Look(VERMILION, (), "s")
POINTS = np.array([[[0.1, 0.2], [0.5, 0.2], [0.9, 0.2]], [[0.1, 0.8], [0.5, 0.8], [0.9, 0.4]]])


def stage_of(fill=False, points=POINTS):
    figure, ax = unit_square()
    stage = Stage(figure, 1, "A curve.")
    stage.curve(ax, INK, group="mine", fill=fill).set(points)
    stage.compute(lambda: None)
    return stage


def blue_at(png, u, v):
    return image(png)[round(300 - 30 - 240 * v), round(40 + 320 * u), 2]


def test_it_is_described_to_the_browser():
    stage = stage_of()
    [told] = stage.scene["tracks"]
    assert (told["kind"], told["frames"], told["perFrame"]) == ("curve", 2, 3)
    assert np.array_equal(np.frombuffer(stage.data, "<f4"), POINTS.ravel().astype("<f4"))


def test_the_still_draws_the_line_of_its_step():
    first, last = (stage_of().snapshot(step) for step in (0, 1))
    assert blue_at(first, 0.3, 0.2) < 90 and blue_at(first, 0.3, 0.8) == 255
    assert blue_at(last, 0.3, 0.8) < 90 and blue_at(last, 0.3, 0.2) == 255
    assert blue_at(last, 0.7, 0.6) < 90


def test_a_filled_one_is_tinted_inside_and_has_no_edge():
    area = np.array([[[0.2, 0.2], [0.8, 0.2], [0.8, 0.8], [0.2, 0.8]]])
    png = stage_of(fill=True, points=area).snapshot()
    assert blue_at(png, 0.5, 0.5) == pytest.approx(0.75 * 255, abs=2)
    assert blue_at(png, 0.2, 0.5) > 150 and blue_at(png, 0.1, 0.5) == 255


def test_a_gap_lifts_the_pen_and_nothing_draws_nothing():
    gap = POINTS[:1].copy()
    gap[0, 1] = np.nan
    empty = stage_of(points=np.full((1, 3, 2), np.nan)).snapshot()
    assert stage_of(points=gap).snapshot() == empty
    assert stage_of(fill=True, points=np.full((1, 3, 2), np.nan)).snapshot() == empty


@pytest.mark.parametrize("useless", [[0.5, 0.5], np.zeros((3, 2)), np.zeros((0, 3, 2)),
                                     np.zeros((2, 3, 3))])
def test_points_of_another_shape_are_refused(useless):
    track = stage_of()._tracks[0]
    with pytest.raises(ValueError, match=r"curve.*have shape \(steps \+ 1, .*, 2\).*got shape"):
        track.set(useless)
