"""A rare strong gradient against many weak ones: who moves Adam farther?"""
import numpy as np

from lessons.experiments.adam import round_of_moves
from lessons.look import BLUE, GREY, VERMILION, Look
from lessons.stage import scene

FRAMES = 100
PARTS = {"Weak gradients": Look(VERMILION, (7, 2), "s"), "Strong gradient": Look(BLUE, (2, 2), "o")}
SUM = Look(GREY, (), "D")
BETAS = [0.9, 0.95, 0.99, 0.999]


@scene("A rare strong gradient", steps=FRAMES, rate=12, height=4.2,
       alt="How far the many weak gradients have moved Adam uphill since the last strong one, how "
           "far the strong one has moved it downhill, and the sum of both, over a period. The "
           "curve of the weak ones climbs ever faster, because Adam forgets the strong one; that "
           "of the strong one falls fastest at first.")
def rare_gradient(stage, *, strong=75.0, every=50, beta2=0.9):
    """Follow Adam from one strong gradient to the next, once all periods are alike.

    The gradient is -1, and +strong at every `every`-th step. Frames are parts of a period.
    """
    ax = stage.grid()
    ax.set(xlim=(0, 1), yticks=[],
           xlabel="part of the period, from one strong gradient to the next",
           ylabel="moved so far, in lr (uphill is up)")
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "1/4", "1/2", "3/4", "1"])
    head, scale, start = stage.headline(ax, size=12), stage.noted_line(ax), stage.noted_line(ax)
    fit = stage.limits(ax, say=lambda top: scale(f"{top:g} lr", [(0, top), (1, top)],
                                                 (0.01, 1.09 * top)))
    lanes = [stage.path(ax, look, group=name, width=3) for name, look in PARTS.items()]
    both = stage.path(ax, SUM, group="Together", width=4)
    stage.slider("strong", strong, kind="spike", label="strong gradient", within=(2.0, 3000.0))
    stage.slider("every", every)
    stage.choice("beta2", BETAS, label="beta2")
    stage.set(beta2=beta2)
    stage.record("strong")
    stage.record("every")

    def update(strong, every, beta2):
        parts = round_of_moves(strong, every, beta2=beta2).cumsum(-1)
        seen = np.linspace(0, every, FRAMES + 1).round().astype(int)
        moved = np.concatenate([np.zeros((2, 1)), parts], -1)[:, seen]      # nothing at first
        for lane, far in zip([*lanes, both], [*moved, moved.sum(0)]):
            lane.set(np.stack([seen / every, far], -1))
            lane.says([f"{value:+.3g} lr" for value in far])
        fit(moved)
        start("", [(0, 0), (1, 0)])
        up, down = moved[:, -1]
        head(f"A period ends {abs(up + down):.3g} lr {'uphill' if up + down > 0 else 'downhill'}")
        stage.summary = (f"+{strong:.4g} at every {every}th step, else -1 (mean "
                         f"{(strong + 1) / every - 1:.3g}), beta2 {beta2:g}: weak gradients "
                         f"{up:+.3g} lr, the strong one {down:+.3g}, {up + down:+.3g} in all")

    return update
