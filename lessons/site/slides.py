"""A lesson in a file and a folder beside it, whose pictures are alive without Python or a network.

    jupyter nbconvert --to live notebooks/03_momentum.ipynb             a page, and the folder live
    jupyter nbconvert --to live_slides notebooks/03_momentum.ipynb      the same as slides
    python -m lessons slides 03                                         slides, into build/site

Only a running picture can be recorded, so the notebook is run for this, minutes long; what it
showed is kept in build/site, and the next export of the same notebook takes seconds.
"""
import importlib.util
import json
import re
import shutil
import sys
import tempfile
from pathlib import Path
from string import Template

import nbformat
from nbconvert.exporters import HTMLExporter
from pygments.formatters import HtmlFormatter
from traitlets import Unicode, default
from traitlets.config import Config

from lessons.site.files import BUILD, chosen, copy, fresh, write_static

HERE = Path(__file__).resolve().parent
MATHJAX = json.dumps({"tex": {"inlineMath": [["$", "$"]]}, "options": {"enableMenu": False}})
LACKING = ("To export live pictures, install what the site needs: `python -m lessons setup`, in "
           "another environment `pip install -e '.[site]'`.")


class Live(HTMLExporter):
    """One page of a notebook; its script, formulas and recordings lie in a folder `live`."""

    export_from_notebook = None     # not in JupyterLab's menu: it would wait for minutes
    kept = Unicode(str(BUILD / "executed"), help="where executed notebooks lie").tag(config=True)

    @default("raw_template")
    def _page(self):
        return (HERE / "page.html.j2").read_text(encoding="utf-8")

    @property
    def default_config(self):
        found = super().default_config.copy()
        found.merge(Config({"TagRemovePreprocessor": {
            "enabled": True, "remove_input_tags": {"remove-input"}}}))
        return found

    def from_notebook_node(self, nb, resources=None, **kw):
        """Run the notebook that `resources` names, or take what is kept; (page, resources)."""
        about = resources["metadata"]
        path = Path(about.get("path", ""), f"{about['name']}.ipynb")
        page = self.recorded(path)
        resources["live"] = {"mathjax": MATHJAX}
        text, resources = self.written(page, resources, **kw)
        resources["outputs"] = {**(resources.get("outputs") or {}), **self.files(path.stem)}
        return text, resources

    def recorded(self, path):
        """The executed notebook with its pictures and predictions as HTML."""
        if not all(map(importlib.util.find_spec, ("docutils", "sphinx-mathjax-offline"))):
            raise SystemExit(LACKING)
        from lessons.site import execute, pages  # they need what this line has looked for

        return pages.lesson_page(path, execute.run(path, Path(self.kept)), set(), on_site=False)

    def written(self, page, resources, **kw):
        """(text, resources) of the page, by nbconvert's own template."""
        return super().from_notebook_node(page, resources, **kw)

    def files(self, name):
        """What the page loads: {path beside it: bytes}."""
        with tempfile.TemporaryDirectory() as folder:
            place = Path(folder) / "live"
            place.mkdir()
            write_static(place)
            copy(Path(self.kept) / "live" / name, place / name)
            self.more(place)
            return {file.relative_to(folder).as_posix(): file.read_bytes()
                    for file in sorted(place.rglob("*")) if file.is_file()}

    def more(self, place):
        """Write what this kind of page needs besides; nothing."""


class LiveSlides(Live):
    """Slides of a notebook by reveal.js, which is shipped along."""

    def written(self, page, resources, **kw):
        """(text, resources) of the slides."""
        text = Template((HERE / "slides.html").read_text(encoding="utf-8"))
        title = re.match("# (.+)", page.cells[0].source)[1]
        resources["output_extension"] = ".slides.html"
        return text.substitute(title=title, code=HtmlFormatter().get_style_defs(".highlight"),
                               slides="\n".join(stacks(page)), mathjax=MATHJAX), resources

    def more(self, place):
        """Write reveal.js."""
        package = importlib.util.find_spec("sphinx_revealjs")
        shipped = Path(package.origin).parent / "_static" / "revealjs"
        (place / "reveal").mkdir()
        for name in ("LICENSE", "dist/reset.css", "dist/reveal.css", "dist/reveal.js"):
            shutil.copy(shipped / name, place / "reveal")


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


def write(path, folder=BUILD):
    """Write the slides of a notebook; returns the page that begins them."""
    text, resources = LiveSlides(kept=str(Path(folder) / "executed")).from_filename(str(path))
    place = fresh(Path(folder) / "slides" / path.stem)
    for name, data in {"index.html": text.encode(), **resources["outputs"]}.items():
        (place / name).parent.mkdir(parents=True, exist_ok=True)
        (place / name).write_bytes(data)
    return place / "index.html"


if __name__ == "__main__":
    for one in chosen(sys.argv[1:] or ["00"]):
        print(f"Open {write(one)}: arrow keys turn the slides, F fills the screen.")
