"""Who comes to rest in the minimum of a parabola, and who leaves it again."""
import numpy as np

from lessons.look import GREY, looks
from lessons.plots import frame_map
from lessons.scenes.common.runs import attempt, effective, notice, on_map, with_knob
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.surfaces import parabola

NEAR = 1e-24        # what is closer to the minimum is drawn there
SIGHT = 1.5         # how much of the bottom is seen to either side, in units of lr


@scene("Settling", steps=300, height=4.9,
       alt="Rivals walk down a parabola; below it its bottom, enlarged. On the right their "
           "distance from the minimum and their effective learning rates.")
def settling(stage, rivals, *, steps=300, lr=0.1, beta2=0.9):
    """Let `rivals` walk to the minimum of a parabola at one learning rate for all, and wait.

    rivals: name -> step. Lower left the bottom of the parabola, enlarged so that lr is 1 unit of
    its axis. On the right their distance from the minimum, beside lr / 2, and their effective
    learning rates, beside 2 / curvature, beyond which a step leads away.
    """
    (curve, far), (bottom, rate) = stage.grid(nrows=2, ncols=2, width_ratios=(1, 1.4))
    frame(curve, far, bottom, rate, steps)
    ground = stage.path(curve, INK, whole=True, width=1.5)
    heads = [stage.headline(ax) for ax in (curve, far, rate)]
    lines = [stage.path(ax, DASHED, whole=True, width=1.4) for ax in (far, rate)]
    lanes = {name: dict(way=stage.path(curve, look, group=name, width=1.4),
                        far=stage.path(far, look, group=name),
                        rate=stage.path(rate, look, group=name),
                        jump=stage.arrow(bottom, look._replace(dash=()), group=name),
                        at=stage.marker(bottom, look, group=name))
             for name, look in looks(rivals).items()}
    stage.slider("lr", lr)
    stage.slider("beta2", beta2)
    stage.slider("curvature", 1.0)
    stage.point(curve, "start", on_map(parabola(), (-2.0,)), label="start")
    stage.record("lr")
    stage.title, stage.steps = "Settling: " + ", ".join(rivals), steps
    stage.alt, stage.rate = stage.alt.replace("Rivals", ", ".join(rivals), 1), max(12, steps / 10)

    def update(lr, beta2, curvature, start):
        surface, stage.runs, tried = parabola(curvature), {}, {}
        ground.set(on_map(surface, np.linspace(*surface.window[0], 201)[:, None]))
        x, height = on_map(surface, start[:1])
        stage.move_point("start", (x, min(height, curve.get_ylim()[1])))
        for line, height in zip(lines, (lr / 2, 2 / curvature)):
            line.set([(0, height), (steps, height)])
        heads[0](f"Parabola, all at lr {lr:.3g}")
        heads[1](f"Distance from the minimum; dashed: lr / 2 = {lr / 2:.3g}")
        heads[2](f"Effective learning rate; dashed: 2 / curvature = {2 / curvature:.3g}")
        ends = []
        for name, step in rivals.items():
            one = tried[name] = attempt(surface, with_knob(step, "beta2", beta2), start[:1], steps,
                                        lr)
            show(lanes[name], surface, one, lr)
            if one.run is not None:
                stage.runs[name] = one.run
                ends.append(f"  {name}: {ending(one.theta[:, 0])}")
        stage.summary = "\n".join([f"Parabola, all at lr {lr:.3g}, beta2 {beta2:.3g}, curvature "
                                   f"{curvature:.3g}", *ends])
        stage.notice = notice(tried)

    return update


def frame(curve, far, bottom, rate, steps):
    """Limits, labels and everything that stands still; none of it changes with a knob."""
    frame_map(curve, parabola())
    for ax, limits in ((far, (NEAR / 2, 20)), (rate, (5e-4, 300))):
        ax.set(xlim=(0, steps), yscale="log", ylim=limits)
    far.set_yticks([1e-20, 1e-15, 1e-10, 1e-5, 1])
    rate.set_xlabel("step")
    bottom.set(xlim=(-SIGHT, SIGHT), ylim=(-0.2, 1.3), yticks=[], xticks=[-1, -0.5, 0, 0.5, 1])
    bottom.set_xticklabels(["-lr", "-lr / 2", "0", "lr / 2", "lr"])
    bottom.set_title("The bottom, enlarged", fontsize=11)
    x = np.linspace(-SIGHT, SIGHT, 61)
    bottom.plot(x, x * x, color=GREY, linewidth=1.5)


def show(lane, surface, one, lr):
    """Hand a rival's Attempt to its tracks and to the legend."""
    theta, diverged = one.theta[:, 0], int(one.diverged)
    lane["way"].set(on_map(surface, one.theta, one.loss))
    moves = last_moves(theta / lr)
    lane["at"].set(moves[:, 1])
    small = np.abs(np.diff(moves[..., 0])) < 0.1       # an arrow that its marker would hide
    lane["jump"].set(np.where(small[..., None], np.nan, moves))
    lane["far"].over_time(np.maximum(np.abs(theta), NEAR))
    lane["rate"].over_time(effective(theta, surface.grad(theta[:-1])))
    lane["way"].says([one.short] if one.short else [
        f"diverged at step {diverged}" if 0 < diverged <= t else distance(now)
        for t, now in enumerate(theta)])


def last_moves(x):
    """(T+1, 2, 2): from where to where each move leads on y = x * x; nan where out of sight."""
    ends = np.stack([np.concatenate([x[:1], x[:-1]]), x], -1)
    seen = np.where(np.abs(ends) < SIGHT, ends, np.nan)
    return np.stack([seen, seen**2], -1)


def distance(theta):
    """The distance of theta from the minimum, in words."""
    return f"distance {abs(theta):.2g}" if abs(theta) > NEAR else f"distance below {NEAR:g}"


def ending(theta):
    """A sentence: where a walk (T+1,) came nearest to the minimum, and its last two points."""
    (one, two), closest = theta[-2:], np.abs(theta).argmin()
    return (f"nearest at step {closest} ({distance(theta[closest])}); the last two points are "
            f"{one:.3g} and {two:.3g}")
