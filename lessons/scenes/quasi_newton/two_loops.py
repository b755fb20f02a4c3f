"""The two loops of L-BFGS, number by number: pairs come out of the gradient and go in again."""
import numpy as np

from lessons.look import BLUE, GREEN, GREY, LOOKS, ORANGE, Look
from lessons.stage import scene
from lessons.stage.stage import INK

A = np.array([0.25, 1.0])               # the true curvatures: y = A s
MOVES = np.array([(1.0, 1.0), (1.0, 0.0), (0.0, 1.0), (1.0, -1.0)])     # in order, as by hand
ROWS = ["pair", "s", "y", "a", "gamma", "b", "a - b"]
VECTOR, TARGET = LOOKS["L-BFGS"]._replace(dash=()), Look(GREEN, (5, 2), "o")
OURS, ONE = "s.y / y.y", "1"


@scene("Out and in again", steps=5, rate=0.7, height=4.4,
       alt="Left: an arrow that begins as the gradient and ends as H g, beside A^-1 g; its "
           "stations are numbered. Right: a table of the pairs, with the numbers a and b that take "
           "each out of the gradient and put it back.")
def two_loops(stage):
    """Follow the two-loop recursion through up to four pairs of a ravine with curvatures 1/4 and 1.

    angle: that of the gradient. The pairs are exact, y = A s, so that the true H is known.
    """
    axes = stage.mosaic([["plane", "page"], ["words", "words"]], width_ratios=(1, 1.05),
                        height_ratios=(3.2, 1))
    plane, page, line = axes["plane"], axes["page"], axes["words"]
    plane.set(xlim=(-0.8, 3.0), ylim=(-0.85, 1.05), xticks=range(4), yticks=[-1, 0, 1],
              aspect="equal", anchor="N")
    line.set(xlim=(0, 5), ylim=(2, 0))
    line.set_axis_off()
    plane.axhline(0, color=GREY, linewidth=0.6)
    plane.axvline(0, color=GREY, linewidth=0.6)
    page.set(xlim=(0, 5), ylim=(7.1, -0.1))
    page.set_axis_off()
    heads = [stage.headline(ax) for ax in (plane, page)]
    lit = stage.box(page, Look(ORANGE, (), "o"), width=1, fill=True)
    for k, word in enumerate(ROWS):
        page.text(0, k + 0.5, word, fontsize=11, va="center", color=GREY)
    cells = [[stage.text(page, INK if row < 3 else Look(BLUE, (), "o"), size=10)
              for _ in MOVES] for row in range(len(ROWS))]
    now = [stage.text(line, VECTOR, size=12) for _ in range(2)]
    start = stage.arrow(plane, INK, group="gradient g", width=2)
    trail = stage.path(plane, VECTOR, group="on its way", width=1.2, size=3)
    stops = [stage.text(plane, VECTOR, size=11) for _ in range(2 * len(MOVES) + 2)]
    vector = stage.arrow(plane, VECTOR, group="on its way", width=4)
    truth = stage.arrow(plane, TARGET, group="A^-1 g", width=2.6)
    stage.choice("memory", [2, 1, 3, 4], label="pairs")
    stage.choice("scale", [OURS, ONE], label="gamma")
    stage.slider("angle", 55.0, label="angle of g", within=(-90, 90))
    stage.record("angle")

    def update(memory, scale, angle):
        turn = np.radians(angle)
        g = 0.7 * np.array([np.cos(turn), np.sin(turn)])
        moves = MOVES[:memory]
        vectors, a, b, words = follow(g, moves, A * moves, scale == OURS)
        stage.steps = len(vectors) - 1
        start.set([[(0, 0), g]])
        truth.set([[(0, 0), g / A]])
        vector.set([[(0, 0), v] for v in vectors])
        trail.set(vectors)
        for k, track in enumerate(stops):
            last = k == len(vectors) - 1
            here = k < len(vectors)
            spot = vectors[k] + beside(vectors, k) if here else (np.nan, np.nan)
            shown = [here and t >= k for t in range(len(vectors))]
            name = "g" if k == 0 else "Hg" if last else f"{k}" if moved(vectors, k) else ""
            track.set(np.where(np.array(shown)[:, None], spot, np.nan), [name])
        columns = [*range(memory), *[None] * (4 - memory)]
        for k, track in enumerate(zip(*cells)):
            write(track, k, columns[k], moves, a, b, words[memory + 1][0].split("= ")[-1])
        at = [None, *range(memory)[::-1], None, *range(memory)]
        lit.set([[(0, 0), (0, 0)] if k is None else [(k + 0.9, 0.02), (k + 1.85, 6.95)]
                 for k in at])
        for track, y, part in zip(now, (0.5, 1.4), zip(*words)):
            track.set([[0, y]], part)
        stage.legend("gradient g", INK, [pair(g)])
        stage.legend("A^-1 g", TARGET, [pair(g / A)])
        stage.legend("on its way", VECTOR, [pair(v) for v in vectors])
        heads[0](["It begins as the gradient", *["First loop: pairs come out"] * memory,
                  "Between the loops: times gamma", *["Second loop: pairs go in"] * memory])
        heads[1]("The newest pair stands on the right")
        off = np.linalg.norm(vectors[-1] - g / A)
        stage.summary = (f"{memory} pairs, gamma {scale}, g = {pair(g)}: H g = {pair(vectors[-1])},"
                         f" A^-1 g {pair(g / A)}, off by {off:.3g}")

    def write(track, k, pair_number, moves, a, b, gamma):
        """Fill a column of the table, cell by cell, as the two loops reach it."""
        if pair_number is None:
            for one in track:
                one.set([[np.nan, np.nan]], [""])
            return
        n, s = len(moves), moves[pair_number]
        first, second = n - pair_number, n + 2 + pair_number       # when its a, and its b, is known
        known = [["1, oldest", "2", "3", "4"][pair_number] if n > 1 else "1", pair(s), pair(A * s)]
        out, back = a[pair_number], b[pair_number]
        later = [(first, number(out)), (n + 1, gamma if pair_number == n - 1 else ""),
                 (second, number(back)), (second, number(out - back))]
        for row, (one, word) in enumerate(zip(track, known)):
            one.set([[k + 0.95, row + 0.5]], [word])
        for row, (one, (when, value)) in enumerate(zip(track[3:], later), 3):
            one.set([[k + 0.95, row + 0.5]],
                    [value if t >= when else "" for t in range(2 * n + 2)])

    return update


def moved(vectors, k):
    """Whether station k lies far enough from the one before to have a name of its own."""
    return k < len(vectors) and np.hypot(*(vectors[k] - vectors[k - 1])) > 0.05


def beside(vectors, k):
    """Where the name of station k stands, seen from it: away from the middle of its neighbours."""
    near = [vectors[i] for i in (k - 1, k + 1) if 0 <= i < len(vectors)]
    away = vectors[k] - np.mean(near, axis=0)
    size = np.hypot(*away)
    return np.array([-0.04, 0.0]) + 0.13 * (away / size if size > 1e-9 else np.array([0.0, 1.0]))


def follow(g, moves, changes, scaled=True):
    """([vector at each stop], a, b, [(what is done, its numbers) at each stop]) of two_loop(g)."""
    q, count = g, len(moves)
    a, b, vectors, words = np.zeros(count), np.zeros(count), [g], [("q = g", f"= {pair(g)}")]
    for k in reversed(range(count)):
        s, y = moves[k], changes[k]
        a[k] = s @ q / (s @ y)
        words.append((f"a = s.q / s.y = {number(s @ q)} / {number(s @ y)} = {number(a[k])}",
                      f"q - a y = {pair(q)} - {number(a[k])} {pair(y)} = {pair(q - a[k] * y)}"))
        q = q - a[k] * y
        vectors.append(q)
    s, y = moves[-1], changes[-1]
    gamma = s @ y / (y @ y) if scaled else 1.0
    z = gamma * q
    vectors.append(z)
    words.append((f"gamma = {number(gamma)}",
                  f"z = gamma q = {number(gamma)} {pair(q)} = {pair(z)}"))
    for k, (s, y) in enumerate(zip(moves, changes)):
        b[k] = y @ z / (s @ y)
        words.append((f"b = y.z / s.y = {number(y @ z)} / {number(s @ y)} = {number(b[k])}",
                      f"z + (a - b) s = {pair(z)} + {number(a[k] - b[k])} {pair(s)} = "
                      f"{pair(z + (a[k] - b[k]) * s)}"))
        z = z + (a[k] - b[k]) * s
        vectors.append(z)
    return np.array(vectors), a, b, words


def number(value):
    """A number with three digits; 0 for what a rounded angle or a float has left of it."""
    return f"{0 if abs(value) < 1e-4 else value:.3g}"


def pair(vector):
    """Two numbers in brackets."""
    return "(" + ", ".join(map(number, vector)) + ")"
