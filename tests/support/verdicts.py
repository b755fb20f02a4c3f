"""What a lesson found about its claims, as its saved notebook says; nbval measures it again."""

from support.notebooks import ROOT


def told(number):
    """{claim: verdict} of the lesson with this number, from docs/claims.md."""
    page = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    section = page.split(f"\n## [{number}]")[1].split("\n## ")[0]
    rows = [line.split(" | ") for line in section.splitlines() if line.startswith("| ")][1:]
    return {row[0].removeprefix("| "): row[1].upper() for row in rows}
