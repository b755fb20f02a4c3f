"""Make `.venv` beside the package and install the pinned libraries into it, with bare Python only.

A stamp in `.venv` says for which pyproject.toml, constraints and Python it was made. While that
holds, there is nothing to do. When something fails, the last lines say what to do about it.
"""

import ast
import hashlib
import os
import re
import subprocess
import sys
import textwrap
import time
from pathlib import Path

OLDEST = (3, 11)
ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
PYTHON = VENV / ("Scripts/python.exe" if os.name == "nt" else "bin/python")
STAMP = VENV / "lessons.stamp"
INPUTS = ["pyproject.toml", "constraints.txt", "constraints-cpu.txt"]
LIMITS = ["-c", "constraints.txt", "-c", "constraints-cpu.txt"]
# uv does not read pip's configuration. What matters of it, under the names that uv reads.
UV_NAMES = {
    "find-links": "UV_FIND_LINKS",
    "index-url": "UV_DEFAULT_INDEX",
    "extra-index-url": "UV_INDEX",
    "cert": "SSL_CERT_FILE",
}
# JupyterLab asks a newcomer about news before it shows the notebook. It need not.
QUIET_LAB = '{"@jupyterlab/apputils-extension:notification": {"fetchNews": "false"}}\n'
# Read by every Jupyter command: exported pages show each picture, with its description.
WITH_STILLS = '{"HTMLExporter": {"preprocessors": ["lessons.export.Stills"]}}\n'

CUDA = r"\b(cuda-(toolkit|bindings)|nvidia-[\w-]+|triton)\b"
NETWORK = (
    r"name resolution|dns error|getaddrinfo|establish a new connection|ConnectTimeout|ReadTimeout|"
    r"error sending request|client error \(Connect\)|[Cc]onnection (refused|reset)|ProxyError|"
    r"timed out"
)
MISSING = r"No solution found|No matching distribution|no wheels with|ResolutionImpossible"
ADVICE = {  # what a failing tool prints: what to do about it. The first that fits is given.
    r"ensurepip|No module named '?venv": """
        This Python cannot make environments. On Debian and Ubuntu: apt install python3-venv""",
    r"No space left|Errno 28|os error 28|not enough space|os error 112": """
        The disk is full. The environment takes 2 GB, and about as much again while it is made.""",
    r"CERTIFICATE_VERIFY_FAILED|invalid peer certificate|UnknownIssuer|SSLError": """
        A certificate was refused, as behind a proxy that reads along. Ask for its certificate file
        and set PIP_CERT to it.""",
    r"WinError 206|os error 206|Errno 36|name too long|path too long": """
        A path became too long. Move the course to a short folder, such as C:\\lessons""",
    r"Permission denied|Access is denied|Errno 13|os error (5|13)\b|used by another process": """
        A file could not be written. Close every JupyterLab and editor that uses .venv, and check
        that the folder is yours.""",
    CUDA: """
        torch was refused, because it would bring 3 GB of CUDA that the course does not use. Its CPU
        build comes from PyTorch's own server. Where that can't be reached, get the CPU wheel of the
        version in constraints.txt (pytorch.org shows how) and say in which folder it lies:
        PIP_FIND_LINKS=FOLDER python -m lessons lab. Or use conda: see environment.yml""",
    NETWORK: """
        The network did not answer. Check the connection; behind a proxy, set
        HTTPS_PROXY=http://HOST:PORT. Then run the same command again: it goes on from here.""",
    MISSING: """
        A pinned library was not found for this Python and this system. The course is tested with
        Python 3.11: python3.11 -m lessons lab. With that one, check the network.""",
}


def set_up(*extras):
    """Make the environment ready, with these extras of pyproject.toml, or leave with advice."""
    if sys.version_info < OLDEST:
        sys.exit("The course needs Python 3.11 or newer; this is {}.{}. Get one from python.org, "
                 "then: python3.11 -m lessons lab".format(*sys.version_info))
    if not (ROOT / INPUTS[0]).is_file():
        sys.exit(f"{ROOT} has no {INPUTS[0]}: run `python -m lessons` in a clone of the course.")
    stamp = STAMP.read_text().split() if PYTHON.exists() and STAMP.exists() else []
    if stamp[:1] == [digest()] and set(extras) <= set(stamp[1:]):
        return
    started = time.monotonic()
    print(f"Making {VENV} (once; half a minute and longer on a slow line) ...", flush=True)
    make_venv()
    STAMP.unlink(missing_ok=True)
    extras = sorted({*extras, *stamp[1:]})
    install(extras)
    for name, text in (("share/jupyter/lab/settings/overrides.json", QUIET_LAB),
                       ("etc/jupyter/jupyter_config.json", WITH_STILLS)):
        (VENV / name).parent.mkdir(parents=True, exist_ok=True)
        (VENV / name).write_text(text)
    STAMP.write_text(" ".join([digest(), *extras]))
    print(f"Ready after {time.monotonic() - started:.0f} s.", flush=True)


def digest():
    """Return a fingerprint of everything that the environment is made from."""
    parts = [str(ROOT), "{}.{}".format(*sys.version_info)]
    parts += [(ROOT / name).read_text(encoding="utf-8") for name in INPUTS]
    return hashlib.sha256("\0".join(parts).encode()).hexdigest()


def make_venv():
    """Make `.venv`, unless a working one of this Python is there (from an interrupted start)."""
    version = "import sys, pip; print(*sys.version_info[:2])"
    there = told([PYTHON, "-c", version]) if PYTHON.exists() else ""
    if there.split() != [str(number) for number in sys.version_info[:2]]:
        attempt([sys.executable, "-m", "venv", "--clear", str(VENV)], or_leave=True)


def install(extras):
    """Install torch, then the package with its extras: by uv, or by pip where uv can't be had."""
    pip = [str(PYTHON), "-m", "pip", "install", "--disable-pip-version-check", "--progress-bar=off"]
    code, output = attempt([*pip, "--quiet", "uv"])
    uv = code == 0
    if not uv and reason(output) not in (MISSING, None):
        leave(output)
    tool = [str(PYTHON), "-m", "uv", "pip", "install", "--python", str(PYTHON)] if uv else pip
    code, output = attempt([*tool, *LIMITS, "torch"])
    if code and uv and re.search(CUDA, output):
        print("Not this torch: it brings CUDA. Asking PyTorch's own server for the CPU build ...")
        code, again = attempt([*tool, *LIMITS, "--torch-backend", "cpu", "torch"])
        output += again
    if code:
        leave(output)
    package = f".[{','.join(extras)}]" if extras else "."
    compiled = ["--compile-bytecode"] if uv else []
    attempt([*tool, *compiled, *LIMITS, "--editable", package], or_leave=True)


def attempt(command, or_leave=False):
    """Run a command, show how it gets on, return its exit code and its output."""
    environment = {**os.environ, "PYTHONUTF8": "1", "NO_COLOR": "1", **uv_settings(command)}
    lines = []
    with subprocess.Popen(command, cwd=str(ROOT), env=environment, encoding="utf-8",
                          errors="replace", stdout=subprocess.PIPE,
                          stderr=subprocess.STDOUT) as child:
        for line in child.stdout:
            lines.append(line)
            if re.match(r"\s*(Downloading|Resolved|Installed|Bytecode|WARNING: Retrying)", line):
                print("  " + plain(line)[:94], flush=True)
    if child.returncode and or_leave:
        leave("".join(lines))
    return child.returncode, "".join(lines)


def plain(line):
    """Return a line that every terminal can print, old Windows ones too."""
    return line.strip().encode("ascii", "replace").decode()


def uv_settings(command):
    """Return pip's configuration as the variables that uv reads, less those already set."""
    if "uv" not in command:
        return {}
    listing = told([PYTHON, "-m", "pip", "config", "list"])
    variables = {}
    for place in ("global", "install", ":env:"):    # each outranks the one before
        for name, value in re.findall(rf"^{place}\.([\w-]+)=(.+)$", listing, re.MULTILINE):
            if name in UV_NAMES:
                words = ast.literal_eval(value).split()
                variables[UV_NAMES[name]] = ("," if name == "find-links" else " ").join(words)
    if "UV_INDEX" in variables:
        variables["UV_INDEX_STRATEGY"] = "unsafe-best-match"    # pip looks at all of them, so do we
    return {name: value for name, value in variables.items() if name not in os.environ}


def told(command):
    """Return what a command prints; nothing if it fails."""
    done = subprocess.run([str(c) for c in command], capture_output=True, text=True, check=False)
    return "" if done.returncode else done.stdout


def reason(output):
    """Return the pattern of ADVICE that fits the output of a failed command, or None."""
    return next((pattern for pattern in ADVICE if re.search(pattern, output)), None)


def advice(output):
    """Return what to do about the output of a failed command."""
    found = [ADVICE[reason(output)]] if reason(output) else []
    if os.name == "nt" and len(str(VENV)) > 55:     # the longest path below it: 200 characters
        found.append("Windows allows 260 characters in a path, and here they may not suffice: move "
                     "the course to a short folder, such as C:\\lessons")
    last_resort = ["Read the lines above. Then delete the folder .venv and run the command again."]
    return " ".join(" ".join(found or last_resort).split())


def leave(output):
    """End the program with the end of a failed command's output, and the advice for it."""
    for line in output.strip().splitlines()[-12:]:
        print("  " + plain(line), file=sys.stderr)
    sys.exit("\nThe set-up did not succeed. What to do:\n" + textwrap.fill(advice(output), 96))
