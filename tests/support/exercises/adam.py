"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

GRADIENT = "    g = surface.grad(theta)\n    t = t + 1\n"
MEANS = "    m = beta1 * m + (1 - beta1) * g\n    v = beta2 * v + (1 - beta2) * g**2\n"
HATS = "    m_hat = m / (1 - beta1**t)\n    v_hat = v / (1 - beta2**t)\n"
MOVE = "    return theta - lr * m_hat / (np.sqrt(v_hat) + eps), t, m, v"
DECAYED = ("    return theta - lr * (m_hat / (np.sqrt(v_hat) + eps) + weight_decay * theta), "
           "t, m, v")

EXERCISES = {
    "adam.1": (
        "    raise NotImplementedError",
        [
            GRADIENT + MEANS + HATS + MOVE,
            "    g, t = surface.grad(theta), t + 1\n    m = m + (1 - beta1) * (g - m)\n"
            "    v = v + (1 - beta2) * (g * g - v)\n"
            "    rate = lr * (1 - beta2**t) ** 0.5 / (1 - beta1**t)\n"
            "    return theta - rate * m / (v**0.5 + eps * (1 - beta2**t) ** 0.5), t, m, v",
        ],
        {
            GRADIENT + MEANS + "    return theta - lr * m / (np.sqrt(v) + eps), t, m, v":
                "bias correction",
            GRADIENT + MEANS + HATS
            + "    return theta - lr * m_hat / np.sqrt(v_hat + eps), t, m, v":
                "eps inside the root",
            GRADIENT + MEANS + HATS + MOVE.replace("t, m, v", "t, m_hat, v_hat"): "corrected again",
            GRADIENT.replace("    t = t + 1\n", "") + MEANS + HATS
            + MOVE.replace("t, m", "t + 1, m"):
                "not a finite number",
            GRADIENT + MEANS.replace("g**2", "g") + HATS + MOVE: "squared",
            GRADIENT + MEANS + HATS + MOVE.replace("m_hat / (np", "g / (np"): "today's gradient",
            GRADIENT + MEANS + HATS + MOVE.replace("np.sqrt(v_hat)", "v_hat"): "root missing",
        },
    ),
    "adam.2": (
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
    "adam.3": ('my_answer = ...', ['my_answer = "b"', 'my_answer = " B"'],
             {'my_answer = "d"': "one letter", 'my_answer = "a"': "lr 0.001",
              'my_answer = "c"': "6e-6", "my_answer = 2": "a text is expected"}),
    "adam.4": (
        "my_gradients = ...",
        ["my_gradients = 2500, 2000", "my_gradients = [2450.5, 2000]"],
        {
            "my_gradients = 75, 50": "walks down",
            "my_gradients = 50, 50": "stronger",
            "my_gradients = 1500, 1000": "walks down",
            "my_gradients = 9000, 5000": "At most every 3,000th",
            "my_gradients = 2500": "Two numbers, please",
            "my_gradients = 2500, 0": "Two numbers, please",
        },
    ),
}
