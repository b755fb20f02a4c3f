"""What people get wrong in schedules."""

from lessons.check.mistakes.mistake import Mistake

ZERO = "warm-up that starts at 0", "Is the first step of the warm-up 0, and so wasted?"
NO_WARMUP = "warm-up missing", "Where is the warm-up?"
HANDOVER = "Is the peak missed by one step, where the warm-up hands over?"
PERCENT = "percent from the wrong end", "Is the share of steps counted from the wrong end?"
NO_FLOOR = "floor forgotten", "Does it fall to its floor, or to zero?"
ON_TOP = "floor on top", "Does the floor come on top, and lift the peak too?"
RISES = "rises again past total", "Does it rise again when the run goes on?"

# of any schedule, made from the outside
GENERAL = [
    Mistake(
        "off by one",
        "Does it count from 0, so that all comes a step too late?",
        lambda schedule: lambda t, total: schedule(t - 1, total),
    ),
    Mistake(
        "off by one",
        "Does it count from 2, so that all comes a step too soon?",
        lambda schedule: lambda t, total: schedule(t + 1, total),
    ),
    Mistake(
        "wrong way round",
        "Does it run from its end to its beginning?",
        lambda schedule: lambda t, total: schedule(max(total + 1 - t, 1), total),
    ),
]

WARMUP = [
    Mistake(*ZERO, {"peak * t / warmup": "peak * (t - 1) / warmup"}),
    Mistake(*ZERO, {"peak * t / warmup": "peak * (t - 1) / max(1, warmup - 1)"}),
    Mistake(*NO_WARMUP, {"t <= warmup": "t <= 0"}),
    Mistake(*NO_WARMUP, {"warmup": "0"}),
    Mistake(*NO_WARMUP, {"peak * t / warmup": "peak"}),
    Mistake(
        "warm-up from the floor",
        "Does the warm-up begin at the floor, where 0 is meant?",
        {"peak * t / warmup": "floor + (peak - floor) * t / warmup"},
    ),
    Mistake("off by one", HANDOVER, {"peak * t / warmup": "peak * t / (warmup + 1)"}),
]

FALL = [
    *WARMUP,
    Mistake(
        "off by one",
        "Is the peak missed by one step, where the fall begins?",
        {"t - 1 - warmup": "t - warmup"},
    ),
    Mistake(
        "off by one",
        "Is the peak missed by one step, where the fall begins?",
        {"t - 1 - warmup": "t - warmup", "(total - warmup)": "(total + 1 - warmup)"},
    ),
    Mistake(
        "off by one",
        "Does the fall end a step before the run does?",
        {"(total - warmup)": "(total - 1 - warmup)"},
    ),
    Mistake(
        "warm-up not taken off",
        "Does the fall take up what the warm-up leaves of the run?",
        {"(total - warmup)": "total"},
    ),
    Mistake(
        "warm-up not taken off",
        "Does the fall begin where the warm-up ends?",
        {"t - 1 - warmup": "t - 1", "(total - warmup)": "total"},
    ),
    Mistake(*NO_FLOOR, {"floor": "0.0"}),
    Mistake(*ON_TOP, {"(peak - floor)": "peak"}),
    Mistake(
        "ends at zero",
        "Does it stay at its floor when the run goes on?",
        {"return floor": "return 0.0"},
    ),
]

LINEAR = [
    *FALL,
    Mistake(
        "negative past total",
        "Does it fall below its floor when the run goes on?",
        {"t > total": "t < 0"},
    ),
]

HALF = "(peak - floor) * (1 + cos(pi * done)) / 2"

COSINE = [
    *FALL,
    Mistake(*RISES, {"t > total": "t < 0"}),
    Mistake(
        "whole wave",
        "Is it a whole wave, where half of one is meant?",
        {"pi * done": "2 * pi * done"},
    ),
    Mistake(
        "quarter wave",
        "Is it a quarter of a wave, where half of one is meant?",
        {HALF: "(peak - floor) * cos(pi * done / 2)"},
    ),
    Mistake("pi missing", "Does the cosine take radians?", {"cos(pi * done)": "cos(done)"}),
    Mistake(
        "half missing",
        "Does it start at the peak, or at twice that?",
        {HALF: "(peak - floor) * (1 + cos(pi * done))"},
    ),
    Mistake(
        "straight line",
        "Is it a straight line, where half a cosine is meant?",
        {HALF: "(peak - floor) * (1 - done)"},
    ),
]

STABLE = [
    *WARMUP,
    Mistake(*PERCENT, {"decay * total": "(1 - decay) * total"}),
    Mistake(*NO_FLOOR, {"floor": "0.0"}),
    Mistake(*ON_TOP, {"(peak - floor)": "peak"}),
    Mistake(
        "off by one",
        "Does the fall end a step before the run does?",
        {"total + 1 - t": "total - t"},
    ),
    Mistake(
        "never level",
        "Is there a level part between the rise and the fall?",
        {"decay * total": "total - warmup"},
    ),
    Mistake(
        "negative past total",
        "Does it fall below its floor when the run goes on?",
        {"t > total": "t < 0"},
    ),
]

STEP_DECAY = [
    Mistake(
        "off by one",
        "Does the first stair come a step too soon?",
        {"(t - 1) // period": "t // period"},
    ),
    Mistake(
        "no stairs",
        "Are there stairs, or does it fall at every step?",
        {"(t - 1) // period": "((t - 1) / period)"},
    ),
    Mistake(
        "factor once",
        "Does the factor act again at the next stair?",
        {"factor ** ((t - 1) // period)": "(factor if t > period else 1.0)"},
    ),
    Mistake(
        "factor taken off",
        "Is the factor multiplied, or taken off?",
        {"factor ** ((t - 1) // period)": "(1 - factor) ** ((t - 1) // period)"},
    ),
    Mistake(
        "factor not to a power",
        "Does the factor act as often as there were stairs?",
        {"factor ** ((t - 1) // period)": "factor * ((t - 1) // period)"},
    ),
]

EXPONENTIAL = [
    Mistake(
        "share of the run",
        "Does it fall by the share of the run that is done, not by steps?",
        {"(t - 1)": "((t - 1) / total)"},
    ),
    Mistake(
        "factor not to a power",
        "Is the factor multiplied once for each step?",
        {"factor ** (t - 1)": "factor * (t - 1)"},
    ),
    Mistake(
        "factor taken off",
        "Is the factor what stays, or what goes?",
        {"factor ** (t - 1)": "(1 - factor) ** (t - 1)"},
    ),
    Mistake(
        "divided by t",
        "Does it fall as one over t, where each step takes the same share?",
        {"factor ** (t - 1)": "factor / t"},
    ),
]

TURNS = "t * min(cycles / (total + 1), 1 / 2)"

CYCLICAL = [
    Mistake(
        "starts at the floor",
        "Is the first step at the floor, and so wasted?",
        {TURNS: TURNS.replace("t *", "(t - 1) *")},
    ),
    Mistake(
        "rises only",
        "Does it come down as it went up, or fall at once?",
        {"1 - abs(1 - 2 * (turns % 1))": "turns % 1"},
    ),
    Mistake(
        "wrong way round",
        "Does it begin at the peak, where it should begin low?",
        {"1 - abs(1 - 2 * (turns % 1))": "abs(1 - 2 * (turns % 1))"},
    ),
    Mistake(
        "twice as fast",
        "Does a whole cycle go up and down, or only up?",
        {"cycles": "cycles / 2"},
    ),
    Mistake(*NO_FLOOR, {"floor": "0.0"}),
    Mistake(*ON_TOP, {"(peak - floor)": "peak"}),
    Mistake(*RISES, {"t > total": "t < 0"}),
]

ONE_CYCLE = [
    Mistake(*PERCENT, {"up * total": "(1 - up) * total"}),
    Mistake(
        "starts at zero",
        "Does the first step have some length already?",
        {"return start\n": "return 0.0\n", "(start - peak)": "(0 - peak)"},
    ),
    Mistake(
        "never falls below its start",
        "Does it end far below where it began?",
        {"floor + (peak - floor) * (1 + cos(pi * (t - top) / (total - top))) / 2":
         "start + (peak - start) * (1 + cos(pi * (t - top) / (total - top))) / 2",
         "return floor": "return start"},
    ),
    Mistake(
        "falls only",
        "Does it rise first?",
        {"t == 1": "t < 0", "up * total": "0"},
    ),
    Mistake(
        "straight lines",
        "Are the two parts straight, where half cosines are meant?",
        {
            "(start - peak) * (1 + cos(pi * (t - 1) / (top - 1))) / 2":
            "(start - peak) * (1 - (t - 1) / (top - 1))",
            "(peak - floor) * (1 + cos(pi * (t - top) / (total - top))) / 2":
            "(peak - floor) * (1 - (t - top) / (total - top))",
        },
    ),
    Mistake(*RISES, {"t >= total": "t < 0"}),
]

MISTAKES = {
    "linear": LINEAR,
    "cosine": COSINE,
    "warmup_stable_decay": STABLE,
    "step_decay": STEP_DECAY,
    "exponential_decay": EXPONENTIAL,
    "cyclical": CYCLICAL,
    "one_cycle": ONE_CYCLE,
}
