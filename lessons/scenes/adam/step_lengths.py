"""How long Adam's moves are where gradients are steady, mixed with noise, or noise alone."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.adam import expected_move, too_long, uncorrected
from lessons.look import BLUE, GREEN, GREY, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import adam
from lessons.surfaces import given_gradients

STEPS, MANY = 100, 400      # coordinates in each group
WHEN = np.arange(1, STEPS + 1)
GROUPS = {"Steady gradient": Look(BLUE, (), "o"),
          "Gradient and noise": Look(VERMILION, (7, 2), "s"),
          "Pure noise": Look(GREEN, (2, 2), "^")}
THEORY = Look(GREY, (1, 2), "o")
RULES = {"on": adam, "off": uncorrected}
ROOM = {"on": ((-3.5, 3.5), (0.05, 2)), "off": ((-4, 8), (0.05, 12))}      # y-limits: left, right
TICKS = [0.1, 0.2, 0.5, 1, 2, 5, 10]


@scene("Step lengths", steps=STEPS, height=4.3,
       alt="Left gradients of three kinds, in grey, and the moves that Adam makes of them; on the "
           "right the length of the moves over the steps, with what is derived in dots. Noise lets "
           "a curve sink below that of the steady gradient, the more, the larger beta1 is; at "
           "beta1 0 all three stay about alike.")
def step_lengths(stage, *, beta1=0.9, beta2=0.999, sigma=1.0):
    """Walk Adam along three kinds of gradients for 100 steps, and show how long its moves are.

    There are 1,200 coordinates, 400 of each kind: gradient 1; gradient 1 with noise of deviation
    sigma; noise alone. On the left the gradients and moves of one coordinate of each kind, on the
    right the root mean square of the moves of all, in units of lr; dotted, what is derived.
    """
    panels = stage.mosaic([["a", "all"], ["b", "all"], ["c", "all"]])
    single, length = [panels[name] for name in "abc"], panels["all"]
    frame(single, length)
    headline = stage.headline(length)
    lanes = {name: dict(gradient=stage.path(ax, INK, width=1.0 if look.dash else 5.0, head=False),
                        move=stage.path(ax, look, group=name, width=2.4),
                        length=stage.path(length, look, group=name, width=2.6),
                        derived=stage.path(length, THEORY, group=name, whole=True, width=2.2))
             for ax, (name, look) in zip(single, GROUPS.items())}
    stage.choice("correction", RULES, label="bias correction")
    for name, value in dict(beta1=beta1, beta2=beta2, sigma=sigma, seed=0).items():
        stage.slider(name, value)
    stage.record("beta1")
    stage.record("sigma")

    def update(correction, beta1, beta2, sigma, seed):
        if ROOM[correction] != (single[0].get_ylim(), length.get_ylim()):
            make_room(single, length, *ROOM[correction])
            stage.redraw(whole=True)
        gradients = gradients_of(sigma, seed)
        run = descend(given_gradients(gradients), RULES[correction], steps=STEPS, lr=1.0,
                      beta1=beta1, beta2=beta2)
        stage.runs = {"Adam": run}
        moves = -np.diff(run.theta, axis=0)
        words = [f"Bias correction {correction}: beta1 {beta1:.3g}, beta2 {beta2:.5g}, "
                 f"noise {sigma:.2g}"]
        for k, (name, noise) in enumerate(zip(GROUPS, (0.0, sigma, np.inf))):
            lane, long = lanes[name], rms(moves[:, k * MANY:(k + 1) * MANY])
            lane["gradient"].over_time(gradients[:, k * MANY], first=1)
            lane["move"].over_time(moves[:, k * MANY], first=1)
            lane["length"].over_time(long, first=1)
            lane["length"].says([f"moves of {one:.3g} lr" for one in long], first=1)
            by = 1.0 if correction == "on" else too_long(WHEN, beta1, beta2)
            lane["derived"].over_time(by * expected_move(noise, WHEN, beta1), first=1)
            when = long.round(6).argmax() + 1           # of equal moves the first
            words.append(f"  {name}: {long[0]:.3g} lr at step 1, longest {long.max():.3g} at step "
                         f"{when}, {long[-1]:.3g} at step {STEPS}")
        if correction == "on":
            headline(f"Late: 1, {expected_move(sigma, beta1=beta1):.3g} and "
                     f"{expected_move(np.inf, beta1=beta1):.3g} lr")
        else:
            steady = too_long(WHEN, beta1, beta2).round(6)
            headline(f"First move {steady[0]:.3g} lr, longest {steady.max():.3g} "
                     f"at step {steady.argmax() + 1}")
        stage.summary = "\n".join(words)

    return update


def frame(single, length):
    """Limits, labels and titles; a line at 0 for single coordinates, at 1 lr for all."""
    for ax, name in zip(single, GROUPS):
        ax.set_xlim(0, STEPS)
        ax.set_title(f"{name} (grey) and move / lr", fontsize=10.5)
        ax.axhline(0, color=GREY, linewidth=0.6)
        ax.tick_params(labelbottom=ax is single[-1])
    single[-1].set_xlabel("step")
    length.set(xlim=(0, STEPS), yscale="log", xlabel="step",
               ylabel="length of a move, in units of lr")
    length.axhline(1, color=GREY, linewidth=0.8)
    length.grid(True, axis="y", color=GREY, alpha=0.2)
    length.text(0.03, 0.03, "dotted: derived", color=GREY, fontsize=10, transform=length.transAxes)
    make_room(single, length, *ROOM["on"])


def make_room(single, length, low_high, least_most):
    """Set the y-limits of the left pictures and of the right one, whose axis is logarithmic."""
    for ax in single:
        ax.set_yticks([-3, 0, 3, 6])
        ax.set_ylim(low_high)
    shown = [tick for tick in TICKS if tick <= least_most[1]]
    length.set_yticks(shown, [f"{tick:g}" for tick in shown])
    length.set_yticks([], minor=True)
    length.set_ylim(least_most)


@lru_cache(maxsize=4)
def gradients_of(sigma, seed):
    """The gradients (STEPS, 3 x MANY), in the order of GROUPS."""
    signal = np.repeat([1.0, 1.0, 0.0], MANY)
    noise = np.repeat([0.0, sigma, 1.0], MANY)
    draws = np.random.default_rng(seed).standard_normal((STEPS, 3 * MANY))
    return signal + noise * draws


def rms(moves):
    """Root mean squares over the coordinates: (STEPS, D) -> (STEPS,)."""
    return np.sqrt(np.square(moves).mean(-1))
