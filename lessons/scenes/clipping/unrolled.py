"""One neuron hears itself: a nudge of its bias is multiplied at every time step."""
import numpy as np

from lessons.look import BLUE, GREY, ORANGE, VERMILION, Look
from lessons.stage import scene
from lessons.surfaces import recurrent_neuron

STEPS, APART = 30, 0.01     # time steps shown; how far the two neighbours' biases lie from b
TARGET = 0.8                # what recurrent_neuron() should say
LOW, HIGH = 1e-3, 1e6
FAR = np.geomspace(1e-7, 0.3, 120)
BIASES = np.concatenate([-FAR[::-1], FAR])      # close together at the edge
BELOW, ABOVE = Look(BLUE, (), "o"), Look(VERMILION, (7, 2), "s")
GROWS = Look(ORANGE, (), "D")


@scene("A nudge, handed on", steps=STEPS, rate=6, height=4.4,
       alt="Top left: what the neuron says over the time steps, with a bias a little below b and "
           "with one a little above. Bottom left: how much a nudge of b has grown, on a "
           "logarithmic axis. Right: the loss over b, with a diamond at b and a mark for "
           "each neighbour. At the first setting the two start together and part ever faster, one "
           "up and one down, the nudge climbs to 113, and the loss is nearly level but for a steep "
           "fall at b = 0, where one neighbour stands high and the other at the foot.")
def unrolled(stage, *, weight=1.5, bias=0.0, depth=10):
    """Follow a nudge of the bias through the time steps of recurrent_neuron()."""
    axes = stage.mosaic([["says", "loss"], ["nudge", "loss"]], width_ratios=(1.25, 1))
    says, nudge, loss = axes["says"], axes["nudge"], axes["loss"]
    says.set(xlim=(0, STEPS), ylim=(-1.1, 1.1), ylabel="neuron's $h_t$")
    nudge.set(xlim=(0, STEPS), ylim=(LOW, HIGH), yscale="log", xlabel="time step t",
              ylabel="$dh_t/db$")
    loss.set(xlim=(-0.31, 0.31), ylim=(-0.05, 1.65), xlabel="bias b", ylabel="loss")
    nudge.axhline(1, color=GREY, linewidth=0.8)
    heads = {name: stage.headline(ax) for name, ax in axes.items()}
    lanes = {f"bias b {sign} {APART}": stage.path(says, look, group=f"bias b {sign} {APART}")
             for sign, look in (("-", BELOW), ("+", ABOVE))}
    grown = stage.path(nudge, GROWS)
    wall = stage.path(loss, Look(GREY, (), "o"), whole=True, width=2.5)
    dot = stage.marker(loss, GROWS, size=10)
    near = [stage.marker(loss, look, group=name, size=9)
            for name, look in zip(lanes, (BELOW, ABOVE))]
    end = stage.noted_line(says, size=10)
    stage.slider("weight", weight)
    stage.slider("bias", bias)
    stage.slider("depth", depth)
    stage.record("bias")
    stage.record("depth")

    def update(weight, bias, depth):
        h, rate = followed(weight, bias, depth)
        sides = [followed(weight, bias + aside, depth)[0] for aside in (-APART, APART)]
        for said, lane, mark, aside in zip(sides, lanes.values(), near, (-APART, APART)):
            lane.over_time(said)
            mark.set([(bias + aside, (said[-1] - TARGET) ** 2 / 2)])
            lane.says([f"says {value:+.2f}" for value in said])
        grown.over_time(np.maximum(rate[1:], LOW / 10), first=1)
        surface = recurrent_neuron(depth)
        heights = surface.loss(np.stack([0 * BIASES + weight, BIASES], -1))
        wall.set(np.stack([BIASES, heights], -1))
        dot.set([(bias, surface.loss(np.array([weight, bias])))])
        end(f"the loss sees {depth} time steps" if depth < 19 else "",
            [(depth, -1.1), (depth, 1.1)], (depth + 1, 0.0))
        slope = surface.grad(np.array([weight, bias]))[1]
        apart = sides[1][-1] - sides[0][-1]
        heads["says"](f"Two neighbours: they end {apart:.2f} apart")
        heads["nudge"](f"A nudge of b, after {depth} steps: x {short(rate[-1])}")
        heads["loss"](f"Gradient along b: {short(slope)}")
        stage.summary = (f"w {weight:.3g}, b {bias:.3g}, {depth} time steps: the neuron says "
                         f"{h[-1]:.3g}, dh/db {rate[-1]:.4g}, gradient along b {slope:.4g}")

    return update


def followed(weight, bias, depth):
    """h_t and dh_t/db for t = 0, ..., depth."""
    h, rate = [0.0], [0.0]
    for _ in range(depth):
        h.append(np.tanh(weight * h[-1] + bias))
        rate.append((1 - h[-1] ** 2) * (1 + weight * rate[-1]))
    return np.array(h), np.array(rate)


def short(number):
    """A number with three digits, and without an exponent where it is large."""
    return f"{float(f'{number:.3g}'):,.0f}" if abs(number) >= 1000 else f"{number:.3g}"
