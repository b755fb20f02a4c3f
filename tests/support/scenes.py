"""Every scene as the tests make it: the table from which unit and browser tests are derived."""

from functools import partial

import numpy as np

from lessons import scenes
from lessons.networks import digits_mlp
from lessons.steps import adagrad, adam, gradient_descent, momentum, nesterov, rmsprop
from lessons.surfaces import bowl, ravine, rosenbrock

THREE = {"Gradient descent": gradient_descent, "Adagrad": adagrad, "RMSprop": rmsprop}
TWO = {"Gradient descent": gradient_descent, "Adagrad": adagrad}
BALLS = {"Momentum": momentum, "Nesterov": nesterov}
NET = partial(digits_mlp, hidden=(8,))
LRS, FALLING = np.geomspace(0.01, 1, 5), np.full((3, 5, 2), 50.0) / np.reshape([1, 2, 3], (3, 1, 1))
KNOWN = dict.fromkeys(BALLS, FALLING)
MAKE = {        # scene -> how a lesson makes it, a knob to turn
    "effective_rates": (partial(scenes.effective_rates, TWO), dict(condition=50.0)),
    "moving_minimum": (scenes.moving_minimum, dict(beta2=0.95)),
    "l2_against_adamw": (scenes.l2_against_adamw, dict(weight_decay=1.0)),
    "schedule_builder": (partial(scenes.schedule_builder, lr=0.05), dict(lr=0.1)),
    "noise_cloud": (scenes.noise_cloud, dict(lr=0.05)),
    "batch_bill": (scenes.batch_bill, dict(lr=0.004)),
    "ways_down": (scenes.ways_down, dict(curvature=0.2)),
    "agree": (scenes.agree, dict(sigma=0.5)),
    "poll": (scenes.poll, dict(batch=64)),
    "velocity_sum": (scenes.velocity_sum, dict(beta=0.5)),
    "microscope": (partial(scenes.microscope, ravine(angle=30), adam), dict(lr=0.2)),
    "rate_map": (scenes.rate_map, dict(pair=(2.5, 0.3))),
    "race": (partial(scenes.race, [ravine, bowl], THREE), dict(lr=0.02)),
    "one_step": (partial(scenes.one_step, rosenbrock()), dict(lr=0.0005)),
    "rescaled_loss": (partial(scenes.rescaled_loss, rosenbrock(), THREE), dict(factor=10.0)),
    "who_wins": (partial(scenes.who_wins, [rosenbrock(), ravine()], THREE), dict(lr=0.02)),
    "rare_gradient": (scenes.rare_gradient, dict(every=200)),
    "settling": (partial(scenes.settling, THREE), dict(lr=0.2)),
    "weight_path": (partial(scenes.weight_path, BALLS, lambda seed: NET(32, seed),
                            dict.fromkeys(BALLS, 0.1), steps=30), dict(rate="ten times it")),
    "secant": (scenes.secant, dict(start=0.7)),
    "model_ellipse": (scenes.model_ellipse, dict(condition=50.0)),
    "two_conditions": (scenes.two_conditions, dict(c2=0.3)),
    "two_loops": (scenes.two_loops, dict(angle=100.0)),
    "noisy_pair": (scenes.noisy_pair, dict(move=0.1)),
    "trust_circle": (partial(scenes.trust_circle, rosenbrock()), dict(radius=0.1)),
    "instalments": (scenes.instalments, dict(lr=0.1)),
    "shrink": (scenes.shrink, dict(lr_L=2.0)),
    "step_lengths": (scenes.step_lengths, dict(beta1=0.5)),
    "one_run": (scenes.one_run, dict(steps=700)),
    "warmup_transformer": (scenes.warmup_transformer, dict(lr=0.007)),
    "lr_sweep": (partial(scenes.lr_sweep, BALLS, {"small": lambda batch, seeds: NET(batch, seeds)},
                         LRS, known=KNOWN), dict(rates="one for all")),
    "held": (scenes.held, dict(lr=0.0063)),
    "moving_limit": (scenes.moving_limit, dict(doublings=1)),
    "basins": (scenes.basins, dict(damping=10.0)),
    "backtracking": (scenes.backtracking, dict(c1=0.3)),
    "touching_parabola": (scenes.touching_parabola, dict(lr=0.5)),
    "two_charts": (scenes.two_charts, dict(lr=0.2)),
    "apart": (scenes.apart, dict(sigma=0.5)),
    "ruler": (scenes.ruler, dict(unit=0.5)),
    "clip_or_kl": (scenes.clip_or_kl, dict(p=0.5)),
    "two_vs": (scenes.two_vs, dict(lr_L=1.9)),
    "line_of_minima": (scenes.line_of_minima, dict(example=60.0)),
    "which_direction": (scenes.which_direction, dict(example=40.0)),
    "valley": (scenes.valley, dict(lr=0.1)),
    "edge": (scenes.edge, dict(lr=0.4)),
    "unrolled": (scenes.unrolled, dict(bias=0.05)),
    "cliff": (scenes.cliff, dict(threshold=0.1)),
    "votes": (scenes.votes, dict(threshold=3.0)),
    "moved": (scenes.moved, dict(curvature=10.0)),
    "worst_point": (scenes.worst_point, dict(rho=0.8)),
    "bouncing": (scenes.bouncing, dict(rho=0.2)),
    "sharpness_and_accuracy": (scenes.sharpness_and_accuracy, dict(rho=0.2)),
    "twins": (scenes.twins, dict(lr_ratio=5.0)),
    "clip_share": (scenes.clip_share, dict(scale=10.0)),
    "three_points": (scenes.three_points, dict(lr_L=3.0)),
    "league_board": (scenes.league_board, dict(task="MNIST-1D, MLP")),
    "after_spike": (scenes.after_spike, dict(beta2=0.95)),
    "norm_log": (scenes.norm_log, dict(seed=2)),
    "rotation": (partial(scenes.rotation, THREE), dict(angle=20.0)),
    "layer_fisher": (scenes.layer_fisher, dict(examples=3)),
    "turned_axes": (scenes.turned_axes, dict(angle=20.0)),
    "levelling": (scenes.levelling, dict(slope=3.0)),
    "price_of_step": (scenes.price_of_step, dict(work=0.5)),
}
