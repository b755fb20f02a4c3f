"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "race.1": (
        "    raise NotImplementedError",
        [
            "    return theta - lr * surface.grad(theta)",
            "    g = surface.grad(theta)\n    move = -lr * g\n    return theta + move",
        ],
        {
            "    return theta + lr * surface.grad(theta)": "with the wrong sign",
            "    return theta - surface.grad(theta)": "times what it should be",
            "    g = surface.grad(theta)\n    theta -= lr * g\n    return theta": "in place",
            "    theta - lr * surface.grad(theta)": "return",
        },
    ),
    "race.2": ("my_lr = ...", ["my_lr = 0.001"],
              {"my_lr = 0.3": "out of the valley", "my_lr = 0.004": "a little lower",
               "my_lr = 0.0": "a little higher"}),
    "race.3": ("my_answer = ...", ['my_answer = "b"'], {}),
}
