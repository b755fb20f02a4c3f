"""The suspects of the learning-rate lesson do what its solution says, as a measurement shows it."""

import numpy as np
import pytest

from lessons.exercises import answers
from lessons.exercises.suspects import suspects
from lessons.surfaces import ravine

WORDS = dict(zip(suspects, answers["learning_rate.5"]["expected"]))
STARTS = [ravine().start, (1.2, -0.5), (-0.7, 1.0)]


def measured(run):
    """The length of each move, divided by lr times that of the gradient."""
    moves, g = np.diff(run.theta, axis=0), ravine(20).grad(run.theta[:-1])
    return np.hypot(*moves.T) / (0.102 * np.hypot(*g.T))


@pytest.mark.parametrize("name", suspects)
@pytest.mark.parametrize("start", STARTS)
def test_a_measurement_tells_what_each_does(name, start):
    run, word = suspects[name](np.array(start)), WORDS[name]
    ratio, moved = measured(run), not np.array_equal(run.theta[0], start)
    assert moved == (word == "moves the start")
    assert (ratio[0] < 0.99) == (word == "clips")
    if word == "remembers":
        assert ratio[0] == pytest.approx(1) and np.abs(ratio[1:] - 1).max() > 0.2
    if word in ("honest", "moves the start"):
        assert ratio == pytest.approx(1)


def test_the_numbers_of_the_solution():
    runs = {WORDS[name]: suspect(np.array(STARTS[0])) for name, suspect in suspects.items()}
    assert measured(runs["clips"])[0] == pytest.approx(0.31, abs=0.005)
    assert measured(runs["remembers"])[:2] == pytest.approx([1, 0.69], abs=0.005)
    assert runs["moves the start"].theta[0] == pytest.approx([-1.78, 0.29], abs=0.005)
    last = {word: run.loss[-1] for word, run in runs.items()}
    assert max(last, key=last.get) == "honest" and min(last, key=last.get) == "remembers"
