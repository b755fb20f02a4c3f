"""What a browser shows of a Stage, read back from the bytes that were sent to it."""

import io
import json
import zlib

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from support.lab import until

from lessons.descend import descend
from lessons.scenes.common.runs import until_gone
from lessons.stage.recording import positions
from lessons.stage.tracks import to_fraction

LRS = [10 ** (-4 + k / 8) for k in range(41)]       # tried where each rival is at its best


def unit_square(scale="linear", xlim=(0, 1), ylim=(0, 1), **options):
    """A figure of 400 x 300 pixels, with axes at 10 % to 90 % of it."""
    figure = Figure((4, 3))
    ax = figure.add_axes([0.1, 0.1, 0.8, 0.8])
    ax.set(xscale=scale, xlim=xlim, ylim=ylim, **options)
    return figure, ax


def image(png):
    return np.asarray(Image.open(io.BytesIO(png)).convert("RGB"), int)


def browser(stage, **moved):
    data = {"method": "update", "state": {"moved": moved}, "buffer_paths": []}
    stage._handle_msg({"content": {"data": data}, "buffers": []})


def told(stage):
    """Each track as sent: (its description, its points (frames, P, 2) in fractions of its axes)."""
    offset = 0
    for track in stage.scene["tracks"]:
        size = 2 * track["frames"] * track["perFrame"]
        at = np.frombuffer(stage.data, "<f4", size, 4 * offset).astype(float)
        offset += size
        yield track, at.reshape(track["frames"], track["perFrame"], 2)


def in_data(ax, fractions):
    """Fractions of the axes in data units, on axes of either scale."""
    at = np.array(fractions)
    for k, axis in enumerate((ax.xaxis, ax.yaxis)):
        low, high = axis.get_view_interval()
        log = axis.get_scale() == "log"
        at[..., k] = low * (high / low) ** at[..., k] if log else low + (high - low) * at[..., k]
    return at


def tracks(stage, kind, ax, group=None):
    """The tracks of one kind on the axes number `ax`, as sent: [(T, P, 2)] in fractions."""
    return [at for track, at in told(stage)
            if (track["kind"], track["ax"], track["group"]) == (kind, ax, group)]


def drawn(stage, kind, ax, group=None):
    """The tracks of one kind on the axes number `ax`, in data units: [(T, 2) or (T, P, 2)]."""
    found = [in_data(stage.figure.axes[ax], at) for at in tracks(stage, kind, ax, group)]
    return [at[:, 0] if at.shape[1] == 1 else at for at in found]


def words(stage, ax):
    """The words of each text on the axes number `ax`."""
    return [t["words"] for t in stage.scene["tracks"] if t["kind"] == "text" and t["ax"] == ax]


def assert_drawn(stage, ax, found, points):
    """The track shows these points, in data units; far out of the picture it need not."""
    points = np.asarray(points, float)
    wanted = to_fraction(stage.figure.axes[ax], points).reshape(found.shape)
    near = ~(np.abs(wanted) > 50)       # nan stays
    np.testing.assert_allclose(found[near], wanted[near], atol=2e-4)


def over_time(values):
    """The points of a curve with one value per step."""
    return np.stack([np.arange(len(values)), values], -1)


def sent(stage, rival):
    """What the browser draws for one rival of a race, in data units: (points (N, 2), words)."""
    found = {(track["kind"], track["ax"]): (
        in_data(stage.figure.axes[track["ax"]], at).reshape(-1, 2), track["words"])
        for track, at in told(stage) if track["group"] == rival}
    return {name: found[key] for name, key in dict(
        way=("path", 0), curve=("path", 1), gone=("text", 0)).items()}


def notes(stage, rival):
    return {row["name"]: row["notes"] for row in stage.scene["legend"]}[rival]


def loss_of(note):
    return float(note.split("loss ")[1].split(",")[0])


def headline(stage):
    return stage.scene["tracks"][0]["words"]


def shown(stage):
    """The names of the sliders and menus that a reader sees; buttons are not among them."""
    return [knob["name"] for knob in stage.scene["knobs"]
            if knob["shown"] and knob["type"] != "button"]


def assert_shows(stage, surface, rival, step, lr, steps):
    """The stage shows the very run that descend returns for one rival."""
    run = descend(surface, step, tuple(stage.values["start"]), steps=steps, lr=lr)
    drawn = sent(stage, rival)
    points = until_gone(run.theta, surface.window)
    # float32 fractions: about seven digits of the window, of the axis, of the decades
    assert np.allclose(drawn["way"][0], points, rtol=1e-5, atol=1e-4, equal_nan=True)
    assert np.allclose(drawn["curve"][0][:, 0], np.arange(steps + 1), atol=1e-4 * steps)
    assert np.allclose(np.log(drawn["curve"][0][:, 1]), np.log(run.loss), atol=1e-4)
    said = notes(stage, rival)
    assert len(said) == steps + 1 and all(note.startswith(f"lr {lr:.3g}: ") for note in said)
    assert [loss_of(note) for note in said] == pytest.approx(run.loss, rel=0.06)    # two digits


def seen(stage):
    """The browser shows the stage; returns when Python has nothing more to do."""
    stage._on_message(stage, {"seen": True}, [])
    rests(stage)


def rests(stage):
    until(lambda: stage._worker._thread is None)


def takes(stage, name):
    """A recording as the browser reads it: [(scene, data, PNG or None) or None]."""
    plain = zlib.decompress(stage.recording[name]["block"])
    size = int.from_bytes(plain[:4], "little")
    assert size % 4 == 0        # so that the numbers behind it may be read as float32
    head, rest = json.loads(plain[4:4 + size]), plain[4 + size:]
    found, pictures = [], []
    for row in head["takes"]:
        found.append(row and (row[0], rest[:row[1]], row[2]))
        rest = rest[row[1] if row else 0:]
    for length in head["pictures"]:
        pictures.append(rest[:length])
        rest = rest[length:]
    assert not rest
    return [row and (row[0], row[1], pictures[row[2]] if row[2] >= 0 else None) for row in found]


def assert_recorded_as_turned(stage, other):
    """What the browser shows of a recorded knob is what another such stage shows, turned there."""
    seen(stage)
    knob = next(iter(stage.recording))
    values = positions(stage._knobs[knob])
    found = takes(stage, knob)
    assert len(found) == len(values) and all(found)
    for place in (0, len(found) // 2, len(found) - 1):
        scene, data, _ = found[place]
        other.set(**{knob: values[place]})
        wanted = np.frombuffer(other.data, "<f4")
        near = np.abs(wanted) < 8
        # a tenth of a pixel on a screen of 2000
        assert np.allclose(np.frombuffer(data, "<f4")[near], wanted[near], atol=5e-5)
        for part in ("tracks", "legend", "steps", "error", "points"):
            assert scene[part] == json.loads(json.dumps(other.scene[part])), part
