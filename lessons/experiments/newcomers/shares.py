"""How much of Sophia is sign descent, and what does its curvature change?"""

from functools import cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import BASE, CONTESTANTS, TASKS, Contestant
from lessons.experiments.newcomers.runs import cell
from lessons.experiments.newcomers.tables import CRITERION, HOW, SMALL, difference, verdict
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.networks import char_transformer, digits_mlp, mnist1d_mlp
from lessons.schedules import warmup_stable_decay
from lessons.steps import lion, sophia

SETS = seed_sets(3)
EVERYBODY = sum(map(list, SETS), [])
AT, LR, SCALE = 100, 0.001, 0.05        # when the shares are counted; Sophia's lr and gamma
BETA1, BETA2, PERIOD = 0.96, 0.99, 10
LATE = 1000     # batches, after which h has nearly grown up
NETWORKS = {        # name -> (a function of seed, labels in a batch)
    "Digits, MLP": (digits_mlp, 32),
    "MNIST-1D, MLP": (mnist1d_mlp, 32),
    "Text, transformer": (partial(char_transformer, 8, width=24), 8 * 32),
}
SIGN_MOMENTUM = partial(lion, beta1=BETA1, beta2=BETA1)     # equal betas: the vote is m itself


@cache
def averages(name, scale=SCALE, steps=AT):
    """Sophia's m and h (9, D) after so many steps."""
    place = NETWORKS[name][0](seed=EVERYBODY)
    run = descend(place, sophia, steps=steps, every=steps, lr=LR, scale=scale)
    return run.state["m"][-1], run.state["h"][-1]


def clipped(m, h, scale=SCALE):
    """The share of coordinates whose move is lr, no less: (..., D) -> (...).

    A coordinate without any gradient so far does not move, and is not counted.
    """
    return counted(m, np.abs(m) >= scale * h)


def predicted(m, h, labels, scale=SCALE, steps=AT):
    """The same, if m is normal noise, with the variance of gradients that is h over the labels.

    h starts at 0 without a correction, so the curvature is h / (1 - BETA2^renewals).
    """
    from scipy.special import erfc

    curvature = h / grown(steps)
    reach = scale * h / np.maximum(noise_of(curvature, labels), 1e-30)
    return counted(m, erfc(reach / np.sqrt(2)))


def noise_of(curvature, labels):
    """The deviation of m if gradients were only noise, of variance curvature over the labels."""
    return np.sqrt((1 - BETA1) / (1 + BETA1) * curvature / labels)


def grown(steps):
    """Which part of the curvature h holds after so many steps from 0."""
    return 1 - BETA2 ** -(-steps // PERIOD)


def counted(m, values):
    """The mean of values (..., D) over the coordinates where m is not 0."""
    moves = m != 0
    return (values * moves).sum(-1) / moves.sum(-1)


def share_clipped(scale=SCALE, late=LATE):
    """How many of Sophia's moves are *not* clipped, in percent of all that move?

    derived: if gradients are noise of the variance that the curvature says. Lowest to highest of
    three sets of three seeds.
    """

    def measure(network, batches):
        m, h = averages(network, scale, batches)
        shares = {"derived (%)": predicted(m, h, NETWORKS[network][1], scale, batches),
                  "not clipped (%)": clipped(m, h, scale)}
        return {name: span(100 * (1 - share).reshape(3, 3).mean(1), 1)
                for name, share in shares.items()}

    cases = [*((name, AT) for name in NETWORKS), ("Digits, MLP", late)]
    return table(measure, [{"network": name, "batches": steps} for name, steps in cases],
                 starts="first weights by seed", seeds=SETS, grid=f"lr {LR:g}, gamma {scale:g}",
                 budget="batches, by row", criterion="|m| < gamma h")


@cache
def ends(name, rule, lr, steps):
    """The judging losses (9,) of Sophia, or of the sign of its m."""
    place = NETWORKS[name][0](seed=EVERYBODY)
    step = sophia if rule == "Sophia" else SIGN_MOMENTUM
    shape = warmup_stable_decay(lr, warmup=steps // 10, decay=0.3)
    run = descend(place, step, steps=steps, every=steps, lr=shape)
    return place.judging_loss(run.theta[-1])


def twins_of_sophia(lr=0.002, steps=300):
    """Where does Sophia end, and where the sign of its own m, at the same lr?

    The mean loss on held-out digits of three seeds, in three sets; both with warm-up and fall.
    """

    def measure(rule):
        return by_set(ends("Digits, MLP", rule, lr, steps).reshape(3, 3).mean(1))

    return table(measure, [{"rule": rule} for rule in ("Sophia", "Sign of its m")], seeds=SETS,
                 starts="first weights by seed", grid=f"lr {lr:g}", budget=f"{steps} mini-batches",
                 criterion="loss on held-out digits")


def escaped(lr, scale, work):
    """How many of Sophia's moves are not clipped in the last step, in percent: nine seeds."""
    steps = work.gradients
    shape = warmup_stable_decay(lr, warmup=max(1, round(0.1 * steps)), decay=0.3)
    run = descend(work.place(seed=EVERYBODY), sophia, steps=steps, every=steps, lr=shape,
                  scale=scale)
    return 100 * (1 - clipped(run.state["m"][-1], run.state["h"][-1], scale).mean())


def gammas(values=(0.05, 0.5, 10.0), task=SMALL, tasks=TASKS):
    """Does the curvature help if gamma is larger, so that it decides more moves?

    Each row is tuned and judged as in the league, all with the same number of steps: the gradients
    that Sophia's curvature costs are not counted. Not clipped: of the moves of the last step, with
    the fall. Loss: the mean of nine seeds; the verdict is on the difference to the sign of m.
    """
    rivals = {"Sign of its m": Contestant(SIGN_MOMENTUM, 0.002)}
    scales = {f"Sophia, gamma {gamma:g}": gamma for gamma in values}
    rivals |= {rule: Contestant(sophia, 0.002 * max(1, gamma / 2), fixed=dict(scale=gamma))
               for rule, gamma in scales.items()}
    cells = {rule: cell(rule, task, "gradients", {BASE: CONTESTANTS[BASE], **rivals}, tasks)
             for rule in rivals}
    sign = cells["Sign of its m"]["loss"]

    def measure(rule):
        one = cells[rule]
        mean, error = difference(one["loss"], sign)
        free = escaped(one["lr"], scales[rule], tasks[task]) if rule in scales else 0.0
        return {"best lr": one["lr"], "not clipped (%)": round(free),
                "loss": round(float(np.mean(one["loss"])), 3), "minus the sign": round(mean, 4),
                "std. error": round(error, 4), "verdict": verdict(one["loss"], sign)}

    return table(measure, [{"rule": rule} for rule in rivals], **HOW, budget="gradients",
                 criterion=CRITERION)
