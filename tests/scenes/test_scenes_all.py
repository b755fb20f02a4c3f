"""What holds for every scene: few knobs, none breaks it; nothing shared; words in sight; recorded.

Both tests of a scene work on the same two copies of it: to make them takes most of the time.
"""

import io

import numpy as np
import pytest
from matplotlib.backends.backend_agg import FigureCanvasAgg
from support.scene import assert_recorded_as_turned, browser, shown
from support.scenes import MAKE

from lessons import raster, scenes
from lessons.look import LOOKS
from lessons.stage import recording

UNRECORDED = {      # scene -> why none of its sliders is recorded
    "l2_against_adamw": "it has menus",
    "warmup_transformer": "it has menus", "norm_log": "it has a menu",
    "league_board": "it has menus",
    "rate_map": "each position has a map of its own, 5 MB in all"}


@pytest.fixture(scope="module", params=MAKE)
def copies(request):
    """(name of a scene, two copies of it, the values of its knobs as made), for all its tests."""
    make, turned = MAKE[request.param]
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(recording, "TICKS", 8)
        patch.setattr(recording, "SLOW", 10)      # on a busy computer
        patch.setattr(recording, "LONG", 60)
        patch.setattr(recording, "HANGS", 60)
        patch.setattr(raster, "png", quick_png)
        one, other = (make(presets={"far": turned}) for _ in range(2))
        yield request.param, one, other, dict(one.values)
    one.close()
    other.close()


def quick_png(picture):
    """A picture as a PNG that is quickly packed, in all its colours."""
    buffer = io.BytesIO()
    picture.save(buffer, "PNG", compress_level=1)
    return buffer.getvalue()


def test_every_scene_is_in_the_table():
    assert set(MAKE) == set(scenes.__all__)


def test_a_scene_shares_nothing_and_no_knob_at_either_end_breaks_it(copies):
    name, one, other, _ = copies
    turned = MAKE[name][1]
    assert len(shown(one)) <= 5
    assert repr(one) == repr(other) and one.data == other.data and one.backdrop == other.backdrop
    told = {row["name"]: row["color"] for row in one.scene["legend"]}
    assert all(told[rival] == LOOKS[rival].color for rival in told.keys() & LOOKS.keys())
    before = other.data, repr(other)
    browser(one, **one.scene["presets"][0]["values"], seq=1)
    assert one.error == ""
    for knob, value in turned.items():
        assert one.values[knob] == (value if isinstance(value, str) else pytest.approx(value))
    other._publish()
    assert (other.data, repr(other)) == before and repr(one) != before[1]
    at_both_ends(other)


def test_each_position_shows_what_turning_the_knob_there_shows(copies):
    name, stage, other, first = copies
    for each in stage, other:
        each.set(**first)
    assert bool(stage._recorder.names) == (name not in UNRECORDED)
    if name not in UNRECORDED:
        assert_recorded_as_turned(stage, other)


def at_both_ends(stage):
    """Turn each knob to its ends: none breaks the scene or pushes its words out of sight."""
    for knob in stage.scene["knobs"]:
        if knob["type"] == "button":
            continue        # whatever it does may take a while
        ends = knob["options"] if knob["type"] == "choice" else [knob["low"], knob["high"]]
        for value in [*ends, knob["value"]]:
            browser(stage, **{knob["name"]: value}, seq=1)
            assert stage.error == ""
            assert cut_off(stage) == [], (knob["name"], value)


@pytest.mark.usefixtures("widgets_end_with_their_test")
@pytest.mark.parametrize("name", ["race", "microscope", "rate_map"])
def test_a_wrong_preset_is_answered_at_once(name):
    with pytest.raises(KeyError, match="no knob 'speed'"):
        MAKE[name][0](presets={"bad": dict(speed=2)})
    with pytest.raises(KeyError, match="no preset 'good' to show beside"):
        MAKE[name][0](beside=["good"])


def cut_off(stage):
    """The words that a reader sees only in part, at the last step."""
    draw, found = FigureCanvasAgg(stage.figure).get_renderer(), []
    width, height = draw.get_canvas_width_height()
    for track in stage._tracks:
        for text in track.draw(stage.steps) if track.kind == "text" else []:
            box = text.get_window_extent(draw)
            if text.get_text() and np.isfinite(box.extents).all() and not (
                    0 <= box.x0 and box.x1 <= width and 0 <= box.y0 and box.y1 <= height):
                found.append(text.get_text())
            text.remove()
    return found
