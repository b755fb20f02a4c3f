"""One step of gradient descent: what the tangent promises, and what the loss then does."""
import numpy as np

from lessons.look import BLUE, GREY, ORANGE, Look
from lessons.plots import contours, frame_map
from lessons.stage import scene

FAR = 0.002                             # the longest learning rate in the picture
RATES = np.linspace(0, FAR, 101)
TRUE, PROMISED = Look(BLUE, (), "o"), Look(ORANGE, (5, 2), "s")
WAY = Look(GREY, (3, 2), "o")


@scene("One step", steps=1, height=4.3, rate=1, alt="A map with a point and the line against its "
       "gradient; beside it the loss along this line, a curve that leaves the start together with "
       "its straight tangent and parts from it farther on.")
def one_step(stage, surface, *, lr=0.0001):
    """Compare the loss after one step with the loss that the tangent promises; returns a Stage.

    surface: a Surface with two coordinates. On the right the losses are divided by the one at the
    start, so 1 is no progress.
    """
    plan, profile = stage.grid(ncols=2, width_ratios=(1.15, 1))
    plan.set_anchor("N")
    frame_map(plan, surface)
    contours(plan, surface)
    profile.set(xlim=(0, FAR), ylim=(-0.6, 1.8), xlabel="learning rate",
                ylabel="loss after the step / loss before it", xticks=np.linspace(0, FAR, 5))
    profile.axhline(1, color=GREY, linewidth=1, linestyle="--")
    title, headline = stage.headline(plan), stage.headline(profile)
    for height, words in (1.05, "above 1: uphill"), (0.87, "below 1: downhill"):
        stage.text(profile, WAY, size=11).set([(0.37 * FAR, height)], [words])
    way = stage.path(plan, WAY, whole=True, width=1.5)
    step = stage.path(plan, TRUE, size=11, width=3)
    curve = stage.path(profile, TRUE, group="true loss", whole=True, width=2.5)
    tangent = stage.path(profile, PROMISED, group="promised by the tangent", whole=True, width=2.5)
    now = stage.marker(profile, TRUE, group="true loss", size=11)
    hope = stage.marker(profile, PROMISED, group="promised by the tangent", size=10)
    stage.slider("lr", lr, within=(1e-5, FAR))
    stage.point(plan, "start", surface.start, label="start")
    stage.record("lr")

    def update(lr, start):
        g, loss = surface.grad(start), surface.loss(start)
        true, promised = surface.loss(start - lr * g), loss - lr * g @ g
        along = surface.loss(start - RATES[:, None] * g)
        way.set([start, start - FAR * g])
        step.set([start, start - lr * g])
        curve.set(np.stack([RATES, along / loss], -1))
        tangent.set([(0, 1), (FAR, 1 - FAR * g @ g / loss)])
        now.set([(lr, true / loss)])
        hope.set([(lr, promised / loss)])
        curve.says([f"{true:.3g}"])
        tangent.says([f"{promised:.3g}"])
        title(f"{surface.name}, one step with lr {lr:.3g}")
        headline(f"loss {loss:.3g}: promised {promised:.3g}, true {true:.3g}")
        stage.summary = (f"{surface.name}, lr {lr:.3g}: a step from loss {loss:.3g}; the tangent "
                         f"promises {promised:.3g}, it is {true:.3g}")

    return update
