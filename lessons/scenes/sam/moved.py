"""A landscape that is moved a little: what a sharp and a flat minimum pay for it."""
import numpy as np

from lessons.look import BLUE, ORANGE, RED, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

STEPS, MOST = 60, 0.6               # steps, and how far the landscape has moved after them
LEAST = 0.15                        # loss from which a bar is drawn: a lower one lies under its dot
HOLE, BOWL = -1.5, 1.5              # where the two training minima lie
X = np.linspace(-3, 4, 281)
SHARP, FLAT, TEST = Look(RED, (), "s"), Look(BLUE, (), "o"), Look(ORANGE, (7, 2), "X")


@scene("The landscape moves", steps=STEPS, rate=15, height=4.2,
       alt="Left: a curve with a sharp and a flat minimum, and the same curve moved to the right; "
           "bars show the loss of the two old minima on the moved curve. Right: these two losses "
           "over how far the curve has moved. Both rise along the parabolas that curvature "
           "predicts, and later bend below them.")
def moved(stage, *, curvature=40.0):
    """Move a loss with two minima, and ask what the old minima cost on the moved one.

    curvature: of the hole; the bowl's is 1.
    """
    curves, price = stage.grid(ncols=2, width_ratios=(1.5, 1))
    curves.set(xlim=(-3, 4), ylim=(-0.25, 3.2), xlabel="parameter", ylabel="loss",
               xticks=[HOLE, BOWL], xticklabels=["the hole", "the bowl"])
    price.set(xlim=(0, MOST), ylim=(-0.2, 3.2), xlabel="moved by", ylabel="loss of the old minimum")
    heads = [stage.headline(ax) for ax in (curves, price)]
    train = stage.path(curves, INK, group="training", whole=True, width=2.4)
    test = stage.curve(curves, TEST, group="moved", width=2.4)
    bars = [stage.arrow(curves, look, width=2.4) for look in (SHARP, FLAT)]
    dots = [stage.marker(curves, look, size=11) for look in (SHARP, FLAT)]
    lines = [stage.path(price, look, group=name, width=3) for look, name in
             ((SHARP, "hole"), (FLAT, "bowl"))]
    guesses = [stage.path(price, DASHED, whole=True, width=1.4) for _ in lines]
    said = stage.text(price, DASHED, size=10)
    for track in (train, test):
        track.says([""])
    stage.slider("curvature", curvature, within=(1.0, 100.0), label="curvature of the hole")
    stage.record("curvature")

    def update(curvature):
        by = np.linspace(0, MOST, STEPS + 1)
        train.set(np.stack([X, loss(X, curvature)], -1))
        test.set(np.stack(np.broadcast_arrays(X, loss(X - by[:, None], curvature)), -1))
        paid = [loss(at - by, curvature) for at in (HOLE, BOWL)]
        for k, at in enumerate((HOLE, BOWL)):
            top = np.stack([0 * by + at, paid[k]], -1)
            bar = np.stack([top * (1, 0), top], 1)
            bars[k].set(np.where(top[:, None, 1:] > LEAST, bar, np.nan))
            dots[k].set(top)
            lines[k].set(np.stack([by, paid[k]], -1))
            lines[k].says([f"{value:.3f}" for value in paid[k]])
            guesses[k].set(np.stack([by, (curvature, 1)[k] * by * by / 2], -1))
        at = min(0.36, (4.6 / curvature) ** 0.5)
        said.set([(at + 0.02, curvature * at * at / 2)], ["½ c δ²"])
        heads[0]([f"Moved by {d:.2f}" for d in by])
        heads[1]([f"The hole pays {a:.2f}, the bowl {b:.3f}" for a, b in zip(*paid)])
        k = STEPS // 2
        stage.summary = (f"hole of curvature {curvature:.3g}, bowl of 1, moved by {by[k]:.2f}: the "
                         f"hole pays {paid[0][k]:.3f}, the bowl {paid[1][k]:.4f}")

    return update


def loss(x, curvature):
    """The slice y = 0 of sharp_and_flat(), with a hole of this curvature."""
    p, q = curvature * (x - HOLE) ** 2 / 2, (x - BOWL) ** 2 / 2
    return p * q / (p + q)
