"""One equation, two weights, a whole line of minima: which point does each rule reach?"""
import numpy as np

from lessons.descend import descend
from lessons.look import LOOKS
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps import adam, gradient_descent
from lessons.surfaces import one_equation

STEPS, LR, LENGTH, ANSWER = 200, 0.1, 5**0.5, 5.0
RULES = {"Gradient descent": gradient_descent, "Adam": adam}
WINDOW = (-2.6, 4.8), (-2.6, 4.8)


@scene("One equation, two weights", steps=STEPS, rate=20, height=4.6,
       alt="Left: a line on which every point has loss 0, and two paths from one start: gradient "
           "descent walks at a right angle to the line, Adam along a diagonal. A circle and a "
           "square about the start touch the line where they end. Right: both losses fall to 0.")
def line_of_minima(stage):
    """Walk gradient descent and Adam to a line of minima, which turns with the example."""
    map, curve = stage.grid(ncols=2, width_ratios=(1.15, 1))
    map.set(xlim=WINDOW[0], ylim=WINDOW[1], aspect="equal", xlabel="first weight",
            ylabel="second weight")
    curve.set(xlim=(0, STEPS), ylim=(1e-9, 100), yscale="log", xlabel="step", ylabel="loss")
    heads = [stage.headline(map), stage.headline(curve)]
    line = stage.noted_line(map, INK, size=11)
    circle = stage.ellipse(map, LOOKS["Gradient descent"], width=1.4)
    square = stage.box(map, LOOKS["Adam"], width=1.4)
    walks = {name: (stage.path(map, LOOKS[name], group=name, size=10),
                    stage.path(curve, LOOKS[name], group=name)) for name in RULES}
    stage.slider("example", 26.57)
    stage.point(map, "start", (0.0, 0.0), label="start")
    stage.record("example")

    def update(example, start):
        x = LENGTH * np.array([np.cos(np.radians(example)), np.sin(np.radians(example))])
        place, along = one_equation(x, ANSWER), np.array([-x[1], x[0]]) / LENGTH
        foot = ANSWER / LENGTH * x / LENGTH
        line("loss 0", [foot - 9 * along, foot + 9 * along],
             foot + where(foot, along) * along + 0.25)
        stage.runs = {name: descend(place, rule, start, STEPS, lr=LR)
                      for name, rule in RULES.items()}
        for name, run in stage.runs.items():
            path, loss = walks[name]
            path.set(run.theta)
            loss.over_time(run.loss)
            path.says(["({:.2f}, {:.2f})".format(*at) for at in run.theta])
        plain, largest = (run.theta[-1] - start for run in stage.runs.values())
        r, h = np.sqrt(plain @ plain), np.abs(largest).max()
        circle.set([[start, start + (r, 0), start + (0, r)]])
        square.set([[start - h, start + h]])
        heads[0]("Circle: same distance. Square: same largest move")
        heads[1]("Both losses fall to 0")
        stage.summary = f"example at {example:.3g} degrees, start ({start[0]:.3g}, {start[1]:.3g})"
        stage.summary += "".join("\n  {}: ({:.4f}, {:.4f}), loss {:.2g}".format(
            name, *run.theta[-1], run.loss[-1]) for name, run in stage.runs.items())

    return update


def where(foot, along):
    """How far along the line from its foot the words "loss 0" stand: near the picture's edge."""
    return min((4.0 - foot[1]) / along[1], (foot[0] + 1.8) / -along[0])
