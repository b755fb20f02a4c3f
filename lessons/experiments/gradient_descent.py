"""How far may a step go, and what does a ravine cost: on surfaces, and on data?

A limit is 2 / L, with L the largest curvature. The lesson's trainings of a network lie in
network_limit.json beside this file. To make it anew, in half a minute:
    python -c "from lessons.experiments.gradient_descent import record; record()"
"""

import json
from functools import lru_cache
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.common import STARTS, steps_to_converge
from lessons.experiments.protocol import (
    by_set,
    limit_at,
    seed_sets,
    seeded,
    table,
)
from lessons.networks import digits, digits_mlp
from lessons.steps import gradient_descent
from lessons.surfaces import ravine, rosenbrock

__all__ = [
    "around_the_limit", "limit_at_the_end", "limit_of_a_network",
]
FILE = Path(__file__).with_name("network_limit.json")
SETS = ["set 1", "set 2", "set 3"]
RATES = 0.2, 0.4, 0.8, 1.2, 2.4, 3.6       # of the network; 3.6 is beyond its first limits
RECORDED = RATES, 120, 15, np.float64
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


def limit_at_the_end(lr=(0.0025, 0.004, 0.006), budget=20_000):
    """Where in Rosenbrock's valley does gradient descent end, and what is the limit 2 / L there?

    From the usual start and nine drawn around it. of 10 fly out: how many do. x and limit are
    means of the others over the last 1,000 steps, as a walk may go to and fro. derived x: where
    200 (1 + 4 x^2), L on the floor, is 2 / lr.
    """
    rates, sets = np.ravel(lr).astype(float).tolist(), seed_sets(3)
    run = walks_in_the_valley(tuple(rates), budget)

    def measure(lr):
        k = rates.index(lr)
        kept = np.isfinite(run.loss[-1, k])
        late = run.theta[-1000:, k, kept]
        return {"derived x": np.sqrt(max(1 / (100 * lr) - 1, 0)) / 2, "x": late[..., 0].mean(),
                "limit": limit_at(rosenbrock(), late).mean(), "of 10 fly out": int((~kept).sum())}

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
    """Losses (budget + 1, lrs) of digits_mlp from one seed, 2 / L, silent units, test accuracy.

    2 / L, (looks, lrs), is computed at every so many steps. Each gradient is that of all images.
    Silent units, (lrs,): the share of the hidden units that respond to no image after the budget.
    Test accuracy, (lrs,): the share of the 500 test images that get the right digit then.
    dtype: in double precision all processors take the same way, which takes twice as long.
    Recorded for the lesson's own trainings; whatever else one asks is trained.
    """
    if (lr, budget, every, dtype) == RECORDED:
        kept = json.loads(FILE.read_text(encoding="utf-8"))
        if str(seed) in kept:
            return tuple(map(np.array, kept[str(seed)]))
    return trained(seed, lr, budget, every, dtype)


def trained(seed, lr, budget, every, dtype):
    """What walks_of_network() says, trained now."""
    net = digits_mlp(batch=None, seed=seed, dtype=dtype)
    run = descend(net, gradient_descent, steps=budget, lr=np.reshape(lr, (-1, 1)))
    W, b = run.theta[-1, :, :4096].reshape(-1, 64, 64), run.theta[-1, :, 4096:4160]
    highest = (digits()[0] @ W.swapaxes(1, 2)).max(axis=1) + b      # before ReLU, over all images
    silent, right = (highest <= 0).mean(axis=-1), net.accuracy(run.theta[-1])
    return run.loss, limit_at(net, run.theta[::every]), silent, right


def record(file=FILE):
    """Train what walks_of_network() has on record, and write it to `file`, to eight digits."""
    def kept(values):
        return [float(f"{x:.8g}") if np.isscalar(x) else kept(x) for x in values]

    found = {seed: trained(seed, *RECORDED) for seed, in seed_sets(1)}
    found = {seed: [kept(each.tolist()) for each in walks] for seed, walks in found.items()}
    file.write_text(json.dumps(found).replace("]], ", "]],\n") + "\n", encoding="utf-8")


def limit_of_a_network(lr=RATES, budget=120, every=15, progress="Networks"):
    """Where do the limit 2 / L and the loss of a network end, below the lowest limit and beyond it?

    digits_mlp on all images; means of trainings from three sets of first weights. lr / lowest:
    over the lowest 2 / L on the way of the first lr, looked at every so many steps. last limit:
    mean of the last four of them. loss: after the budget. test (%): test images that get the right
    digit then. silent (%): hidden units that respond to no image then.
    """
    rates, sets = np.ravel(lr).astype(float).tolist(), seed_sets(1)

    def measure(lr):
        k = rates.index(lr)
        found = [walks_of_network(seed, tuple(rates), budget, every) for seed, in sets]
        rows = [(lr / limit[:, 0].min(), limit[-4:, k].mean(), loss[-1, k], 100 * right[k],
                 100 * silent[k]) for loss, limit, silent, right in found]
        names = "lr / lowest", "last limit", "loss", "test (%)", "silent (%)"
        return dict(zip(names, np.mean(rows, axis=0)))

    return table(measure, [{"lr": rate} for rate in rates], progress=progress, seeds=sets,
                 starts="the network's first weights, by seed", grid=str(lr),
                 budget=f"{budget} steps", criterion="2 / L, largest eigenvalue of the Hessian")


def claims():
    """What lesson 01 claims, with the numbers that its experiments find."""
    edge = around_the_limit().set_index("lr x L")[SETS]
    steps = steps_to_converge(gradient_descent, lr="2 / (L + mu)", condition=100, progress=None)
    losses, limits, silent, _ = map(np.array, zip(*[    # (sets, steps, lrs), looks, (sets, lrs)
        walks_of_network(seed, *RECORDED) for seed, in seed_sets(1)]))
    net, valley = losses[:, -1].T, limit_at_the_end()                       # (lrs, sets)
    first, lowest = (in_words(found) for found in (limits[:, 0, 0], limits[:, :, 0].min(axis=1)))
    last = limits[:, -4:, 2:4].mean(axis=1)                                 # (sets, 0.8 and 1.2)
    at_08, at_12 = map(in_words, last.T)
    some = "{:.0f}, {:.0f} and {:.0f} %".format(*100 * silent[:, 3])
    lost = f"at lr 2.4 nearly all units fall silent in {(silent[:, 4] > 0.9).sum()} of 3 trainings"
    data = dict(where="On a real network: does the limit hold?", referee="one training a set",
                seeds=seed_sets(1))
    return Claims(
        known("On a quadratic of positive curvatures gradient descent converges if lr < 2 / L, and "
              "diverges above it.", "proved",
              f"a step multiplies the loss by {edge.loc[1.98].max():.3g} at 1.98 / L, by "
              f"{edge.loc[2.02].min():.3g} at 2.02 / L; derived 0.98^2 and 1.02^2",
              "a start with no error at all along the steepest direction converges all the same",
              TWO),
        known("The best learning rate for the worst start is 2 / (L + mu), just below the limit.",
              "proved", f"{100 / 101:.2f} of the limit at condition 100",
              "just below in narrow ravines only; in a round bowl it is half the limit", TWO),
        known("A ravine costs about (condition / 4) ln(1 / target) steps at that rate.", "proved",
              f"derived {np.log(1e-4) / 2 / np.log(99 / 101):.1f} steps at condition 100; measured "
              f"{steps.at[0, 'worst start']} from all starts of three sets",
              "an upper bound for more than two curvatures", COST),
        judge("In Rosenbrock's valley a run that is held ends where 2 / L is its own lr.",
              np.abs(valley["limit"] / valley["lr"] - 1), 0.01, budget="20,000 steps",
              told="2 / L is {:.4g}, {:.4g}, {:.4g} at lr 0.0025, 0.004, 0.006".format(
                  *valley["limit"]),
              criterion="2 / L has to be within 1 % of lr",
              referee="2 / L is the mean over the runs that are held", seeds=seed_sets(3),
              where=CHANGES, limits="only at a lr beyond 2 / L of the minimum; "
              "{}, {} and {} of ten starts fly out".format(*valley["of 10 fly out"])),
        judge("While a network learns the digits, 2 / L falls below a fifth of its first value.",
              limits[:, :, 0].min(axis=1) / limits[:, 0, 0], 0.2, budget="120 steps at lr 0.2",
              told=f"2 / L begins at {first}; at its lowest it is {lowest}",
              criterion="2 / L is looked at every 15 steps",
              limits="one network, one set of data; first weights as small as torch draws them, as "
              "with larger ones 2 / L begins lower", **data),
        judge("At lr 0.8 and 1.2, beyond the lowest 2 / L, the network comes to where 2 / L is lr.",
              np.abs(last / [0.8, 1.2] - 1).max(axis=1), 0.1, budget="120 steps",
              told=f"2 / L ends at {at_08} for lr 0.8; at {at_12} for lr 1.2",
              limits=f"at lr 1.2 {some} of the hidden units end silent; {lost}",
              criterion="the mean 2 / L of the last 45 steps has to be within 10 % of lr", **data),
        judge("At lr 0.8 the network ends lower than at 0.4, which is below the limit.",
              net[2], net[1], budget="120 steps", criterion="training loss",
              told="loss {lower} at lr 0.8; {higher} at lr 0.4",
              limits=f"after equally many steps, so lr x steps is not equal; {lost}", **data),
    )
