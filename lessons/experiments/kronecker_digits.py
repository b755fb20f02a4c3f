"""Per step and per second: matrix rules on the digits. Runs that take minutes, and their code.

The numbers lie in kronecker_digits.json beside this file. To make them anew, in about 2 minutes:
    python -c "from lessons.experiments.kronecker_digits import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path
from time import process_time
from types import SimpleNamespace

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.networks import digits_mlp
from lessons.steps import adam, kfac, muon, shampoo, soap

__all__ = ["per_second", "per_step", "train_digits"]
FILE = Path(__file__).with_name("kronecker_digits.json")
STEPS, SETS = 150, seed_sets(3)
MARGIN = 2          # a lead counts from this factor
WHERE = "On a real network: who is ahead, per step and per second?"


def muon_and_adam(surface, theta, t=0, m=0.0, v=0.0, M=0.0, *, lr=0.12, share=0.15):
    """Muon on every matrix but the last; Adam, at lr * share, on the last and on the biases.

    t, m, v: as in adam, M: as in muon; each rule keeps its own for all of theta.
    """
    g = surface.grad(theta)
    known = SimpleNamespace(grad=lambda _: g, shape=surface.shape)
    by_muon, M = muon(known, theta, M, lr=lr)
    by_adam, t, m, v = adam(known, theta, t, m, v, lr=share * lr)
    return np.where(hidden(surface.shape), by_muon, by_adam), t, m, v, M


def hidden(shapes):
    """(D,): whether a parameter lies in a matrix that is not the last one."""
    last = max(i for i, shape in enumerate(shapes) if len(shape) > 1)
    return np.concatenate([np.full(np.prod(shape), len(shape) > 1 and i != last)
                           for i, shape in enumerate(shapes)])


RULES = {       # name -> the step, the learning rates that are tried, its other knobs
    "Adam": (adam, (0.01, 0.02, 0.04, 0.08), {}),
    "Shampoo": (shampoo, (0.4, 0.8, 1.6, 3.2), {}),
    "K-FAC": (kfac, (0.3, 0.6, 1.2, 2.4), dict(damping=0.1)),
    "Muon and Adam": (muon_and_adam, (0.03, 0.06, 0.12, 0.24), {}),
    "SOAP": (soap, (0.03, 0.06, 0.12, 0.24), {}),
    "SOAP (every 10th)": (soap, (0.03, 0.06, 0.12, 0.24), dict(period=10)),
}


def network(seeds):
    """Two hidden layers of 64 units, 8,970 parameters, in batches of 128 of the digits."""
    return digits_mlp(batch=128, seed=seeds, hidden=(64, 64))


def falling(peak):
    """The schedule that falls in a straight line from `peak` to one step before 0."""
    return lambda t, total: peak * (total - t + 1) / total


def train(rule, lr, seeds, steps=STEPS):
    """Training losses (S,) after a straight fall of lr to 0."""
    place, (step, _, knobs) = network(seeds), RULES[rule]
    with np.errstate(all="ignore"):     # of runs that leave for infinity
        theta = descend(place, step, steps=steps, every=steps, lr=falling(lr), **knobs).theta[-1]
        return place.loss(theta)


def record(file=FILE):
    """Time a step of each rule, train all, nine seeds each, and write what is found to `file`.

    Adam is trained again, for as many steps as it makes in the time of STEPS of each other rule.
    """
    everybody = sum(map(list, SETS), [])
    ms = milliseconds()
    longer = {rule: round(STEPS * ms[rule] / ms["Adam"]) for rule in RULES}
    runs = []
    for rule, steps in [*((rule, STEPS) for rule in RULES),
                        *(("Adam", steps) for steps in longer.values() if steps > STEPS)]:
        for lr in RULES[rule][1]:
            loss = train(rule, lr, everybody, steps)
            runs.append({"rule": rule, "steps": steps, "lr": lr,
                         "loss": [float(f"{one:.3g}") for one in np.nan_to_num(loss, nan=np.inf)]})
            print(runs[-1], flush=True)
    lines = ",\n".join(map(json.dumps, runs))
    file.write_text(f'{{"ms": {json.dumps(ms)},\n"runs": [\n{lines}]}}\n', encoding="utf-8")


def milliseconds(steps=60, rounds=5):
    """{rule: milliseconds of processor time for a step}: the lowest of some rounds, one network."""
    def once(rule):
        step, rates, knobs = RULES[rule]
        began = process_time()
        descend(network(0), step, steps=steps, every=steps, lr=rates[1], **knobs)
        return 1000 * (process_time() - began) / steps

    found = [{rule: once(rule) for rule in RULES} for _ in range(rounds)]
    return {rule: round(min(one[rule] for one in found), 2) for rule in RULES}


@lru_cache
def recorded():
    """The file: {"ms": {rule: milliseconds}, "runs": [a row for each rule, steps and lr]}."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def judged(rule, steps=STEPS):
    """For each set of seeds, (loss, whether lr lies on an edge).

    The learning rate is the best one of the set before (before the first comes the last), so nobody
    is judged by the runs that chose. loss: the geometric mean of three runs.
    """
    runs, logs, best = chosen(rule, steps)
    each = range(3)
    return np.exp(logs[best, each]), np.isin(best, (0, len(runs) - 1))


def chosen(rule, steps=STEPS):
    """(the runs of a rule, one for each lr; their log losses by set; for each set, its run)."""
    runs = [run for run in recorded()["runs"] if (run["rule"], run["steps"]) == (rule, steps)]
    with np.errstate(divide="ignore"):
        logs = np.log([run["loss"] for run in runs]).reshape(-1, 3, 3).mean(axis=2)
    return runs, logs, np.roll(logs.argmin(axis=0), 1)


def price(rule):
    """How many steps of Adam take as long as one step of a rule, on the machine of the record."""
    return recorded()["ms"][rule] / recorded()["ms"]["Adam"]


def equal_time(rule):
    """How many steps Adam makes in the time of STEPS steps of a rule."""
    return round(STEPS * price(rule))


def adam_by_steps():
    """(counts, losses): how long Adam's recorded runs are, and the mean loss that they end at."""
    counts = sorted({run["steps"] for run in recorded()["runs"] if run["rule"] == "Adam"})
    return np.array(counts), np.array([np.exp(np.log(judged("Adam", steps)[0]).mean())
                                       for steps in counts])


def train_digits(rates, seed=0, budget=STEPS):
    """Which training loss does each rule reach at its lr, to the nearest power of ten?

    rates: {rule: lr}. Two hidden layers of 64, batches of 128 of the digits, lr falling in a
    straight line to 0. No more than a power of ten, because sums of float32 differ from one
    processor to the next.
    """

    def measure(rule, lr):
        [loss] = train(rule, lr, [seed], budget)
        return {"loss": 10.0 ** np.round(np.log10(loss))}

    return table(measure, [{"rule": rule, "lr": lr} for rule, lr in rates.items()], seeds=[seed],
                 starts="first weights by seed", grid="none", budget=f"{budget} mini-batches",
                 criterion="training loss")


def per_step():
    """Which training loss does each rule reach in 150 steps?

    Recorded: three sets of three seeds. best lr: of 4, chosen on the set before. beside Adam: ahead
    or behind by more than a factor of 2 in all sets, or a tie.
    """

    def measure(rule):
        loss = judged(rule)[0]
        runs, _, best = chosen(rule)
        return {"best lr": span([runs[k]["lr"] for k in best], 2), **by_set(loss.round(7)),
                "beside Adam": "" if rule == "Adam" else standing(loss / judged("Adam")[0])}

    return in_table(measure, RULES, f"{STEPS} mini-batches")


def per_second():
    """Which training loss does Adam reach in the time that 150 steps of another rule take?

    Recorded. price: one step, in steps of Adam, by processor time. The sets: the rule's loss over
    Adam's in the same time. beside Adam: as in per_step().
    """

    def measure(rule):
        loss, adams = judged(rule)[0], judged("Adam", equal_time(rule))[0]
        return {"price": round(price(rule), 1), "Adam's steps": equal_time(rule),
                **by_set((loss / adams).round(2)), "beside Adam": standing(loss / adams)}

    return in_table(measure, [rule for rule in RULES if rule != "Adam"],
                    f"the time of {STEPS} mini-batches")


def standing(ratios):
    """Where a rule stands whose losses are so many times Adam's: "ahead", "tie" or "behind"."""
    return "ahead" if max(ratios) < 1 / MARGIN else "behind" if min(ratios) > MARGIN else "tie"


def in_table(measure, rules, budget):
    """A table of recorded runs."""
    return table(measure, [{"rule": rule} for rule in rules], starts="first weights by seed",
                 seeds=SETS, grid="4 rates, chosen on the set before", budget=budget,
                 criterion="training loss, geometric mean of three seeds")


def claims():
    """Claims about the network, from the recorded runs, as a list."""
    ends = {rule: judged(rule) for rule in RULES}
    how = dict(seeds=SETS, referee="three runs a set, lr chosen on the set before", where=WHERE)
    loss = dict(how, criterion="training loss", budget=f"{STEPS} steps")
    small = "a network of 8,970 parameters, batches of 128; a lead counts from a factor of 2"

    def against(rule, claim):
        return judge(claim, ends[rule][0], ends["Adam"][0], **loss, limits=small, margin=MARGIN,
                     told=f"last loss {{lower}} with {rule}; {{higher}} with Adam",
                     at_edge=ends[rule][1] | ends["Adam"][1])

    def in_time(rule, claim, prices=""):
        other = judged("Adam", equal_time(rule))
        return judge(claim, ends[rule][0], other[0], **dict(loss, budget="equal time, one core"),
                     told=f"last loss {{lower}} with {STEPS} steps of {rule}; {{higher}} with "
                     f"{equal_time(rule)} steps of Adam", margin=MARGIN,
                     limits=f"{small}{prices}; two timings differ by up to a fifth",
                     at_edge=ends[rule][1] | other[1])

    return [
        against("SOAP", "In as many steps SOAP ends lower than Adam."),
        against("Muon and Adam", "In as many steps Muon, with Adam for the rest, ends lower than "
                "Adam."),
        against("K-FAC", "In as many steps K-FAC ends lower than Adam."),
        in_time("SOAP", "In the same time SOAP, with new axes in every step, ends lower than "
                "Adam."),
        in_time("SOAP (every 10th)", "In the same time SOAP, with new axes in every tenth step, "
                "ends lower than Adam.", "; no other rule was run with rare renewals"),
        in_time("Muon and Adam", "In the same time Muon, with Adam for the rest, ends lower than "
                "Adam."),
        in_time("K-FAC", "In the same time K-FAC ends lower than Adam.",
                "; its inverses were renewed in every step, at damping 0.1"),
    ]
