"""Adam and Lion on the same gradients: how long a move is, and where many coordinates get."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.signs import noise
from lessons.look import LOOKS
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps import adam, lion
from lessons.surfaces import given_gradients

STEPS, MANY, SEEN = 400, 400, 6         # coordinates; those that are drawn one by one
TICKS = (-1.0, -0.5, 0.0, 0.5, 1.0)     # of the frame on the right, as parts of its height
ROUND = np.outer(10.0 ** np.arange(6), (1, 1.2, 1.5, 2, 3, 4, 5, 6, 8)).ravel()
STREAMS = {     # gradients (STEPS, MANY) from the signal
    "noise": lambda signal: noise(0, STEPS, MANY),
    "signal in noise": lambda signal: signal + noise(0, STEPS, MANY),
    "steady": lambda signal: np.ones((STEPS, MANY)),
}


@scene("Twins", steps=STEPS, rate=50, height=4.8,
       alt="Left: the gradients of one coordinate, and below them the moves that Adam and Lion "
           "make of them. Lion's moves are all equally long, up or down; in noise most of Adam's "
           "are shorter than its learning rate. Right: where six coordinates get with either rule. "
           "In noise, at equal rates, Lion's ways fan out several times as wide; at a fifth of the "
           "rate about as wide. On a steady gradient all go the same straight way.")
def twins(stage):
    """Give Adam and Lion the same gradients, in 400 coordinates; all lengths are in Adam's lr."""
    panels = stage.mosaic([["g", "far"], ["Adam", "far"], ["Lion", "far"]],
                          width_ratios=(1, 1.15))
    far, lanes = panels["far"], {}
    for name in ("g", "Adam", "Lion"):
        panels[name].set(xlim=(0, STEPS), ylim=(-2.6, 2.6) if name == "g" else (-1.25, 1.25),
                         yticks=(-2, 0, 2) if name == "g" else (-1, 0, 1))
        panels[name].tick_params(labelbottom=name == "Lion")
        panels[name].axhline(0, color=INK.color, linewidth=0.6)
    panels["g"].set_title("One coordinate's gradient", fontsize=11, loc="left")
    panels["Lion"].set_xlabel("step")
    far.set(xlim=(0, STEPS), ylim=(-1.1, 1.1), xlabel="step", yticks=TICKS, yticklabels=[""] * 5)
    far.set_ylabel("place, in Adam's learning rates", labelpad=30)
    stage.headline(far)("Where six coordinates get")
    scale = [stage.text(far, INK, size=10) for _ in TICKS]      # quick, unlike new limits
    given = stage.path(panels["g"], INK, width=1.2, head=False)
    heads = {name: stage.headline(panels[name]) for name in ("Adam", "Lion")}
    for name in heads:
        look = LOOKS[name]
        lanes[name] = (stage.path(panels[name], look._replace(dash=()), group=name, width=1.3),
                       [stage.path(far, look, group=name, width=1.6, head=k == 0)
                        for k in range(SEEN)])
    zero = stage.noted_line(far, DASHED)
    stage.choice("stream", STREAMS, label="gradients")
    stage.slider("lr_ratio", 1.0)
    stage.slider("signal", 0.3)
    stage.record("lr_ratio")

    def update(stream, lr_ratio, signal):
        g = STREAMS[stream](signal)
        stage.show("signal", stream == "signal in noise")
        place = given_gradients(g)
        runs = stage.runs = {
            "Adam": descend(place, adam, steps=STEPS, lr=1.0),
            "Lion": descend(place, lion, steps=STEPS, lr=1 / lr_ratio)}
        given.over_time(g[:, 0], first=1)
        zero("", [(0, 0), (STEPS, 0)])
        widest = max(np.abs(run.theta[:, :SEEN]).max() for run in runs.values())
        top = ROUND[np.searchsorted(ROUND, widest)]
        for at, text in zip(TICKS, scale):
            said = f"{at * top:.3g}".replace("-", "−")
            text.set([(-10 - 10 * len(said), at)], [said])
        rows = []
        for name, run in runs.items():
            moves = np.diff(run.theta, axis=0)
            long, away = (np.sqrt(np.square(x).mean()) for x in (moves[20:], run.theta[-1]))
            move, ways = lanes[name]
            move.over_time(moves[:, 0], first=1)
            move.says([f"at the end typically {away:.0f} from the start"])
            for k, way in enumerate(ways):
                way.over_time(run.theta[:, k] / top)
            heads[name](f"{name}'s moves, typically {long:.2g} long")
            rows.append((name, long, away, run.theta[-1].mean()))
        stage.summary = "\n".join([
            f"{stream}, Adam's lr / Lion's lr {lr_ratio:.3g}",
            *(f"  {name}: a move {long:.3g}, distance {away:.3g}, mean place {mean:.3g}"
              for name, long, away, mean in rows)])

    return update
