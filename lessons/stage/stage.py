"""The Stage: a Matplotlib backdrop, tracks that play over it, knobs that recompute them."""
import io
import pathlib
import threading
import time

import anywidget
import numpy as np
import traitlets
from matplotlib.layout_engine import ConstrainedLayoutEngine
from PIL import Image

from lessons import raster
from lessons.knobs import knob as knob_named
from lessons.look import GREY, Look, dress
from lessons.stage.recording import Recorder, ticks
from lessons.stage.tracks import Track, are_numbers, to_data, to_fraction
from lessons.stage.worker import Worker, hear_the_stop_button
from lessons.widgets import close_on_rerun, with_still

HERE = pathlib.Path(__file__).parent
STOPPED = ("Stopped after {:.0f} s: the step did not return. The knobs stand again where the "
           "picture was computed.")
LEFT = ("The step does not stop: it sleeps, or runs compiled code. The scene has given it up and "
        "answers again; if Python stays slow, restart the kernel.")
ROOM = dict(w_pad=0.08, h_pad=0.06)     # inches around each axes
INK, DASHED = Look(GREY, (), "o"), Look(GREY, (5, 2), "o")      # axes, reference lines, words
FAINT = Look("#aeaeae", (), "o")


def said(option):
    """An option of a menu as text."""
    return option if isinstance(option, str) else f"{option:g}"


def number_in(text):
    """The number that a text says, "1e-4" as well as "0.0001"; None for any other value."""
    try:
        return float(text) if isinstance(text, str) else None
    except ValueError:
        return None


class Stage(anywidget.AnyWidget):
    """Play `steps` steps of some tracks over a figure, and recompute them when a knob moves.

    figure: a matplotlib.figure.Figure with any axes on it, not pyplot's: callbacks run in threads.
    alt: one or two sentences for those who can't see the picture.  rate: steps per second.
    Build it with grid; path, marker, arrow, box, ellipse, curve, text; headline, noted_line,
    limits, legend; slider, choice, button, preset, point; then hand `compute` a function of the
    knobs. values: what the knobs say now. runs: name -> Trajectory, what the picture shows.
    Nothing here knows what an optimizer is.
    """

    _esm = "".join((HERE / name).read_text(encoding="utf-8") for name in ("draw.js", "stage.js"))
    _css = (HERE / "stage.css").read_text(encoding="utf-8")     # a Path would be watched for ever
    scene = traitlets.Dict().tag(sync=True)       # all that the browser must know but the numbers
    data = traitlets.Bytes().tag(sync=True)       # the points of all tracks, float32 fractions
    backdrop = traitlets.Bytes().tag(sync=True)   # PNG
    rev = traitlets.Int(0).tag(sync=True)         # counts what was sent; the browser redraws on it
    moved = traitlets.Dict().tag(sync=True)       # the only trait that the browser writes
    recording = traitlets.Dict().tag(sync=True)   # knob -> what it shows at all its positions
    opened = traitlets.Bool(False).tag(sync=True)     # whether a browser has shown it already

    def __init__(self, figure, steps, alt, *, title="", rate=20):
        super().__init__()
        self.figure, self.steps, self.alt, self.title, self.rate = figure, steps, alt, title, rate
        self._values, self._runs, self.error, self.summary = {}, {}, "", ""
        self.still = None       # the step that a page without a kernel shows; None: the last one
        self.beside = ()        # labels of presets whose stills that page shows below it
        self.notice = ""        # what a reader of the page must be told in full; see error
        self.took, self._seq, self._shown, self._actions = 0.0, 0, {}, {}
        self._tracks, self._groups, self._knobs, self._presets, self._points = [], {}, {}, {}, {}
        self._compute, self._dark, self._stale, self._lock = None, False, True, threading.RLock()
        dress(figure)
        self._backdrop = raster.Backdrop(figure)
        self._worker, self._recorder = Worker(self._work, self._left), Recorder(self)
        self.observe(self._on_moved, "moved")
        self.on_msg(self._on_message)
        hear_the_stop_button()
        close_on_rerun(self.close)

    def _now(self, name):
        """An attribute as it is for everybody but the thread that is recording some position."""
        kept = self._recorder.kept
        return kept[name] if kept and self._worker.is_left() else getattr(self, name)

    @property
    def values(self):
        return self._now("_values")

    @property
    def runs(self):
        return self._now("_runs")

    @runs.setter
    def runs(self, runs):
        self._runs = runs

    # What is on the stage

    def grid(self, **options):
        """Axes as figure.subplots makes them, laid out once; then they stand still."""
        self.figure.set_layout_engine("constrained", **ROOM)
        return self.figure.subplots(**options)

    def mosaic(self, layout, **options):
        """Named axes as figure.subplot_mosaic makes them: {name: axes}, laid out like a grid's."""
        self.figure.set_layout_engine("constrained", **ROOM)
        return self.figure.subplot_mosaic(layout, **options)

    def _track(self, kind, ax, look, options):
        track = Track(kind, ax, look, **options)
        track.stage = self
        self._tracks.append(track)
        return track

    def path(self, ax, look=None, **options):
        """A line that grows with the steps, with a marker at its head; options as for Track."""
        return self._track("path", ax, look, options)

    def marker(self, ax, look=None, **options):
        """A marker at one point per step."""
        return self._track("marker", ax, look, options)

    def arrow(self, ax, look=None, **options):
        """An arrow from its first point to its second."""
        return self._track("arrow", ax, look, options)

    def box(self, ax, look=None, **options):
        """A box between two opposite corners."""
        return self._track("box", ax, look, options)

    def ellipse(self, ax, look=None, **options):
        """An ellipse: its centre, the end of one axis, the end of the other."""
        return self._track("ellipse", ax, look, options)

    def curve(self, ax, look=None, **options):
        """A line of points, all of them anew at each step; filled, the area inside."""
        return self._track("curve", ax, look, options)

    def text(self, ax, look=None, **options):
        """Words beside a point."""
        return self._track("text", ax, look, options)

    def legend(self, name, look, notes=("",)):
        """A button that shows and hides the tracks of group `name`; notes: a text for each step."""
        self._groups[name] = dict(name=name, color=look.color, dash=look.dash, marker=look.marker,
                                  notes=list(notes))

    def headline(self, ax, size=11):
        """Return put(words): a text above `ax`, or one for each step; the layout leaves room."""
        ax.set_title(" ", fontsize=size, loc="left")
        track = self.text(ax, INK, size=size, units="axes")

        def put(words):
            track.set([[0, 1 + 0.09 / (ax.get_position().height * self.figure.get_figheight())]],
                      [words] if isinstance(words, str) else words)

        return put

    def noted_line(self, ax, look=None, size=10):
        """Return put(words, points, at): a dashed line (N, 2) with words at the point `at`, in data
        units; put() hides both."""
        line = self.path(ax, look or DASHED, whole=True, width=1.5)
        text = self.text(ax, look or DASHED, size=size)

        def put(words="", points=((np.nan, np.nan),), at=(np.nan, np.nan)):
            line.set(points)
            text.set([at], [words])

        return put

    def limits(self, ax, most=200.0, say=None, at=(1,), beside=-0.05, grid=False):
        """Return fit(values): y-limits that hold the values, up to the next of 1, 2, 5, 10, ...

        New limits are quick: no backdrop is drawn, for the numbers at the axis are tracks. So `ax`
        has no ticks, and nothing that Matplotlib drew in data units.
        say: a function that shows the number elsewhere, as a headline does.
        at: where numbers stand, as parts of the limit; grid: with a thin line at each.
        beside: where the numbers begin, as a part of the axes' width.
        """
        lines = [self.path(ax, FAINT, whole=True, width=0.8) for _ in at if grid]
        numbers = [self.text(ax, INK, size=10) for _ in at if not say]
        nice = np.outer(10.0 ** np.arange(-6, 7), (1, 2, 5)).ravel()

        def fit(values):
            size = np.nanmax(np.abs(values))
            top = min(most, nice[min(np.searchsorted(nice, size), len(nice) - 1)])
            ax.set_ylim((-1.18 if np.nanmin(values) < 0 else -0.1) * top, 1.18 * top)
            if say:
                say(top)
            left, first, last = (to_data(ax, [part, 0])[0] for part in (beside, 0, 1))
            heights = [part * top if part * top >= ax.get_ylim()[0] else np.nan for part in at]
            for number, height in zip(numbers, heights):
                number.set([[left, height]], [f"{height:g}"])
            for line, height in zip(lines, heights):
                line.set([[first, height], [last, height]])

        return fit

    # What can be turned

    def slider(self, name, value, *, kind=None, label=None, within=None, log=None):
        """A slider; range, scale and label are those of knobs.py for `kind` (`name`).

        within: (low, high), where a picture has room for another part of the range.
        log: whether the scale is logarithmic, where it should not be the row's.
        """
        row = knob_named(kind or name)
        low, high = within or (row.low, row.high)
        self._knobs[name] = dict(name=name, type="range", label=label or row.label, low=low,
                                 high=high, log=row.log if log is None else log,
                                 whole=row.whole, unit=row.unit, hint=row.meaning, shown=True)
        self.values[name] = self._checked(name, value)

    def choice(self, name, options, *, label):
        """A menu of options, texts or numbers; the first is chosen."""
        self._knobs[name] = dict(name=name, type="choice", label=label, options=list(options),
                                 shown=True)
        self.values[name] = list(options)[0]

    def button(self, name, action, *, label):
        """A button that calls action(), after which the tracks are computed anew.

        Its value is the number of clicks: stage.set(name=stage.values[name] + 1) presses it.
        """
        self._knobs[name] = dict(name=name, type="button", label=label, shown=True)
        self.values[name], self._actions[name] = 0, action

    def preset(self, label, **values):
        """A button that turns several knobs at once."""
        self._presets[label] = {name: self._checked(name, v) for name, v in values.items()}

    def point(self, ax, name, value, *, label):
        """A point that is set by clicking or dragging on `ax`; value: (2,) in data units."""
        self._points[name] = dict(name=name, ax=self.figure.axes.index(ax), label=label)
        self.values[name] = self._checked(name, value)

    def move_point(self, name, value):
        """Set a point from inside the function that `compute` calls; value: (2,), data units."""
        self.values[name] = self._checked(name, value)

    def record(self, name, when=lambda **values: True):
        """Have all positions of this slider computed beforehand, so that it answers at once.

        The function that `compute` got may then not depend on what it was called with before.
        when: function of all values that says whether they are quickly computed at present.
        """
        row = self._knobs[name]
        row["ticks"] = ticks(row["low"], row["high"], row["whole"])
        self._recorder.names[name] = when
        if self.rev:
            self.refresh()

    def show(self, name, shown):
        """Hide a knob that does nothing at present, or show it again."""
        self._knobs[name]["shown"] = bool(shown)

    # What happens

    def compute(self, function):
        """Decorator: `function(**values)` sets the tracks, now and whenever a knob moves."""
        self._compute = function
        self._lay_out()         # before the first call, which may ask where axes are
        self.set()
        return function

    def lay_out(self):
        """Have Matplotlib place the axes anew, after a drawing has given them other shapes."""
        self.figure.set_layout_engine("constrained", **ROOM)
        self._lay_out()

    def redraw(self, whole=False):
        """Have the backdrop drawn anew: its animated artists, or the whole figure."""
        self._stale = True
        if whole:
            self._backdrop.forget()

    def set(self, **values):
        """Turn knobs from Python, as a reader would in the browser."""
        with self._lock:
            for name, value in {n: self._checked(n, v) for n, v in values.items()}.items():
                self._turn(name, value)
            if self._compute:
                self._call()
                self.refresh()

    def _checked(self, name, value):
        if name in self._points:
            if not are_numbers(value, (2,)):
                raise ValueError(f"{name} is a point, two finite numbers (x, y), not {value!r}")
            return np.asarray(value, float)
        if name not in self._knobs:
            known = ", ".join([*self._knobs, *self._points])
            raise KeyError(f"this stage has no knob {name!r}; it has {known}")
        row = self._knobs[name]
        if row["type"] == "button":
            return int(value)
        if row["type"] == "choice":
            for option in row["options"]:
                if value == option or number_in(value) == option:
                    return option
            raise ValueError(f"{name} is one of {row['options']}, not {value!r}")
        if not (are_numbers(value, ()) and row["low"] <= value <= row["high"]):
            raise ValueError(f"{name} is a number from {row['low']:g} to {row['high']:g}, not "
                             f"{value!r}")
        return int(round(value)) if row["whole"] else float(value)

    def _turn(self, name, value):
        """Set a checked value; a button is pressed where its count of clicks has grown."""
        pressed = name in self._actions and value > self.values[name]
        self.values[name] = value
        if pressed:
            self._actions[name]()

    def _on_moved(self, change):
        """The browser says: knobs by value, points by fraction of their axes, the page's theme."""
        self._worker.ask(dict(change["new"]))

    def _on_message(self, widget, content, buffers):
        """The browser says: the reader sees the Stage ("seen"), wants a stop, or asks for news.

        This comes in a thread that is free while the worker computes, and has to stay free.
        """
        if "seen" in content:
            self.opened = self._recorder.watched = True
            self._worker.ask()
        elif "stop" in content:
            self._worker.stop()
        elif "news" in content:
            self.send(dict(computing=self._worker.seconds()))
            if self._recorder.running and self._worker.wish and self._worker.seconds() > 0.3:
                self._worker.stop()         # a wish is worth more than a slow recording

    def _work(self, wish):
        """In the worker's thread: answer a wish, or else record; returns whether to come again."""
        if self.comm is None:
            return False
        if wish is None:
            return self._recorder.go_on()
        with self._lock:
            turned = wish.keys() - {"dark", "seq"}
            self._recorder.forget(but=turned if len(turned) == 1 else ())
            if self._recorder.away and turned & self._points.keys():
                self._recorder.come_home()      # a point lies on axes as they are shown
            try:
                self._apply(wish)
                self._call()
            except KeyboardInterrupt:
                if not self._worker.is_left():
                    self._return(STOPPED.format(self._worker.seconds()), wish)
                return False
            except BaseException as problem:    # nobody reads a traceback here: the page says it
                self.error = f"{type(problem).__name__}: {problem}"
            if not self._worker.is_left():
                self._seq = wish.get("seq", 0)
                self._publish()
        return True

    def _left(self):
        """The worker's thread did not end when it was stopped; it still holds the lock."""
        self._lock = threading.RLock()
        if self._recorder.running:
            self._recorder.undo()
        else:
            self._return(LEFT, self.moved)

    def _return(self, words, wish):
        """Turn the knobs back to the values that the browser shows, and show a message."""
        with self._lock:
            self.values.update(self._shown)
            self.error, self._seq = words, wish.get("seq", 0)
            self._publish(anew=False)

    def _apply(self, moved):
        """Turn what the browser has moved."""
        moved = dict(moved)
        if (dark := bool(moved.pop("dark", False))) != self._dark:
            self._dark = dark
            dress(self.figure, dark)
            self.redraw(whole=True)
        for name, value in moved.items():
            if name in self._points:
                value = to_data(self.figure.axes[self._points[name]["ax"]], value)
            if name in self._points or name in self._knobs:
                self._turn(name, self._checked(name, value))

    def _call(self):
        """Have the scene set its tracks for the present values."""
        began = time.thread_time()
        if self._compute:
            turned = self.values.items()
            self._compute(**{name: v for name, v in turned if name not in self._actions})
        self.error, self.took = "", time.thread_time() - began
        if not self._recorder.running:
            self._recorder.away = False

    def refresh(self):
        """Show what the tracks hold now, while a long answer is not yet complete."""
        if self._recorder.running:
            return                  # a position that is being recorded is nobody's answer
        self._recorder.forget()
        self._publish()
        if self._recorder.watched:
            self._worker.ask()

    def _lay_out(self):
        """Let Matplotlib place the axes, once; then they stand still."""
        engine = self.figure.get_layout_engine()
        if isinstance(engine, ConstrainedLayoutEngine):
            with raster.ticks_once(self.figure):
                engine.execute(self.figure)
            self.figure.set_layout_engine(None)
            self.redraw(whole=True)

    def _publish(self, anew=True):
        """Send the picture to the browser; not anew: the old one with another message."""
        if self.comm is None:       # closed, while a thread still computed
            return
        self._lay_out()
        with self.hold_sync():
            if anew:
                if self._stale:
                    self.backdrop = self._draw()
                self.data, self.scene = self._numbers(), self._describe()
                self._shown = dict(self.values)
            else:
                self.scene = {**self.scene, "error": self.error, "seq": self._seq}
            self.rev += 1

    def _draw(self):
        """The backdrop as it is now, a PNG."""
        self._stale = False
        return raster.png(self._backdrop.pixels())

    def _numbers(self):
        """The points of all tracks as bytes, float32 fractions of their axes."""
        return b"".join(track.fractions().astype("<f4").tobytes() for track in self._tracks)

    def _keep(self):
        """What a scene's function may change, but for the figure; for `_give_back`."""
        own = ("steps", "alt", "title", "summary", "notice", "error", "took", "_stale", "_values",
               "_runs", "_groups")
        kept = {name: getattr(self, name) for name in own}
        kept["shown"] = {name: row["shown"] for name, row in self._knobs.items()}
        kept["tracks"] = [(track, track.points, track.words) for track in self._tracks]
        return kept

    def _give_back(self, kept):
        """Set everything again as `_keep` found it."""
        kept = dict(kept)
        for name, shown in kept.pop("shown").items():
            self._knobs[name]["shown"] = shown
        for track, points, words in kept.pop("tracks"):
            track.points, track.words = points, words
        for name, value in kept.items():
            setattr(self, name, value)

    def _describe(self):
        """The scene as plain lists and numbers."""
        axes = self.figure.axes
        points = [dict(point, at=to_fraction(axes[point["ax"]], self.values[name]).tolist())
                  for name, point in self._points.items()]
        knobs = [dict(row, value=self.values[name]) for name, row in self._knobs.items()]
        for row in knobs:
            if row["type"] == "choice":
                row["value"], row["options"] = said(row["value"]), [*map(said, row["options"])]
        presets = [dict(label=label, values={
            name: to_fraction(axes[self._points[name]["ax"]], v).tolist()
            if name in self._points
            else said(v) if self._knobs[name]["type"] == "choice" else v
            for name, v in values.items()})
            for label, values in self._presets.items()]
        width, height = self.figure.get_size_inches() * 100
        return dict(width=width, height=height, steps=self.steps, rate=self.rate, alt=self.alt,
                    title=self.title, axes=[ax.get_position().bounds for ax in axes],
                    tracks=[track.describe(axes) for track in self._tracks],
                    legend=list(self._groups.values()), knobs=knobs, presets=presets,
                    points=points, error=self.error, notice=self.notice,
                    seq=self._seq)

    # What stands still

    def snapshot(self, step=None, scale=1):
        """A PNG of the stage at `step` (the last one), drawn by Matplotlib from the tracks."""
        return raster.png(*self._pictures(self.steps if step is None else step, scale))

    def _pictures(self, step, scale=1):
        """The legend, if there is one, and the stage at this step, as Pillow images."""
        with self._lock:
            if self._recorder.away:
                self._recorder.come_home()
            rows = [dict(row, note=self._note(row, step)) for row in self._groups.values()]
            dress(self.figure)
            drawn = [artist for track in self._tracks for artist in track.draw(step)]
            picture = raster.pixels(self.figure, scale)
            for artist in drawn:
                artist.remove()
            dress(self.figure, self._dark)
        words = [raster.legend(rows, self.figure.get_size_inches()[0], scale)] if rows else []
        return [*words, picture]

    def _note(self, row, step):
        return row["notes"][min(step, len(row["notes"]) - 1)]

    def close(self):
        """Leave the page, and hold nothing any longer: figure, tracks and callbacks."""
        self._worker.halt()
        self.layout.close()
        super().close()
        self.unobserve_all()
        self._tracks, self._groups, self._actions, self.runs = [], {}, {}, {}
        self.figure = self._backdrop = self._compute = None

    def __repr__(self):
        return self._said(self._now("steps"))

    def _said(self, step):
        """The same numbers as text, for tests and for a page without a kernel."""
        groups = self._now("_groups")
        notes = [f"  {name}: {note}" for name, row in groups.items()
                 if (note := self._note(row, step))]
        head = f"{self._now('title') or self._now('alt')} (step {step})"
        words = map(self._now, ("summary", "notice", "error"))
        return "\n".join(filter(None, [head, *notes, *words]))

    def _repr_mimebundle_(self, **kwargs):
        if not self.rev:        # nobody called compute: the tracks are shown as they stand
            self._publish()
        data, metadata = super()._repr_mimebundle_(**kwargs)
        pictures, words = self._stills()
        width, height = Image.open(io.BytesIO(picture := raster.png(*pictures))).size
        about = dict(width=width, height=height, alt=f"{self.alt}\n{words}")
        return (with_still(data, {"text/plain": words, "image/png": picture}),
                {**metadata, "image/png": about})

    def _stills(self):
        """What a page without a kernel shows: pictures, one below the other, and what they say."""
        pictures, words, step = [], [], self.steps if self.still is None else self.still
        with self._lock:
            before, stale = dict(self.values), self._stale
            for label in [None, *self.beside]:
                if label is not None:
                    self._show({**before, **self._presets[label]})
                    pictures.append(raster.line(f"The same with “{label}”:", pictures[0].width))
                    words.append(f"The same with {label}:")
                pictures += self._pictures(min(step, self.steps))
                words.append(self._said(min(step, self.steps)))
            if self.beside:     # the browser has not heard of all this
                self._show(before)
                self._stale = stale
        return pictures, "\n".join(words)

    def _show(self, values):
        """Have the scene set its tracks for these values, unheard by the browser."""
        self.values.update(values)
        self._call()
