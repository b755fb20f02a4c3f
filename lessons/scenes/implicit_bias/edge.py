"""A network's sharpness climbs to 2 / lr, and stays there while the loss falls."""
import numpy as np

from lessons.experiments.implicit_bias import followed
from lessons.look import BLUE, ORANGE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED

STEPS, EVERY, SEED = 600, 20, 0
RATES = (0.1, 0.15, 0.2, 0.3, 0.4)
SHARP, LOSS = Look(BLUE, (), "o"), Look(ORANGE, (), "s")


@scene("The edge of stability", steps=STEPS, rate=60, height=4.2,
       alt="Left: the largest curvature of a network on its way, which climbs or falls to the "
           "dashed line 2 / lr and stays about there. Right: its loss, which rises in many steps "
           "and yet falls.")
def edge(stage, *, lr=0.2):
    """Train digits_tanh at one of five learning rates, and follow its largest curvature."""
    left, right = stage.grid(ncols=2)
    left.set(xlim=(0, STEPS), ylim=(5, 15), xlabel="step", ylabel="sharpness")
    right.set(xlim=(0, STEPS), ylim=(2e-3, 2), yscale="log", xlabel="step", ylabel="loss")
    heads = [stage.headline(left), stage.headline(right)]
    limit = stage.noted_line(left, DASHED, size=12)
    sharp = stage.path(left, SHARP, group="sharpness", width=2.6)
    loss = stage.path(right, LOSS, group="loss", width=1.2)
    stage.slider("lr", lr, within=(RATES[0], RATES[-1]))
    stage.record("lr")

    def update(lr):
        k = int(np.abs(np.log(np.array(RATES) / lr)).argmin())
        losses, looks = (values[:, k, 0] for values in followed(RATES, (SEED,), STEPS, EVERY)[:2])
        steps = np.arange(STEPS + 1)
        sharp.over_time(np.interp(steps, steps[::EVERY], looks))
        loss.over_time(losses)
        loss.says([f"{value:.2g}" for value in losses])
        line = 2 / RATES[k]
        low, high = min(line, looks.min()), max(line, looks.max())
        window = low - 0.2 * (high - low), high + 0.1 * (high - low)
        if left.get_ylim() != window:       # close up, so that one sees the circles about the line
            left.set_ylim(window)
            stage.redraw(whole=True)
        limit(f"2 / lr = {line:.3g}", [(0, line), (STEPS, line)],
              (0.6 * STEPS, line - 0.11 * (high - low)))
        now = np.interp(steps, steps[::EVERY], looks)
        sharp.says([f"{value:.1f}" for value in now])
        heads[0]([f"lr {RATES[k]:g}: sharpness {value:.1f}" for value in now])
        rises = 100 * (np.diff(losses[STEPS // 2:]) > 0).mean()
        heads[1](f"The loss rises in {rises:.0f} of 100 late steps")
        stage.summary = (f"lr {RATES[k]:g}, 2 / lr {line:.4g}: sharpness {looks[0]:.3g} at first, "
                         f"{looks[len(looks) // 2:].mean():.3g} in the second half; loss "
                         f"{losses[-1]:.2g}, it rises in {rises:.0f} % of the late steps")

    return update
