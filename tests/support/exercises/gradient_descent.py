"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "gradient_descent.1": (
        "my_limit = ...",
        ["my_limit = 2 / np.linalg.eigvalsh(H).max()", "my_limit = 2 / np.linalg.norm(H, 2)"],
        {
            "my_limit = 2 / H.max()": "no axis",
            "my_limit = 2 / np.linalg.eigvalsh(H).min()": "flattest direction",
            "my_limit = 1 / np.linalg.eigvalsh(H).max()": "twice as far",
            "my_limit = 2 / np.trace(H)": "best learning rate",
        },
    ),
    "gradient_descent.2": ("my_condition = ...", ["my_condition = 80"],
             {"my_condition = 50": "Both settle", "my_condition = 120": "Both explode"}),
    "gradient_descent.3": ("my_factor = ...", ["my_factor = 1 / 8"], {}),
    "gradient_descent.4": (
        "my_lr = ...",
        ["my_lr = lambda t, total: 1 / t", "def my_lr(t, total):\n    return 1.0 / t"],
        {
            "my_lr = lambda t, total: 1 / t**0.5": "too slowly",
            "my_lr = lambda t, total: 1 / (t + 1)": "t counts from 1",
            "my_lr = lambda t, total: 1 / total": "at every step",
            "my_lr = lambda t, total: 1 - (t - 1) / total": "straight line",
            "my_lr = 0.1": "a function of t",
        },
    ),
}
