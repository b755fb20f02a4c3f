"""One noisy gradient is paid out in instalments; four hundred walks show what that is worth."""
from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.common import FLOORS
from lessons.experiments.protocol import edge, weather
from lessons.look import LOOKS
from lessons.scenes.momentum.velocity_sum import velocities
from lessons.stage import scene
from lessons.stage.stage import DASHED
from lessons.steps import gradient_descent, momentum
from lessons.surfaces import parabola

STEPS, WALKS, SOON, SETTLED = 80, 400, 40, 40
TOTAL, SAME = "lr / (1 - beta)", "the same lr"
RULES = {"Gradient descent": gradient_descent, "Momentum": momentum}
SHOWN = {name: LOOKS[name]._replace(dash=()) for name in RULES}      # of the moves, drawn as stems
DOTTED = DASHED._replace(dash=(1, 2))
LOWEST, HIGHEST = 1e-3, 3


@scene("Noise in instalments", steps=STEPS, rate=16, height=4.6, alt="Left: the moves that one "
       "noisy gradient causes with memory and without, and their sum: without memory one move, "
       "with memory many that shrink while their sum climbs to a level. Right: the mean squared "
       "distance of 400 noisy walks from the minimum, with the noise levels that were derived.")
def instalments(stage, *, lr=0.02, beta=0.9):
    """Follow what one noisy gradient of size 1 costs, and where 400 noisy walks come to hover.

    Left, no curvature: the moves and their sum. Right: on a parabola, from its minimum, with normal
    noise of deviation 1 in every gradient, the same for both rules.
    """
    axes = stage.mosaic([["coins", "floor"], ["paid", "floor"]], width_ratios=(1, 1.25))
    coins, paid, floor = axes["coins"], axes["paid"], axes["floor"]
    coins.set(xlim=(0, SOON), yticks=[])
    paid.set(xlim=(0, SOON), yticks=[], xlabel="step")
    coins.set_ylabel("a move", labelpad=32)
    paid.set_ylabel("sum of the moves", labelpad=32)
    floor.set(xlim=(0, STEPS), yscale="log", ylim=(LOWEST, HIGHEST), xlabel="step",
              ylabel="mean squared distance")
    headline, says = stage.headline(floor), [stage.headline(ax) for ax in (coins, paid)]
    fits = [stage.limits(ax, at=(-1, 0, 1), beside=-0.11) for ax in (coins, paid)]
    lines = {name: stage.noted_line(floor, DOTTED._replace(color=look.color), size=11)
             for name, look in SHOWN.items()}
    tracks = {name: (stage.path(coins, look, group=name, whole=True, width=3.5),
                     stage.path(paid, LOOKS[name], group=name),
                     stage.path(floor, LOOKS[name], group=name))
              for name, look in SHOWN.items()}
    stage.slider("lr", lr)
    stage.slider("beta", beta)
    stage.slider("curvature", 1.0)
    stage.choice("without", [TOTAL, SAME], label="without memory at")
    stage.record("lr")
    stage.record("beta")

    def update(lr, beta, curvature, without):
        rates = {"Gradient descent": lr / (1 - beta) if without == TOTAL else lr, "Momentum": lr}
        coin = {name: rate * velocities(np.eye(1, STEPS)[0], beta if name == "Momentum" else 0.0)
                for name, rate in rates.items()}
        for fit, sizes in zip(fits, ([*rates.values()], [moves.sum() for moves in coin.values()])):
            fit([0.999 * max(sizes)])       # 0.2 is at times a little more than 0.2
        at_once = rates["Gradient descent"]
        says[0](f"One kick: {at_once:.3g} at once, or {lr:.3g} + {lr * beta:.3g} + ...")
        says[1](f"... and their sum, {lr / (1 - beta):.3g} in all")
        floors = {name: derived(name, rate, beta, curvature) for name, rate in rates.items()}
        for name, rate in rates.items():
            moves, so_far, distance = tracks[name]
            moves.stems(coin[name], first=1)
            so_far.over_time(coin[name].cumsum(), first=1)
            spread = hovering(name, rate, beta, curvature)
            distance.over_time(spread)
            distance.says([f"lr {rate:.3g}: mean of the last {STEPS - SETTLED} steps "
                           f"{spread[SETTLED + 1:].mean():.3g}"])
            aside = 1.5 if floors[name] == max(floors.values()) else 1 / 2.2
            height = np.clip(floors[name], LOWEST, HIGHEST) if np.isfinite(floors[name]) else np.nan
            lines[name](f"derived: {floors[name]:.3g}", [(0, height), (STEPS, height)],
                        (0.62 * STEPS, min(height * aside, 0.7 * HIGHEST)))
        ratio = floors["Momentum"] / floors["Gradient descent"]
        headline(f"Derived: with memory {ratio:.3g} times the other level" if np.isfinite(ratio)
                 else "One of them explodes")
        stage.summary = (f"lr {lr:.3g}, beta {beta:.3g}, curvature {curvature:.3g}, without memory "
                         f"at {without}; derived levels {floors['Momentum']:.3g} with memory, "
                         f"{floors['Gradient descent']:.3g} without")

    return update


def rule_at(name, beta):
    """The rule of this name, with its beta if it has one."""
    return partial(momentum, beta=beta) if name == "Momentum" else RULES[name]


def derived(name, lr, beta, curvature):
    """The mean squared distance at which noise of deviation 1 keeps a rule; inf: it explodes."""
    if lr >= edge(rule_at(name, beta), curvature):
        return np.inf
    return FLOORS[RULES[name]](lr * curvature, beta) / curvature**2


def hovering(name, lr, beta, curvature):
    """The mean squared distance of WALKS noisy walks after each step: (STEPS + 1,)."""
    place = weather(parabola(curvature), 1.0)(range(WALKS))
    run = descend(place, rule_at(name, beta), steps=STEPS, lr=lr)
    with np.errstate(all="ignore"):     # a walk may have left for infinity
        return np.square(run.theta[..., 0]).mean(axis=1)
