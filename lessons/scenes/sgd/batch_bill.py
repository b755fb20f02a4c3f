"""The same runs at five batch sizes, over the steps that they take and the examples they read."""

import numpy as np

from lessons.experiments.sgd import RULES
from lessons.look import BROWN, GREEN, PINK, PURPLE, SKY, Look
from lessons.stage import scene

EXAMPLES, FRAMES = 4096, 128
READ = np.rint([0, *np.geomspace(1, EXAMPLES, FRAMES)]).astype(int)     # examples at each frame
CURVATURE, START = np.array([1.0, 10.0]), np.array([4.0, 0.4])      # squared distances: loss 2 + 2
FAR = 1000.0                    # a loss that is called exploded
MOST = 10_000                   # examples to the goal: the upper edge of the picture
GOAL = 0.1                      # the mean excess loss that is waited for; the first is 4
BEST = "best for each"
BATCHES = {1: Look(SKY, (), "o"), 4: Look(GREEN, (7, 2), "s"), 16: Look(BROWN, (2, 2), "^"),
           64: Look(PINK, (7, 2, 2, 2), "D"), 256: Look(PURPLE, (1, 1), "v")}
RATES = np.geomspace(4e-4, 0.199, 70)      # up to 2 / (largest curvature)
TIMES = np.geomspace(1, 4000, 200)         # parts of steps, too: for smooth lines


@scene("What a batch buys", steps=FRAMES, rate=24, height=4.4,
       alt="The excess loss of five batch sizes, left over steps, in the middle over examples. "
           "Right: the steps and examples until it is 0.1.")
def batch_bill(stage):
    """Spend 4,096 examples in a noisy ravine, in batches of 1, 4, 16, 64 and 256.

    Curvatures 1 and 10; sigma is the error of one example's gradient in each direction. Every curve
    is the exact mean of all runs: nothing is drawn.
    """
    waits, reads, bill = stage.grid(ncols=3, width_ratios=(1, 1, 0.95))
    for ax, label in ((waits, "steps"), (reads, "examples read")):
        ax.set(xlim=(0.7, 6000), ylim=(0.005, 20), xscale="log", yscale="log", xlabel=label)
    waits.set_ylabel("excess loss")
    bill.set(xlim=(4, 2000), ylim=(60, MOST), xscale="log", yscale="log", xlabel="steps to 0.1",
             ylabel="examples to 0.1")
    heads = [stage.headline(ax) for ax in (waits, reads, bill)]
    for ax in (waits, reads):
        stage.noted_line(ax)(f"goal {GOAL}", [(0.7, GOAL), (6000, GOAL)], (0.85, 0.75 * GOAL))
    lanes = {size: [stage.path(ax, look, group=f"batch {size}") for ax in (waits, reads)]
             for size, look in BATCHES.items()}
    paid = {size: (stage.marker(bill, look, group=f"batch {size}", size=11),
                   stage.text(bill, look, group=f"batch {size}", size=10))
            for size, look in BATCHES.items()}
    stage.choice("rule", [*RULES, BEST], label="lr follows the batch")
    stage.slider("lr", 0.002, label="lr at batch 1")
    stage.slider("sigma", 3.0)
    stage.record("lr")

    def update(rule, lr, sigma):
        heads[0]("What you wait for")
        heads[1]("What you pay for")
        heads[2](f"To {GOAL} at noise {sigma:.3g}")
        ends = [f"Rule: {rule}, lr {lr:.3g} at batch 1, noise {sigma:.3g}"]
        for size, (left, middle) in lanes.items():
            noise = sigma / np.sqrt(size)
            rates = RATES if rule == BEST else np.array([lr * RULES[rule](size)])
            made = READ // size
            with np.errstate(all="ignore"):     # too long a step explodes
                needed = steps_to_goal(rates, noise)
                rate, steps = rates[needed.argmin()], needed.min()
                loss = losses(rate, noise, made)
            left.set(np.stack([np.maximum(made, 0.7), loss], -1))
            middle.set(np.stack([np.maximum(made * size, 0.7), loss], -1))
            mark, name = paid[size]
            mark.set([[steps, steps * size]])
            seen = 4 < steps < 1000 and steps * size < 0.8 * MOST       # words are not cut off
            name.set([[1.25 * steps, 1.25 * steps * size]], [f"{size}" if seen else ""])
            left.says([f"lr {rate:.2g}" + ("" if value < FAR else ": exploded") for value in loss])
            ends.append(f"  batch {size}: lr {rate:.3g}, loss {loss[-1]:.3g} after "
                        f"{EXAMPLES // size} steps; to {GOAL} in {steps:.3g}")
        stage.summary = "\n".join(ends)

    return update


def losses(lr, noise, t):
    """The mean excess loss after t steps: lr, noise and t may be arrays that broadcast."""
    lr, noise, t = (np.asarray(value, float)[..., None] for value in (lr, noise, t))
    keep = (1 - lr * CURVATURE) ** 2
    spread = lr * noise**2 / (CURVATURE * (2 - lr * CURVATURE)) * (1 - keep**t)
    return (CURVATURE / 2 * (START * keep**t + spread)).sum(axis=-1)


def steps_to_goal(lr, noise):
    """The first of TIMES with a mean excess loss of GOAL or less; inf if there is none."""
    there = losses(np.asarray(lr)[..., None], np.asarray(noise)[..., None], TIMES) <= GOAL
    return np.where(there.any(axis=-1), TIMES[there.argmax(axis=-1)], np.inf)
