"""docs/claims.md says what the saved notebooks say, and nothing is lost on the way."""
import importlib.util
from pathlib import Path

import nbformat
import pytest

ROOT = Path(__file__).resolve().parents[2]
PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
SPEC = importlib.util.spec_from_file_location("claims", ROOT / "docs" / "claims.py")
claims = importlib.util.module_from_spec(SPEC)
SPEC.loader.exec_module(claims)


def test_the_page_is_the_one_that_the_notebooks_make():
    saved = claims.PAGE.read_text(encoding="utf-8")
    assert saved == claims.page(PATHS), "run `python -m lessons claims`"


@pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)
def test_each_verdict_that_a_lesson_asks_for_has_its_row(path):
    cells = nbformat.read(path, as_version=4).cells
    asked = sum(cell.source.count("verdict(") for cell in cells if cell.cell_type == "code")
    section = claims.PAGE.read_text(encoding="utf-8").split(f"\n## [{path.name[:2]}]")[1]
    rows = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(rows) - 1 >= asked > 0       # one is the head


def test_a_changed_verdict_changes_the_page(tmp_path):
    copy = tmp_path / PATHS[0].name
    text = PATHS[0].read_text(encoding="utf-8")
    assert "SUPPORTED WITHIN LIMITS" in text
    copy.write_text(text.replace("SUPPORTED WITHIN LIMITS", "NOT TESTABLE HERE"), encoding="utf-8")
    assert claims.page([copy]) != claims.page(PATHS[:1])
