"""What a cell shows on the page: coloured cards, a function's source, the verdict on a claim."""

import html
import inspect
import re
from dataclasses import dataclass

import numpy as np
from IPython.display import display

# kind -> (JupyterLab's colour with a fall-back for other pages, mark): never colour alone
LOOKS = {
    "yes": ("var(--jp-success-color1, #388e3c)", "✓"),
    "part": ("var(--jp-warn-color1, #f57c00)", "±"),
    "no": ("var(--jp-error-color1, #d32f2f)", "✗"),
    "open": ("var(--jp-info-color1, #1976d2)", "?"),
}
PAPER = re.compile(r"arXiv:\S+|doi:10\.\S+|https://\S+")  # how a docstring names a paper


def card(kind, text):
    """Plain text as HTML with a coloured left border and a mark; `words` become code."""
    colour, mark = LOOKS[kind]
    body = re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(text, quote=False))
    body = re.sub(r"^([A-Z ]{9,})  ", r"<b>\1</b>  ", body)  # a verdict
    return (
        f'<div style="border-left: 4px solid {colour}; padding: 4px 12px; margin: 4px 0; '
        f"font-size: var(--jp-content-font-size1, 14px); line-height: 1.5; white-space: pre-line; "
        f'color: var(--jp-ui-font-color1, inherit)">'
        f'<b style="color: {colour}">{mark}</b> {body}</div>'
    )


@dataclass(repr=False)
class Shown:
    """A text that a cell shows as a card of that kind, and as plain text where HTML is unknown."""

    kind: str
    text: str

    def __repr__(self):
        return self.text

    def _repr_html_(self):
        return card(self.kind, self.text)


class Source:
    """Code that a cell shows coloured, and as plain text where Markdown is unknown."""

    def __init__(self, code, doc=""):
        self.code, self.doc = code, doc

    def __repr__(self):
        return self.code

    def _repr_markdown_(self):  # JupyterLab colours it to its theme, light or dark
        return f"```python\n{self.code}\n```{linked(self.doc)}"


def linked(doc):
    """Links to what a docstring names as its source by arXiv:, doi: or an address, as Markdown."""
    found = PAPER.findall(doc.partition("Source:")[2])
    papers = [paper.rstrip(".,;:" if "(" in paper else ".,;:)") for paper in found]
    links = ", ".join(f"[{paper}](<{address(paper)}>)" for paper in papers)
    return f"\n\nSource: {links}" if links else ""


def address(paper):
    kind, _, name = paper.partition(":")
    return {"arXiv": "https://arxiv.org/abs/", "doi": "https://doi.org/"}.get(kind, "https:") + name


def show(function):
    """The source of a function or class, as it runs, with links to where it is from."""
    if not (inspect.isroutine(function) or inspect.isclass(function)):
        raise TypeError(
            f"show takes the function itself, without brackets: show(adam), not show(adam(...)); "
            f"got {type(function).__name__}"
        )
    code = inspect.getsource(inspect.unwrap(function)).rstrip()
    return Source(code, function.__doc__ or "")


def verdict(claim, holds, number, limit=None):
    """Show in one line what a cell found about a claim.

    holds: True, False, or None where it can't be tested here; compute it from the cell's numbers.
    number: what was measured, text or a number. limit: where the claim stops holding.
    """
    if not (holds is None or isinstance(holds, (bool, np.bool_))):
        raise TypeError(
            f"holds must be True, False or None, computed from the numbers; got "
            f"{type(holds).__name__} (for an array of answers: holds.all())"
        )
    number = f"{number:.4g}" if isinstance(number, (float, np.floating)) else str(number).strip()
    if not number or number == "None":
        raise ValueError(f"a verdict cites the number it rests on; none is given for {claim!r}")
    if holds is None:
        kind, word = "open", "NOT TESTABLE HERE"
    elif not holds:
        kind, word = "no", "NOT SUPPORTED HERE"
    else:
        kind, word = ("part", "SUPPORTED WITHIN LIMITS") if limit else ("yes", "SUPPORTED")
    display(Shown(kind, f"{word}  {claim}  ({'; '.join([number, *([limit] if limit else [])])})"))
