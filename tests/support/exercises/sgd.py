"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

AVERAGED = """def my_averaged(surface, theta, t=0, walker=None, *, lr=0.1):
    walker = theta if walker is None else walker
    walker = walker - lr * surface.grad({read})
    t = t + 1
    return {theta}, t, walker
"""
GENTLY = "theta + (walker - theta) / t"
EXERCISES = {
    "sgd.1": (
        "my_ratios = ...",
        ["my_ratios = [1, 4]", "my_ratios = (1.0, 4.0)"],
        {"my_ratios = [1 / 4, 1]": "for equal noise", "my_ratios = [4, 4]": "held four times",
         "my_ratios = [1, 1]": "charges more", "my_ratios = [4, 1]": "this order"},
    ),
    "sgd.2": (
        "my_bill = ...",
        ["my_bill = [100, 192]", "my_bill = (700 - 19200 / 32, 19200 / 100)"],
        {"my_bill = [192, 100]": "this order", "my_bill = [100, 19200]": "That is X"},
    ),
    "sgd.3": (
        "my_joined = ...",
        ["def my_joined(parts):\n"
         "    return sum(size * g for g, size in parts) / sum(size for g, size in parts)",
         "my_joined = lambda parts: np.average([g for g, n in parts], "
         "weights=[n for g, n in parts])"],
        {"my_joined = lambda parts: sum(g for g, n in parts) / len(parts)": "equal parts only",
         "my_joined = lambda parts: sum(g for g, n in parts)": "sum of means",
         "my_joined = lambda parts: sum(n * g for g, n in parts)": "over all examples. The",
         "my_joined = lambda parts: sum(n * g for g, n in parts) / len(parts)":
         "number of parts"},
    ),
    "sgd.4": (
        "my_averaged = ...",
        [AVERAGED.format(read="walker", theta=GENTLY),
         AVERAGED.format(read="walker", theta="((t - 1) * theta + walker) / t")],
        {AVERAGED.format(read="walker", theta="walker"): "walker itself",
         AVERAGED.format(read="theta", theta=GENTLY): "read at the mean",
         AVERAGED.format(read="walker", theta="theta + (walker - theta) / (t + 1)"):
         "start counts",
         AVERAGED.format(read="walker", theta="0.5 * theta + 0.5 * walker"): "fixed share",
         AVERAGED.format(read="walker", theta=GENTLY).replace(
             "walker - lr", "theta - lr").replace("grad(walker)", "grad(theta)"):
         "starts each step from the mean"},
    ),
    "sgd.5": ("my_base = ...", ["my_base = 0.005", "my_base = 0.01"],
              {"my_base = 0.002": "Both converge", "my_base = 0.02": "Both explode"}),
}
