"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

STEP = """def my_step(surface, theta, *, delta=0.01, damping=0.0):
    g, F = surface.grad(theta), surface.fisher(theta)
    F = F + damping * np.eye(g.shape[-1])
    d = np.linalg.solve(F, g[..., None])[..., 0]
    return theta - {length} * d
"""
LENGTH = "np.sqrt(2 * delta / (g * d).sum(-1, keepdims=True))"
FISHER = """def my_fisher(p):
    return {found}
"""
BY_SUM = """def my_fisher(p):
    scores = np.eye(3) - p
    return (p[:, None, None] * scores[:, :, None] * scores[:, None, :]).sum(axis=0)
"""
EXERCISES = {
    "natural_gradient.1": (
        "my_numbers = ...",
        ["my_numbers = [1 / 4, 4, 9, 4 * np.exp(5 / 4)]", "my_numbers = (0.25, 4, 9, 13.96)"],
        {"my_numbers = [4, 1 / 4, 9, 13.96]": "changed places",
         "my_numbers = [1 / 4, 4, 9, 9]": "straight there",
         "my_numbers = [1 / 4, 1, 9, 13.96]": "mean square"},
    ),
    "natural_gradient.2": (
        "my_factors = ...",
        ["my_factors = [1e-4, 0.01, 1, 1]", "my_factors = np.array([1 / 10000, 1 / 100, 1, 1])"],
        {"my_factors = [1e4, 100, 1, 1]": "other way round",
         "my_factors = [0.01, 0.01, 1, 1]": "enters twice",
         "my_factors = [1e-4, 1e-4, 1, 1]": "unit of the slope"},
    ),
    "natural_gradient.3": (
        "my_step = ...",
        [STEP.format(length=LENGTH),
         STEP.format(length=LENGTH).replace("np.linalg.solve(F, g[..., None])[..., 0]",
                                            "(np.linalg.inv(F) @ g[..., None])[..., 0]")],
        {STEP.format(length=LENGTH.replace("2 * delta", "delta")): "half of the divergence",
         STEP.format(length=LENGTH.replace("np.sqrt", "")): "root missing",
         STEP.format(length=LENGTH.replace("g * d", "g * g")): "gradient alone",
         STEP.format(length=LENGTH).replace("damping * np.eye(g.shape[-1])", "damping"):
         "diagonal"},
    ),
    "natural_gradient.4": (
        "my_lr = ...",
        ["my_lr = 1 / (7.25 / 0.36 - 1)", "my_lr = 0.052247"],
        {"my_lr = 0.06": "lies lower", "my_lr = 0.05": "lies higher"},
    ),
    "natural_gradient.5": (
        "my_fisher = ...",
        [FISHER.format(found="np.diag(p) - np.outer(p, p)"), BY_SUM],
        {FISHER.format(found="np.outer(p, p)"): "With which chances",
         FISHER.format(found="np.diag(p)"): "p is missing",
         FISHER.format(found="np.outer(np.eye(3)[0] - p, np.eye(3)[0] - p)"): "one label only",
         FISHER.format(found="(np.eye(3) - p).T @ (np.eye(3) - p) / 3"): "not a third each"},
    ),
}
