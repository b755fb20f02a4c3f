"""The README and CONTRIBUTING name what exists."""
import re
from pathlib import Path

import nbformat
import pytest

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
