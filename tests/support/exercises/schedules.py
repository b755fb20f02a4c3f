"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""


def mended(rise="0.3 * t / 10", left="(total + 1 - t) / (0.2 * total)", floor="max(0, left)",
           end="0.03 + 0.27 * min(1, left)", until="t <= 10"):
    """The body of exercise 3, mended, with something else in places."""
    return (f"    if {until}:\n        return {rise}\n    left = {left}\n    left = {floor}\n"
            f"    return {end}")


BROKEN = """    raise NotImplementedError       # delete this line, and mend those below
    if t <= 10:
        return 0.3 * (t - 1) / 10
    left = (total - t) / (0.2 * total)
    return 0.3 * min(1, left)"""

EXERCISES = {
    "schedules.1": (
        "my_peaks = ...",
        ["my_peaks = [0.04, 0.0222, 0.0541]", "my_peaks = 0.02 / np.array([1 / 2, 0.9, 0.37])"],
        {"my_peaks = [0.02, 0.02, 0.02]": "same peak",
         "my_peaks = [0.04, 0.025, 0.0541]": "half of what level",
         "my_peaks = [0.04, 0.0222, 0.06]": "a tenth and a hundredth",
         "my_peaks = [0.05, 0.03, 0.06]": "mean height"}),
    "schedules.2": (
        "    raise NotImplementedError",
        ["    left = total - np.arange(total)\n    return lr * np.minimum(1, left / last)",
         "    return lr * np.array([min(last, total - k) / last for k in range(total)])"],
        {"    return lr * (total - np.arange(total)) / total": "mean of all points",
         "    return lr * (total - np.arange(total)) / last": "more than once",
         "    return np.minimum(1, (total - np.arange(total)) / last)": "Where is lr?",
         "    return lr * np.minimum(1, (total - 1 - np.arange(total)) / last)": "last gradient"}),
    "schedules.3": (
        BROKEN,
        [mended(), "    if t < 11:\n        return 0.03 * t\n    if t > total:\n"
                   "        return 0.03\n    left = (total + 1 - t) / total / 0.2\n"
                   "    return 0.03 + (0.3 - 0.03) * min(1, left)"],
        {BROKEN.split("\n", 1)[1]: "and so wasted?",
         mended(rise="0.3 * (t - 1) / 10"): "first step of the warm-up 0",
         mended(left="(total - t) / (0.2 * total)"): "end a step before",
         mended(floor="left"): "below its floor",
         mended(end="0.3 * min(1, left)"): "to its floor, or to zero",
         mended(end="0.03 + 0.3 * min(1, left)"): "on top",
         mended(until="t < 0"): "Where is the warm-up?",
         mended(left="(total + 1 - t) / (0.8 * total)"): "wrong end"}),
    "schedules.4": ("my_rate = ...",
                    ["my_rate = 0.0856", "my_rate = 0.05 * (1 + np.cos(0.99 * np.pi / 4))"],
                    {"my_rate = 0.09": "After n calls",
                     "my_rate = 0.05 * (1 + np.cos(np.pi / 4))": "One call too many"}),
    "schedules.5": ("my_world = ...", ["my_world = 100, 0.1", "my_world = (20, 0.0)"],
                    {"my_world = 1000, 1.0": "There the cosine stays nearer",
                     "my_world = 1, 0.0": "from 10 to 10,000", "my_world = 100, 3": "from 0 to 2",
                     "my_world = 7": "Two numbers"}),
    "schedules.6": ("my_step = ...", ["my_step = 700", "my_step = 720"],
                    {"my_step = 600": "nearly twice", "my_step = 780": "passes the mean",
                     "my_step = 1000": "Compare the second"}),
}
