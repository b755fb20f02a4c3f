"""Landscapes that are models: a matrix, a Gaussian, a classifier. Some know their Fisher matrix."""

from math import log

import numpy as np

from lessons.surfaces.landscapes import from_formulas
from lessons.surfaces.surface import Surface, alike, precision


def quadratic(curvatures=(1.0, 4.0, 9.0, 16.0, 25.0), seed=0) -> Surface:
    """A bowl in n dimensions with the given curvatures, along n directions that are no axes.

    loss = (theta - c)^T H (theta - c) / 2, with the minimum c and the directions drawn by `seed`.
    """
    rng, n = np.random.default_rng(seed), len(curvatures)
    Q = rotation(rng, n)
    H = Q * np.asarray(curvatures, float) @ Q.T
    H = (H + H.T) / 2
    c = rng.normal(size=n)

    def grad(theta):
        return times(H, theta - c)

    return Surface(
        f"Quadratic in {n} dimensions",
        loss=lambda theta: ((theta - c) * grad(theta)).sum(-1) / 2,
        grad=alike(grad), hess=lambda theta: constant(H, theta),
        window=None, start=(0.0,) * n, minima=(tuple(c),),
    )


def matrix_problem(rows=4, columns=3, condition=100.0, seed=0) -> Surface:
    """Which matrix W, between A and B, gives C? Its curvature is a Kronecker product.

    loss = |A W B - C|^2 / 2, with C = A W* B. theta: W, (rows, columns), laid out row by row.
    The Hessian is A^T A (x) B B^T, whose condition number is `condition`, half of its digits from
    each. With errors of variance 1 the Fisher matrix is the same, and (B B^T, A^T A) its factors.
    """
    rng = np.random.default_rng(seed)
    A, B = (rotation(rng, n) * np.geomspace(1, condition**0.25, n) @ rotation(rng, n)
            for n in (rows, columns))
    best = rng.normal(size=(rows, columns))
    left, right = A.T @ A, B @ B.T
    H = np.kron(left, right)

    def error(theta):
        return np.reshape(theta, (*np.shape(theta)[:-1], rows, columns)) - best

    def loss(theta):
        missed = A @ error(theta) @ B
        return (missed * missed).sum((-1, -2)) / 2

    return Surface(
        f"Matrix problem, {rows} x {columns}", loss,
        grad=alike(lambda theta: (left @ error(theta) @ right).reshape(np.shape(theta))),
        hess=lambda theta: constant(H, theta),
        window=None, start=(0.0,) * best.size, minima=(tuple(best.ravel()),),
        shape=(rows, columns),
        fisher=lambda theta: constant(H, theta),
        factors=lambda theta: [(right.astype(precision(theta)), left.astype(precision(theta)))],
    )


def gaussian_fit(coordinates="sigma") -> Surface:
    """Fit a Gaussian to data of mean 1 and variance 1: one problem, in three sets of coordinates.

    theta: the mean mu, and sigma, log sigma or the precision 1 / sigma^2, as `coordinates` says.
    loss: the mean negative log-likelihood above its minimum, ln sigma + q / (2 sigma^2) - 1/2,
    with q = 1 + (mu - 1)^2. The start is the same Gaussian in all three, mu = -1.5, sigma = 0.6.
    fisher: diag(1 / sigma^2, 2 / sigma^2) in (mu, sigma). Raises ValueError for other coordinates.
    """
    known = {
        # sigma^2 and its derivative; the second derivatives of the loss; Fisher's second entry
        "sigma": (lambda s: s * s, lambda s: 2 * s, lambda s: 2.0, (0.25, 3.0), 0.6),
        "log sigma": (lambda s: np.exp(2 * s), lambda s: 2 * np.exp(2 * s),
                      lambda s: 4 * np.exp(2 * s), (-1.4, 1.2), log(0.6)),
        "precision": (lambda s: 1 / s, lambda s: -1 / (s * s), lambda s: 2 / (s * s * s),
                      (0.1, 4.0), 1 / 0.36),
    }
    if coordinates not in known:
        raise ValueError(f"coordinates must be one of {', '.join(known)}; got {coordinates!r}")
    variance, change, bend, window, start = known[coordinates]

    def parts(theta):
        theta = np.asarray(theta, float)
        s = theta[..., 1]
        return theta[..., 0] - 1, variance(s), change(s), bend(s)

    def loss(theta):
        r, v, _, _ = parts(theta)
        return (np.log(v) + (1 + r * r) / v - 1) / 2

    def grad(theta):
        r, v, dv, _ = parts(theta)
        return np.stack([r / v, dv * (v - 1 - r * r) / (2 * v * v)], axis=-1)

    def hess(theta):
        r, v, dv, ddv = parts(theta)
        q = 1 + r * r
        along = (ddv * (v - q) / v - dv * dv * (v - 2 * q) / (v * v)) / (2 * v)
        return matrix(1 / v, -r * dv / (v * v), along)

    def fisher(theta):
        _, v, dv, _ = parts(theta)
        return matrix(1 / v, 0 * v, dv * dv / (2 * v * v))

    return Surface(
        f"Gaussian in mu and {coordinates}", loss, alike(grad), alike(hess),
        window=((-2.5, 3.0), window), start=(-1.5, start),
        minima=((1.0, 0.0 if coordinates == "log sigma" else 1.0),), fisher=alike(fisher),
    )


def one_equation(x=(2.0, 1.0), y=5.0) -> Surface:
    """One example and two weights: a whole line of minima.

    loss = (x . theta - y)^2 / 2, which is 0 on the line x . theta = y.
    """
    a, b = map(float, x)

    def gap(u, v):
        return a * u + b * v - y

    return from_formulas(
        "One equation",
        loss=lambda u, v: gap(u, v) * gap(u, v) / 2,
        grad=lambda u, v: (a * gap(u, v), b * gap(u, v)),
        hess=lambda u, v: (a * a, a * b, b * b),
        window=((-1.0, 4.0), (-1.0, 5.2)), start=(0.0, 0.0), minima=(),
    )


def two_points(z=((2.0, 1.0), (1.0, 5.0))) -> Surface:
    """Logistic regression on two examples that a line separates: a minimum infinitely far away.

    loss = mean of ln(1 + e^-m) over the margins m = z . theta; z is an input times its label, which
    is 1 or -1.
    """

    def doubts(u, v):
        return [np.exp(-np.logaddexp(0, a * u + b * v)) for a, b in z]

    def mean(values):
        return sum(values) / len(z)

    def hess(u, v):
        bends = [p * (1 - p) for p in doubts(u, v)]
        return tuple(mean([point[i] * point[j] * bend for point, bend in zip(z, bends)])
                     for i, j in ((0, 0), (0, 1), (1, 1)))

    return from_formulas(
        "Two points",
        loss=lambda u, v: mean([np.logaddexp(0, -a * u - b * v) for a, b in z]),
        grad=lambda u, v: tuple(mean([-point[k] * p for point, p in zip(z, doubts(u, v))])
                                for k in (0, 1)),
        hess=hess, window=((-1.0, 6.0), (-1.0, 6.0)), start=(0.0, 0.0), minima=(),
    )


def two_weights() -> Surface:
    """A network of two weights, whose answer is x y and should be 1: a whole valley of minima.

    loss = (x y - 1)^2 / 2. On its floor x y = 1 the network is the same everywhere, but the
    curvature across the floor is x^2 + y^2. Gradient flow never changes x^2 - y^2.
    """
    return from_formulas(
        "Two weights", lambda x, y: (x * y - 1) * (x * y - 1) / 2,
        lambda x, y: ((x * y - 1) * y, (x * y - 1) * x),
        lambda x, y: (y * y, 2 * x * y - 1, x * x),
        window=((-0.2, 3.8), (-0.2, 2.4)), start=(3.0, 0.5), minima=(),
    )


def recurrent_neuron(times=10, target=0.8) -> Surface:
    """One neuron that hears itself `times` times: the smallest recurrent network, with a cliff.

    h_0 = 0, h_t = tanh(w h_{t-1} + b), loss = (h_T - target)^2 / 2. theta: (w, b). For w > 1 the
    sign of b decides where h ends, and on the line b = 0 the gradient grows like w^T.
    Source: Pascanu, Mikolov & Bengio 2013, figure 6, with tanh. arXiv:1211.5063.
    """

    def unrolled(w, b):
        """h_T with its first and second derivatives: h, (w, b), (ww, wb, bb)."""
        h = hw = hb = hww = hwb = hbb = 0 * w
        for _ in range(times):
            now = np.tanh(w * h + b)
            slope, zw, zb = 1 - now * now, h + w * hw, 1 + w * hb
            bend = -2 * now * slope
            hww = bend * zw * zw + slope * (2 * hw + w * hww)
            hwb = bend * zw * zb + slope * (hb + w * hwb)
            hbb = bend * zb * zb + slope * w * hbb
            h, hw, hb = now, slope * zw, slope * zb
        return h, (hw, hb), (hww, hwb, hbb)

    def loss(w, b):
        missed = memory(w, b, times) - target
        return missed * missed / 2

    def grad(w, b):
        h, hw, hb = 0 * w, 0 * w, 0 * w
        for _ in range(times):
            now = np.tanh(w * h + b)
            slope = 1 - now * now
            h, hw, hb = now, slope * (h + w * hw), slope * (1 + w * hb)
        return (h - target) * hw, (h - target) * hb

    def hess(w, b):
        h, (hw, hb), (hww, hwb, hbb) = unrolled(w, b)
        missed = h - target
        return hw * hw + missed * hww, hw * hb + missed * hwb, hb * hb + missed * hbb

    return from_formulas(
        f"Neuron unrolled {times} times", loss, grad, hess,
        window=((0.0, 2.5), (-1.0, 1.0)), start=(1.5, -0.5), minima=(),
    )


def memory(w, b, times):
    """h_T of recurrent_neuron(): what it remembers after so many time steps."""
    h = 0 * w
    for _ in range(times):
        h = np.tanh(w * h + b)
    return h


def softmax_regression(seed=0) -> Surface:
    """Which of three classes? The smallest classifier: 30 points of the plane, 9 parameters.

    theta: a (3, 3) matrix laid out row by row, a row per class: two features, then the bias.
    loss: the mean cross-entropy above its minimum. The labels are chances, those of a true model
    theta* = minima[0], so that the minimum is 0 (a vector added to all three rows changes nothing).
    fisher: the mean of score score^T with labels drawn from the model; here it *is* the Hessian.
    """
    rng = np.random.default_rng(seed)
    X = np.hstack([rng.normal(size=(30, 2)), np.ones((30, 1))])
    pairs = X[:, :, None] * X[:, None, :]
    best = rng.normal(size=9) * 1.5

    def log_chances(theta):  # (..., 30, 3)
        theta = np.asarray(theta, float)
        scores = X @ theta.reshape(*theta.shape[:-1], 3, 3).swapaxes(-1, -2)
        scores = scores - scores.max(-1, keepdims=True)
        return scores - np.log(np.exp(scores).sum(-1, keepdims=True))

    truth = log_chances(best)

    def loss(theta):
        return (np.exp(truth) * (truth - log_chances(theta))).sum(-1).mean(-1)

    def grad(theta):
        surprise = np.exp(log_chances(theta)) - np.exp(truth)
        return (surprise.swapaxes(-1, -2) @ X / len(X)).reshape(np.shape(theta))

    def spread(theta):  # the scores' covariance at each point, (..., 30, 3, 3)
        p = np.exp(log_chances(theta))
        return p[..., None] * np.eye(3) - p[..., None] * p[..., None, :]

    def hess(theta):
        H = np.einsum("...nab,nij->...aibj", spread(theta), pairs) / len(X)
        return H.reshape(*np.shape(theta), 9)

    return Surface(
        "Softmax regression", loss, alike(grad), alike(hess),
        window=None, start=(0.0,) * 9, minima=(tuple(best),), shape=(3, 3), fisher=alike(hess),
        factors=lambda theta: [((X.T @ X / len(X)).astype(precision(theta)),
                                spread(theta).mean(-3).astype(precision(theta)))],
    )


def rotation(rng, n):
    """A random rotation (perhaps with a reflection) of n dimensions."""
    return np.linalg.qr(rng.normal(size=(n, n)))[0]


def times(H, vectors):
    """One matrix times each vector: (D, D) and (..., D) -> (..., D)."""
    return (H @ vectors[..., None])[..., 0]


def constant(H, theta):
    """The same matrix H (D, D) at every point of theta, in theta's precision: (..., D, D)."""
    return np.broadcast_to(H, (*np.shape(theta), len(H))).astype(precision(theta), order="C")


def matrix(xx, xy, yy):
    """(..., 2, 2) from its entries."""
    return np.stack([np.stack([xx, xy], -1), np.stack([xy, yy], -1)], -2)
