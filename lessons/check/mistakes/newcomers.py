"""What people get wrong in Lion, Sophia and Schedule-Free."""

from lessons.check.mistakes.mistake import Mistake

M = "m = beta2 * m + (1 - beta2) * g"

LION = [
    Mistake(
        "sign of the updated m",
        "Is it the sign of the updated m, where a blend of its own is meant?",
        {"np.sign(beta1 * m + (1 - beta1) * g)": "np.sign(beta2 * m + (1 - beta2) * g)"},
    ),
    Mistake(
        "m updated before the move",
        "Is m updated before the blend is made, so that g counts twice?",
        {
            "np.sign(beta1 * m + (1 - beta1) * g)":
            "np.sign(beta1 * (beta2 * m + (1 - beta2) * g) + (1 - beta1) * g)"
        },
    ),
    Mistake(
        "one beta for both",
        "Do the move and the memory have the same beta?",
        {M: "m = beta1 * m + (1 - beta1) * g"},
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
            "np.sign(beta1 * m + (1 - beta1) * g)":
            "np.sign(beta1 * m + (1 - beta1) * g + weight_decay * theta)",
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
            M: f"theta = theta - lr * weight_decay * theta\n{M}",
        },
    ),
    Mistake(
        "decay that ignores the schedule",
        "Does the decay shrink with lr when a schedule does?",
        {"lr * (direction + weight_decay * theta)": "lr * direction + weight_decay * theta"},
    ),
    Mistake(
        "decay that ignores the schedule",
        "Does the decay shrink with lr when a schedule does?",
        {
            "lr * (direction + weight_decay * theta)":
            "lr * direction + lion.__kwdefaults__['lr'] * weight_decay * theta"
        },
    ),
    Mistake("decay missing", "Where is the weight decay?", {"weight_decay": "0"}),
]

M1 = "m = beta1 * m + (1 - beta1) * g"
RATIO = "m / np.maximum(scale * h, eps)"

SOPHIA = [
    Mistake(
        "clip missing",
        "Where is the clip, which holds a move where the curvature is small?",
        {"np.clip(ratio, -1, 1)": "ratio"},
    ),
    Mistake(
        "numerator clipped",
        "Is it the gradient that is clipped, where the ratio is meant?",
        {RATIO: RATIO.replace("m /", "np.clip(m, -1, 1) /"), "np.clip(ratio, -1, 1)": "ratio"},
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
        {"scale * h": "scale * np.abs(h)"},
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
        {RATIO: RATIO.replace("m /", "g /")},
    ),
    Mistake(
        "old h",
        "Is it the old curvature in the move, before it is renewed?",
        {M1: f"{M1}\nold = h", "scale * h": "scale * old"},
    ),
    Mistake(
        "curvature at every step",
        "Is the curvature renewed at every step?",
        {"period": "1"},
    ),
    Mistake(
        "h decays at every step",
        "Does h fade at steps that do not renew it?",
        {
            "beta2 * h": "h",
            M1: f"{M1}\nh = beta2 * h",
        },
    ),
    Mistake(
        "last curvature only",
        "Is it the last curvature only, with no average of it?",
        {"beta2 * h + (1 - beta2) * _diagonal(surface, theta)": "_diagonal(surface, theta)"},
    ),
    Mistake(
        "squared gradient as curvature",
        "Is it the squared gradient, as in Adam, in place of curvature?",
        {"_diagonal(surface, theta)": "g * g"},
    ),
    Mistake(
        "sum instead of average",
        "Do gradients and curvatures join at full size, which makes sums?",
        {"1 - beta1": "1", "1 - beta2": "1"},
    ),
]

Z = "z = z - lr * surface.grad((1 - beta) * z + beta * theta)"

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
        {Z: Z.replace("z = z", "z = (1 - beta) * z + beta * theta")},
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
        {Z: f"old = z\n{Z}", "share * z": "share * old"},
    ),
    Mistake(
        "running average instead of mean",
        "Does the mean forget, where all points should count?",
        {"(1 - share) * theta + share * z": "beta * theta + (1 - beta) * z"},
    ),
    Mistake(
        "z shown",
        "Is it z that is shown, where it should be the mean?",
        {"return theta, z, lr_max, weights": "return z, z, lr_max, weights"},
    ),
]

MISTAKES = {"lion": LION, "sophia": SOPHIA, "schedule_free": SCHEDULE_FREE}
