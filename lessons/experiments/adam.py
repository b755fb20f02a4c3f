"""How long are Adam's moves, what does its correction mend, and what do its memories cost?"""

from functools import cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, seed_sets, span, table
from lessons.steps import adam, adamw
from lessons.surfaces import given_gradients, ravine
from lessons.views import noisy, with_l2

__all__ = ["idle_weights", "memory_brake", "moves_in_noise", "noisy_losses", "uphill",
           "without_correction"]
COUNT = 400         # coordinates in each of three sets
LATE = 60           # steps after which Adam's averages of gradients have settled
STEPS = 100
SETS = seed_sets(1)     # a seed draws a whole set
RATES = np.geomspace(1e-4, 10, 161)
NOTHING = "none, nothing is drawn"
RUNS = 200          # of a noisy ravine, in each of three sets
NOISY_RATES = np.geomspace(0.001, 1, 31)


def uncorrected(surface, theta, m=0.0, v=0.0, *, lr=0.1, beta1=0.9, beta2=0.999, eps=1e-8):
    """Adam without its bias correction: m and v start at 0 and are used as they are."""
    g = surface.grad(theta)
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    return theta - lr * m / (np.sqrt(v) + eps), m, v


RULES = {"RMSprop": (adam, {"beta1": 0.0}), "no correction": (uncorrected, {}), "Adam": (adam, {})}


def moves_in_noise(noise=(0.0, 1.0, 3.0, np.inf), beta1=0.9):
    """How long are Adam's moves, in units of lr, where gradients are so noisy?

    noise: its standard deviation over the mean gradient; inf: nothing but noise. sets: the root
    mean square of the moves of 400 coordinates in steps 61 to 100. derived: expected_move().
    """

    def measure(noise):
        moves = [late_moves(noise, beta1, seed) for (seed,) in SETS]
        return {"derived": expected_move(noise, beta1=beta1), **by_set(moves)}

    found = table(measure, [{"noise": r} for r in np.ravel(noise).tolist()], starts="0", seeds=SETS,
                  grid=f"lr 1, beta1 {beta1:g}", budget=f"{STEPS} steps",
                  criterion=f"root mean square move of {COUNT} coordinates, steps 61 to 100")
    return found.rename(columns={"noise": "noise / gradient"})


@cache
def late_moves(noise, beta1, seed):
    """The root mean square of one set's moves in the later steps of moves_in_noise()."""
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


def idle_weights(weight_decay=(1e-6, 1e-4, 1e-2), lr=0.01, budget=200):
    """What is left of weights that only the decay moves, as a part of what they were?

    192 weights a set, drawn evenly from -1/8 to 1/8, as a network's are. Adam + L2: the mean size
    of what is left over that of the start, from the lowest to the highest of three sets.
    """

    def measure(weight_decay):
        left = [left_of_idle(weight_decay, lr, budget, seed) for (seed,) in SETS]
        l2, w = zip(*left)
        return {"Adam + L2": " to ".join(sorted({f"{low:.1e}" for low in (min(l2), max(l2))})),
                "AdamW": span(w, 6), "(1 - lr wd)^t": f"{(1 - lr * weight_decay) ** budget:.6f}"}

    found = table(measure, [{"weight_decay": d} for d in np.ravel(weight_decay).tolist()],
                  starts="evenly from -1/8 to 1/8", seeds=SETS, grid=f"lr {lr:g}",
                  budget=f"{budget} steps", criterion="mean size over mean size at the start")
    return found.rename(columns={"weight_decay": "weight decay"})


@cache
def left_of_idle(weight_decay, lr, budget, seed):
    """(Adam + L2, AdamW): what idle_weights() finds for one set."""
    flat = given_gradients(np.zeros(budget))
    start = np.random.default_rng(seed).uniform(-1 / 8, 1 / 8, (192, 1))
    l2 = descend(with_l2(flat, weight_decay), adam, start, budget, every=budget, lr=lr)
    w = descend(flat, adamw, start, budget, every=budget, lr=lr, weight_decay=weight_decay)
    return tuple(np.abs(run.theta[-1]).mean() / np.abs(start).mean() for run in (l2, w))


def memory_brake(beta1=(0.5, 0.8, 0.9), budget=200):
    """By which factor does Adam's loss fall a step in a ravine along the axes, with such a beta1?

    Each of three starts a set takes that of 161 lr which is lowest in the end. end: the largest
    loss of the last ten steps, over the first loss. Its root by the number of steps up to the first
    of these ten, where a falling loss is largest, is the factor. sets: of the middle start.
    """

    def measure(beta1):
        return {"derived": beta1, **by_set([brake_of(beta1, budget, seed) for (seed,) in SETS])}

    return table(measure, [{"beta1": b} for b in np.ravel(beta1).tolist()],
                 starts="ravine()'s own + N(0, 0.4^2), three a set", seeds=SETS,
                 grid="161 lr, 0.0001 to 10", budget=f"{budget} steps",
                 criterion="factor of the loss a step, median of three starts")


@cache
def brake_of(beta1, budget, seed):
    """The factor a step of memory_brake()'s middle start, for one set."""
    starts = ravine().start + np.random.default_rng(seed).normal(0, 0.4, (3, 2))
    run = descend(ravine(), adam, starts, budget, lr=RATES[:, None, None], beta1=beta1)
    left = np.nan_to_num(run.loss[-10:].max(0), nan=np.inf).min(0) / run.loss[0, 0]
    return float(np.median(left)) ** (1 / (budget - 9))


def noisy_losses(lr=(0.03, 0.1, 0.3, 1.0), budget=400):
    """Which loss do RMSprop, Adam without correction and Adam reach in a noisy ravine?

    ravine() along the axes; each number of each gradient has normal noise of deviation 1. The mean
    of 200 runs' last ten losses, of the middle one of three sets. RMSprop: Adam with beta1 0.
    derived: expected_noisy_loss(), of a run that is so long that it has forgotten its start.
    """

    def measure(lr):
        seen = {name: np.median([noisy_loss(name, (lr,), budget, seed) for (seed,) in SETS])
                for name in RULES}
        return {"RMSprop": seen["RMSprop"], "RMSprop derived": expected_noisy_loss(lr, 0.0),
                "Adam": seen["Adam"], "Adam derived": expected_noisy_loss(lr),
                "no correction": seen["no correction"]}

    return table(measure, [{"lr": rate} for rate in np.ravel(lr).tolist()], starts="ravine()'s own",
                 seeds=SETS, grid="as asked", budget=f"{budget} steps",
                 criterion=f"mean of the last ten losses of {RUNS} runs, middle one of three sets")


@cache
def noisy_loss(name, rates, budget, seed):
    """A rule's loss in noisy_losses(), for one set and each of the rates."""
    step, knobs = RULES[name]
    starts = np.tile(ravine().start, (RUNS, 1))
    run = descend(noisy(ravine(), 1.0, seed, runs=RUNS), step, starts, budget,
                  lr=np.reshape(rates, (-1, 1, 1)), **knobs)
    return run.loss[-10:].mean(axis=(0, 2))


def expected_noisy_loss(lr, beta1=0.9):
    """The loss at which noisy_losses() end in the long run, if v were a constant. lr: a number.

    With alpha = lr / sqrt(v) and s = (1 - beta1) / (1 + beta1), a coordinate of curvature c has
    the mean square distance V = alpha / (c (2 - s alpha c)) and the divisor v = 1 + c^2 V. Together
    (1 - s) c alpha^3 + 2 alpha^2 + s c lr^2 alpha = 2 lr^2, which has one positive solution.
    """
    s, loss = (1 - beta1) / (1 + beta1), 0.0
    for c in np.diag(ravine().hess(ravine().start)):
        roots = np.roots(np.trim_zeros([(1 - s) * c, 2, s * c * lr**2, -2 * lr**2], "f"))
        alpha = roots[np.isclose(roots.imag, 0) & (roots.real > 0)].real[0]
        loss += alpha / (2 - s * alpha * c) / 2
    return loss


def best_in_noise(name, budget):
    """(losses, whether one is on an edge): a rule's lowest of 31 lr in a noisy ravine, by set."""
    found = [noisy_loss(name, tuple(NOISY_RATES), budget, seed) for (seed,) in SETS]
    return [row.min() for row in found], any(row.argmin() in (0, len(row) - 1) for row in found)


def uphill(beta2=(0.9, 0.95, 0.99, 0.999), strong=75.0, every=50, rounds=40):
    """How far does Adam climb a round, in units of lr, when a rare strong gradient pulls it down?

    The gradient is -1, and +strong at every `every`-th step; its mean is positive, so downhill is
    towards smaller theta. walked: the mean of the later half of the rounds. derived: net_climb().
    """

    def measure(beta2):
        return {"derived": net_climb(strong, every, beta2=beta2),
                "walked": walked_climb(strong, every, rounds, beta2=beta2)}

    return table(measure, [{"beta2": b} for b in np.ravel(beta2).tolist()], starts="0",
                 seeds=NOTHING, grid=f"-1, and {strong:g} at every {every}th step",
                 budget=f"{rounds} rounds", criterion="climb of a round over lr")


def walked_climb(strong, every, rounds, **knobs):
    """The mean climb of a round over lr that Adam walks, in the later half of the rounds."""
    gradients = np.tile([-1.0] * (every - 1) + [strong], rounds)
    run = descend(given_gradients(gradients), adam, steps=len(gradients), lr=1.0, **knobs)
    half = rounds // 2
    return (run.theta[-1, 0] - run.theta[half * every, 0]) / (rounds - half)


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
    noise = {r: [late_moves(r, 0.9, seed) for (seed,) in SETS] for r in (1.0, np.inf)}
    how = dict(budget=f"steps {LATE + 1} to {STEPS}", criterion="root mean square move over lr",
               seeds=SETS, referee=f"{COUNT} coordinates", where="How sure is the gradient?")
    fixed = without_correction([0.9, 0.99, 0.999])
    firsts, peaks = (", ".join(f"{move:.3g}" for move in fixed[name])
                     for name in ("first move", "longest"))
    return [
        known("Adam's first move is minus lr times the sign of the gradient.", "proved",
              "m_hat is g, the root of v_hat is |g|", "up to eps", how["where"]),
        judge("Where noise is as large as the gradient, Adam's moves are shorter than lr.",
              noise[1.0], 1.0, **how, margin=1.1, told="the moves are {lower} lr long",
              limits=f"derived {expected_move(1.0):.3f} lr"),
        judge("In pure noise Adam comes to rest.", noise[np.inf], 0.1, **how, margin=1.1,
              told="the moves are {lower} lr long; at rest they would be below {higher} lr",
              limits=f"0.1 lr is our choice; derived {expected_move(np.inf):.3f} lr"),
        known("Without correction Adam's first moves are too long, not too short.", "proved",
              f"beta2 0.9, 0.99, 0.999: first move {firsts} lr, longest {peaks}",
              "beta1 0.9; below beta2 0.99 the first is too short", "Why is there a correction?"),
    ]


def on_decay():
    """Claims about weights that only the decay moves, as a list."""
    left = {decay: [left_of_idle(decay, 0.01, 200, seed) for (seed,) in SETS]
            for decay in (1e-6, 1e-2)}
    l2 = {decay: [pair[0] for pair in pairs] for decay, pairs in left.items()}
    exact = max(abs(w / (1 - 0.01 * decay) ** 200 - 1) for decay, pairs in left.items()
                for _, w in pairs)
    where = "What is the W?"
    return [
        judge("Adam with L2 shrinks idle weights more with decay 0.01 than with a millionth.",
              l2[1e-2], l2[1e-6], margin=1.5, budget="200 steps", seeds=SETS,
              told="{lower} of their size is left with 0.01; {higher} with a millionth",
              criterion="mean size over mean size at the start", where=where,
              referee="192 weights, of 3 pixels and 64 units",
              limits="lr 0.01; up to 1.5 times apart is a tie"),
        known("AdamW's idle weights keep (1 - lr weight_decay)^t.", "proved",
              f"200 steps: right to {exact:.0e}", "where the loss has no gradient", where),
    ]


def on_noise(where):
    """Claims about what averaging and correction are worth on a noisy loss, as a list."""

    def against(claim, rival, budget):
        (low, low_edge), (high, high_edge) = (best_in_noise(name, budget)
                                              for name in ("Adam", rival))
        return judge(claim, low, high, margin=1.1, budget=f"{budget} steps", seeds=SETS,
                     told=f"loss {{lower}} with Adam; {{higher}} with {rival}",
                     criterion="mean of the last ten losses", at_edge=low_edge or high_edge,
                     referee=f"{RUNS} runs, each rule at its best of 31 lr", where=where,
                     limits="a ravine along the axes, with noise 1")

    return [
        *(against(f"In noise Adam ends lower than RMSprop after {budget} steps.", "RMSprop",
                  budget) for budget in (100, 400)),
        against("In noise Adam ends lower than Adam without correction after 100 steps.",
                "no correction", 100),
    ]


def on_memories():
    """Claims about what beta1 and beta2 cost, as a list."""
    factor = {b: [brake_of(b, 200, seed) for (seed,) in SETS] for b in (0.5, 0.9)}
    where = "What does each memory cost?"
    climbs = [net_climb(75.0, 50, beta2=b) for b in (0.9, 0.99)]
    long = brake_of(0.9, 1000, SETS[0][0])
    return [
        known("In a ravine along the axes at best beta1 of Adam's loss is left a step.", "proved",
              "the determinant is beta1",
              "in the long run, up to a constant; no noise; for given divisors, and a start with a "
              "part in the slower direction, as ours had", where),
        judge("In a ravine along the axes Adam's loss falls faster with beta1 0.5 than with 0.9.",
              factor[0.5], factor[0.9], margin=1.1, budget="200 steps", seeds=SETS,
              told="a step leaves {lower} of the loss with beta1 0.5; {higher} with 0.9",
              criterion="factor of the loss a step",
              referee="middle one of three starts, each at its best lr", where=where,
              limits=f"exact gradients; up to a constant: over 1,000 steps 0.9 gives {long:.3f}"),
        *on_noise(where),
        known("Adam can walk uphill without end.", "proved",
              "-1 at 49 steps, then 75: {:+.2f} lr a period at beta2 0.9, {:+.2f} at 0.99".format(
                  *climbs),
              "a longer beta2 mends this one, but 2,500 at every 2,000th step fools 0.999", where),
    ]
