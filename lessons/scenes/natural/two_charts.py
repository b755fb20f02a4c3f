"""The same walk of models in two charts, with ellipses of equal KL divergence."""
import numpy as np

from lessons.experiments.coordinates import CHARTS, divergence, walk
from lessons.look import BLUE, GREY, ORANGE, PURPLE, Look
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.steps import gradient_descent, kl_step, natural_gradient

STEPS, NATS, RINGS = 60, 0.015, 9        # steps; how far an ellipse reaches; how many at most
RULES = {"gradient descent": gradient_descent, "natural gradient": natural_gradient,
         "KL step": kl_step}
WINDOWS = {"σ": ((-2.6, 2.2), (0.15, 2.9)), "log σ": ((-2.6, 2.2), (-1.2, 1.2)),
           "precision": ((-2.6, 2.2), (-0.15, 4.4)),
           "μ in tenths": ((-26, 22), (0.15, 2.9))}
FIRST, SECOND, RULER = Look(BLUE, (), "o"), Look(ORANGE, (5, 2), "s"), Look(PURPLE, (), "o")


@scene("One model, two charts", steps=STEPS, rate=8, height=4.9,
       alt="Two maps of the same models, one over mu and sigma, one over other coordinates. Both "
           "show the walk whose steps are made in the left chart and the walk whose steps are "
           "made in the right one. Rings, where there are any, show how far 0.015 nats reach.")
def two_charts(stage):
    """Make the same rule's steps in two charts, and draw both walks on both maps."""
    maps = stage.grid(ncols=2)
    heads = [stage.headline(ax) for ax in maps]
    balls = [[stage.ellipse(ax, RULER, group="0.015 nats", width=2) for _ in range(RINGS)]
             for ax in maps]
    ways = [[stage.path(ax, look, group=f"steps in the {side} chart", size=8, width=width)
             for look, side, width in ((FIRST, "left", 4), (SECOND, "right", 2.2))] for ax in maps]
    maps[0].set(xlim=WINDOWS["σ"][0], ylim=WINDOWS["σ"][1], xlabel="μ", ylabel="σ")
    maps[1].set(xlim=WINDOWS["log σ"][0], ylim=WINDOWS["log σ"][1], xlabel="μ", ylabel="log σ")
    stage.choice("rule", RULES, label="rule")
    stage.choice("chart", [name for name in CHARTS if name != "σ"], label="right chart")
    stage.choice("rings", ["0.015 nats", "hidden"], label="rings")
    stage.slider("lr", 0.05, within=(0.002, 2.0))
    stage.slider("delta", 0.01, within=(1e-3, 0.5))
    stage.slider("damping", 0.0, within=(0.0, 0.5))
    stage.point(maps[0], "start", (-1.5, 0.6), label="start")
    stage.record("lr")
    seen = []               # the right chart whose map is drawn

    def update(rule, chart, rings, lr, delta, damping, start):
        told = rings != "hidden"
        if seen != [chart]:
            maps[1].set(xlim=WINDOWS[chart][0], ylim=WINDOWS[chart][1],
                        xlabel=chart if "μ" in chart else "μ",
                        ylabel="σ" if "μ" in chart else chart)
            for ax, name in zip(maps, ("σ", chart)):
                backdrop(ax, name)
            stage.redraw(whole=True)
            seen[:] = [chart]
        start = np.array([start[0], max(start[1], 0.16)])
        knobs = {"gradient descent": dict(lr=lr), "natural gradient": dict(lr=lr, damping=damping),
                 "KL step": dict(delta=delta, damping=damping)}[rule]
        stage.show("lr", rule != "KL step")
        stage.show("delta", rule == "KL step")
        stage.show("damping", rule != "gradient descent")
        models, runs = zip(*(walk(RULES[rule], name, start, STEPS, **knobs)
                             for name in ("σ", chart)))
        for name, tracks, ellipses in zip(("σ", chart), ways, balls):
            write, window = CHARTS[name].write, WINDOWS[name]
            for track, walked, run in zip(tracks, models, runs):
                track.set(until_gone(seen_from(write, walked), window))
                track.says([f"loss {loss:.3g}" if np.isfinite(loss) else "has left the chart"
                            for loss in run.loss])
            if told:
                stage.legend("0.015 nats", RULER, ["from the middle to the rim"])
            for at, ring in zip(touching(models[0]), ellipses):
                points = np.full((STEPS + 1, 3, 2), np.nan)
                if told:
                    points[at:] = ball(name, models[0][min(at, STEPS)])
                ring.set(points)
        apart = divergence(*models)
        heads[0]([f"Step {t}: blue steps are made here" for t in range(STEPS + 1)])
        heads[1]([f"orange made here; up to {far(most)} nats apart" if np.isfinite(gap) else
                  "orange has left for where there is no model"
                  for gap, most in zip(apart, np.fmax.accumulate(apart))])
        stage.runs = {"left": runs[0], "right": runs[1]}
        stage.summary = (f"{rule}, " + ", ".join(f"{k} {v:.3g}" for k, v in knobs.items())
                         + f", charts σ and {chart}: after {STEPS} steps loss "
                         f"{runs[0].loss[-1]:.4g} and {runs[1].loss[-1]:.4g}; KL divergence "
                         f"between the two models at most {np.nanmax(apart):.3g}")

    return update


def far(gap):
    """A divergence in words, without the noise of rounding."""
    return "0" if gap < 1e-9 else f"{gap:.2g}"


def seen_from(write, models):
    """Models (..., 2) in a chart; nan where there is no model."""
    with np.errstate(all="ignore"):
        return write(np.where(models[..., 1:] > 0, models, np.nan))


def ball(name, model, nats=NATS):
    """An ellipse (3, 2) of the models whose KL divergence from this one is about `nats`.

    To second order, and so d . F d / 2 = nats; F is diagonal in all our charts.
    """
    theta = CHARTS[name].write(model)
    reach = np.sqrt(2 * nats / np.diagonal(CHARTS[name].surface.fisher(theta)))
    return theta + np.array([(0, 0), (reach[0], 0), (0, reach[1])])


def touching(models):
    """The steps (RINGS,) at which ellipses along a walk touch each other; beyond the end: none."""
    far = np.sqrt(np.maximum(2 * divergence(models[:-1], models[1:]), 0))
    length = np.append(0, np.cumsum(far))
    return np.searchsorted(length, 2 * np.sqrt(2 * NATS) * np.arange(RINGS))


def backdrop(ax, name):
    """Level lines of the loss, and its minimum."""
    for artist in [*ax.collections, *ax.lines, *ax.texts]:
        artist.remove()
    place = CHARTS[name]
    x, y = (np.linspace(*side, n) for side, n in zip(WINDOWS[name], (120, 120)))
    with np.errstate(all="ignore"):
        loss = place.surface.loss(np.stack(np.meshgrid(x, y), -1))
    ax.contour(x, y, loss, (0.01, 0.1, 0.3, 1, 3, 10), colors=GREY, linewidths=0.7, alpha=0.8)
    ax.plot(*place.surface.minima[0], "*", color=GREY, markersize=14, markeredgecolor="white")
    ax.annotate("best", place.surface.minima[0], (8, -17), textcoords="offset points", fontsize=10,
                color=GREY)
