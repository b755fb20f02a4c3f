"""One cell of the league: a rule is tuned on one part of the data and judged on another."""

import math
import time
from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import BASE, CONTESTANTS, TASKS
from lessons.experiments.protocol import seed_sets, walks

TUNING = (100, 101)                         # seeds that choose, and judge nobody
JUDGED = sum(map(list, seed_sets(3)), [])   # 0 1 2, 10 11 12, 20 21 22
WIDTH, MOST = 5, 12                         # lrs of the first grid, and of the widest
PARTS = 10                                  # so many points of a learning curve


def cell(name, task, budget="gradients", contestants=CONTESTANTS, tasks=TASKS, progress=None):
    """Tune a contestant on a task, judge it, and return all that was found: plain numbers.

    budget: "gradients", or "clock": as many steps as fit into the time that AdamW takes.
    progress: the name on a progress bar for each walk.
    """
    begun, entry, work = time.process_time(), contestants[name], tasks[task]
    prices = [price(contestants[BASE], work), price(entry, work)]
    steps = round(work.gradients / entry.asks)
    if budget == "clock":
        steps = max(1, round(work.gradients * prices[0] / prices[1]))
    tuning = [tune(entry, work, value, steps, progress) for value in entry.values]
    best = min(range(len(tuning)), key=lambda k: min(tuning[k]["loss"]))
    found = tuning[best]
    lr = found["lr"][int(np.argmin(found["loss"]))]
    return {"rule": name, "task": task, "budget": budget, "steps": steps, "lr": lr,
            "knob": entry.knob, "value": entry.values[best],
            "at_edge": lr in (found["lr"][0], found["lr"][-1]), "ms": rounded(prices),
            "tuning": tuning,
            **judged(entry, work, entry.values[best], lr, steps, progress=progress),
            "seconds": round(time.process_time() - begun, 1)}


def tune(entry, work, value, steps, progress=None):
    """The losses on the validation part at lrs a factor 2 apart, until the best is inside."""
    def tried(places):
        return dict(zip(places, validation(entry, work, value, places, steps, progress)))

    found = tried(list(range(-(WIDTH // 2), WIDTH - WIDTH // 2)))
    while len(found) < MOST:
        best = min(found, key=found.get)
        edge = {min(found): -1, max(found): 1}.get(best)
        if edge is None or math.isinf(found[best]):
            break
        found |= tried([best + edge, best + 2 * edge])
    places = sorted(found)
    return {"value": value, "lr": [rate(entry, k) for k in places],
            "loss": [found[k] for k in places]}


def rate(entry, k):
    """The first guess of lr times 2^k."""
    return float(f"{entry.lr * 2.0**k:.3g}")


def validation(entry, work, value, places, steps, progress=None):
    """The mean validation loss of the tuning seeds, for each lr; inf where a run left."""
    lrs = [rate(entry, k) for k in places]
    place, theta, _ = trained(entry, work, value, lrs, TUNING, steps, steps, progress)
    return rounded(finite(place.validation_loss(theta[-1])).mean(-1))


def judged(entry, work, value, lr, steps, seeds=JUDGED, progress=None):
    """The judging losses and the training losses of the seeds, and the mean learning curve."""
    every = max(1, steps // PARTS)
    place, theta, loss = trained(entry, work, value, [lr], seeds, steps, every, progress)
    curve = finite(place.judging_loss(theta[:, 0]))
    kept = sorted({*range(0, steps + 1, every), steps})
    return {"loss": rounded(curve[-1]), "training": rounded(finite(loss[-1, 0])),
            "curve": [[int(t), float(mean)] for t, mean in zip(kept, rounded(curve.mean(-1)))]}


def trained(entry, work, value, lrs, seeds, steps, every, progress=None):
    """The place, and theta (kept, lrs, seeds, D) and training loss of each run."""
    warmup = max(1, round(0.1 * steps))
    return walks(turned(entry, value), work.place, list(seeds), np.array(lrs), steps, every,
                 progress, shape=lambda peak: entry.shape(peak, warmup))


def turned(entry, value):
    """The contestant's rule with its knobs turned, all but lr."""
    return partial(entry.rule, **entry.fixed, **({entry.knob: value} if entry.knob else {}))


def price(entry, work, rounds=5):
    """Milliseconds of processor time for a step of one network: the median of some short runs."""
    steps, taken = max(1, min(10, work.gradients)), []
    place, rule = work.place(seed=0), turned(entry, entry.values[0])
    for _ in range(rounds + 1):
        begun = time.process_time()
        descend(place, rule, steps=steps, every=steps, lr=entry.lr)
        taken.append(time.process_time() - begun)
    return 1e3 * float(np.median(taken[1:])) / steps


def finite(losses):
    """Losses, where one that is no number counts as infinite."""
    return np.where(np.isfinite(losses), losses, np.inf)


def rounded(numbers):
    """Four decimals, as plain numbers."""
    return np.asarray(numbers, float).round(4).tolist()
