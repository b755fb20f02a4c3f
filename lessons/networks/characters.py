"""Which character comes next? A small transformer and a recurrent network on real English text."""

from functools import lru_cache, partial
from math import sqrt
from pathlib import Path

import numpy as np
from numpy.lib.stride_tricks import sliding_window_view

from lessons.networks.network import Network, network, pytorch

TEXT = Path(__file__).with_name("data") / "python.txt"
RECORD = 64  # windows of the training text that the loss on record sees
ROOM = 128  # windows times networks in one go: more would leave the processor's cache


@lru_cache
def text():
    """How Python explains itself, 294 kB of English: (alphabet, train, test), read-only.

    alphabet: a string of 94 characters. train, test: whole numbers, places in the alphabet. The
    last tenth of the text is the test.
    Source: the reference topics of Python 3.11.7; data/ORIGIN.txt says what was left out.
    """
    characters = np.frombuffer(TEXT.read_text(encoding="ascii").encode(), np.uint8)
    alphabet, numbers = np.unique(characters, return_inverse=True)
    numbers.flags.writeable = False
    cut = len(numbers) * 9 // 10
    return alphabet.tobytes().decode(), numbers[:cut], numbers[cut:]


def char_transformer(
    batch=16, seed=0, dtype=np.float32, *, norm="pre", layers=2, width=32, heads=4, context=32,
) -> Network:
    """Which character comes next? A transformer that reads `context` characters at once.

    theta: (..., D); 32,606 numbers with norm="pre", 32,542 with "post". norm: where the layer norm
    stands, see transformer(). width: numbers per character, shared out to the heads.
    It starts as torch's own layers do, except for its tables of characters and of places, which are
    normal with deviation 0.3 and 0.1. In 300 steps pre-LN gets less far with 1, as in torch, and
    with 0.02, as in GPT-2. The lr from which post-LN needs a warm-up depends on the start as well.
    batch, seed, dtype: see network(). An example is a window of the training text, at any place;
    the loss on record is that of 64 windows, evenly spread, and batch=None takes the gradient
    there. Raises ValueError where norm is unknown or the heads can't share the width.
    """
    if norm not in ("pre", "post"):
        raise ValueError(f'norm must be "pre" or "post"; got {norm!r}')
    if heads < 1 or width % heads:
        raise ValueError(f"width must be a multiple of heads; got {width} and {heads}")
    letters, d = len(text()[0]), width

    def begin(rng):
        sizes = ((0.3, letters), (0.1, context))
        blocks = [size * rng.standard_normal((rows, d)) for size, rows in sizes]
        still = [np.ones(d), np.zeros(d)]  # a layer norm's gain and bias
        for _ in range(layers):
            W = rng.uniform(-1, 1, (3 * d, d)) * sqrt(6 / (3 * d + d))
            blocks += [W, np.zeros(3 * d), _layer(rng, d, d)[0], np.zeros(d), *still]
            blocks += [*_layer(rng, d, 4 * d), *_layer(rng, 4 * d, d), *still]
        return [*blocks, *still * (norm == "pre"), *_layer(rng, d, letters)]

    forward = partial(transformer, norm=norm, heads=heads)
    return _on_text(f"Text, {norm}-LN transformer", begin, forward, context, batch, seed, dtype)


def char_rnn(batch=16, seed=0, dtype=np.float32, *, cell="tanh", width=48, context=48) -> Network:
    """Which character comes next? A recurrent network: it reads one character after the other.

    theta: (..., D); 11,470 numbers with cell="tanh", 32,062 with "lstm". width: numbers that it
    remembers. Its weights and biases start uniform within 1 / sqrt(inputs); a character is one
    input, where torch takes 1 / sqrt(width). batch, seed, dtype, loss: see char_transformer().
    Raises ValueError where the cell is unknown.
    """
    if cell not in CELLS:
        raise ValueError(f"cell must be one of {', '.join(CELLS)}; got {cell!r}")
    letters, (rule, gates) = len(text()[0]), CELLS[cell]

    def begin(rng):
        table = rng.uniform(-1, 1, (letters, gates * width))
        return [table, *_layer(rng, width, gates * width), *_layer(rng, width, letters)]

    forward = partial(rnn, cell=rule)
    return _on_text(f"Text, {cell} RNN", begin, forward, context, batch, seed, dtype)


def transformer(parts, inputs, *, norm, heads):
    """Logits (K, n, T, letters) of K transformers. inputs: characters, (n, T) or (K, n, T).

    Each layer adds to x what two branches make of it: attention, which takes from the characters
    before, and feed_forward, which treats each character by itself.
    norm="post": then it norms the sum, as in Vaswani et al. 2017. arXiv:1706.03762
    norm="pre": only what enters a branch is normed, and x once before the end.
    Source: Xiong et al. 2020. arXiv:2002.04745
    As torch.nn.TransformerEncoderLayer with norm_first=(norm == "pre"), no dropout, and a mask.
    """
    table, places, *blocks = parts
    x = look_up(table, inputs) + places[:, None, : inputs.shape[-1]]
    while len(blocks) > 4:
        for branch in (partial(attention, heads=heads), feed_forward):
            *weights, gain, bias = blocks[:6]
            if norm == "pre":
                x = x + branch(layer_norm(x, gain, bias), *weights)
            else:
                x = layer_norm(x + branch(x, *weights), gain, bias)
            blocks = blocks[6:]
    if norm == "pre":
        x = layer_norm(x, *blocks[:2])
    return linear(x, *blocks[-2:])


def attention(x, W, b, W_out, b_out, *, heads):
    """Causal self-attention: each character takes a mean over those up to itself, in which a value
    counts more where its key matches the character's query.
    """
    torch, T = pytorch(), x.shape[-2]
    query, key, value = linear(x, W, b).unflatten(-1, (3, heads, -1)).permute(3, 0, 1, 4, 2, 5)
    match = query / sqrt(query.shape[-1]) @ key.mT  # (K, n, heads, T, T)
    unseen = match.new_full((T, T), -torch.inf).triu(1)  # what comes later
    shares = (match + unseen).softmax(-1)
    return linear((shares @ value).transpose(2, 3).flatten(-2), W_out, b_out)


def feed_forward(x, W1, b1, W2, b2):
    """Two linear layers with ReLU between them, at each character by itself."""
    return linear(linear(x, W1, b1).relu(), W2, b2)


def rnn(parts, inputs, *, cell):
    """Logits (K, n, T, letters) of K recurrent networks. inputs: characters, (n, T) or (K, n, T).

    cell(sums, c) -> (h, c): the output at a character, and the memory that is not put out.
    As torch.nn.RNN and torch.nn.LSTM on one-hot characters: `table` holds their input weights, a
    row per character; one bias does the work of their two.
    """
    table, W, b, W_out, b_out = parts
    given = look_up(table, inputs) + b[:, None, None]
    h = c = given.new_zeros(*given.shape[:2], W.shape[-1])
    outputs = []
    for now in given.unbind(2):
        h, c = cell(now + h @ W.mT, c)
        outputs.append(h)
    return linear(pytorch().stack(outputs, 2), W_out, b_out)


def tanh_cell(sums, c):
    """The plain recurrent cell, which has no memory besides its output. Source: Elman 1990."""
    return sums.tanh(), c


def lstm_cell(sums, c):
    """Three gates share out what enters the memory c, what stays in it, and what h shows of it.

    Source: Gers et al. 2000.
    """
    enter, stay, new, say = sums.chunk(4, -1)
    c = stay.sigmoid() * c + enter.sigmoid() * new.tanh()
    return say.sigmoid() * c.tanh(), c


CELLS = {"tanh": (tanh_cell, 1), "lstm": (lstm_cell, 4)}  # and sums per unit


def look_up(table, inputs):
    """The row of each character, in each network's own table: (K, letters, d) -> (K, n, T, d)."""
    torch, (K, letters, _) = pytorch(), table.shape
    return torch.nn.functional.embedding(
        inputs + letters * torch.arange(K)[:, None, None], table.flatten(0, 1)
    )


def linear(x, W, b):
    """x (K, n, T, in) -> (K, n, T, out), with W (K, out, in): one product for all T and n."""
    rows = pytorch().baddbmm(b[:, None], x.flatten(1, 2), W.mT)
    return rows.unflatten(1, x.shape[1:3])


def layer_norm(x, gain, bias):
    """Mean 0 and variance 1 over the last axis, then each network's own gain and bias."""
    normed = pytorch().nn.functional.layer_norm(x, x.shape[-1:])
    return normed * gain[:, None, None] + bias[:, None, None]


def _layer(rng, n, m):
    """The first weights and biases of a layer from n to m numbers, as in torch.nn.Linear."""
    return [rng.uniform(-1, 1, shape) / sqrt(n) for shape in ((m, n), (m,))]


def _on_text(name, begin, forward, T, batch, seed, dtype):
    """A Network of windows of T characters, each labelled with the one that comes next."""
    _, train, test = text()
    shapes = [block.shape for block in begin(np.random.default_rng(0))]
    windows, held_out = (sliding_window_view(part, T + 1) for part in (train, test))
    record = windows[np.linspace(0, len(windows) - 1, RECORD).astype(int)]
    train, record, test = ((w[:, :-1], w[:, 1:]) for w in (windows, record, held_out[::T]))
    return network(
        name, shapes, begin, forward, train, test, record=record,
        batch=batch, seed=seed, dtype=dtype, room=ROOM,
    )
