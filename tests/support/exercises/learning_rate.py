"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

EXERCISES = {
    "learning_rate.1": (
        "    raise NotImplementedError",
        [
            "    return 1e-5 * 1e6 ** ((t - 1) / (total - 1))",
            "    factor = (10 / 1e-5) ** (1 / (total - 1))\n    return 1e-5 * factor ** (t - 1)",
            "    share = (t - 1) / (total - 1)\n"
            "    return np.exp((1 - share) * np.log(1e-5) + share * np.log(10))",
        ],
        {
            "    return 1e-5 * 1e6 ** (t / total)": "total - 1 steps",
            "    return 1e-5 * 1e6 ** ((t - 1) / total)": "total - 1 steps",
            "    return 1e-5 + (10 - 1e-5) * (t - 1) / (total - 1)": "by the same factor",
            "    return 10 * 1e-6 ** ((t - 1) / (total - 1))": "from its end to its beginning",
            "    return 1e-5 * 1e6 ** ((t - 1) / 199)": "another length",
            "    return 1e-5 * 1e6 ** (t / (total - 1))": "count from 2",
            "    return 1e-5 * 1e6 ** ((min(t, total) - 1) / (total - 1))": "past the end",
        },
    ),
    "learning_rate.2": (
        "my_list = ...",
        ['my_list = ["clips", "moves the start", "honest", "remembers"]',
         'my_list = "clips", "moves the start", "honest", "remembers"'],
        {'my_list = ["honest"] * 4': "Three of them cheat",
         'my_list = ["clips", "moves the start", "remembers", "honest"]': "A list of four words",
         'my_list = ["clips", "honest", "moves the start", "remembers"]': "theta[0]",
         'my_list = "D"': "A list of four words"},
    ),
    "learning_rate.3": ("my_answer = ...", ['my_answer = "b"', 'my_answer = " B "'],
             {'my_answer = "d"': "is not it"}),
    "learning_rate.4": (
        "my_place = ...",
        ["my_place = 100, 10", "my_place = (20, 60)", "my_place = 1000, 10"],
        {"my_place = 100, 100": "a swap costs more", "my_place = 5, 60": "less time to part"}),
}
