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
           xlabel="part of the period, from one strong gradient to the next")
    ax.set_ylabel("moved so far, in lr (uphill is up)", labelpad=34)
    ax.set_xticks([0, 0.25, 0.5, 0.75, 1], ["0", "1/4", "1/2", "3/4", "1"])
    head, fit = stage.headline(ax, size=12), stage.limits(
        ax, at=(-1, -0.5, 0, 0.5, 1), grid=True)
    lanes = [stage.path(ax, look, group=name, width=3) for name, look in PARTS.items()]
    lanes += [stage.path(ax, SUM, group="Together", width=4)]
    names = [stage.text(ax, lane.look, group=lane.group, size=11) for lane in lanes]
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
        shown = np.concatenate([moved, moved.sum(0, keepdims=True)])
        for lane, far in zip(lanes, shown):
            lane.set(np.stack([seen / every, far], -1))
            lane.says([f"{value:+.3g} lr" for value in far])
        fit(moved)
        up, down = moved[:, -1]
        gap = 0.13 * ax.get_ylim()[1] / 1.18
        heights = (shown[0, 62] + gap / 2, shown[1, 60] - gap,
                   shown[2, 82] + (-gap if up + down > 0 else gap))
        words = "the weak ones, up", "the strong one, down", "together"
        for track, far, left, what in zip(names, heights, (0.38, 0.42, 0.82), words):
            place = np.tile([left, far], (FRAMES + 1, 1))
            hidden = round(100 * left) + 20 * (left < 0.5)      # until its line has come so far
            place[:hidden if abs(far) < ax.get_ylim()[1] else None] = np.nan
            track.set(place, [what])
        head(f"A period ends {abs(up + down):.3g} lr {'uphill' if up + down > 0 else 'downhill'}")
        stage.summary = (f"+{strong:.4g} at every {every}th step, else -1 (mean "
                         f"{(strong + 1) / every - 1:.3g}), beta2 {beta2:g}: weak gradients "
                         f"{up:+.3g} lr, the strong one {down:+.3g}, {up + down:+.3g} in all")

    return update
