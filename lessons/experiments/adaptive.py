"""What does a rate for each coordinate mend, can it follow what moves, and does it come to rest?"""

from dataclasses import replace
from functools import lru_cache, partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.protocol import (
    by_set,
    converged_at,
    learning_rates,
    seed_sets,
    seeded,
    span,
    table,
    whole,
)
from lessons.steps import adagrad, gradient_descent, momentum, rmsprop
from lessons.surfaces import given_gradients, parabola, ravine

__all__ = [
    "distance_gone", "lap_by_lap", "resting_place", "steeper_walls", "turned_ravine",
]
SETS = ["set 1", "set 2", "set 3"]
CRITERION = "steps until the loss stays at 1e-4 of its first; slowest of three starts"
REACHED = "steps until the loss first reaches 1e-4 of its first; slowest of three starts"
LAP, NOISE = 100, 0.3       # steps in which the minimum circles once; error of its two readings
TUNING = range(30, 38)      # the seeds on which a follower's learning rate is chosen


def distance_gone(chances=(1, 0.1, 0.01, 0.001), steps=10_000, count=20):
    """How far does Adagrad move the weight of a feature that is there with some chance?

    Its gradient is 1 where it is there, and 0 where not; lr is 1, so gradient descent goes as far
    as there are appearances. set 1 to 3: the mean distance of `count` seeds each.
    """
    sets = seed_sets(count)
    there = [np.random.default_rng(seed).random(steps) for seeds in sets for seed in seeds]

    def measure(chance):
        present = (np.transpose(there) < chance).astype(float)      # (steps, 3 count)
        run = descend(given_gradients(present), adagrad, steps=steps, every=steps, lr=1.0)
        return {"appearances": present.sum(axis=0).mean(),
                **by_set(np.abs(run.theta[-1]).reshape(3, -1).mean(axis=1)),
                "derived": 2 * (chance * steps) ** 0.5 - 1.46}

    return table(measure, [{"chance": p} for p in chances], starts="0", seeds=sets, grid="lr 1",
                 budget=f"{steps} steps", criterion=f"mean distance of {count} seeds")


def steeper_walls(condition=(20, 100, 1000), budget=2500):
    """How many steps do gradient descent, momentum and Adagrad need, the steeper the walls are?

    The first three have in every ravine, for every set, the best of 42 rates, theory's choice
    2 / (L + mu) for gradient descent among them. Then Adagrad at 0.01, with which torch begins, and
    with 20 times the budget. set 1 to 3: the slowest of three starts, drawn around the ravine's
    own.
    """
    sets = seed_sets(3)

    def measure(walls, rule):
        step, rates, steps = WALKERS[rule]
        rates = np.append(learning_rates(), 2 / (walls + 1)) if rates is None else np.array(rates)
        place = seeded(ravine(walls), [seed for seeds in sets for seed in seeds])
        with np.errstate(all="ignore"):     # of rates with which it leaves for infinity
            run = descend(place, step, steps=steps * budget, lr=rates[:, None, None])
        found = converged_at(run.loss).reshape(len(rates), 3, -1).max(axis=-1)
        chosen = sorted(rates[found.argmin(axis=0)])[:: 2]
        return {"lr": " to ".join(dict.fromkeys(f"{lr:.3g}" for lr in chosen)),
                **by_set(map(whole, found.min(axis=0)))}

    cases = [{"walls": k, "rule": rule} for k in np.ravel(condition).tolist() for rule in WALKERS]
    return table(measure, cases, starts="the ravine's own plus N(0, 0.4^2)", seeds=sets,
                 grid="8 to a decade, 0.0001 to 10, and 2 / (L + mu)",
                 budget=f"{budget} steps, {20 * budget} at 0.01", criterion=CRITERION)


WALKERS = {     # name -> (rule, its rates or None for a search, budgets)
    "gradient descent": (gradient_descent, None, 1), "momentum": (momentum, None, 1),
    "Adagrad": (adagrad, None, 1), "Adagrad at 0.01": (adagrad, [0.01], 20),
}


def circle(t):
    """Where the minimum of two_signals is at step t: on a circle, once round in LAP steps."""
    turn = 2 * np.pi * np.asarray(t) / LAP
    return np.stack([np.sin(turn), np.cos(turn)], -1)


@lru_cache(maxsize=8)
def two_signals(steps=800, swap=None, ratio=100.0, seed=(0,)):
    """A bowl whose minimum goes round a circle; its curvatures along x and y are 1 and `ratio`.

    Each reading of where the minimum is has an error of NOISE, so a gradient's error is NOISE times
    the curvature. swap: the step after which the curvatures change places. seed: a number, or a
    sequence of S of them for S runs in one call.
    """
    seeds = np.atleast_1d(np.array(seed))
    errors = [np.random.default_rng(int(one)).standard_normal((steps, 2)) for one in seeds]
    errors = np.stack(errors, 1) if np.ndim(seed) else errors[0]
    where, still = circle(np.arange(1, steps + 1)), ravine(ratio)

    def on_day(t):
        bend = curvatures_at(t, swap, ratio)
        read = where[t - 1] + NOISE * errors[t - 1]
        return replace(still, grad=lambda theta: bend * (theta - read))

    days = [on_day(t) for t in range(1, steps + 1)]
    return replace(still, name="Two signals", at=lambda t: days[t - 1],
                   start=np.broadcast_to(circle(0), errors[0].shape))


def curvatures_at(t, swap, ratio):
    """The curvatures of two_signals along x and y in step t."""
    return np.array([1.0, ratio] if swap is None or t <= swap else [ratio, 1.0])


FOLLOWERS = {
    "Gradient descent": gradient_descent, "Momentum": momentum, "Adagrad": adagrad,
    **{f"RMSprop, beta2 {beta2}": partial(rmsprop, beta2=beta2) for beta2 in (0.9, 0.99)},
}


def distances(rule, steps, swap, seeds, rates):
    """(steps, rates): how far a rule is from the circling minimum, mean of x and y and of runs."""
    place = two_signals(steps, swap, seed=tuple(seeds))
    with np.errstate(all="ignore"):     # of rates with which it leaves for infinity
        theta = descend(place, rule, steps=steps, lr=np.reshape(rates, (-1, 1, 1))).theta[1:]
        far = np.abs(theta - circle(np.arange(1, steps + 1))[:, None, None]).mean(axis=(-2, -1))
    return np.where(np.isfinite(far), far, np.inf)


@lru_cache
def _followed(rule, laps, swap, count=8):
    """(a distance on the last lap for each of three sets, the rate, whether it is on an edge)."""
    rates, steps, at, step = learning_rates(), laps * LAP, swap * LAP, FOLLOWERS[rule]
    best = int(distances(step, steps, at, TUNING, rates).mean(axis=0).argmin())
    last = [distances(step, steps, at, seeds, rates[[best]])[-LAP:].mean()
            for seeds in seed_sets(count)]
    return last, rates[best], best in (0, len(rates) - 1)


def lap_by_lap(laps=(4, 5, 6, 8, 10, 11, 12, 13), swap=4, count=8):
    """How far from the circling minimum is RMSprop in which lap, with a short and a long memory?

    After lap `swap` the steep and the flat direction change places. A cell: the mean distance of x
    and y in that lap, from the lowest to the highest of three sets of `count` seeds. The rate is
    the one of 41 with which a rule follows best over 16 laps, chosen on seeds of its own.
    """
    rules = [f"RMSprop, beta2 {beta2}" for beta2 in (0.9, 0.99)]
    far = {}
    for rule in rules:
        rate = _followed(rule, 16, swap, count)[1]
        far[rule] = [distances(FOLLOWERS[rule], 16 * LAP, swap * LAP, seeds, [rate])
                     .reshape(16, LAP).mean(axis=1) for seeds in seed_sets(count)]

    def measure(lap):
        return {rule: span([one[lap - 1] for one in far[rule]], 3) for rule in rules}

    return table(measure, [{"lap": lap} for lap in laps], starts="in the minimum",
                 seeds=seed_sets(count), grid="8 learning rates to a decade, 0.0001 to 10",
                 budget=f"16 laps of {LAP} steps", criterion="mean distance in the lap")


def resting_place(lr=0.1, curvature=1.0, eps=1e-8, beta2=0.9, budget=1000, count=3):
    """How far from the minimum of a parabola does RMSprop end without any noise?

    lr, curvature, eps: numbers, or lists of the same length. set 1 to 3: the farther of the last
    two of `budget` steps, over all starts N(0, 1), to a ten-thousandth of lr: below, rounding
    decides. derived: lr / 2 - eps / curvature, or 0.
    """
    sets = seed_sets(count)
    draws = [[np.random.default_rng(seed).normal()] for seeds in sets for seed in seeds]

    def measure(lr, curvature, eps):
        run = descend(parabola(curvature), rmsprop, draws, budget, lr=lr, beta2=beta2, eps=eps)
        far = np.abs(run.theta[-2:]).reshape(2, 3, -1).max(axis=(0, 2))
        return {**by_set(lr * np.round(far / lr, 4)), "derived": max(0.0, lr / 2 - eps / curvature)}

    cases = [dict(zip(("lr", "curvature", "eps"), map(float, row)))
             for row in zip(*map(np.ravel, np.broadcast_arrays(lr, curvature, eps)))]
    return table(measure, cases, starts="N(0, 1), by seed", seeds=sets, grid="one rate each",
                 budget=f"{budget} steps", criterion="the farther of the last two steps")


TURNED = {"Gradient descent": gradient_descent, "Momentum": momentum, "Adagrad": adagrad,
          "RMSprop": rmsprop}


def turned_ravine(angles=(0, 5, 15, 45), condition=100, budget=800):
    """How many steps does each rule need, the more the ravine is turned?

    Each at the best of 41 learning rates in every set of three starts, which turn with the ravine;
    from the fastest to the slowest of three sets. A run counts when its loss *first* reaches 1e-4
    of its first, because RMSprop does not rest. RMSprop has its usual beta2, 0.99.
    """
    steps = _turned_steps(tuple(angles), condition, budget)

    def measure(angle):
        return {name: span(found) for name, found in steps[angle].items()}

    return table(measure, [{"angle": angle} for angle in angles], starts="turned with the ravine",
                 seeds=seed_sets(3), grid="8 learning rates to a decade, 0.0001 to 10",
                 budget=f"{budget} steps", criterion=REACHED)


@lru_cache
def _turned_steps(angles, condition=100, budget=800):
    """{angle: {rule: the slowest start's steps at the best rate, for each of three sets}}."""
    sets, rates = seed_sets(3), learning_rates()[:, None, None]
    home = seeded(ravine(condition), [seed for seeds in sets for seed in seeds]).start
    found = {}
    for angle in angles:
        c, s = np.cos(np.radians(angle)), np.sin(np.radians(angle))
        found[angle] = {}
        for name, rule in TURNED.items():
            with np.errstate(all="ignore"):
                loss = descend(ravine(condition, angle), rule, home @ [[c, s], [-s, c]],
                               budget, lr=rates).loss
            there = loss <= 1e-4 * loss[0]
            steps = np.where(there.any(axis=0), there.argmax(axis=0), np.inf)
            steps = steps.reshape(len(rates), 3, -1).max(axis=-1)
            found[angle][name] = list(map(whole, steps.min(axis=0)))
    return found


def claims(words=()):
    """What the lesson claims, with verdicts; words: the claims about the network, as a list."""
    return Claims(*on_ravines(), *on_memory(), *on_turns(), *words)


def on_ravines():
    """Claims about Adagrad where its axes are the ravine's, as a list."""
    where = "What does the divisor know about curvature?"
    far = distance_gone((0.01,)).loc[0]
    found = steeper_walls(1000).set_index("rule")[SETS]
    how = {"where": where, "budget": "2,500 steps", "criterion": CRITERION, "seeds": seed_sets(3),
           "margin": 1.1}
    paths = [descend(ravine(k), adagrad, steps=50, lr=0.5).theta for k in (20, 100)]
    return [
        known("In T steps Adagrad moves the weight of a word with chance p by about 2 sqrt(pT), "
              "not pT.", "proved",
              f"p 0.01, T 10,000: derived {far['derived']:.1f}, measured {in_words(far[SETS])}",
              "gradients of one size and sign, about pT of them; less 1.46",
              "Who needs a rate of its own?"),
        known("Along the axes Adagrad's path does not depend on the walls' curvature.", "proved",
              f"walls 20 and 100: {np.abs(paths[0] - paths[1]).max():.0e} apart in 50 steps",
              "eps aside", where),
        judge("Between walls of 1,000 Adagrad needs fewer steps than momentum and gradient "
              "descent.",
              found.loc["Adagrad"], found.loc[["momentum", "gradient descent"]].min(),
              told="Adagrad takes {lower} steps; the faster of the other two {higher}",
              referee="each at the best of 42 learning rates",
              limits="along the axes; momentum with beta 0.9", **how),
        judge("Between walls of 1,000 Adagrad at lr 0.01 needs fewer steps than gradient descent.",
              found.loc["Adagrad at 0.01"], found.loc["gradient descent"],
              told="Adagrad at lr 0.01 takes {lower} steps; gradient descent {higher}",
              referee="gradient descent at the best of 42 learning rates",
              **{**how, "budget": "50,000 steps"},
              limits="torch begins with lr 0.01"),
    ]


def on_memory():
    """Claims about forgetting: what RMSprop gains by it, and what it cannot do, as a list."""
    how = {"budget": f"16 laps of {LAP} steps", "criterion": "mean distance on the last lap",
           "referee": "mean of eight runs", "seeds": seed_sets(8),
           "where": "What if old gradients mislead?"}
    mine, others = "RMSprop, beta2 0.9", ("Gradient descent", "Momentum", "Adagrad")
    swapped = {rule: _followed(rule, 16, 4) for rule in (mine, *others)}
    ends = [resting_place([0.1, 0.1], [1, 5], beta2=beta2, budget=4000)[SETS].to_numpy()
            for beta2 in (0.9, 0.99)]
    rest = resting_place(0.1, 1, [0.049, 0.051], budget=3000)[SETS].to_numpy().max(axis=1)
    return [
        judge("Where curvatures change places, RMSprop with beta2 0.9 follows closer than rules "
              "that do not forget.", swapped[mine][0],
              np.min([swapped[rule][0] for rule in others], axis=0),
              told="RMSprop is {lower} away; the nearest rule that does not forget {higher}",
              margin=1.1, at_edge=any(edge for *_, edge in swapped.values()),
              limits="a minimum that circles; noise that grows with the curvature", **how),
        known("Where RMSprop jumps from x to -x and back on a parabola, |x| is lr / 2 - eps / c.",
              "proved", f"measured: runs with lr 0.1, curvature 1 and 5, beta2 0.9 and 0.99 are "
              f"{span(np.ravel(ends), 4)} away after 4,000 steps",
              "no noise; that every run ends so is not proved",
              "Does RMSprop come to rest?"),
        known("An eps above lr c / 2 ends that, at a constant rate.", "proved",
              f"lr 0.1, curvature 1, 3,000 steps: eps 0.049 and 0.051 end at {rest[0]:.2g} and "
              f"{rest[1]:.2g}",
              "a parabola", "Does RMSprop come to rest?"),
    ]


def on_turns():
    """The claim about turned ravines, as a list."""
    steps = _turned_steps((0, 5, 15, 45))[45]
    return [judge("In a ravine turned by 45 degrees Adagrad needs fewer steps than gradient "
                  "descent.",
                  steps["Adagrad"], steps["Gradient descent"], limits="condition number 100",
                  budget="800 steps", criterion=REACHED, seeds=seed_sets(3), margin=1.1,
                  referee="each at the best of 41 learning rates",
                  where="A rate per axis, or per direction?",
                  told="Adagrad takes {lower} steps; gradient descent {higher}")]
