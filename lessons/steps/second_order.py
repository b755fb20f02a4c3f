"""Steps that ask for the Hessian, or for the loss of a trial point, before they move.

Every theta and direction is (..., D), every Hessian (..., D, D). Every length is (..., 1), one
number per point, so that each point of a batch is solved and searched for itself.
"""

import numpy as np

TRIALS = 50  # lengths that a search tries; 50 halvings make any length vanish in rounding


def newton(surface, theta, *, lr=1.0, damping=0.0):
    """Jump to where the gradient would be zero if the curvature stayed as it is here.

    theta: (..., D); surface.hess: (..., D, D).
    lr: no unit; 1 is the whole jump, exact on a quadratic.
    damping: a curvature that is added to all; a large one turns it into gradient descent with
    lr / damping. Without damping a direction of curvature exactly 0 is left alone, as there is no
    quotient: solve skips it.
    Source: Newton's method; the damping is from least squares, Levenberg 1944,
    doi:10.1090/qam/10666, and Marquardt 1963, doi:10.1137/0111030, who makes the damping of a
    coordinate proportional to its curvature. torch has none.
    """
    g = surface.grad(theta)
    H = surface.hess(theta)
    return theta - lr * solve(damped(H, damping), g)


def saddle_free_newton(surface, theta, *, lr=1.0, damping=0.0):
    """Divide the gradient along each axis of the Hessian by abs(curvature), and so leave saddles.

    theta: (..., D); surface.hess: (..., D, D).
    lr: no unit; where every curvature is positive this is newton.
    damping: added to each abs(curvature). Between a saddle and a minimum a curvature passes
    through 0; without damping the jump from near there is huge, and theta stays along a direction
    that does not curve.
    Source: Dauphin et al. 2014, arXiv:1406.2572. This is the exact rule; for networks they keep
    to a Krylov subspace. torch has none.
    """
    g = surface.grad(theta)
    curvature, axes = spectrum(surface.hess(theta))
    curvature = inf_for_none(curvature, damping)
    along = times(axes.swapaxes(-1, -2), g)
    return theta - lr * times(axes, along / (np.abs(curvature) + damping))


def line_search(surface, theta, *, lr=1.0, c1=1e-4, shrink=0.5):
    """Gradient descent that tries lr first and shrinks it until the loss falls far enough.

    theta: (..., D).
    lr: the first trial, in units of theta squared per loss; each step begins with it anew.
    c1: a length is accepted where the loss falls by at least this share of what the gradient
    promises; along curvature L that is so up to a length of 2 (1 - c1) / L.
    shrink: what a length that is not accepted is multiplied by.
    Every trial asks for the loss. A point that finds no length in TRIALS of them stays.
    Source: Armijo 1966, doi:10.2140/pjm.1966.16.1; the direction is that of Cauchy 1847.
    torch has none.
    """
    g = surface.grad(theta)
    d = -lr * g
    loss, fall, share = loss_of(surface, theta), dot(g, d), np.ones_like(g[..., :1])
    for _ in range(TRIALS):
        enough = loss_of(surface, theta + share * d) <= loss + c1 * share * fall
        if enough.all():
            break
        share = np.where(enough, share, shrink * share)
    return theta + np.where(enough, share, 0) * d


def newton_line_search(surface, theta, *, lr=1.0, damping=0.0, c1=1e-4, shrink=0.5):
    """Newton with every curvature made positive, and a length that shrinks until the loss falls.

    theta: (..., D); surface.hess: (..., D, D).
    lr: no unit; the share of the whole jump that is tried first, at each step anew.
    damping: added to each abs(curvature). c1, shrink: as in line_search.
    With positive curvatures the direction always leads down, so that some length is accepted; near
    a minimum the whole jump is, and the step is newton. A point that finds no length in TRIALS
    stays.
    Source: Nocedal & Wright 2006, section 3.4, doi:10.1007/978-0-387-40065-5; the length is that of
    Armijo 1966, doi:10.2140/pjm.1966.16.1. torch has none.
    """
    g = surface.grad(theta)
    curvature, axes = spectrum(surface.hess(theta))
    curvature = inf_for_none(curvature, damping)
    along = times(axes.swapaxes(-1, -2), g)
    d = -lr * times(axes, along / (np.abs(curvature) + damping))
    loss, fall, share = loss_of(surface, theta), dot(g, d), np.ones_like(g[..., :1])
    for _ in range(TRIALS):
        enough = loss_of(surface, theta + share * d) <= loss + c1 * share * fall
        if enough.all():
            break
        share = np.where(enough, share, shrink * share)
    return theta + np.where(enough, share, 0) * d


def armijo(surface, theta, d, lr, g):
    """The length of lr, lr / 2, lr / 4, ... at which the loss falls by 1e-4 of the promise."""
    loss, fall, share = loss_of(surface, theta), dot(g, d), np.ones_like(g[..., :1])
    for _ in range(50):
        enough = loss_of(surface, theta + lr * share * d) <= loss + 1e-4 * lr * share * fall
        if enough.all():
            break
        share = np.where(enough, share, share / 2)
    return np.where(enough, lr * share, 0)


def strong_wolfe(surface, theta, direction, *, lr=1.0, c1=1e-4, c2=0.9, g=None):
    """The length (..., 1) along a direction at which the loss has fallen and hardly falls further.

    With loss(s) the loss at theta + s direction, and loss'(s) its derivative by s, the
    length s has loss(s) <= loss(0) + c1 s loss'(0) and abs(loss'(s)) <= c2 abs(loss'(0)).
    lr: the first trial. g: the gradient at theta, where it is known already. A length that is too
    short doubles, until an answer lies between low and high, in either order; then that interval
    is halved. In the book these are two algorithms, but the first is the second with high at
    infinity. The book may interpolate where we halve; torch's strong_wolfe does.
    After TRIALS: the low end, the lowest loss so far; 0 where the direction leads up.
    Source: Nocedal & Wright 2006, algorithms 3.5 and 3.6 (zoom). doi:10.1007/978-0-387-40065-5
    """
    g = surface.grad(theta) if g is None else g
    loss0, along0 = loss_of(surface, theta), dot(g, direction)
    low, low_loss, high = np.zeros_like(along0), loss0, np.full_like(along0, np.inf)
    length, done = low + lr, ~(along0 < 0)
    for _ in range(TRIALS):
        if done.all():
            break
        trial = theta + length * direction
        loss = loss_of(surface, trial)
        lower = ~done & (loss <= loss0 + c1 * length * along0) & (loss < low_loss)
        along = dot(surface.grad(trial), direction) if lower.any() else along0
        done = done | lower & (np.abs(along) <= -c2 * along0)
        passed = lower & (along * np.sign(high - low) >= 0)
        high = np.where(passed, low, np.where(lower, high, length))
        low, low_loss = np.where(lower, length, low), np.where(lower, loss, low_loss)
        length = np.where(np.isinf(high), 2 * length, (low + high) / 2)
    return low


# What the rules are written in; quasi_newton and natural use it too


def dot(a, b):
    """The inner product of each point: (..., D) and (..., D) -> (..., 1)."""
    return (a * b).sum(-1, keepdims=True)


def times(matrix, vector):
    """The matrix of each point times its vector: (..., D, D) and (..., D) -> (..., D)."""
    return (matrix @ vector[..., None])[..., 0]


def ratio(a, b, otherwise=0):
    """a / b, and `otherwise` where b is 0."""
    return np.divide(a, b, out=np.full_like(b, otherwise), where=b != 0)


def loss_of(surface, theta):
    """The loss of each point, as (..., 1)."""
    return np.asarray(surface.loss(theta))[..., None]


def damped(matrix, damping):
    """matrix + damping I; damping broadcasts against (..., D)."""
    diagonal = np.zeros_like(matrix[..., 0]) + damping
    return matrix + diagonal[..., None] * np.eye(matrix.shape[-1], dtype=matrix.dtype)


def solve(matrix, vector):
    """matrix^-1 vector of each point, or the pseudo-inverse's answer where a matrix is singular.

    It counts as singular where rounding alone could have made it regular: the inverse then makes
    almost any vector very long, and so the fixed one, `probe`. One that is not finite gives nan.
    """
    unit = np.eye(matrix.shape[-1], dtype=matrix.dtype)
    probe = np.random.default_rng(0).standard_normal(len(unit)).astype(matrix.dtype)
    finite = np.isfinite(matrix).all((-2, -1), keepdims=True)
    tried = exact(np.where(finite, matrix, unit), probe)
    longest = np.abs(tried).max(-1)[..., None, None] * np.abs(matrix).max((-2, -1), keepdims=True)
    singular = finite & ~(longest * rounding(matrix) < np.abs(probe).max())
    found = exact(np.where(singular, unit, matrix), vector)
    if singular.any():
        inverse = np.linalg.pinv(np.where(singular, matrix, unit), rcond=rounding(matrix))
        found = np.where(singular[..., 0], times(inverse, vector), found)
    return found


def exact(matrix, vector):
    """matrix^-1 vector of each point, and nan where LAPACK finds the matrix singular."""
    try:
        return np.linalg.solve(matrix, vector[..., None])[..., 0]
    except np.linalg.LinAlgError:  # one refusal stops the batch: point by point, then
        if matrix.ndim == 2:
            return np.full_like(vector, np.nan)
        vector = np.broadcast_to(vector, matrix.shape[:-1])
        return np.stack([exact(m, v) for m, v in zip(matrix, vector)])


def rounding(matrix):
    """What rounding may make of a 0 among D values, as a share of the largest: 10 D eps."""
    return 10 * matrix.shape[-1] * np.finfo(matrix.dtype).eps


def inf_for_none(curvature, damping):
    """Curvatures (..., D) to divide by: inf, which gives no move, for one that is 0 up to rounding.

    Where there is damping, they are left as they are.
    """
    none = np.abs(curvature) <= rounding(curvature) * np.abs(curvature).max(-1, keepdims=True)
    return np.where(none & (np.asarray(damping) == 0), np.inf, curvature)


def spectrum(matrix):
    """Eigenvalues (..., D) and axes (..., D, D) of each point; nan where a matrix is not finite."""
    known = np.isfinite(matrix).all((-2, -1), keepdims=True)
    values, axes = np.linalg.eigh(np.where(known, matrix, 0))
    return np.where(known[..., 0], values, np.nan), axes
