"""Newton, line search and natural gradient, got wrong."""

import numpy as np
from support.mutants import mutant


def solved(H, d):
    """H^-1 d by the pseudo-inverse: the empirical Fisher matrix of one gradient has no inverse."""
    finite = np.isfinite(H).all((-2, -1), keepdims=True)
    inverse = np.linalg.pinv(np.where(finite, H, 0), rcond=1e-12)
    return np.where(finite[..., 0], np.einsum("...ij,...j->...i", inverse, d), np.nan)


def eye(d, size):
    return size * np.eye(d.shape[-1])


def newton_like(direction):
    """direction(H, d, damping) is what lr multiplies."""

    def step(surface, x, *, lr=1.0, damping=0.0):
        return x - lr * direction(surface.hess(x), surface.grad(x), damping)

    return step


NEWTONS = {
    "diagonal only": lambda H, d, c: d / (np.einsum("...ii->...i", H) + c),
    "damping on every entry": lambda H, d, c: solved(H + c, d),
    "damping subtracted": lambda H, d, c: solved(H - eye(d, c), d),
}
for mistake, direction in NEWTONS.items():
    mutant("newton", mistake)(newton_like(direction))


@mutant("newton", "saddle-free instead of Newton")
def newton_without_saddles(surface, x, *, lr=1.0, damping=0.0):
    s, U = np.linalg.eigh(surface.hess(x))
    along = np.einsum("...ji,...j->...i", U, surface.grad(x))
    return x - lr * np.einsum("...ij,...j->...i", U, along / (abs(s) + damping))


def saddle_free_like(move):
    def step(surface, x, *, lr=1.0, damping=0.0):
        s, U = np.linalg.eigh(surface.hess(x))
        return x - lr * move(s, U, surface.grad(x), damping)

    return step


def turned(U, d):
    return np.einsum("...ij,...j->...i", U, d)


SADDLE_FREE = {
    "absolute value missing": lambda s, U, d, c: turned(U, turned(U.mT, d) / (s + c)),
    "negative curvature cut off": lambda s, U, d, c: turned(
        U, turned(U.mT, d) / (np.clip(s, 0, None) + c)
    ),
    "absolute value of the entries": lambda s, U, d, c: solved(
        abs(np.einsum("...ij,...j,...kj->...ik", U, s, U)) + eye(d, c), d
    ),
    "turned the wrong way": lambda s, U, d, c: turned(U.mT, turned(U, d) / (abs(s) + c)),
}
for mistake, move in SADDLE_FREE.items():
    mutant("saddle_free_newton", mistake)(saddle_free_like(move))


def search_like(enough, shorter=lambda length, shrink: length * shrink, after=False, rounds=50):
    """A line search, point by point; enough(f0, f, c1, length, gradient) ends it."""

    def alone(surface, x, lr, c1, shrink):
        d, length = surface.grad(x), float(lr)
        for _ in range(rounds):
            f = surface.loss(x - length * d)
            if enough(surface.loss(x), f, c1, length, d @ d):
                return x - (shorter(length, shrink) if after else length) * d
            length = shorter(length, shrink)
        return x if rounds == 50 else x - length * d

    def step(surface, x, *, lr=1.0, c1=1e-4, shrink=0.5):
        points = np.atleast_2d(x)
        new = [alone(surface, point, lr, c1, shrink) for point in points]
        return np.reshape(new, x.shape)

    return step


SEARCHES = [
    ("length missing in the condition", search_like(lambda f0, f, c, t, gg: f <= f0 - c * gg)),
    ("condition upside down", search_like(lambda f0, f, c, t, gg: f >= f0 - c * t * gg)),
    ("never shrinks", search_like(lambda f0, f, c, t, gg: True)),
    ("shrinks once only", search_like(lambda f0, f, c, t, gg: f <= f0 - c * t * gg, rounds=1)),
]


@mutant("line_search", "joins all points")
def one_length_for_all(surface, x, *, lr=1.0, c1=1e-4, shrink=0.5):
    d, length = surface.grad(x), lr
    fall = (d * d).sum(-1)
    for _ in range(60):
        if np.all(surface.loss(x - length * d) <= surface.loss(x) - c1 * length * fall):
            break
        length = length * shrink
    return x - length * d


for mistake, step in SEARCHES:
    mutant("line_search", mistake)(step)


def inner(a, b):
    return np.einsum("...i,...i->...", a, b)[..., None]


def searched_newton(bend=abs, slope=inner, enough=lambda f, f0, ask: f <= f0 + ask, rounds=50):
    """Newton with a line search, point by point; bend(curvatures), slope(g, d) = g . d."""

    def alone(surface, x, lr, damping, c1, shrink):
        s, U = np.linalg.eigh(surface.hess(x))
        g, t = surface.grad(x), float(lr)
        d = -turned(U, turned(U.mT, g) / (bend(s) + damping))
        for _ in range(rounds):
            if enough(surface.loss(x + t * d), surface.loss(x), c1 * t * slope(g, d)[0]):
                return x + t * d
            t = t * shrink
        return x if rounds == 50 else x + t * d

    def step(surface, x, *, lr=1.0, damping=0.0, c1=1e-4, shrink=0.5):
        points = x.reshape(-1, x.shape[-1])
        new = [alone(surface, point, lr, damping, c1, shrink) for point in points]
        return np.reshape(new, x.shape)

    return step


SEARCHED = {
    "absolute value missing": searched_newton(bend=lambda s: s),
    "slope without the direction": searched_newton(slope=lambda g, d: -inner(g, g)),
    "condition upside down": searched_newton(enough=lambda f, f0, ask: f >= f0 + ask),
    "never shrinks": searched_newton(enough=lambda f, f0, ask: True),
    "shrinks once only": searched_newton(rounds=1),
}
for mistake, step in SEARCHED.items():
    mutant("newton_line_search", mistake)(step)


def natural_like(direction):
    def step(surface, x, *, lr=0.1, damping=0.0):
        return x - lr * direction(surface, x, surface.grad(x), damping)

    return step


def root(F, d):
    s, U = np.linalg.eigh(F)
    return turned(U, turned(U.mT, d) / s**0.5)


NATURAL = {
    "Hessian instead of Fisher": lambda s, x, d, c: solved(s.hess(x) + eye(d, c), d),
    "root of Fisher": lambda s, x, d, c: root(s.fisher(x) + eye(d, c), d),
    "empirical Fisher": lambda s, x, d, c: solved(d[..., None] * d[..., None, :] + eye(d, c), d),
}
for mistake, direction in NATURAL.items():
    mutant("natural_gradient", mistake)(natural_like(direction))


def kl_like(length, d_of=lambda surface, x, g, c: solved(surface.fisher(x) + eye(g, c), g)):
    def step(surface, x, *, delta=0.01, damping=0.0):
        g = surface.grad(x)
        d = d_of(surface, x, g, damping)
        return x - length(delta, g, d) * d

    return step


KL = [
    ("factor 2 missing", kl_like(lambda delta, g, d: np.sqrt(delta / inner(g, d)))),
    ("length by the direction", kl_like(lambda delta, g, d: np.sqrt(2 * delta / inner(d, d)))),
    (
        "Fisher missing",
        kl_like(lambda delta, g, d: np.sqrt(2 * delta / inner(g, d)), lambda surface, x, g, c: g),
    ),
]
for mistake, step in KL:
    mutant("kl_step", mistake)(step)
