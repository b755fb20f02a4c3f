"""A throw-away JupyterLab with a headless browser on it, and what a reader's hands do there.

The browser tests take their fixtures from here; `bench.py` uses the same server and browser.
"""

import json
import os
import shutil
import socket
import sys
import tempfile
import time
from contextlib import contextmanager
from pathlib import Path

import nbformat
import psutil
import pytest
from playwright.sync_api import expect, sync_playwright
from support.notebooks import METADATA, ROOT, picture

from lessons.__main__ import find_browser

FLAGS = ["--headless", "--no-sandbox", "--disable-gpu", "--no-first-run", "--disable-sync",
         "--disable-background-networking", "--disable-component-update", "--disable-quic"]
SERVER = ["--no-browser", "--allow-root", "--ServerApp.port_retries=0", "--IdentityProvider.token=",
          "--ServerApp.password=", "--ServerApp.disable_check_xsrf=True",
          "--LabApp.expose_app_in_browser=True"]
NO_NEWS = {"disabledExtensions": {"@jupyterlab/apputils-extension:announcements": True}}
SMALL = """from lessons.scenes import race
from lessons.steps import adam, gradient_descent
from lessons.surfaces import bowl, ravine
race([ravine, bowl], {"Gradient descent": gradient_descent, "Adam": adam},
     presets={"far": dict(lr=0.1), "too far": dict(lr=0.2)})"""
IDLE = """() => {
  const kernel = window.jupyterapp?.shell.currentWidget?.sessionContext?.session?.kernel;
  const prompts = [...document.querySelectorAll('.jp-InputArea-prompt')];
  return kernel?.status === 'idle' && !prompts.some((p) => p.textContent.includes('[*]'));
}"""
ASK = """async (code) => {
  const {kernel} = jupyterapp.shell.currentWidget.sessionContext.session;
  const request = kernel.requestExecute({code, store_history: false});
  let said = '';
  request.onIOPub = ({header, content}) => {
    if (header.msg_type === 'stream') said += content.text;
    if (header.msg_type === 'error') said += content.ename + ': ' + content.evalue;
  };
  await request.done;
  return said;
}"""
CELLS = "jupyterapp.shell.currentWidget.content.model.toJSON().cells"
ACTIVATE = """(node) => {
  const {content} = jupyterapp.shell.currentWidget;
  content.activeCellIndex = content.widgets.findIndex((cell) => cell.node.contains(node));
}"""
FRAMES = """async (root, count) => {
  const canvas = root.querySelector('.stage-canvas'), seen = [];
  while (seen.length < count) {
    await new Promise(requestAnimationFrame);
    seen.push([Number(root.dataset.step), canvas.toDataURL()]);
  }
  return seen;
}"""


@contextmanager
def jupyterlab(folder):
    """Serve `folder` with a JupyterLab that has nobody's settings; yields its address."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    own = Path(tempfile.mkdtemp(prefix="lab-"))
    with open(own / "log", "w") as log:
        server = psutil.Popen(
            [sys.executable, "-m", "jupyterlab", *SERVER, f"--ServerApp.port={port}",
             f"--ServerApp.root_dir={folder}"], stdout=log, stderr=log, env=places(own))
    try:
        until(lambda: server.poll() is not None or answers(port), seconds=60)
        assert server.poll() is None, f"JupyterLab ended:\n{(own / 'log').read_text()[-2000:]}"
        yield f"http://127.0.0.1:{port}"
    finally:
        family = [server, *server.children(recursive=True)] if server.is_running() else []
        server.terminate()
        for left in psutil.wait_procs(family, timeout=15)[1]:
            left.kill()
        shutil.rmtree(own, ignore_errors=True)


def places(own):
    """The environment in which Jupyter keeps everything in the folder `own`."""
    (own / "labconfig").mkdir()
    (own / "labconfig" / "page_config.json").write_text(json.dumps(NO_NEWS))
    names = ["JUPYTER_CONFIG_DIR", "JUPYTER_DATA_DIR", "JUPYTER_RUNTIME_DIR", "IPYTHONDIR"]
    return {**os.environ, **dict.fromkeys(names, str(own))}


def answers(port):
    with socket.socket() as caller:
        return caller.connect_ex(("127.0.0.1", port)) == 0


@contextmanager
def chromium():
    """Start a browser without a window."""
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=find_browser(), args=FLAGS)
        yield browser
        browser.close()


class Notebook:
    """A notebook that is open in JupyterLab; `page` is Playwright's."""

    def __init__(self, browser, address, name):
        self.page = browser.new_page(viewport=dict(width=1300, height=1000))
        self.complaints = []      # what is red in the browser's console
        self.page.on("pageerror", lambda error: self.complaints.append(str(error)))
        self.page.on("console", self._hear)
        self.page.goto(f"{address}/lab/tree/{name}?reset", timeout=60000)
        self.page.wait_for_selector(".jp-Notebook .jp-Cell", timeout=60000)

    def _hear(self, message):
        if message.type == "error":
            self.complaints.append(f"{message.text} ({message.location.get('url')})")

    def idle(self):
        """Wait until the kernel has nothing to do and no cell waits for it."""
        self.page.wait_for_function(IDLE, timeout=120000)

    def do(self, command, **arguments):
        """Run one of JupyterLab's commands, to its end."""
        run = "([id, args]) => jupyterapp.commands.execute(id, args)"
        self.page.evaluate(run, [command, arguments])

    def run_all(self):
        self.idle()
        self.do("notebook:run-all-cells")
        self.idle()

    def run_again(self, stage):
        """Run the cell again that made this stage; returns when the new one is there."""
        old = stage.root.element_handle()
        old.evaluate(ACTIVATE)
        self.do("notebook:run-cell")
        until(lambda: not old.evaluate("root => root.isConnected"))
        stage.has(state="paused")

    def ask(self, code):
        """What the kernel prints for this code, run beside the cells."""
        return self.page.evaluate(ASK, code).strip()

    def cells(self):
        """The cells with their outputs, as they would be saved."""
        return self.page.evaluate(CELLS)


class Player:
    """The first Stage of a page, as a reader sees it."""

    def __init__(self, page):
        self.page, self.root = page, page.locator(".stage").first

    def part(self, name):
        """The element of class stage-`name`."""
        return self.root.locator(f".stage-{name}")

    def knob(self, label):
        return self.root.get_by_label(label, exact=True)

    def says(self, name):      # step, state or rev
        return self.root.get_attribute(f"data-{name}")

    def has(self, **wanted):
        """Wait until the stage says so."""
        for name, value in wanted.items():
            expect(self.root).to_have_attribute(f"data-{name}", str(value))

    def press(self, *keys, on=None):
        """Press keys while the stage, or one of its parts, has the focus."""
        (on or self.root).focus()
        for key in keys:
            self.page.keyboard.press(key)

    @contextmanager
    def answered(self):
        """Wait at the end until Python has sent new tracks."""
        before = self.says("rev")
        yield
        expect(self.root).not_to_have_attribute("data-rev", before)

    def pixels(self):
        """What is drawn on the canvas, (height, width, 4)."""
        url = self.part("canvas").evaluate("canvas => canvas.toDataURL()")
        return picture(url.partition(",")[2])

    def frames(self, count):
        """(step, picture) at each of the browser's next `count` frames."""
        return self.root.evaluate(FRAMES, count)

    def drag(self, element, dx, dy=0):
        """Drag the middle of an element by so many pixels."""
        x, y = middle(element)
        self.page.mouse.move(x, y)
        self.page.mouse.down()
        self.page.mouse.move(x + dx, y + dy, steps=5)
        self.page.mouse.up()


def middle(element):
    """Where on the page the middle of an element is."""
    box = element.bounding_box()
    return box["x"] + box["width"] / 2, box["y"] + box["height"] / 2


def until(holds, seconds=20):
    """Wait until `holds()` is true, and return what it says."""
    end = time.monotonic() + seconds
    while not (found := holds()):
        assert time.monotonic() < end, f"still not so after {seconds} s"
        time.sleep(0.05)
    return found


@pytest.fixture(scope="session")
def served(tmp_path_factory):
    """A folder, and the address of the JupyterLab that serves it to all browser tests."""
    folder = tmp_path_factory.mktemp("notebooks")
    with jupyterlab(folder) as address:
        yield folder, address


@pytest.fixture(scope="module")
def folder(served):
    """The served folder, with fresh copies of the notebooks, and of two small ones."""
    folder, _ = served
    for path in (ROOT / "notebooks").glob("*.ipynb"):
        shutil.copy(path, folder)
    small = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(SMALL)], metadata=METADATA)
    for name in "small", "alone":
        nbformat.write(small, folder / f"{name}.ipynb")
    return folder


@pytest.fixture(scope="module")
def open_notebook(served, folder):
    """Opens a notebook in JupyterLab: open_notebook(name). Its kernel ends with the module."""
    expect.set_options(timeout=15000)
    with chromium() as browser:
        opened = []

        def open_one(name):
            opened.append(Notebook(browser, served[1], name))
            return opened[-1]

        yield open_one
        if opened:
            opened[-1].page.evaluate("jupyterapp.serviceManager.sessions.shutdownAll()")


@pytest.fixture
def race(lesson):
    """The first race of the notebook that a test file opens as `lesson`, from a fresh run."""
    race = Player(lesson.page)
    lesson.run_again(race)
    race.root.scroll_into_view_if_needed()
    return race
