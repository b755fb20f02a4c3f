"""Tracks: where their points lie, and that Matplotlib draws each of them there."""

import numpy as np
import pytest
from matplotlib.figure import Figure
from support.scene import image, unit_square

from lessons.look import BLUE, VERMILION, Look
from lessons.stage import Stage
from lessons.stage.tracks import FAR, Track, to_data, to_fraction

INK = Look(VERMILION, (), "s")


def symlog(x):
    """Matplotlib's symlog in closed form: straight up to 2, and a decade is 0.9 times as long."""
    far = 1 / 0.9 + np.log10(np.maximum(np.abs(x), 2) / 2)
    return np.where(np.abs(x) <= 2, x / 1.8, np.sign(x) * far)


STRETCH = {"linear": lambda x: x, "log": np.log10, "symlog": symlog}
LIMITS = {"linear": (-2, 3), "log": (1e-3, 1e2), "symlog": (-100, 1000)}


def inked(png, u, v, color=VERMILION):
    """Is the picture of this colour at the fractions u, v of unit_square's axes?"""
    wanted = [int(color[i:i + 2], 16) for i in (1, 3, 5)]
    found = image(png)[round(300 - 30 - 240 * v), round(40 + 320 * u)]
    return np.abs(found - wanted).max() < 40        # a palette of 256 colours and smooth edges


@pytest.mark.parametrize("aspect", ["auto", "equal"])
@pytest.mark.parametrize("turn", [1, -1])
@pytest.mark.parametrize("scale", STRETCH)
def test_a_fraction_is_the_share_of_the_axis_and_turns_back_into_the_point(scale, turn, aspect):
    low, high = LIMITS[scale][::turn]
    _, ax = unit_square(scale, (low, high), (-1, 4))
    if scale == "linear":
        ax.set_aspect(aspect)
    x = np.array([0.002, 0.5, 1, 2.5, 50])
    stretch = STRETCH[scale]
    share = (stretch(x) - stretch(low)) / (stretch(high) - stretch(low))
    points = np.stack([x, np.linspace(-3, 9, 5)], -1)
    fractions = to_fraction(ax, points)
    assert np.allclose(fractions, np.stack([share, (points[:, 1] + 1) / 5], -1), atol=1e-12)
    assert np.allclose([to_data(ax, f) for f in fractions], points, rtol=1e-9)


def test_a_point_lies_where_matplotlib_draws_it_in_axes_of_equal_aspect():
    figure, ax = unit_square(xlim=(-3, 3), aspect="equal")
    stage = Stage(figure, 0, "A dot.")
    stage.marker(ax, INK).set([[1.0, 0.8]])
    ax.plot([-1], [0.3], "s", color=BLUE, markersize=9)
    stage.set()
    stage._repr_mimebundle_()
    left, bottom, width, height = stage.scene["axes"][0]
    u, v = np.frombuffer(stage.data, "<f4")
    picture = image(stage.snapshot())
    for color, (x, y) in {VERMILION: (u, v), BLUE: to_fraction(ax, [-1, 0.3])}.items():
        red_to_blue = picture[..., 0] - picture[..., 2]
        rows, columns = np.nonzero(red_to_blue > 60 if color == VERMILION else red_to_blue < -60)
        assert columns.mean() == pytest.approx(400 * (left + x * width), abs=1)
        assert rows.mean() == pytest.approx(300 * (1 - bottom - y * height), abs=1)


def test_points_that_no_axis_shows_stay_drawable_and_keep_their_direction():
    _, ax = unit_square("log", LIMITS["log"])
    assert to_fraction(ax, [0.0, 0.5])[0] < -100        # minus infinity is far below the foot
    assert np.isnan(to_fraction(ax, [[np.nan, 1], [1, np.inf], [1, -np.inf]])).any(-1).all()
    _, ax = unit_square()
    for far in ([3e6, 4e6], [-3e200, 4e200], [3e300, -4e300]):
        fraction = to_fraction(ax, far)
        assert np.hypot(*fraction) == pytest.approx(FAR)
        assert np.allclose(fraction, FAR * np.sign(far) * [0.6, 0.8], rtol=1e-3)
    assert to_fraction(ax, np.zeros((3, 2, 2))).shape == (3, 2, 2)


POINTS = {"path": np.array([[0.1, 0.2], [0.5, 0.2], [0.9, 0.2]]),
          "marker": np.array([[0.2, 0.5], [0.5, 0.5], [0.8, 0.5]]),
          "arrow": np.array([[[0.2, 0.5], [0.8, 0.5]]]),
          "box": np.array([[[0.2, 0.2], [0.8, 0.8]]]),
          "ellipse": np.array([[[0.5, 0.5], [0.8, 0.5], [0.5, 0.7]]]),
          "text": np.array([[0.3, 0.5]])}


@pytest.mark.parametrize(("kind", "options", "step", "drawn", "bare"), [
    ("path", {}, 1, [(0.3, 0.2), (0.5, 0.215)], [(0.7, 0.2), (0.1, 0.215)]),
    ("path", {}, 2, [(0.3, 0.2), (0.7, 0.2), (0.9, 0.215)], [(0.5, 0.215)]),
    ("path", {"head": False}, 1, [(0.3, 0.2)], [(0.5, 0.215)]),
    ("path", {"whole": True}, 0, [(0.3, 0.2), (0.7, 0.2)], [(0.9, 0.215)]),
    ("marker", {}, 1, [(0.5, 0.5)], [(0.2, 0.5), (0.8, 0.5)]),
    ("marker", {"size": 30}, 1, [(0.54, 0.5)], [(0.2, 0.5)]),
    ("arrow", {}, 0, [(0.21, 0.5), (0.5, 0.5), (0.785, 0.5), (0.78, 0.51)],
     [(0.5, 0.51), (0.22, 0.51), (0.82, 0.5)]),
    ("box", {}, 0, [(0.2, 0.5), (0.5, 0.8), (0.8, 0.3)], [(0.5, 0.5), (0.1, 0.5)]),
    ("ellipse", {}, 9, [(0.2, 0.5), (0.5, 0.7), (0.5, 0.3)], [(0.5, 0.5), (0.78, 0.68)]),
    ("text", {"words": ["", "█"], "size": 20}, 1, [(0.31, 0.5)], [(0.28, 0.5)]),
    ("text", {"words": ["", "█"], "size": 20}, 0, [], [(0.31, 0.5)]),
])
def test_every_track_is_described_to_the_browser_and_drawn_in_the_still(kind, options, step, drawn,
                                                                        bare):
    figure, ax = unit_square()
    stage = Stage(figure, 2, "One thing.")
    getattr(stage, kind)(ax, INK, group="mine", **options).set(POINTS[kind])
    stage.compute(lambda: None)
    [told] = stage.scene["tracks"]
    assert (told["kind"], told["ax"], told["group"], told["color"]) == (kind, 0, "mine", VERMILION)
    frames = len(POINTS[kind])
    assert (told["frames"], told["perFrame"]) == (frames, POINTS[kind].size // frames // 2)
    assert np.array_equal(np.frombuffer(stage.data, "<f4"), POINTS[kind].ravel().astype("<f4"))
    png = stage.snapshot(step)
    assert [inked(png, *at) for at in drawn] == [True] * len(drawn)
    assert [inked(png, *at) for at in bare] == [False] * len(bare)
    assert not ax.patches and not ax.lines and not ax.texts         # and nothing stays behind


@pytest.mark.parametrize("kind", ["box", "ellipse"])
def test_a_filled_shape_is_tinted_inside_and_another_one_is_not(kind):
    figure, ax = unit_square()
    for fill, color in [(True, [0.75 * 255 + 0.25 * 0xD5, 0.75 * 255]), (False, [255, 255])]:
        stage = Stage(figure, 0, "One thing.")
        getattr(stage, kind)(ax, INK, fill=fill).set(POINTS[kind])
        red, _, blue = image(stage.snapshot())[150, 200]
        assert [red, blue] == pytest.approx(color, abs=2)


@pytest.mark.parametrize("kind", POINTS)
def test_what_is_nowhere_is_not_drawn_and_nobody_is_warned(kind, caplog):
    figure, ax = unit_square()
    stage = Stage(figure, 2, "Nothing.")
    empty = stage.snapshot()
    track = getattr(stage, kind)(ax, INK, words=["here"])
    assert stage.snapshot() == empty
    points = POINTS[kind].reshape(len(POINTS[kind]), -1, 2).copy()
    points[:, -1, 0] = np.nan       # half a point is no point, and an arrow needs both of its ends
    track.set(points)
    assert stage.snapshot() == empty and not caplog.records
    for useless in ([0.5, 0.5], np.zeros((3, 4, 2)), np.zeros((0, 2))):
        with pytest.raises(ValueError, match=f"{kind}.*have shape .*got shape"):
            track.set(useless)


def test_an_arrow_of_length_zero_draws_without_complaint():
    figure, ax = unit_square()
    stage = Stage(figure, 0, "A flat place.")
    stage.arrow(ax, INK).set([[[0.5, 0.5], [0.5, 0.5]]])
    assert stage.snapshot()


def test_a_marker_on_the_frame_is_whole_whatever_the_layout_rounds():
    figure = Figure((9.2, 4.3))
    for left in np.linspace(0.01, 0.3, 40):
        ax = figure.add_axes([left, left / 3, 0.61 - left, 0.5 - left / 7])
        ax.set_xlim(0, 60)
        path = Track("path", ax)
        path.set([(0, 0.5), (60, 1.0)])
        assert not path.draw(1)[1].get_clip_on()
        path.set([(0, 0.5), (60.1, 1.0)])       # beyond the frame it is cut
        assert path.draw(1)[1].get_clip_on()
