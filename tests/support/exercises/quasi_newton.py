"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

LOOPS = """def my_two_loop(g, pairs):
    q, shares = g, []
    for s, y in {first}:
        shares.append(s @ {read} / (s @ y))
        q = q - shares[-1] * y
    s, y = pairs[{newest}]
    q = {gamma} * q
    for (s, y), a in zip({second}, {back}):
        q = q + (a - y @ q / (s @ y)) * {put}
    return {sign}q
"""
RIGHT = dict(first="pairs[::-1]", read="q", newest="-1", gamma="(s @ y) / (y @ y)",
             second="pairs", back="shares[::-1]", put="s", sign="")
DENSE = """def my_two_loop(g, pairs):
    s, y = pairs[-1]
    H = s @ y / (y @ y) * np.eye(len(g))
    for s, y in pairs:
        H = bfgs_update(H, s, y)
    return H @ g
"""
def loops(**change):
    return LOOPS.format(**{**RIGHT, **change})


EXERCISES = {
    "quasi_newton.1": ("my_products = ...", ["my_products = [1, 2, 5, -1]"],
                       {"my_products = [3, 1, 5, -1]": "an inverse",
                        "my_products = [1, 2, 5, 1]": "3 * 1 - 2 * 2"}),
    "quasi_newton.2": ("my_factor = ...", ["my_factor = 1 / 1.3", "my_factor = 0.769"],
                       {"my_factor = 1": "close to the minimum", "my_factor = 1.3": "below",
                        "my_factor = 0.01538": "divide it"}),
    "quasi_newton.3": (
        "my_two_loop = ...", [loops(), DENSE],
        {loops(first="pairs", second="pairs[::-1]"): "newest pair",
         loops(second="pairs[::-1]", back="shares"): "the way the first one went",
         loops(newest="0"): "Of which pair", loops(gamma="(y @ y) / (s @ y)"): "upside down",
         loops(gamma="1"): "Where is gamma", loops(read="g"): "what is left of it",
         loops(put="y"): "a piece of the step", loops(sign="-"): "minus sign"},
    ),
    "quasi_newton.4": ("my_repairs = ...", ["my_repairs = [3, 2, 5, 0.25]"],
                       {"my_repairs = [3, 2, 4, 1]": "mark of step 4 is 0.2",
                        "my_repairs = [3, 2, 5, 1]": "same step comes again",
                        "my_repairs = [3, 2, 6, 0.25]": "repeats step 5"}),
    "quasi_newton.5": ("my_batch = ...", ["my_batch = 800", "my_batch = 801"],
                       {"my_batch = 160": "root of five", "my_batch = 512": "Nearly"}),
}
