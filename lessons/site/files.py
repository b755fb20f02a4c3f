"""What the site and single pages share: which notebooks, and the files beside a page."""
import importlib.util
import re
import shutil
from pathlib import Path

HERE = Path(__file__).resolve().parent
ROOT = HERE.parent.parent
BUILD = ROOT / "build" / "site"


def chosen(names):
    """The notebooks with one of these texts in their name; all where none is given."""
    paths = [path for path in sorted((ROOT / "notebooks").glob("*.ipynb"))
             if not names or any(name in path.name for name in names)]
    if not paths:
        raise SystemExit(f"No notebook has {' or '.join(names)} in its name.")
    return paths


def fresh(folder):
    """An empty folder of this name."""
    shutil.rmtree(folder, ignore_errors=True)
    folder.mkdir(parents=True)
    return folder


def copy(what, where):
    """Copy a file into a folder, or a folder to a name."""
    if what.is_dir():
        shutil.copytree(what, where, ignore=shutil.ignore_patterns("*.json", "*.html", "*.stamp"))
    elif what.exists():
        where.mkdir(exist_ok=True)
        shutil.copy(what, where)


def write_static(static):
    """Write the scripts and styles that every page loads, and MathJax with its licence."""
    from lessons.stage import Stage  # JupyterLab loads all exporters, and waits for imports

    script = re.sub(r"(?m)^export (default \{ render \};)?", "", Stage._esm)
    live = (HERE / "live.js").read_text(encoding="utf-8")
    (static / "live.js").write_text(f"(() => {{\n{script}\n{live}}})();\n", encoding="utf-8")
    (static / "live.css").write_text(Stage._css + (HERE / "live.css").read_text(encoding="utf-8"),
                                     encoding="utf-8")
    shipped = Path(importlib.util.find_spec("sphinx-mathjax-offline").origin).parent
    (static / "mathjax").mkdir()
    shutil.copy(shipped / "static" / "mathjax" / "tex-svg.js", static / "mathjax")
    shutil.copy(HERE / "MATHJAX-LICENSE.txt", static / "mathjax" / "LICENSE.txt")
