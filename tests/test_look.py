"""Looks: readers who see few colours, or none, can still tell the rivals apart."""

from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

from lessons.look import DARK, LIGHT, LOOKS, SPARE, dress, looks

# Machado, Oliveira & Fernandes 2009, severity 1, on linear RGB.
SEEN_AS = {
    "full colour": np.eye(3),
    "protanopia": [[0.152286, 1.052583, -0.204868], [0.114503, 0.786281, 0.099216],
                   [-0.003882, -0.048116, 1.051998]],
    "deuteranopia": [[0.367322, 0.860646, -0.227968], [0.280085, 0.672501, 0.047413],
                     [-0.011820, 0.042940, 0.968881]],
    "tritanopia": [[1.255528, -0.076749, -0.178779], [-0.078411, 0.930809, 0.147602],
                   [0.004733, 0.691367, 0.303900]],
}
TO_XYZ = [[0.4124564, 0.3575761, 0.1804375], [0.2126729, 0.7151522, 0.0721750],
          [0.0193339, 0.1191920, 0.9503041]]      # sRGB primaries, white D65
MARKERS = set("osD^vPX*")                         # those that the browser draws too


def linear(color):
    """#rrggbb -> linear RGB."""
    rgb = np.array([int(color[i:i + 2], 16) for i in (1, 3, 5)]) / 255
    return np.where(rgb <= 0.04045, rgb / 12.92, ((rgb + 0.055) / 1.055) ** 2.4)


def lab(rgb):
    """Linear RGB -> CIE L*a*b*, where about 2 is a difference that can just be seen."""
    xyz = np.array(TO_XYZ) @ rgb / (np.array(TO_XYZ) @ np.ones(3))
    f = np.where(xyz > (6 / 29) ** 3, np.cbrt(xyz), xyz / (3 * (6 / 29) ** 2) + 4 / 29)
    return np.array([116 * f[1] - 16, 500 * (f[0] - f[1]), 200 * (f[1] - f[2])])


def contrast(one, other):
    """Of WCAG 2: from 1 to 21."""
    dark, light = sorted(float(linear(c) @ TO_XYZ[1]) for c in (one, other))
    return (light + 0.05) / (dark + 0.05)


@pytest.mark.parametrize("eye", SEEN_AS)
def test_the_first_four_colours_stay_apart_for_every_eye(eye):
    seen = {name: lab(np.clip(np.array(SEEN_AS[eye]) @ linear(look.color), 0, 1))
            for name, look in list(LOOKS.items())[:4]}
    for one, other in combinations(seen, 2):
        # 10 is five times the difference that can just be seen: clear on lines of two points
        assert np.linalg.norm(seen[one] - seen[other]) > 10, (one, other)


def test_the_colours_stand_out_from_the_papers():
    for name, look in LOOKS.items():
        for theme in (LIGHT, DARK):
            # 3 is WCAG's bound for graphics; Okabe & Ito's orange and sky blue, on white, reach 2.2
            bound = 2.2 if name in ("Nesterov", "Adagrad") else 3
            assert contrast(look.color, theme["paper"]) >= bound, name
    for theme in (LIGHT, DARK):
        assert contrast(theme["ink"], theme["paper"]) > 7 and contrast(theme["faint"],
                                                                       theme["paper"]) > 3


def test_without_colour_the_dash_and_the_marker_are_enough():
    assert len({(look.dash, look.marker) for look in SPARE}) == len(SPARE) == len(set(SPARE)) >= 12
    assert {look.marker for look in SPARE} <= MARKERS
    for few in (list(LOOKS.values()), SPARE[:7]):      # as long as they last, both differ
        assert len({look.dash for look in few}) == len({look.marker for look in few}) == len(few)


@pytest.mark.parametrize("names", [
    list(LOOKS), ["mine"], ["mine", "yours"], ["mine", "Adam", "yours", "Gradient descent"],
    [*LOOKS, *"abcdef"], list("abcdefghijkl"), [*"abcdef", *LOOKS], ["a", "Nesterov", *"bcdefghij"],
])
def test_every_name_gets_a_look_of_its_own_and_always_the_same(names):
    given = looks(names)
    assert list(given) == names and len(set(given.values())) == len(names)
    assert len({(look.dash, look.marker) for look in given.values()}) == len(names)
    assert given == looks(dict.fromkeys(names)) == looks(names)
    assert all(given[name] == LOOKS[name] for name in names if name in LOOKS)


def test_too_many_names_are_turned_away_with_advice():
    with pytest.raises(ValueError, match="30 names are too many for one picture"):
        looks(list(map(str, range(30))))


@pytest.mark.parametrize(("dark", "theme"), [(False, LIGHT), (True, DARK)])
def test_a_dressed_figure_wears_one_theme_throughout(dark, theme):
    figure = Figure()
    ax = figure.add_subplot(title="t", xlabel="x", ylabel="y", yscale="log")
    beside = [ax.set_title(where, loc=where) for where in ("left", "right")]
    label = ax.text(0.5, 0.5, "not a title: it keeps its colour", color="#0072B2")
    note = figure.text(0, 0, "note")
    dress(figure, not dark)
    dress(figure, dark)
    papers = [figure.get_facecolor(), ax.get_facecolor()]
    inks = [ax.title.get_color(), ax.xaxis.label.get_color(), ax.yaxis.label.get_color(),
            note.get_color(), *[t.get_color() for t in beside],
            *[t.get_color() for t in ax.get_xticklabels()],
            *[t.get_color() for t in ax.get_yticklabels(which="both")]]
    assert np.allclose([p[:3] for p in papers], [int(theme["paper"][1:3], 16) / 255] * 3)
    assert set(inks) == {theme["ink"]}
    assert label.get_color() == "#0072B2"
