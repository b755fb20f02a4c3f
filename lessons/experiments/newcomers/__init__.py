"""Lion, Sophia, Schedule-Free, and the league of all rules that are meant for networks."""

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.newcomers import means, shares, signs
from lessons.experiments.newcomers.contestants import BASE, TASKS
from lessons.experiments.newcomers.means import (
    mean_is_quiet,
    without_a_date,
)
from lessons.experiments.newcomers.memory import memory_tuned, never_falls, tuned
from lessons.experiments.newcomers.shares import gammas, share_clipped, twins_of_sophia
from lessons.experiments.newcomers.signs import in_noise, which_way
from lessons.experiments.newcomers.tables import (
    all_verdicts,
    best_rates,
    found,
    league,
    on_the_way,
    verdict,
)
from lessons.experiments.protocol import seed_sets, span
from lessons.steps import lion, schedule_free
from lessons.surfaces import ravine
from lessons.views import noisy

__all__ = [
    "all_verdicts", "best_rates", "gammas", "in_noise", "league", "mean_is_quiet",
    "memory_tuned", "never_falls", "on_the_way", "share_clipped", "twins_of_sophia", "which_way",
    "without_a_date",
]
LION, SOPHIA = "What if every move were equally long?", "What if the Newton step were clipped?"
MEAN, BETA = "Can a mean replace the fall?", "What is beta for, and why does the warm-up stay?"
LEAGUE = "On a real network: who wins when the rules are fair?"
TUNED = "And if the baseline is tuned as well, or the clock counts?"


def claims():
    """What lesson 15 claims, with the numbers and verdicts."""
    return Claims(*of_lion(), *of_sophia(), *of_means(), *of_the_league())


def of_lion():
    """Claims of the first round."""
    ways = {rule: [signs.walked(rule, signs.noise, seed) for seed, in signs.SETS]
            for rule in ("Adam", "Lion")}
    drift = which_way().set_index("rule")
    short, long = ([signs.length(x) for x in ways[rule]] for rule in ("Adam", "Lion"))
    how = dict(budget=f"{signs.LATER:,} gradients after {signs.BURN}", seeds=signs.SETS, where=LION)
    return [
        known("Every move of Lion is lr long in each coordinate, whatever the gradient.", "proved",
              f"in a noisy ravine no move is off by more than {off_lr():.0e}",
              "without decay; a vote of 0 does not move", LION),
        judge("In pure noise Lion's moves are at least four times as long as Adam's.",
              np.multiply(4, short), long, **how, criterion="root mean square of a move",
              told=f"a typical move of Adam is {in_words(short)} lr long, of Lion {{higher}} lr",
              referee="500 coordinates", limits="on a steady gradient both are lr long"),
        judge("Where most gradients mislead, Lion walks the right way and plain signs do not.",
              drift.loc["Lion"], drift.loc["Sign of the gradient"], **how,
              told="mean move, which should be negative: Lion {lower} lr; signs {higher} lr",
              criterion="mean of all moves", referee="500 coordinates",
              limits="one coin: -0.1 nine times in ten, else 1.8"),
    ]


def off_lr(lr=0.1):
    """How far the moves of Lion are off lr at most, in a noisy ravine."""
    run = descend(noisy(ravine(), 1.0), lion, steps=50, lr=lr)
    return np.abs(np.abs(np.diff(run.theta, axis=0)) - lr).max()


def of_sophia():
    """Claims of the second round."""
    how = dict(seeds=shares.SETS, where=SOPHIA)
    shown = {name: shares.clipped(*shares.averages(name)).reshape(3, 3).mean(1)
             for name in shares.NETWORKS}
    late = span(100 * shares.clipped(*shares.averages("Digits, MLP", steps=shares.LATE))
                .reshape(3, 3).mean(1), 0)
    ends, least = twins_of_sophia().set_index("rule"), np.min(list(shown.values()), axis=0)
    return [
        judge("After 100 small batches more than nine in ten moves of Sophia are clipped.", 0.9,
              least, **how, told=f"at least {in_words(100 * least)} % of the moves are clipped",
              budget=f"{shares.AT} batches", criterion="moves of the last step",
              referee="the lowest of three networks",
              limits="gamma 0.05, h is still a tenth of the curvature; on the digits, after "
                     f"{shares.LATE:,} batches, {late} %"),
        judge("Sophia ends below a rule that takes the sign of its m, without curvature.",
              ends.loc["Sophia"], ends.loc["Sign of its m"], **how, margin=1.02,
              told="held-out loss: Sophia {lower}; the sign of its m {higher}",
              budget="300 batches of digits", criterion="within 2 % is a tie",
              referee="mean of three seeds",
              limits="gamma 0.05, both at lr 0.002 (the table of its fold has each at its best)"),
    ]


def of_means():
    """Claims of the third and fourth round."""
    found = {way: np.array([means.stopped(way, 100.0, seed) for seed, in means.SETS]).T
             for way in means.WAYS}
    how = dict(seeds=means.SETS, criterion="loss where it is stopped", referee="mean of 100 runs",
               where=BETA)
    free, last = found["Schedule-Free"], f"{means.ENDS[-1]} noisy gradients"
    far, near = (means.excursion(10.0, warmup)[0].max() for warmup in (0, 50))
    return [
        known("Schedule-Free's x weighs gradients as a linear fall to zero does, for every end.",
              "proved", f"in a noisy ravine x is off by at most {off_fall():.0e}", "constant lr",
              MEAN),
        judge("One run of Schedule-Free ends below momentum with a fall planned for each end.",
              free.mean(0), found[means.PLANNED].mean(0), **how, limits="one ravine, kappa 100",
              told="mean loss of three ends: Schedule-Free {lower}; the planned falls {higher}",
              budget=f"stopped after {', '.join(map(str, means.ENDS))} noisy gradients"),
        judge("After 400 gradients Schedule-Free is below momentum at a constant lr.", free[-1],
              found["Momentum, constant lr"][-1], **how, budget=last,
              told="loss: Schedule-Free {lower}; momentum {higher}",
              limits="one ravine, kappa 100; after 200 they tie"),
        judge("In a narrow ravine Schedule-Free ends lower with beta 0.9 than with beta 0.",
              free[-1], found["Schedule-Free, beta 0"][-1], **how, budget=last,
              told="loss: {lower} with beta 0.9; {higher} with beta 0",
              limits="one ravine, kappa 100; at kappa 20 beta 0 is better"),
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
    said = {"Muon, all blocks": "Muon on all blocks",
            "SOAP": "SOAP", "Schedule-Free AdamW": "Schedule-Free AdamW", "Lion": "Lion",
            "Sophia": "Sophia"}
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
                 limits=f"small tasks{beta1}")
