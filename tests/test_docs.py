"""The README and CONTRIBUTING name what exists, and count it right."""
import inspect
import pkgutil
import re
from importlib import import_module
from pathlib import Path

import nbformat
import pytest
from support import mutants, variants

from lessons import schedules, steps
from lessons.__main__ import COMMANDS
from lessons.check.mistakes import MISTAKES

ROOT = Path(__file__).resolve().parent.parent
LESSONS = sorted((ROOT / "notebooks").glob("*.ipynb"))


@pytest.mark.parametrize("path", LESSONS, ids=lambda path: path.stem)
def test_the_readme_lists_every_lesson_with_its_question_and_minutes(path):
    opening = nbformat.read(path, 4).cells[0].source
    question, minutes = re.search(r"# (.+)", opening)[1], re.search(r"About (\d+) min", opening)[1]
    row = f"| [{path.name[:2]}](notebooks/{path.name}) | {question} | {minutes} |"
    assert row in (ROOT / "README.md").read_text(encoding="utf-8")


@pytest.mark.parametrize("page", ["README.md", "CONTRIBUTING.md"])
def test_every_link_and_path_of_a_page_exists(page):
    text = (ROOT / page).read_text(encoding="utf-8")
    links = re.findall(r"\]\((?!http)([^)#]+)\)", text)
    paths = re.findall(r"`((?:lessons|tests|notebooks)/[\w./]+)`", text)
    missing = [name for name in links + paths if not (ROOT / name).exists()]
    assert not missing and links + paths


def test_a_link_from_one_lesson_to_another_leads_somewhere():
    for path in LESSONS:
        text = "".join(cell.source for cell in nbformat.read(path, 4).cells)
        for name in re.findall(r"\]\(([\w.]+\.ipynb)\)", text):
            assert (path.parent / name).exists(), f"{path.name} links to {name}"


def page(name):
    """The text of a page, without the breaks of its lines."""
    return " ".join((ROOT / name).read_text(encoding="utf-8").split())


def test_the_readme_counts_what_is_there():
    text = page("README.md")
    made = [name for name, f in vars(schedules).items() if inspect.isfunction(f)
            and f.__module__ == schedules.__name__ and not name.startswith("_")]
    assert f"{len(steps.__all__)} steps" in text
    assert len(made) == 9 and "nine schedules" in text
    for package in mutants, variants:
        for module in pkgutil.iter_modules(package.__path__, f"{package.__name__}."):
            import_module(module.name)      # each of them fills MUTANTS or VARIANTS
    for count, words in ((sum(map(len, MISTAKES.values())), "over 200 mistakes by name"),
                         (len(mutants.MUTANTS), "over 80 wrong steps"),
                         (len(mutants.VARIANTS), "over 50 right ones")):
        assert words in text and int(re.search(r"\d+", words)[0]) < count


def test_the_map_of_the_readme_has_a_line_for_every_part():
    rows = (ROOT / "README.md").read_text(encoding="utf-8").split("## Where things are")[1]
    told = set(re.findall(r"`([\w./]+)`", rows.split("\n## ")[0]))
    parts = [path for path in (ROOT / "lessons").iterdir() if not path.name.startswith("__init__")]
    wanted = {f"lessons/{path.name}" + "/" * path.is_dir() for path in parts
              if path.name != "__pycache__"} | {"notebooks/", "tests/", "tests/support/", "docs/"}
    assert wanted <= told, wanted - told
    assert set(COMMANDS) <= told


@pytest.mark.parametrize("page_name", ["README.md", "CONTRIBUTING.md"])
def test_every_name_in_capitals_is_in_a_file_of_the_same_row(page_name):
    for row in (ROOT / page_name).read_text(encoding="utf-8").splitlines():
        for name, file in re.findall(r"`([A-Z_]{4,})` (?:or `[A-Z_]+` )?of `([\w/.]+)`", row):
            paths = [ROOT / file] if file.endswith(".py") else (ROOT / file).glob("*.py")
            assert any(name in path.read_text(encoding="utf-8") for path in paths), (name, file)


def test_the_scene_of_contributing_runs():
    code = (ROOT / "CONTRIBUTING.md").read_text(encoding="utf-8").split("```python\n")[1]
    names = {}
    exec("from lessons.descend import descend\nfrom lessons.look import LOOKS\n"
         "from lessons.stage import scene\nfrom lessons.steps import adam\n"
         "from lessons.surfaces import ravine\n" + code.split("```")[0], names)
    stage = names["walk"](lr=0.5, presets={"too far": dict(lr=1.0)})
    assert "Adam: loss" in repr(stage) and stage.error == ""
    assert stage.snapshot() == stage.snapshot()
