"""The exercise tools: check an answer, show a solution, predict before running, judge a claim."""

from lessons.check.check import Diagnosis, check, diagnose
from lessons.check.display import show, verdict
from lessons.check.installation import ready
from lessons.check.predict import Guess, predict, score

__all__ = [
    "Diagnosis", "Guess", "check", "diagnose", "predict", "ready", "score", "show",
    "verdict",
]
