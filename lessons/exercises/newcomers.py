"""What the exercises about the newcomers and the league expect."""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import TASKS
from lessons.experiments.newcomers.tables import SMALL, league
from lessons.steps import schedule_free, sophia
from lessons.surfaces import ravine

BACK = "it goes far away and comes back"
KEPT = "not worse, with one number per weight"


def far_and_back(pair, condition=20.0, steps=200):
    """What becomes of Schedule-Free in the scene's ravine, without noise and warm-up, in words."""
    if pair is ...:
        return pair
    try:
        lr, beta = map(float, pair)
    except (TypeError, ValueError):
        return "no pair"
    if not (0 < lr < np.inf and 0 <= beta < 1):
        return "no pair"
    run = descend(ravine(condition, 30), partial(schedule_free, beta=beta), steps=steps,
                  lr=lr / condition)
    with np.errstate(all="ignore"):
        if not np.nanmax(np.hypot(*np.transpose(run.state["z"]))) > 1000:
            return "z stays near"
        return BACK if run.loss[-1] < 1e-3 else "x does not come back"


def memory(rule):
    """How many numbers for each weight a rule keeps."""
    place = TASKS[SMALL].place(seed=0)
    run = descend(place, rule, steps=1)
    return sum(np.size(values[0]) for values in run.state.values()) / place.dim


def entered(rule, lr=0.01):
    """What becomes of a rule in the league, on the digits, in words."""
    try:
        numbers = memory(rule)
    except NotImplementedError:
        return ...
    if numbers > 1.5:
        return f"{numbers:.0f} numbers per weight"
    standings = league(rule, lr).set_index("rule")
    if "problem" in standings:
        return standings.loc["my rule", "problem"]
    won = standings.loc["my rule", "verdict"] in ("better", "TIE")
    return KEPT if won else "worse than AdamW"


answers = {
    "newcomers.1": dict(
        expected=[0.5, 2],
        hint="First the decay, then the largest weight.",
        wrong={
            (0.02, 50): "The decay has to become larger, for it is multiplied by the smaller lr.",
            (0.1, 10): "Then a weight shrinks by a fifth of what it did before.",
            (0.5, 0.5): "The first is right. At rest the vote and the decay just cancel: "
            "1 = decay times theta.",
            (0.5, 6e-5): "The first is right. 6e-5 is one move; the decay holds it only where it "
            "is as large as the vote.",
        },
    ),
    "newcomers.2": dict(
        expected=[0.75, 20],
        hint="First the weight, then the number of steps.",
        wrong={
            (0.625, 20): "The first gradient counts 1, not 1 - 1/8: count from s - 1.",
            (0.75, 30): "The first is right. Which T makes (3 - 1) / T equal to 0.1?",
            (0.75, 80 / 9): "The first is right. What falls short of 1 is 0.1, and it is 2 / T.",
            (0.125, 20): "That is how much one place of z counts. Gradient 3 is in six of eight.",
        },
    ),
    "newcomers.3": dict(
        expected=sophia,
        hint="Average, renew h every tenth step, and clip the ratio.",
    ),
    "newcomers.4": dict(
        expected=BACK,
        wrong={
            "z stays near": "z never gets farther than 1000. The edge of the first steps is 2.",
            "x does not come back": "x is still away at the end: stay below the late edge, "
            "2 / (1 - beta), and not too close to it.",
            "no pair": "Two numbers are wanted: (lr times L, beta), beta below 1.",
        },
    ),
    "newcomers.5": dict(
        expected=KEPT,
        wrong={
            "worse than AdamW": "It was tuned and judged, and it is worse. Which rules of the "
            "table tie with AdamW, and what do they keep?",
            "2 numbers per weight": "It keeps two numbers per weight; one is allowed.",
            "3 numbers per weight": "It keeps three numbers per weight; one is allowed.",
        },
        hint="What is the typical size of a gradient good for?",
    ),
}
