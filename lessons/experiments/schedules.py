"""Which shape should a learning rate have over time?"""

import numpy as np

from lessons.experiments.common import STARTS
from lessons.experiments.protocol import (
    grid_in_words,
    learning_rates,
    named,
    referee_of,
    seed_sets,
    table,
    tuned,
)
from lessons.schedules import constant, cosine, linear

__all__ = ["compare_shapes"]
SHAPES = {"constant": constant, "cosine": cosine, "straight line": linear}


def compare_shapes(rule, place, shapes=None, peaks=None, budget=300, referee="mean", count=3,
                   progress="Shapes", **knobs):
    """What does a rule end at with each schedule, each at the peak that suits it best?

    shapes: {name: function of the peak that makes a schedule}; None: constant, cosine and a
    straight line. A peak is chosen on one set of seeds and judged on the next, in three sets.
    Columns as of compare(): lr (the peak), loss, wrong (networks), lost, at_edge.
    """
    (step,), shapes = named(rule, **knobs).values(), SHAPES if shapes is None else shapes
    sets, judge = seed_sets(count), referee_of(referee)
    peaks = learning_rates(1e-3, 1.0) if peaks is None else np.ravel(peaks).astype(float)

    def measure(budget, judged, shape):
        return tuned(step, place, peaks, budget, judged, sets, judge, shapes[shape])

    cases = [{"budget": steps, "judged": k, "shape": name}
             for steps in np.ravel(budget).tolist() for k in (1, 2, 3) for name in shapes]
    return table(measure, cases, progress=progress, starts=STARTS, seeds=sets,
                 grid=grid_in_words(peaks), budget=f"{budget} gradients",
                 criterion=f"{referee} of {count} losses after the budget")
