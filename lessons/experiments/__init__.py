"""Measurements with a name: one function for each question, which a lesson calls and prints.

The general ones are here; those of one topic are in its module: from lessons.experiments.momentum
import steps_down. Each returns a pandas DataFrame, with its protocol in .attrs.
"""

from lessons.experiments.claims import Claim, Claims, judge, known
from lessons.experiments.common import (
    compare,
    learning_rate_curve,
    noise_floor,
    steps_to_converge,
    sweep,
    winners,
)

__all__ = [
    "Claim", "Claims", "compare", "judge", "known", "learning_rate_curve", "noise_floor",
    "steps_to_converge", "sweep", "winners",
]
