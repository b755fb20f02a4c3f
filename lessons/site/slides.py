"""A lesson as slides whose pictures are alive, in a folder that needs no network: `slides 03`."""
import importlib.util
import json
import re
import shutil
import sys
from pathlib import Path
from string import Template

import nbformat
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter

from lessons.site import execute, pages
from lessons.site.__main__ import BUILD, chosen, copy, fresh, write_static

HERE = Path(__file__).resolve().parent


def write(path, folder=BUILD):
    """Write the slides of a notebook; returns the page that begins them."""
    folder = Path(folder)
    notebook = execute.run(path, folder / "executed")
    place = fresh(folder / "slides" / path.stem)
    write_static(place)
    copy(folder / "executed" / "live" / path.stem, place / "live" / path.stem)
    shipped = Path(importlib.util.find_spec("sphinx_revealjs").origin).parent / "_static/revealjs"
    (place / "reveal").mkdir()
    for name in ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js"):
        shutil.copy(shipped / name, place / "reveal")
    page = Template((HERE / "slides.html").read_text(encoding="utf-8"))
    title = re.match("# (.+)", notebook.cells[0].source)[1]
    index = place / "index.html"
    index.write_text(page.substitute(
        title=title, code=HtmlFormatter().get_style_defs(".highlight"),
        slides="\n".join(stacks(pages.lesson_page(path, notebook, set(), badged=False))),
        mathjax=json.dumps({"tex": {"inlineMath": [["$", "$"]]},
                            "options": {"enableMenu": False}})), encoding="utf-8")
    return index


def stacks(notebook):
    """HTML of the slides: a stack for each heading, and in it one slide a cell."""
    exporter, found = HTMLExporter(template_name="basic"), []
    for cell in notebook.cells:
        if not cell.source.strip():
            continue
        if "remove-input" in cell.metadata.get("tags", []):
            cell.source = ""
        alone = nbformat.v4.new_notebook(cells=[cell], metadata=notebook.metadata)
        slide = f"<section>{exporter.from_notebook_node(alone)[0]}</section>"
        if cell.cell_type == "markdown" and re.match("#", cell.source) or not found:
            found.append([])
        found[-1].append(slide)
    return ["<section>{}</section>".format("\n".join(stack)) for stack in found]


if __name__ == "__main__":
    for one in chosen(sys.argv[1:] or ["00"]):
        print(f"Open {write(one)}: arrow keys turn the slides, F fills the screen.")
