"""The strides: how long a rule's moves are where gradients are steady, mixed, or noise alone."""
from dataclasses import replace
from functools import lru_cache

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import BLUE, GREEN, GREY, VERMILION, Look
from lessons.scenes.common.runs import over_time, with_knob
from lessons.stage import Stage
from lessons.stage.tracks import to_data
from lessons.surfaces import Surface

STEPS, MANY = 100, 400      # coordinates in each group
GROUPS = {"Steady gradient": Look(BLUE, (), "o"), "Gradient and noise": Look(VERMILION, (7, 2), "s"),
          "Pure noise": Look(GREEN, (2, 2), "^")}
INK, FAINT = Look(GREY, (), "o"), Look(GREY, (1, 2), "o")


def step_lengths(rules, *, beta1=0.9, beta2=0.999, sigma=1.0, presets=None, **values):
    """Walk rules along three kinds of gradients for 100 steps, and show how long their moves are.

    rules: name -> step; a menu. Its first stays as a dotted line beside the chosen one. 1,200
    coordinates, 400 of each kind: gradient 1; gradient 1 with noise of deviation sigma; noise
    alone. On
    the left the gradients and moves of one coordinate of each kind, on the right the root mean
    square of the moves of all, in units of lr.
    presets: label -> {knob: value}, a button each. values: other knobs, such as seed=3.
    """
    knobs = dict(beta1=beta1, beta2=beta2, sigma=sigma, seed=0)
    return Strides(rules, knobs, presets or {}, values).stage


class Strides:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, rules, knobs, presets, values):
        self.rules = dict(rules)
        self.stage = stage = Stage(
            self._figure(), STEPS, "Gradients of three kinds and the moves that a rule makes of them; "
            "on the right the length of the moves over the steps.", title="Strides", rate=20)
        self.headline = stage.text(self.length, INK, size=11)
        self.bound = stage.path(self.length, INK, whole=True, width=1.2)
        self.says = stage.text(self.length, INK, size=9)
        self.dotted = stage.text(self.length, INK, size=9)
        self.tracks = {}
        for ax, (name, look) in zip(self.single, GROUPS.items()):
            self.tracks[name] = [stage.path(ax, INK, width=1.0, head=False),
                                 stage.path(ax, look, group=name, width=2.4),
                                 stage.path(self.length, FAINT, group=name, whole=True, width=1.6),
                                 stage.path(self.length, look, group=name)]
        stage.choice("rule", list(self.rules), label="rule")
        for name, value in knobs.items():
            stage.slider(name, value)
        for label, turned in presets.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    def _figure(self):
        figure = Figure((9.2, 4.3))
        self.single = [figure.add_axes([0.065, foot, 0.4, 0.235]) for foot in (0.7, 0.4, 0.1)]
        self.length = figure.add_axes([0.56, 0.1, 0.425, 0.81])
        for ax, name in zip(self.single, GROUPS):
            ax.set(xlim=(0, STEPS), ylim=(-3.4, 7), yticks=[-3, 0, 3, 6])
            ax.set_title(f"{name} (grey), move / lr (colour)", fontsize=10, pad=3)
            ax.axhline(0, color=GREY, linewidth=0.6)
            ax.tick_params(labelbottom=ax is self.single[-1])
        self.single[-1].set_xlabel("step", labelpad=1)
        self.length.set(xlim=(0, STEPS), yscale="log", ylim=(0.03, 60), xlabel="step",
                        yticks=[0.1, 1, 10], yticklabels=["0.1", "1", "10"])
        self.length.set_ylabel("length of a move, in units of lr", labelpad=0)
        self.length.xaxis.labelpad = 1
        self.length.axhline(1, color=GREY, linewidth=0.8)
        return figure

    # One run of everything, whenever a knob moves

    def run(self, rule, beta1, beta2, sigma, seed):
        """Walk the chosen rule and the first of the menu, and hand what they did to the tracks."""
        gradients = gradients_of(sigma, seed)
        moves = self._moves(rule, gradients, beta1, beta2)
        first = self._moves(next(iter(self.rules)), gradients, beta1, beta2)
        floor = np.sqrt((1 - beta1) / (1 + beta1))
        self.bound.set([(0, floor), (STEPS, floor)])
        self.says.set([(0.02 * STEPS, 0.7 * floor)], [f"√((1 - β₁) / (1 + β₁)) = {floor:.3g}"])
        said = f"{rule}: beta1 {beta1:.3g}, beta2 {beta2:.5g}, noise {sigma:.2g}"
        self.headline.set([to_data(self.length, [0, 1.04])], [said])
        other = rule != next(iter(self.rules))
        self.dotted.set([to_data(self.length, [0.03, 0.94])],
                        [f"dotted: {next(iter(self.rules))}" * other])
        rows = []
        for k, (name, look) in enumerate(GROUPS.items()):
            here = slice(k * MANY, (k + 1) * MANY)
            gradient, move, ghost, length = self.tracks[name]
            long, usual = (rms(found[:, here]) for found in (moves, first))
            gradient.set(after_start(gradients[:, k * MANY]))
            move.set(after_start(moves[:, k * MANY]))
            ghost.set(after_start(usual) if other else [(np.nan, np.nan)])
            length.set(after_start(long))
            self.stage.legend(name, look, [f"moves of {one:.3g} lr" if one == one else ""
                                           for one in [np.nan, *long]])
            when = long.round(6).argmax() + 1           # of equal moves the first
            rows.append(f"  {name}: {long[0]:.3g} lr at step 1, longest {long.max():.3g} at step "
                        f"{when}, {long[-1]:.3g} at step {STEPS}")
        self.stage.summary = "\n".join([said, *rows])

    def _moves(self, rule, gradients, beta1, beta2):
        """(STEPS, D): the moves of a rule along these gradients, downhill counted as positive."""
        step = with_knob(with_knob(self.rules[rule], "beta1", beta1), "beta2", beta2)
        run = descend(along(gradients), step, steps=STEPS, lr=1.0)
        return run.theta[:-1] - run.theta[1:]


@lru_cache(maxsize=4)
def gradients_of(sigma, seed):
    """(STEPS, 3 x MANY): what each step meets, in the order of GROUPS."""
    signal = np.repeat([1.0, 1.0, 0.0], MANY)
    noise = np.repeat([0.0, sigma, 1.0], MANY)
    draws = np.random.default_rng(seed).standard_normal((STEPS, 3 * MANY))
    return signal + noise * draws


def along(gradients):
    """A plane whose gradient at step t is gradients[t - 1], wherever theta is."""
    days = [Surface("Gradients", loss=lambda theta: theta.sum(-1) * 0, grad=lambda theta, g=g: g,
                    hess=None, window=None, start=(0.0,) * len(g), minima=()) for g in gradients]
    return replace(days[0], at=lambda t: days[t - 1])


def rms(moves):
    """(STEPS,): root mean squares over the coordinates."""
    return np.sqrt(np.square(moves).mean(-1))


def after_start(values):
    """The points of a curve that begins at step 1: nothing is drawn at 0."""
    return over_time(np.concatenate([[np.nan], values]))
