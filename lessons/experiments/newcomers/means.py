"""Schedule-Free's walker in one direction: how far it gets, with and without a warm-up."""

from functools import partial

import numpy as np

from lessons.descend import descend
from lessons.experiments.newcomers.contestants import held
from lessons.experiments.protocol import seed_sets
from lessons.schedules import constant
from lessons.steps import schedule_free
from lessons.surfaces import parabola

SETS = seed_sets(1)


def excursion(lr, warmup=0, beta=0.9, steps=1000):
    """|z| (steps + 1,) and the last |x| of Schedule-Free on x^2 / 2, from 1, without noise."""
    shape = held(lr, warmup) if warmup else constant(lr)
    with np.errstate(all="ignore"):
        run = descend(parabola(1.0), partial(schedule_free, beta=beta), (1.0,), steps, lr=shape)
    return np.abs(np.array([(1.0,), *run.state["z"]])[:, 0]), abs(float(run.theta[-1, 0]))
