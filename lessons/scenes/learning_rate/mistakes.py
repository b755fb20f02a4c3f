"""What costs more: a learning rate so many times too low or too high, or the worst of six rules?"""
import numpy as np

from lessons.experiments.learning_rate.runs import BUDGETS, RULES, cost, gap, weighs_more
from lessons.look import GREY, Look, looks
from lessons.stage import scene

REFEREES = {        # referee -> axis, its limits, ticks, what costs nothing
    "test error": ("points of percent wrong that are lost", (-1.5, 900), (-1, 0, 1, 2, 5, 10, 50),
                   0),
    "training loss": ("times its training loss at the best rate", (0.15, 2e4), (1, 10, 100, 1000),
                      1)}
SAYS = {"rate": "the rate", "rule": "the rule", "TIE": "TIE", "": "not tried"}


@scene("What costs more?", steps=len(BUDGETS) - 1, rate=3, height=4.4,
       alt="A row for each of six rules: a bar for what it costs to use a wrong learning rate. A "
           "band across all rows: how far the worst of the six tuned rules is behind the best.")
def mistakes(stage, *, mistake=10**-0.5):
    """Give each rule a learning rate that is so many times its best one; from recorded runs.

    A step of the picture is 50 mini-batches; the best rate is chosen anew for each budget. Bars and
    the band reach from the lowest to the highest of three sets of ten seeds. TIE: not all three
    agree, or (by test error) not by more than luck.
    """
    ax = stage.grid()
    ax.set(ylim=(-0.7, 5.7), yticks=range(6), xlabel=REFEREES["test error"][0])
    ax.set_yticklabels(RULES, fontsize=12)
    ax.invert_yaxis()
    head = stage.headline(ax, size=13)
    band = stage.box(ax, Look(GREY, (), "o"), width=0, fill=True)
    nothing = stage.path(ax, Look(GREY, (5, 2), "o"), whole=True, width=1.2)
    tracks = {name: (stage.box(ax, look._replace(dash=()), width=2, fill=True),
                     stage.marker(ax, look, size=11), stage.text(ax, look, size=12, units="axes"))
              for name, look in looks({name: step for name, (step, _) in RULES.items()}).items()}
    stage.slider("mistake", mistake)
    stage.choice("referee", list(REFEREES), label="judged by")
    stage.record("mistake")
    drawn = {}

    def update(mistake, referee):
        words, limits, ticks, free = REFEREES[referee]
        if drawn.get("now") != referee:
            drawn["now"] = referee
            if referee == "test error":
                ax.set_xscale("symlog", linthresh=1.0, linscale=0.7)
            else:
                ax.set_xscale("log")
            ax.set(xlim=limits, xlabel=words)
            ax.xaxis.set_ticks(ticks, [f"{tick:g}" for tick in ticks])
            ax.xaxis.set_ticks([], minor=True)
            stage.redraw(whole=True)
        times = 10 ** (np.rint(6 * np.log10(mistake)) / 6)
        apart = np.array([gap(referee, budget) for budget in BUDGETS])
        nothing.set([(free, -0.7), (free, 5.7)])
        band.set(boxes(apart, -0.7, 5.7))
        rows = []
        for row, (name, (bar, mean, tag)) in enumerate(tracks.items()):
            found = np.array([cost(name, times, referee, budget) for budget in BUDGETS])
            says = [weighs_more(name, times, referee, budget) for budget in BUDGETS]
            bar.set(boxes(found, row - 0.28, row + 0.28))
            mean.set(np.stack([found.mean(axis=1), np.full(len(BUDGETS), row)], -1))
            tag.set([[0.88, 1 - (row + 0.8) / 6.4]], [SAYS[word] for word in says])
            rows.append(f"  {name}: {in_words(found[-1])}, {SAYS[says[-1]]}")
        much = (f"{times:.2g} times too high" if times > 1.01 else
                f"{1 / times:.2g} times too low" if times < 0.99 else "at its best")
        head([f"{budget} mini-batches, rate {much}; grey: the wrong rule, {in_words(apart[k])}"
              for k, budget in enumerate(BUDGETS)])
        stage.summary = "\n".join(
            [f"{referee}, {BUDGETS[-1]} mini-batches, rate {much}; the wrong rule costs "
             f"{in_words(apart[-1])}", *rows])

    return update


def boxes(values, low, high):
    """Boxes from the least to the largest of each row of values (T, 3): (T, 2, 2)."""
    ends = [np.stack([end, np.full(len(values), y)], -1)
            for end, y in ((values.min(axis=1), low), (values.max(axis=1), high))]
    return np.stack(ends, 1)


def in_words(values):
    """Three numbers as "0.8 to 1.1"."""
    return f"{values.min():.2g} to {values.max():.2g}"
