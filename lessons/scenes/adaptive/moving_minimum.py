"""Rules follow a minimum that circles, where one direction is many times as steep as the other."""
from functools import lru_cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.adaptive import LAP, circle, two_signals
from lessons.look import GREY, LOOKS, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED
from lessons.steps import adagrad, gradient_descent, rmsprop

LAPS, EVERY = 16, 8         # a picture for every eighth step
CORNER = 2                  # a way has a corner at every second step
STEPS, SWAP = LAP * LAPS, 4
TAIL = LAP // CORNER        # corners in a lap: so long is the way that is seen
RATES = np.geomspace(1e-3, 10, 25)
RULES = {"Gradient descent": gradient_descent, "Adagrad": adagrad, "RMSprop": rmsprop}
NEVER, LATER = "never", f"after lap {SWAP}"
TICKS = [0.1, 0.2, 0.4, 0.8]


@scene(f"Moving minimum, {EVERY} steps of the rules for each step of the picture",
       steps=STEPS // EVERY, height=4.4, rate=10,
       alt="Left: a minimum goes round a circle, and three rules follow it; each shows its way of "
           "the last lap. Right: how far each has been from it, mean of the last 100 steps. With "
           "y 100 times as steep as x, beta2 0.9 and a change after lap 4: gradient descent and "
           "Adagrad end on a flat line to and fro, and RMSprop goes round. Its distance rises to a "
           "hump after the change and is down again two laps later; Adagrad's stays up.")
def moving_minimum(stage, *, ratio=100.0, beta2=0.9):
    """Let three rules follow a noisy minimum round a circle, each at its best of 25 rates.

    ratio: how many times as steep y is as x; after lap 4 the two may change places.
    """
    plan, miss = stage.grid(ncols=2, width_ratios=(1, 1.25))
    turn = circle(np.arange(LAP + 1))
    plan.plot(*turn.T, color=GREY, linewidth=1)
    plan.set(xlim=(-1.5, 1.5), ylim=(-1.5, 1.5), aspect="equal", xlabel="x", ylabel="y",
            xticks=[-1, 0, 1], yticks=[-1, 0, 1])
    miss.set(xlim=(0, STEPS), ylim=(0.09, 0.9), yscale="log", xlabel="lap",
             ylabel="distance from the minimum")
    miss.set_xticks(range(0, STEPS + 1, 2 * LAP), labels=range(0, LAPS + 1, 2))
    miss.set_yticks(TICKS, labels=[*map(str, TICKS)])
    miss.minorticks_off()
    above, beside = stage.headline(plan), stage.headline(miss)
    star = stage.marker(plan, Look(GREY, (), "*"), size=16)
    swapped = stage.noted_line(miss, DASHED)
    lanes = {name: (stage.curve(plan, LOOKS[name], group=name, width=2.2),
                    stage.marker(plan, LOOKS[name], group=name, size=10),
                    stage.path(miss, LOOKS[name], group=name, width=2.6)) for name in RULES}
    stage.choice("swap", [NEVER, LATER], label="x and y change places")
    stage.slider("condition", ratio, label="y is so many times as steep")
    stage.slider("beta2", beta2, within=(0.8, 0.995))
    stage.slider("seed", 0)
    stage.record("beta2")

    def update(swap, condition, beta2, seed):
        where, rows = circle(np.arange(STEPS + 1)), []
        star.set(where[::EVERY])
        after = LAP * SWAP if swap == LATER else None
        for name, lanes_of in lanes.items():
            lr, theta = best_walk(name, after, condition, seed, beta2 if name == "RMSprop" else 0)
            far = running(np.abs(theta - where).mean(-1)[1:], LAP)
            way, dot, line = lanes_of
            way.set(tails(theta))
            dot.set(theta[::EVERY])
            line.set(np.stack([np.arange(0, STEPS + 1, EVERY), far[::EVERY]], -1))
            line.says([f"lr {lr:.2g}" + (f": {now:.2f}" if now == now else "")
                       for now in far[::EVERY]])
            rows.append(f"  {name}, lr {lr:.3g}: " + ", ".join(
                f"{far[LAP * lap]:.3f} on lap {lap}" for lap in (4, 8, 16)))
        first, then = (f"{bend:.3g}" for bend in (1.0, condition))
        above([f"Curvatures x {then}, y {first}" if after and t > after else
               f"Curvatures x {first}, y {then}" for t in range(0, STEPS + 1, EVERY)])
        beside(f"Distance, each at its best rate; RMSprop's beta2 {beta2:.3g}")
        if after:
            swapped("they change places", [(after, 0.05), (after, 2)], (after + 15, 0.78))
        else:
            swapped()
        stage.summary = "\n".join([f"y {condition:.3g} times as steep as x; change places: {swap}; "
                                   f"beta2 {beta2:.3g}", *rows])

    return update


@lru_cache(maxsize=64)
def best_walk(name, swap, ratio, seed, beta2):
    """The rate of RATES with which a rule follows best over all laps, and its theta (STEPS + 1, 2).

    beta2: 0 for a rule that has none.
    """
    place = two_signals(STEPS, swap, ratio, seed)
    rule = partial(RULES[name], beta2=beta2) if beta2 else RULES[name]
    with np.errstate(all="ignore"):     # of rates with which it leaves for infinity
        theta = descend(place, rule, steps=STEPS, lr=RATES[:, None]).theta
        far = np.abs(theta - circle(np.arange(STEPS + 1))[:, None]).mean(axis=(0, -1))
    best = np.where(np.isfinite(far), far, np.inf).argmin()
    return RATES[best], theta[:, best]


def tails(theta):
    """(STEPS + 1, 2) -> (pictures, TAIL + 1, 2): every second place of the lap before each."""
    at = np.arange(0, len(theta), EVERY)[:, None] - CORNER * np.arange(TAIL + 1)
    return theta[np.maximum(at, 0)]


def running(values, width):
    """The mean of the last `width` values, after 0, 1, ... of them; nan until there are enough."""
    total = np.cumsum([0, *values])
    return np.concatenate([np.full(width, np.nan), (total[width:] - total[:-width]) / width])
