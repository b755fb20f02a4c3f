"""The sources of the site's pages, for Sphinx, from executed notebooks and the package."""
import ast
import html
import inspect
import re
from importlib import import_module
from pathlib import Path
from pkgutil import iter_modules
from string import Template
from urllib.parse import unquote

import nbformat
from docutils.nodes import make_id

from lessons.export import image

PUBLIC = ["steps", "schedules", "surfaces", "views", "descend", "check", "plots", "networks",
          "scenes"]
MEASURED = "lessons.experiments"
BESIDE = {"claims": "[what the course measured](claims), claim by claim",
          "guide": "a [field guide](guide) to every rule and schedule",
          "reference": "a [reference](reference), to which the names in code lead"}
REFERENCE = """# Reference

What the notebooks import, in the package's own words, a page for each module.

```{{toctree}}
{menu}
```
"""
ROOT = Path(__file__).resolve().parent.parent.parent
ROUND = re.compile(r"\[([^]]+)\]\(<\.\./notebooks/(\w+)\.ipynb#([^>]+)>\)")
BADGES = ('<p class="badges"><a href="notebooks/{name}.ipynb" download>Download this '
          'notebook</a>{links} <span>To turn every knob: <code>python -m lessons lab notebooks/'
          '{name}.ipynb</code></span></p>')
SIGNPOSTS = '\n<p class="signposts">{}</p>'
MINUTES = re.compile(r"About (\d+) min")
SHEET = re.compile(r"(<summary>(?:<b>)?[^<]*run sheet.*?</summary>)")


def lesson_page(path, notebook, lessons, address="", on_site=True):
    """An executed notebook as the site shows it: with badges, and each picture described.

    lessons: the names of the lessons that have a page; a link to another one becomes its words.
    on_site: False for a page by nbconvert, without badges, with its own names of headings.
    """
    page = nbformat.from_dict(notebook)
    for cell in page.cells:
        if cell.cell_type == "markdown":
            cell.source = linked(cell.source, lessons)
        else:
            rest = without_predictions(cell.source)
            if not rest:
                cell.metadata["tags"] = [*cell.metadata.get("tags", []), "remove-input"]
            cell.source = rest or cell.source
        for output in cell.get("outputs", []):
            data, about = output.get("data", {}), output.get("metadata", {}).get("image/png", {})
            if "image/png" in data and "text/html" not in data:
                if not about.get("alt"):
                    raise SystemExit(f"{path.name}: the picture of this cell has no description "
                                     f"for those who can't see it; give its figure one:\n"
                                     f"{cell.source}")
                data["text/html"] = image(data["image/png"], **about)
            if "text/html" in data and on_site:
                data["text/html"] = re.sub('href="#([^"]+)"', as_sphinx_has_it, data["text/html"])
                # pandas' own style, which HTML no longer knows; the theme has one for its tables
                data["text/html"] = re.sub("(?s)<style scoped>.*?</style>", "", data["text/html"])
    if on_site:
        heading, _, rest = page.cells[0].source.partition("\n")
        above = badges(path.stem, address) + signposts(page)
        page.cells[0].source = heading
        page.cells[1:1] = [nbformat.v4.new_markdown_cell(above),
                           nbformat.v4.new_markdown_cell(rest.strip())]
    return page


def signposts(page):
    """The line below the badges: how long a lesson takes, and links to its claims and run sheet.

    A fragment within what is folded opens it, so the run sheet gets its name there.
    """
    minutes, found = MINUTES.search(page.cells[0].source), []
    for cell in page.cells:
        if cell.source.startswith("## What we claimed"):
            found.append('<a href="#what-we-claimed">What it claims</a>')
        if cell.cell_type == "markdown" and SHEET.search(cell.source):
            cell.source = SHEET.sub(r'\1<span id="for-lecturers"></span>', cell.source)
            found.append('<a href="#for-lecturers">Run sheet for lecturers</a>')
    return SIGNPOSTS.format(" · ".join([*([f"{minutes[1]} minutes"] if minutes else []), *found]))


def linked(text, lessons):
    """Markdown whose links to notebooks without a page are words."""
    return re.sub(r"\[([^]]+)\]\((?:\.\./notebooks/)?(\w+)\.ipynb\)",
                  lambda link: f"[{link[1]}]({link[2]})" if link[2] in lessons else link[1], text)


def as_sphinx_has_it(link):
    """A link within a page, whose headings JupyterLab and Sphinx name differently."""
    return f'href="#{make_id(html.unescape(unquote(link[1])))}"'


def without_predictions(source):
    """A cell's code without the statements that ask for, reveal or score predictions.

    Their buttons are on the page, and the code would give the answer away.
    """
    lines = source.splitlines()
    for statement in reversed(ast.parse(source).body):
        call = getattr(statement, "value", None)
        name = ast.unparse(call.func) if isinstance(call, ast.Call) else ""
        if name in ("predict", "score") or name.endswith(".reveal"):
            del lines[statement.lineno - 1:statement.end_lineno]
    return "\n".join(lines).strip()


def badges(name, address):
    """The line below a lesson's title: how to get its notebook, and where it runs.

    address: of the course's public clone on GitHub, https://github.com/OWNER/NAME; "" for none.
    """
    links = ""
    if address:
        place = re.fullmatch(r"https://github\.com/([\w.-]+/[\w.-]+?)(?:\.git)?/?", address)
        if not place:
            raise SystemExit(f"--repository is the address of a public clone on GitHub, such as "
                             f"https://github.com/OWNER/NAME, not {address!r}")
        file = f"notebooks/{name}.ipynb"
        links = (f' <a href="https://colab.research.google.com/github/{place[1]}/blob/main/{file}">'
                 f'Open in Colab</a> <a href="https://mybinder.org/v2/gh/{place[1]}/main?urlpath='
                 f'lab/tree/{file}">Open in Binder</a>')
    return BADGES.format(name=html.escape(name), links=links)


def index_page(notebooks, others):
    """The first page; notebooks: path -> notebook, others: names of further pages."""
    rows, menu = [], []
    for path, notebook in sorted(notebooks.items()):
        opening = notebook.cells[0].source
        question = re.search(r"# (.+)", opening)[1]
        minutes = MINUTES.search(opening)
        rows.append(f"| [{path.stem[:2]}]({path.stem}) | [{question}]({path.stem}) | "
                    f"{minutes[1] if minutes else ''} |")
        menu.append(f"{path.stem[:2]} {question} <{path.stem}>")
    text = Template((ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    beside = "; ".join(BESIDE[name] for name in others)
    return text.substitute(rows="\n".join(rows), others="\n".join(others), beside=beside,
                           lessons="\n".join(menu))


def claims_page(text, lessons):
    """The page of all claims with a place for its filter; its links lead to headings of pages."""
    text = ROUND.sub(lambda link: as_page_has_it(link, lessons), linked(text, lessons))
    head, line, rest = text.partition("\n## ")
    return f'{head}\n<div class="claims"><div class="claims-filter"></div></div>\n{line}{rest}'


def as_page_has_it(link, lessons):
    """A link from docs/claims.md to a heading of a notebook, as one to the heading of its page."""
    words, name, heading = link.groups()
    if name not in lessons:
        return words
    return f'<a href="{name}.html#{make_id(heading)}">{html.escape(words)}</a>'


def reference_pages():
    """{page: text} of the package's public names, from their docstrings; `reference` leads to all.

    The code of lessons and cards links to them (docs/conf.py).
    """
    pages = {f"reference_{name}": "# " + module_text(f"lessons.{name}") for name in PUBLIC}
    topics = sorted(found.name for found in iter_modules(import_module(MEASURED).__path__))
    texts = [module_text(f"{MEASURED}.{topic}") for topic in topics]
    pages["reference_experiments"] = "\n## ".join([
        "# " + module_text(MEASURED), *(text for text in texts if "auto" in text)])
    return {"reference": REFERENCE.format(menu="\n".join(pages)), **pages}


def module_text(name):
    """What a module has for the notebooks, for autodoc to fill in, below a heading's mark."""
    module = import_module(name)
    parts = [f"{name}\n\n{module.__doc__.strip().splitlines()[0]}\n\n```{{eval-rst}}"]
    for public in sorted(getattr(module, "__all__", vars(module))):
        thing = getattr(module, public)
        ours = (getattr(thing, "__module__", None) or "").startswith(name)
        if ours and not public.startswith("_") and callable(thing) and thing.__doc__:
            kind = "class" if inspect.isclass(thing) else "function"
            parts.append(f".. auto{kind}:: {name}.{public}")
    return "\n".join([*parts, "```\n"])
