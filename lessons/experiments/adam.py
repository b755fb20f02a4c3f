"""How long are Adam's moves, what does its correction mend, and what do its memories cost?"""

from functools import cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import seed_sets, table
from lessons.steps import adam, adamw
from lessons.surfaces import given_gradients, ravine
from lessons.views import noisy, with_l2

__all__ = ["without_correction"]
COUNT = 400         # coordinates in each of three sets
LATE = 60           # steps after which Adam's averages of gradients have settled
STEPS = 100
SETS = seed_sets(1)     # a seed draws a whole set
NOTHING = "none, nothing is drawn"
RUNS = 200          # of a noisy ravine, in each of three sets
NOISY_RATES = np.geomspace(0.001, 1, 31)


def uncorrected(surface, theta, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam without its bias correction: m and v start at 0 and are used as they are."""
    g = surface.grad(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (np.sqrt(v) + eps), m, v


RULES = {"RMSprop": 0.0, "Adam": 0.9}      # name -> Adam's beta1


@cache
def late_moves(noise, beta1, seed):
    """The root mean square of the moves of 400 coordinates in steps 61 to 100, in units of lr.

    noise: its standard deviation over the mean gradient; inf: nothing but noise. seed: of a set.
    """
    gradients = drawn_gradients(noise, seed)
    run = descend(given_gradients(gradients), adam, steps=STEPS, lr=1.0, beta1=beta1)
    return np.sqrt(np.square(np.diff(run.theta[LATE:], axis=0)).mean())


def drawn_gradients(noise, seed, count=COUNT, steps=STEPS):
    """Gradients (steps, count) of mean 1 with so much normal noise; inf: mean 0 and noise 1."""
    mean, sigma = (0.0, 1.0) if noise == np.inf else (1.0, noise)
    return mean + sigma * np.random.default_rng(seed).standard_normal((steps, count))


def expected_move(noise, t=np.inf, beta1=0.9):
    """Adam's root mean square move at step t in units of lr, if v were exact. noise: a number.

    E[m_hat^2] / E[v_hat] = (1 + k_t r^2) / (1 + r^2), with r the noise over the gradient and k_t
    the sum of the squared weights that the gradients up to t have in m_hat.
    """
    kept = (1 - beta1) / (1 + beta1) * (1 + beta1**t) / (1 - beta1**t)
    return np.sqrt(kept if noise == np.inf else (1 + kept * noise**2) / (1 + noise**2))


def without_correction(beta2=(0.9, 0.99, 0.999, 0.9999), beta1=0.9, budget=2000):
    """How long are Adam's moves without bias correction, in units of lr, on a steady gradient?

    first, longest: moves that were walked. at step: where the longest is. last: after the budget.
    """

    def measure(beta2):
        run = descend(given_gradients(np.ones(budget)), uncorrected, steps=budget, lr=1.0,
                      beta1=beta1, beta2=beta2)
        moves = -np.diff(run.theta[:, 0])
        return {"first move": moves[0], "longest": moves.max(),
                "at step": int(moves.round(6).argmax()) + 1, f"step {budget}": moves[-1]}

    return table(measure, [{"beta2": b} for b in np.ravel(beta2).tolist()], starts="0",
                 seeds=NOTHING, grid=f"beta1 {beta1:g}", budget=f"{budget} steps",
                 criterion="length of a move over lr")


def too_long(t, beta1=0.9, beta2=0.999):
    """The move of step t over lr, on a steady gradient and without correction."""
    return (1 - beta1**t) / np.sqrt(1 - beta2**t)


@cache
def left_of_idle(weight_decay, lr, budget, seed):
    """(Adam + L2, AdamW): what is left of weights that only the decay moves, for one set.

    192 weights, drawn evenly from -1/8 to 1/8, as a network's are: their mean size after the
    budget over that at the start.
    """
    flat = given_gradients(np.zeros(budget))
    start = np.random.default_rng(seed).uniform(-1 / 8, 1 / 8, (192, 1))
    l2 = descend(with_l2(flat, weight_decay), adam, start, budget, every=budget, lr=lr)
    w = descend(flat, adamw, start, budget, every=budget, lr=lr, weight_decay=weight_decay)
    return tuple(np.abs(run.theta[-1]).mean() / np.abs(start).mean() for run in (l2, w))


@cache
def noisy_loss(name, rates, budget, seed):
    """A rule's loss in a noisy ravine, for one set and each of the rates.

    ravine() along the axes; each number of each gradient has normal noise of deviation 1. The mean
    of the last ten losses of 200 runs. RMSprop: Adam with beta1 0.
    """
    starts = np.tile(ravine().start, (RUNS, 1))
    run = descend(noisy(ravine(), 1.0, seed, runs=RUNS), adam, starts, budget,
                  lr=np.reshape(rates, (-1, 1, 1)), beta1=RULES[name])
    return run.loss[-10:].mean(axis=(0, 2))


def best_in_noise(name, budget):
    """(losses, whether one is on an edge): a rule's lowest of 31 lr in a noisy ravine, by set."""
    found = [noisy_loss(name, tuple(NOISY_RATES), budget, seed) for (seed,) in SETS]
    return [row.min() for row in found], any(row.argmin() in (0, len(row) - 1) for row in found)


def round_of_moves(strong, every, beta1=0.9, beta2=0.999):
    """Adam's moves over lr in a round, k = 0, 1, ... steps after the strong gradient: (2, every).

    Once all rounds agree. Row 0: what the gradients of -1 move, uphill; row 1: what the rest of the
    strong one moves, downhill. m and v are geometric sums over all rounds so far.
    """
    k = np.arange(every)
    m = (1 - beta1) * (strong + 1) * beta1**k / (1 - beta1**every)
    v = 1 + (1 - beta2) * (strong**2 - 1) * beta2**k / (1 - beta2**every)
    return np.stack([np.ones(every), -m]) / np.sqrt(v)


def net_climb(strong, every, beta1=0.9, beta2=0.999):
    """How far Adam climbs in a round of round_of_moves(); negative: it walks down."""
    return round_of_moves(strong, every, beta1, beta2).sum()


def claims(network=()):
    """What the lesson claims, with verdicts; it measures anew what the rounds have shown.

    network: the claims about a real network, such as those of decay_map.claims().
    """
    return Claims(*on_moves(), *on_decay(), *on_memories(), *network)


def on_moves():
    """Claims about how long Adam's moves are, as a list."""
    noise = [late_moves(np.inf, 0.9, seed) for (seed,) in SETS]
    where = "How sure is the gradient?"
    fixed = without_correction([0.9, 0.99, 0.999])
    firsts, peaks = (", ".join(f"{move:.3g}" for move in fixed[name])
                     for name in ("first move", "longest"))
    return [
        known("Adam's first move is minus lr times the sign of the gradient.", "proved",
              "m_hat is g, the root of v_hat is |g|", "up to eps", where),
        judge("In pure noise Adam comes to rest.", noise, 0.1, margin=1.1, seeds=SETS, where=where,
              budget=f"steps {LATE + 1} to {STEPS}", criterion="root mean square move over lr",
              referee=f"{COUNT} coordinates",
              told="the moves are {lower} lr long; at rest they would be below {higher} lr",
              limits=f"0.1 lr is our choice; derived {expected_move(np.inf):.3f} lr"),
        known("Without correction Adam's first moves are too long, not too short.", "proved",
              f"beta2 0.9, 0.99, 0.999: first move {firsts} lr, longest {peaks}",
              "beta1 0.9; below beta2 0.99 the first is too short", "Why is there a correction?"),
    ]


def on_decay():
    """Claims about weights that only the decay moves, as a list."""
    left = {decay: [left_of_idle(decay, 0.01, 200, seed) for (seed,) in SETS]
            for decay in (1e-4, 1e-2)}
    l2 = {decay: [pair[0] for pair in pairs] for decay, pairs in left.items()}
    exact = max(abs(w / (1 - 0.01 * decay) ** 200 - 1) for decay, pairs in left.items()
                for _, w in pairs)
    where = "What is the W?"
    return [
        judge("Adam with L2 shrinks idle weights more with decay 0.01 than with 0.0001.",
              l2[1e-2], l2[1e-4], margin=1.5, budget="200 steps", seeds=SETS,
              told="{lower} of their size is left with 0.01; {higher} with 0.0001",
              criterion="mean size over mean size at the start", where=where,
              referee="192 weights, of 3 pixels and 64 units",
              limits="lr 0.01; up to 1.5 times apart is a tie"),
        known("AdamW's idle weights keep (1 - lr weight_decay)^t.", "proved",
              f"200 steps: right to {exact:.0e}", "where the loss has no gradient", where),
    ]


def on_memories():
    """Claims about what beta1 and beta2 cost, as a list."""
    where = "What does each memory cost?"
    climbs = [net_climb(75.0, 50, beta2=b) for b in (0.9, 0.99)]
    (low, low_edge), (high, high_edge) = (best_in_noise(name, 400) for name in ("Adam", "RMSprop"))
    return [
        known("In a ravine along the axes at best beta1 of Adam's loss is left a step.", "proved",
              "the determinant is beta1",
              "in the long run, up to a constant; no noise; for given divisors, and a start with a "
              "part in the slower direction, as ours had", where),
        judge("In noise Adam ends lower than RMSprop after 400 steps.", low, high, margin=1.1,
              budget="400 steps", seeds=SETS, at_edge=low_edge or high_edge, where=where,
              told="loss {lower} with Adam; {higher} with RMSprop",
              criterion="mean of the last ten losses",
              referee=f"{RUNS} runs, each rule at its best of 31 lr",
              limits="a ravine along the axes, with noise 1"),
        known("Adam can walk uphill without end.", "proved",
              "-1 at 49 steps, then 75: {:+.2f} lr a period at beta2 0.9, {:+.2f} at 0.99".format(
                  *climbs),
              "a longer beta2 mends this one, but 2,500 at every 2,000th step fools 0.999", where),
    ]
