"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

STEP = """def my_step(surface, theta, *, lr=1.0, damping=0.0):
    c, Q = np.linalg.eigh(surface.hess(theta))
    along = (Q.swapaxes(-1, -2) @ surface.grad(theta)[..., None])[..., 0]
    return theta - lr * (Q @ (along / {divisor})[..., None])[..., 0]
"""
BY_ROOT = """def my_step(surface, theta, *, lr=1.0, damping=0.0):
    g, H = surface.grad(theta), surface.hess(theta)
    c, Q = np.linalg.eigh(H)
    size = np.einsum("...ij,...j,...kj->...ik", Q, abs(c) + damping, Q)
    return theta - lr * np.linalg.solve(size, g[..., None])[..., 0]
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
    "newton.2": (
        "my_dampings = ...",
        ["my_dampings = [6, 12, -3]", "my_dampings = np.array([6.0, 12, -3])"],
        {"my_dampings = [12, 12, -3]": "lets go sooner", "my_dampings = [6, 6, -3]": "uphill",
         "my_dampings = [6, 12, 3]": "sign", "my_dampings = [20, 40, -3]": "points down"},
    ),
    "newton.3": (
        "my_border = ...",
        ["my_border = 1 / np.sqrt(5)", "my_border = 0.44721"],
        {"my_border = 1 / np.sqrt(3)": "farther in", "my_border = 0.4": "farther out"},
    ),
    "newton.4": (
        "my_step = ...",
        [STEP.format(divisor="(abs(c) + damping)"), BY_ROOT],
        {STEP.format(divisor="(c + damping)"): "Is every curvature positive",
         STEP.format(divisor="abs(c + damping)"): "before the sign is taken away",
         STEP.format(divisor="(abs(c) + damping)").replace("Q.swapaxes(-1, -2)", "Q").replace(
             "(Q @ (along", "(Q.swapaxes(-1, -2) @ (along"): "taken as rows",
         BY_ROOT.replace("size = np", "size = abs(H) + damping * np.eye(H.shape[-1]) + 0 * np"):
         "entries of the matrix"},
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
    "newton.7": ("my_share = ...", ["my_share = 1 / 2", "my_share = 0.5"],
                 {"my_share = 1": "straight line", "my_share = 2": "other way round"}),
}
