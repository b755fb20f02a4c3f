"""Losses over the time that they took, while the price of matrix work is turned up and down."""
import numpy as np

from lessons.experiments.kronecker_digits import RULES, STEPS, adam_by_steps, judged, price
from lessons.look import LOOKS
from lessons.stage import scene

LEVEL = 1.5         # losses within this factor are called level
CHARGED = 20        # in so many steps the price rises from 0 to what the knob says
SHOWN = {"K-FAC": "K-FAC", "Shampoo": "Shampoo", "SOAP": "SOAP", "Muon and Adam": "Muon"}


@scene("What does a step cost?", steps=CHARGED, rate=10, height=4.3,
       alt="Training loss after a whole run, over the time of the run in steps of Adam. A line: "
           "Adam, for ever longer runs. Four dots: 150 steps of K-FAC, Shampoo, SOAP and Muon, "
           "which move to the right as their steps become dearer.")
def price_of_step(stage):
    """Slide four rules along the time axis: at 0 matrix work is free, at 1 it costs what it did.

    Played, the price rises from 0 to that of the knob. Recorded runs on the digits; the geometric
    mean of nine seeds.
    """
    ax = stage.grid()
    ax.set(xlim=(120, 3200), ylim=(5e-5, 2e-2), xscale="log", yscale="log",
           xlabel="time of the whole run, in steps of Adam", ylabel="training loss at its end")
    ax.set_xticks([150, 300, 600, 1200, 2400], ["150", "300", "600", "1,200", "2,400"])
    ax.minorticks_off()
    head = stage.headline(ax, size=12)
    counts, losses = adam_by_steps()
    line = stage.path(ax, LOOKS["Adam"], group="Adam", whole=True, width=2.5)
    line.set(np.stack([counts, losses], -1))
    line.says([f"{counts[0]:.0f} to {counts[-1]:.0f} steps"])
    dots, names = ([make(ax, LOOKS[SHOWN[rule]], size=size) for rule in SHOWN]
                   for make, size in ((stage.marker, 14), (stage.text, 12)))
    ends = {rule: float(np.exp(np.log(judged(rule)[0]).mean())) for rule in RULES}
    stage.slider("work", 1.0)
    stage.record("work")

    def update(work):
        parts = work * np.arange(CHARGED + 1) / CHARGED
        times = {rule: STEPS * (1 + parts * (price(rule) - 1)) for rule in SHOWN}
        for rule, dot, name in zip(SHOWN, dots, names):
            way = np.stack([times[rule], np.full(CHARGED + 1, ends[rule])], -1)
            dot.set(way)
            name.set(way * (1.05, 1.12), [SHOWN[rule]])
        head([words(part, {rule: times[rule][t] for rule in SHOWN})
              for t, part in enumerate(parts)])
        stage.summary = words(work, {rule: times[rule][-1] for rule in SHOWN}) + " (Adam's line)"

    def words(work, times):
        """Which rules are ahead of Adam's line, on it, or behind it, where their runs take so long.

        Beyond the longest run of Adam its line goes on level.
        """
        found = {"ahead": [], "level": [], "behind": []}
        for rule, time in times.items():
            ratio = ends[rule] / np.exp(np.interp(np.log(time), np.log(counts), np.log(losses)))
            found["ahead" if ratio * LEVEL < 1 else "level" if ratio < LEVEL else "behind"].append(
                SHOWN[rule])
        said = "; ".join(f"{word}: {', '.join(rules)}" for word, rules in found.items() if rules)
        return f"Matrix work at {work:.0%} of its price here: {said}"

    return update
