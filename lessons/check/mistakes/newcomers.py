"""What people get wrong in Lion, Sophia and Schedule-Free."""

from lessons.check.mistakes.mistake import Mistake

LION = [
    Mistake(
        "sign of the updated m",
        "Is it the sign of the updated m, where a blend of its own is meant?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "np.sign(beta2 * m + (1 - beta2) * g)"},
    ),
    Mistake(
        "m updated before the move",
        "Is m updated before the blend is made, so that g counts twice?",
        {"np.sign(beta1 * m": "np.sign(beta1 * (beta2 * m + (1 - beta2) * g)"},
    ),
    Mistake(
        "one beta for both",
        "Do the move and the memory have the same beta?",
        {"m = beta2 * m + (1 - beta2)": "m = beta1 * m + (1 - beta1)"},
    ),
    Mistake(
        "shares swapped",
        "Is beta1 the share of the gradient, where it is that of m?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "np.sign((1 - beta1) * m + beta1 * g)"},
    ),
    Mistake(
        "m ignored",
        "Is the memory used, or is it the sign of today's gradient?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "np.sign(g)"},
    ),
    Mistake(
        "sign of m alone",
        "Does today's gradient take part in the blend?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "np.sign(m)"},
    ),
    Mistake(
        "sign missing",
        "Where is the sign, which makes every move equally long?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "beta1 * m + (1 - beta1) * g"},
    ),
    Mistake(
        "sum instead of average",
        "Do the gradients join at full size, which makes sums of averages?",
        {"(1 - beta1) * g": "g", "(1 - beta2) * g": "g"},
    ),
    Mistake(
        "decay inside the sign",
        "Is the decay inside the sign, which forgets how large theta is?",
        {
            "(1 - beta1) * g)": "(1 - beta1) * g + weight_decay * theta)",
            "direction + weight_decay * theta": "direction",
        },
    ),
    Mistake(
        "decay through the memory",
        "Does the decay join the gradient, and so the sign and the memory?",
        {
            "surface.grad(theta)": "surface.grad(theta) + weight_decay * theta",
            "direction + weight_decay * theta": "direction",
        },
    ),
    Mistake(
        "decay after the step",
        "Is the decay taken of the new theta, where the old one is meant?",
        {
            "lr * (direction + weight_decay * theta)": "lr * direction",
            "    m = beta2": "    theta = theta - lr * weight_decay * theta\n    m = beta2",
        },
    ),
    Mistake(
        "decay that ignores the schedule",
        "Does the decay shrink with lr when a schedule does?",
        {"lr * (direction + weight_decay * theta)": "lr * direction - weight_decay * theta"},
    ),
    Mistake(
        "decay that ignores the schedule",
        "Does the decay shrink with lr when a schedule does?",
        {
            "lr * (direction + weight_decay * theta)":
            "lr * direction - lion.__kwdefaults__['lr'] * weight_decay * theta"
        },
    ),
    Mistake("decay missing", "Where is the weight decay?", {" + weight_decay * theta": ""}),
]

SOPHIA = [
    Mistake(
        "clip missing",
        "Where is the clip, which holds a move where the curvature is small?",
        {"np.clip(ratio, -1, 1)": "ratio"},
    ),
    Mistake(
        "numerator clipped",
        "Is it the gradient that is clipped, where the ratio is meant?",
        {"ratio = m / ": "ratio = np.clip(m, -1, 1) / ", "np.clip(ratio, -1, 1)": "ratio"},
    ),
    Mistake(
        "no bound below the curvature",
        "What happens where the curvature is negative or zero?",
        {"np.maximum(scale * h, eps)": "(scale * h)"},
    ),
    Mistake(
        "no bound below the curvature",
        "What happens where the curvature is negative or zero?",
        {"np.maximum(scale * h, eps)": "(scale * h + eps)"},
    ),
    Mistake(
        "no bound below the curvature",
        "Does a negative curvature count as a positive one?",
        {"scale * h, eps": "scale * np.abs(h), eps"},
    ),
    Mistake(
        "scale missing",
        "Where is scale, which says how much the curvature counts?",
        {"scale * h": "h"},
    ),
    Mistake(
        "scale upside down",
        "Is scale on the wrong side of the fraction?",
        {"scale * h": "h / scale"},
    ),
    Mistake(
        "gradient instead of m",
        "Does it move by today's gradient, where the average is meant?",
        {"m / np": "g / np"},
    ),
    Mistake(
        "old h",
        "Is it the old curvature in the move, before it is renewed?",
        {"    if (t": "    old = h\n    if (t", "scale * h": "scale * old"},
    ),
    Mistake(
        "curvature at every step",
        "Is the curvature renewed at every step?",
        {"% period == 0": "% 1 == 0"},
    ),
    Mistake(
        "h decays at every step",
        "Does h fade at steps that do not renew it?",
        {
            "h = beta2 * h + (1 - beta2) * _d": "h = h + (1 - beta2) * _d",
            "    if (t": "    h = beta2 * h\n    if (t",
        },
    ),
    Mistake(
        "last curvature only",
        "Is it the last curvature only, with no average of it?",
        {"beta2 * h + (1 - beta2) * ": ""},
    ),
    Mistake(
        "squared gradient as curvature",
        "Is it the squared gradient, as in Adam, in place of curvature?",
        {"_diagonal(surface, theta)\n    ratio": "g * g\n    ratio"},
    ),
    Mistake(
        "sum instead of average",
        "Do gradients and curvatures join at full size, which makes sums?",
        {"(1 - beta1) * g": "g", "(1 - beta2) * _": "_"},
    ),
]

SCHEDULE_FREE = [
    Mistake(
        "Schedule-Free with the gradient at z",
        "Is the gradient read at z, where a point between is meant?",
        {"(1 - beta) * z + beta * theta": "z"},
    ),
    Mistake(
        "gradient at theta",
        "Is the gradient read at the mean, where a point between is meant?",
        {"(1 - beta) * z + beta * theta": "theta"},
    ),
    Mistake(
        "shares swapped",
        "Is the gradient read near z, where it should be near the mean?",
        {"(1 - beta) * z + beta * theta": "beta * z + (1 - beta) * theta"},
    ),
    Mistake(
        "z moves from the point between",
        "Does z move from where the gradient was read, not from itself?",
        {"z = z - lr": "y = (1 - beta) * z + beta * theta\n    z = y - lr"},
    ),
    Mistake(
        "weights missing",
        "Do all points count alike, where early ones of a warm-up count less?",
        {"lr_max * lr_max": "1.0"},
    ),
    Mistake(
        "weights not squared",
        "Is the largest lr squared in the weights?",
        {"lr_max * lr_max": "lr_max"},
    ),
    Mistake(
        "current lr in the weights",
        "Is it the current lr that weighs, where the largest so far is meant?",
        {"np.maximum(lr_max, lr, dtype=z.dtype)": "lr"},
    ),
    Mistake(
        "mean of the old z",
        "Does z's old point join the mean, before it has moved?",
        {"    z = z - lr": "    old = z\n    z = z - lr", "share * z": "share * old"},
    ),
    Mistake(
        "running average instead of mean",
        "Does the mean forget, where all points should count?",
        {"(1 - share) * theta + share * z": "beta * theta + (1 - beta) * z"},
    ),
    Mistake(
        "z shown",
        "Is it z that is shown, where it should be the mean?",
        {"return theta, z": "return z, z"},
    ),
]

MISTAKES = {"lion": LION, "sophia": SOPHIA, "schedule_free": SCHEDULE_FREE}
