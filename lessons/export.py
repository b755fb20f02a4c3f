"""What happens to a notebook on its way to a web page or to slides.

lessons/environment.py names the class below in the settings that every Jupyter command of `.venv`
reads, so that a plain `jupyter nbconvert --to html` and JupyterLab's menu heed it. Elsewhere say
`jupyter nbconvert --HTMLExporter.preprocessors=lessons.export.Stills --to html`.
"""

import html

from nbconvert.exporters import SlidesExporter
from nbconvert.preprocessors import Preprocessor

from lessons.widgets import VIEW

STILLS = {"image/png", "text/html"}
# reveal.js comes from the network and says when it is ready. Without it each slide fills the
# window, and Space and Page Down go to the next.
STYLE = """<style>
:root { --jp-code-font-size: 15px; }
.reveal section section { max-height: 100vh; overflow-y: auto; box-sizing: border-box; }
.reveal section section img { max-height: 70vh; width: auto; }
.reveal.ready section section { max-height: 700px; }
.reveal.ready section section img { max-height: 490px; }
.reveal:not(.ready) section section { height: 100vh; padding: 2vh 4vw; scroll-snap-align: start; }
:root:has(.reveal:not(.ready)) { scroll-snap-type: y mandatory; }
</style>"""


class Stills(Preprocessor):
    """Show the still of every live picture with its description, and a cell a slide.

    Left alone, nbconvert prefers a widget to its still wherever the notebook holds the widget's
    state, as after `--execute`; and such a page can draw widgets only with scripts from the
    network. Its default template drops the description of a PNG. So a widget that has a still goes
    without its view here, and a PNG that has a description becomes an <img> with that text.
    """

    def preprocess(self, nb, resources):
        """Change nbconvert's copy of a notebook; returns both arguments."""
        shown = [output for cell in nb.cells for output in cell.get("outputs", [])
                 if "data" in output]
        for output in shown:
            if STILLS & output.data.keys():
                output.data.pop(VIEW, None)
            about = output.metadata.get("image/png", {})
            if "image/png" in output.data and about.get("alt"):
                output.data["text/html"] = image(output.data["image/png"], **about)
        if not any(VIEW in output.data for output in shown):
            nb.metadata.pop("widgets", None)
        if isinstance(self.parent, SlidesExporter):
            cut_into_slides(nb.cells)
        return nb, resources


def image(png, alt, width=None, **_):
    """An <img> of a PNG in base 64, described by `alt`, no wider than the page."""
    size = f'width="{width}"' if width else ""
    return (f'<img src="data:image/png;base64,{"".join(png.split())}" alt="{html.escape(alt)}" '
            f'{size} style="max-width: 100%; height: auto">')


def cut_into_slides(cells):
    """Begin a slide at each heading and one below it at every other cell, unless a cell says."""
    for cell in cells:
        heading = cell.cell_type == "markdown" and cell.source.startswith("#")
        cell.metadata.setdefault("slideshow", {"slide_type": "slide" if heading else "subslide"})
    prose = [cell for cell in cells if cell.cell_type == "markdown"]
    for cell in prose[:1]:
        cell.source += "\n\n" + STYLE
