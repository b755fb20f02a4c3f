"""The mistakes that everybody makes: a row for each, with what to say and how to make it."""

import inspect
from typing import NamedTuple

import numpy as np


class Mistake(NamedTuple):
    """A learner's step that walks as the altered reference does has made this mistake.

    advice: what to say. changes: {piece of the reference's source: what stands there instead}.
    """

    advice: str
    changes: dict


UPHILL = "Is there a plus? It climbs: the slope points uphill, so subtract."
UNIT_SLOPE = "lr * g / np.sqrt((g * g).sum(-1, keepdims=True))"
EPS_INSIDE = "Is eps inside the root? Take the root first, then add eps."
NO_ROOT = "Is the root missing? Slope over slope has no unit: divide by the root of the squares."
NOT_SQUARED = "Is the slope squared before it is added up? Write g**2."
FOLDED = (
    "Is lr inside the velocity? While lr is constant that is the same; when lr changes, the old "
    "slopes keep their old lr. Sum up slopes only, and multiply the sum by lr when you move."
)
AVERAGED = (
    "Is there a factor 1 - beta at the slope? That makes an average; here the velocity is a sum, "
    "1 / (1 - beta) times larger."
)

GRADIENT_DESCENT = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake("Where is lr? It moves by the whole slope.", {"lr * g": "g"}),
    Mistake("Is lr in it twice?", {"lr * g": "lr**2 * g"}),
    Mistake(
        "Is the slope divided by its length? Then every move is lr long, on the steep wall and "
        "next to the minimum. Use the slope as it is.",
        {"lr * g": UNIT_SLOPE},
    ),
    Mistake(
        "Is it the sign of the slope only? A slope 10 times steeper makes a move 10 times longer.",
        {"lr * g": "lr * np.sign(g)"},
    ),
    Mistake("Is it theta in place of the slope? Ask the surface for the slope at theta.",
            {"lr * g": "lr * theta"}),
    Mistake("Is it the loss in place of its slope? The height says nothing about the way down.",
            {"lr * g": "lr * surface.loss(theta)[..., None]"}),
]

MOMENTUM = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake(AVERAGED, {"velocity + g": "velocity + (1 - beta) * g"}),
    Mistake(FOLDED, {"velocity + g": "velocity + lr * g", "lr * velocity": "velocity"}),
    Mistake(
        "Is it the old velocity that moves theta? Update the velocity first, then move by it.",
        {"velocity = beta": "old, velocity = velocity, beta", "lr * velocity": "lr * old"},
    ),
    Mistake(
        "Is beta at the slope? It belongs to the old velocity: beta * velocity + g.",
        {"beta * velocity + g": "velocity + beta * g"},
    ),
    Mistake("Where is beta? Nothing is forgotten.", {"beta * velocity + g": "velocity + g"}),
    Mistake(
        "Is this Nesterov's step? Heavy ball moves by the velocity alone.",
        {"lr * velocity": "lr * (g + beta * velocity)"},
    ),
    Mistake(
        "Is the velocity used? theta moves by the slope alone.",
        {"lr * velocity": "lr * g"},
    ),
]

NESTEROV = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake(AVERAGED, {"velocity + g": "velocity + (1 - beta) * g"}),
    Mistake(
        FOLDED,
        {
            "velocity + g": "velocity + lr * g",
            "lr * (g + beta * velocity)": "lr * g - beta * velocity",
        },
    ),
    Mistake(
        "Is this the heavy ball? It moves by the velocity; Nesterov looks one step further: "
        "g + beta * velocity, with the new velocity (with the old one it is the heavy ball again).",
        {"g + beta * velocity)": "velocity)"},
    ),
    Mistake(
        "Is the slope missing in the move? The velocity looks ahead as g + beta * velocity.",
        {"(g + beta * velocity)": "(beta * velocity)"},
    ),
    Mistake(
        "Is the velocity missing in the move? It is g + beta * velocity, not g + beta * g.",
        {"g + beta * velocity)": "g + beta * g)"},
    ),
    Mistake(
        "Is beta missing in the move? It is g + beta * velocity: one more step of forgetting.",
        {"g + beta * velocity)": "g + velocity)"},
    ),
    Mistake(
        "Is this the textbook form, with the slope at the look-ahead point? It is Nesterov too, "
        "but its theta is the point before the look-ahead; ours, as torch's, is the look-ahead "
        "point: read the slope at theta and move by g + beta * velocity.",
        {"grad(theta)": "grad(theta - lr * beta * velocity)", "g + beta * velocity)": "velocity)"},
    ),
]

ADAGRAD = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake(EPS_INSIDE, {"np.sqrt(s) + eps": "np.sqrt(s + eps)"}),
    Mistake(NO_ROOT, {"np.sqrt(s)": "s"}),
    Mistake(NOT_SQUARED, {"s + g**2": "s + np.abs(g)"}),
    Mistake(
        "Is s a mean over the steps? Adagrad keeps the sum, so its steps get shorter.",
        {"s=0.0": "s=0.0, t=0", "s = s": "t, s = t + 1, s", "(s)": "(s / t)", "), s": "), s, t"},
    ),
    Mistake(
        "Is s a running average? That is RMSprop; Adagrad keeps the sum of all squares.",
        {"s + g**2": "0.9 * s + 0.1 * g**2"},
    ),
    Mistake(
        "Is s only the last square? Every move is lr long: add to s, and return it.",
        {"s + g**2": "g**2"},
    ),
]

RMSPROP = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake(EPS_INSIDE, {"np.sqrt(v) + eps": "np.sqrt(v + eps)"}),
    Mistake(NO_ROOT, {"np.sqrt(v)": "v"}),
    Mistake(NOT_SQUARED, {"g**2": "np.abs(g)"}),
    Mistake(
        "Is v a sum? That is Adagrad, which forgets nothing; RMSprop keeps a running average.",
        {"beta2 * v + (1 - beta2) * g**2": "v + g**2"},
    ),
    Mistake(
        "Is the factor 1 - beta2 at the new square missing? Without it v is a sum, "
        "1 / (1 - beta2) times larger.",
        {"(1 - beta2) * g**2": "g**2"},
    ),
    Mistake(
        "Is there a bias correction? RMSprop has none; with it, this is Adam with beta1 = 0.",
        {
            "v=0.0": "v=0.0, t=0",
            "v = beta2": "t, v = t + 1, beta2",
            "np.sqrt(v)": "np.sqrt(v / (1 - beta2**t))",
            "eps), v": "eps), v, t",
        },
    ),
    Mistake(
        "Are beta2 and 1 - beta2 swapped? beta2 is the share of the old v that stays.",
        {"beta2 * v + (1 - beta2)": "(1 - beta2) * v + beta2"},
    ),
    Mistake(
        "Is it the old v in the move? Update v first, then divide by its root.",
        {"v = beta2": "old, v = v, beta2", "np.sqrt(v)": "np.sqrt(old)"},
    ),
]

ADAM = [
    Mistake(UPHILL, {"theta - lr": "theta + lr"}),
    Mistake(
        "Is the bias correction there? m and v start at zero and are too small at first: divide "
        "m by 1 - beta1**t and v by 1 - beta2**t.",
        {"m / (1 - beta1**t)": "m", "v / (1 - beta2**t)": "v"},
    ),
    Mistake(
        "Is v corrected too? m is; v starts at zero as well: divide it by 1 - beta2**t.",
        {"v / (1 - beta2**t)": "v"},
    ),
    Mistake(
        "Is m corrected too? v is; m starts at zero as well: divide it by 1 - beta1**t.",
        {"m / (1 - beta1**t)": "m"},
    ),
    Mistake(
        "Is t still 0 in the first correction? 1 - beta1**0 is 0: count before t is used.",
        {"t = t + 1\n": "\n", "return theta, t,": "return theta, t + 1,"},
    ),
    Mistake(
        "Is t already 2 in the first correction? It starts at 0 and becomes 1: count once a step.",
        {"t = t + 1": "t = max(t, 1) + 1"},
    ),
    Mistake(
        "Does t count? It is 1 at every step: keep it as state, as m and v.",
        {"t=0, m": "m", "t = t + 1": "t = 1", "return theta, t,": "return theta,"},
    ),
    Mistake(EPS_INSIDE, {"np.sqrt(v_hat) + eps": "np.sqrt(v_hat + eps)"}),
    Mistake(
        "Is eps added before the correction? Correct v first, take the root, then add eps.",
        {"(np.sqrt(v_hat) + eps)": "((np.sqrt(v) + eps) / np.sqrt(1 - beta2**t))"},
    ),
    Mistake(NO_ROOT, {"np.sqrt(v_hat)": "v_hat"}),
    Mistake(NOT_SQUARED, {"g**2": "np.abs(g)"}),
    Mistake("Does it move by the slope g? Adam moves by m_hat.", {"lr * m_hat": "lr * g"}),
    Mistake(
        "Are beta1 and beta2 swapped? beta1 averages the slopes (m), beta2 their squares (v).",
        {
            "beta1 * m + (1 - beta1)": "beta2 * m + (1 - beta2)",
            "beta2 * v + (1 - beta2)": "beta1 * v + (1 - beta1)",
            "m / (1 - beta1**t)": "m / (1 - beta2**t)",
            "v / (1 - beta2**t)": "v / (1 - beta1**t)",
        },
    ),
    Mistake(
        "Are m and v sums? Each is an average: the new value has the weight 1 - beta.",
        {"(1 - beta1) * g": "g", "(1 - beta2) * g": "g"},
    ),
    Mistake(
        "Do the corrected m and v go back as state? Keep the plain averages for the next step, "
        "and use the corrected ones in the move only.",
        {"return theta, t, m, v": "return theta, t, m_hat, v_hat"},
    ),
]

MISTAKES = {
    "gradient_descent": GRADIENT_DESCENT,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
    "adagrad": ADAGRAD,
    "rmsprop": RMSPROP,
    "adam": ADAM,
}


def mistaken(step, changes):
    """The step with pieces of its source replaced: what a learner with that mistake writes."""
    source = inspect.getsource(step)
    for old, new in changes.items():
        if old not in source:
            raise ValueError(f"{old!r} is not in the source of {step.__name__}: mend that row")
        source = source.replace(old, new)
    names = {"np": np, **step.__globals__}
    exec(source, names)  # noqa: S102  our own source and our own table
    return names[step.__name__]
