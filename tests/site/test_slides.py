"""nbconvert with our exporters: a page, or slides, and a folder with all that they load."""

import re
import shutil

import nbformat
import pytest
from nbconvert.exporters import Exporter
from support.exports import nbconvert
from support.site import small_notebook

from lessons.site import execute, slides

FIGURE = ('<figure class="live" data-stage="00_small/1" data-script="live/00_small/1.js">'
          '<img src="live/00_small/1.png" alt="A walk."></figure>')
CELLS = ["# Why $x$?\n\nSee [the other](01_b.ipynb).", "scene()", 'predict("Which?", ["a"])',
         "## A round", "claims()"]


@pytest.fixture
def kept(tmp_path):
    """A folder with a notebook, and one with what it showed when it ran, as the site keeps it."""
    path = small_notebook(tmp_path / "00_small.ipynb", CELLS)
    ran = nbformat.read(path, as_version=4)
    ran.metadata.stamp = execute.fingerprint(path)
    for cell, shown in zip([ran.cells[k] for k in (1, 2, 4)],
                           [FIGURE, "<div class='predict'></div>", '<a href="#A-round">there</a>']):
        cell.outputs = [nbformat.v4.new_output("display_data", {"text/html": shown})]
    live = tmp_path / "kept" / "live" / "00_small"
    live.mkdir(parents=True)
    (live / "1.js").write_text("lessonsStage()")
    (live / "1.png").write_bytes(b"PNG")
    nbformat.write(ran, tmp_path / "kept" / path.name)
    return path


def loaded(text):
    """What a page loads: the addresses of its scripts, styles and pictures."""
    return re.findall(r'(?:src|data-script)="([^"]+)"|<link rel="stylesheet" href="([^"]+)"', text)


@pytest.mark.parametrize(("kind", "name"), [("Live", "00_small.html"),
                                            ("LiveSlides", "00_small.slides.html")])
def test_nbconvert_writes_a_page_and_all_that_it_loads(kept, tmp_path, kind, name):
    nbconvert(tmp_path / "out", "--to", f"lessons.site.slides.{kind}", f"--{kind}.kept",
              tmp_path / "kept", kept)
    text = (tmp_path / "out" / name).read_text(encoding="utf-8")
    assert "Which?" not in text and "scene" in text and "01_b" not in text
    files = [one or other for one, other in loaded(text)]
    assert {"live/00_small/1.js", "live/00_small/1.png", "live/live.js"} < set(files)
    assert all((tmp_path / "out" / file).stat().st_size for file in files)
    if kind == "Live":
        assert '<a href="#A-round">' in text and 'id="A-round"' in text
    else:
        assert text.count("<section>") == 2 + 5


def test_the_exporters_are_named_for_nbconvert_and_say_so_without_what_they_need(kept, monkeypatch):
    project = (slides.HERE.parent.parent / "pyproject.toml").read_text(encoding="utf-8")
    for name, kind in {"live": slides.Live, "live_slides": slides.LiveSlides}.items():
        assert f'{name} = "lessons.site.slides:{kind.__name__}"' in project
        assert issubclass(kind, Exporter) and not kind.export_from_notebook
    monkeypatch.setattr(slides.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SystemExit, match="python -m lessons setup"):
        slides.Live().from_filename(str(kept))


def test_slides_of_a_lesson_lie_in_a_folder_of_their_own(kept, tmp_path):
    shutil.copytree(tmp_path / "kept", tmp_path / "build" / "executed")
    index = slides.write(kept, tmp_path / "build")
    assert index == tmp_path / "build" / "slides" / "00_small" / "index.html"
    assert (index.parent / "live" / "reveal" / "reveal.js").exists()
