"""What the exercises about momentum expect."""

from math import log

from lessons.experiments import steps_to_converge
from lessons.steps import gradient_descent, momentum

THREE = "three times as many or more"
SLOWER = log(19 / 21) / log(19 / 20)  # the safe pair's steps against Polyak's, for condition 400


def three_times(condition):
    """How momentum (beta 0.9, 1 / L) does there against gradient descent at its best, in words."""
    if condition is ...:
        return condition
    if isinstance(condition, bool) or not isinstance(condition, (int, float)) or condition <= 1:
        return "no ravine"
    tables = (steps_to_converge(momentum, "1 / L", condition, beta=0.9, progress=None),
              steps_to_converge(gradient_descent, "2 / (L + mu)", condition, progress=None))
    ball, plain = (found.at[0, "worst start"] for found in tables)
    if ball < 3 * plain:
        return "fewer" if ball < plain else "more, but not three times"
    return THREE


def letters(answer):
    """The letters a, b, c that an answer names, in order and once each: "B, a" is "ab"."""
    return answer if answer is ... else "".join(sorted({*str(answer).lower()} & {*"abc"}))


answers = {
    "momentum.1": dict(
        expected=0.1,
        wrong={
            10.0: "That is old / new: her velocity holds the old rate, which is too large.",
            0.01: "That is the new rate. Her velocity holds the sum times 0.1 already.",
            0.9: "That is beta, by which the velocity fades anyway. Which rate is inside it?",
            0.0: "Then all memory is gone. Ours remembers, and only takes shorter steps.",
            1.0: "Left as it is, her velocity goes on with the rate of before.",
        },
        hint="Write her velocity before the drop as a number times our sum; and what it should be.",
    ),
    "momentum.2": dict(
        expected=1.5,
        wrong={
            3.0: "That is momentum's edge, 2 (1 + beta). Nesterov's polynomial has 1 - lr c in it.",
            2.0: "That is the limit without memory. With beta 0.5 it is nearer.",
            -0.5: "That is 1 - lr c at the edge, where r is -1. What is lr c then?",
            0.5: "Is that -(1 - lr c)? You are one subtraction away.",
            1.357: "That is for beta 0.9. Here beta is 0.5.",
            1.0: "At lr c = 1 both roots are 0: there it is quickest. Put r = -1 in.",
        },
        hint="Put r = -1 into r^2 - (1 + beta) k r + beta k = 0, solve for k = 1 - lr c.",
    ),
    "momentum.3": dict(
        expected=[0.95**2, SLOWER],
        rtol=1e-3,
        hint="The floor stands at 1/400, whose root is 1/20: how many steps does each rate need?",
        wrong={
            (0.95, SLOWER): "0.95 is the root of beta, the factor by which the error shrinks.",
            (0.95**2, 1 / SLOWER): "Which of the two is the slower one? You have their ratio "
            "upside down.",
            (0.9, SLOWER): "With 0.9 the floor creeps, left of the flat part: a little more memory "
            "just reaches it.",
            ((19 / 21) ** 2, 1.0): "That is Polyak's beta, which stands on the cliff with its own "
            "lr. Here lr is 1 / L.",
            (0.95**2, 20 / 19): "The factors differ little, but they act at every step: compare "
            "their logarithms.",
        },
    ),
    "momentum.5": dict(
        expected=THREE,
        wrong={
            "fewer": "There momentum needs fewer steps: the ravine is narrow. Widen it, by a "
            "smaller condition number.",
            "more, but not three times": "There momentum loses, but not by three times. Widen it, "
            "by a smaller condition number.",
            "no ravine": "A condition number is wanted: one number above 1.",
        },
    ),
    "momentum.6": dict(
        expected="ab",
        wrong={
            "a": "That is one. What does a batch ten times as large do to sigma squared?",
            "b": "That is one. What becomes of lr / (1 - beta) in (a)?",
            "abc": "Longer memory pays more instalments of a kick: lr / (1 - beta) would be 10.",
            "ac": "Longer memory pays more instalments of a kick: lr / (1 - beta) would be 10.",
            "bc": "Longer memory pays more instalments of a kick: lr / (1 - beta) would be 10.",
            "c": "Longer memory pays more instalments of a kick: lr / (1 - beta) would be 10.",
        },
        hint="The level is lr / (1 - beta) times sigma squared over 4: which of them undo the 10?",
    ),
}
