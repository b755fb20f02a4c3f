"""What people get wrong in Adagrad, RMSprop, Adam and AdamW."""

from lessons.check.mistakes.mistake import Mistake

EPS_INSIDE = "eps inside the root", "Is eps inside the root, where it should wait until after it?"
EPS_APART = (
    "eps outside the fraction",
    "Is eps added to the whole fraction, where brackets would keep it in the denominator?",
)
NO_ROOT = (
    "root missing",
    "Is the root missing, without which a gradient is divided by its own square?",
)
NOT_SQUARED = "g instead of g**2", "Is each gradient squared before it is added?"
LAST_ONLY = "last square only", "Is it the last square only, with the earlier ones forgotten?"
G = "g = surface.grad(theta)"
M = "m = beta1 * m + (1 - beta1) * g"
V = "v = beta2 * v + (1 - beta2) * g**2"
S_MOVE = "lr * g / (np.sqrt(s) + eps)"
BARE = "lr * m_hat / (np.sqrt(v_hat) + eps)"
V_MOVE = "lr * g / (np.sqrt(v) + eps)"
RETURN = "return theta, t, m, v"
DECAYED = "theta = theta - lr * weight_decay * theta"

ADAGRAD = [
    Mistake(*EPS_INSIDE, {"np.sqrt(s) + eps": "np.sqrt(s + eps)"}),
    Mistake(*EPS_APART, {f"theta - {S_MOVE}": "theta - lr * g / np.sqrt(s) + eps"}),
    Mistake(*NO_ROOT, {"np.sqrt(s)": "s"}),
    Mistake(*NOT_SQUARED, {"s + g**2": "s + g"}),
    Mistake(*NOT_SQUARED, {"s + g**2": "s + np.abs(g)"}),
    Mistake(
        "average instead of sum",
        "Is s a mean over the steps, where a sum makes the steps ever shorter?",
        {
            "*state": "s=0.0, t=0",
            "s = s + g**2": "t, s = t + 1, s + g**2",
            f"return theta - {S_MOVE}, s": "return theta - lr * g / (np.sqrt(s / t) + eps), s, t",
        },
    ),
    Mistake(
        "average instead of sum",
        "Is s a running average, as in RMSprop, where Adagrad forgets nothing?",
        {"s + g**2": "0.9 * s + 0.1 * g**2"},
    ),
    Mistake(
        "average instead of sum",
        "Is s a running average, as in RMSprop, where Adagrad forgets nothing?",
        {"s + g**2": "0.99 * s + 0.01 * g**2"},
    ),
    Mistake(*LAST_ONLY, {"s + g**2": "g**2"}),
]

RMSPROP = [
    Mistake(*EPS_INSIDE, {"np.sqrt(v) + eps": "np.sqrt(v + eps)"}),
    Mistake(*EPS_APART, {f"theta - {V_MOVE}": "theta - lr * g / np.sqrt(v) + eps"}),
    Mistake(*NO_ROOT, {"np.sqrt(v)": "v"}),
    Mistake(*NOT_SQUARED, {"(1 - beta2) * g**2": "(1 - beta2) * g"}),
    Mistake(*NOT_SQUARED, {"(1 - beta2) * g**2": "(1 - beta2) * np.abs(g)"}),
    Mistake(
        "sum instead of average",
        "Is v a sum, as in Adagrad, where RMSprop forgets?",
        {"beta2 * v + (1 - beta2) * g**2": "v + g**2"},
    ),
    Mistake(
        "sum instead of average",
        "Does the new square join v at its full size, which makes a sum of the average?",
        {"(1 - beta2) * g**2": "g**2"},
    ),
    Mistake(
        "bias correction",
        "Is there a bias correction, which RMSprop does not have?",
        {
            "*state": "v=0.0, t=0",
            V: f"t = t + 1\n{V}",
            f"return theta - {V_MOVE}, v":
            "return theta - lr * g / (np.sqrt(v / (1 - beta2**t)) + eps), v, t",
        },
    ),
    Mistake(
        "shares swapped",
        "Is beta2 the share of the new square, where it is that of the old v?",
        {V: "v = (1 - beta2) * v + beta2 * g**2"},
    ),
    Mistake(
        "old v",
        "Is it the old v in the move, before the new square joins it?",
        {V: f"old = v\n{V}", "np.sqrt(v)": "np.sqrt(old)"},
    ),
    Mistake(*LAST_ONLY, {"beta2 * v + (1 - beta2) * g**2": "g**2"}),
]

BOTH_ADAMS = [
    Mistake(
        "no bias correction",
        "Is the bias correction there?",
        {"m / (1 - beta1**t)": "m", "v / (1 - beta2**t)": "v"},
    ),
    Mistake(
        "v not corrected",
        "Is v corrected too, which starts at zero as m does?",
        {"v / (1 - beta2**t)": "v"},
    ),
    Mistake(
        "m not corrected",
        "Is m corrected too, which starts at zero as v does?",
        {"m / (1 - beta1**t)": "m"},
    ),
    Mistake(
        "t does not count",
        "Does t count, or is it 1 at every step?",
        {"t = t + 1": "t = 1"},
    ),
    Mistake(*EPS_INSIDE, {"np.sqrt(v_hat) + eps": "np.sqrt(v_hat + eps)"}),
    Mistake(
        "eps before the correction",
        "Is eps added before the correction, which then makes it larger too?",
        {"(np.sqrt(v_hat) + eps)": "((np.sqrt(v) + eps) / np.sqrt(1 - beta2**t))"},
    ),
    Mistake(
        "eps before the correction",
        "Is eps added before the correction, which then makes it larger too?",
        {
            "v / (1 - beta2**t)": "(v + eps) / (1 - beta2**t)",
            "np.sqrt(v_hat) + eps": "np.sqrt(v_hat)",
        },
    ),
    Mistake(*NO_ROOT, {"np.sqrt(v_hat)": "v_hat"}),
    Mistake(*NOT_SQUARED, {"(1 - beta2) * g**2": "(1 - beta2) * g"}),
    Mistake(*NOT_SQUARED, {"(1 - beta2) * g**2": "(1 - beta2) * np.abs(g)"}),
    Mistake(
        "gradient instead of m",
        "Does it move by today's gradient, where the average is meant?",
        {"m_hat": "g"},
    ),
    Mistake(
        "swapped m and v",
        "Have m and v changed places in the move?",
        {"m_hat": "v_hat", "v_hat": "m_hat"},
    ),
    Mistake(
        "swapped m and v",
        "Does each of m and v collect what the other should?",
        {"(1 - beta1) * g": "(1 - beta1) * g**2", "(1 - beta2) * g**2": "(1 - beta2) * g"},
    ),
    Mistake(
        "swapped betas",
        "Does each beta stand in the average where the other belongs?",
        {
            M: "m = beta2 * m + (1 - beta2) * g",
            V: "v = beta1 * v + (1 - beta1) * g**2",
        },
    ),
    Mistake(
        "swapped betas",
        "Does each beta stand in the correction where the other belongs?",
        {"m / (1 - beta1**t)": "m / (1 - beta2**t)", "v / (1 - beta2**t)": "v / (1 - beta1**t)"},
    ),
    Mistake(
        "sum instead of average",
        "Does each new gradient join m and v at its full size, which makes sums of the averages?",
        {"(1 - beta1) * g": "g", "(1 - beta2) * g**2": "g**2"},
    ),
    Mistake(
        "one beta for both",
        "Do both averages have the same beta?",
        {V: "v = beta1 * v + (1 - beta1) * g**2"},
    ),
    Mistake(
        "shares swapped",
        "Is beta1 the share of the new gradient, where it is that of the old m?",
        {M: "m = (1 - beta1) * m + beta1 * g"},
    ),
    Mistake(
        "shares swapped",
        "Is each beta the share of what is new, where it is that of the old average?",
        {
            M: "m = (1 - beta1) * m + beta1 * g",
            V: "v = (1 - beta2) * v + beta2 * g**2",
        },
    ),
    Mistake(
        "corrected averages returned",
        "Do the corrected averages go back as state, and are then corrected again?",
        {"return theta, t, m, v": "return theta, t, m_hat, v_hat"},
    ),
]

ADAM = [
    *BOTH_ADAMS,
    Mistake(*EPS_APART, {f"theta - {BARE}": "theta - lr * m_hat / np.sqrt(v_hat) + eps"}),
]

MOVE = "lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta)"
DENOMINATOR = "decay through the denominator"
IGNORES = "decay that ignores the schedule", "Does the decay shrink with lr when a schedule does?"

ADAMW = [
    *BOTH_ADAMS,
    Mistake(*EPS_APART, {MOVE: "lr * (m_hat / np.sqrt(v_hat) + eps + weight_decay * theta)"}),
    Mistake(
        DENOMINATOR,
        "Does the decay join the gradient, and is it then divided by the root of v?",
        {"surface.grad(theta)": "surface.grad(theta) + weight_decay * theta", MOVE: BARE},
    ),
    Mistake(
        DENOMINATOR,
        "Is the decay divided by the root of v, where it stands apart from the gradient?",
        {MOVE: "lr * (m_hat + weight_decay * theta) / (np.sqrt(v_hat) + eps)"},
    ),
    Mistake(
        "decay before the gradient",
        "Is the gradient read after the decay, where both start from the same theta?",
        {
            G: f"{DECAYED}\n{G}",
            MOVE: BARE,
        },
    ),
    Mistake(
        "decay after the step",
        "Is the decay taken of the new theta, where the old one is meant?",
        {
            MOVE: BARE,
            RETURN: f"{DECAYED}\n{RETURN}",
        },
    ),
    Mistake(*IGNORES, {MOVE: f"{BARE} + weight_decay * theta"}),
    Mistake(*IGNORES, {MOVE: f"{BARE} + adamw.__kwdefaults__['lr'] * weight_decay * theta"}),
    Mistake(
        *IGNORES,
        {
            "*state": "t=0, m=0.0, v=0.0, lr0=None",
            "t = t + 1": "t, lr0 = t + 1, lr if lr0 is None else lr0",
            MOVE: f"{BARE} + lr0 * weight_decay * theta",
            RETURN: "return theta, t, m, v, lr0",
        },
    ),
    Mistake("decay missing", "Where is the weight decay?", {MOVE: BARE}),
    Mistake(
        "decay away from zero",
        "Does the decay make theta smaller, or larger?",
        {"weight_decay": "-weight_decay"},
    ),
]

MISTAKES = {"adagrad": ADAGRAD, "rmsprop": RMSPROP, "adam": ADAM, "adamw": ADAMW}
