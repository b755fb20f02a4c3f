"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

ROOT = "(1002 + (1002**2 - 1600) ** 0.5) / 2"
AFTER = "def theta_after(t, lr, H, theta):\n    c, Q = np.linalg.eigh(H)\n    return "
ROUNDS = ("def top_curvature(grad, theta, rounds):\n"
          "    u, h = np.arange(1.0, len(theta) + 1), 1e-4\n")
LENGTH, ONE = "    return np.sqrt(u @ u)", "        v, u = u, (grad(theta + h * u) - grad("
UNIT = "        u = u / np.sqrt(u @ u)\n"
MORE = "        u = (grad(theta + h * u) - grad(theta - h * u)) / (2 * h)\n"
EACH = "    for _ in range(rounds):\n"

EXERCISES = {
    "gradient_descent.1": (
        "my_limit = ...",
        ["my_limit = 2 / np.linalg.eigvalsh(H).max()", "my_limit = 2 / np.linalg.norm(H, 2)",
         "my_limit = 0.25"],
        {
            "my_limit = 2 / H.max()": "no axis",
            "my_limit = 2 / np.linalg.eigvalsh(H).min()": "flattest direction",
            "my_limit = 1 / np.linalg.eigvalsh(H).max()": "twice as far",
            "my_limit = 2 / np.trace(H)": "best learning rate",
        },
    ),
    "gradient_descent.2": (
        "my_condition_and_steps = ...",
        ["my_condition_and_steps = 2508, 5775", "my_condition_and_steps = [2507.8, 5774.5]",
         f"L = {ROOT}\nmy_condition_and_steps = L**2 / 400, L**2 / 400 / 4 * np.log(1e4)"],
        {
            "my_condition_and_steps = 4.01, 9.233": "along the axes",
            "my_condition_and_steps = 1001.6, 2306.3": "divide it by the smallest",
            "my_condition_and_steps = 0.0003987, 5775": "the largest curvature over",
            "my_condition_and_steps = 2508, 11550": "half of that",
            "my_condition_and_steps = 2508, 627": "still to be multiplied",
            "my_condition_and_steps = 2508, 2508": "the natural one",
            "my_condition_and_steps = 5775, 2508": "in the other order",
        },
    ),
    "gradient_descent.3": (
        "theta_after = ...",
        [f"{AFTER}Q @ ((1 - lr * c) ** t * (Q.T @ theta))",
         "def theta_after(t, lr, H, theta):\n"
         "    return np.linalg.matrix_power(np.eye(3) - lr * H, t) @ theta"],
        {
            f"{AFTER}Q.T @ ((1 - lr * c) ** t * (Q @ theta))": "0 of 3",
            f"{AFTER}Q @ ((1 - lr * c) * (Q.T @ theta))": "one step",
            f"{AFTER}Q @ ((1 - lr * c * t) * (Q.T @ theta))": "take their power",
            "def theta_after(t, lr, H, theta):\n    return (1 - lr * np.diag(H)) ** t * theta":
                "along the axes",
        },
    ),
    "gradient_descent.4": (
        "top_curvature = ...",
        [f"{ROUNDS}{EACH}{UNIT}{MORE}{LENGTH}",
         f"{ROUNDS}{EACH}{UNIT}{ONE}theta - h * u)) / 2 / h\n    return v @ u"],
        {
            f"{ROUNDS}{EACH}{UNIT}{MORE.replace('(2 * h)', 'h')}{LENGTH}": "2 h apart",
            f"{ROUNDS}{EACH}{UNIT}{MORE.replace(' / (2 * h)', '')}{LENGTH}": "still to be divided",
            f"{ROUNDS}{EACH}{UNIT}{MORE}{UNIT}{LENGTH}": "the unit vector",
            f"{ROUNDS}{EACH}{UNIT}{MORE}    return u @ u": "take the root",
            f"{ROUNDS}{EACH}{MORE}{LENGTH}": "made a unit vector first",
        },
    ),
    "gradient_descent.5": ("my_condition = ...", ["my_condition = 80"],
                           {"my_condition = 50": "Both converge",
                            "my_condition = 120": "Neither converges"}),
    "gradient_descent.6": (
        "my_u = ...", ["my_u = 1.317", "p = (1 - (1 / 3) ** 0.5) / 2\nmy_u = np.log((1 - p) / p)"],
        {"my_u = 0.2113": "the doubt p", "my_u = -1.317": "wrong class",
         "my_u = 2.292": "a step lands", "my_u = 1.763": "for lr 1"}),
    "gradient_descent.7": (
        "my_condition_after = ...",
        ["my_condition_after = 15.5", "s = (1 - 20 / (5.75 * 15.25)) ** 0.5\n"
         "my_condition_after = (1 + s) / (1 - s)",
         "c = np.linalg.eigvals(H / np.diag(H)[:, None])\nmy_condition_after = c.max() / c.min()"],
        {
            "my_condition_after = 20": "before the division",
            "my_condition_after = 1": "along the axes",
            "my_condition_after = 15.25 / 5.75": "ratio of the diagonal",
            "my_condition_after = 1.8786": "the largest eigenvalue",
            "my_condition_after = 0.1214": "divides the largest",
            "my_condition_after = 0.0646": "right way up",
        },
    ),
}
