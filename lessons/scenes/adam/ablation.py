"""A rule beside another that lacks a part of it, chosen from a menu, on one ravine."""
import numpy as np

from lessons.look import GREY, ORANGE, Look, looks
from lessons.plots import frame_loss
from lessons.scenes.common.ravine_map import Valley
from lessons.scenes.common.runs import (
    BEST,
    LRS,
    SHARED,
    attempt,
    best_lr,
    corner,
    gone,
    notes,
    notice,
    shortened,
    until_gone,
)
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.surfaces import ravine

DOTTED, OTHER = Look(GREY, (2, 2), "o"), Look(ORANGE, (), "o")


@scene("Ablation", steps=100, height=5.3,
       alt="Two maps of one ravine: on the left a rule, on the right a relative of it. Below their "
           "losses and how far apart they are.")
def ablation(stage, rules, *, steps=100, lr=0.1):
    """Show the first of `rules` on the left, and on the right the one that a menu chooses.

    rules: name -> step. On the right the first one's path is dotted under the other's. Below: both
    losses, and how far apart the two stand after each step; where one lr serves both, dotted, lr:
    about one move.
    Learning rates: one for all, or for each the one of 41 that ends lowest on this very ravine.
    """
    first, *others = rules
    panels = stage.mosaic([["left", "right"], ["loss", "far"]], height_ratios=(3, 1))
    left, right, losses, far = (panels[name] for name in ("left", "right", "loss", "far"))
    frame(left, right, losses, far, steps)
    valleys = [Valley(stage, ax) for ax in (left, right)]
    heads = [stage.headline(left), stage.headline(right), stage.headline(far, size=10)]
    ghost = stage.path(right, DOTTED, whole=True, width=1.4)
    lanes = [dict(way=stage.path(ax, group=role), curve=stage.path(losses, group=role),
                  gone=stage.text(ax, group=role, size=10, units="axes"))
             for ax, role in ((left, "Left"), (right, "Right"))]
    apart = stage.path(far, INK, width=2)
    move = stage.path(far, DOTTED, whole=True, width=1.4)
    stage.choice("relative", others, label="relative")
    stage.choice("rates", [SHARED, BEST], label="learning rates")
    stage.slider("lr", lr)
    stage.slider("angle", 0.0)
    stage.slider("condition", 20.0)
    stage.point(left, "start", ravine().start, label="start")
    stage.record("lr")
    stage.title, stage.steps, stage.rate = f"Ablation of {first}", steps, max(12, steps / 5)
    stage.alt = stage.alt.replace("a rule", first, 1)
    swept = {}      # name -> (ravine and start, its best lr there)

    def best(name, surface, *place):
        if swept.get(name, (None,))[0] != place:
            start = np.array(place[2:])
            swept[name] = place, best_lr(surface, rules[name], start, steps)
        return swept[name][1]

    def update(relative, rates, lr, angle, condition, start):
        surface, tried = ravine(condition, angle), {}
        stage.show("lr", rates == SHARED)
        how = f"both at lr {lr:.3g}" if rates == SHARED else f"each at the best of {len(LRS)} lrs"
        rows = [f"{first} and {relative}, {how}"]
        for name, lane, valley, look in zip((first, relative), lanes, valleys,
                                            two_looks(rules, relative)):
            valley.set(condition, angle)
            own = lr if rates == SHARED else best(name, surface, condition, angle, *start) or lr
            one = tried[name] = attempt(surface, rules[name], start, steps, own)
            for track in lane.values():
                track.look = look
            lane["way"].set(until_gone(one.theta, surface.window))
            lane["curve"].over_time(one.loss)
            lane["gone"].set([corner(0)], gone(name, int(one.diverged), steps))
            words = [f"{name}, {row}" for row in notes(own, one.loss, 0, int(one.diverged),
                                                       one.short)]
            lane["way"].says(words)
            rows.append(f"  {words[-1]}")
        stage.runs = {name: one.run for name, one in tried.items() if one.run is not None}
        ghost.set(until_gone(tried[first].theta, surface.window))
        with np.errstate(all="ignore"):
            gap = np.sqrt(np.square(tried[first].theta - tried[relative].theta).sum(-1))
        most = np.nan_to_num(gap, nan=np.inf).argmax()
        apart.over_time(np.where(gap > 0, gap, np.nan))
        height = lr if rates == SHARED else np.nan         # one lr, one length of a move
        move.set([(0, height), (steps, height)])
        most_apart = f"after step {most}: {gap[most]:.3g}"
        dotted = "; dotted: lr" * (rates == SHARED)
        heads[0](f"{shortened(first)}; {how}")
        heads[1](f"{shortened(relative)} (dotted: {shortened(first, 14)})")
        heads[2]("Distance" + f", largest {most_apart}{dotted}" * bool(np.isfinite(gap[most])))
        rows.append(f"  farthest apart {most_apart}")
        stage.summary, stage.notice = "\n".join(rows), notice(tried)

    return update


def frame(left, right, losses, far, steps):
    """Limits and labels of the two maps, the losses and the distance."""
    for ax in (left, right):
        Valley.frame(ax)
    right.set_ylabel("")
    frame_loss(losses, steps, 1e-12, 1e2)
    frame_loss(far, steps, 1e-3, 1e2)
    losses.set(yticks=[1e-12, 1e-6, 1], ylabel="")
    losses.set_title("Loss", fontsize=10.5, loc="left")
    far.set(yticks=[1e-3, 1e-1, 10], ylabel="")


def two_looks(rules, relative):
    """The looks of the first rule and of its relative: its own, where it has another colour."""
    first = next(iter(rules))
    look, other = looks({first: rules[first]})[first], looks({relative: rules[relative]})[relative]
    return look, OTHER if other.color in (look.color, GREY) else other
