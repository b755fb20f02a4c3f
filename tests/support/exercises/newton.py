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
LENGTH = """def my_length(f, x, d, slope):
    t = 1.0
    for _ in range({rounds}):
        if f(x + t * d) <= f(x) + {ask}:
            return {found}
        t = t / 2
    return {end}
"""
RIGHT = dict(rounds=50, ask="0.1 * t * slope", found="t", end="0.0")
WHILE = """def my_length(f, x, d, slope):
    return next((2.0**-k for k in range(50)
                 if f(x + d / 2**k) - f(x) <= 0.1 * slope / 2**k), 0)
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
        "my_length = ...",
        [LENGTH.format(**RIGHT), WHILE],
        {LENGTH.format(**RIGHT | dict(ask="0")): "any fall",
         LENGTH.format(**RIGHT | dict(found="t / 2")): "after it has passed",
         LENGTH.format(**RIGHT | dict(rounds=1, end="t")): "halves once only",
         LENGTH.format(**RIGHT | dict(ask="0.1 * slope")): "does not depend on t",
         LENGTH.format(**RIGHT | dict(ask="-0.1 * t * slope")): "has to sink",
         "my_length = lambda f, x, d, slope: 1.0": "ever test"},
    ),
    "newton.6": (
        "my_damping = ...",
        ["my_damping = 22", "my_damping = 25.0"],
        {"my_damping = 26": "None attracts", "my_damping = 16": "Two places",
         "my_damping = 0": "All five"},
    ),
    "newton.7": ("my_share = ...", ["my_share = 1 / 2", "my_share = 0.5"],
                 {"my_share = 1": "straight line", "my_share = 2": "other way round"}),
    "newton.8": ("my_question = ...", ["my_question = 'the lowest eigenvalue of H'"],
                 {"my_question = 'the learning rate'": "no learning rate",
                  "my_question = 'the number of steps'": "three thousand"}),
}
