"""How far may a step go, and what does a ravine cost: on surfaces, and on data?

A limit is 2 / L, with L the largest curvature.
"""

from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.common import STARTS, steps_to_converge
from lessons.experiments.protocol import (
    by_set,
    converged_at,
    limit_at,
    seed_sets,
    seeded,
    table,
    whole,
)
from lessons.networks import digits, digits_accuracy, digits_mlp, digits_softmax
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock, two_images

__all__ = [
    "around_the_limit", "beyond_the_limit", "cost_from_one_start", "limit_at_the_end",
    "limit_of_a_network",
]
SETS = ["set 1", "set 2", "set 3"]
TWO, COST = "Two curvatures, one learning rate: who sets the limit?", "What does a ravine cost?"
CHANGES = "What if the curvature changes on the way?"


def around_the_limit(times=(0.6, 1.0, 1.905, 1.98, 2.0, 2.02), condition=20, budget=200, count=20):
    """By what does a step multiply the loss in a ravine, at learning rates around 2 / L?

    times: lr in units of 1 / L. set 1, 2, 3: the factor a step, its mean over the second half of
    the budget, of the slowest of `count` starts. derived: r^2, with r the larger factor.
    """
    surface, sets = ravine(condition, 30), seed_sets(count)

    def measure(**case):
        lr_L = case["lr x L"]

        def factor(seeds):
            loss = descend(seeded(surface, seeds), gradient_descent, steps=budget,
                           lr=lr_L / condition).loss
            return ((loss[-1] / loss[budget // 2]) ** (2 / budget)).max()

        return {**by_set(map(factor, sets)),
                "derived": max(abs(1 - lr_L / condition), abs(1 - lr_L)) ** 2}

    return table(measure, [{"lr x L": float(x)} for x in np.ravel(times)], starts=STARTS,
                 seeds=sets, grid=str(times), budget=f"{budget} steps",
                 criterion="factor of the loss a step")


def cost_from_one_start(condition=(5, 10, 20, 50, 100, 200, 500, 1000), target=1e-4):
    """How many steps does a ravine cost somebody who may tune the learning rate for one start?

    The start is the ravine's own, 1.5 along the floor and 0.8 up the wall. guaranteed: the steps
    at 2 / (L + mu). floor's part: of the first loss, s. derived: condition / 4 ln(s / target).
    steps: at the best of 161 learning rates, whose distances from 2 / L are 0.1 to 10 times that
    of 2 / (L + mu). best lr: in units of 2 / (L + mu); the longest of those that need equally
    many steps.
    """

    def measure(condition):
        gaps = np.geomspace(0.1, 10, 161) * 2 / (condition + 1)
        lr = (2 - gaps[gaps < 2]) / condition
        run = descend(ravine(condition, 30), gradient_descent, steps=3 * condition, lr=lr[:, None])
        on_floor = 1.5**2 / (1.5**2 + condition * 0.8**2)
        needed, best = converged_at(run.loss, target), 2 / (condition + 1)
        at_best = descend(ravine(condition, 30), gradient_descent, steps=3 * condition, lr=best)
        return {"guaranteed": whole(converged_at(at_best.loss, target)), "floor's part": on_floor,
                "derived": condition / 4 * np.log(on_floor / target), "steps": whole(needed.min()),
                "best lr": lr[needed == needed.min()].max() / best}

    return table(measure, [{"condition": int(k)} for k in np.ravel(condition)], grid="161 a ravine",
                 starts="the ravine's own", seeds="none, nothing is drawn", budget="3 condition",
                 criterion=f"the loss stays at or below {target:g} of its first")


def limit_at_the_end(lr=(0.0025, 0.004, 0.006), budget=20_000):
    """Where in Rosenbrock's valley does gradient descent end, and what is the limit 2 / L there?

    From the usual start; x and limit are means of the last 1,000 steps, as a walk may go to and
    fro. derived x: where 200 (1 + 4 x^2), L on the floor, is 2 / lr. lost: of nine starts drawn
    around the usual one, how many fly out.
    """
    rates, sets = np.ravel(lr).astype(float).tolist(), seed_sets(3)
    run = walks_in_the_valley(tuple(rates), budget)

    def measure(lr):
        k = rates.index(lr)
        late = run.theta[-1000:, k, 0]
        return {"derived x": np.sqrt(max(1 / (100 * lr) - 1, 0)) / 2, "x": late[:, 0].mean(),
                "limit": limit_at(rosenbrock(), late).mean(),
                "lost": int((~np.isfinite(run.loss[-1, k, 1:])).sum())}

    return table(measure, [{"lr": rate} for rate in rates], grid=str(lr), seeds=sets,
                 starts=f"the surface's own, and nine more: {STARTS}", budget=f"{budget} steps",
                 criterion="mean of the last 1,000 steps")


@lru_cache
def walks_in_the_valley(rates, budget):
    """The Trajectory on Rosenbrock, (budget + 1, rates, 10, 2), from its start and nine more."""
    surface = rosenbrock()
    near = [seeded(surface, seeds).start for seeds in seed_sets(3)]
    return descend(surface, gradient_descent, np.concatenate([[surface.start], *near]),
                   steps=budget, lr=np.reshape(rates, (-1, 1, 1)))


@lru_cache
def walks_of_network(seed, lr, budget, every, dtype=np.float64):
    """Losses (budget + 1, lrs) of digits_mlp from one seed's first weights, 2 / L, silent units.

    2 / L, (looks, lrs), is computed at every so many steps. Each gradient is that of all images.
    Silent units, (lrs,): the share of the hidden units that answer to no image after the budget.
    dtype: in double precision all processors take the same way, which takes twice as long.
    """
    net = digits_mlp(batch=None, seed=seed, dtype=dtype)
    run = descend(net, gradient_descent, steps=budget, lr=np.reshape(lr, (-1, 1)))
    W, b = run.theta[-1, :, :4096].reshape(-1, 64, 64), run.theta[-1, :, 4096:4160]
    highest = (digits()[0] @ W.swapaxes(1, 2)).max(axis=1) + b      # before ReLU, over all images
    return run.loss, limit_at(net, run.theta[::every]), (highest <= 0).mean(axis=-1)


def limit_of_a_network(lr=(0.4, 0.8, 1.2, 3.2), budget=120, every=15, progress="Networks"):
    """Where do the limit 2 / L and the loss of a network end, below the lowest limit and beyond it?

    digits_mlp on all images; means of trainings from three sets of first weights. lr / first: over
    the first 2 / L. lr / lowest: over the lowest on the way of the first lr, looked at every so
    many steps. last limit: mean of the last four looks. loss: after the budget; same way: when
    lr x steps is that of the first lr. silent (%): hidden units that answer to no image then.
    """
    rates, sets = np.ravel(lr).astype(float).tolist(), seed_sets(1)

    def measure(lr):
        k, way = rates.index(lr), round(budget * rates[0] / lr)
        found = [walks_of_network(seed, tuple(rates), budget, every) for seed, in sets]
        rows = [(lr / limit[0, 0], lr / limit[:, 0].min(), limit[-4:, k].mean(), loss[-1, k],
                 loss[way, k], 100 * silent[k]) for loss, limit, silent in found]
        names = "lr / first", "lr / lowest", "last limit", "loss", "same way", "silent (%)"
        return dict(zip(names, np.mean(rows, axis=0)))

    return table(measure, [{"lr": rate} for rate in rates], progress=progress, seeds=sets,
                 starts="the network's first weights, by seed", grid=str(lr),
                 budget=f"{budget} steps", criterion="2 / L, largest eigenvalue of the Hessian")


@lru_cache
def walks_from_drawn_starts(times, budget, every):
    """The Trajectory of the digits' weights, (kept, times, 3, 650), from a start for each set.

    Starts: N(0, 0.1^2) in each weight. lr: each of `times` the limit where all weights are 0.
    """
    starts = np.stack([np.random.default_rng(seed).normal(0, 0.1, 650) for seed, in seed_sets(1)])
    lr = np.reshape(times, (-1, 1, 1)) * limit_at(digits_softmax(), np.zeros(650))
    return descend(digits_softmax(), gradient_descent, starts, budget, every, lr=lr)


def beyond_the_limit(times=(1, 4, 8, 32), budget=(60, 600)):
    """Where do three other starts end on the digits, beyond the first limit, in two budgets?

    times: lr in units of 2 / L where all weights are 0. Columns: the loss from each start, and
    wrong: the percentage of the 500 test images that get the wrong digit, mean of the three.
    """
    steps, rates = np.ravel(budget).tolist(), np.ravel(times).tolist()
    run = walks_from_drawn_starts(tuple(rates), max(steps), int(np.gcd.reduce(steps)))

    def measure(budget, times):
        k, at = rates.index(times), run.kept.tolist().index(budget)
        right = digits_accuracy(run.theta[at, k]).mean()
        return {**by_set(run.loss[at, k]), "wrong": 100 * (1 - right)}

    cases = [{"budget": n, "times": x} for n in steps for x in rates]
    return table(measure, cases, starts="N(0, 0.1^2) in each weight", seeds=seed_sets(1),
                 grid=str(times), budget=f"{budget} steps", criterion="loss after the budget")


def claims():
    """What lesson 01 claims, with the numbers that its experiments find."""
    edge = around_the_limit().set_index("lr x L")[SETS]
    steps = steps_to_converge(gradient_descent, lr="2 / (L + mu)", condition=100, progress=None)
    loss = beyond_the_limit().set_index(["budget", "times"])[SETS]
    run = walks_from_drawn_starts((1, 4, 8, 32), 600, 60)       # kept: 0, 60, ..., 600
    walks = [walks_of_network(seed, (0.4, 0.8, 1.2, 3.2), 120, 15)[:2] for seed, in seed_sets(1)]
    net = np.array([losses[-1] for losses, _ in walks]).T                   # (lrs, sets)
    limits = np.array([looks for _, looks in walks])                        # (sets, looks, lrs)
    lost = f"at lr 3.2 {(net[3] > 1).sum()} of 3 are lost"
    valley, wrong = limit_at_the_end(), 100 * (1 - digits_accuracy(run.theta[-1]))
    swings = [[0, np.random.default_rng(seed).normal(0, 0.1)] for seed, in seed_sets(1)]
    ends = [descend(two_images(), gradient_descent, np.array(swings), 60, lr=lr).loss[-1]
            for lr in (1.0, 0.5)]
    seeds = seed_sets(1)
    data = dict(where="On a real network: does the limit hold?", referee="one start a set",
                seeds=seeds)
    return Claims(
        known("Gradient descent converges on a quadratic if lr < 2 / L, and diverges above it.",
              "proved", f"a step multiplies the loss by {edge.loc[1.98].max():.3g} at 1.98 / L, by "
              f"{edge.loc[2.02].min():.3g} at 2.02 / L; derived 0.98^2 and 1.02^2",
              "a start with no error at all along the steepest direction converges all the same",
              TWO),
        known("The best learning rate for the worst start is 2 / (L + mu), just below the limit.",
              "proved", f"{100 / 101:.2f} of the limit at condition 100",
              "just below in narrow ravines only: in a round bowl it is half the limit", TWO),
        known("A ravine costs about (condition / 4) ln(1 / target) steps at that rate.", "proved",
              f"derived {np.log(1e-4) / 2 / np.log(99 / 101):.1f} steps at condition 100; measured "
              f"{steps.at[0, 'worst start']} from all starts of three sets",
              "an upper bound for more than two curvatures; a rate tuned for one start costs less",
              COST),
        judge("From the usual start, lr 0.0025 to 0.006 end on Rosenbrock where 2 / L is their lr.",
              np.abs(valley["limit"] / valley["lr"] - 1), 0.01, budget="20,000 steps",
              criterion="|2 / L - lr| / lr of the three lrs; the bound is 0.01",
              referee="one start", seeds=seed_sets(3), where=CHANGES,
              limits=f"of nine other starts {in_words(valley['lost'])} fly out"),
        judge("Two images at twice their first limit end lower than at the limit itself.", *ends,
              budget="60 steps", criterion="training loss", referee="one start a set", seeds=seeds,
              where=CHANGES, limits="equal steps; both images are of one class"),
        judge("While a network learns the digits, 2 / L falls below a fifth of the first.",
              limits[:, :, 0].min(axis=1) / limits[:, 0, 0], 0.2, budget="120 steps, lr 0.4",
              criterion="lowest 2 / L over the first; the bound is 0.2",
              limits="later it rises again", **data),
        judge("At lr 0.8 and 1.2, beyond that, it comes to where 2 / L is its own lr.",
              np.abs(limits[:, -4:, 1:3].mean(axis=1) / [0.8, 1.2] - 1).max(axis=1), 0.1,
              budget="120 steps", limits=lost,
              criterion="|2 / L - lr| / lr, mean of the last four looks; the bound is 0.1", **data),
        judge("At lr 0.8 the network ends lower than at 0.4, which is below the limit.",
              net[1], net[0], budget="120 steps", criterion="training loss",
              limits=f"equal steps, not equal lr x steps; {lost}", **data),
        judge("Softmax regression at 8 times its first limit ends lower than at the limit.",
              loss.loc[60, 8], loss.loc[60, 1], budget="60 steps", criterion="training loss",
              limits="a convex loss whose confident predictions are flat", **data),
        judge("In softmax regression the lr of the lowest loss gets the fewest new images wrong.",
              wrong[3], wrong[0], budget="600 steps", criterion="percent wrong, 32 times against 1",
              luck=1.5, limits="500 test images, one standard error is 0.8 points", **data),
    )
