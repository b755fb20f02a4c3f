"""Losses over the time that they took, while the price of matrix work is turned up and down."""
import numpy as np

from lessons.experiments.kronecker_digits import RULES, STEPS, adam_by_steps, judged, price
from lessons.look import BLUE, GREEN, GREY, LOOKS, Look
from lessons.stage import scene

FREE = Look(GREY, (1, 1), "o")     # where a run stands if its matrix work costs nothing
LEVEL = 2           # losses within this factor are called level
CHARGED = 20        # in so many steps the price rises from 0 to what the knob says
SHOWN = {"K-FAC": LOOKS["K-FAC"], "Shampoo": LOOKS["Shampoo"], "SOAP": Look(BLUE, (), "P"),
         "SOAP (every 10th)": Look(GREEN, (), "X"), "Muon and Adam": LOOKS["Muon"]}
# SOAP's own colour is Adam's
BESIDE = {"SOAP (every 10th)": (0.95, 0.6), "Muon and Adam": (0.58, 0.6),
          "SOAP": (1.06, 1.9)}      # where a name stands


@scene("What does a step cost?", steps=CHARGED, rate=10, height=4.3,
       alt="Training loss after a whole run, over the time of the run in steps of Adam. A line: "
           "Adam, for ever longer runs, and a grey one at half of its loss. Five filled dots, "
           "each with a bar from its lowest to its highest set: 150 steps of K-FAC, Shampoo, Muon "
           "with Adam and SOAP, which renews its axes in every step or in every tenth. A pale line "
           "leads to each from the small dot where it stands if matrix work is free. They move to "
           "the right as their steps become dearer.")
def price_of_step(stage):
    """Slide five runs along the time axis: at 0 matrix work is free, at 1 it costs what it did.

    Played, the price rises from 0 to that of the knob. Recorded runs on the digits; the geometric
    mean of nine seeds, and a bar from the lowest to the highest set of three.
    """
    ax = stage.grid()
    ax.set(xlim=(125, 2400), ylim=(3e-5, 2.2e-2), xscale="log", yscale="log",
           xlabel="time of the whole run, in steps of Adam", ylabel="training loss at its end")
    ax.set_xticks([150, 300, 600, 1200], ["150", "300", "600", "1,200"])
    ax.minorticks_off()
    head = stage.headline(ax, size=12)
    counts, losses = adam_by_steps()
    line = stage.path(ax, LOOKS["Adam"], group="Adam", whole=True, width=2.5)
    line.set(np.stack([counts, losses], -1))
    half = stage.path(ax, FREE._replace(dash=()), whole=True, width=1.5)
    half.set(np.stack([counts, losses / LEVEL], -1))
    line.says([f"{counts[0]:.0f} to {counts[-1]:.0f} steps"])
    for look, at, words in (
            (FREE, (150, 1.5e-2), "small dots: matrix work free"),
            (LOOKS["Adam"], (205, 4.6e-3), "Adam, longer and longer runs"),
            (FREE, (450, 1.5e-2), "above Adam's line: more loss than Adam in equal time"),
            (FREE, (150, 3.7e-5), "below the grey line: less than half of Adam's loss")):
        stage.text(ax, look, size=11).set([at], [words])
    trails = [stage.curve(ax, FREE, width=1.5) for _ in SHOWN]
    rings = [stage.marker(ax, look._replace(marker="o"), size=6) for look in SHOWN.values()]
    bars = [stage.curve(ax, look._replace(dash=()), width=2.5) for look in SHOWN.values()]
    dots, names = ([make(ax, look, size=size) for look in SHOWN.values()]
                   for make, size in ((stage.marker, 11), (stage.text, 12)))
    sets = {rule: judged(rule)[0] for rule in RULES}
    ends = {rule: float(np.exp(np.log(losses).mean())) for rule, losses in sets.items()}
    stage.slider("work", 1.0)
    stage.record("work")

    def update(work):
        parts = work * np.arange(CHARGED + 1) / CHARGED
        times = {rule: STEPS * (1 + parts * (price(rule) - 1)) for rule in SHOWN}
        for rule, bar, dot, name, trail, ring in zip(SHOWN, bars, dots, names, trails, rings):
            way = np.stack([times[rule], np.full(CHARGED + 1, ends[rule])], -1)
            reach = np.broadcast_to([sets[rule].min(), sets[rule].max()], (CHARGED + 1, 2))
            bar.set(np.stack([np.stack([times[rule]] * 2, -1), reach], -1))
            dot.set(way)
            trail.set(np.stack([np.broadcast_to([STEPS, ends[rule]], way.shape), way], 1))
            ring.set([(STEPS, ends[rule])])
            name.set(np.maximum(way * BESIDE.get(rule, (1.05, 1.12)), (132, 0)), [rule])
        head([words(part, {rule: times[rule][t] for rule in SHOWN}, ("ahead",))
              for t, part in enumerate(parts)])
        now = {rule: times[rule][-1] for rule in SHOWN}
        stage.summary = words(work, now) + " (Adam's line); " + ", ".join(
            f"{rule}: loss {ends[rule]:.1g} at {time:.0f}" for rule, time in now.items())

    def words(work, times, told=("ahead", "level", "behind")):
        """Which rules are ahead of Adam's line, on it, or behind it, where their runs take so long.

        Beyond the longest run of Adam its line goes on level.
        """
        found = {"ahead": [], "level": [], "behind": []}
        for rule, time in times.items():
            ratio = ends[rule] / np.exp(np.interp(np.log(time), np.log(counts), np.log(losses)))
            found["ahead" if ratio * LEVEL < 1 else "level" if ratio < LEVEL else "behind"].append(
                rule)
        said = [f"{word}: {', '.join(found[word]) or 'nobody'}" for word in told]
        return "; ".join([f"Matrix work at {work:.0%} of its price", *said])

    return update
