"""The microscope: one update of any step, line by line, with the number that each line holds."""
import numpy as np
from matplotlib.figure import Figure

from lessons.knobs import KNOBS
from lessons.look import BLUE, GREEN, GREY, ORANGE, PINK, SKY, VERMILION, Look
from lessons.plots import contours, frame_map
from lessons.scenes.common.runs import until_gone
from lessons.scenes.microscope.source import script
from lessons.scenes.microscope.text import folded, held, in_numbers, layout, number, said, short
from lessons.scenes.microscope.tracer import follow, ticking
from lessons.scenes.microscope.vectors import ROOTED, TALL, WIDE, edges, labelled, shapes, vector
from lessons.signature import name_of, signature_of
from lessons.stage import Stage
from lessons.stage.tracks import to_data

INK, POINT = Look(GREY, (), "o"), Look(BLUE, (), "o")
LIT = Look(ORANGE, (), "o")
ARROWS = [(Look(VERMILION, (), "^"), 4.2), (Look(GREEN, (), "s"), 3), (Look(PINK, (), "D"), 2),
          (Look(GREY, (), "v"), 1.2)]
BOXES = [Look(ORANGE, (), "P"), Look(SKY, (6, 2), "X")]


def microscope(surface, step, *, steps=12, presets=None, **values):
    """Show `steps` updates of a step, a line of its source at a time; returns a Stage.

    surface: 2-D, with a map. step: any step, one from a notebook cell as well.
    On the map theta and the gradient; under the lens, on one scale, what shares theta's space, as
    arrows from one point, and a mean of squares as a box whose half sides are its roots.
    Each line shows the number that it holds after it ran in this update; before it ran, the number
    that it had. Below stands the lit line with numbers in place of names.
    presets: label -> {knob: value}, a button each. values: the step's knobs, and start=(x, y).
    Raises TypeError for a surface without a map and for a step without a source.
    """
    return Microscope(surface, step, steps, presets or {}, dict(values)).stage


class Microscope:
    """The tracks of the scene, and what they show for each choice of the knobs."""

    def __init__(self, surface, step, updates, presets, values):
        if surface.dim != 2 or surface.window is None:
            raise TypeError("the microscope needs a surface with two coordinates and a map, such "
                            f"as ravine(); {surface.name} has none")
        self.surface, self.step, self.updates, self.name = surface, step, updates, name_of(step)
        self.source = self.lines, _ = script(step)
        turned, start = sliders(signature_of(step)[1] | values), values.pop("start", surface.start)
        self.fixed = {name: value for name, value in values.items() if name not in turned}
        first = follow(surface, step, start, updates, self.source, **self.fixed, **turned)[1]
        self.arrows, self.boxes = shapes(first, len(ARROWS), len(BOXES))
        self.stage = stage = Stage(
            self._figure(), updates, f"{self.name} walks down a map. Beside it the lines of its "
            "source, one lit at a time, with the numbers that they hold; under the map its vectors "
            "as arrows and its mean squares as boxes.", title=f"Microscope: {self.name}", rate=2)
        self._tracks()
        for name, value in turned.items():
            stage.slider(name, value)
        stage.point(self.map, "start", start, label="start")
        for label, pressed in presets.items():
            stage.preset(label, **pressed)
        stage.compute(self.run)

    # The stage, built once

    def _figure(self):
        self.rows = layout(self.lines)
        count = max(self.rows[-1][-1], 14)
        height = max(5.4, 0.21 * count + 1.6)
        figure = Figure((9.2, height))
        self.map = figure.add_axes([0.065, 1 - 2.75 / height, 0.375, 2.4 / height], anchor="NW")
        self.lens = figure.add_axes([0.065, 1 - 5.2 / height, 0.375, 1.75 / height], anchor="NW")
        frame_map(self.map, self.surface)
        contours(self.map, self.surface)
        self.lens.plot([-WIDE, WIDE, np.nan, 0, 0], [0, 0, np.nan, -TALL, TALL], color=GREY,
                       linewidth=0.6)
        self.lens.set(xlim=(-WIDE, WIDE), ylim=(-TALL, TALL), xticks=[], yticks=[], aspect="equal")
        self.page = figure.add_axes([0.465, 1.25 / height, 0.53, 1 - 1.6 / height])
        self.page.set(xlim=(0, 1), ylim=(count, 0))
        self.pitch = count / (height - 1.6)        # rows per inch
        self.page.set_axis_off()
        rows = [(top + k, row) for line, (top, _, _) in zip(self.lines, self.rows)
                for k, row in enumerate(folded(line.code))]
        size = np.clip(0.495 * 9.2 * 72 / (0.602 * max(len(row) for _, row in rows)), 8.5, 12)
        for k, row in rows:
            y = 1 - (0.35 + (k + 0.55) / self.pitch) / height
            figure.text(0.47, y, row, family="monospace", fontsize=size, va="center")
        return figure

    def _tracks(self):
        stage = self.stage
        self.lit = stage.box(self.page, LIT, width=1, fill=True)
        self.now = [stage.text(self.page, POINT, size=11) for _ in self.lines]
        self.was = [stage.text(self.page, INK, size=10) for _ in self.lines]
        self.sums = [stage.text(self.page, POINT, size=10.5) for _ in range(4)]
        self.where, self.head, self.loss, self.edge = (
            stage.text(ax, INK, size=size)
            for ax, size in ((self.page, 11), (self.page, 10), (self.map, 11), (self.lens, 10)))
        self.way = stage.path(self.map, POINT, group="theta", size=11)
        self.looks = dict(zip(self.boxes, BOXES)) | {
            name: look for name, (look, _) in zip(self.arrows, ARROWS)}
        self.drawn = {name: stage.box(self.lens, self.looks[name], group=name, fill=True)
                      for name in self.boxes}
        for name, (look, width) in zip(self.arrows, ARROWS):
            self.drawn[name] = stage.arrow(self.lens, look, group=name, width=width)
        for name in self.arrows[:1]:
            self.gradient = stage.arrow(self.map, self.looks[name], group=name, width=3)
        self.labels = {name: stage.text(self.lens, INK, group=name, size=11)
                       for name in self.drawn}

    # One run of everything, whenever a knob moves

    def run(self, start, **knobs):
        """Follow the walk, then tell every tick of the stage what to show."""
        _, updates, run, problem = follow(self.surface, self.step, start, self.updates,
                                          self.source, **self.fixed, **knobs)
        ticks = ticking(updates)
        self.stage.steps = len(ticks) - 1
        self._write(updates, ticks)
        with np.errstate(all="ignore"):     # a walk may have left for infinity
            self._point(ticks, -1 if run is None else int(run.diverged_at), problem)
            self._magnify(ticks)
        turned = ", ".join(f"{name} {number(value)}" for name, value in knobs.items())
        lines = [f"{turned}; {self.loss.words[-1]}", f"Update {len(updates)} of {self.updates}:"]
        for i, line in enumerate(self.lines):
            lines += [f"  {row}" for row in line.code]
            lines[-1] += f"    -> {said(line, updates[-1].visits.get(i))}" * bool(line.parts)
        self.stage.summary = "\n".join(lines)

    def _write(self, updates, ticks):
        """The lit line, the numbers of each line, and the lit line with numbers for names."""
        sums = [[in_numbers(line, update.visits.get(i)) for i, line in enumerate(self.lines)]
                for update in updates]
        befores = list({tick.update: tick.before for tick in ticks}.values())
        for i, (line, (_, at, _)) in enumerate(zip(self.lines, self.rows)):
            done = [tick.line is not None and i <= tick.line for tick in ticks]
            new = [short(said(line, update.visits.get(i))) for update in updates]
            old = [held(line, before) if line.sums else "" for before in befores]
            place = [[0.01 + 0.02 * indent(line), np.nan if at is None else at + 0.5]]
            self.now[i].set(place, [new[tick.update] * now for tick, now in zip(ticks, done)])
            self.was[i].set(place, ["was " + old[tick.update] if old[tick.update] and not now
                                    else "" for tick, now in zip(ticks, done)])
        rows = np.array([[(0, top), (1, end)] for top, _, end in [*self.rows, [np.nan] * 3]], float)
        lit = [-1 if tick.line is None else tick.line for tick in ticks]
        self.lit.set(rows[lit])
        words = [sums[tick.update][tick.line] if tick.line is not None else [] for tick in ticks]
        foot = self.rows[-1][-1] + 0.25 * self.pitch
        self.head.set([[0.01, foot]], ["The lit line in numbers:" * bool(rows) for rows in words])
        for k, track in enumerate(self.sums, 1):
            track.set([[0.01, foot + 0.21 * k * self.pitch]],
                      [rows[k - 1] if k <= len(rows) else "" for rows in words])
        self.where.set([[0.01, -0.12 * self.pitch]],
                       [f"{self.name}, update {tick.update + 1} of {self.updates}"
                        for tick in ticks])

    def _point(self, ticks, gone, problem):
        """theta's way and the gradient on the map, and the loss above it."""
        theta = np.array([vector(tick.now["theta"]) for tick in ticks])
        loss = self.surface.loss(theta)
        self.way.set(until_gone(theta, self.surface.window))
        self.stage.legend("theta", POINT, [f"the point {number(at)}" for at in theta])
        says = [f"{self.surface.name}, loss {low:.4g}" + f", diverged at update {gone}"
                * (0 < gone <= tick.update + (tick.line == ticks[-1].line))
                for low, tick in zip(loss, ticks)]
        says[-1] += f", {problem.partition(':')[0]}" * bool(problem)     # the line says it all
        self.loss.set([to_data(self.map, [0, 1.05])], says)
        for name in self.arrows[:1]:
            gradient = np.array([vector(tick.now.get(name)) for tick in ticks])
            size = np.hypot(*gradient.T)[:, None]
            length = 0.2 * np.ptp(self.surface.window[1]) / np.where(size > 0, size, np.nan)
            self.gradient.set(np.stack([theta, theta + length * gradient], 1))

    def _magnify(self, ticks):
        """Arrows and boxes under the lens, all on one scale, which lasts for an update."""
        update = np.array([tick.update for tick in ticks])
        ends = {name: np.array([vector(tick.now.get(name)) for tick in ticks])
                for name in [*self.arrows, *self.boxes]}
        for name in ROOTED & ends.keys():
            ends[name] = np.sqrt(np.abs(ends[name]))
        edge = edges(list(ends.values()), update)
        for name, end in ends.items():
            small, box = end * (TALL / edge[:, None]), name in self.boxes
            self.drawn[name].set(np.stack([-small if box else 0 * small, small], 1))
            kind = "arrow" if not box else f"box, root of {name}" if name in ROOTED else "box"
            self.stage.legend(name, self.looks[name], [
                "no number yet" if np.isnan(at).all() else f"{kind} {number(at)}" for at in end])
            ends[name] = small
        for name, (places, words) in labelled(ends).items():
            self.labels[name].set(places, words)
        self.edge.set([[-WIDE, 1.14 * TALL]],
                      [f"Under the lens: the top edge is at {top:g}" for top in edge])


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
