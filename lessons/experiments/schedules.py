"""What does a schedule have to do, which is best, and must it know how long the run will be?"""

from functools import cache

import numpy as np

from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, mean_squares, seed_sets, table
from lessons.schedules import (
    constant,
    cosine,
    linear,
    step_decay,
    warmup_stable_decay,
)

__all__ = ["best_under_a_limit", "one_run_many_lengths", "two_jobs"]
STEPS, START = 200, -2.0        # of runs in one direction; the curvature and the noise are 1
COUNT, SETS = 400, seed_sets(1)     # runs in each of three sets; a seed draws a whole set
PEAKS = np.geomspace(1e-3, 1, 301)
RAVINE_START = (-1.5, 0.8)      # that of surfaces.ravine(), along its floor and across it


def least(peak=1.0, start=START):
    """The best possible schedule in one direction of curvature 1 and noise 1; it has no peak."""
    return lambda t, total: 1 / (t + start**-2)


def stairs(peak):
    """Down to a tenth after each third of the run."""
    return lambda t, total: step_decay(peak, -(-total // 3))(t, total)


SHAPES = {      # name -> the schedule of a peak
    "constant": constant,
    "stairs": stairs,
    "straight line": linear,
    "cosine": cosine,
    "level, then down": warmup_stable_decay,
    "1 / (t + n0)": least,
}


def rates_of(schedule, steps=STEPS):
    """The learning rates of a schedule, from the first step to the last: (steps, ...)."""
    return np.array([schedule(t, steps) for t in range(1, steps + 1)])


def second_moments(rates, curvature=1.0, sigma=1.0, start=START):
    """The mean square of x_t, in two parts: what is left of the start, and of the kicks.

    x_t = (1 - lr c) x_{t-1} - lr e_t, and e_t has variance sigma^2. rates: (T, ...), one lr for
    each step. Returns distance and noise, (T + 1, ...) each; the mean square is their sum.
    """
    left = [np.broadcast_to(float(start) ** 2, np.shape(rates)[1:])]
    kicks = [np.zeros(np.shape(rates)[1:])]
    for lr in np.asarray(rates, float):
        keep = (1 - lr * curvature) ** 2
        left.append(keep * left[-1])
        kicks.append(keep * kicks[-1] + (lr * sigma) ** 2)
    return np.array(left), np.array(kicks)


def surviving(rates):
    """The part of each step's kick in the final mean square, for curvature and noise 1: (T,)."""
    later = np.cumprod(np.append(1.0, (1 - rates[:0:-1]) ** 2))[::-1]
    return rates**2 * later


def two_jobs(cases=(("constant", 0.02), ("straight line", 0.02), ("straight line", 0.0457))):
    """What is left of the start, and what of the noise, after 200 noisy steps in one direction?

    cases: pairs of a shape (all: SHAPES) and a peak. area: the sum of all learning rates. The sum
    of distance and noise is derived; the sets are the mean squares of 400 drawn runs each.
    """

    def measure(shape, peak):
        rates = rates_of(SHAPES[shape](peak))
        distance, noise = (part[-1] for part in second_moments(rates))
        return {"area": rates.sum(), "distance left": distance, "noise left": noise,
                "together": distance + noise, **by_set([drawn(shape, peak, s) for (s,) in SETS])}

    return table(measure, [{"shape": shape, "peak": peak} for shape, peak in cases],
                 starts="x = -2, curvature 1, noise 1", seeds=SETS, grid=str(cases),
                 budget=f"{STEPS} steps", criterion=f"mean square of {COUNT} runs")


@cache
def drawn(shape, peak, seed):
    """The mean square of x in 400 drawn runs with that schedule."""
    rates = rates_of(SHAPES[shape](peak))
    errors = np.random.default_rng(seed).standard_normal((STEPS, COUNT))
    x = np.full(COUNT, START)
    for lr, error in zip(rates, errors):
        x = x - lr * (x + error)
    return (x * x).mean()


@cache
def ends_by_peak(shape, steps=STEPS):
    """The final mean squares in one direction at each of PEAKS."""
    rates = rates_of(SHAPES[shape](PEAKS), steps)
    distance, noise = second_moments(rates)
    return distance[-1] + noise[-1]


def losses_in_ravine(rates, condition):
    """The mean loss (T + 1, ...) in a ravine with noise 1: curvatures 1 and `condition`."""
    return sum(c * sum(second_moments(rates, c, 1.0, x)) / 2
               for c, x in zip((1.0, condition), RAVINE_START))


def ravine_loss(rates, condition):
    """The mean loss at the end in a ravine with noise 1: curvatures 1 and `condition`."""
    return losses_in_ravine(rates, condition)[-1]


@cache
def best_schedule(condition, steps):
    """The learning rates (steps,) that end lowest in a ravine with noise, none above 1 / L.

    By its gradient: V_t = (1 - lr c)^2 V_{t-1} + lr^2 is a band of equations, solved forwards for V
    and backwards for what each V_t is worth.
    """
    from scipy.linalg import solve_banded
    from scipy.optimize import minimize

    def loss(z):
        value, slope = 0.0, 0.0
        lr = z / condition
        for c, x in zip((1.0, condition), RAVINE_START):
            keep = 1 - lr * c
            band = np.stack([np.ones(steps), np.append(-(keep[1:] ** 2), 0.0)])
            right = lr**2
            right[0] += keep[0] ** 2 * x * x
            V = solve_banded((1, 0), band, right)
            worth = solve_banded((0, 1), np.stack([np.append(0.0, -(keep[1:] ** 2)),
                                                   np.ones(steps)]),
                                 np.append(np.zeros(steps - 1), c / 2))
            before = np.append(x * x, V[:-1])
            value = value + c * V[-1] / 2
            slope = slope + worth * (2 * lr - 2 * c * keep * before)
        return np.log(value), slope / condition / value

    start = rates_of(warmup_stable_decay(1.0, decay=0.4), steps)
    found = minimize(loss, start, jac=True, method="L-BFGS-B", bounds=[(0, 1)] * steps,
                     options=dict(maxiter=3000, maxfun=6000, ftol=1e-13, gtol=1e-8))
    return found.x / condition


def level_then_down(share):
    """A function of the peak: level, then down to 0 in a straight line over this share of it."""
    return lambda peak: warmup_stable_decay(peak, decay=share)


def lowest_in_ravine(shape, condition, steps):
    """The loss of a shape at the best of 61 peaks, none above 1 / L."""
    peaks = np.geomspace(0.05, 1, 61) / condition
    return ravine_loss(rates_of(shape(peaks), steps), condition).min()


def best_under_a_limit(cases=((20, 300), (100, 600))):
    """What is the best schedule in a ravine with noise, if no learning rate may exceed 1 / L?

    cases: pairs of a condition number and a number of steps. Curvatures 1 and L, noise 1 in every
    gradient; the mean loss at the end is derived, nothing is drawn. Each shape is at the best of 61
    peaks; of 20 shares of the run that go down, the best one. best possible: found by the gradient
    of the final loss along all the learning rates.
    """

    def measure(condition, steps):
        shares = np.arange(1, 21) / 20
        falls = [lowest_in_ravine(level_then_down(share), condition, steps) for share in shares]
        return {"constant": lowest_in_ravine(constant, condition, steps),
                "straight line": lowest_in_ravine(linear, condition, steps),
                "level, then down": min(falls),
                "down in the last (%)": round(100 * shares[np.argmin(falls)]),
                "best possible": ravine_loss(best_schedule(condition, steps), condition)}

    return table(measure, [{"condition": k, "steps": T} for k, T in cases],
                 starts=f"{RAVINE_START}", seeds="none, nothing is drawn",
                 grid="61 peaks to 1 / L", budget=str(cases),
                 criterion="mean loss after the last step")


def one_run_many_lengths(lengths=(300, 600, 1200), share=0.3, condition=100):
    """What does one level run give, if it may fall, or be averaged, whenever a result is wanted?

    In the ravine of best_under_a_limit(); derived. The level is 1 / L. after a fall: of the last
    `share` of the steps. mean: of the last 30 % of the points. own cosine: a run of its own for
    every length, at the best of 61 peaks up to 1 / L.
    """

    def measure(steps):
        level = level_run(condition, steps)
        return {"level": level["level"][-1],
                "after a fall": fallen(condition, steps, share)[-1],
                "mean of the last 30 %": level["mean"][-1],
                "own cosine": lowest_in_ravine(cosine, condition, steps)}

    return table(measure, [{"steps": T} for T in lengths], starts=f"{RAVINE_START}",
                 seeds="none, nothing is drawn", budget=str(lengths),
                 grid="61 peaks to 1 / L for the cosine, 1 / L for the rest",
                 criterion="mean loss after the last step")


def best_cosine(condition, steps):
    """(lr over 1 / L, mean loss (T + 1,)) of a cosine at the best of 61 peaks up to 1 / L."""
    peaks = np.geomspace(0.05, 1, 61)
    rates = rates_of(cosine(peaks), steps)
    best = rates[:, ravine_loss(rates / condition, condition).argmin()]
    return best, losses_in_ravine(best / condition, condition)


def level_run(condition, steps, last=0.3):
    """{"level", "mean"}: the loss (T + 1,) at 1 / L, and that of the last points' mean."""
    rates = np.full(steps, 1 / condition)
    pairs = [mean_squares(rates, c, start=x, begin=round((1 - last) * steps))
             for c, x in zip((1.0, condition), RAVINE_START)]
    level, mean = (sum(c * pair[k] / 2 for c, pair in zip((1.0, condition), pairs))
                   for k in (0, 1))
    return {"level": level, "mean": mean}


def fallen(condition, steps, share):
    """The loss (T + 1,) of a run, level at 1 / L, that falls over the last share of it."""
    return losses_in_ravine(rates_of(level_then_down(share)(1 / condition), steps), condition)


def gallery(steps=120):
    """{name: the learning rates over the peak, (steps,)} of each shape with a peak."""
    return {name: rates_of(shape(1.0), steps) for name, shape in SHAPES.items()
            if shape is not least}


def claims(*more):
    """What the lesson claims, with verdicts; more: lists of claims about real networks."""
    found = two_jobs((("constant", 0.02), ("straight line", 0.02), ("straight line", 0.0457))
                     ).set_index(["shape", "peak"])
    sets = found[["set 1", "set 2", "set 3"]]
    limit = best_under_a_limit(((100, 600),)).set_index("condition")
    runs = one_run_many_lengths().set_index("steps")
    how = {"budget": f"{STEPS} steps", "criterion": "mean squared distance from the minimum",
           "referee": f"mean of {COUNT} runs", "seeds": SETS,
           "where": "What are the two jobs of a schedule?",
           "told": "the line ends at a mean square of {lower}; the constant rate at {higher}"}
    derived = {"budget": "600 steps", "criterion": "mean loss, derived", "seeds": SETS}
    tuned, flat = ("straight line", 0.0457), ("constant", 0.02)
    return Claims(
        judge("Each at its own best peak, a straight line ends below a constant rate.",
              sets.loc[tuned], sets.loc[flat], **how, limits="one direction"),
        judge("At the same peak a straight line ends below a constant rate.",
              sets.loc["straight line", 0.02], sets.loc[flat], **how,
              limits="one direction; peak 0.02, where the line has half the area"),
        known("In one direction no schedule ends below 1 / (1/x0^2 + c^2 T / sigma^2).", "proved",
              "200 steps: that is {:.4f}; the best constant rate ends at {:.4f}, the best line at "
              "{:.4f}".format(1 / (START**-2 + STEPS), *(ends_by_peak(shape).min() for shape in (
                  "constant", "straight line"))), "c and sigma known, constant noise",
              "Which schedule is best?"),
        judge("Under a limit 1 / L a run that is level and then falls ends below a straight line.",
              limit.at[100, "level, then down"], limit.at[100, "straight line"], **derived,
              told="level, then down ends at a loss of {lower}; the line at {higher}",
              referee="the best peaks and the best share that falls",
              where="Which schedule is best?",
              limits="condition 100; at condition 20 no level part helps a straight fall in 300 "
              "steps"),
        known("The mean of a constant run is a straight fall over the same gradients.", "proved",
              "ravine, 1,200 steps: the level run ends at a loss of {:.4f}, the mean of its last "
              "30 % at {:.4f}".format(*runs.loc[1200, ["level", "mean of the last 30 %"]]),
              "not the same walk: the gradients were read at other points",
              "Must we know the end?"),
        *sum(more, []))
