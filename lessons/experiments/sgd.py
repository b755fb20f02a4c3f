"""What does the noise of mini-batches do, what does a larger batch buy, and how does noise end?"""

from functools import wraps
from inspect import signature

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.protocol import (
    by_set,
    converged_at,
    mean_squares,
    seed_sets,
    table,
    whole,
)
from lessons.networks import digits, digits_mlp, digits_softmax
from lessons.steps import gradient_descent, newton
from lessons.views import with_l2

__all__ = [
    "agreement", "digits_floor", "equal_examples", "gradient_error", "noise_scale",
    "one_look", "steps_to_loss", "ways_down_digits",
]
SETS = seed_sets(1)     # three sets of one seed, which draws the noise of all runs of its set
RATES = 0.25 * 2.0 ** np.arange(7)      # at which steps_to_loss looks
WHERE = (       # the headings of the lesson's rounds
    "Why follow a gradient that is wrong every time?",
    "What does noise do at a constant learning rate?",
    "How far may a noisy step go?",
    "What does a batch buy?",
    "How do we get to the bottom?",
    "Does noise ever die by itself?",
    "On a real network: does the linear rule hold?",
)
RULES = {       # how lr follows a batch that is k times as large
    "linear": lambda k: k,
    "same lr": lambda k: 1.0,
}
TIMID, TUNED = 0.05, 0.5        # of the network: a tenth of the best lr of batch 8, and the best


def remembered(experiment):
    """The experiment, measuring every question once: its table is kept for the next who asks.

    The lesson shows a table, and its claims ask for the same. known: the tables, by question.
    """
    known, asked = {}, signature(experiment)

    @wraps(experiment)
    def ask(*args, **knobs):
        question = asked.bind(*args, **knobs)
        question.apply_defaults()
        question = repr({**question.arguments, "progress": None})
        found = known.get(question)
        if found is None:
            found = experiment(*args, **knobs)
            if found.attrs["partial"] or "problem" in found:
                return found
            known[question] = found
        return found.copy()

    ask.known = known
    return ask


def without_edges(frame):
    """A table without its column at_edge, unless a best value is on an edge of its grid."""
    return frame if frame["at_edge"].any() else frame.drop(columns="at_edge")


@remembered
def one_look(looks=1, batch=(None, 32), lr=None, progress="Looks"):
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
        return {"batch": size, "steps": steps, "best lr": rates[best], **by_set(ends[best]),
                "at_edge": best in (0, len(rates) - 1)}

    cases = [{"looks": number, "batch": size} for number in np.ravel(looks).tolist()
             for size in batch]
    return without_edges(table(
        measure, cases, starts="zero", seeds=SETS, grid=f"{len(rates)} rates",
        budget=f"looks at all images: {looks}", criterion="loss of all images", progress=progress))


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


@remembered
def gradient_error(batch=(1, 4, 16, 64, 256), draws=100, progress="Mini-batches"):
    """How far is the gradient of a mini-batch from that of all digits?

    At zero: the root mean square of the difference's length over `draws` batches, in three sets.
    derived: sqrt(s^2 / batch (n - batch) / (n - 1)), with s^2 of example_variance().
    """
    n, exact = len(digits()[0]), digits_softmax().grad(np.zeros(650))
    variance = example_variance(np.zeros(650))

    def error(batch, seed):
        drawn = digits_softmax(batch=int(batch), seed=seed)
        gaps = [drawn.at(t).grad(np.zeros(650)) - exact for t in range(1, draws + 1)]
        return np.sqrt(np.square(gaps).sum(axis=-1).mean())

    def measure(batch):
        derived = np.sqrt(variance / batch * (n - batch) / (n - 1))
        return {"derived": derived, **by_set(error(batch, seed) for seed, in SETS)}

    return table(measure, [{"batch": size} for size in np.ravel(batch).tolist()], grid=str(batch),
                 starts="zero", seeds=SETS, budget=f"{draws} mini-batches",
                 criterion="root mean squared length of the error", progress=progress)


def surprises(theta):
    """The images (1297, 64) and how wrong the chances are that theta, (650,), gives: (1297, 10)."""
    images, labels, *_ = digits()
    scores = images @ theta[:-10].reshape(64, 10) + theta[-10:]
    chances = np.exp(scores - scores.max(axis=1, keepdims=True))
    return images, chances / chances.sum(axis=1, keepdims=True) - np.eye(10)[labels]


def example_variance(theta):
    """s^2, the mean squared distance of each digit's gradient from that of all, at theta (650,)."""
    images, surprise = surprises(theta)
    images = np.pad(images, ((0, 0), (0, 1)), constant_values=1)      # a 1 for the bias
    squares = np.square(images).sum(axis=1) * np.square(surprise).sum(axis=1)
    return squares.mean() - np.square(images.T @ surprise / len(images)).sum()


@remembered
def digits_floor(cases=((16, 0.1),), budget=2000, weight_decay=0.01, progress="Floors"):
    """How far above its minimum does SGD keep the digits' loss?

    With L2: without it the loss has no minimum, for it sinks as long as the weights grow.
    cases: (batch, lr). derived: lr s^2 / (4 batch) (n - batch) / (n - 1), with s^2 of the minimum.
    The sets: the mean excess loss from a quarter of the budget on, started in the minimum.
    """
    bottom, lowest = bottom_of_digits(weight_decay)
    variance, n = example_variance(bottom), len(digits()[0])

    def measure(batch, lr):
        run = digits_runs(batch, lr, budget, 10, bottom, weight_decay)
        late = run.loss[run.kept >= budget // 4].mean(axis=0)[0] - lowest
        return {"derived": lr / 4 * variance * (n - batch) / (n - 1) / batch, **by_set(late)}

    return table(measure, [{"batch": batch, "lr": lr} for batch, lr in cases], grid=str(cases),
                 starts="in the minimum", seeds=SETS, budget=f"{budget} steps",
                 criterion="mean excess loss of the last three quarters", progress=progress)


def bottom_of_digits(weight_decay=0.01):
    """(theta, loss) in the minimum of the digits with L2, by Newton's method."""
    run = descend(with_l2(digits_softmax(), weight_decay), newton, steps=8, lr=1.0)
    return run.theta[-1], run.loss[-1]


def noise_scale(at=(0, 10, 50, 300), lr=1.5):
    """How large is s^2 / |gradient|^2 on the digits, while gradient descent goes down at lr?

    s^2: the example_variance().
    """
    run = descend(digits_softmax(), gradient_descent, steps=max(at), lr=lr)

    def measure(step):
        theta = run.theta[step]
        s2, g2 = example_variance(theta), np.square(digits_softmax().grad(theta)).sum()
        return {"loss": run.loss[step], "s^2": s2, "noise scale": s2 / g2}

    return table(measure, [{"step": int(t)} for t in at], starts="zero", grid=str(lr),
                 seeds="none, nothing is drawn", budget=f"{max(at)} steps",
                 criterion="s^2 / |gradient|^2")


def needed(batch, rates, target, budget, count):
    """The steps of steps_to_loss at each rate: (3 sets, rates), or (1, rates) for all images."""
    most, sets = max(60, int(budget / np.sqrt(batch or len(digits()[0])))), seed_sets(count)
    runs = [mean_losses(batch, seeds, rates, most) for seeds in (sets if batch else sets[:1])]
    return np.array([(kept[1] - kept[0]) * converged_at(loss, target / loss[0, 0])
                     for kept, loss in runs])


@remembered
def steps_to_loss(batch=(4, 16, 64, 256, None), target=0.3, lr=None, budget=1200, count=3,
                  progress="Batches"):
    """How many steps, and how many examples, do the digits need to a loss of 0.3?

    The step from which on the mean loss of `count` seeds stays at or below target, to the end of
    budget / sqrt(batch) steps, 60 at least; inf if there is none. lr: the best of these by the
    mean of three sets; None: 7 from 0.25 to 16. examples: batch times steps, the mean of the sets.
    batch: None is all, and nothing is drawn.
    """
    rates = RATES if lr is None else np.asarray(lr, float)
    sets, n = seed_sets(count), len(digits()[0])

    def measure(batch):
        found = needed(batch, rates, target, budget, count)
        best = int(found.mean(axis=0).argmin())
        steps, size = np.broadcast_to(found[:, best], 3), batch or n
        return {"batch": size, "best lr": rates[best], **by_set(map(whole, steps)),
                "examples": whole(np.rint(size * steps.mean())),
                "at_edge": best in (0, len(rates) - 1)}

    return without_edges(table(
        measure, [{"batch": size} for size in batch], starts="zero", seeds=sets,
        grid=f"{len(rates)} rates", budget=f"{budget} / sqrt(batch) steps, 60 at least",
        progress=progress, criterion=f"mean loss of {count} seeds stays at or below {target}"))


def mean_losses(batch, seeds, rates, budget):
    """(steps, the seeds' mean loss there for every lr); of 200 steps or more, one in budget / 75.

    To look at the loss of all images costs more than the steps between.
    """
    place = digits_softmax(batch=batch, seed=list(seeds)) if batch else digits_softmax()
    start = np.zeros((len(seeds) if batch else 1, 650))
    every = budget // 75 if budget >= 200 else 1
    run = descend(place, gradient_descent, start, budget // every * every, every=every,
                  lr=np.reshape(rates, (-1, 1, 1)))
    return run.kept, run.loss.mean(axis=2)


@remembered
def ways_down_digits(lr=0.4, batch=16, budget=2000, weight_decay=0.01, progress="Ways"):
    """How near to the minimum does each way of ending bring the digits, with L2?

    From zero. The sets: the excess loss after `budget` steps, one run each. constant: the mean
    excess loss of its points in the second half, the floor; its mean: the excess loss of the mean
    of these points, every fourth.
    """
    lowest, place = bottom_of_digits(weight_decay)[1], with_l2(digits_softmax(), weight_decay)

    def measure(way):
        if way in ("constant", "its mean"):
            run = digits_runs(batch, lr, budget, 4, weight_decay=weight_decay)
            late = run.kept > budget // 2
            mean = place.loss(run.theta[late].mean(axis=0))
            found = mean if way == "its mean" else run.loss[late].mean(axis=0)
            return by_set(found.ravel() - lowest)
        run = digits_runs(batch, lambda t, total: 1 / t, budget, budget, weight_decay=weight_decay)
        return by_set(run.loss[-1].ravel() - lowest)

    return table(
        measure, [{"way": way} for way in ("constant", "its mean", "1 / t")], starts="zero",
        seeds=SETS, grid=f"lr {lr}, batch {batch}", progress=progress,
        budget=f"{budget} steps", criterion="excess loss")


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


@remembered
def equal_examples(cases=((None, "best", 8), (TUNED, "linear", 128), (None, "best", 128)),
                   looks=10, lr=(0.25, 0.5, 1.0, 2.0), progress="Rules"):
    """Where does a network's loss end after equally many images, in batches of different size?

    Of digits_mlp, with a hidden layer. cases: (lr at batch 8, rule by which lr follows the batch,
    batch). "best": of the rates lr, by the mean of three sets of one seed. The sets: the loss of
    all images; inf where it ends above 1, because where such a run ends is decided by rounding.
    """
    seeds = [seed for seed, in SETS]

    def measure(batch, rule, **row):
        place = digits_mlp(batch=batch, seed=seeds, dtype=np.float64)
        steps, [base] = looks * len(digits()[0]) // batch, row.values()
        tried = np.array(lr if rule == "best" else [base * RULES[rule](batch / 8)])
        run = descend(place, gradient_descent, steps=steps, every=steps, lr=tried[:, None, None])
        loss = np.where(run.loss[-1] < 1, run.loss[-1], np.inf)
        k = int(loss.mean(axis=1).argmin())
        return {"lr": tried[k], **by_set(loss[k]),
                "at_edge": rule == "best" and k in (0, len(tried) - 1)}

    rows = [{"lr at batch 8": base, "rule": rule, "batch": size} for base, rule, size in cases]
    return without_edges(table(
        measure, rows, starts="first weights of three seeds", seeds=SETS,
        grid=f"best: {len(lr)} rates", budget=f"{looks} looks at all images",
        criterion="loss of all images", progress=progress))


def claims():
    """What the lesson on noise and batches claims, with verdicts from its experiments."""
    looks, floors = one_look(progress=None), digits_floor(progress=None)
    scaled, timid = equal_examples(progress=None), equal_examples(
        [(TIMID, "linear", 8), (TIMID, "linear", 128)], progress=None)
    exact = equal_examples([(rate, "same lr", len(digits()[0])) for rate in (1.0, 2.0)], looks=100,
                           progress=None)
    bill = steps_to_loss(progress=None)
    calm = {rate: steps_to_loss((None,), lr=[rate], progress=None).at[0, "set 1"]
            for rate in (2.0, 4.0, 9.5)}
    ways = ways_down_digits(progress=None)
    error, agreed = gradient_error(64, progress=None), agreement([1.0, 0.0])

    def of(frame, **row):
        """The three sets' numbers in the row of a table with these values."""
        found = frame[(frame[list(row)] == list(row.values())).all(axis=1)]
        return found[["set 1", "set 2", "set 3"]].to_numpy(float)[0]

    def measured(claim, lower, higher, frame, told, referee="one run a set", budget=None, **more):
        if np.isinf(higher).all():
            told = told.replace("{higher}", "above 1")      # as equal_examples() has it
        return judge(claim, lower, higher, told=told, budget=budget or frame.attrs["budget"],
                     criterion=frame.attrs["criterion"], seeds=frame.attrs["seeds"],
                     referee=referee, at_edge="at_edge" in frame, **more)

    def at(base, rule, batch):
        return of(timid if base == TIMID else scaled, rule=rule, batch=batch,
                  **({"lr at batch 8": base} if base else {}))

    last = {name: of(ways, way=name) for name in ways["way"]}
    poll, noise, far, buys, down, dies, real = WHERE
    bought = dict(referee="mean of three runs a set, each batch at its best lr", where=buys,
                  budget="runs of 1,200 / sqrt(batch) steps, at least 60")
    untrained = "a loss above 1 means that it was not trained"
    return Claims(
        known("A mini-batch's gradient is right on average, and its error is s / sqrt(B).",
              "proved", f"length {in_words(of(error, batch=64))}, derived "
              f"{error.at[0, 'derived']:.3g}, at B = 64 of the digits",
              "near the whole data times sqrt((N - B) / (N - 1))", poll),
        measured("40 steps in batches of 32 end at a lower loss of the digits than an exact one.",
                 of(looks, batch=32), of(looks, batch=1297), looks,
                 "loss {lower} after the 40 steps; {higher} after the exact one",
                 budget="all images are read once", limits="each at the best of 17 rates",
                 where=poll),
        known("On a parabola half the learning rate halves the floor of SGD.", "proved",
              f"{mean_squares(np.full(999, 0.1))[0][-1] / 2:.3g} at lr 0.1, "
              f"{mean_squares(np.full(999, 0.05))[0][-1] / 2:.3g} at 0.05, curvature 1, noise 1",
              "nearly, at a lr far below 2 / L", noise),
        measured("The floor of SGD on the digits is lr s^2 / (4 B), to within 10 %.",
                 np.abs(of(floors, batch=16) / floors.at[0, "derived"] - 1), 0.1, floors,
                 f"excess loss {in_words(of(floors, batch=16))}; "
                 f"derived {floors.at[0, 'derived']:.3g}",
                 limits="with L2, batch 16, lr 0.1",
                 where=noise),
        known("The best step under noise is 1 / (1 + noise scale / B) of the exact one.",
              "proved", "0.5 where B is the noise scale, s^2 / g^2", "one direction; of many, "
              "exact only if all curvatures are alike", far),
        measured("Each at its best lr, batches of 256 need fewer steps to 0.3 than batches of 64.",
                 of(bill, batch=256), of(bill, batch=64), bill,
                 "batches of 256 need {lower} steps; batches of 64 need {higher}", **bought,
                 limits="what all digits save depends on the lr: "
                 f"{calm[2.0]:.0f} steps at lr 2, {calm[4.0]:.0f} at 4, {calm[9.5]:.0f} at 9.5"),
        measured("At lr 1 / t the digits end at a higher loss than the floor of lr 0.4.",
                 last["constant"], last["1 / t"], ways,
                 "the floor is an excess loss of {lower}; lr 1 / t ends at {higher}",
                 where=down, limits="batch 16, with L2 of 0.01"),
        measured("The mean of the points of lr 0.4 has a lower loss than their floor.",
                 last["its mean"], last["constant"], ways,
                 "the mean has an excess loss of {lower}; the floor is at {higher}", where=down,
                 limits="once the run has arrived, and where the loss is about quadratic"),
        known("Where parabolas share one minimum, SGD converges at a constant learning rate.",
              "proved", "mean square of steps 101 to 400 at lr 0.2: "
              f"{in_words(of(agreed, disagreement=0.0))}; "
              f"{agreed.at[0, 'set 1']:.3g} with disagreement",
              "one direction, batch 1; lr below 2 / (1 + v), for curvatures of mean 1, variance v",
              dies),
        measured("After equal reading, the linear rule from lr 0.05 ends higher at batch 128 than "
                 "at batch 8.", at(TIMID, "linear", 8), at(TIMID, "linear", 128), scaled,
                 "loss {lower} at batch 8, lr 0.05; {higher} at batch 128, lr 0.8", where=real),
        measured("Batch 128 at its own best lr ends lower than at 16 times the best of batch 8.",
                 at(None, "best", 128), at(TUNED, "linear", 128), scaled,
                 "loss {lower} at its own best lr; {higher} at 16 times that of batch 8",
                 where=real, limits=untrained),
        measured("The exact gradient at lr 1 ends lower than at lr 2.", of(exact, lr=1.0),
                 of(exact, lr=2.0), exact, "loss {lower} at lr 1; {higher} at lr 2", where=real,
                 limits=f"{untrained}; so at lr 2 curvature is the limit of batch 128, too"),
    )
