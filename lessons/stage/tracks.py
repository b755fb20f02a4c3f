"""Tracks: what moves on a Stage, a table of points over time that Matplotlib can draw as well."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import Rectangle

from lessons.look import Look

FAR = 1e4     # axes widths; a point that is farther away is pulled in along its own direction


def to_fraction(ax, points):
    """Data units -> fractions of the axes' width and height, whatever their scale is.

    points: (..., 2) in data units.  Returns (..., 2), from (0, 0) lower left to (1, 1) upper right.
    inf and nan become nan, which lifts the pen; a log axis puts 0 and less far below its foot.
    """
    points = np.asarray(points, float)
    with np.errstate(all="ignore"):
        pixels = ax.transData.transform(points.reshape(-1, 2))
        fractions = ax.transAxes.inverted().transform(pixels)
        size = np.sqrt((fractions**2).sum(-1, keepdims=True))
        fractions = np.where(size > FAR, fractions * (FAR / size), fractions)
    return np.where(np.isfinite(fractions), fractions, np.nan).reshape(points.shape)


def to_data(ax, fraction):
    """The inverse of to_fraction, for one point that was clicked.  fraction: (2,) -> (2,)."""
    return ax.transData.inverted().transform(ax.transAxes.transform(fraction))


class Track:
    """One thing that moves.

    kind: "path" (a line that grows), "marker", "arrow" (tail, tip), "box" (two corners),
    "ellipse" (centre, end of one axis, end of the other) or "text".
    points: (T+1, 2) for path, marker and text; (T+1, P, 2) for the others; one row stands still.
    whole: a path that is shown from the start in its full length.
    head: a path's marker at the current step.  words: a text's string for each step.
    group: the name of the legend button that shows and hides it.
    """

    def __init__(self, kind, ax, look=None, *, group=None, width=2.2, size=9.0, head=True,
                 whole=False, fill=False, words=None):
        self.kind, self.ax, self.look = kind, ax, look or Look("#767676", (), "o")
        self.group, self.width, self.size = group, width, size
        self.head, self.whole, self.fill = head and not whole, whole, fill
        self.words = words or []
        self.points = np.full((1, 1, 2), np.nan)

    def set(self, points, words=None):
        """New points, in data units (see the class); for a text, new words too."""
        points = np.asarray(points, float)
        self.points = points.reshape(len(points), -1, 2)
        if words is not None:
            self.words = list(words)

    def describe(self, axes):
        """What the browser needs beside the points."""
        frames, per_frame, _ = self.points.shape
        return dict(kind=self.kind, ax=axes.index(self.ax), frames=frames, perFrame=per_frame,
                    color=self.look.color, dash=self.look.dash, marker=self.look.marker,
                    group=self.group, width=self.width, size=self.size, head=self.head,
                    whole=self.whole, fill=self.fill, words=self.words)

    def draw(self, step):
        """Draw the track as it stands at `step`; returns the artists, to be removed again."""
        path, now = self.kind == "path", min(step, len(self.points) - 1)
        at = to_fraction(self.ax, self.points)
        at = at[: None if self.whole else step + 1, 0] if path else at[now]
        line = dict(color=self.look.color, linewidth=self.width, transform=self.ax.transAxes,
                    linestyle=(0, self.look.dash) if self.look.dash else "-")
        dot = dict(line, marker=self.look.marker, markersize=self.size, markeredgecolor="white")
        if self.kind == "arrow":
            style = dict(arrowstyle="-|>", color=self.look.color, linewidth=self.width)
            return [self.ax.annotate("", at[1], at[0], "axes fraction", "axes fraction",
                                     arrowprops=style)]
        if self.kind == "text":
            words = self.words[min(step, len(self.words) - 1)] if self.words else ""
            return [self.ax.text(*at[0], words, color=self.look.color, va="center",
                                 fontsize=self.size, transform=self.ax.transAxes)]
        if self.kind == "box":
            face = dict(edgecolor=self.look.color, linewidth=self.width,
                        facecolor=self.look.color + "40" if self.fill else "none")
            patch = Rectangle(at[0], *(at[1] - at[0]), transform=self.ax.transAxes, **face)
            return [self.ax.add_patch(patch)]
        if self.kind == "ellipse":
            around = np.linspace(0, 2 * np.pi, 73)[:, None]
            at = at[0] + np.cos(around) * (at[1] - at[0]) + np.sin(around) * (at[2] - at[0])
        drawn = [Line2D(*at.T, **dot)] if self.kind == "marker" else [Line2D(*at.T, **line)]
        if path and self.head:
            drawn.append(Line2D(*at[-1:].T, **dot))
        return [self.ax.add_artist(artist) for artist in drawn]
