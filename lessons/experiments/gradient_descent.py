"""How far may a step go along a run, how long does a saddle hold, and what does a batch buy?"""

import numpy as np

from lessons.descend import descend
from lessons.experiments.protocol import seed_sets, table
from lessons.networks import digits, digits_softmax
from lessons.steps import gradient_descent
from lessons.surfaces import saddle

__all__ = ["escape_from_saddle", "gradient_error", "limit_along"]


def limit_along(place=digits_softmax, times=(1, 4, 8, 32), budget=60, every=20, progress="Runs"):
    """Where does the limit 2 / L move, while gradient descent runs at so many times the first?

    place: a function that makes the surface, which has a Hessian. Rows: the run's lr, in units of
    2 / L at the start, and step; columns: loss, limit (2 / L there, in the same unit).
    """
    surface = place()

    def limit(theta):
        return 2 / np.linalg.eigvalsh(surface.hess(theta))[-1]

    def measure(times):
        first = limit(np.array(surface.start, float))
        run = descend(surface, gradient_descent, steps=budget, every=every, lr=times * first)
        return [{"step": int(t), "loss": loss, "limit": limit(theta) / first}
                for t, loss, theta in zip(run.kept, run.loss, run.theta)]

    return table(measure, [{"times": n} for n in np.ravel(times).tolist()], progress=progress,
                 starts="the surface's own", seeds="none, nothing is drawn", grid=str(times),
                 budget=f"{budget} steps", criterion="largest eigenvalue of the Hessian")


def escape_from_saddle(distance=(1e-1, 1e-2, 1e-3, 1e-4, 1e-6), lr=0.1, budget=1000):
    """How many steps does a saddle hold gradient descent that starts so near to its ridge?

    Until it is 0.5 away from the ridge. theory: ln(0.5 / distance) / ln(1 + lr), from the
    curvature -1 on the ridge, which weakens on the way. inf: not within the budget.
    """

    def measure(distance):
        run = descend(saddle(), gradient_descent, (-2.0, distance), budget, lr=lr)
        gone = np.flatnonzero(np.abs(run.theta[:, 1]) > 0.5)
        theory = np.log(0.5 / distance) / np.log(1 + lr)
        return {"steps": int(gone[0]) if len(gone) else np.inf, "theory": theory}

    return table(measure, [{"distance": y} for y in np.ravel(distance).tolist()], grid=str(lr),
                 starts="(-2, distance)", seeds="none, nothing is drawn", budget=f"{budget} steps",
                 criterion="first step more than 0.5 from the ridge")


def gradient_error(batch=(1, 4, 16, 64, 256), place=digits_softmax, draws=100,
                   progress="Mini-batches"):
    """How far is the gradient of a mini-batch from that of all examples?

    At the start: the root mean square of the difference's length over `draws` batches, in three
    sets. theory: the error of one example, measured on as many draws as there are digits, divided
    by sqrt(batch); as an example is drawn once only, times sqrt((n - batch) / (n - 1)).
    """
    sets, n, exact = seed_sets(1), len(digits()[0]), place(batch=None)
    theta = np.array(exact.start, float)

    def error(batch, seed, draws):
        drawn = place(batch=int(batch), seed=seed)
        gaps = [drawn.at(t).grad(theta) - exact.grad(theta) for t in range(1, draws + 1)]
        return np.sqrt(np.square(gaps).sum(axis=-1).mean())

    def measure(batch):
        found = {f"set {k}": error(batch, seed, draws) for k, (seed,) in enumerate(sets, 1)}
        return {**found, "theory": one * np.sqrt((n - batch) / (n - 1) / batch)}

    one = error(1, 30, n)
    return table(measure, [{"batch": size} for size in np.ravel(batch).tolist()], grid=str(batch),
                 starts="the surface's own", seeds=sets, budget=f"{draws} mini-batches",
                 criterion="root mean squared length of the error", progress=progress)
