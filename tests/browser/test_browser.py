"""Notebook 00 in a real JupyterLab: what a reader clicks, drags and types does what it says.

Server, browser and fixtures are those of lab.py; each test gets the first race from a fresh run of
its cell. Nothing here asserts a time: `make bench` measures.
"""

import json
import re

import nbformat
import numpy as np
import pytest
from playwright.sync_api import expect
from support.lab import Player, middle, until
from support.notebooks import VIEW

from lessons.look import LOOKS

FIRST = "00_the_race.ipynb"
LOSSES = """from lessons.descend import descend
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import rosenbrock
for step in gradient_descent, momentum, rmsprop, adam:
    run = descend(rosenbrock(), step, steps=60, lr=LR)
    gone = run.diverged_at
    print(f"diverged at step {gone}" if gone > 0 else f"loss {run.loss[-1]:.2g}")"""
TABLES = re.compile(r"^(claims|tuned_\w+)\(", re.M)
COUNT = "import ipywidgets; print(len(ipywidgets.widgets.widget._instances))"


@pytest.fixture(scope="module")
def lesson(folder, open_notebook):
    notebook = nbformat.read(folder / FIRST, 4)     # its tables take longest, and are nbval's
    notebook.cells = [cell for cell in notebook.cells if not TABLES.search(cell.source)]
    nbformat.write(notebook, folder / FIRST)
    lesson = open_notebook(FIRST)
    lesson.run_all()
    return lesson


def test_all_cells_run_without_an_error_or_a_warning(lesson):
    outputs = [output for cell in lesson.cells() for output in cell.get("outputs", [])]
    assert len(outputs) > 20
    assert not [o for o in outputs if o["output_type"] == "error" or o.get("name") == "stderr"]
    assert lesson.complaints == []


def test_play_moves_the_picture_and_rests_at_the_end(race):
    race.has(step=0, state="paused")
    race.knob("speed").select_option("0.25")
    race.part("play").click()
    race.has(state="playing")
    steps, pictures = zip(*race.frames(20))
    assert list(steps) == sorted(steps)
    assert len(set(pictures)) > 2 * len(set(steps))       # it also moves between two steps
    race.knob("speed").select_option("4")
    race.has(step=60, state="paused")
    race.knob("speed").select_option("0.25")
    race.part("play").click()                             # from the start again
    until(lambda: 0 < int(race.says("step")) < 60)
    race.part("play").click()
    race.has(state="paused")
    steps, pictures = zip(*race.frames(10))
    assert len(set(steps)) == len(set(pictures)) == 1


def test_speed_sets_how_far_a_second_goes(race):
    far = {}
    for speed in "0.25", "4":
        race.press("Home")
        race.knob("speed").select_option(speed)
        race.part("play").click()
        far[speed] = race.frames(30)[-1][0]
        race.part("play").click()
    assert far["4"] > 2 * far["0.25"]        # 16 times, or the end


def test_scrub_and_step_buttons_set_the_step(race):
    race.part("scrub").fill("30")
    race.has(step=30)
    race.part("forward").click()
    race.has(step=31)
    race.part("back").click(click_count=2)
    race.has(step=29, state="paused")
    expect(race.part("count")).to_have_text("step 29 / 60")


def test_words_change_in_their_nodes(race):
    """A node that is put in place of another has the page's `:has` rules matched again: 4 ms."""
    words = "root => [...root.querySelectorAll('.stage-note, .stage-count, .stage-value')]"
    race.press("End")
    race.root.evaluate(f"root => {{ root.kept = ({words})(root).map((node) => node.firstChild); }}")
    before = race.root.inner_text()
    race.press("Home")
    with race.answered():
        race.press("ArrowLeft", on=race.knob("learning rate"))
    assert race.root.inner_text() != before
    assert race.root.evaluate("root => root.kept.every((text) => text?.isConnected)")


def test_start_follows_drag_and_click(race):
    race.press("End")
    start = race.part("point")
    for move in (lambda: race.drag(start, 70, -50),
                 lambda: race.page.mouse.click(*np.add(middle(start), (70, -50)))):
        before, (x, y) = race.pixels(), middle(start)
        with race.answered():
            move()
        until(lambda old=before: not np.array_equal(race.pixels(), old))
        assert middle(start) == pytest.approx((x + 70, y - 50), abs=2)      # pixels


def test_arrow_keys_move_the_start_and_shift_farther(race):
    start = race.part("point")
    moved = []
    for key in "ArrowRight", "ArrowUp", "Shift+ArrowRight", "Shift+ArrowUp":
        before = middle(start)
        with race.answered():
            race.press(key, on=start)
        moved.append(np.subtract(middle(start), before))
    assert moved[0][0] > 2 and moved[1][1] < -2
    assert np.allclose(moved[2:], 5 * np.array(moved[:2]), atol=1)          # pixels


def test_learning_rate_by_keyboard_and_mouse_shows_what_the_kernel_computes(lesson, race):
    lr = race.knob("learning rate")
    value = lr.locator("xpath=following-sibling::output")
    for turn in (lambda: race.press("ArrowRight", "ArrowRight", on=lr), lambda: race.drag(lr, 60)):
        old, before = value.inner_text(), race.pixels()
        with race.answered():
            turn()
        expect(value).not_to_have_text(old)
        losses = lesson.ask(LOSSES.replace("LR", value.inner_text())).splitlines()
        expect(race.part("note")).to_contain_text(losses)
        assert not np.array_equal(race.pixels(), before)


def test_keys_move_through_time(race):
    for key, step in (("End", 60), ("ArrowLeft", 59), ("PageDown", 49), ("ArrowRight", 50),
                      ("PageUp", 60), ("Home", 0), ("PageUp", 10), ("ArrowUp", 11)):
        race.press(key)
        race.has(step=step, state="paused")
    race.press(" ")
    race.has(state="playing")
    race.press(" ")
    race.has(state="paused")


def test_what_is_typed_on_the_stage_does_not_reach_the_notebook(lesson, race):
    def cells():
        return [(cell["cell_type"], cell["source"]) for cell in lesson.cells()]

    before = cells()
    for place in race.root, race.part("play"), race.part("point"), race.knob("learning rate"):
        race.press(*"ddabmx", "Enter", on=place)
    lesson.do("notebook:enter-command-mode")
    assert cells() == before


def test_each_its_own_learning_rate_has_its_own_slider(race):
    expect(race.knob("learning rate")).to_be_visible()
    expect(race.knob("lr of Adam")).to_be_hidden()
    race.knob("learning rates").select_option("each its own")
    expect(race.knob("lr of Adam")).to_be_visible()
    expect(race.knob("learning rate")).to_be_hidden()
    race.frames(2)                # the notes follow one frame later
    notes = race.part("note").all_inner_texts()
    race.press("PageUp", on=race.knob("lr of Adam"))
    expect(race.part("note").last).not_to_have_text(notes[-1])
    assert race.part("note").all_inner_texts()[:-1] == notes[:-1]


def test_a_preset_turns_the_knobs_and_plays_from_the_start(lesson):
    race = Player(lesson.page)
    race.root = lesson.page.locator(".stage", has_text="lr 0.5 for all")      # on the digits
    race.root.scroll_into_view_if_needed()
    race.knob("speed").select_option("0.25")
    race.root.get_by_role("button", name="lr 0.5 for all", exact=True).click()
    race.has(state="playing")
    expect(race.part("note").first).to_contain_text("lr 0.5:")
    assert int(race.says("step")) < 100
    race.knob("speed").select_option("4")
    race.has(step=100, state="paused")


def test_a_rival_hides_and_shows(race):
    def adams_pixels():
        colour = [int(LOOKS["Adam"].color[i:i + 2], 16) for i in (1, 3, 5)]
        return (race.pixels()[..., :3] == colour).all(axis=-1).sum()

    race.press("End")
    adam = race.root.get_by_role("button", name="Adam", exact=True)
    for pressed, drawn in ("true", True), ("false", False), ("true", True):
        expect(adam).to_have_attribute("aria-pressed", pressed)
        until(lambda least=100 if drawn else 0, most=1e6 if drawn else 0:
              least <= adams_pixels() <= most)
        adam.click()


def test_running_the_cell_again_leaves_nothing_of_the_old_stage(lesson, race):
    stages, widgets = lesson.page.locator(".stage").count(), lesson.ask(COUNT)
    lesson.run_again(race)
    assert lesson.page.locator(".stage").count() == stages
    assert lesson.ask(COUNT) == widgets
    race.part("play").click()
    until(lambda: int(race.says("step")) > 2)
    old = race.root.element_handle()
    race.press("Shift+Enter")     # on the stage: the notebook's shortcuts still work there
    until(lambda: not old.evaluate("root => root.isConnected"))


def test_a_prediction_is_judged_once_it_is_made(lesson):
    options = lesson.page.locator(".widget-toggle-buttons").first.locator("button")
    cards = lesson.page.locator(".jp-OutputArea-output", has_text="Choose an answer above first.")
    card = cards.first.element_handle()
    names = options.all_inner_texts()
    assert not any(name in card.inner_text() for name in names)
    options.first.click()
    until(lambda: "You predicted" in card.inner_text())
    assert any(name in card.inner_text() for name in names)


def test_ctrl_s_saves_the_picture_and_the_numbers(lesson, race, folder):
    before = (folder / FIRST).stat().st_mtime_ns        # JupyterLab may have saved it by itself
    race.press("Control+s")
    until(lambda: (folder / FIRST).stat().st_mtime_ns > before)
    cells = until(lambda: cells_of(folder / FIRST))
    shown = [output["data"] for cell in cells for output in cell.get("outputs", [])
             if any("(step " in line for line in output.get("data", {}).get("text/plain", []))]
    assert len(shown) == lesson.page.locator(".stage").count()
    assert all(len(data["image/png"]) > 5000 for data in shown)
    assert "loss" in "".join(shown[0]["text/plain"])


def cells_of(path):
    """The cells of a notebook that is saved with its views; none before, nor half-way through."""
    text = path.read_text(encoding="utf-8")
    try:
        return VIEW in text and json.loads(text)["cells"]
    except ValueError:
        return []


def test_nothing_of_all_this_was_red_in_the_console(lesson):
    assert lesson.complaints == []
