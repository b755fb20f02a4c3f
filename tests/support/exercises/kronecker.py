"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

SIDES = """    move = G
    for side in range(3):
        X = np.moveaxis(G, side, 0).reshape(G.shape[side], -1)
        c, Q = np.linalg.eigh(X @ X.T)
        root = Q * c**(-1 / 6) @ Q.T
        move = np.moveaxis(np.tensordot(root, move, (1, side)), 0, side)
    return move"""
EINSUM = """    L = np.einsum("ijk,ljk->il", G, G)
    M = np.einsum("ijk,ilk->jl", G, G)
    N = np.einsum("ijk,ijl->kl", G, G)
    c = [np.linalg.svd(A) for A in (L, M, N)]
    A, B, C = [U * s**(-1 / 6) @ Vt for U, s, Vt in c]
    return np.einsum("ai,bj,ck,ijk->abc", A, B, C, G)"""
LEVEL = """    X = newton_schulz(G)
    for _ in range(3):
        X = 1.5 * X - 0.5 * X @ X.T @ X
    return X"""
OWN_LEVEL = """    X = G / np.sqrt((G * G).sum())
    for _ in range(5):
        A = X.T @ X
        X = 3.4445 * X - 4.7750 * X @ A + 2.0315 * X @ A @ A
    for _ in range(3):
        X = X @ (1.5 * np.eye(len(X.T)) - 0.5 * X.T @ X)
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
        "    raise NotImplementedError",
        [SIDES, EINSUM],
        {SIDES.replace("-1 / 6", "-1 / 4"): "two sides",
         SIDES.replace("-1 / 6", "-1 / 2"): "whole",
         SIDES.replace("range(3)", "range(2)"): "third side",
         SIDES.replace("moveaxis(G", "moveaxis(move"): "as it came"},
    ),
    "kronecker.5": (
        "    raise NotImplementedError",
        [LEVEL, OWN_LEVEL],
        {"    return newton_schulz(G)": "are to follow",
         LEVEL.replace("range(3)", "range(2)"): "Two rounds",
         LEVEL.replace("range(3)", "range(5)"): "more rounds than three",
         LEVEL.replace("X @ X.T @ X", "X**3"): "each entry",
         OWN_LEVEL.replace(" / np.sqrt((G * G).sum())", ""): "divided by the root",
         "    U, s, Vt = np.linalg.svd(G, full_matrices=False)\n    return U @ Vt":
         "by a decomposition"},
    ),
    "kronecker.6": (
        "my_slope = ...",
        ["my_slope = 3.52", "my_slope = 3.5"],
        {"my_slope = 3.4445": "lies higher", "my_slope = 3.7": "lies lower",
         "my_slope = (1, 2)": "One number"},
    ),
}
