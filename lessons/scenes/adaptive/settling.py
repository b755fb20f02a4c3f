"""Who comes to rest in the minimum of a parabola, and who leaves it again."""
import numpy as np

from lessons.look import GREY, looks
from lessons.scenes.common.runs import attempt, effective, notice, with_knob
from lessons.stage import scene
from lessons.stage.stage import DASHED
from lessons.surfaces import parabola

START, NEAR = -2.0, 1e-24   # what is closer to the minimum than NEAR is drawn there
SIGHT = 1.5                 # how much of the bottom is seen to either side, in units of lr


@scene("Settling", steps=300, height=4.6, rate=30,
       alt="Left: the bottom of a parabola, enlarged, and the last jump of each rule. Right: over "
           "the steps, their distance from the minimum and their effective learning rates. With "
           "lr 0.1, beta2 0.9, curvature 1 and hardly any eps, RMSprop's distance dives while its "
           "rate climbs on a straight line. Where the rate crosses the limit the dive turns into "
           "a climb, which ends on a level line.")
def settling(stage, rivals, *, steps=300, lr=0.1, beta2=0.9):
    """Let `rivals` walk to the minimum of a parabola at one learning rate for all, and wait.

    rivals: name -> step. Left the bottom of the parabola, where lr is 1 unit of the axis. Right
    their distance from the minimum, beside where RMSprop has to end, and their effective learning
    rates, beside 2 / curvature, beyond which a step leads away.
    """
    panels = stage.mosaic([["bottom", "far"], ["bottom", "rate"]], width_ratios=(1, 1.7))
    bottom, far, rate = (panels[name] for name in ("bottom", "far", "rate"))
    frame(bottom, far, rate, steps)
    heads = [stage.headline(ax) for ax in (bottom, far, rate)]
    lines = [stage.path(ax, DASHED, whole=True, width=1.6) for ax in (far, rate)]
    lanes = {name: dict(far=stage.path(far, look, group=name, width=2.6),
                        rate=stage.path(rate, look, group=name, width=2.6),
                        jump=stage.arrow(bottom, look._replace(dash=()), group=name),
                        at=stage.marker(bottom, look, group=name, size=11))
             for name, look in looks(rivals).items()}
    stage.slider("lr", lr)
    stage.slider("beta2", beta2)
    stage.slider("curvature", 1.0)
    stage.slider("eps", 1e-8)
    stage.record("eps")
    stage.record("lr")
    stage.title, stage.steps = "Settling: " + ", ".join(rivals), steps
    stage.alt = stage.alt.replace("each rule", "each of " + ", ".join(rivals), 1)

    def update(lr, beta2, curvature, eps):
        surface, stage.runs, tried = parabola(curvature), {}, {}
        end = max(lr / 2 - eps / curvature, 0.0)
        for line, height in zip(lines, (end or np.nan, 2 / curvature)):
            line.set([(0, height), (steps, height)])
        heads[0](f"The bottom, enlarged; lr {lr:.3g}")
        heads[1](f"Distance; dashed: lr / 2 - eps / curvature = {end:.3g}" if end
                 else "Distance; eps is above lr x curvature / 2")
        heads[2](f"Effective learning rate; dashed: 2 / curvature = {2 / curvature:.3g}")
        ends = []
        for name, step in rivals.items():
            step = with_knob(with_knob(step, "beta2", beta2), "eps", eps)
            one = tried[name] = attempt(surface, step, (START,), steps, lr)
            show(lanes[name], surface, one, lr)
            if one.run is not None:
                stage.runs[name] = one.run
                ends.append(f"  {name}: {ending(one.theta[:, 0])}")
        stage.summary = "\n".join([f"Parabola, all at lr {lr:.3g}, beta2 {beta2:.3g}, curvature "
                                   f"{curvature:.3g}, eps {eps:.3g}", *ends])
        stage.notice = notice(tried)

    return update


def frame(bottom, far, rate, steps):
    """Limits, labels and everything that stands still; none of it changes with a knob."""
    for ax, limits in ((far, (NEAR / 2, 20)), (rate, (5e-3, 300))):
        ax.set(xlim=(0, steps), yscale="log", ylim=limits)
    far.set_yticks([1e-20, 1e-15, 1e-10, 1e-5, 1])
    rate.set_xlabel("step")
    bottom.set(xlim=(-SIGHT, SIGHT), ylim=(-0.2, 1.3), yticks=[], xticks=[-1, -0.5, 0, 0.5, 1])
    bottom.set_xticklabels(["-lr", "-lr/2", "0", "lr/2", "lr"])
    x = np.linspace(-SIGHT, SIGHT, 61)
    bottom.plot(x, x * x, color=GREY, linewidth=1.5)


def show(lane, surface, one, lr):
    """Hand a rival's Attempt to its tracks and to the legend."""
    theta, diverged = one.theta[:, 0], int(one.diverged)
    moves = last_moves(theta / lr)
    lane["at"].set(moves[:, 1])
    small = np.abs(np.diff(moves[..., 0])) < 0.1       # an arrow that its marker would hide
    lane["jump"].set(np.where(small[..., None], np.nan, moves))
    lane["far"].over_time(np.maximum(np.abs(theta), NEAR))
    lane["rate"].over_time(effective(theta, surface.grad(theta[:-1])))
    lane["far"].says([one.short] if one.short else [
        f"diverged at step {diverged}" if 0 < diverged <= t else distance(now)
        for t, now in enumerate(theta)])


def last_moves(x):
    """(T+1, 2, 2): from where to where each move leads on y = x * x; nan where out of sight."""
    ends = np.stack([np.concatenate([x[:1], x[:-1]]), x], -1)
    seen = np.where(np.abs(ends) < SIGHT, ends, np.nan)
    return np.stack([seen, seen**2], -1)


def distance(theta):
    """The distance of theta from the minimum, in words."""
    return f"{abs(theta):.2g} away" if abs(theta) > NEAR else f"less than {NEAR:g} away"


def ending(theta):
    """A sentence: where a walk (T+1,) came nearest to the minimum, and its last two points."""
    (one, two), closest = theta[-2:], np.abs(theta).argmin()
    return (f"nearest at step {closest} ({distance(theta[closest])}); the last two points are "
            f"{one:.3g} and {two:.3g}")
