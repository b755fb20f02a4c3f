"""What the exercises about the race expect."""

from math import comb

import numpy as np

from lessons.descend import descend
from lessons.steps import gradient_descent
from lessons.surfaces import rosenbrock


def tune(last_loss, rates):
    """The rate with the lowest last loss, after the grid has grown by factors of 3 at its ends.

    A loss that is not finite is never the lowest.
    """
    best = takes_edge(last_loss, rates)
    if best == rates[0]:
        return tune(last_loss, [best / 3, *rates])
    return tune(last_loss, [*rates, best * 3]) if best == rates[-1] else best


def takes_edge(last_loss, rates):
    losses = [last_loss(lr) for lr in rates]
    return rates[int(np.argmin([loss if np.isfinite(loss) else np.inf for loss in losses]))]


def takes_nan(last_loss, rates):
    return rates[int(np.argmin([last_loss(lr) for lr in rates]))]


def grows_once(last_loss, rates):
    return takes_edge(last_loss, [rates[0] / 3, *rates, rates[-1] * 3])


def takes_loss(last_loss, rates):
    return last_loss(tune(last_loss, rates))


def valley(lr):
    """The last loss of 60 steps of gradient descent on Rosenbrock's valley."""
    return float(descend(rosenbrock(), gradient_descent, steps=60, lr=lr).loss[-1])


def comes_last(rules, steps, lr=0.002):
    """Which rule is highest on Rosenbrock's valley after so many steps at a shared lr?

    rules: name -> step. Two that are level are "A and B"; the answer to ... is ... itself.
    """
    if steps is ...:
        return steps
    losses = {name: descend(rosenbrock(), rule, steps=steps, lr=lr).loss[-1]
              for name, rule in rules.items()}
    return " and ".join(name for name in losses if losses[name] == max(losses.values()))


answers = {
    "race.1": dict(
        expected=[0.25, 0.5],
        wrong={
            (0.5, 0.25): "The right numbers in the other order: first half of the promise, then "
            "nothing of it.",
            (1.0, 2.0): "Right for c = 1; here c is 4.",
            (0.125, 0.25): "The promise is lr times the *square* of the gradient, which is c x. Is "
            "there a factor 1/2 too many, or too few, in the true loss?",
            (0.5, 1.0): "Twice too long: at lr 0.5 a step leads from x to -x, as high as before.",
        },
        hint="Put the next point, x - lr c x, into f, and divide what the loss falls by the "
        "promise.",
    ),
    "race.2": dict(
        expected=[1e6, 1e3],
        wrong={
            (1e3, 1e3): "Right for Adam. Gradient descent's lr has the unit of theta squared per "
            "loss.",
            (1e6, 1e6): "Right for gradient descent. Adam moves by lr itself, so its lr is a "
            "length.",
            (1e-3, 1e3): "By the chain rule the gradient per millimetre is a thousandth; the move "
            "has to be a thousand times as many millimetres. What does lr have to make up for?",
            (1.0, 1.0): "In millimetres the same move is a number a thousand times as large.",
            (1e3, 1.0): "The moves have to be a thousand times as many millimetres, for both.",
        },
        hint="Write the move in millimetres, and the gradient per millimetre.",
    ),
    "race.3": dict(
        expected=tune,
        cases=[(valley, [0.001, 0.003, 0.009]), (valley, [0.00001, 0.00003, 0.00009]),
               (valley, [0.02, 0.06, 0.18])],
        wrong={
            takes_edge: "Your rate is the best of the list, but it lies at an end of it. Try "
            "another rate beyond, whether it is the first or the last.",
            takes_nan: "You choose a run that has left for infinity: `np.argmin` takes nan for "
            "the smallest. Make it infinite before you look.",
            grows_once: "You try one more rate on each side. The best can lie at the new end "
            "again, so ask again.",
            takes_loss: "That is the lowest loss; the rate that gave it is asked for.",
        },
        hint="As long as the rate with the lowest finite loss is the first or the last, the list "
        "has to grow there by a factor of 3.",
    ),
    "race.4": dict(
        expected="Momentum",
        wrong={
            "Adam": "Here Adam comes last, as in the opening race. Where is momentum's curve high?",
            "Gradient descent and Momentum": "Level: on its first step momentum remembers nothing, "
            "so it is gradient descent. When does its memory begin to count?",
        },
        hint="That rule comes last after so many steps: look at the first part of momentum's "
        "curve.",
    ),
    "race.5": dict(
        expected=[1 - 0.7**9, sum(comb(9, k) * 0.3**k * 0.7 ** (9 - k) for k in range(5, 10))],
        rtol=0.02,          # two digits were asked for
        wrong={
            (0.96, 0.27): "Right for the worst. The median is the fifth smallest: it is lost when "
            "five of nine are, not when four are.",
            (0.96, 0.074): "Right for the worst. Exactly five lost is not all: with six, seven, "
            "eight or nine the median is lost as well.",
            (0.96, 0.3): "Right for the worst. The median is not one run out of nine: it is lost "
            "when at least five of them are.",
            (0.96, 0.9): "Right for the worst. That is the chance that the median notices "
            "*nothing*.",
            (0.04, 0.099): "Right for the median. For the worst you have the chance that all nine "
            "arrive.",
            (0.3, 0.3): "The chance of one run. The worst notices when any of nine is lost, the "
            "median when five are.",
        },
        hint="How many of the nine have to be lost, before the median is lost?",
    ),
}
