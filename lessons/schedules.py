"""Knobs that turn by themselves: a schedule is a function (t, total) -> value, with t from 1.

Any knob of any step takes one: descend(ravine(), adam, lr=cosine(0.3, warmup=5)).
"""

from math import cos, pi


def constant(value):
    """The same value at every step."""
    return lambda t, total: value


def cosine(peak, warmup=0, floor=0.0):
    """Up to `peak` in `warmup` equal steps, then down half a cosine to `floor`, and there it stays.

    peak, floor: in units of the knob; numbers or arrays that broadcast. warmup: number of steps.
    No step is wasted: the first value is peak / warmup, and `floor` is reached past `total`.
    Source: Loshchilov & Hutter 2017; as torch's CosineAnnealingLR, which rises again past total.
    """

    def value(t, total):
        if t > total:
            return floor
        if t <= warmup:
            return peak * t / warmup
        done = (t - 1 - warmup) / (total - warmup)
        return floor + (peak - floor) * (1 + cos(pi * done)) / 2

    return value
