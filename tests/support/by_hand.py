"""What a reader does to scenes: a notebook that shows several, and a hand for each of them.

    from support.by_hand import *  # noqa: F403

A module with CODE, the cells of a small notebook (parted by empty lines) that make `scenes`, a dict
of Stages by name, and display them in this order, gets the fixtures `page`, that notebook in
JupyterLab, and `hand`: hand(name) is the scene of that name, at its last step and with its knobs as
they began.
"""

import nbformat
import pytest
from support.lab import Player, until
from support.notebooks import METADATA

__all__ = ["hand", "page"]
SHOWN = ".stage-knob:not([hidden])"
FRAMES = """() => new Promise((done) => {
  let left = 4;
  const next = () => (left-- ? requestAnimationFrame(next) : done());
  next();
})"""
PICTURE = """root => [root.querySelector('.stage-canvas').toDataURL(),
  root.querySelector('.stage-backdrop').src,
  ...[...root.querySelectorAll('.stage-note')].map((note) => note.innerText)]"""
SLIDES = ("PageDown", "PageUp", "End", "Home")              # a slider's keys, a small way first
AT_LEFT = "slider => slider.value === slider.min"


class Hand(Player):
    """One of the notebook's scenes, by its place among them."""

    def __init__(self, page, place, name):
        self.page, self.root, self.name = page, page.locator(".stage").nth(place), name

    def picture(self):
        """All that a reader sees of it: the canvas, the backdrop under it, and the notes."""
        return self.root.evaluate(PICTURE)

    def rest(self):
        """Wait until the picture stays as it is for a while."""
        before, now = None, self.picture()
        while before != now:
            self.root.evaluate(FRAMES)
            before, now = now, self.picture()
        return now

    def shown(self):
        """The labels of the knobs that are shown now."""
        return [text.split("\n")[0].strip() for text in self.root.locator(SHOWN).all_inner_texts()]

    def changes(self, act, seconds=20):
        """Do it, and wait for another picture, without a message that stays."""
        before = self.rest()
        act()
        until(lambda: self.picture() != before, seconds)
        until(lambda: self.part("message").is_hidden())     # gone is also "Python is computing"

    def turn(self, label):
        """Turn a slider by a small way, or by a long one if it takes that, to another picture."""
        knob = self.knob(label)
        before = self.rest()
        for key in SLIDES[knob.evaluate(AT_LEFT):]:         # at its left end none goes down
            self.press(key, on=knob)
            try:
                return until(lambda: self.picture() != before, seconds=3)
            except AssertionError:
                continue
        raise AssertionError(f"{label} of {self.name} changes nothing")


@pytest.fixture(scope="module")
def page(request, folder, open_notebook):
    name = f"{request.module.__name__}.ipynb"
    cells = [nbformat.v4.new_code_cell(code) for code in request.module.CODE.split("\n\n")]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / name)
    page = open_notebook(name)
    page.run_all()
    page.names = page.ask("first = {name: dict(scene.values) for name, scene in scenes.items()}; "
                          "print(*scenes)").split()
    return page


@pytest.fixture
def hand(page):
    def reach(name):
        """The scene of this name, as it began, at its last step."""
        page.ask(f"scenes['{name}'].set(**first['{name}'])")
        found = Hand(page.page, page.names.index(name), name)
        found.root.scroll_into_view_if_needed()
        found.press("End")
        return found

    return reach
