"""How far may a step go, what does a ravine cost, how long does a saddle hold; and on data?

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
from lessons.networks import digits_accuracy, digits_mlp, digits_softmax
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock, saddle, two_images

__all__ = [
    "around_the_limit", "beyond_the_limit", "cost_from_one_start", "held_by_saddle",
    "limit_at_the_end", "limit_of_a_network",
]
SETS = ["set 1", "set 2", "set 3"]
TWO, COST = "Two curvatures, one learning rate: who sets the limit?", "What does a ravine cost?"
GOOD, YOURS = "Can a step that is too long do good?", "Your turn"


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


def held_by_saddle(lr=(0.1, 0.1, 0.01), steps=(20, 200, 200), count=1000):
    """Of `count` random starts, how many does a saddle still hold after so many steps?

    Starts: N(0, 1) in both coordinates, three sets of seeds. Held: at most 0.5 from the ridge.
    derived: the chance that a start lies so near to the ridge, at most 0.5 (1 + lr)^-steps.
    """
    from math import erf

    sets = seed_sets(1)

    def measure(lr, steps):
        def held(seeds):
            starts = np.random.default_rng(seeds[0]).normal(size=(count, 2))
            y = descend(saddle(), gradient_descent, starts, steps, every=steps, lr=lr).theta[-1]
            return int((np.abs(y[:, 1]) <= 0.5).sum())

        near = 0.5 * (1 + lr) ** -steps
        return {**by_set(map(held, sets)), "derived": count * erf(near / 2**0.5)}

    cases = [{"lr": rate, "steps": n} for rate, n in zip(np.ravel(lr).tolist(), np.ravel(steps))]
    return table(measure, cases, starts="N(0, 1)", seeds=sets, grid=str(lr),
                 budget=f"{steps} steps", criterion=f"at most 0.5 from the ridge, of {count}")


def limit_at_the_end(lr=(0.001996, 0.0025, 0.004, 0.006), place=rosenbrock, budget=20_000):
    """Does gradient descent converge in the valley, and what is the limit 2 / L where it ends?

    From the surface's own start: steps until the loss stays at or below 1e-4 of its first, inf:
    not within the budget; limit: 2 / L, mean of the last 1,000 steps, as a walk may go to and fro.
    lost: of nine starts drawn around it, how many fly out for ever.
    """
    surface, sets = place(), seed_sets(3)
    rates = np.ravel(lr).astype(float)[:, None, None]
    near = [seeded(surface, seeds).start for seeds in sets]
    starts = np.concatenate([[surface.start], *near])
    run = descend(surface, gradient_descent, starts, steps=budget, lr=rates)

    def measure(lr):
        k = int(np.flatnonzero(rates == lr)[0])
        loss, late = run.loss[:, k, 0], run.theta[-1000:, k, 0]
        return {"steps": whole(converged_at(loss, 1e-4)),
                "limit": limit_at(surface, late).mean(),
                "lost": int((~np.isfinite(run.loss[-1, k, 1:])).sum())}

    return table(measure, [{"lr": rate} for rate in rates.ravel().tolist()], grid=str(lr),
                 starts=f"the surface's own, and nine more: {STARTS}", seeds=sets,
                 budget=f"{budget} steps", criterion="the loss stays at or below 1e-4 of its first")


@lru_cache
def walks_of_network(seed, lr, budget, every, dtype=np.float64):
    """The losses (budget + 1, lrs) of digits_mlp from one seed's first weights, and its 2 / L.

    2 / L, (looks, lrs), is computed at every so many steps. Each gradient is that of all images.
    dtype: in double precision all processors take the same way, which takes twice as long.
    """
    net = digits_mlp(batch=None, seed=seed, dtype=dtype)
    run = descend(net, gradient_descent, steps=budget, lr=np.reshape(lr, (-1, 1)))
    return run.loss, limit_at(net, run.theta[::every])


def limit_of_a_network(calm=0.4, bold=0.8, budget=120, every=15, progress="Networks"):
    """Where does 2 / L go while a network with a hidden layer learns, at two learning rates?

    Rows: three trainings of digits_mlp on all images, each from its own first weights. Columns:
    2 / L before the first step; the lowest on the calm run's way, looked at every so many steps;
    the mean of the bold run's last four looks; and the loss of both after the budget.
    """

    def measure(**case):
        loss, limit = walks_of_network(seeds[case["set"] - 1][0], (calm, bold), budget, every)
        return {"first limit": limit[0, 0], f"lowest, lr {calm:g}": limit[:, 0].min(),
                f"last, lr {bold:g}": limit[-4:, 1].mean(),
                f"loss, lr {calm:g}": loss[-1, 0], f"loss, lr {bold:g}": loss[-1, 1]}

    seeds = seed_sets(1)
    return table(measure, [{"set": k} for k in (1, 2, 3)], progress=progress, seeds=seeds,
                 starts="the network's first weights, by seed", grid=f"{calm}, {bold}",
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
    net = limit_of_a_network(progress=None)
    wrong = 100 * (1 - digits_accuracy(run.theta[-1]))
    saddles = held_by_saddle()[SETS]
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
        judge("A saddle holds fewer than 1 in 100 random starts for 200 steps.", saddles.loc[1], 10,
              budget="lr 0.1, 200 steps", criterion="starts that are held", seeds=seeds,
              referee="1000 starts a set, N(0, 1) in both coordinates", where=YOURS,
              limits=f"lr 0.01: {in_words(saddles.loc[2])} of 1000; one strict saddle"),
        judge("Two images at twice their first limit end lower than at the limit itself.", *ends,
              budget="60 steps", criterion="training loss", referee="one start a set", seeds=seeds,
              where=GOOD, limits="both images are of one class, so a sure model is right"),
        judge("While a network learns the digits, 2 / L falls below a fifth of the first.",
              net["lowest, lr 0.4"] / net["first limit"], 0.2, budget="120 steps, lr 0.4",
              criterion="lowest 2 / L over the first", limits="later it rises again", **data),
        judge("At lr 0.8, beyond that, it comes to where 2 / L is its own lr, within 10 %.",
              np.abs(net["last, lr 0.8"] / 0.8 - 1), 0.1, budget="120 steps, lr 0.8",
              criterion="distance of 2 / L from lr, mean of the last four looks",
              limits="at lr 3.2 the network is lost", **data),
        judge("At lr 0.8 the network ends lower than at 0.4, which is below the limit.",
              net["loss, lr 0.8"], net["loss, lr 0.4"], budget="120 steps",
              criterion="training loss", limits="equal steps; at lr 3.2 the network is lost",
              **data),
        judge("Softmax regression at 8 times its first limit ends lower than at the limit.",
              loss.loc[60, 8], loss.loc[60, 1], budget="60 steps", criterion="training loss",
              limits="a convex loss whose confident predictions are flat", **data),
        judge("In softmax regression the lr of the lowest loss gets the fewest new images wrong.",
              wrong[3], wrong[0], budget="600 steps", criterion="percent wrong, 32 times against 1",
              luck=1.5, limits="500 test images, one standard error is 0.8 points", **data),
    )
