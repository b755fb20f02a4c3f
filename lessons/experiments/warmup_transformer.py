"""Does a transformer need a warm-up? A sweep that takes minutes: its numbers, and what made them.

The numbers lie in warmup.json beside this file. To make them anew, in about 10 minutes:
    python -c "from lessons.experiments.warmup_transformer import sweep; sweep()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.networks import char_transformer, text
from lessons.schedules import constant, warmup_stable_decay
from lessons.steps import adam

FILE = Path(__file__).with_name("warmup_transformer.json")
NORMS, SEEDS = ("post", "pre"), (0, 1, 2, 3)
LRS = (0.00175, 0.0035, 0.007, 0.014, 0.028)
STEPS, EVERY, WARMUP = 250, 10, 80


def uncorrected(surface, theta, t=10**6, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999):
    """Adam without its bias correction: a million steps in, 1 - beta2^t is 1 to all digits."""
    return adam(surface, theta, t, m, v, lr=lr, beta1=beta1, beta2=beta2)


def held(peak):
    """`peak` after WARMUP steps at 0, in which Adam's averages fill and nothing moves."""
    return lambda t, total: peak if t > WARMUP else 0 * peak


WAYS = {        # name -> (the step, the schedule of its lr for a peak)
    "No warm-up": (adam, constant),
    "Warm-up": (adam, lambda peak: warmup_stable_decay(peak, warmup=WARMUP, decay=0.0)),
    "Held still": (adam, held),
    "No correction": (uncorrected, constant),
}


def train(norm, way, lr, seeds=SEEDS, steps=STEPS, every=EVERY):
    """Losses (kept steps, seeds) of transformers of 6 layers while they learn; see WAYS."""
    step, schedule = WAYS[way]
    network = char_transformer(norm=norm, layers=6, seed=seeds)
    return descend(network, step, steps=steps, every=every, lr=schedule(np.float32(lr))).loss


def sweep(file=FILE):
    """Train every way at every learning rate, and write what is found to `file`."""
    losses = {norm: {way: {} for way in WAYS} for norm in NORMS}
    for norm, ways in losses.items():
        for way, rows in ways.items():
            for lr in LRS:
                rows[str(lr)] = train(norm, way, lr).T.astype(float).round(3).tolist()
                print(norm, way, lr, [row[-1] for row in rows[str(lr)]], flush=True)
    write(losses, file)


def write(losses, file):
    """Write the recorded losses to a file, with a line for each learning rate."""
    lines = json.dumps(losses).replace('{"0.', '{\n"0.').replace(']], "', ']],\n"')
    file.write_text(lines.replace("}, ", "},\n") + "\n", encoding="utf-8")


def recorded():
    """{norm: {way: {lr: losses (kept steps, seeds)}}} of the sweep."""
    losses = json.loads(FILE.read_text(encoding="utf-8"))
    return {norm: {way: {float(lr): np.array(rows).T for lr, rows in found.items()}
                   for way, found in ways.items()} for norm, ways in losses.items()}


@lru_cache
def letters_alone():
    """The loss of a guess that knows how frequent each character is, and nothing else."""
    _, train, _ = text()
    shares = np.bincount(train) / len(train)
    return float(-(shares * np.log(shares)).sum())


def is_stuck(loss):
    """Whether a loss is within 0.1 of letters_alone(): the transformer has learned no more."""
    return np.asarray(loss) > letters_alone() - 0.1
