"""K-FAC, Shampoo, Muon and SOAP, got wrong: rules for one matrix, as `show` displays them."""

import numpy as np
from support.mutants import mutant

from lessons.steps.kronecker import blockwise


def rows_of(surface, g):
    """The gradient as a matrix, a vector as one column."""
    rows = surface.shape[0] if surface.shape else g.shape[-1]
    return g.reshape(*g.shape[:-1], rows, -1)


def power(A, p, eps=0.0):
    """(A + eps I)^p by SVD, matrix by matrix."""
    A = np.nan_to_num(A, posinf=0, neginf=0)  # a wrong step may be far away
    U, s, _ = np.linalg.svd(A + eps * np.eye(A.shape[-1]), hermitian=True)
    return np.einsum("...ij,...j,...kj->...ik", U, s**p, U)


def kfac_like(move, split=lambda damping, pi: (pi * damping**0.5, damping**0.5 / pi)):
    """A K-FAC for one layer without a bias; move(A, S, G) is what lr multiplies."""

    def step(surface, w, *, lr=0.1, damping=0.1):
        m, n = surface.shape
        ((A, S),) = surface.factors(w)
        pi = np.sqrt(np.trace(A, axis1=-2, axis2=-1) / n / (np.trace(S, axis1=-2, axis2=-1) / m))
        a, s = (np.expand_dims(part, (-2, -1)) for part in split(damping, pi))
        G = surface.grad(w).reshape(*w.shape[:-1], m, n)
        return w - lr * move(A + a * np.eye(n), S + s * np.eye(m), G).reshape(w.shape)

    return step


def both(A, S, G):
    return np.linalg.solve(S, G) @ np.linalg.inv(A)


KFAC = [
    ("one side only", kfac_like(lambda A, S, G: np.linalg.solve(S, G))),
    ("one side only", kfac_like(lambda A, S, G: G @ np.linalg.inv(A))),
    ("damping not split", kfac_like(both, lambda c, pi: (c**0.5 + 0 * pi, c**0.5 + 0 * pi))),
    ("damping without its root", kfac_like(both, lambda c, pi: (pi * c, c / pi))),
]


def half(L, G, eps):
    return power(L, -0.5, eps) @ G


def shampoo_like(
    move, left=lambda L, G: L + G @ G.mT, right=lambda R, G, L, eps: R + G.mT @ G, column=half
):
    """A Shampoo; move(L, R, G, eps) is what lr multiplies, and column(L, G, eps) for a vector."""

    def step(surface, w, L=0.0, R=0.0, *, lr=0.1, eps=1e-6):
        G = rows_of(surface, surface.grad(w))
        L = left(L, G)
        R = right(R, G, L, eps)
        if G.shape[-1] == 1:
            return w - lr * column(L, G, eps).reshape(w.shape), L, R
        return w - lr * move(L, R, G, eps).reshape(w.shape), L, R

    return step


def fourth(L, R, G, eps):
    return power(L, -0.25, eps) @ G @ power(R, -0.25, eps)


SHAMPOO = [
    (
        "Shampoo with exponent 1/2",
        shampoo_like(lambda L, R, G, eps: power(L, -0.5, eps) @ G @ power(R, -0.5, eps)),
    ),
    (
        "R from the preconditioned gradient",
        shampoo_like(
            fourth,
            right=lambda R, G, L, eps: R + G.mT @ power(L, -0.5, eps) @ G,
        ),
    ),
]


@mutant("shampoo", "Shampoo with exponent 1/2")
@blockwise
def shampoo_by_eigenvectors(surface, w, L=0.0, R=0.0, *, lr=0.1, eps=1e-6):
    G = rows_of(surface, surface.grad(w))
    L, R = L + G @ G.mT, R + G.mT @ G
    (a, U), (b, V) = (np.linalg.eigh(A + eps * np.eye(A.shape[-1])) for A in (L, R))
    turned = U.mT @ G @ V
    if G.shape[-1] > 1:
        turned = turned / np.sqrt(b)[..., None, :]
    return w - lr * (U @ (turned / np.sqrt(a)[..., :, None]) @ V.mT).reshape(w.shape), L, R


@mutant("shampoo", "Shampoo with exponent 1/2")
def shampoo_for_one_matrix(surface, theta, L=0.0, R=0.0, *, lr=0.1, eps=1e-6):
    G = surface.grad(theta).reshape(*theta.shape[:-1], *surface.shape)  # nonsense for a bias
    L = L + G @ G.mT
    R = R + G.mT @ G

    def root(A):
        w, Q = np.linalg.eigh(A + eps * np.eye(A.shape[-1]))
        return (Q * w[..., None, :] ** -0.5) @ Q.mT

    return theta - lr * (root(L) @ G @ root(R)).reshape(theta.shape), L, R


def orthogonal(G, rounds=5):
    X = G / (np.linalg.norm(G, axis=(-2, -1), keepdims=True) + 1e-12)
    for _ in range(rounds):
        B = X @ X.mT if X.shape[-2] <= X.shape[-1] else X.mT @ X
        poly = -4.7750 * B + 2.0315 * B @ B
        X = 3.4445 * X + (poly @ X if X.shape[-2] <= X.shape[-1] else X @ poly)
    return X


def muon_like(move, scale=lambda m, n: np.sqrt(max(1, m / n))):
    """A Muon; move(N, G, M) is the matrix that moves theta, with N the blend of M and G."""

    def step(surface, w, M=0.0, *, lr=0.02, beta=0.95, nesterov=True):
        G = rows_of(surface, surface.grad(w))
        M = beta * M + (1 - beta) * G
        N = M + (1 - beta) * (G - M) if nesterov else M
        return w - lr * scale(*G.shape[-2:]) * move(N, G, M).reshape(w.shape), M

    return step


MUON = [
    (
        "normalised only",
        muon_like(lambda N, G, M: N / np.linalg.norm(N, axis=(-2, -1), keepdims=True)),
    ),
    (
        "momentum instead of Nesterov",
        muon_like(lambda N, G, M: orthogonal(M)),
    ),
    ("wrong number of rounds", muon_like(lambda N, G, M: orthogonal(N, rounds=6))),
]


@mutant("muon", "memory after orthogonalising")
def muon_too_soon(surface, w, M=0.0, *, lr=0.02, beta=0.95, nesterov=True):
    O = orthogonal(rows_of(surface, surface.grad(w)))  # noqa: E741
    M = beta * M + (1 - beta) * O
    N = beta * M + (1 - beta) * O if nesterov else M
    return w - lr * max(1, O.shape[-2] / O.shape[-1]) ** 0.5 * N.reshape(w.shape), M


def soap_like(move, square=lambda T, G: T**2, into=lambda P, X, Q: P.mT @ X @ Q):
    """A SOAP; move(m, v, t, b1, b2, eps) is the turned matrix that is turned back."""

    def follow(A, P, new, b2, due):
        A = b2 * A + (1 - b2) * new
        if P is None:
            return A, np.linalg.eigh(A)[1][..., ::-1], None
        if not due:
            return A, P, None
        reached = A @ P
        order = np.argsort(-np.einsum("...ij,...ij->...j", P, reached), axis=-1)
        reached = np.take_along_axis(reached, order[..., None, :], -1)
        return A, np.linalg.qr(reached)[0], order

    def step(
        surface, w, t=0, m=0.0, v=0.0, state=None, *, lr=0.1, beta1=0.95, beta2=0.95, eps=1e-8,
        period=1,
    ):
        g = surface.grad(w)
        G = rows_of(surface, g)
        L, R, P, Q = state or (0.0, 0.0, None, None)
        if P is not None:
            t, m = t + 1, beta1 * m + (1 - beta1) * G
            v = beta2 * v + (1 - beta2) * square(into(P, G, Q), G)
            turned = move(into(P, m, Q), v, t, beta1, beta2, eps)
            w = w - lr * (P @ turned @ Q.mT).reshape(w.shape)
        L, P, rows = follow(L, P, G @ G.mT, beta2, t % period == 0)
        R, Q, columns = follow(R, Q, G.mT @ G, beta2, t % period == 0)
        if rows is not None:
            v = np.take_along_axis(v, rows[..., :, None], -2)
            v = np.take_along_axis(v, columns[..., None, :], -1)
        return w, t, m, v, (L, R, P, Q)

    return step


def adam_move(m, v, t, b1, b2, eps):
    return m / (1 - b1**t) / ((v / (1 - b2**t)) ** 0.5 + eps)


SOAP = [
    ("no bias correction", soap_like(lambda m, v, t, b1, b2, eps: m / (v**0.5 + eps))),
    ("v in the wrong basis", soap_like(adam_move, lambda T, G: G * G)),
    ("t off by one", soap_like(lambda m, v, t, b1, b2, eps: adam_move(m, v, t + 1, b1, b2, eps))),
]

for name, rows in {"kfac": KFAC, "shampoo": SHAMPOO, "muon": MUON, "soap": SOAP}.items():
    for mistake, step in rows:
        mutant(name, mistake)(step)
