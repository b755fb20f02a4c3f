"""Does SAM help a network whose labels are partly wrong? Runs that take minutes, and their code.

The numbers lie in noisy_labels.json beside this file. To make them anew, in at most 3 minutes:
    python -c "from lessons.experiments.noisy_labels import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import by_set, decimals, seed_sets, table
from lessons.networks import noisy_digits
from lessons.schedules import cosine
from lessons.steps.sharpness import norm

__all__ = ["long_runs", "longer", "rivals"]
FILE = Path(__file__).with_name("noisy_labels.json")
SETS = seed_sets(4)             # each set with wrong labels of its own, which its runs share
STEPS, LR, SHARE = 1000, 0.05, 0.4      # SHARE: of the training labels, drawn at random
KNOBS = "steps", "rho", "lr", "weight_decay"


def decayed(surface, theta, velocity=0.0, *, lr=0.05, rho=0.05, beta=0.9, weight_decay=0.0):
    """Walk as sam_momentum does, with the gradient of an L2 penalty in the velocity."""
    g = surface.grad(theta)
    climb = rho * g / (norm(g) + 1e-12)
    velocity = beta * velocity + surface.grad(theta + climb) + weight_decay * theta
    return theta - lr * velocity, velocity


def train(steps, knobs, k, seeds=None):
    """({test: network}, Trajectory) of some settings (rho, lr, weight_decay).

    k: the number of the set, 0 to 2, which draws the wrong labels. The lr falls to 0 as a cosine.
    """
    seeds = list(SETS[k] if seeds is None else seeds)
    nets = {test: noisy_digits(SHARE, 64, seeds, noise_seed=k, test=test)
            for test in ("clean", "spoilt", "wrong")}
    net = nets["clean"]
    rho, lr, decay = (np.array(values, np.float32)[:, None, None] for values in zip(*knobs))
    start = np.broadcast_to(net.start, (len(knobs), *net.start.shape))
    run = descend(net, decayed, start, steps, every=steps, lr=cosine(lr), rho=rho,
                  weight_decay=decay)
    return nets, run


def record(file=FILE):
    """Train all, in three sets of four seeds, and write what is found to `file`."""
    rows = {run: {} for run in RUNS}
    for steps in dict.fromkeys(run[0] for run in RUNS):
        knobs = [run[1:] for run in RUNS if run[0] == steps]
        for k in range(3):
            nets, run = train(steps, knobs, k)
            theta = run.theta[-1]
            measured = {"test": 100 * nets["clean"].accuracy(theta),
                        "validation": nets["spoilt"].test_loss(theta),
                        "curvature": nets["clean"].top_eigenvalue(theta), "loss": run.loss[-1],
                        "fitted": 100 * nets["wrong"].accuracy(theta)}
            for i, knob in enumerate(knobs):
                found = {name: values[i] for name, values in measured.items()}
                for name, values in found.items():
                    rows[steps, *knob].setdefault(name, []).append(decimals(values))
                print(steps, knob, k, {n: v.mean().round(2) for n, v in found.items()}, flush=True)
    lines = ",\n".join(json.dumps({**dict(zip(KNOBS, run)), **row}) for run, row in rows.items())
    file.write_text(f"[\n{lines}]\n", encoding="utf-8")


@lru_cache
def recorded():
    """[KNOBS and what was found, by set and seed]."""
    return json.loads(FILE.read_text(encoding="utf-8"))


MADE = dict(starts="first weights by seed; wrong labels by set", seeds=SETS, grid="recorded",
            budget=f"{STEPS} steps unless a row says otherwise",
            criterion="right answers on 500 clean test images, in per cent, mean of four seeds")
OPTIONS = {     # rule -> the settings that it chooses from
    "momentum, tuned": [
        (STEPS // 2, 0.0, LR, 0.0), *((STEPS, 0.0, lr, 0.0) for lr in (0.02, LR, 0.1))],
    "weight decay": [(STEPS, 0.0, LR, decay) for decay in (0.0, 0.001, 0.003, 0.01, 0.02, 0.03)],
    "SAM, half the steps": [(STEPS // 2, rho, LR, 0.0) for rho in (0.1, 0.2, 0.3, 0.5, 0.7)],
}

LONG = {        # rule -> (rho, weight decay) of its 2,000 steps
    "momentum": (0.0, 0.0),
    "weight decay 0.003": (0.0, 0.003), "weight decay 0.01": (0.0, 0.01),
    "SAM, rho 0.2": (0.2, 0.0), "SAM, rho 0.5": (0.5, 0.0), "SAM, rho 1": (1.0, 0.0),
}
RUNS = list(dict.fromkeys([     # KNOBS of everything that is trained
    *(knobs for settings in OPTIONS.values() for knobs in settings),
    *((2 * STEPS, rho, LR, decay) for rho, decay in LONG.values())]))


def run_of(*knobs):
    """The recorded run of these KNOBS."""
    return next(run for run in recorded() if tuple(run[name] for name in KNOBS) == knobs)


def means(run, name):
    """The mean of the seeds of each set: (3,)."""
    return np.mean(run[name], axis=1)


def longer():
    """What does momentum reach when it trains longer, on labels of which some are wrong?

    The network of long_runs(), without SAM; the lr falls to 0 in each run's own length. curvature,
    wrong fitted: as there. Recorded.
    """

    def measure(steps):
        return ended(run_of(steps, 0.0, LR, 0.0))

    return table(measure, [{"steps": k} for k in (STEPS // 2, STEPS, 2 * STEPS)], **MADE)


def long_runs():
    """What do 2,000 steps reach, where plain momentum learns many wrong labels by heart?

    noisy_digits with 128 hidden units, lr 0.05 falling as a cosine, batches of 64. The sets: right
    answers on the clean test, in per cent. curvature: the largest at the end, of the training loss.
    wrong fitted: how many of the wrong training labels the network gives at the end, in per cent.
    A step of SAM is two gradients. Recorded.
    """

    def measure(rule):
        return ended(run_of(2 * STEPS, LONG[rule][0], LR, LONG[rule][1]))

    return table(measure, [{"rule": rule} for rule in LONG], **MADE)


def ended(run):
    """The row of a recorded run: its clean test by set, and means over all seeds."""
    return {**by_set(means(run, "test")), "training loss": round(np.mean(run["loss"]), 2),
            "curvature": round(np.mean(run["curvature"]), 2),
            "wrong fitted": round(np.mean(run["fitted"]), 1)}


def chosen(rule):
    """The run of a rule for each set: that of the settings whose loss on held-out labels is lowest.

    These labels are spoilt as the training labels are, so nobody is told which are wrong.
    """
    runs = [run_of(*knobs) for knobs in OPTIONS[rule]]
    return [runs[k] for k in np.argmin([means(run, "validation") for run in runs], axis=0)]


def reached(rule, name="test"):
    """(3,): the clean test, or another number, of the run that is chosen in each set."""
    return np.array([means(run, name)[k] for k, run in enumerate(chosen(rule))])


def rivals():
    """What do SAM and its rivals reach on the clean test, each with settings of its own choice?

    OPTIONS lists the settings of each. Of these the one with the lowest loss on
    297 held-out images, whose labels are spoilt as well, is taken in each set. gradients:
    what those runs ask for, at most. curvature, wrong fitted: as in long_runs(). Recorded.
    """

    def measure(rule):
        asked = max(run["steps"] * (1 + (run["rho"] > 0)) for run in chosen(rule))
        return {"gradients": asked, **by_set(reached(rule)),
                "curvature": round(reached(rule, "curvature").mean(), 2),
                "wrong fitted": round(reached(rule, "fitted").mean(), 1)}

    return table(measure, [{"rule": rule} for rule in OPTIONS], **MADE)


def claims():
    """The claims about the digits with wrong labels, from the recorded runs, as a list."""
    wrong = {rule: 100 - reached(rule) for rule in OPTIONS}
    how = dict(criterion="500 clean test images, ahead from 1.1 points on", seeds=SETS,
               where="On a real network: does it survive wrong labels?",
               luck=1.1)        # the standard error of 500 images, where 6 % are wrong
    after = {rule: 100 - means(run_of(2 * STEPS, rho, LR, decay), "test")
             for rule, (rho, decay) in LONG.items()}
    return [
        judge("With 40 % of the labels random, 2,000 steps of SAM generalise better than 2,000 "
              "of momentum.", after["SAM, rho 0.5"], after["momentum"], **how,
              told="% of the test images wrong: SAM {lower}; momentum {higher}",
              budget="2,000 steps", referee="rho 0.5",
              limits="SAM asks for twice the gradients; a weight decay of 0.01 does as well"),
        judge("SAM with rho 0.2, which ends flatter than a weight decay of 0.003, generalises "
              "better.", after["SAM, rho 0.2"], after["weight decay 0.003"], **how,
              told="% of the test images wrong: {{lower}} with SAM (curvature {:.1f}); {{higher}} "
              "with weight decay (curvature {:.1f})".format(*(
                  np.mean(run_of(2 * STEPS, rho, LR, decay)["curvature"])
                  for rho, decay in ((0.2, 0.0), (0.0, 0.003)))),
              budget="2,000 steps", referee="mean curvature of all runs",
              limits="two settings, picked because they show it"),
        judge("With 40 % random labels and equal gradients, SAM generalises better than momentum "
              "with the best weight decay.", wrong["SAM, half the steps"], wrong["weight decay"],
              **how, told="% of the test images wrong: SAM {lower}; weight decay {higher}",
              budget="1,000 gradients", referee="settings chosen on spoilt held-out labels",
              limits="one small network"),
        judge("Of the networks trained for 2,000 steps the flattest makes the fewest mistakes.",
              after["SAM, rho 1"], after["SAM, rho 0.5"], **how,
              told="% of the test images wrong: {lower} with SAM at rho 1, the flattest; {higher} "
              "at rho 0.5", budget="2,000 steps", referee="curvature near 0 at rho 1",
              limits="with rho 1 from the first step SAM never leaves the plateau"),
    ]
