"""A lesson on paper or on a web page, without a kernel: its pictures are there, described."""

from html.parser import HTMLParser

import nbformat
import pytest
from support.exports import nbconvert
from support.notebooks import METADATA, ROOT, VIEW

LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


class Page(HTMLParser):
    """images: every <img> of a page, as a dict; slides: how many slides it has."""

    def __init__(self, path):
        super().__init__()
        self.images, self.slides = [], 0
        self.feed(path.read_text(encoding="utf-8"))

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.images.append(dict(attributes))
        self.slides += tag == "section"


@pytest.fixture(scope="module")
def pages(tmp_path_factory):
    """The folder with every lesson as a web page."""
    folder = tmp_path_factory.mktemp("pages")
    nbconvert(folder, "--to", "html", *LESSONS)
    return folder


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_an_exported_lesson_shows_each_still_and_says_what_it_shows(path, pages):
    notebook = nbformat.read(path, as_version=4)
    texts = [output.data["text/plain"] for cell in notebook.cells
             for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    images = Page(pages / f"{path.stem}.html").images
    assert len(images) == len(texts) > 2
    for image, text in zip(images, texts):
        assert image["src"].startswith("data:image/png;base64,")
        assert image["alt"].endswith(text)


def test_a_heading_begins_a_slide_and_each_other_cell_a_slide_below_it(tmp_path):
    cell = nbformat.v4.new_markdown_cell
    cells = [cell("# One?"), cell("text"), cell("## Two?\ntext"), cell("text"), cell("text"),
             cell("left out", metadata={"slideshow": {"slide_type": "skip"}})]
    nbformat.write(nbformat.v4.new_notebook(cells=cells, metadata=METADATA),
                   tmp_path / "small.ipynb")
    nbconvert(tmp_path, "--to", "slides", tmp_path / "small.ipynb")
    page = tmp_path / "small.slides.html"
    assert Page(page).slides == 2 + 5       # two slides, each a stack; five in all
    assert "left out" not in page.read_text(encoding="utf-8")


def test_a_widget_that_has_no_still_is_left_to_nbconvert(tmp_path):
    state = {"widgets": {"application/vnd.jupyter.widget-state+json": {"state": {"7": {}}}}}
    data = {VIEW: {"model_id": "7"}, "text/plain": "IntSlider(value=0)"}
    cell = nbformat.v4.new_code_cell("", outputs=[nbformat.v4.new_output("display_data", data)])
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata={**METADATA, **state}),
                   tmp_path / "small.ipynb")
    nbconvert(tmp_path, "--to", "html", tmp_path / "small.ipynb")
    assert f'<script type="{VIEW}">' in (tmp_path / "small.html").read_text(encoding="utf-8")


def test_without_our_settings_an_executed_page_shows_the_stills_as_well(tmp_path):
    cell = nbformat.v4.new_code_cell(
        "from lessons.check import predict\nfrom lessons.scenes import velocity_sum\n"
        "predict('Which of them?', ['Adam', 'Neither'])\nvelocity_sum()")
    nbformat.write(nbformat.v4.new_notebook(cells=[cell], metadata=METADATA),
                   tmp_path / "small.ipynb")
    nbconvert(tmp_path, "--execute", "--to", "html", tmp_path / "small.ipynb", settings="{}")
    assert len(Page(tmp_path / "small.html").images) == 1
    assert "<b>Which of them?</b>" in (tmp_path / "small.html").read_text(encoding="utf-8")
