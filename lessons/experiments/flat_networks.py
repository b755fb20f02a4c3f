"""Do networks that test better lie in flatter minima? Trainings that take some minutes.

The numbers lie in flat_networks.json beside this file. To make them anew:
    python -c "from lessons.experiments.flat_networks import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import in_words, judge, known
from lessons.experiments.protocol import by_set, seed_sets, table
from lessons.networks import digits_mlp, mnist1d_mlp
from lessons.schedules import cosine
from lessons.steps import gradient_descent, nesterov
from lessons.views import with_l2

__all__ = ["who_tests_better"]
FILE = Path(__file__).with_name("flat_networks.json")
WHERE = "On a real network: does flat mean good?"
STEPS, BATCH, SETS = 2500, 64, seed_sets(3)
RULES = {       # name -> (L2 in the loss, learning rates)
    "SGD": (0.0, (0.075, 0.15, 0.3, 0.6)),
    "SGD, L2 0.001": (1e-3, (0.1, 0.2, 0.4, 0.8)),
}


def train(name, lr, seeds, steps=STEPS):
    """Train MNIST-1D's network with or without L2, one run a seed, with lr on a cosine to 0.

    SGD is Nesterov's form with beta 0.9. Three lists: per cent of the 1,000 test curves that are
    right, largest curvature of the training loss, training loss; L2 is in none of them.
    """
    decay, _ = RULES[name]
    net = mnist1d_mlp(batch=BATCH, seed=list(seeds))
    run = descend(with_l2(net, decay) if decay else net, nesterov, net.start, steps, every=steps,
                  lr=cosine(np.float32(lr)))
    theta = run.theta[-1]
    found = 100 * net.accuracy(theta), net.top_eigenvalue(theta), net.loss(theta)
    return [[float(f"{number:.4g}") for number in numbers] for numbers in found]


def record(file=FILE):
    """Train every rule at each of its learning rates on the three sets, and write what is found."""
    found = {}
    for name, (_, rates) in RULES.items():
        found[name] = {str(lr): [train(name, lr, seeds) for seeds in SETS] for lr in rates}
        print(name, found[name], flush=True)
        file.write_text(json.dumps(found).replace(']]], "', ']]],\n"') + "\n", encoding="utf-8")


@lru_cache
def recorded():
    """{rule: (learning rates, numbers)}: numbers (rates, 3, sets, seeds), the 3 as in train."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: ([*map(float, rows)], np.array([*rows.values()]).swapaxes(1, 2))
            for name, rows in found.items()}


def tuned(rule):
    """(rates, numbers, edge) of a rule on each set at the rate that was best on the set before.

    rates: three. numbers: (3, sets), means of a set's runs, as in train. The set before the first
    is the last; edge: whether a rate is the first or the last that was tried.
    """
    rates, numbers = recorded()[rule]
    numbers = numbers.mean(axis=-1)                                 # (rates, 3, sets)
    best = [int(numbers[:, 0, k - 1].argmax()) for k in range(3)]
    return [rates[k] for k in best], numbers[best, :, range(3)].T, bool(
        {0, len(rates) - 1} & {*best})


def one_run(rule):
    """By how many points a single run of `rule` is off the mean of its set: standard deviation."""
    rates, numbers = recorded()[rule]
    runs = [numbers[rates.index(rate), 0, k] for k, rate in enumerate(tuned(rule)[0])]
    return np.sqrt(np.mean([np.var(right, ddof=1) for right in runs]))


def who_tests_better(rules=tuple(RULES)):
    """Which gets more of MNIST-1D's test curves right, SGD or SGD with L2, and which is sharper?

    2,500 steps of 64 curves, lr on a cosine to 0. Each set: per cent right, mean of three runs, at
    the learning rate that was best on the set before; lr holds these three. one run: by how many
    points a single run is off the mean of its set. curvature: the largest of the training loss,
    loss: of the training curves, both without the penalty, means of all sets. rules: of RULES.
    """
    def measure(rule):
        rates, (right, curvature, loss), _ = tuned(rule)
        return {"lr": ", ".join(f"{float(lr):g}" for lr in rates),
                **by_set([float(f"{share:.3g}") for share in right]),
                "one run": float(f"{one_run(rule):.2g}"),
                "curvature": float(f"{curvature.mean():.2g}"), "loss": float(f"{loss.mean():.2g}")}

    return table(measure, [{"rule": rule} for rule in rules], starts="the networks' first weights",
                 seeds=SETS, grid="4 rates a rule", budget=f"{STEPS} steps of {BATCH} curves",
                 criterion="per cent of the 1,000 test curves that are right")


def claims():
    """What is claimed of flat minima, a list: measured on MNIST-1D."""
    found = {rule: tuned(rule) for rule in RULES}
    right, sharp = ({rule: numbers[k] for rule, (_, numbers, _) in found.items()} for k in (0, 1))
    edges = {rule: edge for rule, (_, _, edge) in found.items()}
    asked = dict(budget="2,500 steps", criterion="a lead must exceed 1 point", where=WHERE,
                 referee="mean of 3 runs, lr chosen on another set", seeds=seed_sets(3))
    bends = [in_words(sharp[rule]) for rule in RULES]
    net = digits_mlp(seed=0, dtype=np.float64)
    theta = descend(net, gradient_descent, steps=600, every=600, lr=0.5).theta[-1]
    factor = np.repeat([8, 1 / 8, 1], [4160, 640, 10])
    before, after = net.top_eigenvalue(np.stack([theta, factor * theta]))
    return [
        known("Curvature alone does not decide how well a network answers.", "proved",
              f"on digits the curvatures {before:.3g} and {after:.3g} give all images the same "
              "answers",
              "ReLU networks; weights written in another scale", WHERE),
        judge("Of SGD's networks with and without L2 the flatter one generalises better.",
              right["SGD, L2 0.001"], right["SGD"], luck=1.0, at_edge=edges["SGD"],
              told="% of new curves right: {{lower}} with L2 (curvature {1}); {{higher}} without "
              "(curvature {0})".format(*bends), limits="one task, one L2", **asked),
    ]
