"""What Shampoo, Muon, SOAP and K-FAC should do, by other means: SciPy's roots, an SVD, torch."""

from dataclasses import replace

import numpy as np
import torch
from scipy.linalg import block_diag, inv, sqrtm, svd


def shampoo(surface, start, lrs, eps=1e-6):
    """SciPy's matrix roots, one side of the tensor after the other, as in the paper's section 5."""
    shape = surface.shape or np.shape(start)
    sides = [eps * np.eye(n) for n in shape]
    path = [np.array(start, float)]
    for lr in lrs:
        move = gradient = surface.grad(path[-1]).reshape(shape)
        for axis in range(len(shape)):
            unfolded = np.moveaxis(gradient, axis, 0).reshape(shape[axis], -1)
            sides[axis] = sides[axis] + unfolded @ unfolded.T
            root = sqrtm(sides[axis]) if len(shape) == 1 else sqrtm(sqrtm(sides[axis]))
            move = np.moveaxis(np.tensordot(inv(root), move, (1, axis)), 0, axis)
        path.append(path[-1] - lr * move.ravel())
    return np.array(path)


def muon(surface, start, lrs, beta=0.95, nesterov=True):
    """The polynomial five times on the singular values themselves, by SciPy's SVD.

    The average is written out as a sum over all gradients so far, with its published blend.
    """
    m, n = surface.shape or (len(start), 1)
    path, gradients = [np.array(start, float)], []
    for t, lr in enumerate(lrs):
        gradients.append(surface.grad(path[-1]).reshape(m, n))
        weights = (1 - beta) * beta ** np.arange(t, -1.0, -1.0)
        if nesterov:  # of the average, the share beta; of today's gradient, 1 - beta more
            weights = beta * weights
            weights[-1] += 1 - beta
        U, values, Vt = svd(np.tensordot(weights, gradients, 1), full_matrices=False)
        values = values / np.sqrt(np.sum(values**2))
        move = U @ np.diag(quintic(values)) @ Vt * (np.sqrt(m / n) if m > n else 1)
        path.append(path[-1] - lr * move.ravel())
    return np.array(path)


def quintic(x, rounds=5):
    """What the five rounds of Newton-Schulz make of a singular value x, from 0 to 1."""
    for _ in range(rounds):
        x = 3.4445 * x - 4.7750 * x**3 + 2.0315 * x**5
    return x


def kfac(surface, start, lrs, damping=0.1):
    """The Fisher matrix of all layers, written out number by number and solved as a whole."""
    path = [np.array(start, float)]
    for lr in lrs:
        g = surface.grad(path[-1])
        F = dense(surface.shape, surface.factors(path[-1]), damping)
        path.append(path[-1] - lr * np.linalg.solve(F, g))
    return np.array(path)


def dense(shape, factors, damping):
    """(D, D): each layer's (A + pi sqrt(damping) I) (x) (S + sqrt(damping) / pi I)."""
    shapes = list(shape) if isinstance(shape[0], tuple) else [shape]
    layers = []
    for A, S in factors:
        m, n = shapes.pop(0)
        places = [(i, j) for i in range(m) for j in range(n)]
        if len(A) > n:
            assert shapes.pop(0) == (m,)
            places += [(i, n) for i in range(m)]  # the biases lie after the weights
        pi = ((np.trace(A) / len(A)) / (np.trace(S) / len(S))) ** 0.5
        A = A + pi * damping**0.5 * np.eye(len(A))
        S = S + damping**0.5 / pi * np.eye(len(S))
        layers.append([[S[i, k] * A[j, h] for k, h in places] for i, j in places])
    assert not shapes
    return block_diag(*layers)


def soap(surface, start, lrs, beta1=0.95, beta2=0.95, eps=1e-8):
    """The paper's algorithms 3 and 4 in torch, a list of sides; sorted as in the authors' code."""
    shape = surface.shape or (len(start),)
    W = torch.tensor(start).double().reshape(shape)
    path, V, M = [W.flatten().numpy()], torch.zeros(shape).double(), torch.zeros(shape).double()
    sums, bases = [torch.zeros(n, n).double() for n in shape], None

    def projected(X, bases):
        for Q in bases:  # each product puts the side that it turned last
            X = torch.tensordot(X, Q, ([0], [0]))
        return X

    for step, lr in enumerate(lrs):
        surface_now = surface.at(step + 1) if surface.at else surface
        G = torch.from_numpy(surface_now.grad(path[-1])).reshape(shape)
        if step:
            M.mul_(beta1).add_(G, alpha=1 - beta1)
            V.mul_(beta2).add_(projected(G, bases).square(), alpha=1 - beta2)
            N = projected(M, bases) / (1 - beta1**step) / ((V / (1 - beta2**step)).sqrt() + eps)
            W = W - lr * projected(N, [Q.T for Q in bases])
        path.append(W.flatten().numpy())
        for side, total in enumerate(sums):
            unfolded = G.movedim(side, 0).flatten(1) if G.ndim > 1 else G[:, None]
            total.mul_(beta2).add_(unfolded @ unfolded.T, alpha=1 - beta2)
        if not step:
            bases = [torch.linalg.eigh(total)[1].flip(1) for total in sums]
            continue
        for side, (total, Q) in enumerate(zip(sums, bases)):
            order = torch.diag(Q.T @ total @ Q).argsort(descending=True)
            V = V.index_select(side, order)
            bases[side] = torch.linalg.qr(total @ Q.index_select(1, order))[0]
    return np.array(path)


def turned(surface, P, Q):
    """The same problem for P W Q."""
    shape = surface.shape

    def back(theta):
        return (P.T @ theta.reshape(*theta.shape[:-1], *shape) @ Q.T).reshape(theta.shape)

    def there(theta):
        return (P @ theta.reshape(*theta.shape[:-1], *shape) @ Q).reshape(theta.shape)

    return replace(
        surface,
        loss=lambda theta: surface.loss(back(theta)),
        grad=lambda theta: there(surface.grad(back(theta))),
        start=there(np.array(surface.start)),
        factors=lambda theta: [(Q.T @ A @ Q, P @ S @ P.T) for A, S in surface.factors(theta)],
    )


TRUTHS = {"shampoo": shampoo, "muon": muon, "kfac": kfac}
kfac.grounds = {"matrix"}  # it needs surface.factors
muon.grounds = {"quadratic", "matrix", "flat"}  # zigzagging, it makes 2e-9 of rounding in a valley
TESTED_ELSEWHERE = {
    "soap": "test_kronecker_soap.py: torch's walk in noise, as a gradient seen twice shows rounding"
}
