"""A valley of minima a b = 1: what a finite step and noise do to the place on it."""
import numpy as np

from lessons.look import BLUE, GREY, ORANGE, PURPLE, RED, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

STEPS, FAR = 600, 1e3
NONE, LABELS, ANY = "no noise", "wrong labels", "any direction"
WALK, NEEDLE, LOSS = Look(BLUE, (), "o"), Look(RED, (), "X"), Look(ORANGE, (), "s")
MINIMA, OTHER = Look(GREY, (2, 2), "D"), Look(PURPLE, (4, 2), "P")
SEED = 1


@scene("A valley of minima", steps=STEPS, rate=30, height=4.6,
       alt="Left: a bent valley on which the loss is 0, the part of it that is too sharp for this "
           "learning rate, and a path. Right: the sharpness of the valley where the point is, with "
           "the limit 2 / lr as a dashed line, and where a run with the other kind of noise is; "
           "below it the loss.")
def valley(stage, *, lr=0.24, sigma=0.5, steps=STEPS, highest=22):
    """Walk gradient descent on (a b - 1)^2 / 2, without noise or with one of two kinds."""
    stage.steps = steps
    axes = stage.mosaic("ms;ml", width_ratios=(1, 1.25))
    map, sharp, loss = axes["m"], axes["s"], axes["l"]
    map.set(xlim=(-0.3, 4.2), ylim=(-1.2, 3.3), aspect="equal", xlabel="a", ylabel="b")
    sharp.set(xlim=(0, steps), ylim=(0, highest), ylabel="sharpness")
    loss.set(xlim=(0, steps), ylim=(1e-12, 100), yscale="log", xlabel="step", ylabel="loss")
    heads = [stage.headline(map), stage.headline(sharp)]
    x = np.geomspace(0.25, 4.3, 120)
    minima = stage.path(map, MINIMA, group="minima, a b = 1", whole=True, width=2)
    minima.set(np.stack([x, 1 / x], -1))
    minima.says([""])
    needles = stage.path(map, NEEDLE, group="sharper than 2 / lr", whole=True, width=7)
    path = stage.path(map, WALK, group="path", width=1.4, size=10)
    path.says([""])
    limit = stage.noted_line(sharp, DASHED, size=11)
    on_valley = stage.path(sharp, WALK)
    other = stage.path(sharp, OTHER, group="sharpness with the other noise", width=1.6)
    height = stage.path(loss, LOSS, group="loss")
    stage.slider("lr", lr, within=(0.02, 0.45))
    stage.choice("noise", (NONE, LABELS, ANY), label="noise")
    stage.slider("sigma", sigma, within=(0.0, 1.0), label="its size")
    stage.point(map, "start", (3.0, 0.34), label="start")
    stage.record("lr")

    def update(lr, noise, sigma, start):
        stage.show("sigma", noise != NONE)
        theta = walk(start, lr, noise, sigma, steps)
        S, value = sharpness(theta), (theta[:, 0] * theta[:, 1] - 1) ** 2 / 2
        path.set(theta)
        on_valley.over_time(S)
        beside = {LABELS: ANY, ANY: LABELS}.get(noise)
        other.over_time(sharpness(walk(start, lr, beside, sigma, steps)) if beside else S * np.nan)
        other.says([beside or "none here"])
        height.over_time(np.where(value > 1e-12, value, np.nan))
        too = x**2 + x**-2.0 > 2 / lr
        needles.set(np.where(too[:, None], np.stack([x, 1 / x], -1), np.nan))
        needles.says(["" if too.any() else "none here"])
        height.says([f"{now:.2g}" if np.isfinite(now) else "" for now in value])
        line, seen = 2 / lr, 2 / lr < highest
        off = 0.06 if line < 0.82 * highest else -0.14
        limit(f"2 / lr = {line:.3g}" + ("" if seen else ", higher up"), [(0, line), (steps, line)],
              (0.5 * steps, min(line, highest) + off * highest))
        gone = ~np.isfinite(S)
        heads[0](["thrown out for good" if out else f"sharpness {now:.2f}"
                  for now, out in zip(S, gone)])
        heads[1](f"Sharpness {S[0]:.2f} at first" + ("" if gone[-1] else f", {S[-1]:.2f} at last"))
        end = "diverged" if gone[-1] else f"sharpness {S[-1]:.4g}, loss {value[-1]:.2g}"
        stage.summary = (f"lr {lr:.3g}, {noise}" + ("" if noise == NONE else f" {sigma:.3g}")
                         + f", start ({start[0]:.3g}, {start[1]:.3g}): sharpness {S[0]:.4g} at "
                         f"first; after {steps} steps {end}; largest loss "
                         f"{np.nanmax(value):.3g}")

    return update


def sharpness(theta):
    """The curvature S = sqrt(D^2 + 4) of the valley at the imbalance D = x^2 - y^2 of theta."""
    return np.hypot(theta[:, 0] ** 2 - theta[:, 1] ** 2, 2)


def walk(start, lr, noise, sigma, steps=STEPS):
    """theta (steps + 1, 2) of gradient descent on the valley; nan once it has left for infinity.

    The noise is that of noisy_walk: a wrong label, and for any direction also a push along.
    """
    e = sigma * np.random.default_rng(SEED).choice([-1, 1], (steps, 2))
    e = e * {NONE: (0, 0), LABELS: (1, 0), ANY: (1, 1)}[noise]
    (x, y), theta = map(float, start), np.full((steps + 1, 2), np.nan)
    for t, (e1, e2) in enumerate(e):
        theta[t] = x, y
        if abs(x) + abs(y) > FAR:
            return theta
        r = x * y - 1 - e1
        x, y = x - lr * (r * y + e2 * x), y - lr * (r * x - e2 * y)
    theta[steps] = x, y
    return theta
