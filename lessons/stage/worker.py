"""A thread that answers a page's newest wish, works ahead in idle time, and can be stopped."""
import ctypes
import threading
import time
from contextvars import copy_context
from weakref import WeakSet

from IPython import get_ipython

PATIENCE, LIMIT = 0.2, 2.0    # seconds for a slice of work ahead: with a newer wish, and without
WORKERS = WeakSet()


class Worker:
    """Runs `answer(wish)` in a thread of its own, so that the page is heard while it computes.

    Wishes are dicts. Those that come meanwhile are merged, and the newest value of each key counts.
    `answer` returns an iterator of work that can be done ahead, a slice at a time, or None.
    `stop` raises KeyboardInterrupt in what runs: a loop in Python ends, a call into C goes on until
    it returns. A thread lives only as long as it has something to do.
    """

    def __init__(self, answer):
        self._answer, self._wish, self._ahead = answer, {}, None
        self._news = threading.Condition()
        self._thread, self._doing, self._since = None, "", 0.0
        WORKERS.add(self)
        heed_stop_button()

    def ask(self, wish):
        """Have a wish answered, and return at once."""
        with self._news:
            self._wish.update(wish)
            if self._thread is None:
                run = copy_context().run        # answers belong to the message that asked for them
                self._thread = threading.Thread(target=run, args=(self._run,), daemon=True)
                self._thread.start()
            elif self._doing == "ahead" and time.monotonic() - self._since > PATIENCE:
                self._interrupt()

    def stop(self):
        """Interrupt what is running; True if something was."""
        with self._news:
            running = bool(self._doing)
            self._ahead = None
            if running:
                self._interrupt()
        return running

    def wait(self, seconds=60):
        """Wait until there is nothing left to do; True if that came within so many seconds."""
        with self._news:
            return self._news.wait_for(lambda: self._thread is None, seconds)

    def _interrupt(self):
        ident = ctypes.c_ulong(self._thread.ident)
        ctypes.pythonapi.PyThreadState_SetAsyncExc(ident, ctypes.py_object(KeyboardInterrupt))

    def _run(self):
        while True:
            try:
                if not self._next():
                    return
            except KeyboardInterrupt:           # it came too late for what it was meant for
                self._doing = ""

    def _next(self):
        """Answer the newest wish, or do a slice ahead; False when nothing is left."""
        with self._news:
            wish, self._wish = self._wish, {}
            if not wish and self._ahead is None:
                self._thread = None
                self._news.notify_all()
                return False
            self._doing, self._since = "wish" if wish else "ahead", time.monotonic()
        if wish:
            self._ahead = self._answer(wish)
        else:
            watch = threading.Timer(LIMIT, self._late, [self._since])
            watch.daemon = True
            watch.start()
            if next(self._ahead, self) is self:
                self._ahead = None
            watch.cancel()
            time.sleep(0.002)                   # cells and other pictures have a turn
        self._doing = ""
        return True

    def _late(self, since):
        """Interrupt a slice of work ahead that began then, if it still runs."""
        with self._news:
            if self._doing == "ahead" and self._since == since:
                self._interrupt()


def heed_stop_button():
    """Let the notebook's stop button reach the workers, as long as no cell is running.

    An idle kernel ignores interrupts: before a cell it saves that setting, after it puts it back.
    """
    kernel = getattr(get_ipython(), "kernel", None)
    if callable(getattr(kernel, "post_handler_hook", None)):
        kernel.saved_sigint_handler = stop_all


def stop_all(*_):
    """Interrupt every worker."""
    for worker in list(WORKERS):
        worker.stop()
