"""Pages of the site: what is written for Sphinx, and the words of a build that can't go on."""

from pathlib import Path

import nbformat
import pytest
from support.site import small_notebook

from lessons.site import checks, execute, pages

FILES = {
    "index.html": '<a href="a.html#here">a</a> <a href="https://b.org/x">b</a> <img src="p.png" '
                  'alt="A line."><script src="s.js?v=1"></script>',
    "a.html": '<h2 id="here">Here</h2> <a href="#here">up</a> <a href="index.html">home</a>',
    "p.png": "", "s.js": "",
}


def made(folder, **changed):
    """A folder of pages without fault, but for the files that are given; "" is no file."""
    for name, text in {**FILES, **{key.replace("_", "."): t for key, t in changed.items()}}.items():
        if text is not None:
            (folder / name).write_text(text)
    return folder


def test_a_site_without_fault_has_no_problems(tmp_path):
    assert checks.problems(made(tmp_path)) == []


@pytest.mark.parametrize(("changed", "words"), [
    (dict(p_png=None), "index.html links to p.png, which does not exist"),
    (dict(a_html="<p>"), "index.html links to a.html#here, and that page has no such heading"),
    (dict(a_html='<i id="here"></i><img src="p.png">'), "a.html shows p.png, which has no desc"),
    (dict(s_js="x" * 6_000_001), "index.html and what it loads are 6.0 MB; 6 are allowed"),
    (dict(big_bin="x" * 60_000_001), "The site is 60 MB; 60 are allowed"),
])
def test_each_fault_is_a_sentence(tmp_path, changed, words):
    found = checks.problems(made(tmp_path, **changed))
    assert [line for line in found if line.startswith(words)] and len(found) == 1


@pytest.mark.parametrize(("code", "left"), [
    ('guess = predict("Which?", ["a", "b"])', ""),
    ('guess.reveal("a",\n             "Because.")\nshow(adam)', "show(adam)"),
    ("score(guess, other)", ""),
    ("# predict first\nrun = predict_all(x)\nscores(run)",
     "# predict first\nrun = predict_all(x)\nscores(run)"),
])
def test_code_on_a_page_gives_no_answer_away(code, left):
    assert pages.without_predictions(code) == left


def test_links_to_lessons_without_a_page_are_words():
    text = "[one](01_a.ipynb), [two](../notebooks/02_b.ipynb), [x](https://x.org/01_a.ipynb)"
    assert pages.linked(text, {"01_a"}) == "[one](01_a), two, [x](https://x.org/01_a.ipynb)"


def test_claims_link_to_the_part_of_the_lesson_that_shows_them():
    text = ("# Claims\n\n## [03](../notebooks/03_b.ipynb): B?\n\n| claim | verdict | measured |"
            " shown in |\n|---|---|---|---|\n"
            "| A wins. | Tie | A 27, 29, inf; at lr 1 | [Why, B?]"
            "(<../notebooks/03_b.ipynb#Why,-B?>) |\n"
            "| C. | Supported | C 2, D 3 | [Gone](<../notebooks/04_c.ipynb#Gone>) |\n")
    page = pages.claims_page(text, {"03_b"})
    assert '<a href="03_b.html#why-b">Why, B?</a> |' in page
    assert "| C 2, D 3 | Gone |" in page
    assert page.index("claims-filter") < page.index("## [03](03_b)")


def test_badges_lead_to_a_public_clone_only_where_one_is_named():
    assert "colab" not in pages.badges("00_a", "") and "download" in pages.badges("00_a", "")
    found = pages.badges("00_a", "https://github.com/me/course.git")
    assert "colab.research.google.com/github/me/course/blob/main/notebooks/00_a.ipynb" in found
    assert "mybinder.org/v2/gh/me/course/main?urlpath=lab/tree/notebooks/00_a.ipynb" in found
    with pytest.raises(SystemExit, match="https://github.com/OWNER/NAME, not 'me/course'"):
        pages.badges("00_a", "me/course")


def test_a_lesson_begins_with_its_minutes_and_leads_to_its_claims_and_its_run_sheet(tmp_path):
    sheet = "<details><summary><b>For lecturers: a run sheet</b></summary>\n\n| a |\n|---|\n"
    cells = [nbformat.v4.new_markdown_cell(text) for text in (
        "# A?\n\n**About 95 minutes**: go.", "## What we claimed\n\nThis.", "## Next\n\n" + sheet)]
    page = pages.lesson_page(tmp_path / "00_a.ipynb", nbformat.v4.new_notebook(cells=cells), set())
    title, above, rest, _, end = (cell.source for cell in page.cells)
    assert title == "# A?" and rest.startswith("**About") and "download" in above
    assert above.endswith('<p class="signposts">95 minutes · <a href="#what-we-claimed">What it '
                          'claims</a> · <a href="#for-lecturers">Run sheet for lecturers</a></p>')
    assert '</summary><span id="for-lecturers"></span>\n' in end
    bare = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# B?")])
    assert "#" not in pages.lesson_page(tmp_path / "b.ipynb", bare, set()).cells[1].source


def test_the_reference_has_every_step_and_scene_and_measurement_once():
    texts = pages.reference_pages()
    for name, public in {"steps": "adam", "scenes": "race", "experiments": "judge",
                         "schedules": "cosine"}.items():
        assert f".. autofunction:: lessons.{name}.{public}\n" in texts[f"reference_{name}"]
        assert f"reference_{name}\n" in texts["reference"]
    deep = ".. autofunction:: lessons.experiments.warmup_transformer.controls\n"
    assert deep in texts["reference_experiments"]
    assert "views.noisy" in texts["reference_views"] and "replace" not in texts["reference_views"]
    lines = "\n".join(texts.values()).splitlines()
    listed = [line for line in lines if line.startswith(".. auto")]
    assert len(listed) == len(set(listed)) > 200


def test_a_picture_without_a_description_ends_the_build(tmp_path):
    output = nbformat.v4.new_output("display_data", {"image/png": "iVBO"})
    cell = nbformat.v4.new_code_cell("draw()", outputs=[output])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A?"), cell])
    with pytest.raises(SystemExit, match=r"(?s)a.ipynb: .* no description .*draw\(\)"):
        pages.lesson_page(tmp_path / "a.ipynb", notebook, set())


def test_a_table_brings_no_style_of_its_own():
    told = {"text/html": "<div>\n<style scoped>\n  td {}\n</style>\n<table></table></div>"}
    cell = nbformat.v4.new_code_cell("rows", outputs=[nbformat.v4.new_output("display_data", told)])
    notebook = nbformat.v4.new_notebook(cells=[nbformat.v4.new_markdown_cell("# A?"), cell])
    page = pages.lesson_page(Path("a.ipynb"), notebook, set())
    assert page.cells[-1].outputs[0].data["text/html"] == "<div>\n\n<table></table></div>"


def test_a_cell_that_fails_is_told_with_what_to_do(tmp_path):
    path = small_notebook(tmp_path / "00_bad.ipynb", ["# Bad", "x = 1", "x / 0  # here"])
    with pytest.raises(SystemExit) as told:
        execute.run(path, tmp_path / "kept")
    words = str(told.value)
    assert "00_bad.ipynb did not run" in words and "    x / 0  # here" in words
    assert "ZeroDivisionError: division by zero" in words and "python -m lessons lab" in words
