"""What costs more: a learning rate so many times too low or too high, or the worst of six rules?"""
import numpy as np

from lessons.experiments.learning_rate.runs import (
    BUDGETS,
    RULES,
    beyond_gap,
    cost,
    gap,
    weighs_more,
)
from lessons.look import GREY, Look, looks
from lessons.stage import scene

SIDES = "← the rule costs more     {}     the rate costs more →"
REFEREES = {        # referee -> axis, its limits, ticks, where both mistakes cost the same
    "test error": (SIDES.format("points, rate less rule"), (-20, 900),
                   (-10, -5, -2, -1, 0, 1, 2, 5, 10, 50), 0),
    "training loss": (SIDES.format("factor, rate over rule"), (3e-3, 5e3),
                      (0.01, 0.1, 1, 10, 100), 1)}
SAYS = {"rate": "the rate", "rule": "the rule", "TIE": "TIE", "": "not tried"}


@scene("What costs more?", steps=len(BUDGETS) - 1, rate=3, height=4.4,
       alt="A row for each of six rules: a bar for how much more a wrong learning rate costs than "
           "the wrong rule, in a paler bar that adds a standard error. A line across all rows: "
           "both cost the same. By test error after 600 mini-batches all bars lie left of the line "
           "for a rate three times too low, but only two with their paler bar; for a rate ten "
           "times too high all lie to the right.")
def mistakes(stage, *, mistake=10**-0.5):
    """Give each rule a learning rate that is so many times its best one; from recorded runs.

    A step of the picture is 50 mini-batches; the best rate is chosen anew for each budget. A bar is
    what the wrong rate costs beyond the wrong rule, from the lowest to the highest of three sets of
    ten seeds. The pale bar adds each set's standard error (by test error). A pale bar that crosses
    the line is a TIE.
    """
    ax = stage.grid()
    ax.set(ylim=(-0.7, 5.7), yticks=range(6), xlabel=REFEREES["test error"][0])
    ax.set_yticklabels(RULES, fontsize=12)
    ax.invert_yaxis()
    head = stage.headline(ax, size=13)
    stage.text(ax, Look(GREY, (), "o"), size=12, units="axes").set([[0.88, 0.96]], ["costs more"])
    same = stage.text(ax, Look(GREY, (), "o"), size=11)
    equal = stage.path(ax, Look(GREY, (5, 2), "o"), whole=True, width=2)
    pale = [stage.box(ax, Look(GREY, (), "o"), width=1, fill=True) for _ in RULES]
    tracks = {name: (stage.box(ax, look._replace(dash=()), width=2, fill=True),
                     stage.marker(ax, look, size=11), stage.text(ax, look, size=13, units="axes"))
              for name, look in looks({name: step for name, (step, _) in RULES.items()}).items()}
    stage.slider("mistake", mistake)
    stage.choice("referee", list(REFEREES), label="judged by")
    stage.record("mistake")
    drawn = {}

    def update(mistake, referee):
        words, limits, ticks, level = REFEREES[referee]
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
        equal.set([(level, -0.7), (level, 5.7)])
        same.set([(0.1 if level == 0 else 1.15, 5.5)], ["both cost the same"])
        unit = "{} points" if referee == "test error" else "a factor of {}"
        rows = []
        for row, (name, (bar, mean, tag)) in enumerate(tracks.items()):
            found = cost(name, times, referee)
            beyond, error = np.array([beyond_gap(name, times, referee, budget)
                                      for budget in BUDGETS]).transpose(1, 0, 2)
            says = [weighs_more(name, times, referee, budget) for budget in BUDGETS]
            pale[row].set(boxes(beyond - error, beyond + error, row - 0.28, row + 0.28))
            bar.set(boxes(beyond, beyond, row - 0.28, row + 0.28))
            mean.set(np.stack([beyond.mean(axis=1), np.full(len(BUDGETS), row)], -1))
            tag.set([[0.88, 1 - (row + 0.8) / 6.4]], [SAYS[word] for word in says])
            rows.append(f"  {name}: {in_words(found)}, {SAYS[says[-1]]}")
        much = (f"{times:.2g} times too high" if times > 1.01 else
                f"{1 / times:.2g} times too low" if times < 0.99 else "at its best")
        head([f"{budget} mini-batches, rate {much}; the wrong rule costs "
              + unit.format(in_words(apart[k])) for k, budget in enumerate(BUDGETS)])
        stage.summary = "\n".join(
            [f"{referee}, {BUDGETS[-1]} mini-batches, rate {much}; the wrong rule costs "
             + unit.format(in_words(apart[-1])), *rows])

    return update


def boxes(left, right, low, high):
    """Boxes from the least of `left` to the largest of `right`, each (T, 3): (T, 2, 2)."""
    ends = [np.stack([end, np.full(len(left), y)], -1)
            for end, y in ((left.min(axis=1), low), (right.max(axis=1), high))]
    return np.stack(ends, 1)


def in_words(values):
    """Three numbers as "0.8 to 1.1"."""
    return f"{values.min():.2g} to {values.max():.2g}"
