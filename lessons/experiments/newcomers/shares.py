"""How much of Sophia is sign descent?"""

from functools import cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import seed_sets, span, table
from lessons.networks import char_transformer, digits_mlp, mnist1d_mlp
from lessons.steps import sophia

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
