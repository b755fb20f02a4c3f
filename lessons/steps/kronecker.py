"""Steps for matrices: K-FAC, Shampoo, Muon and SOAP scale a matrix's two sides, not each number.

theta (..., D) stays flat; surface.shape says that it is an (m, n) matrix W, laid out row by row,
with the gradient G. A kernel (out, in, h, w) is a matrix of out rows. A vector is one column.
A network's shape is a tuple of shapes: its blocks, one after the other. L and P belong to the
rows, (..., m, m), R and Q to the columns, (..., n, n). M, m and v lie flat like theta.
"""

import functools
import inspect
import math
from types import SimpleNamespace

import numpy as np

from lessons.steps.second_order import inf_for_none, spectrum


def kfac(surface, theta, *, lr=0.1, damping=0.1):
    """Step by the natural gradient of each layer, as if its inputs and its gradients did not depend
    on each other.

    theta: (..., D), flat; surface.factors: [(A, S), ...], (..., n, n) and (..., m, m).
    Each layer's Fisher matrix is then A (x) S, and its move S^-1 G A^-1. A is the mean of a a^T,
    uncentred, with a the layer's input (a 1 at its end stands for the bias, G's last column). S is
    the mean of s s^T, with s the gradient at the layer's output, for labels drawn from the model.
    lr: no unit; 1 is the whole move, which solves a linear layer's least squares at once.
    damping: in units of the Fisher matrix; its root is split between A and S by their mean
    eigenvalues. Without it, theta stays along directions that A or S sends to 0.
    Needs surface.factors. The paper also averages A and S over the steps, adapts the damping,
    scales each move by the exact Fisher matrix, and has momentum; we leave those out.
    Source: Martens & Grosse 2015, sections 3 and 6.3. arXiv:1503.05671. Not in torch.
    """
    g = surface.grad(theta)
    move = np.zeros_like(g)
    for A, S, cells in _layers(surface.shape, surface.factors(theta)):
        pi = np.sqrt(_mean_eigenvalue(A) / _mean_eigenvalue(S))
        A_inverse = inverse_root(A, 1, pi * np.sqrt(damping))
        S_inverse = inverse_root(S, 1, np.sqrt(damping) / pi)
        move[..., cells] = S_inverse @ g[..., cells] @ A_inverse
    return theta - lr * move


def blockwise(rule):
    """Make a step for networks of a rule for one matrix or vector, which it applies to each block.

    The step asks for one gradient of the whole network. The rule gets each block as a surface with
    `grad` and `shape` only, and each of its states becomes a list, one entry per block. On a
    surface that is itself a matrix or a vector, the step is the rule.
    """
    signature = inspect.signature(rule)

    @functools.wraps(rule)
    def step(surface, theta, *state, **knobs):
        if not _in_blocks(surface.shape):
            return rule(surface, theta, *state, **knobs)
        given = signature.bind(surface, theta, *state, **knobs)
        given.apply_defaults()
        _, _, *state = given.args
        g, dim, results = surface.grad(theta), theta.shape[-1:], []
        for i, (shape, cut) in enumerate(_cuts(surface.shape)):
            block = SimpleNamespace(grad=lambda _, g=g[..., cut]: g, shape=shape)
            mine = [s[i] if isinstance(s, list) else s for s in state]
            own = {k: v[..., cut] if np.shape(v)[-1:] == dim else v
                   for k, v in given.kwargs.items()}
            result = rule(block, theta[..., cut], *mine, **own)
            results.append(result if isinstance(result, tuple) else (result,))
        thetas, *states = zip(*results)
        theta = np.concatenate(thetas, axis=-1)
        return (theta, *map(list, states)) if states else theta

    return step


@blockwise
def shampoo(surface, theta, L=0.0, R=0.0, *, lr=0.1, eps=1e-6):
    """Divide the gradient by the fourth roots of its summed squares, row side and column side.

    theta: (..., m n), flat. L: (..., m, m), R: (..., n, n).
    L, R: *sums* of G G^T and of G^T G, of the gradient itself, not of the preconditioned one: they
    hold squared gradients and are no Hessian. eps I is added when they are used, as if both had
    started with it.
    A vector has one side and a square root, L^-1/2 g: Adagrad with its full matrix.
    lr: in units of theta; the first move is lr U V^T, from G = U S V^T, where S^2 exceeds eps.
    eps: in units of the gradient squared, inside the roots; with 0, no move in a direction that no
    gradient has had.
    Source: Gupta, Koren & Singer 2018, algorithm 1. arXiv:1802.09568. Not in torch. At scale,
    Anil et al. 2020, arXiv:2002.09018, take the roots less often and leave the length of each
    layer's move to another rule.
    """
    g = surface.grad(theta)
    G = _matrix(g, surface.shape)
    L = L + G @ G.mT
    if _is_vector(surface.shape):
        return theta - lr * (inverse_root(L, 2, eps) @ G)[..., 0], L, R
    R = R + G.mT @ G
    move = inverse_root(L, 4, eps) @ G @ inverse_root(R, 4, eps)
    return theta - lr * move.reshape(g.shape), L, R


@blockwise
def muon(surface, theta, M=0.0, *, lr=0.02, beta=0.95, nesterov=True):
    """Move by the averaged gradient with all its singular values brought near 1.

    theta, M: (..., m n), flat.
    M: a running *average* of the gradient; no bias correction, as its size does not count.
    nesterov: whether today's gradient is blended in once more, as in Nesterov's momentum.
    lr: in units of theta: a move stretches a vector about lr-fold at most, and a tall matrix's move
    sqrt(m / n) times as much.
    A vector is one column with one singular value, so every move has the same length.
    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/. As torch.optim.Muon with
    weight_decay=0, up to rounding: it works in bfloat16, which errs by about 0.01. It adds 1e-7 to
    the size, optax 1e-8, we 1e-12; optax also divides M and G by 1 - beta^(t+1) and 1 - beta^t
    before it blends them.
    """
    g = surface.grad(theta)
    M = beta * M + (1 - beta) * g
    blend = beta * M + (1 - beta) * g if nesterov else M
    move = newton_schulz(_matrix(blend, surface.shape))
    m, n = move.shape[-2:]
    return theta - lr * max(1, m / n) ** 0.5 * move.reshape(g.shape), M


@blockwise
def soap(
    surface, theta, t=0, m=0.0, v=0.0, L=0.0, R=0.0, P=None, Q=None, *,
    lr=0.1, beta1=0.95, beta2=0.95, eps=1e-8, period=1,
):
    """Adam, in the coordinates in which Shampoo's L and R are diagonal.

    theta, m, v: (..., m n), flat. L, P: (..., m, m), R, Q: (..., n, n).
    L, R: running *averages* of G G^T and G^T G. P, Q: their eigenvectors, one per column, the
    largest eigenvalue first. A gradient is turned by the eigenvectors of those *before* it, so the
    first step only builds them and leaves theta where it is; without noise the second then moves by
    lr U V^T, as Shampoo's first. Where one side is longer by two or more, one gradient does not
    determine all eigenvectors, and the first basis is partly arbitrary.
    t, m, v: as in adam, t one behind. m lies in theta's own coordinates, v in the turned ones.
    lr: in units of theta, about one move per turned coordinate; packages begin with 0.003.
    eps: must exceed the rounding of a gradient, or a gradient seen twice moves by sheer rounding.
    period: after how many steps P and Q are turned again; L and R follow at each.
    Source: Vyas et al. 2025, algorithms 3 and 4. arXiv:2409.11321. Not in torch. Their code has
    period=10; has a weight decay; puts eps before the bias correction; and leaves vectors to Adam
    unless precondition_1d=True. Here a vector has the one basis P.
    """
    g = surface.grad(theta)
    G = _matrix(g, surface.shape)
    if P is None:
        m, v = np.zeros_like(g), np.zeros_like(g)
    else:
        t = t + 1
        m = beta1 * m + (1 - beta1) * g
        v = beta2 * v + (1 - beta2) * _turned(g, P, Q) ** 2
        theta = theta - lr * _adam_move(t, m, v, P, Q, beta1, beta2, eps)
    L, P, rows = _followed(L, P, G @ G.mT, beta2, t % period == 0)
    R, Q, columns = _followed(R, Q, G.mT @ G, beta2, t % period == 0)
    return theta, t, m, _reordered(v, rows, columns), L, R, P, Q


def newton_schulz(G, rounds=5):
    """Divide G (..., m, n) by its size, and bring its singular values near 1.

    The size is the root of the sum of all squares. A round does q(x) = 3.4445 x - 4.7750 x^3 +
    2.0315 x^5 to every singular value and leaves the singular vectors alone. After five rounds all
    above 0.0015 are between 0.68 and 1.20, smaller ones below.
    Source: Jordan et al. 2024, https://kellerjordan.github.io/posts/muon/.
    """
    m, n = G.shape[-2:]
    X = G.mT if m > n else G  # the products below are of the shorter side
    X = X / (np.sqrt((G * G).sum((-2, -1), keepdims=True)) + 1e-12)  # for a zero gradient
    for _ in range(rounds):
        C = X @ X.mT
        X = 3.4445 * X + (-4.7750 * C + 2.0315 * C @ C) @ X
    return X.mT if m > n else X


def inverse_root(A, root, eps):
    """(A + eps I)^(-1 / root) of symmetric A (..., n, n); eps broadcasts against (..., n).

    Where eps is 0, a direction that A sends to 0 (up to rounding) is sent to 0.
    """
    values, axes = spectrum(A)
    values = inf_for_none(np.maximum(values, 0), eps)
    scale = (np.maximum(values, 0) + eps) ** (-1 / root)  # rounding makes a zero slightly negative
    return (axes * scale[..., None, :]) @ axes.mT


# theta lies flat; these say where in it a matrix, a block or a layer is


def _in_blocks(shape):
    return bool(shape) and isinstance(shape[0], tuple)


def _is_vector(shape):
    return shape is None or len(shape) < 2


def _matrix(flat, shape):
    """(..., D) -> (..., m, n): a row per first index; a vector is one column."""
    m = shape[0] if shape else flat.shape[-1]
    return flat.reshape(*flat.shape[:-1], m, -1)


def _cuts(shapes):
    """(shape, slice of theta) of each block."""
    ends = np.cumsum([math.prod(shape) for shape in shapes]).tolist()
    return [(shape, slice(start, end)) for shape, start, end in zip(shapes, [0, *ends], ends)]


def _layers(shape, factors):
    """(A, S, cells) of each layer: cells (m, n) says where in theta its matrix is, bias last."""
    weights = [s for s in (shape if _in_blocks(shape) else [shape]) if len(s) > 1]
    start = 0
    for (A, S), (m, n) in zip(factors, weights, strict=True):
        cells = np.arange(start, start + m * A.shape[-1])
        yield A, S, np.hstack([cells[: m * n].reshape(m, n), cells[m * n :].reshape(m, -1)])
        start += cells.size


def _mean_eigenvalue(A):
    """The mean eigenvalue of A, (..., 1); never 0, as a dead layer's would be: it is divided by."""
    return np.trace(A, axis1=-2, axis2=-1)[..., None] / A.shape[-1] + 1e-30


# SOAP's move and basis


def _adam_move(t, m, v, P, Q, beta1, beta2, eps):
    """Adam's fraction, made in the turned coordinates and turned back."""
    m_hat = _turned(m, P, Q) / (1 - beta1**t)
    v_hat = v / (1 - beta2**t)
    return _turned(m_hat / (np.sqrt(v_hat) + eps), P.mT, Q.mT)


def _turned(flat, P, Q):
    """P^T X Q of X, which lies flat in (..., m * n)."""
    X = flat.reshape(*flat.shape[:-1], P.shape[-2], Q.shape[-2])
    return (P.mT @ X @ Q).reshape(flat.shape)


def _followed(average, basis, square, beta2, due):
    """The new average, its eigenvectors, and the order in which they continue the old ones.

    due: whether the eigenvectors are turned in this step; else they stay, in their order.

    One round of power iteration, made orthogonal again, largest first: a fresh decomposition would
    be exact, but where two eigenvalues cross, vectors and their v would part; here both move on.
    """
    beta2 = beta2[..., None] if np.ndim(beta2) else beta2
    average = beta2 * average + (1 - beta2) * square
    if basis is None:
        basis = spectrum(average)[1][..., ::-1]
        return average, basis, np.arange(basis.shape[-1])
    if not due:
        return average, basis, None
    reached = average @ basis
    order = np.argsort(-(basis * reached).sum(-2), axis=-1)
    basis, _ = np.linalg.qr(np.take_along_axis(reached, order[..., None, :], -1))
    return average, basis, order


def _reordered(v, rows, columns):
    """v (..., m * n), with its rows and columns in the given orders; None: as they are."""
    if rows is None:
        return v
    cells = rows[..., :, None] * columns.shape[-1] + columns[..., None, :]
    return np.take_along_axis(v, np.broadcast_to(cells.reshape(*cells.shape[:-2], -1), v.shape), -1)
