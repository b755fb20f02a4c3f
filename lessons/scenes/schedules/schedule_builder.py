"""The composer: put a schedule together, and see what it does to a noisy ravine and a network."""
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import DIVERGED, descend
from lessons.look import GREY, ORANGE, SKY, Look
from lessons.networks import mnist1d_mlp
from lessons.scenes.common.runs import LRS, over_time
from lessons.schedules import (
    cosine,
    cyclical,
    linear,
    one_cycle,
    step_decay,
    triangular,
    warmup_stable_decay,
)
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.steps import adam
from lessons.surfaces import ravine
from lessons.views import noisy

STEPS, EVERY, SEEDS = 300, 10, 32
MINE, LEVEL = "Your schedule", "Constant"
STAYS, TRAINS = "stays", "trains along"
SHAPES = {      # name -> (the schedule of a peak, a warm-up and a floor; which of the two it has)
    "cosine": (cosine, ("warmup", "floor")),
    "straight line": (linear, ("warmup", "floor")),
    "warm-up, level, down": (
        lambda peak, warmup, floor: warmup_stable_decay(peak, warmup, 0.2, floor),
        ("warmup", "floor")),
    "constant": (lambda peak, warmup, floor: warmup_stable_decay(peak, warmup, 0.0), ("warmup",)),
    "stairs": (lambda peak, warmup, floor: step_decay(peak, STEPS // 3), ()),
    "triangle": (lambda peak, warmup, floor: triangular(peak, floor), ("floor",)),
    "four triangles": (lambda peak, warmup, floor: cyclical(peak, floor), ("floor",)),
    "one-cycle": (lambda peak, warmup, floor: one_cycle(peak), ()),
}
NET_LRS = np.float32(0.005 * 2.0 ** np.arange(7))
LOOKS = {MINE: Look(ORANGE, (), "o"), LEVEL: Look(SKY, (7, 2), "s")}
INK, DOTTED = Look(GREY, (), "o"), Look(GREY, (2, 2), "o")


def schedule_builder(*, step=adam, name="Adam", sigma=1.0, lr=0.02, presets=None, **values):
    """Compose a schedule from a peak, a warm-up, a shape and a floor.

    step, name: the rule that follows it, on a ravine with gradient noise `sigma` (mean of 32 seeds)
    and on a network for MNIST-1D (32 hidden units, mean of 3 seeds); beside it runs the same rule
    with the peak all the way. The network trains when its knob says so: it takes longer.
    presets: label -> {knob: value}, a button each. values: other knobs, such as shape="stairs".
    """
    return Composer(step, name, sigma, lr, presets or {}, values).stage


class Composer:
    """What the scene remembers from one move of a knob to the next."""

    def __init__(self, step, name, sigma, lr, presets, values):
        self.step, self.name, self.trained = step, name, ""
        self.toy = noisy(ravine(), sigma, seed=range(SEEDS))
        self.stage = stage = Stage(
            self._figure(), STEPS, "Above a schedule of the learning rate. Below the losses that "
            f"{name} reaches with it and without it, on a noisy ravine and on a network.",
            title=f"Composer: {name}", rate=60)
        axes = self.rate, self.hill, self.net
        self.heads = {ax: stage.text(ax, INK, size=10.5) for ax in axes}
        self.plans = {rival: (stage.path(self.rate, look, group=rival, whole=True, head=False),
                              stage.marker(self.rate, look, group=rival))
                      for rival, look in LOOKS.items()}     # known before the first step
        self.tracks = {rival: [stage.path(ax, look, group=rival) for ax in axes[1:]]
                       for rival, look in LOOKS.items()}
        self.bests = {"ravine": self._line(self.hill, *best(self.toy, step, LRS)),
                      "network": self._line(self.net, *best_on_network(step))}
        stage.slider("lr", lr, label="peak learning rate")
        stage.choice("shape", list(SHAPES), label="shape")
        stage.slider("warmup", 0)
        stage.slider("floor", 0.0)
        stage.choice("network", [STAYS, TRAINS], label="network")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 5.0))
        self.rate = figure.add_axes([0.075, 0.67, 0.91, 0.27])
        self.hill = figure.add_axes([0.075, 0.1, 0.4, 0.43])
        self.net = figure.add_axes([0.575, 0.1, 0.41, 0.43])
        self.rate.set(ylim=(0, 1.08), ylabel="lr / peak", yticks=[0, 0.5, 1])
        self.hill.set(yscale="log", ylim=(1e-3, 30), ylabel="loss")
        self.net.set(ylim=(0.9, 2.5), ylabel="training loss")
        for ax in (self.rate, self.hill, self.net):
            ax.set(xlim=(0, 1.013 * STEPS))     # the last marker is whole
            ax.set_xlabel("step", labelpad=1)
        return figure

    def _line(self, ax, lr, loss, count):
        """Dotted: where the best of many constant learning rates ends; returns it in words."""
        self.stage.path(ax, DOTTED, whole=True, width=1.4).set([(0, loss), (STEPS, loss)])
        said = f"best of {count} constants, {loss:.3g}"
        self.stage.text(ax, INK, size=9.5).set([to_data(ax, [0.22, 0.93])], [f"dotted: {said}"])
        return f"{said} (lr {lr:.3g})"

    # One run of everything, whenever a knob moves

    def run(self, lr, shape, warmup, floor, network):
        """The schedule, what it does on the ravine, and, if asked for, on the network."""
        make, has = SHAPES[shape]
        for name in ("warmup", "floor"):
            self.stage.show(name, name in has)
        mine = make(lr, warmup, floor * lr)
        self.rates = np.array([[mine(t, STEPS), lr] for t in range(1, STEPS + 1)]).T
        more = [f"warm-up {warmup}"] * (warmup > 0 and "warmup" in has)
        more += [f"floor {floor:.2g} of it"] * (floor > 0 and "floor" in has)
        self.said = ", ".join([f"{shape}, peak {lr:.3g}", *more])
        self._head(self.rate, f"{self.name} with the schedule: {self.said}")
        self._head(self.hill, f"{self.toy.name}, mean of {SEEDS} seeds")
        self.hills = mean(self._walk(self.toy, np.array(self.toy.start))).T
        for rival, rates, loss in zip(LOOKS, self.rates / lr, self.hills):
            plan, now = self.plans[rival]
            plan.set(over_time([np.nan, *rates]))
            now.set(over_time([rates[0], *rates]))
            self.tracks[rival][0].set(over_time(loss))
        if network == TRAINS or not self.trained:
            self._train()
        still = "" if self.trained == self.said else "still "
        self._head(self.net, f"Network, {still}with {self.trained}")
        self._say()

    def _walk(self, surface, start, every=1):
        """Losses (kept steps, rivals, seeds) of both rivals, side by side."""
        rates = self.rates.astype(start.dtype)[..., None, None]
        return descend(surface, self.step, start, STEPS, every=every,
                       lr=lambda t, total: rates[:, t - 1]).loss

    def _train(self):
        """Train three networks with the schedule and three without; the ravine is shown first."""
        if self.trained:
            self._head(self.net, f"Network: {STEPS} steps of 6 networks, training ...")
            self._say()
            self.stage.refresh()
        network = small_network()
        self.nets = np.moveaxis(self._walk(network, network.start, EVERY), 0, -1)
        self.trained, kept = self.said, np.arange(0, STEPS + 1, EVERY)
        self.curves = [np.interp(np.arange(STEPS + 1), kept, mean(seeds.T)) for seeds in self.nets]
        for tracks, curve in zip(self.tracks.values(), self.curves):
            tracks[1].set(over_time(curve))

    def _head(self, ax, words):
        self.heads[ax].set([to_data(ax, [0, 1.07])], [words])

    def _say(self):
        """The legend, and the numbers in words."""
        rows = [f"  {name}: {said}" for name, said in self.bests.items()]
        fresh = self.trained == self.said       # else what the network did belongs to another lr
        for rival, rates, loss, seeds, curve in zip(
                LOOKS, self.rates, self.hills, self.nets, self.curves):
            nets = [f", network {now:.2f}" if fresh else "" for now in curve]
            self.stage.legend(rival, LOOKS[rival], [
                f"lr {now:.2g}, ravine " + (f"{height:.2g}" if height < DIVERGED else "diverged")
                + net for now, height, net in zip([rates[0], *rates], loss, nets)])
            ends = seeds[:, -1]
            rows.append(f"  {rival}: ravine {loss[-1]:.3g}; network {mean(ends):.3g}, from "
                        f"{ends.min():.3g} to {ends.max():.3g}, with {self.trained}")
        self.stage.summary = "\n".join([f"{self.name}, {self.said}", *rows])


def mean(losses):
    """The mean over the seeds, the last axis; one that has diverged may be too large for it."""
    with np.errstate(all="ignore"):
        return losses.mean(-1)


@lru_cache(maxsize=1)
def small_network():
    """Which digit is it? 32 hidden units, 3 seeds; its loss on record is that of 500 examples."""
    network = mnist1d_mlp(seed=(0, 1, 2), hidden=(32,))
    return replace(network, loss=network.first(500).loss)


def best(surface, step, lrs):
    """(lr, mean loss over the seeds, how many) of the constant lr that ends lowest."""
    ends = mean(descend(surface, step, np.asarray(surface.start), STEPS, every=STEPS,
                        lr=lrs[:, None, None]).loss[-1])
    lowest = np.where(np.isfinite(ends), ends, np.inf).argmin()
    return lrs[lowest], ends[lowest], len(lrs)


@lru_cache(maxsize=8)
def best_on_network(step):
    """The same for the network, whose sweep takes longer and is made once."""
    return best(small_network(), step, NET_LRS)
