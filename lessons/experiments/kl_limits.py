"""What does a limit on the KL divergence of a step do on a network, and on a policy?"""

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import judge, known
from lessons.experiments.protocol import table, whole
from lessons.networks import digits
from lessons.steps import adam
from lessons.surfaces import Surface

__all__ = ["pixels_in_other_units", "policy_updates"]
SETS = ((0,), (11,), (20,))    # at seed 10 a run of Adam depends on how a processor rounds
HIDDEN, IMAGES = 16, 300
RATES = np.geomspace(0.02, 0.5, 8)      # of Adam
WHERE = "On a real network: what does freedom from units cost?"


@dataclass(frozen=True, eq=False)
class Model(Surface):
    """A Surface that also knows its model's answers.

    product: (theta, u) -> F u, with labels that the model draws. divergence: (theta, other) -> the
    mean KL divergence of the answers, in nats.
    """

    product: object = None
    divergence: object = None


def digits_model(seed=0, unit=1.0, images=IMAGES, hidden=HIDDEN):
    """Which digit is it? A network with tanh, whose pixels go from 0 to `unit`, as a Model.

    theta: W (64, hidden), b (hidden,), V (hidden, 10), c (10,), laid out flat. In another unit the
    starting W is divided by it, and so the first answers are the same.
    """
    X, truth = digits()[0][:images] * unit, np.eye(10)[digits()[1][:images]]
    shapes = (64, hidden), (1, hidden), (hidden, 10), (1, 10)
    cuts = np.cumsum([np.prod(shape) for shape in shapes])[:-1]

    def parts(theta):
        return [part.reshape(*theta.shape[:-1], *shape)
                for part, shape in zip(np.split(theta, cuts, axis=-1), shapes)]

    def answers(theta):
        """The hidden units' outputs (..., n, hidden), and the logs of the chances (..., n, 10)."""
        W, b, V, c = parts(theta)
        a = np.tanh(X @ W + b)
        z = a @ V + c
        z = z - z.max(axis=-1, keepdims=True)
        return a, z - np.log(np.exp(z).sum(axis=-1, keepdims=True))

    def backward(theta, a, error):
        """The gradient of theta from that of the logits, (..., n, 10); the mean over the images."""
        before = (error @ parts(theta)[2].swapaxes(-1, -2)) * (1 - a * a)
        found = (X.T @ before, before.sum(axis=-2), a.swapaxes(-1, -2) @ error,
                 error.sum(axis=-2))
        return np.concatenate([part.reshape(*theta.shape[:-1], -1) for part in found], -1) / len(X)

    def loss(theta):
        return -(answers(theta)[1] * truth).sum(axis=-1).mean(axis=-1)

    def grad(theta):
        a, log_p = answers(theta)
        return backward(theta, a, np.exp(log_p) - truth)

    def product(theta, u):
        a, log_p = answers(theta)
        W, b, V, c = parts(u)
        change = ((X @ W + b) * (1 - a * a)) @ parts(theta)[2] + a @ V + c      # of the logits
        p = np.exp(log_p)
        return backward(theta, a, p * (change - (p * change).sum(axis=-1, keepdims=True)))

    def divergence(theta, other):
        log_p, log_q = answers(theta)[1], answers(other)[1]
        return (np.exp(log_p) * (log_p - log_q)).sum(axis=-1).mean(axis=-1)

    rng = np.random.default_rng(seed)
    start = [rng.uniform(-1, 1, shape) / np.sqrt(n) for shape, n in zip(shapes, (64, 64, hidden,
                                                                                 hidden))]
    start[0] /= unit
    return Model(
        "Digits, in nats", loss, grad, None, None,
        tuple(np.concatenate([part.ravel() for part in start])), (),
        product=product, divergence=divergence)


def solved(product, g, rounds):
    """About F^-1 g, by so many rounds of conjugate gradients, a product with F each."""
    d, rest, way = np.zeros_like(g), g, g
    for _ in range(rounds):
        F_way = product(way)
        t = (rest @ rest) / (way @ F_way)
        d, last, rest = d + t * way, rest, rest - t * F_way
        way = rest + (rest @ rest) / (last @ last) * way
    return d


def trpo(surface, theta, *, delta=0.1, rounds=10, damping=1e-4):
    """The KL step from products with F alone, halved until the measured KL is at most delta.

    surface: with product and divergence, such as digits_model(). theta: (D,). F^-1 g is found by
    `rounds` of conjugate gradients. A step that raises the loss is halved, too. A point
    without a gradient has no direction: nan.
    Source: Schulman et al. 2015, appendix C. arXiv:1502.05477.
    """
    g = surface.grad(theta)
    d = solved(lambda u: surface.product(theta, u) + damping * u, g, rounds)
    step = np.sqrt(2 * delta / (g @ d)) * d
    while (surface.divergence(theta, theta - step) > delta
           or surface.loss(theta - step) > surface.loss(theta)):
        step = step / 2
    return theta - step


RULES = {       # name -> what it asks of trpo
    "KL step, 10 products": dict(delta=0.1, rounds=10),
    "KL step, 100 products": dict(delta=0.1, rounds=100),
    "Adam, tuned for each unit": None,
}
UNITS = {"pixels to 1": 1.0, "pixels to 16": 16.0}


@lru_cache
def pixels_in_other_units(rules=tuple(RULES), target=0.1):
    """How many steps bring the training loss to the target, with pixels to 1 and to 16?

    rules: names of RULES. The slowest of three first weights; those of the pixels are divided by 16
    for pixels to 16, so that each pair of runs begins with the same answers. KL step: delta 0.1.
    Adam: the best of 8 lrs, by seed and unit. price: gradients of the slowest run, a product with F
    as two; the trials of a halving are not counted.
    """
    def measure(rule):
        steps = {unit: max(steps_on_digits(rule, unit, target)) for unit in UNITS}
        knobs = RULES[rule]
        each = price(knobs["rounds"]) if knobs else 1
        return {**{unit: whole(count) for unit, count in steps.items()},
                **{f"price, {unit.split()[1]} {unit.split()[2]}": whole(count * each)
                   for unit, count in steps.items()}}

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS,
                 starts="first weights, by seed", grid="8 lrs from 0.02 to 0.5",
                 budget="100 steps of Adam, 25 of the others",
                 criterion=f"first step at which the loss is {target} or below")


def price(rounds):
    """What a step of trpo costs in gradients: its own, and two for each product."""
    return 2 * rounds + 1


@lru_cache
def steps_on_digits(rule, unit, target=0.1):
    """The steps, by seed, that a rule of RULES needs in one of UNITS; inf beyond the budget."""
    knobs = RULES[rule]
    if knobs:
        return [stop_below(digits_model(seed, UNITS[unit]), target, **knobs) for (seed,) in SETS]
    return [float(adam_steps(seed, UNITS[unit], RATES, target).min()) for (seed,) in SETS]


def stop_below(model, target=0.1, budget=25, **knobs):
    """How many steps of trpo bring the loss to the target? inf: more than the budget."""
    theta = np.array(model.start)
    for count in range(budget + 1):
        if model.loss(theta) <= target:
            return float(count)
        theta = trpo(model, theta, **knobs)
    return np.inf


def adam_steps(seed, unit, rates, target=0.1, budget=100):
    """How many steps of Adam bring the loss to the target, by lr? inf: more than the budget."""
    loss = descend(digits_model(seed, unit), adam, steps=budget, lr=np.array(rates)[:, None]).loss
    return first_below(loss, target)


def first_below(loss, target):
    """The first step at which a loss (T+1, ...) is at or below the target; inf where none is."""
    below = loss <= target
    return np.where(below.any(axis=0), below.argmax(axis=0), np.inf)


def nats(p, new):
    """KL divergence of a policy with two actions, chances p and 1 - p, to one with new, 1 - new."""
    p, new = np.asarray(p, float), np.asarray(new, float)
    return p * np.log(p / new) + (1 - p) * np.log((1 - p) / (1 - new))


def ppo(p, *, clip=0.2, lr=0.2, epochs=1500):
    """The chance of the good action after each epoch of one PPO update: (epochs + 1, ...).

    Two actions with rewards 1 and 0, the first with the chance p = 1 / (1 + e^-z). Gradient ascent
    on the mean of min(ratio A, clip(ratio, 1 - clip, 1 + clip) A), with exact chances.
    Source: Schulman et al. 2017. arXiv:1707.06347.
    """
    p = np.asarray(p, float)
    z, seen = np.log(p / (1 - p)), [p]
    for _ in range(epochs):
        new = 1 / (1 + np.exp(-z))
        good = new / p < 1 + clip               # A > 0: pushed while its ratio is below the clip
        bad = (1 - new) / (1 - p) > 1 - clip    # A < 0: pushed down until its ratio is at the clip
        slope = new * (1 - new)                 # of the good action's chance by z
        z = z + lr * slope * ((1 - p) * good + p * bad)
        seen.append(1 / (1 + np.exp(-z)))
    return np.array(seen)


def ppo_end(p, clip=0.2):
    """Where the pushing stops, by hand: when both actions are at their clip, or at 1."""
    return np.maximum(np.minimum(1, (1 + clip) * p), 1 - (1 - clip) * (1 - p))


def trpo_end(p, delta=0.01):
    """The good action's chance after one TRPO step: F^-1 g = 1 for z, halved until KL <= delta."""
    z, step = np.log(p / (1 - p)), np.sqrt(2 * delta / (p * (1 - p)))
    while nats(p, new := 1 / (1 + np.exp(-z - step))) > delta:
        step = step / 2
    return float(new)


def policy_updates(p=(0.2, 0.5, 0.7, 0.8, 0.9), clip=0.2, delta=0.01, epochs=1500,
                   lr=0.2):
    """How far does one update of PPO, and one of TRPO, move a policy with two actions?

    p: the chance of the good action before. PPO: after so many epochs of gradient ascent on the
    logit at `lr`; derived: where it stops. The last columns: KL divergence from the old policy to
    the new one, in nats, after 10 epochs of PPO, after all of them, and after one step of TRPO.
    """
    few = min(10, epochs)

    def measure(p):
        path, bound = ppo(p, clip=clip, lr=lr, epochs=epochs), trpo_end(p, delta)
        return {"derived": float(ppo_end(p, clip)), "PPO": float(path[-1]), "TRPO": bound,
                f"KL, {few} epochs": float(nats(p, path[few])),
                "KL of PPO": float(nats(p, path[-1])), "KL of TRPO": float(nats(p, bound))}

    return table(measure, [{"p": float(chance)} for chance in np.ravel(p)], seeds="none",
                 starts="p", grid="none", budget=f"{epochs} epochs of lr {lr:g}, one step of TRPO",
                 criterion="nats")


def claims():
    """Claims on TRPO's step on the digits, and on what PPO limits."""
    steps = {(rule, unit): np.array(steps_on_digits(rule, unit)) for rule in RULES
             for unit in UNITS}
    apart = {rule: np.abs(steps[rule, "pixels to 1"] - steps[rule, "pixels to 16"]).tolist()
             for rule in ("KL step, 100 products", "Adam, tuned for each unit")}
    cheap = steps["Adam, tuned for each unit", "pixels to 1"].tolist()
    dear = (price(10) * steps["KL step, 10 products", "pixels to 1"]).tolist()
    policies = policy_updates()
    asked = dict(budget="at most 100 steps of Adam, 25 of the KL step", seeds=SETS, where=WHERE,
                 limits="one small network, 300 images, training loss; delta was not tuned")
    return [
        judge("With 100 products a step, a KL step on the digits notices the pixels' unit less "
              "than Adam.", apart["KL step, 100 products"], apart["Adam, tuned for each unit"],
              told="pixels to 16 in place of 1 change the KL step's count by {lower} steps; Adam's "
              "by {higher}", criterion="until the loss is 0.1",
              referee="one draw of first weights a set, Adam tuned for each unit", **asked),
        judge("On the digits the KL step with 10 products is cheaper than a tuned Adam.",
              dear, cheap, **asked, told="the KL step costs {lower} gradients; Adam {higher}",
              criterion="until the loss is 0.1, a product counts as two gradients",
              referee="one draw of first weights a set, Adam at the best of 8 lrs"),
        known("TRPO keeps the KL of a step below its limit.", "proved",
              f"by construction; largest of five policies {policies['KL of TRPO'].max():.6f}, "
              "with the limit 0.01", "on the data at hand; it costs products and trials", WHERE),
        known("From p > 1 / (1 + clip) PPO's clip sets no limit to the KL of an update.", "proved",
              "the pushing ends at " + ", ".join(
                  f"{end:.2f} from {p:g}" for p, end in zip(policies["p"], policies["derived"]))
              + ", and at 1 the KL is infinite",
              "from a smaller p the KL is finite, and PPO's last step may go beyond; few epochs "
              "and a small lr keep it small, and so does stopping at a target KL",
              WHERE),
    ]
