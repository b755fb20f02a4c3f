"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""


def scheduled(rise="0.3 * t / 5", done="(t - 6) / (total - 5)", past="0.03", half="np.pi",
              size="0.03 + 0.27"):
    """The body of exercise 1, with something else in places."""
    return (f"    if t <= 5:\n        return {rise}\n    if t > total:\n        return {past}\n"
            f"    return {size} * (1 + np.cos({half} * {done})) / 2")


def mended(first="peak * t / warmup", past="    if t > total:\n        return 0.0\n", cos="np.cos",
           pi="np.pi", k="t - 1", until="t <= warmup"):
    """The body of exercise 2, mended, with something else in places."""
    return (f"    k = {k}\n    if {until}:\n        return {first}\n{past}"
            f"    done = (k - warmup) / (total - warmup)\n"
            f"    return peak * (1 + {cos}({pi} * done)) / 2")


def cycled(top="0.3 * total", low="0.85", begin="0.95", end="0.95", wave="(1 + np.cos(np.pi * {}))"
           " / 2"):
    """The body of exercise 4, with something else in places."""
    down, up = (wave.format(f"({share})") for share in
                ("(t - 1) / (top - 1)", "(t - top) / (total - top)"))
    return (f"    top = {top}\n    if t >= total:\n        return {end}\n"
            f"    if t < top:\n        return {low} + ({begin} - {low}) * {down}\n"
            f"    return {end} + ({low} - {end}) * {up}")


BROKEN = """    raise NotImplementedError       # delete this line, and mend those below
    k = t - 1
    if k < warmup:
        return peak * k / warmup
    done = (k - warmup) / (total - warmup)
    return peak * (1 + math.cos(math.pi * done)) / 2"""

EXERCISES = {
    "schedules.1": (
        "    raise NotImplementedError",
        [
            scheduled(),
            "    if t < 6:\n        return 0.06 * t\n"
            "    share = min(1, (t - 6) / (total + 1 - 6))\n"
            "    return 0.165 + 0.135 * np.cos(np.pi * share)",
        ],
        {
            scheduled(rise="0.3 * (t - 1) / 5"): "first step of the warm-up 0",
            scheduled(rise="0.3"): "Where is the warm-up?",
            scheduled(rise="0.03 + 0.27 * t / 5"): "begin at the floor",
            scheduled(done="(t - 5) / (total - 5)"): "peak missed by one step",
            scheduled(done="(t - 6) / (total - 6)"): "end a step before",
            scheduled(past="0.0"): "stay at its floor",
            scheduled(size="0.3", past="0.0"): "to its floor, or to zero",
            scheduled(half="1"): "radians",
            scheduled(half="2 * np.pi"): "whole wave",
            scheduled().replace("    if t > total:\n        return 0.03\n", ""): "rise again",
        },
    ),
    "schedules.2": (
        BROKEN,
        [
            mended(),
            "    from math import cos, pi\n" + mended(cos="cos", pi="pi"),
            mended(past="    k = min(k, total)\n", first="peak * (k + 1) / warmup",
                   until="k < warmup"),
        ],
        {
            BROKEN.split("\n", 1)[1]: "name 'math' is not defined. Is the import missing?",
            mended(first="peak * k / warmup"): "first step of the warm-up 0",
            mended(past=""): "rise again when the run goes on",
            mended(past="    if t > total:\n        return peak\n"): "past the end",
            mended(k="t"): "peak missed by one step",
            mended(until="t < 0"): "Where is the warm-up?",
        },
    ),
    "schedules.3": ("my_rate = ...", ["my_rate = 0.0856", "my_rate = cosine(0.1)(100, 400)"],
             {"my_rate = 0.09": "After n calls",
              "my_rate = cosine(0.1)(101, 400)": "One call too many"}),
    "schedules.4": (
        "    raise NotImplementedError",
        [
            cycled(),
            "    lr = one_cycle(1.0, start=0.0, floor=0.0)(t, total)\n    return 0.95 - 0.1 * lr",
        ],
        {
            cycled(top="0.7 * total"): "wrong end",
            cycled(wave="(1 - {})"): "straight",
            cycled(low="0.95", begin="0.85", end="0.85"): "Down from 0.95 to 0.85 first",
            cycled(begin="0.0"): "first step",
            cycled(end="0.85"): "up to 0.95 at the last step",
        },
    ),
    "schedules.5": ("my_answer = ...", ['my_answer = "b"', 'my_answer = " B"'],
             {'my_answer = "a"': "Which run takes the accused away", 'my_answer = "c"': "the norm",
              'my_answer = "d"': "is not it"}),
    "schedules.6": ("my_world = ...", ["my_world = 100, 0.1", "my_world = (20, 0.0)"],
             {"my_world = 1000, 1.0": "There the cosine stays nearer",
              "my_world = 1, 0.0": "from 10 to 10,000", "my_world = 100, 3": "from 0 to 2"}),
}
