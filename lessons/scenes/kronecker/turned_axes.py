"""The first move of Adam and of Shampoo as what it does to a circle, while the axes are turned."""
import numpy as np

from lessons.experiments.kronecker import LEAST, at_best, turned_bowl
from lessons.look import GREY, LOOKS, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps import adagrad, adam, shampoo

STEPS = 60
RULES = {"Adagrad": adagrad, "Adam": adam, "Shampoo": shampoo}
CIRCLE = np.stack([np.cos(np.linspace(0, 2 * np.pi, 73)), np.sin(np.linspace(0, 2 * np.pi, 73))])
GRADIENT = Look(GREY, (2, 2), "o")
REACH = 2.4
CONDITION = 10_000
SCALED = "the gradient, scaled"


@scene("Turn the axes", steps=STEPS, rate=15, height=4.3,
       alt="Left: a circle as the gradient stretches it, an ellipse; as Adam's first move does, "
           "which is a circle, an ellipse or a line; and as Shampoo's does, always a circle. "
           "Right: the losses of Adagrad, Adam and Shampoo on their ways.")
def turned_axes(stage, *, angle=45.0):
    """Turn both sides of a 2 x 2 matrix: the first moves as images of a circle, and the losses."""
    left, right = stage.grid(ncols=2, width_ratios=(1, 1.3))
    left.set(xlim=(-REACH, REACH), ylim=(0.35 - 1.45 * REACH, REACH), xticks=[],
             yticks=[], aspect="equal")
    right.set(xlim=(0, STEPS), ylim=(0.3 * LEAST, 1e6), yscale="log", xlabel="step",
              ylabel="loss / first loss")
    heads = [stage.headline(ax) for ax in (left, right)]
    axes = [stage.path(left, DASHED, whole=True, width=1) for _ in (0, 1)]
    rings = {name: stage.path(left, look, group=name, whole=True, width=width)
             for name, look, width in ((SCALED, GRADIENT, 2.5),
                                       ("Adam", LOOKS["Adam"], 3.5),
                                       ("Shampoo", LOOKS["Shampoo"], 2.5))}
    labels = stage.text(left, INK, size=11), stage.text(left, INK, size=11)
    told = [stage.text(left, look, size=11) for look in (GRADIENT, LOOKS["Adam"], LOOKS["Shampoo"])]
    names = {name: stage.text(right, LOOKS[name], size=11) for name in RULES}
    curves = {name: stage.path(right, LOOKS[name], group=name) for name in RULES}
    stage.slider("angle", angle, within=(0.0, 90.0))
    stage.record("angle")

    def update(angle):
        place = turned_bowl(angle, (2, 2), CONDITION)
        start = np.array(place.start)
        G = place.grad(start).reshape(2, 2)
        U, sizes, _ = np.linalg.svd(G)
        moves = {SCALED: G / sizes[0] * 2, "Adam": first(adam, place),
                 "Shampoo": first(shampoo, place)}
        for name, move in moves.items():
            rings[name].set((move @ CIRCLE).T)
        for line, label, u, word, offset in zip(axes, labels, U.T, ("strong", "weak"),
                                                ((0.0, 0.38), (0.1, 0.14))):
            u = u * np.sign(u[0] + 1e-9)
            line.set([-2.0 * u, 2.0 * u])
            label.set([np.minimum(2.05 * u, 1.6) + offset], [word])
        stretch = np.linalg.svd(moves["Adam"])[1].round(6)
        heads[0]("A circle, stretched by a first move")
        for k, (text, words) in enumerate(zip(told, (
                "gradient: 8 and 2 (drawn at a quarter)",
                f"Adam: {stretch[0]:.2g} and {stretch[1]:.2g}", "Shampoo: 1 and 1"))):
            text.set([(-2.3, -2.45 - 0.25 * k)], [words])
        stage.runs, ends = {}, []
        for name, rule in RULES.items():
            shares, lr, stage.runs[name] = at_best(place, rule, STEPS)
            curves[name].over_time(shares)
            curves[name].says([f"lr {lr:,.0f}: {now:.2g} left" if lr >= 100 else
                               f"lr {lr:.2g}: {now:.2g} left" for now in shares])
            names[name].set([beside(name, shares)], [name])
            ends.append(f"{name} {shares[-1]:.2g}")
        heads[1]("Share of the first loss, each at its best rate")
        stage.summary = (f"turned by {angle:.3g} degrees, condition {CONDITION}: Adam's first move "
                         f"stretches by {stretch[0]:.3g} and {stretch[1]:.3g}, Shampoo's by 1 and "
                         f"1; losses over the first: " + ", ".join(ends))

    return update


def beside(name, shares):
    """Where a rule's name stands: Adagrad's above its line, Adam's below, Shampoo's at its fall."""
    if name == "Shampoo":
        k = int((shares < 1e-5).argmax())
        return k + 1, 3 * shares[k]
    near = shares[38:56]
    return 40, 3 * near.max() if name == "Adagrad" else 0.1 * near.min()


def first(rule, place):
    """A rule's first move at lr 1, (2, 2), against the gradient."""
    start = np.array(place.start)
    moved = rule(place, start, lr=1.0)
    return (start - (moved[0] if isinstance(moved, tuple) else moved)).reshape(2, 2)
