"""What the exercises about schedules expect."""

import numpy as np

from lessons.descend import descend
from lessons.schedules import constant, cosine, warmup_stable_decay
from lessons.steps import gradient_descent
from lessons.surfaces import parabola
from lessons.views import moving, noisy

LRS = np.geomspace(1e-2, 3, 26)     # tried for each of the two


def nearer(world):
    """Which stays nearer to a swinging minimum, the best constant rate or the best cosine?"""
    if world is ...:
        return world
    try:
        period, sigma = map(float, world)
    except (TypeError, ValueError):
        return "no pair"
    if not (10 <= period <= 10_000 and 0 <= sigma <= 2):
        return "out of range"
    ends = distances(period, sigma)
    return min(ends, key=ends.get)


def distances(period, sigma):
    """{schedule: mean distance over the last 50 of 300 steps}, each at its best of LRS; 16 runs."""
    swing, ends = np.sin(2 * np.pi * np.arange(301) / period), {}
    place = noisy(moving(parabola(), lambda t: swing[t]), sigma, seed=range(16))
    for schedule in (constant, cosine):
        run = descend(place, gradient_descent, (0.0,), 300, lr=schedule(LRS[:, None, None]))
        away = run.theta[251:, ..., 0] - swing[251:, None, None]
        ends[schedule.__name__] = np.abs(away).mean(axis=(0, 2)).min()
    return ends


def counted(total, last, lr):
    """The rate with which each gradient counts in the mean of the last points: (total,)."""
    left = total - np.arange(total)
    return lr * np.minimum(1, left / last)


answers = {
    "schedules.1": dict(
        expected=[0.04, 0.2 / 9, 0.2 / 3.7],
        rtol=6e-3,
        hint="Each peak times the mean height of its shape has to be 0.02.",
        wrong={
            (0.02, 0.02, 0.02): "That is the same peak. The same area is wanted.",
            (0.01, 0.018, 0.0074): "You multiplied by the mean height: a lower shape needs a "
            "higher peak.",
            (0.04, 0.025, 0.0541): "In (b) the fall has area, too: half of what level would have.",
            (0.04, 0.0222, 0.06): "In (c) the two lower stairs have area, too: a tenth and a "
            "hundredth.",
            (0.0314, 0.0222, 0.0541): "In (a) it is (1 + cos) / 2, whose mean is 1/2 and not 2/π.",
            (8, 40 / 9, 40 / 3.7): "Those are areas. The peak is wanted.",
        },
    ),
    "schedules.2": dict(
        expected=counted,
        rtol=1e-9,
        cases=[(10, 3, 0.1), (7, 7, 0.3), (5, 1, 1.0)],
        hint="Gradient k occurs in as many of the last points as come at or after step k.",
        wrong={
            lambda total, last, lr: lr * (total - np.arange(total)) / total: "That is the mean of "
            "all points; only the last ones are averaged.",
            lambda total, last, lr: lr * (total - np.arange(total)) / last: "No gradient counts "
            "more than once: early ones are in all of the last points, so they count with lr.",
            lambda total, last, lr: np.minimum(1, (total - np.arange(total)) / last): "Those are "
            "parts of the rate. Where is lr?",
            lambda total, last, lr: lr * np.minimum(1, (total - 1 - np.arange(total)) / last):
            "The last gradient moved the last point, so it counts a little.",
            lambda total, last, lr: lr * np.where(np.arange(total) < total - last, 1, 0): "Those "
            "of the averaged stretch count, too, the later the less.",
            lambda total, last, lr: counted(total, last, lr)[::-1]: "From the first gradient to "
            "the last: yours runs backwards.",
        },
    ),
    "schedules.3": dict(
        expected=warmup_stable_decay(0.3, warmup=10, decay=0.2, floor=0.03),
        hint="Look at t = 1, t = 10, t = total and beyond.",
    ),
    "schedules.4": dict(
        expected=0.0856,
        wrong={
            0.0: "That is where 400 calls lead. How many were there?",
            0.1: "It has fallen a little: 99 of 400 calls have been made.",
            0.0854: "One call too many: the first epoch comes before the first call.",
            0.05: "That is the middle, after 200 calls. How many were there?",
            0.075: "That is a straight line. Where is half a cosine after 99 of 400 calls?",
            0.0002: "That is 99 of 100 calls. The cosine is made for 400.",
        },
        hint="After n calls the rate is 0.1 (1 + cos(pi n / 400)) / 2.",
    ),
    "schedules.5": dict(
        expected="constant",
        wrong={
            "cosine": "There the cosine stays nearer. Take its advantage away: less noise, or a "
            "minimum that travels farther in 50 steps.",
            "out of range": "The period is from 10 to 10,000, the noise from 0 to 2.",
            "no pair": "Two numbers are wanted: (period, noise).",
        },
    ),
    "schedules.6": dict(
        expected=700,
        rtol=0.04,
        wrong={
            600: "There the cosine still ends at nearly twice the fall's loss.",
            780: "That is where the cosine passes the mean. The fall is wanted.",
            300: "There the cosine is far behind.",
            1200: "There the cosine is ahead already; go back until the two are level.",
        },
        hint="Compare the second and the fourth number above the picture.",
    ),
}
