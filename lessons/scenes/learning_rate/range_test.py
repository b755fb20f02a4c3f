"""One run in which the learning rate grows: its lowest loss lies at the cliff of the U-curve."""
import numpy as np

from lessons.experiments.learning_rate import LAST, lowest_points, nearest, price, ramped
from lessons.experiments.learning_rate.runs import rates_of, recorded
from lessons.look import BLUE, GREY, PURPLE, VERMILION, Look
from lessons.stage import scene

RUN, U = Look(BLUE, (), "o"), Look(GREY, (), "o")
LOW, PART = Look(VERMILION, (2, 2), "D"), Look(PURPLE, (5, 2), "s")


@scene("Range test", steps=200, rate=50, height=4.2,
       alt="Left: the smoothed loss of a run, over its learning rate, which grows at every step. "
           "Right: the U-curve of the same rule, with a diamond at the rate of the lowest point "
           "and a square at this rate over a divisor. The loss stays level at low rates, dips, and "
           "climbs again. The diamond stands high on the right side of the U; with the divisor 10 "
           "the square stands low in it.")
def range_test(stage, *, divisor=1.0):
    """Raise the learning rate from 1e-5 to 10 in one run, and train with a part of what it finds.

    The thick line is the mean of fifteen runs, the rate the median of their lowest points.
    """
    ramp, curve = stage.grid(ncols=2)
    ramp.set(xscale="log", xlim=(1e-5, LAST), ylim=(0.8, 3.4), xlabel="learning rate of the step",
             ylabel="smoothed loss of the batches")
    curve.set(xscale="log", yscale="log", xlim=(3e-4, 22), ylim=(1.5, 105), xlabel="learning rate",
              ylabel="wrong after 600 steps, %")
    ticks = (2, 5, 10, 20, 50, 90)
    curve.yaxis.set_ticks(ticks, [f"{tick}" for tick in ticks])
    curve.yaxis.set_ticks([], minor=True)
    above, beside = stage.headline(ramp), stage.headline(curve)
    run = stage.path(ramp, RUN, group="Range test", width=3, size=10)
    lowest, part = (stage.noted_line(ramp, look, size=11) for look in (LOW, PART))
    u = stage.path(curve, U, whole=True, width=2.5)
    marks = [stage.marker(curve, look, size=13) for look in (LOW, PART)]
    at_low = stage.text(curve, LOW, size=11)
    at_part = stage.text(curve, PART, size=11, units="axes")
    stage.choice("rule", ["SGD", "Momentum", "Adam"], label="rule")
    stage.choice("steps", [200, 100, 50], label="steps of the ramp")
    stage.slider("divisor", divisor)
    stage.record("divisor")

    def update(rule, steps, divisor):
        rates, losses = ramped(rule, steps)
        loss = losses.mean(axis=1)
        frames = (np.arange(201) * (steps - 1)) // 200
        run.set(np.stack([rates, loss], -1)[frames])
        run.says([f"lr {rates[k]:.1e}: loss {loss[k]:.2g}" for k in frames])
        found = lowest_points(rule, steps)
        at = np.median(found)
        lr = at / divisor
        lowest(f"lowest at {at:.2g}", [(at, 0), (at, 5)], (at / 700, 3.2))
        part()
        if divisor > 1.01:
            part(f"over {divisor:.2g}: {lr:.2g}", [(lr, 0), (lr, 5)], (lr / 700, 1.1))
        x, wrong = rates_of(rule), recorded()["curves"][rule]["test"][-1].mean(axis=1)
        u.set(np.stack([x, wrong], -1))
        for mark, rate in zip(marks, (at, lr)):
            k = nearest(rule, rate)
            mark.set([(x[k], wrong[k])])
        at_low.set([(x[nearest(rule, at)] / 110, wrong[nearest(rule, at)])], ["lowest point"])
        at_part.set([(0.04, 0.07)], [f"square: over {divisor:.2g}"])
        if divisor < 1.01:      # both are one
            marks[1].hide()
            at_part.hide()
        lost = price(rule, found / divisor)
        above(f"{rule}, {steps} steps")
        beside(f"lr {x[k]:.2g} costs {lost.min():.1f} to {lost.max():.1f} points")
        stage.summary = (f"{rule}, {steps} steps: lowest at lr {at:.2g}; over {divisor:.3g} it "
                         f"costs {lost.min():.1f} to {lost.max():.1f} points, "
                         "read at the nearest rate of the U-curve")

    return update
