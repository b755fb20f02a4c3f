"""What every measurement shares: seeds and starts, grids of learning rates, walks, and the table.

A *place* is where rules are compared: a Surface, or a function of `seed` that makes one, such as
digits_mlp. Every seed is one run: on a Surface it draws the start; a network draws its first
weights and its mini-batches from it.
"""

from dataclasses import replace
from functools import partial
from inspect import signature

import numpy as np
import pandas as pd

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.schedules import constant
from lessons.signature import check_count, name_of, signature_of
from lessons.steps import gradient_descent, momentum, nesterov
from lessons.surfaces import Surface
from lessons.widgets import bar

DIGITS = 4  # significant digits of a table's numbers: those on which all processors agree
EDGES = {  # rule -> lr times curvature from which it diverges on a quadratic
    gradient_descent: lambda beta: 2.0,
    momentum: lambda beta: 2 * (1 + beta),
    nesterov: lambda beta: 2 * (1 + beta) / (1 + 2 * beta),
}
LEAST = 1e-12   # a smaller loss is no better
UP_TO_EDGE = "up to its edge"
ROUNDS = 20     # L is then right to four digits, on the digits and for a network that learns them
REFEREES = {"worst": np.max, "median": np.median, "mean": np.mean}  # of the losses of many runs


def seed_sets(count=3):
    """Three disjoint sets of `count` seeds: 0, 1, 2, then 10, 11, 12, then 20, 21, 22."""
    check_count("count", count)
    apart = max(10, count)
    return [range(k * apart, k * apart + count) for k in range(3)]


def by_set(numbers):
    """{"set 1": ..., "set 2": ..., "set 3": ...} of three numbers."""
    return {f"set {k}": number for k, number in enumerate(numbers, 1)}


def span(values, digits=0):
    """The lowest to the highest number as text, "85 to 90"; one where they read the same."""
    low, high = (f"{value:.{digits}f}" for value in (min(values), max(values)))
    return low if low == high else f"{low} to {high}"


def seeded(place, seeds, spread=0.4):
    """The place as a Surface with one run for every seed: its start has shape (S, D).

    On a Surface, a run starts at the surface's own start plus N(0, spread^2), drawn by its seed.
    Raises TypeError for a network that is already made: it has the weights of its own seed.
    """
    if not isinstance(place, Surface):
        surface = place(seed=tuple(seeds))
        start = np.asarray(surface.start)
        return replace(surface, start=np.broadcast_to(start, (len(seeds), surface.dim)))
    if np.ndim(place.start) > 1 or (place.window is None and place.at is not None):
        raise TypeError(
            f"{place.name} has one seed of its own. Give the function that makes it, so that every "
            "seed has its own weights: digits_mlp, or lambda seed: digits_mlp(batch=128, seed=seed)"
        )
    moves = [np.random.default_rng(seed).normal(0, spread, place.dim) for seed in seeds]
    return replace(place, start=np.asarray(place.start) + moves)


def weather(surface, sigma, start=None):
    """A function of `seed`: the surface with normal noise in every gradient.

    start: None: in the minimum. One generator, that of the first seed, draws for all runs: for
    hundreds of them this is much quicker than views.noisy, which has a generator for each.
    """

    def at_seeds(seed):
        def at(t):
            now = surface if surface.at is None else surface.at(t)
            error = sigma * np.random.default_rng((seed[0], t)).standard_normal(shape)
            return replace(now, grad=lambda theta: now.grad(theta) + error)

        shape, begin = (len(seed), surface.dim), bottom(surface) if start is None else start
        return replace(surface, start=np.broadcast_to(begin, shape), at=at)

    return at_seeds


def named(rules, **knobs):
    """{name: rule} of a dict of rules, a list of them, or one; "Gradient descent" is a name.

    knobs: each is turned in every rule that has it. Raises TypeError for one that no rule has.
    """
    if not isinstance(rules, dict):
        rules = rules if isinstance(rules, (list, tuple)) else [rules]
        written = {name.lower(): name for name in LOOKS}
        words = [name_of(rule).replace("_", " ") for rule in rules]
        if len(set(words)) < len(words):
            raise ValueError(f"two rules are called {words}; name them: {{'beta 0.5': ..., ...}}")
        names = [written.get(word, word[:1].upper() + word[1:]) for word in words]
        rules = dict(zip(names, rules))
    has = {name: [p.name for p in signature(rule).parameters.values() if p.kind is p.KEYWORD_ONLY]
           for name, rule in rules.items()}
    for knob in knobs:
        if not any(knob in known for known in has.values()):
            raise TypeError(f"no rule here has a knob {knob!r}; they have {has}")
    return {name: partial(rule, **{k: v for k, v in knobs.items() if k in has[name]})
            for name, rule in rules.items()}


def own(rule):
    """The plain step inside a rule, without the knobs that `named` turned in it."""
    return getattr(rule, "func", rule)


def schedules_of(rule):
    """{knob: schedule} of a rule: the knobs whose value descend asks for at each step."""
    turned = getattr(rule, "keywords", {}).items()
    return {name: value for name, value in turned if callable(value) and name != "lr"}


def knobs_of(rule):
    """{knob: value} of a rule, with those that were turned in it."""
    return signature_of(rule)[1]


def edge(rule, curvature=1.0):
    """The lr from which `rule` diverges along this curvature; None for a rule without an edge."""
    known = EDGES.get(own(rule))
    return known and known(knobs_of(rule).get("beta")) / curvature


def learning_rates(low=1e-4, high=10.0, per_decade=8):
    """Learning rates from `low` to `high` in equal factors, rounded to three digits."""
    count = 1 + round(per_decade * np.log10(high / low))
    return np.array([float(f"{lr:.3g}") for lr in np.geomspace(low, high, count)])


def grid_of(lr, rule, place):
    """The learning rates to try for a rule: numbers as they are; None: learning_rates().

    "up to its edge": 160 even parts of the rule's own edge along the place's largest curvature;
    learning_rates() for a rule that has no edge.
    """
    if lr is None:
        return learning_rates()
    if isinstance(lr, str) and lr == UP_TO_EDGE:
        last = edge(rule, curvatures(place)[-1])
        return np.arange(1, 161) / 161 * last if last else learning_rates()
    rates = np.array([]) if isinstance(lr, str) else np.atleast_1d(np.asarray(lr, float))
    if rates.ndim != 1 or not rates.size or not (np.isfinite(rates) & (rates > 0)).all():
        raise ValueError(f"lr must be learning rates above 0, None or {UP_TO_EDGE!r}; got {lr!r}")
    return rates


def grid_in_words(lr):
    """What a table's .attrs say of a grid of learning rates."""
    if lr is None:
        return "8 to a decade, 0.0001 to 10"
    if isinstance(lr, str) or callable(lr) or np.size(lr) < 2:
        return str(lr)
    return f"{np.size(lr)} learning rates, {np.min(lr):.3g} to {np.max(lr):.3g}"


def curvatures(place):
    """The eigenvalues of the Hessian at the minimum of a place, from the smallest: (D,)."""
    surface = place if isinstance(place, Surface) else place(seed=(0,))
    if surface.hess is None:
        raise TypeError(f"{surface.name} has no Hessian; give learning rates as numbers")
    return np.linalg.eigvalsh(surface.hess(bottom(surface)))


def limit_at(surface, theta):
    """2 / L at each of some points (N, D), or at one: from H, or from ROUNDS products H u.

    Lanczos's method: in the directions u, H u, H H u, ... made orthogonal, H has three diagonals.
    """
    if not surface.hvp:
        return 2 / np.linalg.eigvalsh(surface.hess(theta))[..., -1]
    u, last, beside = np.random.default_rng(0).standard_normal(surface.dim) + 0 * theta, 0, 0
    u = u / np.sqrt((u * u).sum(-1, keepdims=True))
    small = np.zeros((*np.shape(theta)[:-1], ROUNDS + 1, ROUNDS + 1))
    for k in range(ROUNDS):
        w = surface.hvp(theta, u) - beside * last
        middle = (u * w).sum(-1, keepdims=True)
        w = w - middle * u
        beside = np.sqrt((w * w).sum(-1, keepdims=True))
        last, u = u, w / beside
        small[..., k, k], small[..., k + 1, k] = middle[..., 0], beside[..., 0]
    return 2 / np.linalg.eigvalsh(small[..., :-1, :-1])[..., -1]


def bottom(surface):
    """The surface's first minimum, or its start where it knows no minimum."""
    return np.array(surface.minima[0] if surface.minima else surface.start, float)


def referee_of(name):
    """The NumPy function that the referee's name stands for: it reduces many losses to one."""
    if name not in REFEREES:
        raise ValueError(f"referee must be one of {', '.join(REFEREES)}; got {name!r}")
    return REFEREES[name]


def walks(rule, place, seeds, lr, steps, every=1, progress=None, shape=constant):
    """The surface, and theta (kept, rates, runs, D) and loss of a rule at every lr from every seed.

    shape: the schedule of the learning rate, a function of its peak such as schedules.cosine.
    All runs are one call, except for a learner's rule that treats a grid otherwise than its parts.
    """
    surface, lr = seeded(place, seeds), np.asarray(lr, float)
    if not works_on_a_grid(rule, place, seeds, lr):
        runs = [[alone(rule, place, seed, shape(rate), steps, every) for seed in seeds]
                for rate in lr]
        theta = np.moveaxis(np.array([[run.theta for run in row] for row in runs]), 2, 0)
        return surface, theta, np.moveaxis([[run.loss for run in row] for row in runs], 2, 0)
    shown = progress if surface.dim > 500 else None  # a network takes its time
    run = descend(surface, rule, steps=steps, every=every, progress=shown,
                  lr=shape(lr[:, None, None]), **schedules_of(rule))
    if run.kept[-1] < steps:  # the stop button, which a walk with a bar survives
        raise KeyboardInterrupt
    return surface, run.theta, run.loss


def alone(rule, place, seed, lr, steps, every=1):
    """The Trajectory of a single run, theta (kept, D), for a rule that does not work on grids."""
    surface = seeded(place, [seed])
    run = descend(surface, rule, surface.start[0], steps, every=every, lr=lr,
                  **schedules_of(rule))
    return replace(run, theta=run.theta.reshape(len(run.kept), -1), loss=run.loss.reshape(-1))


def works_on_a_grid(rule, place, seeds, lr):
    """Whether a rule's first three steps on a whole grid equal those of a single run of it."""
    if (getattr(own(rule), "__module__", None) or "").startswith("lessons."):
        return True
    middle = len(lr) // 2
    one = alone(rule, place, seeds[0], lr[middle], 3).theta
    try:
        grid = descend(seeded(place, seeds), rule, steps=3, lr=lr[:, None, None],
                       **schedules_of(rule)).theta
    except Exception:  # it is the learner's rule: anything may happen
        return False
    return np.allclose(grid[:, middle, 0], one, rtol=1e-3, equal_nan=True)


def ends(rule, place, seeds, lr, budget, progress=None):
    """The surface, and the last theta (rates, runs, D) and loss after `budget` gradients.

    A rule that asks for two gradients in its first step makes half as many steps. A loss that is no
    number counts as infinite.
    """
    check_count("budget", budget)
    asked = alone(rule, place, seeds[0], lr[0], 1).evaluations[-1]
    steps = max(1, budget // max(1, int(asked)))
    surface, theta, loss = walks(rule, place, seeds, lr, steps, steps, progress)
    return surface, theta[-1], np.where(np.isfinite(loss[-1]), loss[-1], np.inf)


def ahead(losses, margin):
    """(...): the number of the rule whose loss is lowest, or -1 where that is a tie.

    losses: (rules, ...). It is a tie unless the next loss is at least `margin` times as high, or
    where all runs left for infinity; losses below LEAST count as equal.
    """
    losses = np.clip(losses, LEAST, None)
    first, second = np.sort(losses, axis=0)[:2]
    clear = np.isfinite(first) & (second >= margin * first)
    return np.where(clear, losses.argmin(axis=0), -1)


def tuned(rule, place, rates, budget, judged, sets, judge):
    """A rule at the rate that was best on the set of seeds before `judged`, on that set's runs.

    judged: 1, 2 or 3; before the first set comes the last. Columns: lr, loss, wrong (networks: the
    mean percentage of test examples), lost (runs that end above their start), at_edge.
    """
    tried = judge(ends(rule, place, sets[judged - 2], rates, budget)[2], axis=1)
    best = int(tried.argmin())
    surface, theta, loss = ends(rule, place, sets[judged - 1], rates[[best]], budget)
    right = getattr(surface, "accuracy", None)
    return {"lr": rates[best], "loss": judge(loss),
            **({"wrong": 100 * (1 - right(theta).mean())} if right else {}),
            "lost": int((loss[0] > surface.loss(surface.start)).sum()),
            "at_edge": best in (0, len(rates) - 1)}


@np.errstate(all="ignore")     # too long a step leaves for infinity
def mean_squares(lr, curvature=1.0, sigma=1.0, start=-2.0, begin=0):
    """E[x_t^2] of a noisy parabola, and E[m_t^2] of the mean m_t of its points: (T+1,) each.

    lr: (T,), one for every step. m_t: of the points after step `begin` up to step t, and x_t until
    then. The noise of every step is independent, so means and covariances follow by one rule.
    """
    x, total, xx, xs, ss = start, 0.0, 0.0, 0.0, 0.0    # means; variances and covariance
    point, mean = [x * x], [x * x]
    for t, rate in enumerate(lr, 1):
        keep = 1 - rate * curvature
        x, xx, xs = keep * x, keep**2 * xx + (rate * sigma) ** 2, keep * xs
        point.append(x * x + xx)
        if t <= begin:
            mean.append(point[-1])
            continue
        total, ss, xs = total + x, ss + 2 * xs + xx, xs + xx
        mean.append((total**2 + ss) / (t - begin) ** 2)
    return np.array(point), np.array(mean)


def whole(steps):
    """A number of steps as an int, so that a table shows no decimals; inf stays."""
    return int(steps) if np.isfinite(steps) else float("inf")


def converged_at(loss, target=1e-4):
    """The step from which on a loss (T+1, ...) stays at or below target times its first; or inf."""
    return stays_below(loss, target * loss[0])


def stays_below(loss, bound):
    """The step from which on a loss (T+1, ...) stays at or below the bound; inf: never."""
    above = ~(loss <= bound)
    return np.where(above[-1], np.inf, len(loss) - above[::-1].argmax(axis=0)) * above.any(axis=0)


class Table(pd.DataFrame):
    """A DataFrame that a page shows as a book would: numbers in DIGITS digits, rows not counted."""

    @property
    def _constructor(self):
        return Table

    def _repr_html_(self):
        counted = isinstance(self.index, pd.RangeIndex)
        return self.to_html(index=not counted, float_format=in_digits, na_rep="", border=0)


def in_digits(number):
    """A number for a reader: 0.0643, 12.5, 28,530."""
    whole = np.isfinite(number) and abs(number) >= 10**DIGITS
    return f"{number:,.0f}" if whole else f"{number:.{DIGITS}g}"


def table(measure, cases, *, starts, seeds, grid, criterion, budget, progress=None):
    """A Table of every case beside what measure(**case) found of it: a row, or a list of rows.

    The protocol is in .attrs. A case whose rule raises has the message in a column "problem". The
    stop button keeps the rows that are there and sets .attrs["partial"].
    """
    rows, partial = [], False
    try:
        for case in bar(cases, progress, delay=1) if progress else cases:
            found = attempted(measure, case)
            rows += [{**case, **row} for row in (found if isinstance(found, list) else [found])]
    except KeyboardInterrupt:
        partial = True
    frame = Table([{name: rounded(v) for name, v in row.items()} for row in rows])
    if "problem" in frame:
        frame["problem"] = frame.pop("problem").fillna("")  # the last column
    frame.attrs = {"starts": starts, "seeds": seeds, "grid": grid, "criterion": criterion,
                   "budget": budget, "partial": partial}
    return frame


def attempted(measure, case):
    """The result of measure(**case), or {"problem": the message} where it raised."""
    try:
        with np.errstate(all="ignore"):  # of runs that leave for infinity
            return measure(**case)
    except NotImplementedError:
        return {"problem": "not written yet"}
    except Exception as error:  # it may be a learner's rule: anything may happen
        return {"problem": f"{type(error).__name__}: {error}"}


def decimals(values):
    """Three decimals, as plain numbers, for what is recorded."""
    return np.asarray(values, float).round(3).tolist()


def rounded(value):
    """A float with DIGITS significant digits; all else as it is."""
    return float(f"{value:.{DIGITS}g}") if isinstance(value, (float, np.floating)) else value
