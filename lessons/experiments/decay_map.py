"""Can the learning rate and the weight decay be tuned apart? 648 trainings, and their code.

The numbers lie in decay_map.json beside this file. To make them anew, in about two minutes:
    python -c "from lessons.experiments.decay_map import record; record()"
"""
import json
from functools import cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import decimals, seed_sets, table
from lessons.networks import digits, network
from lessons.networks.mlp import mlp
from lessons.steps import adam, adamw
from lessons.views import with_l2

__all__ = ["decay_map"]
FILE = Path(__file__).with_name("decay_map.json")
STEPS, FEW, WRONG = 600, 250, 0.3       # training digits in a set; part of them with a wrong label
LRS = (0.0003, 0.001, 0.003, 0.01, 0.03, 0.1)
DECAYS = {"Adam + L2": (0, 0.001, 0.003, 0.01, 0.03, 0.1), "AdamW": (0, 0.1, 0.3, 1, 3, 10)}
VALIDATION = slice(797, 1297)   # digits to choose by; the 500 test digits judge
HOW = dict(starts="first weights by seed", seeds=seed_sets(), grid="recorded",
           budget=f"{STEPS} batches of 32")


def few_digits(which=0, seed=0, held_out="test"):
    """250 digits, 30 % of them with a wrong label, for a network that can learn them by heart.

    which: 0, 1 or 2, three sets that share no digit. held_out: what accuracy() sees, 500 digits
    with right labels: "validation" to choose by, or "test" to judge by. 32 hidden units.
    """
    images, labels, *test = digits()
    rows, rng = slice(which * FEW, (which + 1) * FEW), np.random.default_rng((which, 5))
    moved = rng.integers(1, 10, FEW) * (rng.random(FEW) < WRONG)
    unseen = {"validation": (images[VALIDATION], labels[VALIDATION]), "test": test}[held_out]
    return network("Few digits", **mlp(64, 32, 10), test=unseen, batch=32, seed=seed, dtype=float,
                   train=(images[rows], (labels[rows] + moved) % 10))


def trained(rule, lr, decay, which=0, steps=STEPS, seeds=None):
    """Percent right of the validation and of the test digits, (2, number of lr), mean of seeds.

    seeds: None: the three seeds of the set.
    """
    seeds = tuple(seed_sets()[which] if seeds is None else seeds)
    place, rates = few_digits(which, seeds), np.reshape(lr, (-1, 1, 1))
    if rule == "AdamW":
        run = descend(place, adamw, steps=steps, every=steps, lr=rates, weight_decay=decay)
    else:
        run = descend(with_l2(place, decay), adam, steps=steps, every=steps, lr=rates)
    return np.array([100 * few_digits(which, 0, held_out).accuracy(run.theta[-1]).mean(-1)
                     for held_out in ("validation", "test")])


def record(file=FILE):
    """Train all, in three sets, and write what is found to `file`: a line for each rule and set."""
    rows = []
    for rule, decays in DECAYS.items():
        for which in range(3):
            found = decimals([trained(rule, LRS, decay, which) for decay in decays])
            rows.append(json.dumps({"rule": rule, "set": which, "right": found}))
            print(rows[-1], flush=True)
    file.write_text("[\n" + ",\n".join(rows) + "\n]\n", encoding="utf-8")


@cache
def recorded():
    """(rule, set) -> percent right, (decays, 2, lrs): of the validation and of the test digits."""
    rows = json.loads(FILE.read_text(encoding="utf-8"))
    return {(row["rule"], row["set"]): np.array(row["right"]) for row in rows}


def decay_map(rule="AdamW", which=0):
    """How many validation digits does the network get right, for every lr and weight decay?

    Recorded, in percent, the mean of three seeds. which: the set of training digits, 0, 1 or 2.
    """

    def measure(decay):
        right = recorded()[rule, which][DECAYS[rule].index(decay), 0]
        return {f"lr {lr:g}": round(value, 1) for lr, value in zip(LRS, right)}

    found = table(measure, [{"decay": d} for d in DECAYS[rule]], **HOW,
                  criterion="percent right of 500 validation digits, mean of three seeds")
    return found.rename(columns={"decay": "weight decay"})


def choice(rule, which, lr):
    """The best decay at lr by validation."""
    return DECAYS[rule][int(recorded()[rule, which][:, 0, LRS.index(lr)].argmax())]


def tuned(rule, which):
    """Percent of right test digits at the lr and the decay that are best on the validation digits.

    rule: "no decay", too.
    """
    right = recorded()[rule.replace("no decay", "AdamW"), which]
    right = right[:1] if rule == "no decay" else right
    decay, rate = np.unravel_index(right[:, 0].argmax(), right[:, 0].shape)
    return right[decay, 1, rate]


def claims():
    """Claims about the decay of a real network, from the recorded runs, as a list."""
    found = {rule: [100 - tuned(rule, which) for which in range(3)]
             for rule in ("no decay", *DECAYS)}
    moved = {rule: [ratio([choice(rule, which, lr) for lr in LRS[2:5]]) for which in range(3)]
             for rule in DECAYS}
    how = {"budget": HOW["budget"], "referee": "mean of three runs a set", "seeds": HOW["seeds"],
           "where": "On a real network: can learning rate and decay be tuned apart?"}
    few = "a network of 250 digits, 30 % with wrong labels"
    wrong = {"criterion": "wrong answers on 500 test digits", "luck": 1.5,
             "limits": f"{few}; up to 1.5 points apart is a tie"}
    return [
        judge("Each at its best, AdamW makes better networks than Adam with L2.", found["AdamW"],
              found["Adam + L2"], **how, **wrong,
              told="{lower} % of the test digits wrong with AdamW; {higher} % with L2"),
        judge("Each at its best, AdamW makes better networks than no decay.", found["AdamW"],
              found["no decay"], **how, **wrong,
              told="{lower} % of the test digits wrong with AdamW; {higher} % without decay"),
        judge(f"From lr {LRS[2]} to {LRS[4]} the best decay moves less with AdamW than with L2.",
              moved["AdamW"], moved["Adam + L2"], **how, margin=4,
              told="AdamW's best decay moves by a factor of {lower}; L2's by {higher}",
              criterion="largest over smallest best decay",
              limits="we tried decays a factor of about 3 apart; one such factor is a tie"),
    ]


def ratio(values):
    """The largest over the smallest."""
    return max(values) / min(values)
