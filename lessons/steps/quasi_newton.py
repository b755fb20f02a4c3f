"""Steps that learn the curvature from past gradients, or from products of the Hessian with vectors.

Every theta, g, s and y is (..., D). Each point of a batch has its own pairs and its own radius.
"""

import numpy as np

from lessons.steps.second_order import dot, loss_of, ratio, strong_wolfe, times

FARTHEST = 1000.0  # no radius of trust grows beyond it


def bfgs(surface, theta, H=None, move=0.0, last_g=0.0, *, lr=1.0):
    """Jump as Newton would, with an inverse Hessian that is learned from the gradient's changes.

    theta, move, last_g: (..., D).  H: (..., D, D), starts as the identity.
    move, last_g: the move that led to theta, and the gradient where that move began.
    lr: no unit, 1 is the whole jump. The first move knows no curvature: it is lr g, divided by the
    sum of abs(g) where that is larger than 1.
    Source: Broyden 1970, Fletcher 1970, Goldfarb 1970, Shanno 1970; Nocedal & Wright 2006, (6.17),
    doi:10.1007/978-0-387-40065-5. torch has lbfgs only; SciPy's BFGS searches the length, too.
    """
    g = surface.grad(theta)
    if H is None:
        H, lr = np.eye(g.shape[-1], dtype=g.dtype), lr * first_length(g)
    else:
        H = bfgs_update(H, move, g - last_g)
    move = -lr * times(H, g)
    return theta + move, H, move, g


def bfgs_wolfe(surface, theta, H=None, move=0.0, last_g=0.0, *, lr=1.0):
    """BFGS with a length that is searched, so that every new pair shows a curvature.

    lr: the first length tried. The rest as in bfgs; the search as in lbfgs_wolfe.
    Source: Nocedal & Wright 2006, algorithm 6.1, doi:10.1007/978-0-387-40065-5. torch has none.
    """
    g = surface.grad(theta)
    if H is None:
        H, lr = np.eye(g.shape[-1], dtype=g.dtype), lr * first_length(g)
    else:
        H = bfgs_update(H, move, g - last_g)
    d = -times(H, g)
    move = strong_wolfe(surface, theta, d, lr=lr, g=g) * d
    return theta + move, H, move, g


def bfgs_update(H, s, y):
    """The symmetric matrix with H y = s that treats what is perpendicular to s as H does.

    H: (..., D, D). s, y: (..., D), a move and the change of g along it. A pair with s . y <= 0
    shows no curvature: H stays, for its point alone.
    """
    sy = dot(s, y)[..., None]
    rho = ratio(1.0 * (sy > 0), sy)     # 1 / s.y; 0 for such a pair, which makes V = I
    V = np.eye(s.shape[-1], dtype=s.dtype) - rho * y[..., :, None] * s[..., None, :]
    return V.swapaxes(-1, -2) @ H @ V + rho * s[..., :, None] * s[..., None, :]


def lbfgs(surface, theta, pairs=(), move=0.0, last_g=0.0, *, lr=1.0, memory=10):
    """Jump as Newton would, with the curvature estimated from the gradient's last changes.

    theta, move, last_g, s, y: (..., D).
    pairs: at most `memory` of (s, y), a move and the change of g along it, the newest last. One
    with s . y <= 1e-10 shows no curvature and is skipped, for its point alone.
    move, last_g: the move that led to theta, and the gradient where that move began.
    lr: no unit, 1 is the whole jump. A move without pairs, as the first one, knows no curvature: it
    is lr g, divided by the sum of abs(g) where that is larger than 1.
    memory: how many pairs are kept; with 0 every move is one without pairs.
    Source: Nocedal 1980, doi:10.1090/S0025-5718-1980-0572855-7; Liu & Nocedal 1989,
    doi:10.1007/BF01589116. As torch.optim.LBFGS(max_iter=1), where memory is history_size.
    """
    g = surface.grad(theta)
    lr = lr if pairs else lr * first_length(g)
    pairs = remember(pairs, move, g - last_g, memory)
    move = -lr * two_loop(g, pairs)
    return theta + move, pairs, move, g


def lbfgs_wolfe(surface, theta, pairs=(), move=0.0, last_g=0.0, *, lr=1.0, memory=10):
    """L-BFGS with a length that is searched, so that every new pair shows a curvature.

    lr: the first length tried. The rest as in lbfgs.
    Source: Liu & Nocedal 1989, doi:10.1007/BF01589116. The search is strong_wolfe's, by halving;
    torch interpolates, so that the two part at the first search that takes more than one trial.
    """
    g = surface.grad(theta)
    lr = lr if pairs else lr * first_length(g)
    pairs = remember(pairs, move, g - last_g, memory)
    d = -two_loop(g, pairs)
    move = strong_wolfe(surface, theta, d, lr=lr, g=g) * d
    return theta + move, pairs, move, g


def first_length(g):
    """The share of g that a move without a known curvature takes: min(1, 1 / sum abs(g)), (..., 1).
    """
    return 1 / np.maximum(1, np.abs(g).sum(-1, keepdims=True))


def remember(pairs, s, y, memory):
    """The newest `memory` of the pairs and (s, y). A point where (s, y) shows no curvature keeps
    the pairs that it had.
    """
    s = s + np.zeros_like(y)
    kept = dot(s, y) > 1e-10
    forgotten = max(0, len(pairs) + 1 - memory)
    newer = (*pairs, (s, y))[forgotten:]
    if kept.all():
        return newer
    older = ((np.zeros_like(y), np.zeros_like(y)), *pairs)[forgotten:]
    return tuple(
        (np.where(kept, s, old_s), np.where(kept, y, old_y))
        for (s, y), (old_s, old_y) in zip(newer, older)
    )


def two_loop(g, pairs):
    """H g, with H the inverse Hessian that BFGS makes of the pairs (s, y), the newest last.

    It begins with (s.y / y.y) I of the newest pair; a pair of zeros changes nothing.
    Source: Nocedal 1980. doi:10.1090/S0025-5718-1980-0572855-7
    """
    shares = []
    for s, y in reversed(pairs):
        shares.append(ratio(dot(s, g), dot(s, y)))
        g = g - shares[-1] * y
    for s, y in pairs[-1:]:
        g = ratio(dot(s, y), dot(y, y), otherwise=1) * g
    for (s, y), share in zip(pairs, reversed(shares)):
        g = g + (share - ratio(dot(y, g), dot(s, y))) * s
    return g


def trust_region(surface, theta, reach=None, *, radius=1.0):
    """Go where the quadratic model is lowest within reach; then see whether it was to be trusted.

    theta: (..., D).
    reach: (..., 1), how far the next move may go; starts as radius. It is quartered where the loss
    fell by less than 1/4 of what the model promised, and doubled, up to FARTHEST, where it fell
    by more than 3/4 on a move as long as allowed. If the loss fell by less than 0.15 of the
    promise, the move is rejected: theta stays, and that counts as a step.
    radius: in units of theta, the first reach; there is no lr.
    B(u): the Hessian times u, by surface.hvp where there is one, else by surface.hess.
    Source: Steihaug 1983, doi:10.1137/0720042; Nocedal & Wright 2006, algorithms 4.1 and 7.2,
    doi:10.1007/978-0-387-40065-5. As SciPy's trust-ncg; a loss of nan counts as too high.
    torch has none.
    """
    g, B = surface.grad(theta), product(surface, theta)
    reach = np.zeros_like(g[..., :1]) + radius if reach is None else reach
    move, stopped = steihaug(g, B, reach)
    promised = -(dot(g, move) + dot(move, B(move)) / 2)
    fell = loss_of(surface, theta) - loss_of(surface, theta + move)
    r = ratio(fell, promised, otherwise=1)
    longer = np.where(stopped & (r > 0.75), np.minimum(2 * reach, FARTHEST), reach)
    reach = np.where(r >= 0.25, longer, reach / 4)
    return np.where(r > 0.15, theta + move, theta), reach


def product(surface, theta):
    """The function u -> B u with the Hessian B at theta: the hvp, or the Hessian, asked once."""
    if getattr(surface, "hvp", None) is not None:
        return lambda u: surface.hvp(theta, u)
    B = surface.hess(theta)
    return lambda u: times(B, u)


def steihaug(g, B, reach):
    """Minimise the model g.z + z.Bz / 2 over |z| <= reach by conjugate gradients: (move, stopped).

    B: the function u -> B u, products with the Hessian.
    stopped: whether the edge |z| = reach ended the search. Each round goes along d to the model's
    lowest point, or to the edge where that point lies beyond it or the model does not curve up. The
    search also ends when the model's gradient r is small beside g.
    """
    z, r, d, size = np.zeros_like(g), g, -g, np.sqrt(dot(g, g))
    small = np.minimum(0.5, np.sqrt(size)) * size
    done, stopped = size == 0, np.zeros_like(size, bool)
    for _ in range(10 * g.shape[-1]):  # CG needs D rounds, but for rounding
        Bd, rr = B(d), dot(r, r)
        bend = dot(d, Bd)
        length = ratio(rr, bend)
        ahead = z + length * d
        beyond = ~((bend > 0) & (np.sqrt(dot(ahead, ahead)) < reach))
        ahead = np.where(beyond, z + to_edge(z, d, rr, bend, reach) * d, ahead)
        z, stopped = np.where(done, z, ahead), stopped | beyond & ~done
        r = r + length * Bd
        done = done | beyond | (np.sqrt(dot(r, r)) < small)
        if done.all():
            break
        d = ratio(dot(r, r), rr) * d - r
    return z, stopped


def to_edge(z, d, rr, bend, reach):
    """The t (..., 1) for which |z + t d| = reach: the positive one, or the negative one where the
    model curves down along d and is lower there.
    """
    zd, dd = dot(z, d), dot(d, d)
    room = reach * reach - dot(z, z)
    root = zd + np.sqrt(zd * zd + dd * room)
    ahead, behind = ratio(room, root), -ratio(root, dd)
    lower = behind * (bend * behind / 2 - rr) < ahead * (bend * ahead / 2 - rr)
    return np.where((bend <= 0) & lower, behind, ahead)
