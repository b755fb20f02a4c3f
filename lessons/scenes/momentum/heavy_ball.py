"""A ball with memory rolls down a ravine; two pushes make up each of its moves."""
import numpy as np

from lessons.look import GREEN, GREY, SKY, Look, looks
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
    until_gone,
    with_knob,
)
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import nesterov
from lessons.surfaces import ravine

TARGET, BEHIND = 0.01, "Textbook's ball"
PARTS = {"Memory": Look(SKY, (), "o"), "Gradient": Look(GREEN, (), "^")}
BALL = Look(GREY, (2, 2), "o")


@scene("Heavy ball", steps=60, rate=12, height=5.2, alt="Rivals walk down a ravine. Two arrows "
       "make up each move of the last: memory and gradient. On the right their losses; below, the "
       "two pushes along the floor and across it.")
def heavy_ball(stage, rivals, *, steps=60, lr=0.02, beta=0.9, angle=30.0):
    """Roll `rivals` down a ravine; the arrows of the last one show the parts of each move.

    rivals: name -> step; the last has a velocity and a knob beta, as momentum and nesterov have.
    Its move is beta times the last move (memory), plus -lr times the new gradient; both as arrows
    on the map, and without the factor lr, as pushes, in the two lower pictures.
    Nesterov's path is that of the points that its code stores, where the gradient is read: the
    textbook's look-ahead points. The textbook's ball is drawn behind them. angle: of the ravine.
    """
    *_, last = rivals
    ahead, look = rivals[last] is nesterov, looks(rivals)
    stage.title, stage.steps = "Heavy ball: " + ", ".join(rivals), steps
    stage.alt = stage.alt.replace("Rivals", ", ".join(rivals)).replace("the last", last)
    axes = stage.mosaic([["map", "map", "loss"], ["map", "map", "lens"],
                         ["floor", "across", "lens"]], height_ratios=(1.9, 0.6, 0.9),
                        width_ratios=(1, 1, 1.3))
    ground, loss, lens = axes["map"], axes["loss"], axes["lens"]
    ground.set_anchor("N")
    Valley.frame(ground)
    frame_loss(loss, steps, TARGET * 1e-4, 1e3, TARGET)
    lens.set(xlim=(-1.6, 1.6), ylim=(-1.05, 1.05), xticks=[], yticks=[], aspect="equal")
    lens.set_title("The next move, enlarged", fontsize=10)
    for name in ("floor", "across"):
        axes[name].axhline(0, color=GREY, linewidth=0.8)
        axes[name].set(xlim=(0, steps), xlabel="step", yticks=[])
    valley, headline = Valley(stage, ground), stage.headline(ground)
    fits = [fitted(stage, axes[name], f"Pushes {words}") for name, words in (
        ("floor", "along the floor"), ("across", "across it"))]
    tracks = {name: dict(way=stage.path(ground, look[name], group=name),
                         curve=stage.path(loss, look[name], group=name),
                         gone=stage.text(ground, look[name], group=name, size=10, units="axes"))
              for name in rivals}
    floor = stage.path(lens, Look(GREY, (1, 3), "o"), whole=True, width=1)
    pushes = {name: dict(arrow=stage.arrow(ground, part, group=name, width=2),
                         large=stage.arrow(lens, part, group=name, width=3),
                         along=stage.path(axes["floor"], part, group=name, size=6),
                         over=stage.path(axes["across"], part, group=name, size=6))
              for name, part in PARTS.items()}
    read = stage.marker(lens, look[last], group=last, size=8)
    zoom = stage.text(lens, INK, size=10)
    balls = [stage.path(ax, BALL, group=BEHIND, width=1.5, size=8)
             for ax in (ground, lens)] if ahead else []
    stage.choice("rates", [SHARED, BEST], label="learning rates")
    stage.slider("lr", lr)
    stage.slider("beta", beta)
    stage.slider("condition", 20.0)
    stage.point(ground, "start", ravine(angle=angle).start, label="start")
    for name in ("lr", "beta", "condition"):
        stage.record(name)

    def update(rates, lr, beta, condition, start):
        surface, tried, stage.runs = ravine(condition, angle), {}, {}
        valley.set(condition, angle)
        for row, name in enumerate(rivals):
            step = with_knob(rivals[name], "beta", beta)
            best = rates == BEST and best_lr(surface, step, start, steps)
            one = tried[name] = attempt(surface, step, start, steps, best or lr)
            tracks[name]["way"].set(until_gone(one.theta, surface.window))
            tracks[name]["curve"].over_time(one.loss)
            tracks[name]["way"].says(notes(best or lr, one.loss, TARGET, one.diverged, one.short))
            tracks[name]["gone"].set([corner(row)], gone(name, one.diverged, steps))
            if one.run is not None:
                stage.runs[name] = one.run
        show_parts(surface, stage.runs.get(last), best or lr, beta)
        stage.show("lr", rates == SHARED)
        words = f"each at the best of {len(LRS)} lrs" if rates == BEST else f"all at lr {lr:.3g}"
        stage.summary = f"Ravine, condition {condition:.3g}, beta {beta:.3g}, {words}"
        headline(stage.summary)
        stage.notice = notice(tried)

    def show_parts(surface, run, lr, beta):
        if run is None:             # the last rival raised
            hidden = [track for part in pushes.values() for track in part.values()]
            for track in (zoom, read, floor, *balls, *hidden):
                track.hide()
            return
        made = parts(surface, run, lr, beta, angle, ahead)
        for k, fit in enumerate(fits):
            values = np.concatenate([made[name]["push"][:, k] for name in PARTS])
            fit(values[np.isfinite(values)])
        for name, part in pushes.items():
            push = made[name]["push"]
            part["arrow"].set(made[name]["arrow"])
            part["large"].set(made[name]["large"])
            part["along"].over_time(push[:, 0])
            part["over"].over_time(push[:, 1])
            part["along"].says([f"along {along:+.2g}, across {over:+.2g}" for along, over in push])
        floor.set(np.outer((-3, 3), made["floor"]))
        read.set(made["read"])
        zoom.set([[-1.5, 0.9]], [f"x {float(f'{times:.2g}'):g}" for times in made["zoom"]])
        for ball, points in zip(balls, (until_gone(made["ball"], surface.window),
                                        np.zeros((steps + 1, 2)))):
            ball.set(points)
            ball.says(["looks ahead by its memory"])

    return update


def fitted(stage, ax, title):
    """Return fit(values): `ax` holds the values, and its title says how far they reach."""
    put = stage.headline(ax, size=10)
    fit = stage.limits(ax, say=lambda top: put(f"{title}, up to {top:g}"))
    return lambda values: fit(np.append(values, -np.abs(values).max()))


def parts(surface, run, lr, beta, angle, ahead):
    """The two parts of each move of a run, Memory and Gradient, at each of its T+1 points.

    Returns a dict. "Memory" and "Gradient" hold each: arrow, (T+1, 2, 2), on the map; large, the
    arrow from (0, 0), enlarged so that the move fills a circle of radius 1; push, (T+1, 2), the
    arrow without lr, along the floor and across it. Beside them: zoom, (T+1,), how much larger;
    ball, (T+1, 2), where the move begins (with `ahead` the textbook's point, behind theta); read,
    (T+1, 2), where the gradient is read, enlarged; floor, (2,), the direction of the ravine.
    """
    turn = np.radians(angle)
    floor = np.array([np.cos(turn), np.sin(turn)])
    wall = np.array([-floor[1], floor[0]])
    velocity = np.stack([np.zeros(2), *run.state["velocity"]])
    with np.errstate(all="ignore"):     # a walk may have left for infinity
        memory, gradient = -beta * velocity, -surface.grad(run.theta)
        ball = run.theta - lr * memory if ahead else run.theta
        zoom = 1 / np.maximum(lr * np.maximum(size(memory), size(memory + gradient)), 1e-9)
        made = dict(ball=ball, zoom=zoom[:, 0], floor=floor, read=zoom * (run.theta - ball))
        for name, push, sofar in (("Memory", memory, 0 * memory), ("Gradient", gradient, memory)):
            ends = lr * np.stack([sofar, sofar + push], 1)
            made[name] = dict(arrow=ball[:, None] + ends, large=zoom[:, None] * ends,
                              push=np.stack([push @ floor, push @ wall], -1))
    return made


def size(vectors):
    """The lengths of vectors. (..., 2) -> (..., 1)"""
    return np.sqrt((vectors * vectors).sum(-1, keepdims=True))
