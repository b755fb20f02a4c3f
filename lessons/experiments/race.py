"""Who wins a race of rules, and which choices of the person who set it up decided that?"""

from itertools import product

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, judge, known
from lessons.experiments.common import STARTS, compare, sweep, winners
from lessons.experiments.protocol import by_set, ends, learning_rates, named, seed_sets, table
from lessons.networks import digits_softmax
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import ravine, rosenbrock, steep_optima
from lessons.views import scaled

__all__ = [
    "first_moves", "lost_starts", "price_of_choice", "rescaled_paths", "shared_race", "tuned_races",
]
FOUR = {"Gradient descent": gradient_descent, "Momentum": momentum, "RMSprop": rmsprop,
        "Adam": adam}
START = dict(starts="the surface's own", seeds="none, nothing is drawn")
MARGIN = 1.1  # a winner's loss is at least so many times below the next one's


def digits64(seed):
    """Softmax regression on the digits, with mini-batches of 64 drawn by `seed`."""
    return digits_softmax(batch=64, seed=seed)


def first_moves(rules, surface, lr=0.002):
    """How far does each rule move in its first step, all at the same learning rate?

    Columns: the move along each coordinate, and the first of these divided by lr.
    """
    rules, start = named(rules), np.array(surface.start, float)

    def measure(rule):
        move = descend(surface, rules[rule], steps=1, lr=lr).theta[1] - start
        along = {f"move along theta {k}": one for k, one in enumerate(move, 1)}
        return {**along, "first move / lr": move[0] / lr}

    return table(measure, [{"rule": name} for name in rules], **START, grid=str(lr),
                 budget="1 step", criterion="theta after the step, less the start")


def rescaled_paths(rules, surface, factor=1000.0, lr=0.002, steps=60):
    """How far apart are a rule's paths on a loss and on `factor` times that loss?

    Columns: the largest distance along a coordinate after the first step and over all steps, at the
    same lr and at lr / factor on the multiplied loss. inf: that path left for infinity.
    """
    rules, loud = named(rules), scaled(surface, factor)

    def measure(rule):
        path = descend(surface, rules[rule], steps=steps, lr=lr).theta
        found = {}
        for words, rate in {"same lr": lr, f"lr / {factor:g}": lr / factor}.items():
            other = descend(loud, rules[rule], steps=steps, lr=rate).theta
            apart = np.nan_to_num(np.abs(other - path).max(axis=-1), nan=np.inf)
            found[f"{words}, step 1"], found[f"{words}, all steps"] = apart[1], apart.max()
        return {name: apart if apart > 1e-9 else 0.0 for name, apart in found.items()}

    return table(measure, [{"rule": name} for name in rules], **START, grid=str(lr),
                 budget=f"{steps} steps", criterion="distance; below 1e-9 it is rounding, and 0")


def shared_race(rules, surface, steps=60, referee="worst"):
    """At which shared learning rates does each rule win?

    All 41 of learning_rates() are tried. Columns: from, to and won: where it wins from the
    surface's own start; set 1 to 3: how many it wins on nine starts each, by the referee. To win is
    to end below where one began, and at most a tenth as much again below the next one.
    """
    rules, sets, rates = named(rules), seed_sets(9), learning_rates()
    own = sweep(rules, alone(surface), rates, steps, seeds=[0], progress=None)
    own = winners(own, "lr", referee, MARGIN)
    own = own[own["loss"] < surface.loss(np.array(surface.start))]
    found = [sweep(rules, surface, budget=steps, seeds=seeds, progress=None) for seeds in sets]
    counts = [winners(one, "lr", referee, MARGIN)["winner"].value_counts() for one in found]

    def measure(rule):
        won = own.loc[own["winner"] == rule, "lr"]
        span = {"from": won.min(), "to": won.max()} if len(won) else {"from": np.nan, "to": np.nan}
        return {**span, "won": len(won),
                **by_set(int(count.get(rule, 0)) for count in counts)}

    return table(measure, [{"rule": name} for name in rules], starts=STARTS, seeds=sets,
                 grid="8 to a decade, 0.0001 to 10", budget=f"{steps} steps",
                 criterion=f"{referee} of 9 losses; the next one's {MARGIN} times as high")


def in_words(times):
    """A ratio with two digits, and no power of ten."""
    return f"{times:.1f}" if times < 10 else f"{float(f'{times:.2g}'):.0f}"


def alone(surface):
    """The surface as a place with a single run, from its own start, whatever the seed."""
    def place(seed):
        return surface

    return place


def tuned_races(rules, places, budget=60, referee="worst", per_decade=32):
    """Who wins, when every rule has the learning rate that suits it?

    Each argument but the rules may be a list; every combination is a row. Each rule is tuned on
    nine starts and judged on nine others, in three sets (1, 2, 3), by the referee: the "worst" or
    the "median" loss. per_decade: how many learning rates were tried. Columns: the winner of each
    set and how many times as high the next one's loss is, or TIE below 1.1 times; verdict: who wins
    all three, or "no verdict".
    """
    def listed(one):
        return one if isinstance(one, (list, tuple)) else [one]

    grid = list(product(listed(places), listed(budget), listed(referee), listed(per_decade)))

    def measure(landscape, steps, referee, per_decade):
        place = next(place for place in listed(places) if place.name == landscape)
        tuned = compare(rules, place, learning_rates(per_decade=per_decade), steps, referee,
                        progress=None)
        ends = winners(tuned, referee=referee, margin=MARGIN)
        won, ahead = ends["winner"].tolist(), ends["next"] / ends["loss"].clip(lower=1e-12)
        same = len(set(won)) == 1 and won[0] != "TIE"
        return {**{f"set {k}": name if name == "TIE" else f"{name}, {in_words(times)} times"
                   for k, (name, times) in enumerate(zip(won, ahead), 1)},
                "verdict": won[0] if same else "no verdict"}

    cases = [{"landscape": place.name, "steps": steps, "referee": judge, "per_decade": count}
             for place, steps, judge, count in grid]
    return table(measure, cases, starts=STARTS, seeds=seed_sets(9), grid="per_decade, 1e-4 to 10",
                 budget="steps", criterion=f"the next one's loss is {MARGIN} times as high")


def lost_starts(rules, place, budget=60, referees=("worst", "median"), per_decade=32):
    """How many of 27 fresh starts does each rule lose, tuned by one referee or by the other?

    A start is lost if the run ends higher than it began. Columns for each referee: the lowest and
    the highest of the three learning rates that were chosen, and the starts lost in all three sets.
    """
    rates = learning_rates(per_decade=per_decade)
    tuned = {referee: compare(rules, place, rates, budget, referee, progress=None)
             .groupby("rule") for referee in referees}

    def measure(rule):
        found = {}
        for referee, rows in tuned.items():
            chosen = rows.get_group(rule)["lr"]
            found[f"{referee}: lr"] = f"{chosen.min():.2g} to {chosen.max():.2g}"
            found[f"{referee}: lost"] = int(rows.get_group(rule)["lost"].sum())
        return found

    return table(measure, [{"rule": name} for name in named(rules)], starts=STARTS,
                 seeds=seed_sets(9), grid=f"{per_decade} to a decade, 1e-4 to 10",
                 budget=f"{budget} steps", criterion="runs of 27 that end above their start")


def price_of_choice(rules, network=digits64, budget=40, off=(8, 16, 32), count=3, per_decade=32):
    """What does a wrong rule cost on a network, and what a wrong learning rate?

    The best rates are chosen on three draws and judged on three others, in three sets. Rows: the
    worst rule against the best, each at its own rate; then each rule against itself, `off` places
    of the grid below its best. Columns: the lowest and the highest factor by which the loss rises,
    over rules and sets, then the mean of the rules by set.
    """
    rules, sets = named(rules), seed_sets(count)
    rates = learning_rates(low=1e-3, per_decade=per_decade)
    losses = {name: [ends(rule, network, seeds, rates, budget)[2].mean(axis=1) for seeds in sets]
              for name, rule in rules.items()}

    def at_best(less):
        """(rules, 3): the loss so many places of the grid below the best rate."""
        return np.array([[losses[name][k][int(losses[name][k - 1].argmin()) - less]
                          for k in range(3)] for name in rules])

    def measure(choice):
        tuned = at_best(0)
        worst = tuned.max(axis=0, keepdims=True) / tuned.min(axis=0)
        factors = at_best(cases[choice]) / tuned if cases[choice] else worst
        against = "itself, tuned" if cases[choice] else "the best rule"
        return {"against": against, "least": factors.min(), "most": factors.max(),
                **by_set(factors.mean(axis=0))}

    low = {f"each rule, lr {10 ** (k / per_decade):.2g} times too low": k for k in off}
    cases = {"the worst rule": 0, **low}
    return table(measure, [{"choice": name} for name in cases], starts="all weights 0",
                 seeds=sets, grid=f"{per_decade} to a decade, 0.001 to 10",
                 budget=f"{budget} mini-batches",
                 criterion=f"mean training loss of {count} draws, as a factor")


def claims():
    """What the lesson says, proved or judged on three sets of seeds."""
    place, sets = rosenbrock(), seed_sets(9)
    start, asked = np.array(place.start, float), ["set 1", "set 2", "set 3"]
    g = place.grad(start)
    moves = first_moves(FOUR, place).set_index("rule")["move along theta 1"]
    paths = rescaled_paths(FOUR, place).set_index("rule")["same lr, all steps"]
    shared = shared_race(FOUR, place)[asked].min().to_numpy()
    lands = tuned_races(FOUR, [rosenbrock(), ravine(angle=30), steep_optima()])[asked]
    lands = lands.map(lambda words: words.split(",")[0]).nunique()
    grids = tuned_races(FOUR, ravine(angle=30), per_decade=[8, 32])[asked]
    grids = grids.map(lambda words: words.startswith("Gradient descent"))
    price = price_of_choice(FOUR).set_index("choice")[asked]
    lost = {how: compare(FOUR, place, learning_rates(per_decade=32), 60, how, progress=None)
            .groupby("judged")["lost"].sum() for how in ("worst", "median")}
    digits = compare(FOUR, digits64, learning_rates(1e-3, per_decade=32), 40, "mean", 3,
                     progress=None)
    digits = digits.pivot(index="judged", columns="rule", values="loss")
    nine = dict(budget="60 steps", referee="worst of nine starts", seeds=sets)
    drawn = dict(budget="40 mini-batches", referee="mean of three draws", seeds=seed_sets(),
                 criterion="training loss", where="On a real network: does it hold for real data?")
    same, land, tune = ("Is the same learning rate the same step?", "Who wins at which slider?",
                        "Tune everybody: is that fair at last?")
    return Claims(
        known("Of all short steps of one length, the one against the gradient falls most", "proved",
              f"lr 0.0001: promised {place.loss(start) - 1e-4 * g @ g:.4g}, true "
              f"{place.loss(start - 1e-4 * g):.4g}", "only as long as the tangent is true",
              where="What is a step, and why against the gradient?"),
        known("At one lr, along each coordinate, gradient descent's first move is as many times "
              "Adam's as the gradient there is large", "proved",
              f"{moves['Gradient descent'] / moves['Adam']:.1f} times along theta 1",
              "first step; eps 0", where=same),
        known("A loss multiplied by 1000 changes no path of RMSprop or Adam", "proved",
              f"apart by {max(paths['RMSprop'], paths['Adam']):.2g} in 60 steps; gradient descent "
              f"by {paths['Gradient descent']:.2g}", "eps 0, rounding", where=same),
        judge("Each of the four wins at some shared learning rate", 0, shared, **nine,
              criterion="of 41 rates, those won by the rule that wins fewest",
              limits="Rosenbrock's valley", where=land),
        judge("Each tuned, another landscape has another winner", 1, lands, **nine,
              criterion="different winners on three landscapes",
              limits="landscapes that we picked", where=tune),
        judge("How finely learning rates are tried can decide whether a rule wins",
              *grids.to_numpy() * 1, **nine,
              criterion="1 if gradient descent wins, at 8 and at 32 to a decade",
              limits="ravine", where=tune),
        judge("A referee who takes the median hides runs that are lost", lost["worst"],
              lost["median"], **{**nine, "referee": "tuned by the worst or the median of nine"},
              criterion="of 36 runs, those that end above their start",
              limits="Rosenbrock's valley", where=tune),
        judge("A learning rate ten times too low costs more than the worst rule",
              price.iloc[0], price.iloc[-1], **drawn, limits="softmax on digits"),
        judge("A learning rate three times too low costs more than the worst rule",
              price.iloc[0], price.iloc[-2], margin=MARGIN, **drawn, limits="softmax on digits"),
        judge("Adam, tuned, beats the other three, tuned", digits["Adam"],
              digits.drop(columns="Adam").min(axis=1), margin=MARGIN, **drawn,
              limits="softmax on digits"))
