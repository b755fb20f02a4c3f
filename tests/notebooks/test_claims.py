"""docs/claims.md says what the saved notebooks say, and nothing is lost on the way."""
import importlib.util
from dataclasses import replace
from pathlib import Path

import nbformat
import pytest

from lessons.experiments import Claims, judge, known
from lessons.experiments.protocol import seed_sets

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
    sources = [cell.source for cell in cells if cell.cell_type == "code"]
    retold = any("claims(" in source for source in sources)      # five or more, by experiments
    asked = 5 if retold else sum(
        source.count(word) for source in sources for word in ("verdict(", "judge(", "known("))
    section = claims.PAGE.read_text(encoding="utf-8").split(f"\n## [{path.name[:2]}]")[1]
    rows = [line for line in section.split("\n## ")[0].splitlines() if line.startswith("| ")]
    assert len(rows) - 1 >= asked > 0       # one is the head


def test_every_claim_leads_to_a_heading_of_its_lesson():
    page = claims.PAGE.read_text(encoding="utf-8")
    for path in PATHS:
        cells = nbformat.read(path, as_version=4).cells
        headings = {line.lstrip("# ").replace(" ", "-") for cell in cells
                    if cell.cell_type == "markdown" for line in cell.source.splitlines()
                    if line.startswith("#")}
        section = page.split(f"\n## [{path.name[:2]}]")[1].split("\n## ")[0]
        rows = [line for line in section.splitlines() if line.startswith("| ")][1:]
        assert rows
        for row in rows:
            assert row.split(f"(<../notebooks/{path.name}#")[1].split(">)")[0] in headings, row


def test_a_changed_verdict_changes_the_page(tmp_path):
    copy = tmp_path / PATHS[0].name
    text = PATHS[0].read_text(encoding="utf-8")
    assert "SUPPORTED WITHIN LIMITS" in text
    copy.write_text(text.replace("SUPPORTED WITHIN LIMITS", "NOT TESTABLE HERE"), encoding="utf-8")
    assert claims.page([copy]) != claims.page(PATHS[:1])


def test_what_an_experiment_judged_joins_the_page(tmp_path):
    """A lesson that ends in Claims: shown as a table, saved with the lines that the page copies."""
    measured = judge("Momentum | is faster.", [27, 29, 29], [1499.6, 192, 214],
                     told="momentum {lower}; SGD {higher}", budget="300 steps",
                     criterion="to 1e-4", referee="slowest start", seeds=seed_sets(),
                     where="Why is it | faster?")
    lesson = Claims(measured, known("Below 2/L it converges.", "proved", "factor 0.9"),
                    replace(measured, verdict="TIE", claim="They tie."))
    data = {"text/plain": repr(lesson), "text/html": lesson._repr_html_()}
    cell = nbformat.v4.new_code_cell("Claims(...)", outputs=[
        nbformat.v4.new_output("execute_result", data, execution_count=1)])
    head = nbformat.v4.new_markdown_cell("# Why?")
    nbformat.write(nbformat.v4.new_notebook(cells=[head, cell]), tmp_path / "03_memory.ipynb")
    text = claims.page([tmp_path / "03_memory.ipynb"])
    assert "3 claims: 1 proved, 1 supported, 1 tie." in text
    there = "[Why is it \\| faster?](<../notebooks/03_memory.ipynb#Why-is-it-\\|-faster?>)"
    assert ("| Momentum \\| is faster. | Supported | momentum 27, 29, 29; SGD 1,500, 192, 214; "
            f"300 steps, to 1e-4, slowest start | {there} |") in text
    assert "| Below 2/L it converges. | Proved | factor 0.9 |  |" in text
    assert "| They tie. | Tie | " in text
