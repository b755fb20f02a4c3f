"""The ball of radius rho on a map: its worst point, SAM's guess of it, and where SAM goes."""
from dataclasses import replace

import numpy as np

from lessons.descend import descend
from lessons.look import GREEN, LOOKS, PURPLE, RED, Look
from lessons.plots import contours
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import gradient_descent, sam
from lessons.surfaces import sharp_and_flat, two_weights

STEPS = 240
WELLS, VALLEY = "hole and bowl", "valley of minima"
PLACES = {WELLS: replace(sharp_and_flat(), window=((-2.6, 2.3), (-1.5, 1.5))),
          VALLEY: two_weights()}
STARTS = {WELLS: (-1.9, 0.3), VALLEY: (3.0, 0.5)}
TICKS = {WELLS: dict(xticks=(-1.5, 0, 1.5), yticks=(-1, 0, 1)),
         VALLEY: dict(xticks=(0, 1, 2, 3), yticks=(0, 1, 2))}
ANGLES = np.linspace(0, 2 * np.pi, 97)[:-1]
BALL = np.concatenate([part * np.stack([np.cos(ANGLES), np.sin(ANGLES)], -1)
                       for part in (1.0, 2 / 3, 1 / 3)])
REACH, CLIMB, WORST = Look(PURPLE, (), "o"), Look(PURPLE, (2, 1), "o"), Look(RED, (), "X")
SECOND, LENGTH = Look(GREEN, (), "s"), 0.6      # of the arrow that shows where the step goes
CURVATURES = 1, 2, 5, 10, 20, 40
SIGNS = {"hole": (-1.62, 0.58), "bowl": (1.38, 0.3), "pass": (-0.8, 0.32)}     # words on the map
PASS = 3 / (1 + 40 ** (1 / 3)) - 1.5            # x of the highest point of the way to the bowl


@scene("The worst point near by", steps=STEPS, rate=20, height=4.5,
       alt="Left: a map with the paths of gradient descent and of SAM, a circle round SAM's point, "
           "the worst point in the circle, SAM's guess of it, and at the guess an arrow along "
           "which SAM steps. Right: the largest curvature under both points over the steps.")
def worst_point(stage):
    """Walk SAM and gradient descent from one start, and draw the ball that SAM asks about."""
    map, bend = stage.grid(ncols=2, width_ratios=(1.75, 1))
    bend.set(xlim=(0, STEPS), ylim=(0.8, 60), yscale="log", xlabel="step",
             ylabel="largest curvature here", yticks=CURVATURES,
             yticklabels=[f"{value}" for value in CURVATURES])
    bend.minorticks_off()
    heads = [stage.headline(ax) for ax in (map, bend)]
    rivals = {name: (stage.path(map, LOOKS[name], group=name, width=width, size=9),
                     stage.path(bend, LOOKS[name], group=name, width=2.6, size=9))
              for name, width in (("Gradient descent", 4.5), ("SAM", 1.3))}
    circle = stage.ellipse(map, REACH, group="ball (circle)", width=2.4)
    worst = stage.marker(map, WORST, group="worst point (cross)", size=11)
    second = stage.arrow(map, SECOND, group="downhill from there", width=4)
    climb = stage.arrow(map, CLIMB, group="climb (arrow)", width=2.2)  # upon cross and second
    for track in (circle, worst, climb, second):
        track.says([""])
    words = {word: stage.text(map, INK, size=11) for word in SIGNS}
    saddle = stage.path(map, INK, whole=True, width=2)
    stage.choice("place", PLACES, label="where")
    stage.slider("rho", 0.3, within=(0.02, 1.3))
    stage.slider("lr", 0.02, within=(0.002, 0.1))
    stage.point(map, "start", STARTS[WELLS], label="start")
    stage.record("rho")
    shown = []              # the place whose map is drawn

    def update(place, rho, lr, start):
        surface = PLACES[place]
        if shown != [place]:
            map.set(xlim=surface.window[0], ylim=surface.window[1], aspect="equal", **TICKS[place])
            contours(map, surface, animated=True)
            stage.redraw(whole=True)
            shown[:] = [place]
            here = 1.0 if place == WELLS else np.nan
            saddle.set(here * np.array([(PASS, -0.14), (PASS, 0.14)]))
            for word, at in SIGNS.items():
                words[word].set(here * np.array([at]), [word])
        runs = {"Gradient descent": descend(surface, gradient_descent, start, STEPS, lr=lr).theta,
                "SAM": descend(surface, sam, start, STEPS, lr=lr, rho=rho).theta}
        for name, (path, curve) in rivals.items():
            here = until_gone(runs[name], surface.window)
            path.set(here)
            curvature = top(surface, runs[name])
            curve.over_time(np.where(curvature > 0, curvature, np.nan))
            curve.says([f"curvature {value:.3g}" for value in curvature])
        theta = runs["SAM"]
        g = surface.grad(theta)
        guess = theta + rho * g / (np.sqrt((g * g).sum(-1, keepdims=True)) + 1e-12)
        bad, there = worst_in(surface, theta, rho)
        circle.set(np.stack([theta, theta + (rho, 0), theta + (0, rho)], 1))
        climb.set(np.stack([theta, guess], 1))
        worst.set(there)
        steep = surface.grad(guess)
        size = np.sqrt((steep * steep).sum(-1, keepdims=True))
        down = -LENGTH * steep / np.where(size > 1e-9, size, np.nan)
        second.set(np.stack([guess, guess + down], 1))
        told = surface.loss(guess)
        heads[0]([f"Worst in the ball {a:.2f}, SAM's guess {b:.2f}" for a, b in zip(bad, told)])
        ends = {name: (*run[-1], top(surface, run[-1])) for name, run in runs.items()}
        heads[1]([f"SAM: curvature {a:.2g}, loss {b:.2f}" for a, b in zip(
            top(surface, theta), surface.loss(theta))])
        stage.summary = (f"{place}, rho {rho:.3g}, lr {lr:.3g}: " + "; ".join(
            "{} ends at ({:.3f}, {:.3f}), curvature {:.3g}".format(name, *end)
            for name, end in ends.items())
            + f"; worst in the first ball {bad[0]:.3f}, SAM's guess {told[0]:.3f}"
            + "; SAM's last hop goes from ({:.3f}, {:.3f}) to ({:.3f}, {:.3f}), and there its "
            "climb ends at ({:.3f}, {:.3f}), with the loss {:.3f}; the worst point of this "
            "ball is ({:.3f}, {:.3f}), with {:.3f}".format(
                *theta[-2], *theta[-1], *guess[-1], told[-1], *there[-1], bad[-1]))

    return update


def top(surface, theta):
    """The largest eigenvalue of the Hessian at points (..., 2)."""
    H = surface.hess(theta)
    middle, half = (H[..., 0, 0] + H[..., 1, 1]) / 2, (H[..., 0, 0] - H[..., 1, 1]) / 2
    return middle + np.hypot(half, H[..., 0, 1])


def worst_in(surface, theta, rho):
    """The largest loss within rho of each point (N, 2), and where it lies: (N,), (N, 2)."""
    tried = theta[:, None] + rho * BALL
    loss = surface.loss(tried)
    k = loss.argmax(axis=1)
    return loss.max(axis=1), np.take_along_axis(tried, k[:, None, None], 1)[:, 0]
