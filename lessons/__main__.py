"""Start the course, or test it, from a fresh clone:  python -m lessons lab | test

Needs nothing but a bare Python: lessons/environment.py makes `.venv` beside the package first. On
the next call there is nothing to make, and the command starts at once.
"""

import os
import re
import shutil
import signal
import subprocess
import sys
from pathlib import Path

from lessons.environment import PYTHON, ROOT, VENV, set_up

HELP = """usage: python -m lessons COMMAND [options]

  lab        open the course in JupyterLab; options go to it (--no-browser, another notebook, ...)
  test       run every test; options go to pytest (-k adam, tests/steps, ...)
  notebooks  execute the notebooks again and save their outputs (--check: only compare)
  claims     gather what the notebooks found about each claim into docs/claims.md
  bench      measure how fast a picture answers and plays
  league     run the league of lesson 15 anew, about 11 minutes of one core (--jobs 2)
  site       build web pages whose pictures are alive, offline (03: only lessons with 03 in their
             name; --repository ADDRESS: with links to Colab and Binder)
  slides     write a lesson as slides whose pictures are alive, offline (03: that lesson)
  lecture    open a lesson for a projector, print its run sheet (lecture 03)
  grade      grade a folder of submitted notebooks (grade FOLDER)
  setup      make or refresh .venv, start nothing

BROWSER=PATH python -m lessons test    tests with this Chrome, Chromium or Edge
BROWSER=none python -m lessons test    leaves the browser tests out
"""
NO_BROWSER = """
No browser for the browser tests: found neither Chrome nor Chromium nor Edge. One of these helps:
  - install one: https://www.google.com/chrome, or `apt install chromium`,
    `brew install --cask chromium`, `winget install Google.Chrome`;
  - say where yours is:   BROWSER=/path/to/chrome python -m lessons test
  - leave those tests out: BROWSER=none python -m lessons test
On Windows set the variable first: `set BROWSER=none`, in PowerShell `$env:BROWSER = "none"`.
"""
FIRST = "notebooks/00_the_race.ipynb"
BROWSERS = [
    "google-chrome", "google-chrome-stable", "chromium", "chromium-browser",
    "microsoft-edge", "chrome", "msedge",
]
PLACES = {  # where an installer puts them without telling PATH
    "darwin": (
        ["/Applications", "~/Applications"],
        [f"{name}.app/Contents/MacOS/{name}"
         for name in ("Google Chrome", "Chromium", "Microsoft Edge")],
    ),
    "win32": (
        ["%ProgramFiles%", "%ProgramFiles(x86)%", "%LocalAppData%"],
        ["Google/Chrome/Application/chrome.exe", "Chromium/Application/chrome.exe",
         "Microsoft/Edge/Application/msedge.exe"],
    ),
}


def find_browser(system=sys.platform):
    """Return the path of a Chrome, Chromium or Edge, or None where there is none or BROWSER=none.

    BROWSER is heeded only if it names one of these: editors set it to scripts of their own.
    """
    named = os.environ.get("BROWSER", "")
    if named.lower() == "none":
        return None
    if re.search("chrom|edge", Path(named).name.lower()):
        return shutil.which(named)
    folders, files = PLACES.get(system, ([], []))
    paths = [Path(os.path.expanduser(os.path.expandvars(d)), f) for d in folders for f in files]
    found = [shutil.which(name) for name in BROWSERS] + [str(p) for p in paths if p.is_file()]
    return next(filter(None, found), None)


def install_browser():
    """Install Chromium where that is one quiet command, as root on Debian; return its path."""
    release = Path("/etc/os-release")
    debian = release.is_file() and re.search(r"^ID=debian$", release.read_text(), re.MULTILINE)
    if not (debian and os.geteuid() == 0):
        return None
    print("Installing Chromium for the browser tests ...", flush=True)
    environment = {**os.environ, "DEBIAN_FRONTEND": "noninteractive"}
    for command in ("update", "install -y --no-install-recommends chromium fonts-dejavu-core"):
        subprocess.run(["apt-get", "-q", *command.split()], env=environment,
                       stdout=subprocess.DEVNULL, check=False)
    return find_browser()


def run(*command, **variables):
    """Run a program of the environment, Ctrl-C included, until it ends; return its exit code."""
    path = os.pathsep.join([str(PYTHON.parent), os.environ.get("PATH", "")])
    environment = {**os.environ, "PATH": path, "VIRTUAL_ENV": str(VENV), **variables}
    child = subprocess.Popen([str(PYTHON), *command], cwd=str(ROOT), env=environment)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    signal.signal(signal.SIGTERM, lambda *_: child.terminate())
    code = child.wait()
    return code if code >= 0 else 128 - code


def lab(options):
    """Open JupyterLab on the first notebook, or on the one that is named."""
    set_up()
    named = [option for option in options if option.endswith(".ipynb")] or [FIRST]
    options = [option for option in options if option not in named]
    # An address, not a file: started with a file, JupyterLab would show no folder above it.
    options = [f"--LabApp.default_url=/lab/tree/{Path(named[0]).as_posix()}", *options]
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        options = ["--allow-root", *options]   # containers: root is the only user there
    return run("-m", "jupyterlab", *options)


def test(options):
    """Lint, then run the unit tests, the notebooks and the browser tests."""
    browser = find_browser()
    without = os.environ.get("BROWSER", "").lower() == "none"
    if not browser and not without:
        browser = install_browser() or sys.exit(NO_BROWSER)
    set_up("site", "test")
    lint = run("-m", "ruff", "check")
    alone = any(re.match("-n|-s$|--pdb", option) for option in options)
    parallel = [] if alone else ["-n2", "--dist=loadfile", "--no-loadscope-reorder"]
    # NumPy's and torch's own threads would fight for the cores that the workers already use; and
    # where Python may not keep what it compiles, each of thirty kernels would compile torch anew.
    code = run("-m", "pytest", *parallel, *options, BROWSER=browser or "none",
               OPENBLAS_NUM_THREADS="1", OMP_NUM_THREADS="1", PYTHONDONTWRITEBYTECODE="")
    if lint:
        print("\nruff found something to mend: its lines are above the tests.")
    if without:
        print("\nThe browser tests did not run (BROWSER=none).\n"
              "Before you trust this result, run them with a Chrome, Chromium or Edge.")
    return code or lint


def notebooks(options):
    """Execute the notebooks again and save them in canonical form."""
    set_up()
    return run("-m", "support.notebooks", *options, PYTHONPATH=str(ROOT / "tests"))


def site(options):
    """Build the course as web pages, into build/site/html."""
    set_up("site")
    return run("-m", "lessons.site", *options, OPENBLAS_NUM_THREADS="1")


def slides(options):
    """Write lessons as slides, into build/site/slides."""
    set_up("site")
    return run("-m", "lessons.site.slides", *options, OPENBLAS_NUM_THREADS="1")


def claims(options):
    """Gather the verdicts that the notebooks print into docs/claims.md."""
    set_up()
    return run(os.path.join("docs", "claims.py"), *options)


def bench(options):
    """Measure what the project promises."""
    set_up("test")
    return run("-m", "support.bench", *options, PYTHONPATH=str(ROOT / "tests"))


def lecture(options):
    """Open a lesson for a projector."""
    set_up()
    return run("-m", "lessons.instructor.lecture", *options)


def grade(options):
    """Grade a folder of submitted notebooks."""
    set_up()
    folders = [os.path.abspath(option) if os.path.exists(option) else option for option in options]
    return run("-m", "lessons.instructor.grade", *folders, OPENBLAS_NUM_THREADS="1")


def league(options):
    """Run the league of lesson 15, or what is missing of it."""
    set_up()
    return run("-m", "lessons.experiments.newcomers", *options, OPENBLAS_NUM_THREADS="1")


def setup(options):
    """Make or refresh the environment."""
    set_up("site", "test")
    print(f"{VENV} is ready.")
    return 0


COMMANDS = {"lab": lab, "test": test, "notebooks": notebooks, "claims": claims,
            "bench": bench, "league": league, "site": site, "slides": slides, "lecture": lecture,
            "grade": grade, "setup": setup}


def main(arguments):
    """Do what the first argument says, with the others; return the exit code."""
    if not arguments or arguments[0] in ("-h", "--help", "help"):
        print(HELP)
        return 0
    if arguments[0] not in COMMANDS:
        print(f"No command {arguments[0]!r}; there are {', '.join(COMMANDS)}.\n", file=sys.stderr)
        print(HELP, file=sys.stderr)
        return 2
    return COMMANDS[arguments[0]](arguments[1:])


if __name__ == "__main__":
    try:
        sys.exit(main(sys.argv[1:]))
    except KeyboardInterrupt:
        sys.exit(130)
