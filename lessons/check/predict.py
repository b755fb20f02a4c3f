"""Predict before running: a question with buttons, then the answer, then the score."""

import html

import ipywidgets as widgets
from IPython.display import display

from lessons.check.display import card
from lessons.widgets import close_on_rerun, with_still

asked_before = {}  # (question, *options) -> the Guess whose cell is just being run again


class Live:
    """A widget with a text and an HTML page that stand in its place where no kernel answers."""

    def show_with(self, widget, text, page):
        self.widget, self.text, self.page = widget, text, page
        close_on_rerun(lambda: close(widget))
        display(self)

    def __repr__(self):
        return self.text

    def _repr_mimebundle_(self, **kwargs):
        still = {"text/plain": self.text, "text/html": self.page}
        return with_still(self.widget._repr_mimebundle_(), still)


class Guess(Live):
    """A reader's prediction. `value`: the option chosen, or None; fixed once the answer is out."""

    def __init__(self, question, options):
        self.question, self.options = question, options
        self.answer = None  # set by reveal
        self.followers = []  # (widget, function that brings it up to date)

    def ask(self):
        """Show the question with nothing chosen; cards of an earlier run follow the new choice."""
        self.final = None  # the choice that counts
        self.title = widgets.HTML()
        self.buttons = widgets.ToggleButtons(options=self.options, value=None)
        self.buttons.style.button_width = "auto"
        self.buttons.observe(lambda change: self.settle(), "value")
        self.settle()
        items = "".join(f"<li>{html.escape(option)}</li>" for option in self.options)
        self.show_with(
            widgets.VBox([self.title, self.buttons]),
            "\n".join([self.question, *(f"  ( ) {option}" for option in self.options)]),
            f"<p><b>{html.escape(self.question)}</b></p><ul>{items}</ul>",
        )

    @property
    def value(self):
        return self.buttons.value if self.final is None else self.final

    @value.setter
    def value(self, option):
        self.check_option(option)
        self.buttons.value = option

    def settle(self):
        """After any change: fix the choice if the answer is out, and show how things stand."""
        if self.answer is not None and self.final is None:
            self.final = self.buttons.value
        self.buttons.value = self.value
        self.buttons.disabled = self.final is not None
        said = f"<br>Your guess: {html.escape(self.value)}" if self.value else ""
        self.title.value = f"<b>{html.escape(self.question)}</b>{said}"
        self.followers = [(w, update) for w, update in self.followers if w.comm is not None]
        for _, update in self.followers:
            update()

    def check_option(self, option):
        if option not in self.options:
            raise ValueError(f"{option!r} is none of the options: {', '.join(self.options)}")

    def reveal(self, answer, because=""):
        """Show the answer and whether the guess was right; before a guess, ask for one."""
        self.check_option(answer)
        self.answer = answer
        self.settle()
        truth = f"{answer}. {because}".strip()

        def outcome():
            if self.final is None:
                return "open", "Choose an answer above first."
            if self.right:
                return "yes", f"You predicted it: {truth}"
            return "no", f"You predicted: {self.final}. It is: {truth}"

        follow([self], outcome, f"Answer: {truth}", answer)

    @property
    def right(self):
        return self.final is not None and self.final == self.answer


def predict(question, options):
    """Ask for a prediction and show its options as buttons; returns the Guess, to be revealed."""
    options = [options] if isinstance(options, str) else list(options)
    if not all(isinstance(option, str) for option in options) or len({*options}) < 2:
        raise ValueError(f"predict needs two or more options, different texts; got {options}")
    key = question, *options
    close_on_rerun(lambda: asked_before.update({key: guess}))
    guess = asked_before.pop(key, None) or Guess(question, options)
    guess.ask()
    return guess


def score(*guesses):
    """Show how many of the guesses were right, now and whenever another one is made."""
    if not guesses or not all(isinstance(guess, Guess) for guess in guesses):
        raise TypeError("score takes what predict returned: score(guess1, guess2)")

    def outcome():
        left = sum(guess.final is None for guess in guesses)
        right, taken = sum(guess.right for guess in guesses), len(guesses) - left
        if not taken:
            return "open", f"Predictions still open: {left}. Choose above."
        rest = f" Still open: {left}." if left else ""
        return "open" if left else "yes", f"You predicted {right} of {taken}.{rest}"

    follow(guesses, outcome, outcome()[1])


class Card(Live):
    """What is said about these guesses; answer: the one that it gives away, None for a score."""

    def __init__(self, guesses, answer):
        self.guesses, self.answer = guesses, answer


def follow(guesses, outcome, text, answer=None):
    """Show `outcome()`, (kind, text), as a card that heeds every choice; else `text`."""
    note = widgets.HTML()

    def update():
        note.value = card(*outcome())

    for guess in guesses:
        guess.followers.append((note, update))
    update()
    Card(guesses, answer).show_with(note, text, card("yes", text))


def close(widget):
    """Close a widget with its parts, layout and style, which are widgets too."""
    for part in widget.children if isinstance(widget, widgets.Box) else ():
        close(part)
    for part in (widget.layout, getattr(widget, "style", None), widget):
        if part is not None:
            part.close()
