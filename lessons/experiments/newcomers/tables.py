"""Reading the league: the verdict on a rule, its tables, and a learner's own rule in it."""

import numpy as np

from lessons.experiments.newcomers.contestants import BASE, CONTESTANTS, TASKS, Contestant
from lessons.experiments.newcomers.full import shipped
from lessons.experiments.newcomers.runs import cell
from lessons.experiments.protocol import by_set, seed_sets, table

HOW = dict(starts="first weights by seed", seeds=seed_sets(3), grid="recorded")
CRITERION = "loss on the judging half of the held-out data"
SMALL = "Digits, MLP"       # the task that is quickly run


def difference(mine, base):
    """(mean difference, its standard error) of losses of the same seeds."""
    apart = np.subtract(mine, base)
    return float(apart.mean()), float(apart.std(ddof=1) / np.sqrt(apart.size))


def verdict(mine, base):
    """"better" or "worse" if all three sets agree and the mean is beyond 2 standard errors.

    mine, base: losses of the same nine seeds, three sets of three. Otherwise "TIE". A rule that
    left for infinity in any run is worse.
    """
    if not np.isfinite(mine).all():
        return "worse"
    mean, error = difference(mine, base)
    sets = np.subtract(mine, base).reshape(3, -1).mean(1)
    if abs(mean) <= 2 * error or not ((sets < 0).all() or (sets > 0).all()):
        return "TIE"
    return "better" if mean < 0 else "worse"


def found(task, budget="gradients"):
    """{rule: its cell} of the recorded league."""
    cells = [one for one in shipped()["cells"] if one["task"] == task and one["budget"] == budget]
    return {one["rule"]: one for one in cells}


def words(mine, base):
    """A difference and its verdict as text: "-0.112 better"."""
    return f"{difference(mine, base)[0]:+.3f} {verdict(mine, base)}"


def all_verdicts(budget="gradients"):
    """Who is better than AdamW, on which task?

    Recorded. A row for each rule, sorted by the mean difference over all tasks that it ran: its
    mean held-out loss of nine seeds minus AdamW's, and the verdict; by the clock also how many
    steps it made in the time of how many of AdamW's. The first row has AdamW's own loss.
    """
    tasks = {task: (found(task, budget), found(task)[BASE]["loss"]) for task in TASKS}

    def measure(rule):
        if rule == BASE:
            return {task: f"loss {np.mean(base):.3f}" for task, (_, base) in tasks.items()}
        return {task: said(cells[rule], base) if rule in cells else ""
                for task, (cells, base) in tasks.items()}

    def said(one, base):
        steps = f" ({one['steps']} of {TASKS[one['task']].gradients})" if budget == "clock" else ""
        return words(one["loss"], base) + steps

    def place(rule):
        return np.mean([difference(cells[rule]["loss"], base)[0]
                        for cells, base in tasks.values() if rule in cells])

    ran = {rule for cells, _ in tasks.values() for rule in cells} - {BASE}
    return table(measure, [{"rule": rule} for rule in (BASE, *sorted(ran, key=place))], **HOW,
                 budget=budget, criterion=CRITERION)


def row_of(one, base):
    """The row of a cell among the standings."""
    sets = np.reshape(one["loss"], (3, 3)).mean(1)
    mean, error = difference(one["loss"], base)
    return {"best lr": one["lr"], **by_set([round(float(loss), 3) for loss in sets]),
            "minus AdamW": round(mean, 3), "std. error": round(error, 3),
            "verdict": verdict(one["loss"], base)}


def on_the_way(task=SMALL, rules=(BASE,), parts=(0.2, 0.4, 0.6, 0.8, 1.0)):
    """Which held-out loss does each rule have after these parts of its run?

    Recorded: the mean of nine seeds on the judging half, linear between the moments that were kept.
    """
    cells = found(task)

    def measure(rule):
        losses = np.interp(parts, *learning_curve(cells[rule]))
        return {f"{part:.0%}": round(float(loss), 3) for part, loss in zip(parts, losses)}

    return table(measure, [{"rule": rule} for rule in rules], **HOW, budget="gradients",
                 criterion=CRITERION)


def learning_curve(one):
    """Of a cell: which part of its steps was done (K,), and the held-out loss there (K,)."""
    steps, loss = np.array(one["curve"]).T
    return steps / one["steps"], loss


def best_rates(rules=(BASE, "Lion")):
    """At which learning rate is each rule best, by task?"""

    def measure(task):
        rates = {rule: found(task)[rule]["lr"] for rule in rules}
        first, last = rates[rules[0]], rates[rules[-1]]
        return {**rates, "ratio": first / last}

    return table(measure, [{"task": task} for task in TASKS], **HOW, budget="gradients",
                 criterion="mean validation loss of two seeds")


def league(my_rule, lr=0.01, knob="", values=(None,), task=SMALL, tasks=TASKS):
    """Where does a rule of your own stand in the league?

    It is tuned and judged just as all others were, with a progress bar: the learning rates are a
    factor 2 apart, from a quarter of `lr` to four times it and on until the best is not at an edge;
    `knob` may take one of the `values`. Returns the standings with the rule's own row.
    """
    mine = {BASE: CONTESTANTS[BASE], "my rule": Contestant(my_rule, lr, knob, tuple(values))}
    cells, base = dict(found(task)), found(task)[BASE]["loss"]

    def measure(rule):
        one = cells[rule] if rule in cells else cell(rule, task, "gradients", mine, tasks, rule)
        return row_of(one, base)

    rows = table(measure, [{"rule": rule} for rule in ["my rule", *cells]], **HOW,
                 budget="gradients", criterion=CRITERION)
    return rows.sort_values("minus AdamW", ignore_index=True) if "problem" not in rows else rows


__all__ = ["all_verdicts", "best_rates", "league"]
