"""What do pairs of gradients tell of the curvature, when do they lie, and how far is it trusted?"""

from dataclasses import replace
from fractions import Fraction
from functools import lru_cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known, tiny
from lessons.experiments.protocol import by_set, seed_sets, table
from lessons.steps import newton, newton_line_search, trust_region
from lessons.steps.quasi_newton import (
    bfgs_update,
    first_length,
    lbfgs_wolfe,
    remember,
    two_loop,
)
from lessons.steps.second_order import armijo, dot, strong_wolfe
from lessons.surfaces import himmelblau, rosenbrock

__all__ = ["bad_pairs", "caution"]
SETS = seed_sets(1)
WHERE = (       # the headings of the lesson's rounds
    "How much curvature is in two gradients?",
    "What does BFGS keep?",
    "And with a million weights?",
    "When does a pair lie?",
    "How far to trust the model?",
    "On a real network: is it worth it?",
)


SEARCHES = {
    "none": lambda surface, theta, d, lr, g: lr,
    "Armijo": armijo,
    "Wolfe": lambda surface, theta, d, lr, g: strong_wolfe(surface, theta, d, lr=lr, g=g),
}


def watched(surface, theta, pairs=(), move=0.0, last_g=0.0, bad=0.0, *, search=armijo):
    """L-BFGS with 10 pairs and a search; bad: how often s . y <= 0 was met before it arrived."""
    g = surface.grad(theta)
    y = g - last_g
    moving = np.sqrt(dot(g, g)) > 1e-6
    bad = bad + (moving & (dot(move + 0 * g, y) <= 0) if pairs or np.ndim(last_g) else 0 * moving)
    lr = 1.0 if pairs else first_length(g)
    pairs = remember(pairs, move, y, 10) if np.ndim(last_g) else pairs
    d = -two_loop(g, pairs)
    move = search(surface, theta, d, lr, g) * d
    return theta + move, pairs, move, g, bad


def wolfe_length(surface, theta, d):
    """A length along d that meets Wolfe's two conditions, for a single point."""
    loss, slope = surface.loss(theta), surface.grad(theta) @ d
    tau, short, long = 1.0, 0.0, np.inf
    while long - short > 1e-15:
        there = theta + tau * d
        now, bar = surface.grad(there) @ d, loss + 1e-4 * tau * slope
        if surface.loss(there) > bar or now > -0.9 * slope:
            long = tau
        elif now < 0.9 * slope:
            short = tau
        else:
            return tau
        tau = 2 * tau if long == np.inf else (short + long) / 2
    return short            # no length was found


def bad_pairs(surface=rosenbrock, search=tuple(SEARCHES), count=200, budget=60):
    """Of 200 runs of L-BFGS, how many meet a pair with s . y <= 0, and how many arrive?

    Starts: drawn evenly from the surface's map. A pair counts while the gradient is longer than
    1e-6. arrive: the loss is below 1e-8 after `budget` steps. Bad pairs are skipped.
    """
    place = surface()

    def measure(search):
        runs = [descend(place, partial(watched, search=SEARCHES[search]),
                        starts_on(place, seed, count), budget) for seed, in SETS]
        bad = [int((run.state["bad"][-1] > 0).sum()) for run in runs]
        arrive = [int((run.loss[-1] < 1e-8).sum()) for run in runs]
        return {f"{name} {k + 1}": row[k] for name, row in (("bad", bad), ("arrive", arrive))
                for k in range(3)}

    return table(measure, [{"search": name} for name in search], seeds=SETS, grid="none",
                 starts=f"{count} on the map of {place.name}", budget=f"{budget} steps",
                 criterion="runs with s . y <= 0; runs below 1e-8")


class Asked:
    """A surface that computes nothing twice at its last points, as a library does.

    count: at how many points a loss or a gradient was asked, new ones only.
    """

    def __init__(self, surface):
        self.count, self.known = 0, {}
        self.surface = replace(surface, loss=self.once(surface.loss), grad=self.once(surface.grad))

    def once(self, function):
        """The function, with its answers at the last three points kept."""

        def answer(theta):
            point = theta.tobytes()
            if point not in self.known:
                self.count += 1
                self.known = {**dict([*self.known.items()][-2:]), point: {}}
            kept = self.known[point]
            if function not in kept:
                kept[function] = function(theta)
            return kept[function]

        return answer


def starts_on(surface, seed, count):
    """Starts drawn evenly from a surface's map: (count, 2)."""
    low, high = np.transpose(surface.window)
    return np.random.default_rng(seed).uniform(low, high, (count, 2))


def best_within(g, B, radius):
    """Steihaug's point for a single model g.p + p.Bp / 2: (p, whether the edge ended the walk)."""
    p, left, d = 0 * g, g, -g               # left is the model's gradient, g + B p
    size = np.linalg.norm(g)
    while np.linalg.norm(left) > min(1 / 2, size**0.5) * size:
        bend = d @ B @ d
        if bend > 0:
            ahead = p + left @ left / bend * d
        if bend <= 0 or np.linalg.norm(ahead) >= radius:
            a, b, c = d @ d, p @ d, p @ p - radius**2      # of |p + tau d|^2 = radius^2
            return p + (np.sqrt(b * b - a * c) - b) / a * d, True
        last, left = left, g + B @ ahead
        p, d = ahead, left @ left / (last @ last) * d - left
    return p, False


def exam(surface, theta, radius=1.0):
    """A trust region's step for a single point: the plain form of trust_region."""
    g, B = surface.grad(theta), surface.hess(theta)
    p, at_edge = best_within(g, B, radius)
    promised = -(g @ p + p @ B @ p / 2)
    fell = surface.loss(theta) - surface.loss(theta + p)
    r = fell / promised
    if r < 1 / 4:
        radius = radius / 4
    elif r > 3 / 4 and at_edge:
        radius = 2 * radius
    if r > 0.15:
        theta = theta + p
    return theta, radius


CAREFUL = {"Newton": newton, "|B| and Armijo": newton_line_search, "Trust region": trust_region,
           "L-BFGS and Wolfe": lbfgs_wolfe}


@lru_cache
def walked(surface, rule, count, budget):
    """[run of `count` starts on the surface's map] for every set."""
    return [descend(surface(), CAREFUL[rule], starts_on(surface(), seed, count), budget)
            for seed, in SETS]


def caution(surface=(rosenbrock, himmelblau), count=200, budget=60):
    """Who arrives, and how fast: Newton, lesson 09's repair |B| with a search, or a trust region?

    Then L-BFGS with 10 pairs and Wolfe's search, which asks for gradients only.
    arrive: the runs, in percent, whose loss is below 1e-8 after `budget` steps. steps: the median
    of those that arrive, all sets; nan where none does.
    """

    def measure(surface, rule):
        runs = walked(surface, rule, count, budget)
        loss = np.concatenate([run.loss for run in runs], axis=1)
        there = loss[:, loss[-1] < 1e-8] < 1e-8
        return {"surface": surface().name,
                **by_set(100 * float((run.loss[-1] < 1e-8).mean()) for run in runs),
                "steps": float(np.median(there.argmax(axis=0))) if there.size else np.nan}

    cases = [{"surface": one, "rule": rule} for one in surface for rule in CAREFUL]
    return table(measure, cases, seeds=SETS, starts=f"{count} on the map", budget=f"{budget} steps",
                 grid="first radius 1", criterion="percent of runs below 1e-8")


def claims(logistic, deep, noisy):
    """What the lesson on quasi-Newton methods and trust claims, with verdicts.

    The tables of quasi_newton_digits: logistic_regression(), autoencoder() and mini_batches().
    """
    pairs = bad_pairs()
    bad, arrive = (pairs[[f"{name} {k}" for k in (1, 2, 3)]].to_numpy(float)
                   for name in ("bad", "arrive"))
    valley, trusted = ([run.loss for run in walked(rosenbrock, rule, 200, 60)]
                       for rule in ("Newton", "Trust region"))
    hills, safe = ([run.loss for run in walked(himmelblau, rule, 200, 60)]
                   for rule in ("Newton", "Trust region"))

    def of(frame, **row):
        """The three sets' numbers in the row of a table with these values."""
        found = frame[(frame[list(row)] == list(row.values())).all(axis=1)]
        return found[["set 1", "set 2", "set 3"]].to_numpy(float)[0]

    def median(losses):
        return [float(np.median((loss < 1e-8).argmax(axis=0))) for loss in losses]

    def lost(losses):
        return [100 * float((loss[-1] >= 1e-8).mean()) for loss in losses]

    runs = dict(budget="60 steps", referee="200 starts a set", seeds=SETS)
    hilly = dict(runs, criterion="lost: the loss is not below 1e-8", where=WHERE[4])
    steep = dict(runs, criterion="steps to a loss below 1e-8", where=WHERE[4])
    real = dict(referee="all data, one start a set", seeds=SETS, where=WHERE[5])
    task = dict(real, criterion="until the loss is 1e-6 above its lowest")
    noise = dict(budget="300 gradients, batch 32", criterion="training loss", where=WHERE[5],
                 referee="mean of three seeds, best lr of each set", seeds=seed_sets(3))
    return Claims(
        known("On x - ln x the secant method's error is minus the product of its last two errors.",
              "proved", f"seven steps in exact fractions deviate by {law_of_errors():g}",
              "elsewhere only up to a factor, and only close to a minimum with f'' > 0", WHERE[0]),
        known("BFGS's new matrix is the only one that meets its three demands.", "proved",
              f"largest difference from the matrix that the demands leave: {tiny(demands_met())}",
              "s . y must not be 0", WHERE[1]),
        known("L-BFGS needs no matrix: its two loops are BFGS's updates with the last pairs.",
              "proved", f"largest difference {tiny(loops_met())}",
              "the first matrix is chosen anew at every step", WHERE[2]),
        known("With Wolfe's conditions every pair has s . y > 0.", "proved",
              f"a pair with s . y <= 0 was met in {bad[2].sum():.0f} of 600 runs",
              "as far as a length is found", WHERE[3]),
        judge("With Wolfe's conditions L-BFGS loses fewer runs than without a search.",
              200 - arrive[2], 200 - arrive[0], **dict(hilly, where=WHERE[3]),
              told="of 200 runs {lower} are lost with Wolfe's conditions, {higher} without",
              limits="Rosenbrock's valley; Armijo's condition alone, with bad pairs skipped, loses "
              f"hardly more, {(200 - arrive[1]).max():.0f} at most"),
        judge("In Rosenbrock's valley a trust region makes Newton quicker.", median(trusted),
              median(valley), **steep,
              told="the median run takes {lower} steps with a trust region; {higher} without"),
        judge("On Himmelblau's function a trust region loses fewer runs than Newton.", lost(safe),
              lost(hills), **hilly,
              told="{lower} % of the runs are lost with a trust region; {higher} % with Newton",
              limits="a start exactly on a ridge stays there; the repair |B| with Armijo's search "
              "loses none either"),
        judge("On softmax regression L-BFGS needs fewer evaluations than Adam at its best rate.",
              of(logistic, goal="1e-06", rule="L-BFGS"), of(logistic, goal="1e-06", rule="Adam"),
              told="L-BFGS takes {lower} evaluations; Adam {higher}", **task,
              budget="at most 400 evaluations, Adam 1,500", limits="one task; by clock L-BFGS is a "
              "little slower in our code, which pays for each loss"),
        judge("On a small network L-BFGS ends lower than Adam at its best rate.",
              of(deep, evaluations=1000, rule="L-BFGS"), of(deep, evaluations=1000, rule="Adam"),
              told="lowest loss {lower} with L-BFGS; {higher} with Adam", **real,
              budget="1,000 evaluations", criterion="training loss of an autoencoder",
              limits="after 300 evaluations L-BFGS is ahead, in about twice Adam's time; nothing "
              "here is large"),
        judge("With fresh mini-batches SGD ends lower than L-BFGS.", of(noisy, rule="SGD"),
              of(noisy, rule="L-BFGS, two batches"), **noise,
              told="SGD ends {lower} above the lowest loss; L-BFGS {higher} above it",
              limits="softmax regression; L-BFGS's losses differ from one processor to the next"),
        judge("With one batch for both gradients of a pair L-BFGS ends lower than SGD.",
              of(noisy, rule="L-BFGS, one batch a pair"), of(noisy, rule="SGD"), **noise,
              told="L-BFGS ends {lower} above the lowest loss; SGD {higher} above it",
              limits="softmax regression"),
    )


def law_of_errors():
    """The largest deviation of seven secant steps, in exact fractions, from e_new = -e e_old."""
    x = [Fraction(9, 10), Fraction(11, 10)]
    for _ in range(7):
        g, last_g = 1 - 1 / x[-1], 1 - 1 / x[-2]
        x.append(x[-1] - g * (x[-1] - x[-2]) / (g - last_g))
    e = [one - 1 for one in x]
    return float(max(abs(new + a * b) for a, b, new in zip(e, e[1:], e[2:])))


def drawn_pairs(count, dimension=5):
    """(H, A, s, y): two positive definite matrices, and `count` moves s (count, D) with y = A s."""
    rng = np.random.default_rng(count)
    root = rng.normal(size=(2, dimension, dimension))
    H, A = root @ root.mT + np.eye(dimension)
    s = rng.normal(size=(count, dimension))
    return H, A, s, s @ A


def demands_met():
    """The largest difference of bfgs_update from the matrix that its three demands leave."""
    H, _, (s,), (y,) = drawn_pairs(1)
    basis = np.vstack([y, np.linalg.svd(s[None])[2][1:]])
    form = basis @ H @ basis.T
    form[0] = form[:, 0] = basis @ s
    wanted = np.linalg.solve(basis, np.linalg.solve(basis, form).T).T
    return np.abs(bfgs_update(H, s, y) - wanted).max()


def loops_met():
    """The largest difference of two_loop from BFGS's dense matrix, from gamma I on."""
    _, _, moves, changes = drawn_pairs(3)
    H = moves[-1] @ changes[-1] / (changes[-1] @ changes[-1]) * np.eye(5)
    for s, y in zip(moves, changes):
        H = bfgs_update(H, s, y)
    got = [two_loop(one, tuple(zip(moves, changes))) for one in np.eye(5)]
    return np.abs(np.array(got) - H).max()
