"""Which word comes next? Two tables in NumPy, whose rows are touched as often as their words."""

import re
from collections import Counter
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.networks.characters import TEXT
from lessons.networks.network import batches, seeds_of
from lessons.surfaces import Surface

VOCABULARY = 1000


@lru_cache
def words():
    """The same English as text(), word by word: (vocabulary, pairs), read-only.

    vocabulary: the 1,000 most frequent words, the most frequent first. pairs: (38305, 2) whole
    numbers, places in the vocabulary: a word and the one after it, wherever both are in it.
    """
    read = re.findall("[a-z]+", TEXT.read_text(encoding="ascii").lower())
    vocabulary = tuple(word for word, _ in Counter(read).most_common(VOCABULARY))
    place = {word: i for i, word in enumerate(vocabulary)}
    pairs = [(place[a], place[b]) for a, b in zip(read, read[1:]) if a in place and b in place]
    pairs = np.array(pairs)
    pairs.flags.writeable = False
    return vocabulary, pairs


@lru_cache
def followers():
    """(1000, 1000), read-only: how often each word (row) is followed by each word (column)."""
    counts = np.zeros((VOCABULARY, VOCABULARY), np.float32)
    np.add.at(counts, tuple(words()[1].T), 1)
    counts.flags.writeable = False
    return counts


def words_softmax(batch=None, seed=0, dtype=np.float32, *, width=16) -> Surface:
    """Which word comes next? The mean cross-entropy of two tables with a row for each word.

    theta: (..., 33000) for width 16, laid out flat: a word's row of the first table, `width`
    numbers, times each row of the second (1000, width), plus a bias (1000,), scores all words.
    The first starts normal with deviation 0.3, the second with 0.1, the bias at 0.
    batch: None: every gradient is exact. A number: step t sees the gradient of so many pairs, drawn
    without replacement from default_rng((seed, t)); in the first table it is 0 but in the rows of
    their words. The loss on record is always that of all 38,305 pairs.
    seed: a number, or a sequence of S of them: start and gradients are (S, D), for S trainings.
    Raises ValueError where the batch does not fit the text.
    """
    _, pairs = words()
    rows = batches(len(pairs), batch, seed)
    seeds, grid = seeds_of(seed)

    def at(t):
        seen = [_seen(pairs[row]) for row in np.atleast_2d(rows(t))]
        return replace(surface, at=None, **_cross_entropy(seen))

    tables = [np.concatenate([deviation * rng.standard_normal(VOCABULARY * width)
                              for deviation in (0.3, 0.1)] + [np.zeros(VOCABULARY)])
              for rng in map(np.random.default_rng, seeds)]
    table = (VOCABULARY, width)
    surface = Surface(
        "Words", **_cross_entropy([(np.arange(VOCABULARY), followers())]), hess=None, window=None,
        start=np.reshape(tables, (*grid, -1)).astype(dtype), minima=(),
        shape=(table, table, (VOCABULARY,)), at=rows and at,
    )
    return surface


def words_losses(theta):
    """The mean loss after each word of the vocabulary, 0 after one that nothing follows.

    theta: (..., D) -> (..., 1000).
    """
    everywhere, counts = np.arange(VOCABULARY), followers()
    losses = _each(theta, lambda parts, _: _losses(*parts, everywhere, counts), (VOCABULARY,))
    return losses / np.maximum(1, counts.sum(-1))


def _cross_entropy(examples):
    """loss and grad of the mean over some pairs; examples: one for all runs, or one per seed.

    An example is (rows, counts): the words (n,), and how often each other word follows (n, 1000).
    """
    S = len(examples)

    def wide(theta):        # a point that meets several batches has several gradients
        theta = np.asarray(theta)
        return theta if S == 1 else np.broadcast_to(theta, np.broadcast_shapes(theta.shape, (S, 1)))

    def loss(theta):
        def of(parts, run):
            rows, counts = examples[run % S]
            return _losses(*parts, rows, counts).sum() / counts.sum()

        return _each(wide(theta), of, ())

    def grad(theta):
        theta = wide(theta)

        def of(parts, run):
            return _gradient(*parts, *examples[run % S])

        return _each(theta, of, theta.shape[-1:])

    return {"loss": loss, "grad": grad}


def _each(theta, function, shape):
    """function((E, W, b), run) for the tables of each run of a grid: one by one they fit the cache.

    run: its place on the grid's last axis, which is that of the seeds.
    """
    theta = np.asarray(theta)
    theta = theta if theta.dtype == np.float32 else theta.astype(float)
    out = np.empty((*theta.shape[:-1], *shape), theta.dtype)
    for run in np.ndindex(theta.shape[:-1]):
        E, W = theta[run][:-VOCABULARY].reshape(2, VOCABULARY, -1)
        out[run] = function((E, W, theta[run][-VOCABULARY:]), run[-1] if run else 0)
    return out


def _scores(E, W, b, rows):
    """A score for each next word, (n, 1000), the highest 0: exp would overflow without."""
    scores = _product(E[rows], W.T)
    scores += b
    scores -= scores.max(-1, keepdims=True)
    return scores


def _losses(E, W, b, rows, counts):
    """The loss of each row, summed over the words that follow it: (n,)."""
    scores = _scores(E, W, b, rows)
    return counts.sum(-1) * np.log(np.exp(scores).sum(-1)) - (counts * scores).sum(-1)


def _gradient(E, W, b, rows, counts):
    """The gradient of the mean loss by E, W and b, laid out flat."""
    often, surprise = counts.sum(-1, keepdims=True), _scores(E, W, b, rows)
    np.exp(surprise, out=surprise)
    surprise *= often / surprise.sum(-1, keepdims=True)     # chances, times how often
    surprise -= counts
    surprise /= often.sum()
    by_E = np.zeros_like(E)
    np.add.at(by_E, rows, _product(surprise, W))        # a word may be there twice
    by_W = _product(surprise.T, E[rows])
    return np.concatenate([by_E.ravel(), by_W.ravel(), surprise.sum(0)])


def _product(A, B):
    """A @ B, in pieces so small that one core takes them: several would wait for each other."""
    rows = max(1, 2**18 // (len(B) * B.shape[1]))
    rows = max(n for n in range(1, min(rows, len(A)) + 1) if len(A) % n == 0)
    return (A.reshape(-1, rows, len(B)) @ B).reshape(len(A), -1)


def _seen(pairs):
    """(first words, counts (n, VOCABULARY) of the words that follow): the form of examples."""
    counts = np.zeros((len(pairs), VOCABULARY), np.float32)
    counts[np.arange(len(pairs)), pairs[:, 1]] = 1
    return pairs[:, 0], counts
