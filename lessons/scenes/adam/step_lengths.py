"""How long a rule's moves are where gradients are steady, mixed with noise, or noise alone."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.look import BLUE, GREEN, GREY, VERMILION, Look
from lessons.scenes.common.runs import shortened, with_knob
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.surfaces import given_gradients

STEPS, MANY = 100, 400      # coordinates in each group
GROUPS = {"Steady gradient": Look(BLUE, (), "o"),
          "Gradient and noise": Look(VERMILION, (7, 2), "s"),
          "Pure noise": Look(GREEN, (2, 2), "^")}
FAINT = Look(GREY, (1, 2), "o")


@scene("Step lengths", steps=STEPS, height=4.8,
       alt="Gradients of three kinds and the moves that a rule makes of them; on the right the "
           "length of the moves over the steps.")
def step_lengths(stage, rules, *, beta1=0.9, beta2=0.999, sigma=1.0):
    """Walk rules along three kinds of gradients for 100 steps, and show how long their moves are.

    rules: name -> step; a menu. Its first stays as a dotted line beside the chosen one. There are
    1,200 coordinates, 400 of each kind: gradient 1; gradient 1 with noise of deviation sigma; noise
    alone. On the left the gradients and moves of one coordinate of each kind, on the right the root
    mean square of the moves of all, in units of lr.
    """
    first = next(iter(rules))
    panels = stage.mosaic([["a", "all"], ["b", "all"], ["c", "all"]])
    single, length = [panels[name] for name in "abc"], panels["all"]
    frame(single, length)
    headline, bound = stage.headline(length), stage.noted_line(length, INK)
    dotted = stage.text(length, INK, size=10, units="axes")
    lanes = {name: dict(gradient=stage.path(ax, INK, width=1.0, head=False),
                        move=stage.path(ax, look, group=name, width=2.4),
                        usual=stage.path(length, FAINT, group=name, whole=True, width=1.6),
                        length=stage.path(length, look, group=name))
             for ax, (name, look) in zip(single, GROUPS.items())}
    stage.choice("rule", rules, label="rule")
    for name, value in dict(beta1=beta1, beta2=beta2, sigma=sigma, seed=0).items():
        stage.slider(name, value)
    stage.record("beta1")

    def update(rule, beta1, beta2, sigma, seed):
        gradients = gradients_of(sigma, seed)
        runs = stage.runs = {name: walk(rules[name], gradients, beta1, beta2)
                             for name in {first: 0, rule: 0}}
        moves, usual = (-np.diff(runs[name].theta, axis=0) for name in (rule, first))
        floor = np.sqrt((1 - beta1) / (1 + beta1))
        bound(f"√((1 - β₁) / (1 + β₁)) = {floor:.3g}", [(0, floor), (STEPS, floor)],
              (0.02 * STEPS, 0.7 * floor))
        words = f"{shortened(rule)}: beta1 {beta1:.3g}, beta2 {beta2:.5g}, noise {sigma:.2g}"
        headline(words)
        dotted.set([(0.03, 0.94)], [f"dotted: {shortened(first)}" * (rule != first)])
        rows = [words]
        for k, (name, lane) in enumerate(lanes.items()):
            here = slice(k * MANY, (k + 1) * MANY)
            long = rms(moves[:, here])
            lane["gradient"].over_time(gradients[:, k * MANY], first=1)
            lane["move"].over_time(moves[:, k * MANY], first=1)
            lane["usual"].over_time(rms(usual[:, here]), first=1)
            if rule == first:
                lane["usual"].hide()
            lane["length"].over_time(long, first=1)
            lane["length"].says([f"moves of {one:.3g} lr" for one in long], first=1)
            when = long.round(6).argmax() + 1           # of equal moves the first
            rows.append(f"  {name}: {long[0]:.3g} lr at step 1, longest {long.max():.3g} at step "
                        f"{when}, {long[-1]:.3g} at step {STEPS}")
        stage.summary = "\n".join(rows)

    return update


def frame(single, length):
    """Limits, labels and titles; a line at 0 for single coordinates, at 1 lr for all."""
    for ax, name in zip(single, GROUPS):
        ax.set(xlim=(0, STEPS), ylim=(-3.4, 7), yticks=[-3, 0, 3, 6])
        ax.set_title(f"{name} (grey), move / lr (colour)", fontsize=10.5)
        ax.axhline(0, color=GREY, linewidth=0.6)
        ax.tick_params(labelbottom=ax is single[-1])
    single[-1].set_xlabel("step")
    length.set(xlim=(0, STEPS), yscale="log", ylim=(0.03, 60), xlabel="step", yticks=[0.1, 1, 10],
               yticklabels=["0.1", "1", "10"], ylabel="length of a move, in units of lr")
    length.axhline(1, color=GREY, linewidth=0.8)


@lru_cache(maxsize=4)
def gradients_of(sigma, seed):
    """The gradients (STEPS, 3 x MANY), in the order of GROUPS."""
    signal = np.repeat([1.0, 1.0, 0.0], MANY)
    noise = np.repeat([0.0, sigma, 1.0], MANY)
    draws = np.random.default_rng(seed).standard_normal((STEPS, 3 * MANY))
    return signal + noise * draws


def walk(step, gradients, beta1, beta2):
    """The Trajectory of a step along these gradients at lr 1."""
    step = with_knob(with_knob(step, "beta1", beta1), "beta2", beta2)
    return descend(given_gradients(gradients), step, steps=STEPS, lr=1.0)


def rms(moves):
    """Root mean squares over the coordinates: (STEPS, D) -> (STEPS,)."""
    return np.sqrt(np.square(moves).mean(-1))
