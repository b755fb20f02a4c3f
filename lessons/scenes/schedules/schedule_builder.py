"""Put a schedule together, and see its two jobs: distance, and the noise of old kicks."""
import numpy as np

from lessons.experiments.schedules import (
    SHAPES,
    START,
    STEPS,
    rates_of,
    second_moments,
    surviving,
)
from lessons.look import GREEN, ORANGE, PURPLE, SKY, Look
from lessons.schedules import constant, cosine, linear, warmup_stable_decay
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

TIME = np.arange(1, STEPS + 1)
SAME, BEST = "at the same peak", "at its best, 0.02"
LEVEL = 0.02        # the best constant rate, to two digits
LEAST = 1 / (START**-2 + STEPS)     # the least possible mean square
BEST_OF_ALL = "1 / (t + n0)"        # which has no peak
BOUGHT = {      # shapes with a warm-up and a floor -> the schedule of peak, warm-up and floor
    "cosine": cosine, "straight line": linear,
    "level, then down": lambda peak, warmup, floor: warmup_stable_decay(peak, warmup, 0.2, floor)}
LOOKS = {"Your schedule": Look(ORANGE, (), "o"), "A constant rate": Look(SKY, (7, 2), "s")}
PARTS = {"Distance left of yours": Look(GREEN, (4, 2), "^"),
         "Noise left of yours": Look(PURPLE, (2, 2), "v")}


@scene("Composer: the two jobs of a schedule", steps=STEPS, height=5.4, rate=40,
       alt="Above a schedule of the learning rate beside a constant one. Lower left the mean "
           "squared distance from the minimum that each leads to, and its two parts: the distance "
           "left, which falls, and the noise, which grows from nothing. Lower right how much of "
           "each step's kick is left at the end: under the constant rate nearly nothing of the "
           "first kicks and most of the last ones, under a falling rate a low hill.")
def schedule_builder(stage, *, lr=0.02):
    """Compose a schedule for 200 noisy steps of gradient descent in one direction.

    The curvature and the noise are 1, the start is -2. All is derived and nothing drawn: mean
    squares of the distance from the minimum.
    """
    axes = stage.mosaic([["rate", "rate"], ["square", "kicks"]], height_ratios=(1, 1.7))
    axes["square"].set(yscale="log", ylim=(1e-3, 8))
    axes["square"].set_yticks([0.001, 0.01, 0.1, 1], labels=["0.001", "0.01", "0.1", "1"])
    for name in ("rate", "kicks"):
        axes[name].set(yticks=[])
    for ax in axes.values():
        ax.set(xlim=(0, 1.013 * STEPS), xlabel="step")
    heads = {name: stage.headline(ax) for name, ax in axes.items()}
    axes["kicks"].set_ylabel("part of the mean square", labelpad=51)
    top = stage.text(axes["kicks"], INK, size=10, units="axes")
    fits = {"rate": stage.limits(axes["rate"]), "kicks": stage.limits(
        axes["kicks"], say=lambda size: top.set([[-0.17, 1.1 / 1.28]], [f"{size:g}"]))}
    for name, left in (("rate", -0.02), ("kicks", -0.04)):      # where `limits` has its 0
        stage.text(axes[name], INK, size=10, units="axes").set([[left, 0.1 / 1.28]], ["0"])
    least = stage.noted_line(axes["square"], DASHED)
    area = stage.curve(axes["rate"], Look(ORANGE, (), "o"), fill=True)
    plans, hills, kicks = ({name: stage.path(axes[place], look, group=name, whole=whole,
                                             head=not whole, width=2.6)
                            for name, look in LOOKS.items()}
                           for place, whole in (("rate", True), ("square", False), ("kicks", True)))
    now = {name: stage.marker(axes["rate"], look, group=name) for name, look in LOOKS.items()}
    parts = {name: stage.path(axes["square"], look, group=name, width=1.8, size=7)
             for name, look in PARTS.items()}
    stage.choice("shape", SHAPES, label="shape")
    stage.slider("lr", lr, label="peak learning rate", within=(0.002, 1.0))
    stage.slider("warmup", 0)
    stage.slider("floor", 0.0)
    stage.choice("against", [SAME, BEST], label="beside it a constant rate")
    stage.record("lr")

    def update(shape, lr, warmup, floor, against):
        stage.show("lr", shape != BEST_OF_ALL)
        for name in ("warmup", "floor"):
            stage.show(name, shape in BOUGHT)
        make = SHAPES[shape](lr) if shape not in BOUGHT else BOUGHT[shape](lr, warmup, floor * lr)
        level = lr if against == SAME else LEVEL
        found = {}
        for name, schedule in zip(LOOKS, (make, constant(level))):
            rates = rates_of(schedule)
            distance, noise = second_moments(rates)
            found[name] = rates, distance, noise
            plans[name].over_time(rates, first=1)
            now[name].over_time([rates[0], *rates])
            hills[name].over_time(distance + noise)
            hills[name].says([f"{value:.3g}" for value in distance + noise])
            kicks[name].over_time(surviving(rates), first=1)
        rates, distance, noise = found["Your schedule"]
        for name, values in zip(PARTS, (distance, noise)):
            parts[name].over_time(values)
            parts[name].says([f"{value:.2g}" for value in values])
        fits["rate"](np.append(rates, level))
        area.set(np.stack([np.append(TIME, TIME[[-1, 0]]), np.append(rates, [0, 0])], -1)[None])
        fits["kicks"](np.concatenate([surviving(rates), surviving(found["A constant rate"][0])]))
        peak = "" if shape == BEST_OF_ALL else f", peak {lr:.3g}"
        areas = [rows[0].sum() for rows in found.values()]
        heads["rate"](f"Learning rate: {shape}{peak}, area {areas[0]:.3g}; "
                      f"constant {level:.3g}, area {areas[1]:.3g}")
        ends = [rows[1][-1] + rows[2][-1] for rows in found.values()]
        heads["square"](f"Mean square: in the end {ends[0]:.3g}; constant {ends[1]:.3g}")
        heads["kicks"](f"What is left of each step's kick: {noise[-1]:.3g} in all")
        least(f"least possible {LEAST:.2g}", [(0, LEAST), (STEPS, LEAST)], (112, 0.62 * LEAST))
        stage.summary = "\n".join(
            f"{name}: area {rows[0].sum():.3g}, distance {rows[1][-1]:.3g}, noise "
            f"{rows[2][-1]:.3g}, together {end:.3g}"
            for name, rows, end in zip((f"{shape}{peak}", f"constant {level:.3g}"),
                                       found.values(), ends))

    return update
