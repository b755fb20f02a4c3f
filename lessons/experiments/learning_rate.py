"""What does a wrong learning rate cost, and does one run find the right one?"""

import numpy as np

from lessons.descend import descend
from lessons.experiments.common import STARTS
from lessons.experiments.protocol import named, seeded, table
from lessons.schedules import exponential_decay

__all__ = ["cost_of_mistake", "range_test"]


def cost_of_mistake(curve, factors=(0.1, 1 / 3, 3, 10), of="wrong"):
    """How much does each rule lose, if its learning rate is so many times the best one?

    curve: the table of learning_rate_curve(). of: which of its columns counts. Columns: lr and
    value at the best; then what is lost at each factor, or nan where the grid has no rate within a
    quarter of it; at_edge: the best rate is an end of the grid.
    """
    curve, asked = curve[curve[of].notna()], dict(curve.attrs)

    def measure(rule):
        rates, values = curve.loc[curve["rule"] == rule, ["lr", of]].to_numpy().T
        best = int(values.argmin())
        lost = {}
        for factor in factors:
            away = np.abs(np.log(rates / rates[best] / factor))
            there = values[away.argmin()] if away.min() < np.log(1.25) else np.nan
            lost[f"x {factor:.3g}"] = there - values[best]
        return {"lr": rates[best], of: values[best], **lost,
                "at_edge": best in (0, len(rates) - 1)}

    return table(measure, [{"rule": name} for name in curve["rule"].unique()],
                 starts=asked["starts"], seeds=asked["seeds"], grid=asked["grid"],
                 budget=asked["budget"], criterion=f"{of}, above its value at the best rate")


def range_test(rules, place, first=1e-5, last=10.0, budget=200, seeds=(0, 1, 2, 3, 4), every=1,
               progress="Range test", **knobs):
    """At which learning rate is the loss lowest, while the rate grows at every step of one run?

    From `first` to `last` by a constant factor. Columns: that rate, median of the seeds, with the
    lowest and the highest, and a tenth of it, with which it is usual to train. every: the losses of
    every 4th step only, say.
    """
    rules, grow = named(rules, **knobs), (last / first) ** (1 / (budget - 1))
    ramp = exponential_decay(first, factor=grow)

    def measure(rule):
        surface = seeded(place, seeds)
        run = descend(surface, rules[rule], steps=budget, every=every, lr=ramp,
                      progress=rule if surface.dim > 500 else None)
        if run.kept[-1] < budget:  # the stop button
            raise KeyboardInterrupt
        losses = np.where(np.isfinite(run.loss), run.loss, np.inf)[1:]
        rates = np.array([ramp(t, budget) for t in run.kept[1:].tolist()])
        found = rates[losses.argmin(axis=0)]
        return {"lowest_at": np.median(found), "from": found.min(), "to": found.max(),
                "a_tenth": np.median(found) / 10}

    return table(measure, [{"rule": name} for name in rules], progress=progress, starts=STARTS,
                 seeds=list(seeds), grid=f"{first:g} to {last:g}, times {grow:.4g} a step",
                 budget=f"{budget} gradients", criterion="lowest loss of all examples")
