"""One gradient that is far too long: who jumps, and who falls asleep."""
import numpy as np

from lessons.experiments.clipping import last_below_half
from lessons.look import GREY, LOOKS
from lessons.stage import scene

FRAMES = 120
AFTER = np.unique(np.geomspace(1, 10_000, FRAMES).round()).astype(int)
AFTER = np.concatenate([[0], AFTER])            # 0: the spike's own step
PLACES = np.maximum(AFTER, 0.5)                 # a logarithmic axis has no 0
LOW, HIGH = 1e-3, 3e3
NONE, AT_1 = "none", "at the usual gradient"


@scene("After a spike", steps=len(AFTER) - 1, rate=16, height=4.0,
       alt="Step lengths of gradient descent, momentum and Adam, in multiples of each method's "
           "usual step, over the steps since one gradient that was far too long; both axes are "
           "logarithmic. At the first setting gradient descent is back at its usual step at once, "
           "and momentum after some 60 steps. Adam jumps least, then sinks far below its usual "
           "step, and climbs back only after thousands; its shortest step is named.")
def after_spike(stage, *, spike=1000.0, beta2=0.999):
    """Follow three methods after one gradient of `spike`, when all others are 1.

    Their averages were at rest before. Any lr: a step is measured in usual ones.
    """
    ax = stage.grid()
    ax.set(xlim=(PLACES[0], PLACES[-1]), ylim=(LOW, HIGH), xscale="log", yscale="log",
           xlabel="steps since the spike", ylabel="step / usual step")
    marks = 0, 1, 10, 100, 1000, 10_000
    ax.set_xticks(np.maximum(marks, 0.5), labels=[f"{mark:,}" for mark in marks])
    heights = 0.001, 0.01, 0.1, 1, 10, 100, 1000
    ax.set_yticks(heights, labels=["1/1000", "1/100", "1/10", "1", "10", "100", "1000"])
    ax.axhline(1, color=GREY, linewidth=0.8)
    ax.text(700, 1.3, "1: the usual step", color=GREY, fontsize=11)
    head, half = stage.headline(ax, size=12), stage.noted_line(ax, LOOKS["Adam"], size=11)
    least = stage.text(ax, LOOKS["Adam"], size=11)
    lanes = {name: stage.path(ax, LOOKS[name], group=name, width=3, size=10)
             for name in ("Gradient descent", "Momentum", "Adam")}
    stage.slider("spike", spike)
    stage.slider("beta2", beta2, within=(0.9, 0.999))
    stage.choice("clipping", [NONE, AT_1], label="clipping")
    stage.record("spike")
    stage.record("beta2")

    def update(spike, beta2, clipping):
        size = spike if clipping == NONE else 1.0
        for name, steps in step_lengths(size, AFTER, beta2).items():
            lanes[name].set(np.stack([PLACES, steps], -1))
            lanes[name].says([f"{step:.3g}" for step in steps])
        moves = step_lengths(size, np.arange(AFTER[-1] + 1), beta2)["Adam"]
        until, k = last_below_half(moves), moves.argmin()
        least.set([(max(k, 0.5), 0.55 * moves[k])],
                  [f"shortest: 1/{1 / moves[k]:.0f}, at step {k:,}" if until else ""])
        if until:
            head(f"Adam stays below half its usual step until step {until:,}")
            half("half of it", [(PLACES[0], 0.5), (until, 0.5)],
                 (0.55, 0.33) if moves[0] > 0.8 else (1.6 * until, 0.4))
        else:
            head("Nobody jumps, and nobody falls asleep" if size < 2 else "Nobody falls asleep")
            half()
        stage.summary = (f"spike {size:.4g}, beta2 {beta2:.4g}: Adam below half until "
                         f"step {until:.0f}, at {AFTER[-1]:,} at "
                         f"{step_lengths(size, AFTER, beta2)['Adam'][-1]:.3g}")

    return update


def step_lengths(spike, after, beta2, beta=0.9):
    """{method: its step in usual steps}, so many steps after a gradient of `spike`; usual: 1."""
    m = 1 + (1 - beta) * beta**after * (spike - 1)
    v = 1 + (1 - beta2) * beta2**after * (spike**2 - 1)
    return {"Gradient descent": np.where(after == 0, spike, 1.0), "Momentum": m,
            "Adam": m / np.sqrt(v)}
