"""Who learns what follows a rare word? Runs that take minutes: their numbers and their code.

The numbers lie in rare_words.json beside this file. To make them anew, in about 3 minutes:
    python -c "from lessons.experiments.rare_words import record; record()"
"""
import json
from dataclasses import replace
from functools import lru_cache, partial
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge
from lessons.experiments.protocol import decimals, span, table
from lessons.networks import words, words_losses, words_softmax
from lessons.steps import adagrad, gradient_descent, momentum, rmsprop

__all__ = ["rare_words", "turned_words"]
FILE = Path(__file__).with_name("rare_words.json")
STEPS, BATCH, RARE = 300, 64, 10        # a word is rare if the text has it fewer than RARE times
SETS = [(1, 2), (11, 12), (21, 22)]     # of seeds; learning rates are chosen on seed 0
SHAPE = 165, 200                        # the 33,000 parameters, laid out to be turned


def one_clock(surface, theta, t=0, *, lr=40.0):
    """Gradient descent whose rate falls for all parameters alike: lr over the root of the step."""
    t = t + 1
    return theta - np.asarray(lr / t**0.5, theta.dtype) * surface.grad(theta), t


def own_clocks(surface, theta, n=0.0, *, lr=40.0):
    """Gradient descent with lr over the root of how often *this* parameter's gradient was not 0."""
    g = surface.grad(theta)
    n = n + (g != 0)
    return theta - lr * g / np.sqrt(np.maximum(n, 1)).astype(theta.dtype), n


RULES = {       # name -> (step, the middle of five learning rates, in factors of 2)
    "Gradient descent, lr / sqrt t": (one_clock, 40.0),
    "Gradient descent": (gradient_descent, 10.0),
    "Momentum": (momentum, 1.0),
    "Own clocks, lr / sqrt n": (own_clocks, 40.0),
    "Adagrad": (adagrad, 0.3),
    "RMSprop, beta2 0.99": (partial(rmsprop, beta2=0.99), 0.03),
}
TURNED = ["Gradient descent", "Adagrad", "RMSprop, beta2 0.99"]


def turned(surface, seed=0):
    """(The surface in coordinates z that are turned at random, the function z -> theta = Q z).

    Q lays z out as a matrix of SHAPE and multiplies it by a random orthogonal matrix from either
    side, so that every entry of theta is a sum over all of z. The gradient by z is Q^T times g.
    """
    rng = np.random.default_rng(seed)
    left, right = (np.linalg.qr(rng.standard_normal((n, n)))[0].astype(np.float32) for n in SHAPE)

    def there(z):       # theta = Q z
        return (left @ np.reshape(z, (*np.shape(z)[:-1], *SHAPE)) @ right).reshape(np.shape(z))

    def back(theta):    # z = Q^T theta
        wide = np.reshape(theta, (*np.shape(theta)[:-1], *SHAPE))
        return (left.T @ wide @ right.T).reshape(np.shape(theta))

    def seen(now):
        return replace(now, loss=lambda z: now.loss(there(z)), shape=None,
                       grad=lambda z: back(now.grad(there(z))))

    at = surface.at and (lambda t: seen(surface.at(t)))
    return replace(seen(surface), start=back(surface.start), at=at), there


def rare_loss(theta):
    """The mean loss after the words that the text has fewer than RARE times: (..., D) -> (...)."""
    count = np.bincount(words()[1][:, 0], minlength=1000)
    rare = (count > 0) & (count < RARE)
    return words_losses(theta)[..., rare] @ count[rare] / count[rare].sum()


def train(rule, lr, seeds, is_turned=False, steps=STEPS):
    """(losses after rare words (S,), losses after all words (S,)) of one rule at one rate."""
    surface, there = words_softmax(batch=BATCH, seed=seeds), np.asarray
    if is_turned:
        surface, there = turned(surface)
    run = descend(surface, rule, steps=steps, every=steps, lr=np.float32(lr))
    return rare_loss(there(run.theta[-1])), run.loss[-1]


def record(file=FILE):
    """Choose each rule's rate on seed 0, by the loss after all words, train, and write it down."""
    runs = []
    for name, (rule, about) in RULES.items():
        for is_turned in [False, True][: 1 + (name in TURNED)]:
            rates = about * 2.0 ** np.arange(-2, 3)
            tried = [train(rule, lr, (0,), is_turned)[1][0] for lr in rates]
            best = int(np.nanargmin(tried))
            found = [train(rule, rates[best], seeds, is_turned) for seeds in SETS]
            runs.append({"rule": name, "turned": is_turned, "lr": rates[best],
                         "at edge": best in (0, 4), "tried": decimals(tried),
                         "rare": decimals([rare for rare, _ in found]),
                         "all": decimals([loss for _, loss in found])})
            print(runs[-1], flush=True)
    file.write_text("[" + ",\n".join(map(json.dumps, runs)) + "]\n", encoding="utf-8")


@lru_cache
def recorded():
    """[a row for each rule, plain and turned]: its lr, and losses as (sets, seeds of a set)."""
    return json.loads(FILE.read_text(encoding="utf-8"))


def of(rule, what="rare", is_turned=False):
    """Three numbers: a rule's mean loss after "rare" or "all" words in each set of seeds."""
    row, = (row for row in recorded() if (row["rule"], row["turned"]) == (rule, is_turned))
    return [float(np.mean(losses)) for losses in row[what]]


def rare_words(rules=tuple(RULES)):
    """What does each rule make of rare words, after 300 mini-batches of 64?

    words_softmax learns which word comes next. rare words: the mean loss after those that the text
    has fewer than ten times; all words: the loss that is trained. From the lowest to the highest of
    three sets of two seeds, each rule at the best of five learning rates, chosen on another seed.
    """
    best = {row["rule"]: row["lr"] for row in recorded() if not row["turned"]}

    def measure(rule):
        return {"best lr": best[rule], "rare words": span(of(rule), 2),
                "all words": span(of(rule, "all"), 2)}

    return table(measure, [{"rule": name} for name in rules], **PROTOCOL)


def turned_words(rules=tuple(TURNED)):
    """What is left of that if the parameters' coordinates are turned at random?

    The model is the same: theta = Q z with an orthogonal Q, and the rule moves z; see turned. Its
    rate is chosen anew there. rare, all: the mean losses after rare words and after all words.
    """
    def measure(rule):
        return {f"{what}{', turned' * is_turned}": span(of(rule, what, is_turned), 2)
                for what in ("rare", "all") for is_turned in (False, True)}

    return table(measure, [{"rule": name} for name in rules], **PROTOCOL)


PROTOCOL = {"starts": "the network's first weights, by seed", "seeds": SETS,
            "grid": "5 learning rates in factors of 2",
            "budget": f"{STEPS} mini-batches of {BATCH}",
            "criterion": "mean loss, lowest to highest of three sets"}


def claims():
    """What the lesson claims about rare words, as a list."""
    how = {"seeds": SETS, "budget": PROTOCOL["budget"], "criterion": "mean loss after rare words",
           "referee": "mean of two runs a set",
           "where": "On a real network: who learns rare words?",
           "at_edge": any(row["at edge"] for row in recorded())}
    return [
        judge("After rare words a clock for each parameter ends lower than one clock for all.",
              of("Own clocks, lr / sqrt n"), of("Gradient descent, lr / sqrt t"), **how,
              told="loss {lower} with own clocks, lr / sqrt n; {higher} with one, lr / sqrt t",
              limits="one small model, training loss"),
        judge("After rare words Adagrad ends at a lower loss than gradient descent.",
              of("Adagrad"), of("Gradient descent"), **how,
              told="loss {lower} with Adagrad; {higher} with gradient descent",
              limits="one small model, training loss"),
        judge("In coordinates turned at random Adagrad still ends lower after rare words than "
              "gradient descent.",
              of("Adagrad", is_turned=True), of("Gradient descent", is_turned=True), **how,
              told="loss {lower} with Adagrad; {higher} with gradient descent",
              limits="Adagrad is only a little behind; one random turn"),
    ]
