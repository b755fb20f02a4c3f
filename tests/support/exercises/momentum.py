"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "momentum.1": (
        "    raise NotImplementedError",
        [
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity",
            "    g = surface.grad(theta)\n    move = beta * velocity + g\n"
            "    return theta - lr * move, move",
            "    d = -velocity * beta - surface.grad(theta)\n    return theta + lr * d, -d",
        ],
        {
            "    velocity = beta * velocity + (1 - beta) * surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "makes an average of the sum",
            "    velocity = beta * velocity + lr * surface.grad(theta)\n"
            "    return theta - velocity, velocity": "lr inside the velocity",
            "    g = surface.grad(theta)\n"
            "    return theta - lr * velocity, beta * velocity + g": "old velocity",
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta + lr * velocity, velocity": "plus",
            "    velocity = velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity, velocity": "Where is beta",
            "    velocity = beta * velocity + surface.grad(theta)\n"
            "    return theta - lr * velocity": "return",
        },
    ),
    "momentum.2": (
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
    "momentum.3": ("my_lr = ...", ["my_lr = 0.02 / (1 - 0.95)", "my_lr = 0.4"],
             {"my_lr = 1.0": "Which factor", "my_lr = 0.02 * (1 - 0.95)": "make up for it",
              "my_lr = 0.02": "20 times less far", "my_lr = 0.02 / (1 - 0.9)": "for beta 0.9",
              "my_lr = 0.02 * 0.95 / (1 - 0.95)": "not beta",
              "my_lr = 1 / (1 - 0.95)": "What is lr then"}),
    "momentum.4": (
        "my_pair = ...",
        ["my_pair = 4 / (20 + 2) ** 2, ((10 - 1) / (10 + 1)) ** 2",
         "my_pair = np.array([0.008264, 0.6694])"],
        {"my_pair = 4 / 22**2, (99 / 101) ** 2": "1 of 2 are right",
         "my_pair = 2 / 404, 0.0": "gradient descent's best",
         "my_pair = 4 / 22**2, 9 / 11": "its root is the rate",
         "my_pair = 1 / 400, 9 / 11": "Nesterov's usual pair",
         "my_pair = (9 / 11) ** 2, 4 / 22**2": "in the other order",
         "my_pair = 4 / 404**2, (99 / 101) ** 2": "square roots of the curvatures",
         "my_pair = 4 / 22**2": "Its shape is (1,)"},
    ),
    "momentum.5": ("my_condition = ...", ["my_condition = 5", "my_condition = 1.5"],
             {"my_condition = 100": "fewer gradients", "my_condition = 25": "not by three times",
              "my_condition = 50000": "neither settles", "my_condition = 1": "above 1",
              "my_condition = -5": "above 1", "my_condition = 5, 6": "one number"}),
}
