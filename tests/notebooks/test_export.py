"""A lesson on paper or on a web page, without a kernel: its pictures are there, described."""
from html.parser import HTMLParser
from pathlib import Path

import nbformat
import pytest
from nbconvert import HTMLExporter

LESSONS = sorted((Path(__file__).resolve().parents[2] / "notebooks").glob("*.ipynb"))


class Images(HTMLParser):
    """Every <img> of a page, as a dict."""

    def __init__(self, page):
        super().__init__()
        self.found = []
        self.feed(page)

    def handle_starttag(self, tag, attributes):
        if tag == "img":
            self.found.append(dict(attributes))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_an_exported_lesson_shows_each_still_and_says_what_it_shows(path):
    notebook = nbformat.read(path, as_version=4)
    texts = [output.data["text/plain"] for cell in notebook.cells
             for output in cell.get("outputs", []) if "image/png" in output.get("data", {})]
    # nbconvert's other template, lab, leaves every description of an output out.
    images = Images(HTMLExporter(template_name="classic").from_notebook_node(notebook)[0]).found
    assert len(images) == len(texts) > 2
    for image, text in zip(images, texts):
        assert image["src"].startswith("data:image/png;base64,")
        assert image["alt"].endswith(text)
