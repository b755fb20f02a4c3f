"""What people get wrong in SAM and its adaptive form."""

import math

import numpy as np

from lessons.check.mistakes.mistake import Mistake


def norm_by_block(step):
    """The step with the length of each block of a network by itself."""

    def wrong(surface, theta, *, lr, rho):
        g = surface.grad(theta)
        blocks = surface.shape if isinstance((surface.shape or (0,))[0], tuple) else [g.shape[-1:]]
        ends = np.cumsum([math.prod(shape) for shape in blocks])[:-1]
        parts = np.split(g, ends, axis=-1)
        unit = [part / (np.sqrt((part * part).sum(-1, keepdims=True)) + 1e-12) for part in parts]
        return theta - lr * surface.grad(theta + rho * np.concatenate(unit, axis=-1))

    return wrong


RETURN = "theta - lr * surface.grad(theta + climb)"
BOTH = [
    Mistake(
        "SAM not stepping back",
        "Does it step from the top of the climb, not from theta?",
        {RETURN: "theta + climb - lr * surface.grad(theta + climb)"},
    ),
    Mistake(
        "SAM accumulating both gradients",
        "Do both gradients move theta, where only the second should?",
        {RETURN: "theta - lr * (surface.grad(theta) + surface.grad(theta + climb))"},
    ),
    Mistake(
        "SAM accumulating both gradients",
        "Do both gradients move theta, where only the second should?",
        {RETURN: "theta - lr * (surface.grad(theta) + surface.grad(theta + climb)) / 2"},
    ),
    Mistake(
        "second gradient normalised",
        "Is the gradient at the top of the climb divided by its length too?",
        {RETURN: "theta - lr * (lambda g: g / norm(g))(surface.grad(theta + climb))"},
    ),
    Mistake(
        "climb downhill",
        "Does it look downhill, where the worst point near by is uphill?",
        {RETURN: "theta - lr * surface.grad(theta - climb)"},
    ),
    Mistake(
        "climb unused",
        "Is the gradient read at the top of the climb, or at theta again?",
        {RETURN: "theta - lr * surface.grad(theta)"},
    ),
    Mistake(
        "norm squared",
        "Is the root missing in the length of the gradient?",
        {"norm(g)": "norm(g) ** 2"},
    ),
    Mistake(
        "norm by coordinate",
        "Is the length that of each coordinate, not of the whole gradient?",
        {"norm(g)": "np.abs(g)"},
    ),
    Mistake(
        "norm by coordinate",
        "Is the length a sum of sizes, without squares and a root?",
        {"norm(g)": "np.abs(g).sum(-1, keepdims=True)"},
    ),
]

SAM = [
    Mistake(
        "SAM un-normalised",
        "Is the climb as long as the gradient is steep, not always rho?",
        {"rho * g / (norm(g) + 1e-12)": "rho * g"},
    ),
    *BOTH,
    Mistake(
        "lr in the climb",
        "Is the climb lr long, where it should be rho?",
        {"rho": "lr"},
    ),
    Mistake(
        "norm by block",
        "Does each block have a length of its own, not the gradient as a whole?",
        norm_by_block,
    ),
]

ADAPTIVE_SAM = [
    Mistake(
        "SAM un-normalised",
        "Is the climb as long as the gradient is steep, not always rho?",
        {"norm(g) + 1e-12": "1"},
    ),
    *BOTH,
    Mistake(
        "size counted once",
        "Does the size of theta count in the gradient and in the climb?",
        {"rho * size * g": "rho * g"},
    ),
    Mistake(
        "size missing",
        "Where is the size of theta, without which this is plain SAM?",
        {"np.abs(theta)": "np.ones_like(theta)"},
    ),
]

AHEAD, ALONG = "surface.grad(theta + climb)", "(beta * velocity + g)"
SAM_MOMENTUM = [
    SAM[0],
    Mistake(
        "velocity of the first gradient",
        "Does the velocity gather the gradient at theta, where it should be the one uphill?",
        {AHEAD: "g"},
    ),
    Mistake(
        "SAM accumulating both gradients",
        "Do both gradients enter the velocity, where only the second should?",
        {AHEAD: f"g + {AHEAD}"},
    ),
    Mistake(
        "SAM not stepping back",
        "Does it step from the top of the climb, not from theta?",
        {"theta - lr * velocity": "theta + climb - lr * velocity"},
    ),
    Mistake(
        "climb along the velocity",
        "Is the climb along the velocity, where it should be along the gradient alone?",
        {"rho * g / (norm(g) + 1e-12)": f"rho * {ALONG} / (norm{ALONG} + 1e-12)"},
    ),
    Mistake(
        "norm by coordinate",
        "Is the length that of each coordinate, not of the whole gradient?",
        {"norm(g)": "np.abs(g)"},
    ),
]

MISTAKES = {"sam": SAM, "adaptive_sam": ADAPTIVE_SAM, "sam_momentum": SAM_MOMENTUM}
