"""Tracks: what moves on a Stage, a table of points over time that Matplotlib can draw as well."""
import numpy as np
from matplotlib.lines import Line2D
from matplotlib.patches import FancyArrowPatch, Polygon
from matplotlib.text import Text

from lessons.look import GREY, Look

FAR = 1e4     # axes widths; a point that is farther away is pulled in along its own direction
PER_FRAME = {"path": 1, "marker": 1, "text": 1, "arrow": 2, "box": 2, "ellipse": 3}     # points


def to_fraction(ax, points):
    """Data units -> fractions of the axes' width and height, whatever their scale is.

    points: (..., 2) in data units.  Returns (..., 2), from (0, 0) lower left to (1, 1) upper right.
    inf and nan become nan, which lifts the pen; a log axis puts 0 and less far below its foot.
    """
    points = np.asarray(points, float)
    with np.errstate(all="ignore"):
        pixels = ax.transData.transform(points.reshape(-1, 2))
        fractions = ax.transAxes.inverted().transform(pixels)
        size = np.hypot(*fractions.T)[:, None]      # hypot: the square of 1e200 would overflow
        fractions = np.where(size > FAR, fractions * (FAR / size), fractions)
    return np.where(np.isfinite(fractions), fractions, np.nan).reshape(points.shape)


def to_data(ax, fraction):
    """The inverse of to_fraction, for one point that was clicked.  fraction: (2,) -> (2,)."""
    return ax.transData.inverted().transform(ax.transAxes.transform(fraction))


class Track:
    """One thing that moves.

    kind: "path" (a line that grows), "marker", "arrow" (tail, tip), "box" (two corners),
    "ellipse" (centre, end of one axis, end of the other), "text", or "curve" (a line of P points,
    another one at each step).
    points: (T+1, 2) for path, marker and text; (T+1, P, 2) for the others; one row stands still.
    whole: a path that is shown from the start in its full length.
    head: a path's marker at the current step.  words: a text's string for each step.
    fill: a box or an ellipse with a face; a curve that is a tinted area and has no edge.
    group: the name of the legend button that shows and hides it.
    units: "data", or "axes": points are fractions of the axes, (0, 0) lower left.
    """

    def __init__(self, kind, ax, look=None, *, group=None, width=2.2, size=9.0, head=True,
                 whole=False, fill=False, words=None, units="data"):
        self.kind, self.ax, self.look = kind, ax, look or Look(GREY, (), "o")
        self.group, self.width, self.size = group, width, size
        self.head, self.whole, self.fill = head and not whole, whole, fill
        self.words, self.units, self.stage = words or [], units, None
        self.points = np.full((1, PER_FRAME.get(kind, 1), 2), np.nan)

    def set(self, points, words=None):
        """New points, in data units (see the class); for a text, new words too."""
        points = np.asarray(points, float)
        count = PER_FRAME.get(self.kind) or (points.shape[1] if points.ndim == 3 else 0)
        if points.ndim < 2 or not len(points) or points[0].size != 2 * count:
            wanted = "(steps + 1, 2)" if count == 1 else f"(steps + 1, {count or 'P'}, 2)"
            raise ValueError(f"the points of a track of kind {self.kind!r} have shape {wanted}, or "
                             f"one row where it stands still; got shape {points.shape}")
        self.points = points.reshape(len(points), count, 2)
        if words is not None:
            self.words = list(words)

    def over_time(self, values, first=0):
        """Set a curve from one value per step; values: (N,), the first of them at step `first`."""
        y = np.concatenate([np.full(first, np.nan), np.asarray(values, float)])
        self.set(np.stack([np.arange(len(y)), y], -1))

    def stems(self, values, first=0):
        """Set vertical lines from 0 to one value per step; values: (N,), from step `first` on."""
        lines = [((t, 0), (t, y), (np.nan, 0)) for t, y in enumerate(values, first)]
        self.set(np.reshape(lines, (-1, 2)))

    def hide(self):
        """Show nothing until the next `set`."""
        self.set(np.full((1, *self.points.shape[1:]), np.nan))

    def says(self, notes, first=0):
        """Write notes, one per step from step `first` on, beside the track's legend button."""
        self.stage.legend(self.group, self.look, [""] * first + list(notes))

    def fractions(self):
        """The points as fractions of the axes, (T+1, P, 2); see to_fraction."""
        return self.points if self.units == "axes" else to_fraction(self.ax, self.points)

    def describe(self, axes):
        """What the browser needs beside the points."""
        frames, per_frame, _ = self.points.shape
        return dict(kind=self.kind, ax=axes.index(self.ax), frames=frames, perFrame=per_frame,
                    color=self.look.color, dash=self.look.dash, marker=self.look.marker,
                    group=self.group, width=self.width, size=self.size, head=self.head,
                    whole=self.whole, fill=self.fill, words=self.words)

    def draw(self, step):
        """Draw the track as it stands at `step`; returns the artists, to be removed again."""
        at = self.fractions()
        if self.kind == "path":
            at = at[: None if self.whole else step + 1, 0]
            cap = "butt" if self.whole else "projecting"     # a static line ends where it ends
            drawn = [Line2D(*at.T, color=self.look.color, solid_capstyle=cap, **self._stroke())]
            drawn += [self._dot(at[-1])] if self.head else []
        else:
            drawn = [self._shape(at[min(step, len(at) - 1)], step)]
        return [self.ax.add_artist(artist) for artist in drawn]

    def _stroke(self):
        return dict(linewidth=self.width, transform=self.ax.transAxes,
                    linestyle=(0, self.look.dash) if self.look.dash else "-")

    def _dot(self, at):
        inside = (np.abs(at - 0.5) < 0.5 + 1e-6).all()  # a marker on the frame is shown whole
        return Line2D(*at[:, None], color=self.look.color, marker=self.look.marker,
                      markersize=self.size, markeredgecolor="white", clip_on=not inside,
                      **self._stroke())

    def _shape(self, at, step):
        if self.kind == "marker":
            return self._dot(at[0])
        if self.kind == "text":
            words = self.words[min(step, len(self.words) - 1)] if self.words else ""
            return Text(*at[0], words, color=self.look.color, va="center", fontsize=self.size,
                        transform=self.ax.transAxes, clip_on=False)
        if self.kind == "arrow":
            return FancyArrowPatch(*at, color=self.look.color, arrowstyle="-|>", shrinkA=0,
                                   shrinkB=0, mutation_scale=6 * self.width, **self._stroke())
        if self.kind == "curve" and not self.fill:
            return Line2D(*at.T, color=self.look.color, **self._stroke())
        if self.kind == "curve":
            return Polygon(at, facecolor=self.look.color + "40", transform=self.ax.transAxes)
        if self.kind == "box":
            (left, low), (right, high) = at
            corners = [(left, low), (right, low), (right, high), (left, high)]
        else:
            around = np.linspace(0, 2 * np.pi, 73)[:, None]
            corners = at[0] + np.cos(around) * (at[1] - at[0]) + np.sin(around) * (at[2] - at[0])
        face = self.look.color + "40" if self.fill else "none"
        return Polygon(corners, edgecolor=self.look.color, facecolor=face, **self._stroke())


def are_numbers(value, shape):
    """Whether a value is finite numbers of this shape."""
    value = np.asarray(value)
    return value.shape == shape and value.dtype.kind in "biuf" and np.isfinite(value).all()
