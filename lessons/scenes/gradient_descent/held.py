"""A walk down Rosenbrock's valley, and the limit 2 / L of each place that it comes to."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import limit_at
from lessons.look import GREY, LOOKS, ORANGE, Look
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import rosenbrock

OWN, LIMIT = Look(GREY, (5, 2), "o"), Look(ORANGE, (), "s")
NOTE = (120, 9.3e-4)        # below all limits
TICKS = (0.001, 0.002, 0.004, 0.006, 0.01)
SEEN = {"the start": 0, "step 2,000": 2000}     # from where on the walk is shown


@scene("Held", steps=400, rate=40, height=4.3, alt="Left: a map of Rosenbrock's valley with the "
       "path of gradient descent. Right: the limit 2 / L of each place on its way, over the steps, "
       "with a line at its own learning rate. In a run that is held the limit jumps to and fro "
       "about this line; in one that flies out both curves end early.")
def held(stage, *, lr=0.004):
    """Choose a learning rate in Rosenbrock's valley, and see where the run comes to be held.

    L is the largest eigenvalue of the Hessian at each point of the walk.
    """
    map, right = stage.grid(ncols=2, width_ratios=(1, 1.15))
    surface = rosenbrock()
    frame_map(map, surface)
    map.set(xlabel="x", ylabel="y")
    contours(map, surface)
    right.set(xlim=(-6, stage.steps), ylim=(8e-4, 0.016), yscale="log", xlabel="step",
              ylabel="limit 2 / L")
    right.set_yticks(TICKS, [f"{x:g}" for x in TICKS])
    right.minorticks_off()
    above, beside = stage.headline(map), stage.headline(right)
    way = stage.path(map, LOOKS["Gradient descent"], size=8, width=1.2)
    rate = stage.noted_line(right, OWN, size=11)
    limit = stage.path(right, LIMIT, width=1.5)
    stage.slider("lr", lr, within=(0.001, 0.007))
    stage.choice("seen", SEEN, label="seen from")
    stage.record("lr")

    def update(lr, seen):
        first = SEEN[seen]
        run = descend(surface, gradient_descent, steps=first + stage.steps, lr=lr)
        seen = until_gone(run.theta, surface.window)[first:]
        here = limit_at(surface, np.nan_to_num(seen))
        here[np.isnan(seen[:, 0])] = np.nan
        way.set(seen)
        limit.over_time(here)
        rate(f"dashed: its own lr, {lr:.3g}", [(0, lr), (stage.steps, lr)], NOTE)
        above([f"lr {lr:.3g}" + (f": it flies out at step {run.diverged_at}" if gone else "")
               for gone in first + np.arange(stage.steps + 1) >= run.diverged_at]
              if run.diverged_at > 0 else f"lr {lr:.3g}")
        beside([f"step {first + k:,}, the limit here: {now:.2g}" if now == now else ""
                for k, now in enumerate(here)])
        stage.summary = (f"lr {lr:.3g}: 2 / L is {here[0]:.2g} at step {first:,}" + (
            f"; it flies out at step {run.diverged_at}" if run.diverged_at > 0 else
            f", and {here[-100:].mean():.2g} on average over the last 100 steps"))

    return update
