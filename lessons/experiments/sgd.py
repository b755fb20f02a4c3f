"""What does the noise of mini-batches do, what does a larger batch buy, and how does noise end?"""

from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.protocol import (
    by_set,
    converged_at,
    limit_at,
    seed_sets,
    table,
    whole,
)
from lessons.networks import digits, digits_accuracy, digits_softmax
from lessons.steps import gradient_descent, newton
from lessons.surfaces import parabola
from lessons.views import noisy, with_l2

__all__ = [
    "agreement", "corner_by_target", "corners", "digits_floor", "equal_examples",
    "floor_by_curvature", "gradient_error", "noise_scale", "one_look", "steps_to_loss",
    "still_falling", "ways_down", "ways_down_digits",
]
SETS = seed_sets(1)     # three sets of one seed, which draws the noise of all runs of its set
WHERE = (       # the headings of the lesson's rounds
    "Why follow a gradient that is wrong every time?",
    "What does noise do at a constant learning rate?",
    "What does a batch buy?",
    "How do we get to the bottom?",
    "Does noise ever die by itself?",
    "On a real network: does the linear rule hold?",
)
FALLING = {     # the lr at step t of total, in units of its lr or a
    "straight line to 0": lambda t, total: 1 - (t - 1) / total,
    "1 / t": lambda t, total: 1 / t,
    "a / t": lambda t, total: 1 / t,
    "a / (t + 100)": lambda t, total: 1 / (t + 100),
    "a / sqrt(t)": lambda t, total: t**-0.5,
}
RULES = {       # how lr follows a batch that is k times as large
    "linear": lambda k: k,
    "square root": lambda k: k**0.5,
    "same lr": lambda k: 1.0,
}


def without_edges(frame):
    """A table without its column at_edge, unless a best value is on an edge of its grid."""
    return frame if frame["at_edge"].any() else frame.drop(columns="at_edge")


def one_look(looks=(1, 10), batch=(None, 32), lr=None, progress="Looks"):
    """How low is the loss of the digits after so many looks at all 1,297 of them?

    batch: None: every step reads all images; 32: it reads 32 of them, so that it makes 40 steps a
    look. lr: the best of these by the mean of three sets of one seed; None: 17 from 0.25 to 64.
    """
    rates = 0.25 * 2 ** (np.arange(17) / 2) if lr is None else np.asarray(lr, float)
    n = len(digits()[0])

    def measure(looks, batch):
        size = batch or n
        steps = looks * n // size
        ends = digits_runs(batch, rates, steps, every=steps).loss[-1]
        best = int(np.where(np.isfinite(ends), ends, np.inf).mean(axis=1).argmin())
        return {"batch": size, "steps": steps, "lr": rates[best], **by_set(ends[best]),
                "at_edge": best in (0, len(rates) - 1)}

    cases = [{"looks": number, "batch": size} for number in np.ravel(looks).tolist()
             for size in batch]
    return without_edges(table(
        measure, cases, starts="zero", seeds=SETS, grid=f"{len(rates)} rates",
        budget=f"{looks} looks at all images", criterion="loss of all images", progress=progress))


def digits_runs(batch, rates, steps, every=1, start=None, weight_decay=0.0):
    """The Trajectory of every lr from zero, on three sets of one seed: loss (N, rates, 3).

    batch: None: every gradient is exact, and the three are the same.
    """
    seeds = [seed for seed, in SETS]
    place = digits_softmax(batch=batch, seed=seeds) if batch else digits_softmax()
    place = with_l2(place, weight_decay) if weight_decay else place
    start = np.zeros(650) if start is None else start
    rates = rates if callable(rates) else np.reshape(rates, (-1, 1, 1))
    return descend(place, gradient_descent, np.broadcast_to(start, (3, 650)), steps, every=every,
                   lr=rates)


def gradient_error(batch=(1, 4, 16, 64, 256), draws=100, progress="Mini-batches"):
    """How far is the gradient of a mini-batch from that of all digits?

    At zero: the root mean square of the difference's length over `draws` batches, in three sets.
    theory: sqrt(s^2 / batch (n - batch) / (n - 1)), with s^2 of example_variance(). gradient: the
    length of the exact one.
    """
    n, exact = len(digits()[0]), digits_softmax().grad(np.zeros(650))
    variance, length = example_variance(np.zeros(650)), np.linalg.norm(exact)

    def error(batch, seed):
        drawn = digits_softmax(batch=int(batch), seed=seed)
        gaps = [drawn.at(t).grad(np.zeros(650)) - exact for t in range(1, draws + 1)]
        return np.sqrt(np.square(gaps).sum(axis=-1).mean())

    def measure(batch):
        theory = np.sqrt(variance / batch * (n - batch) / (n - 1))
        return {"theory": theory, **by_set(error(batch, seed) for seed, in SETS),
                "gradient": length}

    return table(measure, [{"batch": size} for size in np.ravel(batch).tolist()], grid=str(batch),
                 starts="zero", seeds=SETS, budget=f"{draws} mini-batches",
                 criterion="root mean squared length of the error", progress=progress)


def example_variance(theta):
    """s^2, the mean of |gradient of one digit - gradient of all|^2 at theta, (650,).

    The gradient of a digit with pixels x is x times (chances - truth), so its length is known.
    """
    images, labels, *_ = digits()
    scores = images @ theta[:-10].reshape(64, 10) + theta[-10:]
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    chances /= chances.sum(axis=1, keepdims=True)
    surprise = np.square(chances - np.eye(10)[labels]).sum(axis=1)
    squares = (np.square(images).sum(axis=1) + 1) * surprise
    return squares.mean() - np.square(digits_softmax().grad(theta)).sum()


def floor_by_curvature(curvature=(0.25, 1, 4), lr=0.1, budget=500, count=400):
    """Where does noise keep a parabola's runs, in squared distance and in loss?

    Noise 1, all runs start in the minimum. distance, loss: derived, lr / (c (2 - lr c)) and
    c / 2 times that. The sets: the mean loss of the last 200 steps of `count` runs each.
    """

    def measure(curvature):
        def loss(seed):
            place = noisy(parabola(curvature), 1.0, seed, runs=count)
            return descend(place, gradient_descent, (0.0,), budget, lr=lr).loss[-200:].mean()

        distance = lr / (curvature * (2 - lr * curvature))
        return {"distance": distance, "loss": curvature / 2 * distance,
                **by_set(loss(seed) for seed, in SETS)}

    return table(measure, [{"curvature": c} for c in np.ravel(curvature).tolist()], grid=str(lr),
                 starts="in the minimum", seeds=SETS, budget=f"{budget} steps",
                 criterion=f"mean loss, last 200 steps, {count} runs a set")


def digits_floor(cases=((16, 0.1), (16, 0.4), (64, 0.4), (4, 0.4)), budget=2000,
                 weight_decay=0.01, progress="Floors"):
    """How far above its minimum does SGD keep the digits' loss?

    With L2: without it the loss has no minimum, for it sinks as long as the weights grow.
    cases: (batch, lr). lr L / 2: what part of the limit 2 / L, there, lr is. derived:
    lr s^2 / (4 batch), s^2 that of the minimum. The sets: the mean excess loss from a quarter of
    the budget on, started in the minimum.
    """
    bottom, lowest = bottom_of_digits(weight_decay)
    limit = limit_at(with_l2(digits_softmax(), weight_decay), bottom)
    variance, n = example_variance(bottom), len(digits()[0])

    def measure(batch, lr):
        run = digits_runs(batch, lr, budget, 10, bottom, weight_decay)
        late = run.loss[run.kept >= budget // 4].mean(axis=0)[0] - lowest
        derived = lr * variance / (4 * batch) * (n - batch) / (n - 1)
        return {"lr L / 2": lr / limit, "derived": derived, **by_set(late)}

    return table(measure, [{"batch": batch, "lr": lr} for batch, lr in cases], grid=str(cases),
                 starts="in the minimum", seeds=SETS, budget=f"{budget} steps",
                 criterion="mean excess loss of the last three quarters", progress=progress)


def bottom_of_digits(weight_decay=0.01):
    """(theta, loss) in the minimum of the digits with L2, by Newton's method."""
    run = descend(with_l2(digits_softmax(), weight_decay), newton, steps=8, lr=1.0)
    return run.theta[-1], run.loss[-1]


def noise_scale(at=(0, 10, 50, 300), lr=1.5):
    """How large is s^2 / |gradient|^2 on the digits, while gradient descent goes down at lr?

    s2: example_variance(). g2: the gradient's squared length. 2 / L: the limit of the lr there.
    """
    run = descend(digits_softmax(), gradient_descent, steps=max(at), lr=lr)

    def measure(step):
        theta = run.theta[step]
        s2, g2 = example_variance(theta), np.square(digits_softmax().grad(theta)).sum()
        return {"loss": run.loss[step], "s2": s2, "g2": g2, "noise scale": s2 / g2,
                "2 / L": limit_at(digits_softmax(), theta)}

    return table(measure, [{"step": int(t)} for t in at], starts="zero", grid=str(lr),
                 seeds="none, nothing is drawn", budget=f"{max(at)} steps", criterion="s2 / g2")


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


def steps_to_loss(batch=(4, 16, 64, 256, None), target=0.3, lr=None, budget=1200, count=3,
                  stay=True, progress="Batches"):
    """How many steps, and how many examples, do the digits need to a loss of 0.3?

    The step from which on the mean loss of `count` seeds stays at or below target, to the end of
    budget / sqrt(batch) steps, 60 at least; inf if there is none. stay=False: the first step at
    which it is there. lr: the best of these by the mean of three sets; None: 13 from 0.25 to 16.
    examples: batch times steps, the mean of the sets. batch: None is all, and nothing is drawn.
    """
    rates = 0.25 * 2 ** (np.arange(13) / 2) if lr is None else np.asarray(lr, float)
    sets, n = seed_sets(count), len(digits()[0])

    def measure(batch):
        most = max(60, int(budget / np.sqrt(batch or n)))
        needed = np.array([there_from(target, *mean_losses(batch, seeds, tuple(rates), most), stay)
                           for seeds in (sets if batch else sets[:1])])
        best = int(needed.mean(axis=0).argmin())
        steps = np.broadcast_to(needed[:, best], 3)
        return {"batch": batch or n, "lr": rates[best], **by_set(map(whole, steps)),
                "examples": (batch or n) * steps.mean(), "at_edge": best in (0, len(rates) - 1)}

    asked = f"mean loss of {count} seeds {'stays' if stay else 'first'} at or below {target}"
    return without_edges(table(
        measure, [{"batch": size} for size in batch], starts="zero", seeds=sets,
        grid=f"{len(rates)} rates", budget=f"{budget} / sqrt(batch) steps, 60 at least",
        progress=progress, criterion=asked))


@lru_cache(maxsize=64)     # a lesson asks for its table and again for its corners and claims
def mean_losses(batch, seeds, rates, budget):
    """(steps, the seeds' mean loss there for every lr); of 200 steps or more, every fourth.

    To look at the loss of all images costs more than the steps between.
    """
    place = digits_softmax(batch=batch, seed=list(seeds)) if batch else digits_softmax()
    start, every = np.zeros((len(seeds) if batch else 1, 650)), 4 if budget >= 200 else 1
    run = descend(place, gradient_descent, start, budget // every * every, every=every,
                  lr=np.reshape(rates, (-1, 1, 1)))
    return run.kept, run.loss.mean(axis=2)


def there_from(target, kept, loss, stay):
    """The step from which on a loss stays at or below target, or at which it first is; or inf."""
    if stay:
        return (kept[1] - kept[0]) * converged_at(loss, target / loss[0, 0])
    there = loss <= target
    return np.where(there.any(axis=0), kept[there.argmax(axis=0)], np.inf)


def corners(bill):
    """Where does the hyperbola steps = least (1 + scale / batch) of steps_to_loss()'s table turn?

    Fitted to each set so that the relative errors' squares are least. least: the steps that no
    batch can save. scale: the batch size of the corner. worst: the largest relative error.
    """
    batch = bill["batch"].to_numpy(float)

    def measure(name):
        steps = bill[name].to_numpy(float)
        rows = np.stack([1 / steps, 1 / (batch * steps)], -1)
        least, examples = np.linalg.lstsq(rows, np.ones(len(steps)), rcond=None)[0]
        return {"least": least, "scale": examples / least,
                "worst": np.abs(rows @ [least, examples] - 1).max()}

    asked = {name: bill.attrs[name] for name in ("starts", "seeds", "grid", "budget")}
    return table(measure, [{"name": f"set {k}"} for k in (1, 2, 3)], **asked,
                 criterion="least squares of relative errors")


def corner_by_target(target=(1.0, 0.5, 0.3), **more):
    """At which batch size does the bill turn, when the digits have to come further down?

    For every target the corner of steps_to_loss()'s table in three sets, and the largest relative
    error of the three fits; the last row asks for the first step at the last target instead.
    """
    cases = [(goal, True) for goal in target] + [(target[-1], False)]

    def measure(target, asked):
        found = corners(steps_to_loss(target=target, stay=asked == "stays", progress=None, **more))
        return {**by_set(found["scale"]), "worst": found["worst"].max()}

    return table(measure, [{"asked": "stays" if stay else "first", "target": goal}
                           for goal, stay in cases], starts="zero", seeds=seed_sets(), grid="best",
                 budget="that of steps_to_loss", criterion="corner of the fitted hyperbola")


def ways_down(curvature=(1.0, 0.1), lr=0.5, budget=2000, count=400):
    """How near to the minimum does each way of ending get on a noisy parabola?

    From -2, with noise 1. Rows: curvature and way. Columns: the mean squared distance, derived and
    measured, after `budget` steps. Means are of the second half of the points.
    """
    time = np.arange(1, budget + 1)

    def measure(curvature, way):
        rates = {"1 / t": 1 / time, "1 / (c t)": 1 / (curvature * time)}.get(
            way, np.full(budget, lr))
        averaged = way.endswith("mean")
        derived = mean_squares(rates, curvature, begin=budget // 2)[int(averaged)][-1]

        def end(seed):
            place = noisy(parabola(curvature), 1.0, seed, runs=count)
            theta = descend(place, gradient_descent, (-2.0,), budget,
                            lr=lambda t, total: rates[t - 1]).theta
            last = theta[budget // 2 + 1:].mean(axis=0) if averaged else theta[-1]
            return np.square(last).mean()

        return {"derived": derived, **by_set(end(seed) for seed, in SETS)}

    cases = [{"curvature": c, "way": way} for c in curvature
             for way in ("constant", "1 / t", "1 / (c t)", "constant, mean")
             if (c, way) != (1, "1 / (c t)")]       # there it is 1 / t
    return table(measure, cases, starts="-2", seeds=SETS, grid=f"constant {lr}",
                 budget=f"{budget} steps", criterion=f"mean square of {count} runs a set")


def ways_down_digits(lr=0.4, batch=16, budget=2000, weight_decay=0.01,
                     a=(1, 3, 10, 30, 100, 300), progress="Ways"):
    """How near to the minimum does each way of ending bring the digits, with L2?

    From zero. The sets: the excess loss after `budget` steps, one run each. constant: the mean
    excess loss of its points in the second half, the floor; its mean: the excess loss of the mean
    of these points, every fourth. The falling ones have the best of the numbers a, by the mean of
    the three sets, except in the row a = 1.
    """
    lowest, place = bottom_of_digits(weight_decay)[1], with_l2(digits_softmax(), weight_decay)

    def measure(way):
        if way in ("constant", "its mean"):
            run = digits_runs(batch, lr, budget, 4, weight_decay=weight_decay)
            late = run.kept > budget // 2
            mean = place.loss(run.theta[late].mean(axis=0))
            found = mean if way == "its mean" else run.loss[late].mean(axis=0)
            return {"at": f"lr {lr:g}", **by_set(found.ravel() - lowest), "at_edge": False}
        name, sizes = ("lr", [lr]) if "line" in way else ("a", [1.0] if way == "1 / t" else a)
        scale = np.reshape(np.asarray(sizes, float), (-1, 1, 1))
        run = digits_runs(batch, lambda t, total: scale * FALLING[way](t, total), budget, budget,
                          weight_decay=weight_decay)
        best = int(run.loss[-1].mean(axis=1).argmin())
        return {"at": f"{name} {sizes[best]:g}", **by_set(run.loss[-1, best] - lowest),
                "at_edge": len(sizes) > 1 and best in (0, len(sizes) - 1)}

    return without_edges(table(
        measure, [{"way": way} for way in ("constant", "its mean", *FALLING)], starts="zero",
        seeds=SETS, grid=f"lr {lr}, batch {batch}; {np.size(a)} numbers a", progress=progress,
        budget=f"{budget} steps", criterion="excess loss"))


def agreement(disagreement=(1.0, 0.5, 0.1, 0.0), lr=0.2, batch=1, budget=400, count=1000):
    """Where does SGD end when the examples' minima lie at +d and -d, down to d = 0?

    Examples: curvature 0.2 or 1.8, minimum at d or -d, all four equally often. derived: 1.64 lr^2
    d^2 / (batch (1 - rho)), where rho = (1 - lr)^2 + 0.64 lr^2 / batch. The sets: the mean squared
    distance of `count` runs over the last three quarters.
    """
    rho = (1 - lr) ** 2 + 0.64 * lr**2 / batch

    def measure(disagreement):
        def late(seed):
            rng, x, squares = np.random.default_rng(seed), np.full(count, -2.0), []
            for _ in range(budget):
                bend = rng.choice([0.2, 1.8], (batch, count))
                lowest = rng.choice([-disagreement, disagreement], (batch, count))
                x = x - lr * (bend * (x - lowest)).mean(axis=0)
                squares.append(np.square(x).mean())
            return np.mean(squares[budget // 4:])

        derived = lr**2 * disagreement**2 * 1.64 / (batch * (1 - rho))
        return {"derived": derived, **by_set(late(seed) for seed, in SETS)}

    return table(measure, [{"disagreement": d} for d in np.ravel(disagreement).tolist()],
                 starts="-2", seeds=SETS, grid=str(lr), budget=f"{budget} steps",
                 criterion=f"mean square, last three quarters, {count} runs a set")


def still_falling(weight_decay=(0.0, 0.01), at=(500, 2000, 8000), lr=1.0, batch=16):
    """Does SGD's loss keep falling on the digits at a constant lr, without and with L2?

    Columns: s2, the disagreement of the examples, by example_variance(), mean of three seeds; and
    the loss, penalty included, in three sets, each the mean of the last hundred steps.
    """

    def measure(weight_decay):
        run = digits_runs(batch, lr, max(at), 10, weight_decay=weight_decay)

        def row(step):
            late = (run.kept <= step) & (run.kept > step - 100)
            theta = run.theta[run.kept.tolist().index(step), 0]
            return {"step": step, "s2": np.mean([example_variance(point) for point in theta]),
                    **by_set(run.loss[late].mean(axis=0)[0])}

        return [row(int(step)) for step in at]

    return table(measure, [{"weight_decay": number} for number in weight_decay], starts="zero",
                 seeds=SETS, grid=str(lr), budget=f"{max(at)} steps, batch {batch}",
                 criterion="mean loss of a hundred steps")


def equal_examples(base=0.25, rules=tuple(RULES), batch=(8, 128, 512), looks=10, lr=None,
                   progress="Rules"):
    """Where does the digits' loss end after equally many images, in batches of different size?

    rules: how lr follows the batch, from `base` at the first one; "best": of the rates lr, None: 15
    from 0.25 to 32, by the mean of three sets. right: the percentage of the test images.
    """
    rates = 0.25 * 2 ** (np.arange(15) / 2) if lr is None else np.asarray(lr, float)
    first = batch[0]

    def measure(rule, batch):
        steps = looks * len(digits()[0]) // batch
        tried = rates if rule == "best" else [base * RULES[rule](batch / first)]
        run = digits_runs(batch, tried, steps, steps)
        k = int(run.loss[-1].mean(axis=1).argmin())
        right = 100 * digits_accuracy(run.theta[-1, k]).mean()
        return {"lr": tried[k], "steps": steps, **by_set(run.loss[-1, k]), "right": right,
                "at_edge": rule == "best" and k in (0, len(rates) - 1)}

    cases = [{"rule": rule, "batch": size} for rule in rules for size in batch
             if size != first or rule in (rules[0], "best")]    # there all rules are the same
    return without_edges(table(
        measure, cases, starts="zero", seeds=SETS, grid=f"best: {len(rates)} rates",
        budget=f"{looks} looks at all images", criterion="loss of all images", progress=progress))


def claims():
    """What the lesson on noise and batches claims, with verdicts from its experiments."""
    looks, floors = one_look(progress=None), digits_floor([(16, 0.1)], progress=None)
    timid = equal_examples(progress=None)
    tuned = equal_examples(8**0.5, ("linear", "square root", "best"), progress=None)
    bill, turns = steps_to_loss(progress=None), corner_by_target((1.0, 0.5, 0.3))
    ways, falls = ways_down_digits(progress=None), still_falling(at=(2000, 8000))
    start = noise_scale((0, 1)).at[0, "noise scale"]
    error, agreed = gradient_error(64, progress=None), agreement([1.0, 0.0])
    turn = turns[["set 1", "set 2", "set 3"]].to_numpy(float)

    def of(frame, **row):
        """The three sets' numbers in the row of a table with these values."""
        found = frame[(frame[list(row)] == list(row.values())).all(axis=1)]
        return found[["set 1", "set 2", "set 3"]].to_numpy(float)[0]

    def measured(claim, lower, higher, frame, referee="one run a set", **more):
        return judge(claim, lower, higher, budget=frame.attrs["budget"], referee=referee,
                     criterion=frame.attrs["criterion"], seeds=frame.attrs["seeds"],
                     at_edge="at_edge" in frame, **more)

    def at(frame, rule, batch):
        return of(frame, rule=rule, batch=batch)

    last = {name: of(ways, way=name) for name in ways["way"]}
    poll, noise, buys, down, dies, real = WHERE
    return Claims(
        known("A mini-batch's gradient is right on average, and its error is s / sqrt(B).",
              "proved", f"length {in_words(of(error, batch=64))}, derived "
              f"{error.at[0, 'theory']:.3g}, at B = 64 of the digits",
              "near the whole data times sqrt((N - B) / (N - 1))", poll),
        measured("Read ten times in batches of 32, the digits end at a lower loss than by exact "
                 "gradients.", of(looks, looks=10, batch=32), of(looks, looks=10, batch=1297),
                 looks, limits="equal reading, each at its best lr", where=poll),
        known("Half the learning rate halves the floor of SGD.", "proved",
              f"mean square {mean_squares(np.full(999, 0.1))[0][-1]:.3g} at lr 0.1, "
              f"{mean_squares(np.full(999, 0.05))[0][-1]:.3g} at 0.05, curvature 1, noise 1",
              "lr far below 2 / L", noise),
        measured("The floor of the digits is lr s^2 / (4 B), with a relative error below 0.1.",
                 np.abs(of(floors, batch=16) / floors.at[0, "derived"] - 1), 0.1, floors,
                 limits="with L2, batch 16, lr 0.1; measured a third higher at batch 4, lr 0.4",
                 where=noise),
        measured("Batches of 4 read fewer examples to the same loss than batches of 256.",
                 *(batch * of(bill, batch=batch) for batch in (4, 256)), bill,
                 "mean of three runs a set", where=buys),
        measured("The bill turns at the noise scale of the start, to a factor of 2.",
                 np.maximum(turn[2] / start, start / turn[2]), 2, bill, "mean of three runs a set",
                 limits="to stay below 0.3; other goals turn earlier", where=buys),
        measured("The further down the goal, the larger the batch at which the bill turns.",
                 turn[0], turn[2], bill, "mean of three runs a set",
                 limits="loss 1.0 against 0.3", where=buys),
        measured("At lr 1 / t the digits end at a higher loss than the floor of lr 0.4.",
                 last["constant"], last["1 / t"], ways, where=down),
        measured("At lr a / t with a tuned they end below that floor.", last["a / t"],
                 last["constant"], ways, limits="a is then 100, 1 / c of the flattest direction",
                 where=down),
        measured("The mean of the points ends at a lower loss than the floor.", last["its mean"],
                 last["constant"], ways, where=down,
                 limits="once the walk has arrived, and where the loss is about quadratic"),
        measured("The mean ends at a lower loss than a straight fall to 0.", last["its mean"],
                 last["straight line to 0"], ways, where=down),
        known("Where one theta suits all examples, SGD converges at a constant learning rate.",
              "proved", f"mean square {in_words(of(agreed, disagreement=0.0))}; "
              f"{agreed.at[0, 'set 1']:.3g} with disagreement", "lr below 2 c / (c^2 + v / B)",
              dies),
        measured("Without a penalty the digits' loss still falls after 2,000 steps at lr 1.",
                 of(falls, weight_decay=0.0, step=8000), of(falls, weight_decay=0.0, step=2000),
                 falls, limits="batch 16, 8,000 steps", where=dies),
        measured("From lr 0.25 at batch 8, the linear rule loses by equal reading at batch 128.",
                 at(timid, "linear", 8), at(timid, "linear", 128), timid, where=real),
        measured("From there, the linear rule ends at a lower loss than the square root.",
                 at(timid, "linear", 128), at(timid, "square root", 128), timid,
                 limits="batch 128; lr 0.25 is a tenth of the best", where=real),
        measured("From the best lr at batch 8, the square root ends at a lower loss than the "
                 "linear rule.", at(tuned, "square root", 128), at(tuned, "linear", 128), tuned,
                 limits="batch 128", where=real),
        measured("Each at its best lr, batch 8 ends at a lower loss than batch 128.",
                 at(tuned, "best", 8), at(tuned, "best", 128), tuned, limits="equal reading",
                 where=real),
    )
