"""What people get wrong in gradient descent, momentum and Nesterov's step."""

from lessons.check.mistakes.mistake import Mistake

UNIT_SLOPE = "lr * g / (g * g).sum(-1, keepdims=True) ** 0.5"
FOLDED = (
    "lr folded into the velocity",
    "Is lr inside the velocity, so that when lr changes the old slopes keep their old lr?",
)
AVERAGED = (
    "average instead of sum",
    "Is the new slope made small before it joins the velocity, which makes an average of the sum?",
)

GRADIENT_DESCENT = [
    Mistake("lr twice", "Is lr in it twice?", {"lr * g": "lr**2 * g"}),
    Mistake(
        "slope normalised",
        "Is the slope divided by its length, so that every move is as long as the last one?",
        {"lr * g": UNIT_SLOPE},
    ),
    Mistake(
        "sign of the slope",
        "Is it the sign of the slope only, where a slope 10 times steeper should move 10 times as "
        "far?",
        {"lr * g": "lr * ((g > 0) * 1.0 - (g < 0))"},
    ),
    Mistake(
        "theta instead of the slope",
        "Is it theta that stands in the slope's place?",
        {"lr * g": "lr * theta"},
    ),
    Mistake(
        "loss instead of the slope",
        "Is it the loss in place of its slope, and does a height say which way is down?",
        {"lr * g": "lr * surface.loss(theta)[..., None]"},
    ),
]

MOMENTUM = [
    Mistake(*AVERAGED, {"velocity + g": "velocity + (1 - beta) * g"}),
    Mistake(*FOLDED, {"velocity + g": "velocity + lr * g", "lr * velocity": "velocity"}),
    Mistake(
        "old velocity",
        "Is it the old velocity that moves theta, before the new slope joins it?",
        {"velocity = beta": "old, velocity = velocity, beta", "lr * velocity": "lr * old"},
    ),
    Mistake(
        "beta at the slope",
        "Is beta at the new slope, where it is the past that should fade?",
        {"beta * velocity + g": "velocity + beta * g"},
    ),
    Mistake(
        "beta missing",
        "Where is beta, without which nothing is ever forgotten?",
        {"beta * velocity + g": "velocity + g"},
    ),
    Mistake(
        "Nesterov instead of momentum",
        "Is this Nesterov's step, where the heavy ball moves by the velocity alone?",
        {"lr * velocity": "lr * (g + beta * velocity)"},
    ),
    Mistake(
        "velocity ignored",
        "Is the velocity used, or does theta move by the slope alone?",
        {"lr * velocity": "lr * g"},
    ),
]

NESTEROV = [
    Mistake(*AVERAGED, {"velocity + g": "velocity + (1 - beta) * g"}),
    Mistake(
        *FOLDED,
        {
            "velocity + g": "velocity + lr * g",
            "lr * (g + beta * velocity)": "lr * g - beta * velocity",
        },
    ),
    Mistake(
        "momentum instead of Nesterov",
        "Is this the heavy ball, or Nesterov with the old velocity, which is the same?",
        {"g + beta * velocity)": "velocity)"},
    ),
    Mistake(
        "slope missing in the move",
        "Does only the velocity move theta, where today's slope does so too?",
        {"(g + beta * velocity)": "(beta * velocity)"},
    ),
    Mistake(
        "velocity ignored",
        "Is the velocity used in the move, or the slope twice?",
        {"g + beta * velocity)": "g + beta * g)"},
    ),
    Mistake(
        "velocity ignored", "Is the velocity used in the move?", {"g + beta * velocity)": "g)"}
    ),
    Mistake(
        "beta missing in the move",
        "Is the velocity in the move faded once more, as it is at the next step?",
        {"g + beta * velocity)": "g + velocity)"},
    ),
    Mistake(
        "Nesterov at the wrong point",
        "Is the slope read at the look-ahead point, where our theta is that point already?",
        {"grad(theta)": "grad(theta - lr * beta * velocity)", "g + beta * velocity)": "velocity)"},
    ),
    Mistake(
        "Nesterov at the wrong point",
        "Is the slope read at a point ahead of theta, where our theta looks ahead already?",
        {"grad(theta)": "grad(theta - lr * beta * velocity)"},
    ),
]

MISTAKES = {
    "gradient_descent": GRADIENT_DESCENT,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
}
