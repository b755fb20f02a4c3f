"""What do two small matrices cost, how wrong are they, and what do they see that Adam does not?"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, seed_sets, table
from lessons.networks import digits, digits_softmax
from lessons.steps import adam, kfac, natural_gradient, shampoo
from lessons.surfaces import Surface

__all__ = ["bill", "factor_error", "ten_steps"]
SETS = seed_sets(1)     # three sets of one seed
WHERE = (       # the headings of the lesson's rounds
    "What is special about a layer?",
    "What if inputs and errors were strangers?",
    "What does a matrix see that Adam cannot?",
    "Can products alone level the singular values?",
)


def in_bytes(count):
    """The size of `count` float32 numbers in words: "400 B", "2.1 MB"."""
    size = 4 * count
    for word, unit in (("TB", 1e12), ("GB", 1e9), ("MB", 1e6), ("kB", 1e3)):
        if size >= unit:
            return f"{float(f'{size / unit:.3g}'):,g} {word}"
    return f"{size} B"


def bill(sides=(10, 64, 512, 4096)):
    """What does it cost to keep and to invert a preconditioner of a square layer of these sides?

    One matrix for all n^2 parameters against one for the rows and one for the columns. Memory in
    float32; multiplications n^6 against 2 n^3, constants left out on both sides.
    """

    def measure(side):
        return {"one matrix": in_bytes(side**4), "two factors": in_bytes(2 * side**2),
                "to invert one": f"{float(side)**6:.0e}", "to invert two": f"{2 * side**3:.0e}"}

    return table(measure, [{"side": int(n)} for n in np.ravel(sides)], starts="none", grid="none",
                 seeds="none, it is counted", budget="one inversion", criterion="multiplications")


@lru_cache
def one_layer():
    """The digits' softmax regression as a layer: with its Fisher matrix and K-FAC's factors.

    Here the Fisher matrix is the Hessian. digits_softmax has a row per input and a column per
    output, so the matrix is A (x) S, and a step is handed S in the place of A.
    """
    place = digits_softmax()

    def factors(theta):
        a, p = inputs_and_chances(theta)
        return [(np.diag(p.mean(axis=0)) - p.T @ p / len(p), a.T @ a / len(a))]

    return replace(place, fisher=place.hess, factors=factors)


def inputs_and_chances(theta):
    """What comes into one_layer(), (1297, 65) with the 1, and its digits' chances, (1297, 10)."""
    a = np.hstack([digits()[0], np.ones((1297, 1))])
    scores = a @ theta.reshape(65, 10)
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    return a, p / p.sum(axis=1, keepdims=True)


def off_by(W):
    """|F - S (x) A| / |F| of the digits' layer at W, (10, 65), by the root of summed squares."""
    theta = W.T.ravel()     # one_layer() has a row per input
    F, [(S, A)] = one_layer().fisher(theta), one_layer().factors(theta)
    return np.sqrt(np.square(F - np.kron(A, S)).sum() / np.square(F).sum())


@lru_cache
def factor_error(steps=(0, 50, 600)):
    """How far is K-FAC's matrix from the Fisher matrix, in per cent of its size?

    650 parameters, softmax regression on the digits, trained with Adam at lr 0.02 in batches of 128
    that three sets of one seed draw. Size: the root of the sum of all squared entries.
    """
    seeds = [s for s, in SETS]
    run = descend(digits_softmax(128, seeds), adam, steps=max(steps), every=10, lr=0.02,
                  start=np.zeros((3, 650)))

    def measure(step):
        off = [off_by(theta.reshape(65, 10).T) for theta in run.theta[list(run.kept).index(step)]]
        return by_set(np.round(100 * np.array(off), 1) + 0.0)

    return table(measure, [{"step": t} for t in steps], seeds=SETS, grid="none", starts="theta = 0",
                 budget=f"{max(steps)} mini-batches", criterion="|F - A (x) S| / |F| in per cent")


@lru_cache
def ten_steps(steps=10, damping=1e-3):
    """Which loss do natural gradient, K-FAC and Adam reach in ten full steps on one layer?

    The digits' softmax regression, from N(0, 0.1^2), three sets of one seed. lr 1 and this damping
    for the first two; Adam has the best of lr 0.025, 0.05, 0.1, 0.2, 0.4 for each set.
    """
    starts = np.array([np.random.default_rng(s).normal(0, 0.1, 650) for s, in SETS])
    rules = {"natural gradient": (natural_gradient, [1.0], dict(damping=damping)),
             "K-FAC": (kfac, [1.0], dict(damping=damping)),
             "Adam": (adam, [0.025, 0.05, 0.1, 0.2, 0.4], {})}

    def measure(rule):
        step, rates, knobs = rules[rule]
        ends = [[descend(one_layer(), step, start, steps, every=steps, lr=lr, **knobs).loss[-1]
                 for start in starts] for lr in rates]
        return by_set(np.min(ends, axis=0))

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS, starts="N(0, 0.1^2)",
                 grid="Adam: 5 rates", budget=f"{steps} full gradients", criterion="loss")


def turn(n, degrees):
    """A rotation of n dimensions: by so many degrees in the plane of each two neighbouring axes."""
    c, s = np.cos(np.radians(degrees)), np.sin(np.radians(degrees))
    Q = np.eye(n)
    for i in range(n - 1):
        Q[i:i + 2] = np.array([[c, -s], [s, c]]) @ Q[i:i + 2]
    return Q


def turned_bowl(angle=45.0, shape=(2, 2), condition=100.0):
    """A quadratic loss of a matrix W, whose axes are turned by `angle` on both sides.

    loss = (W, L W R) / 2, with the minimum W = 0. Along the turned axes the curvatures are products
    of a row's and a column's number, from 8 / condition to 8. The start has the gradient
    P diag(8, 2, ...) Q^T: [[5, 3], [3, 5]] for a 2 x 2 matrix at 45 degrees.
    """
    P, Q = (turn(n, angle) for n in shape)
    rows, columns = (8**0.5 * np.geomspace(1, condition**-0.5, n) for n in shape)
    left, right = P * rows @ P.T, Q * columns @ Q.T
    n = min(shape)
    start = P[:, :n] * (np.geomspace(8, 2, n) / rows[:n] / columns[:n]) @ Q[:, :n].T

    def pull(theta):
        W = theta.reshape(*theta.shape[:-1], *shape)
        return (left @ W @ right).reshape(theta.shape)

    return Surface("Turned bowl", lambda theta: (theta * pull(theta)).sum(-1) / 2, pull, None, None,
                   tuple(start.ravel()), ((0.0,) * start.size,), shape=tuple(shape),
                   factors=lambda theta: [(right, left)])


RATES = np.geomspace(0.1, 1e4, 16)
LEAST = 1e-10       # of the first loss: what is lower counts as this


def at_best(place, rule, steps):
    """(losses over the first one, (steps + 1,); lr; all runs) of a rule at the best of RATES.

    The best ends lowest; of several that end below LEAST it is the smallest rate.
    """
    with np.errstate(all="ignore"):     # of runs that leave for infinity
        runs = descend(place, rule, steps=steps, lr=RATES[:, None])
        shares = np.maximum(np.nan_to_num(runs.loss / runs.loss[0], nan=np.inf), LEAST)
    k = int(shares[-1].argmin())
    return shares[:, k], RATES[k], runs


QUINTIC = (3.4445, -4.7750, 2.0315)     # Muon's polynomial: of x, x^3 and x^5
CUBIC = (1.5, -0.5, 0.0)                # the classical one, of Newton and Schulz


def polynomial(x, coefficients=QUINTIC):
    """a x + b x^3 + c x^5: what a round does to a singular value."""
    a, b, c = coefficients
    return a * x + b * x**3 + c * x**5


def claims(network=()):
    """What the lesson on matrix preconditioners claims, with its verdicts.

    network: the claims about a real network, such as those of kronecker_digits.claims().
    """
    return Claims(*of_factors(), *of_turns(), *network, *of_others())


def solved_both_ways():
    """The largest difference between dividing by S (x) A as a whole and side by side, 4 x 3."""
    rng = np.random.default_rng(0)
    S, A = (B @ B.T + np.eye(len(B)) for B in (rng.normal(size=(n, n)) for n in (4, 3)))
    G = rng.normal(size=(4, 3))
    whole = np.linalg.solve(np.kron(S, A), G.ravel()).reshape(4, 3)
    return np.abs(whole - np.linalg.inv(S) @ G @ np.linalg.inv(A)).max()


def one_outer_product():
    """How far Shampoo's L (x) R is from |g|^2 g g^T, for the gradient s a^T of one example."""
    rng = np.random.default_rng(0)
    s, a = rng.normal(size=4), rng.normal(size=3)
    G = np.outer(s, a)
    g = G.ravel()
    return np.abs(np.kron(G @ G.T, G.T @ G) - (g @ g) * np.outer(g, g)).max()


def of_factors():
    """Claims on Kronecker products and on K-FAC, as a list."""
    names = list(by_set(SETS))
    errors = factor_error().set_index("step")
    ends = ten_steps().set_index("rule")
    return [
        known("To divide by a Kronecker product, divide the rows by one factor and the columns by "
              "the other.", "proved", f"largest difference {solved_both_ways():.0e}",
              "needs a preconditioner of that form", WHERE[0]),
        known("K-FAC is exact where s s^T does not depend on a a^T.", "proved",
              f"off by {errors.loc[0, names].max():g} % before the first step, when all chances "
              "are equal", "one layer by itself; in a hidden layer s depends on the input from the "
              "start", WHERE[1]),
        judge("On a trained layer K-FAC's matrix is within 10 % of the Fisher matrix.",
              errors.loc[600, names].tolist(), 10.0, told="it is {lower} % off",
              budget="600 mini-batches", criterion="size of the difference over that of F",
              referee="size: root of all squared entries", seeds=SETS, where=WHERE[1],
              limits="one layer on the digits"),
        judge("On one layer K-FAC ends lower than Adam after ten steps with all images.",
              ends.loc["K-FAC", names].tolist(), ends.loc["Adam", names].tolist(),
              told="last loss {lower} with K-FAC; {higher} with Adam", budget="10 full gradients",
              criterion="training loss", referee="one start a set, Adam at the best of 5 lrs",
              seeds=SETS, where=WHERE[1], limits="softmax regression on the digits; K-FAC's lr 1 "
              "and damping 0.001 were not tuned; its step costs more than Adam's"),
    ]


def first_move(angle):
    """Shampoo's first move on the 2 x 2 turned bowl, as a matrix, at lr 1."""
    place = turned_bowl(angle)
    start = np.array(place.start)
    return (start - shampoo(place, start, lr=1.0)[0]).reshape(2, 2)


def of_turns():
    """Claims on Shampoo and on Muon's polynomial, as a list."""
    still, turned = first_move(0.0), first_move(45.0)
    P = turn(2, 45.0)
    U, _, Vt = np.linalg.svd([[5, 3], [3, 5]])
    a, b, c = QUINTIC
    fixed = np.sqrt(np.roots([c, b, a - 1]).real)
    slopes = a + 3 * b * fixed**2 + 5 * c * fixed**4
    return [
        known("Shampoo's first step is U V^T.", "proved",
              f"largest difference {np.abs(turned - U @ Vt).max():.0e}",
              "the first step only; squared singular values far above eps", WHERE[2]),
        known("For the gradient of one example Shampoo divides as Adagrad with its whole matrix.",
              "proved", f"L (x) R differs from |g|^2 g g^T by {one_outer_product():.0e}",
              "for a sum of gradients it is a bound (Gupta, Koren & Singer 2018)", WHERE[2]),
        known("Shampoo does not notice a turn of the axes.", "proved",
              f"off by {np.abs(turned - P @ still @ P.T).max().round(9):g}, rounded to nine digits",
              "momentum does not notice it either, so this alone makes no rule fast", WHERE[2]),
        known("Muon's rounds do not bring singular values to rest at 1.", "proved",
              f"q(x) = x at {fixed.min():.3f} and {fixed.max():.3f}, where the slopes "
              f"{slopes[fixed.argmin()]:.2f} and {slopes[fixed.argmax()]:.2f} repel",
              "the cubic comes to rest at 1", WHERE[3]),
    ]


def of_others():
    """What others found, as a list of claims."""
    return [
        known("Shampoo's two matrices are sums of squared gradients, not factors of the Hessian.",
              "cited", "Gupta, Koren & Singer 2018; Anil et al. 2020 made it scale",
              "their Kronecker product bounds Adagrad's whole matrix", WHERE[2]),
        known("Matrix rules train large models faster than Adam.", "cited",
              "Distributed Shampoo 28 % less time than NAdamW (AlgoPerf, Kasimbeg et al. 2025); "
              "1.4 times at 0.1B parameters, 1.1 at 1.2B (Wen et al. 2025)",
              "all tuned by their authors' protocols", "On a real network: who is ahead, per step "
              "and per second?"),
    ]
