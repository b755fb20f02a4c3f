"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "race.1": (
        "my_rates = ...",
        ["my_rates = [0.25, 0.5]", "my_rates = 1 / 4, 2 / 4"],
        {"my_rates = [0.5, 0.25]": "other order", "my_rates = [1, 2]": "c is 4",
         "my_rates = [0.125, 0.25]": "*square*", "my_rates = [0.5, 1]": "Twice too long",
         "my_rates = [0.25, 0.7]": "1 of 2"},
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
         "    best = rates[np.argmin(np.nan_to_num(losses, nan=np.inf))]\n"
         "    if best == rates[0]:\n        return tune(last_loss, [best / 3, *rates])\n"
         "    if best == rates[-1]:\n        return tune(last_loss, [*rates, best * 3])\n"
         "    return best",
         "    rates = list(rates)\n    while True:\n"
         "        best = min(rates, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))\n"
         "        if best == rates[0]:\n            rates.insert(0, best / 3)\n"
         "        elif best == rates[-1]:\n            rates.append(best * 3)\n"
         "        else:\n            return best"],
        {"    return rates[np.argmin([last_loss(lr) for lr in rates])]": "left for infinity",
         "    return min(rates, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))":
         "an end of it",
         "    more = [rates[0] / 3, *rates, rates[-1] * 3]\n"
         "    return min(more, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))":
         "ask again",
         "    rates = list(rates)\n    while True:\n"
         "        best = min(rates, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))\n"
         "        if best < rates[-1]:\n            return best\n"
         "        rates.append(best * 3)": "an end of it",
         "    rates = list(rates)\n    while True:\n"
         "        best = min(rates, key=lambda lr: np.nan_to_num(last_loss(lr), nan=np.inf))\n"
         "        if best > rates[0]:\n            return best\n"
         "        rates.insert(0, best / 3)": "an end of it",
         "    return rates[1]": "In our call number 2",
         "    losses = [last_loss(lr) for lr in rates]": "returns nothing",
         "    return min(losses)": "NameError"},
    ),
    "race.4": ("my_steps = ...", ["my_steps = 2", "my_steps = 4", "my_steps = 6"],
              {"my_steps = 1": "remembers nothing", "my_steps = 60": "as in the opening race",
               "my_steps = 3": "as in the opening race"}),
    "race.5": (
        "my_chances = ...",
        ["my_chances = [0.96, 0.099]", "my_chances = [0.96, 0.1]",
         "my_chances = 1 - 0.7**9, 0.098809"],
        {"my_chances = [0.96, 0.2703]": "not when four", "my_chances = [0.9596, 0.0735]":
         "Exactly five", "my_chances = [0.96, 0.3]": "at least five",
         "my_chances = [0.96, 0.9]": "*nothing*", "my_chances = [0.04, 0.099]": "all nine",
         "my_chances = [0.3, 0.3]": "one run", "my_chances = [0.96, 0.2]": "1 of 2"},
    ),
}
