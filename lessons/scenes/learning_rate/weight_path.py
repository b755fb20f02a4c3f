"""The shadow: the walk of a real network through thousands of weights, on a plane of two."""
from dataclasses import replace

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.networks import pca_plane
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import over_time, until_gone
from lessons.stage import Stage
from lessons.stage.tracks import to_data

INK = Look(GREY, (), "o")
FACTORS = {"its best": 1.0, "a tenth of it": 0.1, "a third of it": 10**-0.5,
           "three times it": 10**0.5, "ten times it": 10.0}
SEEN, CELLS = 200, 25       # training images for the map, and its points per side


def weight_path(rivals, network, best, *, steps=300, every=3, presets=None, **values):
    """The walk of a network on the plane in which it moves most at its rival's best learning rate.

    rivals: name -> step. network: makes one network from a seed, 0, 1 or 2. best: name -> lr.
    On the right the training loss, of 200 images: the network's, and that of its shadow on the
    plane. The map is the plane's; each rival and each seed has one, whatever the learning rate.
    presets: label -> {knob: value}, a button each. values: other knobs, such as seed="1".
    """
    return Shadow(rivals, network, best, steps, every, presets or {}, values).stage


class Shadow:
    """All walks, made once; the knobs choose among them."""

    def __init__(self, rivals, network, best, steps, every, presets, values):
        self.rivals, self.best, self.steps, self.every = dict(rivals), best, steps, every
        self.looks, self.drawn = looks(self.rivals), None
        found = {(name, str(seed)): walks(network(seed), step, best[name], steps, every)
                 for seed in range(3) for name, step in self.rivals.items()}
        window = union([plane.window for plane, _ in found.values()])       # one scale for all
        self.walks = {key: (tabled(plane, window), rows) for key, (plane, rows) in found.items()}
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), steps, f"The training of a network with {names}, as a path on the map "
            "of a plane through its thousands of weights; beside it the loss of the network and "
            "that of its shadow on the plane.", title=f"Shadow: {names}", rate=steps / 5)
        self.headline = stage.text(self.map, INK, size=10.5)
        self.tracks = {name: dict(way=stage.path(self.map, look, group=name),
                                  curve=stage.path(self.loss, look, group=name))
                       for name, look in self.looks.items()}
        self.beneath = stage.path(self.loss, Look(GREY, (2, 2), "X"), group="Shadow", width=1.6)
        stage.choice("rival", list(self.rivals), label="rival")
        stage.choice("rate", list(FACTORS), label="learning rate")
        stage.choice("seed", ["0", "1", "2"], label="seed")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 3.2))
        self.map = figure.add_axes([0.065, 0.15, 0.53, 0.75], anchor="N")
        self.loss = figure.add_axes([0.7, 0.15, 0.285, 0.75])
        frame_map(self.map, next(iter(self.walks.values()))[0])
        self.map.set(xlabel="along axis 1", ylabel="along axis 2")
        frame_loss(self.loss, self.steps, 5e-3, 10)
        self.loss.set_xlabel("step")
        return figure

    # What the knobs show

    def run(self, rival, rate, seed):
        """One walk: its shadow on the map, the two losses, and how flat it is, in words."""
        plane, found = self.walks[rival, seed]
        if (rival, seed) != self.drawn:
            self.drawn = rival, seed
            contours(self.map, plane, levels=10, animated=True)
            self.stage.redraw()
        at, loss, below, share = found[rate]
        frames = np.arange(self.steps + 1) // self.every        # a point holds until the next
        lr = self.best[rival] * FACTORS[rate]
        for name, tracks in self.tracks.items():
            mine = name == rival
            tracks["way"].set(until_gone(at, plane.window)[frames] if mine else [(np.nan, np.nan)])
            tracks["curve"].set(over_time(loss[frames] if mine else [np.nan]))
            self.stage.legend(name, self.looks[name], [
                f"lr {lr:.3g}: loss {now:.2g}" if mine else "not chosen" for now in loss[frames]])
        self.beneath.set(over_time(below[frames]))
        self.stage.legend("Shadow", Look(GREY, (2, 2), "X"), [
            f"loss {now:.2g} on the plane" for now in below[frames]])
        said = f"{rival}, lr {lr:.3g}, seed {seed}: {100 * share:.0f} % of its walk is in the plane"
        self.headline.set([to_data(self.map, [0, 1.04])], [said])
        self.stage.summary = said


def walks(network, step, best, steps, every):
    """The plane of the walk at the best learning rate, with its map; and what each walk is there.

    Returns (plane, {factor's name: (points on the plane, the network's loss, the loss on the plane,
    which share of its walk, as a sum of squares, lies in the plane)}).
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
    rows = {name: (at[:, k], losses[:, k], below[:, k], shares[k])
            for k, name in enumerate(FACTORS)}
    return plane, rows


def union(windows):
    """The smallest window that holds them all."""
    sides = np.array(windows)                               # (planes, 2, 2)
    low, high = sides[..., 0].min(0), sides[..., 1].max(0)
    return tuple(zip(low.tolist(), high.tolist()))


def tabled(plane, window):
    """The same plane, whose loss is read from a table of CELLS x CELLS points: quick to draw."""
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
