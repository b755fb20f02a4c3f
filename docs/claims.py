"""Gather what the lessons found about each claim into docs/claims.md, from the saved notebooks.

    python -m lessons claims

The verdicts are computed by the cells that print them, or by the experiments that these call (their
Claims have the same lines); here they are only copied.
"""
import html
import re
from pathlib import Path

import nbformat

from lessons.experiments.claims import VERDICTS

ROOT = Path(__file__).resolve().parent.parent
PAGE = ROOT / "docs" / "claims.md"
VERDICT = re.compile(rf"(?m)^({'|'.join(VERDICTS)})  (.+?)  \((.+)\)$")
ROW = re.compile(r"<tr><td>.*?</tr>", re.S)      # of the table beside these lines: see Claims
ROUND = re.compile(r'<a href="#([^"]+)">([^<]+)</a></td></tr>$')
HEAD = """# What the course measured

Each line is a claim about optimizers, with what a cell of a lesson found. The cell computes the
verdict from its numbers; `make claims` copies it from the saved notebooks. "Here" is meant: small
problems, few seeds, one laptop. Most claims are measured on three sets of seeds: three numbers in a
row are those of the three sets in their order, and one alone is that of all three. The last column
leads to the part of the lesson that shows it.

"""


def verdicts(notebook):
    """(verdict, claim, numbers, round) of each claim that a notebook's saved outputs judge.

    round: (heading in an address, heading) of the place that shows it, or None.
    """
    found = []
    for output in (output for cell in notebook.cells for output in cell.get("outputs", [])):
        data = output.get("data", {})
        judged = VERDICT.findall(data.get("text/plain", ""))
        rows = [ROUND.search(row) for row in ROW.findall(data.get("text/html", ""))]
        shown = [row and tuple(map(html.unescape, row.groups())) for row in rows]
        shown = shown if len(shown) == len(judged) else [None] * len(judged)
        found += [(*row, place) for row, place in zip(judged, shown)]
    return found


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
                     "| claim | verdict | measured; limits | shown in |\n|---|---|---|---|\n")
        for word, claim, numbers, place in judged:
            there = f"[{place[1]}](<../notebooks/{path.name}#{place[0]}>)" if place else ""
            cells = [part.replace("|", r"\|") for part in
                     (claim, word.capitalize(), numbers, there)]
            parts.append(f"| {' | '.join(cells)} |\n")
    return "".join(parts)


if __name__ == "__main__":
    PAGE.write_text(page((ROOT / "notebooks").glob("*.ipynb")), encoding="utf-8", newline="\n")
