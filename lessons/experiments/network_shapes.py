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
from lessons.steps import adam, momentum

__all__ = ["at_its_best"]
FILE = Path(__file__).with_name("network_shapes.json")
PEAKS = tuple(0.01 * 2.0**k for k in range(7))
STEPS, SETS = 300, seed_sets(5)
SEEDS = sum(map(list, SETS), [])
MEAN_FROM = 210     # the mean of a constant run's points: those after this step, the last 30 %


def stairs(peak):
    """Down to a tenth after each third of the run."""
    return schedules.step_decay(peak, STEPS // 3)


def down_in(share):
    """A function of the peak: level, and down in a straight line over this share of the run."""
    return lambda peak: schedules.warmup_stable_decay(peak, decay=share)


def warmed_line(steps):
    """A function of the peak: a straight line after a warm-up of so many steps."""
    return lambda peak: schedules.linear(peak, warmup=steps)


BETA = schedules.one_cycle(0.85, start=0.95, floor=0.95)     # momentum's part of one-cycle
WAYS = {        # name -> (the shape of the lr, the step, its knobs)
    "constant": (schedules.constant, momentum, {}),
    "stairs": (stairs, momentum, {}),
    "straight line": (schedules.linear, momentum, {}),
    "cosine": (schedules.cosine, momentum, {}),
    "level, then down": (down_in(0.2), momentum, {}),
    "triangle": (schedules.triangular, momentum, {}),
    "one-cycle, beta cycled": (schedules.one_cycle, momentum, dict(beta=BETA)),
    "one-cycle, beta 0.9": (schedules.one_cycle, momentum, {}),
    "straight line, warm-up 30": (warmed_line(30), momentum, {}),
    "Adam, straight line": (schedules.linear, adam, {}),
    "Adam, straight line, warm-up 30": (warmed_line(30), adam, {}),
    "Adam, straight line, warm-up 100": (warmed_line(100), adam, {}),
    "level, then down in 10 %": (down_in(0.1), momentum, {}),
    "level, then down in 30 %": (down_in(0.3), momentum, {}),
    "level, then down in 50 %": (down_in(0.5), momentum, {}),
}
MEAN = "mean of its last 30 %"      # of the constant runs


def peaks_of(way):
    """The peaks that a way tries: Adam's are a sixteenth of the others."""
    return np.divide(PEAKS, 16 if way.startswith("Adam") else 1)


def train(way, peaks=None, seeds=SEEDS):
    """{name: (training losses, percent wrong)}, each (peaks, seeds); a constant run has its mean.

    The network has 15,210 weights and reads batches of 64 drawn digits.
    """
    shape, step, knobs = WAYS[way]
    place = mnist1d_mlp(batch=64, seed=tuple(seeds))
    lr = shape(np.float32(peaks_of(way) if peaks is None else peaks)[:, None, None])
    if way == "constant":
        run = descend(place, averaging, steps=STEPS, every=STEPS, lr=lr, begin=MEAN_FROM)
        return {way: judged(place, run.theta[-1]), MEAN: judged(place, run.state["mean"][-1])}
    run = descend(place, step, steps=STEPS, every=STEPS, lr=lr, **knobs)
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
    return [float(peaks_of(way)[chosen(way, k)[0]]) for k in range(3)]


def at_edge(*ways):
    """Whether a chosen peak is the first or the last that was tried, in any set."""
    return any(chosen(way, k)[0] in (0, len(PEAKS) - 1) for way in ways for k in range(3))


def at_its_best(ways=("constant", MEAN, "straight line", "cosine", "level, then down",
                      "one-cycle, beta cycled", "one-cycle, beta 0.9")):
    """How many unseen digits does a network get right with each shape, at the peak that suits it?

    Recorded: 300 batches of 64, momentum 0.9 unless named. Seven peaks, each twice the last; for
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
        says("A straight line to 0 gets more test examples right than the best constant rate.",
             "constant", "straight line"),
        says("The mean of a constant run's last 30 % gets more test examples right than a straight "
             "line.", "straight line", MEAN),
        says("Level, then down gets more test examples right than a straight line.",
             "straight line", "level, then down"),
        says("Level, then down gets more test examples right than a cosine.", "cosine",
             "level, then down"),
        says("A cosine gets more test examples right than a straight line.", "straight line",
             "cosine"),
        says("One-cycle with its momentum cycle gets more test examples right than a straight "
             "line.", "straight line", "one-cycle, beta cycled",
             limits="one small network, 300 steps; up to 1 point apart is a tie; its authors claim "
             "it for deep networks at very large rates"),
        says("With Adam and a straight line, a warm-up of 100 steps gets more test examples right.",
             "Adam, straight line", "Adam, straight line, warm-up 100",
             where="What is a warm-up for?"),
        judge("A peak that is eight times too low costs more than the best shape gains.",
              gain, np.subtract(right("constant"), eighth), luck=1.0, **how,
              told="the best shape gains {lower} points of right answers, the low peak costs "
              "{higher}", limits="one small network, 300 steps; the low peak is a constant rate's, "
              "and the best shape is the mean of its last 30 %"),
    ]
