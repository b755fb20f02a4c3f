"""What a Stage shows at every position of a slider, for the browser to have it at once."""
import json
import time
import zlib

import numpy as np

TICKS = 80          # a recorded slider has this many positions and one more, if it is not whole
SLOW = 0.05         # seconds of computing: a picture that takes more would hold up the kernel
TRIES = 3           # the median of the first so many pictures tells whether they take more
LONG = 0.5          # seconds of computing for the present picture, after which none is tried
HANGS = 2.0         # seconds after which a step that is being recorded is taken to be endless
LARGEST = 6e6       # bytes of one recording
GRAIN = 2.0**14     # fractions of the axes are rounded to 1 / GRAIN, a tenth of a pixel


def positions(knob):
    """The values of a recorded slider from its left end to its right, as the browser has them."""
    low, high, count = knob["low"], knob["high"], knob["ticks"]
    f = np.arange(count + 1) / count
    values = low * (high / low) ** f if knob["log"] else low + f * (high - low)
    if knob["whole"]:
        return [int(np.floor(value + 0.5)) for value in values]
    return [min(high, max(low, float(f"{value:.3g}"))) for value in values]


def ticks(low, high, whole):
    """How many steps a recorded slider has between its ends."""
    return int(min(high - low, TICKS)) if whole else TICKS


def rounded(data):
    """float32 fractions as the screen shows them: rounded, which makes them easy to compress."""
    x = np.frombuffer(data, "<f4")
    return np.where(np.abs(x) < 8, np.round(x * GRAIN) / GRAIN, x).astype("<f4").tobytes()


def pack(takes, count):
    """takes: position -> (scene as JSON, data, backdrop); returns bytes as stage.js reads them."""
    pictures = list(dict.fromkeys(picture for _, _, picture in takes.values()))
    pictures = pictures if len(pictures) > 1 else []        # one for all is the Stage's own
    rows = ["null"] * count
    for place, (scene, data, picture) in takes.items():
        number = pictures.index(picture) if pictures else -1
        rows[place] = f"[{scene},{len(data)},{number}]"
    head = f'{{"takes":[{",".join(rows)}],"pictures":{[len(picture) for picture in pictures]}}}'
    head = head.encode()
    head += b" " * (-len(head) % 4)                         # so that the numbers are aligned
    blocks = [data for _, (_, data, _) in sorted(takes.items())]
    return zlib.compress(b"".join([len(head).to_bytes(4, "little"), head, *blocks, *pictures]))


class Recorder:
    """Records the sliders `names` of a Stage, one position at a time, while it has time for that.

    watched: whether a browser shows the Stage; without one, nothing is recorded.
    """

    def __init__(self, stage):
        self.stage, self.names, self.watched = stage, {}, False     # name -> when it is quick
        self.longest = 0.0                      # seconds of the slowest picture, for the benchmark
        self.away = False                       # the figure shows some recorded position
        self.kept = None                        # what the Stage shows, while it is recorded
        self._takes, self._picture = {}, b""
        self._tried = {}                        # name -> seconds of its first TRIES pictures

    def forget(self, but=()):
        """Drop what another knob's move has made untrue: all recordings except those of `but`."""
        self._takes = {name: takes for name, takes in self._takes.items() if name in but}
        self._tried = {name: tried for name, tried in self._tried.items() if name in but}
        kept = {name: row for name, row in self.stage.recording.items() if name in but}
        if len(kept) < len(self.stage.recording):
            self.stage.recording = kept

    @property
    def running(self):
        """Whether a position is being recorded at this moment."""
        return self.kept is not None

    def go_on(self):
        """Record one more position; returns whether there is more to do."""
        with self.stage._lock:      # nobody may turn a knob between the choice and the picture
            return self._go_on()

    def _go_on(self):
        stage = self.stage
        if not self.watched or stage.took > LONG or stage.error:
            return False
        for name, when in self.names.items():
            knob = stage._knobs[name]
            if (name in stage.recording or self._slow(name) or not knob["shown"]
                    or not when(**stage.values)):
                continue
            values, takes = positions(knob), self._takes.setdefault(name, {})
            left = [place for place in range(len(values)) if place not in takes]
            if not left:
                self._send(name, len(values))
                return True
            now = values.index(min(values, key=lambda value: abs(value - stage.values[name])))
            place = min(left, key=lambda place: abs(place - now))      # nearest first
            if not self._record(name, place, values[place]):
                del self.names[name]
                self._send(name, len(values))
            return True
        if self.away:
            self.come_home()
        return False

    def _record(self, name, place, value):
        """Record the picture of one value; returns whether there may be more."""
        stage, began = self.stage, time.thread_time()
        with stage._lock:
            self._picture = self._picture if self.away else stage.backdrop
            self.kept, self.away = stage._keep(), True
            stage._values, stage._runs = dict(stage._values), dict(stage._runs)
            stage._groups = dict(stage._groups)
            stage._worker.limit = HANGS
            try:
                stage._values[name] = value
                try:
                    stage._call()
                except Exception as problem:
                    stage.error = f"{type(problem).__name__}: {problem}"
                scene = json.dumps(stage._describe(), default=lambda number: number.item())
                if stage._stale:
                    self._picture = stage._draw()
                self._takes[name][place] = scene, rounded(stage._numbers()), self._picture
            except KeyboardInterrupt:
                return False
            finally:
                stage._worker.limit = np.inf
                if not stage._worker.is_left():
                    self.undo()
        self.longest = max(self.longest, took := time.thread_time() - began)
        self._tried[name] = [*self._tried.get(name, []), took][:TRIES]
        pictures = {id(png): len(png) for _, _, png in self._takes[name].values()}
        size = sum(pictures.values()) + sum(len(data) for _, data, _ in self._takes[name].values())
        return size < LARGEST

    def _slow(self, name):
        """Whether the first pictures of a slider took too long, once there are enough of them.

        A single one says little: the first of all is slower, and the computer may be busy.
        """
        tried = self._tried.get(name, [])
        return len(tried) == TRIES and sorted(tried)[TRIES // 2] > SLOW

    def undo(self):
        """Give the Stage back what it showed before the position that is being recorded."""
        if self.kept is not None:
            self.stage._give_back(self.kept)
        self.kept = None

    def _send(self, name, count):
        stage = self.stage
        if self._takes.get(name):
            row = dict(seq=stage._seq, block=pack(self._takes[name], count))
            with stage._lock:
                stage.recording = {**stage.recording, name: row}

    def come_home(self):
        """Have the figure show the present values again."""
        with self.stage._lock:
            self.away = False
            before = self.stage._keep()
            try:
                self.stage._call()
            except Exception:
                self.stage._give_back(before)
