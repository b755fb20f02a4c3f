"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "race.1": (
        "my_step = ...",
        ["my_step = [0.2, 0, 0.6, 0.8]", "my_step = 0.2, 0.0, 1 - 0.1 * 4, 0.8**2 + 100 * 0.04**2"],
        {"my_step = [0.2, 0, 0.6, 0.64]": "the second term",
         "my_step = [0.2, 0, 0.8, 0.8]": "*squared*",
         "my_step = [-0.2, 0, 1.4, 1.6]": "uphill",
         "my_step = [0.2, 0, 0.6, 0.7]": "3 of 4 are right"},
    ),
    "race.2": (
        "my_factors = ...",
        ["my_factors = [1e6, 1e3]", "my_factors = 1000**2, 1000"],
        {"my_factors = [1e3, 1e3]": "Right for Adam", "my_factors = [1e6, 1e6]": "a length",
         "my_factors = [1, 1]": "a number a thousand times",
         "my_factors = [1e-3, 1e3]": "chain rule", "my_factors = [1e3, 1]": "for both"},
    ),
    "race.3": (
        "    raise NotImplementedError",
        ["    for t in range(steps):\n        theta = theta - lr * grad(theta)\n    return theta",
         "    t = 0\n    while t < steps:\n        t += 1\n"
         "        theta = theta - lr * grad(theta)\n    return theta"],
        {"    for t in range(steps):\n        theta = theta + lr * grad(theta)\n    return theta":
         "uphill",
         "    g = grad(theta)\n    for t in range(steps):\n        theta = theta - lr * g\n"
         "    return theta": "asked for anew",
         "    for t in range(steps - 1):\n        theta = theta - lr * grad(theta)\n"
         "    return theta": "too few",
         "    for t in range(steps + 1):\n        theta = theta - lr * grad(theta)\n"
         "    return theta": "too many",
         "    for t in range(steps):\n        theta -= lr * grad(theta)\n    return theta":
         "changes what it was given",
         "    for t in range(steps):\n        theta = theta - lr * grad(theta)": "returns nothing",
         "    return theta - lr * gradient(theta)": "NameError",
         "    return lr": "It returns a number"},
    ),
    "race.4": (
        "    raise NotImplementedError",
        ["    return -lr * np.sign(g)", "    return -lr * g / (np.abs(g) + 1e-12)"],
        {"    return -lr * g / np.linalg.norm(g)": "the whole vector",
         "    return -lr * g / g": "the same way",
         "    return -lr * g / np.abs(g)": "nan",
         "    return lr * np.sign(g)": "uphill",
         "    return -np.sign(g)": "Where is lr",
         "    return -lr * g": "In our call number 1"},
    ),
    "race.5": ("my_lr = ...", ["my_lr = 0.001"],
              {"my_lr = 0.3": "out of the valley", "my_lr = 0.004": "a little lower",
               "my_lr = 0.0": "a little higher"}),
    "race.6": ("my_answer = ...", ['my_answer = "b"'],
               {'my_answer = "a"': "still unfair", 'my_answer = "c"': "luck",
                'my_answer = "d"': "What does 0.05 mean"}),
}
