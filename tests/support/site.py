"""A small site, of one notebook with two scenes, and what its pages say in a browser."""

import os
import re
import threading
from contextlib import contextmanager
from functools import partial
from http.server import SimpleHTTPRequestHandler, ThreadingHTTPServer
from pathlib import Path

import nbformat
import pytest
from playwright.sync_api import expect
from support.lab import ROOT, chromium

from lessons.site.__main__ import build

CELLS = [
    "# Does memory help?\n\nA page with $x^2$. **About 5 minutes**. [Itself](00_small.ipynb), and "
    "[another](01_gradient_descent.ipynb).\n\n$$ v_t = \\beta v_{t-1} + g_t $$",
    "from lessons.check import predict, score, show\n"
    "from lessons.scenes import line_of_minima, velocity_sum\n"
    "from lessons.steps import momentum",
    "## A round",
    'guess = predict("Memory makes steps", ["longer", "shorter"])',
    'velocity_sum(presets={"a straight slope": dict(gradients="the same gradient for ever"),\n'
    '                      "little memory": dict(beta=0.5)})',
    'guess.reveal("longer", "They add up.")\nshow(momentum)',
    "line_of_minima()",
    "score(guess)",
    "<details><summary>Hint 1</summary>Add them up: $1/(1-\\beta)$.</details>",
]
PHONE, DESK = dict(width=390, height=844), dict(width=1300, height=1000)


def small_notebook(path, cells=CELLS):
    """Write a notebook of these cells; prose begins with #, with a capital or with <."""
    make = nbformat.v4
    made = [(make.new_markdown_cell if re.match("[#A-Z<]", text) else make.new_code_cell)(text)
            for text in cells]
    nbformat.write(make.new_notebook(cells=made), path)
    return path


class Page:
    """A page of the site in a browser without a network; `page` is Playwright's."""

    def __init__(self, browser, address, size=DESK, **options):
        self.context = browser.new_context(viewport=size, offline=address.startswith("file"),
                                           **options)
        self.page, self.complaints, self.asked = self.context.new_page(), [], []
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", lambda message: message.type == "error"
                     and self.complaints.append(message.text))
        self.page.on("request", lambda request: self.asked.append(request.url))
        self.page.goto(address)

    def comes_alive(self):
        """Scroll to every live picture until it plays; returns how many there are."""
        figures = self.page.locator("figure.live")
        for figure in figures.all():
            figure.scroll_into_view_if_needed()
            expect(figure).to_have_class(re.compile("live-plays"))
        return figures.count()

    def close(self):
        self.context.close()


class Quiet(SimpleHTTPRequestHandler):
    """A request handler that writes no line for each request."""

    def log_message(self, *words):
        pass


@contextmanager
def serve(folder):
    """Serve a folder to this computer; yields its address."""
    with ThreadingHTTPServer(("127.0.0.1", 0), partial(Quiet, directory=folder)) as server:
        threading.Thread(target=server.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{server.server_address[1]}/"
        server.shutdown()


@pytest.fixture(scope="session")
def site(tmp_path_factory):
    """The folder of the site's pages: that which SITE names, or a small one, built now."""
    if os.environ.get("SITE"):
        return (ROOT / os.environ["SITE"]).resolve()
    folder = tmp_path_factory.mktemp("site")
    return build([small_notebook(folder / "00_small.ipynb")], folder / "out").resolve()


@pytest.fixture(scope="module")
def open_page(site):
    """Opens a page of the site from its folder: open_page(name, size); closed with the module."""
    expect.set_options(timeout=15000)
    with chromium() as browser:
        yield lambda name, size=DESK, **options: Page(browser, (site / name).as_uri(), size,
                                                      **options)


def lessons(site):
    """The names of the lessons' pages."""
    return [path.name for path in sorted(Path(site).glob("[0-9][0-9]_*.html"))]


def pages(site):
    """The names of all pages."""
    return [path.name for path in sorted(Path(site).glob("*.html"))]
