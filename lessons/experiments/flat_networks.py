"""Do networks that test better lie in flatter minima? Trainings that take half an hour.

The numbers lie in flat_networks.json beside this file. To make them anew:
    python -c "from lessons.experiments.flat_networks import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np
import pandas as pd

from lessons.descend import descend
from lessons.experiments.claims import in_words, judge, known
from lessons.experiments.protocol import by_set, seed_sets, table
from lessons.look import looks
from lessons.networks import digits_mlp, mnist1d_mlp
from lessons.plots import Picture, sheet
from lessons.schedules import cosine
from lessons.steps import adam, adamw, gradient_descent, nesterov
from lessons.views import with_l2

__all__ = ["who_tests_better"]
FILE = Path(__file__).with_name("flat_networks.json")
WHERE = "On a real network: does flat mean good?"
STEPS, BATCH, SETS = 2500, 64, seed_sets(3)
RULES = {       # name -> (rule, its knobs, L2 in the loss, learning rates)
    "SGD": (nesterov, {}, 0.0, (0.075, 0.15, 0.3, 0.6)),
    "Adam": (adam, {}, 0.0, (0.006, 0.012, 0.024)),
    "SGD, L2 0.001": (nesterov, {}, 1e-3, (0.1, 0.2, 0.4, 0.8)),
    "AdamW, decay 0.03": (adamw, dict(weight_decay=0.03), 0.0, (0.006, 0.012, 0.024)),
    "AdamW, decay 0.1": (adamw, dict(weight_decay=0.1), 0.0, (0.006, 0.012, 0.024)),
    "AdamW, decay 0.3": (adamw, dict(weight_decay=0.3), 0.0, (0.006, 0.012, 0.024)),
}
SHOWN = "SGD", "Adam", "SGD, L2 0.001", "AdamW, decay 0.1"
ALIKE = {"SGD": 0.3, "SGD, L2 0.001": 0.2}      # rates, picked afterwards, with nearly one loss


def train(name, lr, seeds, steps=STEPS):
    """Train MNIST-1D's network by a rule, one run for each seed, with lr on a cosine to 0.

    SGD is Nesterov's form with beta 0.9. Three lists: per cent of the 1,000 test curves that are
    right, largest curvature of the training loss, training loss; L2 is in none of them.
    """
    rule, knobs, decay, _ = RULES[name]
    net = mnist1d_mlp(batch=BATCH, seed=list(seeds))
    run = descend(with_l2(net, decay) if decay else net, rule, net.start, steps, every=steps,
                  lr=cosine(np.float32(lr)), **knobs)
    theta = run.theta[-1]
    found = 100 * net.accuracy(theta), net.top_eigenvalue(theta), net.loss(theta)
    return [[float(f"{number:.4g}") for number in numbers] for numbers in found]


def record(file=FILE):
    """Train every rule at each of its learning rates on the three sets, and write what is found."""
    found = {}
    for name, (*_, rates) in RULES.items():
        found[name] = {str(lr): [train(name, lr, seeds) for seeds in SETS] for lr in rates}
        print(name, found[name], flush=True)
        file.write_text(json.dumps(found).replace(']]], "', ']]],\n"') + "\n", encoding="utf-8")


@lru_cache
def recorded():
    """{rule: (learning rates, numbers)}: numbers (rates, 3, sets, seeds), the 3 as in train."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {name: ([*map(float, rows)], np.array([*rows.values()]).swapaxes(1, 2))
            for name, rows in found.items()}


def tuned(rule, at=None):
    """(rates, numbers, edge) of a rule on each set at the rate that was best on the set before.

    rates: three. numbers: (3, sets), means of a set's runs, as in train. The set before the first
    is the last; edge: whether a rate is the first or the last that was tried. at: a rate that is
    taken for every set instead.
    """
    rates, numbers = recorded()[rule]
    numbers = numbers.mean(axis=-1)                                 # (rates, 3, sets)
    best = [int(numbers[:, 0, k - 1].argmax()) if at is None else rates.index(at)
            for k in range(3)]
    return [rates[k] for k in best], numbers[best, :, range(3)].T, bool(
        {0, len(rates) - 1} & {*best})


def one_run(rule, at=None):
    """By how many points a single run of `rule` is off the mean of its set: standard deviation."""
    rates, numbers = recorded()[rule]
    runs = [numbers[rates.index(rate), 0, k] for k, rate in enumerate(tuned(rule, at)[0])]
    return np.sqrt(np.mean([np.var(right, ddof=1) for right in runs]))


def who_tests_better(rules=SHOWN, *, at=None):
    """Which rule gets most of MNIST-1D's test curves right, and how sharp is its network?

    2,500 steps of 64 curves, lr on a cosine to 0. Each set: per cent right, mean of three runs, at
    the learning rate that was best on the set before; lr holds these three. one run: by how many
    points a single run is off the mean of its set. curvature: the largest of the training loss,
    loss: of the training curves, both without the penalty, means of all sets. rules: of RULES.
    at: rule -> a learning rate that every set takes instead; only these rules are then shown.
    """
    at = at or dict.fromkeys(rules)

    def measure(rule):
        rates, (right, curvature, loss), _ = tuned(rule, at[rule])
        return {"lr": ", ".join(f"{float(lr):g}" for lr in rates),
                **by_set([float(f"{share:.3g}") for share in right]),
                "one run": float(f"{one_run(rule, at[rule]):.2g}"),
                "curvature": float(f"{curvature.mean():.2g}"), "loss": float(f"{loss.mean():.2g}")}

    return table(measure, [{"rule": rule} for rule in at], starts="the networks' first weights",
                 seeds=SETS, grid="3 or 4 rates a rule", budget=f"{STEPS} steps of {BATCH} curves",
                 criterion="per cent of the 1,000 test curves that are right")


def curvature_and_answers(rules=SHOWN, *, least=50):
    """A Picture of all trainings, each at its curvature and its per cent of right test curves.

    rules: of RULES, at all their learning rates. least: a training that gets fewer per cent right
    has not learnt the task, and is left out.
    """
    figure, ax = sheet(title="How sharp, and how good?", xscale="log",
                       xlabel="largest curvature", ylabel="new curves right (%)")
    words = "Each dot is one training: per cent of new curves right, over the largest curvature:"
    for rule, look in looks(rules).items():
        right, curvature, _ = recorded()[rule][1].swapaxes(0, 1).reshape(3, -1)
        learnt = right >= least
        right, curvature = right[learnt], curvature[learnt]
        ax.plot(curvature, right, look.marker, color=look.color, label=rule, markersize=7,
                markeredgecolor="white", markeredgewidth=0.5)
        ranks = pd.DataFrame({"right": right, "curvature": curvature}).rank()
        words += (f"\n  {rule}: {len(right)} trainings, {right.min():.1f} to {right.max():.1f} at "
                  f"curvatures from {curvature.min():.2g} to {curvature.max():.2g}, correlation of "
                  f"the ranks {ranks.corr().iloc[0, 1]:.2f}; {(~learnt).sum()} below {least} are "
                  "not shown")
    ax.set_xticks([0.2, 0.5, 1, 2, 5, 10], ["0.2", "0.5", "1", "2", "5", "10"])
    ax.legend(frameon=False, fontsize=9)
    return Picture(figure, words)


def claims():
    """What is claimed of flat minima and of SGD, a list: measured on MNIST-1D."""
    found = {rule: tuned(rule) for rule in RULES}
    right, sharp = ({rule: numbers[k] for rule, (_, numbers, _) in found.items()} for k in (0, 1))
    edges = {rule: edge for rule, (_, _, edge) in found.items()}
    asked = dict(budget="2,500 steps", criterion="a lead must exceed 1 point", where=WHERE,
                 referee="mean of 3 runs, lr chosen on another set", seeds=seed_sets(3))
    bends = [in_words(sharp[rule]) for rule in ALIKE]
    alike = [tuned(rule, lr)[1] for rule, lr in ALIKE.items()]
    net = digits_mlp(seed=0, dtype=np.float64)
    theta = descend(net, gradient_descent, steps=600, every=600, lr=0.5).theta[-1]
    factor = np.repeat([8, 1 / 8, 1], [4160, 640, 10])
    before, after = net.top_eigenvalue(np.stack([theta, factor * theta]))
    return [
        known("Curvature alone does not decide how well a network answers.", "proved",
              f"on digits the curvatures {before:.3g} and {after:.3g} give all images the same "
              "answers",
              "ReLU networks; weights written in another scale", WHERE),
        judge("SGD ends at flatter places than Adam.", sharp["SGD"], sharp["Adam"],
              **{**asked, "criterion": "training loss without the penalty"},
              told="largest curvature: SGD {lower}; Adam {higher}",
              at_edge=edges["SGD"] or edges["Adam"],
              limits="one task, no weight decay; SGD and Adam end at different training losses"),
        judge("Adam generalises worse than SGD, both without weight decay.", right["Adam"],
              right["SGD"], told="% of new curves right: Adam {lower}; SGD {higher}", luck=1.0,
              at_edge=edges["SGD"] or edges["Adam"], **asked),
        judge("AdamW generalises worse than SGD with L2.", right["AdamW, decay 0.1"],
              right["SGD, L2 0.001"], luck=1.0,
              told="% of new curves right: AdamW {lower}; SGD with L2 {higher}",
              at_edge=edges["SGD, L2 0.001"] or edges["AdamW, decay 0.1"],
              limits="one task, one L2, the best of three decays", **asked),
        judge("Of SGD's networks with and without L2 the flatter one generalises better.",
              right["SGD, L2 0.001"], right["SGD"], luck=1.0, at_edge=edges["SGD"],
              told="% of new curves right: {{lower}} with L2 (curvature {1}); {{higher}} without "
              "(curvature {0})".format(*bends), **asked),
        judge("At nearly equal loss SGD's network without L2 generalises worse than the sharper "
              "one with L2.", *(numbers[0] for numbers in alike), luck=1.0,
              told="% of new curves right: {{lower}} without L2 (curvature {}); {{higher}} with "
              "L2 (curvature {})".format(*(in_words(numbers[1]) for numbers in alike)),
              limits="one task; lr 0.3 without L2 and 0.2 with it, picked afterwards for their "
              "losses",
              **{**asked, "referee": "mean of 3 runs"}),
    ]
