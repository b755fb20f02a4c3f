"""What does memory buy, which pair of lr and beta is best, and where does it fail?"""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.common import STARTS, one_direction
from lessons.experiments.protocol import (
    converged_at,
    curvatures,
    edge,
    named,
    own,
    seed_sets,
    seeded,
    table,
    whole,
)
from lessons.steps import momentum, nesterov
from lessons.surfaces import lessard, parabola, ravine

__all__ = ["best_pair", "cycles", "velocity_gain"]


def best_pair(rules=(momentum, nesterov), condition=100, target=1e-4, budget=400, count=3,
              progress="Pairs"):
    """Which pair of lr and beta converges first?

    Of 50 betas and of 60 learning rates, even parts of the rule's own edge at each beta. Rows: for
    three sets of seeds, the best pair and its slowest start; then for the worst start of all.
    lr_L: lr times the largest curvature. at_edge: the pair lies on an edge of the grid.
    """
    rules, sets = named(rules), seed_sets(count)
    parts, beta = np.arange(1, 61) / 61, np.linspace(0, 0.98, 50)[:, None, None, None]

    def measure(rule, condition, starts):
        here, step = ravine(condition), own(rules[rule])
        worst = dict([one_direction(here)]).get(starts)
        surface = seeded(*worst) if worst else seeded(here, sets[int(starts[-1]) - 1])
        limits = [edge(partial(step, beta=b), curvatures(here)[-1]) for b in beta.ravel()]
        lr = np.outer(limits, parts)
        run = descend(surface, step, steps=budget, lr=lr[..., None, None], beta=beta)
        steps = converged_at(run.loss, target).max(axis=-1)
        i, k = np.unravel_index(steps.argmin(), steps.shape)
        at_edge = bool(i == len(steps) - 1 or k in (0, 59))  # no memory, beta 0, is no edge
        return {"lr_L": lr[i, k] * curvatures(here)[-1], "beta": beta[i].item(),
                "steps": whole(steps[i, k]), "at_edge": at_edge}

    cases = [{"rule": name, "condition": k, "starts": starts} for name in rules
             for k in np.ravel(condition).tolist()
             for starts in ("set 1", "set 2", "set 3", "worst start")]
    return table(measure, cases, progress=progress, starts=STARTS, seeds=sets,
                 grid="60 lrs up to the edge, 50 betas from 0 to 0.98", budget=f"{budget} steps",
                 criterion=f"the loss stays at or below {target:g} of its first; slowest start")


def velocity_gain(lr_c=(0.02, 0.1, 1.0, 2.0, 3.6), beta=0.9, budget=200):
    """How much longer than the gradient is the velocity, along a direction of curvature c?

    lr_c: lr times c, where the ball swings. Both shrink by sqrt(beta) a step, which is divided out;
    the ratio is that of their root mean squares. theory: 1 / sqrt(lr c).
    """

    def measure(lr_c):
        run = descend(parabola(), momentum, steps=budget, lr=lr_c, beta=beta)
        shrunk = beta ** (np.arange(budget) / 2)
        sizes = [np.sqrt(np.square(values / shrunk).mean()) for values in
                 (np.ravel(run.state["velocity"]), parabola().grad(run.theta[:-1])[:, 0])]
        return {"gain": sizes[0] / sizes[1], "theory": lr_c**-0.5}

    return table(measure, [{"lr_c": value} for value in np.ravel(lr_c).tolist()],
                 starts="-2 on a parabola", seeds="none, nothing is drawn", grid=str(lr_c),
                 budget=f"{budget} steps", criterion="ratio of root mean squares")


def cycles(rules=(momentum, nesterov), pairs=((1 / 9, 4 / 9), (1 / 25, 2 / 3)), budget=800,
           count=500, progress="Cycles"):
    """From how many starts does a rule never come to rest, on a convex and smooth function?

    On Lessard's function. pairs: of lr and beta. Columns: percent of the starts, drawn evenly from
    -3.6 to 3.6, whose last three points are farther than 0.1 from the minimum; three sets of seeds.
    """
    rules, sets = named(rules), seed_sets(count)

    def measure(rule, lr, beta):
        shares = {}
        for k, seeds in enumerate(sets, 1):
            start = np.random.default_rng(seeds[0]).uniform(-3.6, 3.6, (count, 1))
            run = descend(lessard(), rules[rule], start, budget, lr=lr, beta=beta)
            away = ~(np.abs(run.theta[-3:]) < 0.1)
            shares[f"set {k}"] = 100 * away.any(axis=(0, 2)).mean()
        return shares

    cases = [{"rule": name, "lr": lr, "beta": beta} for name in rules for lr, beta in pairs]
    return table(measure, cases, progress=progress, starts="even, -3.6 to 3.6", seeds=sets,
                 grid=str(pairs), budget=f"{budget} steps",
                 criterion="percent of starts still farther than 0.1 from the minimum")
