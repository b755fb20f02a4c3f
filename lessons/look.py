"""One look per optimizer: a colour that colour-blind readers tell apart, a dash and a marker."""
from typing import NamedTuple

from matplotlib.text import Text


class Look(NamedTuple):
    """color: hex. dash: lengths on and off, in line widths, () is solid. marker: Matplotlib's."""

    color: str
    dash: tuple
    marker: str


# Okabe & Ito 2008. The first four stay apart under the common colour-vision deficiencies.
BLUE, VERMILION, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
ORANGE, SKY, GREY = "#E69F00", "#56B4E9", "#767676"

LOOKS = {
    "Gradient descent": Look(BLUE, (), "o"),
    "Momentum": Look(VERMILION, (7, 2), "s"),
    "RMSprop": Look(GREEN, (2, 2), "^"),
    "Adam": Look(PINK, (7, 2, 2, 2), "D"),
    "Nesterov": Look(ORANGE, (9, 2, 2, 2, 2, 2), "v"),
    "Adagrad": Look(SKY, (4, 2), "P"),
}
SPARE = [Look(GREY, (5, 1), "X"), *LOOKS.values(),
         Look(BLUE, (1, 1), "*"), Look(VERMILION, (9, 2, 2, 2), "o"), Look(GREEN, (5, 1), "s"),
         Look(PINK, (2, 1), "^"), Look(ORANGE, (4, 1, 1, 1), "D"), Look(SKY, (9, 4), "v")]

# What a picture is drawn on. Landscapes are half-transparent greys, which suit both papers.
LIGHT = {"paper": "#ffffff", "ink": "#1a1a1a", "faint": "#8a8a8a"}
DARK = {"paper": "#191919", "ink": "#ececec", "faint": "#8f8f8f"}


def looks(names):
    """A Look for each name, all different: its own if it has one, else the next that is free.

    Raises ValueError for more names than there are looks.
    """
    free = [look for look in SPARE if look not in [LOOKS.get(name) for name in names]]
    if len(names) > len(SPARE):
        raise ValueError(f"{len(names)} names are too many for one picture: there are "
                         f"{len(SPARE)} looks that a reader can tell apart")
    return {name: LOOKS.get(name) or free.pop(0) for name in names}


def dress(figure, dark=False):
    """Colour a Matplotlib figure's paper, frames and words for a light or a dark page."""
    theme = DARK if dark else LIGHT
    figure.set_facecolor(theme["paper"])
    for words in figure.texts:
        words.set_color(theme["ink"])
    for ax in figure.axes:
        ax.set_facecolor(theme["paper"])
        ax.tick_params(which="both", colors=theme["ink"])
        titles = [words for words in ax.get_children()      # left, middle and right
                  if isinstance(words, Text) and words not in ax.texts]
        for words in (*titles, ax.xaxis.label, ax.yaxis.label):
            words.set_color(theme["ink"])
        for spine in ax.spines.values():
            spine.set_edgecolor(theme["faint"])
