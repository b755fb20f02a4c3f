"""Lion, Sophia, Schedule-Free, and the league of all rules that are meant for networks."""

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.newcomers import means, shares, signs
from lessons.experiments.newcomers.contestants import BASE, TASKS
from lessons.experiments.newcomers.memory import memory_tuned, tuned
from lessons.experiments.newcomers.shares import share_clipped
from lessons.experiments.newcomers.tables import (
    all_verdicts,
    best_rates,
    found,
    league,
    on_the_way,
    verdict,
)
from lessons.experiments.protocol import seed_sets, span
from lessons.steps import schedule_free
from lessons.surfaces import ravine
from lessons.views import noisy

__all__ = [
    "all_verdicts", "best_rates", "league", "memory_tuned", "on_the_way", "share_clipped",
]
LION, SOPHIA = "What if every move were equally long?", "What if the Newton step were clipped?"
MEAN, BETA = "Can a mean replace the fall?", "What is beta for, and why does the warm-up stay?"
LEAGUE = "On a real network: who wins when the rules are fair?"
TUNED = "And if the baseline is tuned as well, or the clock counts?"


def claims():
    """What lesson 15 claims, with the numbers and verdicts."""
    return Claims(*of_lion(), *of_sophia(), *of_means(), *of_the_league())


def of_lion():
    """Claim of the first round."""
    short, long = ([signs.length(signs.walked(rule, signs.noise, seed)) for seed, in signs.SETS]
                   for rule in ("Adam", "Lion"))
    return [
        judge("In pure noise Lion's moves are at least four times as long as Adam's.",
              np.multiply(4, short), long, budget=f"{signs.LATER:,} gradients after {signs.BURN}",
              seeds=signs.SETS, where=LION, criterion="root mean square of a move",
              told=f"a typical move of Adam is {in_words(short)} lr long, of Lion {{higher}} lr",
              referee="500 coordinates", limits="on a steady gradient both are lr long"),
    ]


def of_sophia():
    """Claim of the second round."""
    shown = {name: shares.clipped(*shares.averages(name)).reshape(3, 3).mean(1)
             for name in shares.NETWORKS}
    late = span(100 * shares.clipped(*shares.averages("Digits, MLP", steps=shares.LATE))
                .reshape(3, 3).mean(1), 0)
    least = np.min(list(shown.values()), axis=0)
    return [
        judge("After 100 small batches more than nine in ten moves of Sophia are clipped.", 0.9,
              least, seeds=shares.SETS, where=SOPHIA,
              told=f"at least {in_words(100 * least)} % of the moves are clipped",
              budget=f"{shares.AT} batches", criterion="moves of the last step",
              referee="the lowest of three networks",
              limits="gamma 0.05, h is still a tenth of the curvature; on the digits, after "
                     f"{shares.LATE:,} batches, {late} %"),
    ]


def of_means():
    """Claims of the third and fourth round."""
    far, near = (means.excursion(10.0, warmup)[0].max() for warmup in (0, 50))
    return [
        known("Schedule-Free's x weighs gradients as a linear fall to zero does, for every end.",
              "proved", f"in a noisy ravine x is off by at most {off_fall():.0e}", "constant lr",
              MEAN),
        judge("At lr 10/L a warm-up keeps Schedule-Free's z from jumping far away.",
              near, far, seeds=means.SETS, where=BETA, budget="1,000 gradients without noise",
              told="largest distance of z: {lower} with a warm-up; {higher} without",
              criterion="from the start 1", referee="one run", limits="beta 0.9, one direction"),
    ]


def off_fall(steps=30, lr=0.01):
    """How far Schedule-Free's x is off z_0 minus its gradients, weighed as by a linear fall."""
    place = noisy(ravine(20.0), 0.3)
    run = descend(place, schedule_free, steps=steps, lr=lr)
    moves = -np.diff([run.theta[0], *run.state["z"]], axis=0)       # lr times each gradient
    weights = 1 - np.arange(steps)[:, None] / steps
    return np.abs(run.theta[0] - (weights * moves).sum(0) - run.theta[-1]).max()


def of_the_league():
    """Claims of the league: each contestant against AdamW, over the tasks that it ran."""
    said = {"Muon, all blocks": "Muon on all blocks", "Schedule-Free AdamW": "Schedule-Free AdamW",
            "Lion": "Lion", "Sophia": "Sophia"}
    rows = [against(rule, f"{name} ends below AdamW at an equal number of gradients.")
            for rule, name in said.items()]
    fair = [against(rule, f"{name} ends below AdamW if both tune the beta of their average "
                    "gradient.", of=tuned)
            for rule, name in (("Muon, all blocks", "Muon on all blocks"), ("SOAP", "SOAP"))]
    timed = [against(rule, f"{name} ends below AdamW in equal time.", "clock")
             for rule, name in (("Muon, all blocks", "Muon on all blocks"), ("SOAP", "SOAP"))]
    return [*rows, *fair, *timed]


def against(rule, claim, budget="gradients", of=None):
    """A claim that a rule's loss is below AdamW's: the geometric mean of its ratio over tasks.

    of: a function of rule and task that returns the cells to compare, if not the league's.
    """
    ran = [task for task in TASKS if rule in found(task, budget)]
    ratios, kinds, beta1 = [], [], "" if of else "; AdamW's beta1 is 0.9"
    for task in ran:
        one, first = ((of(rule, task), of(BASE, task)) if of else
                      (found(task, budget)[rule], found(task)[BASE]))
        mine, base = one["loss"], first["loss"]
        ratios.append(np.log(np.divide(mine, base).reshape(3, 3)).mean(1))
        kinds.append(verdict(mine, base))
    counts = ", ".join(f"{kind.lower()} on {kinds.count(kind)}"
                       for kind in ("better", "TIE", "worse") if kind in kinds)
    return judge(claim, np.exp(np.mean(ratios, axis=0)), 1.0, seeds=seed_sets(3), margin=1.02,
                 told=f"its held-out loss is {{lower}} times AdamW's; {counts} of {len(ran)} tasks",
                 budget="equal time" if budget == "clock" else f"equal {budget}",
                 criterion="geometric mean of the tasks", referee="within 2 % is a tie",
                 where=TUNED if of or budget == "clock" else LEAGUE,
                 limits=f"small tasks{beta1}" + "; gamma 0.05 or 0.5" * (rule == "Sophia"))
