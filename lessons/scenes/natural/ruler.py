"""Steepest descent under a ruler: where its ball touches the lowest level line of the slope."""
import numpy as np

from lessons.look import BLUE, GREEN, GREY, PURPLE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

STEPS, LEVELS = 72, 9       # directions round the ball; level lines of the slope
MODEL = np.array([-1.5, 1.2])       # mu and sigma: where we stand
F = np.array([1.0, 2.0]) / MODEL[1] ** 2
G = np.array([-2.5 / 1.44, 1 / 1.2 - 7.25 / 1.2**3])      # the slope of the Gaussian fit there
LENGTH, LARGEST, SUM, NATS = "length", "largest coordinate", "sum of coordinates", "nats"
TURNS, FINE = (np.linspace(0, 2 * np.pi, n + 1) for n in (STEPS, 20 * STEPS))
BALL, BEST, TRIED = Look(PURPLE, (), "P"), Look(GREEN, (), "D"), Look(BLUE, (), "o")


@scene("Steepest by which ruler?", steps=STEPS, rate=12, height=4.3,
       alt="Left: level lines of a slope, and all moves that a ruler calls equally long: a circle, "
           "a square, a diamond or an ellipse. A move goes round on it. Right: how far the loss "
           "falls for each of these moves; the lowest one is steepest.")
def ruler(stage):
    """Go round the moves that a ruler calls equally long, and see which one falls most."""
    plane, round = stage.grid(ncols=2, width_ratios=(1, 1.15))
    plane.set(xlim=(-2.2, 2.2), ylim=(-2.2, 2.2), aspect="equal", xlabel="move in μ",
              ylabel="move in σ")
    round.set(xlim=(0, 360), ylim=(-1.25, 1.25), xticks=range(0, 361, 90), yticks=[-1, 0, 1],
              xlabel="direction of the move, in degrees",
              ylabel="change of the loss / the largest")
    heads = [stage.headline(ax) for ax in (plane, round)]
    lines = [stage.path(plane, Look(GREY, (), "o"), whole=True, width=1) for _ in range(LEVELS)]
    lowest = stage.path(plane, DASHED, group="lowest level line", whole=True, width=2)
    edge = stage.path(plane, BALL, group="equally long moves", whole=True, width=3)
    slope = stage.arrow(plane, INK, group="downhill, −g", width=2)
    move = stage.arrow(plane, TRIED, group="a move", width=2.6)
    touch = stage.marker(plane, BEST, group="steepest", size=11)
    fall = stage.path(round, TRIED, size=9)
    foot = stage.marker(round, BEST, size=11)
    stage.choice("ruler", [LENGTH, LARGEST, SUM, NATS], label="ruler")
    stage.slider("unit", 1.0, within=(0.25, 2.0), log=True, kind="scale", label="unit of σ")
    stage.point(plane, "gradient", -0.45 * G, label="downhill")
    stage.record("unit")

    def update(ruler, unit, gradient):
        g = -np.asarray(gradient)
        ball = boundary(ruler, unit, TURNS)
        best = steepest(ruler, unit, g)
        falls = ball @ g
        size = max(np.abs(falls).max(), 1e-12)
        across = np.array([-g[1], g[0]]) / max(np.hypot(*g), 1e-12)
        down = -g / max(np.hypot(*g), 1e-12)
        for k, line in enumerate(lines):
            centre = (k - LEVELS // 2) * 0.55 * down
            line.set([centre - 5 * across, centre + 5 * across])
        reach = best @ down
        lowest.set([reach * down - 5 * across, reach * down + 5 * across])
        edge.set(boundary(ruler, unit, FINE))
        slope.set([[(0, 0), gradient]])
        move.set(np.stack([0 * ball, ball], 1))
        slope.says([f"({gradient[0]:.2f}, {gradient[1]:.2f})"])
        edge.says([f"by the {ruler}" if ruler != NATS else "in nats"])
        lowest.says(["that they reach"])
        move.says([f"changes the loss by {value:+.2f}" for value in falls])
        touch.set([best])
        touch.says([f"changes the loss by {best @ g:+.2f}"])
        fall.set(np.stack([np.degrees(TURNS), falls / size], -1))
        foot.set([(np.degrees(np.arctan2(best[1], best[0])) % 360, best @ g / size)])
        angle = np.degrees(np.arctan2(best[1], best[0])) % 360
        heads[0](f"{ruler}, σ in units of {unit:.2g}" if ruler != NATS else
                 f"nats: the same in every unit ({unit:.2g})")
        heads[1](f"steepest: ({best[0]:.2f}, {best[1]:.2f}), {angle:.0f} degrees")
        stage.summary = (f"{ruler}, unit of σ {unit:.3g}, downhill ({gradient[0]:.3g}, "
                         f"{gradient[1]:.3g}): steepest ({best[0]:.4g}, {best[1]:.4g})")

    return update


def sizes(ruler, unit):
    """What a move is multiplied by, coordinate for coordinate, before the ruler measures it."""
    return np.sqrt(F) if ruler == NATS else np.array([1.0, 1 / unit])


def boundary(ruler, unit, turns):
    """The moves (N, 2) that the ruler calls 1 long, one in each direction."""
    turn = np.stack([np.cos(turns), np.sin(turns)], -1)
    seen = np.abs(turn * sizes(ruler, unit))
    length = {LARGEST: seen.max(axis=-1), SUM: seen.sum(axis=-1)}.get(
        ruler, np.sqrt(np.square(seen).sum(axis=-1)))
    return turn / length[:, None]


def steepest(ruler, unit, g):
    """The move of length 1 by the ruler along which g falls most, by formula."""
    w = sizes(ruler, unit)
    slope = g / w
    if ruler == LARGEST:
        return -np.sign(slope) / w
    if ruler == SUM:
        largest = np.abs(slope) == np.abs(slope).max()
        return -np.sign(slope) * largest / largest.sum() / w
    return -slope / max(np.sqrt(slope @ slope), 1e-12) / w
