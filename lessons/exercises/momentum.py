"""What the exercises about momentum expect."""

from math import log

from lessons.experiments import steps_to_converge
from lessons.steps import gradient_descent, momentum

THREE = "three times as many or more"
ROOT = 19 / 21  # of beta, for condition 400


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


answers = {
    "momentum.1": dict(
        expected=0.4,
        wrong={
            0.001: "That is lr times (1 - beta). The average is already that much smaller; make up "
            "for it.",
            0.02: "With the same lr the average walks 20 times less far on a steady gradient.",
            0.2: "That is for beta 0.9. With 0.95 one part in 20 of a gradient joins the average.",
            0.38: "The newest gradient counts too: its weight in the sum is 1, not beta.",
            20.0: "That is 1 / (1 - beta), by how much lr has to grow. What is lr then?",
        },
        hint="Which factor stands between the sum and the average, at every step?",
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
        expected=[ROOT**2, (1 + ROOT) ** 2, log(1e6) / -log(ROOT**2)],
        rtol=5e-3,
        hint="The formulas ask for the root of the condition number, 20.",
        wrong={
            (ROOT, (1 + ROOT) ** 2, log(1e6) / -log(ROOT**2)): "beta is the square of 19/21; 19/21 "
            "is the factor by which the error shrinks.",
            (ROOT**2, (1 + ROOT) ** 2, log(1e6) / -log(ROOT)): "beta and lr are right. The loss is "
            "a square, so it falls by beta a step, twice as fast as the error.",
            (ROOT**2, 4 / 21**2, log(1e6) / -log(ROOT**2)): "Asked is lr times L: with mu = 1, L "
            "is 400.",
            ((399 / 401) ** 2, 800 / 401, 1382): "That is nearly gradient descent, which pays for "
            "the condition number. Take its root.",
        },
    ),
    "momentum.5": dict(
        expected=[(x / (1 - ((1 + b - x) / (2 * b**0.5)) ** 2)) ** 0.5
                  for x, b in ((3.7, 0.9), (1, 0.9), (1, 0.5))],
        hint="2 sqrt(beta) cos w = 1 + beta - lr c gives the cosine; then A = sqrt(lr c) / sin w.",
        wrong={
            tuple((x / (1 - ((1 + b - x) / (2 * b**0.5)) ** 2)) for x, b in
                  ((3.7, 0.9), (1, 0.9), (1, 0.5))): "That is the square of A.",
            tuple((x / abs((1 + b - x) / (2 * b**0.5)) ** 2) ** 0.5 for x, b in
                  ((3.7, 0.9), (1, 0.9), (1, 0.5))): "You divide by the cosine; A has the sine.",
            tuple(x / (1 - ((1 + b - x) / (2 * b**0.5)) ** 2) ** 0.5 for x, b in
                  ((3.7, 0.9), (1, 0.9), (1, 0.5))): "Above stands the root of lr c.",
        },
    ),
    "momentum.6": dict(
        expected=THREE,
        wrong={
            "fewer": "There momentum needs fewer steps: the ravine is narrow. Widen it, by a "
            "smaller condition number.",
            "more, but not three times": "There momentum loses, but not by three times. Widen it, "
            "by a smaller condition number.",
            "no ravine": "A condition number is wanted: one number above 1.",
        },
    ),
    "momentum.7": dict(
        expected=0.01,
        rtol=0.06,
        wrong={
            0.1: "That is what she has: each kick now moves the point ten times as far in all.",
            1.0: "That is her effective rate now. It should be the old 0.1.",
            0.09: "That is 0.1 times beta. The coins add up to lr / (1 - beta).",
            0.001: "One ten is enough: the coins add up to lr / (1 - 0.9), ten times lr.",
        },
        hint="lr / (1 - beta) has to be the old learning rate.",
    ),
}
