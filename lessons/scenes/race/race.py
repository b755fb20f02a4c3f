"""The race: several steps walk down one surface, from one start, with one budget."""
import inspect

import numpy as np

from lessons.knobs import KNOBS
from lessons.look import looks
from lessons.plots import contours, frame_loss, frame_map
from lessons.scenes.common.runs import (
    BEST,
    LRS,
    OWN,
    SHARED,
    attempt,
    best_lr,
    corner,
    gone,
    notes,
    notice,
    on_map,
    own,
    until_gone,
    usual_lr,
)
from lessons.stage import scene


@scene("Race", steps=60, height=4.3, alt="Rivals walk down one surface from one start; beside it "
       "are their losses.")
def race(stage, surface, rivals, *, steps=60, lr=0.05, target=None, score=None):
    """Race `rivals` down `surface`; returns a Stage, whose `runs` are name -> Trajectory.

    surface: a Surface, a function that makes one (its arguments become knobs), or a list of such
    functions (a menu). rivals: name -> step. steps: the budget of each, in gradient evaluations.
    target: a loss, or None; a line shows it, and the legend says who is there at which step.
    score: {label: function of theta}, from 0 to 1, for a surface that has no map to draw.
    presets: label -> {knob: value}, a button each. Other knobs by their names: condition=50.
    A rival whose step raises or prints says so below the picture, in `notice`.
    Raises TypeError for a rival without a learning rate, and where there is nothing to draw.
    """
    if not rivals or not hasattr(rivals, "items"):
        raise TypeError(f'rivals are names with steps, {{"Adam": adam}}, not {rivals!r}')
    ground = Ground(stage, surface, score, target)
    look, lanes, swept, walked = looks(rivals), {}, {}, {}
    headline = stage.headline(ground.left)
    for name in rivals:
        lanes[name] = dict(
            left=stage.path(ground.left, look[name], group=name),
            right=stage.path(ground.right, look[name], group=name),
            gone=stage.text(ground.left, look[name], group=name, size=11, units="axes"))
    stage.title, stage.rate, stage.steps = "Race: " + ", ".join(rivals), max(12, steps / 5), steps
    stage.alt = stage.alt.replace("Rivals", ", ".join(rivals), 1)
    stage.choice("rates", [SHARED, OWN, BEST], label="learning rates")
    stage.show("rates", len(rivals) > 1)
    stage.slider("lr", lr)
    for name, step in rivals.items():
        stage.slider(own(name), usual_lr(name, step), kind="lr", label=own(name))
    ground.knobs(steps)
    stage.record("lr")

    def update(rates, lr, start=None, surface=None, **values):
        stage.steps = values.get("steps", steps)
        start = ground.turn(surface, start, values)
        asked = ground.drawn, start.tolist()
        if rates == BEST and asked != swept.get("asked"):       # another surface, start or budget
            swept.update(asked=asked, best={
                name: best_lr(ground.surface, step, start, stage.steps)
                for name, step in rivals.items()})
        stage.runs, tried = {}, {}
        for row, (name, step) in enumerate(rivals.items()):
            rate = {SHARED: lr, OWN: values[own(name)]}.get(rates)
            if rates == BEST:
                rate = swept["best"][name] or lr
            if walked.get(name, [None])[0] != (*asked, rate):      # else another rival's knob moved
                one = attempt(ground.surface, step, start, stage.steps, rate)
                walked[name] = (*asked, rate), one
            one = tried[name] = walked[name][1]
            if one.run is not None:
                stage.runs[name] = one.run
            ground.show(lanes[name], one)
            lanes[name]["left"].says(notes(rate, one.loss, target, one.diverged, one.short))
            lanes[name]["gone"].set([corner(row)], gone(name, one.diverged, stage.steps))
            stage.show(own(name), rates == OWN)
        stage.show("lr", rates == SHARED)
        every = "every rule at " if len(rivals) > 1 else ""
        words = {SHARED: f"{every}lr {lr:.3g}", OWN: "each rule at its own lr",
                 BEST: f"each rule at the best of {len(LRS)} lrs"}[rates]
        headline(f"{ground.surface.name}, {words}")
        stage.summary = f"{ground.surface.name}, {words}"
        stage.notice = notice(tried)

    return update


class Ground:
    """The surface that the knobs ask for: its map beside the losses, or its losses and a score."""

    def __init__(self, stage, surface, score, target):
        self.stage, self.score, self.target = stage, score, target
        self.makers = makers(surface)
        self.chosen = next(iter(self.makers))
        self.surface = self.makers[self.chosen]()
        self.mapped = self.surface.window is not None
        self.drawn = self.placed = self.shown = None
        if not self.mapped and not score:
            raise TypeError(f"{self.surface.name} has no map, so the race needs something else to "
                            "show: score={label: function of theta}")
        self.left, self.right = stage.grid(ncols=2, width_ratios=(1.15, 1))
        self.left.set_anchor("N")

    def knobs(self, steps):
        """A menu of surfaces, a slider for each of their arguments, the budget, the start."""
        stage = self.stage
        if len(self.makers) > 1:
            stage.choice("surface", list(self.makers), label="surface")
        for maker in self.makers.values():
            for name, value in knobs_of(maker).items():
                if name not in stage.values:        # the first surface's usual value
                    stage.slider(name, value)
        if self.mapped:
            if len(self.makers) == 1:               # beside a menu it would be a knob too many
                stage.slider("steps", steps)
            self.shown = on_map(self.surface, self.surface.start)
            stage.point(self.left, "start", self.shown, label="start")
        self.frame(steps)

    def frame(self, steps):
        """Limits and labels, which stay while the learning rate or the start moves."""
        first = float(self.surface.loss(np.array(self.surface.start)))
        low, high = (1e-6, 100) if self.mapped else (0.03, 10)  # real data spans fewer decades
        frame_loss(self.right if self.mapped else self.left, steps,
                   min(first * low, (self.target or first) / 10), first * high, self.target)
        if self.mapped:
            frame_map(self.left, self.surface)
        else:
            self.right.set(xlim=(0, steps), ylim=(0, 1), xlabel="gradient evaluations",
                           ylabel=next(iter(self.score)))

    def turn(self, surface, start, values):
        """Make the surface and draw what has changed of its map; returns where rivals start.

        A start that the reader placed stays until another surface is chosen.
        """
        stage, chosen = self.stage, surface or self.chosen
        wanted = {name: values[name] for name in knobs_of(self.makers[chosen])}
        for name in KNOBS.keys() & values.keys() - {"steps"}:
            stage.show(name, name in wanted)
        before, turned, budget = self.drawn or (None, None, None)
        if chosen != before:
            self.placed = None
        if (chosen, wanted) != (before, turned):
            self.surface = self.makers[chosen](**wanted)
            if self.mapped:
                contours(self.left, self.surface, animated=True)
            stage.redraw()
        if (chosen, stage.steps) != (before, budget):
            self.frame(stage.steps)
            stage.redraw(whole=True)
        if before not in (None, chosen):
            stage.lay_out()         # another surface's window has another shape
        self.drawn = chosen, wanted, stage.steps
        if self.shown is not None and not np.array_equal(start, self.shown):
            self.placed = start[: self.surface.dim]
        start = np.array(self.surface.start if self.placed is None else self.placed, float)
        if self.mapped:
            self.shown = on_map(self.surface, start)
            stage.move_point("start", self.shown)
        return start

    def show(self, lane, one):
        """Put one rival's way on the left; its loss, or the score of its points, on the right."""
        if self.mapped:
            way = until_gone(one.theta, self.surface.window)
            lane["left"].set(on_map(self.surface, way, one.loss))
            lane["right"].over_time(one.loss)
            return
        score, = self.score.values()
        with np.errstate(all="ignore"):
            found = np.where(np.isfinite(one.theta).all(-1), score(one.theta), np.nan)
        lane["left"].over_time(one.loss)
        lane["right"].over_time(found)


# From what `race` was given, and from runs, to knobs, points and words


def makers(surface):
    """name -> function that makes a surface."""
    def maker(one):
        return (one.__name__, one) if callable(one) else (one.name, lambda: one)

    return dict(map(maker, surface if isinstance(surface, (list, tuple)) else [surface]))


def knobs_of(maker):
    """The arguments of a surface's function that knobs.py knows, with their usual numbers."""
    arguments = inspect.signature(maker).parameters
    return {name: row.default for name, row in arguments.items()
            if name in KNOBS and isinstance(row.default, (int, float))}
