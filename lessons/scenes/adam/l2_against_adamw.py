"""The decay: what weight decay does to each pixel's weights, in the gradient and beside it."""
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure
from matplotlib.patches import Rectangle

from lessons.descend import descend
from lessons.look import BLUE, GREY, PINK, Look
from lessons.networks import digits, digits_mlp
from lessons.scenes.common.runs import over_time
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.steps import adam, adamw
from lessons.views import with_l2

STEPS, SIDE, UNITS = 200, 8, 64
DECAYS, RATES = ["1e-6", "1e-4", "1e-2", "1"], ["0.01", "0.001"]
RULES = {"Adam + L2": Look(PINK, (7, 2, 2, 2), "D"), "AdamW": Look(BLUE, (), "o")}
INK, THEORY = Look(GREY, (), "o"), Look(GREY, (1, 2), "o")
FULL = 0.3      # the mean weight whose box fills its place


def l2_against_adamw(*, weight_decay="1e-4", presets=None, **values):
    """Train a network on digits with weight decay in Adam's gradient and with AdamW, side by side.

    Each pixel has a box whose area is the mean size of its 64 weights; pixels that are blank in all
    images are coloured. On the right the same over the steps: thick for these, thin for the rest,
    dotted (1 - lr weight_decay)^t. All 16 trainings are run when the scene is made.
    presets: label -> {knob: value}, a button each. values: other knobs, such as lr="0.001".
    """
    return Decay(dict(weight_decay=weight_decay, **values), presets or {}).stage


class Decay:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, values, presets):
        self.images = digits()[0]
        self.dead = (self.images == 0).all(axis=0)
        self.stage = stage = Stage(
            self._figure(), STEPS, "For Adam with L2 and for AdamW a box for each of 64 pixels: "
            "the mean size of its weights. On the right the same over the steps, for pixels that "
            "are always blank and for the others.", title="Decay", rate=40)
        self.headline = stage.text(self.curves, INK, size=10.5)
        self.theory = stage.path(self.curves, THEORY, whole=True, width=1.6)
        self.tracks = {}
        for ax, (name, look) in zip(self.maps, RULES.items()):
            solid = look._replace(dash=())
            boxes = [stage.box(ax, solid if dead else INK, group=name, width=1, fill=True)
                     for dead in self.dead]
            self.tracks[name] = boxes, stage.path(self.curves, look, group=name, width=3), \
                stage.path(self.curves, look, group=name, width=1.2, size=5)
        stage.choice("weight_decay", DECAYS, label="weight decay")
        stage.choice("lr", RATES, label="learning rate")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 3.6))
        self.maps = [figure.add_axes([left, 0.1, 0.27, 0.78]) for left in (0.015, 0.305)]
        self.curves = figure.add_axes([0.655, 0.13, 0.33, 0.75])
        ink = np.zeros((SIDE, SIDE, 4))
        ink[..., :3], ink[..., 3] = 0.5, 0.6 * self.images.mean(axis=0).reshape(SIDE, SIDE)
        for ax, name in zip(self.maps, RULES):
            ax.imshow(ink, extent=(-0.5, SIDE - 0.5, SIDE - 0.5, -0.5))
            ax.set(xticks=[], yticks=[])
            ax.set_title(name, fontsize=11, pad=4)
            for row, column in zip(*np.divmod(np.flatnonzero(self.dead), SIDE)):
                ax.add_patch(Rectangle((column - 0.23, row - 0.23), 0.46, 0.46, fill=False,
                                       edgecolor=GREY, linestyle=":"))      # where they began
        self.curves.set(xlim=(0, STEPS), ylim=(1e-7, 1), yscale="log", xlabel="step")
        self.curves.set_ylabel("mean size of a pixel's weights", labelpad=0)
        self.curves.xaxis.labelpad = 1
        return figure

    # What is shown, whenever a knob moves

    def run(self, weight_decay, lr):
        """Hand the trainings of these knobs to the boxes and the curves."""
        words = [f"Digits, weight decay {weight_decay}, lr {lr}"]
        self.headline.set([to_data(self.curves, [0, 1.06])], words)
        for name, look in RULES.items():
            sizes = trained()[name][DECAYS.index(weight_decay), RATES.index(lr)]
            boxes, thick, thin = self.tracks[name]
            for pixel, box in enumerate(boxes):
                half = 0.5 * np.sqrt(sizes[:, pixel, None] / FULL)
                middle = np.array([pixel % SIDE, pixel // SIDE])
                box.set(np.stack([middle - half, middle + half], 1))
            dead, rest = sizes[:, self.dead].mean(-1), sizes[:, ~self.dead].mean(-1)
            thick.set(over_time(dead))
            thin.set(over_time(rest))
            self.stage.legend(name, look, [f"blank {one:.2g}, others {other:.2g}"
                                           for one, other in zip(dead, rest)])
            words.append(f"  {name}: blank pixels {dead[0]:.3g} -> {dead[-1]:.2g}, others "
                         f"{rest[0]:.3g} -> {rest[-1]:.2g}")
        share = 1 - float(lr) * float(weight_decay)
        self.theory.set(over_time(dead[0] * share ** np.arange(STEPS + 1)))
        self.stage.summary = "\n".join(words)


@lru_cache(maxsize=1)
def trained():
    """name -> (decays, learning rates, STEPS + 1, pixels): mean sizes of weights, by training."""
    net = digits_mlp()
    silent = replace(net, loss=lambda theta: np.zeros(theta.shape[:-1]))    # nobody looks at it
    lrs, decays = np.float32(RATES)[:, None], np.float32(DECAYS)[:, None, None]

    def sizes(surface, step, **knobs):
        theta = descend(surface, step, steps=STEPS, lr=lrs, **knobs).theta      # (T+1, ..., D)
        weights = np.abs(theta[..., : UNITS * SIDE**2]).reshape(*theta.shape[:-1], UNITS, -1)
        return np.moveaxis(weights.mean(-2), 0, -2)

    l2 = [sizes(with_l2(silent, weight_decay), adam) for weight_decay in map(float, DECAYS)]
    beside = sizes(silent, adamw, weight_decay=decays)
    return {"Adam + L2": np.stack(l2), "AdamW": beside}
