"""Record a Stage: its picture at every setting that a reader of a page without Python can reach.

A take is what a Stage sends to the browser for one setting of its knobs: scene, points, backdrops.
A state is a take from which rows of takes start, one for each slider, menu or point that is turned
alone; a preset or a menu leads to another state. live.js answers a reader's moves from these.

The file of a Stage is a script that calls lessonsStage(name, text); text is base64 of deflated
bytes: the length of a head (uint32, little endian), the head (JSON), and the points of all takes.
See `packed` for the head. Backdrops are files of their own, loaded when they are shown.
"""
import base64
import hashlib
import json
import zlib

import numpy as np

from lessons import raster
from lessons.look import dress
from lessons.stage.recording import positions
from lessons.stage.tracks import to_data

TICKS = 40          # a recorded slider has this many positions and one more, if it is not whole
COARSE = 2          # in states but the first, every so many of them are recorded
NODES = 9           # a point is recorded on a grid of so many by so many places
STATES = 24         # presets and menus lead to this many states at most
MOST = 300          # pictures computed for one Stage: a count, so that every build records the same
LARGEST = 550_000   # bytes of one Stage's takes, each compressed by itself
SLOW = 0.17         # a slider whose pictures take more seconds of computing is left out
TRIES = 2           # pictures tell whether all of a slider's are so slow, or too large
GRAIN = 2.0**13     # fractions of the axes are rounded to 1 / GRAIN, a quarter of a pixel
NOWHERE = -2**31    # what stands for a point that is not drawn


class Recording:
    """Takes of a Stage and the moves that lead from one to another; see the module.

    most, largest: limits of this one, instead of MOST and LARGEST.
    left_out: in words, what a limit kept from being recorded; empty where all was.
    """

    def __init__(self, stage, most=None, largest=None):
        self.most, self.largest = most or MOST, largest or LARGEST
        self.stage, self.takes, self.states, self.pictures = stage, [], [], []
        self.left_out, self.size, self.tried = [], 0, 0
        self.numbers, self.places, self.led, self.known = {}, {}, {}, []
        self.slow, self.each = set(), {}        # sliders; bytes of a take of a slider or a point
        self.drawn = [None, None]       # what stands still in the light and in the dark picture
        self.painted = {}               # pixels -> PNG: to choose its 256 colours takes longest
        for row in stage._knobs.values():
            if row["type"] == "range":
                span = row["high"] - row["low"]
                row["ticks"] = int(min(span, TICKS)) if row["whole"] else TICKS
        first = dict(stage.values)
        try:
            self._record(first)
        finally:
            stage.set(**{name: value for name, value in first.items()
                         if name not in stage._actions})

    def _take(self, values):
        """Have the Stage show these values; returns the number of the take."""
        stage = self.stage
        self.tried += 1
        self._show(values)
        scene = json.loads(json.dumps(stage._describe(), default=lambda number: number.item()))
        points = quantized(np.frombuffer(stage._numbers(), "<f4"), scene["tracks"])
        look = self._picture()
        key = json.dumps(scene), points, look
        if key not in self.numbers:
            self.numbers[key] = len(self.takes)
            self.takes.append((scene, points, look))
            change = json.dumps(patch(self.takes[0][0], scene))
            self.size += len(zlib.compress(points)) + len(zlib.compress(change.encode()))
        return self.numbers[key]

    def _show(self, values):
        """Have the Stage compute its picture for these values."""
        try:
            self.stage._show(values)
        except Exception as problem:
            self.stage.error = f"{type(problem).__name__}: {problem}"

    def _picture(self):
        """The numbers of the light and the dark backdrop as the Stage's figure is now."""
        stage, backdrop = self.stage, self.stage._backdrop
        if stage._stale or not self.pictures:
            if backdrop.kept is None:           # asked for anew, see Stage.redraw
                self.drawn = [None, None]
            look, stage._stale = [], False
            for dark in (True, False):
                dress(stage.figure, dark)
                backdrop.kept = self.drawn[dark]
                pixels = backdrop.pixels()
                self.drawn[dark] = backdrop.kept
                key = hashlib.sha256(pixels.tobytes()).digest()
                png = self.painted[key] = self.painted.get(key) or raster.png(pixels, level=6)
                if png not in self.pictures:
                    self.pictures.append(png)
                    self.size += len(png)
                look.append(self.pictures.index(png))
            self.look = tuple(look[::-1])
        return self.look

    def _state(self, values):
        """The number of the state that these values lead to, maybe a new one; None past a limit."""
        asked = json.dumps(values, default=lambda value: value.tolist(), sort_keys=True)
        if asked not in self.led:
            if self.states and (self.tried >= self.most or self.size > self.largest):
                return None
            take = self._take(values)
            if take not in self.places and len(self.states) < STATES:
                self.places[take] = len(self.states)
                self.states.append(dict(take=take, rows={}, presets=[], choices={}))
                self.known.append(dict(self.stage.values))
            self.led[asked] = self.places.get(take)
        return self.led[asked]

    def _record(self, first):
        """Record what is most likely to be turned first, until a limit is reached."""
        stage = self.stage
        sliders = [name for name, row in stage._knobs.items() if row["type"] == "range"]
        main = [name for name in sliders if name in stage._recorder.names]
        rest = [name for name in sliders if name not in main]
        self._state(first)
        self._follow_presets()
        for name in [*main, *stage._points, *rest]:
            self._row(0, name, left=2)
        self._follow_menus()
        for names in (main, rest):
            rows = [(at, name) for at in range(1, len(self.states)) for name in names]
            for left, row in zip(range(len(rows), 0, -1), rows):
                self._row(*row, COARSE, left)

    def _follow_presets(self):
        """Press every preset in every state, the new ones as well."""
        for at, state in enumerate(self.states):        # grows meanwhile
            state["presets"] = state["presets"] or [
                self._state({**self.known[at], **values})
                for values in self.stage._presets.values()]

    def _follow_menus(self):
        """Choose every option of every menu in every state, and press every preset there."""
        menus = {name: row["options"] for name, row in self.stage._knobs.items()
                 if row["type"] == "choice"}
        for at, state in enumerate(self.states):        # grows meanwhile
            for name, options in menus.items():
                state["choices"][name] = [self._state({**self.known[at], name: option})
                                          for option in options]
        self._follow_presets()

    def _row(self, at, name, every=1, left=1):
        """Record positions of a knob in a state: few, then those between, as limits allow.

        left: how many rows, this one among them, share what the limits leave for more than a few.
        """
        stage, here = self.stage, self.known[at]
        knobs = self.takes[self.states[at]["take"]][0]["knobs"]
        if name in self.slow or name in [row["name"] for row in knobs if not row["shown"]]:
            return
        if name in stage._points:
            self._show(here)            # a point lies on axes as they are shown
            ax = stage.figure.axes[stage._points[name]["ax"]]
            values, steps = [to_data(ax, (u, v)) for v in nodes() for u in nodes()], (1,)
        else:
            values, steps = positions(stage._knobs[name]), (4 * every, 2 * every, every)
        row, most = [None] * len(values), (self.most, self.largest)
        share = tuple(now + (end - now) / left for now, end in zip((self.tried, self.size), most))
        for step in steps:
            asked = {place: {**here, name: values[place]} for place in range(0, len(values), step)
                     if row[place] is None}
            if (self.tried + len(asked) > most[0]
                    or self.size + len(asked) * self.each.get(name, 0) > most[1]
                    or not self._filled(row, asked, name)):
                break
            most = share
        if len(row) - row.count(None) > 1:
            self.states[at]["rows"][name] = row
        else:
            self.left_out.append(f"{name} in state {at}")

    def _filled(self, row, asked, name):
        """Put takes of the values asked, {place: values}, into a row; False past a limit."""
        before, took = (len(self.takes), len(self.pictures), self.size), []
        for done, (place, values) in enumerate(asked.items()):
            if done == TRIES and min(took) > SLOW:
                self.slow.add(name)
            large = before[2] + self.each.get(name, 0) * len(asked) > self.largest
            if name in self.slow or done >= TRIES and large:
                self._forget(*before)
                row[:] = [take if take is not None and take < before[0] else None for take in row]
                return False
            row[place] = self._take(values)
            took.append(self.stage.took)
            self.each[name] = (self.size - before[2]) / len(took)
        return True

    def _forget(self, takes, pictures, size):
        """Drop what was recorded since there were so many takes and pictures."""
        del self.takes[takes:], self.pictures[pictures:]
        self.numbers = {key: number for key, number in self.numbers.items() if number < takes}
        self.stage.redraw()         # the next picture's numbers are asked for anew
        self.size = size

    def script(self, name, pictures):
        """The recording as a script that a page loads, which works from a folder as well.

        pictures: the addresses of the backdrops, in their order.
        """
        block = base64.b64encode(packed(self, pictures)).decode()
        return f"lessonsStage({json.dumps(name)}, {json.dumps(block)});\n"


def nodes():
    """The places of a point along one side of its axes, as fractions."""
    return (np.arange(NODES) + 0.5) / NODES


def quantized(floats, tracks):
    """Fractions (N, 2) of all tracks as bytes: rounded, from frame to frame, by significance.

    Each track's points, (frames, per frame, 2), become whole numbers of 1 / GRAIN, then differences
    along its frames; then come all lowest bytes, all second bytes, and so on.
    """
    whole = np.where(np.isfinite(floats), np.round(floats.astype(float) * GRAIN), NOWHERE)
    rows, at = [], 0
    for track in tracks:
        size = 2 * track["frames"] * track["perFrame"]
        points = whole[at:at + size].astype("<i4").reshape(track["frames"], -1)
        points[1:] = np.diff(points, axis=0)        # wraps round, and live.js wraps it back
        rows.append(points.ravel())
        at += size
    numbers = np.concatenate([*rows, np.zeros(0, "<i4")])
    numbers = (numbers << 1) ^ (numbers >> 31)      # small ones of either sign: high bytes are 0
    return numbers.astype("<i4").view(np.uint8).reshape(-1, 4).T.tobytes()


def patch(base, value):
    """What has to change in `base` to become `value`: [value], or for dicts and lists of one shape
    {key: patch} of what differs."""
    if isinstance(base, dict) and isinstance(value, dict) and base.keys() == value.keys():
        return {key: patch(base[key], value[key]) for key in value if base[key] != value[key]}
    if (isinstance(base, list) and isinstance(value, list) and len(base) == len(value)
            and all(isinstance(part, dict) for part in [*base, *value])):
        return {i: patch(base[i], value[i]) for i in range(len(value)) if base[i] != value[i]}
    return [value]


def packed(recording, pictures):
    """A recording's bytes, deflated; live.js reads them.

    head: base (the first scene), takes: [[patch of base, bytes of points, light and dark picture],
    ...], states: [{take, rows: {knob: [take or null, ...]}, presets: [state, ...], choices: {menu:
    [state, ...]}}, ...], nodes, grain, pictures: [address, ...].
    """
    base = recording.takes[0][0]
    takes = [[patch(base, scene), len(points), *look] for scene, points, look in recording.takes]
    head = dict(base=base, takes=takes, states=recording.states, nodes=NODES, grain=GRAIN,
                pictures=pictures)
    head = json.dumps(head, separators=(",", ":")).encode()
    points = [points for _, points, _ in recording.takes]
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *points]), 9)
