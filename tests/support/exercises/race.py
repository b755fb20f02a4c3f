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
        ["    losses = [last_loss(lr) for lr in rates]\n"
         "    return rates[np.argmin(np.nan_to_num(losses, nan=np.inf))]",
         "    return min(rates, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))"],
        {"    return rates[np.argmin([last_loss(lr) for lr in rates])]": "left for infinity",
         "    losses = [last_loss(lr) for lr in rates]\n    return rates[np.nanargmax(losses)]":
         "the highest loss",
         "    losses = [last_loss(lr) for lr in rates]\n    return np.nanargmin(losses)":
         "the place",
         "    losses = [last_loss(lr) for lr in rates]\n    return np.nanmin(losses)":
         "the lowest loss",
         "    return rates[1]": "In our call number 1",
         "    losses = [last_loss(lr) for lr in rates]": "returns nothing",
         "    return min(losses)": "NameError"},
    ),
    "race.4": (
        "    raise NotImplementedError",
        ["    return grad(theta_mm / 1000) / 1000", "    return 1e-3 * grad(theta_mm * 1e-3)"],
        {"    return grad(theta_mm / 1000)": "chain rule",
         "    return grad(theta_mm) / 1000": "metres",
         "    return grad(theta_mm / 1000) * 1000": "divides here",
         "    return grad(1000 * theta_mm) / 1000": "A millimetre",
         "    return grad(theta_mm)": "In our call number 1"},
    ),
    "race.5": ("my_lr = ...", ["my_lr = 0.001"],
              {"my_lr = 0.3": "out of the valley", "my_lr = 0.004": "a little lower",
               "my_lr = 0.0": "a little higher"}),
    "race.6": ("my_answer = ...", ['my_answer = "b"'],
               {'my_answer = "a"': "still unfair", 'my_answer = "c"': "luck",
                'my_answer = "d"': "What does 0.05 mean"}),
}
