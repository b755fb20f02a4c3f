"""Two Gaussians: how far apart they are in nats, and what the Fisher matrix says of it."""
import numpy as np

from lessons.experiments.coordinates import CHARTS, divergence
from lessons.look import BLUE, GREEN, ORANGE, PURPLE, Look
from lessons.stage import scene
from lessons.stage.stage import INK

STEPS, RING = 40, 0.3      # parts of the move; nats of the ring that is drawn
OLD, NEW = Look(BLUE, (), "o"), Look(ORANGE, (5, 2), "s")
EXACT, FISHER = Look(GREEN, (), "D"), Look(PURPLE, (7, 2), "X")
NICE = np.outer(10.0 ** np.arange(-6, 3), (1, 1.5, 2, 3, 4, 6, 8)).ravel()    # tops of the axis
X, TURNS = np.linspace(-4, 4, 161), np.linspace(0, 2 * np.pi, 121)


@scene("How far apart are two models?", steps=STEPS, rate=10, height=4.1,
       alt="Left: the densities of two Gaussians, the second of which moves away from the first. "
           "Middle: both as points of a map over mu and sigma, with the models at a fixed KL "
           "divergence from the first, and the ellipse that the Fisher matrix makes of them. "
           "Right: the KL divergence along the move, and its parabola.")
def apart(stage):
    """Move a Gaussian away from another one, and watch their KL divergence."""
    shapes, map, along = stage.grid(ncols=3, width_ratios=(1, 1.15, 1))
    shapes.set(xlim=(-3.2, 3.2), ylim=(0, 1.1), xlabel="y", yticks=[0, 1],
               ylabel="density, highest = 1")
    map.set(xlim=(-1.25, 1.25), ylim=(0.1, 2.2), xlabel="μ", ylabel="σ")
    along.set(xlim=(0, 1), ylim=(0, 1.04), xlabel="part of the move",
              yticks=[0, 0.5, 1], yticklabels=["", "", ""])
    along.set_ylabel("nats", labelpad=38)       # room for the numbers, which are tracks
    heads = [stage.headline(ax) for ax in (shapes, map, along)]
    areas = [stage.curve(shapes, look, group=name, width=2.6)
             for look, name in ((OLD, "old model"), (NEW, "new model"))]
    egg = stage.path(map, EXACT, group="KL exactly", whole=True, width=2.6)
    ring = stage.path(map, FISHER, group="½ h·F h", whole=True, width=2)
    way = stage.path(map, NEW, size=9)
    here = stage.marker(map, OLD, size=10)
    exact = stage.path(along, EXACT, size=8)
    parabola = stage.path(along, FISHER, size=8)
    numbers = [stage.text(along, INK, size=10) for _ in range(3)]
    stage.slider("sigma", 1.0, within=(0.3, 1.5), log=True, label="σ of the old model")
    stage.point(map, "move", (0.3, 1.15), label="new model")
    stage.record("sigma")

    def update(sigma, move):
        old = np.array([0.0, sigma])
        new = np.array([move[0], max(move[1], 0.12)])
        d = (new - old) * np.linspace(0, 1, STEPS + 1)[:, None]
        F = np.diagonal(CHARTS["σ"].surface.fisher(old))
        kl, half = divergence(old, old + d), (F * d * d).sum(axis=-1) / 2
        highest = (1, 1 / density(np.array([0.0, min(sigma, new[1])]))[:, 1].max())
        areas[0].set([density(old) * highest])
        areas[1].set([density(model) * highest for model in old + d])
        here.set([old])
        way.set(old + d)
        egg.set(egg_of(sigma))
        ring.set(old + np.sqrt(2 * RING / F) * np.stack([np.cos(TURNS), np.sin(TURNS)], -1))
        high = NICE[np.searchsorted(NICE, min(max(kl.max(), half.max()), NICE[-1]))]
        part = np.linspace(0, 1, STEPS + 1)
        exact.set(np.stack([part, kl / high], -1))
        parabola.set(np.stack([part, half / high], -1))
        for number, height in zip(numbers, (0, 0.5, 1)):
            number.set([[-0.21, height]], [f"{high * height:g}"])
        for track, values in ((egg, kl), (ring, half)):
            track.says([f"{value:.3g} nats" for value in values])
        stage.legend("old model", OLD, [f"σ = {sigma:.3g}"])
        stage.legend("new model", NEW, [f"σ = {model[1]:.3g}" for model in old + d])
        heads[0]("What they predict")
        heads[1](f"All models {RING} nats away")
        heads[2]("How far it has moved")
        stage.summary = (f"from (0, {sigma:.3g}) to ({new[0]:.3g}, {new[1]:.3g}): KL {kl[-1]:.4g}, "
                         f"½ h·F h {half[-1]:.4g}; at half of the move {kl[STEPS // 2]:.4g} and "
                         f"{half[STEPS // 2]:.4g}; at an eighth {kl[STEPS // 8]:.4g} and "
                         f"{half[STEPS // 8]:.4g}")

    return update


def density(model):
    """The curve (X, density) of a Gaussian."""
    mu, sigma = model
    return np.stack([X, np.exp(-0.5 * ((X - mu) / sigma) ** 2) / (sigma * np.sqrt(2 * np.pi))], -1)


def egg_of(sigma, nats=RING):
    """The models (121, 2) whose KL divergence from (0, sigma) is `nats`, all round it.

    Along a direction the divergence rises from 0, so that halving an interval finds the place.
    """
    turn = np.stack([np.cos(TURNS), np.sin(TURNS)], -1)
    low, high = np.zeros(len(TURNS)), np.where(turn[:, 1] < 0, -0.999 / np.minimum(
        turn[:, 1], -1e-12), 9.0)
    high = np.minimum(high, 9.0)
    old = np.array([0.0, 1.0])      # in units of sigma it is the same egg
    for _ in range(40):
        mid = (low + high) / 2
        below = divergence(old, old + mid[:, None] * turn) < nats
        low, high = np.where(below, mid, low), np.where(below, high, mid)
    return sigma * (old + low[:, None] * turn)
