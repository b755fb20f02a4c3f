"""The torch code that a lesson shows as text: it runs as shown, prints what is shown, and agrees.

A block in a notebook's text that imports torch is followed by a block of what it prints. The blocks
after it, in the same cell, go on with its names. A line that begins with
"torch" is followed by one that begins with "ours", with the same numbers.
"""

import contextlib
import io
import json
import re
from pathlib import Path

import nbformat
import pytest

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
BLOCK = re.compile(r"```python\n(.*?)```(?:\s*```text\n(.*?)```)?", re.DOTALL)


def snippets():
    """(lesson, code, what the page says that it prints) of each cell, from its torch block on."""
    for path in sorted(FOLDER.glob("*.ipynb")):
        for cell in nbformat.read(path, 4).cells:
            blocks = BLOCK.findall(cell.source) if cell.cell_type == "markdown" else []
            while blocks and "import torch" not in blocks[0][0]:
                del blocks[0]
            if blocks:
                yield path.stem, *map("".join, zip(*blocks))


SNIPPETS = list(snippets())


@pytest.mark.parametrize(("lesson", "code", "said"), SNIPPETS, ids=[row[0] for row in SNIPPETS])
def test_torch_code_in_the_text_runs_as_shown_and_agrees_with_ours(lesson, code, said):
    with contextlib.redirect_stdout(io.StringIO()) as printed:
        exec(compile(code, lesson, "exec"), {})
    lines = printed.getvalue().splitlines()
    assert lines == said.splitlines(), f"{lesson} shows other numbers than its code prints"
    theirs, ours = ([json.loads(line[5:]) for line in lines if line.startswith(name)]
                    for name in ("torch", "ours "))
    assert len(theirs) == len(ours) > 0
    for one, other in zip(theirs, ours):
        assert one == pytest.approx(other, rel=1e-6, abs=1e-9)      # printed to nine digits


def test_a_lesson_whose_cells_do_not_import_torch_shows_it_as_text():
    assert "03_momentum" in {lesson for lesson, *_ in SNIPPETS}
