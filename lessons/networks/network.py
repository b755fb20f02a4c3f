"""A small torch network on real data as a Surface over one flat vector: NumPy in, NumPy out."""

from collections.abc import Callable
from dataclasses import dataclass, replace
from functools import lru_cache, partial
from math import prod

import numpy as np

from lessons.surfaces import Surface


@dataclass(frozen=True, eq=False)
class Network(Surface):
    """The loss of a network over its weights, all of them laid out in one flat vector.

    The very step that rolled down the ravine trains it; a grid of points is a grid of networks,
    trained in one go. theta: float32 or float64; everything comes back as it came.
    loss: of all training examples, even where at(t) is a mini-batch. window: None. minima: ().
    start: (D,), or (S, D) for S seeds: each has its own first weights and its own mini-batches.
    test_loss, accuracy: the loss, and the share of right answers, on examples held out.
    validation_loss, judging_loss: the loss on every second of them, and on the others: one half to
    choose by, one to judge by.
    first(n): the same network, without mini-batches, on the first n examples that loss sees.
    top_eigenvalue(theta, iterations=30): the eigenvalue of the Hessian that is largest in size, by
    power iteration, u <- H u / |H u|. It sees first(600), or as few as its own network.
    """

    test_loss: Callable | None = None  # (..., D) -> (...)
    accuracy: Callable | None = None  # (..., D) -> (...)
    validation_loss: Callable | None = None  # (..., D) -> (...)
    judging_loss: Callable | None = None  # (..., D) -> (...)
    top_eigenvalue: Callable | None = None  # (..., D) -> (...)
    first: Callable | None = None  # number -> Network


def network(
    name, shapes, begin, forward, train, test, *,
    batch=32, seed=0, dtype=np.float32, record=None, factors=None, room=2**16, price=None,
) -> Network:
    """Make a Surface of a network that sorts examples into classes, or of one with another price.

    shapes: the shapes of its blocks, in order. begin(rng): its first weights, a list of arrays.
    forward(parts, inputs): in torch, the logits (K, n, ..., classes) of K networks. parts: tensors
    (K, *shape). inputs: (n, ...) where all see the same, or (K, n, ...).
    train, test, record: pairs of arrays, inputs (n, ...) and labels, one per example (n,) or per
    position (n, T); the loss is the mean over all. record: what surface.loss sees; None: train.
    batch: None: every gradient is exact. A number: step t sees the gradient of that many examples,
    drawn without replacement from default_rng((seed, t)).
    seed: a number, or a sequence of S of them: start and gradients are (S, D), for S trainings.
    factors(parts, inputs): K-FAC's [(A, S), ...], tensors (K, n, n) and (K, m, m).
    room: examples times networks that are computed in one go.
    price(outputs, labels): in torch, what each output costs, of shape (K, n, ...) or (K, n); None:
    the cross-entropy of logits. With another price there is no accuracy.
    Raises ValueError where the batch does not fit the data.
    """
    (inputs, labels), recorded = train, record or train
    rows = batches(len(labels), batch, seed)
    seeds, grid = seeds_of(seed)
    shapes = tuple(map(tuple, shapes))
    seen_by = partial(Examples, shapes, forward, factors, room, price)

    def at(t):
        now = seen_by(inputs[rows(t)], labels[rows(t)], grid, [(s, t, 1) for s in seeds])
        return replace(surface, at=None, **now.known())

    def first(n):
        check_count("first", n)
        few = seen_by(*(array[:n] for array in recorded))
        return replace(surface, at=None, top_eigenvalue=few.top_eigenvalue, **few.known())

    start = [np.concatenate([np.ravel(part) for part in begin(np.random.default_rng(s))])
             for s in seeds]
    held_out = seen_by(*test)
    chooser, judge = (seen_by(*(array[k::2] for array in test)) for k in (0, 1))
    surface = Network(
        name, hess=None, window=None, start=np.reshape(start, (*grid, -1)).astype(dtype),
        minima=(), shape=shapes, at=rows and at, **seen_by(*recorded).known(),
        test_loss=held_out.loss, validation_loss=chooser.loss, judging_loss=judge.loss,
        accuracy=None if price else held_out.accuracy, first=first,
        top_eigenvalue=seen_by(*(array[:600] for array in recorded)).top_eigenvalue,
    )
    return surface


def batches(count, batch, seed):
    """rows(t): which of `count` examples step t sees, (batch,), or (S, batch) for S seeds.

    Drawn without replacement from default_rng((seed, t)). batch: None: rows is None, all are seen.
    Raises ValueError where the batch does not fit the data.
    """
    if batch is None:
        return None
    if not (np.ndim(batch) == 0 and 1 <= batch <= count and batch == int(batch)):
        raise ValueError(
            f"batch must be from 1 to {count}, a whole number, or None for all; got {batch!r}"
        )

    seeds, grid = seeds_of(seed)

    @lru_cache(maxsize=1024)  # rivals meet the same step again
    def rows(t):
        rngs = [np.random.default_rng((s, t)) for s in seeds]
        draws = [rng.choice(count, int(batch), replace=False) for rng in rngs]
        return np.reshape(draws, (*grid, -1))

    return rows


def seeds_of(seed):
    """([seed, ...], the grid that they span): () for one number, (S,) for a sequence of S."""
    seeds = np.atleast_1d(seed).tolist()
    if not seeds:
        raise ValueError(f"seed must be a number or a sequence of them; got {seed!r}")
    return seeds, np.shape(seed)


def check_count(name, count):
    """Raise ValueError unless a count is a whole number, 1 or more."""
    if not isinstance(count, (int, np.integer)) or count < 1:
        raise ValueError(f"{name} must be a whole number, 1 or more; got {count!r}")


class Examples:
    """Loss, accuracy and derivatives of K networks on n examples.

    inputs: (n, ...), or (S, n, ...) with one set of examples per seed.
    """

    def __init__(self, shapes, forward, factors, room, price, inputs, labels, grid=(),
                 draws=((0, 0, 1),)):
        self.shapes, self.forward, self.kronecker, self.room = shapes, forward, factors, room
        self.price = price or cross_entropy
        self.inputs, self.labels, self.grid, self.draws = inputs, labels, grid, draws

    def known(self):
        """The fields of a Surface that depend on the examples, by name."""
        return {"loss": self.loss, "grad": self.grad, "hvp": self.hvp, "diagonal": self.diagonal,
                "factors": self.kronecker and self.factors}

    def loss(self, theta):
        """The mean price of an example, usually its cross-entropy: (..., D) -> (...)."""

        def losses(theta, inputs, labels):
            return [self._losses(theta, inputs, labels)]

        with pytorch().inference_mode():
            return self._each(losses, theta)[0]

    def accuracy(self, theta):
        """The share of right answers: (..., D) -> (...)."""

        def shares(theta, inputs, labels):
            right = self._logits(theta, inputs).argmax(-1) == labels
            return [right.flatten(1).to(theta.dtype).mean(1)]

        with pytorch().inference_mode():
            return self._each(shares, theta)[0]

    def grad(self, theta):
        """The gradient of the loss: (..., D) -> (..., D)."""
        return self._each(self._gradients, theta)[0]

    def hvp(self, theta, u):
        """The Hessian of the loss times u: (..., D), (..., D) -> (..., D)."""

        def products(theta, u, inputs, labels):
            g, = self._gradients(theta, inputs, labels, create_graph=True)
            return _bend(g, theta, u)

        return self._each(products, theta, u)[0]

    def top_eigenvalue(self, theta, iterations=30):
        """u . H u after so many rounds of u <- H u / |H u|: (..., D) -> (...)."""
        check_count("iterations", iterations)
        u = np.random.default_rng(0).standard_normal(np.shape(theta)[-1])

        def rounds(theta, u, inputs, labels):
            g, = self._gradients(theta, inputs, labels, create_graph=True)
            for _ in range(iterations):
                last = u / u.norm(dim=1, keepdim=True)
                u, = _bend(g, theta, last, retain_graph=True)
            return [(last * u).sum(1)]

        return self._each(rounds, theta, u)[0]

    def diagonal(self, theta):
        """Estimate the Hessian's diagonal from labels that the model draws: N g * g.

        N: how many labels. g: the gradient of the mean loss over the drawn labels. The draws depend
        on (seed, t) only. On average it is the diagonal of the Gauss-Newton matrix, never negative.
        Source: Liu et al. 2024 (Sophia), the Gauss-Newton-Bartlett estimator. arXiv:2305.14342
        """
        size = self.labels.shape[len(self.grid):]
        heights = [np.random.default_rng(draw).random(size) for draw in self.draws]

        def squares(theta, inputs, heights):
            with pytorch().no_grad():
                chances = self._logits(theta, inputs).softmax(-1)
            drawn = (chances[..., :-1].cumsum(-1) < heights[..., None]).sum(-1)
            g, = self._gradients(theta, inputs, drawn)
            return [prod(size) * g * g]

        return self._each(squares, theta, labels=np.reshape(heights, self.labels.shape))[0]

    def factors(self, theta):
        """K-FAC's [(A, S), ...], a pair per layer: (..., n, n) and (..., m, m)."""

        def flat(theta, inputs, labels):
            return [one for pair in self.kronecker(self._parts(theta), inputs) for one in pair]

        with pytorch().inference_mode():
            found = self._each(flat, theta)
        return list(zip(found[::2], found[1::2]))

    def _parts(self, theta):
        """The blocks of K networks, (K, *shape): views of theta (K, D)."""
        flat = theta.split([prod(shape) for shape in self.shapes], 1)
        return [part.view(-1, *shape) for part, shape in zip(flat, self.shapes)]

    def _logits(self, theta, inputs):
        return self.forward(self._parts(theta), inputs)

    def _losses(self, theta, inputs, labels):
        return self.price(self._logits(theta, inputs), labels).flatten(1).mean(1)

    def _gradients(self, theta, inputs, labels, **how):
        losses = self._losses(theta.requires_grad_(), inputs, labels)
        return pytorch().autograd.grad(losses.sum(), theta, **how)  # loss k knows theta[k] alone

    def _each(self, function, *points, labels=None):
        """function(*tensors (k, D), inputs, labels) -> [(k, ...), ...], over the grid in parts."""
        points = [np.asarray(p) for p in points]
        kind = np.float32 if points[0].dtype == np.float32 else np.float64
        grid = np.broadcast_shapes(self.grid, *(p.shape[:-1] for p in points))
        points = [_tensor(p, kind, grid, p.shape[-1:]) for p in points]
        examples = [self.inputs, self.labels if labels is None else labels]
        alike = not self.grid  # else every seed sees its own examples, in each run of the grid
        examples = [_tensor(a, kind) if alike else _tensor(a, kind, grid, a.shape[1:])
                    for a in examples]
        size = max(1, self.room // self.labels.shape[len(self.grid)])
        parts = [slice(k, k + size) for k in range(0, len(points[0]), size)]
        done = [function(*(p[part] for p in points), *(a if alike else a[part] for a in examples))
                for part in parts]
        whole = [parts[0].numpy() if len(parts) == 1 else
                 np.concatenate([part.numpy() for part in parts]) for parts in zip(*done)]
        return [a.reshape((*grid, *a.shape[1:]))[()] for a in whole]


def cross_entropy(logits, labels):
    """-log of the chance that logits (K, n, ..., classes) give to the labels: (K, n, ...)."""
    return pytorch().nn.functional.cross_entropy(
        logits.movedim(-1, 1), labels.expand(logits.shape[:-1]), reduction="none")


def _bend(g, theta, u, **how):
    """The Hessian times u, from the gradient g at theta: the gradient of g . u.

    autograd.grad(g, theta, u) gives the same, but it makes torch import a compiler.
    """
    return pytorch().autograd.grad((g * u).sum(), theta, **how)


def _tensor(array, kind, grid=None, rest=()):
    """Make a tensor of an array without copying it, where possible.

    Fractions become the dtype `kind`; the axes of a grid are flattened into one.
    """
    if array.dtype.kind == "f":
        array = array.astype(kind, copy=False)
    if grid is not None:
        if array.shape != (*grid, *rest):
            array = np.broadcast_to(array, (*grid, *rest))
        array = array.reshape(-1, *rest)
    if not (array.flags.c_contiguous and array.flags.writeable):    # no tensor is read-only
        array = array.copy()
    return pytorch().from_numpy(array)


@lru_cache
def pytorch():
    """torch, imported when it is first used: a slow import.

    On one thread: products as small as these lose more by being shared out than they gain, and two
    notebooks side by side would fight for the cores.
    """
    import torch

    torch.set_num_threads(1)
    return torch
