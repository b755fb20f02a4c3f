"""What the exercises about gradient descent expect."""

answers = {
    "gradient_descent.1": dict(
        expected=0.25,
        wrong={
            2 / 7: "That takes the largest entry of the diagonal, the curvature along an axis. "
            "The steepest direction is no axis.",
            2 / 3: "That is the limit of the flattest direction. Which direction explodes first?",
            1 / 8: "That is 1 / curvature, one step to the bottom of the wall. The limit is twice "
            "as far.",
            8.0: "That is the curvature. The limit is 2 divided by it.",
            2 / 11: "That is the best learning rate, or 2 / (sum of the curvatures). The limit "
            "asks the steepest direction alone.",
            2 / 9: "That is 2 / (largest sum of a row), a bound on the limit. The eigenvalues give "
            "the limit itself.",
        },
    ),
    "gradient_descent.2": dict(
        expected=["settles", "explodes"],
        wrong={
            ("settles", "settles"): "Both settle. A larger condition number lowers the limit.",
            ("explodes", "explodes"): "Both explode. A smaller condition number raises the limit.",
        },
    ),
    "gradient_descent.3": dict(
        expected=0.125,
        wrong={
            0.25: "That is one change alone, or the noise without its square. Both act together.",
            0.5: "That is the learning rate alone. What does the batch do?",
            8.0: "The right size, but the floor goes down.",
            0.0625: "The batch quarters noise squared; it is squared already.",
        },
    ),
    "gradient_descent.4": dict(
        expected=[1, 1 / 2, 1 / 10],
        hint="my_lr is a function of t and total.",
        wrong={
            (1, 0.5**0.5, 0.1**0.5): "The root falls too slowly for a mean. By how much does a "
            "mean of t numbers move when one more arrives?",
            (1 / 2, 1 / 3, 1 / 11): "t counts from 1: the first step should land on the first "
            "measurement.",
            (1 / 200, 1 / 200, 1 / 200): "That is 1 / total at every step. The mean of the t "
            "measurements so far moves by another share at each.",
            (1, 0.995, 0.955): "A straight line down weighs the late measurements more. A mean "
            "weighs them all alike.",
        },
    ),
}
