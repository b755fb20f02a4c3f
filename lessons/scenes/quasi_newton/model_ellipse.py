"""BFGS's picture of a ravine: a circle that the steps turn into the true ellipse."""
import numpy as np

from lessons.descend import descend
from lessons.look import GREEN, GREY, LOOKS, Look
from lessons.stage import scene
from lessons.steps.quasi_newton import bfgs_update, bfgs_wolfe
from lessons.steps.second_order import times
from lessons.surfaces import ravine
from lessons.views import scaled

PAIRS, FLOOR = 5, 0.25        # the floor's curvature: not 1, which B = I would know already
START, MOST = (-1.5, 0.8), 25      # of BFGS's own steps; a pair that is missed by more, in percent
OWN, BY_HAND = "BFGS itself", "our example: (1, 1), (1, 0), (0, 1)"
MOVES = np.array([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, 1.0), (1.0, 0.0)])
MODEL, TRUTH = LOOKS["BFGS"]._replace(dash=()), Look(GREY, (5, 2), "o")
NEWEST, OLDER = Look(GREEN, (), "s"), Look(GREEN, (2, 2), "s")


@scene("What BFGS believes", steps=PAIRS, rate=1, height=4.6,
       alt="Left: the ellipse of the curvatures that BFGS believes in and the true one; they touch "
           "along the newest step. Right, top: by how much each pair so far is missed. Right, "
           "bottom: how wrong the believed inverse Hessian is.")
def model_ellipse(stage):
    """Compare BFGS's model with the truth after every pair.

    Left: all p with p.B p = 1, so that a direction is short where the curvature is large; B = I
    is the unit circle. The thin ellipse is the belief before the newest pair. Belief and truth
    cross a ray where the curvatures along it agree. Right: a pair (s, y) is missed by |H y - s|,
    in percent of |s|; the error is the root of the sum of squares of H - A^-1, in percent of
    A^-1's.
    """
    axes = stage.mosaic([["lens", "missed"], ["lens", "wrong"]], width_ratios=(1.1, 1))
    lens, missed, wrong = axes["lens"], axes["missed"], axes["wrong"]
    lens.set(xlim=(-2.15, 2.15), ylim=(-2.15, 2.15), xticks=range(-2, 3), yticks=range(-2, 3),
             xlabel="move p, first coordinate", ylabel="second coordinate", aspect="equal",
             anchor="N")
    missed.set(xlim=(0.5, PAIRS + 0.5), ylim=(0, MOST), xticks=range(1, PAIRS + 1),
               xlabel="pair", ylabel="missed by, %")
    wrong.set(xlim=(-0.3, PAIRS + 0.3), ylim=(0.05, 300), yscale="log", xlabel="pairs so far",
              ylabel="error of H, %", xticks=range(PAIRS + 1))
    wrong.set(yticks=[0.1, 1, 10, 100], yticklabels=["0.1", "1", "10", "100"])
    heads = [stage.headline(ax) for ax in (lens, missed, wrong)]
    before = stage.ellipse(lens, MODEL, group="BFGS", width=1)
    model = stage.ellipse(lens, MODEL, group="BFGS", width=3)
    truth = stage.ellipse(lens, TRUTH, group="truth", width=2.2)
    rays = {name: stage.curve(lens, look, group=name, width=width) for name, look, width in (
        ("newest step", NEWEST, 3), ("the step before", OLDER, 2.4))}
    bars = [stage.box(missed, MODEL, width=1, fill=True) for _ in range(PAIRS)]
    dot = stage.marker(missed, NEWEST, group="newest step", size=10)
    off = stage.path(wrong, MODEL, group="BFGS", width=3, size=10)
    stage.choice("moves", [OWN, BY_HAND], label="steps of")
    stage.slider("condition", 20.0)
    stage.slider("angle", 30.0)
    stage.record("condition")

    def update(moves, condition, angle):
        surface = scaled(ravine(condition, angle), FLOOR)
        A = surface.hess(np.zeros(2))
        if moves == OWN:
            run = descend(surface, bfgs_wolfe, START, PAIRS + 1)
            steps, H = np.diff(run.theta[: PAIRS + 1], axis=0), run.state["H"]
        else:
            steps, H = MOVES, [np.eye(2)]
            for s in MOVES:
                H.append(bfgs_update(H[-1], s, times(A, s)))
        inverse = np.linalg.inv(A)
        truth.set([ellipse(A)])
        beliefs = [ellipse(np.linalg.inv(one)) for one in H]
        model.set(beliefs)
        before.set([np.full((3, 2), np.nan), *beliefs[:-1]])
        nothing = np.full((2, 2), np.nan)
        found = [nothing, *(ray(A, s) for s in steps)]
        rays["newest step"].set(found)
        rays["the step before"].set([nothing, *found[:-1]])
        misses = np.array([[100 * miss(one, A, s) for s in steps] for one in H])
        known = np.tril(np.ones_like(misses), -1) > 0      # row: pairs so far; column: the pair
        for k, bar in enumerate(bars):
            tall = np.where(known[:, k] & (misses[:, k] > 0.01), misses[:, k], np.nan)
            bar.set([[(k + 0.8, 0), (k + 1.2, min(height, MOST))] for height in tall])
        dot.set([(np.nan, np.nan), *((n, 0) for n in range(1, PAIRS + 1))])
        stage.legend("truth", TRUTH, ["also a contour of the loss"])
        stage.legend("newest step", NEWEST, ["", *["its pair fits"] * PAIRS])
        stage.legend("the step before", OLDER, ["", "", *(
            f"its pair is missed by {percent(misses[n, n - 2])}" for n in range(2, PAIRS + 1))])
        error = [np.linalg.norm(one - inverse) / np.linalg.norm(inverse) for one in H]
        off.over_time(100 * np.array(error))
        off.says([""])
        heads[0]([f"Curvatures after {n} pair{'s' * (n != 1)}" for n in range(PAIRS + 1)])
        heads[1]("Does H still turn each y into its s?")
        heads[2]([f"H is off by {percent(100 * e)}" for e in error])
        stage.summary = (f"Condition {condition:.3g}, angle {angle:.3g}, steps of {moves}; H off "
                         + ", ".join(percent(100 * e) for e in error))

    return update


def miss(H, A, s):
    """By how much H turns y = A s into something else than s, as a share of the length of s."""
    return np.linalg.norm(H @ A @ s - s) / np.linalg.norm(s) if s.any() else 0.0


def percent(value):
    """A percentage with two digits; 0 for what is too small to matter."""
    return f"{value if value > 0.01 else 0:.2g} %"


def ellipse(B, level=0.5):
    """Centre and the ends of both axes of all p with p.B p / 2 = level: (3, 2)."""
    values, axes = np.linalg.eigh(B)
    ends = axes * np.sqrt(2 * level / np.maximum(values, 1e-12))
    return np.stack([np.zeros(2), ends[:, 0], ends[:, 1]])


def ray(A, s):
    """The line along s from edge to edge of the true ellipse: (2, 2)."""
    size = np.sqrt(s @ A @ s)
    return np.stack([-s, s]) / (size if size > 0 else np.nan)
