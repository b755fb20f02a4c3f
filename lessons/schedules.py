"""Knobs that turn by themselves: a schedule is a function (t, total) -> value, with t from 1.

Any knob of any step takes one: descend(ravine(), adam, lr=cosine(0.3, warmup=5)).
peak, start, floor: in units of the knob; numbers or arrays that broadcast. warmup: how many steps.
No first step is wasted: a warm-up begins at peak / warmup, and a `floor` is reached past `total`.
torch counts from 0: its value after t - 1 calls of scheduler.step() is the one of our step t.
"""

from math import cos, pi


def constant(value):
    """The same value at every step.

    Source: Robbins & Monro 1951, doi:10.1214/aoms/1177729586, for why noise wants a falling one.
    """
    return lambda t, total: value


def step_decay(peak, period=30, factor=0.1):
    """Down a stair: times `factor` after every `period` steps, and on down past `total`.

    Raises ValueError for a period of 0 or less.
    Source: He et al. 2016, residual networks. arXiv:1512.03385. As torch's StepLR.
    """
    if period <= 0:
        raise ValueError(f"period must be more than 0 steps; got {period!r}")
    return lambda t, total: peak * factor ** ((t - 1) // period)


def exponential_decay(peak, factor=0.95):
    """Times `factor` at every step, and on down past `total`.

    Source: Szegedy et al. 2016, Inception. arXiv:1512.00567. As torch's ExponentialLR.
    """
    return lambda t, total: peak * factor ** (t - 1)


def linear(peak, warmup=0, floor=0.0):
    """Up to `peak` in `warmup` equal steps, then straight down to `floor`, and there it stays.

    Source: Devlin et al. 2019, BERT. arXiv:1810.04805. As two of torch's LinearLR in a row.
    """

    def value(t, total):
        if t > total:
            return floor
        if t <= warmup:
            return peak * t / warmup
        done = (t - 1 - warmup) / (total - warmup)
        return floor + (peak - floor) * (1 - done)

    return value


def cosine(peak, warmup=0, floor=0.0):
    """Up to `peak` in `warmup` equal steps, then down half a cosine to `floor`, and there it stays.

    Source: Loshchilov & Hutter 2017, without the restarts. arXiv:1608.03983.
    As torch's CosineAnnealingLR, which rises again past total.
    """

    def value(t, total):
        if t > total:
            return floor
        if t <= warmup:
            return peak * t / warmup
        done = (t - 1 - warmup) / (total - warmup)
        return floor + (peak - floor) * (1 + cos(pi * done)) / 2

    return value


def warmup_stable_decay(peak, warmup=0, decay=0.2, floor=0.0):
    """Up to `peak` in `warmup` equal steps, level, then straight down over the last steps.

    decay: the share of all steps that goes down. Before it nothing depends on `total`: a run can
    be made longer and keep what it has. The paper lets the end fall exponentially.
    Source: Hu et al. 2024, MiniCPM. arXiv:2404.06395.
    As torch's SequentialLR of LinearLR, ConstantLR, LinearLR.
    """

    def value(t, total):
        if t > total:
            return floor
        if t <= warmup:
            return peak * t / warmup
        left = (total + 1 - t) / max(1, decay * total)
        return floor + (peak - floor) * min(1, left)

    return value


def triangular(peak, floor=0.0):
    """Straight up from `floor` to `peak` at half time, straight down again, and there it stays.

    Source: Smith 2017, one cycle of it. arXiv:1506.01186. As torch's CyclicLR one step ahead.
    """
    return cyclical(peak, floor, cycles=1)


def cyclical(peak, floor=0.0, cycles=4):
    """Up and down between `floor` and `peak`, `cycles` times; past `total` it stays at `floor`.

    The ends of the wave are step 0 and step total + 1, both outside the run, so that the first
    step is above the floor. A cycle has at least two steps, however many are asked for.
    Raises ValueError for no cycle at all.
    Source: Smith 2017. arXiv:1506.01186. As torch's CyclicLR, one step ahead and without an end.
    """
    if cycles <= 0:
        raise ValueError(f"cycles must be more than 0; got {cycles!r}")

    def value(t, total):
        if t > total:
            return floor
        turns = t * min(cycles / (total + 1), 1 / 2)
        return floor + (peak - floor) * (1 - abs(1 - 2 * (turns % 1)))

    return value


def one_cycle(peak, start=None, floor=None, up=0.3):
    """Half a cosine from `start` to `peak`, then half a cosine to `floor`, and there it stays.

    lr goes up and then far below its start: one_cycle(0.3), from peak / 25 to a 10,000th of that.
    Momentum meanwhile goes down and up again: one_cycle(0.85, start=0.95, floor=0.95).
    up: the share of all steps before the peak. The last step is at `floor` already.
    Source: Smith & Topin 2018, with straight lines and a third part. arXiv:1708.07120.
    As torch's OneCycleLR, which raises past total, and begins past the peak where up * total < 1.
    """
    start = peak / 25 if start is None else start
    floor = start / 10_000 if floor is None else floor

    def value(t, total):
        top = up * total
        if t == 1:
            return start
        if t >= total:
            return floor
        if t < top:
            return peak + (start - peak) * (1 + cos(pi * (t - 1) / (top - 1))) / 2
        return floor + (peak - floor) * (1 + cos(pi * (t - top) / (total - top))) / 2

    return value
