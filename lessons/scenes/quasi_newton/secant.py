"""The secant method under a lens that follows it: the gradient's curve becomes its own chord."""
import numpy as np

from lessons.look import GREEN, GREY, LOOKS, PURPLE, Look
from lessons.stage import scene

STEPS, MOST = 6, 36             # moves; the most digits in the picture
SECANT, TANGENT = "two gradients", "gradient and f''"
CHORD, CURVE, NEXT = Look(PURPLE, (), "s"), Look(GREY, (), "o"), Look(GREEN, (), "D")
BESIDE = np.array([(0.1, -0.22), (-0.42, 0.22), (0.1, -0.22)])     # a name, seen from its point
ACROSS = np.linspace(-1.4, 1.4, 81)     # the lens, in units of the larger error in it


@scene("A chord in place of a curvature", steps=STEPS, rate=1, height=4.2,
       alt="Left: the gradient of x - ln x around its zero, magnified more at each step, with the "
           "line that leads to the next point. Right: how many digits of x are right after so many "
           "evaluations, of the whole walk, with a mark for the point in the lens.")
def secant(stage):
    """Look for the zero of f'(x) = 1 - 1 / x by chords or by tangents.

    Everything is drawn from the error e = x - 1, whose exact law is e_new = -e e_old for chords and
    -e^2 for tangents, so that rounding does not end the picture. Left: the lens shows both last
    points. Right: an evaluation is one f' or one f''; the whole walk is drawn at once.
    """
    lens, digits = stage.grid(ncols=2, width_ratios=(1.15, 1))
    lens.set(xlim=(-1.4, 1.4), ylim=(-1.6, 1.6), xticks=[0], xticklabels=["minimum"], yticks=[0],
             xlabel="x", ylabel="gradient f'(x)")
    digits.set(xlim=(1.6, 8.4), ylim=(0, MOST), xlabel="evaluations of f' or f''",
               ylabel="digits that are right")
    lens.axhline(0, color=GREY, linewidth=1)
    heads = [stage.headline(ax) for ax in (lens, digits)]
    curve = stage.curve(lens, CURVE, group="gradient's curve", width=6)
    line = stage.curve(lens, CHORD, group="line to the next x", width=2)
    known = [stage.marker(lens, CHORD, size=11) for _ in range(2)]
    new = stage.marker(lens, NEXT, size=9)
    names = [stage.text(lens, CHORD, size=11) for _ in known] + [stage.text(lens, NEXT, size=11)]
    lanes = {"Secant": stage.path(digits, CHORD, group="Secant", whole=True, width=3),
             "Newton": stage.path(digits, LOOKS["Newton"], group="Newton", whole=True)}
    tips = {"Secant": stage.marker(digits, CHORD, group="Secant", size=11),
            "Newton": stage.marker(digits, LOOKS["Newton"], group="Newton")}
    stage.choice("rule", [SECANT, TANGENT], label="the line is made of")
    stage.slider("start", 0.9, kind="scale", label="first x", within=(0.3, 1.9), log=False)
    stage.slider("move", 0.2, kind="scale", label="first move", within=(0.05, 0.6), log=False)
    stage.record("start")

    def update(rule, start, move):
        two = errors(start - 1, start + move - 1)
        one = newton_errors(start - 1)
        last = two[:-1] if rule == SECANT else one[:-1]
        here = two[1:] if rule == SECANT else one[:-1]
        ended = np.isnan(here + last)       # a chord from far away may lead to where ln x ends
        kept = np.minimum(np.arange(STEPS + 1), np.argmax(ended) - 1 if ended.any() else STEPS)
        last, here = last[kept, None], here[kept, None]
        after = -last * here
        size = np.maximum(abs(last), abs(here))
        with np.errstate(all="ignore"):     # left of the well there is no curve
            x = ACROSS * size
            curve.set(np.stack([x / size, slope(x) / size], -1))
            slopes = 1 / ((1 + last) * (1 + here))      # of the chord, and of the tangent: 1 / x^2
            tall = (slope(here) + slopes * (x - here)) / size
            line.set(np.stack([x / size, tall], -1))
            spots = [np.concatenate([e / size, slope(e) / size], -1) for e in (last, here)]
            spots.append(np.concatenate([after / size, 0 * after], -1))
        for track, name, spot, way, word in zip([*known, new], names, spots, BESIDE,
                                                ("before", "now", "next")):
            track.set(spot)
            turn = np.where(np.sign(way[0]) * spot[:, :1] > 0.75, 1, 0) if word != "next" else 0
            name.set(spot + way + turn * (BESIDE[:2].sum(0) - 2 * way),
                     ["" if word == "before" and rule == TANGENT else word])
        stage.legend("gradient's curve", CURVE)
        stage.legend("line to the next x", CHORD)
        spent = np.arange(2, STEPS + 3)
        for name, e in (("Secant", two[spent]), ("Newton", one[spent // 2])):
            right = -np.log10(np.abs(e))
            for track in (lanes[name], tips[name]):
                track.set(np.stack([spent, right], -1))
            lanes[name].says([f"{d:.1f} digits after {n} evaluations" if d == d else
                              "has left: the next x is below 0" for d, n in zip(right, spent)])
        heads[0]([f"Lens: 1 - {w:.2g} to 1 + {w:.2g}" for w in 1.4 * size[:, 0]])
        heads[1](f"Chords pay 1 a step, tangents 2; from x = {start:.2g}")
        stage.summary = (f"From {start:.3g} and {start + move:.3g}: chord errors "
                         + ", ".join(f"{e:.1e}" for e in two[:7]) + "; tangent errors "
                         + ", ".join(f"{e:.1e}" for e in one[:5]))

    return update


def slope(e):
    """f'(1 + e) = 1 - 1 / (1 + e), without the rounding of 1 + e; nan where x is not above 0."""
    return np.where(e > -1, e / (1 + e), np.nan)


def errors(first, second):
    """x - 1 for the two points given and STEPS + 1 more of the secant method; nan where x <= 0."""
    found = [first, second]
    for _ in range(STEPS + 1):
        found.append(-found[-1] * found[-2] if min(found[-2:]) > -1 else np.nan)
    return np.where(np.array(found) > -1, found, np.nan)


def newton_errors(first):
    """x - 1 for the point given and STEPS + 1 more of Newton's method; nan where x <= 0."""
    found = [first]
    for _ in range(STEPS + 1):
        found.append(-found[-1] ** 2)
    return np.where(np.array(found) > -1, found, np.nan)
