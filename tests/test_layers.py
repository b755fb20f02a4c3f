"""Who may import whom: the rows of the design, read from the import statements themselves."""

import ast
import subprocess
import sys
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = {
    "knobs": 0, "look": 0, "widgets": 0,                                        # vocabulary
    "surfaces": 1, "views": 1, "steps": 1, "schedules": 1, "networks": 1,       # ideas
    "signature": 1,                                                             # signatures
    "descend": 2, "raster": 2,                                                   # walk; one drawing
    "stage": 3, "plots": 3, "check": 3,                                         # show
    "experiments": 4,                                           # measure
    "scenes": 5, "exercises": 5,                                # compose
    "export": 6,                                                # publish
}
SHARED = {("views", "Surface"), ("networks", "Surface")}   # the one noun that neighbours hand on
START = {"__main__", "environment"}     # they run before anything is installed
# slow to import: only inside the function that needs them
HEAVY = {"torch", "sklearn", "scipy", "mnist1d", "tqdm"}
HOME = {"torch": {"networks"}}          # and this one only there


def imports(tree):
    """Yield (statement, modules imported with the names taken from them, is it in a function)."""
    deferred = {id(node) for function in ast.walk(tree)
                if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef)
                for node in ast.walk(function)}
    for node in ast.walk(tree):
        if isinstance(node, ast.Import):
            yield node, [(alias.name, None) for alias in node.names], id(node) in deferred
        elif isinstance(node, ast.ImportFrom):
            names = [(node.module or "", alias.name) for alias in node.names]
            yield node, names, id(node) in deferred


def resolved(path, package, level, module):
    """Return the full name of a module that a file imports, relatively or not."""
    if not level:
        return module
    folder = [package.name, *path.relative_to(package).parts[:-1]]
    return ".".join([*folder[:len(folder) + 1 - level], *filter(None, [module])])


def violations(package):
    """Return a sentence for each import in a package that breaks the rows or comes too early."""
    found = []
    for path in sorted(package.rglob("*.py")):
        here = path.relative_to(package).parts[0].removesuffix(".py")
        for node, names, deferred in imports(ast.parse(path.read_text(encoding="utf-8"))):
            where = f"{path.relative_to(package)}:{node.lineno}"
            for module, name in names:
                module = resolved(path, package, getattr(node, "level", 0), module)
                problem = judge(package.name, here, module, name, deferred)
                found += [f"{where} {problem}"] if problem else []
    return found


def judge(package, here, module, name, deferred):
    """Say what is wrong when the part `here` imports `name` from `module`; None if it may."""
    top, _, rest = module.partition(".")
    if here in START:
        known = top in sys.stdlib_module_names or rest in START
        return None if known else f"needs {module}, which a bare Python does not have"
    if top != package:
        if top in HEAVY and not deferred:
            return f"imports {top} before anyone uses it"
        if here not in HOME.get(top, {here}):
            return f"imports {top}, which belongs to {' and '.join(HOME[top])}"
        return None
    there = rest.split(".")[0] or name
    if here == "__init__" and not deferred:
        return f"loads {there} with the package itself"
    if here not in ROWS or there not in ROWS:
        return f"no row is known for {here if here not in ROWS else there}"
    if there == here or ROWS[there] < ROWS[here] or (here, name) in SHARED:
        return None
    return f"{here} (row {ROWS[here]}) imports {there} (row {ROWS[there]})"


def test_a_module_imports_only_from_a_lower_row():
    assert violations(ROOT / "lessons") == []


@pytest.mark.parametrize(("file", "code", "problem"), [
    ("surfaces.py", "from lessons.descend import walk", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "from lessons import descend", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "import lessons.descend", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "from .descend import descend", "surfaces (row 1) imports descend (row 2)"),
    ("steps/adaptive.py", "from ..plots import knob_sweep", "steps (row 1) imports plots (row 3)"),
    ("steps/adaptive.py", "from lessons.surfaces import ravine", "steps (row 1) imports surfaces"),
    ("views.py", "from lessons.surfaces import ravine", "views (row 1) imports surfaces (row 1)"),
    ("views.py", "def f():\n    from lessons.steps import adam", "views (row 1) imports steps"),
    ("stage/stage.py", "from lessons.plots import contours", "stage (row 3) imports plots (row 3)"),
    ("networks.py", "import torch", "imports torch before anyone uses it"),
    ("descend.py", "def f():\n    import torch", "imports torch, which belongs to networks"),
    ("descend.py", "from scipy.optimize import minimize", "imports scipy before anyone uses it"),
    ("__init__.py", "from lessons.surfaces import ravine", "loads surfaces with the package"),
    ("__main__.py", "import numpy", "needs numpy, which a bare Python does not have"),
    ("utils.py", "from lessons.knobs import KNOBS", "no row is known for utils"),
])
def test_an_import_of_the_wrong_kind_is_caught(tmp_path, file, code, problem):
    path = tmp_path / "lessons" / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    [found] = violations(tmp_path / "lessons")
    assert problem in found


@pytest.mark.parametrize(("file", "code"), [
    ("views.py", "from lessons.surfaces import Surface"),
    ("networks.py", "def f():\n    import torch\n    from sklearn import datasets"),
    ("steps/__init__.py", "from lessons.steps.adaptive import adam"),
    ("steps/__init__.py", "from .adaptive import adam"),
    ("plots.py", "import matplotlib\nfrom lessons import descend, look"),
    ("scenes/race.py", "from ..stage.tracks import Track"),
])
def test_an_import_of_the_right_kind_is_not(tmp_path, file, code):
    path = tmp_path / "lessons" / file
    path.parent.mkdir(parents=True)
    path.write_text(code)
    assert violations(tmp_path / "lessons") == []


@pytest.mark.parametrize(("statement", "absent"), [
    ("import lessons.__main__", ["numpy"]),
    ("import lessons.surfaces, lessons.views, lessons.steps, lessons.schedules, lessons.networks, "
     "lessons.descend",
     ["torch", "matplotlib", "sklearn", "scipy"]),
    ("import lessons.networks, lessons.scenes, lessons.check", ["torch", "sklearn", "scipy"]),
])
def test_importing_the_package_stays_light(statement, absent):
    code = f"import sys; {statement}; print([m for m in {absent} if m in sys.modules])"
    done = subprocess.run([sys.executable, "-c", code], capture_output=True, text=True, check=True)
    assert done.stdout.strip() == "[]"
