"""Pictures that stand still: a figure's pixels, a legend, and one PNG of several pictures."""
import io
from contextlib import contextmanager

from matplotlib.backends.backend_agg import FigureCanvasAgg
from matplotlib.figure import Figure
from matplotlib.lines import Line2D
from matplotlib.transforms import Bbox
from PIL import Image

from lessons.look import LIGHT


def pixels(figure, scale=1, mode="RGB"):
    """A figure as a Pillow image of 100 * scale pixels per inch; "RGBA" keeps it transparent."""
    buffer = io.BytesIO()
    fast = dict(compress_level=0)
    with ticks_once(figure):
        figure.savefig(buffer, format="png", dpi=100 * scale, pil_kwargs=fast)
    return Image.open(buffer).convert(mode)


@contextmanager
def ticks_once(figure):
    """Have each axis work out its ticks once for a range and a place of its axes, not four times.

    Matplotlib does it anew for ticks, labels and titles, which takes most of a layout's time. The
    two functions are its own: in a version without them, it works as ever.
    """
    works = [(axis, name) for ax in figure.axes for axis in (ax.xaxis, ax.yaxis)
             for name in ("_update_ticks", "_get_ticklabel_bboxes") if hasattr(axis, name)]
    for axis, name in works:
        setattr(axis, name, kept(axis, getattr(axis, name)))
    try:
        yield
    finally:
        for axis, name in works:
            delattr(axis, name)


def kept(axis, work):
    """Return `work`, a function of an axis, which works again only in another range or place."""
    last = {}

    def found(*arguments):
        now = *axis.axes.bbox.bounds, *axis.get_view_interval()
        if now not in last:
            last.clear()
            last[now] = work(*arguments)
        return last[now]

    return found


class Backdrop:
    """Draws a figure again and again; only its animated artists change from one time to the next.

    Frames, ticks and labels take most of the time, so their pixels are kept until `forget`.
    """

    def __init__(self, figure, scale=2):
        self.figure, self.kept = figure, None
        figure.set_dpi(100 * scale)
        self.canvas = FigureCanvasAgg(figure)

    def forget(self):
        """Draw everything the next time."""
        self.kept = None

    def pixels(self):
        """The figure as it is now, a Pillow image."""
        if self.kept is None:
            with ticks_once(self.figure):
                self.canvas.draw()
            size = self.canvas.get_width_height(physical=True)      # figure.bbox: 1839.99 wide
            self.kept = self.canvas.copy_from_bbox(Bbox.from_bounds(0, 0, *size))
        self.canvas.restore_region(self.kept)
        moving = [artist for ax in self.figure.axes for artist in ax.get_children()
                  if artist.get_animated()]
        for artist in sorted(moving, key=lambda artist: artist.zorder):
            artist.axes.draw_artist(artist)
        size = self.canvas.get_width_height(physical=True)
        return Image.frombuffer("RGBA", size, self.canvas.buffer_rgba()).convert("RGB")


def legend(rows, width, scale=1):
    """Lines of a legend as a picture; rows: dicts with name, note, color, dash, marker."""
    columns = 1 + (len(rows) > 1)
    figure = Figure((width, 0.25 * -(-len(rows) // columns) + 0.1), facecolor=LIGHT["paper"])
    handles = [Line2D([], [], color=row["color"], marker=row["marker"], linewidth=2.2,
                      linestyle=(0, row["dash"]) if row["dash"] else "-",
                      label=f"{row['name']}   {row['note']}") for row in rows]
    figure.legend(handles=handles, loc="center left", frameon=False, fontsize=9.5,
                  ncols=columns, handlelength=3.5, labelspacing=0.35, labelcolor=LIGHT["ink"])
    return pixels(figure, scale)


def line(words, width):
    """A line of words as a picture, `width` pixels wide."""
    figure = Figure((width / 100, 0.35), facecolor=LIGHT["paper"])
    figure.text(0.01, 0.3, words, fontsize=11, color=LIGHT["ink"])
    return pixels(figure)


def png(*pictures, level=3):
    """Pictures, one below the other, as the bytes of one PNG; a grey one, or 256 colours: small.

    level: zlib's; 6 makes a fifth fewer bytes than 3 and takes twice as long.
    """
    whole = pictures[0] if len(pictures) == 1 else stacked(pictures)
    red, green, blue, *clear = whole.split()
    buffer = io.BytesIO()
    if clear:       # what is half transparent does not fit a palette
        whole.save(buffer, "PNG", compress_level=9)
        return buffer.getvalue()
    is_grey = red.tobytes() == green.tobytes() == blue.tobytes()
    if not is_grey:     # the widest range keeps the colours of thin lines, k-means the pure greys
        red = whole.quantize(256, Image.Quantize.MAXCOVERAGE, kmeans=2, dither=0)
    red.save(buffer, "PNG", compress_level=level)
    return buffer.getvalue()


def stacked(pictures):
    """Pictures of one width, one below the other, as one picture."""
    whole = Image.new("RGB", (pictures[0].width, sum(p.height for p in pictures)))
    top = 0
    for picture in pictures:
        whole.paste(picture, (0, top))
        top += picture.height
    return whole
