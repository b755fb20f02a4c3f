"""One rate for both directions, or one for each: paths down a ravine, and the rates as a point."""
import numpy as np

from lessons.look import GREY, Look, looks
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import (
    attempt,
    corner,
    effective,
    gone,
    notice,
    own,
    until_gone,
    usual_lr,
)
from lessons.stage import scene
from lessons.stage.stage import DASHED
from lessons.surfaces import ravine

LOW, HIGH = 1e-3, 3e1       # of the plane of effective learning rates
NEWTON = Look(GREY, (), "*")


@scene("Effective learning rates", steps=40, height=4.2, rate=8,
       alt="Left: rivals walk down a ravine. Right: the effective learning rates of each along its "
           "floor and across its walls, as one point of a plane; a dashed rectangle holds the "
           "rates with which no direction can explode, and a star is at Newton's rates, one over "
           "each curvature. A rule with one rate for both stays on the dotted diagonal, and one "
           "that divides each direction by its own gradients is off it, towards the star.")
def effective_rates(stage, rivals, *, steps=40, condition=20.0, rates=None):
    """Walk `rivals` down a ravine along the axes, and show the rate each has in each direction.

    rivals: name -> step. rates: name -> learning rate; each rival has its own.
    A step that moves theta by -rate * g, coordinate by coordinate, has that rate as its effective
    learning rates: they are read off every move.
    """
    map, plane = stage.grid(ncols=2, width_ratios=(1.45, 1))
    Valley.frame(map)
    plane.plot([LOW, HIGH], [LOW, HIGH], color=GREY, linewidth=1, linestyle=":")
    plane.text(0.9, 3.2, "one rate for both", color=GREY, fontsize=10, ha="right")
    plane.set(xscale="log", yscale="log", xlim=(LOW, HIGH), ylim=(LOW, HIGH),
              xlabel="rate along the floor", ylabel="rate across the walls")
    valley, head, beside = Valley(stage, map), stage.headline(map), stage.headline(plane)
    safe = stage.box(plane, DASHED, width=1.4, fill=True)
    words = stage.text(plane, DASHED, size=10)
    ideal, named = stage.marker(plane, NEWTON, size=14), stage.text(plane, NEWTON, size=10)
    lanes = {name: dict(way=stage.path(map, look, group=name, width=2.6, size=9),
                        point=stage.path(plane, look, group=name, width=2, size=9),
                        gone=stage.text(map, look, group=name, size=10.5, units="axes"))
             for name, look in looks(rivals).items()}
    for name, step in rivals.items():
        rate = (rates or {}).get(name, usual_lr(name, step))
        stage.slider(own(name), rate, kind="lr", label=own(name))
    stage.slider("condition", condition, label="curvature of the walls")
    stage.record("condition")
    stage.record(own(next(iter(rivals))))
    stage.title, stage.steps = "Effective learning rates: " + ", ".join(rivals), steps
    stage.alt = stage.alt.replace("rivals", ", ".join(rivals), 1)

    def update(condition, **lrs):
        surface, stage.runs, tried = ravine(condition), {}, {}
        valley.set(condition)
        safe.set([[(LOW, LOW), (2, 2 / condition)]])
        words.set([(1.4 * LOW, 2.7 / condition)], [f"limit 2 / {condition:.3g}"])
        ideal.set([(1, 1 / condition)])
        named.set([(2.5, 1 / condition)], ["Newton"])
        said = [f"Walls of curvature {condition:.3g}"]
        for row, (name, step) in enumerate(rivals.items()):
            one = tried[name] = attempt(surface, step, surface.start, steps, lrs[own(name)])
            tracks = lanes[name]
            if one.run is None:
                for track in tracks.values():
                    track.hide()
                tracks["way"].says([one.short])
                continue
            stage.runs[name] = one.run
            diverged = -1 if one.loss[-1] <= one.loss[0] else int(one.diverged)   # it came back
            rate = both_rates(surface, one.theta)
            tracks["way"].set(until_gone(one.theta, surface.window))
            tracks["point"].set(rate)
            tracks["way"].says([f"diverged at step {diverged}" if 0 < diverged <= t else
                                f"loss {now:.2g}" for t, now in enumerate(one.loss)])
            tracks["gone"].set([corner(row)], gone(name, diverged, steps))
            said.append(f"  {name}, lr {lrs[own(name)]:.3g}: " + (
                f"diverged at step {diverged}" if diverged > 0 else
                f"loss {one.loss[-1]:.2g}, rates {rate[-1, 0]:.2g} and {rate[-1, 1]:.2g}"))
        head(said[0])
        beside([f"{name}'s rates: {along:.2g} and {across:.2g}" for along, across in rate]
               if one.run else "")          # of the last rival
        stage.summary, stage.notice = "\n".join(said), notice(tried)

    return update


def both_rates(surface, theta):
    """(T+1, 2): the effective learning rates of each step; at the start, those of the first.

    Where there was no gradient, or none that a number can hold, the last rate stands.
    """
    with np.errstate(all="ignore"):
        gradients = surface.grad(theta[:-1])
    rate = effective(theta, gradients)[1:]
    known = np.isfinite(rate) & (rate > 0)
    last = np.maximum.accumulate(np.where(known, np.arange(len(rate))[:, None], 0), axis=0)
    rate = np.take_along_axis(np.where(known, rate, np.nan), last, 0)
    return np.concatenate([rate[:1], rate])
