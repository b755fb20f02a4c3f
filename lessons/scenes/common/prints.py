"""Keep what a learner's step prints, so that a sweep of 41 walks does not flood the page."""
import contextlib
import sys
import threading
from contextvars import ContextVar

LINES, LENGTH, MOST = 3, 100, 10_000        # lines, characters of a line, characters kept

_listening = ContextVar("listening", default=None)      # each thread has its own
_lock, _open = threading.Lock(), []


class Printed:
    """What was printed: its first lines, and how many lines there were."""

    def __init__(self):
        self.text, self.ends, self.last = "", 0, "\n"

    def add(self, text):
        """Take a piece of text, as `write` of a file does; returns its length."""
        self.ends += text.count("\n")
        self.last = text[-1:] or self.last
        self.text += text[: MOST - len(self.text)]
        return len(text)

    def __str__(self):
        first = [line if len(line) <= LENGTH else line[: LENGTH - 1] + "…"
                 for line in self.text.splitlines()[:LINES]]
        more = self.ends + (self.last != "\n") - len(first)
        rest = [f"... and {more} more line{'s' * (more > 1)}"] if more > 0 else []
        return "\n".join(first + rest)


class Ear:
    """Stands in for sys.stdout: the text of a thread that listens is kept, all other passes."""

    def __init__(self, out):
        self.out = out

    def write(self, text):
        printed = _listening.get()
        return self.out.write(text) if printed is None else printed.add(text)

    def writelines(self, lines):
        for line in lines:
            self.write(line)

    def __getattr__(self, name):
        return getattr(self.out, name)


@contextlib.contextmanager
def listening():
    """Context manager: what this thread prints inside is kept in the Printed that it gives.

    contextlib.redirect_stdout would take the output of every thread: a knob is answered in a
    thread of its own, beside a cell that may print at the same time.
    """
    printed = Printed()
    token = _listening.set(printed)
    with _lock:
        _open.append(printed)
        if not isinstance(sys.stdout, Ear):
            sys.stdout = Ear(sys.stdout)
    try:
        yield printed
    finally:
        _listening.reset(token)
        with _lock:
            _open.remove(printed)
            if not _open and isinstance(sys.stdout, Ear):
                sys.stdout = sys.stdout.out
