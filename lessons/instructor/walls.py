"""Walls around a student's process: no network, no one's files, so much memory, disk and time.

The strongest walls that this machine allows are found by trying: bubblewrap (Debian and Ubuntu:
`apt install bubblewrap`), else util-linux's unshare, else none but the limits.
"""

import os
import random
import shutil
import subprocess
import sys
import tempfile
import threading
import time
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

import psutil

from lessons.instructor.wire import Peer

ROOT = Path(__file__).resolve().parents[2]
MEGABYTE = 2**20
PROCESSES = 64  # of one student at the same time
DISK = 200 * MEGABYTE
NOBODY = 65534
USERS = 61_200, 64_999  # numbers of users that no system gives to anyone
IN_FRONT = ("OPENBLAS", "OMP", "MKL")  # variables that choose how NumPy computes
UNSHARE = ["unshare", "--user", "--map-current-user", "--net", "--ipc", "--pid", "--fork",
           "--kill-child", "--mount-proc"]


@dataclass(frozen=True)
class Limits:
    """What a notebook may take: seconds in all, seconds of a processor for a cell, and bytes."""

    seconds: float = 900
    cell: float = 120
    memory: int = 4000 * MEGABYTE


@dataclass(frozen=True)
class Walls:
    """One way to start a process apart: the words for it, a command in front, options for Popen.

    is_root: whether the process starts as root, and becomes a user without rights by itself.
    """

    words: str
    command: tuple = ()
    options: dict = field(default_factory=dict)
    is_root: bool = False

    def started(self, hidden, folder, limits):
        """The whole command that starts a student's process: walls, then Python with pupil.py."""
        room = 4 * 1024 * MEGABYTE  # addresses that torch's libraries take without using them
        user = str(random.randint(*USERS)) if self.is_root else ""
        return [*self.in_front(hidden, folder), sys.executable, "-m", "lessons.instructor.pupil",
                str(limits.memory + room), str(DISK), str(4 * PROCESSES), user]

    def in_front(self, hidden, folder):
        """The command to put in front, with these folders out of sight and this one to work in."""
        if self.command[:1] != ("bwrap",):
            return list(self.command)
        homes = {"/home", "/root", "/tmp", "/var/tmp", str(Path.home()), tempfile.gettempdir()}
        command = [*self.command, "--ro-bind", "/", "/", "--proc", "/proc",
                   "--ro-bind", "/proc/sys", "/proc/sys", "--dev", "/dev", *tmpfs("/dev/shm")]
        for path in sorted(homes):
            command += tmpfs(path) if Path(path).is_dir() and path != "/" else []
        for path in needed():
            for parent in map(str, reversed(Path(path).parents)):
                if any(home in map(str, Path(parent).parents) for home in homes):
                    command += ["--perms", "0755", "--dir", parent]  # they would be root's alone
            command += ["--ro-bind", path, path]
        for path in hidden:
            command += tmpfs(path) if Path(path).is_dir() else []
        command += [*tmpfs(folder), "--remount-ro", "/dev", "--chdir", str(folder)]
        fonts = font_list()
        if fonts:
            command += ["--ro-bind", str(fonts), f"{folder}/{fonts.name}"]
        return command


def needed():
    """The folders that a Python with this package reads, none of them inside another."""
    paths = [ROOT, sys.prefix, sys.base_prefix, Path(sys.executable).resolve().parent,
             *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    real = {Path(path).resolve() for path in paths if Path(path).is_dir()}
    return sorted(str(path) for path in real if not real & set(path.parents))


def tmpfs(path):
    """Options for bubblewrap: a folder in memory, as large as what a student may write."""
    return ["--perms", "1777", "--size", str(DISK), "--tmpfs", str(path)]


@lru_cache(maxsize=1)
def best_walls():
    """The strongest walls in which this Python starts here."""
    bwrap = ["bwrap", "--die-with-parent", "--new-session", "--cap-drop", "ALL"]
    root = hasattr(os, "geteuid") and os.geteuid() == 0
    nobody = {"user": NOBODY, "group": NOBODY, "extra_groups": []}
    yours = "it can read and change what you can"
    nobodys = "it can read and change what the user nobody can"
    stronger = "; `apt install bubblewrap` makes the walls higher"
    # In a user namespace of root's the process would be root's too, whose processes nobody counts.
    bwrap += (["--unshare-ipc", "--unshare-net", "--unshare-pid", "--unshare-uts", "--cap-add",
               "CAP_SETUID", "--cap-add", "CAP_SETGID"] if root else ["--unshare-all"])
    ways = [Walls("no network, no files but its own", tuple(bwrap), is_root=root)]
    ways += [Walls(f"no network, but {nobodys}{stronger}", tuple(UNSHARE), nobody)] if root else []
    ways += [Walls(f"no network, but {yours}{stronger}", tuple(UNSHARE))]
    ways += [Walls(f"WITH network, and {nobodys}{stronger}", (), nobody)] if root else []
    return next((way for way in ways if stands(way)),
                Walls(f"WITH network, and {yours}: grade only notebooks that you trust, or grade on"
                      " Linux with bubblewrap"))


def stands(walls):
    """Whether a student's process starts behind these walls; without work it ends at once."""
    with workplace(walls) as folder:
        try:
            return 0 == subprocess.run(
                walls.started([], folder, Limits()), env=environment(folder), cwd=folder,
                input=b"", capture_output=True, timeout=120, check=False,
                **walls.options).returncode
        except (OSError, subprocess.SubprocessError):
            return False


class workplace(tempfile.TemporaryDirectory):
    """A folder of its own for a student's process, gone when it ends."""

    def __init__(self, walls):
        super().__init__(prefix="lessons-", ignore_cleanup_errors=True)
        fonts = font_list()
        if fonts:
            shutil.copy(fonts, self.name)
        if walls.options:
            os.chown(self.name, walls.options["user"], walls.options["group"])


@lru_cache(maxsize=1)
def font_list():
    """Matplotlib's list of fonts, which takes it seconds to make; None where there is none."""
    import matplotlib

    return next(Path(matplotlib.get_cachedir()).glob("fontlist-*.json"), None)


def environment(folder):
    """The variables of a student's process: none of the grader's but what Python needs."""
    kept = {name: value for name, value in os.environ.items()
            if name in ("PATH", "LANG", "LC_ALL", "SYSTEMROOT") or name.startswith(IN_FRONT)}
    here = {name: str(folder) for name in ("HOME", "TMPDIR", "IPYTHONDIR", "MPLCONFIGDIR")}
    paths = [str(ROOT), *filter(None, os.environ.get("PYTHONPATH", "").split(os.pathsep))]
    return {"OPENBLAS_NUM_THREADS": "1", "OMP_NUM_THREADS": "1", "MPLBACKEND": "agg", **kept,
            **here, "PYTHONPATH": os.pathsep.join(paths), "PYTHONDONTWRITEBYTECODE": "1"}


class Pupil:
    """A student's process behind walls: `peer` talks to it, and a thread watches its limits.

    reason: why it was ended, once it was; None while it runs.
    """

    def __init__(self, walls, hidden, limits):
        self.limits, self.reason = limits, None
        self.folder = workplace(walls)
        self.process = subprocess.Popen(
            walls.started(hidden, self.folder.name, limits), stdin=subprocess.PIPE,
            stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, cwd=self.folder.name,
            env=environment(self.folder.name), start_new_session=True, **walls.options)
        self.peer = Peer(self.process.stdout, self.process.stdin, is_grader=True,
                         seconds=limits.cell)
        self.end = time.monotonic() + limits.seconds
        threading.Thread(target=self.watch, daemon=True).start()

    def __enter__(self):
        return self

    def __exit__(self, *_):
        self.kill(self.reason)
        for stream in (self.process.stdin, self.process.stdout):
            try:
                stream.close()
            except OSError:
                continue
        self.folder.cleanup()

    def watch(self):
        """End the process when it goes beyond a limit."""
        looks = 0
        while self.process.poll() is None and self.reason is None:
            try:
                self.reason = self.excess(looks)
            except psutil.Error:  # a process that ended while we looked
                continue
            looks += 1
            time.sleep(0.1)
        if self.reason:
            self.kill(self.reason)

    def excess(self, looks):
        """The limit that the process has passed, in words, or None."""
        if time.monotonic() > self.end:
            return f"ran for more than {self.limits.seconds:g} s"
        first = psutil.Process(self.process.pid)
        family = [first, *first.children(recursive=True)]
        if len(family) > PROCESSES:
            return f"started more than {PROCESSES} processes"
        if memory_of(family, self.limits.memory) > self.limits.memory:
            return f"took more than {self.limits.memory / MEGABYTE:.0f} MB of memory"
        if looks % 10 == 0 and size_of(self.folder.name) > DISK:
            return f"filled more than {DISK / MEGABYTE:.0f} MB of disk"
        return None

    def kill(self, reason):
        """End the process and all that it started."""
        self.reason = reason
        try:
            family = psutil.Process(self.process.pid).children(recursive=True)
        except psutil.Error:
            family = []
        self.process.kill()
        for one in family:
            try:
                one.kill()
            except psutil.Error:
                continue
        self.process.wait()


def memory_of(family, enough):
    """Bytes that processes take together; what they share counts once where that can be told."""
    total = sum(one.memory_info().rss for one in family)
    if total > enough and psutil.LINUX:  # the exact number takes longer to find
        total = sum(one.memory_full_info().pss for one in family)
    return total


def size_of(folder):
    """Bytes in a folder."""
    total = 0
    for place, _, files in os.walk(folder):
        for name in files:
            try:
                total += os.lstat(os.path.join(place, name)).st_size
            except OSError:
                continue
    return total
