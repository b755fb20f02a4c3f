"""Who may import whom: the rows of the design, read from the import statements themselves."""

import ast
import subprocess
import sys
from graphlib import CycleError, TopologicalSorter
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parent.parent
ROWS = {
    "knobs": 0, "look": 0, "widgets": 0,                                        # vocabulary
    "surfaces": 1, "views": 1, "steps": 1, "schedules": 1, "networks": 1,       # ideas
    "signature": 1,                                                             # declared by steps
    "descend": 2, "raster": 2,                                                  # walk; one drawing
    "stage": 3, "plots": 3, "check": 3,                                         # show
    "experiments": 4,                                                           # measure
    "scenes": 5, "exercises": 5,                                                # compose
    "export": 6, "site": 7,                                                     # publish
    "instructor": 6,                                                            # grade, lecture
}
# in these a topic imports no other topic, but what topics share
BY_TOPIC = {"experiments": {"common", "protocol", "claims"}, "scenes": {"common"}}
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
                problem = judge(package.name, here, module, name, deferred) or between_topics(
                    path.relative_to(package).with_suffix("").parts, module, name)
                found += [f"{where} {problem}"] if problem else []
    return found


def between_topics(parts, module, name):
    """Say what is wrong when a file of one topic, such as scenes/adam/x.py, imports another topic.

    A topic is a folder of scenes or of experiments, or a module right in there; quasi_newton_digits
    belongs to quasi_newton. The __init__ that hands all of them on has no topic.
    """
    room, *topic = parts
    target = [*module.split("."), name][1:3]
    if room not in BY_TOPIC or not topic or topic[0] == "__init__" or target[0] != room:
        return None
    mine = target[1:] and topic[0].startswith(f"{target[1]}_")
    if target[1:] and not mine and target[1] not in {topic[0], None} | BY_TOPIC[room]:
        return f"{room}/{topic[0]} imports {room}/{target[1]}, another topic"
    return None


def circle(package):
    """Return modules that import each other in a circle, deferred imports as well, or []."""
    files = {}
    for path in package.rglob("*.py"):
        parts = [package.name, *path.relative_to(package).with_suffix("").parts]
        files[".".join(parts[:-1] if parts[-1] == "__init__" else parts)] = path
    needs = {module: set() for module in files}
    for module, path in files.items():
        for node, names, _ in imports(ast.parse(path.read_text(encoding="utf-8"))):
            for source, name in names:
                source = resolved(path, package, getattr(node, "level", 0), source)
                full = f"{source}.{name}"
                needs[module] |= {full if full in files else source} & files.keys() - {module}
    try:
        TopologicalSorter(needs).prepare()
    except CycleError as error:
        return error.args[1]
    return []


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


def test_a_module_imports_only_from_a_lower_row_and_from_its_own_topic():
    assert violations(ROOT / "lessons") == []


def test_no_modules_import_each_other_in_a_circle():
    assert circle(ROOT / "lessons") == []


@pytest.mark.parametrize(("files", "found"), [
    ({"a.py": "from lessons import b", "b.py": "from lessons.a import x"}, {"a", "b"}),
    ({"a.py": "import lessons.b.c", "b/__init__.py": "from lessons.b.c import y",
      "b/c.py": "def f():\n    from ..a import x"}, {"a", "b.c"}),
    ({"a.py": "from .b import x", "b.py": "from .c import x", "c.py": "from . import a"},
     {"a", "b", "c"}),
    ({"a.py": "from lessons import b", "b.py": "import a", "c.py": "from lessons import a"}, set()),
    ({"b/__init__.py": "from lessons.b.c import y", "b/c.py": "import numpy"}, set()),
])
def test_a_circle_is_found(tmp_path, files, found):
    for name, code in files.items():
        path = tmp_path / "lessons" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(code)
    assert set(circle(tmp_path / "lessons")) == {f"lessons.{name}" for name in found}


@pytest.mark.parametrize(("file", "code", "problem"), [
    ("surfaces.py", "from lessons.descend import walk", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "from lessons import descend", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "import lessons.descend", "surfaces (row 1) imports descend (row 2)"),
    ("surfaces.py", "from .descend import descend", "surfaces (row 1) imports descend (row 2)"),
    ("steps/adaptive.py", "from ..plots import lines", "steps (row 1) imports plots (row 3)"),
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
    ("plots/curves.py", "from lessons.experiments import sweep",
     "plots (row 3) imports experiments (row 4)"),
    ("experiments/adam.py", "from lessons.scenes.race import race",
     "experiments (row 4) imports scenes (row 5)"),
    ("exercises/adam.py", "from lessons.scenes import race", "exercises (row 5) imports scenes"),
    ("scenes/adam/x.py", "from lessons.scenes.momentum.heavy_ball import roll",
     "scenes/adam imports scenes/momentum, another topic"),
    ("scenes/adam/x.py", "from ..momentum import heavy_ball", "imports scenes/momentum"),
    ("scenes/adam/x.py", "from lessons.scenes import race", "imports scenes/race, another topic"),
    ("scenes/race.py", "def f():\n    from .adam.x import y", "scenes/race imports scenes/adam"),
    ("experiments/momentum.py", "from lessons.experiments.adam import sweep",
     "experiments/momentum imports experiments/adam, another topic"),
    ("experiments/momentum.py", "from . import adam", "imports experiments/adam, another topic"),
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
    ("scenes/race.py", "from lessons.scenes.common.runs import walk\nfrom .common import runs"),
    ("scenes/adam/x.py", "from lessons.scenes.adam.y import z\nfrom . import y\nfrom .y import z"),
    ("scenes/adam/x.py", "from lessons.experiments.momentum import sweep"),
    ("scenes/__init__.py", "from lessons.scenes.race import race\nfrom .adam.x import y"),
    ("experiments/adam.py", "from lessons.experiments.common import sweep\nfrom . import common"),
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
