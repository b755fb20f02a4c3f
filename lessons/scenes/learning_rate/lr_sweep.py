"""The sweep: wrong answers over the learning rate, for several rules, while the networks train."""
import inspect
import threading

import numpy as np
from matplotlib.figure import Figure

from lessons.descend import descend
from lessons.look import GREY, Look, looks
from lessons.scenes.adaptive.rotation import side_by_side
from lessons.stage import Stage
from lessons.stage.tracks import to_data

INK, LINE = Look(GREY, (), "o"), Look(GREY, (5, 2), "o")
BATCHES = ["32", "8", "128"]
PLAIN, SUMMED = "learning rate", "lr / (1 - beta)"
BEST, SHARED = "each at its best", "one for all"
REST, GO, STOP = "rest", "train", "stop"
LOW, HIGH = 0.8, 130        # percent


def lr_sweep(rivals, networks, lrs, *, known=None, seeds=5, steps=600, every=25, presets=None,
          **values):
    """Wrong answers of networks over the learning rate, at every step of their training.

    rivals: name -> step. networks: name -> function of the batch size and the seeds that makes one.
    lrs: (L,), one network for each, each rival and each seed. known: name -> (looks, L, S), wrong
    answers in percent of the first network at batch size 32, if it was trained before. The button
    "Train" trains what is asked for, all rivals abreast; "Stop" keeps what is trained by then.
    presets: label -> {knob: value}, a button each. values: other knobs, such as batch="8".
    """
    return Sweep(rivals, networks, lrs, known, seeds, steps, every, presets or {}, values).stage


class Sweep:
    """The sweeps that were made, and the one that is being made in a thread of its own."""

    def __init__(self, rivals, networks, lrs, known, seeds, steps, every, presets, values):
        self.rivals, self.networks, self.seeds = dict(rivals), dict(networks), seeds
        self.lrs, self.steps, self.every = np.asarray(lrs, float), steps, every
        self.looks, self.found = looks(self.rivals), {}
        self.working = self.live = self.problem = None
        self.lock = threading.Lock()
        if known:
            first = np.stack([known[name] for name in self.rivals], 1)
            self.found[next(iter(self.networks)), BATCHES[0]] = first
            self.every = steps // (len(first) - 1)
        names = ", ".join(self.rivals)
        self.stage = stage = Stage(
            self._figure(), steps, f"Share of wrong answers over the learning rate for {names}: "
            "U-curves, with bands over the seeds. On the right each rival's share of wrong answers "
            "at its best learning rate, at a tenth and at ten times it.",
            title=f"Sweep: {names}", rate=steps / 6)
        self.bar = stage.box(self.top, INK, fill=True, width=1)
        self.headline = stage.text(self.curves, INK, size=10.5)
        self.label = stage.text(self.curves, INK, size=10)
        self.line = stage.path(self.curves, LINE, whole=True, width=1.4)
        self.tracks = {name: self._tracks(name) for name in self.rivals}
        stage.choice("network", list(self.networks), label="network")
        stage.choice("batch", BATCHES, label="batch size")
        stage.choice("axis", [PLAIN, SUMMED], label="axis")
        stage.choice("rates", [BEST, SHARED], label="on the right")
        stage.slider("lr", 0.1)
        stage.choice("training", [REST, GO, STOP], label="training")
        stage.show("training", False)           # two buttons turn it
        for label, turned in {**presets, "Train": {"training": GO},
                              "Stop": {"training": STOP}}.items():
            stage.preset(label, **turned)
        stage.set(**values)
        stage.compute(self.run)

    # The stage, built once

    def _figure(self):
        figure = Figure((9.2, 4.1))
        self.curves = figure.add_axes([0.075, 0.12, 0.48, 0.75])
        self.sides = figure.add_axes([0.72, 0.12, 0.27, 0.75])
        self.top = figure.add_axes([0.075, 0.965, 0.48, 0.02])
        self.top.set(xlim=(0, 1), ylim=(0, 1), xticks=[], yticks=[])
        rows, ticks = range(len(self.rivals)), [1, 2, 5, 10, 20, 50, 90]
        self.curves.set(xscale="log", xlim=(self.lrs[0] / 1.3, self.lrs[-1] * 13), yscale="log",
                        ylim=(LOW, HIGH), ylabel="wrong answers, %", yticks=ticks,
                        yticklabels=ticks)
        self.sides.set(xscale="log", xlim=(LOW, 2 * HIGH), xlabel="wrong answers, %", xticks=ticks,
                       xticklabels=ticks, ylim=(rows[-1] + 0.6, -0.6), yticks=rows,
                       yticklabels=self.rivals)
        for ax in (self.curves, self.sides):
            ax.minorticks_off()
            ax.grid(True, color=GREY, alpha=0.2)
        return figure

    def _tracks(self, name):
        stage, look = self.stage, self.looks[name]
        plain = look._replace(dash=())
        return dict(
            band=stage.curve(self.curves, plain, group=name, fill=True),
            mean=stage.curve(self.curves, look, group=name, width=1.8),
            best=stage.marker(self.curves, look, group=name, size=9),
            spread=stage.box(self.sides, plain, group=name, fill=True, width=1),
            at=stage.marker(self.sides, look, group=name, size=9),
            tenth=stage.text(self.sides, INK, group=name, size=10.5),
            tenfold=stage.text(self.sides, INK, group=name, size=10.5))

    # What the knobs show

    def run(self, network, batch, axis, rates, lr, training):
        """Start or stop the training that a button asks for; show what is trained by now."""
        asked = network, batch
        self.stage.values["training"] = REST        # a button is pressed, and is up again
        with self.lock:
            if self.working and (training == STOP or self.working != asked):
                self._end()
            if training == GO and not self.working:
                self.working, self.problem = (*asked,), None    # an object of its own
                threading.Thread(target=self._train, args=(self.working,), daemon=True).start()
            wrong = self.live if self.working else self.found.get(asked)
        self.stage.show("lr", rates == SHARED)
        done = 0 if wrong is None else (len(wrong) - 1) * self.every
        self.stage.steps = max(1, done)
        self.bar.set([[(0, 0), (done / self.steps, 1)]])
        x = self._near(lr)[1] if rates == SHARED and axis == PLAIN else np.nan
        self.line.set([(x, LOW), (x, HIGH)])
        rows = [self._show(row, name, wrong, axis, rates, lr)
                for row, name in enumerate(self.rivals)]
        said = self._say(asked, done)
        self.headline.set([to_data(self.curves, [0, 1.06])], [said])
        self.label.set([to_data(self.curves, [0.42, -0.12])], [axis])
        self.stage.summary = "\n".join([f"{said}; {rates}", *filter(None, rows)])

    def _near(self, lr):
        """The place in the grid, and the learning rate there, that is nearest."""
        place = np.abs(np.log(self.lrs / lr)).argmin()
        return place, self.lrs[place]

    def _say(self, asked, done):
        now, (network, batch) = f"{done} of {self.steps} steps", asked
        state = ("not trained yet: press Train" if not done else
                 f"stopped after {now}" if done < self.steps else f"{done} steps")
        state = f"training, {now}" if self.working else state
        return f"{network}, batch {batch}: {self.problem or state}"

    def _show(self, row, name, wrong, axis, rates, lr):
        """One rival's curves and marks; returns how its sweep ended, in words."""
        tracks = self.tracks[name]
        if wrong is None:
            for track in tracks.values():
                track.set(np.full((1, *track.points.shape[1:]), np.nan))
            self.stage.legend(name, self.looks[name])
            return ""
        mine = wrong[:, row]                                            # looks, L, S
        mean, low, high = mine.mean(-1), mine.min(-1), mine.max(-1)
        x = self.lrs * (total(self.rivals[name]) if axis == SUMMED else 1)
        every, best = np.arange(len(mine)), mean.argmin(-1)
        near = np.full(len(mine), self._near(lr)[0])
        chosen = near if rates == SHARED else best
        frames = np.arange(self.stage.steps + 1) // self.every      # a look holds until the next
        at, least, most = (part[every, chosen] for part in (mean, low, high))

        def put(track, *columns, words=None):
            points = np.stack(np.broadcast_arrays(*columns), -1).reshape(len(mine), -1, 2)
            tracks[track].set(points[frames], words)

        put("mean", x, mean)
        put("band", np.append(x, x[::-1]), np.hstack([low, high[:, ::-1]]))
        put("best", x[chosen], at)
        put("spread", least, row - 0.3, most, row + 0.3)
        put("at", at, row)
        for track, words, far in (("tenth", "÷ 10", -1), ("tenfold", "× 10", 1)):
            beside = best + far * decade_of(self.lrs)
            there = (beside >= 0) & (beside < len(x)) & (rates == BEST)
            height = mean[every, beside.clip(0, len(x) - 1)]
            put(track, np.where(there, height, np.nan), row + 0.2 * far, words=[words])
        self.stage.legend(name, self.looks[name], [
            f"lr {self.lrs[chosen[k]]:.3g}: {at[k]:.1f} % wrong" for k in frames])
        return (f"  {name}: lowest {mean[-1].min():.1f} % at lr {self.lrs[best[-1]]:.3g}, by seed "
                f"{low[-1, best[-1]]:.1f} to {high[-1, best[-1]]:.1f} %")

    # The training, in a thread

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
            net = self.networks[network](int(batch), range(self.seeds))
            train(net, self.rivals, self.lrs, self.steps, self.every, tell)
        except Stopped:
            pass
        except Exception as error:      # nobody reads a thread's traceback: the page says it
            with self.lock:
                self.problem, self.working = f"{type(error).__name__}: {error}", None
            self.stage.set()

    def _end(self):
        """Keep what is trained, unless more was there before."""
        before = self.found.get(self.working, ())
        if self.live is not None and len(self.live) >= len(before):
            self.found[self.working] = self.live
        self.working = self.live = None


class Stopped(Exception):
    """Somebody pressed Stop, asked for something else, or closed the page."""


def train(network, rivals, lrs, steps, every, tell):
    """Train a network with all rivals abreast, at all learning rates and from all its seeds.

    tell: a function of the wrong answers so far, in percent, (looks, rivals, L, S): one look at
    the examples held out before the first step, and one after every `every` steps.
    """
    abreast, seen = side_by_side(list(rivals.values())), []

    def look(theta):
        seen.append(100 * (1 - network.accuracy(theta)))
        tell(np.stack(seen))

    def step(surface, theta, states=None, t=0, *, lr):
        if t % every == 0:
            look(theta)
        return (*abreast(surface, theta, states, lr=lr), t + 1)

    start = np.tile(network.start, (len(rivals), len(lrs), 1, 1))
    lr = np.tile(lrs[:, None, None], (len(rivals), 1, 1, 1))
    look(descend(network, step, start, steps, every=steps, lr=lr).theta[-1])


def total(step):
    """What the weights of one gradient add up to in a step's velocity; 1 where it has none."""
    names = inspect.signature(step).parameters
    return 1 / (1 - names["beta"].default) if "velocity" in names else 1


def decade_of(lrs):
    """How many places of the grid make a factor of ten."""
    return int(round(1 / np.log10(lrs[1] / lrs[0])))
