"""What each rule ends at, over its learning rate: six curves of one height in different places."""
import inspect

import numpy as np

from lessons.experiments.learning_rate.runs import BUDGETS, RULES, rates_of, recorded
from lessons.look import GREY, Look, looks
from lessons.stage import scene

AXES = ["lr", "lr / (1 - beta)", "lr x steps"]
WRONG = "wrong, % of the test images"
REFEREES = {"test error": ("test", WRONG, (1.5, 105), (2, 5, 10, 20, 50, 90)),
            "training loss": ("loss", "training loss", (2e-3, 5), (0.01, 0.1, 1))}
BEST, SHARED = "each its best", "one for all"
WIDE = {"lr": (4e-4, 22), "lr / (1 - beta)": (4e-4, 22), "lr x steps": (0.02, 13_000)}
NARROW = (1.5, 20), (2, 5, 10, 20)      # where all lie that are tuned, in percent wrong
COMMON = (0.0316, 0.215)        # learning rates at which each of the six was trained


@scene("U-curves", steps=len(BUDGETS) - 1, rate=3, height=4.3,
       alt="Left: what six rules end at, over their learning rates, on logarithmic axes: six "
           "U-curves. Each falls to a lowest point and rises beyond it; the lowest points lie in "
           "different places, but in one narrow band. Right: a row for each rule; by test error "
           "after 600 mini-batches they lie nearly level if each has its best rate, and much "
           "farther apart at one rate for all.")
def u_curves(stage):
    """Train a network with six rules at 18 learning rates each, from thirty seeds: recorded.

    A step of the picture is 50 mini-batches. A curve is the mean of all seeds, with a marker at its
    lowest point, and a band reaches from the best of these to the worst; a box on the right reaches
    from the lowest to the highest of three sets of ten.
    """
    curves, rows = stage.grid(ncols=2, width_ratios=(1.9, 1))
    curves.set(xscale="log", yscale="log", xlabel="lr", ylabel=WRONG,
               yticks=[50], yticklabels=["0.01"])     # as wide as any: the layout is made once
    rows.set(xscale="log", ylim=(-0.6, 5.6), yticks=range(6), xlabel=WRONG)
    rows.set_yticklabels(RULES, fontsize=10)
    rows.invert_yaxis()
    above, beside = stage.headline(curves), stage.headline(rows)
    band = stage.box(curves, Look(GREY, (), "o"), width=1, fill=True)
    shared = stage.path(curves, Look(GREY, (5, 2), "o"), whole=True, width=1.5)
    note = stage.text(curves, Look(GREY, (), "o"), size=11)
    tracks = {}
    for name, look in looks({name: step for name, (step, _) in RULES.items()}).items():
        tracks[name] = (stage.curve(curves, look, group=name), stage.marker(curves, look, size=10),
                        stage.box(rows, look._replace(dash=()), width=1.5, fill=True),
                        stage.marker(rows, look))
    stage.choice("rates", [SHARED, BEST], label="rates")
    stage.slider("lr", 0.1, within=COMMON)
    stage.choice("axis", AXES, label="axis")
    stage.choice("referee", list(REFEREES), label="judged by")
    stage.record("lr")
    drawn = {}

    def update(rates, lr, axis, referee):
        part, words, limits, ticks = REFEREES[referee]
        stage.show("lr", rates == SHARED)
        if drawn.get("now") != (axis, referee, rates):
            drawn["now"] = axis, referee, rates
            across = NARROW if (referee, rates) == ("test error", BEST) else (limits, ticks)
            curves.set(xlim=WIDE[axis], ylim=limits, xlabel=axis, ylabel=words)
            rows.set(xlim=across[0], xlabel=words)
            for scale, at in ((curves.yaxis, ticks), (rows.xaxis, across[1])):
                scale.set_ticks(at, [f"{tick:g}" for tick in at])
                scale.set_ticks([], minor=True)
            stage.redraw(whole=True)
        for track in (band, shared, note):
            track.hide()
        if rates == SHARED and axis == "lr":
            shared.set([(lr, limits[0]), (lr, limits[1])])
            note.set([(lr * 1.3, limits[0] * 1.12)], [f"lr {lr:.2g} for all"])
        lines, heights = [], []
        for row, (name, (curve, at, box, mean)) in enumerate(tracks.items()):
            found = recorded()["curves"][name][part]            # (budgets, rates, sets)
            middle, every = found.mean(axis=-1), np.arange(len(BUDGETS))
            near = np.abs(np.log(rates_of(name) / lr)).argmin()
            best = middle.argmin(axis=1) if rates == BEST else np.full(len(BUDGETS), near)
            x = rates_of(name) * weight(name, axis) * np.ones((len(BUDGETS), 1))
            if axis == "lr x steps":
                x = x * np.reshape(BUDGETS, (-1, 1))
            curve.set(np.stack([x, middle], -1))
            marked, sets = middle[every, best], found[every, best]
            heights.append(marked)
            at.set(np.stack([x[every, best], marked], -1))
            box.set(np.stack([np.stack([sets.min(1), every * 0 + row - 0.3], -1),
                              np.stack([sets.max(1), every * 0 + row + 0.3], -1)], 1))
            mean.set(np.stack([marked, every * 0 + row], -1))
            curve.says([f"lr {rates_of(name)[best[k]]:.2g}: {marked[k]:.2g}" for k in every])
            lines.append(f"  {name}: {marked[-1]:.3g} at lr {rates_of(name)[best[-1]]:.3g}")
        if rates == BEST:
            low, high = np.min(heights, axis=0), np.max(heights, axis=0)
            band.set(np.stack([np.stack([WIDE[axis][end] + 0 * low, edge], -1)
                               for end, edge in ((0, low), (1, high))], 1))
            below = low * (limits[0] / limits[1])**0.035
            note.set(np.stack([WIDE[axis][0] * 1.15 + 0 * low, below], -1),
                     ["lowest points"] * len(BUDGETS))
        above([f"After {budget} mini-batches" for budget in BUDGETS])
        beside("Each at its best" if rates == BEST else f"All at lr {lr:.2g}")
        stage.summary = "\n".join([f"{referee.capitalize()}, {rates}, axis {axis}", *lines])

    return update


def weight(name, axis):
    """What the axis multiplies a rule's rate by: 1 / (1 - beta) where it has a beta, or 1."""
    beta = inspect.signature(RULES[name][0]).parameters.get("beta")
    return 1 / (1 - beta.default) if beta and axis == "lr / (1 - beta)" else 1
