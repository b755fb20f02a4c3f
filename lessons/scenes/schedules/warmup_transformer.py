"""Stuck: transformers that learn, or do not, with and without warm-up; drawn from a sweep."""
import numpy as np
from matplotlib.figure import Figure

from lessons.experiments.warmup_transformer import (
    EVERY,
    LRS,
    SEEDS,
    STEPS,
    WARMUP,
    is_stuck,
    letters_alone,
    recorded,
)
from lessons.look import GREEN, GREY, ORANGE, SKY, Look
from lessons.look import LOOKS as KNOWN
from lessons.scenes.common.runs import over_time
from lessons.stage import Stage
from lessons.stage.tracks import to_data

POST, PRE = "post-LN (norm after)", "pre-LN (norm before)"
NORMS = {POST: "post", PRE: "pre"}
LOOKS = {"No warm-up": KNOWN["Adam"], "Warm-up": Look(GREEN, (7, 2), "o"),
         "Held still": Look(ORANGE, (9, 2, 2, 2), "v"), "No correction": Look(SKY, (2, 2), "^")}
INK, DOTTED = Look(GREY, (), "o"), Look(GREY, (2, 2), "o")
FAINT = {name: look._replace(color=look.color + "70") for name, look in LOOKS.items()}


def warmup_transformer(*, presets=None, **values):
    """Watch transformers of 6 layers learn which character comes next, at 5 learning rates.

    Lines: the mean of 4 seeds, thick, and each seed, thin. Numbers:
    lessons.experiments.warmup_transformer.
    presets: label -> {knob: value}, a button each. values: other knobs: norm and lr, a text.
    """
    return Stuck(presets or {}, values).stage


class Stuck:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, presets, values):
        self.losses, self.limit = recorded(), letters_alone()
        self.stage = stage = Stage(
            self._figure(), STEPS, "On the left losses of transformers while they learn, with and "
            "without warm-up. On the right how they end at each learning rate.",
            title="Stuck: warm-up and a transformer", rate=50)
        self.head = stage.text(self.way, INK, size=10.5)
        for ax in (self.way, self.ends):
            stage.path(ax, DOTTED, whole=True, width=1.2).set(
                [(ax.get_xlim()[0], self.limit), (ax.get_xlim()[1], self.limit)])
        stage.text(self.way, INK, size=9.5).set(
            [(130, self.limit + 0.13)], [f"letter frequencies alone: {self.limit:.2f}"])
        self.seeds = {way: [stage.path(self.way, look, group=way, width=1.0, head=False)
                            for _ in SEEDS] for way, look in FAINT.items()}
        self.means = {way: stage.path(self.way, look, group=way) for way, look in LOOKS.items()}
        self.lines = {way: stage.path(self.ends, look, group=way, whole=True, width=1.6)
                      for way, look in LOOKS.items()}
        self.now = {way: stage.marker(self.ends, look, group=way) for way, look in LOOKS.items()}
        stage.choice("norm", list(NORMS), label="transformer")
        stage.choice("lr", [f"{lr:g}" for lr in LRS], label="learning rate")
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**{"lr": "0.014"} | values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.2))
        self.way = figure.add_axes([0.065, 0.12, 0.5, 0.8])
        self.ends = figure.add_axes([0.645, 0.12, 0.34, 0.8])
        self.way.set(xlim=(0, 1.013 * STEPS), ylim=(2.2, 4.8), xlabel="step",
                     ylabel="training loss")
        self.ends.set(xscale="log", xlim=(LRS[0] / 1.3, LRS[-1] * 1.3), ylim=(2.2, 4.8),
                      xlabel="learning rate")
        self.ends.set_xticks(LRS, labels=[f"{lr:g}" for lr in LRS], fontsize=9)
        self.ends.minorticks_off()
        self.ends.set_title(f"Loss after {STEPS} steps, mean of {len(SEEDS)} seeds", fontsize=10,
                            pad=4)
        return figure

    def run(self, norm, lr):
        """The losses on the way at one learning rate, and the last ones at all of them."""
        found, kept = self.losses[NORMS[norm]], np.arange(0, STEPS + 1, EVERY)
        rows = []
        for way, at in found.items():
            every = np.stack([np.interp(np.arange(STEPS + 1), kept, seed)
                              for seed in at[float(lr)].T])
            for path, seed in zip(self.seeds[way], every):
                path.set(over_time(seed))
            self.means[way].set(over_time(every.mean(0)))
            ends = np.array([at[rate][-1].mean() for rate in LRS])
            self.lines[way].set(np.stack([LRS, ends], -1))
            self.now[way].set([(float(lr), every[:, -1].mean())])
            count = sum(is_stuck(every[:, -1]))
            said = f"loss {every[:, -1].mean():.2f}, {count} of {len(every)} stuck"
            self.stage.legend(way, LOOKS[way], [
                f"loss {now:.2f}" for now in every.mean(0)[:-1]] + [said])
            least = ends.argmin()
            rows.append(f"  {way}: {said}; lowest {ends[least]:.2f} at lr {LRS[least]:g}")
        said = f"{NORMS[norm]}-LN, 6 layers, lr {lr}; warm-up and hold: {WARMUP} steps"
        self.head.set([to_data(self.way, [0, 1.035])], [said])
        self.stage.summary = "\n".join(
            [said, *rows, f"  dotted: letter frequencies alone, {self.limit:.2f}"])
