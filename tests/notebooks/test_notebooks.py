"""Notebooks follow the rules of the course, are saved in canonical form, and nbval notices changes.

That each cell still gives what is saved with it is tested by nbval itself, over notebooks/.
"""

import ast
import base64
import io
import os
import re
import subprocess
import sys
from xml.etree import ElementTree

import nbclient
import nbformat
import pytest
from PIL import Image, ImageChops
from support.notebooks import (
    METADATA,
    PERISHABLE,
    ROOT,
    canonical,
    difference,
    execute,
    texts,
    written,
)

PATHS = sorted((ROOT / "notebooks").glob("*.ipynb"))
ORDER = ["On a real network", "What to do tomorrow", "Your turn", "What we claimed",
         "Half a page to remember", "Next"]     # how a lesson ends, after its rounds
LESSONS = pytest.mark.parametrize("path", PATHS, ids=lambda path: path.stem)


def code_cells(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "code"]


def prose_cells(path):
    return [c for c in nbformat.read(path, as_version=4).cells if c.cell_type == "markdown"]


def imports_in(cell):
    nodes = ast.walk(ast.parse(cell.source))
    return [ast.unparse(node) for node in nodes if isinstance(node, ast.Import | ast.ImportFrom)]


@LESSONS
def test_code_cells_are_short_and_narrow(path):
    for cell in code_cells(path):
        lines = [line for line in cell.source.splitlines() if line.strip()]
        stub = "NotImplementedError" in cell.source or " = ..." in cell.source
        assert len(lines) <= (25 if imports_in(cell) else 12 if stub else 6), cell.source
        assert all(len(line) <= 80 for line in lines), cell.source


@LESSONS
def test_a_lesson_derives_asks_and_ends_as_all_do(path):
    text = "\n".join(cell.source for cell in prose_cells(path))
    headings = [line.split(":")[0] for line in re.findall(r"(?m)^## (.+)$", text)]
    assert [heading for heading in headings if heading in ORDER] == ORDER
    assert text.count("$$") // 2 >= 8, "every rule and every derivation is displayed"
    assert text.count("**Exercise ") >= 5 and text.count("> **Takeaway.**") >= 3
    assert sum("predict(" in cell.source for cell in code_cells(path)) >= 2


@LESSONS
def test_each_claim_of_a_lesson_links_to_a_heading_of_it(path):
    text = "\n".join(cell.source for cell in prose_cells(path))
    headings = {heading.replace(" ", "-") for heading in re.findall(r"(?m)^#+ (.+)$", text)}
    links = [link for cell in code_cells(path) for output in cell.outputs
             for link in re.findall(r'href="#([^"]+)"', str(output.get("data", "")))]
    assert len(links) >= 5 and set(links) <= headings


@LESSONS
def test_the_first_code_cell_holds_all_imports_and_nothing_is_installed(path):
    first, *others = code_cells(path)
    assert imports_in(first)
    for cell in others:     # ast also refuses magics: they are no Python
        assert set(imports_in(cell)) <= {"import torch"}, cell.source       # seconds: when needed
    assert not any(re.search(r"\bpip\b|\bconda\b|get_ipython", c.source) for c in [first, *others])


@LESSONS
def test_the_title_is_a_question_and_so_is_each_section_that_is_not_a_standard_one(path):
    cells = prose_cells(path)
    assert re.match(r"# [^\n]+\?(\n|$)", cells[0].source), "the first line is '# A question?'"
    for cell in cells[1:]:
        assert not cell.source.startswith("# "), "one title per lesson"
        heading = re.match(r"## ([^\n]+)", cell.source)
        if heading and heading[1].split(":")[0].strip() not in ORDER:
            assert heading[1].endswith("?"), cell.source


@LESSONS
def test_nothing_names_a_folder_of_the_machine_it_ran_on(path):
    notebook = nbformat.read(path, as_version=4)
    for cell in notebook.cells:
        outputs = [text for output in cell.get("outputs", []) for text in texts(output)]
        assert not [text for text in [cell.source, *outputs] if PERISHABLE.search(text)]


@LESSONS
def test_a_lesson_is_saved_in_canonical_form(path):
    saved = nbformat.read(path, as_version=4)
    advice = "run `python -m lessons notebooks`"
    assert path.read_bytes().decode() == written(canonical(saved)), advice
    assert saved.metadata == METADATA, advice


# The rest shows, on a small notebook, that a changed output does not go unnoticed.

DRAW = """
from IPython.display import Image, display
from PIL import Image as Pixels, ImageDraw
import io
def draw(text):
    picture = Pixels.new("RGB", (300, 200), "white")
    ImageDraw.Draw(picture).line([(10, 10), (200, 120), (290, 190)], "blue", 3)
    picture.save(buffer := io.BytesIO(), "PNG")
    display(Image(buffer.getvalue()))
    print(text)
    return text
""".strip()
CELLS = {
    "imports": DRAW,
    "prints": "print(f'the loss is {1 / 7:.3f}')",
    "result": "[1, 2.5]",
    "draws": "draw('loses its picture');",
    "draws again": "draw('gets another picture');",
    "draws a third": "draw('gets one of another size');",
    "prints more": "print('loses its output')",
    "never run": "1 + 1",
    "silent": "draw('a semicolon silences the value');",
    "fails": "answer = 42",
    "warns": "None",
    "shows a bar": "from lessons.widgets import bar\nfor t in bar(range(3), 'Adam'):\n    print(t)",
}


@pytest.fixture(scope="module")
def saved():
    """The small notebook, executed."""
    cells = [nbformat.v4.new_code_cell(code, id=f"c{i}") for i, code in enumerate(CELLS.values())]
    return execute(nbformat.v4.new_notebook(cells=cells), ROOT)


def altered(saved):
    """The same, with one thing changed in most cells, each of its own kind."""
    copy = nbformat.from_dict(saved)
    cell = dict(zip(CELLS, copy.cells))
    cell["prints"].outputs[0].text = "the loss is 0.144\n"
    cell["result"].outputs[0].data["text/plain"] = "[1, 2.4]"
    del cell["draws"].outputs[0].data["image/png"]
    change(cell["draws again"].outputs[0], lambda picture: ImageChops.offset(picture, 0, 4))
    change(cell["draws a third"].outputs[0], lambda picture: picture.crop((0, 0, 300, 199)))
    cell["prints more"].outputs = []
    cell["never run"].update(outputs=[], execution_count=None)
    cell["fails"].source = "answer = 1 / 0"
    cell["warns"].outputs = [nbformat.v4.new_output("stream", name="stderr", text="a warning")]
    return copy


def change(output, how):
    picture = how(Image.open(io.BytesIO(base64.b64decode(output.data["image/png"]))))
    picture.save(buffer := io.BytesIO(), "PNG")
    output.data["image/png"] = base64.b64encode(buffer.getvalue()).decode()


@pytest.fixture(scope="module")
def verdicts(saved, tmp_path_factory):
    """What nbval says of each cell: (notebook, name of the cell) -> the failure's text or None."""
    folder = tmp_path_factory.mktemp("small")
    for name, notebook in ("unaltered", saved), ("altered", altered(saved)):
        (folder / f"{name}.ipynb").write_text(written(notebook), encoding="utf-8")
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "conftest", "-p", "no:cacheprovider",
         f"--rootdir={folder}", f"--config-file={ROOT / 'pyproject.toml'}", "--junitxml=report.xml",
         "unaltered.ipynb", "altered.ipynb"],
        cwd=folder, env={**os.environ, "PYTHONPATH": str(ROOT / "tests")},
        capture_output=True, text=True, check=False)
    assert done.returncode == 1, done.stdout + done.stderr
    found = {}
    for case in ElementTree.parse(folder / "report.xml").iter("testcase"):
        notebook = "unaltered" if "unaltered" in case.get("classname") else "altered"
        problem = case.find("failure")
        cell = list(CELLS)[int(case.get("name").split()[-1])]
        found[notebook, cell] = problem if problem is None else problem.text
    return found


@pytest.mark.parametrize("cell", CELLS)
def test_nbval_accepts_the_unaltered_notebook(verdicts, cell):
    assert verdicts["unaltered", cell] is None


@pytest.mark.parametrize(("cell", "reason"), [
    ("prints", "the loss is 0.14"),
    ("result", "2.4"),
    ("draws", "0 pictures (image/png) are saved, 1 are drawn"),
    ("draws again", "a picture differs by"),
    ("draws a third", "300 x 199 pixels is saved, 300 x 200 are drawn"),
    ("prints more", "Unexpected output fields"),
    ("never run", "never run"),
    ("fails", "ZeroDivisionError"),
    ("warns", "warnings saved"),
])
def test_nbval_refuses_the_altered_cell(verdicts, cell, reason):
    assert reason in verdicts["altered", cell]


@pytest.mark.parametrize("cell", ["imports", "silent"])
def test_nbval_accepts_what_is_not_altered_beside_what_is(verdicts, cell):
    assert verdicts["altered", cell] is None


def test_a_progress_bar_leaves_nothing(saved):
    output, = saved.cells[list(CELLS).index("shows a bar")].outputs
    assert output.text == "0\n1\n2\n"


def test_a_page_that_is_saved_with_a_bar_has_no_place_of_a_widget_that_is_gone():
    code = "from lessons.widgets import bar\nfor t in bar(range(3), 'Adam'):\n    print(t)"
    book = nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)])
    nbclient.NotebookClient(book, kernel_name="python3").execute()
    shown, printed = book.cells[0].outputs
    assert shown.data == {"text/plain": ""} and printed.text == "0\n1\n2\n"


def test_executing_again_changes_no_byte(saved):
    assert written(execute(saved, ROOT)) == written(saved)


def test_the_difference_names_the_changed_line_and_picture(saved):
    lines = "\n".join(difference(altered(saved), saved))
    assert "-      \"the loss is 0.144\\n\"" in lines
    assert "cell 4: a picture differs by" in lines
    assert difference(saved, saved) == []


@pytest.mark.parametrize(("code", "reason"), [
    ("print(object())", "another machine would not"),
    ("import warnings; warnings.warn('careful')", "a warning"),
])
def test_a_cell_that_prints_an_address_or_a_warning_is_not_saved(code, reason):
    with pytest.raises(SystemExit, match=reason):
        execute(nbformat.v4.new_notebook(cells=[nbformat.v4.new_code_cell(code)]), ROOT)


def test_what_only_a_kernel_can_show_is_dropped_and_the_rest_is_kept():
    view = "application/vnd.jupyter.widget-view+json"
    data = {view: {"model_id": "1"}, "text/plain": "a stage"}
    sizes = {"image/png": {"width": 1}}
    output = nbformat.v4.new_output("display_data", data, metadata={**sizes, view: 1})
    cell = nbformat.v4.new_code_cell("stage", outputs=[output], metadata={"tags": ["a"], "time": 1})
    cell = canonical(nbformat.v4.new_notebook(cells=[cell], metadata={"widgets": {}})).cells[0]
    assert cell.metadata == {"tags": ["a"]}
    assert cell.outputs[0].data == {"text/plain": "a stage"}
    assert cell.outputs[0].metadata == sizes
