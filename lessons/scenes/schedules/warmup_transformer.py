"""Transformers that learn, or get stuck, with and without warm-up; drawn from recorded losses."""
import numpy as np

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
from lessons.look import GREEN, LOOKS, ORANGE, SKY, Look
from lessons.stage import scene
from lessons.stage.stage import INK

NORMS = {"post-LN (norm after)": "post", "pre-LN (norm before)": "pre"}
WAYS = {"No warm-up": LOOKS["Adam"], "Warm-up": Look(GREEN, (7, 2), "o"),
        "Held still": Look(ORANGE, (9, 2, 2, 2), "v"), "No correction": Look(SKY, (2, 2), "^")}


@scene("Stuck: warm-up and a transformer", steps=STEPS, height=4.4, rate=50,
       alt="On the left losses of transformers while they learn, with and without warm-up. On the "
           "right how they end at each learning rate.")
def warmup_transformer(stage, *, lr=0.014):
    """Watch transformers of 6 layers learn which character comes next, at 5 learning rates.

    Lines: the mean of 4 seeds, thick, and each seed, thin. Numbers:
    lessons.experiments.warmup_transformer.
    """
    losses, limit = recorded(), letters_alone()
    left, right = stage.grid(ncols=2, width_ratios=(1.5, 1))
    left.set(xlim=(0, 1.013 * STEPS), ylim=(2.2, 4.8), xlabel="step", ylabel="training loss")
    right.set(xscale="log", xlim=(LRS[0] / 1.3, LRS[-1] * 1.3), ylim=(2.2, 4.8),
              xlabel="learning rate")
    right.set_xticks(LRS, labels=[f"{rate:g}" for rate in LRS], fontsize=9)
    right.minorticks_off()
    right.set_title(f"Loss after {STEPS} steps, mean of {len(SEEDS)} seeds", fontsize=10.5)
    head = stage.headline(left)
    for ax in (left, right):
        stage.path(ax, INK._replace(dash=(2, 2)), whole=True, width=1.2).set(
            [(x, limit) for x in ax.get_xlim()])
    stage.text(left, INK, size=10).set([(120, limit + 0.13)],
                                       [f"letter frequencies alone: {limit:.2f}"])
    seeds = {way: [stage.path(left, look._replace(color=look.color + "70"), group=way, width=1.0,
                              head=False) for _ in SEEDS] for way, look in WAYS.items()}
    means = {way: stage.path(left, look, group=way) for way, look in WAYS.items()}
    lines = {way: stage.path(right, look, group=way, whole=True, width=1.6)
             for way, look in WAYS.items()}
    now = {way: stage.marker(right, look, group=way) for way, look in WAYS.items()}
    stage.choice("norm", NORMS, label="transformer")
    stage.choice("lr", LRS, label="learning rate")
    stage.set(lr=lr)

    def update(norm, lr):
        rows, kept = [], np.arange(0, STEPS + 1, EVERY)
        for way, at in losses[NORMS[norm]].items():
            every = np.stack([np.interp(np.arange(STEPS + 1), kept, seed) for seed in at[lr].T])
            for path, seed in zip(seeds[way], every):
                path.over_time(seed)
            means[way].over_time(every.mean(0))
            ends = np.array([at[rate][-1].mean() for rate in LRS])
            lines[way].set(np.stack([LRS, ends], -1))
            now[way].set([(lr, every[:, -1].mean())])
            count = sum(is_stuck(every[:, -1]))
            last = f"loss {every[:, -1].mean():.2f}, {count} of {len(every)} stuck"
            means[way].says([*(f"loss {loss:.2f}" for loss in every.mean(0)[:-1]), last])
            least = ends.argmin()
            rows.append(f"  {way}: {last}; lowest {ends[least]:.2f} at lr {LRS[least]:g}")
        words = f"{NORMS[norm]}-LN, 6 layers, lr {lr:g}; warm-up and hold: {WARMUP} steps"
        head(words)
        stage.summary = "\n".join(
            [words, *rows, f"  dotted: letter frequencies alone, {limit:.2f}"])

    return update
