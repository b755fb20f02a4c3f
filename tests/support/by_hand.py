"""What a reader does to scenes: a notebook that shows several, and a hand for each of them.

    from support.by_hand import *  # noqa: F403

A module with CODE, the cells of a small notebook (parted by empty lines) that make `scenes`, a dict
of Stages by name, and display them in this order, gets the fixtures `page`, that notebook in
JupyterLab, and `hand`: hand(name) is the scene of that name, at its last step and with its knobs as
they began.
"""

import nbformat
import pytest
from playwright.sync_api import TimeoutError
from support.lab import Player, until
from support.notebooks import METADATA

__all__ = ["hand", "page"]
SHOWN = ".stage-knob:not([hidden])"
# All that a reader sees of a stage, remembered and compared in the page: to send every look at it
# here, as a PNG, takes the browser longer than all that a test does between two looks. A recorded
# picture may be a tenth of a pixel from Python's own (68 of 255 at most): that is no other picture.
LOOK = """() => {
  window.look = (root) => {
    const canvas = root.querySelector('.stage-canvas'), {width, height} = canvas;
    const {data} = canvas.getContext('2d').getImageData(0, 0, width, height);
    const notes = [...root.querySelectorAll('.stage-note')].map((note) => note.innerText);
    const words = [width, height, root.querySelector('.stage-backdrop').src, ...notes].join('|');
    return {words, data};
  };
  window.differ = (one, other) => {
    if (one.words !== other.words) return true;
    for (let at = 0; at < one.data.length; at += 4) {
      const alpha = one.data[at + 3], now = other.data[at + 3];
      if (!alpha && !now) continue;
      if (Math.abs(alpha - now) > 100) return true;
      for (let k = at; k < at + 3; k++)
        if (Math.abs(alpha * one.data[k] - now * other.data[k]) > 100 * 255) return true;
    }
    return false;
  };
}"""
REST = """async root => {
  do {
    root.seen = look(root);
    for (let left = 4; left; left--) await new Promise(requestAnimationFrame);
  } while (differ(root.seen, look(root)));
}"""
ONE = ".stage:not(.in-hand) { display: none }"     # dozens of canvases slow each frame down
TAKE = """root => {
  document.querySelector('.in-hand')?.classList.remove('in-hand');
  root.classList.add('in-hand');
}"""
SLIDES = ("PageDown", "PageUp", "End", "Home")              # a slider's keys, a small way first
AT_LEFT = "slider => slider.value === slider.min"


class Hand(Player):
    """One of the notebook's scenes, by its place among them."""

    def __init__(self, page, place, name):
        self.page, self.name = page, name       # "light": no look for shadows of 20,000 elements
        self.root = page.locator("css:light=.stage").nth(place)

    def rest(self):
        """Wait until the picture stays as it is for a while, and remember it."""
        self.root.evaluate(REST)

    def differs(self, seconds=20):
        """Wait until the picture is another one than the remembered one."""
        other = "root => differ(root.seen, look(root))"
        self.page.wait_for_function(other, arg=self.root.element_handle(), polling=50,
                                    timeout=1000 * seconds)

    def shown(self):
        """The labels of the knobs that are shown now."""
        return [text.split("\n")[0].strip() for text in self.root.locator(SHOWN).all_inner_texts()]

    def changes(self, act):
        """Do it, and wait for another picture, without a message that stays."""
        self.rest()
        act()
        self.differs()
        until(lambda: self.part("message").is_hidden())     # gone is also "Python is computing"

    def turn(self, label):
        """Turn a slider by a small way, or by a long one if it takes that, to another picture."""
        knob = self.knob(label)
        self.rest()
        for key in SLIDES[knob.evaluate(AT_LEFT):]:         # at its left end none goes down
            self.press(key, on=knob)
            try:
                return self.differs(seconds=1 if key != "Home" else 20)
            except TimeoutError:
                continue
        raise AssertionError(f"{label} of {self.name} changes nothing")


@pytest.fixture(scope="module")
def page(request, folder, open_notebook):
    name = f"{request.module.__name__}.ipynb"
    cells = [nbformat.v4.new_code_cell(code) for code in request.module.CODE.split("\n\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / name)
    page = open_notebook(name)
    page.run_all()
    page.page.set_viewport_size(dict(width=800, height=700))
    page.do("application:toggle-left-area")
    page.page.add_style_tag(content=ONE)
    page.page.evaluate(LOOK)
    page.names = page.ask("first = {name: dict(scene.values) for name, scene in scenes.items()}; "
                          "print(*scenes)").split()
    return page


@pytest.fixture
def hand(page):
    def reach(name):
        """The scene of this name, as it began, at its last step."""
        page.ask(f"repr(scenes['{name}'].values) == repr(first['{name}']) or "
                 f"scenes['{name}'].set(**first['{name}'])")
        found = Hand(page.page, page.names.index(name), name)
        found.root.evaluate(TAKE)
        found.root.scroll_into_view_if_needed()
        found.press("End")
        return found

    return reach
