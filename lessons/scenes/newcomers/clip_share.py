"""Sophia's coordinates beside the line above which a move is clipped."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.shares import NETWORKS, clipped, grown, noise_of
from lessons.look import BLUE, GREY, LOOKS, ORANGE, VERMILION, Look
from lessons.stage import scene
from lessons.steps import sophia

STEPS, EVERY, LR, SEEN = 100, 20, 0.001, 200
FRAMES, LOW, HIGH = STEPS // EVERY, 1e-8, 10.0
SCALES = np.geomspace(1e-3, 100, 61)
LINE, CLIPPED, FREE = Look(VERMILION, (), "o"), Look(GREY, (), "o"), LOOKS["Sophia"]
NOISE = Look(BLUE, (7, 2), "o")


@scene("Above the line", steps=FRAMES, rate=2, height=4.6,
       alt="Left: a cloud of parameters, the average gradient over the curvature that Sophia "
           "keeps, the line above which a move is clipped, and where pure noise would lie. Both "
           "rise to the right, noise half as steeply, so at small curvature it is above the line. "
           "Right: the clipped share, which falls as gamma grows. A frame stands for 20 steps.")
def clip_share(stage):
    """Look at 200 of the digits network's parameters while Sophia trains it with gamma 0.05.

    Another gamma moves the line; the run stays that of 0.05.
    """
    cloud, share = stage.grid(ncols=2, width_ratios=(1.15, 1))
    cloud.set(xlim=(LOW, HIGH), ylim=(1e-6, 0.3), xscale="log", yscale="log",
              xlabel="curvature h", ylabel="average gradient |m|")
    share.set(xlim=(SCALES[0], SCALES[-1]), ylim=(0, 103), xscale="log", xlabel="gamma",
              ylabel="clipped moves, %")
    heads = [stage.headline(ax) for ax in (cloud, share)]
    free = stage.curve(cloud, FREE._replace(dash=()), group="not clipped: Newton's step", width=5)
    full = stage.curve(cloud, CLIPPED, group="clipped: one lr", width=3.5)
    line = stage.path(cloud, LINE, whole=True, width=2.5)
    noise = stage.curve(cloud, NOISE, group="m, if it were only noise", width=2)
    stage.text(cloud, CLIPPED, size=12).set([(2e-8, 0.14)], ["clipped"])
    stage.text(cloud, CLIPPED, size=12).set([(0.03, 2e-6)], ["not clipped"])
    named, told = stage.text(cloud, LINE, size=12), stage.text(cloud, NOISE, size=12)
    law = stage.curve(share, CLIPPED, width=2.5)
    here = stage.marker(share, Look(ORANGE, (), "o"), size=12)
    stage.slider("scale", 0.05, label="gamma", within=(0.001, 100.0))
    stage.choice("network", list(NETWORKS)[:2], label="network")
    stage.record("scale")

    def update(scale, network):
        m, h = followed(network)
        shown = np.linspace(0, m.shape[1] - 1, SEEN).astype(int)
        place = np.stack([h, m], -1)[:, shown]
        over = (m >= scale * h)[:, shown]
        full.set(specks(np.where(over[..., None], place, np.nan)))
        free.set(specks(np.where(over[..., None], np.nan, place)))
        ends = np.array([1e-6 / scale, 0.3 / scale])
        line.set(np.stack([ends, ends * scale], -1))
        ends = np.array([LOW, HIGH])
        typical = [noise_of(ends / grown(max(1, k * EVERY)), NETWORKS[network][1])
                   for k in range(FRAMES + 1)]
        noise.set(np.stack(np.broadcast_arrays(ends, typical), -1))
        told.set([(1.5 * LOW, 25 * low) for low, _ in typical], ["only noise"])
        named.set([(max(LOW, 3e-6 / scale), 1.6e-6)], ["|m| = γ h"])
        shares = 100 * np.array([clipped(m, h, one) for one in SCALES]).T
        law.set(np.stack(np.broadcast_arrays(SCALES, shares), -1))
        now = 100 * clipped(m, h, scale)
        here.set(np.stack(np.broadcast_arrays(scale, now), -1))
        heads[0]([f"Step {k * EVERY}: {value:.3g} % clipped" for k, value in enumerate(now)])
        heads[1](f"The same for other gammas; the dot: {scale:.3g}")
        stage.summary = (f"{network}, gamma {scale:.3g}: clipped "
                         + ", ".join(f"{now[k]:.3g} % at step {k * EVERY}" for k in (1, 3, 5)))

    return update


@lru_cache
def followed(network):
    """|m| and h (FRAMES + 1, D) of those parameters that move, every EVERY steps."""
    place = NETWORKS[network][0](seed=0)
    run = descend(place, sophia, steps=STEPS, every=EVERY,
                  lr=LR)
    m, h = (np.array([run.state[name][0], *run.state[name]]) for name in ("m", "h"))
    alive = (m != 0).all(0) & (h > 0).all(0)
    return np.abs(m[:, alive]), h[:, alive]


def specks(points):
    """Each point as a short line, with a gap behind it: (..., N, 2) -> (..., 3 N, 2)."""
    away = points * (1.04, 1.0)
    gaps = np.full_like(points, np.nan)
    return np.stack([points, away, gaps], -2).reshape(*points.shape[:-2], -1, 2)
