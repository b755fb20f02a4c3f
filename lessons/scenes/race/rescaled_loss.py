"""The same race on a loss and on a multiple of it: whose path changes?"""
import numpy as np

from lessons.look import GREY, Look, looks
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import attempt, corner, gone, notice, on_map, until_gone
from lessons.stage import scene
from lessons.views import scaled

SAME, LESS = "the same lr", "lr / factor"
GONE = 1e6      # of a map that is 4 wide
GHOST = Look(GREY, (), "o")


@scene("Rescaled loss", steps=60, height=4.3, alt="Two maps of one landscape; on the right the "
       "loss is multiplied by a factor. Rivals walk down both.")
def rescaled_loss(stage, surface, rivals, *, lr=0.002, factor=1000.0):
    """Race `rivals` on `surface`, and beside it on `factor` times its loss; returns a Stage.

    surface: a Surface with two coordinates. rivals: name -> step. Grey lines on the right are the
    paths of the left; the legend says how far the two are apart at most.
    """
    axes, look = stage.grid(ncols=2, sharey=True), looks(rivals)
    for ax in axes:
        frame_map(ax, surface)
        contours(ax, surface)
        ax.set_anchor("N")
    axes[1].set_ylabel("")
    put = [stage.headline(ax) for ax in axes]
    ghosts = [stage.path(axes[1], GHOST, head=False, width=1.5) for _ in rivals]
    lanes = {name: [stage.path(ax, look[name], group=name) for ax in axes] for name in rivals}
    words = {name: stage.text(axes[1], look[name], group=name, size=11, units="axes")
             for name in rivals}
    stage.slider("lr", lr, within=(1e-4, 0.01))
    stage.slider("factor", factor)
    stage.choice("rates", [SAME, LESS], label="on the right")
    stage.record("factor")

    def update(lr, factor, rates):
        there, rate = scaled(surface, factor), lr / factor if rates == LESS else lr
        tried, start = {}, np.array(surface.start)
        for row, (name, step) in enumerate(rivals.items()):
            here = attempt(surface, step, start, stage.steps, lr)
            one = tried[name] = attempt(there, step, start, stage.steps, rate)
            for track, run in zip([*lanes[name], ghosts[row]], (here, one, here)):
                track.set(on_map(surface, until_gone(run.theta, surface.window)))
            words[name].set([corner(row)], gone(name, one.diverged, stage.steps))
            with np.errstate(invalid="ignore"):     # where both are at infinity
                apart = np.abs(one.theta - here.theta).max(-1)
            lanes[name][0].says([far(distance, one.short) for distance in apart])
        put[0](f"the loss, lr {lr:.3g}")
        put[1](f"{factor:.4g} times the loss, lr {rate:.3g}")
        stage.summary, stage.notice = f"{there.name}, lr {rate:.3g}", notice(tried)

    return update


def far(distance, problem):
    """How far apart two paths are, in words."""
    if problem:
        return problem
    if not distance < GONE:
        return "off to infinity"
    return "the same path" if distance < 1e-9 else f"apart by {distance:.2g}"
