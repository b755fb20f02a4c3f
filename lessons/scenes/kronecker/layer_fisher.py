"""A layer's Fisher matrix beside the product of its two factors, example after example."""
import numpy as np

from lessons.look import BLUE, ORANGE, Look
from lessons.stage import scene
from lessons.surfaces import softmax_regression

MOST = 30                       # examples of softmax_regression
SEEDS = [0, 1, 2, 3]            # of the examples and the trained parameters
WRITTEN = Look("#1a1a1a", (), "o")
CURVE, NOW = Look(ORANGE, (), "o"), Look(ORANGE, (), "D")
TITLES = {"S": "S: what came back", "A": "A: what came in",
          "product": "S ⊗ A: every block is A, scaled", "fisher": "F: a pattern for each block"}
ALIKE = "F: the same blocks"
CELL = 9                        # pixels of an entry's side, so that a minus sign fits in


@scene("Two small squares for a large one", steps=1, rate=1, height=4.6,
       alt="Two 3 x 3 squares of colours, S and A; the 9 x 9 square that is their Kronecker "
           "product, in which each of nine blocks is A times an entry of S; the true 9 x 9 Fisher "
           "matrix of the layer, whose blocks differ in pattern where the two are apart; and a "
           "curve that says how far apart they are, over the number of examples. The small squares "
           "have their entries written in them; entries below 0 bear a minus sign.")
def layer_fisher(stage):
    """Compare S ⊗ A with F, for so many examples and so far trained; blue is above 0, orange below.

    White is 0, and a minus sign marks what is below; the large squares share the scale at right.

    The layer: softmax_regression, 3 inputs with the bias, 3 classes, labels drawn from the model.
    """
    axes = stage.mosaic([["S", "product", "fisher", "scale"], ["A", "product", "fisher", "scale"],
                         ["off"] * 4], height_ratios=(1, 1, 0.9), width_ratios=(1, 2, 2, 0.1))
    pictures, heads = {}, {name: stage.headline(axes[name]) for name in (*TITLES, "off")}
    for name in TITLES:
        axes[name].set(xticks=[], yticks=[])
        size = 3 if name in "SA" else 9
        pictures[name] = axes[name].imshow(np.zeros((size, size, 3), np.uint8), animated=True,
                                           interpolation="nearest",
                                           extent=(-0.5, size - 0.5, size - 0.5, -0.5))
        if size == 9:
            for at in (2.5, 5.5):
                axes[name].axhline(at, color="#808080", lw=0.8)
                axes[name].axvline(at, color="#808080", lw=0.8)
    axes["scale"].imshow(colours(np.linspace(1, -1, 81)[:, None]), aspect="auto",
                         extent=(0, 1, -1, 1))
    axes["scale"].set(xticks=[])
    axes["scale"].yaxis.tick_right()
    axes["off"].set(xlim=(0, MOST + 1), ylim=(0, 125), xticks=(1, 10, 20, 30), yticks=(0, 50, 100),
                    xlabel="examples", ylabel="off by, %")
    entries = {name: [stage.text(axes[name], WRITTEN, size=8) for _ in range(9)] for name in "SA"}
    curve = stage.path(axes["off"], CURVE, whole=True, width=2.5)
    here = stage.marker(axes["off"], NOW, size=11)
    stage.slider("examples", MOST)
    stage.slider("trained", 1.0)
    stage.choice("seed", SEEDS, label="examples' seed")
    stage.record("examples")

    def update(examples, trained, seed):
        a, S = layer(seed, trained)
        off = 100 * np.array([apart(a[:n], S[:n]) for n in range(1, MOST + 1)])
        parts = factors(a[:examples], S[:examples])
        squares = dict(zip(TITLES, (*parts, np.kron(*parts), fisher(a[:examples], S[:examples]))))
        full = max(np.abs(squares[name]).max() for name in ("product", "fisher"))
        for name, part in squares.items():
            large = name not in entries
            pictures[name].set_data(signed(part, full) if large else
                                    colours(part, 2 * np.abs(part).max()))
            heads[name](TITLES[name])
        if off[examples - 1] < 0.5:
            heads["fisher"](ALIKE)
        axes["scale"].set_yticks([-1, 0, 1], [f"−{full:.2f}", "0", f"{full:.2f}"])
        for name, words in entries.items():
            for k, word in enumerate(words):
                word.set([[k % 3 - 0.39, k // 3]], [written(squares[name].flat[k])])
        stage.redraw()
        curve.set(np.stack([np.arange(1, MOST + 1), off], -1))
        here.set([(1, off[0]), (examples, off[examples - 1])])
        heads["off"](f"{examples} example{'s' * (examples > 1)}: the large squares are apart by "
                     f"{off[examples - 1]:.0f} % of F")
        stage.summary = (f"seed {seed}, trained to {trained:.0%}, {examples} examples: S ⊗ A is "
                         f"off by {off[examples - 1]:.1f} %; with all {MOST}: {off[-1]:.1f} %")

    return update


def layer(seed, trained):
    """Inputs a (30, 3), and for each of them the mean of s s^T over the model's labels (30, 3, 3).

    trained: theta as a share of the minimum.
    """
    surface = softmax_regression(seed)
    a = np.hstack([np.random.default_rng(seed).normal(size=(MOST, 2)), np.ones((MOST, 1))])
    scores = a @ (trained * np.reshape(surface.minima[0], (3, 3))).T
    p = np.exp(scores - scores.max(axis=1, keepdims=True))
    p = p / p.sum(axis=1, keepdims=True)
    return a, p[:, :, None] * np.eye(3) - p[:, :, None] * p[:, None, :]


def factors(a, S):
    """K-FAC's (S, A) of some examples."""
    return S.mean(axis=0), a.T @ a / len(a)


def fisher(a, S):
    """The true Fisher matrix of some examples, (9, 9): the mean of S_i (x) a_i a_i^T."""
    return np.mean([np.kron(one, np.outer(x, x)) for x, one in zip(a, S)], axis=0)


def apart(a, S):
    """|F - S (x) A| / |F|, by the root of the sum of squares."""
    F = fisher(a, S)
    return np.sqrt(np.square(F - np.kron(*factors(a, S))).sum() / np.square(F).sum())


def colours(matrix, full=None):
    """(n, n, 3): white for 0, blue for `full`, the largest entry, orange for minus it; by roots."""
    size = np.sqrt(np.abs(matrix) / (full or np.abs(matrix).max()))[..., None]
    hues = np.where(matrix[..., None] > 0, rgb(BLUE), rgb(ORANGE))
    return (255 - size * (255 - hues)).astype(np.uint8)


def signed(matrix, full):
    """`colours` with CELL x CELL pixels for each entry, and a dark minus sign in those below 0."""
    picture = np.kron(colours(matrix, full), np.ones((CELL, CELL, 1), np.uint8))
    dash = np.zeros((CELL, CELL))
    dash[CELL // 2, 2:-2] = 1
    marks = np.kron(matrix < -full / 1000, dash)[..., None]      # rounding is no sign
    return np.where(marks > 0, picture // 2, picture).astype(np.uint8)


def written(number):
    """-0.046 as "−.05": two digits after the point, and none before it where it is 0."""
    return f"{np.round(number, 2) + 0.0:.2f}".replace("0.", ".", 1).replace("-", "−")


def rgb(colour):
    """"#0072B2" as three numbers from 0 to 255."""
    return np.array([int(colour[i:i + 2], 16) for i in (1, 3, 5)], float)
