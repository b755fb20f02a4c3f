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
        "my_lr = ...",
        ["my_lr = 0.08 / 9.16", "my_lr = 0.00873"],
        {"my_lr = 0.00889": "drops lr c", "my_lr = 0.0253": "9, not 3",
         "my_lr = 0.004405": "squared distance", "my_lr = 0.002212": "curvature is missing"},
    ),
    "sgd.2": ("my_factor = ...", ["my_factor = 1 / 8", "my_factor = 0.125"],
              {"my_factor = 1 / 4": "batch alone", "my_factor = 8": "goes down"}),
    "sgd.3": (
        "my_bill = ...",
        ["my_bill = [2, 1.25, 2, 5]", "my_bill = np.array([2, 1.25, 2, 5])"],
        {"my_bill = [2, 5, 2, 1.25]": "changed places",
         "my_bill = [1, 0.25, 1, 1]": "far below the noise scale"},
    ),
    "sgd.4": (
        "my_draw = ...",
        ["my_draw = lambda gradients, size, rng: "
         "gradients[rng.choice(len(gradients), size, replace=False)].mean(axis=0)",
         "def my_draw(gradients, size, rng):\n"
         "    order = rng.permutation(len(gradients))\n"
         "    return sum(gradients[i] for i in order[:size]) / size",
         "my_draw = lambda gradients, size, rng: "
         "rng.permuted(gradients, axis=0)[:size].mean(axis=0)"],
        {"my_draw = lambda gradients, size, rng: "
         "gradients[rng.choice(len(gradients), size, replace=False)].sum(axis=0)": "a sum",
         "my_draw = lambda gradients, size, rng: "
         "gradients[rng.integers(0, len(gradients), size)].mean(axis=0)": "twice",
         "my_draw = lambda gradients, size, rng: gradients[:size].mean(axis=0)": "to be drawn",
         "my_draw = lambda gradients, size, rng: gradients[np.random.default_rng(0)"
         ".permutation(len(gradients))[:size]].mean(axis=0)": "to be drawn"},
    ),
    "sgd.5": (
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
    "sgd.6": ("my_base = ...", ["my_base = 0.005", "my_base = 0.01"],
              {"my_base = 0.002": "Both converge", "my_base = 0.02": "Both explode"}),
    "sgd.7": ("my_factors = ...", ["my_factors = [2, 1, 1, 1]", "my_factors = (2, 1.0, 1, 1)"],
              {"my_factors = [1, 1, 1, 1]": "the copies too",
               "my_factors = [2, 2, 1, 1]": "do not change a mean",
               "my_factors = [2, 1, 0.5, 1]": "how many are asked",
               "my_factors = [2, 1, 1, 2]": "how long an epoch is"}),
    "sgd.8": ("my_growth = ...", ["my_growth = (1 + 55 / 8) / (1 + 55 / 128)", "my_growth = 5.5"],
              {"my_growth = 16": "far below the noise scale", "my_growth = 4": "square root",
               "my_growth = 0.18159": "other way round", "my_growth = 2.9048": "not the batch by"}),
}
