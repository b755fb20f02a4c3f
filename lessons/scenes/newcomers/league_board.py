"""The recorded league: who is ahead of AdamW, by how much, and whether it is more than luck."""
import numpy as np

from lessons.experiments.newcomers.contestants import BASE, CONTESTANTS, TASKS
from lessons.experiments.newcomers.tables import difference, found, learning_curve, verdict
from lessons.look import BLUE, GREY, VERMILION, Look
from lessons.stage import scene
from lessons.stage.stage import INK

WORDS = Look("#333333", (), "o")

TENTHS, TICKS = 10, (-1.0, -0.5, 0.0, 0.5, 1.0)
LOOKS = {"better": Look(BLUE, (), "^"), "TIE": Look(GREY, (), "o"),
         "worse": Look(VERMILION, (), "v")}
WHERE = {"better": "the bar is left of AdamW", "TIE": "too close to tell",
         "worse": "the bar is right of AdamW"}
NAMES = list(CONTESTANTS)
NEW = ("Lion", "Sophia", "Schedule-Free AdamW")     # the newcomers, in bold letters
REFEREES = {"held-out loss": "loss", "training loss": "training"}


@scene("The league", steps=TENTHS, rate=3, height=6.4,
       alt="A row for each rule: how far its loss is from AdamW's, for nine seeds and in the mean, "
           "with a bar of two standard errors, and the verdict in words. Left is better: at equal "
           "gradients SOAP and both forms of Muon lie left of the line on every task, Lion and "
           "Sophia right of it. A frame is a tenth of the way; seeds and bars come with the last.")
def league_board(stage):
    """Read the recorded league, task by task; play it to see who leads on the way."""
    board = stage.grid()
    board.set(ylim=(len(NAMES) + 0.1, -0.6), yticks=range(len(NAMES)), yticklabels=NAMES,
              xticks=TICKS, xticklabels=[""] * len(TICKS), xlim=(-1.05, 1.8),
              xlabel="left of the line: better than AdamW; right of it: worse")
    board.tick_params(axis="y", length=0)
    for name in board.get_yticklabels():
        name.set_fontweight("bold" if name.get_text() in NEW else "normal")
    board.axvline(0, color=GREY, linewidth=1)
    head = stage.headline(board)
    bars = {kind: stage.curve(board, look, width=6) for kind, look in LOOKS.items()}
    dots = stage.curve(board, INK, width=3.5)
    scale = [stage.text(board, WORDS, size=10) for _ in TICKS]
    means = {name: {kind: stage.marker(board, look, group=kind, size=11)
                    for kind, look in LOOKS.items()} for name in NAMES}
    words = {name: stage.text(board, WORDS, size=10.5) for name in NAMES}
    for kind, place in WHERE.items():
        means[NAMES[0]][kind].says([place])
    stage.choice("task", TASKS, label="task")
    stage.choice("budget", ["gradients", "clock"], label="equal")
    stage.choice("referee", REFEREES, label="judged by")

    def update(task, budget, referee):
        cells = found(task)
        if budget == "clock":       # what takes longer and was not judged by it is left out
            cells = {name: one for name, one in cells.items() if time_of(one) < 1.3}
            cells |= found(task, "clock")
        base, key = cells[BASE], REFEREES[referee]
        apart = {name: np.subtract(one[key], base[key]) for name, one in cells.items()}
        room = 1.25 * np.sort([abs(x.mean()) for x in apart.values()])[-3]
        lines, specks, rows = {kind: [] for kind in LOOKS}, [], []
        for y, name in enumerate(NAMES):
            for marker in means[name].values():
                marker.hide()
            words[name].set([(1.04, y + 0.16)], [""])
            if name not in cells:
                words[name].set([(1.04, y + 0.16)], ["not run here"])
                continue
            mean, error = difference(cells[name][key], base[key])
            kind = verdict(cells[name][key], base[key])
            means[name][kind].set(np.stack([way(cells[name], base, mean) / room,
                                            np.full(TENTHS + 1, y)], -1).clip((-1, 0), (1, 99)))
            ends = np.clip([(mean - 2 * error) / room, (mean + 2 * error) / room], -1, 1)
            lines[kind] += [(ends[0], y), (ends[1], y), (np.nan, np.nan)]
            for x in np.clip(apart[name] / room, -1, 1):
                specks += [(x - 0.004, y - 0.28), (x + 0.004, y - 0.28), (np.nan, np.nan)]
            said = f"loss {np.mean(base[key]):.3f}" if name == BASE else f"{mean:+.3f}  {kind}"
            beyond = ", off scale" if abs(mean) > room else ""
            words[name].set([(1.04, y + 0.16)], [""] * TENTHS + [said + beyond])    # at the end
            rows.append(f"  {name}: {said}")
        for kind, points in lines.items():
            bars[kind].set(at_the_end(points))
        dots.set(at_the_end(specks))
        for at, text in zip(TICKS, scale):
            text.set([(at - 0.03, len(NAMES) - 0.2)], [f"{at * room:+.2g}" if at else "0"])
        head([f"{task}, equal {budget}: {referee} minus AdamW's, {10 * k} % of the way"
              for k in range(TENTHS + 1)])
        stage.summary = "\n".join([f"{task}, equal {budget}: {referee} minus AdamW's", *rows])

    return update


def at_the_end(points):
    """Points (P, 2) of a curve that is not shown before the last step: (TENTHS + 1, P, 2)."""
    points = np.reshape(points or [(np.nan, np.nan)], (-1, 2))
    return np.append(np.full((TENTHS, *points.shape), np.nan), [points], axis=0)


def time_of(one):
    """The time of a cell's run over that of AdamW with as many steps as gradients."""
    base, mine = one["ms"]
    return one["steps"] * mine / (TASKS[one["task"]].gradients * base)


def way(one, base, end):
    """The mean difference to AdamW at each tenth of the way (TENTHS + 1,); the last is `end`."""
    part = np.arange(TENTHS + 1) / TENTHS
    mine, bases = (np.interp(part, *learning_curve(cell)) for cell in (one, base))
    return np.append((mine - bases)[:-1], end)
