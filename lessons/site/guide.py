"""The field guide: a card for each rule and schedule, from the package and docs/guide.toml."""
import inspect
import re
import tomllib
from itertools import repeat
from pathlib import Path

from lessons import steps
from lessons.check.display import PAPER, address, show
from lessons.knobs import KNOBS
from lessons.look import LOOKS, letters
from lessons.scenes import race
from lessons.scenes.common.runs import BEST, OWN
from lessons.signature import signature_of
from lessons.site import execute, schedule_cards
from lessons.site.catch import picture
from lessons.site.facts import facts, known
from lessons.steps.newcomers import schedule_free_adamw
from lessons.steps.quasi_newton import bfgs_wolfe, lbfgs_wolfe
from lessons.steps.sharpness import adaptive_sam, sam_momentum
from lessons.surfaces import himmelblau, ravine, rosenbrock

ROOT = Path(__file__).resolve().parent.parent.parent
WRITTEN = ROOT / "docs" / "guide.toml"
FORMS = {"BFGS with a search": bfgs_wolfe, "L-BFGS with a search": lbfgs_wolfe,
         "Adaptive SAM": adaptive_sam, "SAM with momentum": sam_momentum,
         "Schedule-Free AdamW": schedule_free_adamw}
RULES = {name: getattr(steps, name) for name in steps.__all__} | {
    step.__name__: step for step in FORMS.values()}
SEARCHING, FEW = ("bfgs_wolfe", "lbfgs_wolfe"), 20      # half a second a take: presets, menus
GROUNDS = {"Ravine": ravine, "Rosenbrock": rosenbrock, "Himmelblau": himmelblau}
LENGTH = {"kl_step": "delta", "trust_region": "radius"}     # what stands for a learning rate
LR = {  # the unit of lr in a docstring -> what lr is
    "no unit": "the share of the whole move that is taken",
    "in units of theta squared per loss": "the length of a move per unit of gradient",
    "in units of theta": "how far a move goes, whatever the size of the gradient"}
CARD = """# {title}

{idea}

$$ {formula} $$

**When.** {when}

## In a race

{race}
{stand_in}
## In numbers

| question | answer |
|---|---|
{facts}

| knob | usual value | what it is |
|---|---|---|
{knobs}

**Where these values come from.** {defaults}

## In code

{code}
"""
STAND_IN = """
Each landscape's Hessian stands for its Fisher matrix here.
"""
TABLE = """# Field guide

What the package has, on a card each: {count} rules, {forms} of them forms of others, and
{schedules} schedules.

## Rules

What a rule does, its formula and code, what it keeps and asks for, and a race. All numbers come
from running the rules: the state is counted in numbers per parameter, of 64 in a matrix of 8 x 8;
the losses of two walks are compared, with the loss times 7 and with the axes turned by 30 degrees,
at the usual knobs. Two things to know:

- Rules for matrices walk with theta as one column there, so that its rows are turned. They do not
  notice turned columns either; but mix all entries of a matrix, and they notice.
- L-BFGS does not notice the scale as long as its first gradient is longer than 1, and is cut.

| rule | what it does | state | notices scale | notices axes |
|---|---|---|---|---|
{rows}

## Schedules

What turns a learning rate, or another knob, while a rule walks.

| schedule | what it does | when |
|---|---|---|
{plans}

```{{toctree}}
:hidden:

{pages}
```
"""


def title(name):
    """The rule's name as figures say it."""
    forms = {step.__name__: words for words, step in FORMS.items()}
    return forms.get(name) or next(key for key in LOOKS if letters(key) == letters(name))


def ground(name):
    """A function that makes this landscape; a race takes its name for the menu."""
    def make():
        return known(GROUNDS[name]())

    make.__name__ = name
    return make


def with_lr(name):
    """The rule as a race wants it: with a learning rate, or what stands for one, called lr."""
    step = RULES[name]
    if name not in LENGTH:
        return step
    usual = signature_of(step)[1][LENGTH[name]]
    if name == "kl_step":
        return lambda surface, theta, *, lr=usual: step(surface, theta, delta=lr)
    return lambda surface, theta, reach=None, *, lr=usual: step(surface, theta, reach, radius=lr)


def rivals(name):
    """The rule beside gradient descent and Adam."""
    others = [other for other in ("gradient_descent", "adam") if other != name]
    return {title(one): with_lr(one) for one in [name, *others]}


def record_all(pool, folder):
    """Have a pool record the pictures of all cards into `folder`; returns an iterator to wait."""
    return pool.map(record, [*RULES, *schedule_cards.public()], repeat(folder))


def record(name, folder):
    """Record the picture of a card into a folder for all, with its HTML and its stamp."""
    place = Path(folder) / "guide"
    place.mkdir(parents=True, exist_ok=True)
    from_here = [__file__] if name in RULES else [schedule_cards.__file__, WRITTEN]
    stamp = "\n".join(execute.fingerprint(Path(path)) for path in from_here)
    kept = place / f"{name}.stamp"
    if kept.exists() and kept.read_text() == stamp:
        return
    stage = raced(name) if name in RULES else schedule_cards.followed(
        schedule_cards.public()[name], texts()["knobs"])
    data, about = stage._repr_mimebundle_()
    shown = picture(stage, data["image/png"], about["image/png"]["alt"], place, name,
                    largest=900_000, most=FEW if name in SEARCHING else 200)     # few backdrops
    (place / f"{name}.html").write_text(shown, encoding="utf-8")
    kept.write_text(stamp)


def raced(name):
    """The race of a rule's card, as a Stage."""
    presets = {f"{one}{words}": dict(surface=one, rates=rates) for one in GROUNDS
               for words, rates in (("", OWN), (", best rates", BEST))}
    return race([ground(one) for one in GROUNDS], rivals(name), presets=presets, rates=OWN)


def texts():
    """What docs/guide.toml says."""
    return tomllib.loads(WRITTEN.read_text(encoding="utf-8"))


def knob_table(name, meanings):
    """The knobs of a rule with their defaults and what they mean; meanings: {knob: words}."""
    step = RULES[name]
    doc = " ".join(inspect.getdoc(step).split())
    unit = re.search(f"lr: ({'|'.join(LR)})", doc)
    rows = []
    for knob, value in signature_of(step)[1].items():
        own = meanings.get(knob) or (knob == "lr" and unit and LR[unit[1]])
        rows.append(f"| `{knob}` | {value:g} | {own or KNOBS[knob].meaning} |")
    return "\n".join(rows)


def lacks_torch(doc):
    """Whether a docstring says that torch does not have the rule."""
    return re.search(r"torch has|[Nn]ot in\s+torch", doc)


def source(doc):
    """What a docstring names as its source, with links: authors, years, addresses; or ""."""
    said = " ".join(doc.partition("Source: ")[2].split())
    first, *rest = re.split(r"(?<=\.) (?=[A-Z]|arXiv|doi|https|torch)", said)
    kept = [first, *(more for more in rest if PAPER.search(more)
                     and not re.match("As torch|As SciPy|torch", more))]
    return PAPER.sub(as_link, " ".join(kept))


def as_link(found):
    """A paper's address in a text as a link in Markdown, without what follows it."""
    paper = found[0].rstrip(".,;:" if "(" in found[0] else ".,;:)")
    return f"[{paper}](<{address(paper)}>){found[0][len(paper):]}"


def taught(name, lessons):
    """Links to the lessons that show or check the rule; if none, to the one that names it most.

    lessons: {page: the text of its cells}.
    """
    shown = rf"\b(show|check)\(([\w.]+, ?)*{name}\b"
    found = [page for page, text in sorted(lessons.items()) if re.search(shown, text)]
    named = {page: len(re.findall(rf"\b({name}|{re.escape(title(name))})\b", text))
             for page, text in lessons.items()}
    if not found and any(named.values()):
        found = [max(named, key=named.get)]
    return ", ".join(f"[{page[:2]}]({page})" for page in found)


def card(name, written, live, lessons):
    """(page, row of the table) of one rule, as Markdown; leaves where the card would lack a part.

    written: docs/guide.toml. live: HTML of the race. lessons: {page: the text of its cells}.
    """
    step = RULES[name]
    doc, extra, found = inspect.getdoc(step), written.get(name, {}), facts(step)
    idea = " ".join(doc.split("\n\n")[0].split())
    place = "lessons.steps" if name in steps.__all__ else step.__module__
    rows = {"in the package": f"`from {place} import {name}`",
            "state, numbers per parameter (of 64)": found["state"], "asks for": found["asks for"],
            "notices if the loss is multiplied": found["scale"],
            "notices if the axes are turned": found["axes"],
            "in torch": extra.get("torch") or lacks_torch(doc) and "none",
            "paper": source(doc)}
    parts = {**rows, "idea (its docstring)": idea,
             **{f"{part} (docs/guide.toml)": extra.get(part)
                for part in ("formula", "when", "defaults")}}
    if lacking := [what for what, text in parts.items() if not text]:
        raise SystemExit(f"The field guide's card of {name} lacks: {', '.join(lacking)}.")
    if where := taught(name, lessons):
        rows["lessons"] = where
    text = CARD.format(title=title(name), idea=idea, formula=extra["formula"].strip(),
                       when=extra["when"], race=live, defaults=extra["defaults"],
                       stand_in=STAND_IN if "Fisher" in found["asks for"] else "",
                       code=show(step)._repr_markdown_().partition("\n\nSource: ")[0],
                       knobs=knob_table(name, extra.get("knobs", {})),
                       facts="\n".join(f"| {what} | {text} |" for what, text in rows.items()))
    row = [f"[{title(name)}](guide_{name})", idea, found["state"], found["scale"], found["axes"]]
    return text, f"| {' | '.join(row)} |"


def write(folder_of_pages, folder, lessons):
    """Write all cards and their table; returns the table's name.

    folder: where the pictures are recorded. lessons: {page: the text of its cells}.
    """
    written = texts()
    plans = schedule_cards.public()
    strange = written.keys() - {*RULES, "schedules", "knobs"} | written["schedules"].keys() - plans
    if strange:
        raise SystemExit(f"docs/guide.toml names what the package has not: {sorted(strange)}")
    pages, rows, lines = [], [], []
    for name in [*sorted(RULES, key=lambda name: title(name).lower()), *plans]:
        live = (Path(folder) / "guide" / f"{name}.html").read_text(encoding="utf-8")
        if name in RULES:
            page, (text, row) = f"guide_{name}", card(name, written, live, lessons)
            rows.append(row)
        else:
            page = f"schedule_{name}"
            text, row = schedule_cards.card(name, written, live, source)
            lines.append(row)
        pages.append(page)
        (folder_of_pages / f"{page}.md").write_text(text, encoding="utf-8")
    (folder_of_pages / "guide.md").write_text(
        TABLE.format(count=len(rows), forms=len(FORMS), schedules=len(plans), rows="\n".join(rows),
                     plans="\n".join(lines), pages="\n".join(pages)), encoding="utf-8")
    return "guide"
