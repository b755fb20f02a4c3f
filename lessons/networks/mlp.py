"""The plainest network: linear layers, and ReLU between them."""

from functools import partial
from math import prod, sqrt

from lessons.networks.network import pytorch


def mlp(*sizes):
    """shapes, begin, forward and factors of a network with so many units; see network().

    sizes: inputs, units of each hidden layer, classes. Blocks: weights (out, in) and biases (out,)
    of each layer, as in torch.nn.Linear.
    """
    shapes = [shape for n, m in zip(sizes, sizes[1:]) for shape in ((m, n), (m,))]
    return {"shapes": shapes, "begin": partial(begin, shapes), "forward": forward,
            "factors": factors}


def begin(shapes, rng):
    """First weights and biases, uniform within 1 / sqrt(inputs), as torch's layers have them.

    shapes: of weights (out, in, ...) and of biases (out,), in turn.
    """
    widths = [1 / sqrt(prod(weights[1:])) for weights in shapes[::2] for _ in ("weights", "biases")]
    return [rng.uniform(-width, width, shape) for width, shape in zip(widths, shapes)]


def forward(parts, inputs):
    """Logits (K, n, classes) of K networks. inputs: (n, in) or (K, n, in)."""
    return layers(parts, inputs)[-1][1].transpose(1, 2)


def layers(parts, inputs):
    """Each layer's input a and its output s before ReLU: [(a, s), ...], each (K, units, n)."""
    passed, a = [], inputs.expand(len(parts[0]), *inputs.shape[-2:]).transpose(1, 2)
    for W, b in zip(parts[::2], parts[1::2]):
        s = linear(W, b, a)
        passed.append((a, s))
        a = s.relu()
    return passed


def linear(W, b, columns):
    """W a + b for each column a: (K, in, n) -> (K, out, n).

    With one column per example, the product gives the gradient of W in W's own memory layout, so
    that torch does not copy it.
    """
    return pytorch().baddbmm(b[..., None], W, columns)


def factors(parts, inputs):
    """K-FAC's factors [(A, S), ...] of each layer: A (K, in + 1, in + 1), S (K, out, out).

    A: the mean of a a^T over the examples, where a ends with a 1 for the bias. S: the mean of
    g g^T, where g is the gradient of one example's loss at s. The label is not drawn from the
    model's chances p: S is the expectation over all labels. Label c has g = p - e_c at the top.
    Source: Martens & Grosse 2015. arXiv:1503.05671
    """
    torch, passed, pairs = pytorch(), layers(parts, inputs), []
    p = passed[-1][1].softmax(1)[:, None]  # (K, 1, classes, n)
    labels = torch.eye(p.shape[2], dtype=p.dtype)[..., None]
    g = (p - labels) * p.transpose(1, 2).sqrt()  # (K, labels, classes, n)
    for (a, s), W in zip(reversed(passed), reversed(parts[::2])):
        n = s.shape[-1]
        a1 = torch.cat([a, torch.ones_like(a[:, :1])], 1)
        pairs.append((a1 @ a1.mT / n, (g @ g.mT).sum(1) / n))
        g = W.mT[:, None] @ g * (a > 0)[:, None]  # a is positive where the sum before ReLU was
    return pairs[::-1]
