"""Two images: a step that is too long makes the swing grow, and only for a while."""
import numpy as np

from lessons.descend import descend
from lessons.look import GREY, LOOKS, ORANGE, Look
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent
from lessons.surfaces import two_images

WINDOW = ((-0.3, 4.2), (-1.7, 1.7))
LIMIT = 0.5             # 2 / L where the scene's u and v are 0
U, V = np.meshgrid(np.linspace(*WINDOW[0], 136), np.linspace(*WINDOW[1], 120))  # V: never 0
SWING = Look(ORANGE, (), "s")


@scene("Swing", steps=16, rate=4, height=4.0, alt="Left: a map over how sure the model is and "
       "how far the pixel's weight swings, with the path; where it is shaded, a step makes the "
       "swing longer. Right: the swing over the steps.")
def swing(stage, *, times=2.0):
    """Walk down the loss of two images at a multiple of the first limit, 0.5.

    The shaded zone is exact: one step changes the swing v to v - lr df/dv, and there that is
    longer than v.
    """
    map, over_time = stage.grid(ncols=2, width_ratios=(1.25, 1))
    map.set(xlim=WINDOW[0], ylim=WINDOW[1], xlabel="u: how sure the model is of both images",
            ylabel="v: weight of the pixel that differs")
    over_time.set(xlim=(0, stage.steps), ylim=WINDOW[1], xlabel="step", ylabel="swing v")
    for ax in (map, over_time):
        ax.axhline(0, color=GREY, linewidth=0.8)
    above, beside = stage.headline(map), stage.headline(over_time)
    way = stage.path(map, LOOKS["Gradient descent"], size=8)
    zone = stage.text(map, Look(GREY, (), "o"), size=10)
    zone.set([(2.15, -1.5)], ["shaded: the swing grows"])
    height = stage.path(over_time, SWING, group="Swing")
    stage.slider("times", times)
    stage.record("times")

    def update(times):
        surface, lr = two_images(), times * LIMIT
        run = descend(surface, gradient_descent, steps=stage.steps, lr=lr)
        shade(map, growth(surface, lr))
        stage.redraw()
        way.set(until_gone(run.theta, WINDOW))
        height.over_time(run.theta[:, 1])
        height.says([f"{v:+.2f}" for v in run.theta[:, 1]])
        above(f"lr {lr:.3g}, {times:.3g} x the first limit")
        beside([f"loss {f:.2g}" for f in run.loss])
        stage.summary = (f"lr {lr:.3g}: the longest swing is {abs(run.theta[:, 1]).max():.2f}, the "
                         f"last {run.theta[-1, 1]:.2g}; loss {run.loss[-1]:.2g}")

    return update


def growth(surface, lr):
    """How many times as long a step makes the swing, at each place of the map."""
    after = V - lr * surface.grad(np.stack([U, V], -1))[..., 1]
    return np.abs(after / V)


def shade(ax, growth):
    """Shade where the swing grows."""
    for old in list(ax.collections):
        old.remove()
    ax.contourf(U, V, growth, [1, np.inf], colors=[(0.5, 0.5, 0.5, 0.3)], animated=True)
