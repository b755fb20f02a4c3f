"""Which of many solutions does a rule reach: by its moves, its step, and its noise?"""

from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.protocol import by_set, limit_at, seed_sets, table
from lessons.networks import digits_tanh
from lessons.schedules import linear
from lessons.steps import adam, gradient_descent
from lessons.surfaces import Surface, one_equation, two_points, two_weights

__all__ = ["flow_directions", "guessed_truth", "modified_flow", "where_sharpness_stops"]
WHERE = (       # the headings of the lesson's rounds
    "Which point of a line?",
    "What if there is no minimum?",
    "What do a finite step and noise add?",
    "What happens above 2 / lr?",
)
SETS = seed_sets(1)
TRUTHS = {      # name -> a function of a generator and the number of weights
    "all normal": lambda rng, d: rng.normal(size=d),
    "all 1 or -1": lambda rng, d: rng.choice([-1.0, 1.0], d),
}


def regression(X, y):
    """Squared loss |X theta - y|^2 / 2 as a Surface; X (..., n, d) and y (..., n), one or many."""
    X, y = np.asarray(X, float), np.asarray(y, float)

    def gap(theta):
        return (X @ theta[..., None])[..., 0] - y

    def grad(theta):
        return (gap(theta)[..., None, :] @ X)[..., 0, :]

    return Surface("Regression", lambda theta: np.square(gap(theta)).sum(-1) / 2, grad, None, None,
                   (0.0,) * X.shape[-1], ())


@lru_cache
def guessed_truth(count=3, examples=70, weights=100, budget=2000, *, adam_lr=0.02):
    """How far from the true weights is the solution that a rule finds, when many fit?

    Each row: examples drawn N(0, 1 / examples), answers from the true weights without an error,
    start at 0, until all answers are right. The sets: |theta - truth|^2 / |truth|^2, mean of
    `count` problems; 0 is the truth, 1 is what theta = 0 gets. Gradient descent: lr 0.2. Adam:
    adam_lr, falling to 0. loss: the largest at the end; below 1e-20, which is rounding, it is 0.
    """
    sets, rules = seed_sets(count), {
        "gradient descent": (gradient_descent, 0.2), "Adam": (adam, linear(adam_lr))}

    def measure(truth, rule):
        drawn = [np.random.default_rng(seed) for seeds in sets for seed in seeds]
        X = np.array([rng.normal(0, examples**-0.5, (examples, weights)) for rng in drawn])
        true = np.array([TRUTHS[truth](rng, weights) for rng in drawn])
        step, lr = rules[rule]
        place = regression(X, (X @ true[..., None])[..., 0])
        run = descend(place, step, np.zeros(true.shape), budget, every=budget, lr=lr)
        off = np.square(run.theta[-1] - true).sum(-1) / np.square(true).sum(-1)
        loss = float(run.loss[-1].max())
        return {**by_set(off.reshape(3, count).mean(axis=1)), "loss": loss if loss > 1e-20 else 0.0}

    return table(measure, [{"truth": truth, "rule": rule} for truth in TRUTHS for rule in rules],
                 starts="theta = 0", seeds=sets, grid="none", budget=f"{budget} steps",
                 criterion="|theta - truth|^2 / |truth|^2")


def flow(surface, start, last, first=-3.0, part=0.05):
    """(s, theta) of gradient flow from time e^first to e^last, in even parts of s = ln(time).

    In s the flow is d theta / ds = -e^s grad f, by Runge and Kutta's rule of order 4. Gradient
    descent with a small lr is at time lr x steps where the flow is then.
    """
    count = round((last - first) / part)
    s, theta = first + part * np.arange(count + 1), [np.asarray(start, float)]
    for now in s[:-1]:
        def slope(ahead, move, now=now):
            return -np.exp(now + ahead) * surface.grad(theta[-1] + ahead * move)

        a = slope(0, 0)
        b = slope(part / 2, a)
        c = slope(part / 2, b)
        d = slope(part, c)
        theta.append(theta[-1] + part / 6 * (a + 2 * b + 2 * c + d))
    return s, np.array(theta)


def flow_directions(times=(10, 1e3, 1e6, 1e9, 1e12), starts=((0, 0), (-2, 3)), *, read_at=1e3):
    """Where does the direction of theta point, in degrees, after so much time on two_points()?

    time: lr x steps, of gradient descent with a small lr. derived: from the distance q to the line
    of the largest margin, which is read off each run once, at the time `read_at`.
    """
    s, theta = flow(two_points(), np.array(starts, float), np.log(max(read_at, *times)))
    aside = at_time(s, theta, read_at) @ [-1, 2] / 5**0.5

    def measure(time):
        x, y = at_time(s, theta, time).T
        angles = np.degrees(np.arctan2(y, x))
        errors = np.degrees(np.arctan(5**0.5 * aside / np.log(2.5 * time)))
        found = {}
        for start, error, angle in zip(starts, errors, angles):
            found[f"derived {start}"] = np.degrees(np.arctan(0.5)) + error
            found[f"from {start}"] = angle
        return found

    return table(measure, [{"time": float(t)} for t in np.ravel(times)], starts=str(starts),
                 seeds="none, nothing is drawn", grid="none", budget="time lr x steps",
                 criterion="the angle of theta; 26.57 degrees has the largest margin")


def at_time(s, theta, time):
    """The one of theta (times, ...) whose s = ln(time) is nearest to that of `time`."""
    return theta[np.abs(s - np.log(time)).argmin()]


def noisy_walk(lr, sigma, kind, seed, walkers, steps, start=(3.0, 1 / 3)):
    """theta (steps + 1, walkers, 2) of gradient descent on two_weights() with noise of some kind.

    kind: "wrong labels": the answer asked for is 1 + e, which pushes across the valley, along
    (b, a); "any direction": besides, the gradient has an error of its own along the valley,
    e (a, -b), which is as long. Each e is sigma or -sigma, with equal chances.
    """
    place, theta = two_weights(), [np.tile(np.asarray(start, float), (walkers, 1))]
    for t in range(1, steps + 1):
        rng, now = np.random.default_rng((seed, t)), theta[-1]
        error = -sigma * rng.choice([-1, 1], (walkers, 1)) * now[:, ::-1]
        if kind == "any direction":
            error = error + sigma * rng.choice([-1, 1], (walkers, 1)) * now * [1, -1]
        theta.append(now - lr * (place.grad(now) + error))
    return np.array(theta)


def imbalance(theta):
    """D = a^2 - b^2 of theta = (a, b), which says where along the valley of two_weights() it is."""
    return theta[..., 0] ** 2 - theta[..., 1] ** 2


def derived_drift(lr, sigma, steps, imbalance):
    """D after so many steps of noisy_walk with wrong labels, as the lesson derives it.

    Each step shaves by the noise and by the residual that it leaves.
    """
    for _ in range(steps):
        S = np.sqrt(imbalance**2 + 4)
        imbalance = imbalance * (1 - lr**2 * 2 * sigma**2 / (2 - lr * S))
    return imbalance


def flow_end(lr, share=0.25, start=(2.0, 0.0), time=6.0, part=0.02):
    """Where the flow on f + share lr |grad f|^2 takes theta on two_weights(): a point, after time.

    Its velocity is -grad f - 2 share lr H grad f; by Runge and Kutta's rule of order 4.
    """
    place, theta = two_weights(), np.asarray(start, float)

    def velocity(at):
        g = place.grad(at)
        return -g - 2 * share * lr * place.hess(at) @ g

    for _ in range(round(time / part)):
        a = velocity(theta)
        b = velocity(theta + part / 2 * a)
        c = velocity(theta + part / 2 * b)
        theta = theta + part / 6 * (a + 2 * b + 2 * c + velocity(theta + part * c))
    return theta


@lru_cache
def modified_flow(lr=(0.05, 0.1, 0.2, 0.4), start=(2.0, 0.0)):
    """At which imbalance D = a^2 - b^2 of two_weights() do three ways from one start end?

    flow: on f, infinitely small steps. modified flow: on f + (lr / 4) |grad f|^2. gradient descent:
    with this lr. Each until the loss is below 1e-20.
    """
    def measure(lr):
        run = descend(two_weights(), gradient_descent, start, 600, every=600, lr=lr)
        ends = flow_end(lr, 0.0, start), flow_end(lr, 0.25, start), run.theta[-1]
        names = "flow", "modified flow", "gradient descent"
        return {name: float(f"{imbalance(end):.4g}") for name, end in zip(names, ends)}

    return table(measure, [{"lr": rate} for rate in np.ravel(lr).tolist()], starts=str(start),
                 seeds="none, nothing is drawn", grid="none", budget="until the loss is 0",
                 criterion="D at the end")


@lru_cache
def drifted(noise, lr, sigma, budget=600, walkers=4000):
    """D (3 sets, walkers) at the ends of noisy_walk."""
    return np.array([imbalance(noisy_walk(lr, sigma, noise, seed, walkers, budget)[-1])
                     for seed, in SETS])


@lru_cache
def followed(lrs, seeds, budget, every):
    """Losses (budget + 1, lrs, seeds) of digits_tanh, and every so many steps its sharpness."""
    net = digits_tanh(seed=list(seeds))
    run = descend(net, gradient_descent, steps=budget, lr=np.reshape(lrs, (-1, 1, 1)))
    return run.loss, 2 / limit_at(net, run.theta[::every])


def where_sharpness_stops(lr=(0.15, 0.2, 0.3, 0.4), budget=600, every=60):
    """Which sharpness does a network have, late in its training, at each learning rate?

    digits_tanh, all 100 images in each step. The sets: the mean of its sharpness over the looks of
    the second half, one training each.
    """
    rates, seeds = tuple(np.ravel(lr).tolist()), tuple(seed for seed, in SETS)
    _, sharp = followed(rates, seeds, budget, every)

    def measure(lr):
        k, half = rates.index(lr), len(sharp) // 2 + 1
        late = [float(f"{number:.3g}") for number in sharp[half:, k].mean(axis=0)]
        return {"2 / lr": 2 / lr, **by_set(late)}

    return table(measure, [{"lr": rate} for rate in rates], starts="the network's first weights",
                 seeds=SETS, grid=str(lr), budget=f"{budget} steps",
                 criterion="the largest eigenvalue of H")


def claims(more=()):
    """The claims of the lesson on implicit bias, with the numbers that decide them.

    more: further claims for the same table, such as those of flat_networks.
    """
    return Claims(*of_the_rule(), *of_the_step(), *more)


def of_the_rule():
    """Claims on which solution a rule's moves can reach."""
    ends = [descend(one_equation(), rule, (0, 0), 2000, every=2000, lr=0.05).theta[-1]
            for rule in (gradient_descent, adam)]
    errors = guessed_truth().set_index(["truth", "rule"])[list(by_set(SETS))]
    asked = dict(budget="2,000 steps", referee="mean of 3 problems", seeds=seed_sets(3),
                 criterion="squared distance to the truth, over its squared length",
                 where=WHERE[0])
    turned = flow_directions((1e12,), ((0, 0),)).iloc[0]
    return [
        known("Two rules can reach different minima of one loss from the same start.",
              "proved",
              "gradient descent ends at ({:.2f}, {:.2f}), Adam at ({:.2f}, {:.2f})".format(
                  *np.ravel(ends)), "on an example at 45 degrees the two agree", WHERE[0]),
        known("Gradient descent ends at the solution nearest to its start.", "proved",
              "from 0 it ends at length {:.3f}; no other point of the line is so short".format(
                  np.hypot(*ends[0])), "linear models, squared loss", WHERE[0]),
        judge("Where the true weights are normal numbers, gradient descent ends nearer to them "
              "than Adam.", errors.loc["all normal", "gradient descent"],
              errors.loc["all normal", "Adam"], **asked,
              told="error: gradient descent {lower}; Adam {higher}; weights of 0 have 1",
              limits="70 answers for 100 weights"),
        judge("Where the true weights are 1 or -1, Adam ends nearer to them than gradient descent.",
              errors.loc["all 1 or -1", "Adam"], errors.loc["all 1 or -1", "gradient descent"],
              **asked, told="error: Adam {lower}; gradient descent {higher}; weights of 0 have 1",
              limits="70 answers for 100 weights; with several examples no norm is known that Adam "
              "makes small"),
        known("On separable data gradient descent turns to the largest margin.", "cited",
              "Soudry et al. 2018; here the largest margin is at 26.6 degrees, the weights at time "
              f"1e12 are at {turned['from (0, 0)']:.1f}",
              "the missing angle shrinks like 1 / ln t", WHERE[1]),
    ]


def of_the_step():
    """Claims on what a finite step and noise add."""
    begin = 9 - 1 / 9
    derived = derived_drift(0.05, 0.5, 600, begin)
    surely, anywhere = (drifted(noise, 0.05, 0.5) for noise in ("wrong labels", "any direction"))
    labels = surely.mean(axis=1)
    found = where_sharpness_stops().set_index("lr")
    off = np.abs(found[list(by_set(SETS))].div(found["2 / lr"], axis=0) - 1).max()
    ends = modified_flow().set_index("lr").loc[0.1]
    return [
        known("One step misses the flow on f by a term in lr^2, that on f + (lr / 4) |grad f|^2 "
              "only by one in lr^3.", "proved",
              "Barrett and Dherin 2021; here a whole run, lr 0.1: D ends at {:.3f}, the flow on f "
              "at {:.0f}, the flow on this loss at {:.3f}".format(
                  ends["gradient descent"], ends["flow"], ends["modified flow"]),
              "small lr; at 0.4 this loss tells only an eighth of the fall of D", WHERE[2]),
        judge("Wrong labels carry gradient descent to flatter ground, as far as derived, within "
              "2 %.", np.abs(labels / derived - 1), 0.02,
              told=f"D falls from {begin:.2f} to {in_words(labels)}; derived {in_words(derived)}",
              budget="600 steps", criterion="lr 0.05", seeds=SETS,
              referee="mean of 4,000 runs", limits="a network of two weights", where=WHERE[2]),
        judge("Wrong labels flatten more surely than noise that pushes along the valley as well.",
              *(100 * (abs(ends) > begin).mean(axis=1) for ends in (surely, anywhere)),
              told="% of the runs that end sharper than they began: wrong labels {lower}; with the "
              "push along {higher}", seeds=SETS, where=WHERE[2], budget="600 steps",
              criterion="lr 0.05", referee="4,000 runs a set",
              limits="a network of two weights; in the mean of all runs D falls nearly as far, to "
              f"{anywhere.mean():.1f} instead of {surely.mean():.1f}"),
        known("Gradient descent does not come to rest where the curvature exceeds 2 / lr.",
              "proved", "the swing across grows by the factor lr S - 1 in each step",
              "it may diverge; exactly on the minimum the gradient is 0", WHERE[3]),
        judge("With all images in each step, our network's sharpness comes to 2 / lr, within 10 %.",
              off, 0.1, told=f"at the worst of 4 learning rates it is {in_words(100 * off)} % off",
              seeds=SETS, where=WHERE[3], budget="600 steps",
              criterion="mean sharpness from step 300 on", referee="one training a set",
              limits="squared loss, tanh, 100 images, lr 0.15 to 0.4; at 0.1 it stays far below"),
    ]
