"""The newer steps, written in other ways, all of them right."""

import numpy as np
import support.mutants.adam as adam
import support.mutants.kronecker as matrix
import support.mutants.newcomers as new
import support.mutants.quasi_newton as quasi
import support.mutants.second_order as curved
from support.mutants import variant

from lessons.steps.kronecker import blockwise

variant("adamw")(adam.adamw_like(lambda w, lr, wd, a, d, first: (1 - lr * wd) * w - lr * a / d))
variant("lion")(new.lion_like(new.right_blend))
variant("sophia")(
    new.sophia_like(lambda m, d, h, old, scale, eps: np.clip(new.ratio(m, h, scale, eps), -1, 1))
)
variant("schedule_free")(new.free_like(new.between))
variant("newton")(curved.newton_like(lambda H, d, c: curved.solved(H + curved.eye(d, c), d)))
variant("saddle_free_newton")(
    curved.saddle_free_like(
        lambda s, U, d, c: curved.turned(U, curved.turned(U.mT, d) / (abs(s) + c))
    )
)
variant("newton_line_search")(curved.searched_newton())
variant("line_search")(curved.search_like(lambda f0, f, c, t, gg: f <= f0 - c * t * gg))
variant("bfgs")(quasi.dense_like(quasi.hessian, np.linalg.solve))
variant("lbfgs")(quasi.pairs_like(quasi.two_loop))
variant("trust_region")(quasi.trust_like(quasi.book))
variant("natural_gradient")(
    curved.natural_like(lambda s, x, d, c: curved.solved(s.fisher(x) + curved.eye(d, c), d))
)
variant("kl_step")(curved.kl_like(lambda delta, g, d: np.sqrt(2 * delta / curved.inner(g, d))))
variant("kfac")(matrix.kfac_like(matrix.both))
variant("shampoo")(matrix.shampoo_like(matrix.fourth))
variant("muon")(matrix.muon_like(lambda N, G, M: matrix.orthogonal(N)))
variant("soap")(matrix.soap_like(matrix.adam_move))


@variant("adamw")
def adamw_as_torch(
    surface,
    p,
    step=0,
    exp_avg=None,
    exp_avg_sq=None,
    *,
    lr=1e-3,
    beta1=0.9,
    beta2=0.999,
    eps=1e-8,
    weight_decay=0.01,
):
    grad, step = surface.grad(p), step + 1
    exp_avg = np.zeros_like(p) if exp_avg is None else exp_avg.copy()
    exp_avg_sq = np.zeros_like(p) if exp_avg_sq is None else exp_avg_sq.copy()
    p = p * (1 - lr * weight_decay)
    exp_avg += (grad - exp_avg) * (1 - beta1)
    exp_avg_sq *= beta2
    exp_avg_sq += grad * grad * (1 - beta2)
    denom = np.sqrt(exp_avg_sq) / np.sqrt(1 - beta2**step) + eps
    return p - lr / (1 - beta1**step) * (exp_avg / denom), step, exp_avg, exp_avg_sq


@variant("lion")
def lion_as_its_authors(
    surface, p, exp_avg=None, *, lr=1e-4, beta1=0.9, beta2=0.99, weight_decay=0.0
):
    grad = surface.grad(p)
    exp_avg = np.zeros_like(p) if exp_avg is None else np.array(exp_avg)
    p = p * (1 - lr * weight_decay)
    update = np.sign(exp_avg * beta1 + grad * (1 - beta1))
    exp_avg *= beta2
    exp_avg += grad * (1 - beta2)
    return p + -lr * update, exp_avg


@variant("sophia")
def sophia_with_minimum(
    surface,
    p,
    k=0,
    m=0.0,
    h=0.0,
    *,
    lr=0.05,
    beta1=0.96,
    beta2=0.99,
    scale=0.05,
    eps=1e-12,
    period=10,
):
    m = beta1 * m + (1 - beta1) * surface.grad(p)
    if k % period == 0:
        h = beta2 * h + (1 - beta2) * np.einsum("...ii->...i", surface.hess(p))
    size = np.minimum(np.abs(m) / np.maximum(scale * h, eps), 1)
    return p - lr * np.sign(m) * size, k + 1, m, h


@variant("schedule_free")
def schedule_free_from_sums(
    surface, x, z=None, weighted=0.0, top=0.0, total=0.0, *, lr=0.05, beta=0.9
):
    z = x.copy() if z is None else z
    y = beta * x + (1 - beta) * z
    z = z - lr * surface.grad(y)
    top = np.maximum(top, lr)
    weighted, total = weighted + top**2 * z, total + top**2
    return weighted / total, z, weighted, top, total


@variant("sam")
def sam_in_two_lines(surface, w, *, lr=0.05, rho=0.05):
    g = surface.grad(w)
    return w - lr * surface.grad(w + g * (rho / (np.linalg.norm(g, axis=-1)[..., None] + 1e-12)))


@variant("sam")
def sam_up_and_down(surface, w, *, lr=0.05, rho=0.05):
    g = surface.grad(w)
    e = rho * g / np.sqrt(np.square(g).sum(-1, keepdims=True) + 1e-24)
    w = w + e
    gradient = surface.grad(w)
    w -= e
    w -= lr * gradient
    return w


@variant("newton")
def newton_by_the_inverse(surface, x, *, lr=1.0, damping=0.0):
    H = surface.hess(x) + damping * np.eye(x.shape[-1])
    return x - lr * (np.linalg.inv(H) @ surface.grad(x)[..., None])[..., 0]


@variant("saddle_free_newton")
def saddle_free_by_the_root(surface, x, *, lr=1.0, damping=0.0):
    s, U = np.linalg.eigh(surface.hess(x))
    H = U @ (np.sqrt(s * s)[..., None] * U.mT) + damping * np.eye(x.shape[-1])
    return x - lr * curved.solved(H, surface.grad(x))


@variant("line_search")
def line_search_for_all(surface, x, *, lr=1.0, c1=1e-4, shrink=0.5):
    g, length = surface.grad(x), np.full((*x.shape[:-1], 1), float(lr))
    for _ in range(50):
        fell = (surface.loss(x) - surface.loss(x - length * g))[..., None]
        short = fell >= c1 * length * (g * g).sum(-1, keepdims=True)
        length = np.where(short, length, length * shrink)
    return x - length * g


@variant("natural_gradient")
def natural_by_the_inverse(surface, x, *, lr=0.1, damping=0.0):
    F = surface.fisher(x) + damping * np.eye(x.shape[-1])
    return x - lr * np.einsum("...ij,...j->...i", np.linalg.inv(F), surface.grad(x))


@variant("kl_step")
def kl_by_the_metric(surface, x, *, delta=0.01, damping=0.0):
    F = surface.fisher(x) + damping * np.eye(x.shape[-1])
    d = np.linalg.solve(F, -surface.grad(x)[..., None])
    return x + (np.sqrt(2 * delta / (d.mT @ F @ d)) * d)[..., 0]


@variant("shampoo")
def shampoo_with_eps_first(surface, w, L=None, R=None, *, lr=0.1, eps=1e-6):
    G = matrix.rows_of(surface, surface.grad(w))
    m, n = G.shape[-2:]
    L = (eps * np.eye(m) if L is None else L) + np.einsum("...ij,...kj->...ik", G, G)
    R = (eps * np.eye(n) if R is None else R) + np.einsum("...ji,...jk->...ik", G, G)
    if n == 1:
        return w - lr * (matrix.power(L, -0.5) @ G)[..., 0], L, R
    return w - lr * (matrix.power(L, -0.25) @ G @ matrix.power(R, -0.25)).reshape(w.shape), L, R


@variant("muon")
@blockwise
def muon_as_a_sum(surface, w, M=None, *, lr=0.02, beta=0.95, nesterov=True):
    G = matrix.rows_of(surface, surface.grad(w))
    M = G if M is None else beta * M + G
    move = matrix.orthogonal(G + beta * M if nesterov else M)
    move = move * max(1, G.shape[-2] / G.shape[-1]) ** 0.5
    return w - lr * move.reshape(w.shape), M


@variant("muon")
def muon_for_a_matrix(surface, w, M=0.0, *, lr=0.02, beta=0.95, nesterov=True):
    m, n = surface.shape
    g = surface.grad(w)
    M = beta * M + (1 - beta) * g
    N = beta * M + (1 - beta) * g if nesterov else M
    move = matrix.orthogonal(N.reshape(*N.shape[:-1], m, n))
    return w - lr * max(1, m / n) ** 0.5 * move.reshape(w.shape), M


@variant("sam_momentum")
def sam_momentum_as_in_torch(surface, w, buffer=0.0, *, lr=0.05, rho=0.05, beta=0.9):
    d = surface.grad(w)
    e = d * (rho / (np.linalg.norm(d, axis=-1)[..., None] + 1e-12))
    buffer = surface.grad(w + e) + buffer * beta
    return w - buffer * lr, buffer
