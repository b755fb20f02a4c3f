"""The process of one student: runs the cells it is told to, and calls functions it is asked to.

It is started by examine.py, behind the walls of sandbox.py. Nothing that it says is believed: it
only hands on what an answer is, and the grader's process decides.
"""

import os
import sys
import warnings
from contextlib import nullcontext

from lessons.instructor.exercises import Exercise
from lessons.instructor.wire import Peer, TimeUp


def main():
    """Answer the grader on the process's own input and output, of which the cells get neither."""
    memory, disk, processes, user = sys.argv[1:]
    if user:
        os.setgroups([])
        os.setgid(int(user))
        os.setuid(int(user))
    limit(int(memory), int(disk), int(processes))
    peer = Peer(os.fdopen(os.dup(0), "rb"), os.fdopen(os.dup(1), "wb"))
    nothing = os.open(os.devnull, os.O_RDWR)
    for stream in (0, 1, 2):
        os.dup2(nothing, stream)
    shell = new_shell()

    def run(source):
        """Run a cell; return the error that ended it, as (name, text), or None."""
        result = shell.run_cell(source, store_history=True)
        error = result.error_before_exec or result.error_in_exec
        if error is None:
            return None
        text = "it still ran when its time was over" if isinstance(error, TimeUp) else str(error)
        return type(error).__name__, text[:500]

    def names():
        return [name for name in shell.user_ns if isinstance(name, str)]

    def get(name):
        return shell.user_ns[name]

    def helped(name, cell, answer, rest, needs):
        """What the cell of an exercise makes of a class, before `check` gets it."""
        given, _ = Exercise(name, cell, answer, rest, needs).checked(shell.user_ns[answer])
        return given[0]

    for function in (run, names, get, helped):
        peer.share(function)
    peer.serve()


def new_shell():
    """IPython as in a kernel, without history and colours; figures are drawn and not shown."""
    from IPython.core.interactiveshell import InteractiveShell
    from traitlets.config import Config

    class Shell(InteractiveShell):
        def _tee(self, channel):  # IPython would keep all that a cell prints, be it a gigabyte
            return nullcontext()

    config = Config()
    config.HistoryManager.enabled = False
    config.InteractiveShell.colors = "NoColor"
    warnings.simplefilter("ignore")
    return Shell.instance(config=config)


def limit(memory, disk, processes):
    """Limit this process's memory and files, in bytes, and its user's processes, for good."""
    try:
        import resource
    except ImportError:  # Windows has no such limits
        return
    for kind, most in ((resource.RLIMIT_AS, memory), (resource.RLIMIT_FSIZE, disk),
                       (resource.RLIMIT_NPROC, processes), (resource.RLIMIT_CORE, 0)):
        try:
            resource.setrlimit(kind, (most, most))
        except (OSError, ValueError):  # macOS knows some of them in name only
            continue


if __name__ == "__main__":
    main()
