"""What does a known curvature buy, where does it lead, and what does it cost?"""

from dataclasses import replace
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known, tiny
from lessons.experiments.protocol import by_set, converged_at, seed_sets, table, whole
from lessons.networks import digits_mlp, digits_softmax
from lessons.steps import (
    adam,
    gradient_descent,
    line_search,
    newton,
    newton_line_search,
    saddle_free_newton,
)
from lessons.steps.quasi_newton import product, steihaug
from lessons.surfaces import Surface, himmelblau, hyperbola, ravine
from lessons.views import in_units, with_l2

__all__ = [
    "damping_borders", "network_race", "reach_minimum", "right_digits", "steps_and_price",
    "where_it_ends",
]
SETS = seed_sets(1)     # three sets of one seed, which draws all starts of its set
WHERE = (       # the headings of the lesson's rounds
    "What does a parabola know that a slope does not?",
    "How fast is fast?",
    "Where does it go?",
    "How far along the direction?",
    "What does a step cost?",
    "On a real network",
)
FLAT = {        # where else its gradient is 0: three digits, which a few steps of newton complete
    "saddle A": (-3.07, -0.08), "saddle B": (-0.13, -1.95), "saddle C": (0.09, 2.88),
    "saddle D": (3.39, 0.07), "maximum": (-0.27, -0.92),
}


@lru_cache     # a lesson asks for its table, and again for its claims
def right_digits(jumps=6):
    """How many digits of the answer are right after each step?

    -log10 of the distance from the minimum, 16 at most, which is all that a computer's numbers
    hold.
    """
    barrier = line("x - ln x", lambda x: x - np.log(x), lambda x: 1 - 1 / x, lambda x: 1 / (x * x))
    power = line("x^4", lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x * x)
    cases = {
        "x - ln x from 0.5": (barrier, 1.0),
        "x^4 from 0.5": (power, 0.0),
    }

    def measure(case):
        surface, lowest = cases[case]
        apart = descend(surface, newton, (0.5,), jumps).theta - lowest
        digits = np.minimum(-np.log10(np.sqrt(np.square(apart).sum(axis=-1))), 16)
        return {f"step {t}": round(number, 1) + 0.0 for t, number in enumerate(digits)}

    return table(measure, [{"case": case} for case in cases], starts="named",
                 seeds="none, nothing is drawn", grid="none", budget=f"{jumps} steps",
                 criterion="-log10 of the distance from the minimum")


def line(name, f, slope, bend):
    """A Surface of one coordinate from f, f' and f''."""
    return Surface(name, lambda theta: f(theta[..., 0]), slope,
                   lambda theta: bend(theta)[..., None], None, (1.0,), ())


@lru_cache
def digits_with_l2():
    """The digits' softmax regression plus 0.0005 |theta|^2."""
    return with_l2(digits_softmax(), 1e-3)


@lru_cache
def bottom_of_digits():
    """(theta, loss) in the minimum of digits_with_l2, by eight of Newton's steps."""
    run = descend(digits_with_l2(), newton, np.zeros(650), 8, every=8)
    return run.theta[-1], run.loss[-1]


def level_places():
    """{name: point} of Himmelblau's four saddles and its maximum."""
    found = descend(himmelblau(), newton, list(FLAT.values()), 8, every=8).theta[-1]
    return dict(zip(FLAT, found))


def attracting(damping, lr=1.0):
    """How many of the four saddles and the maximum attract Newton's runs at this damping?

    One step leaves 1 - lr c / (c + damping) of an error along curvature c: all must be below 1 in
    size. An answer that is still open, `...`, stays so.
    """
    if damping is ...:
        return ...
    c = np.linalg.eigvalsh(himmelblau().hess(np.array(list(level_places().values()))))
    return int((np.abs(1 - lr * c / (c + damping)).max(axis=-1) < 1).sum())


@lru_cache
def where_it_ends(budget=60, count=1000):
    """Where do runs on Himmelblau's function end, in per cent of their starts?

    The sets: at a minimum, from `count` starts drawn in the square of half width 5, three sets of
    one seed. saddle, maximum: the mean of the three. Ended: within 0.01 of a level place after
    `budget` steps, and of gradient descent after five times as many.
    """
    rules = {
        "Newton": (newton, {}, 1), "|H|": (saddle_free_newton, {}, 1),
        "gradient descent, lr 0.01": (gradient_descent, dict(lr=0.01), 5),
    }
    starts = np.array([np.random.default_rng(s).uniform(-5, 5, (count, 2)) for s, in SETS])
    flat = level_places()

    def measure(rule):
        step, knobs, times = rules[rule]
        ends = descend(himmelblau(), step, starts, budget * times, **knobs).theta[-1]

        def share(points):
            near = [np.abs(ends - at).max(axis=-1) < 0.01 for at in points]
            return 100 * np.any(near, axis=0).mean(axis=-1)

        saddles = [at for name, at in flat.items() if name != "maximum"]
        return {**by_set(share(himmelblau().minima)), "saddle": share(saddles).mean(),
                "maximum": share([flat["maximum"]]).mean()}

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS, grid="none",
                 starts=f"{count} a set, uniform in the square", budget=f"{budget} steps or more",
                 criterion="within 0.01 of a level place")


@lru_cache
def damping_borders(around=(0.97, 1.03), budget=400, count=40):
    """At which damping does each saddle, and the maximum, let go?

    derived: half of the curvature that points down most; for the maximum of the one that points
    down least. The others: how many of 3 x `count` starts within 0.02 of the place are drawn to it,
    in per cent, where the damping is so many times the derived one.
    """
    away = [np.random.default_rng(s).normal(0, 0.01, (count, 2)) for s, in SETS]

    def measure(place):
        at = level_places()[place]
        bends = np.linalg.eigvalsh(himmelblau().hess(at))
        border = (-bends[0] if bends[1] > 0 else -bends[1]) / 2
        damping = border * np.reshape(around, (-1, 1, 1, 1))
        ends = descend(himmelblau(), newton, at + np.zeros((len(around), 3, count, 2)) + away,
                       budget, every=budget, damping=damping).theta[-1]
        held = np.abs(ends - at).max(axis=-1) < 1e-4
        return {"curvatures": "{:.1f}, {:.1f}".format(*bends), "derived": border,
                **{f"held at {k:g}": 100 * one.mean() for k, one in zip(around, held)}}

    return table(measure, [{"place": place} for place in FLAT], seeds=SETS, grid=str(around),
                 starts=f"{count} a set, N(0, 0.01^2) about the place", budget=f"{budget} steps",
                 criterion="within 0.0001 of the place, in per cent")


@lru_cache
def reach_minimum(budget=120, count=100):
    """How many starts on the hyperbola converge, and in how many steps?

    Starts are drawn in |x| < 9, |y| < 3, `count` in each of three sets. The sets: converged, in per
    cent. steps: the median of those.
    """
    place = hyperbola()
    rules = {"Newton": newton, "gradient descent, searched": line_search,
             "Newton, searched": newton_line_search}
    spread = [np.random.default_rng(s).uniform(-1, 1, (count, 2)) for s, in SETS]

    def measure(rule):
        run = descend(place, rules[rule], np.array(spread) * np.max(place.window, axis=1), budget)
        needed = converged_at(np.where(np.isfinite(run.loss), run.loss, np.inf))
        there = np.isfinite(needed)
        return {**by_set(100 * there.mean(axis=-1)), "steps": np.median(needed[there])}

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS,
                 starts=f"{count} a set, uniform", grid="none", budget=f"{budget} steps",
                 criterion="the loss stays at or below 0.0001 of its first")


def newton_by_products(surface, theta, *, lr=1.0):
    """Newton's step from products H u only, by conjugate gradients; no H is ever written down.

    steihaug takes their rounds, here without a limit on the length. They stop where what is left of
    g is smaller than |g| min(1/2, sqrt |g|): rough far away, exact near.
    Source: Dembo & Steihaug 1983, doi:10.1007/BF02592055.
    """
    g, H = surface.grad(theta), product(surface, theta)
    return theta + lr * steihaug(g, H, np.inf)[0]


def starts_on_digits():
    """The start of each set, N(0, 0.1^2): (3, 650)."""
    return np.array([np.random.default_rng(s).normal(0, 0.1, 650) for s, in SETS])


@lru_cache
def steps_and_price(target=1e-4, budget=500):
    """What does it cost to bring the digits' loss within 0.0001 of its lowest?

    650 parameters, L2, starts N(0, 0.1^2), three sets of one seed. best lr: on the second set
    (gradient descent: of 4, 4.25, 4.5, Adam: of 0.4, 0.8, 1.6). The sets: steps. gradients,
    products: what the second set asked for; a Hessian counts as 650 products.
    """
    lowest, few = bottom_of_digits()[1], 1 + budget // 100
    rules = {"gradient descent": (gradient_descent, [4, 4.25, 4.5], budget),
             "Adam": (adam, [0.4, 0.8, 1.6], budget // 2),
             "Newton, searched": (newton_line_search, [1.0], few),
             "Newton by products": (newton_by_products, [1.0], few)}
    starts = starts_on_digits()

    def needed(step, start, lr, most):
        loss = descend(digits_with_l2(), step, start, most, lr=np.reshape(lr, (-1, 1))).loss
        return converged_at(loss - lowest, target / (loss[0] - lowest))

    def measure(rule):
        step, rates, most = rules[rule]
        tried = needed(step, starts[1], rates, most)
        lr = rates[int(tried.argmin())]
        first, third = (needed(step, start, [lr], most)[0] for start in starts[::2])
        asked = bill(step, starts[1], lr, int(min(tried.min(), most)))
        return {"best lr": lr, **by_set(map(whole, (first, tried.min(), third))), **asked}

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS, grid="3 rates each",
                 starts="N(0, 0.1^2)", budget=f"{budget} steps; Adam {budget // 2}, Newton {few}",
                 criterion=f"the loss stays within {target:g} of the lowest")


def bill(step, start, lr, steps):
    """{"gradients", "products"} that a run on the digits asks for."""
    place, count = digits_with_l2(), dict(gradients=0, products=0)

    def counted(function, name, times=1):
        def ask(*where):
            count[name] += times
            return function(*where)

        return ask

    seen = replace(place, grad=counted(place.grad, "gradients"),
                   hvp=counted(place.hvp, "products"), hess=counted(place.hess, "products", 650))
    descend(seen, step, start, steps, every=steps, lr=lr)
    return count


def network(images=100, hidden=4):
    """A digits network of 4 hidden units on some images, with H from D products; three seeds."""
    net = digits_mlp(batch=None, seed=[s for s, in SETS], dtype=np.float64, hidden=(hidden,))
    few = net.first(images)

    def hess(theta):
        H = few.hvp(theta[..., None, :], np.eye(net.dim))
        return (H + H.swapaxes(-1, -2)) / 2

    return replace(few, hess=hess, start=net.start)


def best_by_mean(place, step, steps, knob, tried):
    """(the tried value whose mean loss over all starts of the place is lowest, its last losses)."""
    last = descend(place, step, place.start, steps, every=steps,
                   **{knob: np.reshape(tried, (-1, 1, 1))}).loss[-1]
    last = np.where(np.isfinite(last), last, np.inf)
    best = int(last.mean(axis=1).argmin())
    return tried[best], last[best]


@lru_cache
def network_race(steps=8, images=100):
    """What do searched steps of |H|, and as many gradients, make of a network?

    310 parameters, 4 hidden units with ReLU. The sets: the training loss of one seed each, at the
    one knob of four whose mean over the three is lowest (damping 0.0001, 0.001, 0.01, 0.1; Adam's
    lr 0.01, 0.02, 0.04, 0.08, and twice these for few steps). asked: gradients and products, a
    Hessian counts as 310 of these.
    """
    place = network(images)
    asked = steps * (place.dim + 1)
    rules = {
        "|H|, searched": (newton_line_search, "damping", [1e-4, 1e-3, 1e-2, 0.1], steps, asked),
        "Adam, as many steps": (adam, "lr", [0.02, 0.04, 0.08, 0.16], steps, steps),
        "Adam": (adam, "lr", [0.01, 0.02, 0.04, 0.08], asked, asked),
    }

    def measure(rule):
        step, knob, tried, most, price = rules[rule]
        best, last = best_by_mean(place, step, most, knob, tried)
        return {"knob": f"{knob} {best:g}", **by_set(last), "asked": price}

    return table(measure, [{"rule": rule} for rule in rules], seeds=SETS, starts="first weights",
                 grid="4 values each", budget=f"{steps} steps, or as many gradients as they cost",
                 criterion="training loss of the images")


def claims():
    """The claims of the lesson on Newton's method, with the numbers that decide them."""
    return Claims(*of_the_step(), *of_its_ends(), *of_its_price())


def of_the_step():
    """Claims on one step, its units and its speed."""
    place = ravine(100, 30)
    left = np.abs(newton(place, np.array(place.start))).max()
    start, longer = np.array([3.4, 2.3]), np.array([1.0, 10.0])
    seen = descend(himmelblau(), newton, start, 5).theta
    other = descend(in_units(himmelblau(), longer), newton, start / longer, 5).theta
    apart = np.abs(seen - longer * other).max()
    digits = right_digits().set_index("case")
    doubled = digits.loc["x - ln x from 0.5"]
    flat = line("x^4", lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x * x)
    kept = float(newton(flat, np.array([1.0]))[0])
    return [
        known("Newton's step lands in the minimum of any quadratic with positive curvatures.",
              "proved", f"condition 100, turned by 30 degrees: {tiny(left)} is left",
              "with a negative curvature it lands on the saddle", WHERE[0]),
        known("Newton visits the same points in all units, and in all mixtures of them.", "proved",
              f"five steps, a unit ten times as long: {tiny(apart)} apart",
              "damping gives it up, and so does |H| where curvatures have both signs", WHERE[0]),
        known("Near a minimum with positive curvatures a Newton step squares the error, up to a "
              "constant.", "proved",
              "right digits of x - ln x: " + ", ".join(f"{n:g}" for n in doubled[1:6]),
              f"on x^4, whose curvature dies, a step keeps {kept:.3f} of the error", WHERE[1]),
    ]


def of_its_ends():
    """Claims on where the step leads and on the length that is searched."""
    ends = where_it_ends().set_index("rule")
    borders, reached = damping_borders(), reach_minimum()
    found = {rule: ends.loc[rule, list(by_set(SETS))].tolist() for rule in ends.index}
    fly, hold = (reached.loc[k, list(by_set(SETS))].tolist() for k in (0, 2))
    himmel = dict(criterion="within 0.01 of a minimum", referee="sets of 1,000 starts",
                  seeds=SETS, where=WHERE[2])
    return [
        judge("On Himmelblau's function Newton finds a minimum from fewer starts than gradient "
              "descent.", found["Newton"], found["gradient descent, lr 0.01"], **himmel,
              told="Newton ends in a minimum from {lower} % of the starts, gradient descent from "
              "{higher} %", budget="60 steps of Newton, 300 of gradient descent at lr 0.01",
              limits="one landscape of two parameters, starts in one square"),
        known("At lr 1 a saddle lets go at a damping of half its downward curvature.", "proved",
              f"held at 0.97 of it: {borders['held at 0.97'].min():g} % of the starts near five "
              f"places; at 1.03: {borders['held at 1.03'].max():g} %",
              "for a constant damping; at a learning rate t it is 1 - t/2 of the curvature",
              WHERE[2]),
        judge("On Himmelblau's function Newton finds a minimum from more starts with |H| than with "
              "H.", found["Newton"], found["|H|"], **himmel, budget="60 steps",
              told="{lower} % of the starts end in a minimum with H, {higher} % with |H|",
              limits="one landscape of two parameters, starts in one square"),
        judge("On a convex function Newton converges from more starts with a search than without.",
              fly, hold, told="{lower} % of the starts converge without a search, {higher} % with "
              "one", budget="120 steps", criterion="the loss stays at 1e-4 of its first",
              referee="sets of 100 starts", seeds=SETS, where=WHERE[3],
              limits="one function of two parameters, nearly straight far out"),
    ]


def of_its_price():
    """Claims on cost, in gradients and products with H."""
    price = steps_and_price().set_index("rule")
    race = network_race().set_index("rule")
    names = list(by_set(SETS))
    starts = starts_on_digits()
    steps = price.loc["Newton by products", names]
    products = [bill(newton_by_products, start, 1.0, int(steps[name]))["products"]
                for name, start in zip(names, starts)]
    adams = price.loc["Adam", names]
    even = ", ".join(f"{gradients:.1f}" for gradients in (adams - steps) / products)
    slow, dense = price.loc["gradient descent", names], 651 * price.loc["Newton, searched", names]
    exact = in_words([f"{n:,.0f}" for n in dense])
    asked = dict(budget="until the loss is within 0.0001 of its lowest", seeds=SETS,
                 referee="one start a set, each rule at its best lr", where=WHERE[4])
    spent = f"{race.loc['|H|, searched', 'asked']:,} gradients and products"
    lowest = dict(criterion="training loss", seeds=SETS, where=WHERE[5],
                  referee="one start a set, the best of 4 knobs by the mean of the three")
    return [
        judge("With a whole Hessian of 650 parameters, searched Newton asks for more gradients and "
              "products than gradient descent.", slow, dense, **asked,
              told=f"gradient descent asks for {{lower}} gradients, Newton for {exact} gradients "
              "and products", criterion="a Hessian counts as 650 products",
              limits="losses are not counted; one task"),
        judge("Newton by products asks for fewer gradients and products than gradient descent and "
              "than Adam.", products + steps, adams,
              told="Newton asks for {lower} gradients and products, Adam for {higher} gradients, "
              f"gradient descent for {in_words(slow)}",
              criterion="a product counts as a gradient", limits="full batches, a convex loss; "
              f"Adam asks for more only while a product costs less than {even} gradients", **asked),
        judge("On a small network 8 searched steps of |H| end lower than 8 steps of Adam.",
              race.loc["|H|, searched", names].tolist(),
              race.loc["Adam, as many steps", names].tolist(), **lowest,
              told="last loss {lower} with |H|; {higher} with Adam", budget="8 steps",
              limits=f"one small network; the steps of |H| cost {spent}, those of Adam 8 "
              "gradients"),
        judge("On a small network Adam ends lower than 8 searched steps of |H| at the same price.",
              race.loc["Adam", names].tolist(), race.loc["|H|, searched", names].tolist(),
              told="last loss {lower} with Adam; {higher} with |H|",
              budget=f"{spent} each", **lowest,
              limits="one small network; each step of |H| pays for the whole Hessian"),
    ]
