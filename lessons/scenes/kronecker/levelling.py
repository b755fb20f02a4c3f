"""Muon's polynomial on singular values: round by round the small ones rise, the large ones jump."""
from functools import lru_cache

import numpy as np

from lessons.experiments.kronecker import CUBIC, QUINTIC, polynomial
from lessons.look import GREEN, ORANGE, PURPLE, SKY, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

ROUNDS, LOW, TOP = 12, 3e-4, 3.0
SIGMA = np.geomspace(LOW, 1, 241)
JORDAN, CLASSIC = "Muon's quintic", "Newton–Schulz cubic"
CLOUD, SLOWER = Look(VERMILION, (), "o"), Look(PURPLE, (7, 2, 2, 2), "o")
FOLLOWED = {"largest": Look(ORANGE, (), "s"), "a small one": Look(GREEN, (7, 2), "^"),
            "smallest": Look(SKY, (2, 2), "D")}
PALE = {ORANGE: "#DDBE86", GREEN: "#86C9B5", SKY: "#98C9E6"}    # of the rounds still to come
MATRIX = "random, 64 x 64"


@scene("Level the singular values", steps=ROUNDS, rate=1.5, height=4.5,
       alt="Left: what a singular value has become after some rounds, over what it was, as a curve "
           "with a dot for each singular value of a matrix, the band from 0.68 to 1.2, and dashed "
           "what the cubic makes of it in as many rounds. Right: three singular values on their "
           "way, round by round, each with a colour and a dash of its own; what comes after the "
           "round shown is pale in the same dash, and a line marks round 5, where Muon stops.")
def levelling(stage):
    """Play rounds of a polynomial on the singular values of a random matrix, divided by its size.

    a: the factor of x in the polynomial, its slope at 0; the other two factors stay.
    """
    now, way = stage.grid(ncols=2, width_ratios=(1.15, 1))
    now.set(xlim=(LOW, 1.15), ylim=(LOW, TOP), xscale="log", yscale="log",
            xlabel="singular value before", ylabel="after these rounds")
    way.set(xlim=(0, ROUNDS), ylim=(0, 1.5), xlabel="rounds", ylabel="singular value")
    heads = [stage.headline(ax) for ax in (now, way)]
    for ax, ends in ((now, (LOW, 1.15)), (way, (0, ROUNDS))):
        for height in (0.68, 1.2):
            stage.path(ax, DASHED, whole=True, width=1.2).set([(ends[0], height),
                                                               (ends[1], height)])
    stage.text(now, DASHED, size=11).set([(4e-4, 1.55)], ["the band, 0.68 to 1.2"])
    stage.path(way, DASHED, whole=True, width=1.2).set([(5, 0), (5, 1.5)])
    stage.text(way, DASHED, size=11).set([(5.15, 1.42)], ["Muon stops"])
    other, name = stage.curve(now, SLOWER, width=2), stage.text(now, SLOWER, size=11)
    curve = stage.curve(now, INK, width=2)
    dots = [stage.marker(now, CLOUD, size=7) for _ in range(64)]
    ahead = [stage.path(way, look._replace(color=PALE[look.color]), whole=True, width=1.6)
             for look in FOLLOWED.values()]
    walks = [stage.path(way, look, group=name, width=2.2) for name, look in FOLLOWED.items()]
    stage.choice("rule", [JORDAN, CLASSIC], label="polynomial")
    stage.slider("slope", QUINTIC[0])
    stage.record("slope")

    def update(rule, slope):
        stage.show("slope", rule == JORDAN)
        factors = (slope, *QUINTIC[1:]) if rule == JORDAN else CUBIC
        sigma = singular_values()
        few = int(0.8 * len(sigma))
        line, cloud = (rounds(x, factors) for x in (SIGMA, sigma))
        curve.set(np.stack([np.broadcast_to(SIGMA, line.shape), seen(line)], -1))
        slow = seen(rounds(SIGMA, CUBIC if rule == JORDAN else QUINTIC))
        other.set(np.stack([np.broadcast_to(SIGMA, slow.shape), slow], -1))
        at = len(SIGMA) // 3
        words, below = ("the cubic", 0.55) if rule == JORDAN else ("Muon's quintic", 0.35)
        name.set([(SIGMA[at] * 1.15, max(below * row[at], 1.3 * LOW)) for row in slow], [words])
        for k, dot in enumerate(dots):
            dot.set(np.stack([np.full(ROUNDS + 1, sigma[k]), seen(cloud[:, k])], -1))
        for walk, pale, k in zip(walks, ahead, (0, few, -1)):
            pale.set(np.stack([np.arange(ROUNDS + 1), np.clip(cloud[:, k], -9, 9)], -1))
            walk.over_time(np.clip(cloud[:, k], -9, 9))
            walk.says([f"started at {sigma[k]:.2g}: {value:.3g}" for value in cloud[:, k]])
        heads[0]([f"After {t} round{'s' * (t != 1)}: {between(row)}"
                  for t, row in enumerate(cloud)])
        heads[1](f"Three of them, from {sigma[0]:.2g}, {sigma[few]:.2g} and {sigma[-1]:.2g}")
        stage.summary = (f"{rule}, slope {factors[0]:.3g}, {MATRIX}: " + "; ".join(
            f"round {t}: {between(cloud[t])}" for t in (0, 1, 3, 5, ROUNDS)))

    return update


def rounds(x, factors):
    """x after 0 to ROUNDS rounds, (ROUNDS + 1, N); what has left for infinity stays there."""
    found = [np.asarray(x, float)]
    with np.errstate(all="ignore"):
        for _ in range(ROUNDS):
            found.append(np.nan_to_num(polynomial(found[-1], factors), nan=np.inf))
    return np.clip(found, -1e9, 1e9)


def between(values):
    """From the smallest to the largest size of some values, in words."""
    low, high = np.abs(values).min(), np.abs(values).max()
    return f"from {low:.2g} to " + (f"{high:.2g}" if high < 1e3 else "far away")


def seen(values):
    """Sizes that fit the picture: a value below 0, or beyond the top, stands at the edge."""
    return np.clip(np.abs(values), LOW, TOP)


@lru_cache
def singular_values():
    """The singular values of MATRIX over the root of the sum of its squares, largest first."""
    sigma = np.linalg.svd(np.random.default_rng(0).normal(size=(64, 64)), compute_uv=False)
    return sigma / np.sqrt((sigma * sigma).sum())
