"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "momentum.1": ("my_factor = ...", ["my_factor = 0.1", "my_factor = 0.01 / 0.1"],
                   {"my_factor = 10": "old / new", "my_factor = 0.01": "the new rate",
                    "my_factor = 0.9": "which the velocity fades", "my_factor = 0": "memory is",
                    "my_factor = 1": "the rate of before", "my_factor = 5": "times our sum"}),
    "momentum.2": (
        "my_edge = ...", ["my_edge = 1.5", "my_edge = (2 + 2 * 0.5) / (1 + 2 * 0.5)"],
        {"my_edge = 2 * (1 + 0.5)": "momentum's edge", "my_edge = 2": "without memory",
         "my_edge = -1 / (1 + 2 * 0.5)": "What is lr c then", "my_edge = 0.5": "one subtraction",
         "my_edge = 3.8 / 2.8": "for beta 0.9", "my_edge = 1": "there it is quickest",
         "my_edge = 1.7": "Put r = -1 into"}),
    "momentum.3": (
        "my_pair = ...        # beta, how many times Polyak's steps",
        ["my_pair = 0.95**2, np.log(19 / 21) / np.log(0.95)", "my_pair = [0.9025, 1.951]"],
        {"my_pair = 0.95, 1.951": "root of beta", "my_pair = 0.9025, 1 / 1.951": "upside down",
         "my_pair = 0.9, 1.951": "floor creeps", "my_pair = 361 / 441, 1": "on the cliff",
         "my_pair = 0.9025, 20 / 19": "their logarithms", "my_pair = 0.5, 1.951": "1 of 2 are"}),
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
    "momentum.5": ("my_condition = ...", ["my_condition = 5", "my_condition = 1.5"],
                   {"my_condition = 100": "fewer steps", "my_condition = 25": "not by three times",
                    "my_condition = 1": "above 1", "my_condition = -5": "above 1",
                    "my_condition = 5, 6": "one number", "my_condition = True": "one number"}),
    "momentum.6": ("my_repairs = ...", ['my_repairs = "ab"', 'my_repairs = "B, A"'],
                   {'my_repairs = "a"': "batch ten times", 'my_repairs = "b"': "That is one",
                    'my_repairs = "c"': "more inst", 'my_repairs = "a, b, c"': "more inst",
                    'my_repairs = "none"': "undo the 10"}),
}
