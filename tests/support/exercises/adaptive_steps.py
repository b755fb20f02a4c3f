"""Exercise -> (line to fill in, right answers, {wrong answer: words of its reply})."""

STUB = "    raise NotImplementedError"
MEAN = "    g = surface.grad(theta)\n    v = beta2 * v + (1 - beta2) * g**2\n"
MOVE = "    return theta - lr * g / (np.sqrt({}) + eps), v, largest"
EXERCISES = {
    "adaptive_steps.1": (
        "my_beta2 = ...", ["my_beta2 = 0.873", "my_beta2 = 30 ** (-1 / 25)"],
        {"my_beta2 = 30 ** (-1 / 50)": "v holds squares", "my_beta2 = 0.98": "about 1/e",
         "my_beta2 = 30 ** (2 / 50)": "then v grows", "my_beta2 = 0.9": "65 steps",
         "my_beta2 = 0.5": "fades like"}),
    "adaptive_steps.2": (
        "my_answer = ...      # curvature, largest lr",
        ["my_answer = 5, 0.04", "my_answer = [0.1 / 0.02, 2 * 0.1 / 5]"],
        {"my_answer = 5, 0.02": "At which lr", "my_answer = 5, 0.1": "the border lies lower",
         "my_answer = 0.2, 1": "1 / curvature", "my_answer = 3.33, 0.06": "leave out lr / 2",
         "my_answer = 1, 1": "A jump is"}),
    "adaptive_steps.3": (
        "my_answer = ...      # the farthest distance, the step",
        ["my_answer = 8, 2", "my_answer = [10 - 2, 2]"],
        {"my_answer = 8, 1": "above 2 / c", "my_answer = 8, 3": "try it",
         "my_answer = 10, 2": "first move's length", "my_answer = 12, 2": "not away from it",
         "my_answer = 3, 3": "After the first move"}),
    "adaptive_steps.4": (
        STUB,
        [MEAN + "    largest = np.maximum(largest, v)\n" + MOVE.format("largest"),
         MEAN + "    largest = np.where(v > largest, v, largest)\n"
         "    return theta - lr / (largest**0.5 + eps) * g, v, largest"],
        {MEAN + MOVE.format("v"): "may still fall",
         MEAN + "    largest = np.maximum(largest, g**2)\n" + MOVE.format("largest"):
         "largest single square",
         MEAN.replace("v = beta2", "new = beta2") + "    v = np.maximum(v, new)\n"
         + MOVE.format("v"): "v itself cannot fall",
         MEAN + "    largest = np.where(largest == 0, v, np.minimum(largest, v))\n"
         + MOVE.format("largest"): "rates only grow",
         MEAN + "    largest = largest + v\n" + MOVE.format("largest"): "another path"}),
    "adaptive_steps.5": (
        "my_ravine = ...      # angle, steps",
        ["my_ravine = 45, 1000", "my_ravine = [30, 900]"],
        {"my_ravine = 0, 1000": "There RMSprop ends lower",
         "my_ravine = 45, 200": "There RMSprop ends lower",
         "my_ravine = 45, 400": "but not ten times",
         "my_ravine = 45, 5000": "from 1 to 1,000",
         "my_ravine = 45": "An angle and a number",
         "my_ravine = 45, 1000, 20": "An angle and a number"}),
}
