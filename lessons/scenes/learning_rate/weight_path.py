"""The walk of a real network through thousands of weights, on a plane of two."""
from dataclasses import replace
from typing import NamedTuple

import numpy as np

from lessons.descend import Trajectory, descend
from lessons.look import GREY, Look, looks
from lessons.networks import pca_plane
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene

FACTORS = {"its best": 1.0, "a tenth of it": 0.1, "a third of it": 10**-0.5,
           "three times it": 10**0.5, "ten times it": 10.0}
SEEDS, SEEN, CELLS = [0, 1, 2], 200, 25     # SEEN training images for the map; its points per side


@scene("Shadow", steps=300, height=3.6, alt="The training of a network, as a path on the map of a "
       "plane through its thousands of weights; beside it the loss of the network and that of its "
       "shadow on the plane.")
def weight_path(stage, rivals, network, best, *, steps=300, every=3):
    """The walk of a network on the plane in which it moves most at its rival's best learning rate.

    rivals: name -> step. network: makes one network from a seed, 0, 1 or 2. best: name -> lr.
    On the right the training loss, of 200 images: the network's, and that of its shadow on the
    plane. The map is the plane's; each rival and each seed has one, whatever the learning rate.
    The Stage's `runs` have the points on the plane as theta: all weights would fill the memory.
    """
    found = {(name, seed): walks(network(seed), step, best[name], steps, every)
             for seed in SEEDS for name, step in rivals.items()}
    window = union([plane.window for plane, _ in found.values()])      # one scale for all
    planes = {key: tabled(plane, window) for key, (plane, _) in found.items()}
    names = ", ".join(rivals)
    stage.title, stage.steps, stage.rate = f"Shadow: {names}", steps, steps / 5
    stage.alt = stage.alt.replace("a network", f"a network with {names}", 1)
    ground, loss = stage.grid(ncols=2, width_ratios=(1.75, 1))
    frame_map(ground, next(iter(planes.values())))
    ground.set(xlabel="along axis 1", ylabel="along axis 2", anchor="N")
    frame_loss(loss, steps, 5e-3, 10)
    loss.set_xlabel("step")
    headline = stage.headline(ground)
    tracks = {name: (stage.path(ground, look, group=name), stage.path(loss, look, group=name))
              for name, look in looks(rivals).items()}
    beneath = stage.path(loss, Look(GREY, (2, 2), "X"), group="Shadow", width=1.6)
    stage.choice("rival", list(rivals), label="rival")
    stage.choice("rate", list(FACTORS), label="learning rate")
    stage.choice("seed", SEEDS, label="seed")
    frames, drawn = np.arange(steps + 1) // every, {}       # a point holds until the next

    def update(rival, rate, seed):
        walk, lr = found[rival, seed][1][rate], best[rival] * FACTORS[rate]
        stage.runs = {rival: walk.run}
        if drawn.get("now") != (rival, seed):
            drawn["now"] = rival, seed
            contours(ground, planes[rival, seed], levels=10, animated=True)
            stage.redraw()
        for name, (way, curve) in tracks.items():
            if name == rival:
                way.set(until_gone(walk.run.theta, window)[frames])
                curve.over_time(walk.run.loss[frames])
                way.says([f"lr {lr:.3g}: loss {now:.2g}" for now in walk.run.loss[frames]])
            else:
                way.hide()
                curve.hide()
                way.says(["not chosen"])
        beneath.over_time(walk.below[frames])
        beneath.says([f"loss {now:.2g} on the plane" for now in walk.below[frames]])
        stage.summary = (f"{rival}, lr {lr:.3g}, seed {seed}: {100 * walk.share:.0f} % of its walk "
                         "is in the plane")
        headline(stage.summary)

    return update


class Walk(NamedTuple):
    """A walk at one learning rate, and its shadow on the plane.

    run: a Trajectory with the points on the plane and the network's loss. below: (T,), the loss on
    the plane. share: how much of the walk, as a sum of squares, lies in the plane.
    """

    run: Trajectory
    below: np.ndarray
    share: float


def walks(network, step, best, steps, every):
    """Train at each of FACTORS times the best learning rate, and project the walks on one plane.

    Returns (plane, {factor's name: Walk}); the plane is that of the walk at the best learning rate.
    """
    lrs, few = best * np.array(list(FACTORS.values())), network.first(SEEN)
    seen = replace(network, loss=few.loss)
    run = descend(seen, step, steps=steps, every=every, lr=lrs[:, None])
    theta, losses = run.theta, run.loss
    plane = pca_plane(few, theta[:, 0])
    with np.errstate(all="ignore"):
        at, away = plane.project(theta), theta - theta[0]
        flat = plane.lift(at) - plane.lift(at[:1])
        shares = (flat**2).sum((0, 2), dtype=float) / (away**2).sum((0, 2), dtype=float)
    below = plane.loss(at)
    return plane, {name: Walk(replace(run, theta=at[:, k], loss=losses[:, k], state={}),
                              below[:, k], shares[k]) for k, name in enumerate(FACTORS)}


def union(windows):
    """The smallest window that holds all of these windows."""
    sides = np.array(windows)                               # (planes, 2, 2)
    low, high = sides[..., 0].min(0), sides[..., 1].max(0)
    return tuple(zip(low.tolist(), high.tolist()))


def tabled(plane, window):
    """The same plane with its loss read from a table of CELLS x CELLS points: quick to draw."""
    x, y = (np.linspace(*side, CELLS) for side in window)
    table = plane.loss(np.stack(np.meshgrid(x, y), -1))

    def loss(points):
        low = np.array([x[0], y[0]])
        at = np.clip((points - low) / (np.array([x[-1], y[-1]]) - low) * (CELLS - 1), 0, CELLS - 1)
        cell = np.minimum(at.astype(int), CELLS - 2)
        u, v = np.moveaxis(at - cell, -1, 0)
        i, j = cell[..., 0], cell[..., 1]
        return ((1 - v) * ((1 - u) * table[j, i] + u * table[j, i + 1])
                + v * ((1 - u) * table[j + 1, i] + u * table[j + 1, i + 1]))

    return replace(plane, loss=loss, window=window)
