"""Looks: readers who see few colours, or none, can still tell the rivals apart."""

import functools
from itertools import combinations

import numpy as np
import pytest
from matplotlib.figure import Figure

import lessons.steps
from lessons.look import COLORS, DARK, LIGHT, LOOKS, ORANGE, dress, looks
from lessons.steps import adam, adamw, gradient_descent, momentum

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


def near(one, other):
    """How far apart two colours are for the eye that tells them apart worst."""
    seen = [[lab(np.clip(np.array(eye) @ linear(color), 0, 1)) for eye in SEEN_AS.values()]
            for color in (one, other)]
    return np.linalg.norm(np.subtract(*seen), axis=-1).min()


def test_all_colours_stay_apart_for_every_eye():
    for one, other in combinations(COLORS, 2):
        # 10 is five times the difference that can just be seen: clear on lines of two points
        assert near(one, other) > 10, (one, other)


def test_the_colours_stand_out_from_the_papers():
    for color in {*COLORS, ORANGE, *(look.color for look in LOOKS.values())}:
        for theme in (LIGHT, DARK):
            assert contrast(color, theme["paper"]) >= 3, color      # WCAG's bound for graphics
    for theme in (LIGHT, DARK):
        assert contrast(theme["ink"], theme["paper"]) > 7 and contrast(theme["faint"],
                                                                       theme["paper"]) > 3


def test_without_colour_the_dash_and_the_marker_are_enough():
    assert len({look[1:] for look in LOOKS.values()}) == len(LOOKS)
    assert {look.marker for look in LOOKS.values()} <= MARKERS
    for one, other in combinations(LOOKS.values(), 2):      # and related rules share neither
        if near(one.color, other.color) < 10:
            assert one.dash != other.dash and one.marker != other.marker, (one, other)
    for few in (list(LOOKS.values())[:7], list(looks("abcdefg").values())):
        assert len({look.dash for look in few}) == len({look.marker for look in few}) == len(few)
    assert {look.marker for look in looks(list(map(str, range(24)))).values()} <= MARKERS


# The look belongs to the rule


@pytest.mark.parametrize("name", lessons.steps.__all__)
def test_every_step_has_a_look_of_its_own_under_any_name(name):
    step = getattr(lessons.steps, name)
    look, = looks({"whatever": step}).values()
    assert look in LOOKS.values() and look == looks({name.upper(): step})[name.upper()]
    for other in set(lessons.steps.__all__) - {name}:
        both = looks({"a": getattr(lessons.steps, other), "b": step})
        assert both["b"] == look != both["a"], other


def test_a_name_in_other_letters_or_of_another_rule_changes_nothing():
    for label in ("Adam", "adam", "ADAM", "Gradient descent", "", "lr 0.1"):
        assert looks({label: adam}) == {label: LOOKS["Adam"]}
    assert looks({"Momentum": adam, "Adam": momentum}) == {
        "Momentum": LOOKS["Adam"], "Adam": LOOKS["Momentum"]}
    assert looks(["gradient_descent", "k-fac"]) == {
        "gradient_descent": LOOKS["Gradient descent"], "k-fac": LOOKS["K-FAC"]}


def test_adamw_and_gradient_descent_share_nothing():
    given = looks({"AdamW": adamw, "Gradient descent": gradient_descent, "Adam": adam})
    for parts in zip(*given.values()):
        assert len(set(parts)) == 3


def test_a_turned_rule_keeps_its_colour_and_differs_beside_the_untouched_one():
    @functools.wraps(adam)
    def wrapped(*args, **knobs):
        return adam(*args, **knobs)

    turned = {"sign": functools.partial(adam, beta1=0.0), "wrapped": wrapped,
              "twice": functools.partial(functools.partial(adam, lr=0.1), eps=1.0)}
    given = looks({**turned, "Adam": adam, "other": momentum})
    assert given["Adam"] == LOOKS["Adam"] and given["other"] == LOOKS["Momentum"]
    assert {given[name].color for name in turned} == {LOOKS["Adam"].color}
    for one, other in combinations([*turned, "Adam"], 2):
        assert given[one].dash != given[other].dash and given[one].marker != given[other].marker
    for name, step in turned.items():       # alone, it is the rule
        assert looks({name: step, "other": momentum})[name] == LOOKS["Adam"]


def own_adam(surface, theta, *, lr=0.1):
    return theta - lr * surface.grad(theta)


def test_a_learners_function_gets_a_look_that_no_rule_has_whatever_its_name():
    own_adam.__name__, rules = "adam", {name: getattr(lessons.steps, name)
                                        for name in lessons.steps.__all__[:16]}
    other = functools.partial(own_adam, lr=1.0)
    for rivals in ({"Adam": own_adam}, {"Adam": own_adam, "adam": adam}, {"Adam": other},
                   {"mine": own_adam, "yours": other, "lambda": lambda *_: None},
                   {"mine": own_adam, **rules, "yours": other}):
        given = looks(rivals)
        hers = [given[name] for name, step in rivals.items() if step in (own_adam, other)]
        assert not set(hers) & set(LOOKS.values()) and len(set(given.values())) == len(rivals)
        if len(rivals) < 8:
            assert len({look.color for look in given.values()}) == len(rivals)


@pytest.mark.parametrize("names", [
    list(LOOKS), ["mine"], ["mine", "yours"], ["mine", "Adam", "yours", "Gradient descent"],
    [*list(LOOKS)[:6], *"abcdef"], list("abcdefghijkl"), [*"abcdef", *LOOKS][:24],
    ["a", "Nesterov", *"bcdefghij"],
])
def test_every_name_gets_a_look_of_its_own_and_always_the_same(names):
    given = looks(names)
    assert list(given) == names and len(set(given.values())) == len(names)
    assert len({(look.dash, look.marker) for look in given.values()}) == len(names)
    assert given == looks(dict.fromkeys(names)) == looks(names)
    assert given == looks(dict.fromkeys(names, np.ones(3)))
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
