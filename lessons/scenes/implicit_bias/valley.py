"""A valley of minima a b = 1: what long steps, noise and the limit 2 / lr do to the place on it."""
import numpy as np
from matplotlib.ticker import NullLocator

from lessons.look import BLUE, GREY, PURPLE, RED, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

FAR, TINY, SEED, RUNS, EVERY = 1e3, 0.002, 1, 8, 20
NONE, LABELS, ANY = "no noise", "wrong labels", "any direction"
WALK, NEEDLE = Look(BLUE, (), "o"), Look(RED, (), "X")
MINIMA, MIRROR = Look(GREY, (2, 2), "D"), Look(PURPLE, (2, 2), "D")
FLOW = STRAY = Look(PURPLE, (4, 2), "P")
START = (3.0, 0.34)
NEARER = (2.5, 3.2), (0.0, 0.7), (-0.8, 0.8)        # windows of a, b and the residual
FARTHER = (1.55, 3.25), (-0.5, 1.2), (-2.3, 2.3)


@scene("A valley of minima", steps=60, rate=15, height=4.6, alt="")
def valley(stage, about="the limit", *, lr=None, sigma=0.5):
    """Walk gradient descent on (a b - 1)^2 / 2, in one of three pictures.

    about: "long steps", from (2, 0), beside a run with tiny ones; "noise", two kinds of it, some
    runs of each; "the limit", above 2 / lr.
    """
    if about not in VIEWS:
        raise ValueError(f"valley is about one of {list(VIEWS)}, not {about!r}")
    return VIEWS[about](stage, lr, sigma)


def long_steps(stage, lr, sigma):
    """The first picture: one run with long steps and one with tiny steps, from one start."""
    stage.title, stage.steps = "Long steps on a valley of minima", 20
    stage.alt = ("Left: a bent valley on which the loss is 0, and two paths to it from one start; "
                 "one with tiny steps, and one with the steps of this learning rate, which ends at "
                 "a flatter place. Right: the sharpness of the valley where each path is.")
    map, sharp = stage.grid(ncols=2, width_ratios=(1, 1.1))
    minima = floor(stage, map, (1.4, 2.6), (-0.15, 1.05))
    minima.says(["flatter to the left"])
    sharp.set(xlim=(0, stage.steps), ylim=(2.5, 5), xlabel="step", xticks=range(0, 21, 5),
              ylabel="S, the sharpness of the valley")
    heads = [stage.headline(map), stage.headline(sharp)]
    tiny = stage.path(map, FLOW, group="tiny steps", whole=True)
    level = stage.noted_line(sharp, FLOW, size=11)
    path = stage.path(map, WALK, group="gradient descent", size=10)
    height = stage.path(sharp, WALK, group="gradient descent")
    stage.slider("lr", lr or 0.4, within=(0.02, 0.45))
    stage.point(map, "start", (2.0, 0.0), label="start")
    stage.record("lr")

    def update(lr, start):
        theta, flow = walk(start, lr, NONE, 0, stage.steps), walk(start, TINY, NONE, 0, 4000)
        S, kept = sharpness(theta), sharpness(flow)[-1]
        path.set(theta)
        path.says([f"lr {lr:.3g}, S {now:.2f}" for now in S])
        height.over_time(S)
        tiny.set(flow)
        tiny.says([f"lr {TINY:g}, S {kept:.2f}"])
        level(f"tiny steps: {kept:.2f}", [(0, kept), (stage.steps, kept)],
              (0.55 * stage.steps, kept + 0.12))
        heads[0](f"lr {lr:.3g}: the path")
        heads[1](f"S is {S[0]:.2f} at first, {S[-1]:.2f} at last")
        stage.summary = f"start ({start[0]:.3g}, {start[1]:.3g}); {fate(theta, lr)}"

    return update


def noise(stage, lr, sigma):
    """The second picture: some runs with wrong labels above some with noise in any direction."""
    stage.title, stage.steps, stage.rate = "Two kinds of noise on a valley", 600, 40
    stage.alt = ("Left: one bent valley twice. Above, runs with wrong labels tremble across it and "
                 "slide down together; below, runs with noise in any direction stray along it, to "
                 "both sides. Right: the sharpness where each run is, on a logarithmic scale: the "
                 "first fall together in a thin band, the others fan out on both sides of it.")
    axes = stage.mosaic("ls;as", width_ratios=(1.15, 1))
    maps, sharp = {LABELS: axes["l"], ANY: axes["a"]}, axes["s"]
    for map in maps.values():
        floor(stage, map, (0.6, 5.4), (-0.4, 1.35))
    axes["l"].set_xlabel("")
    sharp.set(xlim=(0, stage.steps), yscale="log", ylim=(1.8, 60), xlabel="step",
              ylabel="S, the sharpness of the valley")
    sharp.set_yticks([2, 5, 10, 20, 50], ["2", "5", "10", "20", "50"])
    sharp.yaxis.set_minor_locator(NullLocator())
    heads = {kind: stage.headline(map) for kind, map in maps.items()}
    head = stage.headline(sharp)
    level = stage.noted_line(sharp, DASHED)
    begins = [stage.noted_line(map, DASHED) for map in maps.values()]
    looks = {ANY: STRAY, LABELS: WALK}
    paths = {kind: stage.path(maps[kind], look, group=kind, width=0.6, head=False)
             for kind, look in looks.items()}
    dots = {kind: [stage.marker(maps[kind], look, group=kind, size=9) for _ in range(RUNS)]
            for kind, look in looks.items()}
    lines = {kind: [stage.path(sharp, look, group=kind, width=1.2, size=8) for _ in range(RUNS)]
             for kind, look in looks.items()}
    stage.slider("lr", lr or 0.05, within=(0.02, 0.2))
    stage.slider("sigma", sigma, within=(0.0, 1.0), label="size of the noise")
    stage.point(axes["l"], "start", START, label="start")

    def update(lr, sigma, start):
        begin = sharpness(np.array([start]))[0]
        stage.summary = (f"lr {lr:.3g}, noise {sigma:.3g}, start ({start[0]:.3g}, {start[1]:.3g}): "
                         f"S {begin:.4g} at first; after {stage.steps} steps")
        for kind, words in ((LABELS, "Wrong labels"), (ANY, "Any direction")):
            runs = [walk(start, lr, kind, sigma, stage.steps, seed) for seed in range(RUNS)]
            paths[kind].set(runs[SEED])
            S = np.array([sharpness(run) for run in runs])
            for run, now, dot, line in zip(runs, S, dots[kind], lines[kind]):
                dot.set(run)
                steps = np.arange(stage.steps + 1)
                line.over_time(np.interp(steps, steps[::EVERY], now[::EVERY]))
            low, high = S.min(axis=0), S.max(axis=0)
            paths[kind].says([f"S {a:.1f} to {b:.1f}" for a, b in zip(low, high)])
            heads[kind](f"{words}: {RUNS} runs, the path of one")
            stage.summary += f"\n  {kind}: S from {low[-1]:.3g} to {high[-1]:.3g}"
        level("", [(0, begin), (stage.steps, begin)])
        for mark in begins:
            mark("start", [(start[0], -0.4), (start[0], 1.35)], (start[0] + 0.3, 1.1))
        head(f"S of all runs; dashed: {begin:.2f}, at first")

    return update


def limit(stage, lr, sigma):
    """The third picture: a run that starts where the valley is about as sharp as 2 / lr."""
    stage.title = "Above the limit"
    stage.alt = ("Left: a bent valley on which the loss is 0, the part of it that is sharper than "
                 "2 / lr as a thick line, and a path that swings across. Right: the sharpness, the "
                 "limit 2 / lr as a dashed line, and the mirror image of the start as a dotted "
                 "one; under it the residual, which grows above the limit and dies below it.")
    axes = stage.mosaic("ms;mr", width_ratios=(1, 1.1))
    map, sharp, swing = axes["m"], axes["s"], axes["r"]
    minima = floor(stage, map, *FARTHER[:2])
    minima.says(["flatter to the left"])
    sharp.set(xlim=(0, stage.steps), ylim=(2, 10), ylabel="S, sharpness")
    swing.set(xlim=(0, stage.steps), ylim=FARTHER[2], xlabel="step", ylabel="residual r")
    heads = [stage.headline(map), stage.headline(sharp)]
    needles = stage.path(map, NEEDLE, group="sharper than 2 / lr", whole=True, width=7)
    path = stage.path(map, WALK, group="gradient descent", width=1.4, size=10)
    line = stage.noted_line(sharp, DASHED, size=11)
    mirror = stage.noted_line(sharp, MIRROR, size=11)
    height = stage.path(sharp, WALK, group="gradient descent")
    residual = stage.path(swing, WALK, group="gradient descent", width=1.4)
    stage.slider("lr", lr or 0.24, within=(0.1, 0.45))
    stage.point(map, "start", START, label="start")
    stage.record("lr")
    x = np.geomspace(1, 3.5, 200)

    def update(lr, start):
        theta, top = walk(start, lr, NONE, 0, stage.steps), 2 / lr
        S, r = sharpness(theta), theta[:, 0] * theta[:, 1] - 1
        x_seen, y_seen, r_seen = NEARER if inside(theta, *NEARER[:2]) else FARTHER
        if map.get_xlim() != x_seen:
            map.set(xlim=x_seen, ylim=y_seen)
            swing.set_ylim(r_seen)
            stage.redraw(whole=True)
        path.set(theta)
        height.over_time(S)
        residual.over_time(r)
        path.says(["gone" if np.isnan(now) else f"S {now:.2f}" for now in S])
        too = x**2 + x**-2.0 > top
        needles.set(np.where(too[:, None], np.stack([x, 1 / x], -1), np.nan))
        needles.says([f"from S = {top:.3g} on"])
        line(f"2 / lr = {top:.3g}" + ("" if top < 10 else ", higher up"),
             [(0, top), (stage.steps, top)],
             (0.6 * stage.steps, top + 0.55 if top < 9 else min(top, 10) - 0.6))
        image = 2 * top - S[0]
        if 2 < image < top:
            mirror(f"mirror image: {image:.2f}", [(0, image), (stage.steps, image)],
                   (0.6 * stage.steps, image - 0.6))
        else:
            mirror()
        heads[0](f"lr {lr:.3g}: the path")
        gone = np.isnan(S[-1])
        heads[1](f"S is {S[0]:.2f} at first" + (", then the run is lost" if gone
                                                else f", {S[-1]:.2f} at last"))
        stage.summary = f"start ({start[0]:.3g}, {start[1]:.3g}); {fate(theta, lr)}"

    return update


VIEWS = {"long steps": long_steps, "noise": noise, "the limit": limit}


def floor(stage, map, x, y):
    """Give a map of (a, b) its window, and draw the minima a b = 1; returns their track."""
    map.set(xlim=x, ylim=y, aspect="equal", xlabel="a", ylabel="b")
    minima = stage.path(map, MINIMA, group="minima, a b = 1", whole=True, width=2)
    a = np.geomspace(0.4, 6, 160)
    minima.set(np.stack([a, 1 / a], -1))
    return minima


def inside(theta, x, y):
    """Whether all of a path lies in the window x, y."""
    low, high = np.transpose([x, y])
    return bool(((theta >= low) & (theta <= high)).all())


def fate(theta, lr):
    """A run's sharpness at first and at last, and its last loss, in words."""
    S, value = sharpness(theta), (theta[-1].prod() - 1) ** 2 / 2
    end = "diverged" if np.isnan(S[-1]) else f"{S[-1]:.4g}, loss {value:.2g}"
    return f"lr {lr:.3g}: S {S[0]:.4g} at first; after {len(S) - 1} steps {end}"


def sharpness(theta):
    """The curvature S = sqrt(D^2 + 4) of the valley at the imbalance D = x^2 - y^2 of theta."""
    return np.hypot(theta[:, 0] ** 2 - theta[:, 1] ** 2, 2)


def walk(start, lr, noise, sigma, steps, seed=SEED):
    """theta (steps + 1, 2) of gradient descent on the valley; nan once it has left for infinity.

    The noise is that of noisy_walk: a wrong label, and for any direction also a push along.
    """
    e = sigma * np.random.default_rng(seed).choice([-1, 1], (steps, 2))
    e = e * {NONE: (0, 0), LABELS: (1, 0), ANY: (1, 1)}[noise]
    (x, y), theta = map(float, start), np.full((steps + 1, 2), np.nan)
    for t, (e1, e2) in enumerate(e.tolist()):
        theta[t] = x, y
        if abs(x) + abs(y) > FAR:
            return theta
        r = x * y - 1 - e1
        x, y = x - lr * (r * y + e2 * x), y - lr * (r * x - e2 * y)
    theta[steps] = x, y
    return theta
