"""Transformers that learn, or get stuck, with and without warm-up; drawn from recorded losses."""
import numpy as np

from lessons.experiments.warmup_transformer import (
    EVERY,
    LENGTHS,
    LRS,
    SEEDS,
    STEPS,
    is_stuck,
    letters_alone,
    recorded,
)
from lessons.look import GREEN, LOOKS, Look
from lessons.stage import scene
from lessons.stage.stage import INK

NORMS = {"post-LN (norm after)": "post", "pre-LN (norm before)": "pre"}
WAYS = {"No warm-up": LOOKS["Adam"], "Warm-up": Look(GREEN, (), "o")}
KEPT = np.arange(0, STEPS + 1, EVERY)


@scene("Stuck: warm-up and a transformer", steps=STEPS, height=4.6, rate=50,
       alt="On the left losses of 12 transformers while they learn, with and without warm-up: a "
           "stuck one lies flat on the loss of letter frequencies alone, the others go on down. "
           "On the right the mean loss of each kind at the end, at four learning rates: it jumps "
           "up where runs get stuck.")
def warmup_transformer(stage, *, lr=0.014):
    """Watch transformers of 6 layers learn which character comes next, with Adam.

    Lines: the mean of 12 seeds, thick, and each seed, thin. The numbers are recorded, see
    lessons.experiments.warmup_transformer.
    """
    limit = letters_alone()
    left, right = stage.grid(ncols=2, width_ratios=(1.4, 1))
    left.set(xlim=(0, 1.013 * STEPS), ylim=(2.2, 4.8), xlabel="step")
    right.set(xscale="log", xlim=(LRS[0] / 1.3, LRS[-1] * 1.3), ylim=(2.4, 3.4),
              xlabel="learning rate")
    right.set_xticks(LRS, labels=[f"{rate:g}" for rate in LRS])
    right.minorticks_off()
    head, beside = stage.headline(left), stage.headline(right)
    for ax in (left, right):
        stage.path(ax, INK._replace(dash=(2, 2)), whole=True, width=1.2).set(
            [(x, limit) for x in ax.get_xlim()])
    stage.text(left, INK, size=11).set([(105, limit + 0.16)],
                                       [f"letter frequencies alone: {limit:.2f}"])
    seeds = {way: [stage.path(left, look._replace(color=look.color + "60"), group=way, width=0.9,
                              head=False) for _ in SEEDS] for way, look in WAYS.items()}
    means = {way: stage.path(left, look, group=way, width=3) for way, look in WAYS.items()}
    lines = {way: stage.path(right, look, group=way, whole=True, width=2.4)
             for way, look in WAYS.items()}
    now = {way: stage.marker(right, look, group=way, size=11) for way, look in WAYS.items()}
    stage.choice("norm", NORMS, label="transformer")
    stage.choice("lr", LRS, label="learning rate")
    stage.choice("warmup", LENGTHS[1:], label="steps of warm-up")
    stage.set(lr=lr, warmup=80)

    def update(norm, lr, warmup):
        runs, rows = recorded()["runs"], []
        kind = NORMS[norm]
        warmup = warmup if (kind, warmup) in runs else 80
        shown = dict(zip(WAYS, (runs[kind, 0], runs[kind, warmup])))
        for way, by_lr in shown.items():
            every = curves(by_lr[lr])
            for path, seed in zip(seeds[way], every):
                path.over_time(seed)
            mean = every.mean(0)
            means[way].over_time(mean)
            ends = np.array([by_lr[rate][-1].mean() for rate in LRS])
            lines[way].set(np.stack([LRS, ends], -1))
            now[way].set([(lr, mean[-1])])
            words = said(every)
            means[way].says([*(f"loss {loss:.2f}" for loss in mean[:-1]), words])
            rows.append(f"  {way}: {words}")
        count = [is_stuck(shown[way][lr][-1]).sum() for way in ("No warm-up", "Warm-up")]
        head(f"Loss; {count[0]} of 12 stuck without, {count[1]} with {warmup} steps of warm-up")
        beside(f"Loss after {STEPS} steps, mean of 12")
        stage.summary = "\n".join([f"{kind}-LN, lr {lr:g}, warm-up {warmup}, step {STEPS}", *rows])

    return update


def curves(losses):
    """The losses of each seed at every step, (12, STEPS + 1)."""
    return np.stack([np.interp(np.arange(STEPS + 1), KEPT, seed) for seed in losses.T])


def said(every):
    """The last mean loss and how many are stuck, in words."""
    last = every[:, -1]
    return f"loss {last.mean():.2f}, {is_stuck(last).sum()} of {len(last)} stuck"
