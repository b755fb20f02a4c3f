"""A step size for each coordinate, as a box that walks on a map and as a point of a plane."""
import inspect

import numpy as np

from lessons.look import GREY, looks
from lessons.plots import frame_loss
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
    with_knob,
)
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.surfaces import ravine

LOW, HIGH = 1e-3, 1e1       # of the plane of effective learning rates


@scene("Effective learning rates", steps=60, height=5.2, rate=12,
       alt="Rivals walk down a ravine, each with a box whose half sides are its effective learning "
           "rates. On the right these as a point of a plane, and what each gradient is divided by.")
def effective_rates(stage, rivals, *, steps=60, condition=20.0, beta2=0.99, rates=None):
    """Walk `rivals` down a ravine along the axes, and show what each makes of its two gradients.

    rivals: name -> step. rates: name -> learning rate; each rival has its own.
    A step that moves theta by -rate * g, coordinate by coordinate, has that rate as its effective
    learning rates: they are read off every move, and are the half sides of the box on the map.
    """
    panels = stage.mosaic([["map", "plane"], ["map", "bars"], ["loss", "bars"]],
                          width_ratios=(1.65, 1), height_ratios=(3.6, 0.15, 1.6))
    frame(panels, steps, len(rivals))
    valley, headline = Valley(stage, panels["map"]), stage.headline(panels["map"])
    safe = stage.box(panels["plane"], DASHED, width=1.4, fill=True)
    limits = [stage.text(panels["plane"], INK, size=9.5) for _ in (0, 1)]
    lanes = {name: lane(stage, panels, name, look) for name, look in looks(rivals).items()}
    for name, step in rivals.items():
        rate = (rates or {}).get(name, usual_lr(name, step))
        stage.slider(own(name), rate, kind="lr", label=own(name))
    stage.slider("condition", condition)
    stage.slider("beta2", beta2)
    stage.show("beta2", any("beta2" in inspect.signature(step).parameters
                            for step in rivals.values()))
    stage.point(panels["map"], "start", ravine().start, label="start")
    stage.record(own(next(iter(rivals))))
    stage.title = "Effective learning rates: " + ", ".join(rivals)
    stage.alt, stage.steps = stage.alt.replace("Rivals", ", ".join(rivals), 1), steps

    def update(condition, beta2, start, **lrs):
        surface, stage.runs, tried = ravine(condition), {}, {}
        valley.set(condition)
        safe.set([[(LOW, LOW), (2, 2 / condition)]])
        limits[0].set([(2.3, 1.8 * LOW)], ["2 / 1"])
        limits[1].set([(1.3 * LOW, 3.1 / condition)], [f"limit 2 / {condition:.3g}"])
        for row, (name, step) in enumerate(rivals.items()):
            step, lr = with_knob(step, "beta2", beta2), lrs[own(name)]
            one = tried[name] = attempt(surface, step, start, steps, lr)
            tracks = lanes[name]
            if one.run is None:
                for track in [*tracks.values()]:
                    track.hide()
                tracks["way"].says([one.short])
                continue
            stage.runs[name] = one.run
            diverged = -1 if one.loss[-1] <= one.loss[0] else int(one.diverged)   # it came back
            rate = box_sides(surface, one.theta)
            way = until_gone(one.theta, surface.window)
            tracks["way"].set(way)
            tracks["box"].set(np.stack([way - rate, way + rate], 1))
            tracks["point"].set(rate)
            tracks["curve"].over_time(one.loss)
            tracks["way"].says([
                f"diverged at step {diverged}" if 0 < diverged <= t else
                f"rates {along:.2g}, {across:.2g}; loss {now:.2g}"
                for t, ((along, across), now) in enumerate(zip(rate, one.loss))])
            tracks["gone"].set([corner(row)], gone(name, diverged, steps))
            for axis in (0, 1):
                put_bar(tracks[f"bar {axis}"], tracks[f"words {axis}"], lr / rate[:, axis],
                        row + axis * (len(rivals) + 1))
        words = f"Ravine, condition {condition:.3g}, each rule at its own lr"
        headline(words)
        stage.summary, stage.notice = words, notice(tried)

    return update


def frame(panels, steps, rivals):
    """Limits, labels and everything that stands still."""
    Valley.frame(panels["map"])
    panels["map"].set_anchor("N")
    frame_loss(panels["loss"], steps, 1e-16, 1e3)
    panels["loss"].set_yticks([1e-15, 1e-10, 1e-5, 1])
    plane, bars = panels["plane"], panels["bars"]
    plane.plot([LOW, HIGH], [LOW, HIGH], color=GREY, linewidth=1, linestyle=":")
    plane.text(0.7, 2.2, "one lr for both", color=GREY, fontsize=9.5, ha="right")
    plane.set(xscale="log", yscale="log", xlim=(LOW, HIGH), ylim=(LOW, HIGH),
              xlabel="along theta 1", ylabel="along theta 2")
    plane.set_title("Effective learning rates", fontsize=11)
    bars.set(xscale="log", xlim=(0.01, 1e4), ylim=(2 * rivals + 0.9, -0.6),
             yticks=[rivals / 2 - 0.5, 1.5 * rivals + 0.5], yticklabels=["theta 1", "theta 2"])
    bars.set_title("Each gradient is divided by", fontsize=11)
    bars.tick_params(axis="y", length=0)


def lane(stage, panels, name, look):
    """The tracks of one rival, by name."""
    solid = look._replace(dash=())
    tracks = dict(way=stage.path(panels["map"], look, group=name),
                  box=stage.box(panels["map"], solid, group=name, width=1.2, fill=True),
                  point=stage.path(panels["plane"], look, group=name, width=1.6),
                  curve=stage.path(panels["loss"], look, group=name),
                  gone=stage.text(panels["map"], look, group=name, size=10, units="axes"))
    for axis in (0, 1):
        tracks[f"bar {axis}"] = stage.box(panels["bars"], solid, group=name, width=1, fill=True)
        tracks[f"words {axis}"] = stage.text(panels["bars"], look, group=name, size=9.5)
    return tracks


def put_bar(bar, words, divisors, row):
    """Let a bar of row number `row` end at a divisor at each step, (T+1,), and say the number."""
    end = np.maximum(divisors, 0.01)
    sides = np.stack([np.full_like(end, 0.01), end], -1)
    bar.set(np.stack([sides, np.full((len(end), 2), (row - 0.36, row + 0.36))], -1))
    words.set(np.stack([1.25 * end, np.full_like(end, row)], -1),
              [f"{size:.3g}" if np.isfinite(size) else "" for size in divisors])


def box_sides(surface, theta):
    """(T+1, 2): the effective learning rates after each step; at the start, those of the first.

    Where there was no gradient, or none that a number can hold, the last rate stands.
    """
    with np.errstate(all="ignore"):
        gradients = surface.grad(theta[:-1])
    rate = effective(theta, gradients)[1:]
    known = np.isfinite(rate) & (rate > 0)
    last = np.maximum.accumulate(np.where(known, np.arange(len(rate))[:, None], 0), axis=0)
    rate = np.take_along_axis(np.where(known, rate, np.nan), last, 0)
    return np.concatenate([rate[:1], rate])
