"""Exported pages in a browser without a network: every picture and every card is in sight."""

import nbformat
import pytest
from support.exports import nbconvert
from support.lab import chromium
from support.notebooks import METADATA

CELLS = [
    "# Who wins?",
    "from lessons import plots\n"
    "from lessons.check import check, predict\n"
    "from lessons.scenes import race\n"
    "from lessons.steps import adam, gradient_descent\n"
    "from lessons.surfaces import ravine",
    "## Round one",
    "guess = predict('Which of them?', ['Adam', 'Neither'])",
    "race(ravine, {'Gradient descent': gradient_descent, 'Adam': adam})",
    "guess.reveal('Neither', 'They tie.')",
    "plots.lines([1, 2], {'Loss': [2.0, 1.0]}, title='A plot', xlabel='step', ylabel='loss')",
    "check(1, 1)",
]
CARDS = ["Which of them?", "Answer: Neither. They tie.", "✓"]
WAYS = {"lab": ["html"], "classic": ["html", "--template", "classic"], "slides": ["slides"]}
PAGES = [("new", "lab"), ("new", "slides"), *(("saved", name) for name in WAYS)]
SEEN = """all => all.map((node) => {
  const {width, height} = node.getBoundingClientRect();
  return [node.naturalWidth ?? 1, width, height, node.alt ?? node.innerText];
})"""
SLIDES = """all => all.map((slide) => [slide.getBoundingClientRect().height,
  slide.scrollHeight <= slide.clientHeight || getComputedStyle(slide).overflowY === 'auto'])"""


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    """A folder with every export of a small notebook, one of them executed on the way."""
    folder = tmp_path_factory.mktemp("exports")
    cells = [nbformat.v4.new_markdown_cell(text) if text.startswith("#")
             else nbformat.v4.new_code_cell(text) for text in CELLS]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA), folder / "new.ipynb")
    nbconvert(folder, "--execute", "--to", "notebook", "--output", "saved", folder / "new.ipynb")
    for source, name in PAGES:
        executed = ["--execute"] if source == "new" else []
        nbconvert(folder, *executed, "--to", *WAYS[name], "--output", f"{source}-{name}",
                  folder / f"{source}.ipynb")
    return folder


@pytest.fixture(scope="module")
def page():
    with chromium() as browser:
        context = browser.new_context(viewport=dict(width=1280, height=800))
        context.set_offline(True)
        yield context.new_page()


def opened(page, folder, source, name):
    suffix = ".slides.html" if name == "slides" else ".html"
    page.goto((folder / f"{source}-{name}{suffix}").as_uri())
    return page


@pytest.mark.parametrize("source, name", PAGES)
def test_each_picture_is_in_sight_with_its_description(page, folder, source, name):
    images = opened(page, folder, source, name).locator("img").evaluate_all(SEEN)
    assert len(images) == 2
    for pixels, width, height, alt in images:
        assert pixels > 300 and width > 300 and height > 150
        assert len(alt) > 40 and "No description" not in alt


@pytest.mark.parametrize("source, name", PAGES)
def test_each_prediction_and_each_card_is_in_sight(page, folder, source, name):
    opened(page, folder, source, name)
    for words in CARDS:
        assert page.get_by_text(words).first.is_visible(), words


def test_no_slide_is_higher_than_the_screen_unless_it_scrolls(page, folder):
    slides = opened(page, folder, "saved", "slides").locator("section section")
    heights = slides.evaluate_all(SLIDES)
    assert len(heights) == len(CELLS)
    assert all(height <= 800 and in_sight for height, in_sight in heights)
