"""The stop button ends a step that loops for ever, and leaves the page usable."""

import _thread
import re
import signal
import threading

import pytest
from jupyter_client.manager import start_new_kernel
from jupyter_core.utils import ensure_event_loop

from lessons import schedules
from lessons.check import diagnose
from lessons.steps import gradient_descent


@pytest.fixture
def interruptible():
    """Who runs the tests in the background may have had the signal ignored."""
    before = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, before)


def press():
    """Press the stop button a little later."""
    threading.Timer(0.3, _thread.interrupt_main).start()


def for_ever(surface, theta, *, lr=0.05):
    press()
    while True:
        surface.grad(theta)


def swallows_errors(surface, theta, *, lr=0.05):
    press()
    while True:
        try:
            return theta / 0 - lr * surface.nothing
        except Exception:
            continue


def only_alone(surface, theta, *, lr=0.05):
    if theta.ndim == 1:
        press()
    while theta.ndim == 1:
        pass
    return theta + 2 * lr * surface.grad(theta)


def endless_schedule(t, total):
    press()
    while t > 0:
        total = total + 1


@pytest.mark.parametrize(
    "mine, expected",
    [
        (for_ever, gradient_descent),
        (swallows_errors, gradient_descent),
        (only_alone, gradient_descent),
        (endless_schedule, schedules.constant(0.1)),
    ],
)
def test_a_loop_that_is_stopped_gets_a_card(interruptible, mine, expected):
    found = diagnose(mine, expected)
    assert not found.ok and found.mistake == "never ends"
    said = r"Stopped: it still ran after \d+ s, at line \d, `.+`\. Does a loop there never end\?"
    assert re.fullmatch(said, found.message)
    assert diagnose(gradient_descent, gradient_descent).ok


@pytest.fixture(scope="module")
def kernel():
    manager, client = start_new_kernel(kernel_name="python3")
    yield manager, client
    client.stop_channels()
    manager.shutdown_kernel(now=True)
    ensure_event_loop().close()  # jupyter_client makes one per thread and leaves it open


def press_stop(manager):
    manager.interrupt_kernel()
    ensure_event_loop().close()


def run(client, source, begun=lambda: None):
    """Run a cell, and call `begun` once it prints that: (status, what it displays)."""
    shown = []

    def keep(message):
        content = message["content"]
        shown.append(content.get("data", {}).get("text/plain", content.get("text", "")))
        if shown[-1] == "begun\n":
            begun()

    reply = client.execute_interactive(source, timeout=60, output_hook=keep)
    return reply["content"]["status"], "".join(shown)


LOOP = """
from lessons.check import check
from lessons.steps import gradient_descent
def mine(surface, theta, *, lr=0.05):
    while True:
        lr = lr / 2
print("begun")
check(mine, gradient_descent)
"""


def test_in_a_notebook_the_next_cell_runs(kernel):
    manager, client = kernel
    stop = threading.Timer(1.0, press_stop, [manager])
    status, shown = run(client, LOOP, begun=stop.start)
    stop.join()
    assert status == "ok"
    assert re.search(r"Stopped: it still ran after 1 s, at line [23], `.*`\. Does a loop", shown)
    status, shown = run(client, "check(gradient_descent, gradient_descent)")
    assert status == "ok" and shown.startswith("Yes: the same as gradient_descent")
