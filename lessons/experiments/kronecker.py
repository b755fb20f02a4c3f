"""How wrong are two small matrices, and what do they see that Adam does not?"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, seed_sets, table
from lessons.networks import digits, digits_softmax
from lessons.steps import adam, shampoo
from lessons.surfaces import Surface

__all__ = ["factor_error"]
SETS = seed_sets(1)     # three sets of one seed
WHERE = (       # the headings of the lesson's rounds
    "What is special about a layer?",
    "What if inputs and errors were strangers?",
    "What does a matrix see that Adam cannot?",
    "Can products alone level the singular values?",
)


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
def factor_error(steps=(0, 600)):
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
    return Claims(*of_factors(), *of_turns(), *network)


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
    return [
        known("To divide by a Kronecker product, divide the rows by one factor and the columns by "
              "the other.", "proved", f"largest difference {solved_both_ways():.0e}",
              "needs a preconditioner of that form", WHERE[0]),
        judge("On a trained layer K-FAC's matrix is within 10 % of the Fisher matrix.",
              errors.loc[600, names].tolist(), 10.0, told="it is {lower} % off",
              budget="600 mini-batches", criterion="size of the difference over that of F",
              referee="size: root of all squared entries", seeds=SETS, where=WHERE[1],
              limits="one layer on the digits"),
    ]


def first_move():
    """Shampoo's first move on the 2 x 2 turned bowl, as a matrix, at lr 1."""
    place = turned_bowl()
    start = np.array(place.start)
    return (start - shampoo(place, start, lr=1.0)[0]).reshape(2, 2)


def of_turns():
    """Claims on Shampoo and on Muon's polynomial, as a list."""
    U, _, Vt = np.linalg.svd([[5, 3], [3, 5]])
    a, b, c = QUINTIC
    fixed = np.sqrt(np.roots([c, b, a - 1]).real)
    slopes = a + 3 * b * fixed**2 + 5 * c * fixed**4
    return [
        known("Shampoo's first step is U V^T.", "proved",
              f"largest difference {np.abs(first_move() - U @ Vt).max():.0e}",
              "the first step only; squared singular values far above eps", WHERE[2]),
        known("For the gradient of one example Shampoo divides as Adagrad with its whole matrix.",
              "proved", f"L (x) R differs from |g|^2 g g^T by {one_outer_product():.0e}",
              "for a sum of gradients it is a bound (Gupta, Koren & Singer 2018)", WHERE[2]),
        known("Muon's rounds do not bring singular values to rest at 1.", "proved",
              f"q(x) = x at {fixed.min():.3f} and {fixed.max():.3f}, where the slopes "
              f"{slopes[fixed.argmin()]:.2f} and {slopes[fixed.argmax()]:.2f} repel",
              "the cubic comes to rest at 1", WHERE[3]),
    ]
