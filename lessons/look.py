"""One look per optimizer: a colour that colour-blind readers tell apart, a dash and a marker."""
from functools import partial
from itertools import product
from typing import NamedTuple

from matplotlib.text import Text


class Look(NamedTuple):
    """color: hex. dash: lengths on and off, in line widths, () is solid. marker: Matplotlib's."""

    color: str
    dash: tuple
    marker: str


# The first four are of Okabe & Ito 2008. All stay apart under the common colour-vision deficiencies
# and stand out from a white and from a dark page. ORANGE, which some readers take for VERMILION,
# is for things that are no rules.
BLUE, VERMILION, GREEN, PINK = "#0072B2", "#D55E00", "#009E73", "#CC79A7"
SKY, BROWN, PURPLE, RED, GREY = "#2F97D3", "#9A5B2D", "#9A3FE0", "#E5005A", "#767676"
ORANGE = "#C27C00"

LOOKS = {       # a step's own; its function has the same letters: natural_gradient, lbfgs
    "Gradient descent": Look(BLUE, (), "o"),
    "Momentum": Look(VERMILION, (7, 2), "s"),
    "RMSprop": Look(GREEN, (2, 2), "^"),
    "Adam": Look(PINK, (7, 2, 2, 2), "D"),
    "Nesterov": Look(BROWN, (9, 2, 2, 2, 2, 2), "v"),
    "Adagrad": Look(PURPLE, (4, 2), "P"),
    "AdamW": Look(PURPLE, (1, 1), "*"),
    "Newton": Look(RED, (9, 4), "X"),
    "Line search": Look(BLUE, (7, 2), "v"),
    "Saddle-free Newton": Look(RED, (), "D"),
    "BFGS": Look(RED, (7, 2), "P"),
    "Newton line search": Look(RED, (7, 2, 2, 2), "v"),
    "L-BFGS": Look(RED, (2, 2), "s"),
    "Trust region": Look(RED, (4, 2), "^"),
    "Natural gradient": Look(PURPLE, (), "s"),
    "KL step": Look(PURPLE, (7, 2), "X"),
    "K-FAC": Look(PURPLE, (9, 4), "o"),
    "Shampoo": Look(SKY, (), "v"),
    "SOAP": Look(PINK, (9, 4), "P"),
    "Muon": Look(VERMILION, (2, 2), "*"),
    "SAM": Look(VERMILION, (4, 1), "D"),
    "Lion": Look(GREEN, (12, 3), "s"),
    "Sophia": Look(GREEN, (9, 4), "D"),
    "Schedule-Free": Look(BROWN, (), "^"),
}
COLORS = (GREY, BLUE, VERMILION, GREEN, PINK, SKY, BROWN, PURPLE, RED)
DASHES = (5, 1), (9, 2, 2, 2), *dict.fromkeys(look.dash for look in LOOKS.values())
MARKERS = "XosD^vP*"
MOST = 24       # looks that a reader can tell apart in one picture

# What a picture is drawn on. Landscapes are half-transparent greys, which suit both papers.
LIGHT = {"paper": "#ffffff", "ink": "#1a1a1a", "faint": "#8a8a8a"}
DARK = {"paper": "#191919", "ink": "#ececec", "faint": "#8f8f8f"}
EITHER = {"paper": "none", "ink": GREY, "faint": GREY}      # lets the page through, reads on both


def looks(rivals):
    """A Look for each name, all different and the same every time.

    rivals: name -> step, and the look belongs to the step: one of lessons.steps has its own under
    any name. Turned, as in partial(adam, beta1=0), it keeps the colour, and the rest as well where
    the untouched one is not in the picture. A learner's own function gets a look that is free,
    whatever its name. Or a list of names, or name -> numbers: then the names decide.
    Raises ValueError for more names than there are looks.
    """
    if len(rivals) > MOST:
        raise ValueError(f"{len(rivals)} names are too many for one picture: there are {MOST} "
                         "looks that a reader can tell apart")
    rules = {name: rule_of(rivals[name] if hasattr(rivals, "keys") else name, name)
             for name in rivals}
    found = {}
    for name in sorted(rules, key=lambda name: (rules[name][0] is None, rules[name][1])):
        own = LOOKS.get(rules[name][0])
        taken = list(found.values())
        found[name] = own if own and own not in taken else free(taken, own)
    return {name: found[name] for name in rivals}


def rule_of(step, name):
    """(key in LOOKS or None, whether a partial or a decorator is round it) of a step called `name`.

    Where `step` is no function, as in a list of names, the name alone decides.
    """
    turned = False
    while isinstance(step, partial) or hasattr(step, "__wrapped__"):
        step, turned = getattr(step, "func", None) or step.__wrapped__, True
    if callable(step):
        ours = getattr(step, "__module__", None) or ""
        name = getattr(step, "__name__", "") if ours.startswith("lessons.steps") else ""
    return next((key for key in LOOKS if letters(key) == letters(name)), None), turned


def letters(name):
    """A name without case, spaces and hyphens: L-BFGS and lbfgs are one."""
    return "".join(filter(str.isalnum, str(name).lower()))


def free(taken, kin=None):
    """The look least like those in `taken`, and no rule's own; in the colour of the look `kin`."""
    def crowded(look):      # what is worst comes first
        return (sum(look[1:] == other[1:] for other in taken),
                sum(look.color == other.color for other in taken),
                sum(look.marker == other.marker for other in taken),
                sum(look.dash == other.dash for other in taken))

    colors = [kin.color] if kin else COLORS
    every = (Look(*parts) for parts in product(colors, DASHES, MARKERS))
    return min((look for look in every if look not in LOOKS.values()), key=crowded)


def dress(figure, dark=False):
    """Colour a Matplotlib figure's paper, frames and words for a light or a dark page.

    dark: None for a page of which nothing is known; the paper is transparent then.
    """
    theme = EITHER if dark is None else DARK if dark else LIGHT
    figure.set_facecolor(theme["paper"])
    for words in figure.texts:
        words.set_color(theme["ink"])
    for ax in figure.axes:
        ax.set_facecolor(theme["paper"])
        ax.tick_params(which="both", colors=theme["ink"])
        titles = [words for words in ax.get_children()      # left, middle and right
                  if isinstance(words, Text) and words not in ax.texts]
        told = ax.get_legend().get_texts() if ax.get_legend() else []
        for words in (*titles, *told, ax.xaxis.label, ax.yaxis.label):
            words.set_color(theme["ink"])
        for spine in ax.spines.values():
            spine.set_edgecolor(theme["faint"])
