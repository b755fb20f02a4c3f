"""What people get wrong in gradient descent, momentum and Nesterov's step."""

from lessons.check.mistakes.mistake import Mistake

UNIT_GRADIENT = "lr * g / (g * g).sum(-1, keepdims=True) ** 0.5"
FOLDED = (
    "lr folded into the velocity",
    "Is lr inside the velocity, so that when lr changes the old gradients keep their old lr?",
)
AVERAGED = (
    "average instead of sum",
    "Is the new gradient made small before it joins, which makes an average of the sum?",
)
UPDATE = "velocity = beta * velocity + g"
MOVE = "lr * (g + beta * velocity)"
AHEAD = {"surface.grad(theta)": "surface.grad(theta - lr * beta * velocity)"}

GRADIENT_DESCENT = [
    Mistake("lr twice", "Is lr in it twice?", {"lr * g": "lr**2 * g"}),
    Mistake(
        "gradient normalised",
        "Is the gradient divided by its length, so that every move is as long as the last one?",
        {"lr * g": UNIT_GRADIENT},
    ),
    Mistake(
        "sign of the gradient",
        "Is it the sign of the gradient only, where a steeper one should move farther?",
        {"lr * g": "lr * ((g > 0) * 1.0 - (g < 0))"},
    ),
    Mistake(
        "theta instead of the gradient",
        "Is it theta that stands in the gradient's place?",
        {"lr * g": "lr * theta"},
    ),
    Mistake(
        "loss instead of the gradient",
        "Is it the loss in place of its gradient, and does a height say which way is down?",
        {"lr * g": "lr * surface.loss(theta)[..., None]"},
    ),
]

MOMENTUM = [
    Mistake(*AVERAGED, {UPDATE: "velocity = beta * velocity + (1 - beta) * g"}),
    Mistake(*FOLDED, {UPDATE: "velocity = beta * velocity + lr * g", "lr * velocity": "velocity"}),
    Mistake(
        "old velocity",
        "Is it the old velocity that moves theta, before the new gradient joins it?",
        {"lr * velocity": "lr * old", UPDATE: f"old = velocity\n{UPDATE}"},
    ),
    Mistake(
        "beta at the gradient",
        "Is beta at the new gradient, where it is the past that should fade?",
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
        "Is the velocity used, or does theta move by the gradient alone?",
        {"lr * velocity": "lr * g"},
    ),
]

NESTEROV = [
    Mistake(*AVERAGED, {UPDATE: "velocity = beta * velocity + (1 - beta) * g"}),
    Mistake(
        *FOLDED,
        {
            UPDATE: "velocity = beta * velocity + lr * g",
            MOVE: "lr * g + beta * velocity",
        },
    ),
    Mistake(
        "momentum instead of Nesterov",
        "Is this the heavy ball, or Nesterov with the old velocity, which is the same?",
        {MOVE: "lr * velocity"},
    ),
    Mistake(
        "gradient missing in the move",
        "Does only the velocity move theta, where today's gradient does so too?",
        {MOVE: "lr * beta * velocity"},
    ),
    Mistake(
        "velocity ignored",
        "Is the velocity used in the move, or the gradient twice?",
        {MOVE: "lr * (g + beta * g)"},
    ),
    Mistake(
        "velocity ignored", "Is the velocity used in the move?", {MOVE: "lr * g"}
    ),
    Mistake(
        "beta missing in the move",
        "Is the velocity in the move faded once more, as it is at the next step?",
        {MOVE: "lr * (g + velocity)"},
    ),
    Mistake(
        "Nesterov at the wrong point",
        "Is the gradient read at the look-ahead point, where our theta is that point already?",
        {**AHEAD, MOVE: "lr * velocity"},
    ),
    Mistake(
        "Nesterov at the wrong point",
        "Is the gradient read at a point ahead of theta, where our theta looks ahead already?",
        AHEAD,
    ),
]

MISTAKES = {
    "gradient_descent": GRADIENT_DESCENT,
    "momentum": MOMENTUM,
    "nesterov": NESTEROV,
}
