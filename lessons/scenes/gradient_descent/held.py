"""A walk down Rosenbrock's valley, and the limit 2 / L of each place that it comes to."""
import numpy as np
from matplotlib.ticker import MultipleLocator

from lessons.descend import descend
from lessons.experiments.protocol import limit_at
from lessons.look import BLUE, GREY, LOOKS, ORANGE, Look
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import rosenbrock

OWN, LIMIT, OTHER = Look(GREY, (5, 2), "o"), Look(ORANGE, (), "s"), Look(BLUE, (), "D")
TICKS = (0.001, 0.002, 0.004, 0.006, 0.01)
LIMITS, NOTE = (8e-4, 0.016), 0.0132    # drawn, and above all of them: L is at least 200
SEEN = {        # from where on the walk is shown, for how many steps, and on which part of the map
    "the start": (0, 400, (-1.7, 1.7), (-1.0, 2.4)),
    "the start, closely": (0, 16, (-1.7, 1.7), (-1.0, 2.4)),
    "step 2,000": (2000, 20, (0.2, 1.2), (0.1, 1.1)),
}


@scene("Held", steps=400, rate=40, height=4.3, alt="Left: a map of Rosenbrock's valley with the "
       "path of gradient descent. Right: the limit 2 / L of each place on its way, over the steps, "
       "with a line at its own learning rate. In a run that is held the limit jumps to and fro "
       "about this line; in one that flies out both curves end early.")
def held(stage, *, lr=0.004):
    """Choose a learning rate in Rosenbrock's valley, and see where the run comes to be held.

    L is the largest eigenvalue of the Hessian at each point of the walk. Seen from step 2,000, the
    map is a closer one, and the point where the walk was a step ago has a diamond.
    """
    map, right = stage.grid(ncols=2, width_ratios=(1, 1.15))
    surface, shown = rosenbrock(), []
    frame_map(map, surface)
    map.set(xlabel="x")
    map.set_ylabel("y", labelpad=5)
    contours(map, surface)
    right.set(yscale="log", ylim=LIMITS, ylabel="limit 2 / L")
    right.set_yticks(TICKS, [f"{x:g}" for x in TICKS])
    right.minorticks_off()
    above, beside = stage.headline(map), stage.headline(right)
    floor = stage.noted_line(map, OWN)
    way = stage.path(map, LOOKS["Gradient descent"], size=8, width=1.2)
    before = stage.marker(map, OTHER, size=8)
    rate = stage.noted_line(right, OWN, size=10)
    limit = stage.path(right, LIMIT, width=1.5)
    stage.slider("lr", lr, within=(0.001, 0.007))
    stage.choice("seen", list(SEEN), label="seen from")
    stage.record("lr")

    def frame(seen):
        first, steps, xlim, ylim = SEEN[seen]
        map.set(xlim=xlim, ylim=ylim)
        right.set(xlim=(-0.015 * steps, steps),
                  xlabel=f"step, from {first:,} on" if first else "step")
        right.set_xticks(range(0, steps + 1, steps // 4))
        for axis in map.xaxis, map.yaxis:
            axis.set_major_locator(MultipleLocator(0.2 if first else 0.5))
        shown[:] = [seen]
        stage.redraw(whole=True)

    frame("the start")

    def update(lr, seen):
        if shown != [seen]:
            frame(seen)
        first, stage.steps, (low, high), _ = SEEN[seen]
        run = descend(surface, gradient_descent, steps=first + stage.steps, lr=lr)
        walk = until_gone(run.theta, surface.window)[first:]
        here = limit_at(surface, np.nan_to_num(walk))
        here[np.isnan(walk[:, 0])] = np.nan
        way.set(walk)
        limit.over_time(here)
        before.hide()
        floor()
        if first:
            before.set(walk[np.maximum(np.arange(len(walk)) - 1, 0)])
            x = np.linspace(low, high, 40)
            floor("dashed: the floor", np.stack([x, x * x], -1), (0.68, 0.2))
        rate(f"dashed: lr {lr:.3g}; below it a step is too long",
             [(0, lr), (stage.steps, lr)], (0.05 * stage.steps, NOTE))
        above([f"lr {lr:.3g}" + (f": it flies out at step {run.diverged_at}" if gone else "")
               for gone in first + np.arange(stage.steps + 1) >= run.diverged_at]
              if run.diverged_at > 0 else f"lr {lr:.3g}")
        beside([f"step {first + k:,}, the limit here: {now:.2g}" if now == now else ""
                for k, now in enumerate(here)])
        stage.summary = (f"lr {lr:.3g}: 2 / L is {here[0]:.2g} at step {first:,}" + (
            f"; it flies out at step {run.diverged_at}" if run.diverged_at > 0 else
            f", and {here[-100:].mean():.2g} on average over the last {len(here[-100:])} steps; "
            f"the last two x are {walk[-2, 0]:.2f} and {walk[-1, 0]:.2f}"))

    return update
