"""What weight decay does to each pixel's weights, in Adam's gradient and beside it."""
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.patches import Rectangle

from lessons.descend import descend
from lessons.look import GREY, LOOKS
from lessons.networks import digits, digits_mlp
from lessons.stage import scene
from lessons.stage.stage import FAINT, INK
from lessons.steps import adam, adamw

STEPS, SIDE, UNITS = 200, 8, 64
DECAYS, LR = [1e-6, 1e-4, 1e-2, 1.0], 0.01
RULES = {"Adam + L2": LOOKS["Adam"], "AdamW": LOOKS["AdamW"]}
FULL = 0.3      # the mean weight whose box fills its place
PLACES = {"Adam + L2": (12, 3e-6), "AdamW": (30, 0.18)}     # of the words beside the curves


@scene("L2 against AdamW", steps=STEPS, height=3.8, rate=40,
       alt="For Adam with L2 and for AdamW a box for each of 64 pixels: the mean size of its "
           "weights. On the right the same over the steps, for the pixels that are always blank. "
           "With L2 the boxes of blank pixels vanish at every decay, and their curve falls by a "
           "factor of ten in about 45 steps; with AdamW it lies on a grey band, what is derived, "
           "and falls visibly only at a decay of 1.")
def l2_against_adamw(stage, *, weight_decay=1e-4):
    """Train a network on digits with weight decay in Adam's gradient and with AdamW, side by side.

    Each pixel has a box whose area is the mean size of its 64 weights; pixels that are blank in all
    images are coloured. On the right the same over the steps, for these alone; a grey band is
    (1 - lr weight_decay)^t. All 8 trainings, at lr 0.01, are run when the scene is made.
    """
    blank = (digits()[0] == 0).all(axis=0)
    panels = stage.mosaic([[*RULES, "curves"]], width_ratios=(1, 1, 1.15))
    curves = panels["curves"]
    frame(panels, blank)
    headline = stage.headline(curves)
    theory = stage.path(curves, FAINT, whole=True, width=9)     # a band: AdamW's line lies on it
    boxes = {name: [stage.box(panels[name], look._replace(dash=()) if dead else INK, group=name,
                              width=1, fill=True) for dead in blank]
             for name, look in RULES.items()}
    lines = {name: stage.path(curves, look, group=name, width=3, size=11)
             for name, look in RULES.items()}
    labels = {name: stage.text(curves, look, group=name, size=11) for name, look in RULES.items()}
    stage.choice("weight_decay", DECAYS, label="weight decay")
    stage.set(weight_decay=weight_decay)

    def update(weight_decay):
        words = [f"Digits, weight decay {weight_decay:g}, lr {LR:g}"]
        for name, line in lines.items():
            sizes = trained()[name][DECAYS.index(weight_decay)]
            for pixel, box in enumerate(boxes[name]):
                half = 0.5 * np.sqrt(sizes[:, pixel, None] / FULL)
                middle = np.array([pixel % SIDE, pixel // SIDE])
                box.set(np.stack([middle - half, middle + half], 1))
            dead, rest = sizes[:, blank].mean(-1), sizes[:, ~blank].mean(-1)
            line.over_time(dead)
            line.says([f"blank {one:.2g}, others {other:.2g}" for one, other in zip(dead, rest)])
            words.append(f"  {name}: blank pixels {dead[0]:.3g} -> {dead[-1]:.2g}, others "
                         f"{rest[0]:.3g} -> {rest[-1]:.2g}")
            kept = 100 * dead[-1] / dead[0]
            labels[name].set([PLACES[name]], [f"{name} keeps {kept:.3g} %" if kept > 1 else
                                              f"{name}\nkeeps {kept:.1g} %"])
        theory.over_time(dead[0] * (1 - LR * weight_decay) ** np.arange(STEPS + 1))
        headline(f"Blank pixels, weight decay {weight_decay:g}")
        stage.summary = "\n".join(words)

    return update


def frame(panels, blank):
    """The mean image behind the boxes, outlines where blank pixels began, limits and labels."""
    ink = np.zeros((SIDE, SIDE, 4))
    ink[..., :3], ink[..., 3] = 0.5, 0.6 * digits()[0].mean(axis=0).reshape(SIDE, SIDE)
    for name in RULES:
        panels[name].imshow(ink, extent=(-0.5, SIDE - 0.5, SIDE - 0.5, -0.5))
        panels[name].set(xticks=[], yticks=[])
        panels[name].set_title(name, fontsize=11)
        panels[name].set_xlabel("a box a pixel, on the mean image", fontsize=10)
        for row, column in zip(*np.divmod(np.flatnonzero(blank), SIDE)):
            panels[name].add_patch(Rectangle((column - 0.23, row - 0.23), 0.46, 0.46, fill=False,
                                             edgecolor=GREY, linestyle=":"))
    panels["curves"].set(xlim=(0, STEPS), ylim=(3e-7, 0.4), yscale="log", xlabel="step",
                         ylabel="mean size of a pixel's weights")


@lru_cache(maxsize=1)
def trained():
    """name -> (decays, STEPS + 1, pixels): mean sizes of weights, by training."""
    net, decays = digits_mlp(), np.float32(DECAYS)[:, None]

    def pulled(place):      # with_l2 for all decays at once; no loss, as nothing shows it
        at = place.at and (lambda t: pulled(place.at(t)))
        return replace(place, loss=lambda theta: np.zeros(theta.shape[:-1]), at=at,
                       grad=lambda theta: place.grad(theta) + decays * theta)

    def sizes(surface, step, **knobs):
        start = np.broadcast_to(net.start, (len(DECAYS), net.dim))
        theta = descend(surface, step, start, steps=STEPS, lr=LR, **knobs).theta  # (T+1, K, D)
        weights = np.abs(theta[..., : UNITS * SIDE**2]).reshape(*theta.shape[:-1], UNITS, -1)
        return np.moveaxis(weights.mean(-2), 0, 1)

    silent = replace(net, loss=lambda theta: np.zeros(theta.shape[:-1]))
    return {"Adam + L2": sizes(pulled(net), adam),
            "AdamW": sizes(silent, adamw, weight_decay=decays)}
