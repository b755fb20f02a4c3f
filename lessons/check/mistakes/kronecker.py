"""What people get wrong in K-FAC, Shampoo, Muon and SOAP."""

from lessons.check.mistakes.adaptive import EPS_INSIDE, NOT_SQUARED
from lessons.check.mistakes.mistake import Mistake

ONE_SIDE = "one side only", "Are both sides of the gradient scaled, the rows and the columns?"
SOLVED = "S_inverse @ g[..., cells] @ A_inverse"
A_ROOT = "inverse_root(A, 1, pi * np.sqrt(damping))"
S_ROOT = "inverse_root(S, 1, np.sqrt(damping) / pi)"
BOTH_SIDES = "inverse_root(L, 4, eps) @ G @ inverse_root(R, 4, eps)"

KFAC = [
    Mistake(
        "factors not inverted",
        "Is the gradient multiplied by the factors, not divided by them?",
        {A_ROOT: A_ROOT.replace("1", "-1"), S_ROOT: S_ROOT.replace("1", "-1")},
    ),
    Mistake(*ONE_SIDE, {SOLVED: "S_inverse @ g[..., cells]"}),
    Mistake(*ONE_SIDE, {SOLVED: "g[..., cells] @ A_inverse"}),
    Mistake(
        "damping not split",
        "Do both factors get the same damping, though their sizes differ?",
        {"pi * np.sqrt(damping)": "np.sqrt(damping)", "np.sqrt(damping) / pi": "np.sqrt(damping)"},
    ),
    Mistake(
        "damping split the wrong way",
        "Does the larger factor get the smaller damping?",
        {
            "pi * np.sqrt(damping)": "np.sqrt(damping) / pi",
            "np.sqrt(damping) / pi": "pi * np.sqrt(damping)",
        },
    ),
    Mistake(
        "damping without its root",
        "Does each factor get the whole damping, where their product should?",
        {"np.sqrt(damping)": "damping"},
    ),
    Mistake(
        "bias left out",
        "Does the bias move with its layer?",
        {
            "return theta - lr * move": "if _in_blocks(surface.shape):\n"
            "    move[..., math.prod(surface.shape[0]) :] = 0\nreturn theta - lr * move"
        },
    ),
    Mistake(
        "factors missing",
        "Do the factors take part, or is it gradient descent?",
        {SOLVED: "g[..., cells]"},
    ),
]

SHAMPOO = [
    Mistake(
        "Shampoo with exponent 1/2",
        "Is the exponent that of one side, where two sides share it?",
        {
            "inverse_root(L, 4, eps)": "inverse_root(L, 2, eps)",
            "inverse_root(R, 4, eps)": "inverse_root(R, 2, eps)",
        },
    ),
    Mistake(
        "inverse without a root",
        "Where are the roots of the sums?",
        {
            "inverse_root(L, 4, eps)": "inverse_root(L, 1, eps)",
            "inverse_root(R, 4, eps)": "inverse_root(R, 1, eps)",
        },
    ),
    Mistake(
        "R from the preconditioned gradient",
        "Is R made of the gradient as it came, or of a scaled one?",
        {
            "R = R + G.mT @ G": "G = inverse_root(L, 4, eps) @ G\nR = R + G.mT @ G",
            "inverse_root(L, 4, eps) @ G": "G",
        },
    ),
    Mistake(*ONE_SIDE, {"inverse_root(L, 4, eps) @ G": "G"}),
    Mistake(*ONE_SIDE, {BOTH_SIDES: "inverse_root(L, 4, eps) @ G"}),
    Mistake(
        "last square only",
        "Is it the last gradient only, with the earlier ones forgotten?",
        {"L = L + G @ G.mT": "L = G @ G.mT", "R = R + G.mT @ G": "R = G.mT @ G"},
    ),
    Mistake(
        "average instead of sum",
        "Do L and R forget, where Shampoo sums up?",
        {
            "L = L + G @ G.mT": "L = 0.9 * L + 0.1 * G @ G.mT",
            "R = R + G.mT @ G": "R = 0.9 * R + 0.1 * G.mT @ G",
        },
    ),
    Mistake(
        "root not inverted",
        "Do the roots divide the gradient, or multiply it?",
        {"-1 / root": "1 / root"},
        "inverse_root",
    ),
]

SCHULZ = "newton_schulz(_matrix(blend, surface.shape))"
ROUNDS = "wrong number of rounds", "Are there five rounds of the polynomial?"
MUON = [
    Mistake(
        "not orthogonalised",
        "Are the singular values brought to one size?",
        {SCHULZ: "_matrix(blend, surface.shape)"},
    ),
    Mistake(
        "normalised only",
        "Is the average divided by its length, which leaves singular values apart?",
        {
            SCHULZ: "_matrix(blend / np.sqrt((blend * blend).sum(-1, keepdims=True)), "
            "surface.shape)"
        },
    ),
    Mistake(
        "sign of each entry",
        "Is it the sign of each entry, not of each singular value?",
        {SCHULZ: "np.sign(_matrix(blend, surface.shape))"},
    ),
    Mistake(
        "memory after orthogonalising",
        "Is each gradient orthogonalised before it joins the average?",
        {
            SCHULZ: "_matrix(blend, surface.shape)",
            "g = surface.grad(theta)": "g = surface.grad(theta)\n"
            "g = newton_schulz(_matrix(g, surface.shape)).reshape(g.shape)",
        },
    ),
    Mistake(
        "momentum instead of Nesterov",
        "Does today's gradient count once more, as in Nesterov's momentum?",
        {"_matrix(blend, surface.shape)": "_matrix(M, surface.shape)"},
    ),
    Mistake("scale missing", "Do tall matrices get longer moves?", {"max(1, m / n)": "1"}),
    Mistake(
        "scale without root",
        "Is the root missing in the scale of tall matrices?",
        {"max(1, m / n) ** 0.5": "max(1, m / n)"},
    ),
    Mistake(
        "norm missing",
        "Is the matrix made small before the rounds begin?",
        {"X / (np.sqrt((G * G).sum((-2, -1), keepdims=True)) + 1e-12)": "X"},
        "newton_schulz",
    ),
    *(
        Mistake(*ROUNDS, {"range(rounds)": f"range({n})"}, "newton_schulz")
        for n in (1, 4, 6, 10)
    ),
]

SOAP = [
    Mistake(
        "no bias correction",
        "Is the bias correction there?",
        {"1 - beta1**t": "1", "1 - beta2**t": "1"},
        "_adam_move",
    ),
    Mistake(*EPS_INSIDE, {"np.sqrt(v_hat) + eps": "np.sqrt(v_hat + eps)"}, "_adam_move"),
    Mistake(*NOT_SQUARED, {"_turned(g, P, Q) ** 2": "np.abs(_turned(g, P, Q))"}),
    Mistake(
        "v in the wrong basis",
        "Is the gradient turned before it is squared?",
        {"_turned(g, P, Q) ** 2": "g ** 2"},
    ),
    Mistake(*ONE_SIDE, {"P.mT @ X @ Q": "P.mT @ X"}, "_turned"),
    Mistake(*ONE_SIDE, {"P.mT @ X @ Q": "X @ Q"}, "_turned"),
    Mistake(
        "sum instead of average",
        "Do L and R forget, where a sum does not?",
        {"beta2 * average + (1 - beta2) * square": "average + square"},
        "_followed",
    ),
    Mistake(
        "basis never renewed",
        "Does the basis follow the gradients, or stay the first one?",
        {
            "np.argsort(-(basis * reached).sum(-2), axis=-1)": "np.arange(basis.shape[-1])",
            "np.linalg.qr(np.take_along_axis(reached, order[..., None, :], -1))": "(basis, None)",
        },
        "_followed",
    ),
]

MISTAKES = {"kfac": KFAC, "shampoo": SHAMPOO, "muon": MUON, "soap": SOAP}
