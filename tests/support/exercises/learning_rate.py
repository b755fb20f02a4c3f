"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

FILLED = "np.where(np.isnan(wrong), np.inf, wrong).mean(axis=1)"
PICK = ("    mean = {}\n    best = mean.argmin()\n"
        "    return None if best in (0, len(mean) - 1) else best")
EXERCISES = {
    "learning_rate.1": (
        "my_excess = ...",
        ["my_excess = [0.00347, 0.0502, 0.0035]",
         "my_excess = [np.log(2) / 200, 0.05 * (1 + np.log(2) / 200), 0.00347]"],
        {"my_excess = [0.00693, 0.05035, 0.00693]": "the root of 2 only",
         "my_excess = [0.00693, 0.0502, 0.0035]": "you gave 2 delta",
         "my_excess = [0.00347, 0.0502, 0.5]": "does not halve the error",
         "my_excess = [0.00347, 0.0251, 0.0035]": "not 1 / L"}),
    "learning_rate.2": (
        "my_price = ...", ["my_price = [10, 22.1]", "my_price = [10, 3 + np.exp(3) - 1]"],
        {"my_price = [0.1, 22.1]": "is higher", "my_price = [10, 20.1]": "Do not drop",
         "my_price = [10, 23.1]": "starts at m = 0", "my_price = [2.303, 22.1]": "about e^-m"}),
    "learning_rate.3": (
        "    raise NotImplementedError",
        ["    return [(ramp(1e-5, 10, total) < 2).sum() for ramp in (np.geomspace, np.linspace)]",
         "    t = np.arange(total) / (total - 1)\n"
         "    return np.sum(1e-5 * 1e6**t < 2), np.sum(1e-5 + (10 - 1e-5) * t < 2)"],
        {"    return [(ramp(1e-5, 10, total) < 2).sum() for ramp in (np.linspace, np.geomspace)]":
         "in the other order",
         "    return [(ramp(1e-5, 10, total) > 2).sum() for ramp in (np.geomspace, np.linspace)]":
         "a rate of 2 or more",
         "    return [(ramp(1e-5, 10, total) < 2).mean() for ramp in (np.geomspace, np.linspace)]":
         "not their share"}),
    "learning_rate.4": (
        "    raise NotImplementedError",
        [PICK.format(FILLED),
         "    mean = np.nan_to_num(wrong, nan=1e9).mean(axis=1)\n    k = int(np.argsort(mean)[0])\n"
         "    return k if 0 < k < len(mean) - 1 else None"],
        {PICK.format("wrong.mean(axis=1)"): "the first nan",
         PICK.format("np.nanmean(wrong, axis=1)"): "must not be left out",
         f"    return {FILLED}.argmin()": "only because the grid stops",
         PICK.format("np.nanmin(wrong, axis=1)"): "luckiest single seed"}),
    "learning_rate.5": (
        "my_case = ...", ['my_case = ("SGD", 11)', 'my_case = ["adagrad", 5]'],
        {'my_case = ("Momentum", 18)': "a TIE", 'my_case = ("SGD", 9)': "worst of three",
         'my_case = "SGD"': "A rule's name"}),
    "learning_rate.6": (
        "my_repairs = ...", ['my_repairs = "a, b"', 'my_repairs = "BA"'],
        {'my_repairs = "a"': "Which images", 'my_repairs = "b"': "half of it",
         'my_repairs = "a, b, c"': "another unfairness", 'my_repairs = "c"': "What did one"}),
}
