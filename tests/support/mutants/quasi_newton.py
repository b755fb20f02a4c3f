"""BFGS, L-BFGS and the trust region, got wrong."""

import numpy as np
from support.mutants import mutant


def pairs_like(direction, s_and_y=lambda move, change: (move, change), most=None, first=True):
    """An L-BFGS, point by point, with the book's names; direction(d, pairs) is H d."""

    def alone(surface, x, history, last, lr, memory):
        d = surface.grad(x)
        if last is not None:
            s, y = s_and_y(x - last[0], d - last[1])
            if s @ y > 1e-10:
                history = (most or newest)([*history, (s, y)], int(memory))
        length = lr * min(1, 1 / np.abs(d).sum()) if first and not history else lr
        return x - length * direction(d, history), history, (x, d)

    def step(surface, x, state=None, *, lr=1.0, memory=10):
        points = np.atleast_2d(x)
        state = state or [([], None)] * len(points)
        new = [alone(surface, p, *row, float(lr), memory) for p, row in zip(points, state)]
        return np.reshape([row[0] for row in new], x.shape), [row[1:] for row in new]

    return step


def newest(history, memory):
    return history[-memory:]


def two_loop(d, history, order=1):
    q, alphas = d, []
    for s, y in history[::-order]:
        alphas.append((s @ q) / (s @ y))
        q = q - alphas[-1] * y
    if history:
        s, y = history[-1]
        q = q * (s @ y) / (y @ y)
    for (s, y), alpha in zip(history[::order], alphas[::-1]):
        q = q + (alpha - (y @ q) / (s @ y)) * s
    return q


def dense_like(update, jump=lambda H, d: H @ d, first=True):
    """A BFGS, point by point; update(H, s, y) is the new matrix, jump(H, d) what lr multiplies."""

    def alone(surface, x, H, last, lr):
        d, size = surface.grad(x), 1.0
        if last is None:
            size = min(1, 1 / np.abs(d).sum()) if first else 1.0
        elif (x - last[0]) @ (d - last[1]) > 0:
            H = update(H, x - last[0], d - last[1])
        return x - lr * size * jump(H, d), H, (x, d)

    def step(surface, x, state=None, *, lr=1.0):
        points = np.atleast_2d(x)
        state = state or [(np.eye(points.shape[-1]), None)] * len(points)
        new = [alone(surface, p, *row, float(lr)) for p, row in zip(points, state)]
        return np.reshape([row[0] for row in new], x.shape), [row[1:] for row in new]

    return step


def hessian(B, s, y):
    """BFGS's update of the Hessian itself; the jump then solves a system."""
    return B - np.outer(B @ s, B @ s) / (s @ B @ s) + np.outer(y, y) / (s @ y)


def inverse(left=True, old=True, take=True):
    def update(H, s, y):
        rho = 1 / (s @ y)
        V = np.eye(len(s)) - rho * np.outer(y, s)
        kept = V.T @ H @ V if left else V @ H @ V.T
        kept = kept if old else V.T @ V
        return (kept if take else H) + rho * np.outer(s, s)

    return update


BFGS = [
    ("V transposed", dense_like(inverse(left=False))),
    ("forgets the old matrix", dense_like(inverse(old=False))),
    ("old belief kept", dense_like(inverse(take=False))),
    ("first move at full length", dense_like(inverse(), first=False)),
]

LBFGS = [
    ("swapped s and y", pairs_like(two_loop, lambda s, y: (y, s))),
    ("loops in the wrong order", pairs_like(lambda d, h: two_loop(d, h, order=-1))),
    ("memory without a limit", pairs_like(two_loop, most=lambda h, memory: h)),
    ("first move at full length", pairs_like(two_loop, first=False)),
]


@mutant("lbfgs", "mutated arguments")
def lbfgs_appends(surface, x, history=(), last=None, *, lr=1.0, memory=10):
    d, history = surface.grad(x), history or []
    if last is not None:
        history.append((x - last[0], d - last[1]))
    return x - lr * d, history, (x, d)


def trust_like(reply, accept=lambda fell, promised: fell > 0.15 * promised):
    """A trust region, point by point; reply(fell, promised, hit, reach) is the next reach."""

    def steihaug(H, d, reach):
        z, r, p = np.zeros_like(d), d, -d
        if not d.any():
            return z, False
        tol = min(0.5, np.sqrt(np.linalg.norm(d))) * np.linalg.norm(d)
        for _ in range(10 * len(d)):
            bend = p @ H @ p
            if bend <= 0:
                a, b, c = p @ p, 2 * z @ p, z @ z - reach**2
                roots = np.roots([a, b, c])
                ends = [z + root * p for root in roots]
                return min(ends, key=lambda e: d @ e + e @ H @ e / 2), True
            alpha = r @ r / bend
            if np.linalg.norm(z + alpha * p) >= reach:
                a, b, c = p @ p, 2 * z @ p, z @ z - reach**2
                return z + max(np.roots([a, b, c])) * p, True
            z, new = z + alpha * p, r + alpha * H @ p
            if np.linalg.norm(new) < tol:
                return z, False
            p, r = new @ new / (r @ r) * p - new, new
        return z, False

    def alone(surface, x, reach):
        d, H = surface.grad(x), surface.hess(x)
        z, hit = steihaug(H, d, reach)
        promised = -(d @ z + 0.5 * z @ H @ z)
        fell = surface.loss(x) - surface.loss(x + z)
        return (x + z if accept(fell, promised) else x), reply(fell, promised, hit, reach)

    def step(surface, x, reach=None, *, radius=1.0):
        points = np.atleast_2d(x)
        reach = [float(radius)] * len(points) if reach is None else reach
        new = [alone(surface, p, r) for p, r in zip(points, reach)]
        return np.reshape([row[0] for row in new], x.shape), [row[1] for row in new]

    return step


def book(fell, promised, hit, reach):
    if fell < promised / 4:
        return reach / 4
    return min(2 * reach, 1000) if hit and fell > 0.75 * promised else reach


TRUST = [
    ("rejected step taken", trust_like(book, accept=lambda fell, promised: True)),
    (
        "radius never shrinks",
        trust_like(
            lambda fell, promised, hit, reach: (
                min(2 * reach, 1000) if hit and fell > 0.75 * promised else reach
            )
        ),
    ),
    (
        "grows inside",
        trust_like(lambda fell, promised, hit, reach: book(fell, promised, True, reach)),
    ),
]

for name, rows in {"bfgs": BFGS, "lbfgs": LBFGS, "trust_region": TRUST}.items():
    for mistake, step in rows:
        mutant(name, mistake)(step)
