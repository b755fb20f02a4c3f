"""Wrong answers over the learning rate, for several rules, while the networks train."""
import inspect
import threading

import numpy as np

from lessons.descend import descend
from lessons.look import GREY, looks
from lessons.scenes.common.runs import BEST, SHARED, side_by_side
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK

BATCHES = [32, 8, 128]
PLAIN, SUMMED = "learning rate", "lr / (1 - beta)"
LOW, HIGH, TICKS = 0.8, 130, [1, 2, 5, 10, 20, 50, 90]      # percent


@scene("Sweep", steps=600, height=4.6, alt="Share of wrong answers over the learning rate for "
       "the rivals: U-curves, with bands over the seeds. On the right each rival's share of wrong "
       "answers at its best learning rate, at a tenth and at ten times it.")
def lr_sweep(stage, rivals, networks, lrs, *, known=None, seeds=5, steps=600, every=25):
    """Wrong answers of networks over the learning rate, at every step of their training.

    rivals: name -> step. networks: name -> function of the batch size and the seeds that makes one.
    lrs: (L,), one network for each, each rival and each seed. known: name -> (tests, L, S), wrong
    answers in percent of the first network at batch size 32, if it was trained before. The button
    "Train" trains what is asked for, all rivals side by side; "Stop" keeps what is trained by then.
    The Stage's `runs` are such arrays too, for want of the room that all weights would take.
    """
    rivals, look, lrs = dict(rivals), looks(rivals), np.asarray(lrs, float)
    trained = {}
    if known:
        first = np.stack([known[name] for name in rivals], 1)
        trained[next(iter(networks)), BATCHES[0]] = first
        every = steps // (len(first) - 1)
    training = Training(stage, rivals, networks, lrs, range(seeds), steps, every, trained)
    stage.title, stage.rate = "Sweep: " + ", ".join(rivals), steps / 6
    stage.alt = stage.alt.replace("the rivals", ", ".join(rivals))
    curves, sides, progress = panels(stage, rivals, lrs)
    headline = stage.headline(curves)
    bar = stage.box(progress, INK, fill=True, width=1)
    line = stage.path(curves, DASHED, whole=True, width=1.4)
    lanes = [Lane(stage, curves, sides, name, row, look[name], total(rivals[name]), lrs)
             for row, name in enumerate(rivals)]
    stage.choice("network", list(networks), label="network")
    stage.choice("batch", BATCHES, label="batch size")
    stage.choice("axis", [PLAIN, SUMMED], label="axis")
    stage.choice("rates", [BEST, SHARED], label="on the right")
    stage.slider("lr", 0.1)
    stage.button("train", training.begin, label="Train")
    stage.button("stop", training.end, label="Stop")

    def update(network, batch, axis, rates, lr):
        wrong = training.of(network, batch)
        stage.show("lr", rates == SHARED)
        done = 0 if wrong is None else (len(wrong) - 1) * every
        stage.steps = max(1, done)
        bar.set([[(0, 0), (done / steps, 1)]])
        near = int(np.abs(np.log(lrs / lr)).argmin()) if rates == SHARED else None
        x = lrs[near] if rates == SHARED and axis == PLAIN else np.nan
        line.set([(x, LOW), (x, HIGH)])
        if curves.get_xlabel() != axis:
            curves.set_xlabel(axis)
            stage.redraw(whole=True)
        frames = np.arange(stage.steps + 1) // every        # a test's result holds until the next
        stage.runs = {} if wrong is None else {lane.name: wrong[:, k]
                                               for k, lane in enumerate(lanes)}
        rows = [lane.show(stage.runs.get(lane.name), axis, near, frames) for lane in lanes]
        words = f"{network}, batch {batch}: {training.state(done)}"
        headline(words)
        stage.summary = "\n".join([f"{words}; {rates}", *filter(None, rows)])

    return update


def panels(stage, rivals, lrs):
    """The axes: the curves, beside them a row for each rival, below them the progress."""
    axes = stage.mosaic([["curves", "sides"], ["progress", "sides"]], height_ratios=(1, 0.035),
                        width_ratios=(1.7, 1))
    curves, sides, progress = axes.values()
    progress.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
    curves.set(xscale="log", xlim=(lrs[0] / 1.3, lrs[-1] * 13), xlabel=PLAIN, yscale="log",
               ylim=(LOW, HIGH), ylabel="wrong answers, %", yticks=TICKS, yticklabels=TICKS)
    rows = range(len(rivals))
    sides.set(xscale="log", xlim=(LOW, 2 * HIGH), xlabel="wrong answers, %", xticks=TICKS,
              xticklabels=TICKS, ylim=(rows[-1] + 0.6, -0.6), yticks=rows, yticklabels=rivals)
    for ax in (curves, sides):
        ax.minorticks_off()
        ax.grid(True, color=GREY, alpha=0.2)
    return curves, sides, progress


class Lane:
    """One rival's curve and marks on the left, and its row on the right."""

    def __init__(self, stage, curves, sides, name, row, look, total, lrs):
        plain = look._replace(dash=())
        self.name, self.row, self.total, self.lrs = name, row, total, lrs
        self.tracks = dict(
            band=stage.curve(curves, plain, group=name, fill=True),
            mean=stage.curve(curves, look, group=name, width=1.8),
            best=stage.marker(curves, look, group=name, size=9),
            spread=stage.box(sides, plain, group=name, fill=True, width=1),
            at=stage.marker(sides, look, group=name, size=9),
            tenth=stage.text(sides, INK, group=name, size=10.5, words=["÷ 10"]),
            tenfold=stage.text(sides, INK, group=name, size=10.5, words=["× 10"]))

    def show(self, wrong, axis, near, frames):
        """Draw the rival's wrong answers (tests, L, S); returns how its sweep ended, in words.

        near: the place of the learning rate to mark; None: that of the best at each test.
        frames: the test to show at each step.
        """
        if wrong is None:
            for track in self.tracks.values():
                track.hide()
            self.tracks["mean"].says([""])
            return ""
        mean, low, high = wrong.mean(-1), wrong.min(-1), wrong.max(-1)
        x = self.lrs * (self.total if axis == SUMMED else 1)
        every, best = np.arange(len(wrong)), mean.argmin(-1)
        chosen = best if near is None else np.full(len(wrong), near)
        at, least, most = (part[every, chosen] for part in (mean, low, high))

        def put(track, *columns):
            points = np.stack(np.broadcast_arrays(*columns), -1).reshape(len(wrong), -1, 2)
            self.tracks[track].set(points[frames])

        put("mean", x, mean)
        put("band", np.append(x, x[::-1]), np.hstack([low, high[:, ::-1]]))
        put("best", x[chosen], at)
        put("spread", least, self.row - 0.3, most, self.row + 0.3)
        put("at", at, self.row)
        for track, far in (("tenth", -1), ("tenfold", 1)):
            beside = best + far * decade_of(self.lrs)
            there = (beside >= 0) & (beside < len(x)) & (near is None)
            height = mean[every, beside.clip(0, len(x) - 1)]
            put(track, np.where(there, height, np.nan), self.row + 0.2 * far)
        self.tracks["mean"].says([f"lr {self.lrs[chosen[k]]:.3g}: {at[k]:.1f} % wrong"
                                  for k in frames])
        return (f"  {self.name}: lowest {mean[-1].min():.1f} % at lr {self.lrs[best[-1]]:.3g}, by "
                f"seed {low[-1, best[-1]]:.1f} to {high[-1, best[-1]]:.1f} %")


class Training:
    """The sweeps that were trained, and the one that is being trained in a thread of its own."""

    def __init__(self, stage, rivals, networks, lrs, seeds, steps, every, trained):
        self.stage, self.rivals, self.networks, self.seeds = stage, rivals, networks, seeds
        self.lrs, self.steps, self.every, self.trained = lrs, steps, every, trained
        self.working = self.live = self.problem = None      # the training, its results, its failure
        self.lock = threading.Lock()

    def begin(self):
        """Train what the menus ask for, unless it is being trained."""
        with self.lock:
            if not self.working:
                asked = self.stage.values["network"], self.stage.values["batch"]
                self.working, self.problem = (*asked,), None        # an object of its own
                threading.Thread(target=self._train, args=(self.working,), daemon=True).start()

    def end(self):
        """Stop the training, and keep its results."""
        with self.lock:
            self._end()

    def of(self, *asked):
        """The wrong answers (tests, rivals, L, S) that are known by now, or None.

        Another training than the one that is asked for is stopped.
        """
        with self.lock:
            if self.working and self.working != asked:
                self._end()
            return self.live if self.working else self.trained.get(asked)

    def state(self, done):
        """How far the training is after `done` steps, in words."""
        now = f"{done} of {self.steps} steps"
        if self.working:
            return f"training, {now}"
        return self.problem or ("not trained yet: press Train" if not done else
                                f"stopped after {now}" if done < self.steps else f"{done} steps")

    def _train(self, asked):
        network, batch = asked

        def tell(wrong):
            with self.lock:
                if self.working is not asked or self.stage.comm is None:
                    raise Stopped
                self.live = wrong
                if len(wrong) > self.steps // self.every:
                    self._end()
            self.stage.set()

        try:
            train(self.networks[network](batch, self.seeds), self.rivals, self.lrs, self.steps,
                  self.every, tell)
        except Stopped:
            pass
        except Exception as error:      # nobody reads a thread's traceback: the page says it
            with self.lock:
                self.problem, self.working = f"{type(error).__name__}: {error}", None
            self.stage.set()

    def _end(self):
        """Keep the results of a training, unless an earlier one got farther."""
        before = self.trained.get(self.working, ())
        if self.live is not None and len(self.live) >= len(before):
            self.trained[self.working] = self.live
        self.working = self.live = None


class Stopped(Exception):
    """The reader pressed Stop, asked for another training, or closed the page."""


def train(network, rivals, lrs, steps, every, tell):
    """Train a network with all rivals side by side, at all learning rates and from all its seeds.

    tell: a function of the wrong answers so far, in percent, (tests, rivals, L, S); the networks
    are tested before the first step, and after every `every` steps.
    """
    abreast, seen = side_by_side(list(rivals.values())), []

    def test(theta):
        seen.append(100 * (1 - network.accuracy(theta)))
        tell(np.stack(seen))

    def step(surface, theta, states=None, t=0, *, lr):
        if t % every == 0:
            test(theta)
        return (*abreast(surface, theta, states, lr=lr), t + 1)

    start = np.tile(network.start, (len(rivals), len(lrs), 1, 1))
    lr = np.tile(lrs[:, None, None], (len(rivals), 1, 1, 1))
    test(descend(network, step, start, steps, every=steps, lr=lr).theta[-1])


def total(step):
    """The sum of a gradient's weights in a step's velocity, 1 / (1 - beta); 1 without one."""
    names = inspect.signature(step).parameters
    return 1 / (1 - names["beta"].default) if "velocity" in names else 1


def decade_of(lrs):
    """How many places of a grid of learning rates make a factor of ten."""
    return int(round(1 / np.log10(lrs[1] / lrs[0])))
