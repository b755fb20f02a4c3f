"""Sphinx's settings for `python -m lessons site`, which lays the pages into build/site/source."""
import os
from pathlib import Path

SITE = Path(os.environ["LESSONS_SITE"])

project, author, language = "Optimizers, alive", "The lessons authors", "en"
copyright = "the lessons authors; text and pictures CC BY 4.0, code MIT"
extensions = ["myst_nb", "sphinx.ext.mathjax", "sphinx.ext.autodoc", "sphinx_codeautolink"]
codeautolink_concat_default = True          # the first cell of a lesson imports for all
nb_execution_mode = "off"           # lessons.site.execute has run them, and caught their pictures
nb_merge_streams = True
myst_enable_extensions = ["dollarmath", "amsmath"]
myst_heading_anchors = 3
suppress_warnings = ["myst.header"]         # exercises begin below a heading that they skip
mathjax_path = "mathjax/tex-svg.js"         # draws letters itself: no fonts to load
mathjax3_config = {"options": {"enableMenu": False}}
html_theme = "sphinx_book_theme"
html_title, html_favicon = project, "favicon.svg"
html_static_path = [str(SITE / "static")]
html_extra_path = [str(SITE / "extra")]
html_css_files, html_js_files = ["live.css"], ["live.js"]
html_show_search_summary = False            # a page in a folder may not read another one
html_copy_source = False
html_show_sphinx = False
html_theme_options = {"use_download_button": False, "use_fullscreen_button": False,
                      "show_toc_level": 2, "home_page_in_toc": False, "navbar_persistent": []}
html_context = {"default_mode": "auto"}


def setup(app):
    """Show docstrings as they are written: they are plain text, and their lines mean something."""
    def as_written(app, what, name, thing, options, lines):
        if any(lines):
            lines[:] = [".. code-block:: none", "", *(f"   {line}" for line in lines), ""]

    app.connect("autodoc-process-docstring", as_written)
