"""The exercise tools: check an answer, show a solution, predict before running, judge a claim."""

from lessons.check.answer import Diagnosis, check, diagnose
from lessons.check.answers import answers
from lessons.check.guess import Guess, predict, score
from lessons.check.page import show, verdict
from lessons.check.ready import ready

__all__ = [
    "Diagnosis", "Guess", "answers", "check", "diagnose", "predict", "ready", "score", "show",
    "verdict",
]
