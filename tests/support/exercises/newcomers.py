"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

RULE = ("    g = surface.grad(theta)\n"
        "    v = 0.95 * v + 0.05 * g * g\n"
        "    return theta - lr * g / (np.sqrt(v) + 1e-8), v")
SOPHIA = ("    g = surface.grad(theta)\n"
          "    m = beta1 * m + (1 - beta1) * g\n"
          "    if t % period == 0:\n"
          "        H = surface.hess(theta)\n"
          "        curvature = np.diagonal(H, axis1=-2, axis2=-1)\n"
          "        h = beta2 * h + (1 - beta2) * curvature\n"
          "    return theta - lr * {}, t + 1, m, h")
EXERCISES = {
    "newcomers.1": (
        "my_change = ...", ["my_change = [0.5, 2]", "my_change = (5 * 0.1, 1 / 0.5)"],
        {"my_change = [0.02, 50]": "larger", "my_change = [0.1, 10]": "a fifth",
         "my_change = [0.5, 0.5]": "just cancel", "my_change = [0.5, 6e-5]": "one move",
         "my_change = [0.5, 7]": "1 of 2"}),
    "newcomers.2": (
        "my_weight = ...", ["my_weight = [0.75, 20]", "my_weight = (6 / 8, 20)"],
        {"my_weight = [0.625, 20]": "s - 1", "my_weight = [0.75, 30]": "(3 - 1) / T",
         "my_weight = [0.75, 8.8889]": "2 / T", "my_weight = [0.125, 20]": "six of eight",
         "my_weight = [0.75, 10]": "1 of 2"}),
    "newcomers.3": (
        "    raise NotImplementedError",
        [SOPHIA.format("np.clip(m / np.maximum(scale * h, eps), -1, 1)"),
         SOPHIA.format("np.sign(m) * np.minimum(abs(m) / np.maximum(scale * h, eps), 1)")],
        {SOPHIA.format("m / np.maximum(scale * h, eps)"): "Where is the clip",
         SOPHIA.format("np.clip(m / np.maximum(h, eps), -1, 1)"): "Where is scale",
         SOPHIA.format("np.clip(g / np.maximum(scale * h, eps), -1, 1)"): "today's gradient"}),
    "newcomers.4": (
        "my_pair = ...", ["my_pair = (12, 0.9)", "my_pair = [15, 0.9]", "my_pair = (12, 0.95)"],
        {"my_pair = (1.5, 0.9)": "never gets farther", "my_pair = (25, 0.9)": "still away",
         "my_pair = 10": "Two numbers", "my_pair = (10, 1.0)": "Two numbers"}),
    "newcomers.5": (
        "    raise NotImplementedError",
        [RULE],
        {"    g = surface.grad(theta)\n    return theta - lr * g, v": "worse",
         "    g = surface.grad(theta)\n    m, s = v if isinstance(v, tuple) else (0 * g, 0 * g)\n"
         "    return theta - lr * np.sign(g), np.concatenate([g, g], -1)": "two numbers"}),
}
