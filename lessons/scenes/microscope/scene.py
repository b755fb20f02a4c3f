"""The microscope: one update of any step, line by line, with the number that each line holds."""
import numpy as np

from lessons.knobs import KNOBS
from lessons.look import BLUE, BROWN, GREEN, GREY, ORANGE, PINK, SKY, VERMILION, Look
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.scenes.microscope.meaning import ahead, meanings
from lessons.scenes.microscope.source import script
from lessons.scenes.microscope.text import folded, held, in_numbers, layout, number, said, short
from lessons.scenes.microscope.tracer import follow, ticking
from lessons.scenes.microscope.vectors import TALL, WIDE, edges, labelled, shapes, vector
from lessons.signature import name_of, signature_of
from lessons.stage import scene
from lessons.stage.stage import INK

HEIGHT, ROW, FOOT = 4.5, 0.19, 3    # inches, at least; inches for a row; rows below the code
POINT, LIT = Look(BLUE, (), "o"), Look(ORANGE, (), "o")
ARROWS = [(Look(VERMILION, (), "^"), 4.2), (Look(GREEN, (), "s"), 3), (Look(PINK, (), "D"), 2),
          (Look(GREY, (), "v"), 1.2)]
BOXES = [Look(BROWN, (), "P"), Look(SKY, (6, 2), "X")]


@scene("Microscope", steps=1, height=HEIGHT, rate=2,
       alt="A step walks down a map. Beside it the lines of its source, one lit at a time, with "
           "the numbers that they hold; under the map its vectors as arrows and boxes.")
def microscope(stage, surface, step, *, steps=12, **values):
    """Show `steps` updates of a step, a line of its source at a time.

    surface: 2-D, with a map. step: any step, one from a notebook cell as well.
    On the map theta and the gradient; a move at whose end the step reads another gradient lies
    there too, as long as it is, and that gradient at its end. Under the lens, on one scale, what
    shares the gradient's units: arrows from one point, and means of squares as boxes whose half
    sides are their roots; what has other units is drawn on another scale. How they are told stands
    in meaning.py.
    Each line shows the number that it holds after it ran in this update; before it ran, the number
    that it had. Below stands the lit line with numbers in place of names.
    values: the step's knobs, and start=(x, y).
    Raises TypeError for a surface without a map and for a step without a source.
    """
    if surface.dim != 2 or surface.window is None:
        raise TypeError("the microscope needs a surface with two coordinates and a map, such "
                        f"as ravine(); {surface.name} has none")
    name, page = name_of(step), script(step)
    turned, start = sliders(signature_of(step)[1] | values), values.pop("start", surface.start)
    fixed = {knob: value for knob, value in values.items() if knob not in turned}
    kinds = meanings(surface, step, page, **fixed, **turned)
    names, boxes = shapes(kinds, len(ARROWS), len(BOXES))
    arrows = dict(zip(names, ARROWS))
    far = {name: move for name, move in ahead(surface, step, page, kinds, **fixed, **turned).items()
           if name in arrows and move in arrows}
    stage.title, stage.alt = f"Microscope: {name}", stage.alt.replace("A step", name)
    rows = layout(page[0])
    count = max(rows[-1][-1] + 0.3 + FOOT, 18)
    stage.figure.set_size_inches(stage.figure.get_figwidth(), max(HEIGHT, ROW * count + 0.4))
    axes = stage.mosaic([["map", "code"], ["lens", "code"]], height_ratios=(1.35, 1),
                        width_ratios=(3.5, 5.3))
    show_code = code(stage, axes["code"], name, page[0], rows, count, steps)
    show_walk = walk(stage, axes["map"], surface, arrows, far)
    under = {name: look for name, look in arrows.items() if name not in far.values()}
    show_lens = lens(stage, axes["lens"], under, dict(zip(boxes, BOXES)), kinds)
    for knob, value in turned.items():
        stage.slider(knob, value)
    stage.point(axes["map"], "start", start, label="start")
    if "lr" in turned:
        stage.record("lr")

    def update(start, **knobs):
        lines, updates, run, problem = follow(surface, step, start, steps, page, **fixed, **knobs)
        ticks = ticking(updates)
        stage.steps, stage.runs = len(ticks) - 1, {} if run is None else {name: run}
        show_code(updates, ticks)
        with np.errstate(all="ignore"):     # a walk may have left for infinity
            words = show_walk(ticks, -1 if run is None else int(run.diverged_at), problem)
            show_lens(ticks)
        values = ", ".join(f"{knob} {number(value)}" for knob, value in knobs.items())
        summary = [f"{values}; in the end {words}",
                   f"The last update, {len(updates)} of {steps}:"]
        for i, line in enumerate(lines):
            summary += [f"  {row}" for row in line.code]
            if line.parts:
                summary[-1] += f"    -> {said(line, updates[-1].visits.get(i))}"
        stage.summary = "\n".join(summary)

    return update


# The three parts of the picture: each builds its tracks, and returns the function that sets them


def code(stage, ax, name, lines, rows, count, steps):
    """The page: the step's lines with their numbers; returns show(updates, ticks).

    rows: the layout of the lines. count: rows on the page. steps: how many updates there are.
    """
    ax.set(xlim=(0, 1), ylim=(count, 0))
    ax.set_axis_off()
    code = [(top + k, row) for line, (top, _, _) in zip(lines, rows)
            for k, row in enumerate(folded(line.code))]
    size = np.clip(4.75 * 72 / (0.602 * max(len(row) for _, row in code)), 9, 12)
    for y, row in code:
        stage.figure.text(0.01, y + 0.5, row, family="monospace", fontsize=size, va="center",
                          transform=ax.transData)
    lit = stage.box(ax, LIT, width=1, fill=True)
    now = [stage.text(ax, POINT, size=11) for _ in lines]
    was = [stage.text(ax, INK, size=10) for _ in lines]
    sums = [stage.text(ax, POINT, size=10.5) for _ in range(FOOT)]
    where = stage.headline(ax)

    def show(updates, ticks):
        befores = list({tick.update: tick.before for tick in ticks}.values())
        for i, (line, (_, at, _)) in enumerate(zip(lines, rows)):
            done = [tick.line is not None and i <= tick.line for tick in ticks]
            new = [short(said(line, update.visits.get(i))) for update in updates]
            old = [held(line, before) if line.sums else "" for before in befores]
            place = [[0.01 + 0.02 * indent(line), np.nan if at is None else at + 0.5]]
            now[i].set(place, [new[tick.update] * ran for tick, ran in zip(ticks, done)])
            was[i].set(place, ["was " + old[tick.update] if old[tick.update] and not ran
                               else "" for tick, ran in zip(ticks, done)])
        corners = np.array([[(0, top), (1, end)] for top, _, end in [*rows, [np.nan] * 3]], float)
        lit.set(corners[[-1 if tick.line is None else tick.line for tick in ticks]])
        inside = [[in_numbers(line, update.visits.get(i), FOOT) for i, line in enumerate(lines)]
                  for update in updates]
        words = [inside[tick.update][tick.line] if tick.line is not None else [] for tick in ticks]
        for k, track in enumerate(sums):
            track.set([[0.01, rows[-1][-1] + 0.8 + k]],
                      [said[k] if k < len(said) else "" for said in words])
        where([f"{name}, update {tick.update + 1} of {steps}" for tick in ticks])

    return show


def walk(stage, ax, surface, arrows, far):
    """The map: theta's way and the gradient; returns show(ticks, diverged at, problem).

    arrows: name -> (look, width), the gradient first. far: the gradients that are read at the end
    of a move, with its name; both are drawn once they are known. show returns the last headline.
    """
    frame_map(ax, surface)
    contours(ax, surface)
    ax.set_anchor("NW")
    headline = stage.headline(ax)
    way = stage.path(ax, POINT, group="theta", size=11)
    main = next(iter(arrows), None)
    moves = set(far.values())
    drawn = {name: stage.arrow(ax, arrows[name][0], group=name, width=width) for name, width in {
        **dict.fromkeys(moves, 5), main: 2 if far else 3, **dict.fromkeys(far, 3)}.items() if name}

    def show(ticks, gone, problem):
        theta = np.array([vector(tick.now["theta"]) for tick in ticks])
        way.set(until_gone(theta, surface.window))
        way.says(f"the point {number(at)}" for at in theta)
        words = [f"{surface.name}, loss {low:.4g}" + f", diverged at update {gone}"
                 * (0 < gone <= tick.update + (tick.line == ticks[-1].line))
                 for low, tick in zip(surface.loss(theta), ticks)]
        words[-1] += f", {problem.partition(':')[0]}" * bool(problem)    # the line says it all
        headline(words)
        foot = np.array([vector(tick.before["theta"]) for tick in ticks])   # where g was asked for
        if drawn:
            size = np.hypot(*np.array([vector(tick.now.get(main)) for tick in ticks]).T)[:, None]
            length = 0.2 * np.ptp(surface.window[1]) / np.where(size > 0, size, np.nan)
        for name, track in drawn.items():
            late = name != main     # what an earlier update left belongs to another place
            g = np.array([vector(None if late and tick.now.get(name) is tick.before.get(name)
                                 else tick.now.get(name)) for tick in ticks])
            moved = np.array([vector(tick.now.get(far.get(name), 0.0)) for tick in ticks])
            if name in moves:
                track.says("no number yet" if np.isnan(at).all() else
                           f"arrow on the map, at its true length {number(at)}" for at in g)
            track.set(np.stack([foot + moved,
                                foot + moved + (1 if name in moves else length) * g], 1))
        return words[-1]

    return show


def lens(stage, ax, arrows, boxes, kinds):
    """The lens: vectors as arrows and boxes, on one scale for each update; returns show(ticks).

    arrows: name -> (look, width). boxes: name -> look. kinds: name -> its Meaning.
    """
    ax.plot([-WIDE, WIDE, np.nan, 0, 0], [0, 0, np.nan, -TALL, TALL], color=GREY, linewidth=0.6)
    ax.set(xlim=(-WIDE, WIDE), ylim=(-TALL, TALL), xticks=[], yticks=[], aspect="equal",
           anchor="NW")
    drawn = {name: stage.box(ax, look, group=name, fill=True) for name, look in boxes.items()}
    for name, (look, width) in arrows.items():
        drawn[name] = stage.arrow(ax, look, group=name, width=width)
    labels = {name: stage.text(ax, track.look, group=name, size=11)
              for name, track in drawn.items()}
    headline = stage.headline(ax)

    def show(ticks):
        update = np.array([tick.update for tick in ticks])
        ends = {name: np.array([vector(tick.now.get(name)) for tick in ticks]) for name in drawn}
        for name, end in ends.items():
            shape, apart = kinds[name]
            if name in boxes:       # a curvature may turn negative on the way: no box then
                end[(end < 0).any(-1)] = np.nan
                end[:] = np.sqrt(end) if shape == "root" else end
            word = f"box, root of {name}" if shape == "root" else shape
            word += ", other scale" * apart
            drawn[name].says("no number yet" if np.isnan(at).all() else f"{word} {number(at)}"
                             for at in end)
        edge, other = (edges([end for name, end in ends.items() if kinds[name].apart == apart],
                             update) for apart in (False, True))
        for name, end in ends.items():
            ends[name] = tip = end * (TALL / (other if kinds[name].apart else edge)[:, None])
            drawn[name].set(np.stack([0 * tip if name in arrows else -tip, tip], 1))
        for name, (places, words) in labelled(ends).items():
            labels[name].set(places, words)
        headline([f"Under the lens: the top edge is at {top:g}" for top in edge])

    return show


# From a step and its numbers to knobs, arrows and boxes


def sliders(knobs):
    """At most five knobs that a slider can turn; eps is the first to stay behind."""
    fit = {name: value for name, value in knobs.items()
           if name in KNOBS and isinstance(value, (int, float))
           and KNOBS[name].low <= value <= KNOBS[name].high}
    spare = len(fit) > 5 and "eps" in fit
    return dict([row for row in fit.items() if not (spare and row[0] == "eps")][:5])


def indent(line):
    """Columns that a line of code is indented by."""
    return len(line.code[0]) - len(line.code[0].lstrip())
