"""One update of a policy with two actions: what PPO's clip allows, and what a KL limit allows."""
import numpy as np

from lessons.experiments.kl_limits import nats, ppo, ppo_end, trpo_end
from lessons.look import BLUE, GREEN, ORANGE, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

STEPS, EVERY = 60, 25               # frames; epochs a frame
LOW = 1e-5                          # nats that are drawn
EDGE = 10.0 ** -np.arange(3.0, 16.0)        # so near to 0 and 1 that the KL is seen to go on
CHANCES = np.concatenate([EDGE[::-1], np.linspace(0.001, 0.999, 400), 1 - EDGE])
PPO, TRPO, OLD = Look(VERMILION, (), "s"), Look(GREEN, (), "D"), Look(BLUE, (), "o")


@scene("A clip or a limit in nats?", steps=STEPS, rate=12, height=4.6,
       alt="Top: how far a new policy lies from the old one in nats, over its chance of the good "
           "action, with TRPO's limit and where PPO has pushed it. Bottom: PPO's objective over "
           "that chance, whose slope is 0 only where both actions are clipped.")
def clip_or_kl(stage):
    """Push a policy with two actions by PPO, epoch by epoch, beside one step of TRPO."""
    far, gain = stage.grid(nrows=2, sharex=True)
    far.set(xlim=(0, 1), ylim=(LOW, 3), yscale="log", ylabel="KL, in nats")
    gain.set(xlim=(0, 1), ylim=(0, 1.15), yticks=[], ylabel="PPO's objective",
             xlabel="chance of the good action, after the update")
    heads = [stage.headline(ax) for ax in (far, gain)]
    allowed = stage.box(far, TRPO, fill=True, width=0)
    bowl = stage.path(far, INK, whole=True, width=2.4)
    limit = stage.noted_line(far, Look(GREEN, (5, 2), "D"))
    hill = stage.path(gain, INK, whole=True, width=2.4)
    level = stage.noted_line(gain, Look(ORANGE, (5, 2), "o"))
    old = stage.noted_line(gain, DASHED)
    trpo = stage.marker(far, TRPO, group="TRPO, one step", size=11)
    dots = [stage.marker(ax, PPO, group="PPO, epoch by epoch", size=11) for ax in (far, gain)]
    stage.slider("p", 0.9, within=(0.05, 0.95), kind="share", label="chance before the update")
    stage.slider("clip", 0.2, within=(0.05, 0.5), kind="share", label="PPO's clip")
    stage.slider("delta", 0.01, within=(1e-3, 0.1), label="TRPO's limit, in nats")
    stage.record("p")

    def update(p, clip, delta):
        chance = ppo(p, clip=clip, epochs=STEPS * EVERY)[::EVERY]
        end, bound, stop = float(ppo_end(p, clip)), trpo_end(p, delta), chance[-1]
        apart = nats(p, chance)
        inside = CHANCES[nats(p, CHANCES) <= delta]
        allowed.set([[(inside[0], LOW), (inside[-1], delta)]] if len(inside) else
                    [[(p, LOW), (p, delta)]])
        bowl.set(np.stack([CHANCES, np.maximum(nats(p, CHANCES), LOW / 2)], -1))
        limit("TRPO's limit", [(0, delta), (1, delta)], (0.01 if p > 0.3 else 0.86, 1.9 * delta))
        height = objective(p, CHANCES, clip)
        low, high = height.min(), height.max()
        hill.set(np.stack([CHANCES, (height - low) / (high - low)], -1))
        old("before", [(p, 0), (p, 1.15)], (p - 0.075 if p > 0.1 else p + 0.01, 0.08))
        level("no push beyond", [(end, 0), (end, 1.15)] if end < 1 else [(np.nan, np.nan)],
              (end + 0.01 if end < 0.7 else end - 0.145, 0.3) if end < 1 else (np.nan, np.nan))
        trpo.set([(bound, nats(p, bound))])
        trpo.says([f"KL {nats(p, bound):.3g}"])
        dots[0].set(np.stack([chance, np.maximum(apart, LOW)], -1))
        dots[1].set(np.stack([chance, (objective(p, chance, clip) - low) / (high - low)], -1))
        dots[0].says([f"KL {value:.3g}" for value in apart])
        heads[0]([f"Epoch {k * EVERY}: PPO moved {value:.3g} nats, {value / delta:.1f} times the "
                  f"limit" for k, value in enumerate(apart)])
        heads[1](f"Ratio of the good action {stop / p:.2f}, clip {1 + clip:.2f}" + (
            ": never clipped" if (1 + clip) * p >= 1 else ""))
        stage.summary = (f"from {p:.3g}, clip {clip:.3g}: PPO to {stop:.4g} (its end: {end:.4g}), "
                         f"KL {apart[-1]:.4g}; TRPO to {bound:.4g}, KL {nats(p, bound):.4g}")

    return update


def objective(p, new, clip):
    """PPO's mean of min(ratio A, clipped ratio A), with A = 1 - p for the good action, else -p."""
    ratios, advantages = np.stack([new / p, (1 - new) / (1 - p)]), np.array([[1 - p], [-p]])
    both = np.minimum(ratios * advantages, np.clip(ratios, 1 - clip, 1 + clip) * advantages)
    return p * both[0] + (1 - p) * both[1]
