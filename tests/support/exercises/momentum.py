"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "momentum.1": ("my_lr = ...", ["my_lr = 0.02 / (1 - 0.95)", "my_lr = 0.4"],
             {"my_lr = 1.0": "Which factor", "my_lr = 0.02 * (1 - 0.95)": "make up for it",
              "my_lr = 0.02": "20 times less far", "my_lr = 0.02 / (1 - 0.9)": "for beta 0.9",
              "my_lr = 0.02 * 0.95 / (1 - 0.95)": "not beta",
              "my_lr = 1 / (1 - 0.95)": "What is lr then"}),
    "momentum.2": (
        "my_edge = ...", ["my_edge = 1.5", "my_edge = (2 + 2 * 0.5) / (1 + 2 * 0.5)"],
        {"my_edge = 2 * (1 + 0.5)": "momentum's edge", "my_edge = 2": "without memory",
         "my_edge = -1 / (1 + 2 * 0.5)": "What is lr c then", "my_edge = 0.5": "one subtraction",
         "my_edge = 3.8 / 2.8": "for beta 0.9", "my_edge = 1": "there it is quickest",
         "my_edge = 1.7": "Put r = -1 into"}),
    "momentum.3": (
        "my_fit = ...        # beta, lr times L, steps",
        ["my_fit = 361 / 441, 1600 / 441, np.log(1e6) / -np.log(361 / 441)",
         "my_fit = [0.819, 3.63, 69]", "my_fit = np.array([0.8186, 3.628, 69.02])"],
        {"my_fit = 19 / 21, 1600 / 441, 69": "beta is the square",
         "my_fit = 361 / 441, 1600 / 441, 138": "The loss is a square",
         "my_fit = 361 / 441, 4 / 441, 69": "lr times L",
         "my_fit = (399 / 401) ** 2, 800 / 401, 1382": "nearly gradient descent",
         "my_fit = 0.7, 3.63, 69": "2 of 3 are right"}),
    "momentum.4": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * (g + beta * velocity), velocity",
            "    g = surface.grad(theta)\n    ball = theta - lr * g\n"
            "    velocity = beta * velocity + g\n"
            "    return ball - lr * beta * velocity, velocity",
        ],
        {
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "the heavy ball",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * (g + velocity), velocity": "faded once more",
            "    g = surface.grad(theta - lr * beta * velocity)\n"
            "    velocity = beta * velocity + g\n"
            "    return theta - lr * velocity, velocity": "look-ahead point",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + g\n"
            "    return theta - lr * beta * velocity, velocity": "today's gradient",
            "    g = surface.grad(theta)\n    velocity = beta * velocity + (1 - beta) * g\n"
            "    return theta - lr * (g + beta * velocity), velocity": "average",
        },
    ),
    "momentum.5": (
        "    return ...",
        ["    cosine = (1 + beta - lr_c) / (2 * beta**0.5)\n"
         "    return (lr_c / (1 - cosine**2)) ** 0.5",
         "    return np.sqrt(lr_c) / np.sin(np.arccos((1 + beta - lr_c) / 2 / np.sqrt(beta)))"],
        {"    return lr_c / (1 - ((1 + beta - lr_c) / 2) ** 2 / beta)": "square of A",
         "    return lr_c**0.5 / abs((1 + beta - lr_c) / (2 * beta**0.5))": "by the cosine",
         "    return lr_c / (1 - ((1 + beta - lr_c) / 2) ** 2 / beta) ** 0.5": "root of lr c",
         "    return 1.0": "gives the cosine"}),
    "momentum.6": ("my_condition = ...", ["my_condition = 5", "my_condition = 1.5"],
                   {"my_condition = 100": "fewer steps", "my_condition = 25": "not by three times",
                    "my_condition = 1": "above 1", "my_condition = -5": "above 1",
                    "my_condition = 5, 6": "one number", "my_condition = True": "one number"}),
    "momentum.7": ("her_lr = ...", ["her_lr = 0.01", "her_lr = 0.1 * (1 - 0.9)"],
                   {"her_lr = 0.1": "what she has", "her_lr = 1.0": "effective rate now",
                    "her_lr = 0.09": "times beta", "her_lr = 0.001": "One ten is enough",
                    "her_lr = 0.05": "the old learning rate"}),
}
