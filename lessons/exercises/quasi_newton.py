"""What the exercises about BFGS, L-BFGS and the trust region expect."""

import numpy as np

from lessons.steps.quasi_newton import two_loop


def some_pairs(count, dim=4):
    """(g, pairs) of a convex function: every s . y is positive."""
    rng = np.random.default_rng(count)
    root = rng.normal(size=(dim, dim))
    A = root @ root.T + np.eye(dim)
    return rng.normal(size=dim), tuple((s, A @ s) for s in rng.normal(size=(count, dim)))


def got_wrong(first=-1, second=1, gamma=lambda pairs: scale(pairs[-1]), read="q", put="s", sign=1):
    """The two loops with a mistake: their orders, the scale, what a reads, what is put back."""

    def loops(g, pairs):
        q, shares, order = g, {}, range(len(pairs))
        for k in order[::first]:
            s, y = pairs[k]
            shares[k] = s @ (q if read == "q" else g) / (s @ y)
            q = q - shares[k] * y
        z = (gamma(pairs) if pairs else 1) * q
        for k in order[::second]:
            s, y = pairs[k]
            z = z + (shares[k] - y @ z / (s @ y)) * (s if put == "s" else y)
        return sign * z

    return loops


def scale(pair):
    s, y = pair
    return s @ y / (y @ y)


answers = {
    "quasi_newton.1": dict(
        expected=[1, 2, 5, -1],
        hint="H+ y = s is demanded, and that tells the product with y as well.",
        wrong={
            (3, 1, 5, -1): "The new matrix turns y into s, not into itself: it is an inverse.",
            (1, 2, 10, -1): "The product is that of y and s: 3 * 1 + 1 * 2.",
            (1, 2, 5, 1): "With y = (3, -2) the product with s is 3 * 1 - 2 * 2.",
            (1, 2, 5, 5): "The second y has another product with s.",
        },
    ),
    "quasi_newton.2": dict(
        expected=1 / 1.3,
        hint="The chord's slope is 1 + x_t + x_(t-1), because x^2 - y^2 = (x - y)(x + y).",
        wrong={
            1.0: "That is its limit close to the minimum. Here 1 + x_t + x_(t-1) is 1.3.",
            1.3: "The slope of the chord stands below.",
            1 / 1.2: "The slope has both points: 1 + 0.1 + 0.2.",
            1 / 1.1: "The slope has both points: 1 + 0.1 + 0.2.",
            -1 / 1.3: "Check the sign: x_t times the slope, minus the gradient.",
            0.02 / 1.3: "That is the new error itself; divide it by the product of the last two.",
        },
    ),
    "quasi_newton.3": dict(
        expected=two_loop,
        cases=[some_pairs(1), some_pairs(2), some_pairs(5)],
        hint="First all pairs out, from the newest; then gamma; then in again, from the oldest.",
        wrong={
            got_wrong(first=1, second=-1): "Does the first loop begin with the newest pair?",
            got_wrong(first=1): "Does the first loop begin with the newest pair?",
            got_wrong(second=-1): "Does the second loop come back the way the first one went?",
            got_wrong(gamma=lambda pairs: scale(pairs[0])): "Of which pair is gamma? Of the one "
            "that is nearest to where we are.",
            got_wrong(gamma=lambda pairs: 1 / scale(pairs[-1])): "Is gamma upside down? It has the "
            "unit of a step over a gradient, as an inverse curvature has.",
            got_wrong(gamma=lambda pairs: 1): "Where is gamma, between the loops?",
            got_wrong(read="g"): "Does a read the gradient, or what is left of it after the newer "
            "pairs were taken out?",
            got_wrong(put="y"): "What is put back is a piece of the step, not of the gradient.",
            got_wrong(sign=-1): "Asked is H g. The minus sign is the step's.",
        },
    ),
    "quasi_newton.4": dict(
        expected=[3, 2, 5, 0.25],
        hint="Compute the mark of every step first, and see whether the step ended at the edge.",
        wrong={
            (3, 2, 4, 1): "The mark of step 4 is 0.2: it moves, and its radius is quartered, "
            "as it should be.",
            (2, 4, 5, 0.25): "The mark of step 2 is 0.6: in between, the radius stays.",
            (3, 1, 5, 0.25): "Step 3 was good. Its radius has no reason to shrink.",
            (3, 2, 5, 1): "Step 5 was refused. With the same radius the same step comes again.",
            (3, 2, 5, 0.5): "After a bad mark the radius is quartered, not halved.",
            (3, 2, 6, 0.25): "Step 6 repeats step 5: the fault was made before it.",
        },
    ),
    "quasi_newton.5": dict(
        expected=800,
        rtol=0.03,
        hint="'Give or take' has to come down to a half.",
        wrong={
            32: "There a third of the signs are wrong.",
            160: "Five times the batch makes the error smaller by the root of five only.",
            512: "Nearly: it still says more than 2.3 %.",
            1024: "That is enough, and more than is needed.",
        },
    ),
}
