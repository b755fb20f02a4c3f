"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

SHAMPOO = """def my_shampoo(surface, theta, L=0.0, R=0.0, *, lr=0.1, eps=1e-6):
    g = surface.grad(theta)
    G = g.reshape(*g.shape[:-1], *surface.shape)
    L, R = L + G @ G.mT, R + G.mT @ G
    def root(A):
        c, Q = np.linalg.eigh(A)
        scale = (np.maximum(c, 0) + eps)**{power}
        return Q * scale[..., None, :] @ Q.mT
    return theta - lr * ({move}).reshape(g.shape), L, R
"""
RIGHT = "root(L) @ G @ root(R)"
LEVEL = """    X = G / np.sqrt((G * G).sum())
    for _ in range(5):
        A = X @ X.T
        X = 3.4445 * X - 4.7750 * A @ X + 2.0315 * A @ A @ X
    return X"""
EXERCISES = {
    "kronecker.1": (
        "my_exponents = ...",
        ["my_exponents = [1 / 2, 1 / 6, 0.1]", "my_exponents = (0.5, 0.1667, 1 / 10)"],
        {"my_exponents = [1 / 4, 1 / 6, 0.1]": "one side", "my_exponents = [0.5, 0.25, 0.1]":
         "three sides", "my_exponents = [0.5, 1 / 6, 10]": "other way round",
         "my_exponents = [0.5, 1 / 3, 0.1]": "squares"},
    ),
    "kronecker.2": (
        "my_errors = ...",
        ["my_errors = [1, 18.5 / 12.5]", "my_errors = (1.0, 1.48)"],
        {"my_errors = [1 / 3, 1.48]": "must not depend", "my_errors = [1, 12.5 / 18.5]":
         "other way round", "my_errors = [1, 6]": "the ratio"},
    ),
    "kronecker.3": (
        "my_weights = ...",
        ["my_weights = [3, 1, 3, 1]", "my_weights = np.array([3.0, 1, 3, 1])"],
        {"my_weights = [-3, -1, -3, -1]": "minus", "my_weights = [6, 0.5, 6, 0.5]":
         "gradient descent", "my_weights = [3, 1, 13, -6]": "another one"},
    ),
    "kronecker.4": (
        "my_shampoo = ...",
        [SHAMPOO.format(power="-0.25", move=RIGHT),
         SHAMPOO.format(power="-0.25", move="(root(R) @ (root(L) @ G).mT).mT")],
        {SHAMPOO.format(power="-0.5", move=RIGHT): "exponent",
         SHAMPOO.format(power="-0.25", move=RIGHT).replace(
             "L + G @ G.mT, R + G.mT @ G", "0.9 * L + 0.1 * G @ G.mT, 0.9 * R + 0.1 * G.mT @ G"):
         "forget",
         SHAMPOO.format(power="-0.25", move="root(L) @ G"): "both sides",
         SHAMPOO.format(power="-0.25", move=RIGHT).replace("L, R = L + G @ G.mT, R + G.mT @ G",
                                                           "L, R = G @ G.mT, G.mT @ G"):
         "last gradient only"},
    ),
    "kronecker.5": (
        "    raise NotImplementedError",
        [LEVEL, LEVEL.replace("A = X @ X.T", "A = X.T @ X").replace("A @ X +", "X @ A +").replace(
            "A @ A @ X", "X @ A @ A")],
        {LEVEL.replace("range(5)", "range(4)"): "Four rounds",
         LEVEL.replace(" / np.sqrt((G * G).sum())", ""): "divided by the root",
         "    U, s, Vt = np.linalg.svd(G, full_matrices=False)\n    return U @ Vt":
         "by a decomposition"},
    ),
    "kronecker.6": (
        "my_slope = ...",
        ["my_slope = 3.52", "my_slope = 3.5"],
        {"my_slope = 3.4445": "lies higher", "my_slope = 3.7": "lies lower",
         "my_slope = (1, 2)": "One number"},
    ),
    "kronecker.7": (
        "my_length = ...",
        ["my_length = 0.1393", "my_length = 0.02 * 10 * 0.6964"],
        {"my_length = 0.2": "Five rounds", "my_length = 0.0139": "sqrt(m / n)",
         "my_length = 0.02": "Neither"},
    ),
}
