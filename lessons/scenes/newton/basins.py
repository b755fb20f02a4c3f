"""Where each start ends: Newton's step on a landscape with minima, saddles and a maximum."""
import numpy as np

from lessons.descend import descend
from lessons.experiments.curvature import level_places
from lessons.look import BLUE, ORANGE, Look
from lessons.stage import scene
from lessons.stage.stage import DASHED, INK
from lessons.steps import gradient_descent, newton, saddle_free_newton
from lessons.surfaces import himmelblau

SURFACE, STEPS, CELLS, NEAR = himmelblau(), 40, 81, 0.05
FLAT = np.array([*SURFACE.minima, *level_places().values()])     # all places without a gradient
NAMES = "1234ABCDM"
SHADES = np.array([     # of 1 + FLAT: nowhere, four minima, four saddles, the maximum
    (255, 255, 255), (206, 228, 246), (172, 208, 237), (136, 187, 227), (100, 164, 215),
    (238, 172, 110), (226, 145, 72), (205, 119, 45), (247, 197, 148), (20, 20, 20)], np.uint8)
SLOW = 0.01             # gradient descent's learning rate
NEWTON, ABSOLUTE, DESCENT = "Newton", "Newton with |H|", "gradient descent"
STEPPED = {NEWTON: newton, ABSOLUTE: saddle_free_newton, DESCENT: gradient_descent}


@scene("Where it ends", steps=STEPS, rate=6, height=4.5,
       alt="Left: a map of starts, coloured by where a run from there ends: blue for the four "
           "minima, orange for the four saddles, black for the maximum; one walk is drawn on it. "
           "Right: by what a step multiplies a small error at each of these nine places.")
def basins(stage):
    """Colour every start by the flat place where its run ends, and follow one of the runs.

    Right: the largest factor of a small error at each flat place, |1 - lr c / (c + damping)|.
    """
    map, factor = stage.grid(ncols=2, width_ratios=(1.25, 1))
    map.set(xlim=SURFACE.window[0], ylim=SURFACE.window[1], xticks=range(-4, 5, 2),
            yticks=range(-4, 5, 2), xlabel="x", ylabel="y", aspect="equal")
    factor.set(xlim=(-0.7, 8.7), ylim=(0.02, 60), yscale="log", xticks=range(9),
               xticklabels=list(NAMES), xlabel="minima 1 to 4, saddles A to D, maximum M",
               ylabel="factor of the error",
               yticks=(0.1, 1, 10), yticklabels=("0.1", "1", "10"))
    picture = map.imshow(np.zeros((CELLS, CELLS, 3), np.uint8), origin="lower",
                         interpolation="nearest", extent=np.ravel(SURFACE.window), animated=True)
    heads = [stage.headline(ax) for ax in (map, factor)]
    way = stage.path(map, Look("#1a1a1a", (), "X"), size=11, width=2.6)
    first = stage.marker(map, Look("#1a1a1a", (), "D"), size=10)
    for at, name in zip(FLAT, NAMES):
        stage.marker(map, Look("#ffffff", (), "o"), size=17).set([at])
        stage.text(map, Look("#1a1a1a", (), "o"), size=11).set([at - (0.13, 0)], [name])
    stage.noted_line(factor, DASHED)("above 1 it grows", [(-0.7, 1), (8.7, 1)], (-0.5, 2.2))
    stems = [stage.path(factor, Look(color, (), "o"), whole=True, width=8)
             for color in (BLUE,) * 4 + (ORANGE,) * 4 + (INK.color,)]
    sizes = [stage.text(factor, INK, size=10) for _ in NAMES]
    stage.choice("rule", STEPPED, label="rule")
    stage.slider("damping", 0.0, within=(0.0, 60.0))
    stage.slider("lr", 1.0, within=(0.05, 1.0), log=False)
    stage.point(map, "start", (0.0, 0.0), label="start")
    stage.record("damping")

    def update(rule, damping, lr, start):
        ends = where(rule, damping, lr)
        picture.set_data(SHADES[ends])
        stage.redraw()
        knobs = dict(lr=SLOW) if rule == DESCENT else dict(lr=lr, damping=damping)
        run = descend(SURFACE, STEPPED[rule], start, STEPS, **knobs)
        first.set([start])
        way.set(np.where(np.abs(run.theta) < 40, run.theta, np.nan))
        grows = factors(rule, damping, lr)
        for k, (stem, number, size) in enumerate(zip(stems, sizes, grows)):
            stem.set([(k, 0.001), (k, max(size, 0.021))])
            words = "0" if size < 1e-6 else f"{size:.2g}"
            top = 1.28 * max(size, 0.021, 1.02 if size > 0.7 else 0)     # clear of the line at 1
            number.set([(k - 0.12 * len(words), min(top, 45))], [words])
        shares = [100 * np.isin(ends, part).mean() for part in (range(1, 5), range(5, 9), [9], [0])]
        heads[0]("Minima {:.0f} %, saddles {:.0f} %, maximum {:.0f} %".format(*shares))
        left = ": nothing" if max(grows) < 1e-6 else ", at most"
        heads[1]("What a step leaves of a small error" + left)
        stage.runs = {rule: run}
        stage.summary = (f"{rule}, " + ", ".join(f"{k} {v:.3g}" for k, v in knobs.items())
                         + ": of all starts {:.1f} % end in minima, {:.1f} % on saddles, {:.1f} % "
                         "on the maximum, {:.1f} % are nowhere yet".format(*shares)
                         + "\n  factors: " + ", ".join(f"{name} {size:.3g}" for name, size in
                                                       zip(NAMES, grows)))

    return update


def where(rule, damping, lr, cells=CELLS):
    """(cells, cells): 1 + the number in FLAT of the place near which a start's run ends, or 0."""
    x, y = np.meshgrid(*(np.linspace(*side, cells) for side in SURFACE.window))
    with np.errstate(all="ignore"):     # a jump may leave for infinity
        for _ in range(STEPS):
            dx, dy = move(rule, x, y, damping)
            x, y = x + (SLOW if rule == DESCENT else lr) * dx, y + (
                SLOW if rule == DESCENT else lr) * dy
        gaps = np.array([(x - a) ** 2 + (y - b) ** 2 for a, b in FLAT])
    gaps = np.where(np.isfinite(gaps), gaps, np.inf)
    return np.where(gaps.min(axis=0) < NEAR**2, 1 + gaps.argmin(axis=0), 0)


def move(rule, x, y, damping):
    """The whole jump of a rule at points (x, y) of Himmelblau's function, by formulas for 2 x 2.

    |H| = (H H + |det H| I) / (|c1| + |c2|), since |H| solves its own quadratic equation.
    """
    a, b = x * x + y - 11, x + y * y - 7
    g, h = 4 * x * a + 2 * b, 2 * a + 4 * y * b
    if rule == DESCENT:
        return -g, -h
    xx, xy, yy = 4 * (a + 2 * x * x) + 2, 4 * (x + y), 4 * (b + 2 * y * y) + 2
    if rule == ABSOLUTE:
        size = np.abs(xx * yy - xy * xy)
        both = np.sqrt(xx * xx + yy * yy + 2 * xy * xy + 2 * size)
        xx, xy, yy = ((xx * xx + xy * xy + size) / both, xy * (xx + yy) / both,
                      (yy * yy + xy * xy + size) / both)
    xx, yy = xx + damping, yy + damping
    det = xx * yy - xy * xy
    return (xy * h - yy * g) / det, (xy * g - xx * h) / det


def factors(rule, damping, lr):
    """At each flat place, the largest factor by which a step multiplies a small error: (9,)."""
    c = np.linalg.eigvalsh(SURFACE.hess(FLAT))
    with np.errstate(all="ignore"):
        left = {NEWTON: 1 - lr * c / (c + damping), DESCENT: 1 - SLOW * c,
                ABSOLUTE: 1 - lr * c / (np.abs(c) + damping)}[rule]
    return np.abs(left).max(axis=-1)
