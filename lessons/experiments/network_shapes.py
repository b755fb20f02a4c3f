"""What does the shape of a schedule do for a network? Runs of minutes: numbers and their code.

The numbers lie in network_shapes.json beside this file. To make them anew, in about 3 minutes:
    python -c "from lessons.experiments.network_shapes import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons import schedules
from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import by_set, decimals, seed_sets, table
from lessons.networks import mnist1d_mlp
from lessons.steps import momentum

__all__ = ["at_its_best"]
FILE = Path(__file__).with_name("network_shapes.json")
PEAKS = tuple(0.01 * 2.0**k for k in range(7))
STEPS, SETS = 300, seed_sets(5)
SEEDS = sum(map(list, SETS), [])
MEAN_FROM = 210     # the mean of a constant run's points: those after this step, the last 30 %


def down_in(share):
    """A function of the peak: level, and down in a straight line over this share of the run."""
    return lambda peak: schedules.warmup_stable_decay(peak, decay=share)


WAYS = {        # name -> the shape of the lr
    "constant": schedules.constant,
    "straight line": schedules.linear,
    "cosine": schedules.cosine,
    "level, then down": down_in(0.2),
}
MEAN = "mean of its last 30 %"      # of the constant runs


def train(way, peaks=None, seeds=SEEDS):
    """{name: (training losses, percent wrong)}, each (peaks, seeds); a constant run has its mean.

    The network has 15,210 weights and reads batches of 64 drawn digits.
    """
    place = mnist1d_mlp(batch=64, seed=tuple(seeds))
    lr = WAYS[way](np.float32(PEAKS if peaks is None else peaks)[:, None, None])
    if way == "constant":
        run = descend(place, averaging, steps=STEPS, every=STEPS, lr=lr, begin=MEAN_FROM)
        return {way: judged(place, run.theta[-1]), MEAN: judged(place, run.state["mean"][-1])}
    run = descend(place, momentum, steps=STEPS, every=STEPS, lr=lr)
    return {way: judged(place, run.theta[-1])}


def averaging(surface, theta, velocity=0.0, t=0, mean=0.0, *, lr=0.02, beta=0.9, begin=0):
    """Momentum that also keeps the mean of its points after step `begin`."""
    theta, velocity = momentum(surface, theta, velocity, lr=lr, beta=beta)
    t = t + 1
    return theta, velocity, t, mean + (theta - mean) / max(1, t - begin)


def judged(place, theta):
    """(training losses, percentages of wrong test examples) of a grid of networks."""
    return place.loss(theta), 100 * (1 - place.accuracy(theta))


def record(file=FILE):
    """Train all, at every peak, for 15 seeds, and write what is found to `file`."""
    found = {}
    for way in WAYS:
        for name, (loss, wrong) in train(way).items():
            found[name] = {"loss": decimals(loss), "wrong": decimals(wrong)}
            print(name, np.mean(wrong, axis=1).round(1), flush=True)
    rows = ",\n".join(f'"{name}": {json.dumps(rows)}' for name, rows in found.items())
    file.write_text(f"{{\n{rows}\n}}\n", encoding="utf-8")


@lru_cache
def recorded():
    """{way: {"loss", "wrong": (peaks, three sets, five seeds)}}."""
    found = json.loads(FILE.read_text(encoding="utf-8"))
    return {way: {what: np.reshape(rows, (len(PEAKS), len(SETS), -1)) for what, rows in of.items()}
            for way, of in found.items()}


def chosen(way, judged):
    """(peak number, percent right of five seeds) in set `judged`, 0 to 2: chosen on the one before.

    Chosen by the mean training loss; before the first set comes the last.
    """
    found = recorded()[way]
    losses = np.where(np.isfinite(found["loss"]), found["loss"], np.inf)[:, judged - 1].mean(-1)
    best = int(losses.argmin())
    return best, 100 - found["wrong"][best, judged]


def right(way):
    """The mean percentage of right test examples in each of the three sets, at the chosen peaks."""
    return [chosen(way, k)[1].mean() for k in range(3)]


def best_peaks(way):
    """The peak that is chosen for each of the three sets."""
    return [float(PEAKS[chosen(way, k)[0]]) for k in range(3)]


def at_edge(*ways):
    """Whether a chosen peak is the first or the last that was tried, in any set."""
    return any(chosen(way, k)[0] in (0, len(PEAKS) - 1) for way in ways for k in range(3))


def at_its_best(ways=("constant", MEAN, "straight line", "cosine", "level, then down")):
    """How many unseen digits does a network get right with each shape, at the peak that suits it?

    Recorded: 300 batches of 64, momentum 0.9. Seven peaks, each twice the last; for
    each set of five seeds the peak is the one with the lowest training loss on the set before.
    """

    def measure(shape):
        peaks = dict.fromkeys(f"{peak:g}" for peak in best_peaks(shape))
        return {"best peak": " or ".join(peaks), **by_set(np.round(right(shape), 1))}

    return table(measure, [{"shape": way} for way in ways], starts="first weights by seed",
                 seeds=SETS, grid="7 peaks, recorded", budget=f"{STEPS} mini-batches",
                 criterion="percent right of 1,000 test examples, mean of five seeds")


def by_peak(ways=("constant", MEAN, "straight line", "level, then down"), first=None):
    """{way: percent right at the first so many of PEAKS, the mean of 15 seeds}, for a picture."""
    return {way: 100 - recorded()[way]["wrong"].mean(axis=(1, 2))[:first] for way in ways}


def claims():
    """Claims about shapes on a network, from the recorded runs, as a list."""
    how = {"budget": f"{STEPS} mini-batches", "criterion": "1,000 test examples",
           "referee": "mean of five seeds, peak chosen on the set before", "seeds": SETS,
           "where": "On a real network: which shape, and does the peak still matter?"}
    names = {"constant": "constant rate", MEAN: "mean of a constant run's last 30 %"}

    def says(claim, lower, higher, luck=1.0, limits="one small network, 300 steps; "
             "up to 1 point apart is a tie", **more):
        one, other = (names.get(way, way) for way in (higher, lower))
        return judge(claim, right(lower), right(higher), luck=luck, limits=limits,
                     told=f"{one}: {{higher}} % right; {other}: {{lower}} % right",
                     at_edge=at_edge(lower, higher), **{**how, **more})

    worse = [100 - recorded()["constant"]["wrong"][:, k].mean(-1) for k in range(3)]
    eighth = [rights[chosen("constant", k)[0] - 3] for k, rights in enumerate(worse)]
    gain = np.subtract(right(MEAN), right("constant"))
    return [
        says("The mean of a constant run's last 30 % gets more test examples right than a straight "
             "line.", "straight line", MEAN),
        says("Level, then down gets more test examples right than a straight line.",
             "straight line", "level, then down"),
        says("Level, then down gets more test examples right than a cosine.", "cosine",
             "level, then down"),
        judge("A peak that is eight times too low costs more than the best shape gains.",
              gain, np.subtract(right("constant"), eighth), luck=1.0, **how,
              told="the best shape gains {lower} points of right answers, the low peak costs "
              "{higher}", limits="one small network, 300 steps; the low peak is a constant rate's, "
              "and the best shape is the mean of its last 30 %"),
    ]
