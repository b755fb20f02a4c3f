"""Still pictures: what they draw and what their words say agree with numbers computed here."""

import io
import subprocess
import sys

import numpy as np
import pandas as pd
import pytest
from matplotlib.colors import to_hex
from matplotlib.figure import Figure
from PIL import Image
from support.scene import image
from test_look import contrast

from lessons import plots
from lessons.look import DARK, GREY, LIGHT, LOOKS
from lessons.surfaces import himmelblau, parabola, ravine
from lessons.views import with_l2


def curves():
    x = np.arange(1.0, 12.0)
    return plots.lines(x, {"Adam": 1 / x, "short": [np.nan, *x[1:]]}, title="Curves", xlabel="n",
                       ylabel="y", theory=2 / x, marks={"here": 3.0})


def drawn(picture, name):
    """The curve of one name: x and y."""
    [line] = [line for line in picture.figure.axes[0].lines if line.get_label() == name]
    return line.get_data()


def test_a_picture_is_a_png_with_words_and_the_same_ones_every_time():
    picture, again = curves(), curves()
    (png, metadata), ax = picture._repr_png_(), picture.figure.axes[0]
    assert picture._repr_png_()[0] == png == again._repr_png_()[0]
    assert metadata == dict(alt=repr(picture))
    assert repr(picture) == repr(again) and repr(picture).startswith(ax.get_title() + ".")
    width, height = picture.figure.get_size_inches() * 100
    assert image(png).shape == pytest.approx((height, width, 3), abs=1)
    adams = [int(LOOKS["Adam"].color[i:i + 2], 16) for i in (1, 3, 5)]
    assert (np.abs(image(png) - adams).max(-1) < 20).sum() > 50         # a palette of 256 colours
    assert ax.title.get_color() == GREY


def on_page(png, paper):
    """The pixels (height, width, 3) that a reader sees of a picture on a page of this colour."""
    front = Image.open(io.BytesIO(png)).convert("RGBA")
    page = Image.new("RGBA", front.size, paper)
    page.alpha_composite(front)
    return np.asarray(page.convert("RGB"), int)


def landscape():
    figure, ax = plots.sheet(title="Map")
    plots.contours(ax, himmelblau())
    return plots.Picture(figure, "A map.")


@pytest.mark.parametrize("draw", [curves, landscape])
def test_a_picture_lets_its_page_through_and_its_words_read_on_a_light_and_on_a_dark_one(draw):
    picture = draw()
    png, _ = picture._repr_png_()
    seen = {paper: on_page(png, paper) for paper in (LIGHT["paper"], DARK["paper"])}
    for paper, pixels in seen.items():
        page = [int(paper[i:i + 2], 16) for i in (1, 3, 5)]
        assert (pixels[:3, :3] == page).all()
        assert draw is landscape or (pixels == page).all(-1).mean() > 0.8       # no box in the way
    assert (seen[DARK["paper"]] > 200).all(-1).mean() < 0.01
    assert (seen[LIGHT["paper"]] < 60).all(-1).mean() < 0.001
    ax = picture.figure.axes[0]
    words = [*ax.texts, ax.title, ax.xaxis.label, ax.yaxis.label, *ax.get_xticklabels(),
             *(ax.get_legend().get_texts() if ax.get_legend() else [])]
    for text in words:
        for theme in (LIGHT, DARK):
            assert contrast(to_hex(text.get_color()), theme["paper"]) > 3, text


def test_curves_are_drawn_as_given_and_read_out_at_six_places():
    picture = curves()
    x, y = drawn(picture, "Adam")
    assert np.array_equal(y, 1 / np.arange(1.0, 12.0))
    assert np.array_equal(drawn(picture, "theory")[1], 2 / x)
    said = [f"{1 / n:.3g} at {n}" for n in (1, 3, 5, 7, 9, 11)]
    assert f"  Adam: {', '.join(said)}" in repr(picture).splitlines()
    assert np.isnan(drawn(picture, "short")[1][0]) and "short: 2 at 2, 4 at 4" in repr(picture)
    places = [line.get_xdata()[0] for line in picture.figure.axes[0].lines if
              len(line.get_xdata()) == 2]
    assert places == [3.0] and picture.figure.axes[0].get_xscale() == "log"


def test_names_in_one_picture_differ_in_dash_and_marker_too():
    styles = [line._unscaled_dash_pattern for line in curves().figure.axes[0].lines
              if not line.get_label().startswith("_")]
    assert len(styles) >= 2 and len({str(style) for style in styles}) == len(styles)


def test_heat_maps_write_every_value_and_frame_the_best_of_each_column():
    rows = [{"decay": 0.0, "lr 0.1": 80.4, "lr 1": 20}, {"decay": 0.3, "lr 0.1": 79, "lr 1": 51}]
    picture = plots.heat_maps({"one": pd.DataFrame(rows), "two": pd.DataFrame(rows[::-1])},
                              title="Right", xlabel="lr", ylabel="decay")
    for ax, frame, texts in zip(picture.figure.axes, ([(0, 0), (1, 1)], [(0, 1), (1, 0)]),
                                (["80", "20", "79", "51"], ["79", "51", "80", "20"])):
        assert [text.get_text() for text in ax.texts] == texts
        corners = [np.add(patch.get_xy(), 0.46) for patch in ax.patches]
        np.testing.assert_allclose(corners, frame, atol=1e-9)
        assert [tick.get_text() for tick in ax.get_xticklabels()] == ["0.1", "1"]
    assert repr(picture).splitlines() == [
        "Right", "  one: best 0 at 0.1, 0.3 at 1", "    0: 80, 20", "    0.3: 79, 51",
        "  two: best 0 at 0.1, 0.3 at 1", "    0.3: 79, 51", "    0: 80, 20"]
    assert image(picture._repr_png_()[0]).std() > 10


def test_a_map_is_darkest_at_the_minima_and_stars_mark_them():
    figure = Figure((4, 4))
    ax = figure.add_axes([0, 0, 1, 1])
    for _ in range(2):
        plots.contours(ax, himmelblau())        # twice: the second replaces the first
    assert len(ax.lines) == 1 and len(ax.collections) == 2
    assert np.array_equal(ax.lines[0].get_xydata(), himmelblau().minima)
    ax.lines[0].remove()
    plots.frame_map(ax, himmelblau())
    grey = on_page(plots.Picture(figure, "")._repr_png_()[0], "white").mean(-1)
    at = [(int(400 - 40 * (y + 5)), int(40 * (x + 5))) for x, y in himmelblau().minima]
    floors = [grey[row - 3:row + 4, column - 3:column + 4].mean() for row, column in at]
    assert max(floors) < 200 < np.median(grey) < grey[5:20, 5:20].mean()      # the corner is high


def test_a_map_without_known_minima_has_no_star_and_keeps_its_numbers():
    figure = Figure((4, 4))
    ax = figure.add_axes([0, 0, 1, 1])
    plots.contours(ax, with_l2(ravine(), 0.1))
    assert not [line for line in ax.lines if len(line.get_xdata())]
    assert ax.yaxis.get_converter() is None      # words on an axis would turn it into categories


def test_in_one_dimension_the_map_is_the_curve_of_the_loss():
    ax = Figure((4, 4)).add_axes([0, 0, 1, 1])
    plots.contours(ax, parabola(3.0))
    plots.frame_map(ax, parabola(3.0))
    x, y = ax.lines[0].get_data()
    assert np.allclose(y, 3 * x**2 / 2) and ax.get_xlim() == (-2.6, 2.6) == (x[0], x[-1])
    assert ax.get_ylim()[1] == pytest.approx(3 * 2.6**2 / 2) and ax.get_ylabel() == "loss"


def test_a_loss_axis_is_logarithmic_with_one_line_at_the_target():
    ax = Figure((4, 4)).add_axes([0, 0, 1, 1])
    for target in (0.1, 0.01):
        plots.frame_loss(ax, 60, 1e-4, 100, target)
    assert (ax.get_yscale(), ax.get_xlim(), ax.get_ylim()) == ("log", (0, 60), (1e-4, 100))
    [line] = ax.lines
    assert list(line.get_ydata()) == [0.01, 0.01]


def test_nothing_here_knows_pyplot():
    code = ("import sys; from lessons import plots, scenes;"
            "plots.panels({'a': [1.0]}, title='')._repr_png_();"
            "print('matplotlib.pyplot' in sys.modules)")
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "False"


def test_ticks_between_powers_of_ten_are_plain_numbers():
    x = np.linspace(0.15, 0.27, 9)        # few points would have ticks of their own
    picture = plots.lines(x, {"Adam": x}, title="Short", xlabel="lr", ylabel="loss")
    picture.figure.draw_without_rendering()
    axis = picture.figure.axes[0].xaxis
    said = {tick.label1.get_text(): at for tick, at in
            zip(axis.get_minor_ticks(), axis.get_minorticklocs()) if tick.label1.get_text()}
    assert len(said) >= 3 and all(float(text) == pytest.approx(at) for text, at in said.items())


def test_panels_draw_each_curve_in_its_own_axes_over_one_range():
    curves = {"up": np.arange(5.0), "down": np.arange(5.0)[::-1], "flat": np.full(5, 2.0)}
    picture = plots.panels(curves, title="Shapes", ncols=2)
    seen = [ax for ax in picture.figure.axes if ax.get_visible()]
    assert [ax.get_title() for ax in seen] == list(curves)
    for ax, values in zip(seen, curves.values()):
        assert ax.lines[0].get_ydata().tolist() == values.tolist()
        assert ax.get_ylim() == seen[0].get_ylim()
    assert repr(picture).startswith("Shapes.\n  up: 0 at first, 2 in the middle, 4 at the end")
    assert picture._repr_png_()[1] == dict(alt=repr(picture))


def test_where_points_are_given_only_they_look_like_points():
    x = np.linspace(1, 12, 45)
    tried = {"fine": ([2.0, 4.0, 6.0], [4.0, 16.0, 36.0]), "coarse": ([4.0], [16.0])}
    picture = plots.lines(x, {"square": x**2}, title="Tried", xlabel="x", ylabel="y", points=tried)
    line, *rings = picture.figure.axes[0].lines
    assert line.get_markersize() == 0
    for (name, pair), ring in zip(tried.items(), rings):
        assert ring.get_label() == name and ring.get_linestyle() == "None"
        assert np.array_equal(ring.get_data(), pair)
    assert rings[0].get_markersize() < rings[1].get_markersize()    # both are seen at one place
    assert repr(picture).splitlines()[-2:] == ["  fine: 4 at 2, 16 at 4, 36 at 6",
                                               "  coarse: 16 at 4"]
