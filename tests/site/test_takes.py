"""Recordings for the site: every take is what the Stage shows, and limits are kept and told."""

import base64
import json
import re
import zlib

import numpy as np
import pytest
from support.scene import image, unit_square
from support.scenes import MAKE

from lessons.look import Look, dress
from lessons.site import takes
from lessons.site.takes import Recording
from lessons.stage import Stage
from lessons.stage.recording import positions


def plain(record=()):
    """A stage with a slider, a menu, a point and a preset; it shows their values as positions."""
    figure, ax = unit_square()
    stage = Stage(figure, 2, "A line.")
    stage.slider("beta", 0.5)
    stage.choice("side", ["left", "right"], label="side")
    stage.point(ax, "start", (0.25, 0.75), label="start")
    stage.preset("far", beta=0.9, side="right")
    path, words = stage.path(ax, group="line"), stage.text(ax)
    for name in record:
        stage.record(name)

    @stage.compute
    def show(beta, side, start):
        path.set([start, [beta, 0.5], [np.nan, 1e9]])
        words.set([[0.5, 0.5]], [f"{beta:g} {side}"])
        stage.legend("line", Look("#333333", (), "o"), [f"beta {beta:g}"])
        stage.runs = {"now": (beta, side)}

    return stage


def unpacked(recording):
    """What live.js reads from a recording's script, by another way: (head, [(scene, floats)])."""
    names = [f"{number}.png" for number, _ in enumerate(recording.pictures)]
    script = recording.script("a/1", names)
    text = re.fullmatch(r'lessonsStage\("a/1", "([\w+/=]+)"\);\n', script)[1]
    block = zlib.decompress(base64.b64decode(text))
    size = int.from_bytes(block[:4], "little")
    head, rest, found = json.loads(block[4:4 + size]), block[4 + size:], []
    for change, length, *_ in head["takes"]:
        scene = patched(head["base"], change)
        found.append((scene, floats(rest[:length], scene["tracks"])))
        rest = rest[length:]
    assert rest == b"" and head["pictures"] == names
    return head, found


def patched(base, change):
    if isinstance(change, list):
        return change[0]
    keys = range(len(base)) if isinstance(base, list) else base
    parts = {key: patched(base[key], change[str(key)]) if str(key) in change else base[key]
             for key in keys}
    return [*parts.values()] if isinstance(base, list) else parts


def floats(block, tracks):
    folded = [int.from_bytes(bytes(four), "little")
              for four in np.frombuffer(block, np.uint8).reshape(4, -1).T]
    steps = [(n >> 1) ^ -(n & 1) for n in folded]
    found, at = [], 0
    for track in tracks:
        width = 2 * track["perFrame"]
        for place in range(track["frames"] * width):
            before = found[at + place - width] if place >= width else 0
            total = before + steps[at + place] & 2**32 - 1          # as 32 bits wrap round
            found.append(total - 2**32 if total >= 2**31 else total)
        at += track["frames"] * width
    return np.array([np.nan if n == takes.NOWHERE else n / takes.GRAIN for n in found])


def agree(take, stage):
    """Whether a take is what a stage shows now, up to a quarter of a pixel."""
    scene, found = take
    wanted = np.frombuffer(stage.data, "<f4")
    told = json.loads(json.dumps(stage.scene))
    for part in ("tracks", "legend", "steps", "error", "points"):
        assert scene[part] == told[part], part
    assert [row["value"] for row in scene["knobs"]] == [row["value"] for row in told["knobs"]]
    assert np.allclose(found, wanted, atol=0.51 / takes.GRAIN, rtol=1e-6, equal_nan=True)


def test_presets_menus_sliders_and_points_lead_to_what_turning_them_shows():
    recording = Recording(plain())
    head, found = unpacked(recording)
    first = head["states"][0]
    other = plain()
    values = positions(recording.stage._knobs["beta"])
    for place in (0, 17, 40):
        other.set(beta=values[place])
        agree(found[first["rows"]["beta"][place]], other)
    other = plain()
    other.set(side="right")
    right = head["states"][first["choices"]["side"][1]]
    agree(found[right["take"]], other)
    other.set(beta=0.9)
    far = head["states"][first["presets"][0]]
    agree(found[far["take"]], other)
    assert right["presets"] == first["presets"]         # the same settings are one state
    other = plain()
    other.set(start=((4 + 0.5) / 9, (7 + 0.5) / 9))
    agree(found[first["rows"]["start"][7 * 9 + 4]], other)
    assert recording.left_out == []


def test_a_recorded_stage_stands_where_it_stood():
    stage = plain()
    before = stage.scene, stage.data, dict(stage.runs), stage.snapshot()
    Recording(stage)
    after = {**stage.scene, "knobs": before[0]["knobs"]}        # they have ticks now
    assert (after, stage.data, dict(stage.runs), stage.snapshot()) == before


def test_limits_are_kept_and_what_they_leave_out_is_told(monkeypatch):
    monkeypatch.setattr(takes, "LARGEST", 20_000)
    recording = Recording(plain(["beta"]))
    assert 15_000 < recording.size < 21_000     # of which the two backdrops take 14_000
    assert "start in state 0" in recording.left_out
    monkeypatch.setattr(takes, "MOST", 10)
    recording = Recording(plain())
    assert recording.tried <= 10 and recording.states[0]["rows"] == {}
    assert {"beta in state 0", "start in state 0"} <= {*recording.left_out}


def test_a_slow_slider_is_tried_twice_and_never_again(monkeypatch):
    monkeypatch.setattr(takes, "SLOW", -1.0)
    recording = Recording(plain())
    assert recording.left_out == ["start in state 0", "beta in state 0"]
    assert len(recording.takes) == len(recording.states) == 4       # and all states are there


def test_limits_thin_a_row_before_they_drop_it(monkeypatch):
    monkeypatch.setattr(takes, "MOST", 126)
    recording = Recording(plain())
    rows = [state["rows"]["beta"] for state in recording.states]
    places = [[place for place, take in enumerate(row) if take is not None] for row in rows]
    assert places == [[*range(0, 41, 2)], *[[*range(0, 41, 8)]] * 3]
    assert recording.tried <= 126 and recording.left_out == []


def test_two_recordings_of_a_stage_are_the_same():
    scripts = [Recording(plain(["beta"])).script("a/1", []) for _ in range(2)]
    assert scripts[0] == scripts[1]


def test_a_backdrop_is_what_drawing_it_anew_gives():
    figure, ax = unit_square()
    figure.set_size_inches(9.2, 4.4)            # at 200 dots an inch, 1839.99... of them
    stage = Stage(figure, 2, "A line that is drawn anew.")
    stage.choice("slope", [0.1, 0.9], label="slope")

    @stage.compute
    def show(slope):
        for line in [*ax.lines]:
            line.remove()
        ax.plot([0, 1], [0, slope], "k", animated=True)
        stage.redraw()

    recording = Recording(stage)
    for slope, (_, _, look) in zip((0.1, 0.9), recording.takes):
        stage.set(slope=slope)
        for dark, number in enumerate(look):
            dress(figure, dark)
            stage.redraw(whole=True)
            kept, drawn = map(image, (recording.pictures[number], stage._draw()))
            assert np.array_equal(kept, drawn), (slope, dark)


@pytest.mark.parametrize("name", ["velocity_sum", "line_of_minima"])
def test_takes_of_scenes_are_what_the_scenes_show(name, monkeypatch):
    monkeypatch.setattr(takes, "TICKS", 6)
    monkeypatch.setattr(takes, "NODES", 2)
    make, turned = MAKE[name]
    recording = Recording(make())
    head, found = unpacked(recording)
    knob = next(iter(turned))
    row, values = head["states"][0]["rows"][knob], positions(recording.stage._knobs[knob])
    other = make()
    for place in (0, len(row) - 1):
        other.set(**{knob: values[place]})
        agree(found[row[place]], other)
