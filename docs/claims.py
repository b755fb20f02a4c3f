"""Gather what the lessons found about each claim into docs/claims.md, from the saved notebooks.

    python -m lessons claims

The verdicts are computed by the cells that print them, or by the experiments that these call (their
Claims have the same lines); here they are only copied.
"""
import re
from pathlib import Path

import nbformat

from lessons.experiments.claims import VERDICTS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "claims.md"
VERDICT = re.compile(rf"(?m)^({'|'.join(VERDICTS)})  (.+?)  \((.+)\)$")
HEAD = """# What the course measured

Each line is a claim about optimizers, with what a cell of a lesson found. The cell computes the
verdict from its numbers; `make claims` copies it from the saved notebooks. "Here" is meant: small
problems, few seeds, one laptop.

"""


def verdicts(notebook):
    """(verdict, claim, numbers) of each claim that a notebook's saved outputs judge."""
    outputs = [output for cell in notebook.cells for output in cell.get("outputs", [])]
    texts = [output.get("data", {}).get("text/plain", "") for output in outputs]
    return [row for text in texts for row in VERDICT.findall(text)]


def page(paths):
    """The page's text, made from these notebooks."""
    found = {path: nbformat.read(path, as_version=4) for path in sorted(paths)}
    rows = {path: verdicts(notebook) for path, notebook in found.items()}
    words = [word for judged in rows.values() for word, *_ in judged]
    tally = ", ".join(f"{words.count(word)} {word.lower()}" for word in VERDICTS if word in words)
    parts = [f"{HEAD}{len(words)} claims: {tally}.\n"]
    for path, judged in rows.items():
        question = re.match("# (.+)", found[path].cells[0].source)[1]
        parts.append(f"\n## [{path.name[:2]}](../notebooks/{path.name}): {question}\n\n"
                     "| claim | verdict | measured; limits |\n|---|---|---|\n")
        for word, claim, numbers in judged:
            cells = [part.replace("|", r"\|") for part in (claim, word.capitalize(), numbers)]
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page((ROOT / "notebooks").glob("*.ipynb")), encoding="utf-8", newline="\n")
