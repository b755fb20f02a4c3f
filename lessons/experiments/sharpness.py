"""What is a flat minimum worth, what does SAM ask for, and where does it go?"""

from functools import lru_cache

import numpy as np

from lessons.descend import descend
from lessons.experiments.claims import Claims, in_words, judge, known
from lessons.experiments.protocol import seed_sets, table
from lessons.networks import digits_mlp
from lessons.steps import gradient_descent, sam
from lessons.surfaces import parabola, ravine, sharp_and_flat, two_weights
from lessons.surfaces.landscapes import from_formulas

__all__ = ["cycle", "slide", "worst_near"]
SETS = seed_sets(1)     # three sets of one seed, which draws all starts of its set
WHERE = (       # the headings of the lesson's sections
    "Why would a flat minimum be better?",
    "Where is the worst point near by?",
    "What does it do at the bottom?",
    "Does it leave a sharp valley?",
)
FROM = (3.0, 0.5), (0.4, 2.2), (3.5, 0.2)       # starts in the valley of two_weights


def worst_near(rho=(0.05, 0.1, 0.3)):
    """How high is the loss at the worst point within rho of a minimum?

    In the hole (curvature 40) and in the bowl (curvature 1) of sharp_and_flat(). derived: rho^2 / 2
    times the curvature. measured: the largest loss on 720 points of the circle.
    """
    angles = np.linspace(0, 2 * np.pi, 721)[:-1]
    circle = np.stack([np.cos(angles), np.sin(angles)], -1)
    hole, bowl = np.array(sharp_and_flat().minima)

    def measure(rho):
        worst = [float(sharp_and_flat().loss(at + rho * circle).max()) for at in (hole, bowl)]
        return {"hole, derived": 40 * rho**2 / 2, "hole, measured": worst[0],
                "bowl, derived": rho**2 / 2, "bowl, measured": worst[1]}

    return table(measure, [{"rho": k} for k in np.ravel(rho).tolist()], starts="both minima",
                 seeds="none, nothing is drawn", grid="720 points", budget="none",
                 criterion="largest loss within rho")


def cycle(cases=((0.05, 10, 0.5), (0.05, 10, 0.1), (0.01, 10, 0.5), (0.15, 10, 0.5),
                 (0.02, 40, 0.3)), budget=3000):
    """How far from the bottom of a parabola does SAM swing, after `budget` steps?

    cases: learning rate, curvature, rho. derived: lr c rho / (2 - lr c). measured: the mean size of
    the last two x, from x = -2. loss: that of the cycle.
    """

    def measure(lr, curvature, rho):
        run = descend(parabola(curvature), sam, (-2.0,), budget, lr=lr, rho=rho)
        return {"derived": lr * curvature * rho / (2 - lr * curvature),
                "measured": float(np.abs(run.theta[-2:]).mean()), "loss": run.loss[-1]}

    names = "lr", "curvature", "rho"
    return table(measure, [dict(zip(names, case)) for case in cases], starts="x = -2",
                 seeds="none, nothing is drawn", grid="none", budget=f"{budget} steps",
                 criterion="mean of the last two |x|")


@lru_cache
def slide(cases=((0.05, 0.1), (0.05, 0.2), (0.05, 0.4), (0.02, 0.2), (0.1, 0.2)), start=FROM[0]):
    """After how many steps has SAM, in the valley of two_weights(), brought x^2 - y^2 to 1 / e?

    cases: learning rate, rho. derived: x^2 - y^2 shrinks by 1 - 2 lr R^2 a step, with the reading
    distance R = 2 rho / (2 - lr c) and c the curvature across the floor.
    """

    def measure(lr, rho):
        left, derived = 1.0, 0
        first = abs(imbalance(np.array(start)))
        while left > 1 / np.e:
            c = np.sqrt((first * left) ** 2 + 4)        # on the floor c^2 = (x^2 - y^2)^2 + 4
            left *= 1 - 2 * lr * (2 * rho / (2 - lr * c)) ** 2
            derived += 1
        run = descend(two_weights(), sam, start, 2 * derived, lr=lr, rho=rho)
        below = np.abs(imbalance(run.theta)) < first / np.e
        return {"derived": derived, "measured": int(below.argmax())}

    return table(measure, [{"lr": lr, "rho": rho} for lr, rho in cases], starts=str(start),
                 seeds="none, nothing is drawn", grid="none", budget="twice the derived steps",
                 criterion="x^2 - y^2 is below 1 / e of its first")


def straight_slide(lrs=(0.1, 0.05), rho=0.3, first=0.05):
    """After how many steps has SAM brought s to 1 / e along the straight valley (1 + s^2) x^2 / 2?

    [(derived, measured) for each lr], from the swing at s = first. derived: the curvature 1 + s^2
    has the slope 2 s, so s shrinks by 1 - lr R^2 a step, with R = 2 rho / (2 - lr).
    """
    place = from_formulas(
        "Straight valley", lambda x, s: (1 + s * s) * x * x / 2,
        lambda x, s: ((1 + s * s) * x, s * x * x), lambda x, s: (1 + s * s, 2 * s * x, x * x),
        window=((-1, 1), (-1, 1)), start=(1.0, 1.0), minima=())
    found = []
    for lr in lrs:
        derived = int(np.ceil(-1 / np.log(1 - lr * (2 * rho / (2 - lr)) ** 2)))
        swing = lr * rho / (2 - lr)
        run = descend(place, sam, (swing, first), 2 * derived, lr=lr, rho=rho)
        found.append((derived, int((run.theta[:, 1] < first / np.e).argmax())))
    return found


def imbalance(theta):
    """x^2 - y^2 of points (..., 2)."""
    return theta[..., 0] ** 2 - theta[..., 1] ** 2


def rewritten(factor=8.0, steps=300):
    """What changes when a trained network's first layer is multiplied and its second divided?

    digits_mlp with 64 hidden units, ReLU, gradient descent at lr 0.5. curvature: the largest, for
    three sets of one seed. answers changed: of the 500 test images.
    """
    net = digits_mlp(seed=[s for s, in SETS])
    trained = descend(net, gradient_descent, steps=steps, every=steps, lr=0.5).theta[-1]
    written = scaled(trained, factor)
    bend = [net.top_eigenvalue(theta.astype(float)) for theta in (trained, written)]
    right = [net.accuracy(theta) for theta in (trained, written)]
    return {"as trained": bend[0], "rewritten": bend[1],
            "changed": 500 * np.abs(right[1] - right[0]).max()}


def scaled(theta, factor, layer=64 * 64 + 64, weights=640):
    """The weights of digits_mlp with the first layer times a factor, the second over it."""
    first, second = slice(0, layer), slice(layer, layer + weights)
    theta = theta.copy()
    theta[..., first] *= factor
    theta[..., second] /= factor
    return theta


def claims(network=()):
    """The claims of the lesson on SAM, with the numbers that decide them.

    network: the claims about a real network, such as those of noisy_labels.claims().
    """
    return Claims(*of_the_ball(), *of_the_bottom(), of_the_writing(), *network)


def of_the_ball():
    """Claims on flat minima, and on the worst point near by."""
    near = worst_near((0.05,)).loc[0]
    asked = descend(ravine(), sam, steps=10).evaluations[-1]
    return [
        known("To second order in rho, the loss within rho of a minimum rises by at most rho^2 / 2 "
              "times the largest curvature.", "proved",
              "at rho 0.05 in the hole {:.4f} derived, {:.4f} measured".format(
                  near["hole, derived"], near["hole, measured"]),
              "at 0.3 the hole is less steep than its parabola and pays less", WHERE[0]),
        known("A step of SAM costs two gradients.", "proved", f"10 steps ask for {asked} gradients",
              "the second gradient waits for the first", WHERE[1]),
    ]


def of_the_bottom():
    """Claims on the cycle at the bottom and on the slide along a valley."""
    swings, straight = cycle(), np.transpose(straight_slide())
    bent = [slide(((0.05, 0.2),), start).loc[0] for start in FROM]
    taken, derived = ([row[name] for row in bent] for name in ("measured", "derived"))
    ends = {rule: [top_curvature(descend(two_weights(), rule, start, 2000, lr=0.05, **knobs))
                   for start in FROM]
            for rule, knobs in ((gradient_descent, {}), (sam, dict(rho=0.2)))}
    return [
        known("At the bottom of a parabola SAM keeps swinging, by lr c rho / (2 - lr c).",
              "proved", "five cases: derived {}; measured {}".format(
                  *(in_words(swings[name]) for name in ("derived", "measured"))),
              "constant lr, no momentum, no noise", WHERE[2]),
        known("To leading order in rho, SAM descends the curvature along the floor of a straight "
              "valley, by lr R^2 / 2 of its slope a step, with R = 2 rho / (2 - lr c).", "proved",
              "on (1 + s^2) x^2 / 2, at lr 0.1 and 0.05: {} steps derived; {} measured".format(
                  *map(in_words, straight)),
              "no bound on the error; the swing must converge sooner than it slides", WHERE[3]),
        judge("Along the bent floor of x y = 1 SAM slides as derived for a straight floor, within "
              "1 %.", [abs(row["measured"] / row["derived"] - 1) for row in bent], 0.01,
              told=f"SAM takes {in_words(taken)} steps; derived {in_words(derived)}",
              budget="at most twice the derived steps",
              criterion="until 1 / e of x^2 - y^2 is left",
              referee="lr 0.05, rho 0.2, one start a set", seeds=SETS,
              limits="measured on one surface", where=WHERE[3]),
        judge("SAM ends at a flatter place of the valley than gradient descent.", ends[sam],
              ends[gradient_descent], told="curvature at the end: SAM {lower}; gradient descent "
              "{higher}", budget="2,000 steps", criterion="x^2 + y^2 at the end",
              referee="lr 0.05, rho 0.2, one start a set", seeds=SETS,
              limits="every place of this floor is the same network; SAM hops across it, so x^2 + "
              "y^2 may read a little below 2", where=WHERE[3]),
    ]


def top_curvature(run):
    """The curvature x^2 + y^2 across the floor of two_weights() at the end of a run."""
    return float(np.square(run.theta[-1]).sum())


def of_the_writing():
    """The claim that a curvature is no property of a function."""
    told = rewritten()
    return known(
        "The same answers can be written at a far larger curvature.", "proved",
        "three networks with ReLU, first layer times 8, second over 8: the largest curvature is "
        "multiplied by {:.0f} to {:.0f}, {:.0f} answers change".format(
            *np.sort(told["rewritten"] / told["as trained"])[[0, -1]], told["changed"]),
        "no batch normalisation between the layers", WHERE[3])
