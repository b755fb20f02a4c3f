"""A Stage on every kind of page: dark, narrow, full screen, calm, read aloud, without a kernel.

Server, browser and fixtures are those of lab.py; each test gets a race from a fresh run of a cell.
"""

import io
import re

import numpy as np
import pytest
from matplotlib.figure import Figure
from PIL import Image
from playwright.sync_api import expect
from support.lab import Player, until

from lessons.knobs import KNOBS
from lessons.stage import Stage

ARITHMETIC = """async ([code, boxes, knobs, ticks]) => {
  const url = URL.createObjectURL(new Blob([code], {type: 'text/javascript'}));
  const {place, locate, valueAt, tickAt} = await import(url);
  return {
    pixels: boxes.map(([box, u, v, W, H]) => place(box, u, v, W, H)),
    back: boxes.map(([box, u, v, W, H]) => locate(box, ...place(box, u, v, W, H), W, H)),
    values: knobs.map((knob) => ticks.map((tick) => valueAt(knob, tick))),
    again: knobs.map((knob) => ticks.map(
      (tick) => valueAt(knob, tickAt(knob, valueAt(knob, tick))))),
  };
}"""


@pytest.fixture(scope="module")
def lesson(open_notebook):
    lesson = open_notebook("small.ipynb")
    lesson.run_all()
    return lesson


def test_the_picture_follows_the_theme(lesson, race):
    def brightness():
        return np.asarray(Image.open(io.BytesIO(race.part("picture").screenshot()))).mean()

    for theme, low, high in ("Dark", 0, 80), ("Light", 190, 255):
        with race.answered():
            lesson.do("apputils:change-theme", theme=f"JupyterLab {theme}")
        until(lambda low=low, high=high: low < brightness() < high)


def test_with_reduced_motion_nothing_starts_by_itself_and_play_shows_whole_steps(lesson, race):
    def pictures_within_a_step():
        race.press("Home")
        race.part("play").click()
        shown = {}
        for step, picture in race.frames(40):
            shown.setdefault(step, set()).add(picture)
        race.part("play").click()
        assert len(shown) > 2
        return max(map(len, shown.values()))

    assert pictures_within_a_step() > 1
    try:
        lesson.page.emulate_media(reduced_motion="reduce")
        assert pictures_within_a_step() == 1
        race.press("Home")
        with race.answered():
            race.part("preset").last.click()
        race.has(state="paused", step=60)
    finally:
        lesson.page.emulate_media(reduced_motion="no-preference")


def test_every_control_has_a_name_and_the_picture_a_text(race):
    race.knob("learning rates").select_option("each its own")
    expect(race.knob("lr of Adam")).to_be_visible()
    tree = race.root.aria_snapshot()
    roles = re.findall(r"- '?(group|img|button|slider|combobox)\b( \"[^\"]{2,})?", tree)
    assert len(roles) > 15 and {role for role, _ in roles} >= {"group", "img", "slider", "combobox"}
    assert all(name for _, name in roles), tree


def test_the_live_region_speaks_after_a_pause(race):
    spoken = race.root.locator("[aria-live=polite]")
    expect(spoken).to_have_text("")
    race.part("play").click()
    until(lambda: int(race.says("step")) > 3)
    race.part("play").click()
    expect(spoken).to_have_text(re.compile(f"^step {race.says('step')}. Gradient descent: lr .*"))


def test_full_screen_takes_the_knobs_along(lesson, race):
    full = "document.fullscreenElement?.classList.contains('stage') ?? false"
    race.part("full").click()
    until(lambda: lesson.page.evaluate(full))
    expect(race.knob("learning rate")).to_be_in_viewport(ratio=1)
    with race.answered():
        race.press("ArrowRight", on=race.knob("learning rate"))
    race.part("full").click()     # Escape is the browser's business; without a window it has none
    until(lambda: not lesson.page.evaluate(full))


def test_nothing_overflows_a_narrow_page(lesson, race):
    race.knob("learning rates").select_option("each its own")
    wide = lesson.page.viewport_size
    try:
        lesson.page.set_viewport_size(dict(width=500, height=900))
        for low, high in (300, 500), (0, 300):      # without JupyterLab's file list, and with it
            lesson.do("application:toggle-left-area")
            until(lambda low=low, high=high: low < race.root.bounding_box()["width"] < high)
            assert race.root.evaluate("""root => [...root.querySelectorAll('*')].filter((node) =>
                node.getBoundingClientRect().right > root.getBoundingClientRect().right + 1)
                .map((node) => node.className)""") == []
    finally:
        lesson.page.set_viewport_size(wide)


def test_the_arithmetic_of_the_browser_is_matplotlibs_and_numpys(lesson):
    figure, boxes, pixels = Figure((4, 3), dpi=100), [], []
    for box in (0, 0, 1, 1), (0.1, 0.2, 0.3, 0.4), (0.65, 0.48, 0.305, 0.45):
        for u, v in (0, 0), (1, 1), (0.3, 0.8), (-0.5, 1.2):
            x, y = figure.add_axes(box).transAxes.transform((u, v))
            boxes.append((box, u, v, 400, 300))
            pixels.append((x, 300 - y))
    knobs, ticks = [row._asdict() for row in KNOBS.values()], list(range(401))
    found = lesson.page.evaluate(
        ARITHMETIC, [Stage._esm, boxes, knobs, ticks])
    assert np.allclose(found["pixels"], pixels)
    assert np.allclose(found["back"], [(u, v) for _, u, v, _, _ in boxes])
    for row, values, again in zip(knobs, found["values"], found["again"]):
        space = np.geomspace if row["log"] else np.linspace
        wanted = space(row["low"], row["high"], 401)
        # half a unit, or half of the third digit that the label shows
        assert np.allclose(values, wanted, rtol=0.005, atol=0.51 if row["whole"] else 0), row
        assert values[0] == row["low"] and values[-1] == row["high"]
        assert again == values


def test_nothing_of_all_this_was_red_in_the_console(lesson):
    assert lesson.complaints == []


def test_without_a_kernel_a_stage_says_so_and_still_plays(open_notebook):
    alone = open_notebook("alone.ipynb")
    alone.run_all()
    stage = Player(alone.page)
    alone.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    stage.press("ArrowRight", on=stage.knob("condition number"))       # one that is not recorded
    expect(stage.part("message")).to_contain_text("Python does not answer")
    stage.press("Home")
    stage.part("play").click()
    until(lambda: int(stage.says("step")) > 2)


def test_a_notebook_saved_with_its_widgets_plays_when_it_is_only_opened(open_notebook, folder):
    ran = open_notebook("alone.ipynb")
    ran.run_all()
    for command in "@jupyter-widgets/jupyterlab-manager:saveWidgetState", "docmanager:save":
        ran.page.evaluate(f"jupyterapp.commands.execute('{command}')")
    until(lambda: "widget-state" in (folder / "alone.ipynb").read_text(encoding="utf-8"))
    ran.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.shutdown()")
    ran.page.close()
    opened = open_notebook("alone.ipynb")
    stage = Player(opened.page)
    stage.press("Home")
    stage.part("play").click()
    until(lambda: int(stage.says("step")) > 2)
    assert opened.complaints == []


def test_a_notebook_that_is_only_opened_shows_its_stills(open_notebook):
    lesson = open_notebook("01_gradient_descent.ipynb")
    lesson.idle()
    stills = sum("image/png" in output.get("data", {})
                 for cell in lesson.cells() for output in cell.get("outputs", []))
    assert stills > 3
    shown = lesson.page.locator(".jp-OutputArea-output img")
    width = "all => all.filter((img) => img.naturalWidth > 300).length"
    until(lambda: shown.evaluate_all(width) == shown.count() >= stills)
    assert lesson.page.get_by_text("Error displaying widget").count() == 0
    assert lesson.page.locator(".stage").count() == 0
