"""A parabola that touches a curve, and the jump to its lowest point: Newton's step in the plane."""
from typing import NamedTuple

import numpy as np

from lessons.descend import descend
from lessons.look import LOOKS, ORANGE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps import gradient_descent, newton
from lessons.surfaces import Surface

JUMPS = 8
SLOW = 0.2                  # the learning rate of gradient descent, beside it
DIGITS = 16                 # what a computer's numbers hold
MODEL = Look(ORANGE, (7, 2), "X")


class Curve(NamedTuple):
    """f, its slope and its curvature, functions of x; what is shown of it; where it is lowest."""

    f: object
    slope: object
    bend: object
    x: tuple
    y: tuple
    lowest: float


CURVES = {
    "x²": Curve(lambda x: x * x, lambda x: 2 * x, lambda x: 2 + 0 * x, (-2.6, 2.6), (-1, 6), 0.0),
    "x - ln x": Curve(lambda x: x - np.log(x), lambda x: 1 - 1 / x, lambda x: 1 / (x * x),
                      (-0.3, 3.2), (0.6, 3), 1.0),
    "x⁴": Curve(lambda x: x**4, lambda x: 4 * x**3, lambda x: 12 * x * x,
                (-1.6, 1.6), (-0.5, 3), 0.0),
    "√(1 + x²)": Curve(lambda x: np.sqrt(1 + x * x), lambda x: x / np.sqrt(1 + x * x),
                       lambda x: (1 + x * x) ** -1.5, (-10, 10), (-3, 10), 0.0),
    "(x² - 1)²": Curve(lambda x: (x * x - 1) ** 2, lambda x: 4 * x * (x * x - 1),
                       lambda x: 12 * x * x - 4, (-1.9, 1.9), (-0.6, 3), 1.0),
}

CLOSER = {"x - ln x": dict(x=(-0.1, 2.6), y=(0.85, 2.2))}      # where it fills the whole picture


@scene("A parabola that touches", steps=2 * JUMPS, rate=1.5, height=4.2,
       alt="Left: a curve, and a parabola that touches it where the point is and has the same "
           "curvature; an arrow leads from the point to where the parabola is level, and there the "
           "point jumps. Right: how many digits of the answer are right after each jump, beside "
           "gradient descent.")
def touching_parabola(stage, digits=True):
    """Lay a parabola against a curve, jump to its lowest point, and do it again.

    digits: beside it how many digits are right, with gradient descent; else only the parabola.
    """
    left, *others = np.ravel(stage.grid(ncols=2, width_ratios=(1.35, 1)) if digits
                             else stage.grid())
    left.set(yticks=[], xlabel="x", ylabel="" if digits else "f(x)")
    head = stage.headline(left)
    if not digits:
        stage.alt = stage.alt[:stage.alt.index(" Right:")].replace("Left: a", "A")
    line = stage.path(left, INK, whole=True, width=2.5)
    foot = stage.path(left, Look(INK.color, (2, 2), "o"), whole=True, width=1)
    model = stage.curve(left, MODEL, group="Parabola", width=2.2)
    model.says([""])
    jump = stage.arrow(left, LOOKS["Newton"]._replace(dash=()), width=2)
    drop = stage.arrow(left, DASHED, width=1.6)
    vertex = stage.marker(left, MODEL, size=9)
    level = stage.text(left, MODEL, size=11)
    show_digits = digits_panel(stage, left, others[0]) if digits else None
    been = [stage.marker(left, LOOKS["Newton"], size=6) for _ in range(JUMPS)]
    here = stage.marker(left, LOOKS["Newton"], size=11)
    if not digits:
        stage.legend("Newton", LOOKS["Newton"])
    stage.choice("curve", CURVES, label="curve")
    stage.slider("lr", 1.0, within=(0.1, 3.0), log=False)
    stage.slider("damping", 0.0)
    stage.point(left, "start", (0.5, 0.5), label="start")
    stage.record("lr")

    def update(curve, lr, damping, start):
        c = CURVES[curve] if digits else CURVES[curve]._replace(**CLOSER.get(curve, {}))
        if left.get_xlim() != c.x:      # another curve
            left.set(xlim=c.x, ylim=c.y)
            stage.redraw(whole=True)
        stage.move_point("start", (start[0], np.nan_to_num(c.f(max(start[0], 1e-3)))))
        with np.errstate(all="ignore"):     # a jump may leave for infinity, or where there is no ln
            walks = {name: descend(surface_of(c), step, start[:1], JUMPS, **knobs)
                     for name, step, knobs in (
                         ("Newton", newton, dict(lr=lr, damping=damping)),
                         ("Gradient descent", gradient_descent, dict(lr=SLOW)))}
            x = walks["Newton"].theta[:, 0]
            show(c, x, damping)
            if show_digits:
                show_digits(c, walks)
        stage.runs = walks
        stage.summary = f"{curve}, lr {lr:.3g}, damping {damping:.3g}: x = " + ", ".join(
            f"{at:.6g}" for at in x)

    def show(c, x, damping):
        """Two frames for each jump: the parabola at x, and where its level point sends x."""
        wide = np.linspace(*c.x, 121)
        line.set(np.stack([wide, c.f(wide)], -1))
        foot.set([(c.x[0], c.f(c.lowest)), (c.x[1], c.f(c.lowest))])
        f, g, bend = c.f(x), c.slope(x), c.bend(x) + damping
        away = wide - x[:, None]
        touch = f[:, None] + g[:, None] * away + bend[:, None] / 2 * away**2
        shapes = np.stack([np.broadcast_to(wide, touch.shape), touch], -1)
        model.set(np.repeat(shapes, 2, axis=0)[:-1])
        next_x = np.append(x[1:], np.nan)
        ahead = next_x - x
        lands = np.stack([next_x, f + g * ahead + bend / 2 * ahead**2], -1)
        onto = np.stack([next_x, c.f(next_x)], -1)
        second = np.arange(2 * JUMPS + 1)[:, None] % 2 == 1
        vertex.set(np.where(second, np.repeat(lands, 2, axis=0)[:-1], np.nan))
        low = np.minimum(lands[:, 1], c.f(c.lowest)) - 0.06 * (c.y[1] - c.y[0])
        under = np.stack([next_x, low], -1)
        level.set(np.where(second, np.repeat(under, 2, axis=0)[:-1], np.nan),
                  [f"lands at {at:.4g}" for at in np.repeat(next_x, 2)[:-1]])
        leap = np.repeat(np.stack([np.stack([x, f], -1), lands], 1), 2, axis=0)[:-1]
        jump.set(np.where(second[..., None], leap, np.nan))
        drop.set(np.where(second[..., None], np.repeat(np.stack([lands, onto], 1), 2, axis=0)[:-1],
                          np.nan))
        here.set(np.repeat(np.stack([x, f], -1), 2, axis=0)[:-1])
        for k, mark in enumerate(been):         # is seen once the point has left it
            at = np.full((2 * JUMPS + 1, 2), np.nan)
            at[2 * k + 2:] = x[k], f[k]
            mark.set(at)
        head([f"x = {at:.4g}: slope {slope:.3g}, curvature {b:.3g}" if np.isfinite(value)
              else f"x = {at:.4g}: there is no curve"
              for at, slope, b, value in zip(*(np.repeat(row, 2)[:-1]
                                               for row in (x, g, bend, f)))])

    return update


def digits_panel(stage, map, ax):
    """Return show(curve, walks), which draws the right digits on `ax` and gradient descent."""
    ax.set(xlim=(0, JUMPS), ylim=(-1.5, DIGITS + 1), yticks=range(0, DIGITS + 1, 4),
           xlabel="jumps", ylabel="right digits of x")
    head = stage.headline(ax)
    slow = stage.marker(map, LOOKS["Gradient descent"], size=15)    # round the other where both are
    known = {name: stage.path(ax, LOOKS[name], group=name)
             for name in ("Gradient descent", "Newton")}     # the red head lies on the blue one
    dots = [stage.marker(ax, LOOKS["Newton"], size=7) for _ in range(JUMPS + 1)]
    numbers = [stage.text(ax, LOOKS["Newton"], size=10) for _ in range(JUMPS + 1)]

    def show(curve, walks):
        other = walks["Gradient descent"].theta[:, 0]
        slow.set(np.repeat(np.stack([other, curve.f(other)], -1), 2, axis=0)[:-1])
        for name, run in walks.items():
            digits = right_digits(run.theta[:, 0], curve.lowest)
            twice = np.stack([np.repeat(np.arange(JUMPS + 1), 2), np.repeat(digits, 2)], -1)
            known[name].set(twice[:-1])
            known[name].says([f"x = {at:.6g}" for at in np.repeat(run.theta[:, 0], 2)[:-1]])
        found = right_digits(walks["Newton"].theta[:, 0], curve.lowest)
        for k, (dot, number) in enumerate(zip(dots, numbers)):
            at = np.full((2 * JUMPS + 1, 2), np.nan)
            at[2 * k:] = k, found[k]
            dot.set(at)
            number.set(at + (-0.75, 0.7), [f"{found[k]:.1f}" if k and 0.95 < found[k] < DIGITS
                       else ""])
        head([f"Jump {k // 2}: {max(0, n):.1f} digits are right" if np.isfinite(n) else
              f"Jump {k // 2}: nowhere" for k, n in enumerate(np.repeat(found, 2)[:-1])])

    return show


def surface_of(curve):
    """A Curve as a Surface of one coordinate."""
    return Surface("A curve", lambda theta: curve.f(theta[..., 0]), curve.slope,
                   lambda theta: curve.bend(theta)[..., None], None, (1.0,), ())


def right_digits(x, lowest):
    """How many digits of x are right, counted from the point: -log10 of its error, at most 16."""
    return np.minimum(-np.log10(np.abs(x - lowest)), DIGITS)
