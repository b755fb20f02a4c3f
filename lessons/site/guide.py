"""The field guide: a card for each rule of lessons.steps, from the package and docs/guide.toml."""
import html
import inspect
import re
import tomllib
from concurrent.futures import ProcessPoolExecutor
from dataclasses import replace
from functools import partial
from pathlib import Path

import numpy as np

from lessons import steps
from lessons.check.display import linked, show
from lessons.descend import descend
from lessons.knobs import KNOBS
from lessons.look import LOOKS, letters
from lessons.scenes import race
from lessons.scenes.common.runs import BEST, OWN
from lessons.signature import signature_of
from lessons.site import execute, takes
from lessons.site.catch import picture
from lessons.surfaces import himmelblau, matrix_problem, ravine, rosenbrock
from lessons.views import rotated, scaled

ROOT = Path(__file__).resolve().parent.parent.parent
WRITTEN = ROOT / "docs" / "guide.toml"
GROUNDS = {"Ravine": ravine, "Rosenbrock": rosenbrock, "Himmelblau": himmelblau}
LENGTH = {"kl_step": "delta", "trust_region": "radius"}     # what stands for a learning rate
COUNTED = {"loss": "the loss", "grad": "the gradient", "hess": "the Hessian",
           "hvp": "the Hessian times a vector", "fisher": "the Fisher matrix",
           "factors": "the Fisher matrix's factors"}
ALIKE = 1e-3        # of the first loss: eps and rounding make smaller differences
CARD = """# {title}

{idea}

$$ {formula} $$

**When.** {when}

## In a race

{race}

Each landscape's Hessian stands for its Fisher matrix here, for rules that ask for one.

## In numbers

| | |
|---|---|
{facts}

{knobs}

## In code

{code}
"""
TABLE = """# Field guide

The {count} rules of the package on a card each: what it does, its formula and code, what it keeps
and asks for, and a race. All numbers come from running the rules: the state is counted in numbers
per parameter, of 64; the losses of two walks are compared, with the loss times 7 and with the axes
turned by 30 degrees.

| rule | what it does | state | notices scale | notices axes |
|---|---|---|---|---|
{rows}

```{{toctree}}
:hidden:

{pages}
```
"""


def title(name):
    """The rule's name as figures say it."""
    return next(key for key in LOOKS if letters(key) == letters(name))


def known(surface):
    """The surface as one column of numbers, with its Hessian as Fisher matrix and as factor."""
    return replace(surface, shape=(surface.dim, 1), fisher=surface.hess, factors=lambda theta: [
        (np.ones((*np.shape(theta)[:-1], 1, 1)), surface.hess(theta))])


def ground(name):
    """A function that makes this landscape; a race takes its name for the menu."""
    def make():
        return known(GROUNDS[name]())

    make.__name__ = name
    return make


def with_lr(name):
    """The rule as a race wants it: with a learning rate, or what stands for one, called lr."""
    step = getattr(steps, name)
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


def record_all(folder, jobs=2):
    """Record the races of all cards into `folder`, or take what is kept there."""
    with ProcessPoolExecutor(jobs) as pool:
        list(pool.map(partial(record, folder=folder), steps.__all__))


def record(name, folder):
    """Record the race of a card into a folder for all, with its HTML and its stamp."""
    takes.LARGEST, takes.LONGEST = 900_000, 4.0         # there are two dozen, with few backdrops
    place = Path(folder) / "guide"
    place.mkdir(parents=True, exist_ok=True)
    stamp, kept = execute.fingerprint(Path(__file__)), place / f"{name}.stamp"
    if kept.exists() and kept.read_text() == stamp:
        return
    presets = {f"{one}{words}": dict(surface=one, rates=rates) for one in GROUNDS
               for words, rates in (("", OWN), (", best rates", BEST))}
    stage = race([ground(one) for one in GROUNDS], rivals(name), presets=presets, rates=OWN)
    data, about = stage._repr_mimebundle_()
    shown = picture(stage, data["image/png"], about["image/png"]["alt"], place, name)
    (place / f"{name}.html").write_text(shown, encoding="utf-8")
    kept.write_text(stamp)


def facts(name):
    """What runs of a rule say: {what: words}."""
    step = getattr(steps, name)
    asked = dict.fromkeys(COUNTED, 0)

    def counted(answer, ask, *points):
        asked[answer] += 1
        return ask(*points)

    # a matrix of 8 x 8: rules for matrices keep more than a vector shows
    surface = matrix_problem(8, 8)
    watched = replace(surface, **{answer: partial(counted, answer, getattr(surface, answer))
                                  for answer in COUNTED if getattr(surface, answer)})
    few, many = 12, 22
    counts = []
    for count in (few, many):
        asked.update(dict.fromkeys(COUNTED, 0))
        run = descend(watched, step, steps=count)
        counts.append(dict(asked))
    each = {answer: (counts[1][answer] - counts[0][answer]) / (many - few) for answer in COUNTED}
    each["loss"] -= 1       # descend itself notes the loss of every point
    asks = ", ".join(f"{words} ({round(each[answer], 1):g} a step)"
                     for answer, words in COUNTED.items() if each[answer] > 0.01)
    return {"asks for": asks, "state": state_of(run), "scale": scale(step), "axes": axes(step)}


def state_of(run):
    """What a run's state holds at its end: its names, and numbers per parameter."""
    sizes = {name: numbers(values[-1]) / run.theta.shape[-1] for name, values in run.state.items()}
    kept = {name: size for name, size in sizes.items() if size >= 0.5}
    if not kept:
        return "0" + (f" ({', '.join(sizes)}: one number)" if sizes else "")
    return f"{sum(kept.values()):.3g} ({', '.join(f'`{name}`' for name in kept)})"


def numbers(value):
    """How many numbers a state holds, which may be arrays in tuples."""
    if isinstance(value, (tuple, list)):
        return sum(map(numbers, value))
    return 0 if value is None else np.size(value)


def notices(step, before, after):
    """Whether the losses of two walks, each over its first, part by more than ALIKE."""
    with np.errstate(all="ignore"):
        losses = [descend(surface, step, steps=20).loss for surface in (before, after)]
        shares = [loss / loss[0] for loss in losses]
        gap = np.abs(shares[0] - shares[1])
    return not np.nanmax(np.where(np.isfinite(gap), gap, 1.0)) < ALIKE


def scale(step):
    """Whether a rule walks otherwise when the loss is multiplied by 7, as words."""
    surface = known(ravine(condition=20.0))
    return "yes" if notices(step, surface, scaled(surface, 7.0)) else "no"


def axes(step):
    """Whether a rule walks otherwise when the axes are turned by 30 degrees, as words."""
    small = scaled(ravine(condition=20.0), 0.01)        # L-BFGS cuts a first gradient beyond 1
    return "yes" if notices(step, known(small), known(rotated(small, 30.0))) else "no"


def knob_table(name):
    """The knobs of a rule with their defaults and what they mean."""
    rows = [f"| `{knob}` | {value:g} | {KNOBS[knob].meaning} |"
            for knob, value in signature_of(getattr(steps, name))[1].items()]
    return "\n".join(["| knob | usual value | what it is |", "|---|---|---|", *rows])


def torch_name(doc):
    """What a docstring says of torch, in a few words; None where it says nothing."""
    found = re.search(r"[Aa]s (torch\.optim\.[\w]+(?:\([\w=]+\))?(?: with [\w= ]+\w)?)", doc)
    if found:
        return f"`{found[1]}`"
    return "none" if re.search(r"torch has|[Nn]ot in\s+torch", doc) else None


def card(name, written, live, lessons):
    """(page, row of the table) of one rule, as Markdown; leaves where the card would lack a part.

    lessons: {page: the text of its code}.
    """
    step = getattr(steps, name)
    doc, extra, found = inspect.getdoc(step), written.get(name, {}), facts(name)
    paper = linked(doc).replace("\n\nSource: ", "")
    idea = " ".join(doc.split("\n\n")[0].split())
    taught = [f"[{page[:2]}]({page})" for page, text in sorted(lessons.items())
              if re.search(rf"\b(show|check)\((my_)?\w*, ?{name}\)|\bshow\({name}\)", text)]
    rows = {"state, numbers per parameter (of 64)": found["state"], "asks for": found["asks for"],
            "notices if the loss is multiplied": found["scale"],
            "notices if the axes are turned": found["axes"],
            "in torch": torch_name(doc), "paper": paper or cited(doc)}
    parts = {**rows, "formula (docs/guide.toml)": extra.get("formula"),
             "when to take it (docs/guide.toml)": extra.get("when"), "idea (its docstring)": idea}
    if lacking := [what for what, text in parts.items() if not text]:
        raise SystemExit(f"The field guide's card of {name} lacks: {', '.join(lacking)}.")
    if taught:
        rows["lessons"] = ", ".join(taught)
    text = CARD.format(title=title(name), idea=idea, formula=extra["formula"].strip(),
                       when=extra["when"], race=live, code=show(step)._repr_markdown_(),
                       knobs=knob_table(name),
                       facts="\n".join(f"| {what} | {text} |" for what, text in rows.items()))
    row = [f"[{title(name)}](guide_{name})", idea, found["state"], found["scale"], found["axes"]]
    return text, f"| {' | '.join(row)} |"


def cited(doc):
    """The authors and years that a docstring names as its source, where no address is given."""
    return html.escape(doc.partition("Source: ")[2].split(". ")[0].split("\n")[0])


def write(source, folder, lessons):
    """Write all cards and their table to `source`; returns the table's name.

    folder: where the races are recorded. lessons: {page: the text of its code}.
    """
    written = tomllib.loads(WRITTEN.read_text(encoding="utf-8"))
    if unknown := written.keys() - set(steps.__all__):
        raise SystemExit(f"docs/guide.toml names rules that lessons.steps has not: {unknown}")
    rows = []
    for name in sorted(steps.__all__, key=title):
        live = (Path(folder) / "guide" / f"{name}.html").read_text(encoding="utf-8")
        text, row = card(name, written, live, lessons)
        (source / f"guide_{name}.md").write_text(text, encoding="utf-8")
        rows.append(row)
    pages = "\n".join(f"guide_{name}" for name in sorted(steps.__all__, key=title))
    (source / "guide.md").write_text(TABLE.format(count=len(rows), rows="\n".join(rows),
                                                  pages=pages), encoding="utf-8")
    return "guide"

