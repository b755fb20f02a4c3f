"""Who ends lowest at which shared learning rate, and how the race looks there."""
from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import LEAST, ahead, learning_rates
from lessons.look import GREY, Look, looks
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import on_map, until_gone
from lessons.stage import scene

THIS, MEDIAN, WORST = "this start", "median of nine", "worst of nine"
BUDGETS, PER_DECADE = (60, 200, 600), (8, 32)
MARGIN = 1.1                            # the next one ends at least so many times as high
NOBODY, INK = Look(GREY, (), "o"), Look("#111111", (), "o")


@scene("Who wins?", steps=60, height=4.6, alt="A map with a race at one learning rate; beside it "
       "each rule's last loss over the learning rate, and below it a bar in the winner's colour.")
def who_wins(stage, surfaces, rivals, *, lr=0.002):
    """Show who wins at every shared learning rate, and the race at one of them; returns a Stage.

    surfaces: Surfaces with two coordinates, a menu. rivals: name -> step, for steps that work on
    grids. The race runs at the learning rate of the grid that is nearest to the slider.
    """
    places, look = {place.name: place for place in surfaces}, looks(rivals)
    names, drawn = list(rivals), {}
    panels = stage.mosaic([["map", "curves"], ["map", "bar"]], height_ratios=(6, 1),
                          width_ratios=(1.05, 1))
    plan, curves, bar = panels["map"], panels["curves"], panels["bar"]
    plan.set_anchor("N")
    frame_map(plan, surfaces[0])
    for ax in (curves, bar):
        ax.set(xscale="log", xlim=(0.8e-4, 12))
    curves.set(yscale="log", ylabel="last loss", xticklabels=[])
    bar.set(ylim=(0, 1), yticks=[], xlabel="learning rate, the same for all")
    headline, title = stage.headline(curves), stage.headline(plan)
    line = stage.path(curves, NOBODY, whole=True, width=1.5)
    begin = stage.noted_line(curves)
    pin = stage.path(bar, NOBODY, whole=True, width=1.5)
    paths = {name: stage.path(plan, look[name], group=name) for name in names}
    ends = {name: stage.path(curves, look[name], group=name, whole=True) for name in names}
    dots = {name: stage.marker(curves, look[name], group=name, size=9) for name in names}
    won = {name: stage.path(bar, look[name]._replace(dash=()), group=name, whole=True, width=14)
           for name in names}
    tags = {name: stage.text(bar, INK, group=name, size=11) for name in names}
    stage.slider("lr", lr)
    stage.choice("surface", list(places), label="landscape")
    stage.choice("budget", BUDGETS, label="steps")
    stage.choice("referee", [THIS, MEDIAN, WORST], label="who judges")
    stage.choice("grid", PER_DECADE, label="learning rates tried in a decade")
    stage.record("lr")

    @lru_cache(32)
    def swept(surface, budget, referee, grid):
        """The grid of learning rates, and each rule's last loss on it as the referee sees it."""
        place, rates = places[surface], learning_rates(per_decade=grid)
        starts = np.array(place.start, float)[None]
        if referee != THIS:
            starts = starts + np.random.default_rng(0).normal(0, 0.4, (9, 2))
        judge = np.median if referee == MEDIAN else np.max
        found = {}
        for name, step in rivals.items():
            run = descend(place, step, np.repeat(starts[:, None], len(rates), 1), budget,
                          every=budget, lr=rates[:, None])
            found[name] = judge(np.where(np.isfinite(run.loss[-1]), run.loss[-1], np.inf), 0)
        return rates, found, judge(place.loss(starts))

    def update(lr, surface, budget, referee, grid):
        place, steps = places[surface], int(budget)
        stage.steps, stage.rate = steps, max(12, steps / 5)
        rates, found, first = swept(surface, steps, referee, int(grid))
        if drawn.get("surface") != (surface, steps, referee):
            drawn["surface"] = surface, steps, referee
            frame_map(plan, place)
            contours(plan, place)
            low = min(np.min(loss) for loss in found.values())
            curves.set_ylim(max(low, LEAST) / 3, 30 * first)
            stage.redraw(whole=True)
            stage.lay_out()         # another surface's window has another shape
        winner = winners(found, first)
        at = int(np.abs(np.log(rates / lr)).argmin())
        lr = rates[at]              # of those that were tried, the nearest to the slider
        stage.runs = {}
        for k, name in enumerate(names):
            run = stage.runs[name] = descend(place, rivals[name], place.start, steps, lr=lr)
            paths[name].set(on_map(place, until_gone(run.theta, place.window), run.loss))
            ends[name].set(np.stack([rates, np.where(found[name] < first, found[name], np.nan)],
                                    -1))
            dots[name].set([(rates[at], max(found[name][at], LEAST))])
            won[name].set(cells(rates, winner == k))
            tags[name].set([middle(rates[winner == k])], [name[0]])
            paths[name].says([said(now) for now in run.loss])
        line.set(np.column_stack([(lr, lr), curves.get_ylim()]))
        left, right = curves.get_xlim()
        begin("loss at the start", [(left, first), (right, first)], (60 * left, 1.6 * first))
        pin.set([(lr, 0), (lr, 1)])
        ahead = f"{names[winner[at]]} wins" if winner[at] >= 0 else "nobody wins"
        headline(f"lr {lr:.3g}: {ahead}")
        title(f"{surface}, {steps} steps")
        stage.summary = "\n".join([f"{surface}, {steps} steps, {referee}, {len(rates)} rates: "
                                   f"at lr {lr:.3g} {ahead}",
                                   *(tally(name, rates[winner == k])
                                     for k, name in enumerate(names))])

    return update


def winners(found, first):
    """(R,): the number of the rule that wins at each rate, -1 where none does.

    To win is to be ahead by MARGIN, and to end below the first loss.
    """
    losses = np.array(list(found.values()))
    return np.where(losses.min(axis=0) < first, ahead(losses, MARGIN), -1)


def cells(rates, won):
    """A line with gaps, (N, 2): a piece round each learning rate that was won."""
    half = (rates[1] / rates[0]) ** 0.52        # neighbours overlap a little, and leave no gap
    ends = [[(rate / half, 0.5), (rate * half, 0.5), (np.nan, 0.5)] for rate in rates[won]]
    return np.array(ends or [[(np.nan, 0.5)]]).reshape(-1, 2)


def middle(rates):
    """Where a rule's letter stands on the bar: amid the rates that it won."""
    return (0.93 * np.exp(np.log(rates).mean()), 0.5) if len(rates) else (np.nan, np.nan)


def said(loss):
    """A loss in words."""
    return f"loss {loss:.2g}" if np.isfinite(loss) else "off to infinity"


def tally(name, rates):
    """At which learning rates a rule wins, in words."""
    if not len(rates):
        return f"  {name}: nowhere"
    return f"  {name}: at {len(rates)}, from {rates.min():.2g} to {rates.max():.2g}"
