"""SAM in a parabola: it reads its gradient beyond itself, and swings for ever."""
import numpy as np

from lessons.descend import descend
from lessons.look import LOOKS, PURPLE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps import gradient_descent, sam
from lessons.surfaces import parabola

START, STEPS, WIDE = -1.0, 24, 1.2
READ = Look(PURPLE, (2, 1), "X")
X = np.linspace(-WIDE, WIDE, 161)


@scene("At the bottom", steps=STEPS, rate=3, height=4.4,
       alt="Left: a parabola with SAM's point and the point where it reads its gradient, and the "
           "curve f + rho |f'|, which has a kink at the bottom. Right: SAM's and gradient "
           "descent's positions over the steps, with lines at the size of the cycle. With the "
           "opening settings SAM never stops swinging between them, and gradient descent falls to "
           "0.")
def bouncing(stage, *, lr=0.05):
    """Walk SAM and gradient descent down a parabola, from x = -1."""
    bowl, time = stage.grid(ncols=2, width_ratios=(1, 1.25))
    bowl.set(xlim=(-WIDE, WIDE), xlabel="x", yticks=[0], ylabel="loss")
    time.set(xlim=(0, STEPS), ylim=(-WIDE, WIDE), xlabel="step", ylabel="x")
    heads = [stage.headline(ax) for ax in (bowl, time)]
    f = stage.path(bowl, INK, group="loss f", whole=True, width=2.6)
    kink = stage.path(bowl, Look(PURPLE, (), "o"), group="f + ρ|f'|", whole=True, width=2)
    climb, read = (stage.arrow(bowl, READ, group="reads here", width=2),
                   stage.marker(bowl, READ, group="reads here", size=10))
    here = stage.marker(bowl, LOOKS["SAM"], size=12)
    lanes = {name: stage.path(time, LOOKS[name], group=name, width=2.6, size=9)
             for name in ("Gradient descent", "SAM")}
    edges = [stage.noted_line(time, DASHED) for _ in range(2)]
    for track in (f, kink, read):
        track.says([""])
    stage.slider("rho", 0.5, within=(0.0, 1.0))
    stage.slider("lr", lr, within=(0.01, 0.25), log=False)
    stage.slider("curvature", 10.0, within=(1.0, 10.0))
    stage.record("rho")
    stage.record("lr")

    def update(rho, lr, curvature):
        bowl.set_ylim(-0.06 * curvature, curvature * WIDE**2 / 2)
        surface, runs = parabola(curvature), {}
        for name, rule, knobs in (("Gradient descent", gradient_descent, {}),
                                  ("SAM", sam, dict(rho=rho))):
            runs[name] = descend(surface, rule, (START,), STEPS, lr=lr, **knobs)
            lanes[name].over_time(runs[name].theta[:, 0])
            lanes[name].says([f"x = {x:.3f}" for x in runs[name].theta[:, 0]])
        f.set(np.stack([X, curvature * X * X / 2], -1))
        kink.set(np.stack([X, curvature * X * X / 2 + rho * curvature * np.abs(X)], -1))
        x = runs["SAM"].theta[:, 0]
        up = x + rho * np.sign(x)
        here.set(np.stack([x, curvature * x * x / 2], -1))
        read.set(np.stack([up, curvature * up * up / 2], -1))
        climb.set(np.stack([np.stack([x, curvature * x * x / 2], -1),
                            np.stack([up, curvature * up * up / 2], -1)], 1))
        size = cycle(lr, curvature, rho)
        for put, sign in zip(edges, (1, -1)):
            if np.isfinite(size):
                put(f"{size:.3g}" if sign > 0 else "", [(0, sign * size), (STEPS, sign * size)],
                    (0.86 * STEPS, size + 0.1))
            else:
                put()
        heads[0]([f"x = {a:.3g}, reads at {b:.3g}" for a, b in zip(x, up)])
        heads[1](f"lr x curvature {lr * curvature:.3g}: "
                 + (f"swings by {size:.3g}" if np.isfinite(size) else "diverges"))
        stage.runs = runs
        stage.summary = (f"rho {rho:.3g}, lr {lr:.3g}, curvature {curvature:.3g}: "
                         f"cycle {size:.4g}, x = " + ", ".join(f"{value:.4g}" for value in x[:7])
                         + f", ..., {x[-2]:.4g}, {x[-1]:.4g}")

    return update


def cycle(lr, curvature, rho):
    """Half the swing of SAM at the bottom of a parabola; inf beyond the edge 2 / curvature."""
    step = lr * curvature
    return step * rho / (2 - step) if step < 2 else np.inf
