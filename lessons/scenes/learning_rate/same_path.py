"""The walk of a real network on a plane: a lower learning rate takes the same path, more slowly."""
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.learning_rate.runs import split_digits
from lessons.look import BLUE, VERMILION, Look
from lessons.networks import pca_plane
from lessons.stage import scene
from lessons.steps import gradient_descent

RATES = np.array([0.01, 0.02, 0.03, 0.06, 0.1, 0.2, 0.3, 0.6, 1.0, 2.0, 3.0])
OWN = 6             # the plane is that of the walk at this rate, 0.3
STEPS, EVERY, SEEN = 600, 6, 200        # SEEN training images, for losses and map
SQUARE = 0.36, 0.23    # half its sides, on the map: a disc fits into it
LEFT = 0.05         # where the axis of lr x steps begins
CELLS = 25          # points of the map along each side
HERE, THERE = Look(BLUE, (), "o"), Look(VERMILION, (5, 2), "s")
SHADES = [(0.5, 0.5, 0.5, alpha) for alpha in np.linspace(0.5, 0, 12)]


@scene("Same path", steps=STEPS // EVERY, rate=20, height=4.2,
       alt="Left: the walk of a network on a map of the plane in which the walk at lr 0.3 moves "
           "most, and that walk, dashed. Right: both training losses, over the sum of the learning "
           "rates so far. A square shows where the dashed walk was at the same sum. A rate below "
           "0.3 keeps close to the dashed path and stops earlier on it, and its loss follows the "
           "dashed one; at a rate three times as high the losses part.")
def same_path(stage, *, lr=0.1):
    """Train the digits with SGD for 600 steps, at a learning rate of your choice.

    A step of the picture is six mini-batches. The learning rate is the nearest of eleven.
    """
    sides, table, walks, losses = trained()
    ground, loss = stage.grid(ncols=2, width_ratios=(1.5, 1))
    ground.set(xlim=sides[0][[0, -1]], ylim=sides[1][[0, -1]],
               xlabel="along the walk's first axis", ylabel="along its second axis")
    ground.contourf(*sides, table, np.geomspace(0.02, 5, len(SHADES) + 1), colors=SHADES)
    loss.set(xlim=(LEFT, 2000), ylim=(5e-3, 5), xscale="log", yscale="log",
             xlabel="lr x steps", ylabel="training loss")
    above, beside = stage.headline(ground), stage.headline(loss)
    own = stage.path(ground, THERE, whole=True, width=4)
    own_loss = stage.path(loss, THERE, whole=True, width=3)
    twin = stage.box(ground, THERE._replace(dash=()), width=2.5)
    for ax, at in ((ground, (-1.6, -0.45)), (loss, (1.5, 0.45))):
        stage.text(ax, THERE, size=12).set([at], [f"lr {RATES[OWN]:g}"])
    way = stage.path(ground, HERE, group="SGD", width=2.4, size=10)
    curve = stage.path(loss, HERE, group="SGD", width=2.4, size=10)
    stage.slider("lr", lr, within=(RATES[0], RATES[-1]))
    stage.record("lr")
    made = np.arange(STEPS // EVERY + 1) * EVERY
    own.set(walks[:, OWN])
    own_loss.set(np.stack([so_far(made * RATES[OWN]), losses[:, OWN]], -1))

    def update(lr):
        k = int(np.abs(np.log(RATES / lr)).argmin())
        way.set(walks[:, k])
        curve.set(np.stack([so_far(made * RATES[k]), losses[:, k]], -1))
        way.says([f"step {t}: loss {now:.2g}" for t, now in zip(made, losses[:, k])])
        same = np.rint(made * RATES[k] / RATES[OWN] / EVERY).astype(int)    # its frame over there
        there = same < len(made)
        spot = np.where(there[:, None], walks[same * there, OWN], np.nan)
        twin.set(np.stack([spot - SQUARE, spot + SQUARE], 1))
        above([f"lr {RATES[k]:g}, step {t} (dashed: lr {RATES[OWN]:g}"
               + (f", step {s * EVERY})" if ok else ")") for t, s, ok in zip(made, same, there)])
        beside([f"lr x steps = {RATES[k] * t:.4g}: loss {now:.2g}"
                for t, now in zip(made, losses[:, k])])
        stage.summary = (f"SGD, lr {RATES[k]:g}: loss {losses[-1, k]:.2g} after {STEPS} steps; at "
                         f"lr {RATES[OWN]:g} {losses[-1, OWN]:.2g}")

    return update


def so_far(sums):
    """The sums of learning rates, with the start, 0, at the left edge of their logarithmic axis."""
    return np.maximum(sums, LEFT)


@lru_cache
def trained():
    """The map, (x, y) and its losses; the walks on the plane (T, rates, 2) and their losses.

    All losses are of SEEN training images; the map shows the window of the walk at lr 0.3.
    """
    net = split_digits(seed=0)
    few = net.first(SEEN)
    run = descend(replace(net, loss=few.loss), gradient_descent, lr=RATES[:, None], steps=STEPS,
                  every=EVERY)
    plane = pca_plane(few, run.theta[:, OWN])
    sides = [np.linspace(*side, CELLS) for side in plane.window]
    table = plane.loss(np.stack(np.meshgrid(*sides), -1))
    return sides, table, plane.project(run.theta), run.loss
