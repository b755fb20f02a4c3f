"""A thread that computes what a browser asks for, so that the kernel stays free to stop it."""
import ctypes
import signal
import threading
import time
import traceback
import weakref

import numpy as np
from IPython import get_ipython

PATIENCE = 1.0          # seconds that an interrupted computation may take to end
BREATH, QUIET = 0.002, 0.15     # seconds between two pieces of work; from an answer to other work
working = weakref.WeakSet()


class Worker:
    """Serve the newest of several wishes in a thread of its own, which ends when nothing is left.

    work: called with a wish, or with None between wishes, when there is time for other work;
    returns whether there is more of that other work. It may be interrupted by a KeyboardInterrupt.
    left: called after `stop` where the work did not end (it sleeps, or runs compiled code): its
    thread was left to itself, and the next wish is served by another one.
    """

    def __init__(self, work, left):
        self._work, self._left = work, left
        self._gate, self._thread, self.wish, self._more = threading.RLock(), None, None, False
        self._asked = threading.Event()         # there is a wish that nobody has begun to serve
        self.began = None       # when the present piece of work began; None between two pieces
        self.limit = np.inf     # seconds after which the present piece is stopped

    def ask(self, wish=None):
        """Serve `wish` soon, in place of one that still waits; without a kernel, at once."""
        with self._gate:
            self.wish, self._more = wish or self.wish, True
            if wish:
                self._asked.set()
            if self._thread is None:
                self._thread = threading.Thread(target=self._run, daemon=True)
                self._thread.start()
                # A watcher, and no Timer that the worker starts: while a thread starts another one,
                # an interrupt that is meant for it may be raised in the new one (CPython 3.11).
                threading.Thread(target=self._watch, args=(self._thread,), daemon=True).start()
            thread = self._thread
        working.add(self)
        if wish and not has_kernel():       # nobody else waits for the answer
            thread.join()

    def is_left(self):
        """Whether the calling thread was left to itself, so that nobody wants its result."""
        return self._thread is not threading.current_thread()

    def seconds(self):
        """How long the present piece of work has been going on."""
        began = self.began
        return time.monotonic() - began if began else 0.0

    def stop(self):
        """Interrupt the present piece of work; one that does not end is left to itself."""
        with self._gate:
            thread, began = self._thread, self.began
            if thread is None or began is None:
                return
            interrupt(thread, KeyboardInterrupt)
        end = time.monotonic() + PATIENCE
        while time.monotonic() < end:
            if self._thread is not thread or self.began != began:
                return
            time.sleep(0.01)
        with self._gate:
            if self._thread is not thread or self.began != began:
                return
            self._thread = self.began = None
        self._left()
        self.ask()

    def halt(self):
        """Interrupt what runs, without waiting, and serve nothing more."""
        with self._gate:
            thread, self._thread, self.wish = self._thread, None, None
            if thread is not None and thread is not threading.current_thread():
                interrupt(thread, KeyboardInterrupt)

    def _watch(self, thread):
        """Stop each piece of work that takes longer than `limit`, as long as that thread works."""
        while self._thread is thread:
            time.sleep(0.05)
            if self._thread is thread and self.seconds() > self.limit:
                self.stop()

    def _run(self):
        while not self.is_left():
            try:
                self._serve()
            except KeyboardInterrupt:       # came between two pieces of work: nothing to stop
                self.began = None
            except Exception:               # a fault of ours: say it, and serve what comes next
                traceback.print_exc()
                with self._gate:
                    self._more, self.began = False, None

    def _serve(self):
        with self._gate:
            if self.is_left():
                return
            wish, self.wish = self.wish, None
            self._asked.clear()
            if wish is None and not self._more:
                self._thread = None
                return
            self._more, self.began, self.limit = False, time.monotonic(), np.inf
        more = True
        try:
            more = self._work(wish)
        finally:
            with self._gate:        # a late interrupt is raised about here: see _run
                if not self.is_left():
                    self._more, self.began = self._more or more, None
        # Others need the interpreter now, to send the answer and to hear the next wish of a drag.
        self._asked.wait(QUIET if wish and has_kernel() else BREATH)


def has_kernel():
    """Whether a browser may be listening, so that an answer need not be complete at once."""
    return hasattr(get_ipython(), "kernel")


def interrupt(thread, error):
    """Raise `error` in another thread, at its next line of Python.

    It is never taken back: in Python 3.11 that leaves a flag standing, and from then on every
    function that a debugger or the microscope traces never gets past its head.
    """
    ident = ctypes.c_ulong(thread.ident)
    ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(error))


def hear_the_stop_button():
    """Have the kernel's stop button interrupt workers too. Call it while a cell runs.

    The button sends SIGINT, which Python handles in the main thread: it would interrupt a cell
    only, and a kernel ignores it between two cells.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if getattr(kernel, "saved_sigint_handler", None) in (None, stop_all) or (
            threading.current_thread() is not threading.main_thread()):
        return
    kernel.saved_sigint_handler = stop_all              # what ipykernel restores after the cell
    get_ipython().events.register("pre_execute", listen)
    listen()


def listen():
    """Until the running cell has ended, have an interrupt stop workers as well as the cell."""
    if threading.current_thread() is not threading.main_thread():
        return
    before = signal.getsignal(signal.SIGINT)

    def handle(number, frame):
        stop_all()
        before(number, frame)

    if callable(before):
        signal.signal(signal.SIGINT, handle)


def stop_all(*signal_and_frame):
    """Stop what any worker is doing; in threads, for a signal's handler may not wait."""
    for worker in list(working):
        threading.Thread(target=worker.stop, daemon=True).start()
