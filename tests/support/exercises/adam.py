"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

GRADIENT = "    g = surface.grad(theta)\n    t = t + 1\n"
MEANS = "    m = beta1 * m + (1 - beta1) * g\n    v = beta2 * v + (1 - beta2) * g**2\n"
HATS = "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n"
MOVE = "    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t, m, v"
DECAYED = ("    return theta - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta), "
           "t, m, v")
SEEN = "    g = surface.grad(theta)\n" + MEANS
FULL = ("    full1 = beta1 * full1 + (1 - beta1)\n"
        "    full2 = beta2 * full2 + (1 - beta2)\n")
ENDS = ("    return theta - lr * m / full1 / (np.sqrt(v / full2) + eps), m, v, full1, full2")
EMPTY = "    raise NotImplementedError      # theta, m, v, full1, full2, in this order"

EXERCISES = {
    "adam.1": (
        "my_moves = ...", ["my_moves = [0.1, 31.6, 29]", "my_moves = [0.1, 1000**0.5, 29]"],
        {"my_moves = [0.1, 3.16, 29]": "below it", "my_moves = [31.6, 0.1, 29]": "other way round",
         "my_moves = [0.1, 1000, 29]": "root of v", "my_moves = [0.1, 31.6, 28]": "0.9477",
         "my_moves = [0.1, 31.6, 50]": "Which step", "my_moves = [0.1, 31.6, 40]": "2 of 3"}),
    "adam.2": (
        "my_noise = ...", ["my_noise = [1.95, 0.734]", "my_noise = [3.8**0.5, 0.7338]"],
        {"my_noise = [3.8, 0.734]": "the square of r", "my_noise = [1.73, 0.756]": "r^2 / 19",
         "my_noise = [1.95, 0.588]": "half the noise", "my_noise = [1.95, 0.25]": "surer",
         "my_noise = [2.5, 0.734]": "1 of 2 are right"}),
    "adam.3": (
        "my_rest = ...", ["my_rest = [10, 6931]", "my_rest = [1 / 0.1, np.log(2) / 1e-4]"],
        {"my_rest = [0.1, 6931]": "It rests where", "my_rest = [10, 5000]": "slower",
         "my_rest = [10, 6.931]": "lr times weight_decay", "my_rest = [10000, 6931]": "cancels",
         "my_rest = [np.inf, 6931]": "pulls it back", "my_rest = [10, 9000]": "1 of 2 are right"}),
    "adam.4": (
        EMPTY,
        [SEEN + FULL + ENDS,
         "    g = surface.grad(theta)\n    m = m + (1 - beta1) * (g - m)\n"
         "    v = v + (1 - beta2) * (g * g - v)\n    full1 = 1 - beta1 * (1 - full1)\n"
         "    full2 = 1 - beta2 * (1 - full2)\n" + ENDS],
        {SEEN + FULL + "    return theta - lr * m / (np.sqrt(v) + eps), m, v, full1, full2":
            "bias correction",
         SEEN + FULL + ENDS.replace("np.sqrt(v / full2) + eps", "np.sqrt(v / full2 + eps)"):
            "eps inside the root",
         SEEN + FULL + ENDS.replace("np.sqrt(v / full2)", "v / full2"): "root missing",
         SEEN + FULL + ENDS.replace("m, v, full1", "m / full1, v / full2, full1"):
            "corrected again",
         SEEN.replace("g**2", "g") + FULL + ENDS: "squared",
         SEEN + FULL + ENDS.replace("m / full1", "g"): "today's gradient"}),
    "adam.5": (
        "    raise NotImplementedError",
        [
            GRADIENT + MEANS + HATS + DECAYED,
            "    smaller = theta * (1 - lr * weight_decay)\n" + GRADIENT + MEANS + HATS
            + MOVE.replace("theta - lr", "smaller - lr"),
        ],
        {
            GRADIENT.replace("(theta)", "(theta) + weight_decay * theta") + MEANS + HATS + MOVE:
                "Does the decay join the gradient",
            GRADIENT + MEANS + HATS + "    return theta - lr * (m_hat + weight_decay * theta) "
            "/ (np.sqrt(v_hat) + eps), t, m, v": "decay divided",
            GRADIENT + MEANS + HATS + MOVE: "Where is the weight decay?",
            GRADIENT + MEANS + HATS + MOVE.replace(", t, m, v", " - weight_decay * theta, t, m, v"):
                "shrink with lr",
            GRADIENT + MEANS + HATS + DECAYED.replace("+ weight", "- weight"): "smaller, or larger",
            GRADIENT + MEANS + HATS + MOVE.replace("return", "theta =").replace(", t, m, v", "")
            + "\n    return theta * (1 - lr * weight_decay), t, m, v": "of the new theta",
        },
    ),
    "adam.6": (
        "my_pair = ...", ["my_pair = [600, 400]", "my_pair = (450.5, 300)"],
        {"my_pair = [150, 100]": "walks down", "my_pair = [400, 400]": "stronger",
         "my_pair = [3000, 1500]": "At most every 1,000th", "my_pair = 600": "Two numbers",
         "my_pair = [600, 0]": "Two numbers", "my_pair = [600, 400.5]": "Two numbers"}),
}
