"""Claims as rows: what is said, of what kind it is, the numbers by set of seeds, and the verdict.

The verdict of a measured claim is computed here, by one rule: it needs three disjoint sets of seeds
and a best value that is not on an edge of its grid; a difference within the margin is a TIE.
"""

import html
from dataclasses import dataclass, replace

import numpy as np

VERDICTS = {  # verdict -> when it is given
    "PROVED": "it is a theorem; the numbers illustrate it",
    "CITED": "others found it; not measured here",
    "SUPPORTED": "it holds on all sets of seeds",
    "SUPPORTED WITHIN LIMITS": "it holds on all sets of seeds, and limits are known",
    "TIE": "the sets disagree, or the difference is within the margin",
    "NOT SUPPORTED HERE": "the opposite holds on all sets of seeds",
    "NOT TESTABLE HERE": "no run of ours decides it, or a best value is on an edge of its grid",
}


@dataclass(frozen=True)
class Claim:
    """A claim about optimizers and what was found of it; its text is a line of docs/claims.md.

    verdict: one of VERDICTS. numbers: what was measured, by set. limits: where it stops holding.
    protocol: the budget, the criterion and the referee, in words. where: the heading under which
    the lesson shows it.
    """

    claim: str
    kind: str
    verdict: str
    numbers: str
    limits: str = ""
    protocol: str = ""
    where: str = ""

    def __repr__(self):
        found = "; ".join(filter(None, (self.numbers, self.limits, self.protocol)))
        return f"{self.verdict}  {self.claim}  ({found})"


def judge(claim, lower, higher, *, told, budget, criterion, referee, seeds, margin=1.0, luck=0.0,
          limits="", at_edge=False, where=""):
    """The verdict on a claim that says: `lower` stays below `higher`.

    lower, higher: three numbers each, one for every set of seeds, or one number for all three.
    told: what they are, in words: "momentum took {lower} steps, gradient descent {higher}".
    budget, criterion, referee: how it was measured, in words. seeds: the three sets, disjoint.
    margin: a ratio of the two numbers, luck: a difference; unless both are exceeded, they tie.
    at_edge: whether a best value behind the numbers lies on an edge of its grid, in any set.
    where: the heading in the lesson.
    """
    lower, higher = three(lower), three(higher)
    if len(seeds) != 3 or len(set().union(*seeds)) < sum(map(len, seeds)):
        raise ValueError(f"seeds must be three sets that share no seed; got {seeds}")
    below = (higher > margin * lower) & (higher > lower + luck)
    above = (lower > margin * higher) & (lower > higher + luck)
    if np.any(at_edge):
        verdict, limits = "NOT TESTABLE HERE", f"best value on the edge of its grid; {limits}"
    elif below.all():
        verdict = "SUPPORTED WITHIN LIMITS" if limits else "SUPPORTED"
    else:
        verdict = "NOT SUPPORTED HERE" if above.all() else "TIE"
    numbers = told.format(lower=in_words(lower), higher=in_words(higher))
    how = (budget, criterion, referee)
    return Claim(claim, "measured", verdict, numbers, limits.removesuffix("; "),
                 ", ".join(filter(None, how)), where)


def known(claim, kind, numbers, limits="", where=""):
    """A claim that needs no verdict of ours: it is "proved", or "cited" from others."""
    if kind not in ("proved", "cited"):
        raise ValueError(f"kind must be 'proved' or 'cited', as judge() measures; got {kind!r}")
    return Claim(claim, kind, kind.upper(), numbers, limits, where=where)


def answered(claim):
    """A judged claim that is a question: its verdict before the numbers as "yes", "no", ..."""
    says = {"SUPPORTED": "yes", "SUPPORTED WITHIN LIMITS": "yes", "NOT SUPPORTED HERE": "no"}
    return replace(claim, numbers=f"{says.get(claim.verdict, 'undecided')}: {claim.numbers}")


def three(numbers):
    """Numbers as an array with one for every set of seeds; one alone stands for all three."""
    numbers = np.asarray(numbers, float)
    if np.isnan(numbers).any() or numbers.shape not in ((), (3,)):
        raise ValueError("a claim is judged on three disjoint sets of seeds: give three numbers, "
                         f"one for each, or one that is the same for all; got {numbers.tolist()}")
    return np.broadcast_to(numbers, 3)


def tiny(number):
    """A number in words; what rounding alone has made, which differs between machines, is one."""
    return "below 1e-12" if number < 1e-12 else f"{number:.0e}"


def in_words(numbers):
    """Three numbers, with three digits each, or names: "27, 1,230, 29"; one, if all are the same.

    It takes a single one as well.
    """
    words = [one if isinstance(one, str) else f"{float(f'{one:.3g}'):,.0f}" if 1e3 <= one < 1e6
             else f"{one:.3g}" for one in np.ravel(numbers).tolist()]
    return ", ".join(words) if len(set(words)) > 1 else words[0]


class Claims:
    """All claims of a lesson, as the table that ends it and as lines that docs/claims.py reads."""

    def __init__(self, *claims):
        self.claims = claims

    @property
    def table(self):
        """A DataFrame with a row for every claim."""
        import pandas as pd

        return pd.DataFrame([vars(claim) for claim in self.claims])

    def __repr__(self):
        return "\n".join(map(repr, self.claims))

    def _repr_html_(self):
        asked = all(claim.claim.endswith("?") for claim in self.claims)
        head = ("question" if asked else "claim", "proved, measured or cited",
                "answer" if asked else "numbers, by set of seeds", "limits", "shown in")
        rows = "".join(map(row_of, self.claims))
        return f"<table><tr><th>{'</th><th>'.join(head)}</th></tr>{rows}</table>"


def row_of(claim):
    """A claim as a row of the page's table, with a link to where the lesson shows it."""
    kind = f"measured: {claim.verdict.lower()}" if claim.kind == "measured" else claim.kind
    cells = [html.escape(text) for text in (claim.claim, kind, claim.numbers, claim.limits)]
    if claim.protocol:
        cells[2] += f"<br><small>{html.escape(claim.protocol)}</small>"
    there = html.escape(claim.where)
    cells.append(there and f'<a href="#{there.replace(" ", "-")}">{there}</a>')
    return f"<tr><td>{'</td><td>'.join(cells)}</td></tr>"
