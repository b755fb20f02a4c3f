"""One update of a policy with two actions: what PPO's clip allows, and what a KL limit allows."""
import numpy as np

from lessons.experiments.kl_limits import nats, ppo, ppo_end, trpo_end
from lessons.look import BLUE, GREEN, ORANGE, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

STEPS, EVERY = 60, 25               # frames; epochs a frame
LOW = 1e-4                          # nats that are drawn
TICKS = np.array([0.01, 0.1, 0.5, 0.9, 0.99, 0.999])
PPO, TRPO, OLD = Look(VERMILION, (), "s"), Look(GREEN, (), "D"), Look(BLUE, (), "o")


def stretched(p):
    """Chances on the axis: ln(p / (1 - p)), so that ten times closer to 1 is always as far."""
    return np.log(p / (1 - np.asarray(p, float)))


SPAN = stretched(TICKS[[0, -1]])
CHANCES = 1 / (1 + np.exp(-np.linspace(*SPAN, 800)))


@scene("A clip or a limit in nats?", steps=STEPS, rate=12, height=4.9,
       alt="Both over a new policy's chance of the good action, on an axis that is stretched near "
           "0 and 1. Top: how far the new policy lies from the old one in nats, with TRPO's limit "
           "and where PPO has pushed it. Bottom: how hard PPO pushes: fully while both actions "
           "push, less while one does, and 0 only where both are clipped.")
def clip_or_kl(stage):
    """Push a policy with two actions by PPO, epoch by epoch, beside one step of TRPO."""
    far, force = stage.grid(nrows=2, sharex=True)
    far.set(xlim=SPAN, ylim=(LOW, 3), yscale="log", ylabel="KL, in nats")
    force.set(ylim=(-0.12, 1.2), yticks=[0, 0.5, 1], ylabel="PPO's push",
              xlabel="chance of the good action, after the update")
    force.set_xticks(stretched(TICKS), [f"{tick:g}" for tick in TICKS])
    heads = [stage.headline(ax) for ax in (far, force)]
    allowed = stage.box(far, TRPO, fill=True, width=0)
    bowl = stage.path(far, INK, whole=True, width=2.4)
    limit = stage.noted_line(far, Look(GREEN, (5, 2), "D"))
    stair = stage.path(force, INK, whole=True, width=2.4)
    level = stage.noted_line(force, Look(ORANGE, (5, 2), "o"))
    olds = [stage.noted_line(ax, DASHED) for ax in (far, force)]
    pushers = [stage.text(force, INK, size=10) for _ in range(2)]
    trpo = stage.marker(far, TRPO, group="TRPO, one step", size=11)
    dots = [stage.marker(ax, PPO, group="PPO, epoch by epoch", size=11) for ax in (far, force)]
    stage.slider("p", 0.9, within=(0.05, 0.95), kind="share", label="chance before the update")
    stage.slider("clip", 0.2, within=(0.05, 0.5), kind="share", label="PPO's clip")
    stage.slider("delta", 0.01, within=(1e-3, 0.1), label="TRPO's limit, in nats")
    stage.record("p")

    def update(p, clip, delta):
        chance = ppo(p, clip=clip, epochs=STEPS * EVERY)[::EVERY]
        end, bound, stop = float(ppo_end(p, clip)), trpo_end(p, delta), chance[-1]
        apart, here = nats(p, chance), stretched(p)
        inside = stretched(CHANCES[nats(p, CHANCES) <= delta])
        allowed.set([[(inside[0], LOW), (inside[-1], delta)]] if len(inside) else
                    [[(here, LOW), (here, delta)]])
        bowl.set(np.stack([stretched(CHANCES), np.maximum(nats(p, CHANCES), LOW / 2)], -1))
        limit("TRPO's limit", [(SPAN[0], delta), (SPAN[1], delta)],
              (SPAN[0] + 0.1 if p > 0.3 else 5.4, 1.9 * delta))
        stair.set(np.stack([stretched(CHANCES), push(p, CHANCES, clip)], -1))
        for old, height, words in zip(olds, (3, 1.2), ("", "before")):
            old(words, [(here, LOW if not words else -0.12), (here, height)], (here - 0.85, 0.5))
        level("silent from here on", [(stretched(end), -0.12), (stretched(end), 1.2)],
              (stretched(end) + 0.1, 0.7)) if end < TICKS[-1] else level()
        ends, last = silences(p, clip)
        alone = stretched(np.minimum(ends, TICKS[-1]))
        pushers[0].set([[SPAN[0] + 0.1, 1.1]], ["both actions push"])
        pushers[1].set([[alone.mean() - 0.9 if np.ptp(alone) > 2 else np.nan,
                         push(p, ends[0] + 1e-6, clip) + 0.12]],
                       ["only " + last.removesuffix(" pushes last")])
        trpo.set([(stretched(bound), nats(p, bound))])
        trpo.says([f"KL {nats(p, bound):.3g}"])
        dots[0].set(np.stack([stretched(chance), np.maximum(apart, LOW)], -1))
        dots[1].set(np.stack([stretched(chance), push(p, chance, clip)], -1))
        dots[0].says([f"KL {value:.3g}" for value in apart])
        heads[0]([f"Epoch {k * EVERY}: PPO moved {value:.3g} nats, {value / delta:.1f} times the "
                  f"limit" for k, value in enumerate(apart)])
        heads[1]("The good action is never clipped, so PPO's push never ends" if end >= 1 else
                 f"PPO's push ends at {end:.3g}; {last}")
        stage.summary = (f"from {p:.3g}, clip {clip:.3g}: PPO to {stop:.4g} (its push ends "
                         f"at {end:.4g}), KL {apart[-1]:.4g}; TRPO to {bound:.4g}, "
                         f"KL {nats(p, bound):.4g}")

    return update


def push(p, new, clip):
    """The slope of PPO's objective by the good action's new chance: 1 while both actions push.

    1 - p comes from the good action, p from the bad one, each until its ratio is at the clip.
    """
    return (1 - p) * (new / p < 1 + clip) + p * ((1 - new) / (1 - p) > 1 - clip)


def silences(p, clip):
    """The chances (2,) from which on an action is silent, in order, and words on the last one."""
    good, bad = (1 + clip) * p, 1 - (1 - clip) * (1 - p)
    last = "the good action pushes last" if good > bad else "the bad action pushes last"
    return np.sort([good, bad]), "both stop together" if np.isclose(good, bad) else last
