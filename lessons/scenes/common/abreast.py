"""Walk several rules in one call of descend, which costs less than a call for each."""
from dataclasses import replace

import numpy as np

from lessons.descend import descend
from lessons.scenes.common.runs import side_by_side
from lessons.signature import signature_of


def walk_abreast(surface, rules, start, steps, lrs):
    """A Trajectory for each rule, the same as descend(surface, rule, start, steps, lr=lr) returns.

    rules: a list. start: (D,). lrs: a number for each rule. Rules that ask for anything but one
    gradient a step are walked one by one.
    """
    starts, count = np.tile(start, (len(rules), 1)), len(rules)
    run = descend(surface, side_by_side(rules), starts, steps, lr=np.reshape(lrs, (-1, 1)))
    if any(map(len, run.loss_points)) or any(len(asked) != count for asked in run.grad_points):
        return [descend(surface, rule, start, steps, lr=lr) for rule, lr in zip(rules, lrs)]
    return [replace(run, theta=run.theta[:, k], loss=run.loss[:, k],
                    state={name: [after[k][place] for after in run.state["states"]]
                           for place, name in enumerate(signature_of(rule)[0])},
                    grad_points=tuple((asked[k],) for asked in run.grad_points))
            for k, rule in enumerate(rules)]
