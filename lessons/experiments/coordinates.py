"""What changes when the same model is written in other coordinates?

A model is (mu, sigma), a Gaussian; the data have mean 1 and variance 1. The loss is the KL
divergence from the data's Gaussian to the model's, in nats. A run has converged when it is at most
TARGET after 400 steps and stays there until step WATCHED.
"""

from functools import lru_cache
from typing import NamedTuple

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.protocol import by_set, seed_sets, stays_below, table, whole
from lessons.steps import adam, gradient_descent, kl_step, natural_gradient
from lessons.surfaces import Surface, gaussian_fit
from lessons.views import in_units

__all__ = ["charts_beside", "how_far_apart", "steps_in_charts", "whose_labels"]
WHERE = (       # the headings of the lesson's rounds
    "Is the same model the same run?",
    "How far apart are two models?",
    "Which way is steepest?",
    "What exactly is invariant?",
)
START = (-1.5, 0.6)         # the model (mu, sigma) at which all begins
TARGET = 0.01               # nats
WATCHED = 1000              # steps; a run that hops about the target leaves it again in these
ROUND_4 = ("natural gradient", "natural gradient, lr 0.045", "KL step, 0.005", "KL step, 0.01")
SETS = seed_sets(3)


class Chart(NamedTuple):
    """Coordinates of a model: the Gaussian fit in them, and the way there and back.

    write: models (..., 2), mu and sigma -> theta (..., 2). read: the other way round.
    """

    surface: Surface
    write: object
    read: object


def chart(surface, write, read, unit=1.0):
    """A Chart whose second coordinate is write(sigma), with mu measured in so long a unit."""
    units = np.array([unit, 1.0])

    def there(models):
        models = np.asarray(models, float)
        return np.stack([models[..., 0] / unit, write(models[..., 1])], -1)

    def back(theta):
        with np.errstate(all="ignore"):     # a negative precision belongs to no model: nan
            return np.stack([theta[..., 0] * unit, read(theta[..., 1])], -1)

    return Chart(in_units(surface, units), there, back)


def itself(number):
    return number


CHARTS = {
    "σ": chart(gaussian_fit("sigma"), itself, itself),
    "log σ": chart(gaussian_fit("log sigma"), np.log, np.exp),
    "precision": chart(gaussian_fit("precision"), lambda s: s**-2.0, lambda t: t**-0.5),
    "μ in tenths": chart(gaussian_fit("sigma"), itself, itself, 0.1),
}


def walk(rule, name, start, steps, **knobs):
    """(models (T+1, ..., 2), the Trajectory) of a rule whose steps are made in one chart."""
    place = CHARTS[name]
    with np.errstate(all="ignore"):     # a run may leave for infinity, or for no model at all
        run = descend(place.surface, rule, place.write(start), steps, **knobs)
    return place.read(run.theta), run


def divergence(p, q):
    """KL(p || q) of Gaussians (..., 2), mu and sigma, in nats."""
    (m, s), (n, t) = (np.moveaxis(np.asarray(one, float), -1, 0) for one in (p, q))
    with np.errstate(all="ignore"):
        return np.log(t / s) + (s * s + (m - n) ** 2) / (2 * t * t) - 0.5


def steps_needed(loss):
    """The step from which on a loss (T+1, ...) stays at or below TARGET; inf where it does not."""
    return stays_below(loss, TARGET)


def starts_of(count=3):
    """Models (3, count, 2) to begin with, by set: mu in (-2, 4), sigma from 0.5 to 2, by log."""
    drawn = np.array([[np.random.default_rng(s).random(2) for s in one[:count]] for one in SETS])
    return np.stack([-2 + 6 * drawn[..., 0], 0.5 * 4 ** drawn[..., 1]], -1)


@lru_cache     # a lesson asks for its table, and again for its claims
def steps_in_charts(rules=("gradient descent", "Adam"), charts=("σ", "log σ", "precision"),
                    budget=400, count=61):
    """How many steps does a rule need to converge, when its steps are made in one chart or another?

    steps: from mu = -1.5, sigma = 0.6. The sets: the slowest of three starts drawn at random.
    best lr: of `count` from 0.01 to 3, chosen for the one start; each set has its own best. A name
    such as "natural gradient, lr 0.045" or "KL step, 0.005" fixes the lr, or delta. inf: not
    converged after `budget` steps.
    """
    column = "lr or δ" if any("KL" in rule for rule in rules) else "best lr"
    known_rules = {"gradient descent": gradient_descent, "Adam": adam, "KL step": kl_step,
                   "natural gradient": natural_gradient}

    def measure(rule, chart):
        name, _, fixed = rule.partition(", ")
        rates = [float(fixed.split()[-1])] if fixed else np.geomspace(0.01, 3, count)
        knob = "delta" if name == "KL step" else "lr"
        starts = np.concatenate([[START], starts_of().reshape(-1, 2)])
        _, run = walk(known_rules[name], chart, starts, max(budget, WATCHED),
                      **{knob: np.reshape(rates, (-1, 1, 1))})
        needed = steps_needed(run.loss)
        needed[needed > budget] = np.inf
        slowest = needed[:, 1:].reshape(-1, 3, 3).max(axis=-1).min(axis=0)
        return {column: rates[needed[:, 0].argmin()], "steps": whole(needed[:, 0].min()),
                **by_set(map(whole, slowest))}

    return table(measure, [{"rule": rule, "chart": name} for rule in rules for name in charts],
                 seeds=SETS, starts="(-1.5, 0.6); mu in (-2, 4), sigma in (0.5, 2)",
                 grid=f"{count} lrs from 0.01 to 3", budget=f"{budget} steps",
                 criterion=f"the loss stays at or below {TARGET} nats until step {WATCHED}")


def charts_beside(rules=ROUND_4, charts=("σ", "log σ", "precision")):
    """How many steps does each rule need from our start, chart beside chart?

    The column `steps` of steps_in_charts, one row a rule.
    """
    found = steps_in_charts(tuple(rules), tuple(charts))
    wide = found.pivot(index="rule", columns="chart", values="steps").loc[list(rules), list(charts)]
    return table(lambda rule: wide.loc[rule].to_dict(), [{"rule": rule} for rule in rules],
                 **{key: said for key, said in found.attrs.items() if key != "partial"})


def how_far_apart(shares=(1, 0.5, 0.25, 0.125), sigma=0.6):
    """How far apart are two Gaussians in nats, and how far by the Fisher matrix?

    p has mu = 0 and the given sigma; q moves both by 0.2 sigma, or by a share of that. KL: exact.
    half h.Fh: to second order. gap: what the second leaves out.
    """
    F = CHARTS["σ"].surface.fisher(np.array([0.0, sigma]))

    def measure(share):
        d = share * 0.2 * sigma * np.ones(2)
        exact = float(divergence((0.0, sigma), (d[0], sigma + d[1])))
        return {"KL": exact, "half h.Fh": d @ F @ d / 2, "gap": d @ F @ d / 2 - exact}

    return table(measure, [{"share": share} for share in shares], seeds="none",
                 starts=f"mu = 0, sigma = {sigma}", grid="none", budget="none", criterion="nats")


def whose_labels(away=(10.0, 0.1), spread=(1.0, 0.1), draws=10_000):
    """How far does a step F^-1 g go, when the labels of F are the model's or the data's?

    The model is N(theta, 1), at theta = 0; the data have the mean `away` and that spread. to go:
    the whole way to the data's mean. The steps are at lr 1, F from so many labels.
    """
    rng = np.random.default_rng(0)

    def measure(spread, away):
        data, drawn = away + spread * rng.standard_normal(draws), rng.standard_normal(draws)
        return {"to go": float(data.mean()),        # -g; a score at theta = 0 is the label itself
                "step, model's labels": data.mean() / np.square(drawn).mean(),
                "step, data's labels": data.mean() / np.square(data).mean()}

    return table(measure, [{"spread": width, "away": distance} for width in spread
                           for distance in away], seeds=[0], grid="none",
                 starts="theta = 0", budget=f"{draws} labels", criterion="length of one step")


def claims(network=()):
    """What the lesson claims, with verdicts, computed from what the rounds have shown.

    network: the claims about networks and policies, such as those of kl_limits.claims().
    """
    return Claims(*of_charts(), *of_rulers(), *network)


def of_charts():
    """Claims on gradient descent in three charts, and on the KL's parabola."""
    sets = list(by_set(SETS))
    steps = steps_in_charts(("gradient descent",)).set_index("chart")[sets]
    slow, quick = (steps.loc[name].tolist() for name in ("σ", "log σ"))
    gaps = how_far_apart()["gap"]
    g = CHARTS["σ"].surface.grad(np.array(START))[0]
    far = in_units(gaussian_fit(), np.array([1000.0, 1.0]))
    moved = 1000 * far.grad(CHARTS["σ"].write(START) / [1000.0, 1.0])[0] / g
    return [
        known("In another chart a gradient step is -lr J J^T g.", "proved",
              f"a unit 1,000 times as long: a step {moved:,.0f} times as long",
              "to first order in lr; for units exactly", WHERE[0]),
        judge("Gradient descent needs fewer steps when log sigma is stored than when sigma is.",
              quick, slow, told="{lower} steps with log sigma; {higher} with sigma",
              budget="400 steps", criterion="until the loss stays at or below 0.01", seeds=SETS,
              referee="slowest of 3 starts, each chart at its best lr", where=WHERE[0],
              limits="one model with two parameters"),
        known("A small move h changes the predictions by about h . F h / 2 nats.", "proved",
              "three halvings of a move by 0.2 sigma in both take the gap between KL and parabola "
              "to " + ", ".join(f"1/{one / other:.1f}" for one, other in zip(gaps, gaps[1:]))
              + " each; the third order says 1/8",
              "for long moves the two differ much", WHERE[1]),
    ]


def of_rulers():
    """Claims on labels, and on what is invariant."""
    labels = whose_labels()
    here, tenths = (walk(natural_gradient, name, START, 60, lr=0.05)[0]
                    for name in ("σ", "μ in tenths"))
    sets = list(by_set(SETS))
    steps = steps_in_charts(ROUND_4).set_index(["rule", "chart"])
    restless = steps.loc["KL step, 0.01", "steps"]
    restless = [name for name in restless.index if np.isinf(restless[name])]
    best, fixed = (steps.loc[rule, sets] for rule in ("natural gradient", "KL step, 0.005"))
    asked = dict(budget="400 steps", criterion="until the loss stays at or below 0.01", seeds=SETS,
                 where=WHERE[3], limits="one model with two parameters",
                 referee="slowest of 3 starts, natural gradient at its best lr in each chart")
    return [
        known("With the data's labels in F, a step at lr 1 is D / (b^2 + D^2) long.", "proved",
              "with 10,000 labels: " + "; ".join(
                  f"b = {width:g}, D = {to:.3g}: {step:.3g}" for width, to, step in zip(
                  labels["spread"], labels["to go"], labels["step, data's labels"])),
              "as long as F's own step only where b^2 + D^2 = 1", WHERE[2]),
        known("Natural gradient does not notice a change of unit.", "proved",
              f"walks differ by {np.abs(here - tenths).max().round(12):g}, to 12 digits",
              "no damping, no solver that is cut short", WHERE[3]),
        judge("At its best lr natural gradient needs more steps in the precision than in sigma.",
              best.loc["σ"].tolist(), best.loc["precision"].tolist(), **asked,
              told="{lower} steps in sigma; {higher} in the precision"),
        judge("From chart to chart the KL step's number of steps differs less than natural "
              "gradient's.", (fixed.max() - fixed.min()).tolist(),
              (best.max() - best.min()).tolist(), told="in three charts the KL step's counts lie "
              "{lower} steps apart; natural gradient's {higher}", **dict(
                  asked, limits="delta 0.005; at lr 0.045 natural gradient's counts are near, too; "
                  "at delta 0.01 the KL step never rests in " + " and ".join(restless))),
        judge("With delta 0.005 the KL step needs fewer steps than natural gradient at lr 0.045.",
              fixed.max().tolist(), steps.loc["natural gradient, lr 0.045", sets].max().tolist(),
              told="{lower} steps with the KL step; {higher} with natural gradient",
              **dict(asked, referee="slowest of 3 starts and of three charts")),
    ]
