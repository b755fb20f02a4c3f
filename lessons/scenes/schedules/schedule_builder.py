"""Put a schedule together, and see what it does on a noisy ravine and to a network."""
from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import DIVERGED, descend
from lessons.look import GREY, ORANGE, SKY, Look
from lessons.networks import mnist1d_mlp
from lessons.scenes.common.runs import LRS
from lessons.schedules import (
    cosine,
    cyclical,
    linear,
    one_cycle,
    step_decay,
    triangular,
    warmup_stable_decay,
)
from lessons.stage import scene
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
DOTTED = Look(GREY, (2, 2), "o")


@scene("Composer", steps=STEPS, height=5.2, rate=60, alt="")
def schedule_builder(stage, *, step=adam, name="Adam", sigma=1.0, lr=0.02):
    """Compose a schedule from a peak, a warm-up, a shape and a floor.

    step, name: the rule that follows it, on a ravine with gradient noise `sigma` (mean of 32 seeds)
    and on a network for MNIST-1D (32 hidden units, mean of 3 seeds); beside it runs the same rule
    with the peak all the way. The network trains when its knob says so: it takes longer.
    """
    return Builder(stage, step, name, sigma, lr).update


class Builder:
    """The trained networks that the scene keeps from one move of a knob to the next."""

    def __init__(self, stage, step, name, sigma, lr):
        self.stage, self.step, self.name, self.trained = stage, step, name, ""
        self.toy = noisy(ravine(), sigma, seed=range(SEEDS))
        stage.title = f"Composer: {name}"
        stage.alt = ("Above a schedule of the learning rate. Below the losses that "
                     f"{name} reaches with it and without it, on a noisy ravine and on a network.")
        axes = self._axes()
        self.heads = {place: stage.headline(ax) for place, ax in axes.items()}
        self.plans = {rival: (stage.path(axes["rate"], look, group=rival, whole=True, head=False),
                              stage.marker(axes["rate"], look, group=rival))
                      for rival, look in LOOKS.items()}     # known before the first step
        self.hills, self.nets = ({rival: stage.path(axes[place], look, group=rival)
                                  for rival, look in LOOKS.items()} for place in ("ravine", "net"))
        self.bests = {"ravine": self._line(axes["ravine"], *best(self.toy, step, LRS)),
                      "network": self._line(axes["net"], *best_on_network(step))}
        stage.slider("lr", lr, label="peak learning rate")
        stage.choice("shape", SHAPES, label="shape")
        stage.slider("warmup", 0)
        stage.slider("floor", 0.0)
        stage.choice("network", [STAYS, TRAINS], label="network")
        stage.record("lr", when=lambda network, **values: network == STAYS)

    def _axes(self):
        axes = self.stage.mosaic([["rate", "rate"], ["ravine", "net"]], height_ratios=(1, 1.6))
        axes["rate"].set(ylim=(0, 1.08), ylabel="lr / peak", yticks=[0, 0.5, 1])
        axes["ravine"].set(yscale="log", ylim=(1e-3, 30), ylabel="loss")
        axes["net"].set(ylim=(0.9, 2.5), ylabel="training loss")
        for ax in axes.values():
            ax.set(xlim=(0, 1.013 * STEPS), xlabel="step")      # the last marker is whole
        return axes

    def _line(self, ax, lr, loss, count):
        """Draw a dotted line where the best of many constant rates ends; return that in words."""
        self.stage.path(ax, DOTTED, whole=True, width=1.4).set([(0, loss), (STEPS, loss)])
        words = f"best of {count} constants, {loss:.3g}"
        self.stage.text(ax, DOTTED, size=10, units="axes").set([[0.2, 0.93]], [f"dotted: {words}"])
        return f"{words} (lr {lr:.3g})"

    def update(self, lr, shape, warmup, floor, network):
        """The schedule, what it does on the ravine, and, if asked for, on the network."""
        make, has = SHAPES[shape]
        for name in ("warmup", "floor"):
            self.stage.show(name, name in has)
        mine = make(lr, warmup, floor * lr)
        self.rates = np.array([[mine(t, STEPS), lr] for t in range(1, STEPS + 1)]).T
        more = [f"warm-up {warmup}"] * (warmup > 0 and "warmup" in has)
        more += [f"floor {floor:.2g} of it"] * (floor > 0 and "floor" in has)
        self.words = ", ".join([f"{shape}, peak {lr:.3g}", *more])
        self.heads["rate"](f"{self.name} with the schedule: {self.words}")
        self.heads["ravine"](f"{self.toy.name}, mean of {SEEDS} seeds")
        self.losses = mean(self._walk(self.toy, np.array(self.toy.start))).T
        for rival, rates, loss in zip(LOOKS, self.rates / lr, self.losses):
            plan, now = self.plans[rival]
            plan.over_time(rates, first=1)
            now.over_time([rates[0], *rates])
            self.hills[rival].over_time(loss)
        if network == TRAINS or not self.trained:
            self._train()
        still = "" if self.trained == self.words else "still "
        self.heads["net"](f"Network, {still}with {self.trained}")
        self._tell()

    def _walk(self, surface, start, every=1):
        """Losses (kept steps, rivals, seeds) of both rivals, side by side."""
        rates = self.rates.astype(start.dtype)[..., None, None]
        return descend(surface, self.step, start, STEPS, every=every,
                       lr=lambda t, total: rates[:, t - 1]).loss

    def _train(self):
        """Train three networks with the schedule and three without; the ravine is shown first."""
        if self.trained:
            self.heads["net"](f"Network: {STEPS} steps of 6 networks, training ...")
            self._tell()
            self.stage.refresh()
        network = small_network()
        self.ends = np.moveaxis(self._walk(network, network.start, EVERY), 0, -1)
        self.trained, kept = self.words, np.arange(0, STEPS + 1, EVERY)
        self.curves = [np.interp(np.arange(STEPS + 1), kept, mean(seeds.T)) for seeds in self.ends]
        for track, curve in zip(self.nets.values(), self.curves):
            track.over_time(curve)

    def _tell(self):
        """The legend, and the numbers in words."""
        rows = [f"  {name}: {words}" for name, words in self.bests.items()]
        fresh = self.trained == self.words      # else what the network did belongs to another lr
        for rival, rates, loss, seeds, curve in zip(
                LOOKS, self.rates, self.losses, self.ends, self.curves):
            nets = [f", network {now:.2f}" if fresh else "" for now in curve]
            self.hills[rival].says([
                f"lr {now:.2g}, ravine " + (f"{height:.2g}" if height < DIVERGED else "diverged")
                + net for now, height, net in zip([rates[0], *rates], loss, nets)])
            last = seeds[:, -1]
            rows.append(f"  {rival}: ravine {loss[-1]:.3g}; network {mean(last):.3g}, from "
                        f"{last.min():.3g} to {last.max():.3g}, with {self.trained}")
        self.stage.summary = "\n".join([f"{self.name}, {self.words}", *rows])


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
    """Like best(), for the network; cached, because its sweep takes seconds."""
    return best(small_network(), step, NET_LRS)
