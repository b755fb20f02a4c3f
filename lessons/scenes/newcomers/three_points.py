"""Schedule-Free's three points: where it walks, where g is read, what is handed out."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import held
from lessons.look import BLUE, BROWN, GREY, ORANGE, Look
from lessons.plots import contours, frame_map
from lessons.schedules import constant, linear
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import momentum, schedule_free
from lessons.surfaces import ravine
from lessons.views import noisy

STEPS, CONDITION, FAR = 200, 20.0, 4.0
EARLY = 25      # steps of the way across
PEAK = 0.07     # over L: momentum's best start of a fall, in the mean of many noises of deviation 1
WALKER, ASKED, MEAN = Look(GREY, (), "o"), Look(ORANGE, (), "D"), Look(BROWN, (), "^")
RIVAL = Look(BLUE, (7, 2), "s")
STEEP = np.linalg.eigh(ravine(CONDITION, 30).hess(np.zeros(2)))[1][:, -1]    # across the ravine
ACROSS = ("Left: how far z and its mean x are from the floor of a ravine, in the first 25 steps. "
          "Right: the losses at z and at x, over all steps. At lr 10 / L and beta 0.9 without "
          "warm-up z jumps from side to side, farther and farther until step 6, and comes back by "
          "step 12; on the right that is a narrow spike of several powers of ten. With a warm-up "
          "of 50 steps there is none, and z only wavers about the floor; the scale on the left is "
          "then much finer.")


@scene("Three points", steps=STEPS, rate=20, height=4.6,
       alt="Left: a ravine in noise with the walker z, the mean x of its places, and y between "
           "them, where the gradient is read. Right: the losses at z and at x, and that of "
           "momentum whose learning rate falls to zero. In noise z jumps about, so its loss is a "
           "ragged band about a constant height, while x falls smoothly and ends far below it, "
           "nearly as low as momentum.")
def three_points(stage, across=False):
    """Walk Schedule-Free down a noisy ravine of condition number 20.

    across: show on the left the way across the ravine, step by step, in place of the map, leave
    room for losses that climb far, and leave out momentum.
    """
    map, cost = stage.grid(ncols=2, width_ratios=(1.1, 1))
    if across:
        stage.alt = ACROSS
        map.set(xlim=(0, EARLY), xlabel="step", yticks=[])
        map.set_ylabel("distance from the floor", labelpad=36)
        fit = stage.limits(map, most=1000.0, at=(-1, -0.5, 0, 0.5, 1), beside=-0.13, grid=True)
    else:
        frame_map(map, ravine(CONDITION, 30))
        map.set(xlim=(-2.1, 1.7), ylim=(-1.6, 1.6), xticks=[], yticks=[], xlabel="", ylabel="")
        contours(map, ravine(CONDITION, 30))
    cost.set(xlim=(0, STEPS), ylim=(1e-4, 1e7 if across else 30), yscale="log", xlabel="step",
             ylabel="loss")
    heads = [stage.headline(ax) for ax in (map, cost)]
    tail = stage.path(map, WALKER, group="z, the walker", width=2 if across else 1.2,
                      size=11)
    between = stage.curve(map, INK, width=1.5)
    mean = stage.path(map, MEAN, group="x, the mean of z", width=2.2, size=12)
    asked = stage.marker(map, ASKED, group="y, where g is read", size=9)
    lanes = {"z": stage.path(cost, WALKER, group="z, the walker", width=1.2)}
    if not across:
        lanes["rival"] = stage.path(cost, RIVAL, group="momentum, fall to 0", width=2)
    lanes["x"] = stage.path(cost, MEAN, group="x, the mean of z", width=3)
    stage.slider("lr_L", 1.0, within=(0.1, 25.0))
    stage.slider("beta", 0.9, label="beta")
    stage.slider("sigma", 1.0)
    stage.slider("warmup", 0)
    stage.slider("seed", 0)
    stage.record("lr_L")

    def update(lr_L, beta, sigma, warmup, seed):
        place, lr = noisy(ravine(CONDITION, 30), sigma, seed=seed), lr_L / CONDITION
        shape = held(lr, warmup) if warmup else constant(lr)
        run = descend(place, schedule_free, steps=STEPS, lr=shape, beta=beta)
        z = np.array([run.theta[0], *run.state["z"]])
        at_z = place.loss(z)
        stage.runs, losses = {"Schedule-Free": run}, {"z": at_z, "x": run.loss}
        if not across:
            fall = descend(place, momentum, steps=STEPS, lr=linear(PEAK / CONDITION))
            stage.runs["Momentum"], losses["rival"] = fall, fall.loss
        y = (1 - beta) * z + beta * run.theta
        if across:
            fit(z[:EARLY + 1] @ STEEP)
            for track, points in ((tail, z), (mean, run.theta)):
                track.over_time(np.where(np.arange(STEPS + 1) <= EARLY, points @ STEEP, np.nan))
        else:
            tail.set(near(z))
            mean.set(near(run.theta))
            asked.set(near(y))
            between.set(np.stack([near(z), near(run.theta)], 1))
        for name, loss in losses.items():
            lanes[name].over_time(loss)
            lanes[name].says([f"loss {now:.2g}" for now in loss])
        if not across:
            asked.says([f"loss {now:.2g}" for now in place.loss(y)])
        heads[0](f"lr {lr_L:.3g} / L, beta {beta:.2g}, noise {sigma:.2g}, warm-up {warmup}")
        late = at_z[STEPS // 2:].mean()
        heads[1]("Losses")
        stage.summary = (f"lr {lr_L:.3g} / L, beta {beta:.3g}, noise {sigma:.3g}, warm-up {warmup}:"
                         f" at the end loss {run.loss[-1]:.3g} at x; at z {late:.3g}, mean of the "
                         f"last {STEPS // 2}; z farthest {np.hypot(*z.T).max():.3g}")
        if not across:
            stage.summary += f"; momentum with linear fall {fall.loss[-1]:.3g}"

    return update


def near(points):
    """Points (..., 2), those far outside the map as nan: no line crosses it on the way to them."""
    return np.where((np.abs(points) < FAR).all(-1, keepdims=True), points, np.nan)
