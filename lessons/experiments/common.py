"""The questions that every lesson asks: which learning rate, how many steps, who wins, what floor.

Each function answers one question with a pandas DataFrame; how it was measured (starts, seeds,
grid, criterion, budget) is in the table's .attrs. `rules` are steps: one, a list, or {name: step}.
`place` is a Surface, or a function of `seed` that makes one, such as digits_mlp: see protocol.py.
`knobs` go to the rules. A rule that raises has a row with its message in a column "problem".
"""

from dataclasses import replace

import numpy as np

from lessons.experiments.protocol import (
    LEAST,
    UP_TO_EDGE,
    ahead,
    bottom,
    converged_at,
    curvatures,
    ends,
    grid_in_words,
    grid_of,
    knobs_of,
    named,
    own,
    referee_of,
    seed_sets,
    table,
    tuned,
    walks,
    weather,
    whole,
)
from lessons.steps import gradient_descent, momentum
from lessons.surfaces import parabola, ravine

LR_WORDS = {  # what steps_to_converge calls a learning rate: curvatures mu to L -> lr
    "1 / L": lambda L, mu: 1 / L,
    "2 / L": lambda L, mu: 2 / L,
    "2 / (L + mu)": lambda L, mu: 2 / (L + mu),
    "4 / (sqrt L + sqrt mu)^2": lambda L, mu: 4 / (L**0.5 + mu**0.5) ** 2,
}
FLOORS = {  # rule -> mean squared distance, from lr times curvature and beta, for curvature 1
    gradient_descent: lambda lr_c, beta: lr_c / (2 - lr_c),
    momentum: lambda lr_c, beta: lr_c * (1 + beta) / (1 - beta) / (2 * (1 + beta) - lr_c),
}
STARTS = "on a surface its own start plus N(0, 0.4^2), for a network its first weights, by seed"


def sweep(rules, place, lr=None, budget=60, seeds=(0, 1, 2), progress="Sweep", **knobs):
    """What does each rule end at, for every learning rate and every seed?

    lr: numbers; None: 8 to a decade, 0.0001 to 10; "up to its edge": 160 even parts of each rule's
    own edge. budget: in gradients. Rows: rule, lr, seed, loss; inf where a run left for infinity.
    """
    rules = named(rules, **knobs)

    def measure(rule):
        rates = grid_of(lr, rules[rule], place)
        *_, loss = ends(rules[rule], place, seeds, rates, budget, rule)
        return [{"lr": rate, "seed": seed, "loss": end}
                for rate, row in zip(rates, loss) for seed, end in zip(seeds, row)]

    return table(measure, [{"rule": name} for name in rules], progress=progress, starts=STARTS,
                 seeds=list(seeds), grid=grid_in_words(lr), budget=f"{budget} gradients",
                 criterion="loss after the budget")


def learning_rate_curve(rules, network, lr=None, budget=600, seeds=(0, 1, 2),
                        progress="Learning rates", **knobs):
    """How much does each rule get wrong, at every learning rate?

    network: a function of `seed`, such as digits_mlp. Columns: rule, lr, the percentage of wrong
    test examples (mean, lowest and highest of the seeds), and the mean training loss.
    """
    rules = named(rules, **knobs)

    def measure(rule):
        rates = grid_of(lr, rules[rule], network)
        net, theta, loss = ends(rules[rule], network, seeds, rates, budget, rule)
        wrong = 100 * (1 - net.accuracy(theta))
        return [{"lr": rate, "wrong": row.mean(), "lowest": row.min(), "highest": row.max(),
                 "loss": losses.mean()} for rate, row, losses in zip(rates, wrong, loss)]

    return table(measure, [{"rule": name} for name in rules], progress=progress, starts=STARTS,
                 seeds=list(seeds), grid=grid_in_words(lr), budget=f"{budget} mini-batches",
                 criterion="percent wrong of the test examples after the budget")


def compare(rules, place, lr=None, budget=(60, 200), referee="worst", count=9, progress="Compare",
            **knobs):
    """What does each rule end at, at the learning rate that suits it best?

    A rate is chosen on one set of `count` seeds and judged on the next, in three sets (1, 2, 3), so
    that nobody is judged by the runs that chose. referee: the "worst", "median" or "mean" loss.
    Columns: lr, loss, wrong (networks: percent of the test examples), lost (runs that end above
    their start), at_edge (the best rate is the first or the last of its grid).
    """
    rules, sets, judge = named(rules, **knobs), seed_sets(count), referee_of(referee)

    def measure(budget, judged, rule):
        rates = grid_of(lr, rules[rule], place)
        return tuned(rules[rule], place, rates, budget, judged, sets, judge)

    cases = [{"budget": gradients, "judged": k, "rule": name}
             for gradients in np.ravel(budget).tolist() for k in (1, 2, 3) for name in rules]
    return table(measure, cases, progress=progress, starts=STARTS, seeds=sets,
                 grid=grid_in_words(lr), criterion=f"{referee} of {count} losses after the budget",
                 budget=f"{budget} gradients")


def winners(ends, by=("budget", "judged"), referee="worst", margin=1.1):
    """Who wins each race of compare()'s table or, with by="lr", of sweep()'s?

    A rule wins if the next one ends at least `margin` times as high; otherwise it is a TIE. Losses
    below 1e-12 count as equal, and nobody wins where all left for infinity.
    """
    judge, by, held = referee_of(referee), [by] if isinstance(by, str) else list(by), ends.dropna()

    def measure(**race):
        rows = held[(held[by] == list(race.values())).all(axis=1)]
        losses = rows.groupby("rule", sort=False)["loss"].agg(lambda loss: judge(loss.to_numpy()))
        first, second = np.sort(losses.clip(lower=LEAST))[:2]
        names = [*losses.index, "TIE"]      # which is number -1
        return {"winner": names[ahead(losses.to_numpy(), margin)], "loss": first, "next": second}

    asked = {name: ends.attrs[name] for name in ("starts", "seeds", "grid", "budget")}
    return table(measure, held[by].drop_duplicates().to_dict("records"), **asked,
                 criterion=f"{referee} loss, the next one's at least {margin} times as high")


def steps_to_converge(rules, lr="1 / L", condition=(5, 50, 500), target=1e-4, budget=3000, count=3,
                      surface=ravine, progress="Steps to converge", **knobs):
    """From which step on does the loss stay at or below `target` times its first value?

    lr: a number, a word such as "1 / L" (all: LR_WORDS), or "best": of 160 even parts of the rule's
    own edge. Columns: the slowest start of three sets of seeds, then of all starts: on a quadratic
    that one has all its loss in one direction. inf: not within the budget.
    """
    rules, sets = named(rules, **knobs), seed_sets(count)

    def measure(rule, condition):
        here = surface(condition)
        rates = rates_by_word(lr, rules[rule], here)
        places = {f"set {k}": (here, sets[k - 1]) for k in (1, 2, 3)}
        needed = {name: converged_at(walks(rules[rule], *place, rates, budget)[2], target)
                  .max(axis=1) for name, place in [*places.items(), one_direction(here)]}
        best = {name: int(steps.argmin()) for name, steps in needed.items()}
        found = {name: whole(steps[best[name]]) for name, steps in needed.items()}
        at_edge = len(rates) > 1 and bool({0, len(rates) - 1} & {*best.values()})
        return {"lr": rates[best["worst start"]], **found, "at_edge": at_edge}

    cases = [{"rule": name, "condition": k} for name in rules for k in np.ravel(condition).tolist()]
    return table(measure, cases, progress=progress, starts=STARTS, seeds=sets,
                 grid=UP_TO_EDGE if lr == "best" else str(lr), budget=f"{budget} steps",
                 criterion=f"the loss stays at or below {target:g} of its first; slowest start")


def rates_by_word(lr, rule, surface):
    """The learning rates that a number or a word of steps_to_converge stands for, as an array."""
    if not isinstance(lr, str) or lr == "best":
        return grid_of(UP_TO_EDGE if isinstance(lr, str) else lr, rule, surface)
    words = {word.replace(" ", ""): rate for word, rate in LR_WORDS.items()}
    if lr.replace(" ", "") not in words:
        raise ValueError(f"lr must be a number, 'best' or one of {', '.join(LR_WORDS)}; got {lr!r}")
    bends = curvatures(surface)
    return np.array([words[lr.replace(" ", "")](bends[-1], bends[0])])


def one_direction(surface):
    """("worst start", (place, seeds)): a run along each eigenvector of the Hessian."""
    directions = np.linalg.eigh(surface.hess(bottom(surface)))[1].T

    def place(seed):
        return replace(surface, start=bottom(surface) + directions[list(seed)])

    return "worst start", (place, range(surface.dim))


def noise_floor(rules=gradient_descent, lr=(0.05, 0.1, 0.2), curvature=1.0, sigma=1.0, budget=500,
                count=400, progress="Noise floor", **knobs):
    """How far from the minimum does a rule hover, when every gradient has noise?

    On a parabola: the mean square of the distance over the last 200 steps of `count` runs, for
    three sets of seeds. theory: derived from the variance, for gradient descent and momentum.
    """
    rules, sets = named(rules, **knobs), seed_sets(count)
    place, scale = weather(parabola(curvature), sigma), (sigma / curvature) ** 2

    def measure(rule, lr):
        floors = {}
        for k in (1, 2, 3):
            theta = walks(rules[rule], place, sets[k - 1], [lr], budget)[1]
            floors[f"set {k}"] = np.square(theta[-200:]).mean()
        if own(rules[rule]) in FLOORS:
            beta = knobs_of(rules[rule]).get("beta")
            floors["theory"] = scale * FLOORS[own(rules[rule])](lr * curvature, beta)
        return floors

    cases = [{"rule": name, "lr": rate} for name in rules for rate in np.ravel(lr).tolist()]
    return table(measure, cases, progress=progress, starts="in the minimum", seeds=sets,
                 grid=grid_in_words(lr), budget=f"{budget} steps",
                 criterion=f"mean squared distance, last 200 steps, {count} runs a set")
