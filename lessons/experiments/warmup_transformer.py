"""What does a warm-up do for a transformer? Runs that take half an hour: numbers and their code.

The numbers lie in warmup_transformer.json beside this file. To make them anew:
    python -c "from lessons.experiments.warmup_transformer import record; record()"
"""
import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import decimals, seed_sets, table
from lessons.networks import char_transformer, text
from lessons.schedules import constant, warmup_stable_decay
from lessons.steps import adam

__all__ = ["controls", "mean_losses", "stuck_by_length"]
FILE = Path(__file__).with_name("warmup_transformer.json")
LRS, LENGTHS = (0.0035, 0.007, 0.014, 0.028), (0, 10, 20, 40, 80, 160)
BELOW = 0.00175     # without a warm-up only: does a still lower rate end lower?
STEPS, EVERY = 250, 10
SETS = seed_sets(4)
SEEDS = sum(map(list, SETS), [])


def network(norm="post", seeds=(0, 1, 2, 3)):
    """A transformer of 6 layers that guesses the next character, for each of some seeds."""
    return char_transformer(norm=norm, layers=6, seed=tuple(seeds))


def warmed(peak, warmup):
    """The schedule of these runs: up to `peak` in `warmup` equal steps, and there it stays."""
    peak = np.float32(peak)
    return warmup_stable_decay(peak, warmup, decay=0.0) if warmup else constant(peak)


def train(norm="post", warmup=0, lr=0.014, seeds=SEEDS, steps=STEPS):
    """Losses (kept steps, seeds) of transformers that learn with a warm-up of so many steps."""
    return descend(network(norm, seeds), adam, steps=steps, every=EVERY,
                   lr=warmed(lr, warmup)).loss


def transplanted(warmup, lr=0.014, seeds=SEEDS, steps=STEPS):
    """Losses from the place where a warm-up led, at the full lr, with Adam's memory thrown away."""
    place = network("post", seeds)
    led = descend(place, adam, steps=warmup, every=warmup, lr=warmed(lr, warmup)).theta[-1]
    return descend(place, adam, led, steps=steps - warmup, every=EVERY, lr=warmed(lr, 0)).loss


NOTHING, WARMED = "nothing", "warm-up of 80 steps"
MOVED = "Adam's memory emptied after a warm-up of 80"
CONTROLS = {        # what is done instead of a warm-up -> (at which lr, the losses of its runs)
    MOVED: ((0.014,), lambda lr, **how: transplanted(80, lr, **how)),
}
GRID = [*(("post", warmup) for warmup in LENGTHS), ("pre", 0), ("pre", 80)]


def rates_tried(norm, warmup):
    """The learning rates of a kind of run."""
    return (BELOW, *LRS) if (norm, warmup) == ("post", 0) else LRS


def record(file=FILE):
    """Train all, 12 seeds each, and write what is found to `file`."""
    runs = {f"{norm}, {warmup}": {f"{lr:g}": decimals(train(norm, warmup, lr).T)
                                  for lr in rates_tried(norm, warmup)} for norm, warmup in GRID}
    instead = {name: {f"{lr:g}": decimals(losses(lr).T) for lr in lrs}
               for name, (lrs, losses) in CONTROLS.items()}
    write({"runs": runs, "controls": instead}, file)


def write(found, file):
    """Write the recorded losses to a file, with a line for each learning rate."""
    lines = json.dumps(found).replace('{"0.', '{\n"0.').replace(']], "', ']],\n"')
    file.write_text(lines.replace("}, ", "},\n") + "\n", encoding="utf-8")


@lru_cache
def recorded():
    """{"runs": {(norm, warm-up): {lr: losses}}, "controls": {name: {lr: losses}}}.

    losses: (kept steps, 12 seeds).
    """
    found = json.loads(FILE.read_text(encoding="utf-8"))
    arrays = {kind: {name: {float(lr): np.array(rows).T for lr, rows in by_lr.items()}
                     for name, by_lr in named.items()} for kind, named in found.items()}
    runs = {(name.split(", ")[0], int(name.split(", ")[1])): by_lr
            for name, by_lr in arrays["runs"].items()}
    return {"runs": runs, "controls": arrays["controls"]}


@lru_cache
def letters_alone():
    """The loss of a guess that knows how frequent each character is, and nothing else."""
    _, train, _ = text()
    shares = np.bincount(train) / len(train)
    return float(-(shares * np.log(shares)).sum())


def is_stuck(loss):
    """Whether a loss is within 0.1 of letters_alone(): the transformer has learned no more."""
    return np.asarray(loss) > letters_alone() - 0.1


def stuck(losses):
    """How many of the four runs of each set are stuck after the last step."""
    return is_stuck(losses[-1]).reshape(len(SETS), -1).sum(axis=1)


def stuck_by_length(lr=LRS, norm="post"):
    """How many of 12 transformers get stuck, by the length of the warm-up and the learning rate?

    Recorded: 250 steps of Adam, the full rate after the warm-up. Stuck: the last loss is within 0.1
    of what letter frequencies alone reach.
    """

    def measure(warmup):
        runs = recorded()["runs"][norm, warmup]
        return {f"lr {rate:g}": int(stuck(runs[rate]).sum()) for rate in np.ravel(lr).tolist()}

    lengths = [warmup for of, warmup in recorded()["runs"] if of == norm]
    return table(measure, [{"warmup": warmup} for warmup in lengths], grid=str(lr),
                 starts="first weights by seed", seeds=SETS, budget=f"{STEPS} steps",
                 criterion=f"loss above {letters_alone() - 0.1:.2f}"
                 ).rename(columns={"warmup": "warm-up"})


def mean_losses(kinds=(("post", 0), ("post", 80), ("pre", 0), ("pre", 80)), lr=LRS):
    """At which loss do 12 transformers end, by norm, warm-up and learning rate?

    kinds: pairs of a norm and a length of the warm-up. Recorded: the mean of the losses after 250
    steps of Adam, in which stuck runs count as well.
    """

    def measure(norm, warmup):
        runs = recorded()["runs"][norm, warmup]
        return {f"lr {rate:g}": runs[rate][-1].mean() for rate in np.ravel(lr).tolist()}

    return table(measure, [{"norm": norm, "warmup": warmup} for norm, warmup in kinds],
                 starts="first weights by seed", seeds=SETS, grid=str(lr), budget=f"{STEPS} steps",
                 criterion="mean of the last losses").rename(columns={"warmup": "warm-up"})


CASES = [(NOTHING, 0.014), (WARMED, 0.014), (MOVED, 0.014)]


def controls(cases=CASES):
    """What happens to 12 post-LN transformers, if something else is done instead of a warm-up?

    Recorded; loss: the mean of those that are not stuck.
    """

    def measure(what, lr):
        losses = found[what][lr]
        free = losses[-1][~is_stuck(losses[-1])]
        return {"stuck of 12": int(stuck(losses).sum()),
                "loss of the others": free.mean() if free.size else np.nan}

    runs = recorded()["runs"]
    found = {NOTHING: runs["post", 0], WARMED: runs["post", 80], **recorded()["controls"]}
    return table(measure, [{"what": what, "lr": lr} for what, lr in cases], grid="recorded",
                 starts="first weights by seed", seeds=SETS, budget=f"{STEPS} steps",
                 criterion=f"loss above {letters_alone() - 0.1:.2f}").rename(
                     columns={"what": "instead"})


def claims():
    """Claims about warm-up, from the recorded runs, as a list."""
    runs, controls = recorded()["runs"], recorded()["controls"]
    how = {"budget": f"{STEPS} steps", "referee": "count of four seeds", "seeds": SETS,
           "criterion": f"stuck: last loss above {letters_alone() - 0.1:.2f}",
           "where": "What is a warm-up for?"}
    lowest = {w: [min(losses[-1].reshape(3, 4).mean(1)[k] for losses in runs["post", w].values())
                  for k in range(3)] for w in (0, 80)}
    return [
        judge("A warm-up lets a transformer bear a higher rate.", stuck(runs["post", 80][0.014]),
              stuck(runs["post", 0][0.014]), **how,
              told="with a warm-up {lower} of 4 get stuck; without one {higher} of 4",
              limits="post-LN, lr 0.014, warm-up of 80 steps; at 0.028 all get stuck, with a "
              "warm-up of up to 160 steps"),
        judge("A warm-up lowers the best loss.", lowest[80], lowest[0], margin=1.01,
              **{**how, "criterion": "lowest loss over the rates", "referee": "mean of four seeds"},
              told="the lowest loss is {lower} with a warm-up; {higher} without one",
              limits="post-LN, warm-up of 80 steps; up to 1 % apart is a tie"),
        judge("From the place that a warm-up led to Adam learns with an empty memory as well.",
              stuck(controls[MOVED][0.014]), stuck(runs["post", 0][0.014]), **how,
              told="from there {lower} of 4 get stuck; from the start {higher} of 4",
              limits="post-LN, lr 0.014, warm-up of 80 steps"),
    ]
