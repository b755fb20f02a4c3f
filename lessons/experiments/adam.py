"""How long are Adam's moves?"""

from dataclasses import replace

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import bottom, knobs_of, named, own, seed_sets, table
from lessons.steps import adam
from lessons.surfaces import Surface

__all__ = ["move_lengths"]


def move_lengths(rules=adam, noise=(0.0, 1.0, np.inf), at=(1, 10, 100), coordinates=400,
                 progress="Moves", **knobs):
    """How long, in units of lr, is a move in each coordinate, when gradients are so noisy?

    noise: its standard deviation over the gradient, which is the same at every step; inf: nothing
    but noise. Columns: root mean square over the coordinates, three sets of seeds. theory: what
    Adam's moves come to in the long run, sqrt((1 + k r^2) / (1 + r^2)) with r the noise and
    k = (1 - beta1) / (1 + beta1), for averages of squares that are all but exact.
    """
    rules, sets = named(rules, **knobs), seed_sets(1)

    def measure(rule, noise):
        walks = [descend(gradients(noise, seed, coordinates), rules[rule], steps=max(at), lr=1.0)
                 for (seed,) in sets]
        sizes = [np.sqrt(np.square(np.diff(run.theta, axis=0)).mean(axis=-1)) for run in walks]
        theory = in_the_long_run(noise, knobs_of(rules[rule])["beta1"])
        return [{"step": t, **{f"set {k}": size[t - 1] for k, size in enumerate(sizes, 1)},
                 **({"theory": theory} if own(rules[rule]) is adam else {})} for t in at]

    cases = [{"rule": name, "noise": r} for name in rules for r in np.ravel(noise).tolist()]
    return table(measure, cases, progress=progress, starts="0", seeds=sets, grid="lr 1",
                 budget=f"{max(at)} steps", criterion=f"root mean square of {coordinates} moves")


def in_the_long_run(noise, beta1):
    """The root mean square of Adam's moves, in units of lr, after the averages have settled."""
    kept = (1 - beta1) / (1 + beta1)  # of the noise's variance, in an average of gradients
    return np.sqrt(kept) if noise == np.inf else np.sqrt((1 + kept * noise**2) / (1 + noise**2))


def gradients(noise, seed, coordinates):
    """A plane that slopes by 1 in every coordinate, and noise as large as asked; inf: no slope."""
    slope, sigma = (0.0, 1.0) if noise == np.inf else (1.0, noise)
    plane = Surface("A plane", lambda theta: slope * theta.sum(axis=-1),
                    lambda theta: np.full_like(theta, slope), None, None, (0.0,) * coordinates, ())

    def at(t):
        errors = sigma * np.random.default_rng((seed, t)).standard_normal(coordinates)
        return replace(plane, grad=lambda theta: plane.grad(theta) + errors)

    return replace(plane, at=at, start=bottom(plane))
