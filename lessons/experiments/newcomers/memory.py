"""Five rules of the league with a shorter memory: python -m lessons.experiments.newcomers.memory

The league left AdamW's beta1 at 0.9. Here the beta of five rules' average gradient may be 0.5 or
0.8 too, at the best value of the knob that the league tuned. And AdamW, with either memory, warms
up and then keeps its rate, as Schedule-Free does. About 4 minutes of one quiet core.
"""

import json
from functools import cache
from inspect import signature
from pathlib import Path

import numpy as np

from lessons.experiments.newcomers.contestants import (
    BASE,
    BETA2,
    CONTESTANTS,
    TASKS,
    Contestant,
    held,
)
from lessons.experiments.newcomers.full import made_by
from lessons.experiments.newcomers.runs import cell
from lessons.experiments.newcomers.tables import CRITERION, HOW, found, words
from lessons.experiments.protocol import table
from lessons.steps import adam

SHIPPED = Path(__file__).with_name("memory.json")
VALUES = (0.5, 0.8)
BETAS = {BASE: "beta1", "Muon, all blocks": "beta", "SOAP": "beta1", "Lion": "beta1",
         "Sophia": "beta1"}
FREE = "Schedule-Free AdamW"
OTHERS = ("Muon + Adam", FREE, "RMSprop")       # shown as they are in the league
HELD = ("Warm-up, then constant", "The same, beta1 0.5 or 0.8")     # AdamW without a fall


def shorter(rule, task):
    """The cell of a rule whose beta is one of VALUES, tuned and judged as in the league."""
    one, entry, beta = found(task)[rule], CONTESTANTS[rule], BETAS[rule]
    fixed = {} if one["knob"] == beta else {one["knob"]: one["value"]}
    mine = Contestant(entry.rule, one["lr"], beta, VALUES, entry.fixed | fixed, entry.shape,
                      entry.asks)
    return cell(rule, task, contestants={BASE: CONTESTANTS[BASE], rule: mine})


def without_fall(rule, task):
    """The cell of one of HELD, tuned and judged as in the league."""
    first = found(task)[BASE]
    short = Contestant(adam, first["lr"], "beta1", VALUES, dict(beta2=first["value"]), held)
    mine = {HELD[0]: Contestant(adam, CONTESTANTS[BASE].lr, *BETA2, shape=held), HELD[1]: short}
    return cell(rule, task, contestants={BASE: CONTESTANTS[BASE], **mine})


@cache
def shipped():
    """The shipped record: {"made_by": {...}, "cells": [...]}."""
    return json.loads(SHIPPED.read_text(encoding="utf-8"))


def tuned(rule, task):
    """The better of two cells by the tuning loss: the league's, and that with a shorter memory."""
    return min(found(task)[rule], recorded(rule, task), key=tuning_loss)


def recorded(rule, task):
    """The cell of the shipped record."""
    return next(c for c in shipped()["cells"] if (c["rule"], c["task"]) == (rule, task))


def tuning_loss(one):
    """The loss by which a cell's lr and knob were chosen."""
    return min(min(tried["loss"]) for tried in one["tuning"])


def memory_tuned():
    """What is left of the verdicts if the memory of the gradient may be shorter, for all alike?

    Recorded. The beta of each rule's average gradient is the best of 0.5, 0.8 and the league's, by
    the tuning loss, and stands in brackets; each against AdamW whose beta1 was chosen in the same
    way. The last three rows are the league's.
    """

    def measure(rule):
        cells = {task: tuned(rule, task) if rule in BETAS else found(task)[rule] for task in TASKS}
        if rule == BASE:
            return {task: f"beta1 {beta_of(rule, one):g}, loss {np.mean(one['loss']):.3f}"
                    for task, one in cells.items()}
        return {task: words(one["loss"], tuned(BASE, task)["loss"]) + brackets(rule, one)
                for task, one in cells.items()}

    def brackets(rule, one):
        return f" ({beta_of(rule, one):g})" if rule in BETAS else ""

    return table(measure, [{"rule": rule} for rule in (*BETAS, *OTHERS)], **HOW, budget="gradients",
                 criterion=CRITERION)


def worth_of_a_fall():
    """Does AdamW gain by its late fall, and by its warm-up?

    Recorded. The first row: the loss with warm-up and late fall minus that with the warm-up alone,
    each form at its best beta1 of 0.5, 0.8 and 0.9. The last row: the loss with the warm-up alone
    minus that with neither, at beta1 0.9.
    """

    def pair(row, task):
        warm, short = (recorded(rule, task) for rule in HELD)
        return {"late fall, beta1 tuned": (tuned(BASE, task), min(warm, short, key=tuning_loss)),
                "warm-up, no fall": (warm, found(task)["AdamW, constant lr"])}[row]

    def measure(row):
        pairs = {task: pair(row, task) for task in TASKS}
        return {task: words(mine["loss"], base["loss"]) for task, (mine, base) in pairs.items()}

    rows = ("late fall, beta1 tuned", "warm-up, no fall")
    return table(measure, [{"row": row} for row in rows], **HOW, budget="gradients",
                 criterion=CRITERION)


def beta_of(rule, one):
    """The beta of the average gradient in a cell: the one that was chosen, or the rule's own."""
    beta = BETAS[rule]
    own = signature(CONTESTANTS[rule].rule).parameters[beta].default
    return one["value"] if one["knob"] == beta else own


def main():
    """Run all cells, and replace the record that the package has."""
    rows = [json.dumps(shorter(rule, task)) for task in TASKS for rule in BETAS]
    rows += [json.dumps(without_fall(rule, task)) for task in TASKS for rule in HELD]
    head = json.dumps(made_by() | {"command": "python -m lessons.experiments.newcomers.memory"})
    SHIPPED.write_text('{"made_by": ' + head + ',\n"cells": [\n' + ",\n".join(rows) + "\n]}\n",
                       encoding="utf-8")


if __name__ == "__main__":
    main()
