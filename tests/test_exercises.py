"""The exercises of the notebooks, solved and missed as a learner would: in the cells themselves."""
import ast
import io
from contextlib import redirect_stdout
from pathlib import Path

import nbformat
import pytest

from lessons.check import answers, diagnose

FOLDER = Path(__file__).resolve().parent.parent / "notebooks"
# exercise -> (the line to fill in, right answers, {wrong answer: words of the reply})
EXERCISES = {
    "00.1": (
        "    raise NotImplementedError",
        [
            "    return theta - lr * surface.grad(theta)",
            "    g = surface.grad(theta)\n    move = -lr * g\n    return theta + move",
        ],
        {
            "    return theta + lr * surface.grad(theta)": "with the wrong sign",
            "    return theta - surface.grad(theta)": "times what it should be",
            "    g = surface.grad(theta)\n    theta -= lr * g\n    return theta": "in place",
            "    theta - lr * surface.grad(theta)": "return",
        },
    ),
    "00.2": ("my_lr = ...", ["my_lr = 0.001"],
              {"my_lr = 0.3": "out of the valley", "my_lr = 0.004": "a little lower",
               "my_lr = 0.0": "a little higher"}),
    "00.3": ("my_answer = ...", ['my_answer = "b"'], {}),
    "01.1": (
        "my_limit = ...",
        ["my_limit = 2 / np.linalg.eigvalsh(H).max()", "my_limit = 2 / np.linalg.norm(H, 2)"],
        {
            "my_limit = 2 / H.max()": "no axis",
            "my_limit = 2 / np.linalg.eigvalsh(H).min()": "flattest direction",
            "my_limit = 1 / np.linalg.eigvalsh(H).max()": "twice as far",
            "my_limit = 2 / np.trace(H)": "best learning rate",
        },
    ),
    "01.2": ("my_condition = ...", ["my_condition = 80"],
             {"my_condition = 50": "Both settle", "my_condition = 120": "Both explode"}),
    "01.3": ("my_factor = ...", ["my_factor = 1 / 8"], {}),
    "01.4": (
        "my_lr = ...",
        ["my_lr = lambda t, total: 1 / t", "def my_lr(t, total):\n    return 1.0 / t"],
        {
            "my_lr = lambda t, total: 1 / t**0.5": "too slowly",
            "my_lr = lambda t, total: 1 / (t + 1)": "t counts from 1",
            "my_lr = lambda t, total: 1 / total": "at every step",
            "my_lr = lambda t, total: 1 - (t - 1) / total": "straight line",
            "my_lr = 0.1": "a function of t",
        },
    ),
    "02.1": (
        "    raise NotImplementedError",
        [
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity",
            "    g = surface.grad(theta)\n    move = beta * velocity + g\n"
            "    return theta - lr * move, move",
            "    d = -velocity * beta - surface.grad(theta)\n    return theta + lr * d, -d",
        ],
        {
            "    velocity = beta * velocity + (1 - beta) * surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "makes an average of the sum",
            "    velocity = beta * velocity + lr * surface.grad(theta)\n"
            "    return theta - velocity, velocity": "lr inside the velocity",
            "    g = surface.grad(theta)\n"
            "    return theta - lr * velocity, beta * velocity + g": "old velocity",
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta + lr * velocity, velocity": "plus",
            "    velocity = velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "Where is beta",
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity": "return",
        },
    ),
    "02.2": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * (g + beta * velocity), velocity",
            "    g = surface.grad(theta)\n    ball = theta - lr * g\n"
            "    velocity = beta * velocity + g\n"
            "    return ball - lr * beta * velocity, velocity",
        ],
        {
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "the heavy ball",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * (g + velocity), velocity": "faded once more",
            "    g = surface.grad(theta - lr * beta * velocity)\n"
            "    velocity = beta * velocity + g\n"
            "    return theta - lr * velocity, velocity": "look-ahead point",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * beta * velocity, velocity": "today's slope",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + (1 - beta) * g\n"
            "    return theta - lr * (g + beta * velocity), velocity": "average",
        },
    ),
    "02.3": ("my_lr = ...", ["my_lr = 0.02 / (1 - 0.95)", "my_lr = 0.4"],
             {"my_lr = 1.0": "Which factor"}),
    "02.4": (
        "my_pair = ...",
        ["my_pair = 4 / (20 + 2) ** 2, ((10 - 1) / (10 + 1)) ** 2",
         "my_pair = np.array([0.008264, 0.6694])"],
        {"my_pair = 4 / 22**2, (99 / 101) ** 2": "1 of 2 are right",
         "my_pair = 2 / 404, 0.0": "gradient descent's best"},
    ),
    "02.5": ("my_condition = ...", ["my_condition = 5", "my_condition = 1.5"],
             {"my_condition = 100": "fewer slopes", "my_condition = 25": "not by three times"}),
    "03.1": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s",
            "    g = surface.grad(theta)\n    total = s + g * g\n"
            "    rate = lr / (total**0.5 + eps)\n    return theta - rate * g, total",
        ],
        {
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / np.sqrt(s + eps), s": "eps inside the root",
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / (s + eps), s": "root missing",
            "    g = surface.grad(theta)\n    s = s + np.abs(g)\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "squared",
            "    g = surface.grad(theta)\n    s = 0.9 * s + 0.1 * g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "running average",
            "    g = surface.grad(theta)\n    s = g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "last square only",
            "    g = surface.grad(theta)\n    s += g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "in place",
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta + lr * g / (np.sqrt(s) + eps), s": "sign",
        },
    ),
    "03.2": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v",
            "    g = surface.grad(theta)\n    v = v + (1 - beta2) * (g * g - v)\n"
            "    return theta - lr / (np.sqrt(v) + eps) * g, v",
        ],
        {
            "    g = surface.grad(theta)\n    v = v + g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "sum",
            "    g = surface.grad(theta)\n    v = beta2 * v + g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "full size",
            "    g = surface.grad(theta)\n    v = (1 - beta2) * v + beta2 * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "share of the new square",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / np.sqrt(v + eps), v": "eps inside the root",
            "    g = surface.grad(theta)\n    new = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), new": "old v",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v / (1 - beta2)) + eps), v": "full size",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (v + eps), v": "root missing",
        },
    ),
    "03.3": ("my_lr = ...", ["my_lr = 0.06", "my_lr = 2 * 0.03"],
             {"my_lr = 0.1": "How long is a move"}),
    "03.4": ("my_answer = ...", ['my_answer = "a"', 'my_answer = " A"'], {}),
    "03.5": ("my_ravine = ...", ["my_ravine = 45, 600", "my_ravine = (30, 400)"],
             {"my_ravine = 0, 600": "There RMSprop ends lower",
              "my_ravine = 45, 200": "There RMSprop ends lower"}),
}


def cells(lesson):
    path, = FOLDER.glob(f"{lesson}_*.ipynb")
    return [cell for cell in nbformat.read(path, 4).cells if cell.source.strip()]


def cell_of(exercise):
    """The code cell that follows the exercise's card."""
    lesson, number = exercise.split(".")
    everything = cells(lesson)
    card = next(i for i, cell in enumerate(everything)
                if cell.cell_type == "markdown" and f"**Exercise {number}. " in cell.source)
    return everything[card + 1].source


def reply(exercise, line=None):
    """Run the exercise's cell with `line` filled in: (what its check answers, what it prints)."""
    lesson, source, names = exercise[:2], cell_of(exercise), {}
    blank = EXERCISES[exercise][0]
    assert source.count(blank) == 1
    imports = next(cell.source for cell in cells(lesson) if cell.cell_type == "code")
    rivals = next((cell.source for cell in cells(lesson) if cell.source.startswith("rivals =")), "")
    exec("\n".join(row for row in imports.splitlines() if "import" in row), names)
    exec(rivals.split("talk =")[0], names)
    names["check"] = diagnose  # which returns what check displays
    body = ast.parse(source.replace(blank, blank if line is None else line))
    last = ast.Expression(body.body.pop().value)
    with redirect_stdout(io.StringIO()) as printed:
        exec(compile(body, exercise, "exec"), names)
        answer = eval(compile(last, exercise, "eval"), names)
    return answer, printed.getvalue()


def table(column):
    return [(name, line) for name, row in EXERCISES.items() for line in row[column]]


def test_every_exercise_of_every_notebook_is_tested_here():
    cards = {f"{path.name[:2]}.{cell.source.split('**Exercise ')[1][0]}"
             for path in FOLDER.glob("*.ipynb") for cell in nbformat.read(path, 4).cells
             if "**Exercise " in cell.source}
    assert cards == set(EXERCISES)
    assert set(answers) <= cards


@pytest.mark.parametrize("exercise", EXERCISES)
def test_an_open_exercise_says_so(exercise):
    answer, _ = reply(exercise)
    assert not answer.ok and answer.message.startswith("Not filled in yet")


@pytest.mark.parametrize("exercise, line", table(1))
def test_a_right_answer_passes(exercise, line):
    answer, _ = reply(exercise, line)
    assert answer.ok, answer.message


@pytest.mark.parametrize("exercise, line", table(2))
def test_a_wrong_answer_gets_its_reason(exercise, line):
    answer, _ = reply(exercise, line)
    assert not answer.ok and EXERCISES[exercise][2][line] in answer.message, answer.message


@pytest.mark.parametrize("exercise, value", [(name, value) for name, row in answers.items()
                                             for value in row.get("wrong", ())])
def test_a_listed_mistake_gets_its_own_words(exercise, value):
    mine = list(value) if isinstance(value, tuple) else value
    answer = diagnose(mine, **answers[exercise])
    assert not answer.ok and answers[exercise]["wrong"][value] in answer.message


def test_the_falling_learning_rate_beats_the_best_constant_as_the_card_says():
    _, printed = reply("01.4", "my_lr = lambda t, total: 1 / t")
    best, mine = (float(row.split(": ")[1].split(",")[0]) for row in printed.splitlines())
    assert mine < best
    assert f"to {mine:.4f} here" in "".join(cell.source for cell in cells("01"))
