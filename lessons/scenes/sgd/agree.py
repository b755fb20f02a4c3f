"""Four examples that disagree about the minimum, and the floor at which SGD then ends."""
import numpy as np

from lessons.descend import descend
from lessons.look import BLUE, GREY, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import gradient_descent
from lessons.surfaces import parabola

STEPS, START = 60, -2.0
CURVATURES, SIDES = (0.2, 1.8), (-1, 1)         # of the examples: all four pairs equally often
VARIANCE = np.var(CURVATURES)
X = np.linspace(-3, 3, 121)
BATCHES, EXACT = Look(VERMILION, (), "s"), Look(BLUE, (7, 2), "o")


@scene("Do the examples agree?", steps=STEPS, rate=15, height=4.2,
       alt="Left: the losses of four examples, parabolas with minima at d and -d, and their mean. "
           "Right: the mean squared distance of SGD from the minimum, beside its floor.")
def agree(stage):
    """Walk the mean of four parabolas by the gradients of a batch of them.

    Curvatures 0.2 and 1.8, minima at d and -d; a batch is drawn with replacement. Right: the
    exact mean squares of all runs, so that nothing is drawn here.
    """
    losses, far = stage.grid(ncols=2, width_ratios=(1, 1.15))
    losses.set(xlim=(-3, 3), ylim=(0, 4), xlabel="x", ylabel="loss", yticks=[])
    far.set(xlim=(0, STEPS), ylim=(1e-9, 1e3), yscale="log", xlabel="step",
            ylabel="mean square of x")
    heads = [stage.headline(ax) for ax in (losses, far)]
    examples = [stage.path(losses, Look(GREY, (3, 2), "o"), whole=True, width=1.3)
                for _ in range(4)]
    mean = stage.path(losses, EXACT._replace(dash=()), whole=True, width=3)
    floor = stage.noted_line(far)
    paths = {name: stage.path(far, look, group=name, width=3)
             for name, look in (("SGD", BATCHES), ("Exact gradient", EXACT))}
    stage.text(losses, INK, size=10).set([(-0.5, 3.75)], ["examples"])
    stage.text(losses, EXACT, size=10).set([(-0.5, 3.45)], ["their mean"])
    stage.slider("sigma", 1.0, label="disagreement d")
    stage.slider("lr", 0.2)
    stage.slider("batch", 1)
    stage.record("sigma")

    def update(sigma, lr, batch):
        pairs = [(c, side * sigma) for c in CURVATURES for side in SIDES]
        curves = [c / 2 * np.square(X - a) for c, a in pairs]
        for path, curve in zip(examples, curves):
            path.set(np.stack([X, curve], -1))
        mean.set(np.stack([X, np.mean(curves, axis=0)], -1))
        exact = descend(parabola(), gradient_descent, (START,), STEPS, lr=lr).theta[:, 0]
        with np.errstate(all="ignore"):         # too long a step leaves for infinity
            found = {"SGD": mean_square(sigma, lr, batch), "Exact gradient": np.square(exact)}
        for name, square in found.items():
            paths[name].over_time(square)
            paths[name].says([f"{value:.2g}" for value in square])
        keep, kick = rates(sigma, lr, batch)
        level = kick / (1 - keep) if keep < 1 else np.inf
        words = f"floor {level:.2g}" if 1e-8 < level < 10 else ""
        floor(words, [(0, level), (STEPS, level)] if words else ((np.nan, np.nan),),
              (0.62 * STEPS, level * 0.25))
        heads[0](f"d = {sigma:.2g}, lr {lr:.2g}, batch {batch}")
        heads[1](f"A step of SGD leaves {keep:.3g} of the mean square")
        stage.summary = (f"Disagreement {sigma:.3g}, lr {lr:.3g}, batch {batch}: a step leaves "
                         f"{keep:.3g}, floor {level:.3g}\n  after {STEPS} steps "
                         f"{found['SGD'][-1]:.3g}, exact {found['Exact gradient'][-1]:.3g}")

    return update


def rates(d, lr, batch):
    """What a step leaves of the mean square, and what it adds."""
    return (1 - lr) ** 2 + lr**2 * VARIANCE / batch, lr**2 * (1 + VARIANCE) * d**2 / batch


def mean_square(d, lr, batch):
    """E[x_t^2] from START: (STEPS + 1,)."""
    keep, kick = rates(d, lr, batch)
    square = [START**2]
    for _ in range(STEPS):
        square.append(keep * square[-1] + kick)
    return np.array(square)
