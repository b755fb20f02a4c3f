"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "adaptive_steps.1": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s",
            "    g = surface.grad(theta)\n    total = s + g * g\n"
            "    rate = lr / (total**0.5 + eps)\n    return theta - rate * g, total",
        ],
        {
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / np.sqrt(s + eps), s": "eps inside the root",
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta - lr * g / (s + eps), s": "root missing",
            "    g = surface.grad(theta)\n    s = s + np.abs(g)\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "squared",
            "    g = surface.grad(theta)\n    s = 0.9 * s + 0.1 * g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "running average",
            "    g = surface.grad(theta)\n    s = g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "last square only",
            "    g = surface.grad(theta)\n    s += g**2\n"
            "    return theta - lr * g / (np.sqrt(s) + eps), s": "in place",
            "    g = surface.grad(theta)\n    s = s + g**2\n"
            "    return theta + lr * g / (np.sqrt(s) + eps), s": "sign",
        },
    ),
    "adaptive_steps.2": (
        "    raise NotImplementedError",
        [
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v",
            "    g = surface.grad(theta)\n    v = v + (1 - beta2) * (g * g - v)\n"
            "    return theta - lr / (np.sqrt(v) + eps) * g, v",
        ],
        {
            "    g = surface.grad(theta)\n    v = v + g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "sum",
            "    g = surface.grad(theta)\n    v = beta2 * v + g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "full size",
            "    g = surface.grad(theta)\n    v = (1 - beta2) * v + beta2 * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), v": "share of the new square",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / np.sqrt(v + eps), v": "eps inside the root",
            "    g = surface.grad(theta)\n    new = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v) + eps), new": "old v",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (np.sqrt(v / (1 - beta2)) + eps), v": "full size",
            "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
            "    return theta - lr * g / (v + eps), v": "root missing",
        },
    ),
    "adaptive_steps.3": ("my_lr = ...", ["my_lr = 0.06", "my_lr = 2 * 0.03"],
             {"my_lr = 0.03": "from the minimum", "my_lr = 0.015": "the wrong way",
              "my_lr = 4 * 0.03": "No curvature", "my_lr = 2 / 4": "effective lr",
              "my_lr = 0.1": "How long is a move"}),
    "adaptive_steps.4": ("my_answer = ...", ['my_answer = "a"', 'my_answer = " A"'],
             {'my_answer = "b"': "the best of 81", 'my_answer = "c"': "turns with the ravine"}),
    "adaptive_steps.5": ("my_ravine = ...", ["my_ravine = 45, 1000", "my_ravine = [30, 900]"],
             {"my_ravine = 0, 1000": "There RMSprop ends lower",
              "my_ravine = 45, 200": "There RMSprop ends lower",
              "my_ravine = 45, 400": "but not ten times",
              "my_ravine = 45, 5000": "from 1 to 1,000",
              "my_ravine = 45": "An angle and a number",
              "my_ravine = 45, 1000, 20": "An angle and a number"}),
}
