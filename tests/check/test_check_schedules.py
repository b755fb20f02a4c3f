"""A learner's schedule is compared step by step, and its mistake named; right forms pass."""

import math
from math import cos, pi

import numpy as np
import pytest

from lessons import schedules
from lessons.check import diagnose

COSINE = schedules.cosine(0.3, warmup=5, floor=0.03)
LINEAR = schedules.linear(0.3, warmup=5, floor=0.03)
STABLE = schedules.warmup_stable_decay(0.3, warmup=5, decay=0.3)
STAIR = schedules.step_decay(0.3, period=6, factor=0.5)
CYCLE = schedules.one_cycle(0.3)
WAVES = schedules.cyclical(0.3, floor=0.1, cycles=3)


def cosine_like(rise=lambda t: 0.3 * t / 5, start=6, end=None, floor=0.03, past=None, wave=None):
    """The cosine of COSINE in another style, with something else in places."""

    def mine(t, total):
        if t > total and past is None:
            return floor
        if t < 6:
            return rise(t)
        progress = (t - start) / ((total + 1 if end is None else end(total)) - start)
        half = (math.cos(math.pi * progress) + 1) / 2 if wave is None else wave(progress)
        return floor + half * (0.3 - floor)

    return mine


def rises_again(t, total):
    if t <= 5:
        return 0.06 * t
    return 0.03 + 0.27 * 0.5 * (1 + np.cos(np.pi * (t - 6) / (total - 5)))


def two_mistakes(t, total):
    return 0.06 * t if t < 5 else 0.03 + 0.135 * (1 + np.cos(np.pi * (t - 5) / (total - 5)))


def falls_below_zero(t, total):
    return 0.06 * t if t <= 5 else 0.3 - 0.27 * (t - 6) / (total - 5)


def stays_too_high(t, total):
    return COSINE(min(t, total), total)


def counts_from_0(t, total):
    k = t - 1
    if k >= total:
        return 0.03
    return 0.3 * k / 5 if k < 5 else 0.165 + 0.135 * cos(pi * (k - 5) / (total - 5))


def for_50_steps(t, total):
    return COSINE(min(t, 51), 50)


def stair_too_soon(t, total):
    return 0.3 * 0.5 ** (t // 6)


def stair_once(t, total):
    return 0.3 if t <= 6 else 0.15


def late_decay(t, total):
    left = total + 1 - t
    level = min(1, left / (0.7 * total))
    return 0.3 * t / 5 if t <= 5 else max(0, 0.3 * level)


def never_level(t, total):
    if t <= 5:
        return 0.06 * t
    return max(0.0, 0.3 * (total + 1 - t) / (total - 5))


def one_cycle_like(up):
    def mine(t, total):
        top = up * total
        if t >= total:
            return 0.3 / 25 / 1e4
        if t < top:
            return 0.156 - 0.144 * cos(pi * (t - 1) / (top - 1)) if t > 1 else 0.012
        share = (1 + cos(pi * (t - top) / (total - top))) / 2
        return 1.2e-6 + (0.3 - 1.2e-6) * share

    return mine


def saw(t, total):
    return 0.1 if t > total else 0.1 + 0.2 * (3 * t / (total + 1) % 1)


def waves_for_ever(t, total):
    return 0.1 + 0.2 * (1 - abs(1 - 2 * (3 * t / (total + 1) % 1)))


MUTANTS = [
    (cosine_like(lambda t: 0.3 * (t - 1) / 5), COSINE, "warm-up that starts at 0"),
    (cosine_like(lambda t: 0.3 * (t - 1) / 4), COSINE, "warm-up that starts at 0"),
    (cosine_like(lambda t: 0.3), COSINE, "warm-up missing"),
    (cosine_like(lambda t: 0.03 + 0.27 * t / 5), COSINE, "warm-up from the floor"),
    (rises_again, COSINE, "rises again past total"),
    (two_mistakes, COSINE, "off by one"),
    (counts_from_0, COSINE, "warm-up that starts at 0"),
    (cosine_like(lambda t: 0.3 * t / 6), COSINE, "off by one"),
    (cosine_like(start=5), COSINE, "off by one"),
    (cosine_like(end=lambda total: total), COSINE, "off by one"),
    (cosine_like(floor=0.0), COSINE, "floor forgotten"),
    (cosine_like(wave=lambda p: (1 + cos(pi * p)) / 2 / 0.9), COSINE, "floor on top"),
    (cosine_like(wave=lambda p: cos(pi * p / 2)), COSINE, "quarter wave"),
    (cosine_like(wave=lambda p: (1 + cos(p)) / 2), COSINE, "pi missing"),
    (cosine_like(wave=lambda p: 1 - p), COSINE, "straight line"),
    (lambda t, total: COSINE(t, total) if t <= total else 0.0, COSINE, "ends at zero"),
    (lambda t, total: COSINE(total + 1 - t if t <= total else 1, total), COSINE, "wrong way round"),
    (lambda t, total: 0.06, COSINE, "constant"),
    (stays_too_high, COSINE, "not level past total"),
    (for_50_steps, COSINE, "total ignored"),
    (falls_below_zero, LINEAR, "negative past total"),
    (late_decay, STABLE, "percent from the wrong end"),
    (never_level, STABLE, "never level"),
    (stair_too_soon, STAIR, "off by one"),
    (stair_once, STAIR, "factor once"),
    (one_cycle_like(0.7), CYCLE, "percent from the wrong end"),
    (saw, WAVES, "rises only"),
    (waves_for_ever, WAVES, "rises again past total"),
]


@pytest.mark.parametrize("mine, reference, mistake", MUTANTS, ids=[row[2] for row in MUTANTS])
def test_a_wrong_schedule_is_rejected_with_the_name_of_its_mistake(mine, reference, mistake):
    found = diagnose(mine, reference)
    assert not found.ok
    assert found.mistake == mistake, found.message


@pytest.mark.parametrize(
    "mine, reference",
    [
        (cosine_like(), COSINE),
        (lambda t, total: np.float64(COSINE(t, total)), COSINE),
        (lambda step, steps=100: COSINE(step, steps), COSINE),
        (one_cycle_like(0.3), CYCLE),
        (lambda t, n: 0.3 / 2 ** np.floor((t - 1) / 6), STAIR),
        (lambda t, total: np.where(np.arange(2) == 0, 0.3, 0.1), schedules.constant([0.3, 0.1])),
    ],
)
def test_a_right_schedule_passes(mine, reference):
    found = diagnose(mine, reference)
    assert found.ok, found.message
    assert found.message.startswith("Yes: the same as ")


def open_body(t, total):
    raise NotImplementedError


def open_line(t, total):
    progress = ...
    return 0.3 * progress


def no_import(t, total):
    return 0.3 * math_.cos(t) if t > 3 else sqrt(t)  # noqa: F821


def misspelt(t, total):
    return 0.3 * totl  # noqa: F821


def no_way_out(t, total):
    if t <= total:
        return COSINE(t, total)


def text(t, total):
    return "0.3"


@pytest.mark.parametrize(
    "mine, mistake, say",
    [
        (
            open_body,
            None,
            "Not filled in yet: write the body of `open_body`, then run this cell again.",
        ),
        (open_line, None, "Not filled in yet: there is still `progress = ...`, then run this cell"),
        (
            no_import,
            "import missing",
            "NameError: name 'sqrt' is not defined. Is the import missing?",
        ),
        (misspelt, None, "It stops at line 2, `return 0.3 * totl  # noqa: F821`: NameError: name "),
        (
            no_way_out,
            "returns nothing",
            "At t = 21 of 20 it returns nothing. Does each way through",
        ),
        (text, "wrong type", "At t = 1 of 20 it returns '0.3', which is no number."),
        (
            schedules.cosine,
            "the maker itself",
            "It returns a function: is this what makes the schedule",
        ),
        (lambda t: 0.3, "wrong arguments", "can't be called with two numbers. A schedule takes t"),
        (lambda t, total: np.ones(2), "wrong shape", "Its values have shape (2,). () is expected."),
        (0.3, None, "This is a value; a schedule is wanted, a function of t and total."),
        (
            lambda t, total: 0.31 / (t + total),
            None,
            "At t = 1 of 20 it is 0.24603 times what it should be.",
        ),
    ],
)
def test_what_is_no_schedule_is_told_what_stops_it(mine, mistake, say):
    found = diagnose(mine, COSINE)
    assert not found.ok
    assert found.mistake == mistake
    assert say in found.message, found.message


def test_the_parting_is_measured():
    message = diagnose(MUTANTS[0][0], COSINE).message
    assert (
        message == "At t = 1 of 20 it is 0 and should be 0.06. Is the first step of the "
        "warm-up 0, and so wasted?"
    )
    assert "At t = 22 of 20, past the end, it is " in diagnose(rises_again, COSINE).message
