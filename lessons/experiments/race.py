"""Who wins a race of rules, and which choices of the person who set it up decided that?

What the lesson's four rules end at on the digits lies in race_seeds.json beside this file, and by
eight judges in race_digits.json. To make both anew, in about nine minutes:
    python -c "from lessons.experiments import race; race.record_seeds(); race.record()"
"""

import json
from dataclasses import replace
from functools import lru_cache
from itertools import product
from pathlib import Path

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, answered, in_words, judge, known
from lessons.experiments.common import STARTS, compare, sweep, winners
from lessons.experiments.protocol import (
    ahead,
    by_set,
    ends,
    learning_rates,
    named,
    referee_of,
    seed_sets,
    seeded,
    table,
)
from lessons.networks import digits_mlp
from lessons.steps import adam, gradient_descent, momentum, rmsprop
from lessons.surfaces import ravine, rosenbrock
from lessons.views import scaled

__all__ = ["price_of_choice", "shared_race", "tuned_digits", "tuned_races"]
FILE = Path(__file__).with_name("race_digits.json")
SEEDS = Path(__file__).with_name("race_seeds.json")
FOUR = {"Gradient descent": gradient_descent, "Momentum": momentum, "RMSprop": rmsprop,
        "Adam": adam}
RECORDED = 100, 3, 8    # mini-batches, seeds in a set, rates in a decade of the lesson's own race
MARGIN = 1.1  # a winner's loss is at least so many times below the next one's


def digits_network(seed=0):
    """The digits in a network with 64 hidden units, 4,810 weights, and mini-batches of 32 images.

    In float64, because its numbers are then alike on all machines.
    """
    return digits_mlp(batch=32, seed=seed, dtype=np.float64)


def shared_race(rules, surface, steps=60, referee="worst"):
    """At which shared learning rates does each rule win?

    All 41 of learning_rates() are tried. Columns: wins from, to: the lowest and the highest rate at
    which it wins from the surface's own start; set 1 to 3: at how many of the 41 it wins, when nine
    starts count, by the referee; sets from, to: the lowest and the highest of these, in any set. To
    win is to end below where one began, with the next one's loss at least 1.1 times as high.
    """
    rules, sets = named(rules), seed_sets(9)

    def won(place, seeds):
        """The rows of winners() in which somebody wins and ends below the start."""
        ends = winners(sweep(rules, place, budget=steps, seeds=seeds, progress=None), "lr", referee,
                       MARGIN)
        start = seeded(place, seeds)
        return ends[ends["loss"] < referee_of(referee)(start.loss(start.start))]

    own, nine = won(alone(surface), [0]), [won(surface, seeds) for seeds in sets]

    def measure(rule):
        rates, *found = (rows["lr"][rows["winner"] == rule] for rows in [own, *nine])
        tried = [lr for won_at in found for lr in won_at]
        return {"wins from": rates.min(), "to": rates.max(),
                **by_set(len(won_at) for won_at in found),
                "sets from": min(tried, default=np.nan), "sets to": max(tried, default=np.nan)}

    return table(measure, [{"rule": name} for name in rules], starts=STARTS, seeds=sets,
                 grid="8 to a decade, 0.0001 to 10", budget=f"{steps} steps",
                 criterion=f"{referee} of 9 losses; the next one's {MARGIN} times as high")


def alone(surface):
    """The surface as a place with a single run, from its own start, whatever the seed."""
    def place(seed):
        return replace(surface, start=np.array(surface.start, float)[None])

    return place


def tuned_races(rules, places, budget=60, referee="worst", per_decade=32):
    """Who wins, when every rule has the learning rate that suits it?

    Each argument but the rules may be a list; every combination is a row, with a column for each
    argument that varies. Each rule is tuned on nine starts and judged on nine others, three times
    (set 1, 2, 3), by the referee: the "worst" or the "median" loss. per_decade: how many learning
    rates were tried. A set is a TIE unless the next loss is at least 1.1 times as high. verdict:
    who wins all three sets, or "no verdict". lowest, next: the best rule's loss and the second's,
    in sets 1, 2 and 3.
    """
    lands = {place.name: place for place in listed(places)}
    asked = {"landscape": lands, "steps": listed(budget), "referee": listed(referee),
             "per_decade": listed(per_decade)}

    def measure(landscape, steps, referee, per_decade):
        rates = learning_rates(per_decade=per_decade)
        ends = compare(rules, lands[landscape], rates, steps, referee, progress=None)
        rows = winners(ends, referee=referee, margin=MARGIN)
        won = rows["winner"].tolist()
        same = len(set(won)) == 1 and won[0] != "TIE"
        return {**by_set(won), "verdict": won[0] if same else "no verdict",
                "lowest": in_words(rows["loss"]), "next": in_words(rows["next"])}

    cases = [dict(zip(asked, values)) for values in product(*asked.values())]
    found = table(measure, cases, starts=STARTS, seeds=seed_sets(9), budget=f"{budget} steps",
                  grid=f"{per_decade} to a decade, 0.0001 to 10",
                  criterion=f"{referee} of 9 losses; the next one's {MARGIN} times as high")
    alike = [name for name in asked if len(asked[name]) == 1]
    return found.drop(columns=alike).rename(columns={"per_decade": "rates tried in a decade"})


def listed(one):
    """A list as it is; anything else as a list of one."""
    return one if isinstance(one, (list, tuple)) else [one]


@lru_cache(32)
def seed_losses(rule, network, budget, count, per_decade=8):
    """(3, rates, count): a rule's loss for each set of seeds, each rate of the grid, each seed.

    Recorded for the four rules in the lesson's own race, trained for whatever else one asks.
    """
    names = [name for name, ours in FOUR.items() if ours is rule]
    if names and network is digits_network and (budget, count, per_decade) == RECORDED:
        return np.array(json.loads(SEEDS.read_text(encoding="utf-8"))[names[0]])
    return trained(rule, network, budget, count, per_decade)


def trained(rule, network, budget, count, per_decade):
    """What seed_losses() says, trained now."""
    rates = learning_rates(per_decade=per_decade)
    return np.array([ends(rule, network, seeds, rates, budget)[2] for seeds in seed_sets(count)])


def judged_losses(rule, network, budget, count, per_decade=8, referee="mean"):
    """(3, rates): what a referee sees of a rule, for each set of `count` seeds and each rate."""
    return referee_of(referee)(seed_losses(rule, network, budget, count, per_decade), axis=2)


def tuned_losses(rules, network, budget, count, less=0, per_decade=8, referee="mean"):
    """(rules, 3): what each rule ends at, in each set, at the rate that was best on the set before.

    less: how many eighths of a decade below that rate it is run instead; nan below the grid.
    """
    found, less = [], less * per_decade // 8
    for rule in rules.values():
        losses = judged_losses(rule, network, budget, count, per_decade, referee)
        best = np.roll(losses.argmin(axis=1), 1)
        at = np.maximum(best - less, 0)
        found.append(np.where(best < less, np.nan, losses[range(3), at]))
    return np.array(found)


def off_by(less):
    """How many times too low a rate is that lies `less` eighths of a decade below another."""
    return f"{10 ** (less / 8):.2g} times too low"


def tuned_digits(rules, network=digits_network, budget=100, off=(4, 8), count=3, which=1):
    """What does each rule end at on a network, at its best learning rate and at others?

    off: eighths of a decade by which the others are lower.
    rules: name -> step. The best of 41 learning rates is chosen on another set of `count` seeds;
    the losses are the means of set `which`: 1, 2 or 3.
    """
    low = {off_by(less): tuned_losses(rules, network, budget, count, less)[:, which - 1]
           for less in (0, *off)}

    def measure(rule):
        chosen = judged_losses(rules[rule], network, budget, count)[which - 2].argmin()
        row = list(rules).index(rule)
        loss, *others = (float(f"{losses[row]:.3g}") for losses in low.values())
        return {"best lr": learning_rates()[chosen], "its loss": loss,
                **dict(zip(list(low)[1:], others))}

    return table(measure, [{"rule": name} for name in rules], starts=STARTS,
                 seeds=seed_sets(count), grid="8 to a decade, 0.0001 to 10",
                 budget=f"{budget} mini-batches",
                 criterion=f"mean training loss of {count} seeds, set {which}")


def price_of_choice(rules, network=digits_network, budget=100, off=(4, 8), count=3, per_decade=8,
                    referee="mean"):
    """What does a wrong rule cost on a network, and what a wrong learning rate?

    rules: name -> step. The best rate of a grid with `per_decade` rates in a decade is chosen on
    `count` seeds and judged on as many others, in three sets, by the referee. Rows: the worst
    rule's loss over that of the best, each at its own rate; then each rule's loss at a rate that is
    too low, `off` eighths of a decade below its best, over its loss at the best one: the mean of
    the rules.
    """
    asked = dict(per_decade=per_decade, referee=referee)
    tuned = tuned_losses(rules, network, budget, count, **asked)
    cases = {"the worst rule instead of the best": tuned.max(axis=0) / tuned.min(axis=0)}
    for less in off:
        low = tuned_losses(rules, network, budget, count, less, **asked) / tuned
        cases[f"lr {off_by(less)}: mean of the rules"] = low.mean(axis=0)

    def measure(choice):
        return by_set(float(f"{factor:.3g}") for factor in cases[choice])

    return table(measure, [{"choice": name} for name in cases], starts=STARTS,
                 seeds=seed_sets(count), grid=f"{per_decade} to a decade, 0.0001 to 10",
                 budget=f"{budget} mini-batches",
                 criterion=f"{referee} training loss of {count} seeds, as a factor")


def record_seeds(file=SEEDS):
    """Train what seed_losses() has on record, and write it to `file`."""
    lines = []
    for name, rule in FOUR.items():
        losses = trained(rule, digits_network, *RECORDED).ravel()
        losses = np.reshape([float(f"{loss:.6g}") for loss in losses], (3, -1, 3))
        lines.append(f"{json.dumps(name)}: {json.dumps(losses.tolist())}")
    file.write_text("{" + ",\n".join(lines) + "}\n", encoding="utf-8")
    seed_losses.cache_clear()


def record(file=FILE, network=digits_network, budget=100):
    """Tune the four rules by each of eight judges, and write their losses to `file`.

    For each judge two tables (rules, 3): at each rule's best rate, and at a rate ten times lower.
    """
    found = [[count, per_decade, referee,
              *(np.array([[float(f"{loss:.6g}") for loss in row] for row in tuned_losses(
                  FOUR, network, budget, count, less, per_decade, referee)]).tolist()
                for less in (0, 8))]
             for count, per_decade, referee in product((3, 9), (8, 32), ("mean", "worst"))]
    file.write_text(json.dumps(found).replace("]]], ", "]]],\n") + "\n", encoding="utf-8")


def recorded():
    """What `record` has written: count, per_decade, referee, and two arrays (rules, 3) for each."""
    return [(*judge, np.array(tuned), np.array(low))
            for *judge, tuned, low in json.loads(FILE.read_text(encoding="utf-8"))]


def dearer(worst, price):
    """In how many sets is the price of a rate at least a tenth above that of the worst rule?"""
    return int((MARGIN * np.asarray(worst) <= price).sum())


def signs(surface, theta, *, lr=0.035):
    """Sign descent: every coordinate moves by lr, downhill."""
    return theta - lr * np.sign(surface.grad(theta))


def ends_of(rule, place):
    """(3,): the worst of nine starts at a rule's best of 161 rates, in each set, after 60 steps."""
    rates = learning_rates(per_decade=32)
    return compare(rule, place, rates, 60, progress=None)["loss"].to_numpy()


def apart(rule, place, factor=1000.0, lr=0.002, steps=60):
    """How far apart a rule's paths on a loss and on `factor` times it ever are; 0 below 1e-9."""
    paths = [descend(land, rule, steps=steps, lr=lr).theta
             for land in (place, scaled(place, factor))]
    far = np.nan_to_num(np.abs(paths[1] - paths[0]), nan=np.inf).max()
    return far if far > 1e-9 else 0.0


def claims(network=digits_network, budget=100):
    """What the lesson says, proved or judged on three sets of seeds.

    network, budget: where the price of a choice is measured, and with how many mini-batches.
    """
    place, sets = rosenbrock(), seed_sets(9)
    start, asked = np.array(place.start, float), ["set 1", "set 2", "set 3"]
    g = place.grad(start)
    own_size = max(apart(rmsprop, place), apart(adam, place))
    longer = np.divide(*(descend(land, gradient_descent, steps=1, lr=0.002).theta[1] - start
                         for land in (scaled(place, 1000), place)))[0]
    first = {name: descend(place, rule, steps=1, lr=0.002).theta[1, 0] - start[0]
             for name, rule in FOUR.items()}
    straight_on = 1e-4 * np.linalg.norm(g) ** 2     # what the tangent promises for lr 0.0001
    true_fall = place.loss(start) - place.loss(start - 1e-4 * g)
    shared = shared_race(FOUR, place)[asked].min().to_numpy()
    won = tuned_races(FOUR, ravine(angle=30), per_decade=[8, 32])[asked].to_numpy()
    grids = (won == "Gradient descent") * 1
    price = price_of_choice(FOUR, network, budget)[asked].to_numpy()
    digits = tuned_losses(FOUR, network, budget, 3)
    held = {angle: ends_of(signs, ravine(100, angle=angle)) for angle in (0, 30)}
    gd, adds_up = (ends_of(rule, ravine(100, angle=30)) for rule in (gradient_descent, momentum))
    judges = [(tuned.max(axis=0) / tuned.min(axis=0), (low / tuned).mean(axis=0))
              for *_, tuned, low in recorded()]
    agree = sum(dearer(*costs) == 3 for costs in judges)        # in all three sets
    led = sum(set(ahead(tuned, MARGIN)) == {list(FOUR).index("Adam")}
              for *_, tuned, _ in recorded())
    nine = dict(budget="60 steps", criterion="", referee="worst of nine starts", seeds=sets)
    drawn = dict(budget=f"{budget} mini-batches", referee="mean of three seeds", seeds=seed_sets(),
                 criterion="training loss", margin=MARGIN,
                 limits="one network on the digits; other judges: last row",
                 where="On a real network: does it hold for real data?")
    same, land, tune = (
        "Is the same learning rate the same step?", "Who wins at which slider?",
        "Tune everybody: is that fair at last?")
    costs = f"the worst rule costs a factor of {in_words(price[0])}, the lr"
    return Claims(
        known("Of all short steps of one length, which one falls most?", "proved",
              f"the one against the gradient: {straight_on:.3g} is promised at lr 0.0001, "
              f"{true_fall:.3g} is the true fall",
              "only as long as the tangent is true",
              where="What is a step, and why against the gradient?"),
        known("At one lr, how much longer is gradient descent's first move than Adam's?", "proved",
              f"{first['Gradient descent'] / first['Adam']:.1f} times along theta 1, the size of "
              "the gradient", "first step; without epsilon", where=same),
        known("Whose path does a loss times 1000 change?", "proved",
              "gradient descent's and momentum's: the first move of both is "
              f"{longer:.0f} times as long; RMSprop's and Adam's stay (a run of 60 steps: apart by "
              f"{own_size:.2g})", "without epsilon; up to rounding", where=same),
        answered(judge("Does it hold sign descent up that a ravine is turned by 30 degrees?",
                       held[0], held[30], **nine, margin=MARGIN,
                       told="at its best of 161 rates it ends at {lower} straight, at {higher} "
                       "turned", limits="one ravine, one angle", where=same)),
        answered(judge("In the turned ravine, is momentum, which adds gradients up, better than "
                       "gradient descent?", adds_up, gd, **nine, margin=MARGIN,
                       told="at its best of 161 rates it ends at {lower}, gradient descent at "
                       "{higher}", limits="one ravine, one angle; momentum's loss swings and ends "
                       "at a low point", where=same)),
        answered(judge("Does each of the four win at some shared learning rate?", 0, shared, **nine,
                       told="the rule with the fewest wins has {higher} of 41 rates",
                       limits="Rosenbrock's valley; some winners end high, near 1000", where=land)),
        answered(judge("Tuned, can the grid decide whether a rule wins?", *grids, **nine,
                       told=f"gradient descent wins {grids[0].sum()} of 3 sets with 8 rates a "
                       f"decade, {grids[1].sum()} with 32",
                       limits="gradient descent in a ravine", where=tune)),
        answered(judge("Does an lr ten times too low, in the mean of the rules, cost more than the "
                       "worst rule does?", price[0], price[-1], **drawn,
                       told=f"{costs} {{higher}}")),
        answered(judge("Does an lr three times too low cost more than the worst rule does?",
                       price[0], price[1], **drawn,
                       told=f"{costs} {{higher}} in the mean of the four")),
        answered(judge("Is Adam, tuned, better than the other three, tuned?", digits[-1],
                       digits[:-1].min(axis=0),
                       **{**drawn, "limits": f"{drawn['limits']}; by {led} of eight judges Adam is "
                          "a tenth ahead in all sets"},
                       told="it ends at {lower}, the best of the others at {higher}")),
        answered(judge("Do all eight judges find that the lr ten times too low costs more?",
                       np.max([worst for worst, _ in judges], axis=0),
                       np.min([price for _, price in judges], axis=0),
                       told=f"by {agree} of {len(judges)} judges in all three sets",
                       **{**drawn, "budget": "100 mini-batches", "seeds": seed_sets(9),
                          "limits": "one network on the digits",
                          "referee": "mean or worst of 3 or 9 seeds, 8 or 32 rates a decade"})))
