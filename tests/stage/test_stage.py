"""The player: what it hears from the browser and tells it, and what it says without one."""

import io
import json

import numpy as np
import pytest
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle
from PIL import Image
from support.scene import browser, image, unit_square

from lessons import raster, widgets
from lessons.look import BLUE, DARK, LIGHT, LOOKS, VERMILION, Look
from lessons.stage import Stage

INK = Look(VERMILION, (), "s")
def demo(scale="linear", xlim=(0, 1), start=(0.5, 0.5)):
    """A stage with every control, whose path runs from its start to (lr, 1)."""
    figure, ax = unit_square(scale, xlim)
    stage = Stage(figure, 2, "A line.", title="Demo")
    stage.slider("lr", 0.05)
    stage.slider("steps", 10)
    stage.choice("end", ["top", "nowhere"], label="end")
    stage.point(ax, "start", start, label="start")
    stage.preset("far", lr=1.0, start=xlim)
    line = stage.path(ax, INK, group="line")

    @stage.compute
    def run(lr, steps, end, start):
        stage.heard = dict(lr=lr, steps=steps, end=end, start=start.tolist())
        line.set([start, {"top": [lr, 1.0]}[end]])
        stage.legend("line", INK, [f"to {lr:.3g}"])

    return stage


def test_a_block_of_numbers_has_the_length_that_the_description_says():
    stage = demo()
    for frames in (1, 5):
        stage._tracks[0].set(np.zeros((frames, 2)))
        stage._publish()
        told = sum(8 * t["frames"] * t["perFrame"] for t in stage.scene["tracks"])
        assert len(stage.data) == told == 8 * frames
    json.dumps(stage.scene, allow_nan=False)


def test_a_page_without_a_kernel_shows_the_step_that_the_scene_names_as_its_still():
    stage, pictures = demo(), []
    for stage.still, shown in ((None, 2), (0, 0), (9, 2)):
        stage.legend("line", INK, ["begun", "on its way", "done"])
        data, about = stage._repr_mimebundle_()
        pictures.append(data["image/png"])
        assert pictures[-1] == stage.snapshot(shown)
        assert f"step {shown}" in about["image/png"]["alt"]
        assert (("begun" if shown == 0 else "done") in data["text/plain"])
    assert pictures[0] == pictures[2] != pictures[1]


def test_whole_knobs_are_rounded_and_each_turn_is_counted():
    stage = demo()
    for turned, heard in [(dict(lr=10), dict(lr=10.0)), (dict(lr=1e-4), dict(lr=1e-4)),
                          (dict(steps=11.6), dict(steps=12)), (dict(start=(0, 1)), {}),
                          (dict(lr=0.5, steps=20), dict(lr=0.5, steps=20))]:
        before = stage.rev
        stage.set(**turned)
        assert heard.items() <= stage.heard.items() and stage.rev == before + 1
    assert stage.heard["start"] == [0, 1] and isinstance(stage.heard["steps"], int)
    assert {k["name"]: k["value"] for k in stage.scene["knobs"]} == dict(lr=0.5, steps=20,
                                                                          end="top")


@pytest.mark.parametrize(("options", "expected"), [
    ({}, (1e-4, 10.0, True)), (dict(within=(0.1, 2.0)), (0.1, 2.0, True)),
    (dict(within=(0.1, 2.0), log=False), (0.1, 2.0, False)),
    (dict(kind="beta"), (0.0, 0.99, False)),
    (dict(kind="beta", within=(0.1, 0.9), log=True), (0.1, 0.9, True)),
])
def test_a_slider_has_the_range_and_scale_of_its_kind_unless_told(options, expected):
    stage = Stage(unit_square()[0], 1, "Nothing.")
    stage.slider("lr", 0.5, **options)
    [row] = stage._describe()["knobs"]
    assert (row["low"], row["high"], row["log"]) == expected


@pytest.mark.parametrize(("turned", "advice"), [
    (dict(speed=1), "no knob 'speed'; it has lr, steps, end, start"),
    (dict(end="left"), r"end is one of \['top', 'nowhere'\], not 'left'"),
    (dict(lr=np.nan), "lr is a number from 0.0001 to 10, not nan"),
    (dict(lr=0), "lr is a number from 0.0001 to 10, not 0"), (dict(lr=11), "to 10, not 11"),
    (dict(lr="fast"), "lr is a number"), (dict(lr=[1, 2]), "lr is a number"),
    (dict(start=0.5), "two finite numbers"), (dict(start=(1, np.inf)), "two finite numbers"),
])
def test_a_wrong_name_or_value_is_answered_with_advice(turned, advice):
    stage = demo()
    for turn in (stage.set, lambda **values: stage.preset("button", **values)):
        with pytest.raises((KeyError, ValueError), match=advice):
            turn(**turned)
    assert stage.heard["lr"] == 0.05 and "button" not in stage._presets


def test_a_preset_turns_its_knobs_and_points_in_one_message():
    [told] = demo("log", (1e-2, 1e2)).scene["presets"]
    assert told == dict(label="far", values=dict(lr=1.0, start=pytest.approx([0, 100])))


def test_a_hidden_knob_is_still_told_with_its_value():
    stage = demo()
    stage.show("steps", False)
    stage.set(steps=30)
    told = {k["name"]: (k["shown"], k["value"]) for k in stage.scene["knobs"]}
    assert told["steps"] == (False, 30) and told["lr"] == (True, 0.05)


def test_a_button_calls_its_action_once_for_each_new_click():
    figure, _ = unit_square()
    stage, clicks, heard = Stage(figure, 1, "A button."), [], []
    stage.slider("lr", 0.1)
    stage.button("go", lambda: clicks.append(len(heard)), label="Go")
    stage.compute(lambda **knobs: heard.append(knobs))
    for turn, count in [(lambda: browser(stage, go=1, seq=1), 1),       # the click, then the tracks
                        (lambda: browser(stage, go=1, lr=0.2, seq=2), 1),   # told once more
                        (lambda: stage.set(go=2), 2), (lambda: stage.set(go=2), 2)]:
        turn()
        assert len(clicks) == count and stage.values["go"] == count
    assert clicks == [1, 3] and heard == [{"lr": 0.1}] * 2 + [{"lr": 0.2}] * 3
    [told] = [knob for knob in stage.scene["knobs"] if knob["name"] == "go"]
    assert told == dict(name="go", type="button", label="Go", shown=True, value=2)


def test_a_menu_of_numbers_is_told_as_texts_and_heard_as_numbers():
    figure, _ = unit_square()
    stage, heard = Stage(figure, 1, "A menu."), []
    stage.choice("condition", [20, 100.0, "all"], label="condition")
    stage.compute(lambda condition: heard.append(condition))
    browser(stage, condition="100", seq=1)
    browser(stage, condition="all", seq=2)
    stage.set(condition=20.0)
    assert heard == [20, 100.0, "all", 20]
    [told] = stage.scene["knobs"]
    assert (told["value"], told["options"]) == ("20", ["20", "100", "all"])


@pytest.mark.parametrize(("scale", "xlim", "x"), [      # three quarters of the way
    ("linear", (-2, 6), 4.0), ("log", (1e-3, 10), 1.0),
    ("symlog", (-200, 200), 2 * 10 ** (1 - (1 / 0.9) / 2))])        # 2 10^d at d decades above 2
def test_what_the_browser_sends_arrives_in_data_units(scale, xlim, x):
    stage = demo(scale, xlim)
    browser(stage, lr=0.2, steps=30, start=[0.75, 0.5], dark=False, seq=7)
    assert stage.heard["start"] == pytest.approx([x, 0.5])
    assert (stage.heard["lr"], stage.heard["steps"]) == (0.2, 30)
    assert stage.scene["seq"] == 7 and stage.scene["points"][0]["at"] == pytest.approx([0.75, 0.5])
    stage.moved = {"lr": 0.3, "seq": 8}
    assert stage.heard["lr"] == 0.3 and stage.scene["seq"] == 8


def test_an_error_is_raised_in_python_but_written_on_the_page_for_the_browser():
    stage = demo()
    with pytest.raises(KeyError, match="nowhere"):
        stage.set(end="nowhere")
    for bad, words in [(dict(end="nowhere"), "KeyError: 'nowhere'"), (dict(lr="?"), "a number"),
                       (dict(end="left"), "end is one of")]:
        before = stage.rev
        browser(stage, **bad, seq=before)
        assert words in stage.scene["error"] and words in repr(stage)
        assert stage.scene["seq"] == before and stage.rev == before + 1
        browser(stage, end="top", lr=0.4, seq=99 + before)
        assert stage.scene["error"] == "" and stage.heard["lr"] == 0.4
        assert "Error" not in repr(stage)


def test_one_publication_is_one_message_to_the_browser(monkeypatch):
    stage, sent = demo(), []
    monkeypatch.setattr(stage.comm, "send", lambda data, **rest: sent.append(data))
    for turn in (lambda: stage.set(lr=0.5), lambda: browser(stage, lr=0.6, dark=True, seq=1),
                 lambda: browser(stage, end="nowhere", seq=2)):
        sent.clear()
        turn()
        [update] = [data for data in sent if data["method"] == "update"]
        assert {"scene", "rev"} <= update["state"].keys()


def test_a_long_answer_shows_in_between_what_is_done():
    stage = demo()
    before, rev = stage.data, stage.rev
    stage._tracks[0].set([[0, 0], [1, 1]])
    assert stage.data == before
    stage.refresh()
    assert stage.data != before and stage.rev == rev + 1


def test_a_dark_page_gets_a_dark_backdrop_and_the_still_stays_light():
    stage = demo()
    light, still_light = stage.backdrop, stage.snapshot()
    for dark, theme in [(True, DARK), (False, LIGHT)]:
        browser(stage, dark=dark, seq=int(dark))
        paper = [int(theme["paper"][i:i + 2], 16) for i in (1, 3, 5)]
        for _ in range(2):
            assert image(stage.backdrop)[5, 5].tolist() == paper
            assert stage.snapshot() == still_light
            stage.redraw(whole=True)
            stage.set()
    assert stage.backdrop == light


def test_a_stage_without_a_function_shows_its_tracks_and_answers_the_browser():
    figure, ax = unit_square()
    stage = Stage(figure, 0, "A dot.")
    stage.marker(ax, INK).set([[0.5, 0.5]])
    stage._repr_mimebundle_()
    assert stage.scene["tracks"] and len(stage.data) == 8
    browser(stage, dark=True, seq=1)
    assert stage.scene["error"] == "" and stage.scene["seq"] == 1


def test_a_cell_shows_a_live_view_a_picture_of_its_own_size_and_a_text():
    stage = demo()
    data, metadata = stage._repr_mimebundle_()
    assert data["application/vnd.jupyter.widget-view+json"]["model_id"] == stage.model_id
    height, width, _ = image(data["image/png"]).shape
    alt = f"{stage.alt}\n{stage!r}"
    assert metadata["image/png"] == dict(width=width, height=height, alt=alt)
    assert data["image/png"] == stage.snapshot() == stage.snapshot(step=2)
    assert data["text/plain"] == repr(stage) == "Demo (step 2)\n  line: to 0.05"


def test_picture_and_text_depend_on_the_numbers_and_on_nothing_else():
    one, other = demo(), demo()
    assert repr(one) == repr(other) and one.snapshot() == other.snapshot() == one.snapshot()
    other.set(lr=0.06)
    assert repr(one) != repr(other) and one.snapshot() != other.snapshot()
    assert image(one.snapshot(scale=2)).shape[1] == 800


def test_a_page_without_a_kernel_shows_presets_beside_and_the_stage_stays_as_it_was():
    stage = demo()
    alone, values = image(stage.snapshot()), repr(stage.values)
    stage.beside, heard = ["far"], (stage.rev, stage.data, stage.backdrop)
    data, metadata = stage._repr_mimebundle_()
    assert repr(stage.values) == values and np.array_equal(image(stage.snapshot()), alone)
    assert (stage.rev, stage.data, stage.backdrop) == heard     # the browser's picture stands still
    both, height = image(data["image/png"]), len(alone)
    assert metadata["image/png"]["height"] == len(both) > 2 * height
    assert data["text/plain"] == ("Demo (step 2)\n  line: to 0.05\nThe same with far:\n"
                                  "Demo (step 2)\n  line: to 1")
    assert metadata["image/png"]["alt"] == f"{stage.alt}\n{data['text/plain']}"
    stage.set(lr=1.0, start=(0, 1))
    far = image(stage.snapshot())
    assert np.abs(both[:height] - alone).max() < 10 and np.abs(both[-height:] - far).max() < 10


def test_a_rival_without_a_note_has_no_line_in_the_text():
    stage = demo()
    stage.legend("still", INK)
    stage.legend("late", INK, ["", "", "now"])
    assert stage._said(1) == "Demo (step 1)\n  line: to 0.05"
    assert repr(stage) == "Demo (step 2)\n  line: to 0.05\n  late: now"


def test_a_picture_is_saved_with_few_colours():
    stage = demo()
    for png, mode in [(stage.backdrop, "L"), (stage.snapshot(), "P")]:      # greys; a palette
        assert Image.open(io.BytesIO(png)).mode == mode


@pytest.mark.parametrize("size", [(9.2, 3.9), (7.655, 3.333), (2.89, 2.905), (5.5555, 1.1111)])
def test_a_figure_of_any_size_becomes_pixels(size):
    figure = Figure(size)
    width, height = raster.pixels(figure).size
    assert (width, height) == pytest.approx(np.multiply(size, 100), abs=1)
    assert raster.Backdrop(figure).pixels().size == pytest.approx(np.multiply(size, 200), abs=1)


def test_the_still_has_a_line_for_each_rival_with_its_note_of_that_step():
    figure, ax = unit_square()
    stage = Stage(figure, 1, "Two rivals.")
    ax.add_patch(Rectangle((0, 0), 1, 1, color="black"))
    plain = image(stage.snapshot())
    for look in list(LOOKS.values())[:2]:
        stage.legend(look.color, look, ["early", "late"])
    early, late = image(stage.snapshot(0)), image(stage.snapshot(1))
    assert np.array_equal(early[-300:], plain) and np.array_equal(late[-300:], plain)
    top = late[:-300]
    for column, color in enumerate(list(LOOKS)[:2]):
        rgb = [int(LOOKS[color].color[i:i + 2], 16) for i in (1, 3, 5)]
        where = np.nonzero((np.abs(top - rgb) < 20).all(-1))[1]
        assert len(where) > 50 and (where.mean() > 150) == (column == 1)
    assert not np.array_equal(early[:-300], top) and "late" in repr(stage)


def test_a_backdrop_redrawn_in_part_shows_what_matplotlib_draws_as_a_whole():
    figure, ax = unit_square()
    [line] = ax.plot([0.1, 0.4], [0.2, 0.9], color=BLUE, animated=True)
    ax.fill_between([0.1, 0.9], 0.6, 0.7, animated=True)        # drawn later, lies below
    backdrop = raster.Backdrop(figure)
    first = np.asarray(backdrop.pixels())
    assert np.array_equal(backdrop.pixels(), first)         # nothing has changed
    line.set_data([0.6, 0.9], [0.2, 0.9])
    part = np.asarray(backdrop.pixels())
    rows, columns, _ = np.nonzero(part != first)
    assert columns.min() > 80 and columns.max() < 720 and rows.max() < 540 and len(rows) > 500
    inside = np.s_[70:530, 90:710]      # without the frame, which lies below animated artists
    assert np.array_equal(part[inside], np.asarray(raster.pixels(figure, scale=2))[inside])


def test_what_is_not_animated_waits_for_a_whole_redraw():
    stage = demo()
    before = image(stage.backdrop)
    stage.figure.axes[0].set_xlabel("a new label")
    for whole in (False, True):
        stage.redraw(whole)
        stage.set()
        changed = image(stage.backdrop) != before
        assert changed.any() == whole and not changed[:560].any()       # below the axes


def test_a_cell_that_is_run_again_closes_the_stages_of_its_last_run(run_cell):
    def run(cell, request):
        run_cell(cell, request)
        return demo()

    first, beside, other, loose = run("a", 1), run("a", 1), run("b", 2), run(None, 3)
    again = run("a", 4)
    assert first.comm is None and beside.comm is None
    assert len(widgets.made["a"][1]) == 1        # and nothing holds them any longer
    assert again.comm and other.comm and loose.comm
    run(None, 5), run("b", 6)
    assert other.comm is None and again.comm and loose.comm
