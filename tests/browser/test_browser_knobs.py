"""Knobs in a real JupyterLab: recorded ones, steps that hang or fail, fingers, and a reload."""

import time

import nbformat
import pytest
from playwright.sync_api import expect
from support.lab import Player, middle, until
from support.notebooks import METADATA

HANG = "while flag: pass"
SLEEP = "time.sleep(60 * len(flag))"
IN_RECORDED = "while flag and lr > 0.5: pass"
CELLS = ["""import time
from lessons.scenes import race, velocity_sum
from lessons.steps import adam
from lessons.surfaces import ravine
flag = []
def rivals(body):
    names = dict(globals())
    exec(f"def mine(surface, theta, *, lr=0.05):\\n    {body}\\n"
         "    return theta - lr * surface.grad(theta)", names)
    return {"Mine": names["mine"], "Adam": adam}
beta = velocity_sum()
beta""", *(f"scene{k} = race(ravine, rivals({body!r}), lr=0.02)\nscene{k}.record('lr')\nscene{k}"
           for k, body in enumerate([HANG, SLEEP, IN_RECORDED])),
         "scene3 = race(ravine, {'Mine': lambda surface, theta, *, lr=0.05: None, 'Adam': adam})\n"
         "scene3"]
DRAG = """async (root) => {
  // six positions of the slider, two frames each: the pictures, and the messages to and from Python
  const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
  const canvas = root.querySelector('canvas.stage-canvas'), seen = [];
  const slider = root.querySelector('[aria-label="momentum beta"]');
  const count = () => { messages += 1; };
  let messages = 0;
  kernel.anyMessage.connect(count);
  for (let k = 0; k <= 6; k++) {
    for (let frame = 0; frame < 2; frame++) await new Promise(requestAnimationFrame);
    seen.push(canvas.toDataURL());
    slider.value = 70 - k;
    slider.dispatchEvent(new Event('input'));
  }
  kernel.anyMessage.disconnect(count);
  return [seen, messages];
}"""
WITHIN = """(node) => {
  const range = document.createRange(), outer = node.parentElement.getBoundingClientRect();
  range.selectNodeContents(node);
  const inner = range.getBoundingClientRect();
  return inner.right <= outer.right + 1 && inner.bottom <= outer.bottom + 1;
}"""
TOUCH = """async ([x, y]) => {
  // whether the browser may scroll where a finger comes down: the touch-action of all parents
  const found = [];
  for (let node = document.elementFromPoint(x, y); node; node = node.parentElement)
    found.push(getComputedStyle(node).touchAction);
  return found;
}"""


@pytest.fixture(scope="module")
def page(folder, open_notebook):
    cells = [nbformat.v4.new_code_cell(code) for code in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "hard.ipynb")
    page = open_notebook("hard.ipynb")
    page.run_all()
    return page


def player(page, place):
    scene = Player(page.page)
    scene.root = page.page.locator(".stage").nth(place)
    scene.root.scroll_into_view_if_needed()
    return scene


def test_a_recorded_knob_answers_without_a_message_and_python_follows(page):
    scene = player(page, 0)
    scene.has(recorded="beta")
    scene.press("End")
    knob, rev = scene.knob("momentum beta"), scene.says("rev")
    scene.frames(2)
    seen, messages = scene.root.evaluate(DRAG)
    assert len(set(seen)) == 7 and messages == 0
    scene.frames(2)
    last = scene.pixels()
    expect(scene.root).not_to_have_attribute("data-rev", rev)
    value = float(knob.locator("xpath=following-sibling::output").inner_text())
    assert float(page.ask("print(beta.values['beta'])")) == value
    scene.frames(2)                 # Python's own picture is the same, but for a tenth of a pixel
    assert (last != scene.pixels()).mean() < 0.01
    scene.knob("gradients").select_option("noise")
    until(lambda: scene.says("recorded") == "")
    scene.has(recorded="beta")


@pytest.mark.parametrize("place", range(3), ids=["endless", "asleep", "endless where recorded"])
@pytest.mark.parametrize("stop", ["the scene's button", "the kernel's button"])
def test_a_step_that_hangs_is_stopped_and_the_page_lives(page, place, stop):
    scene = player(page, 1 + place)
    scene.has(recorded="lr")
    start, values = scene.root.get_by_label("start: drag it"), f"print(scene{place}.values)"
    lr = scene.knob("learning rate")
    expect(lr).to_have_attribute("max", "80")
    before = page.ask(values)
    page.ask("flag.append(1)")
    try:
        if place == 2:
            scene.press("End", on=lr)
        else:
            scene.press("ArrowRight", on=start)
        expect(scene.part("words")).to_contain_text("Python has been computing for")
        if stop == "the scene's button":
            scene.part("stop").click()
        else:
            page.do("notebook:interrupt-kernel")
        expect(scene.part("words")).to_contain_text(
            "does not stop" if place == 1 else "did not return")
        expect(scene.part("stop")).to_be_hidden()
        assert page.ask(values) == before       # the knobs stand where the picture is
        assert lr.locator("xpath=following-sibling::output").inner_text() == "0.02"
        other = player(page, 0)
        with other.answered():
            other.press("ArrowLeft", on=other.knob("momentum beta"))
    finally:
        page.ask("flag.clear()")
    scene.root.scroll_into_view_if_needed()
    for key in "ArrowRight", "ArrowLeft":
        with scene.answered():
            scene.press(key, on=start)
        expect(scene.part("message")).to_be_hidden()
    page.run_again(scene)                       # the mended cell
    scene = player(page, 1 + place)
    for _ in range(2):
        with scene.answered():
            scene.press("ArrowRight", on=scene.root.get_by_label("start: drag it"))


def test_while_another_cell_runs_the_scene_answers_or_says_so(page):
    scene = player(page, 0)
    page.page.evaluate("jupyterapp.shell.currentWidget.sessionContext.session.kernel"
                       ".requestExecute({code: 'time.sleep(6)'}); undefined")
    with scene.answered():
        scene.knob("velocity as").select_option("average: x (1 - beta)")
    assert scene.part("message").is_hidden()
    page.idle()


def test_a_long_computation_is_told_as_such_and_not_as_silence(page):
    scene = player(page, 1)
    page.ask("slow = scene0._compute; scene0.compute(lambda **k: (time.sleep(6), slow(**k))[1])")
    with scene.answered():
        scene.press("ArrowRight", on=scene.root.get_by_label("start: drag it"))
        expect(scene.part("words")).to_contain_text("Python has been computing for 4 s")
    assert scene.part("message").is_hidden()
    page.ask("scene0.compute(slow)")


@pytest.mark.parametrize("width", [1300, 420])
def test_the_whole_message_of_a_learners_error_can_be_read(page, width):
    scene, usual = player(page, 4), page.page.viewport_size
    try:
        page.page.set_viewport_size(dict(width=width, height=900))
        if width < 1000:
            page.do("application:toggle-left-area")
        scene.root.scroll_into_view_if_needed()
        note, words = scene.part("note").first, scene.part("words")
        assert note.inner_text() == "raised TypeError at step 1"
        assert "returned None, as a function without a return does" in words.inner_text()
        for part in (note, words, scene.part("rival").first.locator("b")):
            assert part.evaluate(WITHIN)
        name = scene.part("rival").first.locator("b").bounding_box()
        assert name["width"] > 25 and name["height"] < 25       # "Mine", in one line
    finally:
        page.page.set_viewport_size(usual)
        if width < 1000:
            page.do("application:toggle-left-area")


def rests_at(element):
    """The middle of an element that stands still; a tap on a page that glides only stops it."""
    before = middle(element)
    time.sleep(0.3)
    return middle(element) == before and before


def test_a_finger_scrolls_the_page_but_on_the_start_it_drags(page):
    scene = player(page, 1)
    x, y = middle(scene.part("picture"))
    assert set(page.page.evaluate(TOUCH, [x, y])) == {"auto"}
    start = scene.root.get_by_label("start: drag it")
    assert page.page.evaluate(TOUCH, list(middle(start)))[0] == "none"
    touch = page.page.context.new_cdp_session(page.page)
    touch.send("Emulation.setTouchEmulationEnabled", dict(enabled=True, maxTouchPoints=1))
    before, top = page.ask("print(scene0.values['start'])"), scene.root.bounding_box()["y"]
    for kind, up in [("touchStart", 0), *(("touchMove", 15 * k) for k in range(1, 11))]:
        touch.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=[dict(x=x, y=y - up)]))
    touch.send("Input.dispatchTouchEvent", dict(type="touchEnd", touchPoints=[]))
    until(lambda: scene.root.bounding_box()["y"] < top - 50)
    assert page.ask("print(scene0.values['start'])") == before
    scene.root.scroll_into_view_if_needed()
    x, y = until(lambda: rests_at(scene.part("picture")))
    with scene.answered():
        for kind, at in ("touchStart", [dict(x=x - 150, y=y)]), ("touchEnd", []):
            touch.send("Input.dispatchTouchEvent", dict(type=kind, touchPoints=at))
    assert page.ask("print(scene0.values['start'])") != before
    touch.send("Emulation.setTouchEmulationEnabled", dict(enabled=False))


def test_a_stage_taken_from_a_restarted_kernel_says_so_and_its_knob_goes_back(open_notebook):
    page = open_notebook("alone.ipynb")
    page.run_all()
    scene = Player(page.page)
    knob = scene.knob("learning rate")
    shown = knob.locator("xpath=following-sibling::output")
    before = shown.inner_text()
    page.page.evaluate("window.jupyterapp.shell.currentWidget.sessionContext.restartKernel()")
    page.idle()
    scene.press("ArrowRight", on=knob)
    assert shown.inner_text() != before
    expect(scene.part("words")).to_contain_text("Run this cell again")
    assert shown.inner_text() == before
    page.run_again(scene)
    with scene.answered():
        scene.press("ArrowRight", on=knob)


def test_after_a_reload_a_scene_shows_its_last_step(page):
    page.do("docmanager:save")
    page.page.reload()
    page.page.wait_for_selector(".stage", timeout=60000)
    scene = player(page, 0)
    scene.has(step=60, state="paused")
    with scene.answered():
        scene.press("ArrowLeft", on=scene.knob("momentum beta"))
    scene.has(recorded="beta")
    time.sleep(0.1)


def test_nothing_of_all_this_was_red_in_the_console(page):
    assert page.complaints == []
