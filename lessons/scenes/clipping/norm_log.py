"""A log of gradient norms, read against the threshold: a guard, a learning rate, or nothing."""
import numpy as np

from lessons.experiments.clipped_rnn import BAD, LOGS, STEPS, WARM, recorded
from lessons.look import BLUE, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

LOW, HIGH = 0.1, 200.0
TICKS = 0.1, 1, 10, 100
NORM = Look(BLUE, (), "o")


@scene("Four logs", steps=STEPS, rate=30, height=5.4,
       alt="Four logs of gradient norms before clipping, over the steps, on logarithmic axes, with "
           "a dashed line at the threshold of each run. Nothing: a level, ragged line below the "
           "threshold. A guard: the same with one spike far above it. A learning rate: all of the "
           "line lies above the threshold. Too loose: it crosses the threshold again and again.")
def norm_log(stage):
    """Read the gradient norms of four recorded runs of clipped_rnn against their thresholds."""
    axes = dict(zip(LOGS, stage.grid(nrows=2, ncols=2, sharex=True, sharey=True).flat))
    heads, lines, lanes = {}, {}, {}
    for k, (name, ax) in enumerate(axes.items()):
        ax.set(xlim=(1, STEPS), ylim=(LOW, HIGH), yscale="log",
               xlabel="step" if k > 1 else "", ylabel="" if k % 2 else "gradient norm")
        ax.set_yticks(TICKS, labels=[f"{tick:g}" for tick in TICKS])
        heads[name] = stage.headline(ax)
        lines[name] = stage.noted_line(ax, DASHED._replace(color=VERMILION), size=11)
        lanes[name] = stage.path(ax, NORM, width=1.5, size=7)
    bad = stage.text(axes["a guard"], NORM, size=11)
    stage.choice("seed", (0, 1, 2), label="seed")

    def update(seed):
        rows = []
        for name, (lr, c, size) in LOGS.items():
            norms = np.array(recorded()["logs"][name][seed])
            share = round(100 * (norms[WARM:] > c).mean(), 1)
            heads[name](f"{name.capitalize()}: lr {lr:g}, c {c:g}{', one bad batch' * (size > 1)}; "
                        f"clipped {share:g} %")
            lines[name](f"c = {c:g}", [(1, c), (STEPS, c)], (14, 1.25 * c if c == 1 else 0.6 * c))
            lanes[name].over_time(norms, first=1)
            if size > 1:
                bad.set([(BAD + 4, norms[BAD - 1])], [""] * BAD + ["the bad batch"])
            rows.append(f"  {name}, lr {lr:g}, c {c:g}: median norm {np.median(norms[WARM:]):.3g}, "
                        f"largest {norms.max():.3g}, clipped after step {WARM} {share:g} %")
        stage.summary = "\n".join([f"Gradient norms before clipping, seed {seed}", *rows])

    return update
