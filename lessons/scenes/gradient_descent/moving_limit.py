"""The limit 2 / L moves while a network learns: beside the loss, the limit of each place."""
import numpy as np

from lessons.experiments.gradient_descent import walks_of_network
from lessons.look import GREEN, GREY, LOOKS, ORANGE, PINK, PURPLE, Look
from lessons.stage import scene
from lessons.stage.stage import INK

RATES = tuple(float(f"{0.1 * 2**k:.1f}") for k in range(6))    # 0.1 to 3.2
STEPS, EVERY = 120, 7       # how many, and between two places where L is computed
OTHERS = {1: Look(GREEN, (2, 2), "^"), 2: Look(PINK, (7, 2, 2, 2), "D"),      # doublings: look
          3: Look(PURPLE, (7, 2), "P")}     # 3.2 differs by processor
OWN, LIMIT = Look(GREY, (5, 2), "o"), Look(ORANGE, (), "s")
LOSSES, LIMITS = (0.06, 12.0), (0.04, 30.0)
NOTE = (4, 0.05)        # below all limits


@scene("The moving limit", steps=STEPS, rate=24, height=4.0, alt="Left: the loss of a network with "
       "a hidden layer over the steps, at one learning rate, beside those of three. Right: the "
       "limit 2 / L of each place on its way, with a line at its own learning rate. The limit "
       "falls to a fraction of its first value. If it crosses the line, the loss jumps to and "
       "fro. At the highest rate the loss ends at that of a guess, the limit far above the line.")
def moving_limit(stage, *, doublings=3):
    """Double the learning rate 0.1 so many times, and see where the limit 2 / L goes.

    L is the largest eigenvalue of the Hessian, computed at each seventh step, with straight lines
    between. Each gradient is that of all 1,297 images.
    """
    left, right = stage.grid(ncols=2)
    left.set(yscale="log", xlim=(0, 1.2 * STEPS), ylim=LOSSES, ylabel="loss", xlabel="step")
    left.set_xticks(range(0, STEPS + 1, 20))
    left.set_yticks([0.1, 0.3, 1, 3, 10], ["0.1", "0.3", "1", "3", "10"])
    right.set(yscale="log", xlim=(0, STEPS), ylim=LIMITS, ylabel="limit 2 / L", xlabel="step")
    right.set_yticks([*RATES, 6.4, 12.8], [f"{x:g}" for x in (*RATES, 6.4, 12.8)])
    for ax in (left, right):
        ax.minorticks_off()
    above, beside = stage.headline(left), stage.headline(right)
    losses, limits = runs()
    names = {}
    for (k, look), at in zip(OTHERS.items(), apart(losses[-1, list(OTHERS)])):
        stage.path(left, look, whole=True, width=1.6).over_time(losses[:, k])
        names[k] = [(stage.text(left, shown, size=11), at)
                    for shown in (look, LOOKS["Gradient descent"])]     # of others, and of its own
    loss = stage.path(left, LOOKS["Gradient descent"], group="Loss", width=3)
    rate = stage.noted_line(right, OWN)
    stage.text(right, INK, size=10).set([NOTE], ["below the dashed line a step is too long"])
    limit = stage.path(right, LIMIT, group="Limit there")
    stage.slider("doublings", doublings)
    stage.record("doublings")

    def update(doublings):
        lr, own, here = RATES[doublings], losses[:, doublings], limits[:, doublings]
        loss.over_time(own)
        limit.over_time(here)
        rate(f"its own lr: {lr:g}", [(0, lr), (STEPS, lr)],
             (0.72 * STEPS, lr / 1.5 if doublings else 1.5 * lr))   # clear of the note
        for k, pair in names.items():
            for (text, at), shown in zip(pair, (k != doublings, k == doublings)):
                text.set([(1.02 * STEPS, at)], [f"lr {RATES[k]:g}" if shown else ""])
        above(f"lr {lr:g}")
        beside([f"limit {now:.2g}, " + ("above" if lr < now else "below") + f" lr {lr:g}"
                for now in here])
        loss.says([f"{now:.2g}" for now in own])
        limit.says([f"{now:.2g}" for now in here])
        stage.summary = (f"lr {lr:g}, {STEPS} steps: highest loss {own.max():.2g}, last "
                         f"{own[-1]:.2g}; limit first {here[0]:.2g}, last {here[-1]:.2g}")

    return update


def runs():
    """The losses and the limits 2 / L of one network at all RATES, (STEPS + 1, 6) each."""
    losses, looked, *_ = walks_of_network(0, RATES, STEPS, EVERY, np.float32)
    steps = np.arange(STEPS + 1)
    return losses, np.stack([np.interp(steps, steps[::EVERY], column) for column in looked.T], -1)


def apart(values, gap=0.16):
    """Heights for labels of these values on a log axis, at least `gap` decades apart."""
    heights = np.log10(np.clip(values, *LOSSES))
    order = np.argsort(heights)
    for _ in range(200):        # neighbours that are too close push each other away
        gaps = np.diff(heights[order])
        push = np.maximum(gap - gaps, 0) / 2
        heights[order[:-1]] -= push
        heights[order[1:]] += push
    return 10**heights
