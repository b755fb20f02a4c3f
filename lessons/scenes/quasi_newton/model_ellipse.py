"""BFGS's picture of a ravine: a circle that the steps turn into the true ellipse."""
import numpy as np

from lessons.descend import descend
from lessons.look import GREEN, GREY, LOOKS, Look
from lessons.scenes.common.runs import until_gone
from lessons.stage import scene
from lessons.stage.stage import INK
from lessons.steps.quasi_newton import bfgs_update, bfgs_wolfe
from lessons.steps.second_order import times
from lessons.surfaces import ravine
from lessons.views import scaled

PAIRS, FLOOR = 5, 0.25        # the floor's curvature: not 1, which B = I would know already
OWN, BY_HAND = "BFGS itself", "our table: (1, 1), (1, 0), (0, 1)"
MOVES = np.array([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])
MODEL, TRUTH = LOOKS["BFGS"]._replace(dash=()), Look(GREY, (5, 2), "o")
NEWEST, OLDER = Look(GREEN, (), "s"), Look(GREEN, (2, 2), "s")


@scene("What BFGS believes", steps=PAIRS, rate=1, height=3.6,
       alt="Left: a path in a ravine. Middle: the ellipse of the curvatures that BFGS believes in "
           "and the true one; they touch along the newest step. Right: how wrong the believed "
           "inverse Hessian is.")
def model_ellipse(stage):
    """Compare BFGS's model with the truth after every pair.

    Middle: all p with p.B p = 1, so that a direction is short where the curvature is large; B = I
    is the unit circle. The thin ellipse is the belief before the newest pair. Belief and truth
    cross a ray where the curvatures along it agree.
    """
    valley, lens, wrong = stage.grid(ncols=3, width_ratios=(1, 1.05, 1.1))
    valley.set(xlim=(-2, 2), ylim=(-2, 2), xticks=[], yticks=[], aspect="equal", anchor="N")
    lens.set(xlim=(-2.15, 2.15), ylim=(-2.15, 2.15), xticks=[], yticks=[], aspect="equal",
             anchor="N")
    wrong.set(xlim=(-0.3, PAIRS + 0.3), ylim=(0.01, 300), yscale="log", xlabel="pairs",
              ylabel="error in %", xticks=range(PAIRS + 1), box_aspect=1, anchor="N")
    heads = [stage.headline(ax) for ax in (valley, lens, wrong)]
    levels = [stage.ellipse(valley, INK, width=0.7) for _ in range(4)]
    path = stage.path(valley, MODEL, size=9)
    before = stage.ellipse(lens, MODEL, group="BFGS", width=1)
    model = stage.ellipse(lens, MODEL, group="BFGS", width=4)
    truth = stage.ellipse(lens, TRUTH, group="truth", width=2)
    rays = {name: stage.curve(lens, look, group=name, width=width) for name, look, width in (
        ("newest step", NEWEST, 3), ("the step before", OLDER, 2))}
    off = stage.path(wrong, MODEL, group="BFGS", width=3, size=10)
    stage.choice("moves", [OWN, BY_HAND], label="steps of")
    stage.slider("condition", 20.0)
    stage.slider("angle", 30.0)
    stage.point(valley, "start", (-1.5, 0.8), label="start")
    stage.record("condition")
    stage.still = 3     # BFGS itself has gone along the valley, and the error has fallen

    def update(moves, condition, angle, start):
        surface = scaled(ravine(condition, angle), FLOOR)
        A = surface.hess(np.zeros(2))
        if moves == OWN:
            run = descend(surface, bfgs_wolfe, start, PAIRS + 1)
            theta, H = run.theta[: PAIRS + 1], run.state["H"]
        else:
            theta, H = np.cumsum([start, *0.4 * MOVES], axis=0), [np.eye(2)]
            for s in MOVES:
                H.append(bfgs_update(H[-1], s, times(A, s)))
        steps, inverse = np.diff(theta, axis=0), np.linalg.inv(A)
        path.set(until_gone(theta, surface.window))
        for level, track in zip((0.02, 0.12, 0.4, 1), levels):
            track.set([ellipse(A, level)])
        truth.set([ellipse(A)])
        beliefs = [ellipse(np.linalg.inv(one)) for one in H]
        model.set(beliefs)
        before.set([np.full((3, 2), np.nan), *beliefs[:-1]])
        nothing = np.full((2, 2), np.nan)
        found = [nothing, *(ray(A, s) for s in steps)]
        rays["newest step"].set(found)
        rays["the step before"].set([nothing, *found[:-1]])
        ratios = [bend(np.linalg.inv(one), s) / bend(A, s) for one, s in zip(H[1:], steps)]
        older = [bend(np.linalg.inv(one), s) / bend(A, s) for one, s in zip(H[2:], steps)]
        stage.legend("truth", TRUTH)
        stage.legend("newest step", NEWEST, ["", *(f"believed / true {v:.3g}"
                                                   for v in ratios)])
        stage.legend("the step before", OLDER, ["", "", *(f"believed / true {v:.3g}"
                                                          for v in older)])
        error = [np.linalg.norm(one - inverse, 2) / np.linalg.norm(inverse, 2) for one in H]
        off.over_time(100 * np.array(error))
        off.says([""])
        heads[0](f"Ravine, condition {condition:.3g}")
        heads[1]([f"Curvatures after {n} pair{'s' * (n != 1)}" for n in range(PAIRS + 1)])
        heads[2]([f"H is off by {100 * e:.2g} %" for e in error])
        stage.summary = (f"Condition {condition:.3g}, angle {angle:.3g}, steps of {moves}; H off "
                         + ", ".join(f"{e:.2g}" for e in error))

    return update


def bend(B, s):
    """The curvature that B sees along s."""
    return s @ B @ s / (s @ s) if s.any() else np.nan


def ellipse(B, level=0.5):
    """Centre and the ends of both axes of all p with p.B p / 2 = level: (3, 2)."""
    values, axes = np.linalg.eigh(B)
    ends = axes * np.sqrt(2 * level / np.maximum(values, 1e-12))
    return np.stack([np.zeros(2), ends[:, 0], ends[:, 1]])


def ray(A, s):
    """The line along s from edge to edge of the true ellipse: (2, 2)."""
    size = np.sqrt(s @ A @ s)
    return np.stack([-s, s]) / (size if size > 0 else np.nan)
