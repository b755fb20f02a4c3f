"""The sources of the site's pages, for Sphinx, from executed notebooks and the package."""
import ast
import html
import inspect
import re
from importlib import import_module
from pathlib import Path
from string import Template
from urllib.parse import unquote

import nbformat
from docutils.nodes import make_id

from lessons.export import image

PUBLIC = ["steps", "schedules", "surfaces", "views", "descend", "check", "plots", "networks"]
ROOT = Path(__file__).resolve().parent.parent.parent
BADGES = ('<p class="badges"><a href="notebooks/{name}.ipynb" download>Download this notebook</a>'
          '{links} <span>To turn every knob: <code>python -m lessons lab notebooks/{name}.ipynb'
          '</code></span></p>')


def lesson_page(path, notebook, lessons, address="", badged=True):
    """An executed notebook as the site shows it: with badges, and each picture described.

    lessons: the names of the lessons that have a page; a link to another one becomes its words.
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
            if "text/html" in data:
                data["text/html"] = re.sub('href="#([^"]+)"', as_sphinx_has_it, data["text/html"])
    if badged:
        heading, _, rest = page.cells[0].source.partition("\n")
        page.cells[0].source = heading
        page.cells[1:1] = [nbformat.v4.new_markdown_cell(badges(path.stem, address)),
                           nbformat.v4.new_markdown_cell(rest.strip())]
    return page


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
        minutes = re.search(r"About (\d+) min", opening)
        rows.append(f"| [{path.stem[:2]}]({path.stem}) | [{question}]({path.stem}) | "
                    f"{minutes[1] if minutes else ''} |")
        menu.append(f"{path.stem[:2]} {question} <{path.stem}>")
    text = Template((ROOT / "docs" / "index.md").read_text(encoding="utf-8"))
    return text.substitute(rows="\n".join(rows), others="\n".join(others),
                           lessons="\n".join(menu))


def claims_page(text, lessons):
    """The page of all claims with a place for its filter, which live.js fills."""
    head, line, rest = linked(text, lessons).partition("\n## ")
    return f'{head}\n<div class="claims-filter"></div>\n{line}{rest}'


def reference_page():
    """The page of the package's public names, from their docstrings."""
    parts = ["# Reference\n\nWhat the notebooks import, in the package's own words.\n"]
    for name in PUBLIC:
        parts.append(f"## lessons.{name}\n\n```{{eval-rst}}")
        for public, thing in sorted(vars(import_module(f"lessons.{name}")).items()):
            ours = getattr(thing, "__module__", "").startswith(f"lessons.{name}")
            if ours and not public.startswith("_") and callable(thing) and thing.__doc__:
                kind = "class" if inspect.isclass(thing) else "function"
                parts.append(f".. auto{kind}:: lessons.{name}.{public}")
        parts.append("```\n")
    return "\n".join(parts)
