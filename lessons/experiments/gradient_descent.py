"""How far may a step go, what does a ravine cost, how long does a saddle hold; and on data?

A limit is 2 / L, with L the largest curvature.
"""

from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.common import STARTS, steps_to_converge
from lessons.experiments.protocol import (
    converged_at,
    limit_at,
    seed_sets,
    seeded,
    table,
    whole,
)
from lessons.networks import digits_accuracy, digits_softmax
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock, saddle, two_images

__all__ = [
    "around_the_limit", "beyond_the_limit", "cost_from_one_start", "escape_from_saddle",
    "held_by_saddle", "limit_along", "limit_at_the_end",
    "same_way_in_short_steps",
]
SETS = ["set 1", "set 2", "set 3"]
TWO, COST = "Two curvatures, one learning rate: who sets the limit?", "What does a ravine cost?"
FLAT, CHANGES = "What if it is flat, and no minimum?", "What if the curvature changes on the way?"


def around_the_limit(lr_L=(0.6, 1.0, 1.8, 1.905, 1.98, 2.0, 2.02, 2.1), condition=20, budget=200,
                     count=20):
    """By what does a step multiply the loss in a ravine, at learning rates around 2 / L?

    lr_L: lr times L. Columns: the factor a step, its mean over the second half of the budget, of
    the slowest of `count` starts, for three sets of seeds. bound: r^2, with r the larger factor.
    """
    surface, sets = ravine(condition, 30), seed_sets(count)

    def measure(lr_L):
        lr, found = lr_L / condition, {}
        for k in (1, 2, 3):
            loss = descend(seeded(surface, sets[k - 1]), gradient_descent, steps=budget, lr=lr).loss
            found[f"set {k}"] = ((loss[-1] / loss[budget // 2]) ** (2 / budget)).max()
        return {"lr": lr, **found, "bound": max(abs(1 - lr), abs(1 - lr_L)) ** 2}

    return table(measure, [{"lr_L": float(x)} for x in np.ravel(lr_L)], starts=STARTS, seeds=sets,
                 grid=str(lr_L), budget=f"{budget} steps", criterion="factor of the loss a step")


def cost_from_one_start(condition=(5, 10, 20, 50, 100, 200, 500, 1000), target=1e-4):
    """How many steps does a ravine cost somebody who may tune the learning rate for one start?

    The start is the ravine's own, 1.5 along the floor and 0.8 up the wall. guaranteed: the steps
    at 2 / (L + mu). on_floor: the floor's part of the first loss. law: condition / 4
    ln(on_floor / target). steps: at the best of 161 learning rates, whose distances from 2 / L are
    0.1 to 10 times that of 2 / (L + mu). shorter: that lr, in units of 2 / (L + mu); the longest
    of those that need equally many steps.
    """

    def measure(condition):
        gaps = np.geomspace(0.1, 10, 161) * 2 / (condition + 1)
        lr = (2 - gaps[gaps < 2]) / condition
        run = descend(ravine(condition, 30), gradient_descent, steps=3 * condition, lr=lr[:, None])
        on_floor = 1.5**2 / (1.5**2 + condition * 0.8**2)
        needed, best = converged_at(run.loss, target), 2 / (condition + 1)
        at_best = descend(ravine(condition, 30), gradient_descent, steps=3 * condition, lr=best)
        return {"guaranteed": whole(converged_at(at_best.loss, target)), "on_floor": on_floor,
                "law": condition / 4 * np.log(on_floor / target), "steps": whole(needed.min()),
                "shorter": lr[needed == needed.min()].max() / best}

    return table(measure, [{"condition": int(k)} for k in np.ravel(condition)], grid="161 a ravine",
                 starts="the ravine's own", seeds="none, nothing is drawn", budget="3 condition",
                 criterion=f"the loss stays at or below {target:g} of its first")


def escape_from_saddle(distance=(1e-1, 1e-2, 1e-3, 1e-4, 1e-6), lr=0.1, budget=1000):
    """How many steps does a saddle hold gradient descent that starts so near to its ridge?

    Until it is 0.5 away from the ridge. theory: ln(0.5 / distance) / ln(1 + lr), from the
    curvature -1 on the ridge, which weakens on the way. inf: not within the budget.
    """

    def measure(distance):
        run = descend(saddle(), gradient_descent, (-2.0, distance), budget, lr=lr)
        gone = np.flatnonzero(np.abs(run.theta[:, 1]) > 0.5)
        theory = np.log(0.5 / distance) / np.log(1 + lr)
        return {"steps": int(gone[0]) if len(gone) else np.inf, "theory": theory}

    return table(measure, [{"distance": y} for y in np.ravel(distance).tolist()], grid=str(lr),
                 starts="(-2, distance)", seeds="none, nothing is drawn", budget=f"{budget} steps",
                 criterion="first step more than 0.5 from the ridge")


def held_by_saddle(lr=(0.1, 0.1, 0.01), steps=(20, 200, 200), count=1000):
    """Of `count` random starts, how many does a saddle still hold after so many steps?

    Starts: N(0, 1) in both coordinates, three sets of seeds. Held: at most 0.5 from the ridge.
    theory: the chance that a start lies so near to the ridge, at most 0.5 (1 + lr)^-steps.
    """
    from math import erf

    sets = seed_sets(1)

    def measure(lr, steps):
        held = {}
        for k, (seed,) in enumerate(sets, 1):
            starts = np.random.default_rng(seed).normal(size=(count, 2))
            y = descend(saddle(), gradient_descent, starts, steps, every=steps, lr=lr).theta[-1]
            held[f"set {k}"] = int((np.abs(y[:, 1]) <= 0.5).sum())
        near = 0.5 * (1 + lr) ** -steps
        return {**held, "theory": count * erf(near / 2**0.5)}

    cases = [{"lr": rate, "steps": n} for rate, n in zip(np.ravel(lr).tolist(), np.ravel(steps))]
    return table(measure, cases, starts="N(0, 1)", seeds=sets, grid=str(lr),
                 budget=f"{steps} steps", criterion=f"at most 0.5 from the ridge, of {count}")


def limit_along(place=digits_softmax, times=(1, 4, 8, 32), budget=60, every=20, progress="Runs"):
    """Where does the limit 2 / L move, while gradient descent runs at so many times the first?

    place: a function that makes the surface. Rows: the run's lr, in units of 2 / L at the start,
    and step; columns: loss, limit (2 / L there, in the same unit).
    """
    first = limit_at(place(), np.array(place().start, float))

    def measure(times):
        run = descend(place(), gradient_descent, steps=budget, every=every, lr=times * first)
        limits = limit_at(place(), run.theta) / first
        return [{"step": int(t), "loss": loss, "limit": limit}
                for t, loss, limit in zip(run.kept, run.loss, limits)]

    return table(measure, [{"times": n} for n in np.ravel(times).tolist()], progress=progress,
                 starts="the surface's own", seeds="none, nothing is drawn", grid=str(times),
                 budget=f"{budget} steps", criterion="largest eigenvalue of the Hessian")


def same_way_in_short_steps(times=8, at=40, budget=160):
    """Does a long step hold the digits' limit where it is, or would a short one find it there, too?

    Gradient descent runs at so many times the first limit; from step `at` on, once as before and
    once at the first limit itself, with so many times as many steps. Columns: lr (in units of the
    first limit), steps, and loss and limit (2 / L, in the same unit) at the fork and at the end.
    """
    surface = digits_softmax()
    first = limit_at(surface, np.zeros(650))
    fork = descend(surface, gradient_descent, steps=at, every=at, lr=times * first)

    def measure(times, steps):
        run = descend(surface, gradient_descent, fork.theta[-1], steps, steps, lr=times * first)
        limits = limit_at(surface, run.theta) / first
        return {"loss before": run.loss[0], "loss after": run.loss[-1],
                "limit before": limits[0], "limit after": limits[-1]}

    cases = [{"times": times, "steps": budget}, {"times": 1, "steps": times * budget}]
    return table(measure, cases, starts=f"step {at} of the run from all weights 0", grid=str(times),
                 seeds="none, nothing is drawn", budget=f"{budget} steps of the long kind",
                 criterion="largest eigenvalue of the Hessian")


def limit_at_the_end(lr=(0.001, 0.0013, 0.001996, 0.0025, 0.004, 0.006), place=rosenbrock,
                     budget=20_000):
    """Does gradient descent converge in the valley, and what is the limit 2 / L where it ends?

    From the surface's own start: highest loss on the way; steps until the loss stays at or below
    1e-4 of its first, inf: not within the budget; limit: 2 / L, mean of the last 1,000 steps, as a
    walk may go to and fro. lost: of nine starts drawn around it, how many fly out for ever.
    """
    surface, sets = place(), seed_sets(3)
    rates = np.ravel(lr).astype(float)[:, None, None]
    near = [seeded(surface, seeds).start for seeds in sets]
    starts = np.concatenate([[surface.start], *near])
    run = descend(surface, gradient_descent, starts, steps=budget, lr=rates)

    def measure(lr):
        k = int(np.flatnonzero(rates == lr)[0])
        loss, late = run.loss[:, k, 0], run.theta[-1000:, k, 0]
        return {"highest": loss.max(), "steps": whole(converged_at(loss, 1e-4)),
                "limit": limit_at(surface, late).mean(),
                "lost": int((~np.isfinite(run.loss[-1, k, 1:])).sum())}

    return table(measure, [{"lr": rate} for rate in rates.ravel().tolist()], grid=str(lr),
                 starts=f"the surface's own, and nine more: {STARTS}", seeds=sets,
                 budget=f"{budget} steps", criterion="the loss stays at or below 1e-4 of its first")


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
        losses = {f"set {j + 1}": run.loss[at, k, j] for j in range(3)}
        return {**losses, "wrong": 100 * (1 - digits_accuracy(run.theta[at, k]).mean())}

    cases = [{"budget": n, "times": x} for n in steps for x in rates]
    return table(measure, cases, starts="N(0, 0.1^2) in each weight", seeds=seed_sets(1),
                 grid=str(times), budget=f"{budget} steps", criterion="loss after the budget")


def claims():
    """What lesson 01 claims, with the numbers that its experiments find."""
    edge = around_the_limit().set_index("lr_L")[SETS]
    steps = steps_to_converge(gradient_descent, lr="2 / (L + mu)", condition=100, progress=None)
    loss = beyond_the_limit().set_index(["budget", "times"])[SETS]
    run = walks_from_drawn_starts((1, 4, 8, 32), 600, 60)       # kept: 0, 60, ..., 600
    first = limit_at(digits_softmax(), np.zeros(650))
    apart = np.abs(limit_at(digits_softmax(), run.theta[2, 2]) / first / 8 - 1)
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
              referee="1000 starts a set, N(0, 1) in both coordinates", where=FLAT,
              limits=f"lr 0.01: {in_words(saddles.loc[2])} of 1000; one strict saddle"),
        judge("Two images at twice their first limit end lower than at the limit itself.", *ends,
              budget="60 steps", criterion="training loss", referee="one start a set", seeds=seeds,
              where=CHANGES, limits="both images are of one class, so a sure model is right"),
        judge("On the digits a run at 8 times the first limit ends lower than one at the limit.",
              loss.loc[60, 8], loss.loc[60, 1], budget="60 steps", criterion="training loss",
              limits="a convex loss whose confident predictions are flat", **data),
        judge("That run sits at the limit of where it is: 2 / L there is its own lr, within 10 %.",
              apart, 0.1, budget="120 steps", criterion="distance of 2 / L from lr",
              limits="nothing holds it there: later its 2 / L grows beyond lr", **data),
        judge("The learning rate with the lowest training loss gets the fewest new images wrong.",
              wrong[3], wrong[0], budget="600 steps", criterion="percent wrong, 32 times against 1",
              luck=1.5, limits="500 test images, one standard error is 0.8 points", **data),
    )
