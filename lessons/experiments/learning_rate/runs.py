"""What does each learning rate give, on the digits? Runs that take minutes: numbers and their code.

The numbers lie in runs.json beside this file. To make them anew, in 5 minutes:
    python -c "from lessons.experiments.learning_rate.runs import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import seed_sets
from lessons.networks.digits import digits
from lessons.networks.mlp import mlp
from lessons.networks.network import network
from lessons.steps import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop

FILE = Path(__file__).with_name("runs.json")
SETS = seed_sets(10)
BUDGETS = tuple(range(50, 601, 50))     # mini-batches
SEEN = [0, 3, 11]                       # 50, 200, 600: those with a number for each seed
KEPT_BACK = 300                     # training images that only choose: validation images
RULES = {                           # name -> (step, its lowest rate in sixths of a decade below 1)
    "SGD": (gradient_descent, 9), "Momentum": (momentum, 15), "Nesterov": (nesterov, 15),
    "Adagrad": (adagrad, 15), "RMSprop": (rmsprop, 21), "Adam": (adam, 20)}
RATES = 18                          # of each rule, six to a decade
BATCHES = {8: 1600, 32: 400, 128: 100}      # batch -> steps: 12,800 images each
MOVED = {"SGD": {8: -8, 32: -6, 128: -6}, "Adam": {8: -17, 32: -16, 128: -14}}  # lowest, in sixths
LOWEST = {                          # lowest_points("SGD") and so on, to three digits
    "SGD": (1.34, 1.53, 1.34), "Momentum": (0.821, 0.766, 0.88), "Adam": (0.178, 0.205, 0.22)}
PARTS = (1, 10)                     # of LOWEST: at it, at a tenth


def split_digits(seed=0, batch=32, images="test"):
    """digits_mlp, trained on 997 images; .accuracy is of 500 "test" or 300 "validation" images.

    A rate is chosen by the one and judged by the other, so that nobody is chosen by luck.
    """
    X, y, *test = digits()
    held_out = tuple(test) if images == "test" else (X[-KEPT_BACK:], y[-KEPT_BACK:])
    return network("Digits, MLP", **mlp(64, 64, 10), train=(X[:-KEPT_BACK], y[:-KEPT_BACK]),
                   test=held_out, batch=batch, seed=seed)


def rates_of(rule):
    """The 18 learning rates of a rule, six to a decade."""
    return 10 ** ((np.arange(RATES) - RULES[rule][1]) / 6)


def train(rule, lr, seeds):
    """Wrong test images, wrong validation images, training loss after each of BUDGETS: (12, lr, S).

    A loss that is no number counts as 99.
    """
    net, chooser = split_digits(tuple(seeds)), split_digits(tuple(seeds), images="validation")
    run = descend(net, RULES[rule][0], lr=np.reshape(lr, (-1, 1, 1)), steps=BUDGETS[-1],
                  every=BUDGETS[0])
    wrong = [np.rint(count * (1 - place.accuracy(run.theta[1:])))
             for count, place in ((500, net), (KEPT_BACK, chooser))]
    return *wrong, np.where(np.isfinite(run.loss[1:]), run.loss[1:], 99.0)


def by_batch(rule, batch, seeds):
    """The training loss after 12,800 images in batches of this size: (11 rates, S)."""
    lr = 10 ** ((np.arange(11) + MOVED[rule][batch]) / 6)
    run = descend(split_digits(tuple(seeds), batch), RULES[rule][0], lr=lr[:, None, None],
                  steps=BATCHES[batch], every=BATCHES[batch])
    return np.where(np.isfinite(run.loss[-1]), run.loss[-1], 99.0)


def at_lowest(rule):
    """Percent wrong after training at LOWEST and its PARTS, not at grid rates: (2 parts, 3)."""
    return [[float(train(rule, lr / part, seeds)[0][-1].mean() / 5)
             for lr, seeds in zip(LOWEST[rule], SETS)] for part in PARTS]


def record(file=FILE):
    """Train all, from thirty seeds, and write what is found to `file`."""
    everybody = sum(map(list, SETS), [])
    found = {"curves": {}, "batches": {}, "lowest": {}}
    for rule in RULES:
        test, chosen_by, loss = train(rule, rates_of(rule), everybody)
        found["curves"][rule] = {
            "test": three_digits(of_sets(test) / 5),
            "validation": three_digits(of_sets(chosen_by) / 3),
            "loss": three_digits(of_sets(loss)), "seeds": test[SEEN].astype(int).tolist()}
        print(rule, flush=True)
    few = sum((list(seeds)[:3] for seeds in SETS), [])
    for rule in MOVED:
        found["batches"][rule] = {str(batch): three_digits(of_sets(by_batch(rule, batch, few)))
                                  for batch in BATCHES}
    for rule in LOWEST:
        wrong = three_digits(at_lowest(rule))
        found["lowest"][rule] = {str(part): row for part, row in zip(PARTS, wrong)}
    file.write_text(json.dumps(found, separators=(",", ":")).replace("]],", "]],\n") + "\n",
                    encoding="utf-8")


def of_sets(values):
    """The means of three sets of seeds, of values (..., S): (..., 3)."""
    return np.mean(np.split(np.asarray(values, float), 3, axis=-1), axis=-1).transpose(
        *range(1, np.ndim(values)), 0)


def three_digits(values):
    """Numbers with three digits, as nested lists for JSON."""
    return np.vectorize(lambda value: float(f"{value:.3g}"))(values).tolist()


@lru_cache
def recorded():
    """{"curves": {rule: arrays}, "batches": {rule: {batch: array}},
    "lowest": {rule: {part: array}}}.

    curves: test and validation, in percent wrong, and loss, means of three sets of ten seeds, all
    (12 budgets, 18 rates, 3 sets); seeds: wrong test images, (3 budgets: SEEN, 18 rates, 30 seeds).
    batches: losses (11 rates, 3 sets). lowest: percent wrong (3 sets).
    """
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {part: {rule: {name: np.array(values) for name, values in rows.items()}
                   for rule, rows in rules.items()} for part, rules in found.items()}


def values(rule, referee="test error", budget=600):
    """A rule's recorded (18 rates, 3 sets) after a budget: percent wrong, or the training loss."""
    part = "test" if referee == "test error" else "loss"
    return recorded()["curves"][rule][part][BUDGETS.index(budget)]


def chosen(rule, referee="test error", budget=600):
    """Which of its rates each of three sets uses: the one that was best on the set before it.

    For the test error the 300 validation images choose, for the training loss the loss itself.
    """
    part = "validation" if referee == "test error" else "loss"
    found = recorded()["curves"][rule][part][BUDGETS.index(budget)].argmin(axis=0)
    return np.roll(found, 1)


def after(rule, times=1.0, referee="test error", budget=600):
    """What a rule ends at if its rate is so many times the chosen one: three sets.

    nan where that rate lies outside of the grid.
    """
    at = chosen(rule, referee, budget) + int(np.rint(6 * np.log10(times)))
    found = values(rule, referee, budget)[at.clip(0, RATES - 1), np.arange(3)]
    return np.where((at >= 0) & (at < RATES), found, np.nan)


def gap(referee="test error", budget=600):
    """What the wrong rule costs: the worst of six tuned rules against the best, three sets.

    A difference in points for the test error, a factor for the training loss.
    """
    tuned = np.array([after(rule, 1.0, referee, budget) for rule in RULES])
    return difference(tuned.max(axis=0), tuned.min(axis=0), referee)


def cost(rule, times, referee="test error", budget=600):
    """What it costs a rule if its rate is so many times the chosen one: three sets, as gap()."""
    return difference(after(rule, times, referee, budget), after(rule, 1.0, referee, budget),
                      referee)


def difference(much, little, referee):
    return much - little if referee == "test error" else much / little


def nearest_kept(budget):
    """The budget that has a number for each seed and is the nearest to this one."""
    return min((BUDGETS[kept] for kept in SEEN), key=lambda near: abs(near - budget))


def of_seeds(rule, at, budget=600):
    """Percent wrong, seed by seed, where each of three sets has its own rate: (3, 10).

    at: which of the rule's rates a set has. budget: one of those with a number for each seed.
    """
    found = recorded()["curves"][rule]["seeds"][SEEN.index(BUDGETS.index(budget))]
    return np.array([found[k, list(seeds)] for k, seeds in zip(at, SETS)]) / 5


@lru_cache
def tuned_seeds(budget=600):
    """Percent wrong of the six tuned rules, seed by seed: (6, 3, 10)."""
    return np.array([of_seeds(rule, chosen(rule, budget=budget), budget) for rule in RULES])


def standard_error(values):
    """The standard errors of the means of values (..., seeds)."""
    return np.std(values, axis=-1, ddof=1) / np.sqrt(np.shape(values)[-1])


def error_apart(rule, at, other, there):
    """The standard errors of a rule's percent wrong less another's, paired over the seeds: (3,).

    at, there: which of its rates each of them has in each set.
    """
    return standard_error(of_seeds(rule, at) - of_seeds(other, there))


def error_beyond_gap(lost, budget=600):
    """The standard errors of a cost less the gap, both from the same seeds: three sets.

    lost: that cost, seed by seed, (3, 10). The gap is that of the rules that are the worst and the
    best of the tuned ones in each set.
    """
    tuned, sets = tuned_seeds(budget), np.arange(3)
    means = tuned.mean(axis=-1)
    wrong_rule = tuned[means.argmax(axis=0), sets] - tuned[means.argmin(axis=0), sets]
    return standard_error(lost - wrong_rule)


def spread(rule, times, budget=600):
    """The standard errors of cost() - gap() by test error, paired over the seeds: three sets.

    For a budget without a number for each seed, that of the nearest one that has them.
    """
    return paired(rule, int(np.rint(6 * np.log10(times))), nearest_kept(budget))


@lru_cache
def paired(rule, sixths, budget):
    """spread(), for a rate so many sixths of a decade above the chosen one."""
    at = chosen(rule, budget=budget)
    wrong = of_seeds(rule, (at + sixths).clip(0, RATES - 1), budget)
    return error_beyond_gap(wrong - of_seeds(rule, at, budget), budget)


def beyond_gap(rule, times, referee="test error", budget=600):
    """What the wrong rate costs beyond the wrong rule, and its standard error: three sets each.

    Points by test error; a factor by training loss, which is not recorded for each seed: there the
    standard error is 0.
    """
    beyond = difference(cost(rule, times, referee, budget), gap(referee, budget), referee)
    return beyond, (spread(rule, times, budget) if referee == "test error" else np.zeros(3))


def weighs_more(rule, times, referee="test error", budget=600):
    """"rate" where the wrong rate costs more than the wrong rule on all three sets, "rule", "TIE".

    By test error "more" means by more than the standard error of that difference in the set. ""
    where the rate lies outside of the grid.
    """
    beyond, error = beyond_gap(rule, times, referee, budget)
    level = 0 if referee == "test error" else 1
    if np.isnan(beyond).any():
        return ""
    return ("rate" if (beyond > level + error).all() else
            "rule" if (beyond < level - error).all() else "TIE")


def best_by_batch(rule, batch):
    """The rate with the lowest training loss at this batch, in three sets; see by_batch()."""
    losses = recorded()["batches"][rule][str(batch)]
    return 10 ** ((losses.argmin(axis=0) + MOVED[rule][batch]) / 6)
