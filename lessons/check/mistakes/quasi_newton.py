"""What people get wrong in BFGS, L-BFGS and the trust region."""

from lessons.check.mistakes.mistake import Mistake

FIRST = "lr if pairs else lr * first_length(g)"

BFGS = [
    Mistake(
        "swapped s and y",
        "Have the move and the change of gradient changed places in the update?",
        {"bfgs_update(H, move, g - last_g)": "bfgs_update(H, g - last_g, move)"},
    ),
    Mistake(
        "y the wrong way round",
        "Is the change of gradient new minus old, so that a pair shows a curvature?",
        {"g - last_g": "last_g - g"},
    ),
    Mistake(
        "new pair not put in",
        "Is the new pair put in again, after the old belief along it was taken out?",
        {
            "V.swapaxes(-1, -2) @ H @ V + rho * s[..., :, None] * s[..., None, :]":
            "V.swapaxes(-1, -2) @ H @ V",
        },
        "bfgs_update",
    ),
    Mistake(
        "V transposed",
        "Does the left factor of H stand where the right one belongs?",
        {"V.swapaxes(-1, -2) @ H @ V": "V @ H @ V.swapaxes(-1, -2)"},
        "bfgs_update",
    ),
    Mistake(
        "old belief kept",
        "Is the old belief along the pair taken out before the new one is added?",
        {"V.swapaxes(-1, -2) @ H @ V": "H"},
        "bfgs_update",
    ),
    Mistake(
        "forgets the old matrix",
        "Does each update begin with the matrix before, or always with the same one?",
        {"V.swapaxes(-1, -2) @ H @ V": "V.swapaxes(-1, -2) @ V"},
        "bfgs_update",
    ),
    Mistake(
        "first move at full length",
        "Is the first move held, which has no curvature to go by?",
        {"lr * first_length(g)": "lr"},
    ),
    Mistake(
        "plus instead of minus",
        "Does it go against the gradient?",
        {"-lr * times(H, g)": "lr * times(H, g)"},
    ),
]

LBFGS = [
    Mistake(
        "swapped s and y",
        "Have the move and the change of gradient changed places in a pair?",
        {"remember(pairs, move, g - last_g, memory)": "remember(pairs, g - last_g, move, memory)"},
    ),
    Mistake(
        "y the wrong way round",
        "Is the change of gradient new minus old, so that a pair shows a curvature?",
        {"g - last_g": "last_g - g"},
    ),
    Mistake(
        "y the wrong way round",
        "Is the change of gradient new minus old, so that a pair shows a curvature?",
        {"g - last_g": "last_g - g", FIRST: "lr * first_length(g)"},
    ),
    Mistake(
        "loops in the wrong order",
        "Does the first loop begin with the newest pair?",
        {"reversed(pairs)": "pairs", "reversed(shares)": "shares"},
        "two_loop",
    ),
    Mistake(
        "loops in the wrong order",
        "Does the first loop begin with the newest pair?",
        {
            "reversed(pairs)": "pairs",
            "zip(pairs, reversed(shares))": "zip(reversed(pairs), reversed(shares))",
        },
        "two_loop",
    ),
    Mistake(
        "loops in the wrong order",
        "Does the second loop go back the way the first one came?",
        {"zip(pairs, reversed(shares))": "zip(reversed(pairs), shares)"},
        "two_loop",
    ),
    Mistake(
        "first scaling missing",
        "Where is the scale between the loops, from the newest pair?",
        {"pairs[-1:]": "()"},
        "two_loop",
    ),
    Mistake(
        "scaling upside down",
        "Is the scale between the loops upside down?",
        {"ratio(dot(s, y), dot(y, y), otherwise=1)": "ratio(dot(y, y), dot(s, y), otherwise=1)"},
        "two_loop",
    ),
    Mistake(
        "memory without a limit",
        "Do old pairs ever leave?",
        {
            "(*pairs, (s, y))[forgotten:]": "(*pairs, (s, y))",
            "((np.zeros_like(y), np.zeros_like(y)), *pairs)[forgotten:]":
            "((np.zeros_like(y), np.zeros_like(y)), *pairs)",
        },
        "remember",
    ),
    Mistake(
        "first move at full length",
        "Is the first move held, which has no curvature to go by?",
        {FIRST: "lr"},
    ),
    Mistake(
        "first move at full length",
        "Is every move held, where only the first one should be?",
        {FIRST: "lr * first_length(g)"},
    ),
    Mistake(
        "plus instead of minus",
        "Does it go against the gradient?",
        {"-lr * two_loop(g, pairs)": "lr * two_loop(g, pairs)"},
    ),
]

TRUST_REGION = [
    Mistake(
        "rejected step taken",
        "Does theta stay when the model was not to be trusted?",
        {"np.where(r > 0.15, theta + move, theta)": "theta + move"},
    ),
    Mistake(
        "radius never shrinks",
        "Does the reach shrink after a bad model?",
        {"reach / 4": "reach"},
    ),
    Mistake(
        "radius never grows",
        "Does the reach grow after a good model?",
        {"np.minimum(2 * reach, FARTHEST)": "reach"},
    ),
    Mistake(
        "grows inside",
        "Does the reach grow only when the move was stopped by it?",
        {"stopped & (r > 0.75)": "r > 0.75"},
    ),
    Mistake(
        "promise without curvature",
        "Does the promised fall count the curvature too?",
        {"(dot(g, move) + dot(move, B(move)) / 2)": "dot(g, move)"},
    ),
    Mistake(
        "half missing in the promise",
        "Does the curvature count by half in the promise?",
        {"dot(move, B(move)) / 2": "dot(move, B(move))"},
    ),
]

MISTAKES = {"bfgs": BFGS, "lbfgs": LBFGS, "trust_region": TRUST_REGION}
