"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

STEP = """def my_step(surface, theta, *, lr=0.1):
    return {formula}
"""
FORCE = """def my_force(surface, theta, lr):
    g, H = surface.grad(theta), surface.hess(theta)
    return -g - lr * {share} * H @ g
"""
BY_DIFFERENCES = """def my_force(surface, theta, lr):
    def steep(at):
        return surface.loss(at) + lr / 4 * (surface.grad(at) ** 2).sum()
    return -np.array([(steep(theta + e) - steep(theta - e)) / 2e-5 for e in 1e-5 * np.eye(2)])
"""
EXERCISES = {
    "implicit_bias.1": (
        "my_starts = ...",
        ["my_starts = [5, 4]", "my_starts = (5.0, 4.0)"],
        {"my_starts = [4, 5]": "changed places", "my_starts = [5, 5]": "Adam does not move along",
         "my_starts = [4, 4]": "the example itself", "my_starts = [1, 2]": "forwards"},
    ),
    "implicit_bias.2": (
        "my_margin = ...",
        ["my_margin = [45, 1 / 4]", "my_margin = (45.0, 0.25)"],
        {"my_margin = [45, 0.75]": "second example's share", "my_margin = [45, 0.5]": "equal pulls",
         "my_margin = [26.565, 0.5]": "the mean of the two", "my_margin = [0, 1]": "margin of 1"},
    ),
    "implicit_bias.3": (
        "my_step = ...",
        [STEP.format(formula="theta * np.exp(-lr * surface.grad(theta))"),
         STEP.format(formula="np.exp(np.log(theta) - lr * surface.grad(theta))")],
        {STEP.format(formula="theta - lr * surface.grad(theta)"): "the weights themselves moved",
         STEP.format(formula="theta * np.exp(-lr * np.sign(surface.grad(theta)))"):
             "sizes of the gradient",
         STEP.format(formula="theta * np.exp(lr * surface.grad(theta))"): "wrong way",
         STEP.format(formula="theta * (1 - lr * surface.grad(theta))"): "exponential's series"},
    ),
    "implicit_bias.4": (
        "my_force = ...",
        [FORCE.format(share="0.5"), BY_DIFFERENCES],
        {FORCE.format(share="0.0"): "plain flow", FORCE.format(share="0.25"): "2 H g",
         FORCE.format(share="-0.5"): "wrong sign", FORCE.format(share="1.0"): "lr / 4 times"},
    ),
    "implicit_bias.5": (
        "my_lr = ...",
        ["my_lr = 0.33", "my_lr = 0.34"],
        {"my_lr = 0.3": "sharper than 2.1", "my_lr = 0.357": "sharper than 2.1",
         "my_lr = 0.45": "leaves for infinity"},
    ),
    "implicit_bias.6": (
        "my_factor = ...",
        ["my_factor = [np.sqrt(5 + np.sqrt(24)), 0]", "my_factor = (3.1463, 0.0)"],
        {"my_factor = [9.899, 0]": "square of the factor", "my_factor = [0.318, 0]": "above 1",
         "my_factor = [np.sqrt(10), 0]": "other weight", "my_factor = [10, 0]": "a^2 + b^2"},
    ),
}
