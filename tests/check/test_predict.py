"""Predictions are recorded before the answer is out; shows and verdicts say what they should."""

import json
from importlib import import_module

import ipywidgets
import numpy as np
import pytest
from IPython.core.interactiveshell import InteractiveShell

from lessons import steps
from lessons.check import predict, score, show, verdict

OPTIONS = ["the smallest", "the largest", "just below the limit"]
RIGHT, WRONG = OPTIONS[2], OPTIONS[0]


@pytest.fixture
def shown(monkeypatch):
    """What the cells display, in order."""
    found = []
    for place in ("lessons.check.predict", "lessons.check.display"):
        monkeypatch.setattr(import_module(place), "display", found.append)
    return found


def ask():
    return predict("Which lr gets furthest?", OPTIONS)


def state_of(widget):
    """All that the browser is sent of a widget and its parts, as text."""
    parts = widget.children if isinstance(widget, ipywidgets.Box) else ()
    return json.dumps(widget.get_state(), default=str) + "".join(map(state_of, parts))


def test_a_question_shows_its_options_as_buttons_and_as_text(shown):
    guess = ask()
    assert shown == [guess]
    assert isinstance(guess.buttons, ipywidgets.ToggleButtons)
    assert guess.buttons.options == tuple(OPTIONS)
    assert guess.value is guess.buttons.value is None
    assert not guess.right
    assert repr(guess).splitlines() == ["Which lr gets furthest?", *(f"  ( ) {o}" for o in OPTIONS)]


def test_the_page_without_a_kernel_has_texts_beside_the_widget(shown):
    guess = ask()
    guess.reveal(RIGHT, "The limit is 2 / L.")
    score(guess)
    for live in shown:
        bundle = live._repr_mimebundle_()
        assert "application/vnd.jupyter.widget-view+json" in bundle
        assert bundle["text/plain"] == repr(live)
        assert bundle["text/html"] and "0x" not in bundle["text/html"] + repr(live)
        assert live.widget.model_id not in bundle["text/html"] + repr(live)
    assert [repr(live) for live in shown[1:]] == [
        "Answer: just below the limit. The limit is 2 / L.",
        "Predictions still open: 1. Choose above.",
    ]


def test_the_texts_are_the_same_every_time(shown):
    for _ in range(2):
        guess = ask()
        guess.reveal(RIGHT, "So it is.")
        score(guess)
    first, second = ([(repr(live), live.page) for live in shown[i : i + 3]] for i in (0, 3))
    assert first == second


def test_before_a_choice_the_live_answer_gives_nothing_away(shown):
    guess = ask()
    guess.reveal(RIGHT, "The limit is 2 / L.")
    sent = state_of(shown[1].widget)
    assert "Choose an answer above first" in sent
    assert RIGHT not in sent
    assert "limit" not in sent


@pytest.mark.parametrize(
    "choice, say", [(RIGHT, "You predicted it: just below"), (WRONG, "You predicted: the smallest")]
)
@pytest.mark.parametrize("late", [False, True], ids=["before the answer", "after Run All"])
def test_a_choice_is_judged_whenever_it_comes(shown, choice, say, late):
    guess = ask()
    if not late:
        guess.value = choice
    guess.reveal(RIGHT, "The limit is 2 / L.")
    if late:
        guess.buttons.value = choice
    assert say in shown[1].widget.value
    assert "The limit is 2 / L." in shown[1].widget.value
    assert f"Your guess: {choice}" in guess.title.value
    assert guess.right == (choice == RIGHT)


def test_a_choice_is_free_until_the_answer_is_out_and_then_fixed(shown):
    guess = ask()
    guess.value = WRONG
    guess.value = OPTIONS[1]
    assert not guess.buttons.disabled
    guess.reveal(RIGHT)
    assert guess.buttons.disabled
    guess.buttons.value = RIGHT  # as from a browser that did not hear of it
    assert guess.value == guess.buttons.value == OPTIONS[1]
    assert not guess.right


def test_the_score_counts_and_follows_the_choices(shown):
    guesses = [ask(), ask(), ask()]
    for guess in guesses:
        guess.reveal(RIGHT)
    score(*guesses)
    said = shown[-1].widget
    assert "Predictions still open: 3." in said.value
    guesses[0].value = RIGHT
    assert "You predicted 1 of 1. Still open: 2." in said.value
    guesses[1].value, guesses[2].value = WRONG, RIGHT
    assert "You predicted 2 of 3." in said.value
    score(*guesses)
    assert repr(shown[-1]) == "You predicted 2 of 3."


def test_a_guess_counts_only_once_its_answer_is_out(shown):
    guess = ask()
    guess.value = RIGHT
    score(guess)
    assert "still open: 1" in shown[-1].widget.value
    guess.reveal(RIGHT)
    assert "You predicted 1 of 1." in shown[-2].widget.value


@pytest.mark.parametrize(
    "wrong, say",
    [
        (lambda: ask().reveal("the middle"), "'the middle' is none of the options: the smallest, "),
        (lambda: setattr(ask(), "value", 3), "3 is none of the options"),
        (lambda: predict("Which?", ["one"]), "predict needs two or more options"),
        (lambda: predict("Which?", "abc"), "predict needs two or more options"),
        (lambda: predict("Which?", [1, 2]), "different texts; got [1, 2]"),
        (lambda: predict("Which?", ["a", "a"]), "different texts"),
        (lambda: score(), "score takes what predict returned"),
        (lambda: score("a"), "score takes what predict returned"),
        (lambda: show(3), "show takes the function itself, without brackets"),
        (lambda: verdict("It helps.", np.array([True]), "1"), "got ndarray (for an array"),
        (lambda: verdict("It helps.", "yes", "1"), "holds must be True, False or None"),
        (lambda: verdict("It helps.", True, " "), "cites the number it rests on; none is given"),
        (lambda: verdict("It helps.", True, None), "cites the number it rests on; none is given"),
    ],
)
def test_what_makes_no_sense_gets_advice(shown, wrong, say):
    with pytest.raises((TypeError, ValueError)) as error:
        wrong()
    assert say in str(error.value)


def test_running_a_cell_again_closes_what_it_made_before(shown, run_cell):
    widgets = ipywidgets.widgets.widget._instances  # all that live
    counts = []
    for time in range(4):
        run_cell("question", f"q{time}")
        guess = ask()
        for again in range(3):
            run_cell("answer", f"a{time}{again}")
            guess.reveal(RIGHT)
            score(guess)
        counts.append(len(widgets))
        assert len(guess.followers) <= 4
    assert counts[1] == counts[2] == counts[3]
    guess.value = RIGHT
    assert "You predicted it" in shown[-2].widget.value


@pytest.mark.parametrize("first", [None, WRONG, RIGHT], ids=["open", "wrong", "right"])
@pytest.mark.parametrize("times", [1, 3])
def test_a_question_that_is_run_again_has_its_cards_follow_the_new_choice(
    shown, run_cell, first, times
):
    run_cell("question", "q0")
    guess = ask()
    run_cell("answer", "a0")
    guess.reveal(RIGHT, "The limit is 2 / L.")
    run_cell("score", "s0")
    score(guess)
    _, answer, total = shown
    if first:
        guess.value = first
    for time in range(times):
        run_cell("question", f"q{time + 1}")
        guess = ask()
        assert guess.value is None and not guess.buttons.disabled
        assert "Choose an answer above first" in answer.widget.value
        assert "Predictions still open: 1." in total.widget.value
    guess.value = RIGHT
    assert "You predicted it" in answer.widget.value
    assert "You predicted 1 of 1." in total.widget.value


def test_another_question_in_the_same_cell_begins_anew(shown, run_cell):
    run_cell("question", "q0")
    guess = ask()
    guess.reveal(RIGHT)
    run_cell("question", "q1")
    other = predict("Which lr gets furthest?", OPTIONS[::-1])
    other.value = OPTIONS[0]
    assert other is not guess and other.answer is None and not other.buttons.disabled


def test_show_gives_the_source_with_colours_where_there_is_a_page():
    source = show(steps.momentum)
    assert repr(source).startswith("def momentum(surface, theta, velocity=0.0, *, lr=")
    assert repr(source).endswith("return theta - lr * velocity, velocity")
    assert source._repr_markdown_().startswith(f"```python\n{source!r}\n```")
    assert repr(show(InteractiveShell)).startswith("class InteractiveShell")


@pytest.mark.parametrize(
    "holds, limit, line",
    [
        (True, None, "SUPPORTED  Memory helps.  (3 times faster)"),
        (np.bool_(True), "", "SUPPORTED  Memory helps.  (3 times faster)"),
        (True, "ravines", "SUPPORTED WITHIN LIMITS  Memory helps.  (3 times faster; ravines)"),
        (False, None, "NOT SUPPORTED HERE  Memory helps.  (3 times faster)"),
        (np.bool_(False), "here", "NOT SUPPORTED HERE  Memory helps.  (3 times faster; here)"),
        (None, None, "NOT TESTABLE HERE  Memory helps.  (3 times faster)"),
    ],
)
def test_a_verdict_is_one_line(shown, holds, limit, line):
    verdict("Memory helps.", holds, "3 times faster", limit)
    assert [repr(line) for line in shown] == [line]
    word, rest = line.split("  ", 1)
    assert f"<b>{word}</b>  {rest}" in shown[0]._repr_html_()
    assert any(mark in shown[0]._repr_html_() for mark in "✓±✗?")


def test_a_verdict_rounds_a_bare_number(shown):
    verdict("It is <1.", True, np.float64(0.123456))
    verdict("It is 7.", True, 7)
    assert [repr(line) for line in shown] == ["SUPPORTED  It is <1.  (0.1235)",
                                              "SUPPORTED  It is 7.  (7)"]
    assert "It is &lt;1." in shown[0]._repr_html_()
