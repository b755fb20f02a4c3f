"""Measure what a reader feels, side by side with what else there is; print a table of medians.

    python -m lessons bench [rounds]            the race, the same behind a network that holds each
                                                message back by 40 ms, and one made with `interact`
    python -m lessons bench networks [rounds]     training networks by our steps and by torch.optim
    python -m lessons bench site [rounds]       the pictures of build/site/html, from a local server

A round takes 1 to 2 minutes; 3 are usual. Networks train on one thread, as in bench_networks.py.
The scenes stand in one notebook in a real JupyterLab; the rounds take turns. A time runs from the
key press or the pointer's move, in the browser, to the end of the animation frame that drew the
picture; where the kernel answers, the last one that it changed. It leaves out the screen itself.
"""

import asyncio
import os
import platform
import statistics
import sys
import tempfile
import threading
import time
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import nbformat
import torch
from support import bench_networks, bench_site
from support.lab import Notebook, Player, chromium, jupyterlab, middle, until
from support.notebooks import METADATA

RACE = """
from lessons.descend import descend
from lessons.look import looks
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes import race
from lessons.scenes.common.runs import LRS
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import ravine, rosenbrock
rivals = {"Gradient descent": gradient_descent, "Momentum": momentum,
          "RMSprop": rmsprop, "Adam": adam}
scene = race([rosenbrock, ravine], rivals, lr=0.002, target=0.5, angle=30)
scene.record("lr")
scene
"""
INTERACT = """
%matplotlib inline
import ipywidgets
import matplotlib.pyplot as plt
surface = rosenbrock()
reached = {name: LRS[descend(surface, step, steps=60, lr=LRS[:, None]).loss.min(axis=0) <= 0.5]
           for name, step in rivals.items()}

def draw(lr):
    figure = plt.figure(figsize=(9.2, 3.9))
    left = figure.add_axes([0.065, 0.12, 0.465, 0.81], anchor="N")
    right = figure.add_axes([0.675, 0.48, 0.305, 0.45])
    strip = figure.add_axes([0.675, 0.13, 0.305, 0.17], xscale="log", xlim=(1e-4, 10),
                            xlabel="learning rate", ylim=(3.6, -0.6), yticks=range(4),
                            yticklabels=list(rivals))
    strip.set_title("Which learning rates reach loss 0.5?", fontsize=10)
    left.set_title(f"Rosenbrock, every rival at lr {lr:.3g}", fontsize=10)
    frame_map(left, surface)
    contours(left, surface)
    frame_loss(right, 60, 5e-5, 2400, 0.5)
    for row, (name, look) in enumerate(looks(rivals).items()):
        run = descend(surface, rivals[name], steps=60, lr=lr)
        line = dict(color=look.color, linestyle=(0, look.dash) if look.dash else "-",
                    marker=look.marker, markevery=[-1])
        left.plot(*run.theta.T, label=f"{name}: loss {run.loss[-1]:.2g}", **line)
        right.plot(run.loss, **line)
        strip.plot(reached[name], [row] * len(reached[name]), "s", color=look.color)
        strip.plot(lr, row, look.marker, color=look.color)
    figure.legend(loc="lower center", bbox_to_anchor=(0.5, 1), ncols=2)
    plt.show()

slider = ipywidgets.FloatLogSlider(0.002, min=-4, max=1, step=0.0125)
ipywidgets.interact(draw, lr=slider);
"""
RACES = "race", "race, 80 ms away"
STAGE, PLOT = ".stage-backdrop, .stage-canvas", ".widget-output img"
TICK, DRAG = "learning rate, one tick: ms", "learning rate, dragged: pictures/s"
EACH, TOLD = "the same: pictures per pointer event", "the same: kernel messages/s"
FIRST = "first picture in a fresh kernel: s"
HELD = "longest picture of a recording: ms"
WATCH = """(selector) => {
  const canvas = Object.assign(document.createElement('canvas'), {width: 350, height: 225});
  const pen = canvas.getContext('2d', {willReadFrequently: true});
  const seen = window.seen = {changes: [], moves: [], messages: 0, hash: 0};
  window.watched = selector;
  if (window.watching) return;
  window.watching = true;
  for (const type of ['keydown', 'pointermove'])
    addEventListener(type, () => window.seen.moves.push(performance.now()), true);
  const {kernel} = window.jupyterapp.shell.currentWidget.sessionContext.session;
  kernel.anyMessage.connect(() => { window.seen.messages += 1; });
  const ended = new MessageChannel();          // heard when all that draws in a frame has drawn
  ended.port1.onmessage = () => {
    const parts = [...document.querySelectorAll(window.watched)];
    if (parts.length && parts.every((part) => part.width && part.complete !== false)) {
      pen.clearRect(0, 0, 350, 225);
      for (const part of parts) pen.drawImage(part, 0, 0, 350, 225);
      let hash = 1;
      for (const word of new Uint32Array(pen.getImageData(0, 0, 350, 225).data.buffer))
        hash = Math.imul(hash ^ word, 16777619);
      if (hash !== window.seen.hash) window.seen.changes.push(performance.now());
      window.seen.hash = hash;
    }
  };
  const look = () => { ended.port2.postMessage(0); requestAnimationFrame(look); };
  requestAnimationFrame(look);
}"""


class Scene:
    """One of the two scenes, and what is seen of it."""

    def __init__(self, page, selector, element):
        self.page, self.selector, self.element = page, selector, element

    def watch(self):
        """From now on look at this scene."""
        self.element.scroll_into_view_if_needed()
        self.page.evaluate(WATCH, self.selector)
        self.page.wait_for_timeout(500)

    def seen(self, what):
        return self.page.evaluate(f"seen.{what}")

    def rest(self, quiet=400):
        """Wait until the picture has not changed for `quiet` ms."""
        since = "performance.now() - (seen.changes.at(-1) ?? 0)"
        until(lambda: self.page.evaluate(f"{since} > {quiet}"))

    def latency(self, act, times=12, picture=-1):
        """ms from each act's first event to the picture at rest, or (0) to its first change."""
        found = []
        for _ in range(times):
            self.rest()
            self.page.evaluate("seen.changes = []; seen.moves = []")
            act()
            self.page.wait_for_function("seen.changes.length > 0", polling=10)
            self.rest()
            found.append(self.seen(f"changes.at({picture})") - self.seen("moves[0]"))
        return found

    def rate(self, act):
        """Pictures per second while `act` runs, which returns when it has done."""
        self.page.evaluate("seen.changes = []; seen.moves = []; seen.messages = 0;"
                           "seen.start = performance.now()")
        act()
        return self.page.evaluate("1000 * seen.changes.length / (performance.now() - seen.start)")

    def dragged(self, note, *slider):
        """Drag a slider: pictures per second and per pointer event, and messages per second."""
        note(DRAG, [self.rate(lambda: self.drag(*slider))])
        note(EACH, [self.page.evaluate("seen.changes.length / (seen.moves.length - 1)")])
        seconds = self.page.evaluate("(performance.now() - seen.start) / 1000")
        note(TOLD, [self.seen("messages") / seconds])

    def drag(self, thumb, track, moves=80):
        """Drag a slider's thumb to and fro with the mouse."""
        box = track.bounding_box()
        self.page.mouse.move(*middle(thumb))
        self.page.mouse.down()
        for move in range(moves):
            way = 0.1 + 0.8 * abs(1 - move / 20 % 2)
            self.page.mouse.move(box["x"] + way * box["width"], middle(track)[1])
            self.page.wait_for_timeout(20)
        self.page.mouse.up()


def measure_race(page, note):
    """One round of everything that a race can do."""
    stage = Player(page)
    scene = Scene(page, STAGE, stage.root)
    lr, condition = stage.knob("learning rate"), stage.knob("condition number")
    scene.watch()
    stage.knob("surface").select_option("rosenbrock")
    stage.press("End")
    stage.press("Home", *["ArrowRight"] * 20, on=lr)    # 0.0018: farther off no picture changes
    stage.has(recorded="lr")
    note(TICK, scene.latency(lambda: stage.press("ArrowRight", on=lr), picture=0))
    scene.dragged(note, lr, lr)
    note("step bar, one step: ms",
         scene.latency(lambda: stage.press("ArrowLeft", on=stage.part("scrub"))))
    x, y = middle(stage.part("point"))
    moves = iter(range(1, 100))
    page.mouse.move(x, y)
    page.mouse.down()
    note("start, dragged 3 pixels: ms",
         scene.latency(lambda: page.mouse.move(x + 3 * next(moves), y)))
    page.mouse.up()
    stage.knob("surface").select_option("ravine")
    condition.wait_for()
    stage.press("Home", on=condition)
    note("condition number, with its new map: ms",
         scene.latency(lambda: stage.press("ArrowRight", on=condition)))
    stage.knob("speed").select_option("0.5")
    stage.press("Home")
    stage.has(recorded="lr")
    stage.part("play").click()
    note("playing: pictures/s", [scene.rate(lambda: page.wait_for_timeout(4000))])
    note("playing: kernel messages in 4 s", [scene.seen("messages")])
    stage.part("play").click()


def measure_interact(page, note):
    """One round of what `interact` can do: its slider."""
    scene = Scene(page, PLOT, page.locator(".widget-interact"))
    thumb = page.locator(".noUi-handle")

    def press():
        thumb.focus()
        page.keyboard.press("ArrowRight")

    scene.watch()
    note(TICK, scene.latency(press))
    scene.dragged(note, thumb, page.locator(".noUi-target"))
    scene.rest(1000)


def first_picture(notebook, note):
    """How long a fresh kernel takes from being idle to the race on the page."""
    notebook.idle()
    began = time.monotonic()
    notebook.page.evaluate("jupyterapp.commands.execute('notebook:run-cell'); undefined")
    notebook.page.wait_for_function("document.querySelector('.stage-backdrop')?.naturalWidth > 0")
    note(FIRST, [time.monotonic() - began])


@contextmanager
def far_away(address, seconds=0.04):
    """The same server behind a network that holds all bytes back by `seconds` on each way."""
    host, port = address.removeprefix("http://").split(":")
    loop, ready = asyncio.new_event_loop(), []

    async def carry(reader, writer):
        queue = asyncio.Queue()

        async def deliver():
            while (row := await queue.get()) is not None:
                await asyncio.sleep(row[0] - loop.time())
                writer.write(row[1])
            writer.close()

        delivery = loop.create_task(deliver())
        while data := await reader.read(1 << 16):
            queue.put_nowait((loop.time() + seconds, data))
        queue.put_nowait(None)
        await delivery

    async def connect(reader, writer):
        there = await asyncio.open_connection(host, int(port))
        await asyncio.gather(carry(reader, there[1]), carry(there[0], writer),
                             return_exceptions=True)

    async def serve():
        server = await asyncio.start_server(connect, "127.0.0.1", 0)
        ready.append(server.sockets[0].getsockname()[1])

    loop.run_until_complete(serve())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    yield f"http://127.0.0.1:{ready[0]}"
    loop.call_soon_threadsafe(loop.stop)
    thread.join()


def add(found, scene, row, values):
    """Append measured values to a row of the table."""
    found.setdefault(row, {}).setdefault(scene, []).extend(values)


def table(found, columns):
    """The medians as lines of Markdown; the site's apart, with the ratio of the first column to the
    last."""
    ratio = columns != bench_site.COLUMNS
    lines = [f"| | {' | '.join(columns)} |" + " ratio |" * ratio,
             "|---|" + "---|" * (len(columns) + ratio)]
    for row, cells in found.items():
        middles = {name: statistics.median(cells[name]) for name in columns if name in cells}
        words = [f"{middles[name]:.3g}" if name in middles else "" for name in columns]
        both = ratio and columns[0] in middles and middles.get(columns[-1])
        words += [f"{middles[columns[0]] / middles[columns[-1]]:.2g}" if both else ""] * ratio
        lines.append(f"| {row} | {' | '.join(words)} |")
    return lines


def networks(rounds):
    found = {}
    bench_networks.warm_up()
    for _ in range(rounds):
        bench_networks.measure(lambda row, name, values: add(found, name, row, values))
    return found, ("lessons", "torch.optim"), f"torch {torch.__version__}, one thread"


def scenes(rounds):
    cells = [nbformat.v4.new_code_cell(code.strip()) for code in (RACE, INTERACT)]
    found = {}
    with tempfile.TemporaryDirectory() as folder:
        book = nbformat.v4.new_notebook(cells=cells, metadata=METADATA)
        for name in "near", "far":
            nbformat.write(book, Path(folder, f"{name}.ipynb"))
        with (jupyterlab(folder) as address, far_away(address) as delayed,
              chromium() as browser):
            near = Notebook(browser, address, "near.ipynb")
            first_picture(near, partial(add, found, RACES[0]))
            far = Notebook(browser, delayed, "far.ipynb")
            for notebook in near, far:
                notebook.page.bring_to_front()
                notebook.run_all()
                notebook.page.locator(PLOT).wait_for()
            version = f"headless Chromium {browser.version}"
            for _ in range(rounds):
                for page, name, measure in (
                        (near, RACES[0], measure_race), (far, RACES[1], measure_race),
                        (near, "interact", measure_interact)):
                    page.page.bring_to_front()
                    measure(page.page, partial(add, found, name))
            add(found, RACES[0], HELD, [1000 * float(near.ask("print(scene._recorder.longest)"))])
    return found, (*RACES, "interact"), version


def site(rounds):
    found = {}
    for _ in range(rounds):
        version = bench_site.measure(lambda row, name, values: add(found, name, row, values))
    return found, bench_site.COLUMNS, f"headless Chromium {version}"


def main(words):
    rounds = int(words.pop()) if words and words[-1].isdigit() else 3
    measure = {"networks": networks, "site": site}.get(" ".join(words), scenes)
    found, columns, version = measure(rounds)
    print(f"Medians of {rounds} rounds; Python {platform.python_version()}, {platform.system()}, "
          f"{os.cpu_count()} cores, {version}.\n")
    print("\n".join(table(found, columns)))


if __name__ == "__main__":
    main(sys.argv[1:])
