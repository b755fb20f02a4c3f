"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

NORM = "np.sqrt(sum((g**2).sum() for g in gradients))"
EACH = "np.sqrt((g * g).sum(-1, keepdims=True))"
RETURN = "    return [g * min(1, c / ({} + 1e-6)) for g in gradients]"
ALL = RETURN.format(NORM)
EXERCISES = {
    "clipping.1": (
        "my_wall = ...", ["my_wall = [31, 0.0014]", "my_wall = [np.ceil(30.3), 1.4 / 1000]"],
        {"my_wall = [30, 0.0014]": "One more", "my_wall = [32, 0.0014]": "longer than 1000 already",
         "my_wall = [29, 0.0014]": "without the target", "my_wall = [39, 0.0014]": "multiplies",
         "my_wall = [31, 1400 * 1000]": "divide the drop",
         "my_wall = [31, 1000 / 1.4]": "over slope",
         "my_wall = [31, 1.4 / 800]": "no 0.8", "my_wall = [31, 0.1]": "1 of 2 are right"}),
    "clipping.2": (
        "my_rest = ...", ["my_rest = [2 / 3, 2.5, 7]", "my_rest = np.array([0.667, 2.5, 7.0])"],
        {"my_rest = [1 / 3, 2.5, 7]": "both the fives", "my_rest = [2 / 3, 3, 7]": "still cut",
         "my_rest = [2 / 3, 10 / 3, 7]": "2.5 away", "my_rest = [2 / 3, 2.5, 3]": "longer",
         "my_rest = [2 / 3, 2.5, 8]": "how far away",
         "my_rest = [2 / 3, 2.5, 10]": "not the example",
         "my_rest = [3, 3, 7]": "the mean", "my_rest = [1, 2, 7]": "1 of 3 are right"}),
    "clipping.3": (
        "    raise NotImplementedError",
        [ALL,
         "    flat = np.concatenate([np.ravel(g) for g in gradients])\n"
         "    factor = np.minimum(1, c / (np.linalg.norm(flat) + 1e-6))\n"
         "    return [factor * g for g in gradients]"],
        {"    return [g * min(1, c / (np.linalg.norm(g) + 1e-6)) for g in gradients]": "turns",
         f"    return [g * c / ({NORM} + 1e-6) for g in gradients]": "made longer",
         RETURN.format(f"{NORM}**2"): "not the norm yet",
         RETURN.format("max(abs(g).max() for g in gradients)"): "largest entry",
         "    return [np.clip(g, -c, c) for g in gradients]": "by value",
         RETURN.format("sum(np.linalg.norm(g) for g in gradients)"): "do not add up",
         f"    return min(1, c / ({NORM} + 1e-6))": "That is the factor",
         f"    norm = {NORM}\n    for g in gradients:\n        g *= min(1, c / (norm + 1e-6))\n"
         "    return gradients": "changes what it was given",
         "    return gradients": "One factor"}),
    "clipping.4": (
        "    raise NotImplementedError",
        ["    return beta * velocity + (1 - beta) * shortened(g, c)",
         f"    return beta * velocity + (1 - beta) * g * np.minimum(1, c / ({EACH} + 1e-6))"],
        {"    return shortened(beta * velocity + g, c)": "colleague has",
         "    return beta * velocity + shortened(g, c)": "an average stays within c",
         "    return shortened(beta * velocity + (1 - beta) * g, c)": "rules it",
         "    return beta * velocity + (1 - beta) * g": "nothing is clipped",
         "    return beta * velocity + (1 - beta) * np.clip(g, -c, c)": "by value",
         "    return (1 - beta) * velocity + beta * shortened(g, c)": "other way round",
         "    return beta * shortened(velocity, c) + (1 - beta) * shortened(g, c)":
         "needs no clipping",
         "    return shortened(g, c)": "old velocity",
         "    return beta * velocity + g": "Shorten g first"}),
    "clipping.5": (
        "my_pair = ...", ["my_pair = (0.01, 0.1)", "my_pair = [0.02, 0.05]"],
        {"my_pair = (0.1, 0.1)": "gets to the wall", "my_pair = (0.002, 10)": "lower the threshold",
         "my_pair = 0.1": "Two numbers", "my_pair = (0.1, -1)": "Two numbers",
         "my_pair = (0.1, 0.2, 0.3)": "Two numbers"}),
    "clipping.6": (
        "my_reading = ...",
        ["my_reading = [100, 0.5, 10]", "my_reading = (100, 2 * 0.1 / 0.4, 10)"],
        {"my_reading = [1, 0.5, 0.1]": "As percentages", "my_reading = [10, 0.5, 10]": "above 0.1",
         "my_reading = [100, 0.2, 10]": "length that enters",
         "my_reading = [100, 2, 10]": "plain lr",
         "my_reading = [100, 8, 10]": "Divide", "my_reading = [100, 0.05, 10]": "has to be 0.2",
         "my_reading = [100, 0.2 / 3.36, 10]": "median",
         "my_reading = [100, 0.5, 0]": "longer than",
         "my_reading = [100, 0.5, 1]": "2 of 3"}),
}
