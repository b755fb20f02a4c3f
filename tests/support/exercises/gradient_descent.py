"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

AFTER = "def theta_after(t, lr, H, theta):\n    c, Q = np.linalg.eigh(H)\n    return "
ROUNDS = ("def lowest_curvature(grad, theta, L, rounds):\n"
          "    u, h = np.arange(1.0, len(theta) + 1), 1e-4\n")
LENGTH, EACH = "    return L - np.sqrt(u @ u)", "    for _ in range(rounds):\n"
UNIT = "        u = u / np.sqrt(u @ u)\n"
MORE = "        u = L * u - (grad(theta + h * u) - grad(theta - h * u)) / (2 * h)\n"

EXERCISES = {
    "gradient_descent.1": (
        "my_start = ...",
        ["my_start = [1.0, -2.0]", "my_start = -0.5, 1", "my_start = np.linalg.eigh(H)[1][:, 0]"],
        {
            "my_start = [1.0, 0.0]": "part along the steepest direction",
            "my_start = [2.0, 1.0]": "part along the steepest direction",
            "my_start = [0.0, 0.0]": "the minimum itself",
        },
    ),
    "gradient_descent.2": (
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
    "gradient_descent.3": (
        "lowest_curvature = ...",
        [f"{ROUNDS}{EACH}{UNIT}{MORE}{LENGTH}",
         f"{ROUNDS}{EACH}{UNIT}{MORE}    return L - np.linalg.norm(u)"],
        {
            f"{ROUNDS}{EACH}{UNIT}{MORE}    return np.sqrt(u @ u)": "What is mu",
            f"{ROUNDS}{EACH}{UNIT}{MORE.replace('L * u -', '')}    return np.sqrt(u @ u)":
                "the largest size",
            f"{ROUNDS}{EACH}{UNIT}{MORE.replace('(2 * h)', 'h')}{LENGTH}": "2 h apart",
            f"{ROUNDS}{EACH}{UNIT}{MORE}{UNIT}{LENGTH}": "The last u was made",
            f"{ROUNDS}{EACH}{UNIT}{MORE}    return L - u @ u": "take the root",
            f"{ROUNDS}{EACH}{MORE}{LENGTH}": "made a unit vector first",
        },
    ),
    "gradient_descent.4": ("my_condition = ...", ["my_condition = 80"],
                           {"my_condition = 50": "Both converge",
                            "my_condition = 120": "Neither converges"}),
    "gradient_descent.5": (
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
