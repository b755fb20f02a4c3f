"""What does clipping do for a recurrent network? Runs that take minutes: numbers and their code.

The numbers lie in clipped_rnn.json beside this file. To make them anew, in about 2 minutes:
    python -c "from lessons.experiments.clipped_rnn import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import by_set, decimals, seed_sets, span, table
from lessons.networks import char_rnn
from lessons.steps import adam, momentum
from lessons.views import clipped, spiked

__all__ = ["one_bad_batch", "rnn_sweep"]
FILE = Path(__file__).with_name("clipped_rnn.json")
STEPS, WARM, BAD = 200, 20, 100     # norms count after WARM steps; the bad batch is step BAD
NEVER = 1e9                         # a threshold that clips nothing
SWEEP = [(0.3, NEVER), (0.3, 1.0), (0.5, NEVER), (1.0, NEVER), (1.0, 1.0), (1.0, 0.25)]  # lr, c
TIE = 1.02      # results less than 2 % apart are a tie
BATCHES = {"clean": (1.0, NEVER), "clean, c = 1": (1.0, 1.0), "one bad batch": (100.0, NEVER),
           "bad batch, c = 1": (100.0, 1.0)}        # the gradient times this, and clipped at c
LOGS = {        # what clipping is -> a run that shows it: lr, c, how bad step BAD is
    "nothing": (0.3, 1.0, 1.0), "a guard": (0.3, 1.0, 100.0),
    "a learning rate": (1.0, 0.25, 1.0), "too loose": (1.0, 1.0, 1.0)}


def network(seeds):
    """A recurrent network of 32 units that reads 48 characters, for each of some seeds."""
    return char_rnn(batch=8, width=32, seed=seeds)


def logged(surface, theta, velocity=0.0, *, lr=0.3, beta=0.9, c=NEVER):
    """Momentum on gradients clipped by norm at c; it also returns the norms before clipping."""
    g = surface.grad(theta)
    norm = np.sqrt((g * g).sum(-1, keepdims=True))
    velocity = beta * velocity + g * np.minimum(1, c / (norm + 1e-6))
    return theta - lr * velocity, velocity, norm


RULES = {       # name -> (the step, its knobs)
    "Momentum": (momentum, dict(lr=0.3)),
    "Adam": (adam, dict(lr=0.03)),
}


def train(lr=0.3, c=NEVER, seeds=(0, 1, 2), steps=STEPS, size=1.0):
    """(losses after the last step (S,), norms of all gradients before clipping (steps, S)).

    size: the gradient of step BAD is so many times as long.
    """
    place, log = spiked(network(seeds), size, BAD), []
    theta, velocity = place.start, 0.0
    with np.errstate(all="ignore"):     # of runs that explode
        for t in range(1, steps + 1):
            theta, velocity, norm = logged(place.at(t), theta, velocity, lr=lr, c=c)
            log.append(norm[:, 0])
        return place.loss(theta), np.array(log)


def hit(rule, size, c, seeds):
    """Final losses (S,), where the gradient of step BAD is `size` times as long."""
    step, knobs = RULES[rule]
    seen = clipped(spiked(network(seeds), size, BAD), c)
    return descend(seen, step, steps=STEPS, every=STEPS, **knobs).loss[-1]


def record(file=FILE):
    """Train all, in three sets of three seeds, and write what is found to `file`."""
    sets = seed_sets(3)
    everybody = sum(map(list, sets), [])
    runs = []
    for lr, c in SWEEP:
        loss, log = train(lr, c, everybody)
        counted = log[WARM:]
        runs.append({"lr": lr, "c": c, "loss": decimals(loss),
                     "share": decimals((counted > c).mean(0)),
                     "median": decimals(np.median(counted, axis=0)),
                     "99th": decimals(np.percentile(counted, 99, axis=0))})
        print(runs[-1], flush=True)
    bad = {rule: {name: decimals(hit(rule, *how, everybody)) for name, how in BATCHES.items()}
           for rule in RULES}
    logs = {name: decimals(train(lr, c, list(sets[0]), size=size)[1].T)
            for name, (lr, c, size) in LOGS.items()}
    sweep = ",\n".join(map(json.dumps, runs))
    file.write_text(f'{{"sweep": [\n{sweep}],\n"bad": {in_lines(bad)},\n"logs": '
                    f'{in_lines(logs)}}}\n', encoding="utf-8")


def in_lines(table):
    """A dict as JSON with a line for each entry."""
    return "{\n" + ",\n".join(f'"{key}": {json.dumps(row)}' for key, row in table.items()) + "}"


@lru_cache
def recorded():
    """{"sweep": [a row for each lr and c], "bad": {rule: {batches: losses}}, "logs": {name: log}}.

    Of nine seeds each. A log: the norms before clipping, of the first three seeds (3, STEPS).
    """
    return json.loads(FILE.read_text(encoding="utf-8"))


def rnn_sweep(lr=(0.3, 0.5, 1.0)):
    """What does clipping do for a recurrent network with momentum 0.9, at these lr and several c?

    Recorded: the mean loss of three seeds, in three sets. char_rnn, 32 units, batches of 8 windows
    of 48 characters. median norm: of the gradients before clipping, after step 20. clipped (%): how
    many of them are longer than c.
    """

    def measure(lr, c):
        run = next(run for run in recorded()["sweep"] if (run["lr"], run["c"]) == (lr, c))
        return {"lr": lr, "c": "no clipping" if c == NEVER else f"{c:g}",
                **by_set(by_three(run["loss"])), "median norm": span(run["median"], 2),
                "clipped (%)": span(np.multiply(100, run["share"]))}

    cases = [{"lr": run["lr"], "c": run["c"]} for run in recorded()["sweep"]
             if run["lr"] in np.ravel(lr)]
    return table(measure, cases, starts="first weights by seed", seeds=seed_sets(3),
                 grid="recorded", budget=f"{STEPS} mini-batches",
                 criterion="loss on 64 windows, mean of three seeds")


def one_bad_batch(rules=tuple(RULES)):
    """What does one gradient 100 times too long, at step 100 of 200, do to these rules?

    Recorded: the network of rnn_sweep(), momentum at lr 0.3 and Adam at lr 0.03; the mean final
    loss of three seeds, from the lowest to the highest of three sets. rules: names out of RULES.
    """

    def measure(rule):
        return {name: span(by_three(losses), 2) for name, losses in recorded()["bad"][rule].items()}

    cases = [{"rule": rule} for rule in np.ravel(rules).tolist()]
    return table(measure, cases, starts="first weights by seed", seeds=seed_sets(3),
                 grid="recorded", budget=f"{STEPS} mini-batches",
                 criterion="loss on 64 windows, mean of three seeds")


def by_three(values):
    """The means of three times three numbers."""
    return np.reshape(values, (3, 3)).mean(1)


def claims():
    """Claims about the recurrent network, from the recorded runs, as a list."""
    ends = {(run["lr"], run["c"]): by_three(run["loss"]) for run in recorded()["sweep"]}
    bad = {rule: {name: by_three(losses) for name, losses in found.items()}
           for rule, found in recorded()["bad"].items()}
    how = {"budget": f"{STEPS} mini-batches", "criterion": "loss on 64 pieces of text",
           "referee": "mean of three seeds", "seeds": seed_sets(3), "margin": TIE,
           "where": "On a real network: a guard, a learning rate, or nothing?"}
    small, once = "one small recurrent network", "one gradient, 100 times too long"
    guarded = "after it, the loss is {lower} with clipping; {higher} without"
    return [
        judge("Clipping makes a larger learning rate possible.", ends[1.0, 0.25], ends[1.0, NEVER],
              **how, told="lr 1 ends at a loss of {lower} with c 0.25; {higher} without clipping",
              limits="every step is clipped, and plain lr 0.5 ties"),
        judge("Clipped at 0.25, lr 1 ends lower than plain lr 0.5.", ends[1.0, 0.25],
              ends[0.5, NEVER], **how, limits=small,
              told="lr 1, clipped, ends at a loss of {lower}; plain lr 0.5 at {higher}"),
        judge("Without a bad batch, clipping at 1 lowers the loss at lr 0.3.",
              ends[0.3, 1.0], ends[0.3, NEVER], **how, limits=small,
              told="the loss is {lower} with clipping; {higher} without"),
        judge("Clipping at 1 guards momentum against one bad batch.",
              bad["Momentum"]["bad batch, c = 1"], bad["Momentum"]["one bad batch"], **how,
              told=guarded, limits=f"lr 0.3; {once}"),
        judge("Clipping at 1 guards Adam against one bad batch.", bad["Adam"]["bad batch, c = 1"],
              bad["Adam"]["one bad batch"], **how, told=guarded,
              limits=f"lr 0.03, not tuned; {once}"),
    ]
