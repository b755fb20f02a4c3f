"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

BY_SIGN = """def my_abs(H):
    X = H
    for _ in range({rounds}):
        X = (X + np.linalg.inv(X)) / 2
    return {found}
"""
BY_ROOT = """def my_abs(H):
    c, Q = np.linalg.eigh(H)
    return Q @ np.diag(abs(c)) @ Q.T
"""
LOWEST = """def my_lowest(product, u):
    def steepest(product):
        v = u
        for _ in range(200):
            v = product(v) / np.linalg.norm(product(v))
        return v
    a = steepest(product)
    L = abs(a @ product(a))
    b = steepest(lambda v: product(v) - L * v)
    return {found}
"""
BY_COLUMNS = """def my_lowest(product, u):
    return np.linalg.eigvalsh(np.stack([product(e) for e in np.eye(len(u))]))[0]
"""
EXERCISES = {
    "newton.1": (
        "my_numbers = ...",
        ["my_numbers = [4 / 5, 21, 5]", "my_numbers = (0.8, 21, 5.0)"],
        {"my_numbers = [2 / 3, 12, 3]": "the sixth", "my_numbers = [0.8, 20.64, 5]": "round",
         "my_numbers = [0.8, 20, 5]": "still above", "my_numbers = [0.8, 21, 1.25]": "multiplied",
         "my_numbers = [0.2, 3, 5]": "What is left"},
    ),
    "newton.2": ("my_share = ...", ["my_share = 1 / 2", "my_share = 0.5"],
                 {"my_share = 1": "straight line", "my_share = 2": "other way round"}),
    "newton.3": (
        "my_border = ...",
        ["my_border = 1 / np.sqrt(5)", "my_border = 0.44721"],
        {"my_border = 1 / np.sqrt(3)": "farther in", "my_border = 1": "a minimum",
         "my_border = 0.2": "the square"},
    ),
    "newton.4": (
        "my_abs = ...",
        [BY_SIGN.format(rounds=20, found="H @ X"), BY_SIGN.format(rounds=12, found="X @ H"),
         BY_ROOT],
        {BY_SIGN.format(rounds=20, found="X"): "only the signs",
         BY_SIGN.format(rounds=20, found="abs(H)"): "sizes of the entries",
         BY_SIGN.format(rounds=20, found="X @ X @ H"): "H itself",
         "my_abs = abs": "sizes of the entries"},
    ),
    "newton.5": (
        "my_lowest = ...",
        [LOWEST.format(found="b @ product(b)"), BY_COLUMNS],
        {LOWEST.format(found="a @ product(a)"): "made the largest in size",
         LOWEST.format(found="L"): "That is the largest size",
         LOWEST.format(found="b @ product(b) - L"): "shift back"},
    ),
    "newton.6": (
        "my_damping = ...",
        ["my_damping = 34", "my_damping = 37.5"],
        {"my_damping = 39": "None attracts", "my_damping = 20.5": "Three places",
         "my_damping = 0": "All five"},
    ),
}
