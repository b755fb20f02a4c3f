"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

OURS = """import torch
class Mine:
    def __init__(self, params, base, rho):
        self.params, self.base, self.rho, self.climb = params, base, rho, None
    def first_step(self):
        norm = torch.nn.utils.get_total_norm([p.grad for p in self.params])
        {stale}:
            self.climb = [self.rho * p.grad / (norm + 1e-12) for p in self.params]
        for p, e in zip(self.params, self.climb):
            p.data.add_(e)
        {clear}
    def second_step(self):
        for p, e in zip(self.params, self.climb):
            {back}
        self.base.step()
my_sam = Mine
"""
STALE, FRESH = "if self.climb is None", "if True"
KEEP, CLEAR, BACK = "pass", "self.base.zero_grad()", "p.data.sub_(e)"
STEP = """def my_step(surface, theta, velocity=0.0, *, lr=0.05, rho=0.05, beta=0.9):
    g = surface.grad(theta)
    length = np.sqrt((g * g).sum(-1, keepdims=True))
    uphill = surface.grad(theta + rho * g / (length + 1e-12))
    velocity = beta * velocity + {enters}
    return theta - lr * velocity, velocity
"""
REWRITE = """def my_rewrite(theta, a={a}):
    new = theta.copy()
    new[{first}] *= a
    new[4160:4800] /= a
    return new
"""
EXERCISES = {
    "sam.1": (
        "my_numbers = ...",
        ["my_numbers = [0.99003, 100, 211]", "my_numbers = [1 - 0.1 * (0.6 / 1.9) ** 2, 100, 211]"],
        {"my_numbers = [0.991, 111, 222]": "reading distance is not rho",
         "my_numbers = [0.99003, 100, 200]": "changes"},
    ),
    "sam.2": (
        "my_sam = ...",
        [OURS.format(stale=FRESH, clear=CLEAR, back=BACK),
         OURS.format(stale=FRESH, clear="for p in self.params: p.grad = None", back=BACK)],
        {OURS.format(stale=STALE, clear=KEEP, back=BACK): "Both bugs",
         OURS.format(stale=STALE, clear=CLEAR, back=BACK): "used again",
         OURS.format(stale=FRESH, clear=KEEP, back=BACK): "sum of both",
         OURS.format(stale=FRESH, clear=CLEAR, back="pass"): "top of the climb"},
    ),
    "sam.3": (
        "my_step = ...",
        [STEP.format(enters="uphill")],
        {STEP.format(enters="g"): "gather the gradient at theta",
         STEP.format(enters="g + uphill"): "Do both gradients",
         STEP.format(enters="uphill").replace("np.sqrt((g * g).sum(-1, keepdims=True))", "abs(g)"):
         "each coordinate"},
    ),
    "sam.4": (
        "my_rho = ...",
        ["my_rho = 1.1", "my_rho = -0.4 + 1.5"],
        {"my_rho = 0.9": "It rests at -0.6", "my_rho = 1.2": "a little less"},
    ),
    "sam.5": (
        "my_rewrite = ...",
        [REWRITE.format(a=8, first=":4160"), REWRITE.format(a=0.125, first=":4160")],
        {REWRITE.format(a=2, first=":4160"): "take a larger one",
         REWRITE.format(a=8, first=":4096"): "before the ReLU"},
    ),
}
