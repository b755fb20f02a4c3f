"""Pictures that stand still. Each function draws what it is given; none of them computes a move."""
import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from matplotlib.ticker import LogFormatter, NullLocator

from lessons.look import COLORS, GREY, VERMILION, dress, looks
from lessons.raster import pixels, png


def contours(ax, surface, levels=14, animated=False, darkest=0.5):
    """Draw the map of a 2-D surface, or the curve of a 1-D one, with stars at the minima.

    Shades follow the logarithm of the loss, so that the floor of a valley shows.
    animated: the drawing changes from time to time while the axes stay (see stage.still).
    darkest: how opaque the grey of the lowest places is, from 0 to 1.
    """
    for artist in [*ax.collections, *ax.lines]:
        artist.remove()
    if surface.dim == 1:
        x = np.linspace(*surface.window[0], 201)
        ax.plot(x, surface.loss(x[:, None]), color=GREY, linewidth=1.5, animated=animated)
        return
    x, y = (np.linspace(*side, n) for side, n in zip(surface.window, (140, 100)))
    loss = surface.loss(np.stack(np.meshgrid(x, y), -1))
    heights = np.geomspace(max(loss.min(), loss.max() * 1e-4), loss.max(), levels)
    shades = [(0.5, 0.5, 0.5, alpha) for alpha in np.linspace(darkest, 0, levels)]
    ax.contourf(x, y, loss, [0, *heights], colors=shades, animated=animated, zorder=1)
    line = dict(colors=GREY, linewidths=0.6, alpha=0.7)
    ax.contour(x, y, loss, heights, animated=animated, zorder=2, **line)
    star = dict(color=GREY, markersize=13, markeredgecolor="white")
    ax.plot(*np.reshape(surface.minima, (-1, 2)).T, "*", animated=animated, zorder=3, **star)


def frame_map(ax, surface):
    """Give axes the limits and labels that suit `contours` of this surface."""
    ax.set_xlim(surface.window[0])
    ax.set_xlabel("theta 1" if surface.dim == 2 else "theta")
    if surface.dim == 2:
        ax.set_ylim(surface.window[1])
        ax.set_ylabel("theta 2", labelpad=0)
        ax.set_aspect("equal")      # so that the gradient stands at a right angle to the contours
        ax.apply_aspect()
        return
    ax.set_aspect("auto")
    top = surface.loss(np.array(surface.window[0])[:, None]).max()
    ax.set_ylim(-0.05 * top, top)
    ax.set_ylabel("loss")


def frame_loss(ax, steps, low, high, target=None):
    """Give axes a logarithmic scale for losses over gradient evaluations, a line at `target`."""
    ax.set_yscale("log")
    ax.set(xlim=(0, steps), ylim=(low, high), xlabel="gradient evaluations", ylabel="loss")
    for artist in [*ax.lines, *ax.texts]:
        artist.remove()
    if target:
        ax.axhline(target, color=GREY, linewidth=1, linestyle="--")
        ax.text(0.99, target, "target loss", color=GREY, ha="right", va="bottom",
                transform=ax.get_yaxis_transform())


class Picture:
    """A figure with its numbers in words, for readers who can't see it and for tests."""

    def __init__(self, figure, words):
        self.figure, self.words = figure, words

    def __repr__(self):
        return self.words

    def _repr_png_(self):
        dress(self.figure, dark=None)       # a picture in a notebook doesn't know its page
        return png(pixels(self.figure, mode="RGBA")), dict(alt=self.words)


class Plain(LogFormatter):
    """Labels between powers of ten as plain numbers, 0.2 and not 2 x 10^-1, where room is."""

    def __call__(self, x, pos=None):
        return f"{x:.3g}" if super().__call__(x, pos) else ""


def sheet(width=7.6, height=3.6, **labels):
    """(figure, axes): a new figure that pyplot does not know; labels: as for Axes.set."""
    figure = Figure((width, height), layout="constrained")
    ax = figure.add_subplot()
    ax.grid(True, which="major", color=GREY, alpha=0.2)
    ax.set(**labels)
    for axis in (ax.xaxis, ax.yaxis):
        if axis.get_scale() == "log":
            axis.set_minor_formatter(Plain(minor_thresholds=(1, 0.4)))
    return figure, ax


def lines(x, series, *, title, xlabel, ylabel, theory=None, marks=None, points=None,
          xscale="log", yscale="log"):
    """A Picture with one curve per name over x, and dashed verticals where something happens.

    x: (N,). series: name -> (N,), nan where there is nothing to draw. theory: (N,), a thin line.
    marks: name -> x. points: name -> (x, y), rings, the later the larger; the curves then have no
    markers, so that nothing else looks like a point.
    """
    figure, ax = sheet(title=title, xlabel=xlabel, ylabel=ylabel, xscale=xscale, yscale=yscale)
    if len(x) <= 6:         # each of a few points gets its tick
        ax.set_xticks(x, [f"{point:,.4g}" for point in x])
        ax.xaxis.set_minor_locator(NullLocator())
    points = points or {}
    few = dict(markevery=max(1, len(x) // 10), markersize=0 if points else 6)
    every = looks({**series, **points})
    for name, look in ((name, every[name]) for name in series):
        y = np.asarray(series[name], float)
        ax.plot(x, np.where(np.isfinite(y), y, np.nan), color=look.color, marker=look.marker,
                linestyle=(0, look.dash) if look.dash else "-", label=name, linewidth=2, **few)
    for size, (name, (place, height)) in enumerate(points.items()):
        ax.plot(place, height, "os"[size % 2], color=every[name].color, label=name, zorder=3,
                markersize=7 + 6 * size, markerfacecolor="none", markeredgewidth=2)
    if theory is not None:
        ax.plot(x, theory, color=GREY, linewidth=1, label="theory")
    for name, place in (marks or {}).items():
        ax.axvline(place, color=GREY, linestyle="--", linewidth=1)
        ax.annotate(name, (place, 0.98), (4, 0), ax.get_xaxis_transform(), "offset points",
                    color=GREY, va="top", fontsize=9)
    if len(series) > 1 or points or theory is not None:
        ax.legend(frameon=False, fontsize=9)
    rows = [f"  {name}: " + ", ".join(f"{y[i]:.3g} at {x[i]:,.4g}" for i in picked(y))
            for name, y in series.items()]
    rows += [f"  {name}: " + ", ".join(f"{y:.3g} at {at:,.4g}" for at, y in zip(*pair))
             for name, pair in points.items()]
    return Picture(figure, "\n".join([f"{title}. {ylabel} over {xlabel}:", *rows]))


def picked(y):
    """At most six places of a curve, spread evenly over those where there is something to see."""
    seen = np.flatnonzero(np.isfinite(np.asarray(y, float)))
    spread = np.linspace(0, max(len(seen) - 1, 0), min(len(seen), 6))
    return seen[np.unique(spread.round().astype(int))]


def heat_maps(tables, *, title, xlabel, ylabel):
    """A Picture with a map for each table: the brighter, the more; a frame marks a column's best.

    tables: name -> DataFrame, at most four; its first column names the rows.
    """
    figure = Figure((4.6 * len(tables), 3.6), layout="constrained")
    rows = [title]
    for ax, (name, frame) in zip(np.ravel(figure.subplots(1, len(tables))), tables.items()):
        values = frame.iloc[:, 1:].to_numpy(float)
        ax.imshow(values, cmap="cividis", aspect="auto")
        middle, best = (values.min() + values.max()) / 2, values.argmax(0)
        for (i, k), value in np.ndenumerate(values):
            ax.text(k, i, f"{value:.0f}", ha="center", va="center", fontsize=11,
                    color="black" if value > middle else "white")
        for k, i in enumerate(best):
            ax.add_patch(Rectangle((k - 0.46, i - 0.46), 0.92, 0.92, fill=False, linewidth=3,
                                   edgecolor=VERMILION))
        names = [label.split()[-1] for label in frame.columns[1:]]
        ax.set_xticks(range(len(names)), names)
        ax.set_yticks(range(len(frame)), [f"{row:g}" for row in frame.iloc[:, 0]])
        ax.set(title=name, xlabel=xlabel, ylabel=ylabel)
        rows.append(f"  {name}: best " + ", ".join(
            f"{frame.iloc[i, 0]:g} at {x}" for i, x in zip(best, names)))
        rows += [f"    {head:g}: " + ", ".join(f"{value:.0f}" for value in row)
                 for head, row in zip(frame.iloc[:, 0], values)]
    figure.suptitle(title)
    return Picture(figure, "\n".join(rows))


def panels(curves, *, title, ncols=5):
    """A Picture with small axes for every curve, all over the same range.

    curves: name -> (N,), one value for every step.
    """
    nrows = -(-len(curves) // ncols)
    figure = Figure((1.75 * ncols, 0.4 + 1.25 * nrows), layout="constrained")
    figure.suptitle(title, fontsize=11)
    every = figure.subplots(nrows, ncols, sharex=True, sharey=True, squeeze=False).flat
    for ax in every[len(curves):]:
        ax.set_visible(False)
    for ax, (name, values) in zip(every, curves.items()):
        ax.plot(values, color=COLORS[1], linewidth=2)
        ax.set_title(name, fontsize=10)
        ax.set(xticks=[], yticks=[])
    rows = [f"  {name}: {values[0]:.3g} at first, {values[len(values) // 2]:.3g} in the middle, "
            f"{values[-1]:.3g} at the end" for name, values in curves.items()]
    return Picture(figure, "\n".join([f"{title}.", *rows]))
