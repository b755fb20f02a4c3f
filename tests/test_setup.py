"""The set-up starts from a bare Python, its lists agree, and a failure says what to do."""

import ast
import os
import re
import subprocess
import sys
import tomllib
from copy import deepcopy
from pathlib import Path

import pytest
import yaml
from packaging.requirements import Requirement
from packaging.specifiers import SpecifierSet

from lessons import __main__ as start
from lessons import environment

ROOT = Path(__file__).resolve().parent.parent
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["project"]
CONDA = yaml.safe_load((ROOT / "environment.yml").read_text(encoding="utf-8"))
PINS = (ROOT / "constraints.txt").read_text(encoding="utf-8").splitlines()
PYPI_NAMES = {"pytorch-cpu": "torch", "matplotlib-base": "matplotlib",
              "playwright-python": "playwright"}


def requirements(lines):
    return {r.name: r.specifier for r in map(Requirement, lines)}


def disagreements(project, conda, pins):
    """Return what pyproject, environment.yml and constraints.txt say differently, as sentences."""
    extras = project["optional-dependencies"]
    needed = requirements(project["dependencies"] + extras["test"] + extras["site"])
    lines = [line for line in conda["dependencies"] if isinstance(line, str)]
    by_pip, = [line["pip"] for line in conda["dependencies"] if not isinstance(line, str)]
    plain = requirements(lines + [line for line in by_pip if line != "-e ."])
    listed = {PYPI_NAMES.get(name, name): spec for name, spec in plain.items() if name != "pip"}
    found = []
    if listed.pop("python", None) != SpecifierSet(project["requires-python"]):
        found.append("python: another range")
    for name in sorted(needed.keys() | listed.keys()):
        if needed.get(name) != listed.get(name):
            found.append(f"{name}: {needed.get(name)} in pyproject, {listed.get(name)} for conda")
    pinned = [Requirement(line) for line in pins]
    for name, spec in needed.items():
        versions = [p.specifier for p in pinned if p.name == name]
        if not versions or not all(spec.contains(str(v).removeprefix("==")) for v in versions):
            found.append(f"{name}: {spec} in pyproject, pinned {versions}")
    return found


def test_pyproject_conda_and_constraints_agree():
    assert disagreements(PROJECT, CONDA, PINS) == []


def without(lines, start_of_line):
    return [line for line in lines if not str(line).startswith(start_of_line)]


@pytest.mark.parametrize(("alter", "complaint"), [
    (lambda p, c: c.update(dependencies=without(c["dependencies"], "numpy")), "numpy"),
    (lambda p, c: c["dependencies"].append("tqdm>=4"), "tqdm"),
    (lambda p, c: p.update({"requires-python": ">=3.12"}), "python"),
    (lambda p, c: p["dependencies"].append("numpy>=2.1"), "numpy"),
    (lambda p, c: p["dependencies"].append("torch>=2.13"), "torch"),
    (lambda p, c: p["optional-dependencies"]["test"].append("nbval>=99"), "nbval"),
], ids=["one less", "one more", "another Python", "another range", "a loose torch", "a newer tool"])
def test_an_altered_copy_is_noticed(alter, complaint):
    project, conda = deepcopy(PROJECT), deepcopy(CONDA)
    alter(project, conda)
    assert [line for line in disagreements(project, conda, PINS) if line.startswith(complaint)]


def test_a_changed_pin_is_noticed():
    pins = [re.sub(r"^torch==.*", "torch==2.14.0", line) for line in PINS]
    assert disagreements(PROJECT, CONDA, pins)


def test_the_pins_are_exact_and_name_no_place_and_no_cuda():
    for line in PINS:
        assert re.fullmatch(r"[\w.-]+==[\w.]+( ; .+)?", line)
        assert not re.match(environment.CUDA, line)
    assert "torch==2.13.0" in PINS


def test_the_second_constraints_refuse_what_a_cuda_build_of_torch_needs():
    lines = (ROOT / "constraints-cpu.txt").read_text(encoding="utf-8").splitlines()
    refused = requirements(line for line in lines if not line.startswith("#"))
    assert {"cuda-toolkit", "nvidia-cublas", "triton"} <= refused.keys()
    assert all(spec == SpecifierSet("<0") for spec in refused.values())


@pytest.mark.parametrize("name", ["__init__", "__main__", "environment"])
def test_an_old_python_can_read_the_start_and_be_told_that_it_is_old(name):
    source = (ROOT / "lessons" / f"{name}.py").read_text(encoding="utf-8")
    ast.parse(source, feature_version=(3, 7))


def test_an_old_python_is_told_what_to_do(monkeypatch):
    monkeypatch.setattr(environment.sys, "version_info", (3, 9))
    with pytest.raises(SystemExit, match=r"needs Python 3\.11 or newer; this is 3\.9"):
        environment.set_up()


def call(*arguments, **variables):
    """Run `python -m lessons` as a newcomer does: a Python without any package, in the clone."""
    return subprocess.run([sys.executable, "-S", "-m", "lessons", *arguments], cwd=ROOT, text=True,
                          env={**os.environ, **variables}, capture_output=True, check=False)


def test_without_a_command_it_prints_help():
    done = call()
    assert done.returncode == 0
    assert "lab" in done.stdout
    assert "test" in done.stdout


def test_an_unknown_command_is_named_beside_those_that_exist():
    done = call("lba")
    assert done.returncode == 2
    assert "No command 'lba'; there are lab, test, notebooks, claims, bench, league" in done.stderr


# What the tools print, shortened.
FAILURES = {
    "apt install python3-venv":
        "The virtual environment was not created successfully because ensurepip is not available.",
    "disk is full":
        "ERROR: Could not install packages due to an OSError: [Errno 28] No space left on device",
    "3 GB of CUDA":
        "Because torch==2.13.0 depends on cuda-toolkit<0, which does not allow any versions",
    "network did not answer":
        "cause: dns error\n cause: failed to lookup address information: Name or service not known",
    "HTTPS_PROXY":
        "WARNING: Retrying (Retry(total=4)) after connection broken by 'ProxyError'\n"
        "ERROR: No matching distribution found for uv",
    "PIP_CERT":
        "SSLError(1, '[SSL: CERTIFICATE_VERIFY_FAILED] certificate verify failed')",
    "C:\\lessons":
        "OSError: [WinError 206] The filename or extension is too long",
    "Close every JupyterLab":
        "error: failed to remove file .venv/x.pyd: Access is denied. (os error 5)",
    "tested with Python 3.11":
        "ERROR: No matching distribution found for scipy==1.17.1",
    "delete the folder .venv":
        "something else",
}


@pytest.mark.parametrize(("advice", "output"), FAILURES.items())
def test_a_failing_set_up_says_what_to_do(advice, output):
    assert advice in environment.advice(output)


def test_a_set_up_without_network_ends_with_advice(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    command = [sys.executable, "-c", "print('dns error'); raise SystemExit(3)"]
    assert environment.attempt(command) == (3, "dns error\n")
    with pytest.raises(SystemExit, match="network did not answer"):
        environment.attempt(command, or_leave=True)
    assert "dns error" in capsys.readouterr().err


def test_nothing_is_made_twice_and_a_changed_pin_is_made_again(tmp_path, monkeypatch):
    made = []
    for name in environment.INPUTS:
        (tmp_path / name).write_text("a")
    venv, python = tmp_path / ".venv", tmp_path / ".venv" / "python"
    monkeypatch.setattr(environment, "ROOT", tmp_path)
    monkeypatch.setattr(environment, "VENV", venv)
    monkeypatch.setattr(environment, "PYTHON", python)
    monkeypatch.setattr(environment, "STAMP", venv / "stamp")
    monkeypatch.setattr(environment, "make_venv", lambda: venv.mkdir(exist_ok=True))
    monkeypatch.setattr(environment, "install", lambda names: (python.touch(), made.append(names)))
    environment.set_up()
    environment.set_up()
    assert made == [[]]
    assert "lessons.export.Stills" in (venv / "etc/jupyter/jupyter_config.json").read_text()
    environment.set_up("test")
    environment.set_up()
    assert made == [[], ["test"]]
    (tmp_path / "constraints.txt").write_text("b")
    environment.set_up()
    assert made == [[], ["test"], ["test"]], "what was asked for once is kept"


def test_uv_is_told_what_pip_is_configured_to_use(monkeypatch):
    listing = ("global.extra-index-url='file:///a\\nfile:///b'\nglobal.find-links='/old'\n"
               "install.timeout='9'\n:env:.find-links='/wheels /more'\n:env:.cert='/c.pem'\n")
    monkeypatch.setattr(environment, "told", lambda command: listing)
    monkeypatch.setattr(environment.os, "environ", {"SSL_CERT_FILE": "/mine.pem"})
    assert environment.uv_settings(["uv"]) == {
        "UV_FIND_LINKS": "/wheels,/more",
        "UV_INDEX": "file:///a file:///b",
        "UV_INDEX_STRATEGY": "unsafe-best-match",
    }


def test_browser_none_means_none_and_a_named_one_is_taken(monkeypatch, tmp_path):
    chrome = tmp_path / "chrome.exe"
    chrome.touch(mode=0o755)
    monkeypatch.setenv("BROWSER", "none")
    assert start.find_browser() is None
    monkeypatch.setenv("BROWSER", str(chrome))
    assert start.find_browser() == str(chrome)
    monkeypatch.setenv("BROWSER", str(tmp_path / "no" / "chrome"))
    assert start.find_browser() is None


@pytest.mark.parametrize(("system", "variable", "place"), [
    ("win32", "ProgramFiles(x86)", "Microsoft/Edge/Application/msedge.exe"),
    ("win32", "LocalAppData", "Google/Chrome/Application/chrome.exe"),
    ("darwin", "HOME", "Applications/Chromium.app/Contents/MacOS/Chromium"),
])
def test_a_browser_is_found_where_installers_put_it(monkeypatch, tmp_path, system, variable, place):
    monkeypatch.setenv("PATH", str(tmp_path))
    monkeypatch.setenv("BROWSER", "/an/editors/helper.sh")
    monkeypatch.setenv(variable, str(tmp_path))
    folders, files = start.PLACES[system]
    folders = [folder.replace(f"%{variable}%", str(tmp_path)) for folder in folders]
    monkeypatch.setitem(start.PLACES, system, (folders, files))
    assert start.find_browser(system) is None
    browser = tmp_path / place
    browser.parent.mkdir(parents=True)
    browser.touch()
    assert start.find_browser(system) == str(browser)


def test_without_a_browser_the_tests_stop_and_say_how_to_get_one(monkeypatch):
    monkeypatch.setattr(start, "find_browser", lambda: None)
    monkeypatch.setattr(start, "install_browser", lambda: None)
    monkeypatch.delenv("BROWSER", raising=False)
    with pytest.raises(SystemExit, match="BROWSER=none python -m lessons test"):
        start.test([])


def test_with_browser_none_the_last_lines_say_what_did_not_run(monkeypatch, capsys):
    monkeypatch.setenv("BROWSER", "none")
    monkeypatch.setattr(start, "set_up", lambda *extras: None)
    monkeypatch.setattr(start, "run", lambda *command, **variables: 0)
    assert start.test([]) == 0
    assert "The browser tests did not run" in capsys.readouterr().out


@pytest.mark.parametrize(("lint", "tests", "code"), [(0, 0, 0), (1, 0, 1), (0, 5, 5), (1, 2, 2)])
def test_the_exit_code_tells_of_a_failure(monkeypatch, lint, tests, code):
    monkeypatch.setattr(start, "find_browser", lambda: "chrome")
    monkeypatch.setattr(start, "set_up", lambda *extras: None)
    monkeypatch.setattr(start, "run", lambda *c, **v: lint if "ruff" in c else tests)
    assert start.test([]) == code
