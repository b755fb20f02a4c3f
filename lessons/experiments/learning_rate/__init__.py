"""What does a wrong learning rate cost, and does one run find the right one?

Numbers in threes belong to three disjoint sets of seeds. runs.py has what is recorded, and says how
a rate is chosen.
"""

from dataclasses import replace
from functools import cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.learning_rate import runs
from lessons.experiments.learning_rate.runs import (
    BATCHES,
    MOVED,
    RULES,
    SETS,
    split_digits,
)
from lessons.experiments.protocol import by_set, span, table
from lessons.networks.digits import digits
from lessons.schedules import exponential_decay
from lessons.steps import gradient_descent

__all__ = ["cost_of_mistake", "moved_rates", "range_test", "same_path", "tuned"]
MISTAKES = {"10 times too low": 0.1, "3 times too low": 10**-0.5, "2 times too low": 10 ** (-1 / 3),
            "2 times too high": 10 ** (1 / 3), "3 times too high": 10**0.5, "10 times too high": 10}
REFEREES = ("test error", "training loss")
FIRST, LAST = 1e-5, 10.0     # a range test, from and to
SMOOTH = 0.98                # what the mean of its losses remembers of itself
RAMP_SEEDS = [seed for seeds in SETS for seed in list(seeds)[:5]]
RECORDED = dict(starts="first weights by seed", seeds=SETS, grid="18 rates a rule, six to a decade")


def tuned(budget=600, referee="test error"):
    """What does each of six rules end at on the digits, at the learning rate that suits it?

    Recorded. best lr: the rate with the fewest wrong validation images, in three sets of ten seeds.
    set 1 to 3: percent wrong of the test images, at the rate that the set before has chosen. With
    the referee "training loss" that loss chooses, and is what stands there.
    """

    def measure(rule):
        best = runs.rates_of(rule)[runs.chosen(rule, referee, budget)]
        low, high = (f"{lr:.2g}" for lr in (min(best), max(best)))
        return {"best lr": low if low == high else f"{low} to {high}",
                **by_set(runs.after(rule, referee=referee, budget=budget))}

    return table(measure, [{"rule": rule} for rule in RULES], **RECORDED,
                 budget=f"{budget} mini-batches", criterion=f"{referee}, mean of ten seeds")


def cost_of_mistake(budget=600, referee="test error"):
    """What costs more, the wrong rate or the wrong rule?

    Recorded, a row for each size. Each cell: what it costs this rule to have its rate so many
    times too low or too high, from the lowest to the highest of three sets; and which weighs
    more: "rate" if on all three sets that is more than the worst of the six tuned rules is behind
    the best, "rule" if it is less on all, each time by more than the standard error of this
    difference in that set, paired over its ten seeds (by test error); else a TIE.
    Points of percent wrong; with the training loss, factors. "2" is 2.15, "3" is 3.16.
    """

    def measure(mistake):
        return {rule: cell(rule, MISTAKES[mistake], referee, budget) for rule in RULES}

    return table(measure, [{"mistake": name} for name in MISTAKES], **RECORDED,
                 budget=f"{budget} mini-batches", criterion=f"{referee}, mean of ten seeds")


def by_seed(rule, times=1.0):
    """Percent of the test images wrong after 600 mini-batches: 3 sets of 10 seeds, (3, 10).

    Recorded. times: how many times too high, or below 1 too low, the rate is; to a sixth of a
    decade. 1 is the rate that tuned() uses. Raises ValueError outside of the 18 recorded rates.
    """
    at = runs.chosen(rule) + int(np.rint(6 * np.log10(times)))
    if min(at) < 0 or max(at) >= runs.RATES:
        raise ValueError(f"{rule} was not run at {times:g} times its rate; try nearer to 1")
    return runs.of_seeds(rule, at)


def cell(rule, times, referee, budget):
    costs = runs.cost(rule, times, referee, budget)
    if np.isnan(costs).any():
        return "outside the grid"
    says = runs.weighs_more(rule, times, referee, budget)
    return f"{says}, {span(plain(costs), int(max(costs) < 10))}"


def plain(values):
    """Rounded to one decimal, without the sign of a zero."""
    return np.round(values, 1) + 0.0


def same_path():
    """Does a rate three times too low end where the right one was after a third of the steps?

    Recorded: the mean training loss, from the lowest to the highest of three sets, at a low rate
    after 600 steps, and at 3.16 times that rate after 200.
    """

    def measure(rule):
        rates, (late, soon) = runs.rates_of(rule), (
            runs.values(rule, "training loss", budget) for budget in (600, 200))
        low, high = 3, 6
        return {"lr": f"{rates[low]:.2g}", "600 steps": span(late[low], 3),
                "3 times lr, 200 steps": span(soon[high], 3)}

    return table(measure, [{"rule": rule} for rule in RULES], **RECORDED,
                 budget="200 and 600 mini-batches", criterion="training loss, mean of ten seeds")


def moved_rates():
    """Where does the best learning rate move, when the batch grows and the images stay as many?

    Recorded: 12,800 images in all, chosen by the training loss, in three sets of three seeds.
    """

    def measure(rule, batch):
        return {"steps": BATCHES[batch],
                **by_set(f"{lr:.2g}" for lr in runs.best_by_batch(rule, batch))}

    cases = [{"rule": rule, "batch": batch} for rule in MOVED for batch in BATCHES]
    return table(measure, cases, starts="first weights by seed", grid="11 rates, six to a decade",
                 seeds=[list(seeds)[:3] for seeds in SETS], budget="12,800 images",
                 criterion="the rate with the lowest training loss")


@cache
def ramped(rule, steps=200):
    """A range test: the learning rate of each step (steps,) and the smoothed losses (steps, 15).

    The loss before each step is that of its batch; the mean remembers 0.98 of itself, without the
    bias of its zero start, as in fast.ai. From three sets of five seeds. No number counts as 99.
    """
    ramp = exponential_decay(FIRST, (LAST / FIRST) ** (1 / (steps - 1)))
    net = split_digits(tuple(RAMP_SEEDS))
    quick = replace(net, loss=lambda theta: theta[..., 0])      # the loss of all images is not read
    run = descend(quick, RULES[rule][0], steps=steps, lr=ramp)
    with np.errstate(all="ignore"):     # of runs that explode
        losses = [net.at(t).loss(run.theta[t - 1]) for t in range(1, steps + 1)]
    mean, smooth = 0.0, []
    for t, loss in enumerate(np.nan_to_num(losses, nan=99.0, posinf=99.0), 1):
        mean = SMOOTH * mean + (1 - SMOOTH) * loss
        smooth.append(mean / (1 - SMOOTH**t))
    return np.array([ramp(t, steps) for t in range(1, steps + 1)]), np.array(smooth)


def lowest_points(rule, steps=200):
    """The rate at which each set's range tests are lowest, the median of five: (3,)."""
    rates, losses = ramped(rule, steps)
    return np.median(rates[losses.argmin(axis=0)].reshape(3, 5), axis=1)


def nearest(rule, lr):
    """Which of a rule's recorded rates is the nearest to lr, in factors."""
    return int(np.abs(np.log(runs.rates_of(rule) / lr)).argmin())


def price(rule, lr, budget=600):
    """What it costs to train with these rates (3,) instead of the tuned one, in points: (3,).

    Each counts as the nearest of the recorded rates.
    """
    at = [nearest(rule, rate) for rate in lr]
    return runs.values(rule, budget=budget)[at, range(3)] - runs.after(rule, budget=budget)


def price_at_lowest(rule, part=1, steps=200):
    """What it costs to train at a range test's lowest point, or at a part of it, in points: (3,).

    Recorded runs at this very rate for 200 steps; for another test the nearest recorded rate.
    """
    if steps == 200 and rule in runs.LOWEST:
        return runs.recorded()["lowest"][rule][str(part)] - runs.after(rule)
    return price(rule, lowest_points(rule, steps) / part)


def range_test(rules=("SGD", "Momentum", "Adam"), steps=200):
    """At which learning rate is a range test lowest, and what does it cost to train with it?

    From 1e-5 to 10, by the same factor at each step. lowest at: that rate, from the lowest to the
    highest of three sets. at it, at a tenth: percent wrong after 600 steps with that rate or a
    tenth of it, in points above the tuned rate (see price_at_lowest).
    """

    def measure(rule):
        lost = {name: plain(price_at_lowest(rule, part, steps))
                for name, part in (("at it", 1), ("at a tenth", 10))}
        return {"lowest at": span(lowest_points(rule, steps), 2),
                **{name: span(points, 1) for name, points in lost.items()}}

    return table(measure, [{"rule": rule} for rule in rules], starts="first weights by seed",
                 seeds=[list(seeds)[:5] for seeds in SETS], budget=f"{steps} steps",
                 grid=f"{FIRST:g} to {LAST:g}, by the same factor at each step",
                 criterion="smoothed loss of the batches; then percent wrong after 600 steps")


def quadratic_ramp(curvatures=(1.0, 20.0), steps=200, decades=6):
    """The rate of a range test's lowest loss on a quadratic, in units of its edge 2 / L.

    The ramp is from 2e-5 to 20 times the edge, with the exact gradient, from 1 in each direction.
    As in ramped(), the loss that belongs to a rate is the one before the step with this rate.
    """
    c = np.array(curvatures)
    rates = 2e-5 * 10.0 ** (decades * np.arange(steps) / (steps - 1)) * 2 / c.max()
    after = np.cumprod(1 - rates[:-1, None] * c, axis=0)
    factors = np.concatenate([np.ones((1, c.size)), after])
    return float(rates[(c * factors**2).sum(axis=1).argmin()] * c.max() / 2)


def dead_units(lr, seeds, steps=100):
    """The share of the hidden units that are 0 for all 1,297 images after a run: one a seed."""
    run = descend(split_digits(tuple(seeds)), gradient_descent, lr=lr, steps=steps, every=steps)
    weights, bias = np.split(run.theta[-1][:, :4160], [4096], axis=1)
    sums = weights.reshape(-1, 64, 64) @ digits()[0].T + bias[..., None]
    return (sums <= 0).all(axis=-1).mean(axis=-1)


def places(rule, every=3):
    """Which rates grids with every third rate choose, at each of their places: (places, 3 sets)."""
    chooser = runs.recorded()["curves"][rule]["validation"][-1]
    rows = [np.arange(first, runs.RATES, every) for first in range(every)]
    return np.array([row[np.roll(chooser[row].argmin(axis=0), 1)] for row in rows])


def refined_grid(rule, every=3, neighbours=1):
    """What such a grid costs if both neighbours of its best rate are tried as well.

    These are 1.47 times higher and lower, and the validation images choose between the three.
    In points above the full grid: (places, 3 sets). neighbours: so many on each side; 0 is the grid
    alone.
    """
    chooser = runs.recorded()["curves"][rule]["validation"][-1]
    best = np.roll(places(rule, every), -1, axis=1)         # of the set that has chosen it
    tried = np.clip([best + k for k in range(-neighbours, neighbours + 1)], 0, runs.RATES - 1)
    winner = chooser[tried, range(3)].argmin(axis=0)
    found = np.roll(np.take_along_axis(tried, winner[None], axis=0)[0], 1, axis=1)
    return runs.values(rule)[found, range(3)] - runs.after(rule)


def claims():
    """What the lesson claims, with verdicts, from the recorded runs and a few short ones."""
    return Claims(*on_places(), *on_sides(), *on_mistakes(), *on_finding())


def measured(claim, lower, higher, where, **more):
    """A judged claim about the digits after 600 mini-batches, by the mean of ten seeds."""
    how = dict(budget="600 mini-batches", criterion="percent of the test images wrong",
               referee="mean of ten seeds", seeds=SETS, limits="one small network")
    return judge(claim, lower, higher, where=where, **{**how, **more})


def on_places():
    """A claim about where the U-curves lie, as a list."""
    where = "Why does each rule want another learning rate?"
    places = {rule: runs.chosen(rule) for rule in RULES}
    return [
        measured("Nesterov ends lower than Adagrad, each at its own best rate.",
                 runs.after("Nesterov"), runs.after("Adagrad"), where,
                 told="Nesterov gets {lower} % of the test images wrong; Adagrad {higher} %",
                 luck=runs.error_apart("Nesterov", places["Nesterov"], "Adagrad",
                                       places["Adagrad"])),
    ]


def on_sides():
    """Claims about the slope on the left and the cliff on the right, as a list."""
    where = "Why is one side a slope and the other a cliff?"
    late = runs.values("SGD", "training loss", 600)[3]
    soon = runs.values("SGD", "training loss", 200)[6]
    few = [list(seeds)[:3] for seeds in SETS]
    dead = [dead_units(2.0, seeds).mean() for seeds in few]
    return [
        measured("SGD at lr 0.32 ends after 200 steps less than a sixth above lr 0.1 after 600.",
                 soon / late, 7 / 6, where, criterion="ratio of the training losses",
                 told=f"lr 0.32 ends at a loss of {in_words(soon)}; lr 0.1 at {in_words(late)}: "
                 "{lower} times", budget="200 and 600 mini-batches",
                 limits="with Adagrad the two losses lie farther apart"),
        measured("At lr 2 more than half of SGD's hidden units are dead.", 0.5, dead, where,
                 told=f"{in_words(np.multiply(100, dead))} % of the 64 hidden units are dead",
                 budget="100 mini-batches", criterion="units that say 0 for every image",
                 referee="mean of three seeds", seeds=few),
    ]


def least_clear(values, errors, sign):
    """The values that exceed their standard errors by the least, to this side; and these errors.

    values, errors: (cases, 3), a column for each set. Returns both for one case a set.
    """
    values, errors = np.array(values), np.array(errors)
    found = (sign * values - errors).argmin(axis=0), np.arange(3)
    return values[found], errors[found]


def beside_gap(names, rules=RULES, sign=-1):
    """Of these mistakes, in each set the one that is the least clearly cheaper than the wrong rule.

    With sign=1 the least clearly dearer. Returns what it costs, and the standard error of that less
    what the wrong rule costs: three sets each.
    """
    cases = [(rule, MISTAKES[name]) for rule in rules for name in names]
    beyond, errors = least_clear(*zip(*(runs.beyond_gap(*case) for case in cases)), sign)
    return beyond + runs.gap(), errors


def on_mistakes():
    """Claims about the wrong rate and the wrong rule, as a list."""
    where, gap = "So which matters more?", runs.gap()
    two, two_error = beside_gap(["2 times too low"])
    walls, walls_error = beside_gap(["2 times too high"], ["SGD", "Momentum", "Nesterov"], sign=1)
    far, far_error = beside_gap(["10 times too high"], sign=1)
    less = "such a rate costs, in the least clear case, {lower} points; the wrong rule {higher}"
    more = "the wrong rule costs {lower} points; such a rate, in the least clear case, {higher}"
    return [
        measured("Two times too low costs every rule less than the wrong rule.", two, gap, where,
                 luck=two_error, told=less,
                 limits="one small network; Nesterov's margin is 0.3 to 0.4 points"),
        measured("Two times too high costs SGD, momentum and Nesterov more than the wrong rule.",
                 gap, walls, where, luck=walls_error, told=more),
        measured("Ten times too high costs every rule more than the wrong rule.", gap, far, where,
                 luck=far_error, told=more),
    ]


def on_finding():
    """Claims about range tests, grids, batches and width, as a list."""
    where = "How do you find it?"
    network = "On a real network: how should the rate follow batch and width?"
    tests = {part: np.array([price_at_lowest(rule, part) for rule in runs.LOWEST])
             for part in (1, 10)}
    turns = ", ".join(f"{quadratic_ramp(c):.2g}" for c in ([1.0], [1.0, 20.0], [1.0, 100.0]))
    small, large = (runs.best_by_batch("Adam", batch) for batch in (8, 128))
    few = dict(budget="12,800 images", criterion="rate with the lowest training loss",
               referee="mean of three seeds", seeds=[list(seeds)[:3] for seeds in SETS],
               limits="one network, 11 rates")
    return [
        known("On a quadratic a range test is not lowest before its rate has reached 2 / L.",
              "proved", f"lowest at {turns} times 2 / L, for condition 1, 20, 100 in 200 steps",
              "exact gradients, not smoothed; a loss counts for the rate of the next step", where),
        measured("The wrong rule costs less than training at the lowest point of a range test.",
                 runs.gap(), tests[1].min(axis=0), where,
                 told="the wrong rule costs {lower} points; training there {higher} or more",
                 limits="SGD, momentum, Adam; smoothed tests of 200 steps, the median of five; "
                        "SGD's lies at the edge of its cliff, where the seeds differ widely"),
        measured("A tenth of the lowest point costs less than two points.",
                 tests[10].max(axis=0), 2.0, where,
                 told="at most {lower} points more than the best rate",
                 limits="SGD, momentum, Adam; tests of 200 steps"),
        judge("Adam's best rate grows from batch 8 to 128.", small, large,
              where=network, told="its best rate is {lower} at batch 8; {higher} at 128", **few),
        known("muP keeps the best rate while the width grows.", "cited",
              "Yang et al. 2022, arXiv:2203.03466", "not for depth, batch or length", network),
    ]
