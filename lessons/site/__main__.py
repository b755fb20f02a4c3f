"""Build the site: run the lessons, write the pages' sources, have Sphinx make HTML of them.

    python -m lessons site                  all lessons, into build/site/html
    python -m lessons site 03               those with 03 in their name
    python -m lessons site --repository https://github.com/OWNER/NAME    with links to Colab, Binder
"""
import argparse
import os
import subprocess
import sys
import time
from concurrent.futures import ProcessPoolExecutor
from pathlib import Path

import nbformat

from lessons.site import checks, execute, guide, pages
from lessons.site.files import BUILD, ROOT, chosen, copy, fresh, write_static

JOBS = 2        # processes that run notebooks and record pictures
BATCHES = 4     # of pages for Sphinx; with 2 nearly all lessons lie in one of them


def build(paths, folder=BUILD, address="", with_guide=False):
    """Build the site of these notebooks below `folder`; returns where its pages lie.

    address: see pages.badges. with_guide: whether the field guide and the reference are part of it.
    """
    folder = Path(folder)
    source, extra, static = (fresh(folder / name) for name in ("source", "extra", "static"))
    found, others, live = {}, ["claims"], folder / "executed" / "live"
    pool = ProcessPoolExecutor(JOBS)
    try:
        running = execute.run_all(pool, paths, folder / "executed")
        recording = guide.record_all(pool, live) if with_guide else []
        for path, notebook in running:
            print(f"  {path.name} ran", flush=True)
            found[path] = notebook
            page = pages.lesson_page(path, notebook, {path.stem for path in paths}, address)
            nbformat.write(page, source / path.name)
            copy(path, extra / "notebooks")
            copy(live / path.stem, extra / "live" / path.stem)
        list(recording)
    finally:
        pool.shutdown(cancel_futures=True)      # after a fault nothing waits for the others
    claims = (ROOT / "docs" / "claims.md").read_text(encoding="utf-8")
    (source / "claims.md").write_text(pages.claims_page(claims, {path.stem for path in found}),
                                      encoding="utf-8")
    if with_guide:
        others += guide_pages(source, live, extra / "live", found)
    (source / "index.md").write_text(pages.index_page(found, others), encoding="utf-8")
    write_static(static)
    html = fresh(folder / "html")
    sphinx(source, folder)
    tidy(html)
    if found := checks.problems(html):
        raise SystemExit("\n".join(["The site has faults:", *found]))
    return html


def guide_pages(source, live, extra, notebooks):
    """Write the field guide and the reference; returns their names."""
    copy(live / "guide", extra / "guide")
    texts = {path.stem: "\n".join(cell.source for cell in notebook.cells)
             for path, notebook in notebooks.items()}
    for page, text in pages.reference_pages().items():
        (source / f"{page}.md").write_text(text, encoding="utf-8")
    return [guide.write(source, live, texts), "reference"]


def sphinx(source, folder):
    """Have Sphinx make HTML of the sources; a warning is an error."""
    command = [sys.executable, "-m", "sphinx", "-q", "-W", "--keep-going", "-j",
               str(BATCHES), "-c", str(ROOT / "docs"), "-d", str(folder / "doctrees"), str(source),
               str(folder / "html")]
    done = subprocess.run(command, env={**os.environ, "LESSONS_SITE": str(folder.resolve()),
                                        "PYTHONPATH": os.pathsep.join(map(str, sys.path))})
    if done.returncode:
        raise SystemExit("Sphinx found something to mend in the pages: its lines are above.")


def tidy(html):
    """Take away what the theme brings and no page needs."""
    for pattern in ("*.map", "*webpack-macros.html"):
        for path in (html / "_static").rglob(pattern):
            path.unlink()
    # 1.5 MB; the icons that pages show come from a font
    (html / "_static" / "scripts" / "fontawesome.js").write_text("// left out\n")


def main(arguments):
    parser = argparse.ArgumentParser(prog="python -m lessons site", description=__doc__,
                                     formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("names", nargs="*", help="parts of the names of lessons; none: all")
    parser.add_argument("--repository", default="", metavar="ADDRESS")
    options = parser.parse_args(arguments)
    paths = chosen(options.names)
    began = time.monotonic()
    html = build(paths, address=options.repository, with_guide=not options.names)
    print(f"{len(paths)} lessons, {checks.size(html) / 1e6:.1f} MB, after "
          f"{time.monotonic() - began:.0f} s: open {html / 'index.html'}")


if __name__ == "__main__":
    main(sys.argv[1:])
