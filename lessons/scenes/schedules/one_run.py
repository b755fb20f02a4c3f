"""One level run in a noisy ravine, with falls that branch off whenever a result is wanted."""
import numpy as np

from lessons.experiments.schedules import (
    best_cosine,
    fallen,
    level_run,
    rates_of,
)
from lessons.look import BLUE, GREEN, ORANGE, VERMILION, Look
from lessons.schedules import warmup_stable_decay
from lessons.stage import scene
from lessons.stage.stage import DASHED

STEPS, CONDITION, LAST = 1200, 100, 0.3
LOW, HIGH = 5e-4, 2     # of the losses; the first steps come down from 33
LOOKS = {"Level": Look(BLUE, (), "o"), "Level, then down": Look(ORANGE, (7, 2), "s"),
         "Mean of the level run": Look(GREEN, (2, 2), "^"),
         "A cosine of its own": Look(VERMILION, (7, 2, 2, 2), "D")}


@scene("One run, many lengths", steps=STEPS, height=4.5, rate=240,
       alt="Above the loss in a noisy ravine over the steps. The level run comes down and then "
           "lies flat on its floor to the end; a fall and the mean of its last points branch off "
           "it, and a cosine of its own starts with it. Below the learning rates: the level stays, "
           "the fall ends in a straight line to 0, the gradients count in the mean with such a "
           "line as well, and the cosine goes down during its whole run.")
def one_run(stage, *, steps=300):
    """Stop a level run at any step, by a fall or by an average, beside a cosine made for that step.

    The ravine has the curvatures 1 and 100, and noise 1 in every gradient. The level is 1 / L. All
    losses are derived, nothing is drawn. The mean's learning rate is the one with which each
    gradient counts in it.
    """
    above, below = stage.grid(nrows=2, height_ratios=(2.4, 1), sharex=True)
    above.set(xlim=(0, STEPS), ylim=(LOW, HIGH), yscale="log")
    above.set_yticks([0.001, 0.01, 0.1, 1], labels=["0.001", "0.01", "0.1", "1"])
    below.set(ylim=(0, 1.15), yticks=[0, 1], xlabel="step")
    heads = stage.headline(above), stage.headline(below)
    at_end = stage.noted_line(above, DASHED)
    losses = {name: stage.path(above, look, group=name, width=2.6) for name, look in LOOKS.items()}
    plans = {name: stage.path(below, look, group=name, whole=True, width=2.2)
             for name, look in LOOKS.items()}
    stage.slider("steps", steps, label="a result is wanted at step", within=(50, STEPS))
    stage.slider("share", 0.3, label="part of it that goes down", within=(0.05, 1.0))
    stage.record("steps")
    level = level_run(CONDITION, STEPS)["level"]

    def update(steps, share):
        begin = steps - round(share * steps)
        found = {"Level": level, "Level, then down": fallen(CONDITION, steps, share),
                 "Mean of the level run": level_run(CONDITION, steps)["mean"],
                 "A cosine of its own": best_cosine(CONDITION, steps)[1]}
        shown = {"Level, then down": begin, "Mean of the level run": round((1 - LAST) * steps) + 1}
        for name, loss in found.items():
            first = shown.get(name, 0)
            time = np.minimum(np.arange(STEPS + 1), len(loss) - 1)      # its end stays in view
            path = np.stack([time, loss[time]], -1)
            path[:first, 1] = np.nan
            losses[name].set(path)
            losses[name].says([f"{value:.3g}" for value in loss[time]])
        rates = rates_of(warmup_stable_decay(1.0, decay=share), steps)
        counts = rates_of(warmup_stable_decay(1.0, decay=LAST), steps)
        for name, values in {"Level": np.ones(STEPS), "Level, then down": rates,
                             "Mean of the level run": counts,
                             "A cosine of its own": best_cosine(CONDITION, steps)[0]}.items():
            plans[name].over_time(values, first=1)
        at_end(f"step {steps}", [(steps, LOW), (steps, HIGH)],
               (steps + 8 if steps < 0.9 * STEPS else steps - 105, 1))
        ends = {name: loss[min(steps, len(loss) - 1)] for name, loss in found.items()}
        heads[0](f"Mean loss; a result at step {steps}, the last {steps - begin} steps go down")
        heads[1]("Learning rate over 1 / L")
        stage.summary = "\n".join([f"A result at step {steps}, the last {steps - begin} go down",
                                   *(f"  {name}: {end:.3g}" for name, end in ends.items())])

    return update
